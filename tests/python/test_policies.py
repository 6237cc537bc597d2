"""Bots: functions and networks, in the single player's engine, in rolled-back copies and on the service."""

import base64
import json
import subprocess
import sys
from array import array

import networks
import numpy
import pytest
from conftest import ROOT, settings
from hosted import game, learnt, scene
from test_rollback import check, copy_of, dice

from greenroom import msgpack
from greenroom.engine import Engine
from greenroom.errors import EnvironmentContractError
from greenroom.onnx_policy import OnnxPolicy, Session, drawn, to_float32
from greenroom.policies import read

# Two agents; what each sees is the sum of what both did so far.
SUMS = '''
class Env:
    agents = ["me", "bot"]
    def reset(self, *, seed=None):
        self.t, self.sum = 0, seed % 3
        return self.seen(), {"me": {}, "bot": {}}
    def seen(self):
        return {"me": [float(self.sum)], "bot": [float(self.sum % 10)]}
    def step(self, actions):
        self.t += 1
        self.sum += 2 * actions["me"] + actions["bot"]
        no = {"me": self.t >= 30, "bot": self.t >= 30}
        return self.seen(), {"me": float(self.sum), "bot": float(actions["bot"])}, no, {"me": False, "bot": False}, {}
env = Env()
def follow(seen, random):
    return int(seen[0] + random.randrange(2)) % 3
'''
FUNCTION = {"function": {"name": "follow", "frame_skip": 2}}


def engine_of(bot, models=None, code=SUMS, **changes):
    return Engine(code, "sums.py", settings(policies={"me": "human", "bot": bot}, **changes), models)


def moves(rows, agent="bot"):
    return [msgpack.decode(row)["actions"][agent] for row in rows]


def play(engine, seed, steps=30, first=None, run=None):
    """Rows of an episode, or of its rest; ``run`` runs models as a browser does."""
    output = first or engine.reset(seed)
    rows = []
    while not output.done and len(rows) < steps:
        for agent, feeds in output.models:
            engine.answer(agent, run(feeds))
        output = engine.step('{"me": %d}' % ((engine._t * 7 + seed) % 3))
        rows.append(output.row)
    return rows


# -------------------------------------------------------------------------------------------------- functions


def test_a_function_plays_with_a_generator_of_its_own():
    rows = play(engine_of(FUNCTION), 1)
    assert rows == play(engine_of(FUNCTION), 1) != play(engine_of(FUNCTION), 4)
    assert all(move == 1 for move in moves(rows)[1::2])  # the default action, between choices
    assert len(set(moves(rows)[::2])) == 3
    keeping = moves(play(engine_of(FUNCTION, fallback="previous_submitted_action"), 1))
    assert keeping[1::2] == keeping[::2]


def test_after_a_reload_a_function_goes_on():
    whole = play(engine_of(FUNCTION), 5)
    for cut in (1, 2, 9):
        engine = engine_of(FUNCTION)
        engine.reset(5)
        output = engine.replay(whole[:cut])
        assert output.diverged is None and not engine.replaying
        assert play(engine, 5, first=output) == whole[cut:]


def test_functions_and_chance_are_rolled_back_with_the_game():
    bots = "\ndef act(seen, random):\n    return (int(seen[0]) + random.randrange(3)) % 3\n"
    for seed in range(3):
        code = dice(agents=("a", "b", "bot", "die"), state=bool(seed % 2)) + bots
        policies = {
            "a": "human", "b": "human", "bot": {"function": {"name": "act", "frame_skip": 1 + seed}},
            "die": {"random": {"frame_skip": 2}},
        }  # fmt: skip
        players, _ = check(
            code, ("a", "b"), [0, 1, 2], seed, policies=policies, record_observations=seed == 0, delays=[3, 5],
        )  # fmt: skip
        assert max(player.deepest for player in players) >= 2


def test_a_healed_copys_function_goes_on():
    code = dice(agents=("a", "bot")) + "\ndef act(seen, random):\n    return (int(seen[0]) + random.randrange(3)) % 3\n"
    policies = {"a": "human", "bot": {"function": {"name": "act"}}}
    one, two = (copy_of(code, agents=("a",), policies=policies) for _ in range(2))
    one.tick(msgpack.encode([["confirmed", 0, [[1]] * 20]]))
    hashes = one.tick(msgpack.encode([["confirmed", 20, [[2]] * 20]])).hashes
    two.tick(msgpack.encode([["heal", 10, one.snapshot(10)]]))
    again = two.tick(msgpack.encode([["confirmed", 10, [[1]] * 10 + [[2]] * 20]])).hashes
    assert again[-len(hashes) :] == hashes


@pytest.mark.parametrize(("code", "message"), [
    ("", "function 'act', which does not exist in the environment's code; define act"),
    ("act = 3", "function 'act', which is no function"),
    ("def act(seen): return 0", r"'act', which plays agent 'bot', must accept \(observation, random\)"),
    ("def act(seen, random): return 'up'", r"act\(observation, random\) returned 'up'; it must return an action"),
])  # fmt: skip
def test_a_wrong_function_is_named(code, message):
    engine = engine_of({"function": {"name": "act"}}, code=f"{SUMS}\n{code}\n")
    with pytest.raises(EnvironmentContractError, match=message):
        engine.reset(0)


