"""What a copy of a game tells others of its state: its hash, its bytes, and how two of them differ."""

from __future__ import annotations

import hashlib
import math

from . import msgpack, snapshot
from .errors import EnvironmentContractError
from .hashing import canonical, state_hash
from .plain import NotPlain, describe, pack, unpack
from .simulation import Saved

VERSION = 1


def hash_of(saved: Saved, env) -> str:
    """16 hexadecimal digits, the same wherever the game is in the same state: the environment's state, every random
    generator, scores, step number, bots."""
    return state_hash(fields(saved, env))


def fields(saved: Saved, env) -> dict:
    """The state by name, as it is hashed and compared."""
    world = saved.world
    named: dict = {}
    for layer, (kind, state, generator) in zip(snapshot.layers_of(env), world.layers):
        try:
            values = describe(state.thaw(), own=snapshot.is_own) if kind == "own" else _visible(state.thaw())
        except NotPlain as error:
            raise EnvironmentContractError(
                f"get_state() of {type(layer).__name__} returned something that cannot be compared: {error}; "
                "return numbers, texts, lists, maps and arrays"
            ) from None
        if not isinstance(values, dict):
            values = {"state": values}
        for key, value in values.items():
            named[f"{type(layer).__name__}.{key}" if key in named else key] = value  # wrappers share names
        if generator is not None:
            named["np_random"] = describe(generator)
    named["(random)"] = _digest(world.python_random)
    named["(numpy.random)"] = _digest(_used(saved))
    named["(game)"] = describe(
        {"t": saved.t, "done": saved.done, "scores": saved.scores, "left": saved.left, "policies": saved.policies}
    )
    return named


def _used(saved):
    """numpy's generator, or None if it never gave a number: a copy may have numpy loaded where another has not, for
    reasons that are not the game's."""
    now, seeded = saved.world.numpy_random, saved.seeded
    if now is None or seeded is None:
        return now
    unused = now[2:] == seeded[2:] and now[1].tobytes() == seeded[1].tobytes()
    return None if unused else now


def _digest(generator):
    """A generator's hundreds of words as one, for they are hashed often and tell nobody anything."""
    if generator is None:
        return None
    words = [part.tolist() if hasattr(part, "tolist") else part for part in generator]
    return hashlib.blake2b(repr(words).encode(), digest_size=8).hexdigest()


def _visible(attributes):
    seen = {}
    for name, value in attributes.items():
        try:
            seen[name] = describe(value, name, own=snapshot.is_own)
        except NotPlain:
            pass  # named by unseen()
    return seen


def unseen(saved: Saved) -> list[str]:
    """Attributes of an environment without ``get_state`` that neither hashes nor other copies ever see: spaces,
    pictures and other objects of libraries. They must not change during an episode."""
    names = []
    for kind, state, _ in saved.world.layers:
        if kind == "copied":
            values = state.thaw()
            seen = _visible(values)
            names += [name for name in values if name not in seen]
    return names


def hidden(saved: Saved) -> list[str]:
    """Those of ``unseen`` that may well change: not spaces, windows, functions and the like."""
    names = []
    for kind, state, _ in saved.world.layers:
        if kind == "copied":
            values = state.thaw()
            seen = _visible(values)
            names += [name for name, value in values.items() if name not in seen and not _is_fixed(value)]
    return names


def _is_fixed(value):
    return type(value).__module__.partition(".")[0] in ("gymnasium", "pygame") or callable(value)


def to_bytes(frame: int, saved: Saved, env, named: dict | None = None) -> bytes:
    """The state before ``frame``, for another copy's ``from_bytes``. ``named`` are its ``fields``, if known."""
    layers = []
    for layer, (kind, state, generator) in zip(snapshot.layers_of(env), saved.world.layers):
        try:
            layers.append([kind, *(_sent_own if kind == "own" else _sent_copied)(state.thaw()), pack(generator)])
        except NotPlain as error:
            raise EnvironmentContractError(
                f"the state of {type(layer).__name__} cannot be sent to another player's copy: {error}; give the "
                "environment get_state() and set_state(state) with numbers, texts, lists, maps and arrays"
            ) from None
    return msgpack.encode({
        "version": VERSION,
        "frame": frame,
        "layers": layers,
        "random": pack(saved.world.python_random),
        "numpy_random": pack(_used(saved)),
        "t": saved.t,
        "done": saved.done,
        "scores": saved.scores,
        "left": sorted(saved.left),
        "policies": pack(saved.policies),
        "fields": fields(saved, env) if named is None else named,
    })  # fmt: skip


def _sent_own(state):
    return pack(state), []


def _sent_copied(attributes):
    sent, left_out, holders = {}, [], {}
    for name, value in attributes.items():
        try:
            sent[name] = pack(value, name)
        except NotPlain as error:
            # A library's object stays what it is in each copy. But a container or an object of the researcher's own
            # is state, and a state sent in part would be worse than none.
            if isinstance(value, (list, dict, set, tuple)) or snapshot.is_own(type(value).__module__):
                raise error
            left_out.append(name)
            continue
        if isinstance(value, (list, dict, set)) and holders.setdefault(id(value), name) != name:
            raise NotPlain(f"{holders[id(value)]} is {name}, and", value)
    return sent, left_out


