"""A hash of an environment's state that is the same wherever the state is the same.

The rule, in full:

1. A map is ordered by its keys; keys are text, and an integer key is written as its decimal digits.
2. A float is rounded to 9 significant decimal digits; -0.0 becomes 0.0 and every NaN the same NaN. Native Python and
   the browser differ in the last bits of functions such as ``sin``, which are far below the ninth digit.
3. An integer stays an integer: ``1`` and ``1.0`` differ. A tuple equals a list; a set is the sorted list of the
   encodings of its members. numpy values are the Python numbers and nested lists that ``tolist()`` gives.
4. The result is written as MessagePack (see ``msgpack.py``) and hashed with BLAKE2b, 8 bytes, as 16 hexadecimal digits.

Rounding cannot make every pair of nearly equal numbers equal: two values on either side of a rounding boundary differ.
That costs a needless correction, never a wrong one.
"""

from __future__ import annotations

import hashlib
import math

from . import msgpack

SIGNIFICANT_DIGITS = 9


def canonical(value):
    """The value under rules 1 to 3, as plain lists, maps, numbers and texts."""
    kind = type(value)
    if kind is float:
        return _float(value)
    if kind is int or kind is str or kind is bool or value is None or kind is bytes:
        return value
    if isinstance(value, dict):
        items = {_key(key): item for key, item in value.items()}
        if len(items) != len(value):
            raise ValueError("a map has the same key as an integer and as text")
        return {key: canonical(items[key]) for key in sorted(items)}
    if isinstance(value, (list, tuple)):
        if set(map(type, value)) == {int}:  # the words of a random generator, hundreds of them
            return list(value)
        return [canonical(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((msgpack.encode(canonical(item)) for item in value))
    if callable(getattr(value, "tolist", None)):
        return canonical(value.tolist())
    return value


def _float(value):
    if value != value:
        return math.nan
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0  # adding 0.0 turns -0.0 into 0.0


def _key(key):
    if isinstance(key, str):
        return str(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return str(int(key))
    raise TypeError(f"a map's key must be a string or an integer, not {type(key).__name__} ({key!r})")


def state_hash(state) -> str:
    """16 hexadecimal digits for a state such as ``env.get_state()`` returns."""
    return hashlib.blake2b(msgpack.encode(canonical(state)), digest_size=8).hexdigest()
