use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::player::Trouble;
use super::verdict::check;
use super::world::{Plan, World};
use super::{FRAME, Random};
use crate::experiment::{InputMode, Mode, Multiplayer, OnAbsence};
use crate::rules::lobby::Reason;
use crate::rules::shared_game::Terms;
use crate::rules::timeline::Fallback;

pub(super) const CALM: Trouble =
    Trouble { latency: 40.0, jitter: 10.0, stalls: 0.0, cuts: 0.0, longest_cut: 1.0, reloads: 0.0, drift: 100.0 };

pub(super) fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

pub(super) fn terms() -> Terms {
    let keys = || (0..5).map(|key: u8| Bytes::copy_from_slice(&[key])).collect();
    Terms {
        tutorial: 0,
        carry_over: false,
        episodes: 1,
        max_steps: 200,
        frame: seconds(FRAME / 1000.0),
        freeze: Duration::ZERO,
        fallback: Fallback::Previous,
        default: Bytes::from_static(&[2]),
        silence: Duration::from_millis(2500),
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
        mode: Mode::Browser,
        policies: Default::default(),
        bindings: keys(),
        input_mode: InputMode::PressedKeys,
        pointer: None,
    }
}

/// What a schedule's number stands for.
pub(super) fn schedule(number: u64) -> Plan {
    let mut random = Random(number.wrapping_mul(0x5851_F42D_4C95_7F2D));
    let seats = 2 + random.below(3) as usize;
    let mut terms = terms();
    terms.episodes = 1 + random.below(3);
    terms.max_steps = 60 + random.below(120);
    terms.fallback = if random.chance(0.7) { Fallback::Previous } else { Fallback::Default };
    terms.multiplayer.on_absence = [OnAbsence::Pause, OnAbsence::Continue, OnAbsence::Bot][random.below(3) as usize];
    terms.multiplayer.hash_interval = [7, 10, 30][random.below(3) as usize];
    terms.multiplayer.input_delay = random.below(4);
    let long = number % 40 == 39;
    if long {
        (terms.episodes, terms.max_steps) = (1, 4000);
    }
    let rough = random.unit();
    let far = random.chance(0.15);
    let mut trouble = || Trouble {
        latency: random.between(0.0, 200.0),
        jitter: random.between(0.0, 150.0) * rough,
        stalls: random.between(0.0, 0.5) * rough,
        cuts: if random.chance(0.5) { random.between(0.0, 0.4) * rough } else { 0.0 },
        longest_cut: random.between(100.0, if far { 15_000.0 } else { 6000.0 }),
        reloads: random.between(0.0, 0.7),
        drift: random.between(-200.0, 200.0),
    };
    let mut troubles: Vec<_> = (0..seats).map(|_| Some(trouble())).collect();
    for taken in troubles.iter_mut().skip(1) {
        if random.chance(0.1) {
            *taken = None;
        }
    }
    let restarts = if random.chance(0.3) { 0.1 } else { 0.0 };
    let mut someone = |chance| {
        let (seat, at) = (random.below(seats as u32) as usize, random.between(1000.0, 15_000.0));
        random.chance(chance).then_some((seat, at))
    };
    let (leaves, spoils) = (someone(0.1), someone(0.1));
    let calm_after = if long { 120_000.0 } else { 30_000.0 };
    let least = if long { 3000 } else { 30 };
    Plan {
        seed: number,
        terms,
        least,
        troubles,
        store: (1.0, 20.0),
        restarts,
        leaves,
        spoils,
        worker: None,
        calm_after,
    }
}

/// A plan in which nothing happens but what the troubles bring.
pub(super) fn plan(seed: u64, terms: Terms, troubles: &[Trouble]) -> Plan {
    Plan {
        seed,
        least: terms.max_steps,
        terms,
        troubles: troubles.iter().copied().map(Some).collect(),
        store: (1.0, 20.0),
        restarts: 0.0,
        leaves: None,
        spoils: None,
        worker: None,
        calm_after: f64::INFINITY,
    }
}

/// The schedules to play: `SCHEDULE` alone, or the first `PROPTEST_CASES`.
pub(super) fn schedules() -> std::ops::Range<u64> {
    let number = |name| std::env::var(name).ok().and_then(|given| given.parse().ok());
    match number("SCHEDULE") {
        Some(one) => one..one + 1,
        None => 0..number("PROPTEST_CASES").unwrap_or(240),
    }
}

#[test]
fn whatever_the_network_does_all_see_one_game() {
    let mut seen = BTreeMap::<String, u64>::new();
    let mut failed = Vec::new();
    for number in schedules() {
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
        count("spoilt copies", u32::from(world.spoilt));
        count("states kept", report.kept);
        count(&format!("games that ended: {:?}", report.reason.unwrap()), 1);
        world.players.iter().flatten().for_each(|player| count("reloads", player.reloads));
        for page in report.seen.values().flatten() {
            count("rollbacks", page.rollbacks);
            count("frames waited", page.waited);
            count("rollbacks to the bound", u32::from(page.deepest == world.rules.bound));
            count("copies healed", page.heals);
            count("copies begun anew", page.resets);
            count("hosts that took over", page.hosted.saturating_sub(1));
        }
    }
    assert!(failed.is_empty(), "schedules {failed:?} failed");
    // The schedules are bad enough to mean something.
    let many = schedules().end - schedules().start >= 240;
    assert!(!many || (seen.len() > 12 && seen.values().all(|count| *count > 0)), "{seen:?}");
}

