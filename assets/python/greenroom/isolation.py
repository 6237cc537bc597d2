"""Several games in one Python, as if each had its own.

A ``World`` is what a game does not share with others of the same process: its module of environment code, its copies of
modules beside the experiment, and the states of the generators of ``random`` and ``numpy.random``. Entering a world
puts these in place and takes those of the last one away, so it is entered only when another game's turn comes.
Installed libraries, and what they remember, are shared by all.
"""

from __future__ import annotations

import importlib.machinery
import os
import random
import sys

from . import snapshot
from .snapshot import MODULE

_FIRST_SEED = 0  # of a world's generators until an episode seeds them


class World:
    """One game's. ``folder`` is that of the experiment module: modules in it are the game's own."""

    _current: World | None = None

    def __init__(self, folder: str = ""):
        self.folder = os.path.abspath(folder) if folder else ""
        self.names: set[str] = set()  # of modules from the folder
        self._modules: dict = {}
        self._generators: tuple | None = None

    def enter(self) -> None:
        """Everything that runs from here on is this game's. Costs nothing if it was so already."""
        current = World._current
        if current is self:
            return
        if current is not None:
            current._leave()
        World._current = self
        sys.modules.update(self._modules)
        self._modules = {}
        snapshot.own_modules = self.names
        if self._generators is None:
            random.seed(_FIRST_SEED)
            if "numpy" in sys.modules:
                sys.modules["numpy"].random.seed(_FIRST_SEED)
        else:
            snapshot.put_generators(*self._generators)
        if self.folder:
            _finder.attend()
            if os.path.isdir(self.folder) and os.getcwd() != self.folder:
                os.chdir(self.folder)

    def _leave(self):
        self._generators = snapshot.take_generators()
        for name in (MODULE, *self.names):
            if name in sys.modules:
                self._modules[name] = sys.modules.pop(name)
        snapshot.own_modules = set()
        World._current = None

    def close(self) -> None:
        """Let go of everything."""
        if World._current is self:
            self._leave()
        self._modules, self._generators = {}, None


class _Finder:
    """Finds modules of the current world's folder, before those that are installed, as for a script in this folder, and
    remembers that they are the world's own."""

    def attend(self):
        if self not in sys.meta_path:
            at = next((i for i, other in enumerate(sys.meta_path) if other is importlib.machinery.PathFinder), 0)
            sys.meta_path.insert(at, self)

    def find_spec(self, name, path=None, target=None):
        world = World._current
        if world is None or not world.folder:
            return None
        if path is None:
            path = [world.folder, *(entry for entry in sys.path if _within(entry, world.folder))]
        elif name.partition(".")[0] not in world.names:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None:
            return None
        if spec.loader is None and "." not in name:
            # A mere folder, perhaps of pictures: an installed package of this name goes first.
            installed = importlib.machinery.PathFinder.find_spec(name, None, target)
            if installed is not None and installed.loader is not None:
                return None
        world.names.add(name)
        return spec


_finder = _Finder()


def _within(entry, folder):
    """Whether an entry of the search path is a folder of the study, and not one of an environment beside it."""
    entry = os.path.abspath(entry or os.curdir) + os.sep
    installed = (sys.prefix, sys.base_prefix, sys.exec_prefix)
    return entry.startswith(folder + os.sep) and not any(
        entry.startswith(os.path.abspath(prefix) + os.sep) for prefix in installed
    ) and "-packages" not in entry  # fmt: skip
