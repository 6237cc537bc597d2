"""The game: an environment with reset, step and render. It runs in the participant's browser."""

import random

from greenroom import Surface

WIDTH, HEIGHT = 600, 400
SPEED = 7
REACH = 30
# By action: stay, up, right, down, left.
MOVES = [(0, 0), (0, -SPEED), (SPEED, 0), (0, SPEED), (-SPEED, 0)]


class Stars:
    def __init__(self):
        self.surface = Surface(WIDTH, HEIGHT)
        self.surface.register_image("star", "star.png")

    def reset(self, *, seed=None):
        # All chance comes from the seed, so that a recorded game can be played again.
        self.random = random.Random(seed)
        self.x, self.y = WIDTH / 2, HEIGHT / 2
        self.stars = [self.place() for _ in range(4)]
        self.gathered = 0
        self.surface.reset()
        return self.observation(), {}

    def step(self, action):
        dx, dy = MOVES[action]
        self.x = min(max(self.x + dx, 20), WIDTH - 20)
        self.y = min(max(self.y + dy, 20), HEIGHT - 20)
        reward = 0
        for index, (x, y) in enumerate(self.stars):
            if abs(x - self.x) < REACH and abs(y - self.y) < REACH:
                self.stars[index] = self.place()
                reward += 1
        self.gathered += reward
        # Observation, reward, terminated, truncated, info: all but the observation become columns of the data.
        return self.observation(), float(reward), False, False, {"x": self.x, "y": self.y}

    def render(self):
        for index, (x, y) in enumerate(self.stars):
            self.surface.image(id=f"star{index}", image_name="star", x=x - 24, y=y - 24, w=48, h=48)
        self.surface.circle(id="player", x=self.x, y=self.y, radius=18, color="#7cc6fe", stroke_color="white", depth=1)
        return self.surface.commit()

    def get_hud_text(self):
        return f"★ {self.gathered}"

    def place(self):
        return self.random.randrange(40, WIDTH - 40), self.random.randrange(40, HEIGHT - 40)

    def observation(self):
        return [self.x, self.y, *(number for star in self.stars for number in star)]


env = Stars()
