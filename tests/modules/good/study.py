"""A study that uses every option once."""

from pathlib import Path

from greenroom import (
    ActionSettings,
    EndScene,
    Experiment,
    GymScene,
    InputModes,
    PolicyTypes,
    Stager,
    StartScene,
)

start = (
    StartScene()
    .scene(scene_id="welcome")
    .display(scene_header="Welcome", scene_subheader="to the study", scene_body_filepath="pages/hello.html")
)

game = (
    GymScene()
    .scene(scene_id="mountain_car")
    .policies(policy_mapping={"human": PolicyTypes.Human, 1: PolicyTypes.Random})
    .rendering(fps=30, game_width=600, game_height=300, background="#e6b453")
    .gameplay(
        action_mapping={"ArrowLeft": 0, "ArrowRight": 2.0, ("ArrowUp", "ArrowLeft"): (1, True, "jump"), " ": {"a": [1]}},
        default_action=1,
        num_episodes=3,
        max_steps=200,
        input_mode=InputModes.PressedKeys,
        action_population_method=ActionSettings.DefaultAction,
        reset_freeze_s=1.5,
    )
    .content(scene_header="Mountain car", scene_body="<p>Get up.</p>", in_game_scene_body="<p>Arrows.</p>")
    .assets(assets_dir=Path("pictures"))
    .runtime(
        environment_initialization_code_filepath="mountain.py",
        packages_to_install=["gymnasium==1.4.0"],
        on_game_step_code="steps = 1",
    )
    .data(record_observations=True)
)

end = (
    EndScene()
    .scene(scene_id="thanks")
    .display(scene_header="Thanks")
    .redirect(url="https://example.org/done?id=", append_subject_id=True)
)

experiment = (
    Experiment()
    .experiment(experiment_id="pilot", stager=Stager(scenes=[start, game, end]))
    .static_files(directories=["pictures"])
)
