"""A game of nothing but numbers, for one or two: whatever is played too often, too seldom or in another order shows in
all that follows. `world.rs` computes the same for scripted browsers."""

from greenroom import Surface

AGENTS = ["a0", "a1"][:PLAYERS]  # noqa: F821  (written in front of this by study.py)


class World:
    agents = possible_agents = AGENTS

    def __init__(self):
        self.surface = Surface(200, 100)

    def reset(self, *, seed=None):
        self.value, self.t = seed % 1_000_003, 0
        return dict.fromkeys(AGENTS, self.value), {agent: {} for agent in AGENTS}

    def step(self, actions):
        self.t += 1
        told = sum((seat + 1) * (actions[agent] + 1) for seat, agent in enumerate(AGENTS))
        self.value = (self.value * 31 + told) % 1_000_003
        rewards = {agent: float((self.value + seat) % 7) for seat, agent in enumerate(AGENTS)}
        infos = {agent: {"value": self.value} for agent in AGENTS}
        over = dict.fromkeys(AGENTS, self.t >= STEPS)  # noqa: F821
        return dict.fromkeys(AGENTS, self.value), rewards, over, dict.fromkeys(AGENTS, False), infos

    def get_state(self):
        return {"value": self.value, "t": self.t}

    def set_state(self, state):
        self.value, self.t = state["value"], state["t"]

    def render(self):
        self.surface.circle(id="value", x=self.value % 200, y=50, radius=8, color="#205080")
        return self.surface.commit()


env = World()
