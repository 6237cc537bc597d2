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
GROUP = {
    "agents": ["left", "right"], "people": 2, "max_prediction": 4, "snapshot_interval": 2, "prediction": "previous",
    "hash_interval": 30, "state_broadcast_interval": 30,
}  # fmt: skip
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
        "streamed": False, "group": None, "models": {}, "packages": [], "trace": None, "where": "process", "steps": 90,
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


def test_a_text_above_the_game_that_fails_is_told_once_with_its_line():
    code = game() + "\ndef words(env, agent):\n    return agent + env.t\n"
    found = findings(code, ["load"], settings={"hud_text_fn": "words"})
    said(found, "problem", "the text above the game fails", "TypeError", "in words")
    assert [level for level, _ in found].count("problem") == 1, found


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
    measured = [line for line in lines(game(), ["costs"], group=GROUP) if line["kind"] == "costs"][0]
    parts = {"step", "row", "render", "capture", "restore", "hash", "to_bytes", "rollback", "service"}
    assert parts == set(measured["costs"])
    assert all(0 < median <= p99 for median, p99 in measured["costs"].values())
    assert measured["state_bytes"] > 1000 and measured["rollback_frames"] == 4 and measured["service_ms"] > 0


def test_a_missing_package_is_named():
    found = lines("import no_such_module\nenv = None", ["load"])
    assert [line.get("module") for line in found if line["kind"] == "missing"] == ["no_such_module"]
    said(findings(game(), ["bots"], packages=["no-such-package==1.0", "pip>=1"]), "problem", "no-such-package==1.0")


def plays(**policies):
    return {"policies": {"left": "human", "right": "human", **policies}}


def function(name="push"):
    return plays(right={"function": {"name": name, "frame_skip": 1}})


def test_functions_play():
    said(findings(game(), settings=function()), "problem", "push", "does not exist")
    code = game(imports="def push(seen, random):\n    return 1 if seen[0] > 0 else 2")
    found = findings(code, settings=function())
    said(found, "ok", "push")
    assert "problem" not in dict(found), found
    said(findings(code.replace("return 1", "return 7"), settings=function()), "problem", "push", "returned 7")


def test_a_function_that_does_not_repeat_is_found():
    code = game(imports="def push(seen, random):\n    return time.perf_counter_ns() % 3")
    said(findings(code, settings=function()), "problem", "differ", " of right")


def network(folder, actions):
    """``logits = obs @ W``, with ``actions`` columns."""
    for needed in ("onnx", "onnxruntime", "numpy"):
        pytest.importorskip(needed)
    import networks

    (folder / "net.onnx").write_bytes(networks.linear([[1.0] * actions]))
    return networks.LINEAR, str(folder / "net.onnx")


def examined(code, options, path, **changes):
    return findings(code, settings=plays(left={"model": options}), models={"left": path}, **changes)


DISCRETE = "from gymnasium.spaces import Discrete; action_space = lambda self, agent: self.Discrete(3)"


def test_networks_play(tmp_path):
    code = game(spaces=DISCRETE)
    options, path = network(tmp_path, 3)
    found = examined(code, options, path)
    said(found, "ok", "the network net.onnx plays agent left")
    assert "problem" not in dict(found), found
    said(examined(code, {**options, "obs_input": "x"}, path), "problem", "no input 'x'", "obs")
    said(examined(code, {**options, "logit_output": "y"}, path), "problem", "no output 'y'")
    said(examined(code, options, "/none"), "problem", "/none")
    network(tmp_path, 5)
    found = examined(code, options, path)
    said(found, "problem", "5 values", "3 actions")
    said(found, "ok", "90 steps")  # everything else is examined nevertheless
    (tmp_path / "net.onnx").write_bytes(b"no network")
    said(examined(code, options, path), "problem", "cannot be loaded")


def test_bots_that_play_elsewhere_do_as_recorded(tmp_path):
    trace = str(tmp_path / "trace")
    options, path = network(tmp_path, 3)
    code = game(spaces=DISCRETE)
    for phases, where in ((["repeat"], "process"), (["agree"], "browser")):
        found = examined(code, options, path, phases=phases, where=where, trace=trace, service=False)
    said(found, "ok", "exactly the same 90 steps", "left did as in native Python")


# ---------------------------------------------------------------------------------------------------- on the service

def test_a_streamed_game_goes_on_in_a_new_copy():
    streamed = {"streamed": True, "group": GROUP}
    said(findings(game(), **streamed), "ok", "goes into a new copy, which goes on")
    # Where the state cannot be told whole, the inputs are played again.
    code = game(imports="from collections import deque", reset="self.past = deque(maxlen=3)",
                step="self.past.append(self.t)")  # fmt: skip
    found = findings(code.replace("get_state", "get").replace("set_state", "put"), **streamed)
    said(found, "ok", "all its inputs are played again")
    assert "problem" not in dict(found), found
    # And one that leaves something out is felt only when a worker ends.
    found = findings(game(reset="self.wind = 0.0", step="self.wind += 0.01; self.x += self.wind"), **streamed)
    said(found, "advice", "plays differently", "another process of the service")
    assert "problem" not in dict(found), found


def test_bots_of_a_streamed_game_go_on_too():
    code = game(imports="def push(seen, random):\n    return random.randrange(3)")
    group = {**GROUP, "people": 1}
    found = findings(code, settings=function(), streamed=True, group=group)
    said(found, "ok", "goes into a new copy, which goes on")
