"""The states that a copy keeps, to go back to and to hand to others."""

from __future__ import annotations

# Old states, from which a new host can make rows again, are kept at this distance and this far back.
EVERY = 30
FOR = 300


class Kept:
    """States by the frame that comes next, each true to the inputs known so far."""

    def __init__(self, every: int, also: int = 0):
        self._every = every or EVERY
        self._also = also or self._every
        self._states: dict = {}

    def __getitem__(self, frame: int):
        return self._states[frame]

    def __setitem__(self, frame: int, saved) -> None:
        self._states[frame] = saved

    def get(self, frame: int):
        return self._states.get(frame)

    def items(self):
        return self._states.items()

    @property
    def first(self) -> int:
        return min(self._states)

    @property
    def last(self) -> int:
        return max(self._states)

    def newest(self, limit: int) -> int | None:
        """The last frame kept at or before ``limit``."""
        return max((frame for frame in self._states if frame <= limit), default=None)

    def lasts(self, frame: int) -> bool:
        """Whether the state of ``frame`` is one of those kept for long."""
        return frame % self._every == 0 or frame % self._also == 0

    def only(self, frame: int, saved) -> None:
        self._states = {frame: saved}

    def forget_after(self, frame: int) -> None:
        for late in [late for late in self._states if late > frame]:
            del self._states[late]

    def prune(self, final: int) -> None:
        """Nothing goes back before ``final`` any more, except for old rows: the newest state before it is needed, the
        very first, and a few between."""
        newest, first = self.newest(final), self.first
        for frame in [frame for frame in self._states if first < frame < newest]:
            if frame < newest - FOR or not self.lasts(frame):
                del self._states[frame]
