"""What is known of every seat's inputs, frame by frame, and what was played where nothing was known.

Three sources, each better than the one before: a *prediction* of this copy's own, an input *received* from the player
(or pressed here) and not yet fixed, and the *confirmed* input, which the service has fixed and which never changes.
"""

from __future__ import annotations

import copy

from . import msgpack

PREDICTIONS = ("previous", "default")


class Timeline:
    """The inputs of ``seats`` players from frame ``first`` on.

    Parameters
    ----------
    seats
        How many players.
    prediction
        "previous": a seat is thought to go on with what it did last; "default": to do the default input.
    default
        The input of a seat of which nothing was ever heard.
    fleeting
        Says of an input that nobody goes on with it: after it, the default one is thought to follow.
    """

    def __init__(self, seats: int, prediction: str, default, fleeting=None):
        self.seats = seats
        self._previous = prediction == "previous"
        self._default = default
        self._fleeting = fleeting
        self.restart(0)

    def restart(self, first: int) -> None:
        """Begin at ``first``: what is known of later frames stays, nothing was played yet."""
        received, early = getattr(self, "_received", {}), getattr(self, "_early", {})
        self.first = first
        self.confirmed = first  # the first frame that is not confirmed
        self._log: list[list] = []  # confirmed inputs, from frame `first`
        # Confirmed, but a frame before them is not yet.
        self._early: dict[int, list] = {frame: inputs for frame, inputs in early.items() if frame >= first}
        self._received: dict[int, dict[int, object]] = {f: known for f, known in received.items() if f >= first}
        self._played: dict[int, list] = {}  # inputs of frames that were simulated and are not known to be right
        self._wrong: int | None = None

    # ------------------------------------------------------------------------------------------------ what comes in

    def confirm(self, first: int, frames: list) -> None:
        """Frames ``first``, ``first + 1``, ... are fixed. What was known already may come again, but not otherwise."""
        for frame, inputs in enumerate(frames, first):
            if not isinstance(inputs, list) or len(inputs) != self.seats:
                raise ValueError(f"frame {frame} is confirmed with {inputs!r}; {self.seats} inputs are needed")
            if frame < self.first:
                continue
            inputs = [self._value(given) for given in inputs]
            if frame < self.confirmed:
                if not all(map(same, inputs, self._log[frame - self.first])):
                    raise ValueError(f"frame {frame} is confirmed a second time, with other inputs")
            else:
                self._early[frame] = inputs
        while self.confirmed in self._early:
            frame, inputs = self.confirmed, self._early.pop(self.confirmed)
            self._log.append(inputs)
            self.confirmed += 1
            self._received.pop(frame, None)
            played = self._played.pop(frame, None)
            if played is not None and not all(map(same, inputs, played)):
                self._mark(frame)

    def receive(self, seat: int, frame: int, given) -> None:
        """A player's own input, ahead of its confirmation. The first for a frame counts, as it does at the service."""
        if not 0 <= seat < self.seats:
            raise ValueError(f"an input came for seat {seat}; there are {self.seats}")
        if frame < self.confirmed:
            return
        known = self._received.setdefault(frame, {})
        if seat in known:
            return
        known[seat] = given = self._value(given)
        if frame in self._played and not same(given, self._played[frame][seat]):
            self._mark(frame)

    def _value(self, given):
        """No input at all is the default one, for whoever confirms may not know what that is."""
        return self._default if given is None else given

    def _mark(self, frame):
        self._wrong = frame if self._wrong is None else min(self._wrong, frame)

    # ------------------------------------------------------------------------------------------------ what is played

    def take_wrong(self) -> int | None:
        """The first simulated frame that was played with an input now known to be another, once."""
        wrong, self._wrong = self._wrong, None
        return wrong

    def rewind(self, frame: int) -> None:
        """Frames from ``frame`` on are to be simulated anew."""
        for late in [late for late in self._played if late >= frame]:
            del self._played[late]

    def play(self, frame: int) -> tuple[list, list[bool]]:
        """The inputs to simulate ``frame`` with, and which of them are predicted. Called in the order of frames."""
        if frame < self.confirmed:
            return self._log[frame - self.first], [False] * self.seats
        known = self._received.get(frame, {})
        inputs = [known[seat] if seat in known else self._predict(seat, frame) for seat in range(self.seats)]
        self._played[frame] = inputs
        return inputs, [seat not in known for seat in range(self.seats)]

    def _predict(self, seat, frame):
        if not self._previous or frame == self.first:
            return self._default
        before = frame - 1  # itself known, or predicted from the last known
        given = self._log[before - self.first][seat] if before < self.confirmed else self._played[before][seat]
        return self._default if self._fleeting is not None and self._fleeting(given) else given

    def knows(self, seat: int, frame: int) -> bool:
        return frame < self.confirmed or seat in self._received.get(frame, ())

    def newest(self, seat: int, least: int) -> tuple[int, list]:
        """The last unbroken run of inputs received from ``seat`` and not confirmed, from frame ``least`` on at most;
        its first frame and the inputs."""
        frame = max((frame for frame, known in self._received.items() if seat in known), default=self.confirmed - 1)
        inputs: list = []
        while frame >= max(least, self.confirmed) and seat in self._received.get(frame, ()):
            inputs.insert(0, self._received[frame][seat])
            frame -= 1
        return frame + 1, inputs


def same(a, b) -> bool:
    """Whether two inputs are one: 1, 1.0 and True are three."""
    if a is b or (type(a) is int and type(b) is int):
        return a == b
    if type(a) is not type(b):
        return False
    return msgpack.encode(a) == msgpack.encode(b)


def fresh(given):
    """An input that an environment may change without changing the timeline."""
    return copy.deepcopy(given) if isinstance(given, (list, dict)) else given
