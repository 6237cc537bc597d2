"""Recorded games become Minari datasets that load, and what cannot is told of."""

import json

import numpy as np
import pytest
from conftest import settings
from greenroom import msgpack
from greenroom.exporting import Datasets, dataset_id
from greenroom.replaying import Replay

minari = pytest.importorskip("minari")

GRID = """
import gymnasium, numpy
class Grid(gymnasium.Env):
    observation_space = gymnasium.spaces.Dict({
        "at": gymnasium.spaces.Box(-100, 100, (2,), numpy.float32), "step": gymnasium.spaces.Discrete(10),
    })
    action_space = gymnasium.spaces.Discrete(3)
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t, self.at = 0, self.np_random.normal(size=2).astype(numpy.float32)
        return self.seen(), {}
    def seen(self):
        return {"at": self.at, "step": self.t}
    def step(self, action):
        self.t += 1
        self.at[0] += action
        return self.seen(), float(action), self.t == 4, False, {"t": self.t, "who": "me", "odd": [1] * self.t}
env = Grid()
"""

PAIR = """
import gymnasium, numpy
class Pair:
    possible_agents = ["left", "right"]
    def observation_space(self, agent):
        return gymnasium.spaces.Box(0, 9, (1,), numpy.float32)
    def action_space(self, agent):
        return gymnasium.spaces.Discrete(3)
    def reset(self, *, seed=None):
        self.t, self.agents = 0, [*self.possible_agents]
        return {agent: numpy.zeros(1, numpy.float32) for agent in self.agents}, {agent: {} for agent in self.agents}
    def step(self, actions):
        self.t += 1
        over = {"left": self.t == 3, "right": self.t == 5}
        def by(value):
            return {agent: value(agent) for agent in actions}
        self.agents = [agent for agent in actions if not over[agent]]
        return (
            by(lambda agent: numpy.full(1, self.t, numpy.float32)), by(lambda agent: float(actions[agent])),
            by(lambda agent: over[agent]), by(lambda agent: False), by(lambda agent: {}),
        )
env = Pair()
"""


def about(scene, **agents):
    return json.dumps({"scene_id": scene, "game_id": "g1", "consent_version": None, "agents": agents})


def recorded(code, given, seats, actions, seed):
    """The rows of an episode, and its inputs as a record has them."""
    replay = Replay(code, "env.py", "/nowhere", given, seats, seats, "browser")
    replay.begin(0, seed)
    inputs = [[msgpack.encode(value) for value in frame] for frame in actions]
    rows = [replay.step(frame) for frame in inputs]
    assert replay.done
    replay.close()
    return inputs, rows


def export(tmp_path, games):
    datasets = Datasets(str(tmp_path), "my.study")
    for code, given, seats, scene, agents, episodes in games:
        datasets.game(code, "env.py", "/nowhere", given, seats, seats, "browser", about(scene, **agents))
        for number, (seed, inputs, rows) in enumerate(episodes):
            datasets.episode(number, seed, None, inputs, rows)
    return json.loads(datasets.finish())


def load(tmp_path, name, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    return minari.load_dataset(name)


def test_an_episode_is_what_the_agent_saw_did_and_got(tmp_path, monkeypatch):
    given = settings()
    episodes = [(seed, *recorded(GRID, given, ["human"], [[0], [1], [2], [1]], seed)) for seed in (5, 6)]
    who = {"subject_id": "ann", "visit": 2, "completed": True, "dismissed": None}
    told = export(tmp_path, [(GRID, given, ["human"], "grid", {"human": who}, episodes)])
    assert told["problems"] == []
    assert [(one["dataset_id"], one["episodes"], one["steps"]) for one in told["datasets"]] == [
        ("my_study/grid/human-v0", 2, 8)
    ]
    dataset = load(tmp_path, "my_study/grid/human-v0", monkeypatch)
    assert (dataset.total_episodes, dataset.total_steps) == (2, 8)
    for episode, seed in zip(dataset.iterate_episodes(), (5, 6)):
        assert episode.observations["at"].shape == (5, 2) and episode.observations["at"].dtype == np.float32
        start = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))).normal(size=2).astype(np.float32)
        assert episode.observations["at"][:, 0] == pytest.approx(start[0] + np.array([0, 0, 1, 3, 4]), abs=1e-5)
        assert episode.observations["step"].tolist() == [0, 1, 2, 3, 4]
        assert episode.actions.tolist() == [0, 1, 2, 1] and episode.rewards.tolist() == [0, 1, 2, 1]
        assert episode.terminations.tolist() == [False, False, False, True] and not episode.truncations.any()
        assert episode.infos["t"].tolist() == [1, 2, 3, 4] and set(episode.infos) == {"t", "who", "odd.0"}
    metadata = [*dataset.storage.get_episode_metadata([0, 1])]
    assert [one["seed"] for one in metadata] == [5, 6]
    assert metadata[0]["subject_id"] == "ann" and metadata[0]["completed"]
    whole = json.loads(metadata[1]["greenroom"])
    assert whole["dismissed"] is None and whole["consent_version"] is None and whole["episode"] == 1


