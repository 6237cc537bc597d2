"""Games of one process know nothing of each other: interleaved they are what each is alone."""

import random
import sys

import pytest
from conftest import ROOT
from hosted import Played, learnt, scene
from test_rollback import dice

from greenroom import msgpack
from greenroom.hosting import Host
from greenroom.snapshot import MODULE

# State in every corner that Python has, beside the environment's own attributes.
CODE = '''
import random
import numpy
import helper
from tools import counting
START = random.random()  # before any episode
seen = 0
class Mark:
    total = 0  # of the class
class Corners:
    agents = ["a", "b"]
    def reset(self, *, seed=None):
        global seen
        import late  # not before the first episode
        self.t, seen, Mark.total = 0, seed % 7, 0
        helper.reset(seed), counting.reset(), late.reset()
        self.mark = None
        return self._seen(), {"a": {}, "b": {}}
    def _seen(self):
        return {"a": [float(seen)], "b": [START]}
    def step(self, actions):
        import late
        global seen
        self.t += 1
        seen += actions["a"]
        Mark.total += actions["b"] * random.randrange(5)
        noise = random.random() + float(numpy.random.normal()) + helper.noise() + counting.count() + late.count()
        no = {"a": self.t >= 40, "b": self.t >= 40}
        return self._seen(), {"a": noise, "b": float(Mark.total)}, no, {"a": False, "b": False}, {"a": {}, "b": {}}
    def get_state(self):
        return {"t": self.t, "seen": seen, "total": Mark.total}
    def set_state(self, state):
        global seen
        self.t, seen, Mark.total = state["t"], state["seen"], state["total"]
env = Corners()
def bot(seen, random):
    return helper.count(random)
'''
FILES = {
    "helper.py": "import random\nowned = {}\n"
    "def reset(seed):\n    owned.clear(), owned.update(r=random.Random(seed), n=0)\n"
    "def noise():\n    owned['n'] += 1\n    return owned['n'] + owned['r'].random()\n"
    "def count(random):\n    return (owned['n'] + random.randrange(3)) % 3\n",
    "late.py": "from tools.counting import Counter\nmine = Counter()\nreset, count = mine.reset, mine.count\n",
    "tools/__init__.py": "",
    "tools/counting.py": "class Counter:\n    n = 0\n    def reset(self): self.n = 0\n"
    "    def count(self):\n        self.n += 1\n        return self.n\n"
    "mine = Counter()\nreset, count = mine.reset, mine.count\n",
}


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # put back afterwards
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return str(tmp_path)


def interleaved(host, chosen, seeds, order):
    """Several games, each with turns of its own length, in an order of chance; their records by seed."""
    games = {}
    source = random.Random(order)
    waiting = list(seeds)
    while waiting or any(game.turn.end is None for game in games.values()):
        if waiting and source.random() < 0.2:
            seed = waiting.pop()
            host.open(f"game {seed}", "scene")
            games[seed] = Played(host, f"game {seed}", seed, chosen)
        ready = [game for game in games.values() if game.turn.end is None]
        if ready:
            source.choice(ready).step(source.randrange(1, 4) if chosen[-1] is not None else 1)
    return {seed: game.record for seed, game in games.items()}


@pytest.mark.parametrize("order", range(3))
def test_interleaved_games_are_what_each_is_alone(study, order):
    given = scene(("a", "b"), people=1, policies={"a": "human", "b": {"function": {"name": "bot"}}})
    modules = set(sys.modules)
    alone = {}
    for seed in (1, 2, 3):
        host = learnt(CODE, given, study)
        host.open("game", "scene")
        alone[seed] = Played(host, "game", seed, [[0, 1, 2], None])
        while alone[seed].turn.end is None:
            alone[seed].step()
        host.close("game")
    assert len({tuple(game.rows) for game in alone.values()}) == 3
    host = learnt(CODE, given, study)
    together = interleaved(host, [[0, 1, 2], None], (1, 2, 3), order)
    for seed, game in alone.items():
        assert together[seed] == game.record
    for seed in together:
        host.close(f"game {seed}")
    own = {"helper", "late", "tools", "tools.counting", MODULE}
    assert not own & (set(sys.modules) - modules)


@pytest.mark.parametrize(("name", "agents", "count"), [("overcooked", ("0", "1"), 7), ("", ("a", "b"), 3)])
def test_libraries_are_shared_and_do_no_harm(name, agents, count):
    code = (ROOT / "experiments" / "environments" / f"{name}.py").read_text() if name else dice()
    given = scene(agents, range(count), max_steps=25)
    alone = {}
    for seed in (1, 2):
        host = learnt(code, given)
        host.open("game", "scene")
        alone[seed] = Played(host, "game", seed, [range(count)] * 2).play().record
    together = interleaved(learnt(code, given), [range(count)] * 2, (1, 2), 0)
    assert together == alone


