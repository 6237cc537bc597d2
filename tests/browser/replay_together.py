"""Play a recorded game of several people again in native Python, and compare it with everybody's data file.

    replay_together.py SCENE/games/GAME.json [--tolerance 0] [--partial]

Seed, confirmed inputs and the environment come from the game's file. They are played straight through, without any of
the machinery that predicts and rolls back. Where the service played, its bots' choices are confirmed inputs, too.
Checked is:

- every player's file has the same rows in all columns but those of its own (``own.*``), without a gap or a double;
- they are those of the native run, number by number (``--tolerance`` for rules that use more than + - * / and sqrt);
- the states that the copies agreed on have the hashes of the native run's.

Prints a JSON object with what was compared; ends with an error that names the first difference otherwise. With
``--partial`` the game may have ended before its time, and rows of its last frames may be missing.
"""

import argparse
import csv
import json
import math
from pathlib import Path
from typing import NamedTuple

from greenroom import snapshot
from greenroom.checkpoint import hash_of
from greenroom.msgpack import decode, encode
from greenroom.rows import encode_row
from greenroom.simulation import Saved, Simulation

OWN = "own."
# Columns that tell of people, clocks and the network, which no replay can know.
UNKNOWABLE = ("isFocused.", "input_age.", "input_on_time.", "timestamp", "server_timestamp")


class Episode(NamedTuple):
    seed: int
    inputs: list  # by frame, by seat
    agreed: dict  # hashes by number of confirmed frames that led to the state
    complete: bool


class Game(NamedTuple):
    players: dict  # subjects by agent, in the order of seats
    files: list  # of the players' tables
    episodes: list
    scene: dict


def read_game(path: Path) -> Game:
    """The only place that knows the names in the game's file."""
    game = json.loads(path.read_text(encoding="utf-8"))
    players = {player["agent"]: player["subject"] for player in game["players"]}
    people = [player["subject"] for player in game["players"] if player["visit"] is not None]
    episodes = [
        Episode(episode["seed"], episode["inputs"], dict(episode["agreed"]), episode["complete"])
        for episode in game["episodes"]
    ]
    return Game(players, [path.parent.parent / f"{subject}.csv" for subject in people], episodes, game["scene"])


class Native:
    """The environment in this Python, stepped through an episode."""

    def __init__(self, scene: dict, agents: list):
        gameplay, runtime = scene["gameplay"], scene["runtime"]
        actions = [action for _, action in gameplay["action_mapping"]]
        if gameplay["default_action"] not in actions:
            actions.append(gameplay["default_action"])
        settings = {
            "actions": actions,
            "default_action": actions.index(gameplay["default_action"]),
            "fallback": gameplay["action_population_method"],
            # Whoever has a seat is told what to do, be it a bot; others act by themselves.
            "policies": {**scene["policies"], **dict.fromkeys(agents, "human")},
            "max_steps": gameplay["max_steps"],
            "record_observations": scene["record_observations"],
            "step_code": runtime["on_game_step_code"],
            "agents": agents,
        }
        self.agents = agents
        self.default = gameplay["default_action"]
        self.people = [agent for agent in agents if scene["policies"].get(agent) == "human"]
        self.drawn = scene.get("mode") == "streamed"
        self.simulation = Simulation(runtime["code"], runtime["filename"], encode(settings))

    def play(self, episode: Episode, frames: int | None = None):
        """Rows of all frames, or of the first ones, and hashes of the states that were agreed on."""
        simulation, rows, hashes = self.simulation, [], {}
        simulation._start(episode.seed)
        for frame, inputs in enumerate([*episode.inputs[:frames], None]):
            if frame in episode.agreed:
                hashes[frame] = hash_of(self._saved(), simulation.env)
            if frame == 0 and self.drawn:
                self._draw()
            if inputs is None or simulation._done:
                break
            given = dict(zip(self.agents, inputs, strict=True))
            recorded, played = {}, {}
            for agent in simulation._adapter.playing():
                bot = simulation._bots.get(agent)
                value = self.default if bot is None and given[agent] is None else given.get(agent)
                recorded[agent] = value if bot is None else bot.next
                played[agent] = simulation._convert[agent](recorded[agent])
            rows.append(decode(encode_row(simulation._advance(recorded, played)[1])))
        return rows, hashes, simulation._done

    def _saved(self):
        if not self.drawn:
            return self.simulation._save()
        # Only looked at: what draws with a library of its own cannot be copied.
        s = self.simulation
        world, left = snapshot.look(s.env), frozenset(s._adapter.done)
        return Saved(world, s._t, s._done, dict(s._scores), left, {}, None, s._seeded)

    def _draw(self):
        """Once, as the service does: some environments note in their state that they have been drawn."""
        generators = snapshot.take_generators()
        for agent in self.people:
            self.simulation._rendered(agent)
        snapshot.put_generators(*generators)


