"""Places on the picture as actions: recorded as the environment got them, in every kind of copy alike."""

import json

import pytest
from conftest import settings
from hosted import scene
from simulated import copy_settings

from greenroom import msgpack
from greenroom.engine import Engine
from greenroom.errors import EnvironmentContractError
from greenroom.pointing import Pointing
from greenroom.replaying import Replay
from greenroom.rollback import Rollback
from greenroom.runner import Runner

POINTER = {"mode": "click", "width": 60, "height": 40}

# What it was given, as observation.
ECHO = """
import numpy
class Box:
    def __init__(self, high):
        self.shape, self.dtype, self.high = (len(high),), numpy.float32, high
    def contains(self, value):
        return value.shape == self.shape and all(0 <= x <= high for x, high in zip(value, self.high))
class Discrete:
    def contains(self, value):
        return type(value) is int
class Echo:
    action_space = SPACE
    def reset(self, *, seed=None):
        return [0.0], {}
    def step(self, action):
        return [0.0], 0.0, False, False, {"given": repr(getattr(action, "tolist", lambda: action)())}
env = Echo()
"""
PAIR = """
class Pair:
    agents = ["a", "b"]
    def reset(self, *, seed=None):
        self.t, self.sum = 0, 0
        return {agent: [0] for agent in self.agents}, {}
    def step(self, actions):
        self.t += 1
        self.sum += sum(action["x"] if isinstance(action, dict) else 0 for action in actions.values())
        return ({agent: [self.sum] for agent in self.agents}, {agent: 0.0 for agent in self.agents},
                {agent: False for agent in self.agents}, {agent: False for agent in self.agents}, {})
env = Pair()
"""


def place(x, y=0, pressed=True):
    return {"x": x, "y": y, "pressed": pressed}


def engine(space="None", actions=(), **changes):
    given = {"actions": [*actions, "idle"], "default_action": len(actions), "pointer": POINTER, **changes}
    return Engine(ECHO.replace("SPACE", space), "echo.py", settings(**given))


def step(engine, given):
    row = msgpack.decode(engine.step(json.dumps({"human": given})).row)
    return row["actions"]["human"], row["infos"]["human"]["given"]


def test_a_place_is_given_and_recorded_as_it_is():
    it = engine()
    it.reset(0)
    assert step(it, place(12, 30)) == (place(12, 30), repr(place(12, 30)))
    assert step(it, None) == ("idle", "'idle'")


def test_a_box_gets_an_array_and_the_record_the_place():
    it = engine("Box([60, 40, 1])", actions=[[0, 0, 0]], default_action=0)
    with pytest.raises(EnvironmentContractError):
        it.reset(0)  # "idle" fits no box
    values = {"actions": [[1, 2, 0]], "default_action": 0, "pointer": POINTER}
    it = Engine(ECHO.replace("SPACE", "Box([60, 40, 1])"), "echo.py", settings(**values))
    it.reset(0)
    assert step(it, place(12, 30)) == (place(12, 30), "[12.0, 30.0, 1.0]")


@pytest.mark.parametrize("space", ["Discrete()", "Box([10, 10])", "Box([60, 40, 1, 1])"])
def test_a_space_that_holds_no_places_is_told_at_once(space):
    values = {"actions": [], "default_action": None, "pointer": POINTER}
    it = Engine(ECHO.replace("SPACE", space), "echo.py", settings(**values))
    with pytest.raises(EnvironmentContractError, match="pointer='click'.*game pixels"):
        it.reset(0)


@pytest.mark.parametrize("given", [
    place(60), place(-1), place(0, 40), place(1.0), place(True), {"x": 1, "y": 1}, {**place(1), "z": 1}, [1, 1], "x",
    place(1, 1, 1), None, 3,
])  # fmt: skip
def test_whatever_else_a_browser_sends_is_no_place(given):
    assert not Pointing(POINTER).is_place(given)
    copy = Rollback(PAIR, "pair.py", copy_settings(("a", "b"), 0, [0], 60, pointer=POINTER))
    copy.reset(1)
    copy.tick(msgpack.encode([["rows", 0]]))
    output = copy.tick(msgpack.encode([["confirmed", 0, [[0, given]]]]))
    assert msgpack.decode(output.rows[0])["actions"] == {"a": 0, "b": 0}


def test_wrong_settings_are_refused():
    for wrong in ({"mode": "drag"}, {"width": 0}, {"height": 1.5}):
        with pytest.raises(ValueError, match="pointer="):
            Pointing({**POINTER, **wrong})


def test_a_reload_goes_on_with_the_same():
    given = [place(1), None, place(2), None]
    it = engine(actions=["go"], fallback="previous_submitted_action", pointer={**POINTER, "mode": "hold"})
    it.reset(0)
    rows = [it.step(json.dumps({"human": value})).row for value in given]
    assert [msgpack.decode(row)["actions"]["human"]["x"] for row in rows] == [1, 1, 2, 2]
    it.reset(0)
    assert it.replay(rows).diverged is None
    assert step(it, None)[0] == place(2)


def test_copies_runner_and_replay_play_the_same():
    inputs = [[place(frame), 0 if frame % 2 else place(59 - frame)] for frame in range(12)]
    copy = Rollback(PAIR, "pair.py", copy_settings(("a", "b"), 0, [0], 60, pointer=POINTER))
    copy.reset(1)
    rows = copy.tick(msgpack.encode([["rows", 0], ["confirmed", 0, inputs]])).rows
    assert msgpack.decode(rows[3])["actions"] == {"a": place(3), "b": 0}
    given = scene(("a", "b"), actions=(0,), pointer=POINTER)
    runner = Runner(PAIR, "pair.py", given)
    runner.stand(0, 1)
    data = msgpack.encode([[msgpack.encode(value) for value in frame] for frame in inputs])
    assert runner.advance(0, 0, data).rows == rows
    replay = Replay(PAIR, "pair.py", "", given, ["a", "b"], ["a", "b"], "browser")
    replay.begin(0, 1)
    assert [replay.step([msgpack.encode(value) for value in frame]) for frame in inputs] == rows
    replay.close()


def test_an_own_place_is_sent_and_a_click_is_not_thought_to_be_repeated():
    copy = Rollback(PAIR, "pair.py", copy_settings(("a", "b"), 0, [7], 60, input_delay=0, prediction="previous", pointer=POINTER))
    copy.reset(1)
    output = copy.tick(msgpack.encode([["local_value", place(5)], ["advance", 1]]))
    first, sent = msgpack.decode(output.send)
    assert (first, [msgpack.decode(value) for value in sent]) == (0, [place(5)])
    copy.tick(msgpack.encode([["input", 1, 1, place(9)], ["advance", 3]]))
    assert copy.env.sum == 5 + 9, "the other's click is played once"
    held = {**POINTER, "mode": "hold"}
    hold = copy_settings(("a", "b"), 0, [7], 60, input_delay=0, prediction="previous", pointer=held)
    copy = Rollback(PAIR, "pair.py", hold)
    copy.reset(1)
    copy.tick(msgpack.encode([["input", 1, 0, place(9)], ["advance", 3]]))
    assert copy.env.sum == 27, "who holds is thought to go on"
