import json
import math

import pytest

from greenroom import Surface


@pytest.fixture
def surface():
    surface = Surface(600, 400)
    surface.commit()  # the first packet is full; most tests look at later ones
    return surface


def only(surface):
    [item] = surface.commit()["objects"]
    return item


COMMON = {"id": "~0", "depth": 0, "persistent": False, "tween": None, "alpha": 1.0}
NO_STROKE = {"stroke_color": None, "stroke_width": 0}

SHAPES = [
    ("rect", {"x": 1, "y": 2, "w": 3, "h": 4, "color": "red"},
     {"x": 1, "y": 2, "w": 3, "h": 4, "color": "#ff0000", "border_radius": 0, **NO_STROKE}),
    ("circle", {"x": 1, "y": 2, "radius": 3, "color": (1, 2, 3)},
     {"x": 1, "y": 2, "radius": 3, "color": "#010203", **NO_STROKE}),
    ("ellipse", {"x": 1, "y": 2, "rx": 3, "ry": 4, "color": None, "stroke_color": "#0f0", "stroke_width": 2},
     {"x": 1, "y": 2, "rx": 3, "ry": 4, "color": None, "stroke_color": "#00ff00", "stroke_width": 2}),
    ("arc", {"x": 1, "y": 2, "radius": 3, "start_angle": 0, "end_angle": 1.5, "color": "#ABCDEF"},
     {"x": 1, "y": 2, "radius": 3, "start_angle": 0, "end_angle": 1.5, "color": "#abcdef", **NO_STROKE}),
    ("line", {"points": [(0, 1), (2, 3)], "color": "blue", "width": 2, "fill_below": "gray"},
     {"points": [[0, 1], [2, 3]], "color": "#0000ff", "width": 2, "fill_below": "#808080", "fill_above": None}),
    ("polygon", {"points": [(0, 0), (1, 0), (0, 1)], "color": "white"},
     {"points": [[0, 0], [1, 0], [0, 1]], "color": "#ffffff", **NO_STROKE}),
    ("text", {"text": "hi", "x": 1, "y": 2, "size": 20, "align": "center", "anchor": (0.5, 1)},
     {"text": "hi", "x": 1, "y": 2, "size": 20, "color": "#000000", "font": "sans-serif", "align": "center",
      "anchor": [0.5, 1]}),
]  # fmt: skip


@pytest.mark.parametrize("kind, given, expected", SHAPES, ids=[kind for kind, *_ in SHAPES])
def test_each_shape_has_exactly_these_fields(surface, kind, given, expected):
    getattr(surface, kind)(**given)
    assert only(surface) == {**COMMON, "kind": kind, **expected}


def test_image_has_exactly_these_fields(surface):
    surface.register_spritesheet("chef", "chef.png", 16, 20)
    surface.image(image_name="chef", x=1, y=2, w=3, h=4, frame=2, angle=90, flip_x=True)
    assert only(surface) == {
        **COMMON, "kind": "image", "image": "chef", "x": 1, "y": 2, "w": 3, "h": 4, "frame": 2, "angle": 90,
        "flip_x": True, "flip_y": False,
    }  # fmt: skip


def test_relative_coordinates_are_multiplied_out(surface):
    surface.circle(x=0.5, y=0.25, radius=0.1, relative=True)
    surface.rect(x=0.1, y=0.5, w=0.2, h=0.1, relative=True)
    surface.line(points=[(0, 0), (1, 1)], relative=True)
    circle, rect, line = surface.commit()["objects"]
    assert (circle["x"], circle["y"], circle["radius"]) == (300, 100, 60)
    assert (rect["x"], rect["y"], rect["w"], rect["h"]) == (60, 200, 120, 40)
    assert line["points"] == [[0, 0], [600, 400]]


def test_common_options(surface):
    surface.circle(id="ball", x=0, y=0, radius=1, depth=-2, tween_duration=50, alpha=0.5, color=(0, 0, 0, 51))
    item = only(surface)
    assert (item["id"], item["depth"], item["tween"]) == ("ball", -2, 50)
    assert item["alpha"] == pytest.approx(0.1)  # the option times the colour's own


def test_persistent_objects_are_sent_when_new_or_changed_only(surface):
    def draw(color):
        surface.rect(id="ground", x=0, y=0, w=1, h=1, color=color, persistent=True)
        surface.circle(x=0, y=0, radius=1)
        return [item["id"] for item in surface.commit()["objects"]]

    assert draw("red") == ["ground", "~0"]
    assert draw("red") == ["~0"]
    assert draw("blue") == ["ground", "~0"]


