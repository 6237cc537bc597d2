"""The examinations of `greenroom check`, on environments that are broken on purpose."""

import json
import subprocess
import sys

import pytest
from conftest import ROOT

from greenroom import doctor, msgpack

# Two agents push one thing; the parts that a test breaks are filled in.
GAME = '''
import math, random, time
from greenroom import Surface
{imports}
surface = Surface(400, 200)

class Game:
    possible_agents = ["left", "right"]
    {spaces}
    def reset(self, *, seed=None):
        self.random = random.Random(seed)
        self.t, self.x = 0, self.random.uniform(-1, 1)
        {reset}
        return self.seen(), {{agent: {{}} for agent in self.possible_agents}}
    def seen(self):
        return {{agent: [self.x] for agent in self.possible_agents}}
    def step(self, actions):
        self.t += 1
        self.x += 0.1 * (actions["right"] - actions["left"]) + self.random.uniform(-0.1, 0.1)
        reward = self.x
        {step}
        flags = {{agent: False for agent in self.possible_agents}}
        over = {{agent: self.t >= 100 for agent in self.possible_agents}}
        return self.seen(), {{agent: reward for agent in flags}}, flags, over, {{agent: {{}} for agent in flags}}
    def get_state(self):
        return {{"t": self.t, "x": self.x, "random": self.random.getstate(){more}}}
    def set_state(self, state):
        self.t, self.x = state["t"], state["x"]
        self.random.setstate((state["random"][0], tuple(state["random"][1]), state["random"][2]))
        {put}
    def render(self):
        surface.circle(x=200 + self.x, y=100, radius=10, color="navy")
        return surface.commit()

env = Game()
'''
PARTS = ("imports", "spaces", "reset", "step", "more", "put")
PHASES = ["bots", "load", "checkers", "repeat", "trip", "apart"]


def game(**parts):
    return GAME.format(**{**dict.fromkeys(PARTS, ""), "put": "pass", **parts})


def request(code, phases=PHASES, agents=("left", "right"), **changes):
    settings = {
        "actions": [0, 1, 2], "default_action": 0, "fallback": "default_action",
        "policies": {agent: "human" for agent in agents}, "max_steps": 1000, "record_observations": True,
        "step_code": None, **changes.pop("settings", {}),
    }  # fmt: skip
    values = {
        "phases": phases, "code": code, "filename": "game.py", "folder": None,
        "settings": msgpack.encode(settings).hex(), "records": True, "shared": True, "service": True,
        "rollback": None, "models": [], "functions": [], "packages": [], "trace": None, "where": "process", "steps": 90,
    }  # fmt: skip
    return {**values, **changes}


def lines(*arguments, **changes):
    written = []
    doctor.examine(request(*arguments, **changes), written.append)
    return [json.loads(line) for line in written]


def findings(*arguments, **changes):
    """Level and text of all findings."""
    return [(line["level"], line["text"]) for line in lines(*arguments, **changes) if line["kind"] == "finding"]


def said(found, level, *words):
    texts = [text for grave, text in found if grave == level]
    assert any(all(word in text for word in words) for text in texts), found


def test_a_sound_environment_has_no_faults():
    found = findings(game())
    assert {level for level, _ in found} == {"ok", "note"}, found
    said(found, "ok", "90 steps")
    said(found, "note", "gymnasium.Env")


def test_what_does_not_come_from_the_seed_is_named_by_step_and_field():
    found = findings(game(step="if self.t == 7: self.x += time.perf_counter()"))
    said(found, "problem", "differ from step 6", "state x")
    assert [level for level, _ in found].count("problem") == 1, found


def test_a_hidden_difference_is_named():
    found = findings(game(reset="self.noise = time.perf_counter()", more=', "noise": self.noise'))
    said(found, "problem", "differ from step 0", "state noise")


def test_a_seed_that_is_not_used_is_told():
    found = findings(game().replace("random.Random(seed)", "random.Random(0)"))
    said(found, "advice", "another seed gives the same game")
    assert "problem" not in dict(found)


