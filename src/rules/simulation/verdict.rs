//! What must be true of a game that is over, whatever happened.

use std::collections::BTreeMap;

use super::host_rows::reward;
use super::page::Seen;
use super::toy::Toy;
use super::viewer::Watched;
use super::world::World;
use crate::facts::{Fact, GameFact, Payload};
use crate::rules::lobby::{self, Reason};
use crate::rules::seeds::episode_seed;
use crate::rules::session::Ending;
use crate::rules::timeline::Closed;
use crate::wire::Dismissal;
use crate::wire::row::Row;

/// An episode as the journal has it.
#[derive(Debug, Default)]
pub(super) struct Episode {
    pub frames: Vec<Closed>,
    /// Hashes by the rows.
    pub rows: Vec<u64>,
    pub end: Option<u32>,
    /// Hashes by a replay of the frames.
    pub truth: Vec<u64>,
    pub differences: u32,
    pub healed: u32,
    /// The last state on which the copies agreed.
    pub agreed: Option<u32>,
    /// How long the clock waited for the service's copy, in milliseconds.
    pub stretched: u32,
}

/// What the journal says of a game.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub episodes: BTreeMap<u32, Episode>,
    pub reason: Option<Reason>,
    pub hosts: u32,
    pub absences: u32,
    pub kept: u32,
    pub adopted: u32,
    /// By seat, what the player's pages saw.
    pub seen: BTreeMap<usize, Vec<Seen>>,
}

impl Report {
    /// Frames of an episode that were closed without the player's own input for them, from `first` on.
    pub fn stood_in(&self, episode: u32, seat: usize, first: u32) -> usize {
        let frames = self.episodes[&episode].frames.iter().skip(first as usize);
        frames.filter(|closed| !closed.on_time(seat)).count()
    }
}

/// Reads the journal, and checks that it is whole.
pub(super) fn read(world: &World) -> Report {
    let mut report = Report::default();
    let mut seed = 0;
    for recorded in &world.service.stored {
        match &recorded.fact {
            Fact::Game(fact) => {
                if let GameFact::GameMatched { seed: given, .. } = fact {
                    seed = *given;
                }
                note(&mut report, fact, &recorded.payload);
            }
            Fact::Lobby(lobby::Fact::Ended { reason, .. }) => report.reason = Some(*reason),
            Fact::Lobby(lobby::Fact::HostMoved { player: Some(_), .. }) => report.hosts += 1,
            Fact::Lobby(lobby::Fact::Away { .. }) => report.absences += 1,
            _ => {}
        }
    }
    for (number, episode) in &mut report.episodes {
        let mut toy = Toy::new(world.rules.seats, episode_seed(seed, *number), world.rules.length);
        for closed in &episode.frames {
            toy.step(&closed.inputs);
            episode.truth.push(toy.hash());
        }
        if let Some(end) = episode.end {
            let spoilt = world.spoilt && world.runner.is_none();
            assert!(spoilt || toy.end == Some(end), "episode {number} ended elsewhere than its replay");
            assert_eq!(episode.rows.len() as u32, end, "rows of episode {number} are missing, or too many");
        }
        // Whatever happens to players' copies: where the service has one, they are not in the record.
        for (frame, row) in episode.rows.iter().enumerate().filter(|_| !world.spoilt || world.runner.is_some()) {
            assert_eq!(*row, episode.truth[frame], "row {frame} of episode {number} is not what a replay gives");
        }
    }
    report
}

fn note(report: &mut Report, fact: &GameFact, payload: &Payload) {
    match fact {
        GameFact::FramesConfirmed { episode, first, count } => {
            let frames = &mut report.episodes.entry(*episode).or_default().frames;
            assert_eq!(*first as usize, frames.len(), "confirmed frames are missing, or stored twice");
            assert_eq!(*count as usize, payload.frames().len());
            frames.extend_from_slice(payload.frames());
        }
        GameFact::StepsAccepted { episode, first, count } => {
            let rows = &mut report.episodes.entry(*episode).or_default().rows;
            assert_eq!(*first as usize, rows.len(), "rows are missing, or stored twice");
            assert_eq!(*count as usize, payload.steps().len());
            rows.extend(payload.steps().iter().map(|step| hash_of(&Row::try_from(&step.row).unwrap())));
        }
        GameFact::EpisodeEnded { episode, steps } => {
            let known = report.episodes.entry(*episode).or_default().end.replace(*steps);
            assert_eq!(known, None, "an episode ended twice");
        }
        GameFact::SnapshotTaken { .. } => report.kept += 1,
        GameFact::RunnerSnapshot { frame, .. } => {
            let Payload::Runner(state) = payload else { panic!("a state without its bytes") };
            assert_eq!(state.frame, *frame);
            report.kept += 1;
        }
        GameFact::ClockStretched { episode, ms, .. } => {
            let stretched = &mut report.episodes.entry(*episode).or_default().stretched;
            assert!(*stretched < *ms, "the clock was stretched by less than before");
            *stretched = *ms;
        }
        GameFact::CopyAdopted { .. } => report.adopted += 1,
        GameFact::CopyDiffers { episode, .. } => report.episodes.entry(*episode).or_default().differences += 1,
        GameFact::CopyHealed { episode, .. } => report.episodes.entry(*episode).or_default().healed += 1,
        GameFact::CopiesAgreed { episode, frame, .. } => {
            let agreed = &mut report.episodes.entry(*episode).or_default().agreed;
            assert!(*agreed < Some(*frame), "the copies agreed on an older frame");
            *agreed = Some(*frame);
        }
        _ => {}
    }
}

