import gymnasium
import numpy
import pytest

from greenroom.agents import Adapter, check_action, converter
from greenroom.errors import EnvironmentContractError

OVER = {"terminateds": {"a": True}}


class Single:
    """Gymnasium's style; what step() returns can be set."""

    def __init__(self, step=(0, 1, False, False, {}), reset=(0, {})):
        self._step, self._reset, self.actions = step, reset, []

    def reset(self, *, seed=None):
        self.seed = seed
        return self._reset

    def step(self, action):
        self.actions.append(action)
        return self._step


class Parallel:
    """PettingZoo's parallel style with integer agents; agent 0 ends one step before agent 1 and leaves."""

    possible_agents = [0, 1]

    def reset(self, seed=None, options=None):
        self.agents, self.t, self.seen = [0, 1], 0, []
        return {agent: self.t for agent in self.agents}, {agent: {} for agent in self.agents}

    def step(self, actions):
        self.seen.append(actions)
        self.t += 1
        ends = {agent: self.t > agent for agent in self.agents}
        result = tuple({agent: value for agent in self.agents} for value in (self.t, 1.0))
        off = {agent: False for agent in self.agents}
        infos = {agent: {} for agent in self.agents}
        self.agents = [agent for agent in self.agents if not ends[agent]]
        return (*result, ends, off, infos)

    def action_space(self, agent):
        return gymnasium.spaces.Discrete(agent + 2)


class Dicts:
    """A dict by agent without possible_agents, ending by "__all__"."""

    def __init__(self, **flags):
        self.flags = flags

    def reset(self, seed=None):
        return {"a": [0], "b": [0]}, {"a": {}, "b": {}}

    def step(self, actions):
        self.actions = actions
        both = {"a": False, "b": False}
        terminateds = {**both, **self.flags.get("terminateds", {})}
        truncateds = {**both, **self.flags.get("truncateds", {})}
        return {"a": [1], "b": [1]}, {"a": 1, "b": 2.5}, terminateds, truncateds, {"a": {}, "b": {}}


def test_single_agent_gets_the_scenes_agent_id():
    env = Single(step=(numpy.array([1.0]), numpy.float64(2), numpy.bool_(True), False, {"k": 1}))
    adapter = Adapter(env, ["human"])
    assert adapter.reset(seed=5) == ({"human": 0}, {"human": {}})
    assert env.seed == 5
    step = adapter.step({"human": 2})
    assert env.actions == [2]
    assert step.rewards == {"human": 2.0} and type(step.rewards["human"]) is float
    assert step.terminateds == {"human": True} and step.truncateds == {"human": False}
    assert step.infos == {"human": {"k": 1}} and step.over


def test_a_dict_observation_alone_does_not_make_several_agents():
    adapter = Adapter(Single(reset=({"position": 1}, {})), ["human"])
    assert adapter.reset(seed=0)[0] == {"human": {"position": 1}}
    assert adapter.single


def test_parallel_env_with_integer_ids():
    env = Parallel()
    adapter = Adapter(env, ["0", "1"])
    assert adapter.reset(seed=0)[0] == {"0": 0, "1": 0}
    assert adapter.playing() == ["0", "1"]
    assert not adapter.step({"0": 1, "1": 1}).over
    assert env.seen == [{0: 1, 1: 1}]
    assert adapter.playing() == ["1"]
    last = adapter.step({"1": 1})
    assert env.seen[1] == {1: 1} and last.over
    assert adapter.action_space("0").n == 2 and adapter.action_space("1").n == 3


def test_an_agent_ids_type_in_the_scene_does_not_matter():
    adapter = Adapter(Parallel(), [0, 1])
    adapter.reset(seed=0)
    assert adapter.playing() == ["0", "1"]


@pytest.mark.parametrize("flags, over", [
    ({}, False),
    ({"terminateds": {"a": True}}, False),
    ({"terminateds": {"a": True}, "truncateds": {"b": True}}, True),
    ({"terminateds": {"__all__": True}}, True),
    ({"truncateds": {"__all__": True}}, True),
    ({"terminateds": {"__all__": False}}, False),
])  # fmt: skip
def test_a_dict_of_agents_is_over_when_all_are_or_when_it_says_so(flags, over):
    adapter = Adapter(Dicts(**flags), ["a", "b"])
    adapter.reset(seed=0)
    step = adapter.step({"a": 0, "b": 1})
    assert step.over is over
    assert step.rewards == {"a": 1.0, "b": 2.5}


