"""Volley: two players on a beach, one ball, and a net between them. Plain Python, no package but the drawing surface.

For a game that several browsers compute alike, an environment offers three things beyond Gymnasium's:

``get_state()`` and ``set_state(state)``
    everything that decides how the game goes on, as plain values: the game is put back a few frames whenever a guess
    about the other player was wrong, and sent to a player who comes back.
``advance(actions)``
    a step without observations, for the frames that are played again.

The rules use only ``+ - * /`` and ``math.sqrt``, which give the same bits in every browser and in native Python.
"""

import math
import random

from greenroom import Surface

FPS = 30
STEPS = 40 * FPS
WIDTH, HEIGHT = 640, 360
FLOOR = 304
NET_X, NET_TOP, NET_HALF = WIDTH / 2, 214, 4
BODY, BALL = 34, 14  # radii: a player is half a disc on the sand
GRAVITY = 0.42  # of the ball, per frame
RUN, JUMP, FALL = 6.2, 10.6, 0.72
SPEED_LIMIT = 12.5
PAUSE = FPS  # frames between a point and the next serve

AGENTS = ("left", "right")
STAY, LEFT, RIGHT, UP, UP_LEFT, UP_RIGHT = range(6)
# By action: direction along the sand, and whether to jump.
MOVES = [(0, False), (-1, False), (1, False), (0, True), (-1, True), (1, True)]

HOME = {"left": WIDTH * 0.25, "right": WIDTH * 0.75}
COLORS = {"left": ("#e4572e", "#b23c1a"), "right": ("#2e86ab", "#1d5f7c")}


def clamp(value, low, high):
    return min(max(value, low), high)


class Discrete:
    """The actions as numbers from 0 on, like Gymnasium's space of this name, which would be one more package to load. A
    network that plays gives its logits in this order."""

    start, n = 0, len(MOVES)

    def contains(self, action):
        return action in range(self.n)


