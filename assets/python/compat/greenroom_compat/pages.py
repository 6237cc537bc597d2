"""HTML of pages. Theirs was put into the page as it is, scripts and all; Greenroom's pages run no scripts and load nothing from
other places. What a page would silently lack is told when the script is loaded."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from . import paths
from .notes import refuse

_BODIES = ("scene_body", "in_game_scene_body")
_LOADS = ("src", "srcset", "poster", "data")
_ELSEWHERE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_IN_STYLES = re.compile(r"(?:url\(\s*|@import\s+)[\"']?((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)

_SCRIPT = (
    "scene_body and its kin run no scripts: write a page of your own as HtmlScene, whose scripts run and save with "
    "greenroom.save(...); see docs/embedding.md"
)
_FOREIGN = (
    "pages load files of the study only, so that no other place learns of participants: put the file into a folder of "
    "static_files(...), and write its address there"
)


def look(title: str, options: dict) -> None:
    """Refuse bodies with something that would not work."""
    for option in _BODIES:
        given = options.get(option)
        for text in given.values() if isinstance(given, dict) else [given]:
            if isinstance(text, str):
                _look(title, option, text)
        if (path := options.get(f"{option}_filepath")) is not None:
            _look(title, f"{option}_filepath", paths.text(path))


def _look(title, option, text):
    reader = _Reader()
    reader.feed(text)
    reader.close()
    for found, advice in reader.found:
        refuse(title, option, found, advice)


class _Reader(HTMLParser):
    """Collects what would not work, with what to do instead."""

    def __init__(self):
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        kind = (given.get("type") or "").lower()
        if tag == "script" and ("javascript" in kind or kind in ("", "module")):
            self.found.append(("<script>", _SCRIPT))
        for name, value in attrs:
            loads = name in _LOADS or tag == "link" and name == "href"
            if name.startswith("on"):
                self.found.append((f"<{tag} {name}=...>", _SCRIPT))
            elif loads and value and _ELSEWHERE.match(value):
                self.found.append((value.strip(), _FOREIGN))
            elif name == "style" and value:
                self.handle_data(value)

    def handle_data(self, data):
        self.found += [(address, _FOREIGN) for address in _IN_STYLES.findall(data)]
