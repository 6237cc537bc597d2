"""Orchard: four people gather apples in one garden. A game of several people at a slow pace.

    greenroom run experiments/orchard.py

An apple grows back the sooner the more apples there are around it, so whoever takes everything within reach leaves
little for later. For two or three people set ``PLAYERS`` in the environment's file, and name so many agents here.
"""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

# Moves as the environment numbers them.
STAY, UP, DOWN, LEFT, RIGHT = range(5)

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Orchard",
        scene_body="""
        <p>Four people are in one garden at the same time. You are <b>one of them</b>, and the others are people, too.</p>
        <ul>
          <li>Walk with the <b>arrow keys</b>; the first steps tell you which of the four you are. You cannot walk
          through hedges, nor through each other.</li>
          <li>Walk onto an apple to <b>gather it</b>: it is worth 1 point.</li>
          <li>Apples <b>grow back</b> where there was one before, and they do so sooner <b>the more apples hang
          nearby</b>. Where all were taken, it takes long until there is one again.</li>
        </ul>
        <p>You have one minute. The numbers below the garden tell who has gathered how many.</p>
        <p>You may have to wait for the others for up to three minutes. Please <b>keep this window in sight</b> while
        you wait, and stay until the end: the others cannot play without you.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="orchard")
    .policies(policy_mapping={"red": "human", "blue": "human", "green": "human", "yellow": "human"})
    .rendering(fps=8, game_width=600, game_height=480, background="#8cbf6a")
    .gameplay(
        action_mapping={"ArrowUp": UP, "ArrowDown": DOWN, "ArrowLeft": LEFT, "ArrowRight": RIGHT},
        default_action=STAY,
        num_episodes=1,
        max_steps=480,  # one minute at 8 fps
        input_mode="pressed_keys",
        action_population_method="default_action",
    )
    .multiplayer(
        input_delay=0,  # a frame takes 125 ms, longer than most inputs travel
        max_prediction=4,
        hash_interval=16,  # the copies are compared every two seconds
    )
    .waitroom(
        timeout=180_000,
        on_timeout="end",
        timeout_message="<p>Not enough people came to play with you. Thank you for waiting!</p>",
    )
    .content(
        scene_header="Orchard",
        scene_body="<p>Put your fingers on the arrow keys and press the button when you are ready to play.</p>",
        in_game_scene_body="<p>Arrow keys to walk. Apples grow back sooner the more of them hang nearby.</p>",
    )
    .runtime(environment_initialization_code_filepath="environments/orchard.py")
    .data(record_observations=True)
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(
        scene_header="Thank you for playing",
        scene_body="<p>That was all. We hope that you had your share of apples.</p>",
    )
)

experiment = Experiment().experiment(experiment_id="orchard", stager=Stager(scenes=[start, game, end]))
