"""Questions only."""

import eventlet

eventlet.monkey_patch()

from mug.configurations.experiment_config import ExperimentConfig
from mug.scenes.stager import Stager
from mug.scenes.static_scene import (
    EndScene, MultipleChoice, OptionBoxesWithScalesAndTextBox, ScalesAndTextBox, StartScene, StaticScene, TextBox,
)
from mug.server.app import run

scenes = [
    StartScene().scene("start").display("Welcome", "A survey", "<p>It takes a minute.</p>"),
    StaticScene().scene("instructions").display(scene_header="Please read", scene_body="<p>Answer all of it.</p>"),
    TextBox("What is your name?").scene("name").display(scene_header="You"),
    ScalesAndTextBox(
        text_box_header="More?",
        pre_scale_header="How do you feel?",
        scale_questions=["Calm", "Awake"],
        scale_size=7,
        scale_labels=[["not at all", "very"], ["asleep", "wide awake"]],
    ).scene("mood"),
    MultipleChoice(
        "About games",
        ["Do you play?", "Which ones?"],
        [["yes", "no"], ["cards", "boards", "videos"]],
        multi_select=[False, True],
        images=[None, "examples/survey/pictures/card.svg"],
    ).scene("games"),
    OptionBoxesWithScalesAndTextBox(
        options=["A", "B"], text_box_header="Why?", pre_scale_header="Rate", scale_questions=["It was fun"],
        option_box_header="Choose",
    ).scene("choice"),
    EndScene().scene("end").display(scene_header="Thanks").redirect("https://example.org/?pid=", append_subject_id=True),
]

run(ExperimentConfig().experiment("survey_demo", Stager(scenes)).static_files(["examples/survey/pictures"]))
