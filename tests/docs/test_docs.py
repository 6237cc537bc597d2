"""The documentation is true: its snippets run, its links lead somewhere, and nothing that exists is left out.

Snippets of a page run in the order of the page and share a folder.
"""

import csv
import inspect
import json
import os
import re
import sqlite3
import subprocess
import sys

import msgpack
import pytest
from greenroom import Surface
from greenroom import msgpack as own_msgpack
from greenroom.engine import Engine
from support import PAGES, PATIENCE, PYTHON, ROOT, Service, anchors, binary, blocks, prose, section
from websockets.sync.client import connect

README, GUIDE, OPERATORS, ARCHITECTURE, PROTOCOL = (
    next(page for page in PAGES if page.name == f"{name}.md")
    for name in ("README", "guide", "operators", "architecture", "protocol")
)
BLOCKS = [block for page in PAGES for block in blocks(page)]
FILES = [block for block in BLOCKS if block.value("file")]
MODULES = [block for block in FILES if re.search(r"^experiment = ", block.text, re.M)]
ENVIRONMENTS = [block for block in FILES if block.value("actions")]
RUNS = [block for block in BLOCKS if "run" in block.words]
QUERIES = [block for block in BLOCKS if block.language == "sql"]
FRAMES = [block for block in BLOCKS if block.value("frame")]
RUNNABLE = [block for block in BLOCKS if block in MODULES or block in ENVIRONMENTS or block in RUNS]


def each(found):
    return pytest.mark.parametrize("block", found, ids=lambda block: block.place)


def test_the_snippets_were_found():
    """So that no test below passes because there was nothing to test."""
    counts = {
        "modules": len(MODULES), "environments": len(ENVIRONMENTS), "runs": len(RUNS), "queries": len(QUERIES),
        "frames": len(FRAMES),
    }  # fmt: skip
    least = {"modules": 4, "environments": 3, "runs": 9, "queries": 5, "frames": 2}
    assert all(counts[kind] >= least[kind] for kind in least), counts
    assert {block.page for block in MODULES} >= {README, GUIDE}
    marked = [block for block in BLOCKS if block.language in ("python", "sh", "sql", "hex")]
    known = [*FILES, *RUNS, *QUERIES, *FRAMES]
    assert [block.place for block in marked if block not in known] == [], "blocks that no test runs: use ```console"


# ----------------------------------------------------------------------------------------------------- snippets


@pytest.fixture(scope="session")
def client():
    """The client of the protocol page, as a module."""
    block = next(block for block in FILES if block.value("file") == "client.py")
    module = {"__name__": "client"}
    exec(compile(block.text, block.place, "exec"), module)
    return module


@pytest.fixture(scope="session")
def data(tmp_path_factory, client):
    """The data of Lantern: `ann` played it with the real environment, `eve` is the documented client itself."""

    class Player(client["Client"]):
        def make(self, view):
            environment = view["environment"]
            self.engine = Engine(environment["code"], environment["filename"], environment["settings"])
            self.agent, self.keys = view["input"]["agent"], len(view["input"]["bindings"])

        def rows(self, play):
            output, rows = self.engine.reset(play["seed"]), []
            while not output.done:
                t = len(rows)
                key = None if t % 40 > 30 else t // 15 % self.keys
                output = self.engine.step(json.dumps({self.agent: key}))
                rows.append(output.row)
            return rows

    folder = tmp_path_factory.mktemp("real") / "data"
    script = tmp_path_factory.mktemp("client") / "client.py"
    script.write_text(next(block.text for block in FILES if block.value("file") == "client.py"))
    with Service("experiments/lantern.py", folder) as url:
        with connect(url, max_size=None) as socket:
            Player(socket).run("ann")
        told = subprocess.run(
            [PYTHON, "-W", "error", script, url, "eve"], capture_output=True, text=True, timeout=PATIENCE
        )
        assert told.returncode == 0, told.stderr
        (folder / "told.txt").write_text(told.stdout)
    return folder


@pytest.fixture(scope="session")
def workspace(tmp_path_factory, data):
    """A folder for a page, with its files, `data`, and a command `greenroom`."""
    made = {}

    def of(page):
        if page not in made:
            folder = made[page] = tmp_path_factory.mktemp(page.stem)
            (folder / "data").symlink_to(data)
            (folder / "bin").mkdir()
            command = f'#!/bin/sh\ncommand=$1\nshift\ncd "{folder}"\n'
            command += f'exec "{binary()}" "$command" --venv "{ROOT}/.venv" --assets "{ROOT}/assets" "$@"\n'
            (folder / "bin/greenroom").write_text(command)
            (folder / "bin/greenroom").chmod(0o755)
            for block in FILES:
                if block.page == page:
                    (folder / block.value("file")).write_text(block.text, encoding="utf-8")
        return made[page]

    return of


