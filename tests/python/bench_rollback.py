"""What a rollback costs beside a step: ``python tests/python/bench_rollback.py``. Under Pyodide it runs unchanged (see
``bench_rollback_pyodide.mjs``)."""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "assets" / "python"))

from greenroom import msgpack  # noqa: E402
from greenroom.rollback import Rollback  # noqa: E402

GAMES = {"volley": (("left", "right"), 6), "orchard": (("red", "blue", "green", "yellow"), 5)}
DEPTH = 8


def median(times):
    """In microseconds."""
    return sorted(times)[len(times) // 2] * 1e6


def measure(name, code, rounds=200):
    agents, actions = GAMES[name]
    settings = {
        "actions": list(range(actions)), "default_action": 0, "fallback": "previous_submitted_action",
        "policies": dict.fromkeys(agents, "human"), "max_steps": 100_000, "record_observations": False,
        "agents": list(agents), "me": 0, "max_prediction": DEPTH,
    }  # fmt: skip
    copy = Rollback(code, f"{name}.py", msgpack.encode(settings))
    copy.reset(1)
    # Steps alone, ticks as they are in a quiet game, and ticks that find the oldest possible guess to be wrong.
    taken = {"step": [], "tick": [], "rollback": [], "snapshot": [], "hash": []}
    clock = time.perf_counter

    def timed(kind, call, *arguments):
        start = clock()
        result = call(*arguments)
        taken[kind].append(clock() - start)
        return result

    step = getattr(copy.env, "advance", copy.env.step)
    native = dict.fromkeys(agents, 1)
    for _ in range(rounds):
        timed("step", step, native)
        timed("snapshot", copy._save)
    for i in range(rounds):
        if i % 40 == 0:  # long before the episode ends
            copy.reset(1)
            frame = 0
        for _ in range(DEPTH):
            timed("tick", copy.tick, msgpack.encode([["local", 1], ["advance", True]]))
        # The bound is reached. One frame is confirmed, its input was not the one guessed, and the clock goes on.
        wrong = [[1 + (i + seat) % 2 for seat in range(len(agents))]]
        output = timed("rollback", copy.tick, msgpack.encode([["draw", False], ["confirmed", frame, wrong]]))
        assert output.depth == DEPTH
        rest = [[0] * len(agents) for _ in range(DEPTH - 1)]
        output = copy.tick(msgpack.encode([["confirmed", frame + 1, rest], ["draw", True]]))
        frame += DEPTH
    from greenroom.checkpoint import hash_of

    for _ in range(20):
        timed("hash", hash_of, copy._save(), copy.env)
    return {kind: median(times) for kind, times in taken.items()} | {"longest": max(taken["rollback"]) * 1e6}


def report(measured, where):
    for name, us in measured.items():
        print(
            f"{where} {name}: env step {us['step']:.0f} us, tick with picture {us['tick']:.0f} us, "
            f"rollback of {DEPTH} frames {us['rollback']:.0f} us (longest {us['longest']:.0f}), "
            f"snapshot {us['snapshot']:.0f} us, hash {us['hash']:.0f} us"
        )


if __name__ == "__main__":
    environments = ROOT / "experiments" / "environments"
    report({name: measure(name, (environments / f"{name}.py").read_text()) for name in GAMES}, "native")
