"""Copies of one game, whatever the network does: the same rows, the same hashes, and never beyond the bound."""

import os
import random

import pytest
from simulated import copy_settings, decoded, play, straight

from greenroom import msgpack
from greenroom.checkpoint import difference
from greenroom.rollback import Rollback

SCHEDULES = int(os.environ.get("GREENROOM_SCHEDULES", "6"))

# Randomness of every kind in the rules, two agents, and no state of its own to give: all attributes are copied.
DICE = '''
import random
import numpy
class Dice:
    agents = AGENTS
    def reset(self, *, seed=None):
        self.own = random.Random(seed)
        self.np_random = numpy.random.default_rng(seed)
        self.t, self.x = 0, {agent: 0.0 for agent in self.agents}
        return {agent: [0.0] for agent in self.agents}, {agent: {} for agent in self.agents}
    def step(self, actions):
        self.t += 1
        rewards = {}
        for agent in self.agents:
            noise = random.random() + numpy.random.random() + self.own.random() + float(self.np_random.random())
            # An action takes a number of its own from the generators: a wrong guess leaves them elsewhere.
            if VALUE(actions[agent]) > 0:
                random.random(), numpy.random.random(), self.own.random(), self.np_random.random()
            self.x[agent] += VALUE(actions[agent]) * noise
            rewards[agent] = self.x[agent]
        over = {agent: END for agent in self.agents}
        return ({agent: [self.x[agent]] for agent in self.agents}, rewards, over,
                {agent: False for agent in self.agents}, {agent: {"t": self.t} for agent in self.agents})
env = Dice()
'''
# The same with get_state, set_state and advance, and with pictures.
STATE = '''
Plain = Dice
class Dice(Plain):
    def get_state(self):
        return {"t": self.t, "x": dict(self.x), "own": self.own.getstate(), "np": self.np_random.bit_generator.state}
    def set_state(self, state):
        self.t, self.x = state["t"], state["x"]
        self.own.setstate(state["own"])
        self.np_random.bit_generator.state = state["np"]
    def advance(self, actions):
        return self.step(actions)[1:]
    def render(self):
        random.random()  # a careless decoration must not move the game's generators
        return [{"id": str(agent), "kind": "circle", "x": 10 * x, "y": 5.0, "radius": 3, "persistent": False}
                for agent, x in self.x.items()]
env = Dice()
'''


def dice(agents=("a", "b"), value="x", end="False", state=False):
    code = DICE.replace("AGENTS", repr(list(agents))).replace("END", end)
    code = f"VALUE = lambda x: {value}\n" + code
    return code + STATE if state else code


def test_the_schedules_are_worth_their_name():
    """Copies guess wrong, roll back deeply, wait, catch up, and inputs come too late."""
    deepest, waits, replayed, late = [], 0, 0, 0
    for seed in range(3):
        players, sequencer = play(dice(state=True), ["a", "b"], [0, 1, 2], seed, delays=[3, 5], stall=0.05, hide=0.01)
        deepest += [player.deepest for player in players]
        waits += sum(player.waits for player in players)
        replayed += sum(player.replayed for player in players)
        late += sequencer.late
    assert max(deepest) >= 6 and waits > 0 and replayed > 100 and late > 0


def check(code, agents, actions, seed, **changes):
    """Every copy's rows and hashes are those of a plain run through the confirmed inputs."""
    players, sequencer = play(code, [str(agent) for agent in agents], actions, seed, **changes)
    changes = {name: value for name, value in changes.items() if name not in (
        "delays", "jitter", "stall", "hide", "frames", "tamper")}  # fmt: skip
    max_steps = changes.pop("max_steps", 120)
    scene = copy_settings([str(agent) for agent in agents], None, actions, max_steps, **changes)
    rows, hashes = straight(code, "game.py", scene, seed, decoded(sequencer))
    assert players[0].rows == rows
    for player in players:
        assert player.hashes == hashes
        assert [frame for frame, *_ in player.timing] == list(range(len(rows)))
        assert player.output.end == len(rows)
        assert player.output.scores == players[0].output.scores
    return players, sequencer


