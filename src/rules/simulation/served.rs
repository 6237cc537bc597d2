//! Games that the service runs too, in which its own copy may be slow, and may be lost and come back at any time.

#![cfg(test)]

use std::collections::BTreeMap;
use std::time::Duration;

use super::runner::Worker;
use super::tests::{CALM, plan, schedule, schedules, seconds, terms};
use super::verdict::check;
use super::world::{Plan, World};
use super::{FRAME, Random};
use crate::experiment::{InputMode, Mode, OnDesync};
use crate::facts::{Fact, GameFact};
use crate::rules::lobby::Reason;
use crate::rules::shared_game::Terms;

/// A worker that keeps up.
const QUICK: Worker = Worker { cost: 1.0, jitter: 1.0, deaths: 0.0 };

/// What a schedule's number stands for.
fn served(number: u64) -> Plan {
    let mut random = Random(number.wrapping_mul(0x9E6D_62D0_6F6A_9A9B) + 3);
    let mut plan = schedule(number);
    plan.terms.mode = if number.is_multiple_of(2) { Mode::Authoritative } else { Mode::Streamed };
    plan.terms.multiplayer.state_broadcast_interval = [10, 30, 45][random.below(3) as usize];
    if random.chance(0.3) {
        plan.terms.input_mode = InputMode::SingleKeystroke;
    }
    // One person plays as a group of one; bots of the scene may sit beside it.
    if random.chance(0.3) {
        plan.troubles.truncate(1);
    }
    for _ in 0..random.below(3) {
        plan.terms.policies.insert(format!("agent_{}", plan.troubles.len()));
        plan.troubles.push(None);
    }
    for (seat, _) in plan.troubles.iter().enumerate().filter(|(_, taken)| taken.is_none()) {
        if random.chance(0.5) {
            plan.terms.policies.insert(format!("agent_{seat}"));
        }
    }
    let people = |seat: &(usize, f64)| plan.troubles.get(seat.0).is_some_and(Option::is_some);
    let (leaves, spoils) = (plan.leaves.filter(people), plan.spoils.filter(people));
    (plan.leaves, plan.spoils) = (leaves, spoils.filter(|_| plan.terms.mode == Mode::Authoritative));
    let slow = random.chance(0.2);
    if plan.terms.mode == Mode::Authoritative && random.chance(0.4) {
        plan.spoils = Some((0, random.between(2000.0, 6000.0)));
    }
    plan.worker = Some(Worker {
        cost: if slow { random.between(20.0, 50.0) } else { random.between(0.2, 10.0) },
        jitter: random.between(0.0, 30.0) * random.unit(),
        deaths: if random.chance(0.5) { random.between(0.0, 0.5) } else { 0.0 },
    });
    plan
}

#[test]
fn whatever_befalls_the_service_s_own_copy_all_see_one_game() {
    let mut seen = BTreeMap::<String, u64>::new();
    let mut failed = Vec::new();
    for number in schedules() {
        let mut world = World::new(&served(number));
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
        count("workers lost", world.runner.as_ref().map_or(0, |runner| runner.deaths));
        count("states kept", report.kept);
        count("absences", report.absences);
        count("spoilt copies", u32::from(world.spoilt));
        count("milliseconds stretched", report.episodes.values().map(|episode| episode.stretched).sum());
        count(&format!("games that ended: {:?}", report.reason.unwrap()), 1);
        for page in report.seen.values().flatten() {
            count("rollbacks", page.rollbacks);
            count("copies healed", page.heals);
            count("states adopted", page.adoptions);
            count("pictures", page.watched.shown.values().map(|shown| shown.len() as u32).sum());
            count("pictures left out", page.watched.skipped);
            count("echoes", page.watched.echoes.values().map(|echoes| echoes.len() as u32).sum());
        }
    }
    assert!(failed.is_empty(), "schedules {failed:?} failed");
    let many = schedules().end - schedules().start >= 240;
    assert!(!many || (seen.len() > 12 && seen.values().all(|count| *count > 0)), "{seen:?}");
}

fn streamed() -> Terms {
    Terms { mode: Mode::Streamed, ..terms() }
}

fn authoritative() -> Terms {
    Terms { mode: Mode::Authoritative, ..terms() }
}

