"""Gymnasium's car on a surface of MUG's: actions by agent come in, plain values go out, and reset has no seed of its own."""

import math

from gymnasium.envs.classic_control.mountain_car import MountainCarEnv
from mug.rendering import Surface

SKY, GROUND = "#dcebf7", "darkgreen"


class MountainCarSurfaceEnv(MountainCarEnv):
    def __init__(self, render_mode="mug"):
        super().__init__(render_mode=None)
        self.drawn_as = render_mode
        self.surface = Surface(width=600, height=400)

    def reset(self):
        self.surface.reset()
        return super().reset()

    def step(self, actions):
        return super().step(actions["human"])

    def at(self, position):
        span = self.max_position - self.min_position
        return (position - self.min_position) / span, 1 - 0.75 * (math.sin(3 * position) * 0.45 + 0.55)

    def render(self):
        xs = [self.min_position + i * (self.max_position - self.min_position) / 60 for i in range(61)]
        points = [self.at(x) for x in xs]
        self.surface.line(id="ground", points=points, color=GROUND, fill_below=GROUND, persistent=True, relative=True)
        x, y = self.at(self.state[0])
        self.surface.circle(x=x, y=y, radius=0.03, color=(30, 30, 30), relative=True, depth=2)
        fx, fy = self.at(self.goal_position)
        self.surface.line(points=[(fx, fy), (fx, fy - 0.15)], relative=True, tween_duration=10)
        self.surface.polygon(points=[(fx, fy - 0.15), (fx + 0.05, fy - 0.13), (fx, fy - 0.11)], color="red", relative=True)
        return self.surface.commit()


env = MountainCarSurfaceEnv(render_mode="mug")
