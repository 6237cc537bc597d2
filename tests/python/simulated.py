"""A game of several copies without a network: a sequencer that closes frames, and links that delay, stall and resend.

Everything is drawn from one seed, so a schedule that fails can be repeated.
"""

import json
import random

from conftest import settings

from greenroom import msgpack
from greenroom.checkpoint import hash_of
from greenroom.engine import Engine
from greenroom.rollback import Rollback
from greenroom.rows import encode_row
from greenroom.simulation import Simulation


def copy_settings(agents, me, actions, max_steps, **changes):
    values = {
        "actions": actions, "default_action": 0, "policies": {agent: "human" for agent in agents},
        "agents": list(agents), "me": me, "max_steps": max_steps, "record_observations": True, "input_delay": 2,
        "hash_interval": 10,
        # A call does all there is to do, however busy the machine is, unless a test is about slices.
        "slice_ms": 600_000,
    }  # fmt: skip
    return settings(**{**values, **changes})


def straight(code, filename, scene, seed, inputs):
    """Rows and hashes of a plain run through the confirmed inputs, without any of the rollback's machinery."""
    simulation = Simulation(code, filename, scene)
    simulation._start(seed)
    agents = msgpack.decode(scene)["agents"]
    interval = msgpack.decode(scene)["hash_interval"]
    rows, hashes = [], [(0, hash_of(simulation._save(), simulation.env))]
    for given in inputs:
        if simulation._done:
            break
        given = dict(zip(map(str, agents), given))
        recorded, played = {}, {}
        for agent in simulation._adapter.playing():
            bot = simulation._bots.get(agent)
            recorded[agent] = bot.next if bot else given[agent]
            played[agent] = simulation._convert[agent](recorded[agent])
        rows.append(encode_row(simulation._advance(recorded, played)[1]))
        if simulation._t % interval == 0 or simulation._done:
            hashes.append((simulation._t, hash_of(simulation._save(), simulation.env)))
    return rows, hashes


class Link:
    """One direction: in order, as a TCP connection, with delays that jitter and stalls that hold everything up."""

    def __init__(self, source, delay, jitter, stall):
        self._random, self._delay, self._jitter, self._stall = source, delay, jitter, stall
        self._queue, self._last = [], 0

    def put(self, now, thing):
        due = now + self._delay + self._random.uniform(0, self._jitter)
        if self._random.random() < self._stall:
            due += self._random.uniform(5, 25)
        self._last = max(self._last, due)
        self._queue.append((self._last, thing))

    def take(self, now):
        ready = [thing for due, thing in self._queue if due <= now]
        self._queue = [(due, thing) for due, thing in self._queue if due > now]
        return ready


class Player:
    """A copy, its links, and a person who holds keys for a while."""

    def __init__(self, copy, seat, up, down, source, actions):
        self.copy, self.seat, self.up, self.down, self._random = copy, seat, up, down, source
        self._actions, self._key = actions, None
        self.rows, self.hashes, self.timing, self.sent = [], [], [], {}
        self.deepest = self.waits = self.replayed = 0
        self.output = None

    def key(self):
        if self._random.random() < 0.15:
            self._key = self._random.choice([None, *range(self._actions)])
        return self._key

    def tick(self, events):
        output = self.output = self.copy.tick(msgpack.encode(events))
        assert output.t - output.confirmed <= self.copy._bound
        if output.depth:
            assert output.depth <= self.copy._bound
        self.rows += output.rows
        self.hashes += output.hashes
        self.timing += output.timing
        self.deepest = max(self.deepest, output.depth)
        self.waits += output.waiting
        self.replayed += output.replayed
        return output


class Sequencer:
    """Closes frame after frame with what came in time, else the fallback; relays at once."""

    def __init__(self, seats, default, fallback, lead):
        self.confirmed, self._pending = [], {}
        self._seats, self._default, self._fallback, self._lead = seats, default, fallback, lead
        self._last = [default] * seats
        self.late = 0

    def take(self, seat, first, inputs):
        news = []
        for frame, given in enumerate(inputs, first):
            if frame < len(self.confirmed):
                self.late += (frame, seat) not in self._pending
                continue
            if (frame, seat) not in self._pending:
                self._pending[frame, seat] = given
                news.append((frame, given))
        return news

    def close(self):
        frame = len(self.confirmed)
        inputs = []
        for seat in range(self._seats):
            if (frame, seat) in self._pending:
                self._last[seat] = self._pending[frame, seat]
                inputs.append(self._last[seat])
            else:
                keep = self._fallback == "previous_submitted_action"
                inputs.append(self._last[seat] if keep else self._default)
        self.confirmed.append(inputs)
        return frame, inputs


def play(code, agents, actions, seed, max_steps=120, delays=None, jitter=2.0, stall=0.02, hide=0.0, frames=2000,
         tamper=None, **changes):  # fmt: skip
    """A whole episode. Returns the players and the sequencer; the first player is the host."""
    source = random.Random(seed)
    delays = delays or [source.choice([0, 1, 3, 6]) for _ in agents]
    default = msgpack.encode(actions[0])
    sequencer = Sequencer(len(agents), default, changes.get("fallback", "default_action"), 0)
    players = []
    for seat in range(len(agents)):
        scene = copy_settings(agents, seat, actions, max_steps, **changes)
        copy = Rollback(code, "game.py", scene)
        copy.reset(seed)
        up, down = (Link(source, delays[seat], jitter, stall) for _ in "ud")
        players.append(Player(copy, seat, up, down, source, len(actions)))
    hidden = dict.fromkeys(range(len(agents)), 0)
    asked = False
    for now in range(frames):
        for player in players:
            for thing in player.up.take(now):
                for frame, given in sequencer.take(player.seat, *thing):
                    for other in players:
                        if other is not player:
                            other.down.put(now, ["input", player.seat, frame, given])
        if now >= 4:
            frame, inputs = sequencer.close()
            for player in players:
                # now and then the service repeats itself, as after a reconnect
                again = source.randrange(4) if source.random() < 0.1 else 0
                first = max(0, frame - again)
                player.down.put(now, ["confirmed", first, sequencer.confirmed[first:]])
        for player in players:
            if hidden[player.seat] > 0:
                hidden[player.seat] -= 1
                continue
            if source.random() < hide:
                hidden[player.seat] = source.randrange(20, 60)
            events = player.down.take(now)
            if not asked and player.seat == 0:
                events.append(["rows", 0])
                asked = True
            # The clock is a little ahead of what is confirmed, as pacing keeps it; here by a coarse rule.
            ahead = 2 * delays[player.seat] + 4 - 2
            copy = player.copy
            steps = 1 if copy._frame - len(sequencer.confirmed) < ahead else 0
            events += [["local", player.key()]] * steps + [["advance", steps]]
            if tamper:
                tamper(player, now)
            output = player.tick(events)
            while output.behind:
                output = player.tick([])
            if output.send:
                first, inputs = msgpack.decode(output.send)
                player.up.put(now, (first, inputs))
        if all(player.output and player.output.done for player in players):
            return players, sequencer
    raise AssertionError("the episode did not end")


def decoded(sequencer):
    return [[msgpack.decode(given) for given in inputs] for inputs in sequencer.confirmed]


def single_rows(code, seed, indices, **changes):
    """The rows of the single player's engine, for a game of one."""
    engine = Engine(code, "game.py", settings(**changes))
    engine.reset(seed)
    return [engine.step(json.dumps({"human": index})).row for index in indices]
