"""One player's copy of a multiplayer game: it predicts, and corrects itself when the service confirms otherwise.

Every copy steps the same environment from the same seed with the same confirmed inputs. So that nobody waits for the
network, a copy runs ahead of the confirmations by at most ``max_prediction`` frames, on what it knows and on guesses.
When a guess turns out wrong, it restores the state before that frame and plays again up to the present, within the same
call. What is confirmed is final: rows and hashes are of confirmed frames only.

Frames are counted from 0 in each episode; ``frame`` *f* leads from state *f* to state *f + 1*.

Example: a game of two, of which this copy is the first player's ::

    copy = Rollback(code, "volley.py", msgpack.encode({..., "agents": ["left", "right"], "me": 0, "input_delay": 2}))
    copy.reset(seed, episode)
    output = copy.tick(msgpack.encode([
        ["confirmed", 0, [[0, 0], [0, 2]]],   # frames 0 and 1, an input for each seat
        ["input", 1, 2, 2],                   # the second player's input for frame 2, not yet confirmed
        ["local", 1],                         # the keys held down now: actions[1]
        ["advance", True],                    # the clock has moved on by one frame
    ]))

Who comes late, or back, catches up with the same calls: ``reset``, then ``tick`` with all confirmed inputs (and before
them, if there is one, a snapshot: ``["heal", frame, bytes]``), then ``tick`` again until ``output.behind`` is 0. Each
call takes about ``slice_ms``, so that progress can be shown.
"""

from __future__ import annotations

import time

from . import checkpoint, msgpack, snapshot
from .errors import EnvironmentContractError
from .healing import Healing
from .kept import Kept
from .rollback_output import RollbackOutput
from .rows import encode_row
from .simulation import Simulation, to_bytes
from .timeline import PREDICTIONS, Timeline

_KEEP = object()  # an argument that was not given, where None has a meaning


