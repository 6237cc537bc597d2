"""Mountain Car: one person, a Gymnasium environment, arrow keys.

    greenroom run experiments/mountain_car.py

The environment runs in the participant's browser. Every step is recorded with its observation, action and reward.
"""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

LEFT, COAST, RIGHT = 0, 1, 2  # the environment's actions

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Mountain Car",
        scene_body="""
        <p>Your car stands in a valley. Its engine is too weak to climb the hill on the right in one go.</p>
        <p>Use the <b>left</b> and <b>right arrow keys</b> to gather speed, and <b>reach the flag</b>.</p>
        <p>You will play twice.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="mountain_car")
    .policies(policy_mapping={"human": "human"})
    .rendering(fps=30, game_width=600, game_height=400, background="#dcebf7")
    .gameplay(
        action_mapping={"ArrowLeft": LEFT, "ArrowRight": RIGHT},
        default_action=COAST,  # when no key is down
        num_episodes=2,
        max_steps=200,
        input_mode="pressed_keys",
        action_population_method="default_action",
    )
    .content(
        scene_header="Mountain Car",
        scene_body="<p>Press the button when you are ready.</p>",
        in_game_scene_body="<p>Left and right arrow keys. Swing back and forth to gather speed.</p>",
    )
    .runtime(
        environment_initialization_code_filepath="environments/mountain_car.py",
        packages_to_install=["gymnasium"],
    )
    .data(record_observations=True)
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(scene_header="Thank you", scene_body="<p>That was all.</p>")
)

experiment = Experiment().experiment(experiment_id="mountain_car", stager=Stager(scenes=[start, game, end]))
