"""MessagePack in pure Python: small, strict, and the same bytes everywhere.

Integers and floats stay what they were, floats are always 64 bit, integers take their shortest form and maps keep their
order, so equal values give equal bytes. numpy scalars and arrays are written as Python numbers and nested lists.
Extension types are neither written nor read.
"""

from __future__ import annotations

import struct

MAX_DEPTH = 64

_f64 = struct.Struct(">Bd").pack
_u8 = struct.Struct(">BB").pack
_u16 = struct.Struct(">BH").pack
_u32 = struct.Struct(">BI").pack
_u64 = struct.Struct(">BQ").pack
_i8 = struct.Struct(">Bb").pack
_i16 = struct.Struct(">Bh").pack
_i32 = struct.Struct(">Bi").pack
_i64 = struct.Struct(">Bq").pack


class EncodeError(TypeError):
    """A value that MessagePack cannot hold; the message names the path to it."""


class DecodeError(ValueError):
    """Bytes that are not one complete MessagePack value."""


class Encoded(bytes):
    """A value that is already MessagePack; ``encode`` writes it as it is."""


class _Bad(Exception):
    """Carries the path upward: building it only on failure keeps the normal case fast."""

    def __init__(self, reason):
        self.reason = reason
        self.path = []


def encode(value) -> bytes:
    """Encode ``None``, bool, int, float, str, bytes, list, tuple, dict (keys: str or int), numpy scalars and arrays."""
    out = bytearray()
    try:
        _write(out, value, 0)
    except _Bad as bad:
        path = "".join(reversed(bad.path)).lstrip(".") or "the value"
        raise EncodeError(f"{path}: {bad.reason}") from None
    return bytes(out)


def _write(out, value, depth):
    kind = type(value)
    if kind is str:
        _write_str(out, value)
    elif kind is float:
        out += _f64(0xCB, value)
    elif kind is int:
        _write_int(out, value)
    elif value is None:
        out.append(0xC0)
    elif kind is bool:
        out.append(0xC3 if value else 0xC2)
    elif kind is dict:
        _write_dict(out, value, depth)
    elif kind is list or kind is tuple:
        _write_list(out, value, depth)
    elif kind is bytes or kind is bytearray or kind is memoryview:
        _write_head(out, len(value), None, 0xC4, 0xC5, 0xC6)
        out += value
    else:
        _write_other(out, value, depth)


def _write_other(out, value, depth):
    """Subclasses of the plain types, and whatever turns itself into plain numbers as numpy does."""
    if isinstance(value, Encoded):
        out += value
        return None
    for base in (str, int, float, dict, list, tuple):  # named tuples, ordered dicts, enums of ints
        if isinstance(value, base):
            return _write(out, base(value), depth)
    if callable(getattr(value, "tolist", None)) and depth < MAX_DEPTH:
        return _write(out, value.tolist(), depth + 1)
    raise _Bad(
        f"{type(value).__name__} cannot be stored; use None, bool, int, float, str, bytes, list, dict or numpy values"
    )


def _write_int(out, value):
    if value >= 0:
        if value < 0x80:
            out.append(value)
        elif value < 0x100:
            out += _u8(0xCC, value)
        elif value < 0x10000:
            out += _u16(0xCD, value)
        elif value < 0x100000000:
            out += _u32(0xCE, value)
        elif value < 0x10000000000000000:
            out += _u64(0xCF, value)
        else:
            raise _Bad(f"the integer {value} does not fit into 64 bits")
    elif value >= -0x20:
        out.append(value + 0x100)
    elif value >= -0x80:
        out += _i8(0xD0, value)
    elif value >= -0x8000:
        out += _i16(0xD1, value)
    elif value >= -0x80000000:
        out += _i32(0xD2, value)
    elif value >= -0x8000000000000000:
        out += _i64(0xD3, value)
    else:
        raise _Bad(f"the integer {value} does not fit into 64 bits")


def _write_head(out, length, fixed, one, two, four):
    if fixed is not None and length < fixed[1]:
        out.append(fixed[0] | length)
    elif one is not None and length < 0x100:
        out += _u8(one, length)
    elif length < 0x10000:
        out += _u16(two, length)
    else:
        out += _u32(four, length)


def _write_str(out, value):
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise _Bad(f"the text {value!r} is not valid Unicode") from None
    _write_head(out, len(data), (0xA0, 32), 0xD9, 0xDA, 0xDB)
    out += data


