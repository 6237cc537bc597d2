"""Colours as researchers write them, turned into ``#rrggbb``."""

from __future__ import annotations

import re

NAMES = {
    "black": "#000000", "white": "#ffffff", "gray": "#808080", "grey": "#808080", "lightgray": "#d3d3d3",
    "lightgrey": "#d3d3d3", "darkgray": "#404040", "darkgrey": "#404040", "silver": "#c0c0c0", "red": "#ff0000",
    "darkred": "#8b0000", "green": "#008000", "lime": "#00ff00", "darkgreen": "#006400", "blue": "#0000ff",
    "navy": "#000080", "lightblue": "#add8e6", "skyblue": "#87ceeb", "yellow": "#ffff00", "gold": "#ffd700",
    "orange": "#ffa500", "brown": "#8b4513", "tan": "#d2b48c", "purple": "#800080", "magenta": "#ff00ff",
    "pink": "#ffc0cb", "cyan": "#00ffff", "teal": "#008080", "olive": "#808000", "maroon": "#800000",
}  # fmt: skip

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z")
_ALLOWED = "allowed: an (r, g, b) or (r, g, b, a) tuple of ints 0-255, '#rgb', '#rrggbb', or a name such as 'red'"

_known: dict = {}


def parse(parameter: str, value) -> tuple[str, float]:
    """Return ``("#rrggbb", alpha)``; alpha is 1.0 unless an RGBA tuple gives another.

    An environment uses a handful of colours and passes them in every frame, so answers are remembered.
    """
    try:
        return _known[value]
    except KeyError:
        pass
    except TypeError:  # a list: not hashable
        value = tuple(value) if isinstance(value, list) else value
    answer = _parse(parameter, value)
    if len(_known) < 4096:
        try:
            _known[value] = answer
        except TypeError:
            pass
    return answer


def _parse(parameter, value):
    if isinstance(value, str):
        if _HEX.match(value):
            digits = value[1:] if len(value) == 7 else "".join(2 * digit for digit in value[1:])
            return "#" + digits.lower(), 1.0
        named = NAMES.get(value.lower())
        if named is None:
            raise ValueError(f"{parameter}={value!r} is not a known colour; {_ALLOWED} ({', '.join(sorted(NAMES))})")
        return named, 1.0
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"{parameter}={value!r} is not a colour; {_ALLOWED}")
    channels = [channel.item() if hasattr(channel, "item") else channel for channel in value]
    if len(channels) not in (3, 4) or any(type(channel) is not int for channel in channels):
        raise TypeError(f"{parameter}={value!r} is not a colour; {_ALLOWED}")
    if any(not 0 <= channel <= 255 for channel in channels):
        raise ValueError(f"{parameter}={value!r} has a channel outside 0-255; {_ALLOWED}")
    alpha = channels[3] / 255 if len(channels) == 4 else 1.0
    return "#%02x%02x%02x" % tuple(channels[:3]), alpha
