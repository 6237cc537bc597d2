"""Snapshots and hashes."""

import random
import threading

import gymnasium
import numpy
import pytest

from greenroom import Surface, snapshot
from greenroom.errors import EnvironmentContractError
from greenroom.hashing import canonical, state_hash


def play(env, steps):
    """What a run gives, randomness of every kind included."""
    trace = []
    for i in range(steps):
        observation, reward, *_ = env.step(env.action_space.start + i % 2)
        trace.append((numpy.asarray(observation).tolist(), reward, random.random(), numpy.random.random()))
        trace.append(env.unwrapped.np_random.random())
    return trace


@pytest.mark.parametrize("make", [
    lambda: gymnasium.make("CartPole-v1"),  # wrappers with state of their own
    lambda: gymnasium.make("CartPole-v1").unwrapped,
])  # fmt: skip
def test_restore_goes_back_any_number_of_times(make):
    env = make()
    env.reset(seed=3)
    play(env, 4)
    taken = snapshot.capture(env)
    first = play(env, 5)
    for _ in range(2):
        snapshot.restore(env, taken)
        assert play(env, 5) == first


def test_wrappers_are_part_of_the_state():
    env = gymnasium.make("CartPole-v1", max_episode_steps=3)
    env.reset(seed=0)
    taken = snapshot.capture(env)
    env.step(0), env.step(0)
    snapshot.restore(env, taken)
    assert [env.step(0)[3] for _ in range(3)] == [False, False, True]


class Stateful(gymnasium.Env):
    """Offers its own state; what it leaves out must not be copied."""

    def __init__(self):
        self.value, self.lock = [0], threading.Lock()

    def get_state(self):
        return {"value": self.value}

    def set_state(self, state):
        self.value = state["value"]


def test_get_state_is_preferred_and_not_shared():
    env = Stateful()
    env.np_random.random()
    taken = snapshot.capture(env)
    following = env.np_random.random()
    env.value.append(1)
    snapshot.restore(env, taken)
    assert env.value == [0] and env.np_random.random() == following
    env.value.append(2)
    snapshot.restore(env, taken)
    assert env.value == [0]


def test_attributes_made_later_are_gone_and_surfaces_are_left_alone():
    class Env:
        def __init__(self):
            self.surface = Surface(10, 10)
            self.x = 1

    env = Env()
    taken = snapshot.capture(env)
    env.y, env.x, surface = 2, 3, env.surface
    snapshot.restore(env, taken)
    assert env.x == 1 and not hasattr(env, "y") and env.surface is surface


def test_what_cannot_be_copied_is_named():
    class Env:
        lock = None

    env = Env()
    env.lock = threading.Lock()
    with pytest.raises(EnvironmentContractError, match="attribute 'lock' of Env cannot be copied .*get_state"):
        snapshot.capture(env)


def test_hash_is_this_and_stays_this():
    # A changed rule would make every recorded hash wrong: change the number only with the rule's version.
    assert state_hash({"b": [1, 2.5, None, True, "ä"], "a": {"1": -0.0}}) == "abcb4570a3a66e26"


def test_hash_does_not_depend_on_order_or_container():
    one = state_hash({"a": 1, "b": (1, 2.0), 3: numpy.array([1.5])})
    assert one == state_hash({"3": [1.5], "b": [1, 2.0], "a": numpy.int64(1)})
    assert state_hash({3, 1, 2}) == state_hash({2, 1, 3})


def test_hash_tells_integers_from_floats():
    assert state_hash([1]) != state_hash([1.0])


def test_floats_are_rounded_to_nine_significant_digits():
    assert state_hash([0.1 + 0.2]) == state_hash([0.3])
    assert state_hash([1.00000001]) != state_hash([1.0])
    assert state_hash([1e-20]) != state_hash([2e-20])
    assert canonical(-0.0) == 0.0 and str(canonical(-0.0)) == "0.0"
    assert state_hash([float("nan")]) == state_hash([-float("nan")])
    assert canonical(float("-inf")) == float("-inf")


def test_ambiguous_keys_are_refused():
    with pytest.raises(ValueError, match="same key as an integer and as text"):
        state_hash({1: 0, "1": 0})
    with pytest.raises(TypeError, match="must be a string or an integer"):
        state_hash({(1, 2): 0})