def test_scenes_of_several_kinds_side_by_side(study):
    """One has modules of its own where the other has none; a name that both use is two things."""
    host = learnt(CODE, scene(("a", "b")), study)
    other = "import sys\nassert 'helper' not in sys.modules\n" + dice()
    host.learn("dice", other, "game.py", "", scene(("a", "b")), {}, False, 0)
    for name, learnt_as in (("one", "scene"), ("two", "dice"), ("three", "scene")):
        host.open(name, learnt_as)
    runners = [host._games[name].runner for name in ("one", "two", "three")]
    assert runners[0]._namespace["helper"] is not runners[2]._namespace["helper"]
    assert runners[0]._namespace["random"] is runners[2]._namespace["random"]
    host.stand("one", 0, 1, None, None), host.stand("two", 0, 1, None, None), host.stand("three", 0, 2, None, None)
    host.advance("one", 0, 0, msgpack.encode([[msgpack.encode(0)] * 2]), 0)
    assert sys.modules["helper"] is runners[0]._namespace["helper"]
    assert sys.modules[MODULE].__dict__ is runners[0]._namespace


def test_a_folder_of_pictures_hides_no_package(study, tmp_path):
    (tmp_path / "gymnasium").mkdir()
    (tmp_path / "statistics.py").write_text("mean = 'ours'")  # as for a script in this folder
    saved = sys.modules.pop("statistics", None)
    host = learnt("import gymnasium, statistics\nassert gymnasium.make and statistics.mean == 'ours'\n" + dice(),
                  scene(("a", "b")), study)  # fmt: skip
    host.open("one", "scene")
    host.close("one")
    assert "statistics" not in sys.modules
    if saved:
        sys.modules["statistics"] = saved


OBJECTS = '''
import helper
class Thing:
    def __init__(self): self.n = 0
class Env:
    def reset(self, *, seed=None):
        self.things = [Thing()]
        self.t = 0
        return 0, {}
    def step(self, action):
        self.things[0].n += action
        return 0, float(self.things[0].n), False, False, {}
    def get_state(self):
        return {"things": self.things}
    def set_state(self, state):
        assert all(type(thing) is Thing for thing in state["things"])
        self.things = state["things"]
env = Env()
'''


def test_snapshots_find_the_classes_of_their_own_game(study):
    """A pickle names classes by module, and both games have modules of these names."""
    from greenroom import snapshot

    thing = "class Thing:\n    def __init__(self): self.n = 0\n"
    code = OBJECTS.replace("Thing()", "helper.Thing()").replace(thing, "").replace("is Thing", "is helper.Thing")
    with open("helper.py", "a") as file:
        file.write(thing)
    for text in (OBJECTS, code):
        from greenroom.isolation import World
        from greenroom.simulation import Simulation

        worlds, games = [World(study), World(study)], []
        for world in worlds:
            world.enter()
            games.append(Simulation(text, "game.py", scene(("me",))))
            games[-1]._start(1)
        taken = []
        for world, game, action in zip(worlds, games, (1, 2)):
            world.enter()
            game.env.step(action)
            taken.append(snapshot.capture(game.env))
            game.env.step(action)
        for world, game, state, action in zip(worlds, games, taken, (1, 2)):
            world.enter()
            snapshot.restore(game.env, state)
            assert game.env.things[0].n == action
        for world in worlds:
            world.close()


def test_an_error_in_one_game_leaves_the_others_alone(study):
    host = learnt(CODE, scene(("a", "b")), study)
    host.learn("broken", dice().replace("self.t += 1", "self.t += 1; assert self.t < 60"), "game.py", "",
               scene(("a", "b"), max_steps=100), {}, False, 0)  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        host.learn("never", "1 / 0", "game.py", "", scene(("a", "b")), {}, False, 0)
    host.open("bad", "broken"), host.open("good", "scene")
    bad = Played(host, "bad", 1, [[0, 1]] * 2)
    good = Played(host, "good", 1, [[0, 1]] * 2)
    with pytest.raises(AssertionError):
        while True:
            bad.step(7)
            good.step(1) if good.turn.end is None else None
    host.close("bad")
    while good.turn.end is None:
        good.step()
    other = Host()
    other.learn("scene", CODE, "game.py", study, scene(("a", "b")), {}, False, 0)
    other.open("good", "scene")
    assert Played(other, "good", 1, [[0, 1]] * 2).play().rows == good.rows


def test_frames_that_libraries_draw_are_each_games_own():
    pytest.importorskip("pygame")
    code = "import gymnasium\nenv = gymnasium.make('CartPole-v1', render_mode='rgb_array', max_episode_steps=12)"
    given = scene(("human",), [0, 1])
    records = []
    for together in (False, True):
        host = learnt(code, given, pictures=True)
        for name in ("one", "two"):
            host.open(name, "scene")
        games = [Played(host, name, seed, [[0, 1]]) for name, seed in (("one", 3), ("two", 4))]
        while any(game.turn.end is None for game in games):
            for game in games:
                while game.turn.end is None:
                    game.step()
                    if together:
                        break
        records.append([(*game.record, [shown.frame for shown in game.pictures]) for game in games])
    assert records[0] == records[1] and records[0][0] != records[0][1]
