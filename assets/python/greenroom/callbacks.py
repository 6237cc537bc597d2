"""Callbacks: code of yours that the service calls when something has happened.

    class Log(GameCallback):
        def on_game_end(self, event):
            print(event.game_id, event.reason)

    experiment = Experiment().experiment(...).callbacks(Log())

A callback is told of what is stored, a moment afterwards, one event after the other, on a thread of its own. It cannot
change the study, it never holds anybody up, and an exception in it is a line in the log. Any object with methods of these
names will do; it need not be of this class.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened. What does not apply is ``None``."""

    hook: str
    """The name of the method that is called."""
    at: int
    """When: milliseconds since 1970, by the service's clock."""
    subject_id: str | None = None
    """The participant, where it is about one; of a game, only if one person plays it."""
    visit: int | None = None
    """Number of the scene in the participant's course, from 1."""
    scene_id: str | None = None
    """The scene."""
    game_id: str | None = None
    """The game."""
    episode: int | None = None
    """The episode, from 0."""
    steps: int | None = None
    """Steps of an episode that is over; of ``on_desync``, steps that led to the state that differs."""
    players: dict[str, str | None] | None = None
    """Who plays which agent, ``None`` for a bot."""
    reason: str | None = None
    """Why, in a word."""


class GameCallback:
    """Does nothing at all. Derive a class from it and write the methods that you need."""

    def on_participant_join(self, event: Event) -> None:
        """A participant came for the first time."""

    def on_participant_return(self, event: Event) -> None:
        """A participant came back on a new connection: a reload, or a network that was gone."""

    def on_scene_start(self, event: Event) -> None:
        """A participant entered a scene."""

    def on_scene_end(self, event: Event) -> None:
        """A participant left a scene for the next one; ``reason`` is "complete" unless it ended otherwise."""

    def on_waitroom_join(self, event: Event) -> None:
        """A participant waits for others, or for a place on the service."""

    def on_waitroom_leave(self, event: Event) -> None:
        """A participant left the waiting room without a game; ``reason`` is "button" or "connection"."""

    def on_waitroom_timeout(self, event: Event) -> None:
        """A participant has waited in vain."""

    def on_waitroom_end(self, event: Event) -> None:
        """A participant's waiting led to a game; called for each player of it."""

    def on_game_start(self, event: Event) -> None:
        """A game was made."""

    def on_game_end(self, event: Event) -> None:
        """A game is over; ``reason`` is "complete" if all episodes were played."""

    def on_episode_start(self, event: Event) -> None:
        """An episode began; of a game of one person in a browser, when its first steps are stored."""

    def on_episode_end(self, event: Event) -> None:
        """An episode is over; ``reason`` is "complete", or why the game ended in the middle of it."""

    def on_player_away(self, event: Event) -> None:
        """A player of a game of several people, or of one on the service, is away."""

    def on_player_back(self, event: Event) -> None:
        """The same player is back."""

    def on_desync(self, event: Event) -> None:
        """A player's copy of the environment differs from the reference."""
