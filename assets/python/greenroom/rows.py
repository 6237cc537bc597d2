"""A row of the record as MessagePack.

One row per step:

===============  ==================================================================================================
``t``            number of the step, from 0
``observations`` by agent, the observation *before* the action; only when the scene records observations
``actions``      by agent, as written in ``action_mapping`` (a random policy's: as sampled)
``rewards``      by agent, float
``terminateds``  by agent, and ``__all__`` if the environment gives it
``truncateds``   the same; in the step that reaches ``max_steps`` true for every agent that has not terminated
``infos``        by agent and key; what cannot be stored is replaced by its ``repr``, cut at 200 characters
``globals``      in the last row of an episode, by agent, the shared values that it has changed; absent if none
===============  ==================================================================================================
"""

from __future__ import annotations

from . import msgpack

INFO_LIMIT = 200


def encode_row(row) -> bytes:
    try:
        return msgpack.encode(row)
    except msgpack.EncodeError:
        row["infos"] = {agent: _storable(info) for agent, info in row["infos"].items()}
        return msgpack.encode(row)


def _storable(info):
    """An info never fails a game: it is the researcher's aside, and the participant should not pay for it."""
    if not isinstance(info, dict):
        return _note(info)
    kept = {}
    for key, value in info.items():
        try:
            msgpack.encode(value)
        except msgpack.EncodeError:
            value = _note(value)
        kept[str(key)] = value
    return kept


def _note(value):
    try:
        return repr(value)[:INFO_LIMIT].encode("utf-8", "replace").decode()
    except Exception as error:
        return f"<{type(value).__name__}, whose repr failed: {type(error).__name__}>"


def differs(row, again) -> bool:
    """Whether two rows disagree on rewards (by more than a relative 1e-9) or on who is done."""
    if row["terminateds"] != again["terminateds"] or row["truncateds"] != again["truncateds"]:
        return True
    old, new = row["rewards"], again["rewards"]
    if old.keys() != new.keys():
        return True
    return any(
        old[agent] != new[agent]
        and not (old[agent] != old[agent] and new[agent] != new[agent])
        and not abs(old[agent] - new[agent]) <= 1e-9 * max(1.0, abs(old[agent]))
        for agent in old
    )
