# Two who push a mark along a line, with randomness of every kind; it prints, as environments do.
import random

import beside
import numpy


class Push:
    agents = ["left", "right"]

    def reset(self, *, seed=None):
        self.own = random.Random(seed)
        self.t, self.x = 0, 0.0
        print("a game begins")
        return self.seen(), {agent: {} for agent in self.agents}

    def seen(self):
        return {agent: [self.x] for agent in self.agents}

    def step(self, actions):
        self.t += 1
        push = int(actions["right"]) - int(actions["left"])
        self.x += beside.WEIGHT * push * (self.own.random() + float(numpy.random.random()))
        rewards = {"left": -self.x, "right": self.x}
        never = dict.fromkeys(self.agents, False)
        infos = {agent: {"what": object()} for agent in self.agents}
        return self.seen(), rewards, never, dict(never), infos

    def get_state(self):
        return {"t": self.t, "x": self.x, "own": self.own.getstate()}

    def set_state(self, state):
        self.t, self.x = state["t"], state["x"]
        self.own.setstate(state["own"])

    def render(self):
        mark = {"id": "mark", "kind": "circle", "x": 50 + self.x, "y": 5.0, "radius": 3, "persistent": True}
        return {"width": 100, "height": 10, "full": self.t == 0, "objects": [mark], "removed": []}


env = Push()
