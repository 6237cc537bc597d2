"""Gymnasium's Mountain Car, drawn with shapes.

The physics are Gymnasium's own, unchanged; only ``render()`` is replaced, since the original needs pygame, which
browsers do not have. This is all it takes to bring an existing environment into a browser: make it, and let
``render()`` return a draw packet.
"""

import math

from gymnasium.envs.classic_control.mountain_car import MountainCarEnv

from greenroom import Surface

WIDTH, HEIGHT = 600, 400
FLATTEN = 0.8  # the hills are drawn a little lower than they are, so that the flag is on the picture


class MountainCar(MountainCarEnv):
    def __init__(self):
        super().__init__()
        self.surface = Surface(WIDTH, HEIGHT)

    def reset(self, *, seed=None, options=None):
        self.surface.reset()
        self._draw_landscape()
        return super().reset(seed=seed, options=options)

    def _to_screen(self, position, lift=0.0):
        """Pixels of a point ``lift`` pixels above the track, measured at a right angle to it."""
        scale = WIDTH / (self.max_position - self.min_position)
        slope = math.cos(3 * position) * 0.45 * 3 * FLATTEN  # of the track's height, sin(3 x) * 0.45 + 0.55
        length = math.hypot(1, slope)
        x = (position - self.min_position) * scale - lift * slope / length
        y = HEIGHT - 30 - (math.sin(3 * position) * 0.45 + 0.55) * scale * FLATTEN - lift / length
        return x, y

    def _draw_landscape(self):
        """What never moves is persistent: it crosses to the page once an episode, not thirty times a second."""
        s = self.surface
        s.rect(id="sky", x=0, y=0, w=WIDTH, h=HEIGHT, color="#dcebf7", depth=-3, persistent=True)
        s.circle(id="sun", x=505, y=70, radius=30, color="#ffd76a", depth=-2, persistent=True)
        span = self.max_position - self.min_position
        track = [self._to_screen(self.min_position + span * i / 100) for i in range(101)]
        s.line(
            id="track", points=track, color="#3e5c3a", width=4, fill_below="#7fa36b", depth=-1, persistent=True
        )  # fmt: skip
        x, y = self._to_screen(self.goal_position)
        s.line(id="pole", points=[(x, y), (x, y - 50)], color="#333333", width=3, persistent=True)
        s.polygon(
            id="flag", points=[(x, y - 50), (x + 27, y - 41), (x, y - 32)], color="#d64545", persistent=True
        )  # fmt: skip

    def render(self):
        position, velocity = (float(value) for value in self.state)
        s = self.surface
        ahead, behind = position + 0.045, position - 0.045
        for wheel, place in (("front", ahead), ("rear", behind)):
            x, y = self._to_screen(place, lift=8)
            s.circle(id=wheel, x=x, y=y, radius=8, color="#333333", depth=2, tween_duration=33)
        body = [
            self._to_screen(behind - 0.03, lift=10),
            self._to_screen(behind - 0.02, lift=24),
            self._to_screen(position, lift=34),
            self._to_screen(ahead + 0.015, lift=24),
            self._to_screen(ahead + 0.03, lift=10),
        ]
        s.polygon(points=body, color="#2f6fb3", stroke_color="#1d4a7a", stroke_width=2, depth=1)
        # A bar for the speed: what a participant needs to feel is that momentum is what climbs the hill.
        s.rect(x=20, y=20, w=140, h=12, color="#ffffff", border_radius=6, depth=3)
        share = abs(velocity) / self.max_speed
        s.rect(x=20, y=20, w=max(12, 140 * share), h=12, color="#2f6fb3", border_radius=6, depth=4)
        s.text(text="speed", x=168, y=18, size=14, color="#444444", depth=3)
        return s.commit()


env = MountainCar()


def hud_text(env):
    """Shown above the game."""
    return "Reach the flag"
