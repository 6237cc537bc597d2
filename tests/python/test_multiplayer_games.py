"""The multiplayer examples: in step on every copy, in native Python and in the browser's."""

import base64
import json
import random
import subprocess

import pytest
from conftest import ROOT
from simulated import copy_settings, play
from test_rollback import SCHEDULES, check

from greenroom import msgpack
from greenroom.checkpoint import hash_of
from greenroom.rollback import Rollback
from greenroom.simulation import Simulation

GAMES = {
    "volley": (("left", "right"), 6),
    "orchard": (("red", "blue", "green", "yellow"), 5),
    "orchard of three": (("red", "blue", "green"), 5),
}


def code_of(name):
    code = (ROOT / "experiments" / "environments" / f"{name.split()[0]}.py").read_text()
    return code.replace("PLAYERS = 4", "PLAYERS = 3") if name.endswith("three") else code


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("seed", range(max(2, SCHEDULES // 4)))
def test_every_copy_is_the_plain_run(name, seed):
    agents, actions = GAMES[name]
    players, _ = check(
        code_of(name), agents, list(range(actions)), seed, max_steps=200, hide=0.004, stall=0.03,
        fallback="previous_submitted_action", record_observations=bool(seed % 2),
    )  # fmt: skip
    assert max(player.deepest for player in players) >= 2


@pytest.mark.parametrize("name", GAMES)
def test_the_state_is_plain_and_complete(name):
    agents, actions = GAMES[name]
    scene = copy_settings(agents, 0, list(range(actions)), 5000)
    one, two = (Simulation(code_of(name), "game.py", scene) for _ in range(2))
    source = random.Random(1)
    one._start(3), two._start(4)
    for i in range(300):
        given = {agent: source.randrange(actions) for agent in agents}
        one.env.step(given)
    two.env.set_state(msgpack.decode(msgpack.encode(one.env.get_state())))
    for i in range(100):
        given = {agent: source.randrange(actions) for agent in agents}
        assert one.env.step(given) == two.env.step(given)
    assert one.env.render()["objects"]
    given = dict.fromkeys(agents, 1)
    assert one.env.advance(given) == two.env.step(given)[1:]  # neither drawing nor observing is part of the game
    assert hash_of(one._save(), one.env) == hash_of(one._save(), one.env)
    assert one.env.get_state() == two.env.get_state()


@pytest.mark.parametrize("name", GAMES)
def test_an_episode_ends_and_can_be_won(name):
    agents, actions = GAMES[name]
    scene = copy_settings(agents, None, list(range(actions)), 5000)
    simulation = Simulation(code_of(name), "game.py", scene)
    simulation._start(2)
    source, keys = random.Random(5), dict.fromkeys(agents, 0)
    while not simulation._done:
        for agent in agents:
            if source.random() < 0.2:
                keys[agent] = source.randrange(actions)
        simulation._advance(keys, keys)
    assert 400 <= simulation._t <= 1200
    assert any(score > 0 for score in simulation._scores.values())


def test_a_ball_that_nobody_plays_is_a_point_for_the_other_side():
    simulation = Simulation(code_of("volley"), "game.py", copy_settings(("left", "right"), 0, [0], 5000))
    simulation._start(1)
    env = simulation.env
    env.players["left"]["x"] = env.players["right"]["x"] = 10_000
    rewards = {"left": 0.0}
    while not any(rewards.values()):
        env.players["left"]["x"], env.players["right"]["x"] = 34, 606
        rewards, *_ = env.advance({"left": 0, "right": 0})
    loser = min(rewards, key=rewards.get)
    assert rewards[loser] == -1 and sum(rewards.values()) == 0
    assert env.pause == 30 and env.points[loser] == 0


# ------------------------------------------------------------------------------------------------- in the browser


def test_the_browsers_python_gives_the_same_rows_and_hashes():
    """A player's ticks of a whole game under a bad network, played again in Pyodide: not a bit differs."""
    jobs, here = [], {}
    for name in ("volley", "orchard"):
        agents, actions = GAMES[name]
        ticks = []
        original = Rollback.tick

        def recorded(copy, events, original=original, ticks=ticks):
            if copy._me == 0:
                ticks.append(bytes(events))
            return original(copy, events)

        Rollback.tick = recorded
        try:
            changes = {"fallback": "previous_submitted_action", "hash_interval": 10, "slice_ms": 10_000}
            play(code_of(name), agents, list(range(actions)), 7, max_steps=200, stall=0.05, **changes)
        finally:
            Rollback.tick = original
        scene = copy_settings(agents, 0, list(range(actions)), 200, **changes)
        copy = Rollback(code_of(name), "game.py", scene)
        copy.reset(7)
        here[name] = [described(copy.tick(events)) for events in ticks]
        encode = lambda data: base64.b64encode(data).decode()  # noqa: E731
        jobs.append({
            "name": name, "code": code_of(name), "settings": encode(scene), "seed": 7,
            "ticks": [encode(events) for events in ticks],
        })  # fmt: skip
    script = ROOT / "tests" / "python" / "rollback_node.mjs"
    asked = json.dumps({"root": str(ROOT), "jobs": jobs})
    done = subprocess.run(["node", str(script)], input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    there = json.loads(done.stdout)
    for name in here:
        assert any(json.loads(tick)[2] for tick in here[name]), "no rollback was played"
        assert there[name] == here[name]


def described(output):
    rows = [row.hex() for row in output.rows]
    return json.dumps([
        output.t, output.confirmed, output.depth, output.replayed, output.waiting, output.done, rows, output.hashes,
        output.send and output.send.hex(), output.scores, output.timing,
    ])  # fmt: skip
