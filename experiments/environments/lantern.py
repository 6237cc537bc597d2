"""Lantern: a small game in plain Python, with no package but the drawing surface.

An environment needs no base class: ``reset(seed=...)`` and ``step(action)`` as in Gymnasium, and ``render()``.

The rules use only ``+ - * /`` and ``math.sqrt``, which give the same bits in every browser and in native Python, so
a recorded game can be repeated anywhere exactly. (``sin`` and its kin may differ in the last bit; ``render`` may use
them, since nothing it computes flows back into the game.)
"""

import math
import random

from greenroom import Surface

WIDTH, HEIGHT = 600, 400
FPS = 30
STEPS = 35 * FPS
FLIES, GUSTS = 5, 2
CATCH = 26  # distance in pixels at which a firefly is caught
CHAIN = 2 * FPS  # a catch within this many steps of the last one is worth one point more
GUST_COST = 2
DIAGONAL = math.sqrt(0.5)

# By action: 0 stays, then clockwise from up.
DIRECTIONS = [
    (0, 0), (0, -1), (DIAGONAL, -DIAGONAL), (1, 0), (DIAGONAL, DIAGONAL), (0, 1), (-DIAGONAL, DIAGONAL), (-1, 0),
    (-DIAGONAL, -DIAGONAL),
]  # fmt: skip


def clamp(value, low, high):
    return min(max(value, low), high)


