"""Volley for one against a trained network, ten seconds, on the service alone."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bot_volley import end, game, start  # noqa: E402
from told import Told  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

game.runtime(mode="streamed")
stager = Stager(scenes=[start, game, end])
experiment = Experiment().experiment(experiment_id="streamed_bot", stager=stager).callbacks(Told())
