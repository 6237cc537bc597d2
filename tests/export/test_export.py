"""Exports of a study that people play at that moment, opened with the tools that researchers use.

The players are the documented client with the real environment, see `tests/docs`.
"""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/docs"), str(ROOT / "assets/python")]

from greenroom.engine import Engine  # noqa: E402
from support import PAGES, PATIENCE, Service, binary, blocks  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

TABLES = ("steps", "participants", "visits", "games", "episodes", "saved")
FRAMES = 900  # of an episode of Pixel Catch


def client():
    page = next(page for page in PAGES if page.name == "protocol.md")
    block = next(block for block in blocks(page) if block.value("file") == "client.py")
    module = {"__name__": "client"}
    exec(compile(block.text, block.place, "exec"), module)
    return module["Client"]


class Player(client()):
    """Plays with the real environment."""

    def make(self, view):
        environment = view["environment"]
        self.engine = Engine(environment["code"], environment["filename"], environment["settings"])
        self.keys = len(view["input"]["bindings"])

    def rows(self, play):
        output, rows = self.engine.reset(play["seed"]), []
        while not output.done:
            output = self.engine.step(json.dumps({"human": len(rows) // 20 % self.keys}))
            rows.append(output.row)
        return rows


def export(folder, *arguments, code=0, **options):
    command = [binary(), "export", folder, "--venv", ROOT / ".venv", "--assets", ROOT / "assets", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **options)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Two have played, and a third one's rows are made up. Everything is exported while the service runs."""
    data = tmp_path_factory.mktemp("export") / "data"
    with Service("experiments/pixel_catch.py", data) as url:
        for subject, player in (("ann", Player), ("bob", Player), ("eve", client())):
            with connect(url, max_size=None) as socket:
                player(socket).run(subject)
        folder = data / "pixel_catch"
        assert (folder / "codebook.csv").is_file(), "there is a codebook from the start"
        for form in ("csv", "parquet"):
            export(data, "--format", form)
        refused = export(data, "--files", code=1)
        assert "another greenroom uses the journal" in refused.stderr
    return folder


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_steps_are_those_of_the_data_files(study):
    names = {
        "t": "t", "episode": "episode_num", "action": "actions.human", "reward": "rewards.human",
        "terminated": "terminateds.human", "truncated": "truncateds.human", "focused": "isFocused.human",
        "timestamp": "timestamp", "server_timestamp": "server_timestamp",
    }  # fmt: skip
    steps, count = rows(study / "export/steps.csv"), 0
    for subject in ("ann", "bob", "eve"):
        ours = [row for row in steps if row["subject_id"] == subject]
        theirs = rows(study / f"pixel_catch/{subject}.csv")
        assert len(ours) == len(theirs) > 0
        infos = [name for name in theirs[0] if name.startswith("infos.human.")]
        pairs = {**names, **{name.replace("infos.human", "info"): name for name in infos}}
        for one, other in zip(ours, theirs):
            assert {name: one[name] for name in pairs} == {name: other[pairs[name]] for name in pairs}
            count += len(pairs)
    assert count > 10_000


def test_parquet_opens_with_its_types(study):
    kinds = {
        "boolean": {"BOOLEAN"}, "integer": {"BIGINT"}, "float": {"DOUBLE"}, "text": {"VARCHAR"}, "json": {"VARCHAR"},
        "mixed": {"VARCHAR"}, "time": {"TIMESTAMP WITH TIME ZONE"},
    }  # fmt: skip
    book = {(line["table"], line["column"]): line for line in rows(study / "export/codebook.csv")}
    for table in TABLES:
        file = study / f"export/{table}.parquet"
        columns = duckdb.sql(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
        assert [name for name, *_ in columns] == [column for of, column in book if of == table]
        for name, kind, *_ in columns:
            assert kind in kinds[book[table, name]["type"]], f"{table}.{name} is {kind}"
        count = duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall()[0][0]
        assert count == len(rows(study / f"export/{table}.csv"))
        assert count > 0 or table == "saved", "this study has no page that saves"
    steps = f"'{study}/export/steps.parquet'"
    sums = duckdb.sql(f"SELECT subject_id, sum(reward), max(t) FROM {steps} GROUP BY 1 ORDER BY 1").fetchall()
    returns = {row["game_id"]: float(row["return.human"]) for row in rows(study / "export/episodes.csv")}
    assert [sums[0][1], sums[1][1]] == list(returns.values())[:2] and sums[0][2] == FRAMES - 1
    at = duckdb.sql(f"SELECT epoch_ms(min(server_timestamp)) FROM {steps}").fetchall()[0][0]
    assert at == min(int(row["server_timestamp"]) for row in rows(study / "export/steps.csv"))


def test_every_column_of_the_data_files_is_in_the_codebook(study):
    told = [line["column"] for line in rows(study / "codebook.csv") if line["table"] == "SCENE/SUBJECT.csv"]
    beginnings = {column.partition(".AGENT")[0] for column in told}
    for column in rows(study / "pixel_catch/ann.csv")[0]:
        assert any(column == known or column.startswith(f"{known}.") for known in beginnings), column
    book = json.loads((study / "codebook.json").read_text(encoding="utf-8"))
    without_rows = {"answers", "saved", "conditions", "assignments"}  # of a study that has none of them
    files = {"SCENE/SUBJECT.csv", "SCENE/SUBJECT.csv, with questions"}
    assert {table["table"] for table in book["tables"]} == {*TABLES, *files, *without_rows}


def test_one_table_goes_to_standard_output_and_a_reader_may_have_enough(study):
    arguments = ["--table", "games", "--out", "-"]
    assert export(study, *arguments).stdout == (study / "export/games.csv").read_text(encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    done = export_into(writing, study, "--table", "steps", "--out", "-")
    os.close(writing)
    assert done.returncode == 0, done.stderr


def export_into(output, folder, *arguments):
    command = [binary(), "export", folder, *arguments]
    return subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)


def test_data_files_come_back(study):
    before = {path: path.read_bytes() for path in study.glob("*/*.*") if path.parent.name in ("start", "pixel_catch", "end")}
    assert len(before) > 20
    for path in before:
        path.unlink()
    export(study, "--files")
    assert {path: path.read_bytes() for path in before} == before


def test_datasets_load(study, tmp_path, monkeypatch):
    minari = pytest.importorskip("minari")
    done = export(study, "--format", "minari", "--out", tmp_path)
    assert "an episode did not come out as recorded" in done.stderr, "eve's rows are made up"
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    dataset = minari.load_dataset("pixel_catch/pixel_catch/human-v0")
    assert (dataset.total_episodes, dataset.total_steps) == (2, 2 * FRAMES)
    returns = {row["game_id"]: float(row["return.human"]) for row in rows(study / "export/episodes.csv")}
    for episode, metadata in zip(dataset.iterate_episodes(), dataset.storage.get_episode_metadata([0, 1])):
        assert episode.observations.shape == (FRAMES + 1, 4)
        assert episode.rewards.sum() == returns[metadata["game_id"]]
        told = json.loads(metadata["greenroom"])
        assert told["subject_id"] in ("ann", "bob") and told["completed"] and told["dismissed"] is None
        assert told["scene_id"] == "pixel_catch" and told["consent_version"] is None and told["conditions"] == {}
    assert any("pixel_catch" in name for name in minari.list_local_datasets())
