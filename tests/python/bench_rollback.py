"""What a rollback costs beside a step: ``python tests/python/bench_rollback.py [GAME ...]``. Under Pyodide it runs
unchanged (see ``bench_rollback_pyodide.mjs``). A game whose package is not installed is left out."""

import importlib.util
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "assets" / "python"))

from greenroom import msgpack  # noqa: E402
from greenroom.checkpoint import hash_of  # noqa: E402
from greenroom.rollback import Rollback  # noqa: E402

# Agents, number of actions, frames between two snapshots, package.
GAMES = {
    "volley": (("left", "right"), 6, 3, None),
    "orchard": (("red", "blue", "green", "yellow"), 5, 3, None),
    "overcooked": ((0, 1), 7, 1, "cogrid"),
}
DEPTHS = (4, 8)


def median(times):
    """In microseconds."""
    return sorted(times)[len(times) // 2] * 1e6


def timed(taken, call, *arguments):
    start = time.perf_counter()
    result = call(*arguments)
    taken.append(time.perf_counter() - start)
    return result


def copy_of(name, code, depth):
    agents, actions, interval, _ = GAMES[name]
    settings = {
        "actions": list(range(actions)), "default_action": 0, "fallback": "previous_submitted_action",
        "policies": {str(agent): "human" for agent in agents}, "max_steps": 100_000, "record_observations": False,
        "agents": [str(agent) for agent in agents], "me": 0, "max_prediction": depth, "snapshot_interval": interval,
    }  # fmt: skip
    copy = Rollback(code, f"{name}.py", msgpack.encode(settings))
    copy.reset(1)
    return copy


def measure(name, code, rounds=200):
    """Medians of single calls and of ticks, by name."""
    copy = copy_of(name, code, DEPTHS[0])
    taken = {kind: [] for kind in ("step", "advance", "render", "snapshot", "restore", "hash")}
    given = dict.fromkeys(GAMES[name][0], 1)
    for _ in range(rounds):
        timed(taken["step"], copy.env.step, given)
        timed(taken["advance"], copy.env.advance, given)
        timed(taken["render"], copy.env.render)
        saved = timed(taken["snapshot"], copy._save)
        timed(taken["restore"], copy._load, saved)
    for _ in range(20):
        timed(taken["hash"], hash_of, copy._save(), copy.env)
    measured = {kind: median(times) for kind, times in taken.items()}
    for depth in DEPTHS:
        ticks, rollbacks = roll_back(name, copy_of(name, code, depth), depth, rounds)
        measured["tick"] = median(ticks)
        measured[f"rollback of {depth}"] = median(rollbacks)
        measured[f"longest of {depth}"] = max(rollbacks) * 1e6
    return measured


def roll_back(name, copy, depth, rounds):
    """Ticks as they are in a quiet game, and ticks that find the oldest possible guess to be wrong."""
    ticks, rollbacks = [], []
    agents = GAMES[name][0]
    for i in range(rounds):
        if i % 40 == 0:  # long before the episode ends
            copy.reset(1)
            frame = 0
        for _ in range(depth):
            timed(ticks, copy.tick, msgpack.encode([["local", 1], ["advance", True]]))
        # The bound is reached. One frame is confirmed, its input was not the one guessed, and the clock goes on.
        wrong = [[1 + (i + seat) % 2 for seat in range(len(agents))]]
        output = timed(rollbacks, copy.tick, msgpack.encode([["draw", False], ["confirmed", frame, wrong]]))
        assert output.depth == depth
        rest = [[0] * len(agents) for _ in range(depth - 1)]
        copy.tick(msgpack.encode([["confirmed", frame + 1, rest], ["draw", True]]))
        frame += depth
    return ticks, rollbacks


def report(measured, where):
    for name, us in measured.items():
        parts = [f"{kind} {us[kind]:.0f}" for kind in ("step", "advance", "render", "snapshot", "restore", "hash")]
        parts.append(f"tick with picture {us['tick']:.0f}")
        for depth in DEPTHS:
            cost, longest = us[f"rollback of {depth}"], us[f"longest of {depth}"]
            parts.append(f"rollback of {depth} {cost:.0f} = {cost / us['step']:.1f} steps (longest {longest:.0f})")
        print(f"{where} {name}, us: {', '.join(parts)}")


def playable(names):
    return [name for name in names if GAMES[name][3] is None or importlib.util.find_spec(GAMES[name][3])]


def main(names, where):
    environments = ROOT / "experiments" / "environments"
    for name in playable(names or GAMES):
        report({name: measure(name, (environments / f"{name}.py").read_text())}, where)


if __name__ == "__main__":
    main(sys.argv[1:], "native")