def _write_list(out, value, depth):
    if depth >= MAX_DEPTH:
        raise _Bad(f"nested deeper than {MAX_DEPTH} levels")
    _write_head(out, len(value), (0x90, 16), None, 0xDC, 0xDD)
    index = 0
    try:
        for item in value:
            _write(out, item, depth + 1)
            index += 1
    except _Bad as bad:
        bad.path.append(f"[{index}]")
        raise


def _write_dict(out, value, depth):
    if depth >= MAX_DEPTH:
        raise _Bad(f"nested deeper than {MAX_DEPTH} levels")
    length = len(value)
    if length < 16:
        out.append(0x80 | length)
    else:
        _write_head(out, length, None, None, 0xDE, 0xDF)
    key = None
    try:
        for key, item in value.items():
            if type(key) is str:
                out += _known_keys.get(key) or _learn_key(key)
            elif isinstance(key, str):
                _write_str(out, str(key))
            elif isinstance(key, int) and not isinstance(key, bool):
                _write_int(out, int(key))
            else:
                raise _Bad(f"a map's key must be a string or an integer, not {type(key).__name__}")
            _write(out, item, depth + 1)
    except _Bad as bad:
        bad.path.append(f".{key}")
        raise


# Rows have the same few keys thousands of times; writing them from memory halves the cost of a row.
_known_keys: dict[str, bytes] = {}
_MOST_KEYS = 4096


def _learn_key(key):
    out = bytearray()
    _write_str(out, key)
    data = bytes(out)
    if len(_known_keys) < _MOST_KEYS and len(data) < 64:
        _known_keys[key] = data
    return data


def decode(data):
    """Decode exactly one value; anything before, after or beside it is an error."""
    data = bytes(data)
    try:
        value, end = _read(data, 0, 0)
    except (IndexError, struct.error):
        raise DecodeError(f"the data ends in the middle of a value (after {len(data)} bytes)") from None
    except UnicodeDecodeError as error:
        raise DecodeError(f"a text is not valid UTF-8: {error}") from None
    if end != len(data):
        raise DecodeError(f"{len(data) - end} bytes follow the value")
    return value


_NUMBERS = {
    0xCA: struct.Struct(">f"), 0xCB: struct.Struct(">d"), 0xCC: struct.Struct(">B"), 0xCD: struct.Struct(">H"),
    0xCE: struct.Struct(">I"), 0xCF: struct.Struct(">Q"), 0xD0: struct.Struct(">b"), 0xD1: struct.Struct(">h"),
    0xD2: struct.Struct(">i"), 0xD3: struct.Struct(">q"),
}  # fmt: skip
_SIZES = {1: struct.Struct(">B"), 2: struct.Struct(">H"), 4: struct.Struct(">I")}
_STRS = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_BINS = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_LISTS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


def _read(data, at, depth):
    byte = data[at]
    at += 1
    if byte < 0x80:
        return byte, at
    if byte >= 0xE0:
        return byte - 0x100, at
    if byte < 0x90:
        return _read_map(data, at, byte & 0x0F, depth)
    if byte < 0xA0:
        return _read_list(data, at, byte & 0x0F, depth)
    if byte < 0xC0:
        return _read_str(data, at, byte & 0x1F)
    if byte in _CONSTANTS:
        return _CONSTANTS[byte], at
    if byte in _NUMBERS:
        form = _NUMBERS[byte]
        return form.unpack_from(data, at)[0], at + form.size
    for sizes, read in ((_STRS, _read_str), (_BINS, _read_bytes), (_LISTS, _read_list), (_MAPS, _read_map)):
        if byte in sizes:
            width = sizes[byte]
            length = _SIZES[width].unpack_from(data, at)[0]
            if read is _read_list or read is _read_map:
                return read(data, at + width, length, depth)
            return read(data, at + width, length)
    raise DecodeError(f"byte 0x{byte:02x} at {at - 1} is not supported (extension types are not used)")


def _read_bytes(data, at, length):
    end = at + length
    if end > len(data):
        raise IndexError
    return data[at:end], end


def _read_str(data, at, length):
    raw, end = _read_bytes(data, at, length)
    return raw.decode(), end


def _read_list(data, at, length, depth):
    if depth >= MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH} levels")
    items = []
    for _ in range(length):
        item, at = _read(data, at, depth + 1)
        items.append(item)
    return items, at


def _read_map(data, at, length, depth):
    if depth >= MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH} levels")
    items = {}
    for _ in range(length):
        key, at = _read(data, at, depth + 1)
        if type(key) not in (str, int):
            raise DecodeError(f"a map's key must be a string or an integer, not {type(key).__name__}")
        if key in items:
            raise DecodeError(f"a map has the key {key!r} twice")
        items[key], at = _read(data, at, depth + 1)
    return items, at
