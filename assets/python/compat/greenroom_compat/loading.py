"""Takes the study from a script. Scripts of theirs leave no variable ``experiment``: they start a server when they are run."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import os
import sys
import types

from . import notes, paths, study


def begin(path: str) -> None:
    """A script will be loaded."""
    folder = os.path.dirname(path)
    paths.begin(folder)
    notes.forget()
    study.made.clear()
    study.ran.clear()
    sys.argv = [path]
    # A checkout of MUG has packages of these names, and folders of studies are searched first.
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [ours, *(entry for entry in sys.path if entry != ours)]
    sys.modules["eventlet"] = _eventlet()
    if _above not in sys.meta_path:
        sys.meta_path.append(_above)


def take(module: types.ModuleType, path: str, source: bytes):
    """The study that the script described, or None if that is for others to find."""
    found = _named(module)
    if found is None:
        _run_main(module, path, source)
        found = _named(module)
    if found is not None:
        return found
    choice = study.ran or study.made
    if len(choice) > 1:
        places = ", ".join(notes.at(getattr(config, "place", ("", 0))).rstrip(": ") for config in choice)
        words = "runs" if study.ran else "makes"
        raise ValueError(
            f"{path} {words} {len(choice)} studies ({places}): a service serves one; leave the one that is meant in a variable "
            "`experiment`"
        )
    if not choice:
        if getattr(module, "experiment", None) is not None:
            return None
        raise ValueError(
            f"{path} makes no ExperimentConfig: give its scenes to ExperimentConfig().experiment(experiment_id=..., "
            "stager=...), and that to app.run(...)"
        )
    return _built(choice[0])


def _named(module):
    return _built(getattr(module, "experiment", None))


def _built(config):
    if isinstance(config, study.ExperimentConfig):
        config.check_pictures()
        return config.build()
    return config if isinstance(config, study.greenroom.Experiment) else None


def _run_main(module, path, source):
    """Runs what the script does when it is started: ``if __name__ == "__main__":``."""
    for node in ast.parse(source, path).body:
        if isinstance(node, ast.If) and _is_main(node.test):
            block = ast.Module(body=node.body, type_ignores=[])
            exec(compile(block, path, "exec", dont_inherit=True), module.__dict__)


def _is_main(test):
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = [test.left, test.comparators[0]]
    names = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return names and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)


def _eventlet():
    """Scripts of theirs had to begin with ``eventlet.monkey_patch()``. Here it must not touch anything."""
    module = types.ModuleType("eventlet", "Stands in for eventlet, which Greenroom does not need.")
    module.monkey_patch = lambda *_, **__: None
    return module


class _Above(importlib.abc.MetaPathFinder):
    """Finds the package that the script is in, as ``python -m examples.slime.experiment`` did."""

    def find_spec(self, name, path=None, target=None):
        if path is not None:
            return None
        root = paths.package_root(name)
        return None if root is None else importlib.machinery.PathFinder.find_spec(name, [str(root)], target)


_above = _Above()
