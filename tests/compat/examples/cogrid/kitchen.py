"""A kitchen of few tiles: what a package would have."""

LAYOUTS = {"cramped_room": (5, 4), "counter_circuit": (8, 5)}
MOVES = {0: (0, -1), 1: (0, 1), 2: (-1, 0), 3: (1, 0)}


class Kitchen:
    def __init__(self, layout="cramped_room", render_mode=None):
        self.layout, self.render_mode = layout, render_mode
        self.columns, self.rows = LAYOUTS[layout]

    def reset(self, seed=None, options=None):
        self.t = 0
        self.cooks = {0: [1, 1], 1: [self.columns - 2, self.rows - 2]}
        return self._observations(), self._infos()

    def step(self, actions):
        self.t += 1
        served = 0.0
        for agent, action in actions.items():
            dx, dy = MOVES.get(action, (0, 0))
            x, y = self.cooks[agent][0] + dx, self.cooks[agent][1] + dy
            if 0 < x < self.columns - 1 and 0 < y < self.rows - 1:
                self.cooks[agent] = [x, y]
            served += float(action == 4 and x == 1)
        over = {agent: False for agent in self.cooks} | {"__all__": False}
        return self._observations(), {agent: served for agent in self.cooks}, over, dict(over), self._infos()

    def _observations(self):
        return {agent: {"n_agent_features": [float(v) for cook in self.cooks.values() for v in cook]} for agent in self.cooks}

    def _infos(self):
        return {agent: {"row": cook[1], "col": cook[0], "layout_id": self.layout} for agent, cook in self.cooks.items()}

    def get_state(self):
        return {"t": self.t, "cooks": {str(agent): list(cook) for agent, cook in self.cooks.items()}}

    def set_state(self, state):
        self.t, self.cooks = state["t"], {int(agent): list(cook) for agent, cook in state["cooks"].items()}

    def render(self):
        from mug.rendering import Surface

        surface = getattr(self, "surface", None)
        if surface is None:
            surface = self.surface = Surface(45 * self.columns, 45 * self.rows)
            for name in ("terrain", "chefs"):
                base = f"examples/cogrid/assets/{name}"
                surface.register_atlas(name, img_path=f"{base}.png", json_path=f"{base}.json")
        surface.image(id="pot", image_name="terrain", frame="pot.png", x=90, y=0, w=45, h=45, persistent=True)
        for agent, (x, y) in self.cooks.items():
            surface.image(
                id=f"chef-{agent}", image_name="chefs", frame="SOUTH.png", x=45 * x, y=45 * y, w=45, h=45, tween_duration=75
            )
        return surface.commit()


def make_kitchen(layout="cramped_room", render_mode=None):
    return Kitchen(layout, render_mode)
