"""Questions, a game of two with a ready check, and a code: for tests that kill the service at each of them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from marks import end, field, start  # noqa: E402

from greenroom import ChoiceQuestion, Experiment, NumberQuestion, Stager, SurveyScene, TextQuestion  # noqa: E402

survey = (
    SurveyScene([
        NumberQuestion("age", "How old are you?", minimum=18, maximum=99, whole=True),
        ChoiceQuestion("tools", "What do you use?", options=["pen", "chalk", "paint"], several=True),
        TextQuestion("hopes", "What do you hope for?", lines=3),
    ])
    .scene("survey")
    .display(scene_header="Before you play")
)  # fmt: skip
game = (
    field("field")
    .gameplay(action_mapping={" ": 3, "ArrowLeft": 1, "ArrowRight": 2}, default_action=0, max_steps=80, num_episodes=2,
              episode_ready_check=True)
    .multiplayer(ready_timeout_ms=25_000)
    .waitroom(timeout=300_000)
)  # fmt: skip
experiment = Experiment().experiment(experiment_id="lasting", stager=Stager(scenes=[start, survey, game, end]))
