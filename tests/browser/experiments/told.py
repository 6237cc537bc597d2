"""A callback that writes what it is told into the service's log, where a test reads it."""

import sys

from greenroom import GameCallback


def _tells(hook):
    def tell(self, event):
        assert event.hook == hook
        told = [event.subject_id, event.scene_id, event.episode, event.reason]
        print("told:", hook, *told, file=sys.stderr)

    return tell


Told = type("Told", (GameCallback,), {name: _tells(name) for name in dir(GameCallback) if name.startswith("on_")})
