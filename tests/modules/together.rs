//! Games of two, games on the service, and games as a whole.

use crate::bench::{GAME, PAIR, Study, around};

#[test]
fn a_study_for_two_needs_no_more_than_two_humans() {
    let report = Study::of(&around(PAIR)).check();
    assert!(report.well, "{}", report.text);
    let words = "people       2, matched by FifoMatchmaker(); after 120 s in vain: the last scene, with a code\n";
    assert!(report.text.contains(words), "{}", report.text);
    let report = Study::of(&around(GAME)).check();
    assert!(report.text.contains("people       1, without a waiting room\n"), "{}", report.text);
}

#[test]
fn what_a_game_is_played_with_and_shows_is_described_or_refused() {
    let played = |call: &str| Study::of(&around(&format!("{PAIR}game{call}\n"))).check();
    let report = played(".gameplay(pointer='hold', key_labels={'w': 'Go'}, on_screen_controls=True)");
    assert!(report.well, "{}", report.text);
    assert!(report.text.contains("pointer      acts while it is pressed\n"), "{}", report.text);
    for (call, words) in [
        (
            ".gameplay(key_labels={'q': 'Go'})",
            "label \"Go\" in key_labels for keys that action_mapping does not have (q)",
        ),
        (
            ".gameplay(pointer='click', action_population_method='previous_submitted_action')",
            "would repeat a click in every step that follows",
        ),
        (".rendering(background_image='sky.png')", "but has no folder of pictures"),
        (".rendering(background='sky.png')", "names the file \"sky.png\", but has no folder of pictures"),
        (
            ".rendering(background_image='sky.png').assets(assets_dir='.')",
            "names the file \"sky.png\", which is not in its",
        ),
        (".assets(assets_dir='.', assets_to_preload=['a.png'])", "names the file \"a.png\", which is not in its"),
        (
            ".assets(assets_dir='.', animation_configs=[dict(name='a', image_name='b', frames=[1]), dict(name='a', \
             image_name='c', frames=[1])])",
            "names two different pictures or sounds \"a\"",
        ),
    ] {
        let report = played(call);
        assert!(!report.well && report.text.contains(words), "{call}: {}", report.text);
    }
}

#[test]
fn what_is_said_of_playing_together_is_described() {
    let calls = [
        (
            "matchmaker=LatencyFifoMatchmaker(max_rtt_sum_ms=150, max_rtt_difference_ms=60), on_timeout='bot'",
            "matched by LatencyFifoMatchmaker(max_rtt_sum_ms=150, max_rtt_difference_ms=60); after 120 s in vain: a game \
             with bots in the empty seats",
        ),
        (
            "timeout=90_500, matchmaker=LatencyFifoMatchmaker(max_rtt_difference_ms=40)",
            "matched by LatencyFifoMatchmaker(max_rtt_difference_ms=40); after 90.5 s in vain",
        ),
        (
            "matchmaker=GroupReunionMatchmaker(fallback=FifoMatchmaker(), fallback_after_ms=5000)",
            "matched by GroupReunionMatchmaker(fallback=FifoMatchmaker(), fallback_after_ms=5000); after 120 s",
        ),
        ("on_timeout='scene', timeout_scene_id='alone'", "in vain: the scene alone\n"),
        ("matchmaker=lambda waiting, size: None", "matched by <lambda>; after"),
        ("matchmaker=lambda waiting, size: None).waitroom(matchmaker=None", "matched by FifoMatchmaker(); after"),
        (
            "on_timeout='scene', timeout_scene_id='x').waitroom(on_timeout='end', timeout_scene_id=None",
            "the last scene",
        ),
    ];
    for (call, words) in calls {
        let report = Study::of(&around(&format!("{PAIR}game.waitroom({call})"))).check();
        assert!(report.well && report.text.contains(words), "{words:?} is not in:\n{}", report.text);
    }
}

#[test]
fn what_is_for_several_people_is_refused_for_one() {
    for (call, words) in [
        ("multiplayer()", "has one human, but .multiplayer(...) takes effect only with two or more"),
        ("waitroom(timeout=5000)", "has one human, but .waitroom(...) takes effect only with two or more"),
        (
            "rendering(rollback_smoothing_duration=50)",
            "has one human, but .rendering(rollback_smoothing_duration=...) takes effect only with two or more",
        ),
    ] {
        Study::of(&around(&format!("{GAME}game.{call}"))).is_wrong(4, &["1 problem in", "GymScene \"game\"", words]);
    }
}

