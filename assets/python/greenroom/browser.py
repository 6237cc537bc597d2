"""What Python in the browser needs before an environment is loaded."""

from __future__ import annotations

import sys
import types


def prepare(platform: str = sys.platform) -> None:
    """Make packages importable that expect what WebAssembly cannot offer. Does nothing elsewhere.

    gymnasium imports ``multiprocessing.synchronize`` for its vector environments, and that needs the C module
    ``_multiprocessing``, which Pyodide leaves out. A stand-in is enough for the import: semaphores are only created
    when somebody starts processes, which a browser cannot do in any case.
    """
    if platform != "emscripten" or "_multiprocessing" in sys.modules:
        return

    class SemLock:
        SEM_VALUE_MAX = 2**31 - 1

        def __init__(self, *_args, **_kwargs):
            raise OSError("processes and their semaphores are not available in the browser")

    module = types.ModuleType("_multiprocessing")
    module.SemLock = SemLock
    module.sem_unlink = lambda _name: None
    sys.modules["_multiprocessing"] = module
