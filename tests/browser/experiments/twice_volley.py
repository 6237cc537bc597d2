"""Two episodes of volley, then volley again in a scene of its own: for tests in which somebody does not come that far."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short_volley import end, start, volley  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

stager = Stager(scenes=[start, volley("first", 2), volley("second", 1), end])
experiment = Experiment().experiment(experiment_id="twice_volley", stager=stager)
