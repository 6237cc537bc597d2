"""The examinations of ``greenroom check``: does an environment keep what a game needs of it?

The service starts this in a process of its own, so that an environment that hangs or crashes takes nothing with it; and
the same file in the browser's Python (Pyodide, under Node). A request is a JSON object:

``phases``    which of ``PHASES``, in order
``code``, ``filename``, ``folder``, ``settings``   the scene's environment; settings as for ``Engine``, in hexadecimal
``shared``    whether states are ever taken: a game of several people, or one that the service runs
``service``   whether the service runs the environment
``streamed``  whether it alone does, and browsers get pictures
``group``     settings that ``Rollback`` and ``Runner`` need besides, or null
``models``    by agent the file of its network
``packages``  what is to be installed
``trace``     the file to which ``repeat`` writes what was played, and from which ``agree`` reads it
``where``     which Python this is: "process" or "browser"

Bots play as they do in the game. Only where their network or function runs elsewhere, or cannot run, random actions
stand in for it, or, in ``agree``, what they did in the recorded game.

What is found goes out as JSON lines: ``{"kind": "progress"}``, ``{"kind": "finding", "level", "text"}``,
``{"kind": "costs", "costs": {name: [median, p99]}, ...}`` in milliseconds. Levels: "ok", "note", "advice" and "problem".
"""

from __future__ import annotations

import functools
import json
import math
import os
import re
import sys
import warnings

from . import checkpoint, doctor_bots, doctor_costs, doctor_service, msgpack, snapshot
from .doctor_probe import (
    ROUNDING, SEED, STEPS, Probe, Report, brief, compare, distance, inputs, named, plain, run, short, unlike,
)  # fmt: skip
from .simulation import Output

# Seconds for one run through the steps; a slow environment plays fewer.
RUN = 10.0
BROWSER_RUN = 20.0
# A round trip plays so many steps, twice.
TRIP = 20
TRACE_LIMIT = 24 << 20


class Patient:
    """One environment under examination, and what is known of it so far."""

    def __init__(self, request, report):
        self.request, self.report = request, report
        self.held = inputs(request, request.get("steps", STEPS))
        self.trace: list = []  # (row, fields) of the first run
        self.drawn = False

    @functools.cached_property
    def cast(self):
        """Who plays the bots."""
        return doctor_bots.Cast(self.request)

    def grave(self, text) -> None:
        """A fault of the state: only some games ever take it."""
        if self.request["streamed"]:
            self.report.advice(f"{text}. It matters only if a game has to go on in another process of the service")
        elif self.request["shared"]:
            self.report.problem(text)
        else:
            self.report.note(text)

    def probe(self, start=True):
        probe = Probe(self.request, self.cast.settings, self.cast.runs)
        if start:
            probe.start(SEED)
        return probe


# ---------------------------------------------------------------------------------------------------- it plays


def load(patient) -> None:
    """It loads, resets, steps and draws; actions, observations and rewards are what they should be."""
    report, request = patient.report, patient.request
    report.progress("loads, resets and plays")
    probe = patient.probe(start=False)
    probe.start(SEED)
    if probe.unstorable and request["records"]:
        report.problem(
            f"its observations cannot be recorded: {probe.unstorable}. Return numbers, texts, lists, dicts or arrays, "
            "or set data(record_observations=False)"
        )
    spaces = {agent: probe.space("observation_space", agent) for agent in probe._policies}
    outside: set = set()
    odd: set = set()
    steps = 0
    for row, _ in played(patient, probe):
        steps += 1
        for agent, reward in row["rewards"].items():
            if not math.isfinite(reward) and agent not in odd:
                odd.add(agent)
                report.problem(f"the reward of {agent} is {reward} at step {row['t']}; it must be a finite number")
        for agent, space in spaces.items():
            seen = (probe._observations or {}).get(agent)
            if space is None or seen is None or agent in outside or not callable(getattr(space, "contains", None)):
                continue
            if not fits(space, seen):
                outside.add(agent)
                report.advice(
                    f"the observation of {agent} is not in its observation space at step {row['t']}: "
                    f"{reason(space, seen)}"
                )
    agents = ", ".join(probe._policies)
    report.ok(f"loads, resets and plays {steps} steps (agent{'s' * (len(probe._policies) > 1)} {agents})")
    if not patient.drawn:
        report.advice("render() draws nothing: whoever plays sees an empty picture")
    for agent, name in patient.cast.functions.items():
        report.ok(f"the function {name} plays agent {agent}")


