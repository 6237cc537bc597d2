"""One way to drive three styles of environment.

==================  ==============================================  ==================================================
style               how it is recognised                            what it takes and returns
==================  ==============================================  ==================================================
Gymnasium           anything that is not one of the two below       ``step(action)`` -> five plain values
PettingZoo          has ``possible_agents`` or ``agents``, and its  ``step({agent: action})`` -> five dicts by agent;
parallel            observations are a dict by agent                agents leave ``env.agents`` when they are done
dict of agents      observations are a dict whose keys include      the same, optionally with ``"__all__"`` in
                    every agent of the scene                        ``terminateds`` or ``truncateds``
==================  ==============================================  ==================================================

No subclass is needed. In all of them ``reset(seed=...)`` returns ``(observations, infos)`` and ``step`` returns
``(observations, rewards, terminateds, truncateds, infos)``. Outside this module everything is a dict by agent id, and
ids are texts: the agent ``0`` of an environment is ``"0"`` in a scene's ``policy_mapping`` and in the data.
"""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

from .errors import EnvironmentContractError

ALL = "__all__"
_PARTS = ("observations", "rewards", "terminateds", "truncateds", "infos")


class Transition(NamedTuple):
    """What one step led to, by agent id (a text)."""

    observations: dict[str, Any]
    rewards: dict[str, float]
    terminateds: dict[str, bool]
    truncateds: dict[str, bool]
    infos: dict[str, Any]
    over: bool


class Adapter:
    """Drives ``env`` for the agents named in a scene's policies."""

    def __init__(self, env, agents):
        self.env = env
        self.agents = [str(agent) for agent in agents]
        if not self.agents:
            raise EnvironmentContractError("the scene's policy_mapping names no agent")
        if len(set(self.agents)) != len(self.agents):
            raise EnvironmentContractError(f"two agents of policy_mapping have the same id as text: {self.agents}")
        for method in ("reset", "step"):
            if not callable(getattr(env, method, None)):
                raise EnvironmentContractError(
                    f"env is a {type(env).__name__} without a method {method}(); an environment needs reset and step"
                )
        _check_seed(env)
        self.single = False
        self._native: dict[str, Any] = {}
        self.done: set[str] = set()

    def reset(self, seed: int) -> tuple[dict, dict]:
        """Start an episode; return observations and infos by agent."""
        result = self.env.reset(seed=seed)
        if not isinstance(result, tuple) or len(result) != 2:
            raise EnvironmentContractError(
                f"env.reset() returned {_shape(result)}; it must return the tuple (observation, info)"
            )
        observations, infos = result
        self.done = set()
        self.single = not self._is_multi(observations)
        if self.single:
            if len(self.agents) != 1:
                raise EnvironmentContractError(
                    f"policy_mapping names the agents {self.agents}, but env.reset() returned {_shape(observations)} "
                    "as observation; for several agents it must be a dict with an entry for each of them"
                )
            agent = self.agents[0]
            return {agent: observations}, {agent: infos}
        self._learn(observations)
        return self._by_text("reset", "observations", observations), self._by_text("reset", "infos", infos)

    def step(self, actions: dict[str, Any]) -> Transition:
        """Step with one action per agent that still plays."""
        return self._transition(self._parts(self.env.step(self._for_env(actions))))

    @property
    def can_advance(self) -> bool:
        """Whether the environment offers ``advance(actions)``: a step that makes no observations. It takes what
        ``step`` takes and returns what ``step`` returns without the first of the five."""
        # Only the outermost counts: a wrapper that steps has to be told of every step.
        return callable(getattr(type(self.env), "advance", None))

    def advance(self, actions: dict[str, Any]) -> Transition:
        """Step without observations (they are ``None``), or, where the environment offers no such step, with."""
        if not self.can_advance:
            return self.step(actions)
        result = self.env.advance(self._for_env(actions))
        if not isinstance(result, tuple) or len(result) != 4:
            raise EnvironmentContractError(
                f"env.advance() returned {_shape(result)}; it must return the tuple "
                "(reward, terminated, truncated, info): what step() returns, without the observation"
            )
        transition = self._transition(({}, *result))
        return transition._replace(observations=None)

    def _for_env(self, actions):
        if self.single:
            return actions[self.agents[0]]
        return {self._native[agent]: action for agent, action in actions.items()}

    def _transition(self, parts):
        if self.single:
            return self._transition_single(parts)
        named = [self._by_text("step", name, part) for name, part in zip(_PARTS, parts)]
        observations, rewards, terminateds, truncateds, infos = named
        rewards = {agent: _reward(reward, agent) for agent, reward in rewards.items()}
        terminateds = {agent: _flag("terminateds", flag, agent) for agent, flag in terminateds.items()}
        truncateds = {agent: _flag("truncateds", flag, agent) for agent, flag in truncateds.items()}
        for flags in (terminateds, truncateds):
            self.done.update(agent for agent, flag in flags.items() if flag and agent != ALL)
        over = terminateds.get(ALL, False) or truncateds.get(ALL, False) or self.done.issuperset(self.agents)
        if not over and getattr(self.env, "agents", None) == []:
            over = True
        return Transition(observations, rewards, terminateds, truncateds, infos, over)

    def native(self, agent: str):
        """The environment's own id of an agent."""
        return self._native.get(agent, agent)

    def playing(self) -> list[str]:
        """Agents that still need an action, in the order of the scene."""
        if self.done:
            return [agent for agent in self.agents if agent not in self.done]
        return self.agents

    def action_space(self, agent: str):
        """The agent's action space, or None when the environment does not tell."""
        if self.single:
            return getattr(self.env, "action_space", None)
        native = self._native[agent]
        space = getattr(self.env, "action_space", None)
        if callable(space) and not hasattr(space, "sample"):
            return space(native)
        spaces = space if space is not None else getattr(self.env, "action_spaces", None)
        spaces = getattr(spaces, "spaces", spaces)  # gymnasium.spaces.Dict
        if isinstance(spaces, dict):
            return spaces.get(native)
        return spaces

    # ------------------------------------------------------------------------------------------------ single agent

    def _transition_single(self, parts):
        agent = self.agents[0]
        observation, reward, terminated, truncated, info = parts
        if isinstance(reward, dict) and isinstance(observation, dict) and agent not in observation:
            raise EnvironmentContractError(
                f"env.step() returned dicts by agent, but none for the agent {agent!r} of policy_mapping"
            )
        terminated = _flag("terminated", terminated, agent)
        truncated = _flag("truncated", truncated, agent)
        return Transition(
            {agent: observation},
            {agent: _reward(reward, agent)},
            {agent: terminated},
            {agent: truncated},
            {agent: info},
            terminated or truncated,
        )

    # ------------------------------------------------------------------------------------------------ several agents

    def _is_multi(self, observations):
        if not isinstance(observations, dict):
            if getattr(self.env, "possible_agents", None):
                raise EnvironmentContractError(
                    f"env has possible_agents, but env.reset() returned {_shape(observations)} as observations; "
                    "a parallel environment returns a dict by agent"
                )
            return False
        known = getattr(self.env, "possible_agents", None) or getattr(self.env, "agents", None)
        if isinstance(known, (list, tuple)) and known:
            return True
        return {str(key) for key in observations}.issuperset(self.agents)

    def _learn(self, observations):
        """Find the environment's own ids (which may be integers) for the scene's texts."""
        native = {}
        for key in observations:
            if native.setdefault(str(key), key) != key:
                raise EnvironmentContractError(f"env has two agents with the id {str(key)!r} as text")
        missing = [agent for agent in self.agents if agent not in native]
        extra = [agent for agent in native if agent not in self.agents]
        if missing or extra:
            raise EnvironmentContractError(
                f"policy_mapping names the agents {self.agents}, but env.reset() returned observations for "
                f"{list(native)}; give every agent of the environment a policy, and no other"
            )
        self._native = native

    def _by_text(self, call, part, values):
        if not isinstance(values, dict):
            raise EnvironmentContractError(
                f"env.{call}() returned {_shape(values)} as {part}; with several agents it must be a dict by agent"
            )
        return {str(agent): value for agent, value in values.items()}

    def _parts(self, result):
        if isinstance(result, tuple) and len(result) == 5:
            return result
        hint = ""
        if isinstance(result, tuple) and len(result) == 4:
            hint = ". This looks like the old Gym API: split `done` into terminated and truncated"
        raise EnvironmentContractError(
            f"env.step() returned {_shape(result)}; it must return the tuple "
            f"(observation, reward, terminated, truncated, info){hint}"
        )


