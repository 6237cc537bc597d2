"""Sounds: heard once, with the next picture, whatever a rollback, a reload or the service's own copy does."""

import json
import random

from conftest import settings
from hosted import scene
from simulated import copy_settings

from greenroom import Surface, msgpack
from greenroom.engine import Engine
from greenroom.replaying import Replay
from greenroom.rollback import Rollback
from greenroom.runner import Runner
from greenroom.sounds import LATE, Sounds, with_sounds

DRUM = """
from greenroom import Surface
class Drum:
    agents = ["a", "b"]
    def __init__(self):
        self.surface = Surface(60, 40)
        self.surface.register_sound("hit", "hit.wav")
        self.surface.register_sound("tick", "tick.wav")
    def reset(self, *, seed=None):
        self.surface.reset()
        self.t, self.hits = 0, 0
        return {agent: [0] for agent in self.agents}, {}
    def step(self, actions):
        self.t += 1
        for action in actions.values():
            if action == 1:
                self.hits += 1
                self.surface.sound("hit", volume=0.5)
        return ({agent: [self.t] for agent in self.agents}, {agent: 0.0 for agent in self.agents},
                {agent: False for agent in self.agents}, {agent: False for agent in self.agents}, {})
    def render(RENDER):
        self.surface.rect(x=0, y=0, w=5, h=5, id="r")
        if self.t == 2 AND:
            self.surface.sound("tick")
        return self.surface.commit()
env = Drum()
"""
EVERYBODY = DRUM.replace("RENDER", "self").replace(" AND", "")
APART = DRUM.replace("RENDER", "self, agent").replace("AND", "and agent == 'b'")
SINGLE = EVERYBODY.replace('agents = ["a", "b"]', "agents = ['human']")


def heard(output):
    draw = output.draw if hasattr(output, "draw") else output
    return [] if draw is None else json.loads(draw).get("sounds", [])


def copy(code=EVERYBODY, **changes):
    made = Rollback(code, "drum.py", copy_settings(("a", "b"), 0, [0, 1], 600, input_delay=0, prediction="previous", **changes))
    made.reset(1)
    return made


def tick(copy, *events):
    return copy.tick(msgpack.encode([list(event) for event in events]))


def test_a_sound_comes_with_the_next_picture_once():
    engine = Engine(SINGLE, "drum.py", settings(actions=[0, 1], default_action=0))
    outputs = [engine.reset(0)]
    rows = []
    for given in (1, 0, 0, 1):
        outputs.append(engine.step(json.dumps({"human": given})))
        rows.append(outputs[-1].row)
    hit, ticks = ["hit", 0.5], ["tick", 1.0]
    assert [heard(output) for output in outputs] == [[], [hit], [ticks], [], [hit]]
    assert json.loads(outputs[1].draw)["objects"], "the picture is there as well"
    engine.reset(0)
    assert heard(engine.replay(rows)) == [], "a reload is silent"
    assert heard(engine.redraw()) == []


def test_what_was_guessed_right_is_not_heard_again():
    it = copy()
    played = heard(tick(it, ["local", 1], ["advance", 1]))
    played += heard(tick(it, ["local", 0], ["advance", 1]))
    # The other one turns out to have done something silent, so both frames are made anew.
    output = tick(it, ["input", 1, 0, 9], ["local", 0], ["advance", 1])
    played += heard(output)
    played += heard(tick(it, ["confirmed", 0, [[1, 1], [0, 0]]], ["local", 0], ["advance", 1]))
    assert output.depth == 0 or output.replayed
    assert [name for name, _ in played] == ["hit", "tick", "hit"], "the other's own hit is new"
    assert it.env.hits == 2


def test_a_hit_that_comes_later_than_guessed_is_one_hit():
    it = copy()
    tick(it, ["input", 1, 0, 1], ["advance", 1])  # heard now, and guessed to go on
    played = heard(tick(it, ["advance", 1]))
    assert [name for name, _ in played].count("hit") == 1, "predicted: held on"
    output = tick(it, ["confirmed", 0, [[0, 1], [0, 0], [0, 1]]])
    assert "hit" not in [name for name, _ in heard(output)], "one of them was heard already"


