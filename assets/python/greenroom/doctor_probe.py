"""What the doctor examines with: one instance of a scene's environment, chosen inputs, and how two runs differ."""

from __future__ import annotations

import json
import random
import time

from . import checkpoint, msgpack, snapshot
from .errors import EnvironmentContractError, format_error
from .isolation import World
from .rows import encode_row
from .simulation import Saved, Simulation

SEED = 20_011
STEPS = 300
# A difference between two Pythons up to this is rounding. As everywhere, relative to the number, if that is above 1.
ROUNDING = 1e-6
# Fields that two seeds make different in any case.
GENERATORS = ("(random)", "(numpy.random)", "np_random")


class Probe(Simulation):
    """One instance of the environment, in a world of its own, like a game on the service."""

    def __init__(self, request, settings: bytes, runs=None):
        # In the browser there are no modules beside the study's environment.
        self._world = World((request["service"] and request.get("folder")) or "")
        self._runs = runs or {}
        self._apart = request["service"]
        self._world.enter()
        super().__init__(request["code"], request["filename"], settings)
        self.opaque: str | None = None  # why its state cannot be told
        self.unstorable: str | None = None  # why its observations cannot be recorded
        self.episodes = 0
        self.follow: dict = {}  # what agents do in the coming step, whatever their bots here think

    def _run_of(self, agent, options):
        return self._runs[agent]

    def _think(self):
        # As in ``Runner``: on the service, functions that play leave the game's generators alone.
        guarded = self._apart and any(bot.policy.foreign for bot in self._bots.values())
        generators = snapshot.take_generators() if guarded else None
        super()._think()
        if generators is not None:
            snapshot.put_generators(*generators)

    def _save(self):
        self._world.enter()
        return super()._save()

    def _load(self, saved):
        self._world.enter()
        super()._load(saved)

    def start(self, seed: int) -> None:
        """Begin an episode."""
        self._world.enter()
        self._start(seed)
        self.seed = seed
        try:
            msgpack.encode(self._observations)
        except msgpack.EncodeError as error:
            self.unstorable, self._record_observations = str(error), False

    def choose(self, given):
        """What is recorded and what is played for one input, an index into the actions, for each human agent."""
        for agent, action in self.follow.items():
            self._bots[agent].next = action
        return self._actions_of({agent: self._actions[index] for agent, index in zip(self.humans, given)})

    def play(self, given, seed=SEED):
        """One step, the row of which is returned; after the end of an episode, in the next one."""
        self._world.enter()
        if self._done:
            self.episodes += 1
            self.start(seed + 1000 * self.episodes)
        return msgpack.decode(encode_row(self._advance(*self.choose(given))[1]))

    def fields(self):
        """The state by name, or None where it cannot be told; ``opaque`` says why."""
        if self.opaque is not None:
            return None
        try:
            self._world.enter()
            saved = Saved(
                snapshot.look(self.env), self._t, self._done, dict(self._scores), frozenset(self._adapter.done),
                self._memories(self._bots), None, self._seeded,
            )  # fmt: skip
            return checkpoint.fields(saved, self.env)
        except Exception as error:
            self.opaque = brief(error)
            return None

    @property
    def humans(self):
        return [agent for agent, given in self._policies.items() if given.kind == "human"]

    def space(self, kind: str, agent: str):
        """The agent's ``action_space`` or ``observation_space``, or None."""
        if kind == "action_space":
            return self._adapter.action_space(agent)
        if self._adapter.single:
            return getattr(self.env, "observation_space", None)
        native = self._adapter._native[agent]
        space = getattr(self.env, "observation_space", None)
        if callable(space) and not hasattr(space, "sample"):
            return space(native)
        spaces = space if space is not None else getattr(self.env, "observation_spaces", None)
        spaces = getattr(spaces, "spaces", spaces)
        return spaces.get(native) if isinstance(spaces, dict) else spaces


def inputs(request, steps: int = STEPS, seed: int = SEED):
    """Random inputs for the human agents, held for a while as people hold keys: indices into the actions."""
    source = random.Random(seed)
    settings = msgpack.decode(bytes.fromhex(request["settings"]))
    count = len(settings["actions"])
    now = [0] * sum(policy == "human" for policy in settings["policies"].values())
    held = []
    for _ in range(steps):
        now = [source.randrange(count) if source.random() < 0.35 else index for index in now]
        held.append(now)
    return held