@pytest.mark.parametrize("state", [False, True])
@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_every_copy_is_the_plain_run(seed, state):
    source = random.Random(1000 + seed)
    fallback = source.choice(["default_action", "previous_submitted_action"])
    players, _ = check(
        dice(state=state), ("a", "b"), [0, 1, 2], seed, hide=source.choice([0, 0.01]),
        stall=source.choice([0, 0.03, 0.1]), jitter=source.choice([0, 2, 6]), fallback=fallback,
        prediction=source.choice(["previous", "default"]), snapshot_interval=source.choice([1, 3, 7]),
        input_delay=source.choice([0, 2, 4]), record_observations=source.choice([True, False]),
        max_prediction=source.choice([2, 8]),
    )  # fmt: skip
    assert all(player.deepest <= 8 for player in players)


@pytest.mark.parametrize(("actions", "value"), [
    ([0, 1, 2], "x"),
    ([0.0, 0.5, -1.25], "x"),
    ([[0.0, 0.0], [1.0, 0.5]], "x.pop()"),  # an environment that changes what it is given
    ([{"move": 0}, {"move": 1, "jump": True}], "x.pop('move')"),
])  # fmt: skip
def test_actions_of_every_kind(actions, value):
    for seed in range(3):
        # Rewards are sums of what differs: 1 and 1.0 would too.
        check(dice(value=f"0 if x is None else {value}", state=seed == 1).replace(
            "VALUE(actions[agent]) > 0", "False"), ("a", "b"), actions, seed)  # fmt: skip


@pytest.mark.parametrize("agents", [(0, 1), (0, 1, 2), ("n", "e", "s", "w")])
def test_agents_of_every_kind_and_number(agents):
    for seed in range(3):
        check(dice(agents=agents, state=bool(seed)), agents, [0, 1, 2], seed)


def test_the_end_may_be_guessed_wrong():
    """The episode ends when the second player presses a key, which the first can only guess."""
    for seed in range(SCHEDULES):
        code = dice(end="self.t > 20 and actions['b'] == 2")
        players, _ = check(
            code, ("a", "b"), [0, 1, 2], seed, prediction="previous" if seed % 2 else "default", delays=[4, 4]
        )
        assert players[0].output.done


def test_an_end_that_was_none_leaves_nothing_behind():
    copy = copy_of(dice(end="self.t > 3 and actions['b'] == 2"), prediction="previous", snapshot_interval=100)
    tick(copy, ["confirmed", 0, [[0, 2]] * 3])
    assert tick(copy, ["advance", 3]).ending
    assert not tick(copy, ["input", 1, 3, 0]).ending
    tick(copy, ["input", 1, 5, 1])
    output = tick(copy, ["confirmed", 3, [[0, 0], [0, 0], [0, 1], [0, 1], [0, 2]]])
    assert output.done and output.end == 8
    other = copy_of(dice(end="self.t > 3 and actions['b'] == 2"))
    plain = tick(other, ["confirmed", 0, [[0, 2]] * 3 + [[0, 0], [0, 0], [0, 1], [0, 1], [0, 2]]])
    assert (plain.hashes[-1], plain.scores) == (output.hashes[-1], output.scores)


def test_bots_with_a_seed_play_along_on_every_copy():
    for seed in range(4):
        check(dice(agents=("a", "b", "bot"), state=bool(seed % 2)), ("a", "b"), [0, 1, 2], seed,
              policies={"a": "human", "bot": "random", "b": "human"})  # fmt: skip


# ------------------------------------------------------------------------------------------------- one copy


def copy_of(code=None, me=0, agents=("a", "b"), actions=(0, 1, 2), max_steps=1200, **changes):
    made = Rollback(code or dice(state=True), "game.py", copy_settings(agents, me, list(actions), max_steps, **changes))
    made.reset(5)
    return made


