"""A game of one and a game of two that are played with gamepads."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from marks import alone, end, field, start  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

SECONDS = 14
BINDINGS = {"ArrowLeft": 1, "ArrowRight": 2, "Gamepad.Left": 1, "Gamepad.Right": 2, "Gamepad.A": 3, " ": 3}


def padded(scene):
    return scene.gameplay(action_mapping=BINDINGS, default_action=0, max_steps=SECONDS * 20)


single = padded(alone("alone", SECONDS).policies(policy_mapping={"left": "human", "right": "random"}))
both = padded(field("both", SECONDS))
experiment = Experiment().experiment(experiment_id="pads", stager=Stager(scenes=[start, single, both, end]))
