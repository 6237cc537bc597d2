"""Volley for two, ten seconds, on the service alone."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short_volley import court, end, start, two  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

game = two(court("volley").runtime(mode="streamed"))
experiment = Experiment().experiment(experiment_id="streamed_volley", stager=Stager(scenes=[start, game, end]))
