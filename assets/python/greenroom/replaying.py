"""A recorded game once more, in native Python: its environment, stepped straight through what everybody did.

There is nothing here of what made it playable over a network: nothing is predicted, nothing rolled back. So its rows and
hashes are what those of the game have to be.

Whoever has a seat is told what to do, be it a person, a bot of the service's or a network: what it did is in the record.
Bots that acted inside the simulation, where the game ran in browsers only, act inside it again.
"""

from __future__ import annotations

from . import msgpack, snapshot
from .checkpoint import hash_of
from .errors import EnvironmentContractError
from .isolation import World
from .picture import Picture
from .rows import encode_row
from .runner import Shown
from .simulation import Output, Saved, Simulation, to_bytes

__all__ = ["Replay", "Shown"]


class Replay:
    """One game. Several may be in one process: each has a world of its own, which its calls enter.

    Parameters
    ----------
    code, filename
        As for ``Engine``.
    folder
        Of the experiment module: what the environment imports from beside it is found there.
    settings
        As for ``Engine``. What is told of policies counts for agents without a seat only.
    seats
        The agents whose actions are told, in the order of ``step``'s inputs.
    people
        Those of them that people play: for them pictures are drawn.
    mode
        "browser", "authoritative" or "streamed".
    pictures
        Whether they are wanted.
    observing
        Whether ``observations()`` is wanted. Without, a step may be made without them, which is faster in environments
        that offer it.
    """

    def __init__(
        self, code: str, filename: str, folder: str, settings: bytes, seats: list[str], people: list[str], mode: str,
        pictures: bool = False, observing: bool = True,
    ):  # fmt: skip
        self._world = World(folder)
        self._world.enter()
        self._observing, self._mode = observing, mode
        try:
            self._simulation = _Told(code, filename, settings, seats, people)
        except BaseException:
            self._world.close()
            raise
        self._views = self._simulation.views(people) if pictures else []
        self._assets: str | None = None
        self._begun = False

    @property
    def env(self):
        """The environment as the study's code made it."""
        return self._simulation.env

    @property
    def done(self) -> bool:
        """Whether the episode is over."""
        return self._simulation._done

    @property
    def views(self) -> list[list[int]]:
        """The pictures that ``pictures`` gives: for each, the seats that see it."""
        return [list(seats) for seats, _, _ in self._views]

    def begin(self, episode: int, seed: int, shared: str | None = None) -> None:
        """Stand at the start of an episode. Its number tells nothing beside the seed. ``shared``: see ``Globals.give``."""
        self._world.enter()
        self._simulation._shared.give(shared)
        self._simulation._start(int(seed))
        self._begun = True
        self._drawn = False
        self._assets = self._simulation._asset_specs() if self._views else None

    def step(self, inputs: list[bytes]) -> bytes:
        """One frame: the action of each seat as MessagePack, nil for the default one. Returns the row."""
        if not self._begun or self.done:
            raise RuntimeError("step() was called before begin() or after the end of the episode")
        self._world.enter()
        if self._mode == "streamed" and not self._drawn:
            # As the service did: some environments note in their state that they have been drawn.
            self._guarded(self._simulation.draw_once)
            self._drawn = True
        return self._simulation.told([msgpack.decode(to_bytes(given)) for given in inputs], self._observing)

    def hash(self) -> str:
        """Of the present state, as copies of the game tell it each other. To be asked before it is drawn, as there."""
        self._world.enter()
        return self._simulation.hash()

    def observations(self) -> dict:
        """By agent, of the present state: what the next row has as observations."""
        return self._simulation._observations

    def pictures(self, complete: bool = False) -> list[Shown]:
        """Draw the present state: what has changed since the last call, or everything. To be called once a frame, or
        what is shown in between is missing."""
        self._world.enter()
        self._drawn = True
        return self._guarded(lambda: self._draw(complete))

    def close(self) -> None:
        """Let go of the environment."""
        self._world.enter()
        try:
            close = getattr(self.env, "close", None)
            if callable(close):
                close()
        except Exception:
            pass  # it goes in any case
        self._world.close()

    def _guarded(self, draws):
        """Drawing is no part of the game."""
        generators = snapshot.take_generators()
        try:
            return draws()
        finally:
            snapshot.put_generators(*generators)

    def _draw(self, complete):
        drawn = []
        for seats, agent, picture in self._views:
            output = Output(self._simulation._t, self.done, 0.0)
            shown = self._simulation._rendered(agent)
            if shown is not None:
                picture.show(shown, output)
            if complete:
                picture.complete(output)
            # A frame is always whole; a packet is when it says so.
            whole = complete or output.frame is not None or (output.draw is not None and picture.is_full)
            bits = sum(1 << seat for seat in seats)
            hud = self._simulation.words(seats)
            drawn.append(Shown(bits, whole, output, hud, self._assets if whole else None))
        return drawn


class _Told(Simulation):
    """The environment, whose seats do what they are told."""

    def __init__(self, code, filename, settings, seats, people):
        given = msgpack.decode(to_bytes(settings))
        self._seats = [str(agent) for agent in seats]
        self._people = [str(agent) for agent in people]
        unknown = [agent for agent in self._seats if agent not in given["policies"]]
        if unknown:
            raise ValueError(f"seats {unknown} are of no agent of the scene; it has {[*given['policies']]}")
        policies = {**given["policies"], **dict.fromkeys(self._seats, "human")}
        super().__init__(code, filename, msgpack.encode({**given, "policies": policies}))

    def _checked(self):
        return self._people  # others have actions of their own

    def views(self, people):
        """By picture: the seats that see it, for whom it is drawn, and what is on the screen."""
        seats = range(len(self._seats))
        if self._render is None:
            return []
        if self._render_for is None:
            return [(seats, people[0] if people else None, Picture())]
        return [((seat,), self._seats[seat], Picture()) for seat in seats if self._seats[seat] in people]

    def words(self, seats):
        """The text above the picture of these seats; where it is each player's own, all of them."""
        people = [self._seats[seat] for seat in seats if self._seats[seat] in self._people]
        if not people or not self._hud.apart:
            return self._hud_text(people[0] if people else None)
        told = {agent: self._hud_text(agent) for agent in people}
        if len(set(told.values())) == 1:
            return told[people[0]]
        return " · ".join(f"{agent}: {text}" for agent, text in told.items() if text)

    def draw_once(self):
        for agent in self._people if self._render_for is not None else [None]:
            self._rendered(agent)

    def told(self, inputs, observing):
        if len(inputs) != len(self._seats):
            raise ValueError(f"{len(inputs)} inputs came; {len(self._seats)} are needed")
        given = {}
        for agent, value in zip(self._seats, inputs):
            if value is None and self._default is not None:
                value = self._actions[self._default]
            elif value is None and agent in self._adapter.playing():
                raise EnvironmentContractError(f"agent {agent!r} plays on, but the record has no action of it")
            given[agent] = value
        quick = not (observing or self._record_observations)
        return encode_row(self._advance(*self._actions_of(given), quick=quick)[1])

    def hash(self):
        # Only looked at: what draws with a library of its own cannot be copied.
        bots = self._memories(self._bots)
        left = frozenset(self._adapter.done)
        world = snapshot.look(self.env)
        return hash_of(Saved(world, self._t, self._done, dict(self._scores), left, bots, None, self._seeded), self.env)