#[test]
fn several_people_need_a_default_action() {
    let game = "game = GymScene().scene('game').policies({'a': 'human', 'b': 'human'})
game.gameplay(action_mapping={'w': 1}, action_population_method='previous_submitted_action')
game.runtime(environment_initialization_code='env = 1')";
    Study::of(&around(game)).is_wrong(4, &["1 problem in", "has no default action, which is played for whoever"]);
}

#[test]
fn the_scene_for_those_who_wait_in_vain_comes_later() {
    for (scene, words) in [
        ("nowhere", "timeout_scene_id=\"nowhere\", but no scene has that id"),
        ("a", "timeout_scene_id=\"a\", which does not come after it"),
        ("game", "timeout_scene_id=\"game\", which does not come after it"),
        ("a", "name one of those behind it: \"alone\", \"b\""),
    ] {
        let call = format!("{PAIR}game.waitroom(on_timeout='scene', timeout_scene_id='{scene}')");
        Study::of(&around(&call)).is_wrong(4, &["1 problem in", "GymScene \"game\" has", words]);
    }
}

#[test]
fn options_that_belong_together_are_given_together() {
    for (call, words) in [
        ("waitroom(on_timeout='scene')", "has on_timeout='scene', but does not say which scene"),
        ("waitroom(timeout_scene_id='alone')", "has timeout_scene_id='alone', which takes effect only with"),
        ("waitroom(timeout_scene_id='alone', on_timeout='bot')", "takes effect only with on_timeout='scene'"),
        (
            "multiplayer(reconnection_timeout_ms=20_000, absence_limit_ms=10_000)",
            "has absence_limit_ms=10000, less than reconnection_timeout_ms=20000",
        ),
    ] {
        Study::of(&around(&format!("{PAIR}game.{call}"))).is_wrong(4, &["1 problem in", "GymScene \"game\"", words]);
    }
    let report = Study::of(&around(&format!("{PAIR}game.multiplayer(reconnection_timeout_ms=600_000)"))).check();
    assert!(report.well, "{}", report.text);
}

#[test]
fn what_is_said_of_playing_together_arrives() {
    let study = Study::of(&around(&format!(
        "def pairs(waiting, size): pass
{PAIR}game.rendering(rollback_smoothing_duration=0)
game.multiplayer(input_delay=3, max_prediction=12, snapshot_interval=2, hash_interval=60, on_desync='end')
game.multiplayer(on_absence='bot', reconnection_timeout_ms=20_000, absence_limit_ms=40_000, load_timeout_ms=70_000)
game.multiplayer(ready_timeout_ms=15_000, partner_disconnect_message='<p>Gone.</p>')
game.waitroom(timeout=60_000, on_timeout='scene', timeout_scene_id='alone', timeout_message='<p>Nobody.</p>')
game.waitroom(matchmaker=pairs, hide_lobby_count=True)"
    )));
    let loaded = study.load();
    let gym = loaded.experiment.stager.gyms().next().unwrap();
    assert_eq!(
        serde_json::to_value(&gym.group).unwrap(),
        serde_json::json!({
            "waiting_room": {
                "timeout_ms": 60_000, "on_timeout": {"scene": "alone"}, "timeout_message": "<p>Nobody.</p>",
                "matching": {"matchmaker": "function", "name": "pairs"}, "hide_lobby_count": true,
            },
            "multiplayer": {
                "input_delay": 3, "max_prediction": 12, "snapshot_interval": 2, "hash_interval": 60,
                "state_broadcast_interval": 30,
                "rollback_smoothing_duration_ms": 0, "on_desync": "end", "on_absence": "bot",
                "reconnection_timeout_ms": 20_000, "absence_limit_ms": 40_000, "load_timeout_ms": 70_000,
                "ready_timeout_ms": 15_000, "partner_disconnect_message": "<p>Gone.</p>",
            },
        })
    );
    assert_eq!(loaded.suggesters.keys().map(ToString::to_string).collect::<Vec<_>>(), ["game"]);
}

