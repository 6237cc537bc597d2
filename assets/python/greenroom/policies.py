"""Who acts for the agents that no participant plays.

A policy has ``seed(seed, agent)``, ``choose(observation, frame) -> action``, ``get_state()`` and ``set_state(state)``;
``looks`` says whether it needs the observation, ``foreign`` whether it runs the
researcher's code. Its randomness comes from the episode's seed, so that every copy of a
game plays alike. A ``Bot`` asks its policy every so many frames, and does what the scene says in between.
"""

from __future__ import annotations

import copy
import inspect
import random
from typing import Any, NamedTuple

from .errors import EnvironmentContractError

KINDS = ("human", "random", "model", "function")


class Given(NamedTuple):
    """A policy as the settings give it."""

    kind: str
    options: dict[str, Any]

    @property
    def frame_skip(self) -> int:
        return self.options.get("frame_skip", 1)


def read(agent: str, setting) -> Given:
    """``"human"``, ``"random"``, or a map of one kind to its options."""
    given = Given(setting, {}) if isinstance(setting, str) else None
    if isinstance(setting, dict) and len(setting) == 1:
        kind, options = next(iter(setting.items()))
        given = Given(kind, options) if isinstance(options, dict) else None
    if given is None or given.kind not in KINDS or (given.kind in ("model", "function") and not given.options):
        raise ValueError(f"settings: policy {setting!r} of agent {agent!r}; allowed: {', '.join(KINDS)}")
    if type(given.frame_skip) is not int or given.frame_skip < 1:
        raise ValueError(f"settings: frame_skip={given.frame_skip!r} of agent {agent!r} must be a whole number from 1")
    return given


class Bot:
    """A policy with the frames in which it is asked. What it does in a frame is settled at the end of the one before,
    while the observation is at hand, and is part of the state."""

    def __init__(self, policy, frame_skip: int, default, keep_previous: bool):
        self.policy = policy
        self._skip = frame_skip
        # Without a default action the previous one is the only one there is.
        self._fill = [default] if default is not None and not keep_previous else None

    def seed(self, seed, agent) -> None:
        self.policy.seed(seed, agent)
        self._last = self.next = None

    def due(self, frame: int) -> bool:
        """Whether the policy is asked what to do in ``frame``."""
        return frame % self._skip == 0

    def looks(self, frame: int) -> bool:
        """Whether the observation before ``frame`` is needed."""
        return self.policy.looks and self.due(frame)

    def think(self, frame: int, observation) -> None:
        """Settle what is done in ``frame``."""
        if self.due(frame):
            self.decided(self.policy.choose(observation, frame))
        else:
            self.next = self._last if self._fill is None else self._fill[0]

    def decided(self, action) -> None:
        """This is what the policy has chosen."""
        self._last = self.next = action

    def recall(self, frame: int, action) -> None:
        """In ``frame`` this was done, as the record says."""
        if self.due(frame):
            self._last = action

    def get_state(self) -> list:
        return [self.policy.get_state(), copy.deepcopy(self._last), copy.deepcopy(self.next)]

    def set_state(self, state) -> None:
        inner, self._last, self.next = copy.deepcopy(state)
        self.policy.set_state(inner)


class RandomPolicy:
    """Uniform over the action space, the same on every platform for Discrete spaces and for spaceless environments."""

    looks = foreign = False

    def __init__(self, space, actions):
        self._random = random.Random()
        self._space = None
        if type(space).__name__ == "Discrete":
            first, count = int(space.start), int(space.n)
            self._values = range(first, first + count)
        elif callable(getattr(space, "sample", None)):
            self._space = copy.deepcopy(space)  # the environment may draw from its own
        elif actions:
            self._values = actions
        else:
            raise EnvironmentContractError("a random policy needs an action space or an action_mapping to choose from")

    def seed(self, seed, agent):
        self._random.seed(f"{seed}/{agent}")  # a text is hashed by a fixed rule, unlike hash()
        if self._space is not None:
            self._space.seed(self._random.randrange(2**31))

    def choose(self, _observation, _frame):
        if self._space is not None:
            value = self._space.sample()
            return value.tolist() if hasattr(value, "tolist") else value
        return self._values[self._random.randrange(len(self._values))]

    def get_state(self) -> list:
        """The generators: this one's, and those of the space and the spaces inside it."""
        return [self._random.getstate(), [copy.deepcopy(g.bit_generator.state) for g in self._generators()]]

    def set_state(self, state) -> None:
        own, others = state
        self._random.setstate(own)
        for generator, saved in zip(self._generators(), others):
            generator.bit_generator.state = copy.deepcopy(saved)

    def _generators(self):
        found, spaces = [], [self._space]
        while spaces:
            space = spaces.pop(0)
            if space is None:
                continue
            inner = getattr(space, "spaces", ())
            spaces.extend(inner.values() if isinstance(inner, dict) else inner)
            if hasattr(space, "np_random"):
                found.append(space.np_random)
        return found


class FunctionPolicy:
    """A function of the environment's own code, ``name(observation, random) -> action``. ``random`` is a generator of
    its own, a ``random.Random``; whatever else the function remembers is not part of the game's state."""

    looks = foreign = True

    def __init__(self, agent, name, namespace, fits):
        self._agent, self._name, self._fits = agent, name, fits
        self._random = random.Random()
        self._function = namespace.get(name)
        if not callable(self._function):
            there = "is no function" if name in namespace else "does not exist"
            raise EnvironmentContractError(
                f"agent {agent!r} is to be played by the function {name!r}, which {there} in the environment's code; "
                f"define {name}(observation, random) there and let it return an action"
            )
        try:
            inspect.signature(self._function).bind(None, None)
        except TypeError as error:
            raise EnvironmentContractError(
                f"the function {name!r}, which plays agent {agent!r}, must accept (observation, random) and return an "
                f"action: {error}"
            ) from None
        except ValueError:  # implemented in C: nothing to look at
            pass

    def seed(self, seed, agent):
        self._random.seed(f"{seed}/{agent}")

    def choose(self, observation, _frame):
        action = self._function(observation, self._random)
        action = action.tolist() if hasattr(action, "tolist") else action
        if not self._fits(action):
            raise EnvironmentContractError(
                f"{self._name}(observation, random) returned {action!r}; it must return an action of agent "
                f"{self._agent!r}: a value of the action_mapping or of the agent's action space"
            )
        return action

    def get_state(self):
        return self._random.getstate()

    def set_state(self, state):
        self._random.setstate(state)
