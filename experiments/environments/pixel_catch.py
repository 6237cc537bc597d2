"""Catch the falling fruit: an environment that renders pixels.

``render()`` returns an ``rgb_array``, as Gymnasium environments with ``render_mode="rgb_array"`` do: a numpy array of
shape (height, width, 3). The browser shows the frames as they are, scaled up. Frames cost more than shapes (every pixel
is sent in every frame), so keep them small; 120 x 80 is plenty for a game like this.
"""

import gymnasium as gym
import numpy as np

WIDTH, HEIGHT = 120, 80
BASKET_WIDTH, FRUIT = 16, 4
GROUND = HEIGHT - 6
FRUIT_COLORS = np.array([[230, 70, 70], [245, 170, 50], [150, 200, 70]], dtype=np.uint8)


class PixelCatch(gym.Env):
    metadata = {"render_modes": ["rgb_array"], "render_fps": 30}

    def __init__(self, render_mode="rgb_array"):
        self.render_mode = render_mode
        self.action_space = gym.spaces.Discrete(3)  # left, stay, right
        self.observation_space = gym.spaces.Box(0, WIDTH, shape=(4,), dtype=np.float32)
        self._sky = np.linspace([40, 50, 90], [120, 140, 190], HEIGHT).astype(np.uint8)[:, None, :]
        self._drop_rate = 1.0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._basket = (WIDTH - BASKET_WIDTH) // 2
        self._drop_rate = 1.0
        self._new_fruit()
        return self._observation(), {}

    def _new_fruit(self):
        self._x = int(self.np_random.integers(0, WIDTH - FRUIT))
        self._y = 0.0
        self._color = int(self.np_random.integers(0, len(FRUIT_COLORS)))

    def _observation(self):
        return np.array([self._basket, self._x, self._y, self._drop_rate], dtype=np.float32)

    def step(self, action):
        self._basket = int(np.clip(self._basket + 3 * (action - 1), 0, WIDTH - BASKET_WIDTH))
        self._y += self._drop_rate
        reward = 0.0
        if self._y >= GROUND - FRUIT:
            caught = self._basket - FRUIT < self._x < self._basket + BASKET_WIDTH
            reward = 1.0 if caught else -1.0
            self._drop_rate = min(2.5, self._drop_rate + 0.1)
            self._new_fruit()
        return self._observation(), reward, False, False, {"drop_rate": self._drop_rate}

    def render(self):
        frame = np.empty((HEIGHT, WIDTH, 3), dtype=np.uint8)
        frame[:] = self._sky
        frame[GROUND:] = [60, 90, 50]
        y = int(self._y)
        frame[y : y + FRUIT, self._x : self._x + FRUIT] = FRUIT_COLORS[self._color]
        left, right = self._basket, self._basket + BASKET_WIDTH
        frame[GROUND - 5 : GROUND, left:right] = [150, 100, 50]
        frame[GROUND - 3 : GROUND - 1, left + 1 : right - 1 : 2] = [190, 140, 80]
        return frame


env = PixelCatch()