class Volley:
    """Observation of each agent: its own place and speed, the other's, the ball's, all seen from its own side of the
    net (forward is positive), and the frames until the serve. Reward: 1 for a point won, -1 for one lost."""

    agents = possible_agents = list(AGENTS)

    def __init__(self):
        self.surface = Surface(WIDTH, HEIGHT)

    # ------------------------------------------------------------------------------------------------ rules

    def action_space(self, agent):
        return Discrete()

    def reset(self, *, seed=None):
        self.random = random.Random(seed)
        self.t = 0
        self.points = {agent: 0 for agent in AGENTS}
        self.last_point = None
        self.touches = 0  # of the rally
        self.longest = 0
        self._serve(self.random.choice(AGENTS))
        self.surface.reset()
        self._draw_beach()
        return self._observations(), {agent: {} for agent in AGENTS}

    def _serve(self, side):
        """The ball drops above one player, who has had time to get there."""
        self.players = {agent: {"x": HOME[agent], "y": FLOOR, "vx": 0.0, "vy": 0.0} for agent in AGENTS}
        away = self.random.uniform(-26, 26)
        self.ball = {"x": HOME[side] + away, "y": 96.0, "vx": 0.0, "vy": 0.0, "turn": 0.0}
        self.pause = PAUSE
        self.touches = 0

    def step(self, actions):
        rewards, terminateds, truncateds, infos = self.advance(actions)
        return self._observations(), rewards, terminateds, truncateds, infos

    def advance(self, actions):
        """A step without observations; what ``step`` returns but for those."""
        self.t += 1
        for agent in AGENTS:
            self._move_player(agent, *MOVES[actions[agent]])
        rewards = {agent: 0.0 for agent in AGENTS}
        if self.pause > 0:
            self.pause -= 1
        else:
            loser = self._move_ball()
            if loser is not None:
                winner = "right" if loser == "left" else "left"
                self.points[winner] += 1
                rewards[winner], rewards[loser] = 1.0, -1.0
                self.last_point = winner
                self._serve(winner)
        over = self.t >= STEPS
        infos = {agent: {"points": self.points[agent], "touches": self.touches} for agent in AGENTS}
        return rewards, {agent: False for agent in AGENTS}, {agent: over for agent in AGENTS}, infos

    def _move_player(self, agent, direction, jump):
        p = self.players[agent]
        p["vx"] = direction * RUN
        if p["y"] >= FLOOR and jump:
            p["vy"] = -JUMP
        p["vy"] += FALL
        p["y"] += p["vy"]
        if p["y"] >= FLOOR:
            p["y"], p["vy"] = FLOOR, 0.0
        low, high = (BODY, NET_X - NET_HALF - BODY) if agent == "left" else (NET_X + NET_HALF + BODY, WIDTH - BODY)
        p["x"] = clamp(p["x"] + p["vx"], low, high)

    def _move_ball(self):
        """Two half steps, so that a fast ball does not pass through anything. Returns who lost the point, or None."""
        ball = self.ball
        ball["vy"] += GRAVITY
        for _ in range(2):
            ball["x"] += ball["vx"] / 2
            ball["y"] += ball["vy"] / 2
            self._bounce_off_walls()
            self._bounce_off_net()
            for agent in AGENTS:
                self._bounce_off_player(agent)
        ball["turn"] += 2.2 * ball["vx"]
        if ball["y"] > FLOOR - BALL:
            return "left" if ball["x"] < NET_X else "right"
        return None

    def _bounce_off_walls(self):
        ball = self.ball
        if ball["x"] < BALL and ball["vx"] < 0 or ball["x"] > WIDTH - BALL and ball["vx"] > 0:
            ball["vx"] *= -0.9
        ball["x"] = clamp(ball["x"], BALL, WIDTH - BALL)
        if ball["y"] < BALL and ball["vy"] < 0:
            ball["y"], ball["vy"] = BALL, -0.9 * ball["vy"]

    def _bounce_off_net(self):
        ball = self.ball
        # The nearest point of the net decides which way the ball is turned.
        x, y = clamp(ball["x"], NET_X - NET_HALF, NET_X + NET_HALF), max(ball["y"], NET_TOP)
        self._push_away(x, y, BALL, 0.0, 0.0, 0.85)

    def _bounce_off_player(self, agent):
        p = self.players[agent]
        if self.ball["y"] > p["y"] + 6:  # beside the flat side below
            return
        if self._push_away(p["x"], p["y"], BALL + BODY, p["vx"], p["vy"], 1.0):
            self.touches += 1
            self.longest = max(self.longest, self.touches)
            # A touch always lifts: a rally should be long, and nobody should be stuck with a rolling ball.
            self.ball["vy"] = min(self.ball["vy"], -6.5)

    def _push_away(self, x, y, distance, vx, vy, keep):
        """Bounce off a round thing at (x, y) that moves with (vx, vy), if the ball is nearer than ``distance``."""
        ball = self.ball
        dx, dy = ball["x"] - x, ball["y"] - y
        gap = math.sqrt(dx * dx + dy * dy)
        if gap >= distance or gap == 0:
            return False
        nx, ny = dx / gap, dy / gap
        ball["x"], ball["y"] = x + nx * distance, y + ny * distance
        into = (ball["vx"] - vx) * nx + (ball["vy"] - vy) * ny
        if into >= 0:
            return False
        ball["vx"] -= (1 + keep) * into * nx
        ball["vy"] -= (1 + keep) * into * ny
        speed = math.sqrt(ball["vx"] * ball["vx"] + ball["vy"] * ball["vy"])
        if speed > SPEED_LIMIT:
            ball["vx"] *= SPEED_LIMIT / speed
            ball["vy"] *= SPEED_LIMIT / speed
        return True

    def _observations(self):
        return {agent: self._observation(agent) for agent in AGENTS}

    def _observation(self, agent):
        ahead = 1 if agent == "left" else -1
        things = [self.players[agent], self.players["right" if agent == "left" else "left"], self.ball]
        seen = []
        for thing in things:
            seen += [ahead * (thing["x"] - NET_X), FLOOR - thing["y"], ahead * thing["vx"], -thing["vy"]]
        return [*seen, float(self.pause)]

    # ------------------------------------------------------------------------------------------------ state

    def get_state(self):
        version, words, gauss = self.random.getstate()
        return {
            "t": self.t,
            "points": dict(self.points),
            "last_point": self.last_point,
            "touches": self.touches,
            "longest": self.longest,
            "pause": self.pause,
            "players": {agent: dict(player) for agent, player in self.players.items()},
            "ball": dict(self.ball),
            "random": [version, list(words), gauss],
        }

    def set_state(self, state):
        for name in ("t", "last_point", "touches", "longest", "pause"):
            setattr(self, name, state[name])
        self.points = dict(state["points"])
        self.players = {agent: dict(player) for agent, player in state["players"].items()}
        self.ball = dict(state["ball"])
        version, words, gauss = state["random"]
        self.random.setstate((version, tuple(words), gauss))

    # ------------------------------------------------------------------------------------------------ drawing

    def _draw_beach(self):
        """What does not move is persistent: it is sent once."""
        s = self.surface
        top, bottom, bands = (250, 176, 120), (255, 226, 178), 12
        for i in range(bands):
            share = i / (bands - 1)
            color = tuple(round(a + (b - a) * share) for a, b in zip(top, bottom))
            s.rect(id=f"sky{i}", x=0, y=i * 20, w=WIDTH, h=21, color=color, depth=-10, persistent=True)
        for i, (radius, alpha) in enumerate(((74, 0.15), (58, 0.25), (42, 1.0))):
            s.circle(
                id=f"sun{i}", x=150, y=196, radius=radius, color="#fff3d0", alpha=alpha, depth=-9, persistent=True
            )
        s.rect(id="sea", x=0, y=214, w=WIDTH, h=60, color="#3c8fa8", depth=-8, persistent=True)
        for i in range(9):
            x, y = 24 + i * 72, 222 + (i * 37) % 30
            s.line(id=f"wave{i}", points=[(x, y), (x + 34, y)], color="#9fd3dd", width=2, depth=-7, persistent=True)
        s.polygon(
            id="sail", points=[(500, 218), (500, 176), (526, 210)], color="#fdfaf3", depth=-7, persistent=True
        )
        s.polygon(
            id="hull", points=[(486, 218), (532, 218), (522, 228), (494, 228)], color="#7a4b2a", depth=-7,
            persistent=True,
        )  # fmt: skip
        s.rect(id="sand", x=0, y=264, w=WIDTH, h=HEIGHT - 264, color="#efd08f", depth=-6, persistent=True)
        s.rect(id="court", x=0, y=FLOOR, w=WIDTH, h=6, color="#dbb56c", depth=-5, persistent=True)
        sprinkle = random.Random(3)
        for i in range(40):
            s.circle(
                id=f"grain{i}", x=sprinkle.uniform(0, WIDTH), y=sprinkle.uniform(314, HEIGHT), color="#d3a95c",
                radius=sprinkle.uniform(0.8, 2.2), depth=-5, persistent=True,
            )  # fmt: skip
        s.rect(
            id="net", x=NET_X - NET_HALF, y=NET_TOP, w=2 * NET_HALF, h=FLOOR - NET_TOP + 4, color="#fdfaf3",
            border_radius=4, stroke_color="#b9a27a", stroke_width=1, depth=3, persistent=True,
        )  # fmt: skip

    def render(self):
        self._draw_shadows()
        for agent in AGENTS:
            self._draw_player(agent)
        self._draw_ball()
        self._draw_status()
        return self.surface.commit()

    def _draw_shadows(self):
        for name, thing, width in (
            ("left", self.players["left"], BODY), ("right", self.players["right"], BODY), ("ball", self.ball, BALL),
        ):  # fmt: skip
            near = clamp(1 - (FLOOR - thing["y"]) / 320, 0.2, 1.0)
            self.surface.ellipse(
                id=f"shadow-{name}", x=thing["x"], y=FLOOR + 3, rx=width * (0.6 + 0.4 * near), ry=4, color="#8a6a35",
                alpha=0.35 * near, depth=0, tween_duration=33,
            )  # fmt: skip

    def _draw_player(self, agent):
        s, p = self.surface, self.players[agent]
        fill, edge = COLORS[agent]
        # The page draws more often than the game steps; a glide of one step's length makes the motion smooth.
        s.arc(
            id=f"body-{agent}", x=p["x"], y=p["y"], radius=BODY, start_angle=math.pi, end_angle=2 * math.pi, color=fill,
            stroke_color=edge, stroke_width=2, depth=1, tween_duration=33,
        )  # fmt: skip
        ahead = 1 if agent == "left" else -1
        eye_x, eye_y = p["x"] + ahead * 13, p["y"] - 17
        s.circle(id=f"eye-{agent}", x=eye_x, y=eye_y, radius=7, color="white", depth=2, tween_duration=33)
        dx, dy = self.ball["x"] - eye_x, self.ball["y"] - eye_y
        gap = math.sqrt(dx * dx + dy * dy) + 1e-9
        s.circle(
            id=f"pupil-{agent}", x=eye_x + 3.2 * dx / gap, y=eye_y + 3.2 * dy / gap, radius=3.2, color="#1c1c28",
            depth=2.5, tween_duration=33,
        )  # fmt: skip

    def _draw_ball(self):
        s, ball = self.surface, self.ball
        s.circle(
            id="ball", x=ball["x"], y=ball["y"], radius=BALL, color="#fffdf5", stroke_color="#c9a13b", stroke_width=2,
            depth=4, tween_duration=33,
        )  # fmt: skip
        angle = math.radians(ball["turn"])
        for i in range(3):
            at = angle + i * 2 * math.pi / 3
            s.circle(
                id=f"patch{i}", x=ball["x"] + 7 * math.cos(at), y=ball["y"] + 7 * math.sin(at), radius=3.4,
                color="#f2b632", depth=5, tween_duration=33,
            )  # fmt: skip

    def _draw_status(self):
        s = self.surface
        for agent, x in (("left", WIDTH / 2 - 60), ("right", WIDTH / 2 + 60)):
            s.text(
                id=f"points-{agent}", text=str(self.points[agent]), x=x, y=34, size=38, color=COLORS[agent][1],
                anchor=(0.5, 0.5), depth=6, persistent=True,
            )  # fmt: skip
        seconds = (STEPS - self.t + FPS - 1) // FPS
        s.text(
            id="clock", text=f"{seconds} s", x=WIDTH / 2, y=34, size=17, color="#7a4b2a", anchor=(0.5, 0.5), depth=6,
            persistent=True,
        )  # fmt: skip
        if self.touches >= 3:
            s.text(
                text=f"{self.touches} touches", x=WIDTH / 2, y=64, size=15, color="#7a4b2a", anchor=(0.5, 0.5), depth=6
            )
        if self.pause > PAUSE // 2 and self.last_point is not None:
            s.text(
                text=f"Point for {self.last_point}", x=WIDTH / 2, y=120, size=26, color=COLORS[self.last_point][1],
                anchor=(0.5, 0.5), depth=6,
            )  # fmt: skip


env = Volley()
