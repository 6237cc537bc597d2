"""Volley for two, 20,000 frames at 60 frames per second, of which the service plays the copy that counts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short_volley import CODE, end, start, volley  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

FRAMES = 20_000

game = (
    volley("volley", 1)
    .runtime(environment_initialization_code=CODE.replace("STEPS = 10 * FPS", f"STEPS = {FRAMES}"))
    .runtime(mode="authoritative")
    .rendering(fps=60)
    .gameplay(max_steps=FRAMES)
    .multiplayer(input_delay=4, max_prediction=16, hash_interval=60, state_broadcast_interval=60)
)
experiment = Experiment().experiment(experiment_id="long_volley", stager=Stager(scenes=[start, game, end]))
