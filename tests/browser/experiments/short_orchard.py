"""Orchard for four, ten seconds."""

from pathlib import Path

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

ENVIRONMENT = Path(__file__).parents[3] / "experiments/environments/orchard.py"
CODE = ENVIRONMENT.read_text().replace("STEPS = 60 * FPS", "STEPS = 10 * FPS")
assert "STEPS = 10" in CODE, "the environment has changed"

STAY, UP, DOWN, LEFT, RIGHT = range(5)

start = StartScene().scene(scene_id="start").display(scene_header="Orchard")
orchard = (
    GymScene()
    .scene(scene_id="orchard")
    .policies(policy_mapping={"red": "human", "blue": "human", "green": "human", "yellow": "human"})
    .rendering(fps=8, game_width=600, game_height=480)
    .gameplay(
        action_mapping={"ArrowUp": UP, "ArrowDown": DOWN, "ArrowLeft": LEFT, "ArrowRight": RIGHT},
        default_action=STAY,
        action_population_method="previous_submitted_action",
        max_steps=80,
    )
    .content(scene_header="Orchard")
    .runtime(environment_initialization_code=CODE)
    .multiplayer(input_delay=1, hash_interval=10)
    .data(record_observations=True)
)
end = EndScene().scene(scene_id="end").display(scene_header="The end")
experiment = Experiment().experiment(experiment_id="short_orchard", stager=Stager(scenes=[start, orchard, end]))
