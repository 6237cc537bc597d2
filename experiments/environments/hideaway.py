"""Hideaway: one gathers acorns in a dark wood, the other looks for them. Nobody is sent what is out of their sight.

The environment draws a picture for each player: ``render(self, agent_id)``. It runs on the service, and a player's
browser gets that player's pictures and nothing else, so what is not in them cannot be found with any tool:

- trees, and the other player, only within ``SIGHT`` places;
- acorns only for the hider;
- what the hider has gathered, again only for the hider.

Plain Python, no package but the drawing surface.
"""

import random

from greenroom import Surface

FPS = 6
STEPS = 60 * FPS
SIGHT = 3  # places in each direction
CELL = 64
WIDTH = HEIGHT = (2 * SIGHT + 1) * CELL
ACORNS = 14
CAUGHT = 5.0  # points

HIDER, SEEKER = AGENTS = ("hider", "seeker")
STAY, UP, DOWN, LEFT, RIGHT = range(5)
STEP = {STAY: (0, 0), UP: (-1, 0), DOWN: (1, 0), LEFT: (0, -1), RIGHT: (0, 1)}
COLORS = {HIDER: ("#d98e4a", "#8a4f1d"), SEEKER: ("#7fb2e5", "#2c5f94")}

# '#' tree, '.' a way.
WOOD = [
    "#####################",
    "#....#.......#......#",
    "#.##.#.###.#.#.##.#.#",
    "#.#......#.#....#.#.#",
    "#.#.##.#.#.###.##.#.#",
    "#....#.#.....#......#",
    "####.#.###.#.#.##.###",
    "#......#...#....#...#",
    "#.##.#...#.####.#.#.#",
    "#....#.#.#......#.#.#",
    "#.##.###.#.####.#.#.#",
    "#......#...#......#.#",
    "#####################",
]
FREE = [(row, column) for row, line in enumerate(WOOD) for column, place in enumerate(line) if place == "."]