fn hash_of(row: &Row) -> u64 {
    row.cells_of("infos")[0].1.as_u64().expect("a hash")
}

/// What a player of a streamed game saw is what happened, and what it did had the effect that it was told of.
fn watch(seat: usize, watched: &Watched, episodes: &BTreeMap<u32, Episode>) {
    for (number, shown) in &watched.shown {
        for (frame, hash) in shown.iter().filter(|(frame, _)| **frame > 0) {
            let truth = &episodes[number].truth[*frame as usize - 1];
            assert_eq!(truth, hash, "player {seat} saw another game in episode {number}, frame {frame}");
        }
    }
    for (number, echoes) in &watched.echoes {
        let acts = &watched.acts[number];
        for echo in echoes {
            let Some(closed) = episodes[number].frames.get(echo.frame as usize - 1) else {
                panic!("player {seat} was told of frame {} before it was stored", echo.frame);
            };
            let key = u32::from(closed.inputs[seat][0]);
            let tapped = acts.range(..echo.number).any(|(_, binding)| *binding == Some(key));
            let acted = match acts[&echo.number] {
                Some(binding) => binding == key,
                None => key == 2 || tapped,
            };
            assert!(acted && closed.on_time(seat), "player {seat}: {echo:?} is not what it did");
        }
    }
}

/// Whatever happened on the way, everybody is told the sum of the rewards that are on record.
fn score(world: &World, report: &Report) {
    let people = world.players.iter().enumerate().filter(|(_, player)| player.is_some());
    for (seat, _) in people {
        let told: Vec<_> = world.service.results[seat].iter().map(|told| (told.steps, told.score.get())).collect();
        let played = report.episodes.values().filter(|episode| !episode.rows.is_empty());
        let sum = |rows: &[u64]| rows.iter().map(|hash| reward(seat, *hash)).sum::<f64>();
        let played: Vec<_> = played.map(|episode| (episode.rows.len() as u32, sum(&episode.rows))).collect();
        assert_eq!(told, played, "player {seat} was told another score");
    }
}

/// What must be true of every game that is over.
pub(super) fn check(world: &mut World) -> Report {
    let mut report = read(world);
    let (spoilt, bound) = (world.spoilt, world.rules.bound);
    for (seat, player) in
        world.players.iter_mut().enumerate().filter_map(|(seat, player)| Some((seat, player.as_mut()?)))
    {
        let all = report.seen.entry(seat).or_default();
        all.extend(player.seen());
        for seen in all {
            for (number, frames) in &seen.confirmed {
                let episode = report.episodes.get(number);
                for (frame, inputs) in frames {
                    let stored = episode.and_then(|episode| episode.frames.get(*frame as usize));
                    let stored = stored.map(|closed| &closed.inputs);
                    assert_eq!(stored, Some(inputs), "player {seat} was told frame {frame} before it was stored");
                }
            }
            for (number, states) in seen.states.iter().filter(|_| !spoilt) {
                let Some(episode) = report.episodes.get(number) else { continue };
                for (frame, hash) in states.iter().filter(|(frame, _)| episode.end.is_none_or(|end| **frame < end)) {
                    assert_eq!(episode.truth[*frame as usize], *hash, "player {seat}, episode {number}, frame {frame}");
                }
            }
            watch(seat, &seen.watched, &report.episodes);
            assert!(seen.furthest <= bound && seen.deepest <= bound, "player {seat} ran away");
        }
    }
    score(world, &report);
    let reason = report.reason.expect("the game ended");
    let differences: u32 = report.episodes.values().map(|episode| episode.differences).sum();
    assert!(spoilt || differences == 0, "equal copies were said to differ");
    assert!((spoilt && world.runner.is_none()) || reason != Reason::Desync, "equal copies were given up");
    assert_ne!(reason, Reason::Failed, "nothing failed");
    let endings: Vec<Ending> = world.service.endings.iter().flatten().copied().collect();
    if reason == Reason::Complete {
        assert!(endings.iter().all(|ending| *ending == Ending::Complete));
        assert!(report.episodes.values().all(|episode| episode.end.is_some()), "an episode was left out");
    } else {
        assert!(!endings.contains(&Ending::Complete));
        let absent = endings.contains(&Ending::Dismissed(Dismissal::Absent));
        assert!(absent || reason == Reason::Desync, "nobody is to blame for {reason:?}: {endings:?}");
    }
    report
}
