"""Two slimes and a ball, drawn on a surface; the observation of an agent is a dict with an array."""

import numpy as np
from mug.rendering import Surface

WIDTH, HEIGHT = 600, 250
PUSH = {0: 0, 1: -1, 2: -1, 3: 0, 4: 1, 5: 1}
SIDES = {"agent_left": 0.25, "agent_right": 0.75}


class SlimeVBEnv:
    possible_agents = list(SIDES)

    def __init__(self, config=None, render_mode=None):
        self.seed = (config or {}).get("seed", 42)
        self.render_mode = render_mode
        self.surface = Surface(WIDTH, HEIGHT)

    def reset(self, seed=None, options=None):
        self.random = np.random.default_rng(self.seed if seed is None else seed)
        self.t = 0
        self.places = dict(SIDES)
        self.ball = [0.5, 0.2, float(self.random.uniform(-0.01, 0.01)), 0.0]
        self.surface.reset()
        return self._observations(), {}

    def step(self, actions):
        self.t += 1
        for agent in self.places:
            self.places[agent] = min(0.95, max(0.05, self.places[agent] + 0.02 * PUSH[actions[agent]]))
        x, y, vx, vy = self.ball
        vy += 0.002
        x, y = x + vx, y + vy
        if not 0 < x < 1:
            vx = -vx
        rewards = {agent: 0.0 for agent in self.places}
        if y > 0.9:
            near = min(self.places, key=lambda agent: abs(self.places[agent] - x))
            if abs(self.places[near] - x) < 0.1:
                vy, vx = -abs(vy), vx + 0.2 * (x - self.places[near])
            else:
                loser = "agent_left" if x < 0.5 else "agent_right"
                rewards = {agent: -1.0 if agent == loser else 1.0 for agent in self.places}
                x, y, vx, vy = 0.5, 0.2, -vx, 0.0
        self.ball = [x, y, vx, vy]
        over = {agent: False for agent in self.places} | {"__all__": self.t >= 3000}
        return self._observations(), rewards, over, dict(over), {agent: {} for agent in self.places}

    def _observations(self):
        obs = np.array([*self.ball, *self.places.values()], dtype=np.float32)
        return {agent: {"obs": obs} for agent in self.places}

    def render(self):
        ground = [(0, 225), (600, 225), (600, 250), (0, 250)]
        self.surface.polygon(id="ground", points=ground, color="#8c5a2b", persistent=True, depth=-2)
        self.surface.line(id="net", points=[(300, 225), (300, 190)], width=4, color="white", persistent=True, depth=-1)
        for agent, x in self.places.items():
            self.surface.circle(id=agent, x=x, y=0.88, radius=0.05, color=(50, 50, 250), relative=True, tween_duration=30)
        self.surface.circle(id="ball", x=self.ball[0], y=self.ball[1], radius=0.02, color="yellow", relative=True)
        return self.surface.commit()

    def get_state(self):
        return {"t": self.t, "ball": list(self.ball), **self.places}

    def set_state(self, state):
        self.t, self.ball = state["t"], list(state["ball"])
        self.places = {agent: state[agent] for agent in SIDES}


env = SlimeVBEnv(config={"seed": 42}, render_mode="mug")