def tick(copy, *events):
    return copy.tick(msgpack.encode(list(events)))


def tick_all(copy, *events):
    """Tick until the copy has caught up; the rows of all calls."""
    output = tick(copy, *events)
    rows = output.rows
    while output.behind:
        output = tick(copy)
        rows = rows + output.rows
    return rows


def test_the_bound_holds_and_the_pressed_key_is_kept():
    copy = copy_of(max_prediction=4)
    for _ in range(4):
        assert not tick(copy, ["local", 0], ["advance", True]).waiting
    output = tick(copy, ["local", 2], ["advance", True])
    assert (output.waiting, output.t, output.send, output.draw) == (True, 4, None, None)
    tick(copy, ["local", None], ["advance", True])
    output = tick(copy, ["confirmed", 0, [[0, 0]]], ["local", None], ["advance", 1])
    assert (output.waiting, output.t) == (False, 5)
    first, inputs = msgpack.decode(output.send)
    assert (first, [msgpack.decode(given) for given in inputs]) == (3, [0, 0, 0, 2])


def test_own_inputs_are_sent_until_confirmed():
    copy = copy_of(input_delay=2, redundancy=1)
    sent = [msgpack.decode(tick(copy, ["local", i % 3], ["advance", True]).send) for i in range(4)]
    assert sent == [[2, [b"\0"]], [2, [b"\0", b"\1"]], [3, [b"\1", b"\2"]], [4, [b"\2", b"\0"]]]
    tick(copy, ["confirmed", 0, [[0, 0]] * 3])
    assert msgpack.decode(copy.pending()) == [3, [b"\1", b"\2", b"\0"]]


def test_a_head_start_longer_than_the_redundancy_sends_all_of_its_inputs():
    copy = copy_of(input_delay=1, redundancy=2)
    output = tick(copy, *[["local", i % 3] for i in range(7)], ["advance", 7])
    assert msgpack.decode(output.send) == [1, [bytes([i % 3]) for i in range(7)]]
    assert msgpack.decode(tick(copy, ["local", 2], ["advance", True]).send) == [6, [b"\2", b"\0", b"\2"]]


def test_several_frames_of_the_clock_take_one_local_input_each():
    output = tick(copy_of(), ["local", 1], ["local", 2], ["advance", 3])
    assert output.t == 3 and msgpack.decode(output.send) == [2, [b"\1", b"\2", b"\0"]]


def test_a_rollback_restores_scores_and_draws_where_things_went():
    copy = copy_of(input_delay=0)
    for _ in range(5):
        output = tick(copy, ["local", 0], ["advance", True])
    assert output.score == 0.0 and output.predicted == [False, True]
    output = tick(copy, ["input", 1, 2, 2], ["local", 0], ["advance", True])
    assert (output.depth, output.replayed, output.t) == (3, 5, 6)  # from the newest state kept
    assert output.scores["b"] > 0 and output.scores["a"] == 0
    assert '"corrections":{"b":[-' in output.draw and '"a":[' not in output.draw
    assert "corrections" not in tick(copy, ["local", 0], ["advance", True]).draw


def test_a_correction_without_a_step_moves_the_picture_too():
    copy = copy_of(input_delay=0)
    tick(copy, ["local", 0], ["advance", 3])
    assert '"corrections":{"b"' in tick(copy, ["input", 1, 1, 2]).draw


def test_1000_frames_are_caught_up_with_in_slices():
    source = random.Random(3)
    inputs = [[source.randrange(3), source.randrange(3)] for _ in range(1000)]
    first, second = copy_of(slice_ms=0), copy_of(slice_ms=10_000)
    output, calls = tick(first, ["confirmed", 0, inputs], ["rows", 0]), 1
    rows = output.rows
    while output.behind:
        assert output.draw is None and output.t == 1000
        output = tick(first)
        calls, rows = calls + 1, rows + output.rows
    assert calls == 990 and output.draw  # the last few at once: no more than a rollback
    assert len(rows) == 1000
    other = tick(second, ["rows", 0], ["confirmed", 0, inputs])
    assert (other.behind, other.rows, other.scores) == (0, rows, output.scores)


