"""CartPole as Gymnasium has it: an environment that draws with pygame, streamed from the service as pictures.

    .venv/bin/pip install "gymnasium[classic-control]==1.4.0"
    greenroom run experiments/cartpole_streamed.py

Nothing is written for the browser: the code below only makes the environment. That is the way for whatever renders
``rgb_array`` and cannot run in a browser. Its frames are compressed as JPEG; ``frame_quality`` says how much.
"""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

LEFT, RIGHT = 0, 1  # the environment's actions; there is none for standing still

ENVIRONMENT = """
import gymnasium

env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
"""

start = (
    StartScene()
    .scene(scene_id="start")
    .display(
        scene_header="CartPole",
        scene_body="""
        <p>A pole stands on a cart. <b>Keep it upright</b>, and keep the cart on the picture.</p>
        <p>The cart is never at rest: it is pushed to the <b>left</b>, and to the <b>right</b> as long as you hold the
        <b>right arrow key</b>.</p>
        <p>You play three times. Each moment that the pole stands is worth a point.</p>
        """,
    )
)

game = (
    GymScene()
    .scene(scene_id="cartpole")
    .policies(policy_mapping={"human": "human"})
    .rendering(
        fps=15,  # the original's 50 are too many for people
        game_width=600,
        game_height=400,
        background="#ffffff",
        frame_quality=80,
    )
    .gameplay(
        action_mapping={"ArrowLeft": LEFT, "ArrowRight": RIGHT},
        default_action=LEFT,
        num_episodes=3,
        max_steps=450,  # 30 seconds at 15 fps
        input_mode="pressed_keys",
        action_population_method="default_action",
    )
    .content(
        scene_header="CartPole",
        scene_body="<p>Put a finger on the right arrow key and press the button when you are ready.</p>",
        in_game_scene_body="<p>Right arrow key: push to the right. Let go: push to the left.</p>",
    )
    .runtime(environment_initialization_code=ENVIRONMENT, mode="streamed")
    .data(record_observations=True)
)

end = (
    EndScene()
    .scene(scene_id="end")
    .display(scene_header="Thank you", scene_body="<p>That was all.</p>")
)

experiment = Experiment().experiment(experiment_id="cartpole_streamed", stager=Stager(scenes=[start, game, end]))
