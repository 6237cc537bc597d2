"""The service's own copy: the plain run, to the last bit, also after it was lost; what bots and players get of it."""

import json

import numpy
import pytest
from conftest import ROOT
from hosted import game, learnt, scene
from simulated import copy_settings, straight
from test_rollback import dice

from greenroom import msgpack
from greenroom.checkpoint import compare, difference
from greenroom.errors import EnvironmentContractError
from greenroom.hosting import Host
from greenroom.rollback import Rollback
from greenroom.runner import Runner

PAIR, ACTIONS = ("a", "b"), [[0, 1, 2]] * 2


def environment(name):
    return (ROOT / "experiments" / "environments" / f"{name}.py").read_text()


@pytest.mark.parametrize(("code", "agents", "count"), [
    (dice(), PAIR, 3), (dice(state=True), PAIR, 3), (dice(end="self.t > 23 and actions['b'] == 2"), PAIR, 3),
    (environment("volley"), ("left", "right"), 6), (environment("overcooked"), ("0", "1"), 7),
])  # fmt: skip
@pytest.mark.parametrize("record", [True, False])
def test_it_is_the_plain_run(code, agents, count, record):
    given = scene(agents, range(count), record_observations=record)
    played = game(learnt(code, given), "one", 7, [range(count)] * 2).play()
    inputs = [[msgpack.decode(action) for action in frame] for frame in played.inputs]
    rows, hashes = straight(code, "game.py", given, 7, inputs)
    assert [msgpack.decode(row) for row in played.rows] == [msgpack.decode(row) for row in rows]
    assert played.hashes == hashes
    assert [frame for frame, *_ in played.states] == [frame for frame, _ in hashes]
    assert played.turn.end == len(rows) == played.turn.frame
    assert played.step(3).rows == []  # frames after the end are nobody's


def test_impossible_actions_are_the_default_one_as_in_every_copy():
    given = scene(PAIR)
    host = learnt(dice(), given)
    host.open("one", "scene")
    host.stand("one", 0, 5, None, None)
    inputs = [[9, 1], ["up", None], [1.0, 2], [[1], {"a": 1}]]
    data = msgpack.encode([[msgpack.encode(value) for value in frame] for frame in inputs])
    rows = host.advance("one", 0, 0, data, 0).rows
    copy = Rollback(dice(), "game.py", copy_settings(PAIR, None, [0, 1, 2], 60))
    copy.reset(5)
    again = copy.tick(msgpack.encode([["rows", 0], ["confirmed", 0, inputs]]))
    assert rows == again.rows
    assert msgpack.decode(rows[0])["actions"] == {"a": 0, "b": 1}


def test_frames_known_already_are_skipped_and_gaps_refused():
    host = learnt(dice(), scene(PAIR))
    played = game(host, "one", 1, ACTIONS)
    played.step(4)
    frames = msgpack.encode([played.inputs_of(frame) for frame in range(2, 6)])
    assert len(host.advance("one", 0, 2, frames, 0).rows) == 2
    with pytest.raises(ValueError, match="frames from 9 on came, but frame 6 is the next"):
        host.advance("one", 0, 9, frames, 0)
    with pytest.raises(RuntimeError, match="episode 1"):
        host.advance("one", 1, 6, frames, 0)


# ------------------------------------------------------------------------------------------------------- bots

BOTS = '''
def greedy(seen, random):
    return 2 if seen[0] < random.random() * 10 else 0
'''
WITH_BOTS = {"a": "human", "b": {"function": {"name": "greedy", "frame_skip": 3}}, "c": {"random": {"frame_skip": 1}}}


