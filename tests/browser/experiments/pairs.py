"""A short game for two, then a level that both of a pair get: for tests of conditions by group."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from marks import end, field, start  # noqa: E402

from greenroom import Conditions, Experiment, Stager, StaticScene  # noqa: E402

game = field("field").gameplay(action_mapping={" ": 3, "ArrowLeft": 1, "ArrowRight": 2}, default_action=0, max_steps=80)
told = Conditions(
    "told",
    {
        word: [StaticScene().scene(scene_id=word).display(scene_header=f"It is {word}", scene_body="<p>Go on.</p>")]
        for word in ("warm", "cold")
    },
    quotas={"warm": 1, "cold": 1},
    per="group",
)
experiment = Experiment().experiment(experiment_id="pairs", stager=Stager(scenes=[start, game, told, end]))