def cells(section: str, value, found: dict) -> dict:
    """Flatten nested values into the file's dotted columns."""
    if isinstance(value, dict):
        for key, inner in value.items():
            cells(f"{section}.{key}", inner, found)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            cells(f"{section}.{index}", inner, found)
    else:
        found[section] = value
    return found


def agrees(text: str, value, tolerance: float) -> bool:
    if value is None:
        return text == ""
    if not isinstance(value, float):
        return text == str(value)
    if not text:
        return False
    number = float(text)
    if number == value or (math.isnan(number) and math.isnan(value)):
        return True
    return tolerance > 0 and math.isclose(number, value, rel_tol=tolerance, abs_tol=tolerance)


def read_csv(path: Path) -> list:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{column: text for column, text in row.items() if not column.startswith(OWN)} for row in rows]


def compare_files(files: dict) -> list:
    """The rows that all files have in common, which must be all of them."""
    (first, rows), *others = files.items()
    for name, theirs in others:
        assert len(rows) == len(theirs), f"{first} has {len(rows)} rows, {name} has {len(theirs)}"
        for number, (one, other) in enumerate(zip(rows, theirs)):
            differing = [column for column in {**one, **other} if one.get(column) != other.get(column)]
            told = {column: (one.get(column), other.get(column)) for column in differing[:5]}
            assert not differing, f"row {number} differs between {first} and {name}: {told}"
    return rows


def compare_episode(recorded: list, native: list, episode: int, tolerance: float) -> int:
    """How many cells were compared."""
    compared = 0
    times = [int(row["t"]) for row in recorded]
    assert times == list(range(len(times))), f"episode {episode}: t has gaps or doubles"
    for row, played in zip(recorded, native):
        where = f"episode {episode}, frame {row['t']}"
        expected: dict = {}
        for section, value in played.items():
            cells(section, value, expected)
        for column, value in expected.items():
            assert column in row, f"{where}: there is no column {column}"
            assert agrees(row[column], value, tolerance), f"{where}: {column} is {row[column]}, natively {value}"
            compared += 1
        for column, text in row.items():
            known = column in expected or column.startswith(("episode_num", "player_subjects.", "tutorial", *UNKNOWABLE))
            assert known or text == "", f"{where}: {column} is {text}, natively there is no such value"
    return compared


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("game", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.0)
    parser.add_argument("--partial", action="store_true")
    given = parser.parse_args()

    game = read_game(given.game)
    rows = compare_files({path.name: read_csv(path) for path in game.files})
    for row in rows:
        for agent, subject in game.players.items():
            told = row[f"player_subjects.{agent}"]
            assert told == subject, f"{agent} was played by {subject}, not by {told}"

    native = Native(game.scene, list(game.players))
    numbers = [int(row["episode_num"]) for row in rows]
    assert numbers == sorted(numbers), "episodes are out of order"
    steps, compared, hashed = [], 0, 0
    for number, episode in enumerate(game.episodes):
        recorded = [row for row in rows if int(row["episode_num"]) == number]
        # What nobody has a row or a hash of may be what ended the game.
        known = None if episode.complete else max([len(recorded), *episode.agreed])
        played, hashes, done = native.play(episode, known)
        if episode.complete:
            assert done, f"episode {number}: natively it is not over after {len(played)} frames"
            assert len(recorded) == len(played), f"episode {number}: {len(recorded)} rows, natively {len(played)}"
        else:
            assert given.partial, f"episode {number} was not played to its end"
            assert len(recorded) <= len(played), f"episode {number}: {len(recorded)} rows, {len(played)} frames"
        compared += compare_episode(recorded, played, number, given.tolerance)
        if given.tolerance == 0:
            for frame, digest in hashes.items():
                agreed = episode.agreed[frame]
                where = f"episode {number}, state {frame}"
                assert digest == agreed, f"{where}: the copies agreed on {agreed}, natively it is {digest}"
            hashed += len(hashes)
        steps.append(len(recorded))
    assert sum(steps) == len(rows), f"there are rows of episodes that were not played: {sorted(set(numbers))}"
    told = {"files": len(game.files), "episodes": len(steps), "steps": steps, "cells": compared, "hashes": hashed}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