def test_bots_choose_a_frame_ahead():
    given = scene(("a", "b", "c"), people=1, policies=WITH_BOTS)
    code = dice(agents=("a", "b", "c")) + BOTS
    host = learnt(code, given)
    host.open("one", "scene")
    turn = host.stand("one", 0, 3, None, None)
    assert [(seat, frame) for seat, frame, _ in turn.choices] == [(1, 0), (2, 0), (1, 1), (2, 1)]
    played = game(host, "two", 3, [[0, 1, 2], [0], [0]])
    for frame in range(5):
        assert [(seat, at) for seat, at, _ in played.step().choices] == [(1, frame + 2), (2, frame + 2)]
    chosen = [msgpack.decode(played.choices[1, frame]) for frame in range(7)]
    assert [action for frame, action in enumerate(chosen) if frame % 3] == [0] * 4  # the default, between choices
    assert all(msgpack.decode(row)["actions"]["b"] == chosen[t] for t, row in enumerate(played.rows))
    # The state is that of a copy for which all are people.
    copy = Rollback(code, "game.py", copy_settings(("a", "b", "c"), 0, [0, 1, 2], 60, people=1))
    played.play()
    copy.reset(3)  # which draws from this process's generators, as no game of the host does
    inputs = [[msgpack.decode(action) for action in frame] for frame in played.inputs]
    output = copy.tick(msgpack.encode([["rows", 0], ["confirmed", 0, inputs]]))
    rows = output.rows
    while output.behind:
        output = copy.tick(msgpack.encode([]))
        rows += output.rows
    assert (rows, output.end) == (played.rows, 60)
    assert output.hashes[-1] == played.hashes[-1]


def test_between_choices_the_previous_one_goes_on_where_the_scene_says_so():
    given = scene(
        ("a", "b", "c"), people=1, fallback="previous_submitted_action",
        policies={**WITH_BOTS, "c": {"random": {"frame_skip": 4}}},
    )  # fmt: skip
    played = game(learnt(dice(agents=("a", "b", "c")) + BOTS, given), "one", 3, [[0], [0], [0]]).play()
    chosen = [played.choices[2, frame] for frame in range(60)]
    assert all(chosen[frame] == chosen[frame - frame % 4] for frame in range(60)) and len(set(chosen)) > 1


def test_a_function_that_draws_from_the_games_generators_does_not_move_them():
    careless = "\ndef greedy(seen, _):\n    random.random(), numpy.random.random()\n    return 0\n"
    given = scene(("a", "b", "c"), people=1, policies=WITH_BOTS)
    plain = "\ndef greedy(seen, _):\n    return 0\n"
    one, two = (
        game(learnt(dice(agents=("a", "b", "c")) + code, given), "one", 3, [[0, 1, 2], [0], [0]]).play()
        for code in (careless, plain)
    )
    assert one.record == two.record


# --------------------------------------------------------------------------------------------------- rebuilding


@pytest.mark.parametrize("case", ["copied", "own", "overcooked", "retraced", "opaque"])
def test_killed_at_any_frame_it_goes_on_as_if_nothing_had_been(case):
    agents, people, folder = ("a", "b", "c"), 1, ""
    code, policies, actions = dice(agents=agents, state=case == "own") + BOTS, WITH_BOTS, [0, 1, 2]
    if case == "overcooked":
        agents, actions, code = ("0", "1"), range(7), environment("overcooked")
        code += "\ndef act(seen, random):\n    return int(seen.sum() + random.randrange(7)) % 7\n"
        policies = {"0": "human", "1": {"function": {"name": "act", "frame_skip": 2}}}
    if case == "opaque":  # a state of its own that only it can read
        code += "\ntype(env).get_state = lambda self: object()\n"
        code += "type(env).set_state = lambda self, state: None\n"
    if case == "retraced":  # where no state can be had, and pictures are all that browsers need
        noise = "self.noise = (random.random() for _ in range(999))"
        code = code.replace("self.t, self.x = 0", f"{noise}; self.t, self.x = 0")
        code = code.replace("noise = random.random()", "noise = next(self.noise)")
    steps = 12 if case == "overcooked" else 24
    given = scene(agents, actions, people=people, policies=policies, max_steps=steps)
    host = learnt(code, given, folder, state_interval=1, pictures=case in ("retraced", "opaque"))
    whole = game(host, "whole", 11, [actions] * len(agents)).play()
    assert ("inputs" in msgpack.decode(whole.states[-1][1])) == (case in ("retraced", "opaque"))
    assert bool(whole.hashes) == (case != "opaque")
    assert [frame for frame, *_ in whole.states] == list(range(steps + 1))
    for frame, copy, bots in whole.states[:-1]:
        host.open("again", "scene")  # another environment
        turn = host.stand("again", 0, 11, copy, bots)
        rows, hashes, states = [], [], []
        while True:
            assert all(whole.choices[seat, at] == action for seat, at, action in turn.choices)
            if frame + 2 <= steps and turn.frame == frame:
                assert {at for _, at, _ in turn.choices} == {frame, frame + 1}
            rows, hashes, states = rows + turn.rows, hashes + turn.hashes, states + turn.states
            if turn.end is not None:
                break
            turn = host.advance("again", 0, turn.frame, msgpack.encode([whole.inputs[turn.frame]]), 0)
        assert rows == whole.rows[frame:]
        assert hashes == [entry for entry in whole.hashes if entry[0] > frame]
        assert states == whole.states[frame + 1 :]


