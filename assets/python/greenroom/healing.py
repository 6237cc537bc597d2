"""How a copy takes over a state of somebody else's: another player's, where its own is lost or wrong, or the service's,
which is always right."""

from __future__ import annotations

from . import checkpoint


class Healing:
    """The part of ``Rollback`` that puts other copies' states in the place of its own."""

    def _heal(self, frame, data, output):
        at, saved = checkpoint.from_bytes(data, self.env, self._seeded)
        if at != frame:
            raise ValueError(f"the snapshot said to be of frame {frame} is of frame {at}")
        # What was confirmed before the frame is confirmed still.
        self._hand_out(min(frame, self._at, self._timeline.confirmed), output)
        if self._timeline.first <= frame <= self._timeline.confirmed:
            self._frame = max(self._frame, frame)
        else:
            self._timeline.restart(frame)
            self._frame = frame
        self._timeline.take_wrong()  # whatever was wrong before is set right by the snapshot
        self._kept.only(frame, saved)
        self._go_back(frame)
        self._next_row = max(self._next_row, frame)
        self._next_timing = max(self._next_timing, frame)
        self._next_hash = frame if not self._hash_interval else -(-frame // self._hash_interval) * self._hash_interval
        self._end_hashed = False
        output.healed = frame

    def _adopt(self, output):
        """Compare the reference's state with this copy's own of the same frame, which is as right as can be by now, and
        go on from the reference's where they differ."""
        if self._offered is None:
            return
        (frame, data), self._offered = self._offered, None
        if not self._timeline.first <= frame <= min(self._timeline.confirmed, self._at):
            # Too far ahead, or before all that this copy knows: nothing to compare with.
            if frame > self._at:
                self._heal(frame, data, output)
                output.adopted, output.healed = (frame, None, []), None
                self._correct(output)
            return
        own = self._kept.get(frame)
        found = None if own is None else checkpoint.compare(own, data, self.env)
        if own is not None and found is None:
            output.adopted = (frame, 0.0, [])
            return
        at, saved = checkpoint.from_bytes(data, self.env, self._seeded)
        if at != frame:
            raise ValueError(f"the state said to be of frame {frame} is of frame {at}")
        self._hand_out(min(self._at, self._timeline.confirmed), output)  # confirmed frames are played once
        self._kept[frame] = saved
        self._go_back(frame)
        output.adopted = (frame, *(found or (None, [])))
        self._correct(output)
