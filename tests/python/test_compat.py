"""What scripts of MUG bring to browsers: its surface, its objects, and environments with its habits.

How whole scripts load is tested in tests/modules/compat.rs, with the real loader.
"""

import json
import random
import sys

import pytest
from conftest import ROOT, settings

from greenroom import msgpack
from greenroom.engine import Engine

import greenroom_compat  # noqa: E402  (found where `greenroom` puts it)
from greenroom_compat import objects
from greenroom_compat.environment import adapted

EXAMPLES = ROOT / "tests" / "compat" / "examples"


def tail(agents, size=(600, 400), specs=(), addresses=()):
    """What is appended to a script's environment."""
    told = {"agents": list(agents), "size": list(size), "specs": list(specs), "addresses": list(addresses)}
    return f"\n\nfrom greenroom_compat.environment import adapted as _adapted\nenv = _adapted(env, **{told!r})\n"


def engine(code, agents=("human",), told=None, **changes):
    policies = {str(agent): "human" for agent in agents}
    return Engine(code + tail(agents, **(told or {})), "env.py", settings(policies=policies, **changes))


def playing_of(code):
    """The environment that code leaves."""
    found: dict = {}
    exec(code, found)
    return found["env"]


def drawn(output):
    return {item["id"]: item for item in json.loads(output.draw)["objects"]}


# What theirs are: actions by agent, plain values, and a reset without a seed.
HABITS = """
import random

class Habits:
    def reset(self):
        self.t = 0
        return [random.random()], {"start": True}
    def step(self, actions):
        self.t += 1
        return [random.random()], float(actions["human"]), False, False, {"t": self.t}
    def render(self):
        return %s
    hint = "kept"

env = Habits()
"""


def test_an_environment_with_their_habits_plays_and_repeats():
    def play(seed):
        playing = engine(HABITS % "None")
        playing.reset(seed, 0)
        return [msgpack.decode(playing.step(json.dumps({"human": 2})).row) for _ in range(5)]

    rows = play(3)
    assert rows == play(3) and rows != play(4)
    assert rows[0]["rewards"] == {"human": 2.0} and rows[0]["infos"] == {"human": {"t": 1}}


def test_the_environment_behind_it_is_reached_and_changed():
    playing = engine(HABITS % "None", step_code="env.hint = env.hint + '!'")
    playing.reset(0, 0)
    playing.step('{"human": 0}')
    playing.step('{"human": 0}')
    assert playing.env.hint == playing.env.unwrapped.hint == "kept!!"
    assert adapted(playing.env, ["human"], (1, 1), [], []) is playing.env
    with pytest.raises(AttributeError, match="nothing"):
        playing.env.nothing


def test_an_environment_that_is_made_of_gymnasium_is_seeded():
    path = EXAMPLES / "mountain_car" / "mountain_car_rgb_env.py"
    starts = []
    for seed in (1, 1, 2):
        playing = engine(path.read_text())
        playing.reset(seed, 0)
        starts.append(list(playing.env.state))
    assert starts[0] == starts[1] != starts[2]


def test_objects_become_a_picture():
    shown = """[
        {"object_type": "circle", "uuid": "c", "color": "red", "x": 0.5, "y": 0.5, "radius": 8},
        {"object_type": "circle", "uuid": "d", "color": "#00f", "x": 0, "y": 1, "radius": 0.1, "tween": True},
        {"object_type": "line", "uuid": "l", "color": "black", "points": [(0, 0), (1, 1)], "width": 2, "fill_below": True},
        {"object_type": "polygon", "uuid": "p", "color": (1, 2, 3), "points": [(0, 0), (1, 0), (1, 1)], "permanent": True},
        {"object_type": "rect", "uuid": "r", "color": "lime", "x": 0.1, "y": 0.1, "width": 0.5, "height": 20},
        {"object_type": "text", "uuid": "t", "text": "hi", "x": 0.25, "y": 0.25, "size": 20},
        {"object_type": "sprite", "uuid": "s", "x": 0.2, "y": 0.2, "width": 45, "height": 45, "image_name": "chefs"},
    ]"""
    output = engine(HABITS % shown).reset(0, 0)
    items = drawn(output)
    assert (items["c"]["x"], items["c"]["y"], items["c"]["radius"]) == (300, 200, 8)
    assert (items["d"]["radius"], items["d"]["tween"], items["d"]["color"]) == (60, 50, "#0000ff")
    assert (items["l"]["points"], items["l"]["fill_below"]) == ([[0, 0], [600, 400]], "#000000")
    assert (items["p"]["persistent"], items["p"]["color"]) == (True, "#010203")
    assert (items["r"]["w"], items["r"]["h"]) == (300, 20)
    assert (items["t"]["kind"], items["t"]["size"], items["s"]["kind"], items["s"]["image"]) == ("text", 20, "image", "chefs")


