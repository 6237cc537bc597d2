"""The drawing surface: an environment says what is to be seen, the browser draws it.

Example::

    surface = Surface(600, 400)
    surface.rect(id="ground", x=0, y=360, w=600, h=40, color="darkgreen", persistent=True)   # sent once
    surface.circle(x=300, y=340, radius=20, color=(220, 60, 60))                              # sent each frame
    packet = surface.commit()                                                                 # what render() returns

Coordinates are pixels of the surface, x to the right and y downward; the browser scales the whole surface to the page.
Every value is checked when it is given, so that a mistake is an exception in the environment's own line rather than a
shape that silently does not appear.

Options that every draw method takes:

=================  ==========  ==================================================================================
option             default     meaning
=================  ==========  ==================================================================================
``id``             automatic   the object's name; the same id in the next frame is the same object
``persistent``     ``False``   keep showing it until it is changed or removed; it is sent only then. Needs an ``id``
``relative``       ``False``   coordinates are fractions: x, w, rx of the width, y, h, ry of the height, a radius of
                               the longer side. Stroke and line widths, corner radii and text sizes stay pixels
``depth``          ``0``       objects with a larger depth cover those with a smaller one; equal depths in draw order
``tween_duration`` ``None``    milliseconds over which the browser glides to the new position. Needs an ``id``
``alpha``          ``1.0``     opacity, 0 to 1
=================  ==========  ==================================================================================
"""

from __future__ import annotations

import math

from . import colors

_INF = math.inf
_PICTURES = ("image", "spritesheet", "atlas", "multi_atlas")
_ALIGNS = ("left", "center", "right")

# Sounds that were asked for and not yet taken. Not part of a surface: they are no state of the environment, and must
# neither be copied with it nor be lost when it is put back.
_asked: list[list] = []

# An environment that nobody listens to must not fill the memory.
_MOST_ASKED = 256


def take_sounds() -> list[list]:
    """What environments of this process have asked to be heard since the last call: ``[name, volume]`` each."""
    if not _asked:
        return []
    taken = _asked[:]
    _asked.clear()
    return taken


def _number(parameter, value, low=-_INF, high=_INF):
    kind = type(value)
    if kind is not float and kind is not int:
        if isinstance(value, (bool, str)) or not hasattr(value, "__float__"):
            raise TypeError(f"{parameter}={value!r} is of type {kind.__name__}; a number is needed")
        try:
            value = float(value)
        except TypeError:
            raise TypeError(f"{parameter}={value!r} is not a single number") from None
    if not -_INF < value < _INF:  # also false for NaN
        raise ValueError(f"{parameter}={value!r} is not a finite number")
    if value < low or value > high:
        limits = f"at least {low:g}" if high == _INF else f"between {low:g} and {high:g}"
        raise ValueError(f"{parameter}={value!r} is out of range; it must be {limits}")
    return value


def _text(parameter, value):
    if not isinstance(value, str):
        raise TypeError(f"{parameter}={value!r} is of type {type(value).__name__}; a string is needed")
    if not value:
        raise ValueError(f"{parameter} is empty; a name is needed")
    return value