def _check_seed(env):
    try:
        parameters = inspect.signature(env.reset).parameters.values()
    except (TypeError, ValueError):  # implemented in C: nothing to look at
        return
    if not any(p.name == "seed" or p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        raise EnvironmentContractError(
            "env.reset() must accept the keyword argument seed: without it an episode cannot be repeated"
        )


def _reward(value, agent):
    if type(value) is float:
        return value
    try:
        if isinstance(value, (str, dict, list, tuple)) or value is None:
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise EnvironmentContractError(
            f"the reward of agent {agent!r} is {value!r}; it must be a number"
        ) from None


def _flag(part, value, agent):
    if type(value) is bool:
        return value
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, bool) or (isinstance(plain, int) and plain in (0, 1)):
        return bool(plain)
    raise EnvironmentContractError(f"{part} of agent {agent!r} is {value!r}; it must be True or False")


def _shape(value):
    if isinstance(value, tuple):
        return f"a tuple of {len(value)} values"
    if isinstance(value, dict):
        return f"a dict with the keys {[*value][:8]}"
    return f"a value of type {type(value).__name__}"


# --------------------------------------------------------------------------------------------------- actions


def converter(space):
    """A function from an action of the scene's ``action_mapping`` to what the action space holds."""
    kind = type(space).__name__ if space is not None else ""
    if kind == "Discrete":
        return _discrete
    if kind in ("Box", "MultiDiscrete", "MultiBinary"):
        import numpy

        def array(value):
            return numpy.asarray(value, dtype=space.dtype).reshape(space.shape)

        return array
    return _as_it_is


def _as_it_is(value):
    return value


def _discrete(value):
    if isinstance(value, bool) or int(value) != value:
        raise TypeError(f"{value!r} is not an integer")
    return int(value)


def check_action(space, convert, value, agent):
    """Raise at the start of a scene, not at the first press of that key, when an action does not fit."""
    try:
        converted = convert(value)
    except (TypeError, ValueError) as error:
        raise EnvironmentContractError(
            f"the action {value!r} does not fit the action space {space} of agent {agent!r}: {error}"
        ) from None
    if space is not None and callable(getattr(space, "contains", None)) and not space.contains(converted):
        raise EnvironmentContractError(f"the action {value!r} is not in the action space {space} of agent {agent!r}")
