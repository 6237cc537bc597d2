"""Orchard for two, slow enough that many games at once fit on a small machine."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short_orchard import CODE, end, orchard, start  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

code = CODE.replace("PLAYERS = 4", "PLAYERS = 2").replace("STEPS = 10 * FPS", "STEPS = 20 * FPS")
game = (
    orchard.policies(policy_mapping={"red": "human", "blue": "human"})
    .runtime(environment_initialization_code=code)
    .gameplay(max_steps=160)
)
experiment = Experiment().experiment(experiment_id="crowd", stager=Stager(scenes=[start, game, end]))
