"""Networks, matchmakers and callbacks."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import greenroom

from .notes import note
from .options import Options, path, refused, same

GameCallback = greenroom.GameCallback

_MODEL = {
    "obs_input": same,
    "logit_output": same,
    "onnx_path": path,
    "state_inputs": same,
    "state_outputs": same,
    "state_shape": same,
    "fixed_inputs": same,
    "custom_inference_fn": refused(
        "write the inference in Python: a FunctionPolicy(function='...') names a function of the environment's code"
    ),
}


def ModelConfig(*arguments, **named):  # noqa: N802  (a class there)
    """A network. It draws its actions from the softmax, as theirs did; ``choice='argmax'`` takes the best one."""
    given = Options("ModelConfig", _MODEL).read(arguments, named)["ModelConfig"]
    return greenroom.ModelConfig(**{"choice": "softmax", **given})


class Asked:
    """A function of the script with arguments of theirs, as Greenroom asks it: with a participant and something else."""

    def __init__(self, function, given):
        self._function, self._given = function, given
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__qualname__ = getattr(function, "__qualname__", self.__name__)
        self.__code__ = getattr(function, "__code__", None)  # where it is written

    def __call__(self, participant, more):
        return self._function(*self._given(participant, more))


def asked(given):
    """For an option with a function. What is none is Greenroom's to judge."""
    return lambda value: Asked(value, given) if callable(value) else value


def context_of(participant, context):
    """What their functions that exclude people get."""
    missing = ("os_version", "frame_number", "episode_number")
    return ({"subject_id": participant.subject_id, **dict.fromkeys(missing), **context},)


class Game:
    """What there is of a game for a function that makes a page for one of its players."""

    def __init__(self, agent, subject_id):
        self.human_players = {agent: subject_id}

    def __getattr__(self, name):
        raise AttributeError(f"the game has no `{name}` here: it has human_players, a dict from the player's agent to its id")


def game_of(participant, agent):
    """What their functions that make a page get."""
    native = int(agent) if isinstance(agent, str) and agent.isdecimal() else agent
    return Game(native, participant.subject_id), participant.subject_id


# ---------------------------------------------------------------------------------------------------- matchmakers


@dataclass
class GroupHistory:
    """With whom somebody played."""

    previous_partners: list = field(default_factory=list)
    source_scene_id: str | None = None
    group_id: str | None = None


@dataclass
class MatchCandidate:
    """Somebody who waits."""

    subject_id: str
    rtt_ms: float | None = None
    group_history: GroupHistory | None = None


class Matchmaker:
    """Base of matchmakers; a script's own ones have ``find_match``."""

    def __init__(self, max_p2p_rtt_ms=None):
        self.max_p2p_rtt_ms = max_p2p_rtt_ms

    def find_match(self, arriving, waiting, group_size):
        """The group with ``arriving``, or None."""
        raise NotImplementedError(f"{type(self).__name__} has no find_match(arriving, waiting, group_size)")

    def rank_candidates(self, candidates, *_):
        """In the order in which they are asked; the longest wait first."""
        return candidates

    def should_reject_for_rtt(self, measured):
        """Whether a round trip between two players is too long."""
        if self.max_p2p_rtt_ms is None:
            return False
        return measured is None or measured > self.max_p2p_rtt_ms

    def greenroom(self):
        """What Greenroom has for it: a function."""
        return _Function(self)

    def _within(self, *limits):
        limits = [limit for limit in (self.max_p2p_rtt_ms, *limits) if limit is not None]
        if not limits:
            return greenroom.FifoMatchmaker()
        return greenroom.LatencyFifoMatchmaker(max_rtt_sum_ms=max(1, round(min(limits))))


class FIFOMatchmaker(Matchmaker):
    """Who came first plays first."""

    def greenroom(self):
        return self._within() if type(self) is FIFOMatchmaker else super().greenroom()

    def find_match(self, arriving, waiting, group_size):
        if len(waiting) + 1 < group_size:
            return None
        return [*waiting[: group_size - 1], arriving]


class LatencyFIFOMatchmaker(FIFOMatchmaker):
    """The same, with those whose connection fits."""

    def __init__(self, max_server_rtt_ms, max_p2p_rtt_ms=None):
        super().__init__(max_p2p_rtt_ms)
        self.max_server_rtt_ms = max_server_rtt_ms

    def greenroom(self):
        ours = type(self) is LatencyFIFOMatchmaker
        return self._within(self.max_server_rtt_ms) if ours else Matchmaker.greenroom(self)


class GroupReunionMatchmaker(FIFOMatchmaker):
    """Former partners play together again."""

    def __init__(self, max_p2p_rtt_ms=None, fallback_to_fifo=True):
        super().__init__(max_p2p_rtt_ms)
        self.fallback_to_fifo = fallback_to_fifo

    def greenroom(self):
        if type(self) is not GroupReunionMatchmaker:
            return Matchmaker.greenroom(self)
        fallback = self._within() if self.fallback_to_fifo else None
        return greenroom.GroupReunionMatchmaker(fallback=fallback)


class _Function:
    """A matchmaker of the script as a function of those who wait. Theirs was asked at each arrival: it is asked for the
    last to arrive, then for those before."""

    def __init__(self, matchmaker):
        self._matchmaker = matchmaker
        self.__name__ = self.__qualname__ = type(matchmaker).__name__
        self.__code__ = getattr(type(matchmaker).find_match, "__code__", None)

    def __call__(self, waiting, size):
        everybody = [
            MatchCandidate(one["subject_id"], one["rtt_ms"], GroupHistory(list(one["partners"])) if one["partners"] else None)
            for one in waiting
        ]  # fmt: skip
        for last in range(len(everybody) - 1, -1, -1):
            group = self._matchmaker.find_match(everybody[last], everybody[:last], size)
            if group and not self._too_far(group):
                return [getattr(one, "subject_id", one) for one in group]
        return None

    def _too_far(self, group):
        if self._matchmaker.max_p2p_rtt_ms is None:
            return False
        trips = [getattr(one, "rtt_ms", None) for one in group]
        return any(
            self._matchmaker.should_reject_for_rtt(None if None in pair else sum(pair)) for pair in combinations(trips, 2)
        )


def matchmaker_of(value):
    """For ``.waitroom(matchmaker=...)``. What is no matchmaker of theirs is Greenroom's to judge."""
    return value.greenroom() if isinstance(value, Matchmaker) else value


# ------------------------------------------------------------------------------------------------------ callbacks


class MultiCallback(GameCallback):
    """Several callbacks; classes are made objects."""

    def __init__(self, callbacks, **named):
        self.callbacks = [one(**named) if isinstance(one, type) else one for one in callbacks]


def callbacks_of(value):
    """For ``.gameplay(callback=...)``."""
    note("GymScene.gameplay: callback: its methods get an event (subject_id, scene_id, episode ...) instead of the game")
    if isinstance(value, MultiCallback):
        return [one for each in value.callbacks for one in _each(each)]
    return value


def _each(callback):
    return callback.callbacks if isinstance(callback, MultiCallback) else [callback]