def from_bytes(data: bytes, env, seeded) -> tuple[int, Saved]:
    """The frame and the state, for ``env`` to be put into; ``seeded`` is numpy's generator of this episode's start, or
    None. Nothing of the sender's is executed."""
    content = msgpack.decode(data)
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise ValueError("the snapshot is of another version of this package")
    layers = snapshot.layers_of(env)
    if [entry[0] for entry in content["layers"]] != [kind_of(layer) for layer in layers]:
        raise EnvironmentContractError("the snapshot was taken from an environment with other wrappers")
    taken = []
    for layer, (kind, state, left_out, generator) in zip(layers, content["layers"]):
        state = unpack(state)
        if kind == "own":
            taken.append((kind, snapshot.Frozen(state), unpack(generator)))
        else:
            kept = {name: value for name, value in snapshot.attributes(layer).items() if name in left_out}
            taken.append((kind, snapshot.Joined(snapshot.Frozen(state), kept), None))
    numpy_random = unpack(content["numpy_random"])
    world = snapshot.Snapshot(taken, unpack(content["random"]), seeded if numpy_random is None else numpy_random)
    saved = Saved(
        world, content["t"], content["done"], content["scores"], frozenset(content["left"]),
        unpack(content["policies"]), None, seeded,
    )  # fmt: skip
    return content["frame"], saved


def kind_of(layer) -> str:
    return "own" if snapshot.knows_its_state(layer) else "copied"


def difference(a: bytes, b: bytes, limit: int = 20) -> list[str]:
    """How two snapshots differ, field by field: ``["ball.x: 1.0 != 1.5", ...]``, at most ``limit`` lines and one that
    counts the rest. Floats are compared as they are hashed, rounded to 9 significant digits."""
    one, two = msgpack.decode(a), msgpack.decode(b)
    found = [] if one["frame"] == two["frame"] else [f"(frame): {one['frame']} != {two['frame']}"]
    return _lines(one["fields"], two["fields"], found, limit)


def compare(saved: Saved, data: bytes, env) -> tuple[float, list[str]] | None:
    """How another copy's state (see ``to_bytes``) differs from this one: by how much at most at any number, and what of
    it is beyond rounding, as in ``difference``. None if the two are one, to the last bit."""
    theirs = msgpack.encode(msgpack.decode(data)["fields"])
    mine = msgpack.encode(fields(saved, env))
    if mine == theirs:
        return None
    one, two = msgpack.decode(mine), msgpack.decode(theirs)
    distances = [0.0]
    if not _measure(one, two, distances):
        return None
    return max(distances), _lines(one, two, [], 20)


def _measure(a, b, distances) -> bool:
    """Collects the distances of numbers at the same place; returns whether anything differs."""
    if isinstance(a, dict) and isinstance(b, dict):
        differs = a.keys() != b.keys()
        return any([_measure(a[key], b[key], distances) for key in a if key in b]) or differs
    if isinstance(a, list) and isinstance(b, list):
        return any([_measure(x, y, distances) for x, y in zip(a, b)]) or len(a) != len(b)
    if type(a) not in (int, float) or type(b) not in (int, float):
        return type(a) is not type(b) or a != b
    if a == b or (a != a and b != b):
        return type(a) is not type(b)
    distance = abs(a - b)
    distances.append(float(distance) if distance == distance else math.inf)
    return True


def _lines(one, two, found, limit):
    _compare("", canonical(one), canonical(two), found)
    found.sort(key=lambda line: line[0] == "(")  # the environment's own fields first
    if len(found) > limit:
        found[limit:] = [f"and {len(found) - limit} more"]
    return found


def _compare(path, a, b, found):
    if type(a) is dict and type(b) is dict and path.rpartition(".")[2] not in _GENERATORS:
        for key in [*a, *(key for key in b if key not in a)]:
            _compare(f"{path}.{key}".lstrip("."), a.get(key, _MISSING), b.get(key, _MISSING), found)
    elif _MISSING not in (a, b) and path.rpartition(".")[2] in _GENERATORS:
        if msgpack.encode(a) != msgpack.encode(b):
            found.append(f"{path}: differ")  # 624 words of a random generator tell nobody anything
    elif type(a) is list and type(b) is list and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            _compare(f"{path}[{i}]", x, y, found)
    elif type(a) is not type(b) or (a != b and not (a != a and b != b)):
        found.append(f"{path}: {_short(a)} != {_short(b)}")


class _Missing:
    def __repr__(self):
        return "(missing)"


_MISSING = _Missing()
_GENERATORS = ("(random)", "(numpy.random)", "np_random", "random", "policies")


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
