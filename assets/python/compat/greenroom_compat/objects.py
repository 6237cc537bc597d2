"""What environments of theirs draw without a surface: objects with fractions of the canvas as coordinates; and what pictures
there are. Used in browsers too.

A length in such an object (a radius, the size of a picture) was pixels in older versions, and a fraction of the canvas in
newer ones; here it is a fraction up to 1, and pixels above.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from greenroom import colors

# Of text and lines, where nothing is said.
_DARK = "#000000"


class _Object:
    """Something to be drawn."""

    def as_dict(self) -> dict[str, Any]:
        """For the list that ``render`` returns."""
        return dataclasses.asdict(self)


@dataclass
class Sprite(_Object):
    """A picture."""

    uuid: str
    x: float
    y: float
    height: float
    width: float
    image_name: str | None = None
    frame: str | int | None = None
    object_size: float | None = None
    angle: float | None = None
    depth: int = 1
    animation: str | None = None
    object_type: str = "sprite"
    tween: bool = False
    tween_duration: int = 50
    permanent: bool = False


@dataclass
class Line(_Object):
    """A line through points."""

    uuid: str
    color: str
    points: list
    width: float = 1
    fill_below: bool | str = False
    fill_above: bool | str = False
    depth: int = -1
    object_type: str = "line"
    permanent: bool = False


@dataclass
class Circle(_Object):
    """A circle."""

    uuid: str
    color: str
    x: float
    y: float
    radius: float
    alpha: float = 1
    depth: int = -1
    object_type: str = "circle"
    permanent: bool = False
    tween: bool = False
    tween_duration: int = 50


@dataclass
class Polygon(_Object):
    """A closed shape."""

    uuid: str
    color: str
    points: list
    alpha: float = 1
    depth: int = -1
    object_type: str = "polygon"
    permanent: bool = False


@dataclass
class Text(_Object):
    """Text."""

    uuid: str
    text: str
    x: float
    y: float
    size: int = 16
    color: str = _DARK
    font: str = "Arial"
    depth: int = 3
    object_type: str = "text"
    permanent: bool = False


@dataclass
class ImgSpec(_Object):
    """A picture in a file."""

    name: str
    img_path: str
    object_type: str = "img_spec"


@dataclass
class AtlasSpec(_Object):
    """A picture with named frames."""

    name: str
    img_path: str
    atlas_path: str
    object_type: str = "atlas_spec"


@dataclass
class MultiAtlasSpec(_Object):
    """Several pictures with named frames, which one file describes."""

    name: str
    img_path: str
    atlas_path: str
    object_type: str = "multi_atlas"


@dataclass
class RenderedEnvRGB:
    """A picture of pixels."""

    step: int = 0
    game_image_base64: Any = None
    game_image: Any = field(default=None)


# ------------------------------------------------------------------------------------------------- as ours has it


def asset(spec) -> dict[str, Any]:
    """A picture as ``Surface.get_asset_specs`` names it."""
    given = _plain(spec)
    path = given.get("img_path") or given.get("path")
    if not isinstance(given.get("name"), str) or not isinstance(path, str):
        raise TypeError(f"{spec!r} names no picture: give ImgSpec(name=..., img_path=...) or AtlasSpec(...)")
    described = given.get("atlas_path") or given.get("json_path")
    kind = str(given.get("object_type") or given.get("kind") or "")
    if kind.startswith("multi"):
        return {"kind": "multi_atlas", "name": given["name"], "json_path": described or path}
    if "frame_width" in given or kind == "spritesheet":
        sizes = {name: given[name] for name in ("frame_width", "frame_height")}
        return {"kind": "spritesheet", "name": given["name"], "path": path, **sizes}
    if described:
        return {"kind": "atlas", "name": given["name"], "path": path, "json_path": described}
    return {"kind": "image", "name": given["name"], "path": path}


def is_theirs(shown) -> bool:
    """Whether ``render`` returned their objects, and not ours."""
    if isinstance(shown, dict):
        return "game_state_objects" in shown
    return isinstance(shown, list) and bool(shown) and (
        isinstance(shown[0], _Object) or isinstance(shown[0], dict) and "object_type" in shown[0]
    )  # fmt: skip


def packet(shown, width: float, height: float) -> dict[str, Any]:
    """Their objects as a draw packet."""
    items, removed, full = shown, [], False
    if isinstance(shown, dict):
        items, removed = shown["game_state_objects"] or [], shown.get("removed") or []
    objects = [_converted(_plain(item), width, height) for item in items]
    return {"width": width, "height": height, "full": full, "objects": objects, "removed": [str(id) for id in removed]}


def _plain(item):
    if dataclasses.is_dataclass(item):
        return dataclasses.asdict(item)
    if isinstance(item, dict):
        return item
    raise TypeError(f"{item!r} is nothing that can be drawn: an object such as Circle(...), or its dict, is needed")


def _converted(item, width, height):
    kind = item.get("object_type")
    convert = _KINDS.get(kind)
    if convert is None:
        raise ValueError(f"object_type={kind!r} is not known; there are {', '.join(sorted(_KINDS))}")
    glides = item.get("tween")
    ours = {
        "id": str(item["uuid"]),
        "depth": _number(item.get("depth"), 0),
        "persistent": bool(item.get("permanent")),
        "tween": _number(item.get("tween_duration"), 50) if glides else None,
        "alpha": _number(item.get("alpha"), 1),
    }
    return ours | convert(item, width, height)


def _number(value, default):
    return default if value is None else float(value)


def _length(value, side, default=0.0):
    value = _number(value, default)
    return value * side if 0 <= value <= 1 else value


def _color(value):
    return None if value is None else colors.parse("color", value)[0]


def _paint(item):
    # Wire objects of theirs have a stroke under either name.
    stroke = item.get("stroke_color", item.get("border_color"))
    width = item.get("stroke_width", item.get("border_width"))
    return {
        "color": _color(item.get("color", _DARK)),
        "stroke_color": _color(stroke),
        "stroke_width": _number(width, 1) if stroke is not None else 0,
    }


def _points(item, width, height):
    return [[float(x) * width, float(y) * height] for x, y in item["points"]]


def _fill(value, color):
    return _color(color if value is True else value) if value else None


def _place(item, width, height):
    return {"x": float(item["x"]) * width, "y": float(item["y"]) * height}


def _sprite(item, width, height):
    size = item.get("object_size")
    return _place(item, width, height) | {
        "kind": "image",
        "image": item.get("image_name"),
        "w": _length(item.get("width", item.get("w", size)), width),
        "h": _length(item.get("height", item.get("h", size)), height),
        "frame": item.get("frame"),
        "angle": _number(item.get("angle"), 0),
        "flip_x": bool(item.get("flip_x")),
        "flip_y": bool(item.get("flip_y")),
    }


def _circle(item, width, height):
    radius = _length(item.get("radius"), max(width, height))
    return _place(item, width, height) | {"kind": "circle", "radius": radius} | _paint(item)


def _rect(item, width, height):
    sides = {
        "w": _length(item.get("width", item.get("w")), width),
        "h": _length(item.get("height", item.get("h")), height),
    }
    radius = _number(item.get("border_radius"), 0)
    return _place(item, width, height) | {"kind": "rect", **sides, "border_radius": radius} | _paint(item)


def _line(item, width, height):
    color = item.get("color", _DARK)
    return {
        "kind": "line",
        "points": _points(item, width, height),
        "color": _color(color),
        "width": _number(item.get("width"), 1),
        "fill_below": _fill(item.get("fill_below"), color),
        "fill_above": _fill(item.get("fill_above"), color),
    }


def _polygon(item, width, height):
    return {"kind": "polygon", "points": _points(item, width, height)} | _paint(item)


def _text(item, width, height):
    return _place(item, width, height) | {
        "kind": "text",
        "text": str(item.get("text", "")),
        "size": _number(item.get("size"), 16),
        "color": _color(item.get("color", _DARK)),
        "font": str(item.get("font") or "sans-serif"),
        "align": "left",
        "anchor": [0, 0],
    }


_KINDS = {"sprite": _sprite, "circle": _circle, "rect": _rect, "line": _line, "polygon": _polygon, "text": _text}
