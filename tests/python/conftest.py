"""Makes the shared package importable and builds engines with ordinary settings."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "assets" / "python"))

from greenroom import msgpack  # noqa: E402
from greenroom.engine import Engine  # noqa: E402


def settings(**changes) -> bytes:
    """A scene's settings for one human agent and three actions."""
    values = {
        "actions": [0, 1, 2],
        "default_action": 1,
        "fallback": "default_action",
        "policies": {"human": "human"},
        "max_steps": 1000,
        "record_observations": True,
        "step_code": None,
    }
    return msgpack.encode({**values, **changes})


# An environment whose behaviour is easy to say in a test: the reward is the action, five steps end it.
COUNTER = '''
class Counter:
    def __init__(self, length=5):
        self.length = length
    def reset(self, *, seed=None):
        self.t, self.seed = 0, seed
        return [0.0], {}
    def step(self, action):
        self.t += 1
        return [float(self.t)], float(action), self.t >= self.length, False, {"t": self.t}
env = Counter()
'''


@pytest.fixture
def make_engine():
    def make(code=COUNTER, filename="counter.py", **changes):
        return Engine(code, filename, settings(**changes))

    return make


@pytest.fixture
def experiments():
    return ROOT / "experiments"
