"""A game played again is the game, however it was played: in one browser, in several that predict, on the service."""

import json

import pytest
from conftest import COUNTER, ROOT, settings
from hosted import game, learnt, scene
from simulated import play
from test_rollback import dice
from test_runner import ACTIONS, BOTS, DRAWN, PAIR, WITH_BOTS, drawn, environment

from greenroom import msgpack
from greenroom.engine import Engine
from greenroom.errors import EnvironmentContractError
from greenroom.replaying import Replay


def replay(code, given, seats, people=None, mode="authoritative", folder="", filename="game.py", **options):
    people = seats if people is None else people
    return Replay(code, filename, folder, given, list(seats), list(people), mode, **options)


def through(again, seed, inputs, every=10):
    """Rows of all frames, and the hashes that copies would tell."""
    again.begin(0, seed)
    rows, hashes = [], [(0, again.hash())]
    for frame in inputs:
        if again.done:
            break
        rows.append(again.step(frame))
        if len(rows) % every == 0 or again.done:
            hashes.append((len(rows), again.hash()))
    return rows, hashes


@pytest.mark.parametrize(("code", "agents", "count"), [
    (dice(), PAIR, 3), (dice(state=True), PAIR, 3),
    (environment("volley"), ("left", "right"), 6), (environment("overcooked"), ("0", "1"), 7),
])  # fmt: skip
@pytest.mark.parametrize("observing", [True, False])
def test_a_game_of_the_services(code, agents, count, observing):
    given = scene(agents, range(count), record_observations=False)
    played = game(learnt(code, given), "one", 7, [range(count)] * 2).play()
    again = replay(code, given, agents, observing=observing)
    for _ in range(2):  # an episode leaves nothing to the next
        assert through(again, 7, played.inputs) == (played.rows, played.hashes)
        assert again.done


def test_bots_of_the_service_are_told_what_they_did():
    code = dice(agents=("a", "b", "c")) + BOTS
    given = scene(("a", "b", "c"), people=1, policies=WITH_BOTS)
    played = game(learnt(code, given), "one", 3, [[0, 1, 2], [0], [0]]).play()
    again = replay(code, given, ("a", "b", "c"), ("a",))
    assert through(again, 3, played.inputs) == (played.rows, played.hashes)


def test_a_game_of_copies_that_predicted_with_a_bot_inside():
    code = dice(agents=("a", "b", "c"), state=True) + BOTS
    policies = {"a": "human", "b": "human", "c": {"function": {"name": "greedy", "frame_skip": 3}}}
    players, sequencer = play(code, PAIR, [0, 1, 2], 5, policies=policies)
    host = players[0]
    assert host.deepest > 0
    again = replay(code, settings(policies=policies, max_steps=120, default_action=0), PAIR, mode="browser")
    inputs = [[given if isinstance(given, bytes) else msgpack.encode(given) for given in frame]
              for frame in sequencer.confirmed]  # fmt: skip
    rows, hashes = through(again, 5, inputs)
    assert rows[: len(host.rows)] == host.rows and len(host.rows) == len(rows)
    assert hashes == host.hashes


def test_a_game_of_one_person_in_the_browser_with_a_network_and_a_bot():
    code = dice(agents=("a", "b", "c"))
    linear = {"onnx_path": "net.onnx", "obs_input": "obs", "logit_output": "logits", "frame_skip": 2,
              "choice": {"kind": "argmax"}}  # fmt: skip
    policies = {"a": "human", "b": {"model": linear}, "c": {"random": {"frame_skip": 2}}}
    given = settings(policies=policies, max_steps=30, fallback="previous_submitted_action")
    networks = pytest.importorskip("networks")
    engine = Engine(code, "game.py", given, {"b": networks.linear([[-1.0, 0.5, 1.0]])})
    engine.reset(9)
    rows = [engine.step(json.dumps({"a": [0, None, 2][t % 3]})).row for t in range(30)]
    inputs = [[msgpack.encode(msgpack.decode(row)["actions"][agent]) for agent in ("a", "b")] for row in rows]
    again = replay(code, given, ("a", "b"), ("a",), mode="browser")
    assert through(again, 9, inputs)[0] == rows


def test_no_action_is_the_default_one_where_there_is_one():
    given = scene(PAIR)
    again = replay(dice(), given, PAIR)
    again.begin(0, 1)
    assert msgpack.decode(again.step([msgpack.encode(None), msgpack.encode(2)]))["actions"] == {"a": 0, "b": 2}
    again = replay(COUNTER, settings(default_action=None), ["human"], mode="browser")
    again.begin(0, 1)
    with pytest.raises(EnvironmentContractError, match="the record has no action of it"):
        again.step([msgpack.encode(None)])