def test_a_state_stands_in_browsers_too():
    given = scene(PAIR)
    played = game(learnt(dice(), given), "one", 5, ACTIONS)
    played.step(10)
    copy = Rollback(dice(), "game.py", copy_settings(PAIR, 0, [0, 1, 2], 60))
    copy.reset(5)
    frame, state, _ = played.states[-1]
    output = copy.tick(msgpack.encode([["heal", frame, state]]))
    assert output.hashes == [(10, played.hashes[-1][1])]
    assert difference(copy.snapshot(10), state) == [] and compare(copy._kept[10], state, copy.env) is None


def test_what_cannot_be_sent_is_said_when_the_scene_is_learnt():
    code = dice().replace("self.t, self.x = 0", "self.thing = Thing(); self.t, self.x = 0")
    code = f"class Thing:\n    value = 0\n{code}"
    with pytest.raises(EnvironmentContractError, match="give the environment get_state"):
        learnt(code, scene(PAIR))
    learnt(code, scene(PAIR), pictures=True)  # only this copy needs it, and can do without


# ------------------------------------------------------------------------------------------------------ pictures

DRAWN = '''
from greenroom import Surface
class Game:
    agents = ["a", "b"]
    def __init__(self):
        self.surfaces = {agent: Surface(100, 50) for agent in self.agents}
    def reset(self, *, seed=None):
        self.t = 0
        for surface in self.surfaces.values():
            surface.reset()
            surface.rect(id="ground", x=0, y=0, w=9, h=9, persistent=True)
        return {"a": 0, "b": 0}, {"a": {}, "b": {}}
    def step(self, actions):
        self.t += 1
        for surface in self.surfaces.values():
            if self.t == 2:
                surface.rect(id="door", x=1, y=0, w=9, h=9, persistent=True)
            if self.t == 3:
                surface.remove("ground")
        no = {"a": False, "b": False}
        return {"a": 0, "b": 0}, {"a": 0.0, "b": 0.0}, no, no, {"a": {}, "b": {}}
    def get_state(self):
        return {"t": self.t}
    def set_state(self, state):
        self.t = state["t"]
    def render(self, AGENT):
        surface = self.surfaces[VIEWER]
        surface.circle(id=f"hand of {VIEWER}", x=self.t, y=1, radius=2)
        return surface.commit()
    def get_hud_text(self):
        return f"{self.t} frames"
env = Game()
'''


def drawn(shown):
    packet = json.loads(shown.draw)
    return shown.seats, shown.complete, {item["id"] for item in packet["objects"]}, set(packet["removed"])


@pytest.mark.parametrize("parameter", ["agent_id", "*, agent"])
def test_everybody_sees_their_own_and_nothing_is_lost_between(parameter):
    code = DRAWN.replace("AGENT", parameter).replace("VIEWER", parameter.split()[-1])
    played = game(learnt(code, scene(PAIR, hash_interval=0), pictures=True), "one", 1, ACTIONS)
    assert list(map(drawn, played.turn.pictures)) == [
        (1, True, {"ground", "hand of a"}, set()), (2, True, {"ground", "hand of b"}, set())]  # fmt: skip
    assert {hud for shown in played.turn.pictures for _, hud, _ in shown.own} == {"0 frames"}
    assert {shown.assets for shown in played.turn.pictures} == {None}
    turn = played.step(4)
    assert list(map(drawn, turn.pictures)) == [
        (1, False, {"door", "hand of a"}, {"ground"}), (2, False, {"door", "hand of b"}, {"ground"})]  # fmt: skip
    assert json.loads(turn.pictures[0].draw)["objects"][-1]["x"] == 4
    turn = played.step(complete=2)
    assert list(map(drawn, turn.pictures)) == [
        (1, False, {"hand of a"}, set()), (2, True, {"door", "hand of b"}, set())]  # fmt: skip
    assert list(map(drawn, played.step(0, complete=1).pictures)) == [(1, True, {"door", "hand of a"}, set())]


