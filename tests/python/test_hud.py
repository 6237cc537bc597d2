"""The text above the game: each player's own in every mode, in no record, and no end of a game when it fails."""

import json

import pytest
from conftest import settings
from hosted import game, learnt, scene
from simulated import copy_settings, straight

from greenroom import msgpack
from greenroom.engine import Engine
from greenroom.errors import EnvironmentContractError
from greenroom.replaying import Replay
from greenroom.rollback import Rollback

PAIR = ("left", "right")
GAME = """
import random
class Game:
    agents = possible_agents = ["left", "right"]
    def reset(self, *, seed=None):
        self.t = 0
        return {"left": 0, "right": 0}, {"left": {}, "right": {}}
    def step(self, actions):
        self.t += 1
        no = {"left": False, "right": False}
        drawn = {"left": random.random(), "right": 1.0}
        return {"left": 0, "right": 0}, drawn, no, no, {"left": {}, "right": {}}
    def render(self):
        return [{"id": "ball", "kind": "circle", "x": self.t, "y": 1, "radius": 2, "persistent": False, "depth": 0}]
    def get_state(self):
        return {"t": self.t}
    def set_state(self, state):
        self.t = state["t"]
    def above(self, agent):
        return f"{agent} of {self.t}, by method"
def above_all(env, agent):
    random.random()  # what draws takes numbers, too
    return f"{agent} at {env.t}"
def broken(env, agent):
    if env.t == 2:
        raise ValueError("no words")
    return agent
def number(env, agent):
    return 7
env = Game()
"""


def copy(name, me=0):
    made = Rollback(GAME, "game.py", copy_settings(PAIR, me, [0, 1, 2], 30, hud_text_fn=name))
    return made, made.reset(1, 0)


def tick(made, first, count=1):
    frames = [[msgpack.encode(0)] * 2] * count
    return made.tick(msgpack.encode([["confirmed", first, frames]]))


@pytest.mark.parametrize(("name", "text"), [("above_all", "{} at {}"), ("above", "{} of {}, by method")])
def test_each_player_reads_its_own_in_every_mode(name, text):
    for me, agent in enumerate(PAIR):
        made, start = copy(name, me)
        assert start.hud == text.format(agent, 0)
        assert tick(made, 0, 3).hud == text.format(agent, 3)
    played = game(learnt(GAME, scene(PAIR, hud_text_fn=name), pictures=True), "one", 1, [range(3)] * 2)
    turn = played.step(2)
    (shown,) = turn.pictures  # one picture for both, with the words of each
    assert [(seats, hud) for seats, hud, _ in shown.own] == [(1, text.format("left", 2)), (2, text.format("right", 2))]
    assert [score for *_, score in shown.own][1] == 2.0
    again = Replay(GAME, "game.py", "", scene(PAIR, hud_text_fn=name), list(PAIR), list(PAIR), "streamed", pictures=True)
    again.begin(0, 1)
    for frame in played.inputs[:2]:
        again.step(frame)
    both = " · ".join(f"{agent}: {text.format(agent, 2)}" for agent in PAIR)
    assert [shown.hud for shown in again.pictures()] == [both]


def test_the_text_is_in_no_row_and_no_hash():
    inputs = [[0, 1]] * 20
    rows, hashes = straight(GAME, "game.py", copy_settings(PAIR, 0, [0, 1, 2], 30), 1, inputs)
    made, _ = copy("above_all")
    confirmed = ["confirmed", 0, [[msgpack.encode(one) for one in pair] for pair in inputs]]
    outputs = [made.tick(msgpack.encode([["rows", 0], confirmed]))]
    while outputs[-1].behind:
        outputs.append(made.tick(msgpack.encode([])))
    assert [row for output in outputs for row in output.rows] == rows
    assert [told for output in outputs for told in output.hashes] == hashes


def one(name):
    code = GAME.replace('["left", "right"]', '["left"]').replace('"right": 0', "").replace('"right": {}', "")
    code = code.replace('"right": False', "").replace('"right": 1.0', "")
    return Engine(code, "game.py", settings(policies={"left": "human"}, hud_text_fn=name))


@pytest.mark.parametrize(("name", "line", "last"), [
    ("broken", 'raise ValueError("no words")', "ValueError: no words"),
    ("number", "", "EnvironmentContractError: the HUD text is 7; it must be a string or None"),
])  # fmt: skip
def test_one_that_fails_ends_no_game_and_is_told_once_with_its_line(name, line, last):
    engine = one(name)
    outputs = [engine.reset(0, 0), *(engine.step(json.dumps({"left": 0})) for _ in range(4))]
    told = [output.trouble for output in outputs if output.trouble is not None]
    assert len(told) == 1 and line in told[0] and told[0].splitlines()[-1] == last
    assert len([output.row for output in outputs if output.row]) == 4
    if name == "broken":
        assert [output.hud for output in outputs] == ["left", "left", None, "left", "left"]


def test_on_the_service_it_goes_to_the_log_once_for_all_games(capfd):
    host = learnt(GAME, scene(PAIR, hud_text_fn="broken"), pictures=True)
    capfd.readouterr()  # trying the scene out has told it
    for name in ("one", "two"):
        game(host, name, 1, [range(3)] * 2).step(3)
    assert "no words" not in capfd.readouterr().err
    other = GAME.replace("no words", "other words")
    game(learnt(other, scene(PAIR, hud_text_fn="broken"), pictures=True), "one", 1, [range(3)] * 2).step(3)
    told = capfd.readouterr().err
    assert told.count("ValueError: other words") == 1 and 'File "game.py"' in told


def test_a_name_that_is_nowhere_is_refused_when_the_environment_is_made():
    with pytest.raises(EnvironmentContractError, match="hud_text_fn='nothing'"):
        copy("nothing")


def test_the_usual_names_may_take_the_agent_as_well():
    code = GAME + "def hud_text(env, agent):\n    return agent.upper()\n"
    made = Rollback(code, "game.py", copy_settings(PAIR, 1, [0, 1, 2], 30))
    assert made.reset(1, 0).hud == "RIGHT"
