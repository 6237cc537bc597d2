"""The native check of recorded games finds what it is there to find (tests/browser/replay_together.py)."""

import csv
import json
import subprocess
import sys

import pytest
from conftest import ROOT
from simulated import decoded, play

from greenroom import msgpack

AGENTS = ["left", "right"]
SUBJECTS = {"left": "ann", "right": "bob"}
CODE = (ROOT / "experiments/environments/volley.py").read_text().replace("STEPS = 40 * FPS", "STEPS = 3 * FPS")
SEED = 7


def cells(section, value, found):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        found[section] = "" if value is None else str(value)
    else:
        for key, inner in items:
            cells(f"{section}.{key}", inner, found)
    return found


@pytest.fixture(scope="module")
def game():
    """A short game over bad links: rows as they are stored, confirmed inputs, hashes."""
    players, sequencer = play(CODE, AGENTS, list(range(6)), SEED, max_steps=300)
    inputs = decoded(sequencer)[: players[0].output.end]
    return [msgpack.decode(row) for row in players[0].rows], inputs, players[1].hashes


def write(folder, game, change=None, complete=True):
    """The files as the service writes them; ``change`` may spoil one player's."""
    recorded, inputs, hashes = game
    scene = folder / "volley"
    (scene / "games").mkdir(parents=True)
    gameplay = {
        "action_mapping": [[str(i), i] for i in range(6)], "default_action": 0, "max_steps": 300,
        "action_population_method": "default_action",
    }  # fmt: skip
    runtime = {"code": CODE, "filename": "volley.py", "on_game_step_code": None}
    policies = {agent: "human" for agent in AGENTS}
    options = {"gameplay": gameplay, "runtime": runtime, "policies": policies, "record_observations": True}
    for agent, subject in SUBJECTS.items():
        rows = []
        for row in recorded:
            made = {"episode_num": "0", "timestamp": "1", f"own.predicted.{agent}": subject}
            for section, value in row.items():
                cells(section, value, made)
            rows.append({**made, **{f"player_subjects.{a}": s for a, s in SUBJECTS.items()}})
        if change and subject == "bob":
            change(rows)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (scene / f"{subject}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    path = scene / "games" / "g1.json"
    episode = {"seed": SEED, "inputs": inputs, "agreed": hashes, "complete": complete}
    players = [{"agent": agent, "subject": subject, "visit": 2} for agent, subject in SUBJECTS.items()]
    path.write_text(json.dumps({"players": players, "episodes": [episode], "scene": options}))
    return path


def check(path, *options):
    script = ROOT / "tests/browser/replay_together.py"
    environment = {"PYTHONPATH": str(ROOT / "assets/python")}
    return subprocess.run(
        [sys.executable, script, path, *options], env=environment, capture_output=True, text=True, check=False
    )


def test_a_whole_game_is_found_equal(tmp_path, game):
    result = check(write(tmp_path, game))
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["steps"] == [90] and found["files"] == 2 and found["hashes"] == 10 and found["cells"] > 90 * 15


def drop(rows):
    del rows[40]


def double(rows):
    rows.insert(40, rows[40])


def alter(rows):
    rows[40]["observations.left.9"] = str(float(rows[40]["observations.left.9"]) + 1e-12)


@pytest.mark.parametrize(("change", "told"), [
    (drop, "ann.csv has 90 rows, bob.csv has 89"), (double, "bob.csv has 91"), (alter, "observations.left.9"),
])  # fmt: skip
def test_players_whose_files_differ_are_found(tmp_path, game, change, told):
    result = check(write(tmp_path, game, change))
    assert result.returncode != 0 and told in result.stderr


def test_a_record_that_does_not_follow_from_its_inputs_is_found(tmp_path, game):
    recorded, inputs, hashes = game
    turned = [list(frame) for frame in inputs]
    turned[30][0] = 1 if turned[30][0] != 1 else 2
    result = check(write(tmp_path / "inputs", (recorded, turned, hashes)))
    assert result.returncode != 0 and "natively" in result.stderr
    wrong = [(frame, "0" * 16 if frame == 60 else digest) for frame, digest in hashes]
    result = check(write(tmp_path / "hashes", (recorded, inputs, wrong)))
    assert result.returncode != 0 and "state 60: the copies agreed on 0000000000000000" in result.stderr


def test_a_game_that_ended_early_may_lack_its_last_rows(tmp_path, game):
    recorded, inputs, hashes = game
    path = write(tmp_path, (recorded[:50], inputs[:60], hashes), complete=False)
    assert check(path).returncode != 0
    result = check(path, "--partial")
    assert result.returncode == 0, result.stderr
