"""A study whose environment fails in the middle of the game."""

from greenroom import EndScene, Experiment, GymScene, StartScene, Stager

ENVIRONMENT = """
class Fragile:
    def reset(self, seed=None):
        self.t = 0
        return 0.0, {}

    def step(self, action):
        self.t += 1
        return 0.0, 1 / (20 - self.t), False, False, {}

    def render(self):
        return None

env = Fragile()
"""

start = StartScene().scene(scene_id="start").display(scene_header="A fragile study")
game = (
    GymScene()
    .scene(scene_id="fragile")
    .policies(policy_mapping={"human": "human"})
    .rendering(fps=30)
    .gameplay(action_mapping={" ": 1}, default_action=0, max_steps=100)
    .runtime(environment_initialization_code=ENVIRONMENT)
)
end = EndScene().scene(scene_id="end").display(scene_header="The end")
experiment = Experiment().experiment(experiment_id="failing", stager=Stager(scenes=[start, game, end]))