def test_each_agent_has_its_own_dataset_and_its_own_end(tmp_path, monkeypatch):
    given = settings(policies={"left": "human", "right": "human"})
    frames = [[1, 2], [0, 1], [2, 2], [None, 1], [None, 0]]
    episode = (1, *recorded(PAIR, given, ["left", "right"], frames, 1))
    told = export(tmp_path, [(PAIR, given, ["left", "right"], "pair", {}, [episode])])
    assert {one["dataset_id"]: one["steps"] for one in told["datasets"]} == {
        "my_study/pair/left-v0": 3, "my_study/pair/right-v0": 5,
    }  # fmt: skip
    left = next(load(tmp_path, "my_study/pair/left-v0", monkeypatch).iterate_episodes())
    assert left.observations[:, 0].tolist() == [0, 1, 2, 3] and left.actions.tolist() == [1, 0, 2]
    assert left.terminations.tolist() == [False, False, True]


def test_what_does_not_fit_is_told_of_and_the_others_go_on(tmp_path, monkeypatch):
    given = settings()
    inputs, rows = recorded(GRID, given, ["human"], [[0], [1], [2], [1]], 5)
    bare = GRID.replace("    action_space =", "    _space =").replace("gymnasium.Env", "object").replace(
        "super().reset(seed=seed)", "self.np_random = numpy.random.default_rng(seed)"
    )
    small = GRID.replace("Discrete(10)", "Discrete(2)")
    wrong = [*rows[:2], rows[3], rows[3]]
    games = [
        (code, given, ["human"], scene, {}, [(5, inputs, rows)])
        for code, scene in ((bare, "bare"), (small, "small"), ("env = 1 / 0", "broken"), (GRID, "grid"))
    ]
    games.append((GRID, given, ["human"], "differs", {}, [(5, inputs, wrong)]))
    told = export(tmp_path, games)
    assert [one["scene_id"] for one in told["datasets"]] == ["grid"]
    problems = {one["scene_id"]: one["problem"] for one in told["problems"]}
    assert "no action_space of gymnasium" in problems["bare"]
    assert "observation is not in its space" in problems["small"]
    assert "could not be made" in problems["broken"] and "ZeroDivisionError" in problems["broken"]
    assert "did not come out as recorded" in problems["differs"]
    assert load(tmp_path, "my_study/grid/human-v0", monkeypatch).total_episodes == 1
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".part")] == []


def test_a_second_export_takes_the_place_of_the_first(tmp_path, monkeypatch):
    given = settings()
    episodes = [(seed, *recorded(GRID, given, ["human"], [[0], [1], [2], [1]], seed)) for seed in (5, 6)]
    for count in (1, 2):
        export(tmp_path, [(GRID, given, ["human"], "grid", {}, episodes[:count])])
        assert load(tmp_path, "my_study/grid/human-v0", monkeypatch).total_episodes == count
    assert sorted(entry.name for entry in (tmp_path / "my_study/grid").iterdir() if entry.is_dir()) == ["human-v0"]


def test_each_game_may_have_a_folder_that_is_gone_after_it(tmp_path):
    given = settings()
    inputs, rows = recorded(GRID, given, ["human"], [[0], [1], [2], [1]], 5)
    datasets = Datasets(str(tmp_path / "out"), "my.study")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        datasets.game(GRID, "env.py", str(tmp_path / name), given, ["human"], ["human"], "browser", about("grid"))
        datasets.episode(0, 5, None, inputs, rows)
        datasets.end_of_game()
        (tmp_path / name).rmdir()
    told = json.loads(datasets.finish())
    assert told["problems"] == [] and told["datasets"][0]["episodes"] == 2


def test_ids_are_those_that_minari_takes():
    from minari.dataset.minari_dataset import parse_dataset_id

    for names in (("a.b", "scène", "0"), ("x", "y", "agent 1"), ("s", "t", "")):
        assert parse_dataset_id(dataset_id(*names))[2] == 0
