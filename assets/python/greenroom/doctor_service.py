"""The environment as the service runs it: a ``Runner``, fed frame by frame."""

from __future__ import annotations

import statistics
import time

from . import msgpack
from .doctor_probe import SEED, brief, compare
from .isolation import World
from .runner import Runner

# Frames in which everything happens that happens now and then.
ROUND = 30
# So many frames of a game that has to go on elsewhere, and how often it hands out its state.
FRAMES, OFTEN = 90, 1


class Service:
    """One game, with hashes, states and pictures as they are due in the game."""

    def __init__(self, patient, every=None):
        request, cast = patient.request, patient.cast
        group = request["group"] or {}
        content = {**msgpack.decode(cast.settings), **group, "record_observations": request["records"]}
        self._world = World(request.get("folder") or "")
        self._world.enter()
        every = every or group.get("state_broadcast_interval", 30)
        self._runner = Runner(
            request["code"], request["filename"], msgpack.encode(content), cast.runs, request["streamed"], every
        )
        self._actions = content["actions"]
        self._episode = 0

    def stand(self, seed, state=None, bots=None):
        self._world.enter()
        self._episode += 1
        self._chosen: dict = {}
        return self._taken(self._runner.stand(self._episode, seed, state, bots))

    def _taken(self, turn):
        self.frame, self.over = turn.frame, turn.end is not None
        self._chosen.update({(seat, frame): action for seat, frame, action in turn.choices})
        return turn

    def inputs(self, given):
        """Everybody's in the next frame; ``given`` has an index into the actions for each human agent."""
        people = [msgpack.encode(self._actions[index]) for index in given]
        bots = [self._chosen.pop((seat, self.frame), None) for seat in range(len(people), self._runner.seats)]
        return msgpack.encode([[*people, *bots]])

    def advance(self, data):
        self._world.enter()
        return self._taken(self._runner.advance(self._episode, self.frame, data))


def serve(patient, taken, more, seconds) -> None:
    """What a frame costs the service: bots, row, hash, states, and where it streams, pictures."""
    service = Service(patient)
    service.over = True
    shown: list = []
    times: list[float] = []
    deadline = time.perf_counter() + seconds
    for number in range(8 * ROUND):
        if service.over:
            service.stand(SEED + number)
        if service.over:
            return
        data = service.inputs(patient.held[number % len(patient.held)])
        began = time.perf_counter()
        turn = service.advance(data)
        times.append(time.perf_counter() - began)
        for _, state, _ in turn.states:
            more["state_bytes"] = max(len(state), more.get("state_bytes", 0) if number else 0)
        shown = [picture for picture in turn.pictures if picture.frame is not None] or shown
        if time.perf_counter() > deadline:
            break
    taken["service"] = times
    # The mean, for some frames have states; but of a typical second, whatever else this computer had to do.
    rounds = [times[at : at + ROUND] for at in range(ROUND, len(times) - ROUND + 1, ROUND)] or [times]
    more["service_ms"] = 1000 * statistics.median(sum(some) / len(some) for some in rounds)
    if shown and patient.request.get("trace"):
        # The service compresses them, which is not Python's work.
        more["pixels"] = {"width": shown[0].width, "height": shown[0].height, "each": len(shown)}
        with open(f"{patient.request['trace']}.pixels", "wb") as file:
            file.write(shown[0].frame)


def go_on(patient) -> None:
    """A game of which only the service has a copy goes on in another process, as after a crash."""
    report = patient.report
    if not patient.trace:
        return
    report.progress("goes on in a new copy")
    first = Service(patient, OFTEN)
    # The states of a game's first half, and all its frames.
    states, played = [(0, first.stand(SEED))], []
    for given in patient.held[:FRAMES]:
        if first.over:
            break
        turn = first.advance(first.inputs(given))
        states.append((turn.frame, turn))
        played.append((given, turn))
    handed = [state for frame, turn in states for state in turn.states if frame <= len(played) // 2]
    if not handed or not played:
        return  # its episodes are over at once
    frame, copy, bots = handed[-1]
    retraced = "inputs" in msgpack.decode(copy)
    second = Service(patient, OFTEN)
    try:
        second.stand(SEED, copy, bots)
        found = None
        for given, turn in played[frame:]:
            again = second.advance(second.inputs(given))
            found = found or different(turn, again)
    except Exception as error:
        patient.grave(f"its state at step {frame} cannot be put into a new copy: {brief(error)}")
        return
    if found:
        patient.grave(f"a new copy that goes on from step {frame} plays differently: {found}")
    elif retraced:
        report.ok(
            f"a new copy goes on with the game, from step {frame}: as its state cannot be told whole, all its inputs "
            "are played again"
        )
    else:
        size = f"{len(copy) / 1000:.1f} kB"
        report.ok(f"its state goes into a new copy, which goes on with the game from step {frame} ({size})")


def different(turn, again):
    for row, other in zip(turn.rows, again.rows):
        text = compare((msgpack.decode(row), None), (msgpack.decode(other), None))
        if text:
            return text
    if turn.hashes != again.hashes:
        return f"the hash of its state at frame {turn.hashes[0][0]} is another"
    return None
