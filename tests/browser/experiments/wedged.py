"""Volley on the service, which hangs for good as soon as somebody presses the space bar."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short_volley import CODE, LEFT, RIGHT, UP, court, end, start, two  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

HANG = 6
WEDGE = f"""
class Wedged(Volley):
    def action_space(self, agent):
        return None

    def advance(self, actions):
        # Not while the service tries it out, which takes fewer frames.
        while {HANG} in actions.values() and self.t > 45:
            pass
        played = dict((agent, 0 if action == {HANG} else action) for agent, action in actions.items())
        return super().advance(played)

env = Wedged()
"""

game = (
    two(court("volley").runtime(mode="streamed"))
    .gameplay(action_mapping={" ": HANG, "ArrowUp": UP, "ArrowLeft": LEFT, "ArrowRight": RIGHT})
    .runtime(environment_initialization_code=CODE + WEDGE)
)
experiment = Experiment().experiment(experiment_id="wedged", stager=Stager(scenes=[start, game, end]))
