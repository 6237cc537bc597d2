"""The example studies whose environment the service runs, and the bot that one of them plays with."""

import json
import random

import pytest
from conftest import ROOT
from hosted import game, learnt, scene

from greenroom import msgpack
from greenroom.hosting import Host

EXPERIMENTS = ROOT / "experiments"
BOT = (EXPERIMENTS / "assets/volley_bot/bot.onnx").read_bytes()
MODEL = {
    "onnx_path": "assets/volley_bot/bot.onnx", "obs_input": "obs", "logit_output": "logits", "frame_skip": 1,
    "choice": {"kind": "softmax", "temperature": 0.5},
}  # fmt: skip


def environment(name):
    return (EXPERIMENTS / f"environments/{name}.py").read_text()


def test_each_player_of_hideaway_is_shown_what_is_near():
    players = ("hider", "seeker")
    given = scene(players, range(5), max_steps=360)
    played = game(learnt(environment("hideaway"), given, pictures=True), "one", 4, [range(5)] * 2)
    acorns = met = 0
    for _ in range(360):
        turn = played.step()
        infos = msgpack.decode(played.rows[-1])["infos"]["hider"]
        shown = {picture.seats: picture for picture in turn.pictures}
        assert sorted(shown) == [1, 2], "one picture for each, and none for both"
        hider, seeker = shown[1].draw, shown[2].draw
        acorns += '"acorn' in hider
        met += infos["in_sight"]
        assert "acorn" not in seeker
        for drawn, other in ((hider, "body-seeker"), (seeker, "body-hider")):
            ids = {item["id"] for item in json.loads(drawn)["objects"]}
            assert (other in ids) == infos["in_sight"]
    assert acorns > 50


def test_in_hideaway_nobody_stays_hidden_from_who_walks_into_them():
    namespace = {"__name__": "hideaway"}
    exec(environment("hideaway"), namespace)
    env = namespace["env"]
    env.reset(seed=1)
    env.places = {"hider": (1, 1), "seeker": (1, 2)}
    _, rewards, *_, infos = env.step({"hider": namespace["RIGHT"], "seeker": namespace["LEFT"]})  # past each other
    assert rewards == {"hider": -5.0, "seeker": 5.0}
    assert not infos["hider"]["in_sight"]


@pytest.mark.parametrize("frame_skip", [1, 3])
def test_the_bot_of_volley_wins_against_random_keys(frame_skip):
    pytest.importorskip("onnxruntime")
    policies = {"left": "human", "right": {"model": {**MODEL, "frame_skip": frame_skip}}}
    given = scene(
        ("left", "right"), range(6), 1, policies=policies, max_steps=1200, fallback="previous_submitted_action"
    )
    host = learnt(environment("volley"), given, models={"right": BOT})
    won = lost = 0
    for seed in range(4):
        keys = random.Random(seed)
        chosen = [[keys.randrange(6) for _ in range(50)], None]
        infos = msgpack.decode(game(host, "one", seed, chosen).play().rows[-1])["infos"]
        won += infos["right"]["points"]
        lost += infos["left"]["points"]
    assert won > 2 * lost, f"{won} : {lost}"


def test_an_environment_of_pygame_makes_frames():
    pytest.importorskip("pygame")
    code = 'import gymnasium\n\nenv = gymnasium.make("CartPole-v1", render_mode="rgb_array")\n'
    assert code.strip() in (EXPERIMENTS / "cartpole_streamed.py").read_text()
    host = Host()
    given = scene(("human",), [0, 1], max_steps=450)
    cost = host.learn("scene", code, "cartpole", "", given, {}, True, 0)
    assert cost < 1 / 15, "a frame takes less than a frame"
    (shown,) = game(host, "one", 3, [[0, 1]]).step().pictures
    assert (shown.width, shown.height, len(shown.frame)) == (600, 400, 600 * 400 * 4)