def test_however_often_it_guesses_wrong_nothing_is_heard_too_often():
    for seed in range(30):
        draw = random.Random(seed)
        it, true, played, sent = copy(), [], [], 0
        for frame in range(80):
            true.append([draw.choice([0, 0, 0, 1]), draw.choice([0, 0, 0, 0, 1])])
            events = [["local", true[-1][0]], ["advance", 1]]
            known = min(frame + 1, max(sent, frame - draw.randrange(6)))
            if known > sent:
                events.insert(0, ["confirmed", sent, true[sent:known]])
                sent = known
            played += heard(tick(it, *events))
        played += heard(tick(it, ["confirmed", sent, true[sent:]], ["advance", 1]))
        names = [name for name, _ in played]
        hits = sum(map(sum, true))
        assert names.count("tick") == 1
        # What was guessed wrongly was heard, and stands for the next one; no wrong guess is heard more than once.
        assert names.count("hit") >= hits * 0.7, (seed, names.count("hit"), hits)
        wrong = sum(1 for before, after in zip(true, true[1:]) if before[1] == 1 and after[1] == 0)
        assert names.count("hit") <= hits + 6 * wrong


def test_what_is_long_over_is_silent():
    it = copy()
    frames = [[1, 1]] * 100
    played = heard(tick(it, ["confirmed", 0, frames]))
    assert len(played) <= 2 * LATE
    assert heard(tick(it, ["draw", False], ["confirmed", 100, [[1, 0]]])) == []


def test_the_services_own_copy_tells_everybody_and_an_own_picture_only_its_player():
    for code, expected in ((EVERYBODY, {0b11: ["tick"]}), (APART, {0b01: [], 0b10: ["tick"]})):
        runner = Runner(code, "drum.py", scene(("a", "b"), actions=(0, 1)), pictures=True)
        runner.stand(0, 1)
        told = {}
        for frame, given in enumerate(([1, 0], [0, 0], [0, 0])):
            data = msgpack.encode([[msgpack.encode(value) for value in given]])
            for shown in runner.advance(0, frame, data).pictures:
                told.setdefault(shown.seats, []).append([name for name, _ in heard(shown)])
        assert told == {seats: [["hit"], ticks, []] for seats, ticks in expected.items()}
        runner.stand(0, 1)
        needing = runner.advance(0, 0, msgpack.encode([[msgpack.encode(1)] * 2]), complete=0b11).pictures
        assert all([name for name, _ in heard(shown)] == ["hit", "hit"] for shown in needing)


def test_a_film_is_silent_and_nothing_is_left_behind():
    given = scene(("a", "b"), actions=(0, 1))
    replay = Replay(EVERYBODY, "drum.py", "", given, ["a", "b"], ["a", "b"], "browser", pictures=True)
    replay.begin(0, 1)
    for _ in range(50):
        replay.step([msgpack.encode(1)] * 2)
        assert all(heard(shown.draw) == [] for shown in replay.pictures())
    replay.close()
    sounds = Sounds()
    sounds.hear(1)
    assert sounds.take(1) == []


def test_a_packet_of_sounds_alone():
    assert with_sounds(None, []) is None
    assert with_sounds("{}", []) == "{}"
    assert json.loads(with_sounds(None, [["a", 1]])) == {"sounds": [["a", 1]]}
    assert json.loads(with_sounds('{"full":true}', [["a", 1]])) == {"full": True, "sounds": [["a", 1]]}


def test_an_environment_to_which_nobody_listens_fills_no_memory():
    surface = Surface(10, 10)
    surface.register_sound("a", "a.wav")
    sounds = Sounds()
    for frame in range(2000):
        surface.sound("a")
        sounds.hear(frame)
    assert len(sounds.take(2000)) < LATE
    for _ in range(100_000):
        surface.sound("a")
    sounds.hear(2000)
    assert len(sounds.take(2000)) <= 32
