"""Play every game of a data folder again in native Python; see tests/browser/replay.py and replay_together.py.

    verify.py DATA/STUDY

Prints one line for each game that differs, then a JSON object with what was compared.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

import replay  # noqa: E402
import replay_together  # noqa: E402


def told(call, *arguments) -> dict:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        call(*arguments)
    return json.loads(output.getvalue())


def together(path: Path) -> dict:
    game = json.loads(path.read_text(encoding="utf-8"))
    # Scripted browsers have hashes of their own; those of the service's copies are native ones.
    own = game["scene"].get("mode", "browser") == "browser"
    sys.argv = ["replay_together.py", str(path), "--partial", *(["--tolerance", "1e-12"] if own else [])]
    return told(replay_together.main)


def main(folder: Path) -> None:
    games = steps = hashes = differ = 0
    alone = [
        (table, table.with_name(f"{table.stem}_metadata.json")) for table in sorted((folder / "alone").glob("*.csv"))
    ]
    shared = sorted(folder.glob("*/games/*.json"))
    for call, arguments, name in [
        *((told, (replay.main, str(table), str(metadata)), table) for table, metadata in alone),
        *((together, (path,), path) for path in shared),
    ]:
        games += 1
        try:
            found = call(*arguments)
        except Exception as error:  # noqa: BLE001  whatever it is, it is to be seen
            differ += 1
            print(f"{name.relative_to(folder)}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        played = found["steps"]
        steps += sum(played) if isinstance(played, list) else played
        hashes += found.get("hashes", 0)
    print(json.dumps({"games": games, "steps": steps, "hashes": hashes, "differ": differ}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
