"""Values that scenes share: found and left by environments alike, wherever they run, however often they are rolled back."""

import json

import pytest
from conftest import settings
from hosted import game, learnt, scene
from simulated import copy_settings, decoded, play, straight
from test_replaying import replay, through
from test_rollback import dice

from greenroom import msgpack
from greenroom.engine import Engine
from greenroom.errors import EnvironmentContractError

LEVELS = '''
begun = dict(globals_)
class Levels:
    def reset(self, *, seed=None):
        self.t = 0
        return [float(globals_["level"])], {}
    def step(self, action):
        self.t += 1
        globals_["coins"] += action
        if self.t == 3:
            globals_["level"] += 1
            globals_["seen"].append([self.t, 1.0])
        return [float(globals_["level"])], float(globals_["coins"]), self.t >= 3, False, {}
env = Levels()
'''
FIRST = {"human": {"level": 1, "coins": 0.0, "seen": []}}

# As dice, and every step counts for its player and for everybody.
COUNTING = '''
Other = type(env)
class Counting(Other):
    def step(self, actions):
        for agent, action in actions.items():
            globals_[agent]["moves"] += action
            globals_[agent]["last"] = [self.t, self.x[agent]]
        return super().step(actions)
    def advance(self, actions):
        return self.step(actions)[1:]
env = Counting()
'''
BOTH = {agent: {"moves": 0, "last": None, "kept": 1.5} for agent in ("a", "b")}


def episode(engine, *actions, shared=None):
    engine.reset(1, 0, shared)
    for action in actions:
        output = engine.step(json.dumps({"human": action}))
    return msgpack.decode(output.row)


def test_an_environment_finds_the_values_and_leaves_what_it_changed():
    engine = Engine(LEVELS, "levels.py", settings(globals=FIRST))
    assert engine._namespace["begun"] == FIRST["human"]
    row = episode(engine, 0, 2, 1)
    assert row["globals"] == {"human": {"level": 2, "coins": 3.0, "seen": [[3, 1.0]]}}
    assert row["rewards"]["human"] == 3.0
    later = json.dumps({"human": {"level": 7, "coins": 0.5, "seen": []}})
    assert episode(engine, 0, 0, 0, shared=later)["globals"] == {"human": {"level": 8, "seen": [[3, 1.0]]}}


def test_only_the_last_row_has_them_and_only_where_something_changed():
    engine = Engine(LEVELS, "levels.py", settings(globals=FIRST))
    engine.reset(1)
    assert "globals" not in msgpack.decode(engine.step('{"human": 0}').row)
    quiet = LEVELS.replace('globals_["coins"] += action', "").replace("self.t == 3", "False")
    assert "globals" not in episode(Engine(quiet, "quiet.py", settings(globals=FIRST)), 0, 0, 0)


@pytest.mark.parametrize(("line", "words"), [
    ('globals_["levl"] = 1', r"globals_ has 'levl', which the study does not declare; it has \['level', 'coins', 'seen'\]"),
    ('globals_["level"] = float("nan")', r"globals_\['level'\] is nan; it must be None, a bool"),
    ('globals_["level"] = object()', r"globals_\['level'\] is <object"),
    ('globals_["level"] = "x" * 20000', "globals_ has more than 16384 bytes"),
])  # fmt: skip
def test_what_cannot_be_stored_is_told_at_the_end(line, words):
    code = LEVELS.replace('globals_["level"] += 1', line).replace('float(globals_["level"])', "0.0")
    with pytest.raises(EnvironmentContractError, match=words):
        episode(Engine(code, "levels.py", settings(globals=FIRST)), 0, 0, 0)


def test_a_study_without_them_has_no_such_name():
    with pytest.raises(NameError, match="globals_"):
        Engine(LEVELS, "levels.py", settings())


def test_a_reload_in_the_middle_comes_to_the_same():
    first, again = (Engine(LEVELS, "levels.py", settings(globals=FIRST)) for _ in range(2))
    first.reset(1)
    rows = [first.step(f'{{"human": {action}}}').row for action in (2, 1)]
    again.reset(1, 0, json.dumps(FIRST))
    assert again.replay(rows).diverged is None
    assert again.step('{"human": 0}').row == first.step('{"human": 0}').row


@pytest.mark.parametrize("state", [False, True])
def test_copies_that_predict_and_go_back_agree_on_them(state):
    code = dice(state=state) + COUNTING
    given = {"globals": BOTH}
    players, sequencer = play(code, ["a", "b"], [0, 1, 2], 3, delays=[3, 5], stall=0.05, hide=0.01, **given)
    assert max(player.deepest for player in players) >= 2
    rows, hashes = straight(code, "game.py", copy_settings(["a", "b"], None, [0, 1, 2], 120, **given), 3, decoded(sequencer))
    for player in players:
        assert (player.hashes, player.output.end) == (hashes, len(rows))
    assert players[0].rows == rows
    left = msgpack.decode(rows[-1])["globals"]
    moves = [left[agent].get("moves", 0) for agent in ("a", "b")]
    assert moves == [sum(given) for given in zip(*decoded(sequencer)[: len(rows)])] and sum(moves) > 0
    assert "kept" not in left["a"]


def test_the_services_copy_its_states_and_a_replay_have_the_same():
    code = dice(state=True) + COUNTING
    given = scene(("a", "b"), globals=BOTH)
    host = learnt(code, given)
    played = game(host, "one", 7, [[0, 1, 2]] * 2).play()
    left = msgpack.decode(played.rows[-1])["globals"]
    assert left["b"]["moves"] > 0
    assert through(replay(code, given, ("a", "b")), 7, played.inputs) == (played.rows, played.hashes)
    # Another copy goes on from a state in the middle.
    host.open("two", "scene")
    frame, copy, bots = next(state for state in played.states if state[0] == 30)
    host.stand("two", 0, 7, copy, bots, json.dumps(BOTH))
    turn = host.advance("two", 0, frame, msgpack.encode(played.inputs[frame:]), 0)
    assert turn.rows == played.rows[frame:]


def test_an_episode_begins_with_what_was_given_whatever_another_has_left():
    engine = Engine(LEVELS, "levels.py", settings(globals=FIRST))
    assert episode(engine, 0, 2, 1) == episode(engine, 0, 2, 1)
