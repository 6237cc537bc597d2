"""The error for an environment that breaks its contract, and tracebacks that show the researcher's lines only."""

from __future__ import annotations

import os
import traceback

_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_ENTRIES = tuple(
    _OURS + name
    for name in ("engine.py", "rollback.py", "simulation.py", "runner.py", "hosting.py", "replaying.py", "hud.py")
)


class EnvironmentContractError(Exception):
    """The environment, or the code that makes it, does not do what its style of environment promises.

    The message says what was expected, what came, and what to change; a traceback would add nothing.
    """


def format_error(error: BaseException) -> str:
    """The traceback as a researcher needs it: their frames and their libraries', not this package's.

    The last line is ``Type: message`` as always, so that the first and the last line alone tell most of it.
    """
    report = traceback.TracebackException.from_exception(error)
    _trim(report, set())
    if not report.stack and isinstance(error, EnvironmentContractError) and report.__cause__ is None:
        return f"{type(error).__name__}: {error}"
    return "".join(report.format()).rstrip("\n")


def _trim(report, seen):
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    files = [os.path.abspath(frame.filename) for frame in report.stack]
    # Whoever drives the engine (a worker's loop, Pyodide's bridge) is no more the researcher's concern than we are.
    first = next((i for i, file in enumerate(files) if file in _ENTRIES), 0)
    report.stack[:] = [
        frame for i, frame in enumerate(report.stack) if i >= first and not files[i].startswith(_OURS)
    ]
    _trim(report.__cause__, seen)
    _trim(report.__context__, seen)
