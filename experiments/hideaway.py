"""Hideaway: one hides and gathers, one seeks, and each sees only what is near. A game that the service plays.

    greenroom run experiments/hideaway.py

With ``mode="streamed"`` the environment runs on the service alone, and ``render(self, agent_id)`` makes a picture for
each player. A browser is sent its own player's pictures and neither the environment nor its state: what a player must
not see does not leave the service.
"""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

# Moves as the environment numbers them.
STAY, UP, DOWN, LEFT, RIGHT = range(5)

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Hideaway",
        scene_body="""
        <p>Two people walk through a dark wood. <b>You are one of them</b>, in the middle of your picture, and you see
        three places far.</p>
        <ul>
          <li>If you are <b>orange</b>, you hide: <b>gather acorns</b>, 1 point each, and keep away from the other.</li>
          <li>If you are <b>blue</b>, you seek: <b>walk into the other</b>. It is worth 5 points to you, and costs the
          other as many. Then both of you are somewhere else.</li>
        </ul>
        <p>Only the one who hides can see the acorns. Walk with the <b>arrow keys</b>. You have one minute.</p>
        <p>You may have to wait for the other person for up to two minutes. Please <b>keep this window in sight</b>
        while you wait, and stay until the end.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="hideaway")
    .policies(policy_mapping={"hider": "human", "seeker": "human"})
    .rendering(fps=6, game_width=448, game_height=448, background="#1d2b20")
    .gameplay(
        action_mapping={"ArrowUp": UP, "ArrowDown": DOWN, "ArrowLeft": LEFT, "ArrowRight": RIGHT},
        default_action=STAY,
        num_episodes=1,
        max_steps=360,  # one minute at 6 fps
        input_mode="pressed_keys",
        action_population_method="default_action",
    )
    .waitroom(
        timeout=120_000,
        timeout_message="<p>Nobody else came to play with you. Thank you for waiting!</p>",
    )
    .content(
        scene_header="Hideaway",
        scene_body="<p>Put your fingers on the arrow keys and press the button when you are ready to play.</p>",
        in_game_scene_body="<p>Arrow keys to walk. Orange: gather acorns and hide. Blue: find the other.</p>",
    )
    .runtime(environment_initialization_code_filepath="environments/hideaway.py", mode="streamed")
    .data(record_observations=True)
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(
        scene_header="Thank you for playing",
        scene_body="<p>That was all. We hope that it was not too dark.</p>",
    )
)

experiment = Experiment().experiment(experiment_id="hideaway", stager=Stager(scenes=[start, game, end]))