#[test]
fn in_a_calm_network_each_frame_is_shown_and_in_time() {
    for latency in [5.0, 100.0, 200.0] {
        let troubles = [super::player::Trouble { latency, jitter: 2.0, ..CALM }; 2];
        let game = plan(latency as u64, streamed(), &troubles);
        let mut world = World::new(&Plan { worker: Some(QUICK), ..game });
        world.run();
        let report = check(&mut world);
        assert_eq!(report.reason, Some(Reason::Complete));
        assert_eq!(report.episodes[&0].stretched, 0);
        assert_eq!(report.episodes[&0].agreed, Some(200), "the last hash is on record");
        for page in report.seen.values().flatten() {
            assert_eq!(page.watched.shown[&0].len(), 201, "at {latency} ms: {} left out", page.watched.skipped);
            assert_eq!(page.watched.last[&0], 200, "the end was not shown");
        }
    }
}

#[test]
fn the_clock_goes_as_slowly_as_a_slow_copy_and_as_evenly() {
    for mode in [Mode::Streamed, Mode::Authoritative] {
        let slow = Worker { cost: 60.0, jitter: 0.0, deaths: 0.0 };
        let game = plan(3, Terms { mode, ..terms() }, &[CALM]);
        let mut world = World::new(&Plan { worker: Some(slow), store: (0.0, 0.0), ..game });
        world.run();
        let report = check(&mut world);
        assert_eq!(report.reason, Some(Reason::Complete));
        let closed: Vec<u64> = world
            .service
            .stored
            .iter()
            .filter(|recorded| matches!(recorded.fact, Fact::Game(GameFact::FramesConfirmed { .. })))
            .flat_map(|recorded| recorded.payload.frames().iter().map(|_| recorded.at.0))
            .collect();
        let gaps: Vec<u64> = closed.windows(2).map(|pair| pair[1] - pair[0]).collect();
        // Answers to several frames at once come seldom in a streamed game; nowhere does anything come in a burst.
        assert!(gaps.iter().all(|gap| *gap + 1 >= FRAME as u64), "{mode:?}: frames in a burst: {gaps:?}");
        let took: u64 = gaps[50..].iter().sum();
        let expected = 60 * (gaps.len() as u64 - 50);
        assert!(took.abs_diff(expected) < expected / 5, "{mode:?}: {took} ms instead of {expected}");
        let stretched = u64::from(report.episodes[&0].stretched);
        let all: u64 = gaps.iter().sum();
        let due = (FRAME * gaps.len() as f64) as u64;
        assert!(all.abs_diff(due + stretched) < 40, "{mode:?}: {stretched} ms of {} are on record", all - due);
    }
}

#[test]
fn copies_that_go_astray_are_brought_back_and_not_given_up() {
    let mut world = World::new(&Plan { worker: Some(QUICK), ..plan(1, authoritative(), &[CALM; 2]) });
    for round in 1..8 {
        world.play_to(0, 20 * round);
        world.spoil(1);
    }
    world.run();
    let report = check(&mut world);
    assert_eq!(report.reason, Some(Reason::Complete));
    let episode = &report.episodes[&0];
    assert_eq!(episode.rows, episode.truth);
    assert!(episode.differences >= 4 && episode.healed == episode.differences, "{} differences", episode.differences);
    // Where the scene says so, it is the end.
    let mut strict = authoritative();
    strict.multiplayer.on_desync = OnDesync::End;
    let mut world = World::new(&Plan { worker: Some(QUICK), ..plan(1, strict, &[CALM; 2]) });
    world.play_to(0, 20);
    world.spoil(1);
    world.run();
    assert_eq!(super::verdict::read(&world).reason, Some(Reason::Desync));
}

#[test]
fn a_long_game_alone_is_taken_up_where_it_was_after_a_restart() {
    for (mode, number) in [(Mode::Streamed, 1), (Mode::Authoritative, 2)] {
        let mut long = Terms { mode, max_steps: 4000, ..terms() };
        long.multiplayer.patience = seconds(300.0);
        let worker = Worker { cost: 1.0, jitter: 2.0, deaths: 0.02 };
        let mut world = World::new(&Plan { worker: Some(worker), ..plan(number, long, &[CALM]) });
        for frames in [500, 2500, 3700] {
            world.play_to(0, frames);
            world.restart();
        }
        world.run();
        let report = check(&mut world);
        assert_eq!((report.reason, report.kept), (Some(Reason::Complete), 2));
        assert_eq!(report.episodes[&0].rows.len(), 4000);
        assert!(world.now < 4000.0 * FRAME + Duration::from_secs(60).as_millis() as f64, "that took {} ms", world.now);
    }
}