def played(patient, probe):
    for number, (row, fields) in enumerate(run(probe, patient.held[:60], RUN)):
        if number % 6 == 0:
            output = Output(0, False, 0.0)
            probe._draw(output)
            probe._asset_specs()
            patient.drawn = patient.drawn or bool(output.draw or output.frame)
            if output.trouble:
                what = told_shortly(output.trouble)
                patient.report.problem(f"the text above the game fails, and would not be shown: {what}")
        yield row, fields


def told_shortly(traceback: str) -> str:
    """The last line of a traceback, and where it happened."""
    lines = traceback.splitlines()
    places = [line.strip() for line in lines if line.startswith("  File ")]
    return f"{lines[-1]} ({places[-1]})" if places else lines[-1]


def fits(space, value) -> bool:
    try:
        return bool(space.contains(value))
    except Exception:
        return False


def reason(space, value) -> str:
    shape, kind = getattr(value, "shape", None), getattr(value, "dtype", None)
    if kind is not None and getattr(space, "dtype", kind) != kind:
        return f"it is of type {kind}, the space of {space.dtype}"
    if shape is not None and getattr(space, "shape", shape) != shape:
        return f"it has the shape {shape}, the space {space.shape}"
    return f"{short(value, 60)} is not in {short(space, 60)}"


def checkers(patient) -> None:
    """Gymnasium's and PettingZoo's own checkers, on instances of their own."""
    report = patient.report
    env = patient.probe(start=False).env
    gymnasium, pettingzoo = sys.modules.get("gymnasium"), sys.modules.get("pettingzoo")
    if gymnasium and isinstance(env, gymnasium.Env):
        report.progress("Gymnasium's own checker")
        from gymnasium.utils.env_checker import check_env

        consult(report, "Gymnasium's checker", lambda: check_env(env.unwrapped, skip_render_check=True))
    elif pettingzoo and isinstance(env, pettingzoo.ParallelEnv):
        report.progress("PettingZoo's own checker")
        from pettingzoo.test import parallel_api_test

        consult(report, "PettingZoo's checker", lambda: parallel_api_test(env, num_cycles=100))
    else:
        report.note("it derives from neither gymnasium.Env nor pettingzoo.ParallelEnv, so their own checkers do not apply")


def consult(report, name, check) -> None:
    said = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            check()
        except Exception as error:
            said.append(plain_text(error if str(error) else brief(error)))
    said = [*dict.fromkeys([*said, *(plain_text(warning.message) for warning in caught)])]
    for text in said[:6]:
        report.advice(f"{name} says: {text}")
    if len(said) > 6:
        report.advice(f"{name} says {len(said) - 6} things more")
    if not said:
        report.ok(f"{name} is content")


def plain_text(message, limit=220) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(message)).replace("WARN: ", "")
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


# ---------------------------------------------------------------------------------------------------- it repeats


def repeat(patient) -> None:
    """Two instances with one seed and the same actions play the same game; another seed plays another one."""
    report = patient.report
    report.progress("plays the same game twice")
    probe = patient.probe(start=False)
    patient.trace = list(run(probe, patient.held, RUN))
    steps = len(patient.trace)
    if probe.opaque and not patient.request["streamed"]:
        patient.grave(f"its state cannot be taken: {probe.opaque}")
    again = patient.probe(start=False)
    found = infos = None
    for number, (ours, theirs) in enumerate(zip(patient.trace, run(again, patient.held[:steps], 3 * RUN))):
        found = compare(ours, theirs)
        if found:
            break
        for difference in () if infos else unlike(ours[0]["infos"], theirs[0]["infos"], ("infos",)):
            infos = f"from step {number} on: {named(difference)}"
            break
    if found:
        report.problem(
            f"two games with the same seed and the same actions differ from step {number} on: {found}. Draw random numbers "
            "only from generators that reset(seed=...) seeds, and do not use the time or the order of a set"
        )
        # What follows compares runs, too, and would only find the same again.
        patient.trace = []
        return
    if infos:
        report.advice(f"two games with the same seed give different infos {infos}")
    fewer = f" (it is slow: no more in {RUN:.0f} s)" if steps < len(patient.held) else ""
    report.ok(f"the same seed and actions give the same game, {steps} steps{fewer}")
    write_trace(patient)
    other = patient.probe(start=False)
    few = min(steps, 100)
    pairs = zip(patient.trace[:few], run(other, patient.held[:few], RUN, SEED + 1))
    if not any(compare(ours, theirs, seeds=True) for ours, theirs in pairs):
        report.advice(f"another seed gives the same game, for {few} steps at least: reset(seed=...) may not use the seed")


