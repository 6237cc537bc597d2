"""What both scripts have."""

from mug.configurations.configuration_constants import InputModes
from mug.scenes import static_scene

NOOP, LEFT, UPLEFT, UP, UPRIGHT, RIGHT = range(6)

ACTION_MAPPING = {
    "ArrowLeft": LEFT,
    ("ArrowLeft", "ArrowUp"): UPLEFT,
    "ArrowUp": UP,
    ("ArrowRight", "ArrowUp"): UPRIGHT,
    "ArrowRight": RIGHT,
}

GAMEPLAY = {
    "default_action": NOOP,
    "action_mapping": ACTION_MAPPING,
    "num_episodes": 2,
    "max_steps": 3000,
    "input_mode": InputModes.PressedKeys,
}

start = (
    static_scene.StartScene()
    .scene("start_scene", should_export_metadata=True)
    .display(scene_header="Slime Volleyball", scene_body="<p>Keep the ball in the air.</p>")
)
end = static_scene.EndScene().scene("end_scene").display(scene_header="Thanks")
end.redirect(url="https://example.org/done?id=", append_subject_id=True)
