"""The drawing surface as environments of theirs call it. Needs no builder: it is used in browsers too."""

from __future__ import annotations

from greenroom.rendering import Surface as _Surface


class Surface(_Surface):
    """Greenroom's, with what theirs allows besides: pictures that only the scene names, and glides without an id."""

    def register_image(self, name, img_path=None, **options):
        """A picture in a file."""
        super().register_image(name, *([] if img_path is None else [img_path]), **options)

    def line(self, *, color="black", fill_below=None, fill_above=None, **options):
        """A line. Theirs could be told only that the area below it is filled, in the line's colour."""
        fills = {"fill_below": _fill(fill_below, color), "fill_above": _fill(fill_above, color)}
        super().line(color=color, **fills, **_glide(options))

    def image(self, *, image_name, **options):
        """A picture. One that is not registered here may be one of ``.assets(preload_specs=...)``."""
        if image_name in self._assets or not isinstance(image_name, str):
            return super().image(image_name=image_name, **_glide(options))
        self._assets[image_name] = {"kind": "image"}
        try:
            return super().image(image_name=image_name, **_glide(options))
        finally:
            del self._assets[image_name]


def _fill(told, color):
    if isinstance(told, bool):
        return color if told else None
    return told


def _glide(options):
    # Without an id theirs drew a new object each frame: there was nothing to glide.
    if options.get("id") is None:
        options.pop("tween_duration", None)
    return options


def _drawing(name):
    draw = getattr(_Surface, name)

    def method(self, **options):
        return draw(self, **_glide(options))

    method.__name__, method.__qualname__, method.__doc__ = name, f"Surface.{name}", draw.__doc__
    return method


for _name in ("rect", "circle", "ellipse", "arc", "polygon", "text"):
    setattr(Surface, _name, _drawing(_name))
