"""Play a recorded game again in native Python and compare it with its data file, step by step.

    replay.py GAME.csv GAME_metadata.json

Prints a JSON object with the number of episodes and steps that were compared; ends with an error that names the first
difference otherwise. Actions come from the file, those of trained networks too; rewards, terminations, truncations,
observations and infos that the file has must follow from them.
"""

import csv
import json
import math
import sys

from greenroom.engine import Engine
from greenroom.msgpack import decode, encode


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


def agrees(text: str, value) -> bool:
    if value is None:
        return text == ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return text == str(value)
    # Browsers and native Python agree only nearly in the last bits of floating point numbers.
    return math.isclose(float(text), value, rel_tol=1e-5, abs_tol=1e-6)


def main(csv_path: str, metadata_path: str) -> None:
    with open(metadata_path, encoding="utf-8") as file:
        metadata = json.load(file)
    with open(csv_path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    scene = metadata["scene"]
    gameplay = scene["gameplay"]
    # What a network chose is told like what a person pressed.
    told = [agent for agent, policy in scene["policies"].items() if policy == "human" or "model" in policy]
    policies = {**scene["policies"], **dict.fromkeys(told, "human")}
    actions = [action for _, action in gameplay["action_mapping"]]
    if gameplay["default_action"] not in actions:
        actions.append(gameplay["default_action"])
    settings = {
        "actions": actions,
        "default_action": actions.index(gameplay["default_action"]),
        "fallback": gameplay["action_population_method"],
        "policies": policies,
        "max_steps": gameplay["max_steps"],
        "record_observations": scene["record_observations"],
        "step_code": scene["runtime"]["on_game_step_code"],
    }
    engine = Engine(scene["runtime"]["code"], scene["runtime"]["filename"], encode(settings))

    compared = 0
    episodes = sorted({int(row["episode_num"]) for row in rows})
    for episode in episodes:
        output = engine.reset(metadata["episode_seeds"][episode], episode)
        recorded = [row for row in rows if int(row["episode_num"]) == episode]
        assert [int(row["t"]) for row in recorded] == list(range(len(recorded))), f"episode {episode}: t has gaps"
        for row in recorded:
            where = f"episode {episode}, step {row['t']}"
            assert not output.done, f"{where}: the episode is over natively"
            chosen = {
                agent: next(i for i, action in enumerate(actions) if str(action) == row[f"actions.{agent}"])
                for agent in told
            }
            output = engine.step(json.dumps(chosen))
            native = decode(output.row)
            for section, value in native.items():
                for column, expected in cells(section, value, {}).items():
                    if column != "t":
                        assert agrees(row[column], expected), f"{where}: {column} is {row[column]}, not {expected}"
            compared += 1
        assert output.done, f"episode {episode}: the last step is missing"
    print(json.dumps({"episodes": len(episodes), "steps": compared}))


if __name__ == "__main__":
    main(*sys.argv[1:])