class Surface:
    """A retained drawing of ``width`` x ``height`` pixels."""

    def __init__(self, width: float, height: float):
        self.width = _number("width", width, low=1)
        self.height = _number("height", height, low=1)
        self._assets: dict[str, dict] = {}
        self._persistent: dict[str, dict] = {}
        self._changed: dict[str, dict] = {}
        self._removed: dict[str, None] = {}
        self._ephemeral: dict[str, dict] = {}
        self._count = 0
        self._full = True

    # ---------------------------------------------------------------------------------------------- shapes

    def rect(self, *, x, y, w, h, color="black", border_radius=0, stroke_color=None, stroke_width=1, id=None,
             persistent=False, relative=False, depth=0, tween_duration=None, alpha=1.0):  # fmt: skip
        """A rectangle; ``(x, y)`` is its top-left corner."""
        sx, sy, _ = self._scale(relative)
        item = self._item("rect", id, persistent, depth, tween_duration, alpha)
        item["x"] = _number("x", x) * sx
        item["y"] = _number("y", y) * sy
        item["w"] = _number("w", w, low=0) * sx
        item["h"] = _number("h", h, low=0) * sy
        item["border_radius"] = _number("border_radius", border_radius, low=0)
        self._paint(item, color, stroke_color, stroke_width)
        self._add(item)

    def circle(self, *, x, y, radius, color="black", stroke_color=None, stroke_width=1, id=None,
               persistent=False, relative=False, depth=0, tween_duration=None, alpha=1.0):  # fmt: skip
        """A circle around ``(x, y)``."""
        sx, sy, longer = self._scale(relative)
        item = self._item("circle", id, persistent, depth, tween_duration, alpha)
        item["x"] = _number("x", x) * sx
        item["y"] = _number("y", y) * sy
        item["radius"] = _number("radius", radius, low=0) * longer
        self._paint(item, color, stroke_color, stroke_width)
        self._add(item)

    def ellipse(self, *, x, y, rx, ry, color="black", stroke_color=None, stroke_width=1, id=None,
                persistent=False, relative=False, depth=0, tween_duration=None, alpha=1.0):  # fmt: skip
        """An ellipse around ``(x, y)`` with half axes ``rx`` and ``ry``."""
        sx, sy, _ = self._scale(relative)
        item = self._item("ellipse", id, persistent, depth, tween_duration, alpha)
        item["x"] = _number("x", x) * sx
        item["y"] = _number("y", y) * sy
        item["rx"] = _number("rx", rx, low=0) * sx
        item["ry"] = _number("ry", ry, low=0) * sy
        self._paint(item, color, stroke_color, stroke_width)
        self._add(item)

    def arc(self, *, x, y, radius, start_angle, end_angle, color=None, stroke_color=None, stroke_width=1, id=None,
            persistent=False, relative=False, depth=0, tween_duration=None, alpha=1.0):  # fmt: skip
        """Part of a circle, from ``start_angle`` to ``end_angle`` in radians, clockwise from the positive x axis.

        ``color`` fills the sector (a slice of pie); ``stroke_color`` draws the curve alone.
        """
        sx, sy, longer = self._scale(relative)
        item = self._item("arc", id, persistent, depth, tween_duration, alpha)
        item["x"] = _number("x", x) * sx
        item["y"] = _number("y", y) * sy
        item["radius"] = _number("radius", radius, low=0) * longer
        item["start_angle"] = _number("start_angle", start_angle)
        item["end_angle"] = _number("end_angle", end_angle)
        self._paint(item, color, stroke_color, stroke_width)
        self._add(item)

    def line(self, *, points, color="black", width=1, fill_below=None, fill_above=None, id=None,
             persistent=False, relative=False, depth=0, tween_duration=None, alpha=1.0):  # fmt: skip
        """A line through two or more ``(x, y)`` points.

        ``fill_below`` and ``fill_above`` colour the area between the line and the surface's lower or upper edge.
        """
        item = self._item("line", id, persistent, depth, tween_duration, alpha)
        item["points"] = self._points(points, 2, relative)
        self._fade(item, "color", color)
        item["width"] = _number("width", width, low=0)
        item["fill_below"] = None if fill_below is None else colors.parse("fill_below", fill_below)[0]
        item["fill_above"] = None if fill_above is None else colors.parse("fill_above", fill_above)[0]
        self._add(item)

    def polygon(self, *, points, color="black", stroke_color=None, stroke_width=1, id=None,
                persistent=False, relative=False, depth=0, tween_duration=None, alpha=1.0):  # fmt: skip
        """A closed shape through three or more ``(x, y)`` points."""
        item = self._item("polygon", id, persistent, depth, tween_duration, alpha)
        item["points"] = self._points(points, 3, relative)
        self._paint(item, color, stroke_color, stroke_width)
        self._add(item)

    def text(self, *, text, x, y, size=16, color="black", font="sans-serif", align="left", anchor=(0, 0), id=None,
             persistent=False, relative=False, depth=0, tween_duration=None, alpha=1.0):  # fmt: skip
        """Text of ``size`` pixels. ``anchor`` says which point of the text's box is at ``(x, y)``: (0, 0) is its
        top-left corner, (0.5, 0.5) its middle. ``align`` places the lines of a text with line breaks."""
        sx, sy, _ = self._scale(relative)
        item = self._item("text", id, persistent, depth, tween_duration, alpha)
        if not isinstance(text, str):
            raise TypeError(f"text={text!r} is of type {type(text).__name__}; a string is needed")
        item["text"] = text
        item["x"] = _number("x", x) * sx
        item["y"] = _number("y", y) * sy
        item["size"] = _number("size", size, low=1)
        self._fade(item, "color", color)
        item["font"] = _text("font", font)
        if align not in _ALIGNS:
            raise ValueError(f"align={align!r} is not allowed; allowed: {', '.join(map(repr, _ALIGNS))}")
        item["align"] = align
        if not isinstance(anchor, (tuple, list)) or len(anchor) != 2:
            raise TypeError(f"anchor={anchor!r} is not a pair of numbers such as (0.5, 0.5)")
        item["anchor"] = [_number("anchor[0]", anchor[0]), _number("anchor[1]", anchor[1])]
        self._add(item)

    def image(self, *, image_name=None, x, y, w, h, frame=None, animation=None, angle=0, flip_x=False, flip_y=False,
              id=None, persistent=False, relative=False, depth=0, tween_duration=None, alpha=1.0):  # fmt: skip
        """A registered image with its top-left corner at ``(x, y)``, stretched to ``w`` x ``h``.

        ``frame`` is a number in a sprite sheet or a name in an atlas; ``angle`` turns it about its middle, in degrees.
        ``animation``, in the place of both, is the name of a registered animation. It begins when the object appears or
        gets another one, and runs by the screen's time, so it is no part of the game. It needs an ``id``.
        """
        if animation is not None:
            image_name = self._animated(animation, image_name, frame, id)
        sx, sy, _ = self._scale(relative)
        item = self._item("image", id, persistent, depth, tween_duration, alpha)
        _text("image_name", image_name)
        if self._assets.get(image_name, {}).get("kind") not in _PICTURES:
            known = self._known(*_PICTURES)
            raise ValueError(
                f"image_name={image_name!r} is not registered (registered: {known}); "
                "call register_image, register_spritesheet, register_atlas or register_multi_atlas first"
            )
        if frame is not None and (isinstance(frame, bool) or not isinstance(frame, (int, str))):
            raise TypeError(f"frame={frame!r} must be an int, a string or None")
        item["image"] = image_name
        item["x"] = _number("x", x) * sx
        item["y"] = _number("y", y) * sy
        item["w"] = _number("w", w, low=0) * sx
        item["h"] = _number("h", h, low=0) * sy
        item["frame"] = frame
        if animation is not None:
            item["animation"] = animation
        item["angle"] = _number("angle", angle)
        item["flip_x"] = bool(flip_x)
        item["flip_y"] = bool(flip_y)
        self._add(item)

    # ---------------------------------------------------------------------------------------------- assets

    def register_image(self, name: str, path: str) -> None:
        """Make a picture of the scene's assets folder usable as ``image_name=name``."""
        self._register({"kind": "image", "name": _text("name", name), "path": _text("path", path)})

    def register_spritesheet(self, name: str, path: str, frame_width: int, frame_height: int) -> None:
        """A picture cut into equal frames, numbered from 0 in rows from the top left."""
        spec = {"kind": "spritesheet", "name": _text("name", name), "path": _text("path", path)}
        spec["frame_width"] = _number("frame_width", frame_width, low=1)
        spec["frame_height"] = _number("frame_height", frame_height, low=1)
        self._register(spec)

    def register_atlas(self, name: str, img_path: str, json_path: str) -> None:
        """A picture with named frames, described by a texture-packer JSON file."""
        spec = {"kind": "atlas", "name": _text("name", name), "path": _text("img_path", img_path)}
        spec["json_path"] = _text("json_path", json_path)
        self._register(spec)

    def register_multi_atlas(self, name: str, json_path: str) -> None:
        """Several pictures with named frames, described by one texture-packer JSON file. Its ``textures`` name their
        pictures relative to the folder that it is in."""
        self._register({"kind": "multi_atlas", "name": _text("name", name), "json_path": _text("json_path", json_path)})

    def register_animation(self, name: str, image_name: str, frames, fps: int = 10, repeat: bool = True) -> None:
        """Frames of a registered picture, to be shown one after the other: ``image(animation=name)``.

        ``frames`` are numbers of a sprite sheet or names of an atlas, ``fps`` how many of them are shown in a second (a
        whole number, 1 to 60). With ``repeat=False`` the last one stays.
        """
        if self._assets.get(_text("image_name", image_name), {}).get("kind") not in _PICTURES:
            raise ValueError(f"image_name={image_name!r} is not registered (registered: {self._known(*_PICTURES)})")
        if isinstance(frames, (str, bytes)) or not hasattr(frames, "__iter__"):
            raise TypeError(f"frames={frames!r} is not a list of frame numbers or names")
        frames = list(frames)
        for frame in frames:
            if isinstance(frame, bool) or not isinstance(frame, (int, str)):
                raise TypeError(f"frames={frames!r} holds {frame!r}; a frame is an int or a string")
        if not frames:
            raise ValueError("frames is empty; an animation has at least one frame")
        if isinstance(fps, bool) or not isinstance(fps, int) or not 1 <= fps <= 60:
            raise ValueError(f"fps={fps!r} must be a whole number from 1 to 60")
        spec = {"kind": "animation", "name": _text("name", name), "image": image_name, "frames": frames}
        self._register({**spec, "fps": fps, "repeat": bool(repeat)})

    def register_sound(self, name: str, path: str) -> None:
        """Make a sound of the scene's assets folder usable as ``sound(name)``. Every browser plays mp3 and wav."""
        self._register({"kind": "sound", "name": _text("name", name), "path": _text("path", path)})

    def get_asset_specs(self) -> list[dict]:
        """Everything registered, for the browser to load before the first frame."""
        return [dict(spec) for spec in self._assets.values()]

    def _register(self, spec):
        known = self._assets.setdefault(spec["name"], spec)
        if known != spec:
            other = known.get("path") or known.get("json_path") or known["kind"]
            raise ValueError(f"name={spec['name']!r} is already registered for {other!r}")

    def _known(self, *kinds):
        return ", ".join(sorted(name for name, spec in self._assets.items() if spec["kind"] in kinds)) or "none"

    def _animated(self, animation, image_name, frame, id):
        """The picture of an animation."""
        spec = self._assets.get(_text("animation", animation), {})
        if spec.get("kind") != "animation":
            known = self._known("animation")
            raise ValueError(
                f"animation={animation!r} is not registered (registered: {known}); call register_animation first"
            )
        if frame is not None:
            raise ValueError(f"frame={frame!r} and animation={animation!r} were both given: give one of them")
        if image_name is not None and image_name != spec["image"]:
            raise ValueError(f"image_name={image_name!r} is not that of animation={animation!r}: {spec['image']!r}")
        if id is None:
            raise ValueError("animation needs an id: only an object known from the last frame can go on with one")
        return spec["image"]

    # ---------------------------------------------------------------------------------------------- sounds

    def sound(self, name: str, volume: float = 1.0) -> None:
        """Play a registered sound once, with the next picture; ``volume`` is between 0 and 1.

        Best called in ``step()`` where what is heard happens: then each player of a game hears it once, also where a
        copy of the game was wrong about others and played a moment anew. Called in ``render()`` it is for whom is drawn.
        """
        if self._assets.get(_text("name", name), {}).get("kind") != "sound":
            raise ValueError(
                f"name={name!r} is no registered sound (registered: {self._known('sound')}); call register_sound first"
            )
        volume = _number("volume", volume, low=0, high=1)
        if len(_asked) < _MOST_ASKED:
            _asked.append([name, volume])

    # ---------------------------------------------------------------------------------------------- frames

    def remove(self, id: str) -> None:
        """Take a persistent object off the screen. An unknown id is an error: most likely it is misspelt."""
        if id not in self._persistent:
            known = ", ".join(sorted(self._persistent)) or "none"
            raise ValueError(f"id={id!r} is no persistent object (there are: {known})")
        del self._persistent[id]
        self._changed.pop(id, None)
        self._removed[id] = None

    def reset(self) -> None:
        """Forget every object, as at the start of an episode. Registered pictures stay."""
        self._persistent.clear()
        self._changed.clear()
        self._removed.clear()
        self._ephemeral.clear()
        self._count = 0
        self._full = True

    def commit(self, full: bool = False) -> dict:
        """End the frame and return the draw packet: what ``render()`` hands back.

        With ``full=True`` it holds every persistent object, not only those that are new or changed, and the browser
        starts from an empty picture. The first commit and the first after ``reset()`` are full by themselves.
        """
        full = full or self._full
        kept = self._persistent if full else self._changed
        packet = {
            "width": self.width,
            "height": self.height,
            "full": full,
            "objects": [*kept.values(), *self._ephemeral.values()],
            "removed": [] if full else list(self._removed),
        }
        self._changed.clear()
        self._removed.clear()
        self._ephemeral.clear()
        self._count = 0
        self._full = False
        return packet

    # ---------------------------------------------------------------------------------------------- helpers

    def _scale(self, relative):
        if relative:
            return self.width, self.height, max(self.width, self.height)
        return 1, 1, 1

    def _item(self, kind, id, persistent, depth, tween, alpha):
        if id is None:
            if persistent:
                raise ValueError("persistent=True needs an id, by which the object is changed or removed later")
            if tween is not None:
                raise ValueError("tween_duration needs an id: only an object known from the last frame can glide")
            # '~' keeps automatic ids apart from given ones. They repeat each frame so that the browser reuses shapes.
            id = f"~{self._count}"
            self._count += 1
        elif _text("id", id)[0] == "~":
            raise ValueError(f"id={id!r} must not start with '~', which marks automatic ids")
        return {
            "id": id,
            "kind": kind,
            "depth": _number("depth", depth),
            "persistent": bool(persistent),
            "tween": None if tween is None else _number("tween_duration", tween, low=0),
            "alpha": _number("alpha", alpha, low=0, high=1),
        }

    def _fade(self, item, parameter, color):
        item[parameter], alpha = colors.parse(parameter, color)
        if alpha != 1.0:
            item["alpha"] *= alpha

    def _paint(self, item, color, stroke_color, stroke_width):
        if color is None and stroke_color is None:
            raise ValueError("color and stroke_color are both None: nothing would be drawn")
        if color is None:
            item["color"] = None
        else:
            self._fade(item, "color", color)
        item["stroke_color"] = None if stroke_color is None else colors.parse("stroke_color", stroke_color)[0]
        item["stroke_width"] = 0 if stroke_color is None else _number("stroke_width", stroke_width, low=0)

    def _points(self, points, least, relative):
        if hasattr(points, "tolist"):
            points = points.tolist()
        try:
            pairs = [(x, y) for x, y in points]
        except (TypeError, ValueError):
            raise TypeError(f"points={points!r} is not a list of (x, y) pairs") from None
        if len(pairs) < least:
            raise ValueError(f"points has {len(pairs)} pairs; at least {least} are needed")
        sx, sy, _ = self._scale(relative)
        return [[_number("points", x) * sx, _number("points", y) * sy] for x, y in pairs]

    def _add(self, item):
        id = item["id"]
        if item["persistent"]:
            if id in self._ephemeral:
                raise ValueError(f"id={id!r} was already drawn in this frame without persistent=True")
            if self._persistent.get(id) != item:
                self._persistent[id] = item
                self._changed[id] = item
            self._removed.pop(id, None)
        else:
            if id in self._ephemeral:
                raise ValueError(f"id={id!r} was already drawn in this frame; every object needs its own id")
            if id in self._persistent:
                raise ValueError(f"id={id!r} is a persistent object; draw it with persistent=True or remove it first")
            self._ephemeral[id] = item
