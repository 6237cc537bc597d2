"""Volley for two, ten seconds, of which the service plays the copy that counts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short_volley import end, start, volley  # noqa: E402
from told import Told  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

game = volley("volley", 1).runtime(mode="authoritative").multiplayer(state_broadcast_interval=30)
game.gameplay(callback=Told())
stager = Stager(scenes=[start, game, end])
experiment = Experiment().experiment(experiment_id="authoritative_volley", stager=stager)
