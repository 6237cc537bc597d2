"""The scenes of the kitchen, as several scripts use them."""

from pathlib import Path

from mug.configurations.configuration_constants import ActionSettings, InputModes
from mug.scenes import gym_scene, static_scene

UP, DOWN, LEFT, RIGHT, PICKUP_DROP, TOGGLE, NOOP = range(7)

ACTION_MAPPING = {
    "ArrowUp": UP, "ArrowDown": DOWN, "ArrowLeft": LEFT, "ArrowRight": RIGHT,
    "w": PICKUP_DROP, "W": PICKUP_DROP, "q": TOGGLE, "Q": TOGGLE,
}  # fmt: skip

SOURCE = (Path(__file__).parent / "kitchen.py").read_text()


def initialization(layout):
    return SOURCE + f'\n\nenv = make_kitchen("{layout}", render_mode="mug")\n'


def game(scene_id, policies, layout="cramped_room", **runtime):
    columns, rows = {"cramped_room": (5, 4), "counter_circuit": (8, 5)}[layout]
    return (
        gym_scene.GymScene()
        .scene(scene_id=scene_id, experiment_config={}, should_export_metadata=True)
        .policies(policy_mapping=policies, frame_skip=5)
        .rendering(fps=30, game_width=45 * columns, game_height=45 * rows, background="#e6b453")
        .gameplay(
            default_action=NOOP,
            action_mapping=ACTION_MAPPING,
            num_episodes=2,
            max_steps=500,
            input_mode=InputModes.SingleKeystroke,
            action_population_method=ActionSettings.DefaultAction,
        )
        .content(
            scene_header="Overcooked",
            scene_body="<p>Press the button.</p>",
            in_game_scene_body="<p>Cook!</p>",
        )
    )


start = static_scene.StartScene().scene("start").display(scene_header="Kitchen", scene_body="<p>Cook together.</p>")

preferences = (
    static_scene.OptionBoxesWithScalesAndTextBox(
        options=["First partner", "Second partner"],
        text_box_header="Why?",
        pre_scale_header="How much do you agree?",
        scale_questions=["My partner was fluent.", "I trusted my partner."],
        option_box_header="Which partner did you like better?",
        scale_size=21,
        scale_labels=["Strongly Disagree", "Neutral", "Strongly Agree"],
    )
    .scene("preferences", should_export_metadata=True)
    .display(scene_subheader="Your partners")
)

feedback = (
    static_scene.TextBox(text_box_header="Anything to tell us?", required=False)
    .scene("feedback")
    .display(scene_header="Feedback")
)
