"""A participant, as functions of an experiment module see it: what is known so far.

    def bonus(participant):
        return 0.1 * sum(episode["score"] for episode in participant.results["game"])
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Participant:
    """What is known of a participant. Changing it changes nothing."""

    subject_id: str
    """Who it is."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Query parameters of the page, such as ``PROLIFIC_PID``."""
    scenes: list[str] = field(default_factory=list)
    """The scenes entered so far, in order; the last one is the present one."""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Answers by scene and question, of each scene's last visit."""
    results: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """How games went, by scene: for each episode its ``score``, ``steps``, and ``tutorial`` where it was for practice."""
    saved: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What pages of your own saved last, by scene and by the name that it was saved under."""
    globals: dict[str, Any] = field(default_factory=dict)
    """The values that scenes share."""
    conditions: dict[str, str] = field(default_factory=dict)
    """The level of each condition that was assigned."""
    bonuses: dict[str, float] = field(default_factory=dict)
    """The bonuses of scenes that were computed so far, by scene."""


def plain(value: Any) -> Any:
    """Numbers and arrays of numpy and the like as Python's own; for ``json.dumps(default=...)``."""
    tolist = getattr(value, "tolist", None)
    if tolist is None:
        raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")
    return tolist()
