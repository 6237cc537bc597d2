"""Environments as theirs are, for Greenroom's engine. Used in browsers and on the service, wherever the environment runs.

Theirs take and return dicts by agent even of one agent, may have a ``reset`` without a seed, and draw lists of objects.
"""

from __future__ import annotations

import inspect
from collections import ChainMap

from . import objects

# What their code finds among its own names.
SHARED = ("mug_globals", "interactive_gym_globals")


def share(module) -> None:
    """Give the researcher's code the values that scenes share. It had a copy: what it writes stays with it."""
    for name in SHARED:
        setattr(module, name, ChainMap({}, getattr(module, "globals_", {})))


def adapted(env, agents, size, specs, addresses, folder=""):
    """``env`` behind Greenroom's contract. One that is behind it already stays as it is."""
    if isinstance(env, Adapted):
        return env
    try:
        taken = inspect.signature(env.render).parameters
    except (AttributeError, TypeError, ValueError):
        taken = {}
    kind = AdaptedForEach if "agent_id" in taken else Adapted
    return kind(env, [_native(agent) for agent in agents], size, specs, addresses, folder)


def _native(agent):
    # As their browsers did.
    return int(agent) if isinstance(agent, str) and agent.isdecimal() else agent


class Adapted:
    """An environment of theirs. What it does not say itself, the environment says."""

    def __init__(self, env, agents, size, specs, addresses, folder):
        given = self.__dict__
        given.update(env=env, agents_of_scene=list(agents), size=tuple(size), specs=list(specs))
        given.update(addresses=tuple(addresses), folder=folder)
        try:
            takes = inspect.signature(env.reset).parameters.values()
        except (AttributeError, TypeError, ValueError):
            takes = ()
        given["takes_seed"] = any(one.name == "seed" or one.kind is one.VAR_KEYWORD for one in takes)
        if not callable(getattr(env, "render", None)):
            given["render"] = None

    # ------------------------------------------------------------------------------------------------- the contract

    def reset(self, *, seed=None, options=None):
        """Seeds what a ``reset`` without a seed would leave to chance."""
        if self.takes_seed:
            result = self.env.reset(seed=seed)
        else:
            self._seed(seed)
            result = self.env.reset()
        if isinstance(result, tuple) and len(result) == 2:
            return tuple(self._by_agent(part) for part in result)
        return result

    def _seed(self, seed):
        # ``random`` and ``numpy.random`` have been seeded; Gymnasium's base class has a generator besides.
        inner = self.unwrapped
        if hasattr(type(inner), "np_random"):
            import numpy

            inner.np_random = numpy.random.default_rng(seed)

    def step(self, actions):
        """Takes actions by agent, and gives everything by agent."""
        result = self.env.step(actions)
        if isinstance(result, tuple) and len(result) == 5:
            return tuple(self._by_agent(part) for part in result)
        return result

    def _by_agent(self, part):
        if isinstance(part, dict) and (not part or any(key in part for key in ("__all__", *self.agents_of_scene))):
            return part  # infos need not have every agent
        if len(self.agents_of_scene) == 1:
            return {self.agents_of_scene[0]: part}
        return part

    def render(self):
        """Their objects as a draw packet; everything else as it is."""
        return self._drawn(self.env.render())

    def _drawn(self, shown):
        if objects.is_theirs(shown):
            return objects.packet(shown, *self.size)
        if isinstance(shown, list) and not shown:
            return {"width": self.size[0], "height": self.size[1], "full": False, "objects": [], "removed": []}
        pixels = getattr(shown, "game_image", None)
        return shown if pixels is None else pixels

    def get_asset_specs(self):
        """The pictures of the environment and those that the scene named, at addresses below the study's."""
        inner = getattr(self.env, "unwrapped", self.env)
        specs = list(self.specs)
        for source in (inner, getattr(inner, "surface", None)):
            own = getattr(source, "get_asset_specs", None)
            if callable(own):
                specs = [*own(), *specs]
                break
        return [self._found(objects.asset(spec) if "kind" not in spec else spec) for spec in specs]

    def _found(self, spec):
        return {name: self._address(value) if name in ("path", "json_path") else value for name, value in spec.items()}

    def _address(self, path):
        path = path.lstrip("/")
        path = path[2:] if path.startswith("./") else path
        if self.folder and path.startswith(f"{self.folder}/"):
            return path[len(self.folder) + 1 :]
        # Addresses of pictures are below two folders of the study's own.
        served = any(path.startswith(f"{address}/") for address in self.addresses)
        return f"../../{path}" if served else path

    # ------------------------------------------------------------------------------------- the environment behind it

    @property
    def unwrapped(self):
        """The environment itself."""
        return getattr(self.env, "unwrapped", self.env)

    def __getattr__(self, name):
        if name == "env" or name[:2] == "__":
            raise AttributeError(name)
        return getattr(self.env, name)

    def __setattr__(self, name, value):
        # Code of a scene may change the environment.
        setattr(self.env, name, value)


class AdaptedForEach(Adapted):
    """One that draws for each player its own picture."""

    def render(self, agent_id=None):
        """For the player of this agent."""
        return self._drawn(self.env.render(agent_id=agent_id))
