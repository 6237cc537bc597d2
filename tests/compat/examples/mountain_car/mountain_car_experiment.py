"""One person drives the mountain car: a script as users of MUG have it, from a checkout's root with its paths."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import argparse  # noqa: E402

from mug.configurations import configuration_constants, experiment_config  # noqa: E402
from mug.scenes import gym_scene, scene, stager, static_scene  # noqa: E402
from mug.server import app  # noqa: E402

LEFT, NONE, RIGHT = 0, 1, 2

POLICY_MAPPING = {"human": configuration_constants.PolicyTypes.Human}

start_scene = (
    static_scene.StartScene()
    .scene(scene_id="mountain_car_start", experiment_config={}, should_export_metadata=True)
    .display(scene_header="Welcome", scene_body_filepath="examples/mountain_car/pages/introduction.html")
)

mountain_car_scene = (
    gym_scene.GymScene()
    .scene(scene_id="mountain_car", experiment_config={})
    .policies(policy_mapping=POLICY_MAPPING, frame_skip=1)
    .rendering(fps=30, env_to_state_fn=None, game_width=300, game_height=200)
    .gameplay(
        default_action=NONE,
        action_mapping={"ArrowLeft": LEFT, "ArrowRight": RIGHT},
        num_episodes=1,
        max_steps=200,
        input_mode=configuration_constants.InputModes.PressedKeys,
    )
    .content(
        scene_header="Mountain Car",
        scene_body=("<center><p>Use the arrow keys to drive the car up the hill.</p></center>",),
        in_game_scene_body="<center><p>Left and right arrow keys.</p></center>",
    )
    .runtime(
        run_through_pyodide=True,
        environment_initialization_code_filepath="examples/mountain_car/mountain_car_rgb_env.py",
        packages_to_install=["gymnasium==1.4.0", "multi-user-gymnasium==0.1.2"],
    )
)

end_scene = static_scene.EndScene().scene(scene_id="end_scene").display(scene_header="Thank you for playing!")

stager = stager.Stager(scenes=[start_scene, mountain_car_scene, end_scene])

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=5702)
    args = parser.parse_args()

    config = (
        experiment_config.ExperimentConfig()
        .experiment(stager=stager, experiment_id="mountain_car_demo")
        .hosting(port=args.port, host="0.0.0.0")
    )
    app.run(config)
