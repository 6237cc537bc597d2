"""Volley against a trained network: one person on the left, a bot on the right, all in the participant's browser.

    greenroom run experiments/volley_bot.py

The network is an ONNX file. ``assets/volley_bot/train.py`` trained and wrote it in about a minute; put one of your own
in its place: any network that takes the agent's observation as ``[1, n]`` numbers and gives a logit for each action.
"""

from greenroom import EndScene, Experiment, GymScene, ModelConfig, Stager, StartScene

# Moves as the environment numbers them. The network's logits are in this order, too.
STAY, LEFT, RIGHT, UP, UP_LEFT, UP_RIGHT = range(6)

bot = ModelConfig(
    onnx_path="assets/volley_bot/bot.onnx",
    obs_input="obs",
    logit_output="logits",
    frame_skip=1,  # it chooses in every frame
    # Draws from the logits instead of taking the greatest, so that no two rallies are alike. The draws follow from the
    # episode's seed, and its actions are in the data.
    choice="softmax",
    temperature=0.5,
)

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="Volley",
        scene_body="""
        <p>You play beach volleyball against <b>a computer player</b>. You are <b>on the left</b>.</p>
        <ul>
          <li>Run with the <b>left</b> and <b>right arrow keys</b>, jump with the <b>up arrow key</b>.
          You can run and jump at once.</li>
          <li>The ball bounces off you. Play it <b>over the net</b>: when it touches the sand on the other side, the
          point is yours.</li>
          <li>You may touch the ball as often as you like. It also bounces off the walls, the ceiling and the net.</li>
          <li>Whoever wins a point has the next serve: the ball drops from above.</li>
        </ul>
        <p>There are two rounds of 40 seconds each.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="volley")
    .policies(policy_mapping={"left": "human", "right": bot})
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
        action_population_method="default_action",
    )
    .content(
        scene_header="Volley",
        scene_body="<p>Put your fingers on the arrow keys and press the button when you are ready to play.</p>",
        in_game_scene_body="<p>Left and right arrow keys to run, up arrow key to jump. Play the ball over the net.</p>",
    )
    .runtime(environment_initialization_code_filepath="environments/volley.py")
    .data(record_observations=True)
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(
        scene_header="Thank you for playing",
        scene_body="<p>That was all. We hope that you won.</p>",
    )
)

experiment = Experiment().experiment(experiment_id="volley_bot", stager=Stager(scenes=[start, game, end]))
