"""Lantern: gather fireflies before the night is over. The experiment that ``make run`` starts.

    greenroom run experiments/lantern.py

One person, two rounds of 35 seconds, arrow keys in eight directions. The environment is plain Python without numpy, so
a participant's browser has less to load than with a Gymnasium environment.
"""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

# Directions as the environment numbers them: 0 stays, then clockwise from up.
STAY, UP, UP_RIGHT, RIGHT, DOWN_RIGHT, DOWN, DOWN_LEFT, LEFT, UP_LEFT = range(9)

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Lantern",
        scene_body="""
        <p>Night falls over the meadow, and you carry a lantern.</p>
        <p>Move it with the <b>arrow keys</b> (two at once move diagonally) and <b>gather fireflies</b>.
        They are a little shy: come from the side where they cannot slip away.</p>
        <ul>
          <li>A <b>yellow firefly</b> is worth 1 point, a <b>blue one</b> 3 points. Blue ones do not stay for long.</li>
          <li>Catch the next one <b>within two seconds</b> and it counts one point more.</li>
          <li>A <b>gust of wind</b> takes 2 points with it. Keep out of its way.</li>
        </ul>
        <p>There are two rounds of 35 seconds each.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="lantern")
    .policies(policy_mapping={"human": "human"})
    .rendering(fps=30, game_width=600, game_height=400, background="#0b1026")
    .gameplay(
        # A tuple is a combination of keys held down together; it goes before its single keys.
        action_mapping={
            ("ArrowUp", "ArrowRight"): UP_RIGHT,
            ("ArrowDown", "ArrowRight"): DOWN_RIGHT,
            ("ArrowDown", "ArrowLeft"): DOWN_LEFT,
            ("ArrowUp", "ArrowLeft"): UP_LEFT,
            "ArrowUp": UP,
            "ArrowRight": RIGHT,
            "ArrowDown": DOWN,
            "ArrowLeft": LEFT,
        },
        default_action=STAY,
        num_episodes=2,
        max_steps=1050,  # 35 seconds at 30 fps
        input_mode="pressed_keys",
        action_population_method="default_action",
    )
    .content(
        scene_header="Lantern",
        scene_body="<p>Put your fingers on the arrow keys and press the button when you are ready.</p>",
        in_game_scene_body="<p>Arrow keys move the lantern. Gather fireflies, avoid the wind.</p>",
    )
    .runtime(environment_initialization_code_filepath="environments/lantern.py")
    .data(record_observations=True)
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(
        scene_header="Thank you for playing",
        scene_body="<p>That was all. We hope that you enjoyed it.</p>",
    )
)

experiment = Experiment().experiment(experiment_id="lantern", stager=Stager(scenes=[start, game, end]))