def test_who_joins_by_a_snapshot_is_the_same_from_there_on():
    source = random.Random(4)
    inputs = [[source.randrange(3), source.randrange(3)] for _ in range(100)]
    one = copy_of()
    hashes = tick(one, ["confirmed", 0, inputs[:70]]).hashes
    data = one.snapshot(65)
    assert msgpack.decode(data)["frame"] == 60
    late = copy_of(me=1)
    output = tick(late, ["heal", 60, data], ["confirmed", 55, inputs[55:70]])
    assert (output.healed, output.t, output.behind) == (60, 70, 0)
    assert output.hashes == [entry for entry in hashes if entry[0] >= 60]
    assert tick(late, ["confirmed", 70, inputs[70:]]).hashes == tick(one, ["confirmed", 70, inputs[70:]]).hashes
    with pytest.raises(ValueError, match="knows the game from 60"):
        tick(late, ["rows", 10])


@pytest.mark.parametrize("observations", [True, False])
def test_a_new_host_goes_on_after_the_last_acknowledged_row(observations):
    source = random.Random(6)
    inputs = [[source.randrange(3), source.randrange(3)] for _ in range(500)]
    host, heir = copy_of(record_observations=observations), copy_of(me=1, record_observations=observations)
    rows = tick_all(host, ["rows", 0], ["confirmed", 0, inputs])
    tick_all(heir, ["confirmed", 0, inputs[:480]])
    tick(heir, ["local", 1], ["advance", 3])
    for first in (470, 33, 0):  # fresh, old, and from the beginning
        assert tick_all(heir, ["rows", None], ["rows", first]) == rows[first:480]
        assert tick(heir).t == 483
    assert tick(heir, ["confirmed", 480, inputs[480:]]).rows == rows[480:]


def test_a_copy_that_went_wrong_is_found_and_healed():
    source = random.Random(7)
    inputs = [[source.randrange(3), source.randrange(3)] for _ in range(60)]
    good, bad = copy_of(), copy_of(me=1)
    for copy in (good, bad):
        tick(copy, ["confirmed", 0, inputs[:25]])
    bad.env.x["a"] += 0.5
    one, two = (tick(copy, ["confirmed", 25, inputs[25:35]]) for copy in (good, bad))
    assert one.hashes != two.hashes
    found = difference(good.snapshot(30), bad.snapshot(30))
    assert len(found) == 2 and found[0].startswith("x.a: ") and found[1].startswith("(game).scores.a: ")
    output = tick(bad, ["heal", 30, good.snapshot(30)])
    assert output.hashes == [one.hashes[-1]] and output.t == 35 and output.draw
    assert difference(good.snapshot(), bad.snapshot()) == []
    assert tick(bad, ["confirmed", 35, inputs[35:]]).hashes == tick(good, ["confirmed", 35, inputs[35:]]).hashes


def test_a_snapshot_from_before_what_is_known_is_followed_by_its_inputs():
    """A copy that joined late is made host: it gets an older state first, and never guesses beyond the bound."""
    source = random.Random(9)
    inputs = [[source.randrange(3), source.randrange(3)] for _ in range(100)]
    old, late = copy_of(), copy_of(me=1)
    rows = tick_all(old, ["rows", 0], ["confirmed", 0, inputs[:50]])
    earlier = old.snapshot(30)
    rows += tick_all(old, ["confirmed", 50, inputs[50:]])
    tick_all(late, ["heal", 90, old.snapshot(90)], ["confirmed", 90, inputs[90:]])
    output = tick(late, ["heal", 30, earlier], ["advance", 20])
    assert output.t - output.confirmed <= 8
    got = tick_all(late, ["confirmed", 30, inputs[30:]], ["rows", 40])
    assert got == rows[40:] and tick(late).t == 100