def run(probe, held, seconds, seed=SEED, rows=(), followed=()):
    """Play: yields each step's row and the state after it, until all is played or the time is over. The agents
    ``followed`` do what they did in ``rows``."""
    deadline = time.perf_counter() + seconds
    probe.start(seed)
    for number, given in enumerate(held):
        if followed:
            probe.follow = {agent: action for agent, action in rows[number]["actions"].items() if agent in followed}
        row = probe.play(given, seed)
        yield row, probe.fields()
        if time.perf_counter() > deadline:
            return


# ---------------------------------------------------------------------------------------------------- differences


def unlike(a, b, path=()):
    """Where two plain values differ: pairs of values with the path to them."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in [*a, *(key for key in b if key not in a)]:
            if key not in a or key not in b:
                yield (*path, key), a.get(key, "(missing)"), b.get(key, "(missing)")
            else:
                yield from unlike(a[key], b[key], (*path, key))
    elif isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from unlike(x, y, (*path, i))
    elif type(a) is not type(b) or (a != b and not (a != a and b != b)):
        yield path, a, b


def distance(a, b) -> float:
    """Relative difference of two numbers, infinite for anything else."""
    if all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (a, b)) and abs(a - b) < float("inf"):
        return abs(a - b) / max(1.0, abs(a), abs(b))
    return float("inf")


_WORDS = {
    "observations": "the observation of", "rewards": "the reward of", "terminateds": "terminated of",
    "truncateds": "truncated of", "infos": "the info of", "actions": "the action of",
}  # fmt: skip


def named(difference, state=False) -> str:
    """``the reward of left: 1.0 and 0.0``"""
    path, a, b = difference
    path = list(path)
    if path[:2] == ["(game)", "policies"] and len(path) > 2:
        return f"what the bot of {path[2]} remembers or does next: {short(a)} and {short(b)}"
    if state or not path or path[0] not in _WORDS:
        name = "state " if state else ""
    else:
        name = f"{_WORDS[path.pop(0)]} "
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return f"{name}{text}: {short(a)} and {short(b)}"


def short(value, limit=40) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def without_infos(row):
    return {name: part for name, part in row.items() if name != "infos"}


def compare(ours, theirs, seeds=False):
    """The first difference of two steps ``(row, fields)`` in words, or None. ``seeds``: the two had different seeds."""
    (row, fields), (other, others) = ours, theirs
    for difference in unlike(without_infos(row), without_infos(other)):
        if not (seeds and difference[0][0] == "actions"):
            return named(difference)
    if fields is not None and others is not None:
        for difference in unlike(plain(fields, seeds), plain(others, seeds)):
            return named(difference, state=True)
    return None


def plain(fields, seeds=False):
    """Canonical fields: what the hashes see, which rounds."""
    kept = {name: value for name, value in fields.items() if not (seeds and name in GENERATORS)}
    if seeds:
        kept["(game)"] = {name: value for name, value in kept.get("(game)", {}).items() if name != "policies"}
    return msgpack.decode(msgpack.encode(checkpoint.canonical(kept)))


# ---------------------------------------------------------------------------------------------------- words


def brief(error: BaseException) -> str:
    """An exception as a researcher needs it: the message, and the last line of their own code."""
    lines = format_error(error).splitlines()
    places = [line.strip() for line in lines if line.lstrip().startswith('File "')]
    place = f" ({places[-1]})" if places and not isinstance(error, EnvironmentContractError) else ""
    return f"{lines[-1]}{place}"


class Report:
    """Findings go out as they are made, so that those before a crash or a hang are known."""

    def __init__(self, write):
        self._write = write
        self.problems = 0

    def say(self, **line) -> None:
        self._write(json.dumps(line))

    def progress(self, text: str) -> None:
        self.say(kind="progress", text=text)

    def finding(self, level: str, text: str) -> None:
        self.problems += level == "problem"
        self.say(kind="finding", level=level, text=text)

    def ok(self, text: str) -> None:
        self.finding("ok", text)

    def note(self, text: str) -> None:
        self.finding("note", text)

    def advice(self, text: str) -> None:
        self.finding("advice", text)

    def problem(self, text: str) -> None:
        self.finding("problem", text)
