"""The multiplayer examples: in step on every copy, in native Python and in the browser's."""

import base64
import importlib.util
import json
import random
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from cooks import Cooks
from simulated import Player, copy_settings, play
from test_rollback import SCHEDULES, check

from greenroom import msgpack
from greenroom.checkpoint import hash_of
from greenroom.hashing import canonical
from greenroom.rollback import Rollback
from greenroom.simulation import Simulation

GAMES = {
    "volley": (("left", "right"), 6),
    "orchard": (("red", "blue", "green", "yellow"), 5),
    "orchard of three": (("red", "blue", "green"), 5),
    "overcooked": (("0", "1"), 7),
}


def folder_of(package):
    return str(Path(importlib.util.find_spec(package).origin).parent)


# What the browser's Python needs for Overcooked: vendored packages, and folders of installed ones of pure Python.
COGRID = {"packages": ["gymnasium"], "folders": [folder_of("cogrid"), folder_of("pettingzoo")]}


def natively(actions):
    """Actions as the environment itself takes them: its ids may be integers."""
    return {int(agent) if agent.isdigit() else agent: action for agent, action in actions.items()}


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
        one.env.step(natively({agent: source.randrange(actions) for agent in agents}))
    two.env.set_state(msgpack.decode(msgpack.encode(one.env.get_state())))
    for i in range(100):
        given = natively({agent: source.randrange(actions) for agent in agents})
        assert canonical(one.env.step(given)) == canonical(two.env.step(given))
    assert one.env.render()["objects"]
    given = natively(dict.fromkeys(agents, 1))
    assert one.env.advance(given) == two.env.step(given)[1:]  # neither drawing nor observing is part of the game
    assert hash_of(one._save(), one.env) == hash_of(one._save(), one.env)
    assert one.env.get_state() == two.env.get_state()


@pytest.mark.parametrize("name", [name for name in GAMES if name != "overcooked"])  # hands of chance serve no soup
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


def test_two_cooks_can_serve_soup():
    simulation = Simulation(code_of("overcooked"), "game.py", copy_settings(("0", "1"), 0, list(range(7)), 5000))
    simulation._start(3)
    cooks, source = Cooks(simulation.env), random.Random(4)
    frames, infos = set(), None
    while not simulation._done:
        # Now and then a step at random, so that they do not block each other for ever.
        given = {str(me): source.randrange(4) if source.random() < 0.15 else cooks.action(me) for me in (0, 1)}
        infos = simulation._advance(given, given)[1]["infos"]
        frames |= {item["frame"] for item in simulation.env.render()["objects"] if item["kind"] == "image"}
    soups = simulation.env.soups
    assert simulation._t == 750
    assert soups >= 5
    assert simulation._scores == {"0": 20.0 * soups, "1": 20.0 * soups}
    assert infos["0"]["soups"] == soups and simulation.env.get_hud_text() == f"{soups} soups served"
    known = json.loads((ROOT / "experiments" / "assets" / "overcooked" / "kitchen.json").read_text())["frames"]
    assert frames == set(known), "every sprite of the atlas is drawn, and no other"


@pytest.mark.parametrize("seed", range(max(2, SCHEDULES // 4)))
def test_a_kitchen_in_use_is_the_same_on_every_copy(seed, monkeypatch):
    """Cooks who go by their own copy's guesses: pots, plates and the hatch are rolled back."""
    chance, actions = random.Random(seed), [6, 0, 1, 2, 3, 4]  # the first is the default

    def key(player):
        if player.copy._frame % 3 != player.seat:  # acts again when it has seen what its last action did
            return None
        idle = chance.random() < 0.1
        return actions.index(chance.randrange(4) if idle else Cooks(player.copy.env).action(player.seat))

    monkeypatch.setattr(Player, "key", key)
    players, _ = check(
        code_of("overcooked"), ("0", "1"), actions, seed, max_steps=400, input_delay=1, max_prediction=8,
        snapshot_interval=1, hash_interval=20, record_observations=False, delays=[1, 2], jitter=1.0, stall=0,
    )  # fmt: skip
    assert max(player.deepest for player in players) >= 2
    assert players[0].output.scores["0"] >= 20


# ------------------------------------------------------------------------------------------------- in the browser


def test_the_browsers_python_gives_the_same_rows_and_hashes():
    """A player's ticks of a whole game under a bad network, played again in Pyodide: not a bit differs."""
    jobs, here = [], {}
    for name in ("volley", "orchard", "overcooked"):
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
            **(COGRID if name == "overcooked" else {}), "ticks": [encode(events) for events in ticks],
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
