"""A game for one on the service, ten seconds, whose step takes a third of a frame: a worker holds few of them."""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

ENVIRONMENT = """
import random
import time

from greenroom import Surface

class Walk:
    def __init__(self):
        self.surface = Surface(300, 200)

    def reset(self, seed=None):
        self.random = random.Random(seed)
        self.x, self.t = self.random.uniform(100, 200), 0
        return self.x, {}

    def step(self, action):
        until = time.perf_counter() + 0.011
        while time.perf_counter() < until:
            pass
        self.t += 1
        self.x = min(290.0, max(10.0, self.x + 2 * (action - 1) + self.random.uniform(-1, 1)))
        return self.x, self.x / 300, False, False, {"t": self.t}

    def render(self):
        self.surface.rect(x=0, y=0, w=300, h=200, color="#205080")
        self.surface.circle(x=self.x, y=100, radius=8, color="#ffffff")
        return self.surface.commit()

env = Walk()
"""

start = StartScene().scene(scene_id="start").display(scene_header="A costly study", scene_body="<p>Go on.</p>")
walk = (
    GymScene()
    .scene(scene_id="walk")
    .policies(policy_mapping={"human": "human"})
    .rendering(fps=30, game_width=300, game_height=200)
    .gameplay(action_mapping={"ArrowLeft": 0, "ArrowRight": 2}, default_action=1, max_steps=300)
    .runtime(environment_initialization_code=ENVIRONMENT, mode="streamed")
    .waitroom(timeout=600_000)
    .data(record_observations=True)
)
end = EndScene().scene(scene_id="end").display(scene_header="The end")
experiment = Experiment().experiment(experiment_id="costly", stager=Stager(scenes=[start, walk, end]))