def test_a_packet_of_theirs_becomes_one_of_ours():
    shown = '{"game_state_objects": [{"object_type": "circle", "uuid": "c", "x": 0, "y": 0, "radius": 1}], "removed": ["x"]}'
    packet = json.loads(engine(HABITS % shown).reset(0, 0).draw)
    assert packet["objects"][0]["radius"] == 600


def test_a_picture_without_objects_is_empty():
    assert json.loads(engine(HABITS % "[]").reset(0, 0).draw)["objects"] == []


def test_an_object_that_is_none_is_told():
    with pytest.raises(ValueError, match="object_type='star' is not known; there are circle, line"):
        engine(HABITS % '[{"object_type": "star", "uuid": "a"}]').reset(0, 0)


def test_the_older_classes_make_such_objects():
    chef = objects.Sprite("chef", 0.5, 0.5, 45, 45, image_name="chefs", frame="SOUTH.png", tween=True)
    line = objects.Line("line", "red", [(0, 0), (1, 0)])
    assert objects.is_theirs([chef.as_dict()]) and objects.is_theirs([chef]) and not objects.is_theirs([{"kind": "rect"}])
    first, second = objects.packet([chef, line.as_dict()], 90, 90)["objects"]
    assert (first["x"], first["frame"], first["tween"]) == (45, "SOUTH.png", 50)
    assert second["depth"] == -1


def test_pictures_are_found_below_the_study():
    told = {
        "specs": [
            {"kind": "image", "name": "pot", "path": "examples/kitchen/assets/pot.png"},
            {"kind": "multi_atlas", "name": "all", "json_path": "./examples/kitchen/assets/all.json"},
        ],
        "addresses": ["examples/kitchen/assets"],
    }
    code = HABITS % "None" + """
from mug.rendering import Surface
env.surface = Surface(100, 100)
env.surface.register_image("own", "own.png")
env.surface.register_atlas("chefs", img_path="/examples/kitchen/assets/chefs.png", json_path="examples/kitchen/assets/chefs.json")
"""
    specs = {spec["name"]: spec for spec in json.loads(engine(code, told=told).reset(0, 0).assets)}
    assert specs["own"]["path"] == "own.png"
    assert specs["pot"]["path"] == "../../examples/kitchen/assets/pot.png"
    assert specs["chefs"]["json_path"] == "../../examples/kitchen/assets/chefs.json"
    own = adapted(playing_of(code), ["human"], (1, 1), [], [], folder="kit")
    assert own._address("./kit/a.png") == "a.png"
    assert specs["all"] == {"kind": "multi_atlas", "name": "all", "json_path": "../../examples/kitchen/assets/all.json"}


def test_their_surface_draws_what_the_scene_named():
    from interactive_gym.rendering import Surface as Older
    from mug.rendering import Surface

    assert Older is Surface
    surface = Surface(100, 100)
    surface.image(image_name="of the scene", x=0, y=0, w=10, h=10, tween_duration=50)
    surface.circle(x=1, y=1, radius=1, tween_duration=50)
    surface.rect(id="r", x=1, y=1, w=1, h=1, tween_duration=50)
    kinds = {item["kind"]: item["tween"] for item in surface.commit()["objects"]}
    assert kinds == {"image": None, "circle": None, "rect": 50}
    assert surface.get_asset_specs() == []


