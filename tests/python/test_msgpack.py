import collections
import math
import random

import msgpack as reference
import numpy
import pytest

from greenroom import msgpack

VALUES = [
    None, True, False, 0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63, 2**64 - 1, -32, -33, -128,
    -129, -32768, -32769, -(2**31), -(2**31) - 1, -(2**63), 0.0, -0.0, 1.0, 0.1, math.inf, -math.inf, 1e308, "", "ä€😀",
    "a" * 31, "a" * 32, "a" * 255, "a" * 256, "a" * 70000, b"", b"\x00\xff", b"b" * 300, b"b" * 70000, [],
    [1, [2, [3]]],
    list(range(15)), list(range(16)), list(range(70000)), {}, {"a": {"b": [None]}}, {str(i): i for i in range(20)},
    {0: "int key", "0": "text key"},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=[repr(value)[:30] for value in VALUES])
def test_round_trip_and_the_same_bytes_as_the_reference(value):
    data = msgpack.encode(value)
    assert data == reference.packb(value)
    again = msgpack.decode(data)
    assert again == value and type(again) is type(value)


def test_nan_round_trips():
    assert math.isnan(msgpack.decode(msgpack.encode(math.nan)))


def test_int_and_float_stay_apart():
    values = msgpack.decode(msgpack.encode([1, 1.0, True]))
    assert [type(value) for value in values] == [int, float, bool]


def test_random_values_agree_with_the_reference():
    source = random.Random(3)

    def make(depth):
        kinds = [lambda: source.randint(-(2**63), 2**64 - 1), source.random, lambda: "x" * source.randint(0, 300)]
        if depth:
            kinds += [lambda: [make(depth - 1) for _ in range(source.randint(0, 20))]]
            kinds += [lambda: {str(i): make(depth - 1) for i in range(source.randint(0, 20))}]
        return source.choice(kinds)()

    for _ in range(200):
        value = make(4)
        data = msgpack.encode(value)
        assert data == reference.packb(value)
        assert msgpack.decode(data) == value


def test_numpy_and_subclasses_become_plain_values():
    Point = collections.namedtuple("Point", "x y")
    value = {
        "scalars": [numpy.int64(3), numpy.float32(0.5), numpy.bool_(True)],
        "array": numpy.array([[1, 2], [3, 4]], dtype=numpy.uint8),
        "zero": numpy.array(2.0),
        "point": Point(1, 2.0),
        "ordered": collections.OrderedDict(a=1),
    }
    plain = msgpack.decode(msgpack.encode(value))
    assert plain == {
        "scalars": [3, 0.5, True], "array": [[1, 2], [3, 4]], "zero": 2.0, "point": [1, 2.0], "ordered": {"a": 1},
    }  # fmt: skip
    assert [type(item) for item in plain["scalars"]] == [int, float, bool]


def test_encoded_is_written_as_it_is():
    assert msgpack.decode(msgpack.encode({"a": msgpack.Encoded(msgpack.encode([1, 2]))})) == {"a": [1, 2]}


@pytest.mark.parametrize("value, message", [
    ({"infos": {"human": {"car": [1, object()]}}}, r"^infos\.human\.car\[1\]: object cannot be stored"),
    (object(), "^the value: object cannot be stored"),
    ([{1, 2}], r"^\[0\]: set cannot be stored"),
    ({"a": 2**64}, "^a: the integer .* does not fit into 64 bits"),
    ({(1, 2): 3}, "a map's key must be a string or an integer, not tuple"),
    ({"a": "\ud800"}, "^a: the text .* is not valid Unicode"),
])  # fmt: skip
def test_the_path_to_what_cannot_be_stored_is_named(value, message):
    with pytest.raises(msgpack.EncodeError, match=message):
        msgpack.encode(value)


def test_a_cycle_is_an_error_not_a_crash():
    value = []
    value.append(value)
    with pytest.raises(msgpack.EncodeError, match="nested deeper than"):
        msgpack.encode(value)


@pytest.mark.parametrize("data, message", [
    (b"", "ends in the middle"),
    (b"\x92\x01", "ends in the middle"),
    (b"\xcb\x00", "ends in the middle"),
    (b"\xa5abc", "ends in the middle"),
    (b"\x01\x02", "1 bytes follow"),
    (b"\xa1\xff", "not valid UTF-8"),
    (b"\xd4\x00\x00", "not supported"),
    (b"\xc1", "not supported"),
    (b"\x82\xa1a\x01\xa1a\x02", "the key 'a' twice"),
    (b"\x81\xc0\x01", "key must be a string or an integer"),
    (b"\x91" * 100 + b"\x01", "nested deeper"),
])  # fmt: skip
def test_bad_data_is_refused(data, message):
    with pytest.raises(msgpack.DecodeError, match=message):
        msgpack.decode(data)
