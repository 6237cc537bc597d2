import json

import pytest

from greenroom import msgpack
from greenroom.engine import EnvironmentContractError, format_error

LEFT, NONE, RIGHT = '{"human":0}', '{"human":null}', '{"human":2}'


def row(output):
    return msgpack.decode(output.row)


def play(engine, seed, inputs):
    """Rows of an episode from its inputs."""
    engine.reset(seed, 0)
    rows = []
    for given in inputs:
        output = engine.step(given)
        rows.append(output.row)
        if output.done:
            break
    return rows


# -------------------------------------------------------------------------------------------------------- rows


def test_n_steps_give_n_rows_and_the_last_step_is_among_them(make_engine):
    engine = make_engine()
    start = engine.reset(7, 0)
    assert (start.t, start.done, start.score, start.row) == (0, False, 0.0, None)
    outputs = [engine.step(RIGHT) for _ in range(5)]
    assert [output.t for output in outputs] == [1, 2, 3, 4, 5]
    assert [output.done for output in outputs] == [False] * 4 + [True]
    assert outputs[-1].score == 10.0 and outputs[-1].rewards == {"human": 2.0}
    assert row(outputs[-1]) == {
        "t": 4,
        "observations": {"human": [4.0]},  # what the participant saw before acting
        "actions": {"human": 2},
        "rewards": {"human": 2.0},
        "terminateds": {"human": True},
        "truncateds": {"human": False},
        "infos": {"human": {"t": 5}},
    }


def test_observations_only_where_asked(make_engine):
    engine = make_engine(record_observations=False)
    engine.reset(0, 0)
    assert "observations" not in row(engine.step(LEFT))


def test_an_observation_is_recorded_as_it_was_even_if_the_array_is_reused(make_engine):
    engine = make_engine("""
import numpy
class Env:
    def reset(self, seed=None):
        self.seen = numpy.zeros(1)
        return self.seen, {}
    def step(self, action):
        self.seen += 1
        return self.seen, 0, False, False, {}
env = Env()
""")
    engine.reset(0, 0)
    assert [row(engine.step(NONE))["observations"]["human"] for _ in range(3)] == [[0.0], [1.0], [2.0]]


def test_max_steps_truncates(make_engine):
    engine = make_engine(max_steps=3)
    rows = [msgpack.decode(data) for data in play(engine, 0, [LEFT] * 9)]
    assert len(rows) == 3
    assert [r["truncateds"]["human"] for r in rows] == [False, False, True]
    assert rows[-1]["terminateds"] == {"human": False}


def test_an_end_in_the_step_of_max_steps_is_the_environments_own(make_engine):
    last = msgpack.decode(play(make_engine(max_steps=5), 0, [LEFT] * 5)[-1])
    assert last["terminateds"] == {"human": True} and last["truncateds"] == {"human": False}


def test_stepping_past_the_end_is_refused(make_engine):
    engine = make_engine(max_steps=1)
    with pytest.raises(RuntimeError, match="before reset"):
        engine.step(LEFT)
    play(engine, 0, [LEFT])
    with pytest.raises(RuntimeError, match="after the end"):
        engine.step(LEFT)


def test_an_info_never_fails_a_game(make_engine):
    engine = make_engine("""
class Odd:
    def __repr__(self): return "x" * 500
class Env:
    def reset(self, seed=None): return 0, {}
    def step(self, action): return 0, 0, False, False, {"good": [1], "odd": Odd(), 3: "three"}
env = Env()
""")
    engine.reset(0, 0)
    assert row(engine.step(LEFT))["infos"] == {"human": {"good": [1], "odd": "x" * 200, "3": "three"}}


def test_an_observation_that_cannot_be_stored_is_named(make_engine):
    code = "class Env:\n def reset(self, seed=None): return {'a': object()}, {}\n def step(self, a): pass\nenv = Env()"
    engine = make_engine(code)
    engine.reset(0, 0)
    with pytest.raises(msgpack.EncodeError, match=r"human\.a: object cannot be stored"):
        engine.step(LEFT)


# -------------------------------------------------------------------------------------------------------- actions


def actions(rows):
    return [msgpack.decode(data)["actions"]["human"] for data in rows]


def test_a_missing_input_is_the_default_action(make_engine):
    assert actions(play(make_engine(), 0, [RIGHT, NONE, "{}"])) == [2, 1, 1]