def run(arguments, folder):
    path = os.pathsep.join([str(folder / "bin"), str(PYTHON.parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "assets/python")}
    done = subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@each(RUNNABLE)
def test_a_snippet_runs(block, workspace):
    folder = workspace(block.page)
    if block in MODULES:
        assert "No problems found." in run(["greenroom", "check", "--quick", block.value("file")], folder)
    elif block in ENVIRONMENTS:
        steps(block)
    elif block.language == "sh":
        run(["sh", "-e", "-c", block.text], folder)
    else:
        run([PYTHON, "-c", block.text], folder)


def steps(block):
    """Two episodes with one seed are equal, and every step can be drawn."""
    actions = json.loads(block.value("actions"))
    policies = json.loads(block.value("policies") or '{"human": "human"}')
    settings = {
        "actions": actions, "default_action": len(actions) - 1, "fallback": "default_action", "policies": policies,
        "max_steps": 60, "record_observations": True, "step_code": None,
    }  # fmt: skip
    human = next(agent for agent, policy in policies.items() if policy == "human")
    if block.value("globals"):
        settings["globals"] = {human: json.loads(block.value("globals"))}
    engine = Engine(block.text, block.value("file"), own_msgpack.encode(settings))
    episodes = []
    for episode in range(2):
        output, rows = engine.reset(7, episode), []
        while not output.done:
            output = engine.step(json.dumps({human: len(rows) % len(actions)}))
            rows.append(output.row)
        episodes.append(rows)
    assert len(episodes[0]) >= 5 and episodes[0] == episodes[1]


@each(QUERIES)
def test_a_query_answers(block, data):
    journal = sqlite3.connect(f"file:{data}/lantern/journal.sqlite?mode=ro", uri=True)
    assert journal.execute(block.text).fetchall() or "optional" in block.words


@each(FRAMES)
def test_bytes_are_those_of_the_frame(block):
    assert bytes.fromhex(block.text) == msgpack.packb(json.loads(block.value("frame")))


def test_the_documented_client_goes_through_a_study(client, data):
    assert (data / "told.txt").read_text().splitlines()[-1] == "visit 3 of 3 end end"
    with open(data / "lantern/lantern/eve.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["t"]) for row in rows] == 2 * list(range(client["LENGTH"]))


# ----------------------------------------------------------------------------------------------------- links


def test_every_link_leads_somewhere():
    links = 0
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
            links += 1
            if re.match(r"https?://", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            assert file.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in anchors(file), f"{page.name}: {target}"
    assert links > 50, links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_folders_of_the_machine_it_was_written_on(page):
    found = re.findall(r"(?<![\w.])/(?:root|home|work|workspace|tmp)\b\S*", page.read_text(encoding="utf-8"))
    assert found == []


# ----------------------------------------------------------------------------------------------------- completeness


def in_code(name, text):
    """Whether a text has the name in backticks, alone or in a call or a list."""
    return re.search(rf"`[^`\n]*(?<![\w-]){re.escape(name)}(?![\w-])[^`\n]*`", text) is not None


def test_the_guide_has_every_option():
    stub = (ROOT / "assets/python/greenroom/__init__.pyi").read_text().partition("\nclass _Part")[2]
    options = set(re.findall(r"^            (\w+): [A-Z]", stub, re.M))
    methods = {name for name in re.findall(r"^    def (\w+)\(", stub, re.M) if not name.startswith("_")}
    words = set(re.findall(r"^    ([A-Z]\w+): Final", stub, re.M))
    assert len(options) > 25 and len(methods) > 10 and len(words) == 6
    assert [name for name in sorted(options | methods | words) if not in_code(name, prose(GUIDE))] == []


def test_the_guide_has_every_command_of_the_surface():
    text, seen = section(GUIDE, "Surface"), 0
    for name, method in inspect.getmembers(Surface, inspect.isfunction):
        if not name.startswith("_"):
            parameters = [*inspect.signature(method).parameters][1:]
            assert [word for word in (name, *parameters) if not in_code(word, text)] == [], name
            seen += 1
    assert seen >= 14


def test_the_guide_has_everything_that_is_in_a_data_file(data):
    folder = data / "lantern/lantern"
    with open(folder / "ann.csv", newline="") as file:
        columns = {column.split(".")[0] for column in next(csv.reader(file))}
    metadata, written = (json.loads((folder / f"ann_{kind}.json").read_text()) for kind in ("metadata", "globals"))
    assert len(columns) >= 11 and len(metadata) >= 10 and len(written) == 3
    for heading, names in {"The CSV": columns, "`_metadata.json`": metadata, "`_globals.json`": written}.items():
        assert [name for name in names if not in_code(name, section(GUIDE, heading))] == [], heading


# Where the fields of each type of the protocol are described.
SECTIONS = {
    "Hello": "hello", "Browser": "hello", "Continue": "continue", "Ready": "ready", "Steps": "steps", "Step": "steps",
    "EpisodeEnded": "episode_ended", "Failed": "failed", "Timing": "timing", "Welcome": "welcome",
    "EngineNeeds": "welcome", "SceneShown": "scene", "Page": "scene", "EndView": "scene", "GymView": "scene",
    "InputView": "scene", "EnvironmentView": "scene", "Play": "play", "Acknowledged": "acknowledged",
    "RoundTrip": "round_trip", "Refused": "refused", "Progress": "ready", "Present": "present", "Leave": "leave",
    "Prepared": "prepared", "Inputs": "inputs", "Hashes": "hashes", "Witnessed": "witnessed", "FrameSeen": "witnessed",
    "CaughtUp": "caught_up", "Snapshot": "snapshot", "Healed": "healed", "TroubleView": "scene", "IssuedCode": "scene",
    "GroupView": "scene", "Waiting": "waiting", "Check": "check", "Prepare": "prepare", "Begin": "begin",
    "Relayed": "relayed", "Confirmed": "confirmed", "PaceAdvice": "pace", "Paused": "paused", "Away": "away",
    "Back": "back", "HostRole": "host", "SnapshotWanted": "snapshot_wanted", "Heal": "heal", "CatchUp": "catch_up",
    "Over": "over", "Adopted": "adopted", "Acts": "acts", "PointerAct": "acts", "Asset": "scene", "Seen": "seen", "ModelView": "scene", "Picture": "picture",
    "Image": "picture", "Echo": "echo", "GamePage": "game_page", "Choice": "scene", "FilmView": "film.json", "FilmSeat": "film.json",
    "FilmEpisode": "film.json", "FilmMark": "film.json", "FilmVerdict": "film.json", "FilmDifference": "film.json",
    "Ask": "scene", "FormView": "scene", "QuestionView": "scene", "Alternative": "scene", "Row": "scene",
    "Answered": "answered", "AnswerStored": "answer_stored", "Wanting": "wanting",
    "FilmFrame": "frames", "FilmPicture": "frames", "Saved": "saved", "EmbedView": "scene", "BuildView": "scene",
    "PageState": "saved_stored", "Told": "told",
    "Sight": "sight", "Warning": "warning",
}  # fmt: skip


def test_the_protocol_page_has_every_message_and_field():
    declarations = re.sub(r"/\*\*.*?\*/", "", (ROOT / "assets/client/wire.d.ts").read_text(), flags=re.S)
    types = dict(re.findall(r"^export type (\w+) = (.*?);$(?=\s*(?:export|\Z))", declarations, re.S | re.M))
    assert len(types) >= 30
    words, fields = 0, 0
    for name, body in types.items():
        if name in SECTIONS:
            text = section(PROTOCOL, f"`{SECTIONS[name]}`")
            for field in re.findall(r"^(\w+): ", body, re.M):
                assert in_code(field, text), f"{name}.{field}"
                fields += 1
        else:
            assert not re.findall(r"^(\w+): ", body, re.M), f"{name} is a new type: say in SECTIONS where it is"
        for word in re.findall(r'"(\w+)"', body):
            assert in_code(word, prose(PROTOCOL)), f"{name}: {word}"
            words += 1
    assert fields >= 70 and words >= 40
    for message in re.findall(r'"type": "(\w+)"', types["FromBrowser"] + types["ToBrowser"]):
        assert section(PROTOCOL, f"`{message}`")


def test_the_operators_page_has_every_flag():
    for command, heading in (("run", None), ("check", None), ("export", None), ("replay", "Replaying a game")):
        told = subprocess.run([binary(), command, "--help"], capture_output=True, text=True, check=True).stdout
        flags = set(re.findall(r"(?<!\S)--[a-z-]+", told))
        assert len(flags) >= 3
        page = section(OPERATORS, "The command line") + (section(OPERATORS, heading) if heading else "")
        assert [flag for flag in flags if not in_code(flag, page)] == []


def test_the_operators_page_has_every_fact(data):
    source = "\n".join(file.read_text() for file in (ROOT / "src/facts").glob("*.rs"))
    facts = {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower() for name in re.findall(r"^    ([A-Z]\w+) \{$", source, re.M)}
    assert len(facts) >= 12
    text = section(OPERATORS, "The journal")
    assert [fact for fact in facts if not in_code(fact, text)] == []
    journal = sqlite3.connect(f"file:{data}/lantern/journal.sqlite?mode=ro", uri=True)
    columns = [column for _, column, *_ in journal.execute("PRAGMA table_info(facts)")]
    assert len(columns) == 6 and all(in_code(column, text) for column in columns)


# A constant of the source, and what the pages say of it. Whoever changes the one has to change the other.
LIMITS = [
    ("src/gateway/room.rs", "SOCKETS: usize = 20_000;", "| WebSockets at once | 20 000 |"),
    ("src/gateway/room.rs", "REQUESTS: usize = 4_000;", "| other TCP connections at once | 4000 |"),
    ("src/gateway/room.rs", "HEAD_DEADLINE: Duration = Duration::from_secs(15);", "| head of a request | 15 s, 32 KiB |"),
    ("src/gateway/socket.rs", "HELLO_DEADLINE: Duration = Duration::from_secs(10);", "| time to say `hello` | 10 s |"),
    ("src/gateway/socket.rs", "WRITE_DEADLINE: Duration = Duration::from_secs(10);", "| one write to a browser | 10 s |"),
    ("src/gateway/socket.rs", "ADMISSION_DEADLINE: Duration = Duration::from_secs(20);", "| admission by the house | 20 s |"),
    ("src/gateway/socket.rs", "MESSAGES_AT_ONCE: u32 = 600;", "| 600 at once, 300 per second |"),
    ("src/gateway/socket.rs", "MESSAGES_PER_SECOND: u32 = 300;", "| 600 at once, 300 per second |"),
    ("src/gateway/assets/folder.rs", "FOLDER_LIMIT: u64 = 512 << 20;", "| a folder of pictures or files | 512 MiB |"),
    ("src/rules/embedded.rs", "SAVED_LIMIT: usize = 256 << 10;", "saves, all of one visit | 256 KiB, 32 MiB |"),
    ("src/rules/embedded.rs", "VISIT_LIMIT: usize = 32 << 20;", "saves, all of one visit | 256 KiB, 32 MiB |"),
    ("src/rules/turnstile.rs", "REFUSALS_AT_ONCE: u32 = 10;", "| 10 at once, 1 per second |"),
    ("src/rules/turnstile.rs", "REFUSALS_PER_SECOND: u32 = 1;", "| 10 at once, 1 per second |"),
    ("src/rules/round_trip.rs", "GONE_AFTER: Duration = Duration::from_secs(25);", "| silence of a browser | 25 s (a ping every 5 s) |"),
    ("src/rules/round_trip.rs", "PING_EVERY: Duration = Duration::from_secs(5);", "| silence of a browser | 25 s (a ping every 5 s) |"),
    ("src/rules/session/trouble.rs", "FAILURE_LIMIT: usize = 8 << 10;", "| text of a failure kept | 8 KiB each |"),
    ("src/wire/codec.rs", "MESSAGE_LIMIT: usize = 512 << 10;", "| size of a message | 512 KiB |"),
    ("src/wire/codec.rs", "STRANGER_LIMIT: usize = 16 << 10;", "| size of `hello` | 16 KiB |"),
    ("src/actors/connection.rs", "OUTBOX: usize = 256;", "| frames waiting for a slow browser | 256 |"),
    ("src/actors/participants.rs", "NEWCOMERS_AT_ONCE: u32 = 1000;", "| newcomers | 1000 at once, 50 per second |"),
    ("src/actors/participants.rs", "NEWCOMERS_PER_SECOND: u32 = 50;", "| newcomers | 1000 at once, 50 per second |"),
    ("src/actors/participants.rs", "CRASHES: usize = 5;", "| crashes of one participant | 5 in 60 s |"),
    ("src/actors/scene_manager.rs", "CRASHES: usize = 3;", "| crashes of one game | 3 in 60 s |"),
    ("src/actors/participant.rs", "FORGET_AFTER: Duration = Duration::from_secs(10 * 60);", "stays in memory | 10 min |"),
    ("src/actors/services.rs", "STORE_DEADLINE: Duration = Duration::from_secs(15);", "| storing facts | 15 s |"),
    ("src/actors/callbacks.rs", "QUEUE: usize = 4096;", "| facts waiting for callbacks | 4096 |"),
    ("src/actors/callbacks.rs", "SLOW: Duration = Duration::from_secs(2);", "| one call of a callback | 2 s |"),
    ("src/actors/workers.rs", "FULL: f64 = 0.8;", "| load of a worker | 80 % of a core |"),
    ("src/actors/worker.rs", "HELLO: Duration = Duration::from_secs(60);", "| a worker process starts, with its Python | 60 s |"),
    ("src/actors/worker.rs", "LEARN: Duration = Duration::from_secs(120);", "| trying out a scene on a worker | 120 s |"),
    ("src/actors/worker.rs", "OPEN: Duration = Duration::from_secs(60);", "| making an environment | 60 s |"),
    ("src/actors/worker.rs", "STEP: Duration = Duration::from_secs(5);", "| up to 60 frames, or a reset, on a worker | 5 s |"),
    ("src/actors/worker.rs", "FRAMES_AT_ONCE: usize = 60;", "| up to 60 frames, or a reset, on a worker | 5 s |"),
    ("src/actors/runner.rs", "REBUILDS: u32 = 3;", "| ends of workers while at work for one game | 3 |"),
    ("src/wire/to_worker.rs", "WORKER_FRAME_LIMIT: usize = 24 << 20;", "| message between service and worker | 24 MiB |"),
    ("src/rules/placement.rs", "RESERVED: Duration = Duration::from_secs(60);", "| room that was granted for a game | 60 s |"),
    ("src/rules/shared_game/terms.rs", "LAG_STREAMED: u32 = 2;", "| 2 frames if streamed, else half a second |"),
    ("src/rules/shared_game/terms.rs", "LAG: Duration = Duration::from_millis(500);", "| 2 frames if streamed, else half a second |"),
    ("src/rules/shared_game/playing.rs", "RUNNER_PATIENCE: Duration = Duration::from_secs(60);", "waits for the service's copy | 60 s |"),
    ("src/rules/shared_game/truth.rs", "STATES_BYTES: usize = 32 << 20;", "| 10, 32 MiB |"),
    ("src/actors/recorder.rs", "TRY_AGAIN: Duration = Duration::from_secs(1);", "| tried again every 1 s; said in the log every 10 s |"),
    ("src/actors/health.rs", "SAY_EVERY: Duration = Duration::from_secs(10);", "| tried again every 1 s; said in the log every 10 s |"),
    ("src/store/journal.rs", "BUSY_TIMEOUT: Duration = Duration::from_secs(5);", "| wait for a locked journal | 5 s |"),
]  # fmt: skip


@pytest.mark.parametrize("file, constant, words", LIMITS, ids=[constant.split(":")[0] for _, constant, _ in LIMITS])
def test_a_limit_is_what_the_operators_page_says(file, constant, words):
    assert constant in (ROOT / file).read_text(), "the limit was changed: change the pages, then this table"
    assert words in section(OPERATORS, "Limits")


def test_the_architecture_page_has_every_module():
    text = prose(ARCHITECTURE)
    client = ROOT / "assets/client"
    files = [str(file.relative_to(client)) for file in client.rglob("*") if file.is_file()]
    assert len(files) > 20
    assert [name for name in files if not in_code(name, section(ARCHITECTURE, "The client"))] == []
    package = {file.stem for file in (ROOT / "assets/python/greenroom").glob("*.py")}
    assert len(package) > 8
    assert [name for name in package if not in_code(name, section(ARCHITECTURE, "The Python package"))] == []
    rules = {file.stem for file in (ROOT / "src/rules").glob("*.rs")} - {"mod"}
    assert len(rules) >= 7
    assert [name for name in rules if not in_code(name, text)] == []


def test_the_screenshot_is_a_picture():
    assert (ROOT / "docs/images/lantern.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
