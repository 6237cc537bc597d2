"""What one worker process hosts: scenes that it has learnt, and games of them, each in a world of its own."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from . import msgpack
from .isolation import World
from .msgpack import decode
from .onnx_policy import Session
from .policies import read
from .runner import Runner, Shown, Turn

__all__ = ["Host", "Shown", "Turn"]

# How long a scene is tried out: enough frames for a median, not so many that the service would wait.
_TRIED_FRAMES = 40
_TRIED_SECONDS = 2.0


class _Scene(NamedTuple):
    code: str
    filename: str
    folder: str
    settings: bytes
    runs: dict[str, Any]  # by agent what runs its model, for all games
    pictures: bool
    state_interval: int

    def runner(self) -> Runner:
        return Runner(
            self.code, self.filename, self.settings, self.runs, self.pictures, self.state_interval
        )  # fmt: skip


class _Game:
    def __init__(self, scene: _Scene):
        self.world = World(scene.folder)
        self.world.enter()
        try:
            self.runner = scene.runner()
        except BaseException:
            self.world.close()
            raise

    def close(self):
        self.world.enter()
        try:
            close = getattr(self.runner.env, "close", None)
            if callable(close):
                close()
        except Exception:
            pass  # it goes in any case
        self.world.close()


class Host:
    """Everything that one worker hosts; one for each process."""

    def __init__(self):
        self._scenes: dict[str, _Scene] = {}
        self._games: dict[str, _Game] = {}
        try:
            import numpy  # noqa: F401  # if a later game brought it, those that play would find other generators
        except ImportError:
            pass

    def learn(
        self, scene: str, code: str, filename: str, folder: str, settings: bytes, models: dict[str, bytes],
        pictures: bool, state_interval: int,
    ) -> float:  # fmt: skip
        """Try a scene out before its first game. Returns what a frame costs, with its row and picture: the median, in
        seconds."""
        policies = decode(bytes(settings))["policies"]
        runs = {agent: Session(model, read(agent, policies[agent]).options, agent) for agent, model in models.items()}
        for agent, setting in policies.items():
            if read(agent, setting).kind == "model" and agent not in runs:
                raise ValueError(f"the model of agent {agent!r} did not come with the scene")
        learnt = _Scene(code, filename, folder, bytes(settings), runs, pictures, state_interval)
        game = _Game(learnt)
        try:
            cost = _try(game.runner)
        finally:
            game.close()
        self._scenes[scene] = learnt
        return cost

    def open(self, game: str, scene: str) -> None:
        """Make the environment of a game."""
        if game in self._games:
            self.close(game)
        self._games[game] = _Game(self._scenes[scene])

    def stand(
        self, game: str, episode: int, seed: int, state: bytes | None, bots: bytes | None, shared: str | None = None
    ) -> Turn:
        """See ``Runner.stand``."""
        return self._enter(game).stand(episode, seed, state, bots, shared)

    def advance(self, game: str, episode: int, first: int, frames: bytes, complete: int) -> Turn:
        """See ``Runner.advance``."""
        return self._enter(game).advance(episode, first, frames, complete)

    def close(self, game: str) -> None:
        """The game is over, or goes on elsewhere."""
        closed = self._games.pop(game, None)
        if closed is not None:
            closed.close()

    def _enter(self, game):
        hosted = self._games[game]
        hosted.world.enter()
        return hosted.runner


def _try(runner) -> float:
    """Play some frames with actions of all kinds."""
    times: list[float] = []
    episode, turn = -1, None
    began = time.perf_counter()
    while len(times) < _TRIED_FRAMES and (time.perf_counter() - began < _TRIED_SECONDS or not times):
        if turn is None or turn.end is not None:
            episode += 1
            turn = runner.stand(episode, episode)
            chosen: dict = {}
            if turn.end is not None:
                break
        chosen.update({(seat, frame): action for seat, frame, action in turn.choices})
        frame, actions = turn.frame, runner.scene_actions
        inputs = [
            chosen.get((seat, frame)) or msgpack.encode(actions[(frame + seat) % len(actions)] if actions else None)
            for seat in range(runner.seats)
        ]
        data = msgpack.encode([inputs])
        start = time.perf_counter()
        turn = runner.advance(episode, frame, data)
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2] if times else 0.0
