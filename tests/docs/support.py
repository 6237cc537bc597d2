"""Reads the documentation: its fenced blocks, headings and links; and runs the real service for its snippets.

What is behind a block's language says what is done with it:

    ```python file=NAME                    written to the page's folder; an experiment module must pass `greenroom check`
    ```python file=NAME actions=[..]       the same, an environment; stepped natively (policies={..} for several agents)
    ```python run, ```sh run               run in the page's folder, where `data` is that of a real game
    ```sql journal                         run against that game's journal; must find something, unless `optional`
    ```hex frame={..}                      the bytes are the MessagePack of that value

Blocks without such a word (```console, ```nginx ...) are for people only.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
PYTHON = ROOT / ".venv/bin/python"

# Nothing here takes so long unless it hangs.
PATIENCE = 120


def binary() -> Path:
    """The service: the one that GREENROOM names, else the one that was built."""
    if "GREENROOM" in os.environ:
        return Path(os.environ["GREENROOM"]).absolute()
    built = [ROOT / "target" / profile / "greenroom" for profile in ("release", "debug")]
    found = [path for path in built if path.is_file()]
    assert found, "no greenroom is built: cargo build, or name one with GREENROOM=..."
    return found[0]


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.name}:{self.line}"

    def value(self, name: str) -> str | None:
        return next((word[len(name) + 1 :] for word in self.words if word.startswith(name + "=")), None)


def blocks(page: Path) -> list[Block]:
    found, text = [], page.read_text(encoding="utf-8")
    for match in re.finditer(r"^```(\S*)([^\n]*)\n(.*?)^```$", text, re.S | re.M):
        line = text[: match.start()].count("\n") + 1
        found.append(Block(page, line, match[1], tuple(match[2].split()), match[3]))
    return found


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)


def anchors(page: Path) -> set[str]:
    """The anchors that headings get: lower case, punctuation dropped, blanks to hyphens."""
    slugs: set[str] = set()
    for heading in re.findall(r"^#+ +(.+)$", prose(page), re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        repeated, count = slug, 0
        while repeated in slugs:
            count += 1
            repeated = f"{slug}-{count}"
        slugs.add(repeated)
    return slugs


def section(page: Path, heading: str) -> str:
    """The text below a heading, up to the next one of its level or above."""
    match = re.search(rf"^(#+) {re.escape(heading)}$(.*?)(?=^#{{1,6}} |\Z)", prose(page), re.S | re.M)
    assert match, f"{page.name} has no heading {heading!r}"
    return match[2]


class Service:
    """The real service over a folder of data, stopped at the end of a `with`."""

    def __init__(self, experiment: str, data: Path):
        self.arguments = [binary(), "run", experiment, "--port", "0", "--data", data]

    def __enter__(self) -> str:
        self.process = subprocess.Popen(
            self.arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for line in self.process.stdout:
            if match := re.search(r"Open http://(\S+)", line):
                return f"ws://{match[1]}ws"
        raise AssertionError(f"the service ended with {self.process.wait()}")

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0
        self.process.stdout.close()