def test_a_missing_input_is_the_previous_one(make_engine):
    engine = make_engine(fallback="previous_submitted_action")
    assert actions(play(engine, 0, [NONE, RIGHT, NONE, LEFT, "{}"])) == [1, 2, 2, 0, 0]
    assert actions(play(engine, 0, [NONE])) == [1]  # a new episode starts afresh


def test_no_input_and_no_default_is_an_error(make_engine):
    engine = make_engine(default_action=None)
    engine.reset(0, 0)
    with pytest.raises(EnvironmentContractError, match="'human' gave no input and the scene has no default_action"):
        engine.step(NONE)


@pytest.mark.parametrize("given", ['{"human":3}', '{"human":-1}', '{"human":1.0}', '{"human":"0"}', '{"human":true}'])
def test_an_input_that_is_no_index_is_an_error(make_engine, given):
    engine = make_engine()
    engine.reset(0, 0)
    with pytest.raises(ValueError, match="must be an index into the 3 actions"):
        engine.step(given)


def test_actions_are_converted_for_the_environment_and_recorded_as_written(make_engine):
    engine = make_engine("""
import gymnasium, numpy
class Env(gymnasium.Env):
    action_space = gymnasium.spaces.Box(-1, 1, shape=(1,), dtype=numpy.float32)
    def reset(self, seed=None, options=None): return 0, {}
    def step(self, action):
        assert action.dtype == numpy.float32 and action.shape == (1,)
        action += 1  # an environment may change what it was given
        return 0, float(action[0]), False, False, {}
env = Env()
""", actions=[-0.5, 0.0, 0.5])
    engine.reset(0, 0)
    first, second = row(engine.step(LEFT)), row(engine.step(LEFT))
    assert first["actions"] == {"human": -0.5} and first["rewards"] == second["rewards"] == {"human": 0.5}


def test_an_action_outside_the_space_fails_at_reset(make_engine):
    engine = make_engine("import gymnasium\nenv = gymnasium.make('CartPole-v1')")
    with pytest.raises(EnvironmentContractError, match=r"the action 2 is not in the action space Discrete\(2\)"):
        engine.reset(0, 0)


PAIR = """
class Env:
    agents = [0, 1]
    def reset(self, seed=None):
        self.t = 0
        return {0: 0, 1: 0}, {0: {}, 1: {}}
    def step(self, actions):
        self.t += 1
        both = lambda value: {0: value, 1: value}
        return both(self.t), {a: float(v) for a, v in actions.items()}, both(False), both(False), both({})
env = Env()
"""


def test_random_policies_repeat_with_the_seed_and_differ_by_it(make_engine):
    engine = make_engine(PAIR, policies={"0": "human", "1": "random"}, actions=list(range(100)))

    def moves(seed):
        return [msgpack.decode(r)["actions"]["1"] for r in play(engine, seed, ['{"0":0}'] * 10)]

    assert moves(1) == moves(1) != moves(2)
    assert moves(1) == [63, 14, 79, 88, 11, 62, 86, 98, 74, 96]  # the same on every platform


def test_agent_zero_is_an_agent(make_engine):
    engine = make_engine(PAIR, policies={0: "human", 1: "random"})
    engine.reset(0, 0)
    output = engine.step('{"0":2}')
    assert row(output)["actions"]["0"] == 2 and output.score == 2.0


def test_random_policy_of_a_box_space_is_seeded(make_engine):
    engine = make_engine("""
import gymnasium
class Env(gymnasium.Env):
    action_space = gymnasium.spaces.Box(-1, 1, shape=(2,))
    def reset(self, seed=None, options=None): return 0, {}
    def step(self, action): return 0, 0, False, False, {}
env = Env()
""", policies={"bot": "random"})
    first = [msgpack.decode(r)["actions"] for r in play(engine, 1, ["{}"] * 3)]
    assert first == [msgpack.decode(r)["actions"] for r in play(engine, 1, ["{}"] * 3)]
    assert len({tuple(a["bot"]) for a in first}) == 3


def test_global_generators_are_seeded(make_engine):
    engine = make_engine("""
import random, numpy
class Env:
    def reset(self, seed=None): return [random.random(), numpy.random.random()], {}
    def step(self, action): return [random.random(), numpy.random.random()], 0, False, False, {}
env = Env()
""")
    assert play(engine, 5, [LEFT] * 3) == play(engine, 5, [LEFT] * 3) != play(engine, 6, [LEFT] * 3)