def test_what_get_state_leaves_out_is_named():
    found = findings(game(reset="self.wind = 0.0", step="self.wind += 0.01; self.x += self.wind"))
    said(found, "problem", "does not play the same again", "Not brought back: wind")


def test_a_module_global_does_not_reach_a_new_copy():
    code = game(imports="WIND = [0.0]", reset="WIND[0] = 0.0", step="WIND[0] += 0.01; self.x += WIND[0]")
    assert any("does not play the same" in text for level, text in findings(code) if level == "problem")


def test_a_state_that_cannot_be_told_matters_only_where_it_is_taken():
    code = game(more=', "clock": time')
    assert any("state cannot be taken" in text for level, text in findings(code) if level == "problem")
    assert "problem" not in dict(findings(code, shared=False, service=False))


def test_an_object_that_changes_unseen_is_named():
    code = game(imports="from collections import deque", reset="self.past = deque(maxlen=3)",
                step="self.past.append(self.t)")  # fmt: skip
    code = code.replace("get_state", "old_get_state").replace("set_state", "old_set_state")
    found = findings(code)
    said(found, "problem", "past")


def test_an_action_outside_the_space_is_named():
    spaces = "from gymnasium.spaces import Discrete; action_space = lambda self, agent: self.Discrete(2)"
    found = findings(game(spaces=spaces))
    said(found, "problem", "the action 2", "Discrete(2)")


def test_an_observation_outside_the_space_is_named():
    spaces = "from gymnasium.spaces import Box; observation_space = lambda self, agent: self.Box(0, 1, (3,))"
    found = findings(game(spaces=spaces))
    said(found, "advice", "observation of left", "step 0")


def test_a_reward_that_is_no_number():
    found = findings(game(step="reward = math.nan if self.t > 3 else 1.0"))
    said(found, "problem", "the reward of left is nan at step 3")


def test_an_error_at_some_step_has_its_line():
    found = findings(game(step="if self.t == 5: raise KeyError('lost')"))
    assert len(found) == 1
    said(found, "problem", "KeyError: 'lost'", 'File "game.py", line')


def test_an_agent_that_is_not_there():
    said(findings(game(), agents=("left", "middle")), "problem", "middle")
    said(findings(game().replace('["left", "right"]', '["left", "right", "third"]')), "problem", "third")


