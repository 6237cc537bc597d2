"""What a tick of a multiplayer copy hands back."""

from __future__ import annotations

from .simulation import Output


class RollbackOutput(Output):
    """What one tick produced, beside the picture and ``hud`` of the state shown.

    Attributes
    ----------
    t
        Frames gone by on this copy's clock: the picture shows the state before frame ``t``.
    confirmed
        The first frame that is not confirmed; ``t - confirmed`` never exceeds ``max_prediction``.
    behind
        Frames still to be caught up with. While it is not 0 the picture stands still; call ``tick`` again.
    waiting
        The clock wanted to go on, but the bound on prediction is reached (or the copy is behind).
    ending
        The episode is over as far as this copy can tell, but that is not confirmed yet.
    done, end
        The episode is over by confirmed frames; it had ``end`` frames.
    send
        MessagePack ``[first frame, [input, ...]]``: this player's inputs, each as MessagePack in a ``bin``; the last
        ones again and again until they are confirmed, as far as ``redundancy`` goes. Or None.
    rows
        Rows of frames confirmed since the last call, if asked for with ``["rows", frame]``.
    hashes
        ``(frame, hash)`` of confirmed states, at every ``hash_interval`` and at the end of the episode. After a heal
        the hashes from its frame on come again.
    depth, replayed
        How many frames back the first wrong input was, 0 for none, and how many frames were simulated again.
    predicted
        By seat, whether the newest frame's input was a guess when it was first shown.
    timing
        ``(frame, predicted, depth)`` of frames newly confirmed: ``predicted`` by seat as the frame was first shown, and
        how many frames this copy had gone on when it learnt that it had guessed wrong (0: it had not).
    score, scores
        Sum of rewards up to the state shown: this player's (everybody's, for a spectator) and by agent.
    healed
        The frame at which a snapshot was adopted in this call, or None.
    adopted
        ``(frame, largest, fields)`` when the reference's state came (``["adopt", ...]``), else None. ``largest`` is the
        greatest distance between numbers at the same place, 0.0 if the two states were one to the last bit and None if
        this copy had no state of that frame to compare; ``fields`` tells what differs beyond rounding to 9 digits.
    """

    __slots__ = (
        "confirmed", "behind", "waiting", "ending", "end", "send", "rows", "hashes", "depth", "replayed", "predicted",
        "timing", "scores", "healed", "adopted",
    )  # fmt: skip

    def __init__(self):
        super().__init__(0, False, 0.0)
        self.confirmed = self.behind = self.depth = self.replayed = 0
        self.waiting = self.ending = False
        self.end: int | None = None
        self.send: bytes | None = None
        self.rows: list[bytes] = []
        self.hashes: list[tuple[int, str]] = []
        self.predicted: list[bool] = []
        self.timing: list[tuple[int, list[bool], int]] = []
        self.scores: dict[str, float] = {}
        self.healed: int | None = None
        self.adopted: tuple[int, float | None, list[str]] | None = None