# -------------------------------------------------------------------------------------------------------- replay


def test_replay_reaches_the_same_place(make_engine):
    changes = {"policies": {"0": "human", "1": "random"}, "fallback": "previous_submitted_action"}
    inputs = ['{"0":2}', '{"0":0}', "{}", '{"0":2}', "{}"]
    whole = play(make_engine(PAIR, **changes), 3, [*inputs, "{}", "{}"])

    engine = make_engine(PAIR, **changes)
    engine.reset(3, 0)
    output = engine.replay(whole[:5])
    assert (output.t, output.done, output.diverged, output.row) == (5, False, None, None)
    assert output.score == 2 + 0 + 0 + 2 + 2
    # The fallback and the random policy go on from where they were.
    assert [engine.step("{}").row, engine.step("{}").row] == whole[5:]


def test_replay_names_the_first_step_that_differs(make_engine):
    rows = play(make_engine(), 0, [LEFT, RIGHT, LEFT])
    changed = msgpack.decode(rows[1])
    changed["rewards"]["human"] += 0.5
    rows[1] = msgpack.encode(changed)
    engine = make_engine()
    engine.reset(0, 0)
    output = engine.replay(rows)
    assert output.diverged == 1 and output.t == 3


def test_replay_notices_an_episode_that_ends_early(make_engine):
    rows = play(make_engine(), 0, [LEFT] * 5)
    engine = make_engine(max_steps=3)
    engine.reset(0, 0)
    output = engine.replay(rows)
    assert output.done and output.t == 3 and output.diverged == 2  # step 2 was truncated this time


def test_replay_of_nothing_and_in_the_wrong_place(make_engine):
    engine = make_engine()
    engine.reset(0, 0)
    assert engine.replay([]).t == 0
    engine.step(LEFT)
    with pytest.raises(RuntimeError, match="must directly follow reset"):
        engine.replay([])


# -------------------------------------------------------------------------------------------------------- drawing

DRAWER = """
from greenroom import Surface
class Env:
    def __init__(self):
        self.surface = Surface(100, 50)
        self.surface.register_image("tree", "tree.png")
    def reset(self, seed=None):
        self.surface.reset()
        self.surface.rect(id="ground", x=0, y=40, w=100, h=10, persistent=True)
        self.x = 0
        return 0, {}
    def step(self, action):
        self.x += 1
        if self.x == 2:
            self.surface.remove("ground")
        return 0, 0, False, False, {}
    def render(self):
        self.surface.circle(id="ball", x=self.x, y=5, radius=5)
        return self.surface.commit()
env = Env()
def hud_text(env):
    return f"x = {env.x}"
"""


def ids(output):
    return [item["id"] for item in json.loads(output.draw)["objects"]]


def test_drawing_sends_differences_and_redraw_the_whole(make_engine):
    engine = make_engine(DRAWER)
    start = engine.reset(0, 0)
    assert json.loads(start.draw)["full"] and ids(start) == ["ground", "ball"] and start.hud == "x = 0"
    assert json.loads(start.assets) == [{"kind": "image", "name": "tree", "path": "tree.png"}]
    first = engine.step(LEFT)
    assert ids(first) == ["ball"] and first.hud == "x = 1" and first.assets is None
    again = json.loads(engine.redraw().draw)
    assert again["full"] and [item["id"] for item in again["objects"]] == ["ground", "ball"]
    assert again["objects"][1]["x"] == 1 and (again["width"], again["height"]) == (100, 50)
    second = engine.step(LEFT)
    assert json.loads(second.draw)["removed"] == ["ground"]
    assert ids(engine.redraw()) == ["ball"]
    assert ids(engine.reset(0, 1)) == ["ground", "ball"]


def test_rgb_frames_become_rgba_bytes(make_engine):
    engine = make_engine("""
import numpy
class Env:
    def reset(self, seed=None): return 0, {}
    def step(self, action): return 0, 0, False, False, {}
    def render(self): return numpy.arange(12, dtype=numpy.uint8).reshape(2, 2, 3)
env = Env()
""")
    output = engine.reset(0, 0)
    assert output.draw is None and (output.frame_width, output.frame_height) == (2, 2)
    assert list(output.frame) == [0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255]
    assert engine.redraw().frame == output.frame