def differs(trace, steps):
    for number, (ours, theirs) in enumerate(zip(trace, steps)):
        text = compare(ours, theirs)
        if text:
            return number, text
    return None


def write_trace(patient) -> None:
    """What was played, for another process and another Python to play it again."""
    if not patient.request.get("trace"):
        return
    lines, size = [], 0
    for row, fields in patient.trace:
        line = msgpack.encode([row, None if fields is None else plain(fields)])
        size += len(line)
        if size > TRACE_LIMIT:
            break
        lines.append(line)
    with open(patient.request["trace"], "wb") as file:
        file.write(msgpack.encode(lines))


def agree(patient) -> None:
    """The recorded game once more: in another process, as in another browser of the same kind; or in the browser's
    Python."""
    report, browser = patient.report, patient.request["where"] == "browser"
    report.progress("plays the same game in " + ("the browser's Python" if browser else "another process"))
    with open(patient.request["trace"], "rb") as file:
        trace = [msgpack.decode(line) for line in msgpack.decode(file.read())]
    probe = patient.probe(start=False)
    if browser:
        probe.fields = lambda: None
    steps, largest, count = 0, (0.0, ""), len(trace)
    followed = patient.cast.elsewhere if browser else ()
    plays = run(probe, patient.held[:count], BROWSER_RUN, rows=[row for row, _ in trace], followed=followed)
    for (row, fields), (again, others) in zip(trace, plays):
        others = None if others is None else plain(others)
        pairs = list(unlike(without(row), without(again)))
        if not browser and fields is not None and others is not None:
            pairs += [(("state", *path), a, b) for path, a, b in unlike(fields, others)]
        for difference in pairs:
            apart = distance(*difference[1:])
            if apart > ROUNDING or not browser:
                disagree(patient, steps, named(difference))
                return
            largest = max(largest, (apart, named(difference)))
        steps += 1
    by = f"; {' and '.join(followed)} did as in native Python" if followed else ""
    if not browser:
        report.ok("the same game in another process, with other hashes of texts")
    elif largest[0] > 0:
        report.ok(
            f"the browser's Python plays the same {steps} steps up to rounding (largest relative difference "
            f"{largest[0]:.0e}, {largest[1]}{by})"
        )
    else:
        report.ok(f"the browser's Python plays exactly the same {steps} steps{by}")


def without(row):
    return {name: row[name] for name in ("observations", "rewards", "terminateds", "truncateds") if name in row}


def disagree(patient, step, text) -> None:
    report, request = patient.report, patient.request
    if request["where"] != "browser":
        report.problem(
            f"another process plays another game from step {step} on: {text}. Something depends on the process, such as "
            "the order of a set of texts, hash(), or id()"
        )
        return
    text = f"the browser's Python plays another game from step {step} on (here and there): {text}"
    if request["service"]:
        report.problem(f"{text}. The copies in the browsers would be corrected all the time")
    else:
        report.advice(f"{text}. Replays outside the browser will not match the data")


# ---------------------------------------------------------------------------------------------------- its state


