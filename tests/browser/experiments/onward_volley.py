"""Two episodes of volley for two, then a game for one: for tests in which a partner does not come that far."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short import walk  # noqa: E402
from short_volley import end, start, volley  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

stager = Stager(scenes=[start, volley("volley", 2), walk, end])
experiment = Experiment().experiment(experiment_id="onward_volley", stager=stager)
