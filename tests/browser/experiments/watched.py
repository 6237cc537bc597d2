"""A game for two who are watched by a function of the study: it warns bob, then it excludes him."""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from marks import end, field, start  # noqa: E402
from short import walk  # noqa: E402

from greenroom import Experiment, Stager  # noqa: E402

asked = Counter()


def referee(participant, context):
    assert context["is_tab_hidden"] in (True, False)
    if participant.subject_id != "bob":
        return None
    asked["bob"] += 1
    if asked["bob"] <= 4:
        return None
    if asked["bob"] <= 10:
        return {"warn": True, "message": "<p>Please play on <b>your side</b>.</p>"}
    return {"exclude": True, "message": "<p>You were not on your side.</p>"}


game = (
    field("field", seconds=60)
    .gameplay(action_mapping={" ": 3, "ArrowLeft": 1, "ArrowRight": 2}, default_action=0, max_steps=1200)
    .monitoring(callback=referee, callback_interval_s=1)
)
experiment = Experiment().experiment(experiment_id="watched", stager=Stager(scenes=[start, game, walk, end]))
