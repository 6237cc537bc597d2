"""Pixel Catch: an environment that renders ``rgb_array`` frames.

    greenroom run experiments/pixel_catch.py

Use this as the pattern for an environment whose drawing you do not want to rewrite.
"""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

LEFT, STAY, RIGHT = 0, 1, 2  # the environment's actions

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Pixel Catch",
        scene_body="""
        <p>Catch the falling fruit with your basket. Use the <b>left</b> and <b>right arrow keys</b>.</p>
        <p>A caught fruit is worth one point; a missed one costs one.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="pixel_catch")
    .policies(policy_mapping={"human": "human"})
    .rendering(fps=30, game_width=600, game_height=400, background="#28325a")
    .gameplay(
        action_mapping={"ArrowLeft": LEFT, "ArrowRight": RIGHT},
        default_action=STAY,
        num_episodes=1,
        max_steps=900,  # 30 seconds; the environment itself has no end
        input_mode="pressed_keys",
    )
    .content(
        scene_header="Pixel Catch",
        scene_body="<p>Press the button when you are ready.</p>",
        in_game_scene_body="<p>Left and right arrow keys.</p>",
    )
    .runtime(
        environment_initialization_code_filepath="environments/pixel_catch.py",
        packages_to_install=["gymnasium"],
    )
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(scene_header="Thank you", scene_body="<p>That was all.</p>")
)

experiment = Experiment().experiment(experiment_id="pixel_catch", stager=Stager(scenes=[start, game, end]))
