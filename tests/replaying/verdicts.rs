//! `greenroom replay`.

use greenroom::ids::GameId;
use greenroom::rules::timeline::Closed;
use greenroom::wire::Step;
use rmpv::Value;
use serde_bytes::ByteBuf;

use crate::record::{Kind, Record, replay, said};

/// Changes a reward of a stored row.
fn pay(step: &mut Step, agent: &str, more: f64) {
    let mut row = rmpv::decode::read_value(&mut &step.row[..]).unwrap();
    let Value::Map(entries) = &mut row else { panic!("no map") };
    let (_, rewards) = entries.iter_mut().find(|(key, _)| key.as_str() == Some("rewards")).unwrap();
    let Value::Map(rewards) = rewards else { panic!("no map") };
    let (_, reward) = rewards.iter_mut().find(|(key, _)| key.as_str() == Some(agent)).unwrap();
    *reward = (reward.as_f64().unwrap() + more).into();
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &row).unwrap();
    step.row = ByteBuf::from(bytes);
}

#[test]
fn a_game_of_several_copies_comes_out_as_it_is_recorded() {
    let record = Record::whole(Kind::Together);
    let output = record.replay(&[]);
    let told = said(&output, 0);
    let game = record.game;
    let first = format!(
        "game {game} of pushing/push, browser, complete\n\
         played: left by ann, right by bob\n\
         episode 0: 90 of 90 frames played, 90 of 90 rows equal, 3 of 3 hashes equal\n\
         episode 1: 90 of 90 frames played, 90 of 90 rows equal, 3 of 3 hashes equal\n\
         equal: the game comes out as it is recorded\n\
         180 frames in "
    );
    assert!(told.starts_with(&first), "{told}");
    let warned = String::from_utf8_lossy(&output.stderr);
    assert!(warned.contains("not as when the game was played: numpy 0.1 -> "), "{warned}");
    assert!(warned.contains("a game begins"), "what environments print is not lost: {warned}");
}

#[test]
fn a_game_of_one_person_with_a_bot_does_so_too() {
    let record = Record::whole(Kind::Alone);
    let told = said(&record.replay(&["--json"]), 0);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["episodes"][1]["rows"], 90);
    assert_eq!((&told["difference"], &told["frames"]), (&serde_json::Value::Null, &180.into()));
}

#[test]
fn a_row_that_was_altered_is_named_by_episode_frame_and_column() {
    let record = Record::whole(Kind::Together);
    // The second batch of the second episode.
    record.alter(10, "steps_accepted", |steps: &mut Vec<Step>| pay(&mut steps[4], "right", 0.25));
    let told = said(&record.replay(&[]), 1);
    let line = told.lines().find(|line| line.starts_with("different: ")).unwrap_or_else(|| panic!("{told}"));
    assert!(line.starts_with("different: episode 1, frame 14: rewards.right is "), "{line}");
    assert!(told.contains("--tolerance"), "{told}");
    let json: serde_json::Value = serde_json::from_str(&said(&record.replay(&["--json"]), 1)).unwrap();
    let number = |name: &str| json["difference"][name].as_str().unwrap().parse::<f64>().unwrap();
    assert!((number("recorded") - number("replayed") - 0.25).abs() < 1e-12, "{json}");
    said(&record.replay(&["--tolerance", "0.3"]), 0);
}

#[test]
fn an_input_that_was_altered_shows_in_what_came_of_it() {
    let record = Record::whole(Kind::Together);
    record.alter(2, "frames_confirmed", |frames: &mut Vec<Closed>| {
        frames[5].inputs[0] = vec![if frames[5].inputs[0][0] == 2 { 1 } else { 2 }].into();
    });
    let told = said(&record.replay(&[]), 1);
    assert!(told.contains("different: episode 0, frame 25: actions.left is "), "{told}");
}

#[test]
fn a_game_that_broke_off_is_compared_as_far_as_it_is_known() {
    let (record, entries) = Record::new(Kind::Together);
    // Until the frames of the sixth batch are confirmed, of which there are no rows yet.
    let known = entries
        .iter()
        .position(|entry| format!("{:?}", entry.fact).contains("FramesConfirmed { episode: 0, first: 50"));
    record.append(&entries[..=known.unwrap()]);
    let told = said(&record.replay(&[]), 0);
    assert!(told.contains(", browser, not ended\n"), "{told}");
    let line = "episode 0: 50 of 60 frames played, 50 of 50 rows equal, 2 of 2 hashes equal, not played to its end";
    assert!(told.contains(line), "{told}");
}

#[test]
fn a_game_that_is_not_there_is_answered_with_those_that_are() {
    let record = Record::whole(Kind::Alone);
    let output = replay(&record.data(), &GameId::fresh().to_string(), &[]);
    said(&output, 1);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains(&format!("the newest are {}", record.game)), "{told}");
    let output = replay(&record.data(), "volley", &[]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("a game's id is 36 letters"), "{output:?}");
}
