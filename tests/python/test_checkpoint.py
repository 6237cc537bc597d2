"""States as bytes for another copy, compared, and drawn after a correction."""

import json
import random

import numpy
import pytest
from conftest import settings
from simulated import copy_settings
from test_rollback import copy_of, dice, tick

from greenroom import Surface, msgpack
from greenroom.agents import Adapter
from greenroom.checkpoint import difference
from greenroom.errors import EnvironmentContractError
from greenroom.picture import Picture
from greenroom.plain import NotPlain, describe, pack, unpack
from greenroom.rollback import Rollback
from greenroom.simulation import Output


@pytest.mark.parametrize("value", [
    None, True, 1, 2**70, -(2**70), 1.5, "a", b"b", [1, [2]], (1, (2, [3])), {1, 2}, frozenset("ab"), {"a": {"b": 1}},
    {1: 2, (3, 4): "x"}, {"~tuple": 1}, numpy.float32(1.5), numpy.int64(3), {"nested": [(1, {2})]},
])  # fmt: skip
def test_what_is_packed_is_unpacked_with_its_type(value):
    again = unpack(msgpack.decode(msgpack.encode(pack(value))))
    assert again == value and type(again) is type(value)


def test_arrays_and_generators_are_packed():
    array = numpy.arange(6, dtype="int16").reshape(2, 3)
    again = unpack(msgpack.decode(msgpack.encode(pack(array))))
    assert again.dtype == array.dtype and (again == array).all()
    again[0, 0] = 7  # its own memory
    one, two = random.Random(3), numpy.random.default_rng(3)
    one.random(), two.random()
    same_one, same_two = (unpack(msgpack.decode(msgpack.encode(pack(generator)))) for generator in (one, two))
    assert same_one.random() == one.random() and same_two.random() == two.random()


def test_what_is_not_plain_is_named():
    with pytest.raises(NotPlain, match=r"a\[1\].b is a object"):
        pack([0, {"b": object()}], "a")
    with pytest.raises(ValueError, match="unknown kind '~eval'"):
        unpack({"~eval": "1"})
    ring = []
    ring.append(ring)
    with pytest.raises(NotPlain):
        describe(ring)


def test_an_environment_without_a_state_of_its_own_can_be_sent_if_it_is_plain():
    one, two = copy_of(dice()), copy_of(dice(), me=1)
    hashes = tick(one, ["confirmed", 0, [[1, 2]] * 20]).hashes
    output = tick(two, ["heal", 20, one.snapshot(20)])
    assert output.hashes == hashes[-1:] and output.hashes[0][0] == 20
    assert difference(one.snapshot(20), two.snapshot(20)) == []
    inputs = ["confirmed", 20, [[2, 1]] * 20]
    assert tick(one, inputs).hashes == tick(two, inputs).hashes
    assert one.unseen() == []


@pytest.mark.parametrize(("line", "message"), [
    ("self.own_class = Thing()", "own_class is a Thing"),
    ("self.things = [Thing()]", r"things\[0\] is a Thing"),
    ("self.x_too = self.x", "x is x_too"),
])  # fmt: skip
def test_a_state_that_can_only_be_sent_in_part_is_not_sent(line, message):
    code = "class Thing:\n    value = 0\n" + dice().replace("self.t, self.x = 0", f"{line}; self.t, self.x = 0")
    if "x_too" in line:
        start = "        return {agent: [0.0]"  # once there is an x
        code = code.replace(f"{line}; ", "").replace(start, f"        {line}\n{start}", 1)
    copy = copy_of(code)
    assert tick(copy, ["confirmed", 0, [[1, 1]] * 10]).hashes  # it is hashed all the same
    with pytest.raises(EnvironmentContractError, match=f"{message}.*give the environment get_state"):
        copy.snapshot()


def test_objects_of_libraries_stay_and_are_named():
    code = dice().replace("self.t, self.x = 0", "self.lock = object.__new__(object); self.t, self.x = 0")
    copy = copy_of(code)
    assert copy.unseen() == ["lock"]
    assert msgpack.decode(copy.snapshot())["frame"] == 0


