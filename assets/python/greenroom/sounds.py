"""Which sounds a player is to hear: each once, whatever a rollback does.

``Surface.sound()`` may be called in ``step()``, which a copy of a game for several players makes anew when it has guessed
wrong. What was heard of the frames that are made anew is remembered by name: the same sound, in the same frame or in one
close by, is not heard again. One that should not have been heard cannot be taken back.
"""

from __future__ import annotations

import json
from collections import Counter, deque

from .rendering import take_sounds

# Frames after which a sound is not played any more: it would tell of what is long over.
LATE = 10

# Frames for which a sound that was heard too early, or wrongly, stands for one of the same name.
_STANDS = 15

# Frames that may be made anew; older ones are silent.
_KEPT = 300

# Sounds that wait for the next picture.
_WAITING = 32


class Sounds:
    """Of one copy of a game."""

    def __init__(self):
        self.begin()

    def begin(self) -> None:
        """An episode begins; what was asked for before is forgotten."""
        take_sounds()
        self._heard: dict[int, Counter] = {}  # by frame
        self._owed: Counter = Counter()  # heard in frames that were taken back
        self._owed_until = 0
        self._newest = 0
        self._waiting: deque = deque(maxlen=_WAITING)

    def rewind(self, frame: int) -> None:
        """What follows the state after ``frame`` frames is made anew."""
        back = [at for at in self._heard if at > frame]
        for at in back:
            self._owed.update(self._heard.pop(at))
        if back:
            self._owed_until = self._newest + _STANDS

    def hear(self, frame: int) -> None:
        """Take what the environment has asked for in the state after ``frame`` frames."""
        asked = take_sounds()
        if not asked or frame <= self._newest - _KEPT:
            return
        self._newest = max(self._newest, frame)
        if frame > self._owed_until:
            self._owed.clear()
        known = self._heard.setdefault(frame, Counter())
        now: Counter = Counter()
        for name, volume in asked:
            now[name] += 1
            if now[name] <= known[name]:
                continue  # drawn once more
            known[name] += 1
            if self._owed[name] > 0:
                self._owed[name] -= 1
            else:
                self._waiting.append((frame, name, volume))
        for old in [at for at in self._heard if at <= self._newest - _KEPT]:
            del self._heard[old]

    def take(self, frame: int) -> list:
        """What is to be played with the picture of the state after ``frame`` frames: ``[name, volume]`` each."""
        if not self._waiting:
            return []
        played = [[name, volume] for at, name, volume in self._waiting if at > frame - LATE]
        self._waiting.clear()
        return played


def with_sounds(draw: str | None, sounds: list) -> str | None:
    """A draw packet as JSON, with sounds; one of sounds alone leaves the picture as it is."""
    if not sounds:
        return draw
    text = json.dumps(sounds, separators=(",", ":"))
    return f'{{"sounds":{text}}}' if draw is None else f'{draw[:-1]},"sounds":{text}}}'
