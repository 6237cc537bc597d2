"""Overcooked on the service: the kitchen of ``overcooked.py``, but participants' browsers run no Python at all.

    .venv/bin/pip install cogrid==0.3.2 gymnasium==1.4.0 pettingzoo==1.27.0
    greenroom run experiments/overcooked_streamed.py

With ``mode="streamed"`` the environment runs on the service, with what is installed there. Browsers send their keys and
are sent pictures, which here are a few drawing commands. They have nothing to load before the game but the sprites.
"""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

UP, DOWN, LEFT, RIGHT, HANDS, STAY = 0, 1, 2, 3, 4, 6  # the environment's actions; 5 would do nothing in this kitchen

FPS = 10

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Two cooks, one kitchen",
        scene_body="""
        <p>You and another participant work in a small kitchen. <b>Serve as many onion soups as you can</b>, together,
        in 75 seconds. Each soup is worth <b>20 points for both of you</b>.</p>
        <ol>
          <li><b>Three onions</b> into the pot, one at a time. The crates are on the left and on the right.</li>
          <li>The soup <b>cooks for three seconds</b> by itself. A green tick tells that it is ready.</li>
          <li>With an <b>empty plate</b> in your hands, take the soup out of the pot.</li>
          <li>Carry it to the <b>green hatch</b> with the golden bell.</li>
        </ol>
        <p>The <b>arrow keys</b> move you one place for each press, or turn you where the way is blocked. The
        <b>space bar</b> (or <b>w</b>) takes what is in front of you, or puts down what you carry: into the pot, onto a
        free counter, or onto the floor, where it is in the way.</p>
        <p>Nobody walks through anybody: let each other pass, or hand things over across a counter.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="kitchen")
    .policies(policy_mapping={0: "human", 1: "human"})
    .rendering(fps=FPS, game_width=480, game_height=384, background="#7b4c2c")
    .gameplay(
        action_mapping={
            "ArrowUp": UP,
            "ArrowDown": DOWN,
            "ArrowLeft": LEFT,
            "ArrowRight": RIGHT,
            " ": HANDS,
            "w": HANDS,
        },
        default_action=STAY,
        num_episodes=1,
        max_steps=75 * FPS,
        input_mode="single_keystroke",
        action_population_method="default_action",
    )
    .content(
        scene_header="The kitchen",
        scene_body="""
        <p>Press the button when you are ready. You then wait for the other cook.</p>
        <p>One of you is blue and one is red: <b>take a step when the game begins</b>, and you see which you are.</p>
        """,
        in_game_scene_body="""
        <p>Three onions into the pot, wait for the green tick, take the soup with a plate, carry it to the green hatch.
        Arrow keys move, the space bar takes and puts down.</p>
        """,
    )
    .assets(assets_dir="assets/overcooked")
    .runtime(environment_initialization_code_filepath="environments/overcooked.py", mode="streamed")
    .waitroom(timeout=120000)
    .data(record_observations=False)
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(scene_header="Thank you for cooking", scene_body="<p>That was all. We hope that you enjoyed it.</p>")
)

experiment = Experiment().experiment(experiment_id="overcooked_streamed", stager=Stager(scenes=[start, game, end]))
