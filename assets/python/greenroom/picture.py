"""What is on the screen, kept so that a page that lost it can be given the whole."""

from __future__ import annotations

import json

from .errors import EnvironmentContractError

to_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode

# Corrections below this many pixels are not seen.
_VISIBLE = 0.5


class Picture:
    """Takes what ``render()`` returns, however the environment draws."""

    def __init__(self):
        self._persistent: dict = {}
        self._last: dict | None = None
        self._frame: tuple | None = None

    def show(self, shown, output) -> None:
        """Take what ``render()`` returned into ``output``."""
        if isinstance(shown, (dict, list)):
            self._take(_packet(shown))
            output.draw = self._json(self._last)
        elif getattr(shown, "ndim", None) == 3:
            self._frame = _rgba(shown)
            output.frame, output.frame_width, output.frame_height = self._frame
        else:
            raise EnvironmentContractError(
                f"env.render() returned a value of type {type(shown).__name__}; it must be None, the packet of "
                "Surface.commit(), a list of objects, or an rgb_array (height, width, 3 or 4)"
            )

    def show_corrected(self, corrected, shown, output) -> None:
        """The same after a rollback.

        ``corrected`` is the picture of the moment that the screen shows already, drawn anew from the corrected state;
        ``shown`` the picture of this moment, or None if the two are one. The packet gets ``corrections``: by object id,
        how far the object stood from its corrected place, [dx, dy]. Whoever draws adds that to the object's place and
        lets it fade, so that nothing jumps. The packet's own places, and the game, know no smoothing.
        """
        if not isinstance(corrected, (dict, list)) or not isinstance(shown, (dict, list)):
            newest = corrected if shown is None else shown
            if newest is not None:
                before = self._places()
                self.show(newest, output)
                if shown is None and not hasattr(newest, "ndim"):
                    self._correct(self._last, before, self._places(), output)
            return
        before = self._places()
        first = _packet(corrected)
        self._take(first)
        after = self._places()
        second = _packet(shown)
        self._take(second)
        # Both packets reach the screen as one: the first may hold changes that the second does not repeat.
        later = {item["id"] for item in second["objects"]}
        kept = [item for item in first["objects"] if item["persistent"] and item["id"] not in later]
        if second["full"]:
            kept = []
        gone = set(second["removed"])
        packet = {
            **second,
            "full": first["full"] or second["full"],
            "objects": [*(item for item in kept if item["id"] not in gone), *second["objects"]],
            "removed": [*(id for id in first["removed"] if id not in later), *second["removed"]],
        }
        self._correct(packet, before, after, output)

    def _correct(self, packet, before, after, output):
        offsets = {}
        for id, (x, y) in before.items():
            if id in after:
                dx, dy = x - after[id][0], y - after[id][1]
                if abs(dx) > _VISIBLE or abs(dy) > _VISIBLE:
                    offsets[id] = [dx, dy]
        output.draw = self._json({**packet, "corrections": offsets} if offsets else packet)

    @property
    def is_full(self) -> bool:
        """Whether the last packet says everything by itself."""
        return self._last is not None and bool(self._last["full"])

    def complete(self, output) -> None:
        """Replace the difference in ``output`` by the whole picture."""
        if self._last is not None:
            objects = [*self._persistent.values()]
            objects += [item for item in self._last["objects"] if not item["persistent"]]
            output.draw = self._json({**self._last, "full": True, "objects": objects, "removed": []})
        if self._frame is not None:
            output.frame, output.frame_width, output.frame_height = self._frame

    def _take(self, packet):
        try:
            if packet["full"]:
                self._persistent.clear()
            for item in packet["objects"]:
                if item["persistent"]:
                    self._persistent[item["id"]] = item
            for id in packet["removed"]:
                self._persistent.pop(id, None)
        except (KeyError, TypeError) as error:
            raise EnvironmentContractError(
                f"env.render() returned a dict or list that is no draw packet ({type(error).__name__}: {error}); "
                "draw on a greenroom.Surface and return surface.commit()"
            ) from None
        self._last = packet

    def _places(self):
        """By id, where the objects are that have a name of their own."""
        if self._last is None:
            return {}
        items = [*self._persistent.values(), *(item for item in self._last["objects"] if not item["persistent"])]
        places = {}
        for item in items:
            if item["id"][:1] == "~":  # an automatic id may be another thing in the next frame
                continue
            if "x" in item:
                places[item["id"]] = (item["x"], item["y"])
            elif item.get("points"):
                places[item["id"]] = tuple(item["points"][0])
        return places

    @staticmethod
    def _json(packet):
        try:
            return to_json(packet)
        except (TypeError, ValueError) as error:
            raise EnvironmentContractError(f"env.render() returned something that is not JSON: {error}") from None


def _packet(shown):
    if isinstance(shown, list):  # without a size: the scene's own
        return {"width": None, "height": None, "full": False, "objects": shown, "removed": []}
    return shown


def _rgba(frame):
    """Bytes as a canvas takes them: four channels, opaque unless the environment says otherwise."""
    height, width, channels = frame.shape
    if channels not in (3, 4) or frame.dtype.name != "uint8":
        raise EnvironmentContractError(
            f"env.render() returned an array of shape {frame.shape} and dtype {frame.dtype}; "
            "an rgb_array has the shape (height, width, 3 or 4) and the dtype uint8"
        )
    if channels == 3:
        import numpy

        full = numpy.full((height, width, 4), 255, dtype=numpy.uint8)
        full[:, :, :3] = frame
        frame = full
    return frame.tobytes(), width, height
