"""Overcooked: two cooks, one cramped kitchen. The rules are those of ``cogrid`` (https://pypi.org/project/cogrid).

cogrid steps numpy arrays and can neither draw in a browser nor tell the rules from the observations, which take two
thirds of its step. This adapter draws with sprites of its own and computes observations only where they are wanted:

``get_state()`` and ``set_state(state)``
    cogrid's own, as plain values.
``advance(actions)``
    a step without observations, for the frames that are played again after a wrong guess about the other player.
"""

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.autowire import build_feature_config_from_components
from cogrid.core.objects import object_to_idx
from cogrid.core.pipeline.step import envstate_to_dict
from cogrid.envs import cramped_room_config
from cogrid.envs.overcooked.agent import OvercookedAgent
from cogrid.envs.overcooked.rewards import DeliveryReward

from greenroom import Surface

FPS = 10
STEPS = 75 * FPS
COOKING = 30  # steps; what cogrid's pot takes
SOUP = 20.0  # points, for each of the two

AGENTS = (0, 1)
UP, DOWN, LEFT, RIGHT, HANDS, TOGGLE, STAY = range(7)  # cogrid's cardinal actions; nothing here can be toggled
FACINGS = ("right", "down", "left", "up")  # by cogrid's directions
# Where a cook's hands are, by direction: to the right and down in cells, and before or behind the cook.
CARRIED = ((0.84, 0.53, 0.1), (0.5, 0.66, 0.1), (0.16, 0.53, 0.1), (0.82, 0.4, -0.1))

OBSERVED = cramped_room_config["features"]
CONFIG = {
    **cramped_room_config,
    # A step always computes its features. The cheapest stands in for those that _observations() adds.
    "features": ["agent_dir"],
    "rewards": [DeliveryReward(coefficient=SOUP, common_reward=True)],
    "max_steps": STEPS,
}
KINDS = {
    object_to_idx(name, scope="overcooked"): kind
    for name, kind in {
        "counter": "counter", "onion_stack": "onions", "plate_stack": "plates", "delivery_zone": "hatch",
        "pot": "pot", "onion": "onion", "plate": "plate", "onion_soup": "soup",
    }.items()
}  # fmt: skip
FIXED = ("counter", "onions", "plates", "hatch")

CELL = 96
ROWS, COLUMNS = 4, 5
WIDTH, HEIGHT = COLUMNS * CELL, ROWS * CELL
COOKS = ("blue", "red")