@pytest.mark.parametrize("shown, message", [
    ("'ansi'", "a value of type str; it must be None"),
    ("{'a': 1}", "that is no draw packet"),
    ("numpy.zeros((2, 2, 3))", r"array of shape \(2, 2, 3\) and dtype float64"),
    ("numpy.zeros((2, 2), dtype='uint8')", "a value of type ndarray"),
])  # fmt: skip
def test_what_cannot_be_shown_is_named(make_engine, shown, message):
    engine = make_engine(f"""
import numpy
class Env:
    def reset(self, seed=None): return 0, {{}}
    def step(self, action): return 0, 0, False, False, {{}}
    def render(self): return {shown}
env = Env()
""")
    with pytest.raises(EnvironmentContractError, match=message):
        engine.reset(0, 0)


def test_a_list_of_objects_is_a_packet(make_engine):
    code = DRAWER.replace("return self.surface.commit()", "return self.surface.commit()['objects']")
    output = make_engine(code).reset(0, 0)
    assert ids(output) == ["ground", "ball"] and json.loads(output.draw)["width"] is None


# -------------------------------------------------------------------------------------------------------- code


def test_classes_of_the_code_can_be_copied_and_pickled(make_engine):
    import pickle

    engine = make_engine("import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int\n"
                         "class Env:\n def reset(self, seed=None): return 0, {}\n def step(self, a): pass\n"
                         "env = Env()\nenv.p = P(3)")  # fmt: skip
    assert pickle.loads(pickle.dumps(engine.env.p)) == engine.env.p


def test_step_code_runs_before_each_step(make_engine):
    engine = make_engine(step_code="env.length = 2")
    assert len(play(engine, 0, [LEFT] * 9)) == 2


def test_code_without_env(make_engine):
    with pytest.raises(EnvironmentContractError, match="game.py leaves no variable `env`"):
        make_engine("environment = 1", filename="game.py")


BROKEN = """
def helper(value):
    return 1 / value

class Env:
    def reset(self, seed=None):
        return 0, {}
    def step(self, action):
        return helper(0), 0, False, False, {}
env = Env()
"""


def test_a_traceback_names_the_researchers_lines_only(make_engine):
    engine = make_engine(BROKEN, filename="broken.py")
    engine.reset(0, 0)
    with pytest.raises(ZeroDivisionError) as caught:
        engine.step(LEFT)
    text = format_error(caught.value)
    assert 'File "broken.py", line 9, in step' in text and 'File "broken.py", line 3, in helper' in text
    assert "return 1 / value" in text and text.endswith("ZeroDivisionError: division by zero")
    assert "engine.py" not in text and "agents.py" not in text


def test_a_surface_mistake_is_reported_at_the_researchers_line(make_engine):
    engine = make_engine(DRAWER.replace("radius=5", "radius=-5"), filename="drawer.py")
    with pytest.raises(ValueError) as caught:
        engine.reset(0, 0)
    text = format_error(caught.value)
    assert 'File "drawer.py"' in text and "rendering.py" not in text and text.endswith("it must be at least 0")


def test_a_syntax_error_is_shown_with_its_line(make_engine):
    with pytest.raises(SyntaxError) as caught:
        make_engine("x = 1\ny = = 2", filename="typo.py")
    text = format_error(caught.value)
    assert 'File "typo.py", line 2' in text and "y = = 2" in text


def test_a_broken_contract_is_one_sentence(make_engine):
    with pytest.raises(EnvironmentContractError) as caught:
        make_engine("env = 3")
    assert format_error(caught.value) == (
        "EnvironmentContractError: env is a int without a method reset(); an environment needs reset and step"
    )


@pytest.mark.parametrize("changes, message", [
    ({"policies": {"human": "robot"}}, "policy 'robot' of agent 'human'; allowed: human, random"),
    ({"fallback": "none"}, "fallback='none'; allowed: default_action"),
    ({"default_action": 9}, "default_action is 9"),
    ({"max_steps": 0}, "max_steps=0 must be at least 1"),
    ({"actions": None}, "actions=None must be of type list"),
])  # fmt: skip
def test_settings_are_checked(make_engine, changes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make_engine(**changes)