class Lantern:
    """Observation: lantern position and velocity, share of the time left, score, and the way to the nearest firefly
    and the nearest gust, in pixels. Reward: 1 or 3 for a firefly (one more in a chain), -2 for a gust as
    far as there are points to lose."""

    def __init__(self):
        self.surface = Surface(WIDTH, HEIGHT)

    # ------------------------------------------------------------------------------------------------ rules

    def reset(self, *, seed=None):
        self.random = random.Random(seed)
        self.t = 0
        self.score = 0
        self.x, self.y, self.vx, self.vy = WIDTH / 2, HEIGHT / 2, 0.0, 0.0
        self.last_catch = -CHAIN
        self.chilled = 0  # steps for which gusts cannot strike again
        self.serial = 0  # gives every firefly and gust a name of its own, for the drawing
        self.pops = []  # points that float up where they were won or lost
        self.flies = [self._new_fly(away_from_lantern=True) for _ in range(FLIES)]
        self.gusts = [self._new_gust(delay=FPS * (3 + 4 * i)) for i in range(GUSTS)]
        self.surface.reset()
        self._draw_night()
        return self._observation(), {}

    def _new_fly(self, away_from_lantern):
        self.serial += 1
        x, y = self.random.uniform(40, WIDTH - 40), self.random.uniform(50, HEIGHT - 70)
        while away_from_lantern and math.sqrt((x - self.x) ** 2 + (y - self.y) ** 2) < 140:
            x, y = self.random.uniform(40, WIDTH - 40), self.random.uniform(50, HEIGHT - 70)
        blue = self.random.random() < 0.22
        stay = self.random.randint(4 * FPS, 6 * FPS) if blue else STEPS
        return {"id": self.serial, "x": x, "y": y, "vx": 0.0, "vy": 0.0, "wx": 0.0, "wy": 0.0,
                "turn": 0, "blue": blue, "age": 0, "stay": stay}  # fmt: skip

    def _new_gust(self, delay):
        self.serial += 1
        side = self.random.choice((-1, 1))
        return {"id": self.serial, "x": WIDTH / 2 - side * (WIDTH / 2 + 70), "y": self.random.uniform(60, HEIGHT - 80),
                "v": side * self.random.uniform(2.6, 4.2), "delay": delay}  # fmt: skip

    def step(self, action):
        self.t += 1
        ax, ay = DIRECTIONS[action]
        self.vx = (self.vx + ax) * 0.86
        self.vy = (self.vy + ay) * 0.86
        self.x = clamp(self.x + self.vx, 20, WIDTH - 20)
        self.y = clamp(self.y + self.vy, 30, HEIGHT - 40)
        before = self.score
        self._move_flies()
        self._move_gusts()
        reward = self.score - before
        self.pops = [pop for pop in self.pops if self.t - pop["t"] < FPS]
        info = {"score": self.score, "in_chain": self.t - self.last_catch < CHAIN}
        return self._observation(), float(reward), False, self.t >= STEPS, info

    def _move_flies(self):
        for i, fly in enumerate(self.flies):
            fly["age"] += 1
            if fly["turn"] <= 0:  # wander: now and then a new direction
                fly["turn"] = self.random.randint(15, 45)
                speed = 1.7 if fly["blue"] else 1.1
                fly["wx"] = self.random.uniform(-speed, speed)
                fly["wy"] = self.random.uniform(-speed, speed)
            fly["turn"] -= 1
            dx, dy = fly["x"] - self.x, fly["y"] - self.y
            distance = math.sqrt(dx * dx + dy * dy) + 1e-9
            shy = 2.4 * max(0.0, 1 - distance / 110)
            fly["vx"] += 0.12 * (fly["wx"] + shy * dx / distance - fly["vx"])
            fly["vy"] += 0.12 * (fly["wy"] + shy * dy / distance - fly["vy"])
            fly["x"] = clamp(fly["x"] + fly["vx"], 24, WIDTH - 24)
            fly["y"] = clamp(fly["y"] + fly["vy"], 44, HEIGHT - 56)
            if distance < CATCH:
                points = (3 if fly["blue"] else 1) + (self.t - self.last_catch < CHAIN)
                self.last_catch = self.t
                self.pops.append({"x": fly["x"], "y": fly["y"], "t": self.t, "points": points})
                self.score += points
            if distance < CATCH or fly["age"] > fly["stay"]:
                self.flies[i] = self._new_fly(away_from_lantern=True)

    def _move_gusts(self):
        self.chilled = max(0, self.chilled - 1)
        for i, gust in enumerate(self.gusts):
            if gust["delay"] > 0:
                gust["delay"] -= 1
                continue
            gust["x"] += gust["v"]
            if not -80 < gust["x"] < WIDTH + 80:
                self.gusts[i] = self._new_gust(delay=self.random.randint(FPS // 2, 3 * FPS))
            elif self.chilled == 0 and abs(gust["x"] - self.x) < 46 and abs(gust["y"] - self.y) < 26:
                self.chilled = FPS
                self.vx += 2 * gust["v"]
                self.last_catch = self.t - CHAIN
                lost = min(GUST_COST, self.score)  # the score never falls below nothing
                self.pops.append({"x": self.x, "y": self.y - 20, "t": self.t, "points": -lost})
                self.score -= lost

    def _observation(self):
        def way_to_nearest(things):
            ways = [(thing["x"] - self.x, thing["y"] - self.y) for thing in things]
            return min(ways, key=lambda way: way[0] * way[0] + way[1] * way[1])

        left = 1 - self.t / STEPS
        fly, gust = way_to_nearest(self.flies), way_to_nearest(self.gusts)
        return [self.x, self.y, self.vx, self.vy, left, float(self.score), *fly, *gust]

    # ------------------------------------------------------------------------------------------------ state

    def get_state(self):
        """Everything that decides how the game goes on, as plain values."""
        version, words, gauss = self.random.getstate()
        names = ("t", "score", "x", "y", "vx", "vy", "last_catch", "chilled", "serial")
        return {
            **{name: getattr(self, name) for name in names},
            "pops": [dict(pop) for pop in self.pops],
            "flies": [dict(fly) for fly in self.flies],
            "gusts": [dict(gust) for gust in self.gusts],
            "random": [version, list(words), gauss],
        }

    def set_state(self, state):
        for name, value in state.items():
            if name == "random":
                version, words, gauss = value
                self.random = random.Random()
                self.random.setstate((version, tuple(words), gauss))
            elif name in ("pops", "flies", "gusts"):
                setattr(self, name, [dict(thing) for thing in value])
            else:
                setattr(self, name, value)

    # ------------------------------------------------------------------------------------------------ drawing

    def _draw_night(self):
        """The meadow at night. All of it is persistent: sent once a round, then only what moves is sent."""
        s = self.surface
        top, bottom, bands = (11, 16, 38), (58, 62, 110), 16
        for i in range(bands):
            share = i / (bands - 1)
            color = tuple(round(a + (b - a) * share) for a, b in zip(top, bottom))
            s.rect(id=f"sky{i}", x=0, y=i * 20, w=WIDTH, h=21, color=color, depth=-10, persistent=True)
        sprinkle = random.Random(7)  # the same stars every night
        for i in range(46):
            x, y, size = sprinkle.uniform(0, WIDTH), sprinkle.uniform(0, 210), sprinkle.uniform(0.6, 1.5)
            s.circle(
                id=f"star{i}", x=x, y=y, radius=size, color="white", alpha=sprinkle.uniform(0.3, 0.9), depth=-9,
                persistent=True,
            )  # fmt: skip
        for i, (radius, alpha) in enumerate(((62, 0.05), (44, 0.09), (28, 1.0))):
            s.circle(id=f"moon{i}", x=492, y=84, radius=radius, color="#f4efd8", alpha=alpha, depth=-8, persistent=True)
        s.circle(id="moon-dent", x=482, y=78, radius=6, color="#dcd5b8", depth=-7, persistent=True)
        s.circle(id="moon-dent2", x=500, y=92, radius=4, color="#dcd5b8", depth=-7, persistent=True)
        for name, base, height, length, color, depth in (
            ("far", 268, 26, 150, "#2b3263", -6),
            ("middle", 310, 20, 110, "#1f2a4d", -5),
            ("near", 350, 10, 75, "#14213a", -4),
        ):
            hill = [(x, base - height * math.sin(x / length + base)) for x in range(0, WIDTH + 1, 12)]
            s.line(id=f"hill-{name}", points=hill, color=color, fill_below=color, depth=depth, persistent=True)
        for i in range(60):
            x, height = i * 10 + sprinkle.uniform(0, 8), sprinkle.uniform(14, 34)
            lean = sprinkle.uniform(-6, 6)
            blade = [(x, HEIGHT), (x + lean, HEIGHT - height), (x + 5, HEIGHT)]
            s.polygon(id=f"grass{i}", points=blade, color="#0d1829", depth=9, persistent=True)

    def render(self):
        self._draw_gusts()
        for fly in self.flies:
            self._draw_fly(fly)
        self._draw_lantern()
        for pop in self.pops:
            age = (self.t - pop["t"]) / FPS
            self.surface.text(
                text=f"{pop['points']:+d}", x=pop["x"], y=pop["y"] - 12 - 34 * age, size=22, anchor=(0.5, 0.5),
                color="#ffe9a8" if pop["points"] > 0 else "#9fc3ff", alpha=1 - age, depth=12,
            )  # fmt: skip
        self._draw_status()
        return self.surface.commit()

    def _draw_fly(self, fly):
        s, name = self.surface, f"fly{fly['id']}"
        glow = 0.75 + 0.25 * math.sin(fly["id"] + fly["age"] * 0.22)
        if fly["blue"] and fly["stay"] - fly["age"] < FPS:  # about to leave
            glow *= (fly["stay"] - fly["age"]) / FPS
        glow *= min(1.0, fly["age"] / 12)
        halo, core = ("#7fd4ff", "#e6f8ff") if fly["blue"] else ("#ffd75e", "#fff6cf")
        for part, radius, color, alpha in (
            ("a", 20, halo, 0.13), ("b", 11, halo, 0.28), ("c", 4.5, core, 1.0),
        ):  # fmt: skip
            # The page draws more often than the game steps; a glide of one step's length makes the motion smooth.
            s.circle(
                id=name + part, x=fly["x"], y=fly["y"], radius=radius, color=color, alpha=max(0.0, alpha * glow),
                depth=5, tween_duration=33,
            )  # fmt: skip

    def _draw_gusts(self):
        for gust in self.gusts:
            if gust["delay"] > 0:
                continue
            ahead = 1 if gust["v"] > 0 else -1
            for i, (dy, length) in enumerate(((-14, 64), (0, 92), (14, 56))):
                phase = self.t * 0.25 + i
                front = gust["x"] + ahead * length / 2
                wave = [
                    (front - ahead * length * k / 8, gust["y"] + dy + 4 * math.sin(phase + k * 0.8)) for k in range(9)
                ]
                self.surface.line(points=wave, color="#bcd6ff", width=3, alpha=0.55, depth=6)

    def _draw_lantern(self):
        s, x, y = self.surface, self.x, self.y
        cold = self.chilled > 0
        flicker = 1 + 0.04 * math.sin(self.t * 0.5)
        reach = (54 + 2.2 * clamp(self.score, 0, 25)) * flicker * (0.6 if cold else 1)
        for i, (share, alpha) in enumerate(((1.0, 0.04), (0.82, 0.04), (0.64, 0.06), (0.47, 0.08), (0.3, 0.12))):
            s.circle(
                id=f"light{i}", x=x, y=y, radius=reach * share, color="#ffc46b", alpha=alpha, depth=4,
                tween_duration=33,
            )  # fmt: skip
        parts = {"depth": 8, "tween_duration": 33}
        s.arc(
            id="handle", x=x, y=y - 12, radius=8, start_angle=math.pi, end_angle=2 * math.pi, stroke_color="#c9b28a",
            stroke_width=2, **parts,
        )  # fmt: skip
        s.rect(id="lid", x=x - 9, y=y - 15, w=18, h=5, color="#8a6f45", border_radius=2, **parts)
        s.rect(
            id="glass", x=x - 8, y=y - 10, w=16, h=21, color="#ffe3a1", alpha=0.35, border_radius=4,
            stroke_color="#c9b28a", stroke_width=1.5, **parts,
        )  # fmt: skip
        s.rect(id="foot", x=x - 10, y=y + 11, w=20, h=5, color="#8a6f45", border_radius=2, **parts)
        s.ellipse(
            id="flame", x=x, y=y + 2, rx=3.2, ry=(3.5 if cold else 6.5) * flicker, depth=9,
            color="#a9c8ff" if cold else "#ffb347", tween_duration=33,
        )  # fmt: skip

    def _draw_status(self):
        s = self.surface
        left = clamp(1 - self.t / STEPS, 0, 1)
        s.rect(x=190, y=14, w=220, h=8, color="white", alpha=0.15, border_radius=4, depth=10)
        if left > 0.02:
            s.rect(
                x=190, y=14, w=220 * left, h=8, color="#ffd75e" if left > 0.2 else "#ff8f6b", border_radius=4, depth=11
            )  # fmt: skip
        # Persistent and equal most of the time, so it is sent only when the score changes.
        s.text(id="score", text=str(self.score), x=24, y=8, size=26, color="#ffe9a8", depth=11, persistent=True)
        if self.t - self.last_catch < CHAIN:
            share = 1 - (self.t - self.last_catch) / CHAIN
            s.arc(
                x=WIDTH - 30, y=22, radius=11, start_angle=-math.pi / 2, end_angle=-math.pi / 2 + 2 * math.pi * share,
                stroke_color="#ffd75e", stroke_width=4, depth=11,
            )  # fmt: skip
            s.text(text="chain", x=WIDTH - 48, y=14, size=14, color="#ffe9a8", anchor=(1, 0), depth=11)


env = Lantern()
