"""Places on the picture as actions: what the mouse or a finger does, where a scene takes it (``gameplay(pointer=...)``).

The action is ``{"x": 12, "y": 40, "pressed": True}``: whole game pixels from the left and the top, less than the scene's
``game_width`` and ``game_height``. So it is recorded, and so an environment gets it, but for one whose action space is a
``Box`` of two or three numbers: that gets the array ``[x, y]`` or ``[x, y, pressed]``.
"""

from __future__ import annotations

from .agents import check_action
from .errors import EnvironmentContractError

_MODES = ("click", "hold", "move")
_KEYS = {"x", "y", "pressed"}


class Pointing:
    """How a scene takes places. ``given`` is the map of the settings: ``mode``, ``width``, ``height``."""

    def __init__(self, given: dict):
        self.mode, self._width, self._height = given.get("mode"), given.get("width"), given.get("height")
        sizes = (self._width, self._height)
        if self.mode not in _MODES or any(type(size) is not int or size < 1 for size in sizes):
            raise ValueError(f"settings: pointer={given!r} must have a mode of {_MODES}, a width and a height")

    def is_place(self, value) -> bool:
        """Whether this is a place of the scene. Browsers of others send it, so nothing of it is certain."""
        return (
            type(value) is dict
            and value.keys() == _KEYS
            and type(value["x"]) is type(value["y"]) is int
            and 0 <= value["x"] < self._width
            and 0 <= value["y"] < self._height
            and type(value["pressed"]) is bool
        )

    def is_fleeting(self, value) -> bool:
        """Whether this acts once, so that nobody is thought to go on with it."""
        return self.mode == "click" and type(value) is dict and value.keys() == _KEYS

    def check(self, space, convert, agent) -> None:
        """Raise at the start of a scene, not at the first touch, when places do not fit the action space."""
        for x, y in ((0, 0), (self._width - 1, self._height - 1)):
            for pressed in (True,) if self.mode != "move" else (True, False):
                try:
                    check_action(space, convert, {"x": x, "y": y, "pressed": pressed}, agent)
                except EnvironmentContractError as error:
                    raise EnvironmentContractError(
                        f"{error}. With pointer={self.mode!r} of .gameplay(...) the environment is given places in game "
                        "pixels: it needs no action_space, a Dict of x, y and pressed, or a Box of two or three numbers "
                        "that holds them"
                    ) from None


def placing(space, convert):
    """``agents.converter`` of the space, for places as well."""
    shape = getattr(space, "shape", None)
    if type(space).__name__ != "Box" or shape not in ((2,), (3,)):
        return convert
    keys = ("x", "y", "pressed")[: shape[0]]

    def converted(value):
        if type(value) is dict and value.keys() == _KEYS:
            value = [float(value[key]) for key in keys]
        return convert(value)

    return converted
