"""Paths. Theirs were relative to the folder that the server was started from, ours are to that of the script.

A path is therefore looked for beside the script first; then in each folder above it from which the path's first folder leads
back to the script, as in a checkout with ``examples/slime/experiment.py`` and paths like ``examples/slime/assets``; then in
the present folder, if the script lies below it.
"""

from __future__ import annotations

import os
from pathlib import Path

_folder: Path | None = None


def begin(folder: str | os.PathLike) -> None:
    """The script's folder."""
    global _folder
    _folder = Path(folder)


def root_of(path: str) -> Path | None:
    """The folder that a relative path is relative to, if there is something at the path."""
    if _folder is None:
        return None
    first = Path(path).parts[:1]
    above = [root for root in _folder.parents if first and _leads_back(root / first[0])]
    here = Path.cwd()
    if here == _folder or here in _folder.parents:
        above.append(here)
    return next((root for root in (_folder, *above) if (root / path).exists()), None)


def found(path):
    """A path for a builder of Greenroom: relative to the script's folder, or absolute if it is not in it."""
    if not isinstance(path, (str, os.PathLike)) or os.path.isabs(path):
        return path
    root = root_of(os.fspath(path))
    if root is None or root == _folder:
        return path
    whole = root / path
    # What is part of the study is named as a study of Greenroom would name it.
    return str(whole.relative_to(_folder)) if _folder in whole.parents else str(whole)


def text(path) -> str:
    """What is in a file that a script names; nothing if it cannot be read, which the builders tell."""
    root = None if isinstance(path, os.PathLike) or not isinstance(path, str) else root_of(path)
    try:
        return (Path(path) if root is None else root / path).read_text("utf-8")
    except (OSError, TypeError, UnicodeDecodeError):
        return ""


def is_elsewhere(path: str) -> bool:
    """Whether there is something at a relative path, as it is seen from another folder than the script's."""
    root = root_of(path)
    return root is not None and root != _folder


def package_root(name: str) -> Path | None:
    """The folder above the script in which a package of this name has the script in it."""
    if _folder is None:
        return None
    return next((root for root in _folder.parents if _leads_back(root / name)), None)


def _leads_back(folder):
    return folder == _folder or folder in _folder.parents