# --------------------------------------------------------------------------------------------------- networks

NET = networks.linear([[1.0, 0.3, -0.2]])
REMEMBERING = networks.recurrent()


def softmax(temperature):
    return {"kind": "softmax", "temperature": temperature}


@pytest.mark.parametrize(("options", "file"), [
    (networks.LINEAR, NET), ({**networks.LINEAR, "choice": softmax(0.5)}, NET),
    (networks.RECURRENT, REMEMBERING), ({**networks.RECURRENT, "choice": softmax(2.0), "frame_skip": 3}, REMEMBERING),
])  # fmt: skip
def test_a_model_plays_alike_here_and_in_a_browser_and_after_a_reload(options, file):
    model = {"model": options}
    whole = play(engine_of(model, {"bot": file}), 2)
    run = Session(file, options, "bot")
    calls = []

    def watched(feeds):
        calls.append({name: (bytes(data), shape) for name, (data, shape) in feeds.items()})
        return run(feeds)

    assert play(engine_of(model), 2, run=watched) == whole
    assert len(calls) == -(-30 // options["frame_skip"])
    if options["choice"]["kind"] == "softmax":
        assert len(set(moves(whole))) > 1
    for cut in (1, 4, 7):
        engine = engine_of(model)
        engine.reset(2)  # its models are left unanswered
        output = engine.replay(whole[:cut])
        asked = 0
        while engine.replaying:
            asked += len(output.models)
            for agent, feeds in output.models:
                engine.answer(agent, run(feeds))
            assert output.draw is None
            output = engine.replay_on()
        assert output.diverged is None and output.t == cut
        assert asked == (-(-cut // options["frame_skip"]) if "state_inputs" in options else 0)
        assert play(engine, 2, first=output, run=run) == whole[cut:]


def test_javascript_feeds_and_answers():
    model = {"model": {**networks.RECURRENT, "fixed_inputs": {}}}
    job = {"root": str(ROOT), "code": SUMS, "seed": 2, "steps": 12, "cut": 5, "settings": base64.b64encode(
        settings(policies={"me": "human", "bot": model})).decode()}  # fmt: skip
    script = ROOT / "tests" / "python" / "models_node.mjs"
    done = subprocess.run(["node", script], input=json.dumps(job).encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert (result["rows"][5:], result["asked"]) == (result["again"], 5)

    def run(feeds):
        total = (array("f", feeds["state"][0])[0] + array("f", feeds["obs"][0])[0]) % 7
        return {"logits": array("f", [3 - total, 1, total - 4]).tobytes(), "next_state": array("f", [total]).tobytes()}

    engine = engine_of(model)
    output = engine.reset(2)
    rows = []
    for _ in range(12):
        for agent, feeds in output.models:
            engine.answer(agent, run(feeds))
        output = engine.step('{"me":0}')
        rows.append(output.row)
    assert [base64.b64decode(row) for row in result["rows"]] == rows and len(set(moves(rows))) > 1


def test_a_browser_has_to_answer_what_was_asked():
    engine = engine_of({"model": networks.LINEAR})
    output = engine.reset(2)
    assert output.models == [("bot", {"obs": (array("f", [2.0]).tobytes(), [1, 1])})]
    assert engine.redraw().models == []
    with pytest.raises(RuntimeError, match="before the model of agent 'bot' was answered"):
        engine.step("{}")
    wrong = (({"logit": b""}, "no output 'logits'; it has logit"), ({"logits": bytes(8)}, "has 2 values"))
    for outputs, message in wrong:
        with pytest.raises(EnvironmentContractError, match=message):
            engine.answer("bot", outputs)
    with pytest.raises(EnvironmentContractError, match="NaN"):
        engine.answer("bot", {"logits": array("f", [1.0, float("nan"), 2.0]).tobytes()})
    engine.answer("bot", {"logits": array("f", [1.0, 3.0, 3.0]).tobytes()})
    with pytest.raises(RuntimeError, match="was not asked"):
        engine.answer("bot", {})
    assert moves([engine.step("{}").row]) == [1]  # the first of equals


def test_actions_of_a_space_and_of_a_scene():
    class Discrete:
        start, n = 5, 2

        def sample(self):
            raise AssertionError

    logits = {"logits": array("f", [0.0, 1.0]).tobytes()}
    for space, actions, expected in ((Discrete(), [], 6), (None, ["left", "right"], "right")):
        policy = OnnxPolicy("bot", networks.LINEAR, space, actions)
        policy.seed(1, "bot")
        assert policy.take(logits, 0) == expected
    import gymnasium

    with pytest.raises(EnvironmentContractError, match="must be Discrete"):
        OnnxPolicy("bot", networks.LINEAR, gymnasium.spaces.Box(0, 1), [])


def test_softmax_draws_by_seed_agent_and_frame_only():
    policy = OnnxPolicy("bot", {**networks.LINEAR, "choice": softmax(1.0)}, None, [0, 1, 2])
    outputs = {"logits": array("f", [0.0, 1.0, 2.0]).tobytes()}
    policy.seed(3, "bot")
    chosen = [policy.take(outputs, frame) for frame in range(3000)]
    policy.seed(3, "bot")
    assert [policy.take(outputs, frame) for frame in reversed(range(3000))] == chosen[::-1]
    expected = numpy.exp([0, 1, 2]) / numpy.exp([0, 1, 2]).sum()
    assert numpy.abs(numpy.bincount(chosen) / 3000 - expected).max() < 0.03
    policy.seed(3, "other")
    assert [policy.take(outputs, frame) for frame in range(3000)] != chosen
    assert drawn("3/bot/0") == 0.9975219247609327  # the same on every platform


@pytest.mark.parametrize(("observation", "values", "shape"), [
    (3, [3], [1, 1]), (True, [1], [1, 1]), ([1, 2.5], [1, 2.5], [1, 2]), (numpy.float64(1.5), [1.5], [1, 1]),
    (numpy.arange(6).reshape(2, 3), range(6), [1, 2, 3]), ([[1, 2], [3, 4]], [1, 2, 3, 4], [1, 2, 2]),
    ([[1, 2], [3]], [1, 2, 3], [1, 3]), ((1, [2, 3]), [1, 2, 3], [1, 3]),
    ({"b": numpy.ones((2, 1)), "a": (5, 6)}, [5, 6, 1, 1], [1, 4]), ([numpy.int64(1), 2], [1, 2], [1, 2]),
    ([numpy.zeros(2), numpy.ones(1)], [0, 0, 1], [1, 3]),
])  # fmt: skip
def test_observations_become_tensors(observation, values, shape):
    data, found = to_float32(observation)
    assert (array("f", data).tolist(), found) == (list(map(float, values)), shape)


def test_what_is_no_number_cannot_be_seen():
    with pytest.raises(EnvironmentContractError, match="cannot be given to its model: it holds a value of type str"):
        to_float32({"a": "red"}, "bot")


def test_what_is_wrong_with_a_model_is_said():
    for changes, message in (
        ({"obs_input": "seen"}, "no input 'seen'; it has obs"), ({"logit_output": "q"}, "no output 'q'; it has logits"),
        ({"fixed_inputs": {"x": 1}}, "no input 'x'"),
    ):  # fmt: skip
        with pytest.raises(EnvironmentContractError, match=message):
            Session(NET, {**networks.LINEAR, **changes}, "bot")
    with pytest.raises(EnvironmentContractError, match="nothing is given to the input 'state'"):
        Session(REMEMBERING, networks.LINEAR, "bot")
    with pytest.raises(EnvironmentContractError, match="cannot be loaded"):
        Session(b"no network", networks.LINEAR, "bot")


def test_without_onnxruntime_it_says_what_to_install():
    program = (
        "import sys; sys.modules['onnxruntime'] = None\nfrom greenroom.onnx_policy import Session\n"
        "try: Session(b'', {'obs_input': '', 'logit_output': ''}, 'bot')\nexcept Exception as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True)
    assert b"install onnxruntime into the virtual environment" in run.stdout


def test_a_model_is_no_part_of_a_game_that_is_rolled_back():
    with pytest.raises(EnvironmentContractError, match="played by a model, which cannot be rolled back"):
        copy_of(agents=("a",), policies={"a": "human", "b": {"model": networks.LINEAR}})


def test_settings_of_policies_are_checked():
    assert read("a", "random") == ("random", {}) and read("a", {"random": {"frame_skip": 2}}).frame_skip == 2
    for wrong in ("model", {"function": {}}, {"robot": {}}, 3, {"random": {}, "human": {}}, {"random": 1}):
        with pytest.raises(ValueError, match="allowed: human, random, model, function"):
            read("a", wrong)
    with pytest.raises(ValueError, match="frame_skip=0"):
        read("a", {"random": {"frame_skip": 0}})


# ------------------------------------------------------------------------------------------------ on the service


@pytest.mark.parametrize("options", [networks.LINEAR, {**networks.RECURRENT, "frame_skip": 2, "choice": softmax(1.5)}])
def test_a_model_on_the_service_goes_on_after_it_was_lost(options):
    file = REMEMBERING if "state_inputs" in options else NET
    given = scene(("me", "bot"), people=1, policies={"me": "human", "bot": {"model": options}}, max_steps=30)
    host = learnt(SUMS, given, models={"bot": file}, state_interval=1)
    whole = game(host, "whole", 2, [[0, 1, 2], None]).play()
    assert len(set(moves(whole.rows))) > (options is not networks.LINEAR)
    for frame, copy, bots in whole.states[:-1]:
        host.open("again", "scene")
        choices = host.stand("again", 0, 2, copy, bots).choices
        turn = host.advance("again", 0, frame, msgpack.encode(whole.inputs[frame:]), 0)
        assert turn.rows == whole.rows[frame:]
        assert all(whole.choices[seat, at] == action for seat, at, action in choices + turn.choices)
    with pytest.raises(ValueError, match="model of agent 'bot' did not come"):
        learnt(SUMS, given)
