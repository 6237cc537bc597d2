"""Copies beside the service's own: they adopt its states, whatever they think themselves."""

import json
import math

import pytest
from conftest import settings
from hosted import game, learnt, scene
from simulated import copy_settings
from test_rollback import copy_of, dice, tick

from greenroom import msgpack
from greenroom.checkpoint import compare
from greenroom.rollback import Rollback

# Chaos: what differs grows with each step; and last bits that are another machine's own.
CHAOS = '''
NOISE = 0.0
class Chaos:
    def reset(self, *, seed=None):
        self.t, self.x = 0, 0.3
        return [self.x], {}
    def step(self, action):
        self.t += 1
        self.x = 3.7 * self.x * (1 - self.x) * (1 - 0.01 * action) + NOISE * ((self.t * 7) % 5 - 2)
        return [self.x], 0.0, False, False, {}
    def get_state(self):
        return {"t": self.t, "x": self.x}
    def set_state(self, state):
        self.t, self.x = state["t"], state["x"]
    def render(self):
        return [{"id": "x", "kind": "circle", "x": 1000 * self.x, "y": 5, "radius": 3, "persistent": False}]
env = Chaos()
'''


def chaos(noise, **changes):
    code = CHAOS.replace("NOISE = 0.0", f"NOISE = {noise}")
    made = Rollback(code, "chaos.py", copy_settings(["me"], 0, [0, 1], 10**6, record_observations=False, **changes))
    made.reset(1)
    return made


