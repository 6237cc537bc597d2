"""Orchard: up to four players gather apples in a garden of hedges. Plain Python, no package but the drawing surface.

A commons: an apple grows back the sooner the more apples there are around it. Who takes everything within reach
leaves little for later, for anybody.

Set ``PLAYERS`` to 2, 3 or 4; the scene's ``policy_mapping`` names the first so many of ``AGENTS``.
"""

import math
import random

from greenroom import Surface

PLAYERS = 4
FPS = 8
STEPS = 60 * FPS
CELL = 40
AGENTS = ("red", "blue", "green", "yellow")[:PLAYERS]
COLORS = {
    "red": ("#d7483f", "#8f2720"), "blue": ("#3f7fd7", "#234f8f"), "green": ("#4fae55", "#2b6e30"),
    "yellow": ("#e6b933", "#96751a"),
}  # fmt: skip

# '#' hedge, 'o' a tree's place, digits where the players begin.
GARDEN = [
    "###############",
    "#0....ooo....1#",
    "#..o..ooo..o..#",
    "#.ooo..o..ooo.#",
    "#..o..#.#..o..#",
    "#.....o.o.....#",
    "#..o..#.#..o..#",
    "#.ooo..o..ooo.#",
    "#..o..ooo..o..#",
    "#2....ooo....3#",
    "###############",
]
ROWS, COLUMNS = len(GARDEN), len(GARDEN[0])
WIDTH, HEIGHT = COLUMNS * CELL, ROWS * CELL + 40
TREES = [(row, column) for row in range(ROWS) for column in range(COLUMNS) if GARDEN[row][column] == "o"]
WALLS = {(row, column) for row in range(ROWS) for column in range(COLUMNS) if GARDEN[row][column] == "#"}
AROUND = {
    tree: [other for other in TREES if other != tree and abs(other[0] - tree[0]) + abs(other[1] - tree[1]) <= 2]
    for tree in TREES
}
REGROWTH = (0.002, 0.006, 0.015, 0.035)  # chance per step with 0, 1, 2, and 3 or more apples around

STAY, UP, DOWN, LEFT, RIGHT = range(5)
MOVES = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]


