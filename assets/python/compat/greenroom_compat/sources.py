"""The source of an environment, read before it runs: what it asks for that an environment is not told here."""

from __future__ import annotations

import ast
from pathlib import Path

from . import paths
from .environment import SHARED

# What their pages put there by themselves.
_SUBJECT = "subjectName"
_ADVICE = (
    "an environment is not told who plays, so that a game can be played again from its record alone: the data have "
    "player_subjects.AGENT in each row, .content(game_page_html_fn=...) writes a page for each player, and values that "
    "differ between people are for Experiment.globals(...)"
)
_OPTIONS = ("environment_initialization_code", "environment_initialization_code_filepath", "on_game_step_code")


def look(options: dict) -> None:
    """Refuse a source that asks who plays, at the line at which it does."""
    for option in _OPTIONS:
        value = options.get(option)
        if not isinstance(value, (str, Path)):
            continue
        source, name = (_read(value), value) if option.endswith("_filepath") else (value, "the code")
        line = _asks(source)
        if line is not None:
            raise ValueError(f"GymScene.runtime: {option}: {name}, line {line}, reads {_SUBJECT!r}, but {_ADVICE}")


def _read(path) -> str:
    """Empty where there is no such file, which the builder tells."""
    root = paths.root_of(str(path)) or Path()
    try:
        return (root / path).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _asks(source: str) -> int | None:
    """The first line with ``mug_globals["subjectName"]`` or ``mug_globals.get("subjectName")``."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None  # told where it runs
    lines = [node.lineno for node in ast.walk(tree) if _SUBJECT in _keys(node)]
    return min(lines, default=None)


def _keys(node):
    """The constant by which one of the shared dicts is read."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        of, keys = node.value, [node.slice]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        of, keys = node.func.value, node.args[:1]
    else:
        return []
    shared = isinstance(of, ast.Name) and of.id in SHARED
    return [key.value for key in keys if shared and isinstance(key, ast.Constant)]