def trip(patient) -> None:
    """Taken, played on, put back and played again; and put into a fresh instance."""
    report, request = patient.report, patient.request
    if request["streamed"]:
        doctor_service.go_on(patient)
        return
    if not patient.trace or patient.trace[0][1] is None:
        return  # told already: it does not repeat, or its state cannot be taken
    report.progress("takes states and puts them back")
    probe = patient.probe()
    own = snapshot.knows_its_state(snapshot.layers_of(probe.env)[-1])
    how = "get_state() and set_state()" if own else "a copy of all attributes, for it has no get_state() and set_state()"
    begun, changed, size, trips = _now(), set(), 0, 0
    for at, given in enumerate(patient.held[:220]):
        if at in (0, 1, 40, 120, 200) and _now() - begun < RUN:
            if probe._done:
                probe.start(SEED + at)
            trips += 1
            result = one_trip(patient, probe, at, own, changed)
            if result is None:
                return
            size = max(size, result)
        probe.play(given)
        if _now() - begun > RUN:
            break
    for name in sorted(changed):
        patient.grave(
            f"the attribute {name} changes, but it is an object that other copies never see (see unseen): keep what "
            "decides the game in plain values, or offer get_state() and set_state(state)"
        )
    if not changed:
        report.ok(f"its state goes back exactly, {trips} times, and into a new copy ({bytes_of(size)}; by {how})")
        if not own and request["shared"]:
            report.advice("get_state() and set_state(state) would make going back faster and its state smaller")


def bytes_of(size) -> str:
    return f"{size} bytes" if size < 1000 else f"{size / 1000:.1f} kB"


def one_trip(patient, probe, at, own, changed):
    """The size of the state sent, or None where the trip failed; that was said."""
    report, held = patient.report, (patient.held[at:] + patient.held)[:TRIP]
    try:
        saved = probe._save()
        before = attributes(probe)
    except Exception as error:
        patient.grave(f"its state cannot be taken at step {at}: {brief(error)}")
        return None
    hidden = {} if own else unseen(saved)
    first = onward(probe, held)
    if hidden:
        changed.update(name for name, was in unseen(probe._save()).items() if hidden.get(name, was) != was)
    probe._load(saved)
    lost = [name for name, was in before.items() if attributes(probe).get(name) != was]
    again = onward(probe, held)
    found = differs(first, again)
    probe._load(saved)
    if found:
        # Going back is the one thing that every shared game needs.
        hint = f". Not brought back: {', '.join(sorted(lost)[:8])}" if lost else ""
        patient.grave(
            f"after going back to step {at} it does not play the same again; at step {at + found[0]}: {found[1]}{hint}. "
            + ("get_state() must contain everything that decides how the game goes on" if own else
               "Give the environment get_state() and set_state(state)")
        )  # fmt: skip
        return None
    # What another browser gets, or a process that is started anew.
    try:
        data = checkpoint.to_bytes(at, saved, probe.env)
        fresh = patient.probe(start=False)
        fresh.start(probe.seed)
        fresh._load(checkpoint.from_bytes(data, fresh.env, probe._seeded)[1])
        fresh._observations = probe._observations
        first_seen = onward(fresh, held)
    except Exception as error:
        patient.grave(f"its state at step {at} cannot be put into a new copy: {brief(error)}")
        return None
    found = differs(stripped(first), stripped(first_seen))
    if found:
        patient.grave(
            f"a new copy that was given the state of step {at} plays differently; at step {at + found[0]}: {found[1]}. "
            "Something that decides the game is outside of the state: in another object, in the module or in a class"
        )
        return None
    probe._load(saved)
    probe._observations = saved.observations
    return len(data)


def stripped(steps):
    """The first observation was made before the state was taken."""
    return [
        ({name: part for name, part in row.items() if n or name != "observations"}, fields)
        for n, (row, fields) in enumerate(steps)
    ]


def onward(probe, held):
    """Up to the end of the episode, at most."""
    steps = []
    for given in held:
        if probe._done:
            break
        steps.append((probe.play(given), probe.fields()))
    return steps


def attributes(probe):
    return {
        name: plain({name: value})
        for layer in snapshot.layers_of(probe.env)
        for name, value in checkpoint._visible(snapshot.attributes(layer)).items()
    }


def unseen(saved):
    """Attributes that hashes do not see, by what they are now."""
    import copy
    import pickle

    states = {}
    for kind, state, _ in saved.world.layers:
        if kind != "copied":
            continue
        values = state.thaw()
        for name in set(values) - set(checkpoint._visible(values)):
            try:
                states[name] = pickle.dumps(copy.deepcopy(values[name]))
            except Exception:
                pass  # what cannot be pickled is some library's, such as a window
    return states


# ---------------------------------------------------------------------------------------------------- two at once


