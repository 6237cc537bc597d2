"""Train the bot of ``experiments/volley_bot.py``, and write it to ``bot.onnx`` beside this file.

    .venv/bin/python experiments/assets/volley_bot/train.py

A small network learns from a teacher, who reckons where the ball will come down. They play in turns: at first the
teacher plays and the network learns what it did; then the network plays, against others and against itself, and learns
what the teacher would have done in its place, which is how it comes to know the places that only its own mistakes lead
to. It plays in the environment's own file, as agent ``right``. The whole takes about a minute, and the seed makes it
repeatable on a machine.

Needs numpy and onnx; with onnxruntime the written file is compared with what was trained.
"""

import argparse
import importlib.util
import math
import random
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
FILE = HERE / "bot.onnx"

# A network sees numbers of about 1. By the observation's order: places, speeds, frames until the serve.
PLACE, SPEED = 1 / 160, 1 / 8
SCALE = np.array([PLACE, PLACE, SPEED, SPEED] * 3 + [1 / 30])
HIDDEN, ACTIONS = 32, 6
SIZES = [(len(SCALE), HIDDEN), (HIDDEN,), (HIDDEN, ACTIONS), (ACTIONS,)]
WEIGHTS = sum(int(np.prod(size)) for size in SIZES)

FRAME_SKIP = 2  # frames from one choice to the next; in the study it chooses in every frame
LAG = 2  # frames from seeing to acting, as when the service plays


def load_volley():
    """The environment's module; the file that the study names."""
    path = HERE.parents[1] / "environments/volley.py"
    spec = importlib.util.spec_from_file_location("volley", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


volley = load_volley()
LEFT, RIGHT = volley.LEFT, volley.RIGHT


class Net:
    """Two layers; ``choose`` takes an agent's observation and returns an action."""

    def __init__(self, weights, mirrored=False):
        self.layers = unpack(weights)
        self.mirrored = mirrored

    def logits(self, seen):
        into, bias, out, last = self.layers
        return np.tanh((np.asarray(seen) * SCALE) @ into + bias) @ out + last

    def choose(self, seen, _random):
        action = int(self.logits(seen).argmax())
        # The observation is the same from both sides of the net, the actions left and right are not.
        return MIRROR[action] if self.mirrored else action


# As the environment numbers them: stay, left, right, up, up and left, up and right.
MIRROR = [0, 2, 1, 3, 5, 4]


def unpack(weights):
    parts, at = [], 0
    for size in SIZES:
        count = int(np.prod(size))
        parts.append(np.reshape(weights[at : at + count], size))
        at += count
    return parts


class Lazy:
    """Anything at random."""

    def choose(self, _seen, random):
        return random.randrange(ACTIONS)


class Chaser:
    """Runs below the ball, a little behind it, and jumps when it is near."""

    behind, near = 12, 40

    def __init__(self, agent):
        # Forward is positive in observations.
        self.forward, self.back = (RIGHT, LEFT) if agent == "left" else (LEFT, RIGHT)

    def target(self, ball_x, _height, vx, _vy):
        return ball_x + 6 * vx - self.behind if ball_x < 20 else -160

    def choose(self, seen, random):
        x, (ball_x, height, vx, vy) = seen[0], seen[8:12]
        target = self.target(ball_x, height, vx, vy)
        jump = 3 if ball_x < 0 and abs(ball_x - x) < self.near and 60 < height < 110 and vy < 0 else 0
        if abs(target - x) < 5:
            return jump
        way = self.forward if target > x else self.back
        return way + 3 if jump else way  # in the environment's order of actions


class Teacher(Chaser):
    """Stands where the ball will come down."""

    behind = 20

    def target(self, ball_x, height, vx, vy):
        reach = volley.BODY + volley.BALL
        frames = (vy + math.sqrt(vy * vy + 2 * volley.GRAVITY * max(height - reach, 0))) / volley.GRAVITY
        place = ball_x + frames * vx
        wall = volley.BALL - volley.NET_X
        if place < wall:
            place = 2 * wall - place
        return min(max(place - self.behind, -286), -38) if place < 30 else -160


def match(right, left, seed, frames=None, points=None):
    """Plays until so many frames or points are over. Returns the points of both, and the lengths of the rallies in
    touches."""
    env, own = volley.env, random.Random(f"match/{seed}")
    env.reset(seed=seed)
    env.t = -10**9  # no end by time
    players = {"left": left, "right": right}
    coming = {agent: [0] * (LAG + 1) for agent in players}
    last = {agent: 0 for agent in players}
    rallies, touches, t = [], 0, 0
    while (t < frames) if frames else (sum(env.points.values()) < points and t < 3000 * points):
        for agent, player in players.items():
            if t % FRAME_SKIP == 0:
                last[agent] = player.choose(env._observation(agent), own)
            coming[agent].append(last[agent])
        rewards, *_ = env.advance({agent: queue.pop(0) for agent, queue in coming.items()})
        touches = max(touches, env.touches)
        if rewards["left"]:
            rallies.append(touches)
            touches = 0
        t += 1
    return env.points["right"], env.points["left"], rallies


class Lesson:
    """Somebody plays, and what the teacher would do in its place is written down."""

    def __init__(self, player, teacher):
        self.player, self.teacher, self.seen, self.right = player, teacher, [], []

    def choose(self, seen, random):
        self.seen.append(seen)
        self.right.append(self.teacher.choose(seen, random))
        return self.right[-1] if self.player is None else self.player.choose(seen, random)


def learn(draw, weights, seen, right, steps, pace):
    """Weights that do more of what was right: gradient descent (Adam) on the cross entropy."""
    first, second = np.zeros(WEIGHTS), np.zeros(WEIGHTS)
    seen = seen * SCALE
    for step in range(1, steps + 1):
        some = draw.integers(len(seen), size=256)
        into, bias, out, last = unpack(weights)
        hidden = np.tanh(seen[some] @ into + bias)
        logits = hidden @ out + last
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        wrong = chances / chances.sum(axis=1, keepdims=True)
        wrong[np.arange(len(some)), right[some]] -= 1
        back = wrong @ out.T * (1 - hidden**2)
        slopes = [seen[some].T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)]
        slope = np.concatenate([part.ravel() for part in slopes]) / len(some)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        weights = weights - pace * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights


def train(seed, rounds, frames):
    """Weights that play well."""
    draw = np.random.default_rng(seed)
    weights = np.concatenate([draw.normal(0, 1 / np.sqrt(size[0]), np.prod(size)) for size in SIZES])
    began, seen, right, teacher = time.monotonic(), [], [], Teacher("right")
    for round in range(rounds):
        player = Net(weights) if round else None
        itself = Net(weights, mirrored=True) if round else Teacher("left")
        points = [0, 0]
        for left in (Lazy(), Chaser("left"), itself):
            lesson = Lesson(player, teacher)
            won, lost, _ = match(lesson, left, int(draw.integers(2**31)), frames=frames)
            points = [points[0] + won, points[1] + lost]
            seen += lesson.seen
            right += lesson.right
        last = round == rounds - 1
        weights = learn(draw, weights, np.array(seen), np.array(right), 12_000 if last else 3000, 0.003)
        print(f"round {round}: {points[0]} : {points[1]} points, {time.monotonic() - began:.0f} s", flush=True)
    return weights


def export(weights, path):
    """Writes the network as ONNX: the scaling of observations is part of it."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    into, bias, out, last = unpack(weights)
    values = {"scale": SCALE[None], "into": into, "bias": bias, "out": out, "last": last}
    graph = helper.make_graph(
        [
            helper.make_node("Mul", ["obs", "scale"], ["scaled"]),
            helper.make_node("Gemm", ["scaled", "into", "bias"], ["sums"]),
            helper.make_node("Tanh", ["sums"], ["hidden"]),
            helper.make_node("Gemm", ["hidden", "out", "last"], ["logits"]),
        ],
        "volley",
        [helper.make_tensor_value_info("obs", TensorProto.FLOAT, [1, len(SCALE)])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, ACTIONS])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="volley_bot/train.py")
    model.ir_version = 8
    checker.check_model(model, full_check=True)
    save(model, path)


class Written:
    """The network of a written file."""

    def __init__(self, path, temperature=None):
        import onnxruntime

        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        self.temperature = temperature

    def logits(self, seen):
        return self.session.run(["logits"], {"obs": np.array([seen], dtype=np.float32)})[0][0]

    def choose(self, seen, random):
        logits = self.logits(seen)
        if self.temperature is None:
            return int(logits.argmax())
        chances = np.exp((logits - logits.max()) / self.temperature)
        return random.choices(range(ACTIONS), chances)[0]


def compare(weights, path):
    """The written file says the same as what was trained."""
    net, written, draw = Net(weights), Written(path), np.random.default_rng(1)
    for _ in range(200):
        seen = draw.normal(size=len(SCALE)) / SCALE
        assert np.allclose(net.logits(seen), written.logits(seen), atol=1e-4), "the file says something else"


def report(bot, points=200):
    """How good it is."""
    for name, left in (("random", Lazy()), ("ball-chasing", Chaser("left"))):
        won, lost, rallies = match(bot, left, seed=2026, points=points)
        print(f"against a {name} player: {won} of {won + lost} points, {np.mean(rallies):.1f} touches a rally")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--frames", type=int, default=6000, help="of each of a round's three matches")
    parser.add_argument("--report", action="store_true", help="only tell how good the written bot is")
    given = parser.parse_args()
    if not given.report:
        weights = train(given.seed, given.rounds, given.frames)
        export(weights, FILE)
        compare(weights, FILE)
    for temperature in (None, 0.5, 1.0):
        print("the greatest logit" if temperature is None else f"softmax, temperature {temperature}")
        report(Written(FILE, temperature))


if __name__ == "__main__":
    main()
