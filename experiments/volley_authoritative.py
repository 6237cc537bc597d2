"""Volley for two, with a referee: the service plays the same game beside the browsers, and its copy is the record.

    greenroom run experiments/volley_authoritative.py

With ``mode="authoritative"`` every browser computes the game as in ``volley.py``, so that each key acts at once. The
service steps a copy of its own through the same inputs: the data are those of that copy, whatever a browser does, and
every 30 frames its state goes to both browsers, which adopt it. The environment's file is the same in all three ways.
"""

from greenroom import EndScene, Experiment, FifoMatchmaker, GymScene, Stager, StartScene

# Moves as the environment numbers them.
STAY, LEFT, RIGHT, UP, UP_LEFT, UP_RIGHT = range(6)

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Volley",
        scene_body="""
        <p>You play beach volleyball against <b>another person</b>, who is there at the same time as you.</p>
        <ul>
          <li>Run with the <b>left</b> and <b>right arrow keys</b>, jump with the <b>up arrow key</b>.
          You can run and jump at once.</li>
          <li>The ball bounces off you. Play it <b>over the net</b>: when it touches the sand on the other side, the
          point is yours.</li>
          <li>You may touch the ball as often as you like. It also bounces off the walls, the ceiling and the net.</li>
          <li>Whoever wins a point has the next serve: the ball drops from above.</li>
        </ul>
        <p>There are two rounds of 40 seconds each. Move a little at the beginning to see which side is yours.</p>
        <p>You may have to wait for the other person for up to two minutes. Please <b>keep this window in sight</b>
        while you wait, and stay until the end: the other person cannot play without you.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="volley")
    .policies(policy_mapping={"left": "human", "right": "human"})
    .rendering(fps=30, game_width=640, game_height=360, background="#fab078")
    .gameplay(
        action_mapping={
            ("ArrowUp", "ArrowLeft"): UP_LEFT,
            ("ArrowUp", "ArrowRight"): UP_RIGHT,
            "ArrowLeft": LEFT,
            "ArrowRight": RIGHT,
            "ArrowUp": UP,
        },
        default_action=STAY,
        num_episodes=2,
        max_steps=1200,  # 40 seconds at 30 fps
        input_mode="pressed_keys",
        # A player whose input is late goes on as before, which is what the other's browser has guessed.
        action_population_method="previous_submitted_action",
    )
    .multiplayer(
        input_delay=2,  # 67 ms: most inputs are there before their frame, so little has to be corrected
        max_prediction=8,
        hash_interval=30,  # the copies are compared every second
        state_broadcast_interval=30,  # and as often they are given the service's state
    )
    .waitroom(
        timeout=120_000,
        on_timeout="end",
        timeout_message="<p>Nobody else came to play with you. Thank you for waiting!</p>",
        matchmaker=FifoMatchmaker(),
    )
    .content(
        scene_header="Volley",
        scene_body="<p>Put your fingers on the arrow keys and press the button when you are ready to play.</p>",
        in_game_scene_body="<p>Left and right arrow keys to run, up arrow key to jump. Play the ball over the net.</p>",
    )
    .runtime(environment_initialization_code_filepath="environments/volley.py", mode="authoritative")
    .data(record_observations=True)
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(
        scene_header="Thank you for playing",
        scene_body="<p>That was all. We hope that it was a good match.</p>",
    )
)

experiment = Experiment().experiment(experiment_id="volley_authoritative", stager=Stager(scenes=[start, game, end]))
