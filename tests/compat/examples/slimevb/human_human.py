"""Two people, their browsers in step."""

import eventlet

eventlet.monkey_patch()

from mug.configurations.experiment_config import ExperimentConfig
from mug.scenes.gym_scene import GymScene
from mug.scenes.stager import Stager
from mug.server import app
from mug.server.matchmaker import FIFOMatchmaker

from examples.slimevb.scenes import GAMEPLAY, end, start

slime_scene = (
    GymScene()
    .scene(scene_id="slime_human_human")
    .policies(policy_mapping={"agent_left": "human", "agent_right": "human"}, frame_skip=1)
    .rendering(fps=30, game_width=600, game_height=250, rollback_smoothing_duration=300)
    .gameplay(**GAMEPLAY, action_population_method="previous_submitted_action")
    .content(scene_header="Slime Volleyball", scene_body="<p>Two players.</p>")
    .waitroom(timeout=120000, timeout_message="Nobody came. Thank you for waiting.")
    .runtime(environment_initialization_code_filepath="examples/slimevb/slime_env.py", packages_to_install=["numpy"])
    .multiplayer(
        mode="p2p",
        multiplayer=True,
        input_delay=2,
        snapshot_interval=5,
        input_confirmation_timeout_ms=500,
        matchmaker=FIFOMatchmaker(max_p2p_rtt_ms=100),
        reconnection_timeout_ms=5000,
        partner_disconnect_message="Your partner has left.",
        pause_on_partner_background=False,
    )
)

experiment_config = (
    ExperimentConfig()
    .experiment(stager=Stager(scenes=[start, slime_scene, end]), experiment_id="slimevb_human_human")
    .hosting(port=5704, host="0.0.0.0")
)

if __name__ == "__main__":
    app.run(experiment_config)