def test_observations_are_those_of_the_row_to_come():
    again = replay(COUNTER, settings(), ["human"], mode="browser")
    again.begin(0, 1)
    for _ in range(5):
        before = again.observations()
        assert msgpack.decode(again.step([msgpack.encode(1)]))["observations"] == before
    assert again.done and again.observations() == {"human": [5.0]}
    with pytest.raises(RuntimeError, match="after the end of the episode"):
        again.step([msgpack.encode(1)])


def test_pictures_are_what_the_players_of_a_streamed_game_saw():
    code = DRAWN.replace("AGENT", "agent_id").replace("VIEWER", "agent_id")
    given = scene(PAIR)
    played = game(learnt(code, given, pictures=True), "one", 1, ACTIONS)
    again = replay(code, given, PAIR, mode="streamed", pictures=True)
    assert again.views == [[0], [1]]
    for frame in range(20):
        if frame == 0:
            again.begin(0, 1)
        else:
            played.step()
            again.step(played.inputs[frame - 1])
        shown = again.pictures(frame == 0)
        assert list(map(drawn, shown)) == list(map(drawn, played.turn.pictures))
        assert {one.hud for one in shown} == {f"{frame} frames"}
    complete = again.pictures(True)
    assert [drawn(one)[1:3] for one in complete] == [
        (True, {"door", "hand of a"}), (True, {"door", "hand of b"})]  # fmt: skip


def test_one_picture_for_all_and_none_where_nothing_is_drawn():
    code = DRAWN.replace(", AGENT", "").replace("{VIEWER}", "a").replace("VIEWER", '"a"')
    again = replay(code, scene(PAIR), PAIR, pictures=True)
    again.begin(0, 1)
    (shown,) = again.pictures(True)
    assert (again.views, shown.seats, shown.complete) == ([[0, 1]], 3, True)
    plain = replay(dice(), scene(PAIR), PAIR, pictures=True)
    plain.begin(0, 1)
    assert (plain.views, plain.pictures(True)) == ([], [])


def test_drawing_changes_nothing():
    code, given = dice(state=True), scene(PAIR)  # whose render() takes a number
    played = game(learnt(code, given), "one", 1, ACTIONS).play()
    again = replay(code, given, PAIR, mode="browser", pictures=True)
    again.begin(0, 1)
    rows = []
    for inputs in played.inputs:
        again.pictures()
        rows.append(again.step(inputs))
    assert rows == played.rows and again.hash() == played.hashes[-1][1]


def test_what_notes_in_its_state_that_it_was_drawn_is_drawn_once_where_the_service_drew():
    pytest.importorskip("pygame")
    code = "import gymnasium\nenv = gymnasium.make('CartPole-v1', render_mode='rgb_array', max_episode_steps=30)"
    given = scene(("human",), [0, 1])
    played = game(learnt(code, given, pictures=True), "one", 11, [[0, 1]]).play()
    again = replay(code, given, ("human",), mode="streamed")
    assert through(again, 11, played.inputs) == (played.rows, played.hashes)


def test_two_at_once_with_modules_of_their_own_folders(tmp_path):
    code = "import beside\n" + COUNTER.replace("float(action)", "float(beside.WORTH)")
    both = []
    for worth in (1, 2):
        folder = tmp_path / str(worth)
        folder.mkdir()
        (folder / "beside.py").write_text(f"WORTH = {worth}\n")
        both.append(replay(code, settings(), ["human"], mode="browser", folder=str(folder)))
    for again in both:
        again.begin(0, 1)
    for _ in range(3):
        rewards = [msgpack.decode(again.step([msgpack.encode(0)]))["rewards"]["human"] for again in both]
        assert rewards == [1.0, 2.0]
    for again in both:
        again.close()


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match=r"\['x'\] are of no agent of the scene; it has \['a', 'b'\]"):
        replay(dice(), scene(PAIR), ("a", "x"))
    again = replay(dice(), scene(PAIR), PAIR)
    with pytest.raises(RuntimeError, match="before begin"):
        again.step([msgpack.encode(1)] * 2)
    again.begin(0, 1)
    with pytest.raises(ValueError, match="1 inputs came; 2 are needed"):
        again.step([msgpack.encode(1)])


def test_examples_draw_for_whoever_plays():
    code = (ROOT / "experiments" / "environments" / "hideaway.py").read_text()
    again = replay(code, scene(("hider", "seeker"), range(5)), ("hider", "seeker"), mode="streamed", pictures=True)
    again.begin(0, 1)
    assert len(again.pictures(True)) == 2