def test_their_surface_takes_what_theirs_took():
    from mug.rendering import Surface

    surface = Surface(100, 100)
    surface.register_image("hero", img_path="hero.png")
    surface.register_image("other", "other.png")
    assert [spec["path"] for spec in surface.get_asset_specs()] == ["hero.png", "other.png"]
    surface.line(points=[(0, 0), (1, 1)], color="red", fill_below=True, fill_above=False, tween_duration=50)
    surface.line(points=[(0, 0), (1, 1)], color="red", fill_below="blue")
    first, second = surface.commit()["objects"]
    assert (first["fill_below"], first["fill_above"], first["tween"]) == ("#ff0000", None, None)
    assert second["fill_below"] == "#0000ff"


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<p>a</p><script>1</script>", "<script>"),
        ("<script type='module' src='a.js'></script>", "<script>"),
        ("<button onclick='go()'>Go</button>", "<button onclick=...>"),
        ("<img src='https://x.org/a.png'>", "https://x.org/a.png"),
        ("<link rel='stylesheet' href='//x.org/a.css'>", "//x.org/a.css"),
        ("<iframe src='https://x.org/form'></iframe>", "https://x.org/form"),
        ("<style>p { background: url('https://x.org/a.png') }</style>", "https://x.org/a.png"),
        ("<p style='background: url(https://x.org/a.png)'>a</p>", "https://x.org/a.png"),
    ],
)
def test_a_page_that_would_lack_something_is_refused(html, told):
    from greenroom_compat import pages

    for body in (html, {"left": html}):
        with pytest.raises(ValueError, match="has no counterpart") as refused:
            pages.look("StaticScene.display", {"scene_body": body})
        assert repr(told) in str(refused.value)


def test_a_page_that_works_is_none_of_it(tmp_path):
    from greenroom_compat import pages

    file = tmp_path / "page.html"
    file.write_text("<a href='https://x.org'>x</a><img src='a.png'><input id='age'><script type='application/json'>{}</script>")
    pages.look("StaticScene.display", {"scene_body": None, "scene_body_filepath": str(file), "scene_header": "<script>"})
    file.write_text("<script>1</script>")
    with pytest.raises(ValueError, match="scene_body_filepath='<script>'"):
        pages.look("StaticScene.display", {"scene_body_filepath": str(file)})


def test_everything_of_a_module_is_imported_at_once():
    drawing, matching, others = {}, {}, {}
    exec("from mug.configurations.object_contexts import *", drawing)
    exec("from mug.rendering import *", drawing)
    assert {"Surface", "Sprite", "ImgSpec"} <= drawing.keys()
    # What a browser does not have is not asked for.
    exec("from mug.configurations.configuration_constants import *", matching)
    assert matching["PolicyTypes"].Human == "human" and "GymScene" not in matching
    exec("from mug.server.app import *", others)
    assert "run" not in others


def test_shared_values_are_found_under_their_names():
    code = HABITS % "None" + "\nseen = (mug_globals.get('subject'), interactive_gym_globals)\nmug_globals['x'] = 1\n"
    playing = engine(code)
    assert playing._namespace["seen"][0] is None
    assert playing._namespace["mug_globals"]["x"] == 1


def test_two_players_with_integer_names():
    playing = engine((EXAMPLES / "cogrid" / "kitchen.py").read_text() + "\nenv = make_kitchen()", agents=(0, 1), actions=[0, 4])
    playing.reset(0, 0)
    row = msgpack.decode(playing.step('{"0": 0, "1": 1}').row)
    assert row["rewards"] == {"0": 0.0, "1": 0.0} and row["infos"]["1"]["layout_id"] == "cramped_room"


def test_an_environment_of_theirs_goes_back():
    from greenroom import snapshot

    playing = engine(HABITS % "None")
    playing.reset(1, 0)
    playing.step('{"human": 0}')
    taken = snapshot.capture(playing.env)
    first = [playing.env.step({"human": 1}) for _ in range(5)]
    snapshot.restore(playing.env, taken)
    assert [playing.env.step({"human": 1}) for _ in range(5)] == first


def test_builders_are_not_there_in_browsers():
    from mug import scenes

    assert random and "_greenroom" not in sys.modules and greenroom_compat
    with pytest.raises(ImportError, match="greenroom run|_greenroom"):
        scenes.GymScene  # noqa: B018
