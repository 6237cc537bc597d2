"""Words of configurations."""

from __future__ import annotations

import enum


class InputModes:
    """How keys act."""

    SingleKeystroke = "single_keystroke"
    PressedKeys = "pressed_keys"


class PolicyTypes:
    """Who acts for an agent."""

    Human = "human"
    Random = "random"


class ActionSettings:
    """What an agent does in a step without an input."""

    PreviousSubmittedAction = "previous_submitted_action"
    DefaultAction = "default_action"


class SceneStatus(enum.IntEnum):
    """Of a scene in their server."""

    Inactive = 0
    Active = 1
    Done = 2


class NotProvided:
    """Stands for an option that was not given."""