def test_full_commit_has_everything_persistent_again(surface):
    surface.rect(id="ground", x=0, y=0, w=1, h=1, persistent=True)
    assert surface.commit()["full"] is False
    packet = surface.commit(full=True)
    assert packet["full"] is True and [item["id"] for item in packet["objects"]] == ["ground"]


def test_first_commit_and_first_after_reset_are_full():
    surface = Surface(10, 20)
    assert surface.commit() == {"width": 10, "height": 20, "full": True, "objects": [], "removed": []}
    assert surface.commit()["full"] is False
    surface.rect(id="ground", x=0, y=0, w=1, h=1, persistent=True)
    surface.reset()
    assert surface.commit() == {"width": 10, "height": 20, "full": True, "objects": [], "removed": []}


def test_remove(surface):
    surface.rect(id="ground", x=0, y=0, w=1, h=1, persistent=True)
    surface.commit()
    surface.remove("ground")
    assert surface.commit()["removed"] == ["ground"]
    assert surface.commit()["removed"] == []
    with pytest.raises(ValueError, match="id='ground' is no persistent object"):
        surface.remove("ground")


def test_removed_and_drawn_again_in_one_frame_stays(surface):
    surface.rect(id="ground", x=0, y=0, w=1, h=1, persistent=True)
    surface.commit()
    surface.remove("ground")
    surface.rect(id="ground", x=0, y=0, w=1, h=1, persistent=True)
    packet = surface.commit()
    assert packet["removed"] == [] and [item["id"] for item in packet["objects"]] == ["ground"]


def test_a_packet_is_json_and_independent_of_later_drawing(surface):
    import numpy

    surface.circle(x=numpy.float32(1.5), y=numpy.int64(2), radius=1)
    surface.line(points=numpy.array([[0, 1], [2, 3]]))
    packet = surface.commit()
    text = json.dumps(packet)
    surface.circle(x=9, y=9, radius=9)
    surface.commit()
    assert json.dumps(packet) == text
    assert packet["objects"][0]["x"] == 1.5


def test_asset_specs():
    surface = Surface(10, 10)
    surface.register_image("tree", "tree.png")
    surface.register_atlas("chef", "chef.png", "chef.json")
    surface.register_image("tree", "tree.png")  # the same again, as when an episode starts anew
    assert surface.get_asset_specs() == [
        {"kind": "image", "name": "tree", "path": "tree.png"},
        {"kind": "atlas", "name": "chef", "path": "chef.png", "json_path": "chef.json"},
    ]
    with pytest.raises(ValueError, match="already registered for 'tree.png'"):
        surface.register_image("tree", "other.png")


BALL = {"x": 1, "y": 2, "radius": 3}
BOX = {"x": 0, "y": 0, "w": 1, "h": 1}
WORD = {"text": "a", "x": 0, "y": 0}
ERRORS = [
    (TypeError, "x='1' is of type str", "circle", {**BALL, "x": "1"}),
    (TypeError, "x=True is of type bool", "circle", {**BALL, "x": True}),
    (TypeError, "y=None is of type NoneType", "circle", {**BALL, "y": None}),
    (ValueError, "x=nan is not a finite number", "circle", {**BALL, "x": math.nan}),
    (ValueError, "y=-inf is not a finite number", "circle", {**BALL, "y": -math.inf}),
    (ValueError, "radius=-1 is out of range; it must be at least 0", "circle", {**BALL, "radius": -1}),
    (ValueError, "alpha=2 is out of range; it must be between 0 and 1", "circle", {**BALL, "alpha": 2}),
    (ValueError, "color='rde' is not a known colour; allowed: .*'#rgb'", "circle", {**BALL, "color": "rde"}),
    (ValueError, "color='#12345' is not a known colour", "circle", {**BALL, "color": "#12345"}),
    (ValueError, r"color=\(0, 0, 256\) has a channel outside 0-255", "circle", {**BALL, "color": (0, 0, 256)}),
    (TypeError, r"color=\(0.5, 0, 0\) is not a colour", "circle", {**BALL, "color": (0.5, 0, 0)}),
    (TypeError, "color=7 is not a colour", "circle", {**BALL, "color": 7}),
    (ValueError, "color and stroke_color are both None", "circle", {**BALL, "color": None}),
    (ValueError, "persistent=True needs an id", "circle", {**BALL, "persistent": True}),
    (ValueError, "tween_duration needs an id", "circle", {**BALL, "tween_duration": 50}),
    (ValueError, "must not start with '~'", "circle", {**BALL, "id": "~3"}),
    (TypeError, "id=3 is of type int", "circle", {**BALL, "id": 3}),
    (ValueError, "points has 1 pairs; at least 2", "line", {"points": [(1, 2)]}),
    (TypeError, "is not a list of .x, y. pairs", "line", {"points": [1, 2]}),
    (ValueError, "points=nan is not a finite number", "polygon", {"points": [(0, 0), (1, math.nan), (1, 1)]}),
    (ValueError, "align='middle' is not allowed; allowed: 'left'", "text", {**WORD, "align": "middle"}),
    (TypeError, "text=5 is of type int", "text", {"text": 5, "x": 0, "y": 0}),
    (TypeError, "anchor=0.5 is not a pair", "text", {**WORD, "anchor": 0.5}),
    (ValueError, "image_name='tree' is not registered", "image", {**BOX, "image_name": "tree"}),
]  # fmt: skip