@pytest.fixture
def library(tmp_path, monkeypatch):
    """An installed module with a state of its own."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "windy.py").write_text("class Wind:\n    blown = 0\n")
    monkeypatch.syspath_prepend(folder)
    yield
    sys.modules.pop("windy", None)


def test_games_that_share_a_library_are_found(library):
    code = game(imports="import windy", reset="windy.Wind.blown = 0", step="windy.Wind.blown += 1; self.x += windy.Wind.blown",
                more=', "blown": windy.Wind.blown', put="windy.Wind.blown = state['blown']")  # fmt: skip
    found = findings(code)
    assert [level for level, _ in found].count("problem") == 1, found
    said(found, "problem", "share state through an installed module", "windy.Wind.blown")
    said(findings(code, service=False), "note", "influence each other")


def test_gymnasiums_own_checker_is_asked():
    code = '''
import gymnasium
class Odd(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(3)
    observation_space = gymnasium.spaces.Box(-1, 1, (2,))
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return [0.5, 0.5], {}
    def step(self, action):
        return [0.5, 0.5], 1.0, False, False, {}
    def render(self):
        return None
env = Odd()
'''
    found = findings(code, ["load", "checkers"], ("human",))
    said(found, "advice", "Gymnasium's checker says")
    said(found, "advice", "draws nothing")


def test_pettingzoos_own_checker_is_asked():
    pytest.importorskip("pettingzoo")
    code = game(imports="import pettingzoo").replace("class Game:", "class Game(pettingzoo.ParallelEnv):")
    said(findings(code, ["checkers"]), "advice", "PettingZoo's checker says")


def test_another_process_is_compared(tmp_path):
    """The order of a set of texts is that of their hashes, which every process draws anew."""
    words = "self.x += 0.1 * list({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'}).index('a')"
    for step, wrong in ((words, True), ("pass", False)):
        trace = str(tmp_path / "trace")
        asked = request(game(step=step), ["repeat"], trace=trace)
        texts = []
        for seed, phases in (("1", ["repeat"]), ("2", ["agree"])):
            code = f"import sys; sys.path.insert(0, {str(ROOT / 'assets/python')!r}); from greenroom.doctor import main; main()"
            done = subprocess.run(
                [sys.executable, "-c", code], input=json.dumps({**asked, "phases": phases}), capture_output=True,
                text=True, env={"PYTHONHASHSEED": seed}, timeout=60, check=True,
            )  # fmt: skip
            texts += [json.loads(line) for line in done.stdout.splitlines()]
        assert any("order of a set" in line.get("text", "") for line in texts if line.get("level") == "problem") == wrong


def test_what_an_environment_prints_is_no_finding():
    done = subprocess.run(
        [sys.executable, "-c", "from greenroom.doctor import main; main()"],
        input=json.dumps(request(game(step='print("{\\"kind\\": 1}")'), ["load"])), capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT / "assets/python")}, timeout=60, check=True,
    )  # fmt: skip
    assert {json.loads(line)["kind"] for line in done.stdout.splitlines()} == {"progress", "finding", "end"}


def test_costs_are_measured():
    rollback = {"max_prediction": 4, "snapshot_interval": 2, "prediction": "previous"}
    measured = [line for line in lines(game(), ["costs"], rollback=rollback) if line["kind"] == "costs"][0]
    assert {"step", "row", "render", "capture", "restore", "hash", "to_bytes", "rollback"} == set(measured["costs"])
    assert all(0 < median <= p99 for median, p99 in measured["costs"].values())
    assert measured["state_bytes"] > 1000 and measured["rollback_frames"] == 4


def test_a_missing_package_is_named():
    found = lines("import no_such_module\nenv = None", ["load"])
    assert [line.get("module") for line in found if line["kind"] == "missing"] == ["no_such_module"]
    said(findings(game(), ["bots"], packages=["no-such-package==1.0", "pip>=1"]), "problem", "no-such-package==1.0")


def test_functions_are_tried():
    functions = [{"agent": "right", "name": "push"}]
    said(findings(game(), ["load"], functions=functions), "problem", "push")
    code = game(imports="def push(seen, random):\n    return 1 if seen[0] > 0 else 2")
    said(findings(code, ["load"], functions=functions), "ok", "push")


def network(tmp_path, actions):
    """``logits = obs @ W``, with ``actions`` columns."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    numpy = pytest.importorskip("numpy")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    weights = onnx.numpy_helper.from_array(numpy.ones((1, actions), dtype="float32"), "W")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["obs", "W"], ["logits"])], "net",
        [helper.make_tensor_value_info("obs", kind, [1, 1])],
        [helper.make_tensor_value_info("logits", kind, [1, actions])], [weights],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString())
    return {**NETWORK, "path": str(path)}


NETWORK = {
    "agent": "left", "obs_input": "obs", "logit_output": "logits", "state_inputs": [], "state_outputs": [],
    "state_shape": [], "fixed_inputs": {},
}  # fmt: skip


def test_networks_are_tried(tmp_path):
    spaces = "from gymnasium.spaces import Discrete; action_space = lambda self, agent: self.Discrete(3)"
    code = game(spaces=spaces)
    said(findings(code, ["bots"], models=[network(tmp_path, 3)]), "ok", "gives 3 logits")
    said(findings(code, ["bots"], models=[network(tmp_path, 5)]), "problem", "5 logits", "3 actions")
    said(findings(code, ["bots"], models=[{**network(tmp_path, 3), "obs_input": "x"}]), "problem", "no input x", "obs")
    said(findings(code, ["bots"], models=[{**network(tmp_path, 3), "logit_output": "y"}]), "problem", "no output y")
    said(findings(code, ["bots"], models=[{**network(tmp_path, 3), "path": "/none"}]), "problem", "no file /none")
    (tmp_path / "net.onnx").write_bytes(b"no network")
    broken = {**NETWORK, "path": str(tmp_path / "net.onnx")}
    said(findings(code, ["bots"], models=[broken]), "problem", "no ONNX file")
