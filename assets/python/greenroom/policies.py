"""Policies that every copy of a game plays alike, because their randomness comes from the episode's seed."""

from __future__ import annotations

import copy
import random

from .errors import EnvironmentContractError


class RandomPolicy:
    """Uniform over the action space, the same on every platform for Discrete spaces and for spaceless environments."""

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

    def sample(self):
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
