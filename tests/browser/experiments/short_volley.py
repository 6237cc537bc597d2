"""Volley for two, ten seconds, then a page: for tests of games that are disturbed."""

from pathlib import Path

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

EPISODES = 1
ENVIRONMENT = Path(__file__).parents[3] / "experiments/environments/volley.py"
CODE = ENVIRONMENT.read_text().replace("STEPS = 40 * FPS", "STEPS = 10 * FPS")
assert "STEPS = 10" in CODE, "the environment has changed"

STAY, LEFT, RIGHT, UP, UP_LEFT, UP_RIGHT = range(6)


def court(scene_id: str, episodes: int = 1) -> GymScene:
    """The scene, but for who plays."""
    return (
        GymScene()
        .scene(scene_id=scene_id)
        .rendering(fps=30, game_width=640, game_height=360)
        .gameplay(
            action_mapping={
                ("ArrowUp", "ArrowLeft"): UP_LEFT, ("ArrowUp", "ArrowRight"): UP_RIGHT,
                "ArrowUp": UP, "ArrowLeft": LEFT, "ArrowRight": RIGHT,
            },
            default_action=STAY,
            num_episodes=episodes,
            max_steps=300,
        )
        .content(scene_header="Volley")
        .runtime(environment_initialization_code=CODE)
        .data(record_observations=True)
    )  # fmt: skip


def two(scene: GymScene) -> GymScene:
    """The same for two people."""
    return (
        scene.policies(policy_mapping={"left": "human", "right": "human"})
        .multiplayer(reconnection_timeout_ms=8000)
        .waitroom(timeout=120_000)
    )


def volley(scene_id: str, episodes: int) -> GymScene:
    return two(court(scene_id, episodes)).multiplayer(input_delay=2)


start = StartScene().scene(scene_id="start").display(scene_header="Volley", scene_body="<p>Go on.</p>")
end = EndScene().scene(scene_id="end").display(scene_header="The end")
stager = Stager(scenes=[start, volley("volley", EPISODES), end])
experiment = Experiment().experiment(experiment_id="short_volley", stager=stager)
