"""One person against a network."""

import eventlet

eventlet.monkey_patch()

from mug.configurations.configuration_constants import ModelConfig, PolicyTypes
from mug.configurations.experiment_config import ExperimentConfig
from mug.scenes.gym_scene import GymScene
from mug.scenes.stager import Stager
from mug.server import app

from examples.slimevb.scenes import GAMEPLAY, end, start

slime_scene = (
    GymScene()
    .scene(scene_id="slime_human_ai")
    .policies(
        policy_mapping={
            "agent_right": PolicyTypes.Human,
            "agent_left": ModelConfig(
                obs_input="obs", logit_output="logits", onnx_path="examples/slimevb/assets/slimevb_policy.onnx"
            ),
        },
        frame_skip=1,
    )
    .rendering(fps=30, game_width=600, game_height=250, rollback_smoothing_duration=None)
    .gameplay(**GAMEPLAY)
    .content(scene_header="Slime Volleyball", scene_body="<p>You are on the right.</p>", in_game_scene_body="<p>Play!</p>")
    .runtime(
        environment_initialization_code_filepath="examples/slimevb/slime_env.py",
        packages_to_install=["numpy", "multi-user-gymnasium==0.1.2"],
    )
)

experiment_config = (
    ExperimentConfig()
    .experiment(stager=Stager(scenes=[start, slime_scene, end]), experiment_id="slimevb_human_ai", save_experiment_data=True)
    .hosting(port=5703, host="0.0.0.0", max_ping=100000)
    .static_files(directories=["examples/slimevb/assets"])
    .webrtc(force_relay=False)
)

if __name__ == "__main__":
    app.run(experiment_config)