SPACES = '''
import numpy
from gymnasium.spaces import Box, Discrete
class Field:
    possible_agents = [0, 1]
    spaces = {0: Box(-1, 1, (2,), "float32"), 1: Discrete(3)}
    def action_space(self, agent):
        return self.spaces[agent]
    def reset(self, *, seed=None):
        self.t, self.at = 0, numpy.zeros(2)
        return {0: self.at, 1: self.at}, {}
    def step(self, actions):
        assert actions[0].dtype == "float32" and type(actions[1]) is int
        self.t += 1
        self.at = self.at + actions[0] * (1 + actions[1])
        flags = {0: False, 1: False}
        return {0: self.at, 1: self.at}, {0: self.at.sum(), 1: 0}, flags, dict(flags), {}
env = Field()
'''


def test_array_actions_and_what_no_space_holds():
    scene = settings(
        actions=[], default_action=None, policies={"0": "human", "1": "random"}, agents=["0"], me=0,
    )  # fmt: skip
    with pytest.raises(EnvironmentContractError, match="default_action"):
        Rollback(SPACES, "field.py", scene)
    scene = copy_settings(["0"], 0, [[0.0, 0.0], [0.5, -0.5]], 100, policies={"0": "human", "1": "random"})
    one, two = (Rollback(SPACES, "field.py", scene) for _ in range(2))
    one.reset(3), two.reset(3)
    tick(one, ["rows", 0], ["local_value", [0.25, 1.0]], ["advance", True])
    rows = tick(one, ["confirmed", 0, [[[0.25, 1.0]], [[9.0, 9.0]], ["up"]]]).rows
    played = [msgpack.decode(row)["actions"]["0"] for row in rows]
    assert played == [[0.25, 1.0], [0.0, 0.0], [0.0, 0.0]]
    again = tick(two, ["rows", 0], ["confirmed", 0, [[[0.25, 1.0]], [[0.0, 0.0]], [[0.0, 0.0]]]])
    assert again.rows == rows


# ---------------------------------------------------------------------------------------------- steps without looking


def test_advance_is_a_step_without_the_observation():
    class Env:
        def reset(self, *, seed=None):
            return 0, {}

        def step(self, action):
            raise AssertionError("not asked for")

        def advance(self, action):
            return 1, False, True, {"a": action}

    adapter = Adapter(Env(), ["me"])
    adapter.reset(0)
    now = adapter.advance({"me": 4})
    assert (now.observations, now.rewards, now.truncateds, now.infos, now.over) == (
        None, {"me": 1.0}, {"me": True}, {"me": {"a": 4}}, True)  # fmt: skip
    Env.advance = lambda self, action: (0, 1, False, True, {})
    with pytest.raises(EnvironmentContractError, match="env.advance.. returned a tuple of 5 values"):
        adapter.advance({"me": 4})


# ------------------------------------------------------------------------------------------------- drawing


def packet(surface, **places):
    for name, x in places.items():
        surface.circle(id=name, x=x, y=5, radius=2)
    return surface.commit()


def test_two_pictures_reach_the_screen_as_one_and_nothing_is_lost():
    surface, picture, output = Surface(100, 50), Picture(), Output(0, False, 0.0)
    surface.rect(id="wall", x=0, y=0, w=5, h=5, persistent=True)
    surface.rect(id="door", x=9, y=0, w=5, h=5, persistent=True)
    picture.show(packet(surface, ball=10, other=20), output)
    surface.rect(id="wall", x=3, y=0, w=5, h=5, persistent=True)
    surface.rect(id="new", x=3, y=9, w=5, h=5, persistent=True)
    surface.remove("door")
    corrected = packet(surface, ball=14, other=20)
    surface.rect(id="wall", x=4, y=0, w=5, h=5, persistent=True)
    shown = packet(surface, ball=16, other=21)
    picture.show_corrected(corrected, shown, output)
    drawn = json.loads(output.draw)
    assert drawn["corrections"] == {"ball": [-4, 0], "wall": [-3, 0]}
    assert {item["id"]: item["x"] for item in drawn["objects"]} == {"new": 3, "wall": 4, "ball": 16, "other": 21}
    assert drawn["removed"] == ["door"]
    picture.complete(output)
    whole = json.loads(output.draw)
    assert {item["id"]: item["x"] for item in whole["objects"]} == {"wall": 4, "new": 3, "ball": 16, "other": 21}
    assert "corrections" not in whole


def test_an_array_is_shown_as_it_is_after_a_correction():
    picture, output = Picture(), Output(0, False, 0.0)
    frame = numpy.zeros((2, 3, 3), dtype="uint8")
    picture.show_corrected(frame, frame, output)
    assert (output.frame_width, output.frame_height, output.draw) == (3, 2, None)
