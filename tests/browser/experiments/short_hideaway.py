"""Hideaway for twenty seconds, in a corner of the wood, so that the two often come into each other's sight."""

from pathlib import Path

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

ENVIRONMENT = Path(__file__).parents[3] / "experiments/environments/hideaway.py"
CODE = (
    ENVIRONMENT.read_text()
    .replace("STEPS = 60 * FPS", "STEPS = 20 * FPS")
    .replace("self.random.sample(FREE, 2)", "self.random.sample([place for place in FREE if sum(place) < 11], 2)")
    .replace("near(one, other, 2 * SIGHT)", "near(one, other, SIGHT)")
)
assert "20 * FPS" in CODE and "< 11" in CODE and "2 * SIGHT)" not in CODE, "the environment has changed"

STAY, UP, DOWN, LEFT, RIGHT = range(5)

start = StartScene().scene(scene_id="start").display(scene_header="Hideaway")
game = (
    GymScene()
    .scene(scene_id="hideaway")
    .policies(policy_mapping={"hider": "human", "seeker": "human"})
    .rendering(fps=6, game_width=448, game_height=448)
    .gameplay(
        action_mapping={"ArrowUp": UP, "ArrowDown": DOWN, "ArrowLeft": LEFT, "ArrowRight": RIGHT},
        default_action=STAY,
        max_steps=120,
    )
    .content(scene_header="Hideaway")
    .runtime(environment_initialization_code=CODE, mode="streamed")
    .waitroom(timeout=120_000)
    .data(record_observations=True)
)
end = EndScene().scene(scene_id="end").display(scene_header="The end")
experiment = Experiment().experiment(experiment_id="short_hideaway", stager=Stager(scenes=[start, game, end]))
