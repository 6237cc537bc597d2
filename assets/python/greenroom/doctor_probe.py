"""What the doctor examines with: one instance of a scene's environment, chosen inputs, and how two runs differ."""

from __future__ import annotations

import json
import os
import random
import sys
import time

from . import checkpoint, msgpack, snapshot
from .errors import EnvironmentContractError, format_error
from .rows import encode_row
from .simulation import Simulation
from .snapshot import MODULE

SEED = 20_011
STEPS = 300
# A difference between two Pythons up to this is rounding. As everywhere, relative to the number, if that is above 1.
ROUNDING = 1e-6
# Fields that two seeds make different in any case.
GENERATORS = ("(random)", "(numpy.random)", "np_random")


class Probe(Simulation):
    """One instance of the environment, on its own module object and with its own modules of the study's folder."""

    def __init__(self, request):
        forget(request.get("folder"))
        super().__init__(request["code"], request["filename"], bytes.fromhex(request["settings"]))
        self.module = sys.modules[MODULE]
        self.opaque: str | None = None  # why its state cannot be taken or told
        self.unstorable: str | None = None  # why its observations cannot be recorded
        self.episodes = 0

    def start(self, seed: int) -> None:
        """Begin an episode."""
        self._start(seed)
        self.seed = seed
        try:
            msgpack.encode(self._observations)
        except msgpack.EncodeError as error:
            self.unstorable, self._record_observations = str(error), False

    def choose(self, given):
        """What is recorded and what is played for one input, an index into the actions, for each human agent."""
        recorded, played = {}, {}
        humans = iter(given)
        indices = {agent: next(humans) for agent, policy in self._policies.items() if policy == "human"}
        for agent in self._adapter.playing():
            policy = self._random.get(agent)
            recorded[agent] = policy.sample() if policy is not None else self._actions[indices[agent]]
            played[agent] = self._convert[agent](recorded[agent])
        return recorded, played

    def play(self, given, seed=SEED):
        """One step, the row of which is returned; after the end of an episode, in the next one."""
        if self._done:
            self.episodes += 1
            self.start(seed + 1000 * self.episodes)
        return msgpack.decode(encode_row(self._advance(*self.choose(given))[1]))

    def fields(self):
        """The state by name, or None where it cannot be told; ``opaque`` says why."""
        if self.opaque is not None:
            return None
        try:
            return checkpoint.fields(self._save(), self.env)
        except Exception as error:
            self.opaque = brief(error)
            return None

    @property
    def humans(self):
        return [agent for agent, policy in self._policies.items() if policy == "human"]

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


def forget(folder) -> None:
    """Modules of the study's folder are loaded anew for every instance, as they are for every game."""
    if not folder:
        return
    inside = os.path.join(os.path.abspath(folder), "")
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and name != "__main__" and os.path.abspath(file).startswith(inside) and "site-packages" not in file:
            del sys.modules[name]


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


def run(probe, held, seconds, seed=SEED):
    """Play: yields each step's row and the state after it, until all is played or the time is over."""
    deadline = time.perf_counter() + seconds
    probe.start(seed)
    for given in held:
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


def switch(probe) -> None:
    """Another game's turn in this process: its module and its random generators, as a worker switches them."""
    sys.modules[MODULE] = probe.module
    snapshot.put_generators(*probe.generators)