def test_an_environment_that_goes_wrong_by_itself_is_healed_again_and_again():
    code = dice(state=True) + '''
class Wrong(Dice):
    def step(self, actions):
        if wrong and self.t == 47:
            self.x["b"] += 1e-3
        return super().step(actions)
wrong = False
env = Wrong()
'''
    inputs = [[1, i % 3] for i in range(100)]
    good, bad = copy_of(code), copy_of(code, me=1)
    bad._namespace["wrong"] = True
    healed = []
    for frame in range(100):
        one = tick(good, ["confirmed", frame, inputs[frame : frame + 1]])
        two = tick(bad, ["confirmed", frame, inputs[frame : frame + 1]])
        if one.hashes != two.hashes:
            healed.append(one.hashes[-1][0])
            tick(bad, ["heal", healed[-1], good.snapshot(healed[-1])])
    assert healed == [50]


def test_nobody_can_break_another_players_game_with_an_impossible_input():
    good, copy = copy_of(), copy_of()
    tick(good, ["confirmed", 0, [[0, 0], [1, 0]]])
    tick(copy, ["confirmed", 0, [[0, {"x": "y"}], [1, 99]]])
    assert copy.snapshot() == good.snapshot()


def test_confirmed_frames_may_come_twice_but_not_otherwise():
    copy = copy_of()
    tick(copy, ["confirmed", 1, [[1, 1]]])  # too early
    assert tick(copy).confirmed == 0
    assert tick(copy, ["confirmed", 0, [[0, 0]]]).confirmed == 2
    tick(copy, ["confirmed", 0, [[0, 0], [1, 1]]])
    with pytest.raises(ValueError, match="frame 1 is confirmed a second time"):
        tick(copy, ["confirmed", 1, [[1, 2]]])


@pytest.mark.parametrize(("changes", "message"), [
    ({"agents": ["a"]}, "agents=\\['a'\\]"),
    ({"me": 2}, "me=2 must be a seat"),
    ({"default_action": None}, "needs a default_action"),
    ({"max_prediction": 0}, "max_prediction=0"),
    ({"prediction": "maybe"}, "allowed: previous, default"),
])  # fmt: skip
def test_settings_are_checked(changes, message):
    with pytest.raises(Exception, match=message):
        scene = msgpack.decode(copy_settings(("a", "b"), 0, [0, 1, 2], 10))
        Rollback(dice(), "game.py", msgpack.encode({**scene, **changes}))


def test_seat_and_input_delay_may_change_with_an_episode():
    copy = copy_of(me=None, input_delay=0, redundancy=0)
    assert tick(copy, ["local", 1], ["advance", True]).send is None
    copy.reset(6, 1, me=1, input_delay=3)
    assert msgpack.decode(tick(copy, ["local", 1], ["advance", True]).send) == [3, [b"\1"]]
    copy.reset(7, 2)
    assert msgpack.decode(tick(copy, ["local", 2], ["advance", True]).send) == [3, [b"\2"]]
    copy.reset(8, 3, me=None)
    assert tick(copy, ["local", 2], ["advance", True]).send is None
    for wrong, message in (({"me": 2}, "me=2 must be a seat"), ({"input_delay": -1}, "input_delay=-1")):
        with pytest.raises(ValueError, match=message):
            copy.reset(9, 4, **wrong)


def test_a_spectator_sends_nothing():
    copy = copy_of(me=None)
    output = tick(copy, ["local", 1], ["advance", True])
    assert output.send is None and output.t == 1 and copy.pending() is None


def test_no_picture_is_made_for_a_hidden_tab():
    copy = copy_of()
    assert tick(copy, ["draw", False], ["advance", True]).draw is None
    assert tick(copy, ["draw", True]).draw

