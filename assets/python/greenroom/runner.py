"""The service's own copy of one game, and the reference of all others.

It steps confirmed frames only, so nothing is predicted, and nothing is ever rolled back: no state is copied to go back
to. Bots choose here, one frame ahead: from the state before frame *f* what they do in frame *f + 1*, so that their
choices travel to the browsers like a player's inputs, and come back confirmed.

A state to go on from (``Turn.states``) has two parts: what copies in browsers may have too, and what only this copy
knows, its bots' memory and the observations of the row to come. Where browsers have no copies and get pictures instead,
an environment need not be able to give its state: then the first part holds all inputs of the episode, and whoever
stands there plays them again.
"""

from __future__ import annotations

import sys

from . import checkpoint, msgpack, snapshot
from .errors import EnvironmentContractError
from .hashing import state_hash
from .picture import Picture
from .plain import pack, unpack
from .policies import Given
from .rendering import take_sounds
from .rows import encode_row
from .simulation import Output, Saved, Simulation, to_bytes
from .sounds import with_sounds

_HUMAN = Given("human", {})
_told: set[str] = set()  # what was wrong with texts above games: told once for all games of this process
LEAD = 2  # frames from a state to the end of the frame that bots choose for in it


class Shown:
    """A picture for some of the players, and for nobody else.

    Attributes
    ----------
    seats
        For whom, as a set of bits.
    complete
        Whether it shows everything, whatever was on the screen before.
    draw, frame, width, height
        A draw packet as JSON, or a frame of this size as RGBA.
    hud, assets
        The text above the game; pictures to be loaded, as JSON, with a complete one.
    own
        What is each player's own: ``(seats, hud, score)``.
    """

    __slots__ = ("seats", "complete", "draw", "frame", "width", "height", "hud", "assets", "own")

    def __init__(self, seats: int, complete: bool, output: Output, hud: str | None, assets: str | None, own=()):
        self.own: list[tuple[int, str | None, float]] = list(own)
        self.seats, self.complete, self.hud, self.assets = seats, complete, hud, assets
        self.draw, self.frame = output.draw, output.frame
        self.width, self.height = output.frame_width, output.frame_height


class Turn:
    """What came of standing somewhere, or of stepping.

    Attributes
    ----------
    frame
        How many frames led to the state that the environment is in.
    rows
        Of the frames that were played, in order.
    hashes
        ``(frame, hash)``.
    states
        ``(frame, copy, bots)``: states to go on from.
    choices
        ``(seat, frame, action)``: what bots do in coming frames; actions as MessagePack.
    pictures
        What is to be seen now.
    end
        How many frames the episode had, if it is over.
    """

    __slots__ = ("frame", "rows", "hashes", "states", "choices", "pictures", "end")

    def __init__(self):
        self.frame = 0
        self.rows: list[bytes] = []
        self.hashes: list[tuple[int, str]] = []
        self.states: list[tuple[int, bytes, bytes]] = []
        self.choices: list[tuple[int, int, bytes]] = []
        self.pictures: list[Shown] = []
        self.end: int | None = None