#[test]
fn a_lone_player_of_an_environment_on_the_service_is_a_group_of_one() {
    for mode in ["authoritative", "streamed"] {
        let study = Study::of(&around(&format!("{GAME}game.runtime(mode='{mode}')")));
        let loaded = study.load();
        let gym = loaded.experiment.stager.gyms().next().unwrap();
        let multiplayer = &gym.group.as_ref().unwrap().multiplayer;
        let limits = (multiplayer.grace.as_secs(), multiplayer.patience.as_secs());
        assert_eq!((limits, gym.mode.has_runner()), ((120, 600), true));
        let calls = "game.waitroom(timeout=60_000, hide_lobby_count=True).multiplayer(reconnection_timeout_ms=700_000)";
        let study = Study::of(&around(&format!("{GAME}game.runtime(mode='{mode}')\n{calls}")));
        let report = study.check();
        assert!(report.well, "{}", report.text);
    }
    let together = Study::of(&around(&format!("{PAIR}game.runtime(mode='streamed').rendering(frame_quality=60)")));
    let loaded = together.load();
    let gym = loaded.experiment.stager.gyms().next().unwrap();
    assert_eq!((gym.rendering.frame_quality, gym.group.as_ref().unwrap().multiplayer.grace.as_secs()), (60, 30));
}

#[test]
fn what_has_no_effect_in_a_mode_is_refused() {
    for (game, calls, words) in [
        (PAIR, "multiplayer(state_broadcast_interval=9)", "takes effect only with mode='authoritative'"),
        (
            PAIR,
            "runtime(mode='streamed').multiplayer(state_broadcast_interval=9)",
            "has state_broadcast_interval, which",
        ),
        (PAIR, "rendering(frame_quality=60)", "has frame_quality, which takes effect only where pictures are streamed"),
        (
            GAME,
            "runtime(mode='authoritative').rendering(frame_quality=60)",
            "has frame_quality, which takes effect only",
        ),
        (GAME, "runtime(mode='streamed').multiplayer(input_delay=1)", "has input_delay, which is about the browsers'"),
        (PAIR, "runtime(mode='streamed').multiplayer(max_prediction=9)", "has max_prediction, which is about the"),
        (
            PAIR,
            "runtime(mode='streamed').multiplayer(snapshot_interval=9)",
            "has snapshot_interval, which is about the",
        ),
        (PAIR, "runtime(mode='streamed').multiplayer(hash_interval=9)", "has hash_interval, which is about the"),
        (PAIR, "runtime(mode='streamed').multiplayer(on_desync='end')", "has on_desync, which is about the"),
        (
            PAIR,
            "runtime(mode='streamed').rendering(rollback_smoothing_duration=9)",
            "has rollback_smoothing_duration, which is about the browsers' copies",
        ),
        (GAME, "runtime(mode='streamed').waitroom(matchmaker=FifoMatchmaker())", "so that matchmaker has no effect"),
        (GAME, "runtime(mode='streamed').waitroom(on_timeout='bot')", "so that on_timeout='bot' has no effect"),
        (
            GAME,
            "runtime(mode='streamed').multiplayer(partner_disconnect_message='x')",
            "so that partner_disconnect_message has no effect",
        ),
        (GAME, "policies({'agent': 'human'}, frame_skip=3)", "has frame_skip in .policies(...), but no bot"),
    ] {
        let study = Study::of(&around(&format!("{game}game.{calls}")));
        study.is_wrong(4, &["1 problem in", "GymScene \"game\"", words]);
    }
    let game =
        format!("{PAIR}game.runtime(mode='authoritative').multiplayer(state_broadcast_interval=9, input_delay=1)");
    assert!(Study::of(&around(&game)).check().well);
}

#[test]
fn an_environment_on_the_service_needs_a_default_action_and_its_packages_there() {
    let game = "game = GymScene().scene('game').policies({'a': 'human'})
game.gameplay(action_mapping={'w': 1}, action_population_method='previous_submitted_action')
game.runtime(environment_initialization_code='env = 1', mode='streamed')";
    Study::of(&around(game)).is_wrong(4, &["1 problem in", "has no default action, which is played for whoever"]);
    let packages =
        "game.runtime(packages_to_install=['gymnasium==1.4.0', 'no-such-package>=1', 'numpy<1; python_version>\"2\"'])";
    let report = Study::of(&around(&format!("{GAME}{packages}"))).check();
    assert!(report.well, "packages are for browsers only: {}", report.text);
    Study::of(&around(&format!("{GAME}game.runtime(mode='streamed')\n{packages}"))).is_wrong(
        4,
        &[
            "2 problems in",
            "needs \"no-such-package>=1\" on the service, which runs its environment, which the service's virtual",
            "but the service's virtual environment has version 2.",
        ],
    );
}
