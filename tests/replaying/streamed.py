"""A person and a bot walk on a line; the service runs the game and streams its frames. For a test."""

from greenroom import EndScene, Experiment, GymScene, Stager, StartScene

ENVIRONMENT = """
import numpy


class Walk:
    agents = ["bot", "human"]

    def reset(self, *, seed=None):
        self.np_random = numpy.random.default_rng(seed)
        self.t, self.places = 0, {"bot": 20.0, "human": 60.0}
        return dict(self.places), {agent: {} for agent in self.agents}

    def step(self, actions):
        print("a step")
        self.t += 1
        for agent, action in actions.items():
            self.places[agent] += (int(action) - 1) * float(self.np_random.random())
        rewards = {agent: self.places[agent] for agent in self.agents}
        never = dict.fromkeys(self.agents, False)
        return dict(self.places), rewards, never, dict(never), {agent: {} for agent in self.agents}

    def render(self):
        frame = numpy.full((16, 80, 3), 255, dtype=numpy.uint8)
        for place in self.places.values():
            frame[:, int(place) % 80] = 0
        return frame




env = Walk()
"""

start = StartScene().scene(scene_id="start").display(scene_header="Walk")
game = (
    GymScene()
    .scene(scene_id="walk")
    .policies(policy_mapping={"human": "human", "bot": "random"})
    .rendering(fps=60, game_width=80, game_height=16)
    .gameplay(
        action_mapping={"ArrowLeft": 0, "ArrowRight": 2},
        default_action=1,
        num_episodes=2,
        max_steps=70,
        input_mode="pressed_keys",
        action_population_method="default_action",
    )
    .runtime(environment_initialization_code=ENVIRONMENT, mode="streamed")
    .data(record_observations=True)
)
end = EndScene().scene(scene_id="end").display(scene_header="Thanks")
experiment = Experiment().experiment(experiment_id="walks", stager=Stager(scenes=[start, game, end]))