@pytest.mark.parametrize("error, message, kind, given", ERRORS, ids=[message for _, message, *_ in ERRORS])
def test_a_wrong_value_is_named(surface, error, message, kind, given):
    with pytest.raises(error, match=message):
        getattr(surface, kind)(**given)
    assert surface.commit()["objects"] == []


def test_positional_arguments_are_refused(surface):
    with pytest.raises(TypeError, match="positional"):
        surface.circle(1, 2, 3)


def test_one_id_cannot_be_two_objects(surface):
    surface.circle(id="ball", **BALL)
    with pytest.raises(ValueError, match="id='ball' was already drawn in this frame; every object"):
        surface.circle(id="ball", **BALL)
    with pytest.raises(ValueError, match="without persistent=True"):
        surface.circle(id="ball", persistent=True, **BALL)
    surface.circle(id="ground", persistent=True, **BALL)
    with pytest.raises(ValueError, match="id='ground' is a persistent object"):
        surface.circle(id="ground", **BALL)


def test_size_is_checked():
    with pytest.raises(ValueError, match="width=0 is out of range"):
        Surface(0, 10)


def test_animations_name_their_picture(surface):
    surface.register_spritesheet("hero", "hero.png", 16, 16)
    surface.register_animation("walk", "hero", [0, 1, 2], fps=8)
    surface.image(animation="walk", id="me", x=1, y=2, w=3, h=4)
    item = only(surface)
    assert (item["image"], item["animation"], item["frame"]) == ("hero", "walk", None)
    assert surface.get_asset_specs()[1] == {
        "kind": "animation", "name": "walk", "image": "hero", "frames": [0, 1, 2], "fps": 8, "repeat": True,
    }  # fmt: skip
    surface.image(image_name="hero", id="me", x=1, y=2, w=3, h=4, frame=1)
    assert "animation" not in only(surface)


def test_several_pictures_may_be_one_atlas(surface):
    surface.register_multi_atlas("world", "maps/world.json")
    surface.image(image_name="world", frame="tree", x=0, y=0, w=1, h=1)
    assert only(surface)["image"] == "world"
    assert surface.get_asset_specs() == [{"kind": "multi_atlas", "name": "world", "json_path": "maps/world.json"}]


@pytest.mark.parametrize("wrong", [
    lambda s: s.register_animation("walk", "nobody", [0]), lambda s: s.register_animation("walk", "hero", []),
    lambda s: s.register_animation("walk", "hero", "abc"), lambda s: s.register_animation("walk", "hero", [1.5]),
    lambda s: s.register_animation("walk", "hero", [0], fps=0.5), lambda s: s.sound("hero"), lambda s: s.sound("x"),
    lambda s: s.sound("ding", volume=2), lambda s: s.image(image_name="ding", x=0, y=0, w=1, h=1),
    lambda s: s.image(animation="walk", id="a", x=0, y=0, w=1, h=1), lambda s: s.image(x=0, y=0, w=1, h=1),
    lambda s: s.image(animation="run", x=0, y=0, w=1, h=1), lambda s: s.register_sound("hero", "a.wav"),
    lambda s: s.image(animation="run", frame=1, id="a", x=0, y=0, w=1, h=1),
    lambda s: s.image(animation="run", image_name="other", id="a", x=0, y=0, w=1, h=1),
])  # fmt: skip
def test_a_wrong_animation_or_sound_is_told(surface, wrong):
    surface.register_image("hero", "hero.png")
    surface.register_image("other", "other.png")
    surface.register_sound("ding", "ding.wav")
    surface.register_animation("run", "hero", [0])
    with pytest.raises((TypeError, ValueError), match=r"hero|frames|fps|ding|volume|walk|image_name|animation|'x'"):
        wrong(surface)