def test_a_real_pettingzoo_shaped_reset_clears_who_was_done():
    adapter = Adapter(Parallel(), ["0", "1"])
    adapter.reset(seed=0)
    adapter.step({"0": 1, "1": 1})
    adapter.reset(seed=1)
    assert adapter.playing() == ["0", "1"]


def test_action_spaces_as_attribute_dict_and_gymnasium_dict():
    for attribute in ({"a": 1, "b": 2}, gymnasium.spaces.Dict(a=gymnasium.spaces.Discrete(2))):
        env = Dicts()
        env.action_space = attribute
        adapter = Adapter(env, ["a", "b"])
        adapter.reset(seed=0)
        assert adapter.action_space("a") in (1, gymnasium.spaces.Discrete(2))


class NoSeed:
    def reset(self):
        pass

    def step(self, action):
        pass


class NoStep:
    def reset(self, seed=None):
        pass


@pytest.mark.parametrize("env, agents, message", [
    (NoStep(), ["a"], r"NoStep without a method step\(\)"),
    (NoSeed(), ["a"], "must accept the keyword argument seed"),
    (Single(), [], "names no agent"),
    (Single(), [0, "0"], "two agents"),
    (Single(reset=0), ["a"], r"reset\(\) returned a value of type int; it must return the tuple"),
    (Single(), ["a", "b"], r"names the agents \['a', 'b'\], but env.reset\(\) returned a value of type int"),
    (Dicts(), ["a"], "give every agent of the environment a policy"),
    (Dicts(), ["a", "c"], "must be a dict with an entry for each"),
])  # fmt: skip
def test_what_cannot_work_is_said_at_the_start(env, agents, message):
    if env.__class__ is Dicts and agents == ["a"]:
        env.agents = ["a", "b"]
    with pytest.raises(EnvironmentContractError, match=message):
        Adapter(env, agents).reset(seed=0)


@pytest.mark.parametrize("result, message", [
    ((0, 1, False, {}), "a tuple of 4 values; .*old Gym API"),
    (None, "a value of type NoneType"),
    ((0, None, False, False, {}), "the reward of agent 'human' is None"),
    ((0, {"x": 1}, False, False, {}), "the reward of agent 'human' is {'x': 1}"),
    ((0, 1, None, False, {}), "terminated of agent 'human' is None"),
    ((0, 1, False, "no", {}), "truncated of agent 'human' is 'no'"),
])  # fmt: skip
def test_a_wrong_step_result_is_named(result, message):
    adapter = Adapter(Single(step=result), ["human"])
    adapter.reset(seed=0)
    with pytest.raises(EnvironmentContractError, match=message):
        adapter.step({"human": 0})


def test_a_parallel_step_must_return_dicts():
    class Bad(Dicts):
        def step(self, actions):
            return {"a": 1, "b": 1}, 1.0, {}, {}, {}

    adapter = Adapter(Bad(), ["a", "b"])
    adapter.reset(seed=0)
    with pytest.raises(EnvironmentContractError, match="a value of type float as rewards"):
        adapter.step({"a": 0, "b": 0})


def test_actions_take_the_spaces_type():
    assert converter(None)("any") == "any"
    action = converter(gymnasium.spaces.Discrete(3))(numpy.int64(2))
    assert action == 2 and type(action) is int
    box = converter(gymnasium.spaces.Box(-1, 1, shape=(2,), dtype=numpy.float32))([0, 1])
    assert box.dtype == numpy.float32 and box.shape == (2,)
    assert converter(gymnasium.spaces.Box(-1, 1, shape=(1,)))(0.5).shape == (1,)


@pytest.mark.parametrize("space, value, message", [
    (gymnasium.spaces.Discrete(3), 5, r"the action 5 is not in the action space Discrete\(3\) of agent 'human'"),
    (gymnasium.spaces.Discrete(3), 0.5, "the action 0.5 does not fit"),
    (gymnasium.spaces.Box(-1, 1, shape=(2,)), [1], "does not fit the action space"),
    (gymnasium.spaces.Box(-1, 1, shape=(1,)), 3.0, "is not in the action space"),
])  # fmt: skip
def test_an_action_outside_its_space_is_named(space, value, message):
    with pytest.raises(EnvironmentContractError, match=message):
        check_action(space, converter(space), value, "human")
