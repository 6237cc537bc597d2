//! Facts for tests.

use std::path::PathBuf;

use bytes::Bytes;
use rmpv::Value;
use serde_bytes::ByteBuf;

use super::script::{Opening, Script};
use crate::experiment::*;
use crate::facts::{Fact, GameFact, Payload, Recorded, SeatTaken, Visitor};
use crate::rules::lobby;
use crate::rules::timeline::Closed;
use crate::time::Timestamp;
use crate::wire::{Page, Step};

pub fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

pub fn packed(action: i64) -> Bytes {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &Value::from(action)).unwrap();
    bytes.into()
}

pub fn row(t: u32, actions: &[(&str, i64)], reward: f64) -> ByteBuf {
    let actions = actions.iter().map(|(agent, action)| (*agent, Value::from(*action)));
    let row = map(vec![
        ("t", t.into()),
        ("actions", map(actions.collect())),
        ("rewards", map(vec![("left", reward.into())])), //
    ]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &row).unwrap();
    bytes.into()
}

pub fn recorded(fact: impl Into<Fact>, payload: Payload) -> Recorded {
    Recorded { at: Timestamp(1_000), fact: fact.into(), payload }
}

pub fn fact(fact: GameFact) -> Recorded {
    recorded(fact, Payload::None)
}

pub fn lobby(fact: lobby::Fact) -> Recorded {
    recorded(fact, Payload::None)
}

pub fn confirmed(episode: u32, first: u32, frames: &[&[i64]]) -> Recorded {
    let frames = (first..).zip(frames).map(|(frame, inputs)| Closed {
        frame,
        inputs: inputs.iter().map(|input| packed(*input)).collect(),
        age: vec![Some(0); inputs.len()],
    });
    let frames: Vec<_> = frames.collect();
    let count = u32::try_from(frames.len()).unwrap();
    recorded(GameFact::FramesConfirmed { episode, first, count }, Payload::Frames(frames))
}

pub fn rows(episode: u32, first: u32, rows: &[ByteBuf]) -> Recorded {
    let step = |row: &ByteBuf| Step { row: row.clone(), at: 0.0.try_into().unwrap(), focused: true };
    let count = u32::try_from(rows.len()).unwrap();
    let steps = rows.iter().map(step).collect();
    recorded(GameFact::StepsAccepted { episode, first, count }, Payload::Steps(steps))
}

pub fn opened(agents: &[&str]) -> Recorded {
    let players = agents.iter().map(|agent| ((*agent).to_owned(), "ann".parse().unwrap())).collect();
    fact(GameFact::GameOpened { scene: "game".parse().unwrap(), visit: 1, players, seed: 7 })
}

/// A game of several: the first seats are people's, `bot` is a bot.
pub fn matched(agents: &[&str]) -> Recorded {
    let seat = |agent: &&str| SeatTaken {
        agent: (*agent).to_owned(),
        player: (*agent != "bot").then(|| Visitor { subject: format!("of-{agent}").parse().unwrap(), visit: 1 }),
    };
    fact(GameFact::GameMatched { scene: "game".parse().unwrap(), seats: agents.iter().map(seat).collect(), seed: 7 })
}

pub fn gym(people: &[&str], networks: &[&str]) -> GymScene {
    let network = Policy::Model(Model {
        path: PathBuf::new(),
        onnx_path: "net.onnx".into(),
        obs_input: "obs".into(),
        logit_output: "logits".into(),
        state_inputs: Vec::new(),
        state_outputs: Vec::new(),
        state_shape: Vec::new(),
        fixed_inputs: [].into(),
        frame_skip: 1,
        choice: Choice::Argmax,
    });
    let people = people.iter().map(|agent| ((*agent).to_owned(), Policy::Human));
    let networks = networks.iter().map(|agent| ((*agent).to_owned(), network.clone()));
    GymScene {
        scene_id: "game".parse().unwrap(),
        page: Page::default(),
        in_game_header: String::new(),
        in_game_body: String::new(),
        player_pages: Default::default(),
        bonus: None,
        rendering: Rendering::default(),
        gameplay: Gameplay::default(),
        policies: people.chain(networks).collect(),
        mode: Mode::Browser,
        group: None,
        runtime: Runtime {
            code: String::new(),
            filename: "env.py".into(),
            on_game_step_code: None,
            packages_to_install: Vec::new(),
        },
        assets_dir: None,
        record_observations: false,
        monitoring: None,
    }
}

pub fn shared(agents: &[&str]) -> Script {
    Script::new(Opening::of(&[matched(agents)]).unwrap(), &gym(agents, &[]))
}

pub fn alone(people: &[&str], networks: &[&str]) -> Script {
    Script::new(Opening::of(&[opened(people)]).unwrap(), &gym(people, networks))
}