class Overcooked:
    """Observation of each agent: cogrid's features of the cramped room. Reward: 20 for both when a soup is served."""

    agents = possible_agents = list(AGENTS)

    def __init__(self):
        self.game = CoGridEnv(CONFIG, agent_class=OvercookedAgent)
        features = build_feature_config_from_components("overcooked", OBSERVED, n_agents=2, env_config=CONFIG)
        self.observe = features["feature_fn"]
        self.soups = 0
        self.surface = Surface(WIDTH, HEIGHT)
        self.surface.register_atlas("kitchen", "kitchen.png", "kitchen.json")

    # ------------------------------------------------------------------------------------------------ rules

    def action_space(self, agent):
        return self.game.action_space(agent)

    def reset(self, *, seed=None):
        self.game.reset(seed=seed)
        self.soups = 0
        self.surface.reset()
        self._draw_kitchen()
        return self._observations(), {agent: {} for agent in AGENTS}

    def step(self, actions):
        rewards, terminateds, truncateds, infos = self.advance(actions)
        return self._observations(), rewards, terminateds, truncateds, infos

    def advance(self, actions):
        """A step without observations; what ``step`` returns but for those."""
        _, rewards, terminateds, truncateds, _ = self.game.step(actions)
        self.soups += round(rewards[0] / SOUP)
        state = self.state
        places, facings, hands = state.agent_pos.tolist(), state.agent_dir.tolist(), state.agent_inv.tolist()
        infos = {
            agent: {
                "row": places[agent][0],
                "column": places[agent][1],
                "facing": FACINGS[facings[agent]],
                "holding": KINDS.get(hands[agent][0]),
                "soups": self.soups,
            }
            for agent in AGENTS
        }
        return rewards, terminateds, truncateds, infos

    @property
    def state(self):
        return self.game._env_state

    def _observations(self):
        seen = envstate_to_dict(self.state)
        return {agent: self.observe(seen, agent) for agent in AGENTS}

    # ------------------------------------------------------------------------------------------------ state

    def get_state(self):
        state = self.game.get_state()
        generator = state["np_random_state"]
        # The numbers of numpy's generator have 128 bits; as texts they are plain values anywhere.
        words = {name: str(word) for name, word in generator["state"].items()}
        return {**state, "np_random_state": {**generator, "state": words}, "soups": self.soups}

    def set_state(self, state):
        generator = state["np_random_state"]
        words = {name: int(word) for name, word in generator["state"].items()}
        self.game.set_state({**state, "np_random_state": {**generator, "state": words}})
        self.soups = state["soups"]

    # ------------------------------------------------------------------------------------------------ drawing

    def get_hud_text(self):
        return f"{self.soups} {'soup' if self.soups == 1 else 'soups'} served"

    def _sprite(self, frame, x, y, w=CELL, h=CELL, **options):
        self.surface.image(image_name="kitchen", frame=frame, x=x, y=y, w=w, h=h, **options)

    def _draw_kitchen(self):
        """What does not move is persistent: it is sent once."""
        types = self.state.object_type_map.tolist()
        for row in range(ROWS):
            for column in range(COLUMNS):
                kind, x, y = KINDS.get(types[row][column]), column * CELL, row * CELL
                name = kind if kind in FIXED else f"floor-{(row + column) % 2}"
                self._sprite(name, x, y, id=f"cell{row},{column}", depth=-10, persistent=True)

    def render(self):
        state = self.state
        types, things = state.object_type_map.tolist(), state.object_state_map.tolist()
        for row in range(ROWS):
            for column in range(COLUMNS):
                kind = KINDS.get(types[row][column])
                if kind == "counter":
                    self._draw_thing(KINDS.get(things[row][column]), row, column, lift=0.09)
                elif kind in ("onion", "plate", "soup"):
                    self._draw_thing(kind, row, column, lift=0)  # on the floor, where it is in the way
        self._draw_pots(state.extra_state)
        for agent in AGENTS:
            self._draw_cook(
                COOKS[agent], *state.agent_pos[agent].tolist(), int(state.agent_dir[agent]),
                KINDS.get(int(state.agent_inv[agent, 0])),
            )  # fmt: skip
        return self.surface.commit()

    def _draw_thing(self, kind, row, column, lift):
        if kind is not None:
            size = 0.62 * CELL
            x, y = (column + 0.5) * CELL - size / 2, (row + 0.5 - lift) * CELL - size / 2
            self._sprite(kind, x, y, size, size, id=f"thing{row},{column}", depth=row)

    def _draw_pots(self, pots):
        places, contents = pots["overcooked.pot_positions"].tolist(), pots["overcooked.pot_contents"].tolist()
        for (row, column), inside, left in zip(places, contents, pots["overcooked.pot_timer"].tolist()):
            onions = sum(thing != -1 for thing in inside)
            x, y = column * CELL, row * CELL
            if onions < 3:
                name = f"pot-{onions}"
            else:
                name = f"pot-cooking-{left // 3 % 2}" if left else "pot-ready"
            self._sprite(name, x, y, id=f"pot{row},{column}", depth=-9, persistent=True)
            if onions == 3 and left:
                done = 1 - left / COOKING
                # Above the pot: a cook in front of it would cover the rest.
                bar = {"x": x + 14, "y": y + 4, "h": 10, "border_radius": 4, "depth": -8}
                self.surface.rect(id=f"wait{row},{column}", w=CELL - 28, color="#2b3138", **bar)
                self.surface.rect(id=f"done{row},{column}", w=(CELL - 28) * done, color="#7fd069", **bar)

    def _draw_cook(self, cook, row, column, direction, holding):
        # The page draws more often than the game steps; a glide of one step's length makes the motion smooth.
        glide = 1000 / FPS
        depth, facing = row + 0.3, FACINGS[direction]
        x, y, tall = column * CELL, row * CELL, 1.25 * CELL
        name = f"{cook}-{facing}" + ("-carrying" if holding else "")
        self._sprite(
            name, x, y - 0.34 * CELL, CELL, tall, id=f"cook-{cook}", depth=depth, tween_duration=glide
        )
        if holding:
            size = 0.54 * CELL
            right, down, order = CARRIED[direction]
            self._sprite(
                holding, x + right * CELL - size / 2, y + down * CELL - size / 2, size, size, id=f"hands-{cook}",
                depth=depth + order, tween_duration=glide,
            )  # fmt: skip


env = Overcooked()
