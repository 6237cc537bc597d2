"""Taking an environment's whole state and putting it back.

The environment's own ``get_state()`` and ``set_state(state)`` are used when it has both: they are the fastest and say
exactly what its state is. Otherwise all its attributes are deep-copied, wrappers included; drawing surfaces are left
out, for what is on the screen is not state. Randomness belongs to the state: the generators of ``random`` and
``numpy.random`` and the environment's own ``np_random`` are taken and put back in either case. An environment that
keeps another generator and offers ``get_state()`` must include it there.
"""

from __future__ import annotations

import copy
import random
import sys
from typing import Any, NamedTuple

from .errors import EnvironmentContractError
from .rendering import Surface


class Snapshot(NamedTuple):
    """Opaque; good for any number of ``restore`` calls on the same environment."""

    layers: list[Any]
    python_random: Any
    numpy_random: Any


def capture(env) -> Snapshot:
    """The state of ``env`` and of the global random generators, independent of whatever happens next."""
    numpy = sys.modules.get("numpy")
    return Snapshot(
        [_capture_layer(layer) for layer in _layers(env)],
        random.getstate(),
        copy.deepcopy(numpy.random.get_state()) if numpy else None,
    )


def restore(env, snapshot: Snapshot) -> None:
    """Put ``env`` and the global random generators back to where ``capture`` found them."""
    layers = _layers(env)
    if len(layers) != len(snapshot.layers):
        raise EnvironmentContractError("the snapshot was taken from an environment with other wrappers")
    for layer, saved in zip(layers, snapshot.layers):
        _restore_layer(layer, saved)
    random.setstate(snapshot.python_random)
    numpy = sys.modules.get("numpy")
    if numpy and snapshot.numpy_random is not None:
        numpy.random.set_state(snapshot.numpy_random)


def _layers(env):
    """The environment and what it wraps, down to the first that knows its own state."""
    layers = [env]
    while not _knows_its_state(env) and getattr(env, "unwrapped", env) is not env and hasattr(env, "env"):
        env = env.env
        layers.append(env)
    return layers


def _knows_its_state(env):
    return all(callable(getattr(type(env), name, None)) for name in ("get_state", "set_state"))


def _capture_layer(layer):
    if _knows_its_state(layer):
        generator = layer.__dict__.get("_np_random") if hasattr(layer, "__dict__") else None
        state = copy.deepcopy(generator.bit_generator.state) if generator is not None else None
        return "own", copy.deepcopy(layer.get_state()), state
    memo: dict = {}
    saved = {}
    for name, value in _attributes(layer).items():
        try:
            saved[name] = copy.deepcopy(value, memo)
        except Exception as error:
            raise EnvironmentContractError(
                f"the attribute {name!r} of {type(layer).__name__} cannot be copied ({type(error).__name__}: {error}); "
                "give the environment get_state() and set_state(state)"
            ) from error
    return "copied", saved, None


def _restore_layer(layer, saved):
    kind, state, generator = saved
    if kind == "own":
        layer.set_state(copy.deepcopy(state))
        if generator is not None:
            layer.np_random.bit_generator.state = copy.deepcopy(generator)
        return
    for name in _attributes(layer):
        if name not in state:
            delattr(layer, name)
    layer.__dict__.update(copy.deepcopy(state))


def _attributes(layer):
    """What is copied: everything but the wrapped environment, which is a layer itself, and surfaces."""
    if not hasattr(layer, "__dict__"):
        raise EnvironmentContractError(
            f"{type(layer).__name__} has no __dict__ to copy; give the environment get_state() and set_state(state)"
        )
    wraps = getattr(layer, "unwrapped", layer) is not layer
    return {
        name: value
        for name, value in layer.__dict__.items()
        if not isinstance(value, Surface) and not (wraps and name == "env")
    }