#[test]
fn a_schedule_repeats_itself() {
    let play = |number| {
        let mut world = World::new(&schedule(number));
        world.run();
        (world.service.stored.clone(), world.now)
    };
    assert!(play(7) == play(7));
}

#[test]
fn in_a_calm_network_nobody_waits_and_inputs_are_on_time() {
    for latency in [5.0, 50.0, 100.0, 200.0] {
        let troubles = [-200.0, 0.0, 200.0].map(|drift| Trouble { latency, drift, ..CALM });
        let mut world = World::new(&plan(latency as u64, Terms { max_steps: 1200, ..terms() }, &troubles));
        world.play_to(0, 300);
        let waited = world.waited();
        world.play_to(0, 1190);
        assert_eq!(world.waited(), waited, "somebody waited at {latency} ms");
        world.run();
        let report = check(&mut world);
        for seat in 0..3 {
            let stood_in = report.stood_in(0, seat, 300);
            assert!(stood_in <= 9, "{stood_in} of 900 inputs of player {seat} were late at {latency} ms");
        }
        assert_eq!(report.episodes[&0].agreed, Some(1200), "the last states were not compared");
        assert!(report.seen.values().flatten().all(|page| page.states[&0].len() == 1200), "frames were left out");
    }
}

#[test]
fn nobody_drags_anybody() {
    // Without jitter, since the relayed inputs of others share a player's line and its dice; and with a store that takes
    // no time, since all wait for it together.
    let calm = Trouble { jitter: 0.0, ..CALM };
    let paces = |other: Trouble| {
        let mut terms = Terms { max_steps: 900, ..terms() };
        terms.multiplayer.on_absence = OnAbsence::Continue;
        terms.multiplayer.patience = seconds(300.0);
        let mut world = World::new(&Plan { store: (0.0, 0.0), ..plan(3, terms, &[calm, other]) });
        world.run();
        let report = check(&mut world);
        report.seen[&0][0].paces.clone()
    };
    let awful = Trouble {
        latency: 200.0,
        jitter: 150.0,
        stalls: 1.0,
        cuts: 0.3,
        longest_cut: 5000.0,
        reloads: 0.3,
        drift: -200.0,
    };
    let (alone, dragged) = (paces(calm), paces(awful));
    assert!(alone.len().abs_diff(dragged.len()) <= 1, "{alone:?} {dragged:?}");
    // News from others is taken at once in the first moments, which moves an input by a millisecond or two.
    let most = alone.iter().zip(&dragged).map(|(alone, dragged)| (alone - dragged).abs()).fold(0.0, f64::max);
    assert!(most < 0.002, "{alone:?} {dragged:?}");
}

#[test]
fn a_copy_that_goes_astray_is_found_and_healed() {
    for number in 0..20 {
        let troubles = [Trouble { latency: 10.0 * number as f64, ..CALM }; 2];
        let mut world = World::new(&plan(number, Terms { max_steps: 450, ..terms() }, &troubles));
        world.play_to(0, 150 + number as u32);
        let ill = 1 - world.service.game.lobby().host.expect("somebody is host");
        world.spoil(ill);
        world.run();
        let report = check(&mut world);
        let episode = &report.episodes[&0];
        assert_eq!(report.reason, Some(Reason::Complete));
        assert_eq!((episode.differences, episode.healed), (1, 1), "schedule {number}");
        assert_eq!(episode.agreed, Some(450), "schedule {number}: nobody looked whether the healed copy is equal");
        assert_eq!(episode.rows, episode.truth);
        let states = &report.seen[&ill][0].states[&0];
        let wrong = states.iter().filter(|(frame, hash)| episode.truth[**frame as usize] != **hash).count();
        assert!(wrong <= 10, "{wrong} states of schedule {number} were wrong; the copies are compared after each 10");
    }
}

#[test]
fn what_goes_astray_again_and_again_is_given_up() {
    let mut world = World::new(&plan(1, Terms { max_steps: 450, ..terms() }, &[CALM; 3]));
    world.play_to(0, 100);
    let ill = (world.service.game.lobby().host.expect("somebody is host") + 1) % 3;
    while !world.service.done() {
        world.spoil(ill);
        let frame = world.frame();
        world.play_to(0, frame + 5);
    }
    let report = check(&mut world);
    assert_eq!(report.reason, Some(Reason::Desync));
    assert!(world.now < 20_000.0, "that took {} ms", world.now);
}
