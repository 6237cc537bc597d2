"""Volley whose environment breaks the rules, once and in one copy only: the copies come apart and have to be healed.

The copy whose page was opened under the name ``localhost`` writes a wrong number into its state at frame 100. Nothing
in the record follows from it, so whoever is the reference, the game must be that of seed and inputs.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from short_volley import CODE, end, start, volley  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

# Frames near it may be played several times, and each time alike; once they are confirmed, it was the last time.
BREAK = '''
try:
    import js
    LOCAL = str(js.location.hostname) == "localhost"
except ImportError:
    LOCAL = False

class Broken(Volley):
    spent = False
    def advance(self, actions):
        made = super().advance(actions)
        if LOCAL and not Broken.spent and self.t == 100:
            self.longest += 1000
        if self.t >= 115:
            Broken.spent = True
        return made

env = Broken()
'''

game = volley("volley", 1).runtime(environment_initialization_code=CODE + BREAK)
experiment = Experiment().experiment(experiment_id="desync", stager=Stager(scenes=[start, game, end]))