class Runner(Simulation):
    """One game's environment.

    Parameters
    ----------
    code, filename, settings
        As for ``Engine``, and in the settings ``agents`` (all seats, people first), ``people`` (how many of them are
        people) and ``hash_interval``.
    runs
        By agent what runs its model, see ``onnx_policy.Session``.
    pictures
        Whether they are wanted.
    state_interval
        Frames between two states handed out, beside those at ``hash_interval``; 0 for none.
    """

    def __init__(self, code: str, filename: str, settings: bytes, runs=None, pictures=False, state_interval=0):
        self._runs = runs or {}
        self._wants_pictures = pictures
        super().__init__(code, filename, settings)
        self._intervals = [every for every in (self._hash_interval, state_interval) if every]
        everybody = (1 << self._people) - 1
        # One picture for each person, or one for all.
        self._apart = self._render_for is not None
        one_each = [(1 << seat, Picture()) for seat in range(self._people)]
        self._views = one_each if self._apart else [(everybody, Picture())]

    def _settings(self, settings):
        super()._settings(settings)
        self._agents = [str(agent) for agent in settings.get("agents") or self._policies]
        if sorted(self._agents) != sorted(self._policies):
            raise ValueError(f"settings: agents={self._agents}; the policies are of {list(self._policies)}")
        people = settings.get("people")
        self._people = sum(given.kind == "human" for given in self._policies.values()) if people is None else people
        self._hash_interval = settings.get("hash_interval", 30) or 0
        self._given = {agent: given for agent, given in self._policies.items() if given.kind != "human"}
        if any(agent in self._given for agent in self._agents[: self._people]):
            raise ValueError(f"settings: the first {self._people} of agents={self._agents} must be people")
        # For the game they are players like others: their choices come as inputs, and are no part of its state.
        self._policies = dict.fromkeys(self._policies, _HUMAN)
        if self._default is None and self._people:
            raise EnvironmentContractError(
                "a scene whose environment the service runs needs a default_action, which is played for whoever gives "
                "no input in time"
            )

    def _checked(self):
        return self._agents[: self._people]

    def _run_of(self, agent, options):
        return self._runs[agent]

    def _learn_actions(self):
        super()._learn_actions()
        self._seated = [
            (seat, agent, self._bot(agent, self._given[agent], self._adapter.action_space(agent)))
            for seat, agent in enumerate(self._agents)
            if agent in self._given
        ]

    @property
    def seats(self) -> int:
        """How many there are."""
        return len(self._agents)

    @property
    def scene_actions(self) -> list:
        """What keys of the scene lead to."""
        return self._actions

    # ---------------------------------------------------------------------------------------------------- calls

    def stand(
        self, episode: int, seed: int, state: bytes | None = None, bots: bytes | None = None, shared: str | None = None
    ) -> Turn:
        """Stand at the beginning of an episode, or where a state of it says. ``shared``: see ``Globals.give``."""
        self._episode = episode
        turn = Turn()
        self._shared.give(shared)
        self._start(int(seed))
        for _, agent, bot in self._seated:
            bot.seed(seed, agent)
        # By agent what it does in this frame and the next.
        self._coming: dict[str, list] = {agent: [] for _, agent, _ in self._seated}
        self._log: list[bytes] = []  # of each frame its inputs
        self._may_retrace = self._wants_pictures
        self._retraced = False
        if state is None:
            self._decide(0, turn)
            self._decide(1, turn)
            self._mark(turn)
        else:
            self._stand_at(to_bytes(state), None if bots is None else to_bytes(bots), turn)
            self._sounds.begin()  # what was heard before is over
        self._draw_all(turn, complete=-1)
        turn.frame, turn.end = self._t, self._t if self._done else None
        return turn

    def advance(self, episode: int, first: int, frames: bytes, complete: int = 0) -> Turn:
        """Step through confirmed frames from ``first`` on: MessagePack ``[[input of each seat, ...], ...]``, each input
        as MessagePack in a ``bin``. ``complete``: seats that need a complete picture, as a set of bits."""
        if not self._ready or episode != self._episode:
            raise RuntimeError(f"advance() is for episode {episode}, in which the environment does not stand")
        if first > self._t and not self._done:
            raise ValueError(f"frames from {first} on came, but frame {self._t} is the next")
        turn = Turn()
        for frame, inputs in enumerate(msgpack.decode(to_bytes(frames)), first):
            if frame < self._t or self._done:
                continue
            if len(inputs) != len(self._agents):
                raise ValueError(f"frame {frame} has {len(inputs)} inputs; {len(self._agents)} are needed")
            self._play(frame, inputs, turn)
        self._draw_all(turn, complete)
        turn.frame, turn.end = self._t, self._t if self._done else None
        return turn

    # ---------------------------------------------------------------------------------------------------- frames

    def _play(self, frame, inputs, turn):
        ahead = frame + LEAD
        wanted = self._record_observations or any(bot.looks(ahead) for _, _, bot in self._seated)
        _, row = self._move(inputs, quick=not wanted)
        turn.rows.append(encode_row(row))
        for coming in self._coming.values():
            del coming[:1]
        if not self._done:
            self._decide(ahead, turn)
        self._mark(turn)

    def _move(self, inputs, quick):
        if self._wants_pictures:
            self._log.append(msgpack.encode(inputs))
        given = {}
        for agent, data in zip(self._agents, inputs):
            value = msgpack.decode(data) if isinstance(data, bytes) else data
            given[agent] = self._actions[self._default] if value is None else value  # as in a copy's timeline
        return self._advance(*self._actions_of(given), quick=quick)

    def _decide(self, frame, turn):
        """Bots choose what to do in ``frame``, by the state as it is now."""
        playing = self._adapter.playing()
        # A function of the researcher's must not move the game's own generators: copies elsewhere do not call it.
        guarded = any(bot.looks(frame) and bot.policy.foreign for _, _, bot in self._seated)
        generators = snapshot.take_generators() if guarded else None
        for seat, agent, bot in self._seated:
            if agent in playing:
                bot.think(frame, (self._observations or {}).get(agent) if bot.looks(frame) else None)
                self._coming[agent].append(bot.next)
                turn.choices.append((seat, frame, msgpack.encode(bot.next)))
        if generators is not None:
            snapshot.put_generators(*generators)

    # ---------------------------------------------------------------------------------------------------- states

    def _mark(self, turn):
        """Hash and state, where they are due."""
        at = self._t
        hashed = self._hash_interval and (at % self._hash_interval == 0 or self._done)
        if not hashed and not self._done and not any(at % every == 0 for every in self._intervals):
            return
        saved = Saved(
            snapshot.look(self.env), at, self._done, dict(self._scores), frozenset(self._adapter.done),
            self._memories({}), None,
            self._seeded,
        )  # fmt: skip
        named = self._named(saved)
        if hashed and named is not None:
            turn.hashes.append((at, state_hash(named)))
        turn.states.append((at, self._state(at, saved, named), self._remembered()))

    def _named(self, saved):
        """The state by name; ``None`` where it cannot be told and need not be."""
        try:
            return checkpoint.fields(saved, self.env)
        except EnvironmentContractError:
            if not self._may_retrace:
                raise
            self._retraced = True
            return None

    def _state(self, at, saved, named):
        if self._may_retrace and not self._retraced:
            self._retraced = bool(checkpoint.hidden(saved))
        if not self._retraced:
            try:
                return checkpoint.to_bytes(at, saved, self.env, named)
            except EnvironmentContractError:
                if not self._may_retrace:
                    raise
                self._retraced = True
        return msgpack.encode({"version": checkpoint.VERSION, "frame": at, "inputs": self._log})

    def _remembered(self):
        seen = msgpack.encode(self._observations) if self._record_observations else None
        return msgpack.encode({
            "bots": {agent: pack(bot.get_state()) for _, agent, bot in self._seated},
            "coming": {agent: pack(coming) for agent, coming in self._coming.items()},
            "observations": seen,
        })  # fmt: skip

    def _stand_at(self, state, bots, turn):
        content = msgpack.decode(state)
        if isinstance(content, dict) and "inputs" in content:
            frame = content["frame"]
            for inputs in content["inputs"]:
                self._move(msgpack.decode(inputs), quick=not self._record_observations)
        else:
            frame, saved = checkpoint.from_bytes(state, self.env, self._seeded)
            self._load(saved)
            self._may_retrace = False  # the inputs before are not known here
        if bots is None:  # a browser's state: whatever bots thought of is forgotten
            for ahead in range(frame, frame + LEAD):
                self._decide(ahead, turn)
            return
        remembered = msgpack.decode(bots)
        for seat, agent, bot in self._seated:
            bot.set_state(unpack(remembered["bots"][agent]))
            self._coming[agent] = unpack(remembered["coming"][agent])
            for ahead, action in enumerate(self._coming[agent], frame):
                turn.choices.append((seat, ahead, msgpack.encode(action)))
        if self._record_observations:
            self._observations = msgpack.Encoded(remembered["observations"])

    # ---------------------------------------------------------------------------------------------------- pictures

    def _draw_all(self, turn, complete):
        if not self._wants_pictures or not (turn.rows or complete):
            return
        # Drawing is no part of the game: how often it happens depends on the players' connections.
        generators = snapshot.take_generators()
        if complete == -1:
            self._assets = self._asset_specs()
        words = self._words()
        common = self._sounds.take(self._t)  # of the steps: for everybody
        for seats, picture in self._views:
            output = Output(self._t, self._done, 0.0)
            if turn.rows or complete == -1:
                # However many frames were played: what a surface has been told since it was last asked comes at once.
                shown = self._rendered(self._agents[seats.bit_length() - 1] if self._apart else None)
                if shown is not None:
                    picture.show(shown, output)
            sounds = common + take_sounds()  # of an agent's own picture: for it alone
            self._hand_out(turn, seats & ~complete if turn.rows else 0, seats & complete, picture, output, words, sounds)
        snapshot.put_generators(*generators)

    def _words(self):
        """Of each player the text above its game, and its score."""
        words, shared = [], None
        for seat, agent in enumerate(self._agents[: self._people]):
            shared = self._hud_text(agent) if shared is None or self._hud.apart else shared
            words.append((1 << seat, shared, float(self._scores.get(agent, 0.0))))
        trouble = self._hud.take_trouble()
        if trouble is not None and trouble not in _told:
            _told.add(trouble)
            print(f"the text above the game failed; the game goes on without it\n{trouble}", file=sys.stderr, flush=True)
        return words

    def _hand_out(self, turn, others, needing, picture, output, words, sounds):
        def own(seats):
            return [(bits, hud, score) for bits, hud, score in words if bits & seats]

        if others and (output.draw is not None or output.frame is not None or words or sounds):
            # A frame is always whole; a packet is when it says so.
            whole = output.frame is not None or (output.draw is not None and picture.is_full)
            output.draw = with_sounds(output.draw, sounds)
            turn.pictures.append(Shown(others, whole, output, None, self._assets if whole else None, own(others)))
        if needing:
            output.draw = None
            picture.complete(output)
            output.draw = with_sounds(output.draw, sounds)
            turn.pictures.append(Shown(needing, True, output, None, self._assets, own(needing)))
