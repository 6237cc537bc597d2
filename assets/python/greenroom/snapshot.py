"""Taking an environment's whole state and putting it back.

The environment's own ``get_state()`` and ``set_state(state)`` are used when it has both: they are the fastest and say
exactly what its state is. Otherwise all its attributes are deep-copied, wrappers included; drawing surfaces are left
out, for what is on the screen is not state. Randomness belongs to the state: the generators of ``random`` and
``numpy.random`` and the environment's own ``np_random`` are taken and put back in either case. An environment that
keeps another generator and offers ``get_state()`` must include it there.
"""

from __future__ import annotations

import copy
import pickle
import random
import sys
from typing import Any, NamedTuple

from .errors import EnvironmentContractError
from .rendering import Surface


MODULE = "greenroom_environment"  # the name under which the researcher's code runs
own_modules: set[str] = set()  # names of the modules beside it that it has imported, see `isolation`


def is_own(module: str | None) -> bool:
    """Whether a module of this name is the researcher's."""
    return module == MODULE or module in own_modules


class Snapshot(NamedTuple):
    """Opaque; good for any number of ``restore`` calls on the same environment."""

    layers: list[Any]
    python_random: Any
    numpy_random: Any


class Frozen:
    """A value as it is now; ``thaw`` gives a copy of it, as often as asked."""

    __slots__ = ("_pickled", "_value")

    def __init__(self, value, copied=copy.deepcopy):
        self._value = self._pickled = None
        try:
            # Many times faster than deepcopy for plain values. It stays in this process: what comes from others is
            # never a pickle.
            self._pickled = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        except Exception:  # whatever refuses to be pickled may still know how to be copied
            pass
        if self._pickled is None or any(name.encode() in self._pickled for name in (MODULE, *own_modules)):
            # A pickle finds the researcher's classes by name, and another game of this process has the same names.
            self._value, self._pickled = copied(value), None

    def thaw(self):
        return copy.deepcopy(self._value) if self._pickled is None else pickle.loads(self._pickled)


class Live:
    """In the place of ``Frozen``: a value that is looked at before it changes again, and need not be copied."""

    __slots__ = ("_value",)

    def __init__(self, value):
        self._value = value

    def thaw(self):
        return self._value


class Joined:
    """In the place of ``Frozen``: attributes of which some stay the very objects that they are."""

    __slots__ = ("_frozen", "_kept")

    def __init__(self, frozen, kept):
        self._frozen, self._kept = frozen, kept

    def thaw(self):
        return {**self._frozen.thaw(), **self._kept}


def look(env) -> Snapshot:
    """The state of ``env`` for reading it at once, and only that: many times cheaper than ``capture``."""
    layers = [
        ("own", Live(layer.get_state()), _generator(layer)) if knows_its_state(layer)
        else ("copied", Live(attributes(layer)), None)
        for layer in layers_of(env)
    ]  # fmt: skip
    return Snapshot(layers, *take_generators())


def capture(env) -> Snapshot:
    """The state of ``env`` and of the global random generators, independent of whatever happens next."""
    return Snapshot([_capture_layer(layer) for layer in layers_of(env)], *take_generators())


def restore(env, snapshot: Snapshot) -> None:
    """Put ``env`` and the global random generators back to where ``capture`` found them."""
    layers = layers_of(env)
    if len(layers) != len(snapshot.layers):
        raise EnvironmentContractError("the snapshot was taken from an environment with other wrappers")
    for layer, saved in zip(layers, snapshot.layers):
        _restore_layer(layer, saved)
    put_generators(snapshot.python_random, snapshot.numpy_random)


def take_generators() -> tuple[Any, Any]:
    """The states of the generators of ``random`` and ``numpy.random``."""
    numpy = sys.modules.get("numpy")
    return random.getstate(), numpy.random.get_state() if numpy else None  # numpy hands out a copy of its own


def put_generators(python_random, numpy_random) -> None:
    """Go on from where ``take_generators`` was."""
    random.setstate(python_random)
    numpy = sys.modules.get("numpy")
    if numpy and numpy_random is not None:
        numpy.random.set_state(numpy_random)


def layers_of(env):
    """The environment and what it wraps, down to the first that knows its own state."""
    layers = [env]
    while not knows_its_state(env) and getattr(env, "unwrapped", env) is not env and hasattr(env, "env"):
        env = env.env
        layers.append(env)
    return layers


def knows_its_state(env):
    return all(callable(getattr(type(env), name, None)) for name in ("get_state", "set_state"))


def _capture_layer(layer):
    if knows_its_state(layer):
        return "own", Frozen(layer.get_state()), _generator(layer)
    return "copied", Frozen(attributes(layer), lambda values: _copied(layer, values)), None


def _generator(layer):
    generator = layer.__dict__.get("_np_random") if hasattr(layer, "__dict__") else None
    return copy.deepcopy(generator.bit_generator.state) if generator is not None else None


def _copied(layer, values):
    memo: dict = {}
    saved = {}
    for name, value in values.items():
        try:
            saved[name] = copy.deepcopy(value, memo)
        except Exception as error:
            raise EnvironmentContractError(
                f"the attribute {name!r} of {type(layer).__name__} cannot be copied ({type(error).__name__}: {error}); "
                "give the environment get_state() and set_state(state)"
            ) from error
    return saved


def _restore_layer(layer, saved):
    kind, frozen, generator = saved
    state = frozen.thaw()
    if kind == "own":
        layer.set_state(state)
        if generator is not None:
            layer.np_random.bit_generator.state = copy.deepcopy(generator)
        return
    for name in attributes(layer):
        if name not in state:
            delattr(layer, name)
    layer.__dict__.update(state)


def attributes(layer):
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