def apart(patient) -> None:
    """Two games in one process, turn by turn, are what they are alone."""
    report = patient.report
    if not patient.trace:
        return
    report.progress("plays two games at once")
    count = min(len(patient.trace), 120)
    others = inputs(patient.request, count, SEED + 5)
    before = set(sys.modules)
    one, two = patient.probe(start=False), patient.probe(start=False)
    libraries = None
    begun = _now()
    for number in range(count):
        for probe, held, seed in ((one, patient.held, SEED), (two, others, SEED + 5)):
            if number == 0:
                probe.start(seed)
            step = probe.play(held[number], seed), probe.fields()
            if probe is one:
                text = compare(patient.trace[number], step)
                if text:
                    libraries = shared_state(patient, before)
                    influence(patient, number, text, libraries)
                    return
        if _now() - begun > RUN:
            break
    report.ok("two games in one Python do not influence each other")


def influence(patient, number, text, libraries) -> None:
    say = patient.report.problem if patient.request["service"] else patient.report.note
    by = f" (these change while it plays: {', '.join(libraries[:6])})" if libraries else ""
    say(
        f"two games in one Python influence each other at step {number}: {text}. They share state through an installed "
        f"module{by}. On the service, games share a Python"
    )


def shared_state(patient, before):
    """Values of modules and classes, other than the environment's own, that change while it plays."""
    probe = patient.probe()
    watched = [
        module for name, module in list(sys.modules.items())
        if getattr(module, "__file__", None) and installed(module.__file__) and name.split(".")[0] not in IGNORED
    ]  # fmt: skip
    was = values_of(watched)
    onward(probe, patient.held[:40])
    now = values_of(watched)
    return sorted(name for name, value in was.items() if now.get(name, value) != value)


IGNORED = {"greenroom", "numpy", "pytest", "_pytest", "pluggy", "pip"}


def installed(file) -> bool:
    return not file.startswith((os.path.dirname(os.__file__) + os.sep, "/lib/python")) or "site-packages" in file


def values_of(modules):
    kept = {}
    for module in modules:
        for name, value in list(vars(module).items()):
            if name.startswith("__"):
                continue
            if isinstance(value, (bool, int, float, str, list, dict, set)):
                kept[f"{module.__name__}.{name}"] = short(value, 4000)
            elif isinstance(value, type) and value.__module__ == module.__name__:
                for part, inner in list(vars(value).items()):
                    if not part.startswith("__") and isinstance(inner, (int, float, str, list, dict, set)):
                        kept[f"{module.__name__}.{name}.{part}"] = short(inner, 4000)
    return kept


def _now() -> float:
    import time

    return time.perf_counter()


# ---------------------------------------------------------------------------------------------------- all of it


def costs(patient) -> None:
    doctor_costs.measure(patient)


def bots(patient) -> None:
    doctor_bots.examine(patient)


PHASES = {
    "bots": bots, "load": load, "checkers": checkers, "repeat": repeat, "trip": trip, "apart": apart, "agree": agree,
    "costs": costs,
}  # fmt: skip


def examine(request, write) -> None:
    """All phases of a request. ``write`` takes JSON lines."""
    report = Report(write)
    patient = Patient(request, report)
    for name in request["phases"]:
        try:
            PHASES[name](patient)
        except ModuleNotFoundError as error:
            report.say(kind="missing", module=str(error.name), text=brief(error))
            break
        except Exception as error:
            report.problem(f"while it {DOING[name]}: {brief(error)}")
            break
    report.say(kind="end")


DOING = {
    "bots": "looked at the bots", "load": "played", "checkers": "was given to its library's own checker",
    "repeat": "played the same game twice", "trip": "told its state and went back to earlier ones",
    "apart": "played two games at once", "agree": "played the same game elsewhere", "costs": "was measured",
}  # fmt: skip


def main() -> None:
    """A process of its own: the request on standard input, lines to standard output. What the environment prints is
    taken for an error message and goes to standard error."""
    lines = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.read())
    examine(request, lambda line: print(line, file=lines))
    lines.flush()
    os._exit(0)  # whatever threads and windows the environment has left behind


def examine_text(request: str, write) -> None:
    """``examine``, for JavaScript."""
    examine(json.loads(request), write)
