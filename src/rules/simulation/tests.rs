use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::player::Trouble;
use super::verdict::check;
use super::world::{Plan, World};
use super::{FRAME, Random};
use crate::experiment::{Multiplayer, OnAbsence};
use crate::rules::lobby::Reason;
use crate::rules::shared_game::Terms;
use crate::rules::timeline::Fallback;

const CALM: Trouble =
    Trouble { latency: 40.0, jitter: 10.0, stalls: 0.0, cuts: 0.0, longest_cut: 1.0, reloads: 0.0, drift: 100.0 };

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn terms() -> Terms {
    let keys = || (0..5).map(|key: u8| Bytes::copy_from_slice(&[key])).collect();
    Terms {
        episodes: 1,
        max_steps: 200,
        frame: seconds(FRAME / 1000.0),
        freeze: Duration::ZERO,
        fallback: Fallback::Previous,
        default: Bytes::from_static(&[2]),
        bot_actions: keys(),
        multiplayer: Multiplayer {
            input_delay: 2,
            hash_interval: 10,
            grace: seconds(8.0),
            patience: seconds(20.0),
            load: seconds(20.0),
            ready: seconds(10.0),
            ..Multiplayer::default()
        },
    }
}

/// What a schedule's number stands for.
fn schedule(number: u64) -> Plan {
    let mut random = Random(number.wrapping_mul(0x5851_F42D_4C95_7F2D));
    let seats = 2 + random.below(3) as usize;
    let mut terms = terms();
    terms.episodes = 1 + random.below(3);
    terms.max_steps = 60 + random.below(120);
    terms.fallback = if random.chance(0.7) { Fallback::Previous } else { Fallback::Default };
    terms.multiplayer.on_absence = [OnAbsence::Pause, OnAbsence::Continue, OnAbsence::Bot][random.below(3) as usize];
    terms.multiplayer.hash_interval = [7, 10, 30][random.below(3) as usize];
    terms.multiplayer.input_delay = random.below(4);
    let rough = random.unit();
    let mut trouble = || Trouble {
        latency: random.between(0.0, 200.0),
        jitter: random.between(0.0, 150.0) * rough,
        stalls: random.between(0.0, 0.5) * rough,
        cuts: if random.chance(0.5) { random.between(0.0, 0.4) * rough } else { 0.0 },
        longest_cut: random.between(100.0, 6000.0),
        reloads: random.between(0.0, 0.7),
        drift: random.between(-200.0, 200.0),
    };
    let mut troubles: Vec<_> = (0..seats).map(|_| Some(trouble())).collect();
    for seat in 1..seats {
        if random.chance(0.1) {
            troubles[seat] = None;
        }
    }
    let restarts = if random.chance(0.3) { 0.1 } else { 0.0 };
    Plan { seed: number, terms, least: 30, troubles, store: (1.0, 20.0), restarts, calm_after: 30_000.0 }
}

fn schedules() -> u64 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

#[test]
fn whatever_the_network_does_all_see_one_game() {
    let mut seen = BTreeMap::<String, u64>::new();
    let mut failed = Vec::new();
    let only: Option<u64> = std::env::var("ONLY").ok().and_then(|x| x.parse().ok());
    for number in only.map_or(0..schedules(), |o| o..o + 1) {
        let mut world = World::new(&schedule(number));
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            world.run();
            check(&mut world)
        }));
        let Ok(report) = played else {
            failed.push(number);
            continue;
        };
        let mut count = |what: &str, many: u32| *seen.entry(what.to_owned()).or_default() += u64::from(many);
        count("restarts", world.restarted);
        count("hosts", report.hosts);
        count("absences", report.absences);
        count(&format!("{:?}", report.reason.unwrap()), 1);
        count("episodes", report.episodes.len() as u32);
        for player in world.players.iter().flatten() {
            count("cuts", player.cuts);
            count("reloads", player.reloads);
        }
    }
    println!("{seen:?}");
    assert!(failed.is_empty(), "schedules {failed:?} failed");
    assert!(seen.len() > 3 && seen.contains_key(&format!("{:?}", Reason::Complete)));
}
