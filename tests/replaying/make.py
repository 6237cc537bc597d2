"""Plays games as browsers do, and prints what the service would have heard of them, as JSON: inputs, rows and hashes.

    make.py alone|together CODE
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "python"), str(ROOT / "assets" / "python")]

from simulated import play  # noqa: E402

from greenroom import msgpack  # noqa: E402
from greenroom.engine import Engine  # noqa: E402

STEPS = 90


def settings(**changes) -> bytes:
    values = {
        "actions": [0, 1, 2], "default_action": 0, "fallback": "default_action", "max_steps": STEPS,
        "record_observations": True, "step_code": None,
    }  # fmt: skip
    return msgpack.encode({**values, **changes})


def alone(code, seed):
    engine = Engine(code, "game.py", settings(policies={"left": "human", "right": {"random": {"frame_skip": 2}}}))
    engine.reset(seed)
    rows = [engine.step(json.dumps({"left": t // 4 % 3})).row for t in range(STEPS)]
    return {"inputs": [], "rows": rows, "hashes": []}


def together(code, seed):
    # Copies over a network that makes them guess wrong and roll back.
    players, sequencer = play(code, ["left", "right"], [0, 1, 2], seed, max_steps=STEPS, hash_interval=30)
    host = players[0]
    assert host.deepest > 0, "nothing was rolled back"
    packed = [[given if isinstance(given, bytes) else msgpack.encode(given) for given in frame]
              for frame in sequencer.confirmed]  # fmt: skip
    return {"inputs": packed, "rows": host.rows, "hashes": host.hashes}


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    return value if not isinstance(value, (list, tuple)) else [plain(item) for item in value]


def main(kind, path, *seeds):
    code = Path(path).read_text(encoding="utf-8")
    played = [{"alone": alone, "together": together}[kind](code, int(seed)) for seed in seeds]
    print(json.dumps([{name: plain(value) for name, value in game.items()} for game in played]))


if __name__ == "__main__":
    main(*sys.argv[1:])
