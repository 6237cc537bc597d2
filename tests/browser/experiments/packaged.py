"""A study whose environment needs a package that only the operator's folder of wheels has."""

from greenroom import EndScene, Experiment, GymScene, StartScene, Stager

ENVIRONMENT = """
from tiny_physics import fall

class Drop:
    def reset(self, seed=None):
        self.height = 100.0
        return self.height, {}

    def step(self, action):
        self.height = fall(self.height)
        return self.height, 0.0, self.height <= 0, False, {}

    def render(self):
        return None

env = Drop()
"""

start = StartScene().scene(scene_id="start").display(scene_header="A packaged study")
game = (
    GymScene()
    .scene(scene_id="drop")
    .policies(policy_mapping={"human": "human"})
    .rendering(fps=30)
    .gameplay(action_mapping={" ": 1}, default_action=0, max_steps=100)
    .runtime(environment_initialization_code=ENVIRONMENT, packages_to_install=["tiny-physics"])
    .data(record_observations=True)
)
end = EndScene().scene(scene_id="end").display(scene_header="The end")
experiment = Experiment().experiment(experiment_id="packaged", stager=Stager(scenes=[start, game, end]))