class Orchard:
    """Observation of each agent: rows and columns of itself and of the others, and one number per tree's place, 1 where
    an apple hangs. Reward: 1 for an apple."""

    agents = possible_agents = list(AGENTS)

    def __init__(self):
        self.surface = Surface(WIDTH, HEIGHT)

    # ------------------------------------------------------------------------------------------------ rules

    def reset(self, *, seed=None):
        self.random = random.Random(seed)
        self.t = 0
        homes = {GARDEN[row][column]: (row, column) for row in range(ROWS) for column in range(COLUMNS)}
        self.places = {agent: homes[str(i)] for i, agent in enumerate(AGENTS)}
        self.facing = {agent: RIGHT if i % 2 == 0 else LEFT for i, agent in enumerate(AGENTS)}
        self.apples = set(TREES)
        self.gathered = {agent: 0 for agent in AGENTS}
        self.surface.reset()
        self.drawn = set()
        self._draw_garden()
        return self._observations(), {agent: {} for agent in AGENTS}

    def step(self, actions):
        rewards, terminateds, truncateds, infos = self.advance(actions)
        return self._observations(), rewards, terminateds, truncateds, infos

    def advance(self, actions):
        """A step without observations; what ``step`` returns but for those."""
        self.t += 1
        rewards = {agent: 0.0 for agent in AGENTS}
        # Two who want the same cell: chance decides, and nobody has the advantage of an early name.
        for agent in self.random.sample(AGENTS, len(AGENTS)):
            self._move(agent, actions[agent])
            if self.places[agent] in self.apples:
                self.apples.remove(self.places[agent])
                self.gathered[agent] += 1
                rewards[agent] = 1.0
        self._grow()
        over = self.t >= STEPS
        infos = {agent: {"gathered": self.gathered[agent], "apples": len(self.apples)} for agent in AGENTS}
        return rewards, {agent: False for agent in AGENTS}, {agent: over for agent in AGENTS}, infos

    def _move(self, agent, action):
        if action == STAY:
            return
        self.facing[agent] = action
        row, column = self.places[agent]
        to = (row + MOVES[action][0], column + MOVES[action][1])
        if to not in WALLS and to not in self.places.values():
            self.places[agent] = to

    def _grow(self):
        taken = set(self.places.values())
        before = frozenset(self.apples)
        for tree in TREES:  # a list, not a set: every copy of the game must go through it in one order
            if tree in before:
                continue
            near = sum(other in before for other in AROUND[tree])
            if self.random.random() < REGROWTH[min(near, len(REGROWTH) - 1)] and tree not in taken:
                self.apples.add(tree)

    def _observations(self):
        trees = [1 if tree in self.apples else 0 for tree in TREES]
        seen = {}
        for agent in AGENTS:
            others = [self.places[other] for other in AGENTS if other != agent]
            seen[agent] = [number for place in (self.places[agent], *others) for number in place] + trees
        return seen

    # ------------------------------------------------------------------------------------------------ state

    def get_state(self):
        """Everything that decides how the game goes on, as plain values."""
        version, words, gauss = self.random.getstate()
        return {
            "t": self.t,
            "places": {agent: list(place) for agent, place in self.places.items()},
            "facing": dict(self.facing),
            "apples": [list(tree) for tree in TREES if tree in self.apples],
            "gathered": dict(self.gathered),
            "random": [version, list(words), gauss],
        }

    def set_state(self, state):
        self.t = state["t"]
        self.places = {agent: tuple(place) for agent, place in state["places"].items()}
        self.facing = dict(state["facing"])
        self.apples = {tuple(tree) for tree in state["apples"]}
        self.gathered = dict(state["gathered"])
        version, words, gauss = state["random"]
        self.random.setstate((version, tuple(words), gauss))

    # ------------------------------------------------------------------------------------------------ drawing

    def _draw_garden(self):
        """What does not move is persistent: it is sent once."""
        s = self.surface
        s.rect(id="grass", x=0, y=0, w=WIDTH, h=HEIGHT, color="#8cbf6a", depth=-10, persistent=True)
        for row in range(ROWS):
            for column in range(COLUMNS):
                x, y, cell = column * CELL, row * CELL, (row, column)
                if cell in WALLS:
                    s.rect(
                        id=f"hedge{row},{column}", x=x + 1, y=y + 1, w=CELL - 2, h=CELL - 2, color="#3f7038",
                        border_radius=9, stroke_color="#2f552a", stroke_width=2, depth=-8, persistent=True,
                    )  # fmt: skip
                elif (row + column) % 2:
                    s.rect(
                        id=f"tile{row},{column}", x=x, y=y, w=CELL, h=CELL, color="#95c774", depth=-9, persistent=True
                    )
                if cell in AROUND:
                    s.circle(
                        id=f"soil{row},{column}", x=x + CELL / 2, y=y + CELL / 2, radius=15, color="#6fa04f", depth=-7,
                        persistent=True,
                    )  # fmt: skip
        s.rect(id="board", x=0, y=ROWS * CELL, w=WIDTH, h=40, color="#2f3b2b", depth=-6, persistent=True)

    def render(self):
        s = self.surface
        for tree in TREES:
            self._draw_tree(tree)
        for i, agent in enumerate(AGENTS):
            self._draw_player(agent)
            x = (i + 0.5) * WIDTH / len(AGENTS)
            s.circle(
                id=f"badge-{agent}", x=x - 24, y=HEIGHT - 20, radius=10, color=COLORS[agent][0], depth=3,
                persistent=True,
            )  # fmt: skip
            s.text(
                id=f"count-{agent}", text=str(self.gathered[agent]), x=x - 6, y=HEIGHT - 20, size=20, color="#f3f0e2",
                anchor=(0, 0.5), depth=3, persistent=True,
            )  # fmt: skip
        s.text(
            id="clock", text=f"{(STEPS - self.t + FPS - 1) // FPS} s", x=WIDTH - 8, y=10, size=15, color="#e9f2df",
            anchor=(1, 0), depth=3, persistent=True,
        )  # fmt: skip
        return s.commit()

    def _draw_tree(self, tree):
        """An apple is sent when it grows and when it is taken. What is drawn is no part of the state, which may go back
        a few frames at any time: it is compared anew each time."""
        s, name = self.surface, f"{tree[0]},{tree[1]}"
        if tree in self.apples and tree not in self.drawn:
            x, y = (tree[1] + 0.5) * CELL, (tree[0] + 0.5) * CELL
            s.circle(
                id=f"apple{name}", x=x, y=y + 2, radius=9, color="#c8342b", stroke_color="#8f1f18", stroke_width=1.5,
                depth=1, persistent=True,
            )  # fmt: skip
            s.ellipse(id=f"leaf{name}", x=x + 4, y=y - 9, rx=5, ry=2.6, color="#3f7a30", depth=1, persistent=True)
            s.circle(
                id=f"shine{name}", x=x - 3, y=y - 1, radius=2.2, color="white", alpha=0.5, depth=1.1, persistent=True
            )
            self.drawn.add(tree)
        elif tree in self.drawn and tree not in self.apples:
            for part in ("apple", "leaf", "shine"):
                s.remove(part + name)
            self.drawn.remove(tree)

    def _draw_player(self, agent):
        s = self.surface
        row, column = self.places[agent]
        x, y = (column + 0.5) * CELL, (row + 0.5) * CELL
        fill, edge = COLORS[agent]
        glide = 1000 / FPS  # the page draws more often than the game steps
        s.ellipse(
            id=f"shadow-{agent}", x=x, y=y + 14, rx=13, ry=4, color="black", alpha=0.25, depth=1.5, tween_duration=glide
        )
        s.circle(
            id=f"body-{agent}", x=x, y=y, radius=15, color=fill, stroke_color=edge, stroke_width=2.5, depth=2,
            tween_duration=glide,
        )  # fmt: skip
        down, across = MOVES[self.facing[agent]]
        for side in (-1, 1):
            ex, ey = x + 5 * across + 5 * side * abs(down or 0.6), y + 5 * down - 2 + 4 * side * abs(across) * 0.4
            s.circle(
                id=f"eye{side}-{agent}", x=ex, y=ey, radius=4, color="white", depth=2.5, tween_duration=glide
            )
            s.circle(
                id=f"pupil{side}-{agent}", x=ex + 1.5 * across, y=ey + 1.5 * down, radius=2, color="#1c1c28", depth=2.6,
                tween_duration=glide,
            )  # fmt: skip
        # A basket that fills, so that a glance tells who is ahead.
        share = min(1.0, self.gathered[agent] / 40)
        s.arc(
            id=f"basket-{agent}", x=x, y=y, radius=18, start_angle=-math.pi / 2,
            end_angle=-math.pi / 2 + 2 * math.pi * max(0.02, share), stroke_color="#fff6d5", stroke_width=2.5,
            depth=2.2, tween_duration=glide,
        )  # fmt: skip


env = Orchard()
