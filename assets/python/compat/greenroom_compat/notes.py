"""The script's own line, and what is said of it: notes for what needs no counterpart, refusals for what has none."""

from __future__ import annotations

import sys

_told: set = set()


def place() -> tuple[str, int]:
    """File and line of the script that is running: the first frame that is not ours."""
    frame = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("greenroom_compat"):
        frame = frame.f_back
    return ("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def at(where: tuple[str, int]) -> str:
    """A place as it is written in messages."""
    return f"{where[0]}:{where[1]}: " if where[0] else ""


def note(text: str, where: tuple[str, int] | None = None) -> None:
    """Tell, on standard error and once, of an option that was not passed on because nothing is lost without it."""
    line = f"{at(where or place())}note: {text}"
    if line not in _told:
        _told.add(line)
        print(line, file=sys.stderr)


def forget() -> None:
    """Another script is loaded."""
    _told.clear()


def shown(value) -> str:
    """A value in a message."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def refuse(title: str, option: str, value, advice: str):
    """What would change the study has to be said by whoever made it."""
    raise ValueError(f"{title}: {option}={shown(value)} has no counterpart in Greenroom; {advice}")
