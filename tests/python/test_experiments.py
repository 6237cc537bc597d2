"""Every example environment plays, repeats from its seed, and gives the same rows in the browser's Python."""

import base64
import json
import random
import subprocess
import sys
import time

import pytest
from conftest import COUNTER, ROOT, settings

from greenroom import msgpack, snapshot
from greenroom.engine import Engine
from greenroom.hashing import state_hash

STEPS = 300
ENVIRONMENTS = {
    "lantern": {"actions": list(range(9)), "default_action": 0},
    "mountain_car": {},
    "pixel_catch": {},
}


def code_of(name):
    return COUNTER.replace("length=5", "length=5000") if name == "counter" else path_of(name).read_text()


def path_of(name):
    return ROOT / "experiments" / "environments" / f"{name}.py"


def inputs_of(name, seed=11):
    source = random.Random(seed)
    count = len(ENVIRONMENTS.get(name, {}).get("actions", [0, 1, 2]))
    return [json.dumps({"human": source.choice([None, *range(count)])}) for _ in range(STEPS)]


def engine_of(name):
    return Engine(code_of(name), f"{name}.py", settings(**ENVIRONMENTS.get(name, {})))


def play(name, seed):
    engine = engine_of(name)
    engine.reset(seed, 0)
    rows, drawn, start = [], [], time.perf_counter()
    for given in inputs_of(name):
        output = engine.step(given)
        rows.append(output.row)
        drawn.append(output.draw or output.frame)
        if output.done:
            break
    tick = (time.perf_counter() - start) / len(rows)
    return engine, rows, drawn, tick


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_repeats_from_its_seed(name):
    _, rows, drawn, _ = play(name, seed=5)
    assert len(rows) == STEPS and all(drawn)
    assert play(name, seed=5)[1:3] == (rows, drawn)
    assert play(name, seed=6)[1] != rows


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_can_be_put_back(name):
    engine, *_ = play(name, seed=5)
    taken = snapshot.capture(engine.env)

    def onward():
        return [engine.env.step(i % 3)[:2] for i in range(60)]

    first = repr(onward())
    snapshot.restore(engine.env, taken)
    assert repr(onward()) == first


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_can_be_replayed(name):
    _, rows, _, _ = play(name, seed=5)
    engine = engine_of(name)
    engine.reset(5, 0)
    output = engine.replay(rows)
    assert (output.t, output.diverged) == (STEPS, None)


def test_lantern_has_a_state_that_is_plain_and_complete():
    engine, *_ = play("lantern", seed=5)
    state = msgpack.decode(msgpack.encode(engine.env.get_state()))
    twin = engine_of("lantern")
    twin.reset(99, 0)
    twin.env.set_state(state)
    assert state_hash(twin.env.get_state()) == state_hash(engine.env.get_state())
    for i in range(200):
        assert twin.env.step(i % 9) == engine.env.step(i % 9)


def test_lantern_can_be_won_and_lost():
    """A player who walks to the nearest firefly does far better than one who does not care."""
    scores = {}
    for name in ("chaser", "random"):
        engine = engine_of("lantern")
        env, source, done = engine.env, random.Random(1), False
        observation, _ = env.reset(seed=8)
        directions = sys.modules["greenroom_environment"].DIRECTIONS
        while not done:
            dx, dy = observation[6:8]
            action = max(range(9), key=lambda a: directions[a][0] * dx + directions[a][1] * dy)
            observation, _, _, done, info = env.step(action if name == "chaser" else source.randrange(9))
        scores[name] = info["score"]
    assert env.t == 35 * 30
    assert scores["chaser"] > 4 * max(1, scores["random"])


# ------------------------------------------------------------------------------------------------- in the browser


@pytest.fixture(scope="module")
def browser():
    """All environments, played in the vendored Pyodide under Node. The pure one goes first, without any package."""
    vendored = ROOT / "assets" / "vendor" / "pyodide" / "pyodide.mjs"
    assert vendored.exists(), "run `python3 scripts/vendor.py` first"
    jobs = []
    for name in ("counter", *ENVIRONMENTS):
        jobs.append({
            "name": name,
            "code": code_of(name),
            "filename": f"{name}.py",
            "settings": base64.b64encode(settings(**ENVIRONMENTS.get(name, {}))).decode(),
            "packages": [] if name in ("counter", "lantern") else ["gymnasium"],
            "seed": 5,
            "inputs": inputs_of(name),
        })  # fmt: skip
    script = ROOT / "tests" / "python" / "pyodide_node.mjs"
    done = subprocess.run(
        ["node", str(script)], input=json.dumps({"root": str(ROOT), "jobs": jobs}), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["counter", *ENVIRONMENTS])
def test_the_browsers_python_gives_the_same_rows(name, browser):
    job = browser["jobs"][name]
    there = [base64.b64decode(row) for row in job["rows"]]
    _, here, _, tick = play(name, seed=5)
    print(
        f"\n{name}: Pyodide load {browser['load_ms']:.0f} ms, start {job['start_ms']:.0f} ms, "
        f"tick {job['tick_us']:.0f} us; native tick {tick * 1e6:.0f} us; "
        f"rows that differ in any bit: {sum(a != b for a, b in zip(here, there))} of {len(here)}"
    )
    assert there == here
    assert (job["replayed_t"], job["diverged"]) == (STEPS, None)