class Hideaway:
    """Observation of each agent: its place, and the other's if it is in sight, else -1. Reward: the hider gets 1 for an
    acorn and loses 5 when found; the seeker gets 5 for finding."""

    agents = possible_agents = list(AGENTS)

    def __init__(self):
        # What a surface sends depends on what it has sent before, so each player has one.
        self.surfaces = {agent: Surface(WIDTH, HEIGHT) for agent in AGENTS}

    # ------------------------------------------------------------------------------------------------ rules

    def reset(self, *, seed=None):
        self.random = random.Random(seed)
        self.t = self.gathered = self.found = 0
        self.places = dict(zip(AGENTS, self._apart()))
        self.acorns = sorted(self.random.sample(FREE, ACORNS))
        for surface in self.surfaces.values():
            surface.reset()
        return self._observations(), {agent: {} for agent in AGENTS}

    def _apart(self):
        """Two places that do not see each other."""
        while True:
            one, other = self.random.sample(FREE, 2)
            if not near(one, other, 2 * SIGHT):
                return one, other

    def step(self, actions):
        self.t += 1
        rewards = dict.fromkeys(AGENTS, 0.0)
        before = dict(self.places)
        for agent in AGENTS:
            row, column = self.places[agent]
            down, right = STEP[actions[agent]]
            if WOOD[row + down][column + right] == ".":
                self.places[agent] = (row + down, column + right)
        swapped = all(self.places[one] == before[other] for one, other in ((HIDER, SEEKER), (SEEKER, HIDER)))
        if swapped or self.places[HIDER] == self.places[SEEKER]:
            self.found += 1
            rewards = {HIDER: -CAUGHT, SEEKER: CAUGHT}
            self.places = dict(zip(AGENTS, self._apart()))
        elif self.places[HIDER] in self.acorns:
            self.gathered += 1
            rewards[HIDER] = 1.0
            self.acorns.remove(self.places[HIDER])
            fresh = [place for place in FREE if place not in self.acorns and not near(place, self.places[HIDER], SIGHT)]
            self.acorns = sorted([*self.acorns, self.random.choice(fresh)])
        over = self.t >= STEPS
        seen = near(*self.places.values(), SIGHT)
        infos = {
            agent: {
                "row": self.places[agent][0], "column": self.places[agent][1], "in_sight": seen,
                "found": self.found, "gathered": self.gathered,
            }
            for agent in AGENTS
        }  # fmt: skip
        no = dict.fromkeys(AGENTS, False)
        return self._observations(), rewards, no, dict.fromkeys(AGENTS, over), infos

    def _observations(self):
        seen = near(*self.places.values(), SIGHT)
        return {
            agent: [*self.places[agent], *(self.places[other(agent)] if seen else (-1, -1))] for agent in AGENTS
        }  # fmt: skip

    # ------------------------------------------------------------------------------------------------ state

    def get_state(self):
        version, words, gauss = self.random.getstate()
        return {
            "t": self.t,
            "gathered": self.gathered,
            "found": self.found,
            "places": {agent: list(place) for agent, place in self.places.items()},
            "acorns": [list(place) for place in self.acorns],
            "random": [version, list(words), gauss],
        }

    def set_state(self, state):
        self.t, self.gathered, self.found = state["t"], state["gathered"], state["found"]
        self.places = {agent: tuple(state["places"][agent]) for agent in AGENTS}
        self.acorns = [tuple(place) for place in state["acorns"]]
        version, words, gauss = state["random"]
        self.random.setstate((version, tuple(words), gauss))

    # ------------------------------------------------------------------------------------------------ drawing

    def render(self, agent_id):
        """What this player sees, with the player in the middle. Only what is drawn here leaves the service."""
        s, middle = self.surfaces[agent_id], self.places[agent_id]
        # A wood that glides by: what has the same id is the same thing at another place.
        glide = {"tween_duration": 1000 // FPS}
        s.rect(id="ground", x=0, y=0, w=WIDTH, h=HEIGHT, color="#1d2b20", depth=-2, persistent=True)
        for row in range(middle[0] - SIGHT, middle[0] + SIGHT + 1):
            for column in range(middle[1] - SIGHT, middle[1] + SIGHT + 1):
                x, y = at((row, column), middle)
                inside = 0 <= row < len(WOOD) and 0 <= column < len(WOOD[0])
                if not inside or WOOD[row][column] == "#":
                    s.circle(id=f"tree{row},{column}", x=x, y=y, radius=30, color="#35573a", depth=1, **glide)
                elif agent_id == HIDER and (row, column) in self.acorns:
                    s.ellipse(id=f"acorn{row},{column}", x=x, y=y, rx=9, ry=12, color="#c99a5b", depth=0, **glide)
        for agent in AGENTS:
            if agent == agent_id or near(self.places[agent], middle, SIGHT):
                x, y = at(self.places[agent], middle)
                fill, edge = COLORS[agent]
                s.circle(
                    id=f"body-{agent}", x=x, y=y, radius=22, color=fill, stroke_color=edge, stroke_width=4, depth=2,
                    **glide,
                )  # fmt: skip
        self._draw_status(s, agent_id)
        return s.commit()

    def _draw_status(self, s, agent):
        seconds = (STEPS - self.t + FPS - 1) // FPS
        told = f"found {self.found}" if agent == SEEKER else f"acorns {self.gathered}   found {self.found}"
        s.rect(id="bar", x=0, y=0, w=WIDTH, h=34, color="#101812", alpha=0.8, depth=5, persistent=True)
        s.text(id="told", text=told, x=12, y=7, size=18, color="#e8dcc0", depth=6, persistent=True)
        s.text(
            id="clock", text=f"{seconds} s", x=WIDTH - 12, y=7, size=18, color="#e8dcc0", anchor=(1, 0), depth=6,
            persistent=True,
        )  # fmt: skip


def other(agent):
    return HIDER if agent == SEEKER else SEEKER


def near(one, other, distance):
    """Whether two places are no further apart than this, in either direction."""
    return abs(one[0] - other[0]) <= distance and abs(one[1] - other[1]) <= distance


def at(place, middle):
    """Where a place is drawn in the picture of whoever stands in the middle."""
    return (place[1] - middle[1] + SIGHT + 0.5) * CELL, (place[0] - middle[0] + SIGHT + 0.5) * CELL


env = Hideaway()
