"""What a frame of the environment costs, part by part: medians and the value that 99 of 100 stay below, in milliseconds."""

from __future__ import annotations

import time

from . import checkpoint, doctor_service, msgpack
from .doctor_probe import SEED
from .rollback import Rollback
from .rows import encode_row
from .simulation import Output

ROUNDS = 200
SECONDS = 4.0
# The first rounds fill caches, and Pyodide's first calls are slow.
WARM = 10


class Taken(dict):
    """Times of calls by name."""

    def time(self, kind, call, *arguments):
        start = time.perf_counter()
        result = call(*arguments)
        self.setdefault(kind, []).append(time.perf_counter() - start)
        return result

    def summary(self):
        return {kind: [quantile(times, 0.5), quantile(times, 0.99)] for kind, times in self.items()}


def quantile(times, part) -> float:
    times = sorted(times[WARM:] if len(times) > 4 * WARM else times)
    return 1000 * times[min(len(times) - 1, int(part * len(times)))]


def measure(patient) -> None:
    patient.report.progress("measures what a frame costs")
    taken, more = Taken(), {}
    parts(patient, taken, more)
    if patient.request["where"] == "browser":
        roll_back(patient, taken, more)
        for agent in patient.cast.elsewhere:
            where = "on the service" if patient.request["service"] else "in JavaScript"
            patient.report.note(f"The bot of agent {agent} is not part of the browser's times: it plays {where}")
    else:
        if not patient.request["streamed"]:
            roll_back(patient, taken, more)
        if patient.request["service"]:
            doctor_service.serve(patient, taken, more, SECONDS)
    patient.report.say(kind="costs", costs=taken.summary(), **more)


def parts(patient, taken, more) -> None:
    probe = patient.probe()
    probe._record_observations = patient.request["records"] and not probe.unstorable
    takes_state = patient.request["shared"] and not patient.request["streamed"]
    deadline = time.perf_counter() + SECONDS
    for number in range(ROUNDS):
        if probe._done:
            probe.start(SEED + number)
        given = patient.held[number % len(patient.held)]
        _, row = taken.time("step", probe._advance, *probe.choose(given))
        taken.time("row", encode_row, row)
        taken.time("render", draw, probe)
        if takes_state and number % 4 == 0:
            takes_state = state(probe, taken, more)
        if probe._adapter.can_advance and not probe._done:
            taken.time("advance", lambda: probe._advance(*probe.choose(given), quick=True))
        if time.perf_counter() > deadline:
            break


def draw(probe):
    output = Output(0, False, 0.0)
    probe._draw(output)
    return output


def state(probe, taken, more) -> bool:
    """Whether states can be taken."""
    try:
        saved = taken.time("capture", probe._save)
        taken.time("restore", probe._load, saved)
        taken.time("hash", checkpoint.hash_of, saved, probe.env)
        data = taken.time("to_bytes", checkpoint.to_bytes, probe._t, saved, probe.env)
    except Exception:
        return False  # said by the round trip
    more["state_bytes"] = max(len(data), more.get("state_bytes", 0))
    return True


def roll_back(patient, taken, more) -> None:
    """Ticks that find the oldest possible guess to be wrong: as far back as a copy ever goes."""
    group = patient.request["group"]
    settings = msgpack.decode(patient.cast.settings)
    if not group or settings.get("default_action") is None or len(settings["actions"]) < 2:
        return
    depth, default = group["max_prediction"], settings["default_action"]
    other = [index for index in range(len(settings["actions"])) if index != default]
    if patient.request["service"]:  # its bots are players like others
        settings["policies"] = dict.fromkeys(settings["policies"], "human")
    agents = [agent for agent in group["agents"] if settings["policies"][agent] == "human"]
    settings = {**settings, **group, "agents": agents, "me": 0, "input_delay": 0, "record_observations": False}
    try:
        copy = Rollback(patient.request["code"], patient.request["filename"], msgpack.encode(settings))
        ticks(copy, settings["actions"], default, other, depth, len(agents), taken)
    except Exception:
        return  # what keeps it from going back was said
    if "rollback" in taken:
        more["rollback_frames"] = depth


def ticks(copy, actions, default, other, depth, seats, taken) -> None:
    deadline = time.perf_counter() + SECONDS
    frame = None
    for number in range(60):
        if frame is None or copy._done or number % 20 == 0:
            copy.reset(SEED + number)
            frame = 0
        for _ in range(depth):
            output = copy.tick(msgpack.encode([["local", default], ["advance", True]]))
        if output.ending or output.done or output.waiting:
            frame = None
            continue
        wrong = [actions[other[(number + seat) % len(other)]] for seat in range(seats)]
        began = time.perf_counter()
        output = copy.tick(msgpack.encode([["draw", False], ["confirmed", frame, [wrong]]]))
        if output.depth == depth:
            taken.setdefault("rollback", []).append(time.perf_counter() - began)
        rest = [[actions[default]] * seats for _ in range(depth - 1)]
        copy.tick(msgpack.encode([["confirmed", frame + 1, rest], ["draw", True]]))
        frame += depth
        if time.perf_counter() > deadline:
            break