class Rollback(Healing, Simulation):
    """One copy of a multiplayer game.

    Parameters
    ----------
    code, filename
        As for ``Engine``.
    settings
        What ``Engine`` takes, and ``agents`` (ids of the human agents in the order of seats), ``me`` (this player's
        seat, or None for a spectator), ``input_delay`` (frames, default 0), ``max_prediction`` (8),
        ``snapshot_interval`` (3 frames; 1 is better where a step costs more than a snapshot), ``hash_interval`` (30; 0
        for none), ``prediction`` ("previous" or "default"; without, it follows ``fallback``), ``redundancy`` (3),
        ``slice_ms`` (40), ``smoothing`` (True: tell how far a rollback moved what is on the screen), ``people`` (how
        many of ``agents`` are people, the first ones; the others are the service's bots),
        ``state_broadcast_interval`` (as ``hash_interval``: at which frames states to adopt may come).
    """

    def _settings(self, settings):
        super()._settings(settings)
        humans = [agent for agent, given in self._policies.items() if given.kind == "human"]
        for agent, given in self._policies.items():
            if given.kind == "model":
                raise EnvironmentContractError(
                    f"agent {agent!r} is played by a model, which cannot be rolled back with a game of several "
                    "players; let the service run the environment, or use a function"
                )
        self._agents = [str(agent) for agent in settings.get("agents") or []]
        if sorted(self._agents) != sorted(humans) or not humans:
            raise ValueError(f"settings: agents={self._agents}; the policies' human agents are {humans}")
        self._me = self._seat(settings.get("me"))
        if self._default is None:
            raise EnvironmentContractError(
                "a scene for several players needs a default_action, which is played for whoever gives no input in time"
            )
        self._delay = _count(settings, "input_delay", 0, 0)
        self._bound = _count(settings, "max_prediction", 8, 1)
        self._interval = _count(settings, "snapshot_interval", 3, 1)
        self._hash_interval = _count(settings, "hash_interval", 30, 0)
        self._broadcast = _count(settings, "state_broadcast_interval", self._hash_interval, 0)
        self._people = self._agents[: _count(settings, "people", len(self._agents), 0)]
        self._redundancy = _count(settings, "redundancy", 3, 0)
        self._slice = _count(settings, "slice_ms", 40, 0) / 1000
        prediction = settings.get("prediction") or ("previous" if self._keep_previous else "default")
        if prediction not in PREDICTIONS:
            raise ValueError(f"settings: prediction={prediction!r}; allowed: {', '.join(PREDICTIONS)}")
        self._prediction = prediction
        self._smoothing = bool(settings.get("smoothing", True))

    def _seat(self, me):
        if me is not None and (type(me) is not int or not 0 <= me < len(self._agents)):
            raise ValueError(f"settings: me={me!r} must be a seat, 0 to {len(self._agents) - 1}, or None")
        return me

    def _checked(self):
        return self._people  # the service's bots have actions of their own

    def _viewer(self):
        return self._agents[0 if self._me is None else self._me]

    # ---------------------------------------------------------------------------------------------------- calls

    def reset(self, seed: int, episode: int = 0, *, me=_KEEP, input_delay=_KEEP, shared=None) -> RollbackOutput:
        """Start an episode, at frame 0.

        ``me`` and ``input_delay`` are as in the settings, from this episode on: a browser makes its copy before it is
        known who plays with whom, and connections change between episodes. Without them, they stay as they are.
        ``shared``: see ``Globals.give``.
        """
        if me is not _KEEP:
            self._me = self._seat(me)
        if input_delay is not _KEEP:
            self._delay = _count({"input_delay": input_delay}, "input_delay", 0, 0)
        self._shared.give(shared)
        self._start(int(seed))
        self._timeline = Timeline(
            len(self._agents), self._prediction, self._actions[self._default],
            None if self._pointing is None else self._pointing.is_fleeting,
        )  # fmt: skip
        self._frame = 0  # by the clock
        self._at = 0  # the next frame to be simulated; less than `_frame` only while catching up
        self._generators = snapshot.take_generators()
        self._kept = Kept(self._hash_interval, self._broadcast)
        self._kept[0] = self._save()
        self._rows: dict[int, bytes] | None = None
        self._next_row = self._next_hash = self._next_timing = 0
        self._end_hashed = False
        self._timing: dict[int, list] = {}
        self._locals: list = []
        self._offered: tuple[int, bytes] | None = None  # the reference's state of a frame
        self._drawing = True
        self._stale = False  # the picture is not that of the state
        self._shown = 0  # the frame of the picture
        output = RollbackOutput()
        self._draw(output)
        self._picture.complete(output)
        self._play_sounds(output)
        self._show_assets(output)
        self._report(output)
        return output

    def tick(self, events: bytes) -> RollbackOutput:
        """Take what happened since the last call, correct what was guessed wrong, go on as the clock says, and draw.

        ``events`` is a MessagePack list of:

        ``["confirmed", first frame, [[input per seat], ...]]``
            frames that the service has fixed. Known ones may come again.
        ``["input", seat, frame, input]``
            a player's input, relayed ahead of its confirmation.
        ``["local", index]``, ``["local_value", value]``
            this player's action: an index into ``actions`` (None: no key), or an action itself. One for each frame that
            the clock moves on; without, the player gives no input.
        ``["advance", frames]``
            how far the clock has moved on: True, or a number of frames.
        ``["heal", frame, bytes]``
            adopt the state of another copy, from ``snapshot``.
        ``["adopt", frame, bytes]``
            the reference's state of this frame: adopt it if this copy's own is not the same to the last bit. Of several
            in one call the newest counts.
        ``["rows", first frame]``
            hand out rows from this frame on: this copy is the host. None: no longer.
        ``["draw", bool]``
            whether pictures are wanted; not in a hidden tab.

        An input is any MessagePack value, or the bytes of one in a ``bin``: JavaScript cannot tell 1.0 from 1, so it
        passes inputs on unread.
        """
        if not self._ready:
            raise RuntimeError("tick() was called before reset()")
        output = RollbackOutput()
        advance = self._read(msgpack.decode(to_bytes(events)), output)
        self._correct(output)
        self._adopt(output)
        corrected, before = self._corrected_picture(output), self._frame
        self._unsent = None
        while advance > 0 and self._step(output):
            advance -= 1
        self._promote(output)
        if self._drawing and self._stale and self._at == self._frame:
            self._show(corrected, self._frame > before, output)
            self._play_sounds(output)
        self._report(output)
        return output

    def snapshot(self, frame: int | None = None) -> bytes:
        """The newest confirmed state kept at or before ``frame``, for another copy's ``heal`` and for
        ``checkpoint.difference``. The bytes tell their own frame."""
        limit = min(self._timeline.confirmed, self._at)
        if frame is not None:
            limit = min(limit, frame)
        kept = self._kept.newest(limit)
        if kept is None:
            raise ValueError(f"no state at or before frame {frame} is kept; the oldest is {self._kept.first}")
        return checkpoint.to_bytes(kept, self._kept[kept], self.env)

    def pending(self) -> bytes | None:
        """All of this player's inputs that are not confirmed, as in ``send``: for a new connection."""
        return None if self._me is None else self._sent(0)

    def unseen(self) -> list[str]:
        """Attributes of the environment that neither hashes nor snapshots cover (see ``checkpoint.unseen``)."""
        return checkpoint.unseen(self._kept[self._kept.last])

    def redraw(self) -> RollbackOutput:
        """The whole picture as it stands, for a page that lost it. The environment is not asked."""
        output = RollbackOutput()
        self._picture.complete(output)
        self._show_hud(output)
        output.assets = self._assets
        self._report(output)
        return output

    # ---------------------------------------------------------------------------------------------------- events

    def _read(self, events, output):
        advance = 0
        for event in events:
            kind, *rest = event
            if kind == "confirmed":
                first, frames = rest
                self._timeline.confirm(first, [[_input(given) for given in inputs] for inputs in frames])
            elif kind == "input":
                seat, frame, given = rest
                self._timeline.receive(seat, frame, _input(given))
            elif kind == "local":
                if rest[0] is not None:
                    self._index("the local input", rest[0])
                self._locals.append(None if rest[0] is None else self._actions[rest[0]])
            elif kind == "local_value":
                self._locals.append(_input(rest[0]))
            elif kind == "advance":
                advance += int(rest[0])
            elif kind == "heal":
                self._heal(rest[0], to_bytes(rest[1]), output)
            elif kind == "adopt":
                if self._offered is None or rest[0] >= self._offered[0]:
                    self._offered = rest[0], to_bytes(rest[1])
            elif kind == "rows":
                self._ask_rows(rest[0])
            elif kind == "draw":
                self._drawing = bool(rest[0])
                self._stale = self._stale or self._drawing
            else:
                raise ValueError(f"tick: unknown event {kind!r}")
        return advance

    def _ask_rows(self, first):
        if first is None:
            self._rows = None
            return
        if self._rows is not None and first >= self._next_row:
            return  # goes on as it is; the service knows less than was sent
        if first < self._timeline.first:
            known = self._timeline.first
            raise ValueError(f"rows from frame {first} are wanted; this copy knows the game from {known}")
        self._rows, self._next_row = {}, first
        if first < self._at:
            # An observation is known only where the step before it was made with observations.
            usable = [
                frame for frame, saved in self._kept.items()
                if frame <= first and (frame < first or not self._record_observations or saved.observations is not None)
            ]  # fmt: skip
            self._go_back(max(usable) if usable else self._kept.first)

    # ---------------------------------------------------------------------------------------------------- simulating

    def _correct(self, output):
        """Roll back if a guess was wrong, and simulate up to the clock and all that is confirmed."""
        wrong = self._timeline.take_wrong()
        if wrong is not None and wrong < self._at:
            output.depth = self._frame - wrong
            if wrong in self._timing:  # not where an older state was adopted: that frame was reported before
                self._timing[wrong][1] = output.depth
            self._go_back(self._kept.newest(wrong))
        self._frame = max(self._frame, self._timeline.confirmed)
        if self._at < self._frame:
            began = self._at
            # A rollback is never cut: only what is far behind is caught up with in slices.
            self._simulate(self._frame, None if self._frame - began <= self._bound + self._interval else self._slice)
            output.replayed += self._at - began
            self._stale = True

    def _go_back(self, frame):
        """Restore the state before ``frame``; what was simulated from there on is to be simulated again."""
        self._load(self._kept[frame])
        self._generators = snapshot.take_generators()
        self._timeline.rewind(frame)
        self._sounds.rewind(frame)
        self._at = frame
        self._kept.forget_after(frame)
        self._stale = True

    def _step(self, output):
        """The clock moves on by one frame, unless too much would be guessed."""
        over = self._done and self._t <= self._timeline.confirmed
        if over or self._at < self._frame or self._frame - self._timeline.confirmed >= self._bound:
            output.waiting = not over
            # A key pressed while waiting counts when the game goes on; of many, the last.
            self._locals = [given for given in self._locals if given is not None][-1:]
            return False
        self._submit(output)
        self._frame += 1
        self._simulate(self._frame, None)
        output.predicted = self._predicted
        self._stale = True
        return True

    def _submit(self, output):
        given = self._locals.pop(0) if self._locals else None
        if self._me is None:
            return
        if given is None:  # no key is an input, too: what was done before stands in only for what comes too late
            given = self._actions[self._default]
        frame = self._frame + self._delay
        if not self._timeline.knows(self._me, frame):  # the first input for a frame counts, everywhere
            self._timeline.receive(self._me, frame, given)
            # All that this call has brought, however far the clock has moved on, and the redundancy before it.
            self._unsent = frame if self._unsent is None else self._unsent
            output.send = self._sent(self._unsent - self._redundancy)

    def _sent(self, least):
        first, inputs = self._timeline.newest(self._me, least)
        return msgpack.encode([first, [msgpack.encode(given) for given in inputs]]) if inputs else None

    def _simulate(self, until, seconds):
        """Frames up to ``until``, for ``seconds`` at most and one frame at least."""
        # The game's random generators are put in place and taken away again, so that nothing else in this process,
        # drawing included, takes numbers from them.
        snapshot.put_generators(*self._generators)
        deadline = None if seconds is None else time.perf_counter() + seconds
        while self._at < until:
            self._simulate_one()
            if deadline is not None and time.perf_counter() >= deadline:
                break
        self._generators = snapshot.take_generators()

    def _simulate_one(self):
        frame = self._at
        inputs, predicted = self._timeline.play(frame)
        over = self._done
        if not over:  # time goes on after a predicted end, for it may turn out not to be one
            wanted = self._rows is not None
            actions = self._actions_of(dict(zip(self._agents, inputs)))
            _, row = self._advance(*actions, quick=not (wanted and self._record_observations))
            if wanted and frame >= self._next_row:
                self._rows[frame] = encode_row(row)
        self._at = at = frame + 1
        self._predicted = predicted
        if at > self._next_timing:
            self._timing.setdefault(frame, [predicted, 0])
        # Frames that are confirmed already will not be rolled back.
        needed = at >= self._timeline.confirmed and at % self._interval == 0
        if needed or self._kept.lasts(at) or (self._done and not over) or at == self._timeline.confirmed:
            self._kept[at] = self._save()

    # ---------------------------------------------------------------------------------------------------- results

    def _promote(self, output):
        """Hand out what has become final, and forget what is no longer needed."""
        final = min(self._timeline.confirmed, self._at)
        over = self._done and self._t <= final
        end = self._t if over else final
        self._hand_out(end, output)
        while self._next_timing < end:
            predicted, depth = self._timing.pop(self._next_timing, ([False] * len(self._agents), 0))
            output.timing.append((self._next_timing, predicted, depth))
            self._next_timing += 1
        if self._hash_interval:
            while self._next_hash <= end:
                self._hash(self._next_hash, output)
                self._next_hash += self._hash_interval
            if over and not self._end_hashed:
                self._end_hashed = True
                if end % self._hash_interval:
                    self._hash(end, output)
        output.done = over
        output.end = end if over else None
        self._kept.prune(final)

    def _hand_out(self, end, output):
        while self._rows and self._next_row < end:  # in order, and each of them once
            output.rows.append(self._rows.pop(self._next_row))
            self._next_row += 1

    def _hash(self, frame, output):
        output.hashes.append((frame, checkpoint.hash_of(self._kept[frame], self.env)))

    def _report(self, output):
        output.t = self._frame
        output.confirmed = self._timeline.confirmed
        output.behind = self._frame - self._at
        output.ending = self._done and not output.done
        output.scores = dict(self._scores)
        own = self._scores if self._me is None else [self._agents[self._me]]
        output.score = sum(self._scores.get(agent, 0.0) for agent in own)

    # ---------------------------------------------------------------------------------------------------- drawing

    def _corrected_picture(self, output):
        """After a rollback: the moment that the screen shows, drawn anew, to tell how far things were moved."""
        if self._smoothing and self._drawing and output.replayed and self._shown == self._frame == self._at:
            shown = self._draw(None)
            self._sounds.hear(self._t)
            return shown
        return None

    def _show(self, corrected, stepped, output):
        if corrected is None or stepped:
            self._draw(output, corrected)
        else:
            self._picture.show_corrected(corrected, None, output)
            self._show_hud(output)
        self._stale, self._shown = False, self._frame


def _input(given):
    return msgpack.decode(given) if isinstance(given, bytes) else given


def _count(settings, name, otherwise, least):
    value = settings.get(name)
    if value is None:
        return otherwise
    if type(value) is not int or value < least:
        raise ValueError(f"settings: {name}={value!r} must be a whole number, at least {least}")
    return value