@pytest.mark.parametrize("adopting", [True, False])
def test_noise_stays_bounded_by_adopting_and_grows_without(adopting):
    interval, frames = 30, 20_000 if adopting else 2_000
    changes = {"hash_interval": 0, "state_broadcast_interval": interval, "snapshot_interval": 10}
    reference, copy = chaos(0.0, **changes), chaos(1e-13, **changes)
    largest = furthest = 0.0
    for first in range(0, frames, interval):
        inputs = [[(first + i) // 7 % 2] for i in range(interval)]
        for one in (reference, copy):
            tick(one, ["draw", False], ["confirmed", first, inputs])
        furthest = max(furthest, abs(reference.env.x - copy.env.x))
        if adopting:
            # It comes when the copy has gone on for a while on its own.
            state = reference.snapshot(first + interval)
            tick(copy, ["advance", 4])
            output = tick(copy, ["adopt", first + interval, state])
            frame, distance, fields = output.adopted
            assert frame == first + interval and (distance > 0) == bool(output.replayed)
            largest = max(largest, distance)
            assert compare(copy._kept[frame], state, copy.env) is None
    assert 0 < furthest < 1e-4 if adopting else furthest > 0.1
    assert largest == furthest if adopting else largest == 0


def test_what_is_equal_is_not_rolled_back():
    reference, copy = copy_of(), copy_of()
    for one in (reference, copy):
        tick(one, ["confirmed", 0, [[1, 2]] * 30])
    before = copy._kept[30]
    output = tick(copy, ["advance", 2], ["adopt", 30, reference.snapshot(30)])
    assert (output.adopted, output.replayed) == ((30, 0.0, []), 0)
    assert copy._kept[30] is before and output.t == 32
    assert tick(copy).adopted is None


def differing(**changes):
    """A copy whose ball is elsewhere than the reference's, which it knows up to frame 30."""
    reference, copy = copy_of(hash_interval=10, **changes), copy_of(hash_interval=10, **changes)
    tick(reference, ["confirmed", 0, [[1, 2]] * 30])
    hashes = tick(copy, ["confirmed", 0, [[1, 2]] * 29]).hashes
    copy.env.x["a"] += 0.5
    copy._kept[29] = copy._save()
    return reference, copy, hashes + tick(copy, ["confirmed", 29, [[1, 2]]]).hashes


def test_own_inputs_go_on_and_the_picture_glides():
    reference, copy, hashes = differing(input_delay=2)
    sent = {}
    for key in (2, 1, 2):
        output = tick(copy, ["local", key], ["advance", True])
        first, inputs = msgpack.decode(output.send)
        sent.update(enumerate(inputs, first))
    place = json.loads(output.draw)["objects"][0]["x"]
    output = tick(copy, ["adopt", 30, reference.snapshot(30)])
    frame, largest, fields = output.adopted
    # One number was moved; others that depend on it, like the score, were not measured apart from it.
    assert frame == 30 and 0.5 <= largest and any("x.a" in line for line in fields)
    assert (output.t, output.replayed, output.depth) == (33, 3, 0)
    drawn = json.loads(output.draw)
    assert drawn["corrections"]["a"][0] == pytest.approx(place - drawn["objects"][0]["x"])
    assert copy._timeline.newest(0, 0)[1] == [msgpack.decode(sent[frame]) for frame in sorted(sent)]
    # From here on the two are one.
    inputs = [[0, 0], [0, 0], *([[msgpack.decode(sent[32]), 1]]), *([[1, 1]] * 27)]
    one, two = (tick(each, ["confirmed", 30, inputs]) for each in (reference, copy))
    assert one.hashes == two.hashes and [frame for frame, _ in two.hashes] == [40, 50, 60]
    assert hashes[-1][0] == 30  # no hash comes twice


def test_a_guess_is_corrected_before_it_is_compared():
    reference, copy = copy_of(hash_interval=10), copy_of(hash_interval=10, prediction="default")
    tick(reference, ["confirmed", 0, [[1, 2]] * 10])
    tick(copy, ["confirmed", 0, [[1, 2]] * 6], ["advance", 4])
    output = tick(copy, ["confirmed", 6, [[1, 2]] * 4], ["adopt", 10, reference.snapshot(10)])
    assert output.depth > 0 and output.adopted == (10, 0.0, [])


def test_a_state_of_the_future_is_adopted_as_it_is():
    reference, copy = copy_of(hash_interval=10), copy_of(hash_interval=10)
    tick(reference, ["confirmed", 0, [[1, 2]] * 30])
    tick(copy, ["confirmed", 0, [[1, 2]] * 3])
    output = tick(copy, ["adopt", 30, reference.snapshot(30)])
    assert output.adopted == (30, None, []) and output.t == output.confirmed == 30 and output.healed is None
    tick(copy, ["adopt", 10, reference.snapshot(10)])  # too old: the copy knows nothing so early
    more = ["confirmed", 30, [[2, 1]] * 30]
    assert tick(reference, more).hashes[-3:] == tick(copy, more).hashes[-3:]


def test_states_that_may_come_are_kept_long_enough():
    copy = copy_of(hash_interval=0, state_broadcast_interval=45, max_steps=5000)
    for first in range(0, 600, 20):
        tick(copy, ["confirmed", first, [[1, 1]] * 20])
    assert {450, 495, 540, 585} <= set(copy._kept._states)
    reference = copy_of(hash_interval=0, state_broadcast_interval=45, max_steps=5000)
    tick(reference, ["confirmed", 0, [[1, 1]] * 450])
    while reference._at < 450:
        tick(reference)
    assert tick(copy, ["adopt", 450, reference.snapshot(450)]).adopted == (450, 0.0, [])


def test_the_services_own_copy_and_the_browsers_are_one():
    given = scene(("a", "b"))
    code = dice(state=True)
    played = game(learnt(code, given, state_interval=15), "one", 5, [[0, 1, 2]] * 2).play()
    inputs = [[msgpack.decode(action) for action in frame] for frame in played.inputs]
    states = {frame: state for frame, state, _ in played.states}
    copy = Rollback(code, "game.py", copy_settings(("a", "b"), 0, [0, 1, 2], 60, state_broadcast_interval=15))
    copy.reset(5)
    hashes = []
    for frame in range(60):
        events = [["confirmed", frame, [inputs[frame]]], ["local", 1], ["advance", True]]
        if frame % 15 == 14:
            events.append(["adopt", frame + 1, states[frame + 1]])
        output = tick(copy, *events)
        hashes += output.hashes
        if frame % 15 == 14:
            assert output.adopted == (frame + 1, 0.0, [])
    assert hashes == played.hashes


def test_distances_of_all_kinds():
    one = copy_of()
    tick(one, ["confirmed", 0, [[1, 1]] * 10])
    saved = one._kept[10]

    def against(**changes):
        content = msgpack.decode(one.snapshot(10))
        content["fields"].update(changes)
        return compare(saved, msgpack.encode(content), one.env)

    x = msgpack.decode(one.snapshot(10))["fields"]["x"]
    assert against() is None
    largest, fields = against(x={**x, "a": x["a"] + 1e-13})
    assert 0 < largest < 1e-12 and fields == []  # beneath what anybody is told
    assert against(t=13)[0] == 3.0 and against(t=13)[1] == ["t: 10 != 13"]
    assert against(t=math.inf)[0] == math.inf
    assert against(t="ten") == (0.0, ["t: 10 != 'ten'"])
    assert against(x={"a": x["a"]})[1] == [f"x.b: {_rounded(x['b'])} != (missing)"]
    assert against(**{"(random)": "other"}) == (0.0, ["(random): differ"])


def _rounded(value):
    return float(f"{value:.9g}")


def test_the_services_bots_need_no_actions_of_the_scene():
    """A copy sees the service's bots as seats; the scene's actions are people's."""
    code = '''
import gymnasium
class Env:
    possible_agents = ["me", "bot"]
    def action_space(self, agent):
        return gymnasium.spaces.Discrete(3 if agent == "me" else 1)
    def reset(self, *, seed=None):
        return {"me": 0, "bot": 0}, {}
    def step(self, actions):
        no = {"me": False, "bot": False}
        return {"me": 0, "bot": 0}, {"me": 0.0, "bot": 0.0}, no, no, {}
    def render(self, *, agent_id):
        return [{"id": agent_id, "kind": "circle", "x": 1, "y": 5, "radius": 3, "persistent": False}]
env = Env()
'''
    given = settings(policies={"me": "human", "bot": "human"}, agents=["me", "bot"], me=0, people=1)
    copy = Rollback(code, "env.py", given)
    assert json.loads(copy.reset(1).draw)["objects"][0]["id"] == "me"  # drawn for this player
    copy.reset(1, me=None)
    rows = tick(copy, ["rows", 0], ["confirmed", 0, [[2, 0]]]).rows
    assert msgpack.decode(rows[0])["actions"] == {"me": 2, "bot": 0}
