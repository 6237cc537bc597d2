"""Overcooked on the service, twelve seconds."""

from pathlib import Path

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

EXPERIMENTS = Path(__file__).parents[3] / "experiments"
CODE = (EXPERIMENTS / "environments/overcooked.py").read_text().replace("STEPS = 75 * FPS", "STEPS = 12 * FPS")
assert "STEPS = 12" in CODE, "the environment has changed"

UP, DOWN, LEFT, RIGHT, HANDS, STAY = 0, 1, 2, 3, 4, 6

start = StartScene().scene(scene_id="start").display(scene_header="Two cooks", scene_body="<p>Go on.</p>")
kitchen = (
    GymScene()
    .scene(scene_id="kitchen")
    .policies(policy_mapping={0: "human", 1: "human"})
    .rendering(fps=10, game_width=480, game_height=384)
    .gameplay(
        action_mapping={"ArrowUp": UP, "ArrowDown": DOWN, "ArrowLeft": LEFT, "ArrowRight": RIGHT, " ": HANDS},
        default_action=STAY,
        max_steps=120,
        input_mode="single_keystroke",
    )
    .content(scene_header="The kitchen")
    .assets(assets_dir=str(EXPERIMENTS / "assets/overcooked"))
    .runtime(environment_initialization_code=CODE, mode="streamed")
    .waitroom(timeout=120_000)
)
end = EndScene().scene(scene_id="end").display(scene_header="The end")
experiment = Experiment().experiment(experiment_id="streamed_kitchen", stager=Stager(scenes=[start, kitchen, end]))