def test_one_picture_for_all_and_a_whole_one_for_who_needs_it():
    code = DRAWN.replace(", AGENT", "").replace("{VIEWER}", "a").replace("VIEWER", '"a"')
    played = game(learnt(code, scene(PAIR), pictures=True), "one", 1, ACTIONS)
    assert [shown.seats for shown in played.turn.pictures] == [3]
    assert list(map(drawn, played.step(complete=1).pictures)) == [
        (2, False, {"hand of a"}, set()), (1, True, {"ground", "hand of a"}, set())]  # fmt: skip
    assert game(learnt(code, scene(PAIR)), "one", 1, ACTIONS).step().pictures == []


def test_drawing_moves_no_generator_however_often_it_is_done():
    given = scene(PAIR)
    code = dice(state=True)  # whose render() takes a number
    one, two = (game(learnt(code, given, pictures=wanted), "one", 1, ACTIONS) for wanted in (True, False))
    while one.turn.end is None:
        one.step(3), two.step()
    two.play()
    assert (one.rows, one.hashes) == (two.rows, two.hashes)


def test_frames_are_pictures():
    code = DRAWN.replace(", AGENT", "").replace("surface = self.surfaces[VIEWER]", "import numpy").replace(
        'surface.circle(id=f"hand of {VIEWER}", x=self.t, y=1, radius=2)', "frame = numpy.zeros((2, 3, 3), 'uint8')"
    ).replace("surface.commit()", "frame + self.t")  # fmt: skip
    played = game(learnt(code, scene(PAIR), pictures=True), "one", 1, ACTIONS)
    (shown,) = played.step(2).pictures
    assert (shown.seats, shown.complete, shown.width, shown.height, shown.draw) == (3, True, 3, 2, None)
    assert shown.frame == bytes([2, 2, 2, 255]) * 6


def test_gymnasiums_environments_with_frames_can_be_rebuilt():
    pytest.importorskip("pygame")
    code = "import gymnasium\nenv = gymnasium.make('CartPole-v1', render_mode='rgb_array', max_episode_steps=30)"
    given = scene(("human",), [0, 1])
    host = learnt(code, given, pictures=True, state_interval=1)
    whole = game(host, "whole", 11, [[0, 1]]).play()
    assert all("inputs" not in msgpack.decode(copy) for _, copy, _ in whole.states)
    assert numpy.frombuffer(whole.pictures[-1].frame, "uint8").size == 400 * 600 * 4
    for frame, copy, bots in whole.states[:-1:5]:
        host.open("again", "scene")
        turn = host.stand("again", 0, 11, copy, bots)
        rows = host.advance("again", 0, frame, msgpack.encode(whole.inputs[frame:]), 0).rows
        assert rows == whole.rows[frame:] and turn.pictures[0].complete


def test_settings_are_checked():
    with pytest.raises(EnvironmentContractError, match="needs a default_action"):
        Runner(dice(), "game.py", scene(PAIR, default_action=None))
    with pytest.raises(ValueError, match="must be people"):
        Runner(dice(), "game.py", scene(PAIR, people=2, policies={"a": "human", "b": "random"}))
    with pytest.raises(EnvironmentContractError, match="function 'greedy', which does not exist.*define greedy"):
        learnt(dice(), scene(PAIR, people=1, policies={"a": "human", "b": {"function": {"name": "greedy"}}}))
    host = Host()
    assert host.learn("scene", dice(), "game.py", "", scene(PAIR), {}, False, 0) > 0
