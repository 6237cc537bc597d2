"""States as plain data: exactly, to send them to another copy, and by what they mean, to hash and compare them.

A state crosses from one participant's browser to another's, so it is never pickled: unpickling runs whatever the sender
wrote. Instead, values that MessagePack lacks are written as a map with one key that begins with ``~``:
``~tuple``, ``~set``, ``~frozenset``, ``~int`` (beyond 64 bits), ``~map`` (keys that are no plain texts), ``~array`` and
``~scalar`` (numpy), ``~random`` (a ``random.Random``) and ``~generator`` (a numpy ``Generator``).
"""

from __future__ import annotations

import random
import sys

from . import msgpack

_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


class NotPlain(TypeError):
    """A value that is no plain data; the message names the path to it."""

    def __init__(self, path, value):
        super().__init__(f"{path.lstrip('.') or 'the state'} is a {type(value).__name__}")
        self.value = value


def pack(value, path=""):
    """``value`` so that ``unpack`` gives back an equal one of equal types."""
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else {"~int": str(value)}
    if kind is list:
        return list(value) if _are_words(value) else [pack(item, f"{path}[{i}]") for i, item in enumerate(value)]
    if kind is tuple:
        return {"~tuple": pack(list(value), path)}
    if kind is dict:
        if all(type(key) is str and key[:1] != "~" for key in value):
            return {key: pack(item, f"{path}.{key}") for key, item in value.items()}
        return {"~map": [[pack(key, path), pack(item, f"{path}.{key}")] for key, item in value.items()]}
    if kind is set or kind is frozenset:
        items = sorted((pack(item, path) for item in value), key=msgpack.encode)
        return {f"~{kind.__name__}": items}
    if kind is random.Random:
        return {"~random": pack(value.getstate())}
    numpy = sys.modules.get("numpy")
    if numpy:
        if kind is numpy.ndarray and not value.dtype.hasobject:
            return {"~array": [value.dtype.str, list(value.shape), value.tobytes()]}
        if isinstance(value, numpy.generic) and not value.dtype.hasobject:
            return {"~scalar": [value.dtype.str, value.tobytes()]}
        if kind is numpy.random.Generator and type(value.bit_generator).__name__ in _GENERATORS:
            return {"~generator": pack(value.bit_generator.state)}
    raise NotPlain(path, value)


def _are_words(values) -> bool:
    """Whether these are the words of a random generator, hundreds of them, or other integers that fit MessagePack."""
    return set(map(type, values)) == {int} and 0 <= min(values) and max(values) < 2**64


def unpack(value):
    """The value that ``pack`` was given."""
    if type(value) is list:
        return value if _are_words(value) else [unpack(item) for item in value]
    if type(value) is not dict:
        return value
    if len(value) != 1 or next(iter(value))[:1] != "~":
        return {key: unpack(item) for key, item in value.items()}
    ((tag, inner),) = value.items()
    if tag in _UNPACK:
        return _UNPACK[tag](inner)
    raise ValueError(f"a state holds the unknown kind {tag!r}")


def _random(inner):
    generator = random.Random()
    generator.setstate(unpack(inner))
    return generator


def _generator(inner):
    import numpy

    state = unpack(inner)
    if state["bit_generator"] not in _GENERATORS:
        raise ValueError(f"a state holds the unknown generator {state['bit_generator']!r}")
    bits = getattr(numpy.random, state["bit_generator"])()
    bits.state = state
    return numpy.random.Generator(bits)


def _array(inner):
    import numpy

    dtype, shape, data = inner
    return numpy.frombuffer(data, numpy.dtype(dtype)).reshape(shape).copy()


_UNPACK = {
    "~tuple": lambda inner: tuple(unpack(item) for item in inner),
    "~set": lambda inner: {unpack(item) for item in inner},
    "~frozenset": lambda inner: frozenset(unpack(item) for item in inner),
    "~int": int,
    "~map": lambda inner: {unpack(key): unpack(item) for key, item in inner},
    "~array": _array,
    "~scalar": lambda inner: _array([inner[0], [1], inner[1]])[0],
    "~random": _random,
    "~generator": _generator,
}


def describe(value, path="", inside=(), own=None):
    """What ``value`` means, as maps, lists and scalars that ``hashing.canonical`` takes.

    Containers of like content are alike, arrays are lists, generators are their states, and objects whose class is
    defined in a module of which ``own(its name)`` is true are the map of their attributes.
    """
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else str(value)
    if isinstance(value, (bool, int, float, str, bytes)):
        return describe(next(base for base in (int, float, str, bytes) if isinstance(value, base))(value))
    if id(value) in inside:
        raise NotPlain(path, value)  # a ring: an object that holds what holds it
    inside = (*inside, id(value))
    if isinstance(value, (list, tuple)):
        if _are_words(value):
            return list(value)
        return [describe(item, f"{path}[{i}]", inside, own) for i, item in enumerate(value)]
    if isinstance(value, dict):
        return {
            key if type(key) in (str, int) else str(key): describe(item, f"{path}.{key}", inside, own)
            for key, item in value.items()
        }
    if isinstance(value, (set, frozenset)):
        return sorted((describe(item, path, inside, own) for item in value), key=msgpack.encode)
    if isinstance(value, random.Random):
        return describe(value.getstate())
    bits = getattr(value, "bit_generator", None)
    if bits is not None:
        return describe(bits.state)
    if callable(getattr(value, "tolist", None)):
        return describe(value.tolist(), path, inside, own)
    if own and own(kind.__module__) and hasattr(value, "__dict__"):
        return {name: describe(item, f"{path}.{name}", inside, own) for name, item in vars(value).items()}
    raise NotPlain(path, value)
