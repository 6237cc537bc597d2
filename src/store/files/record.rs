//! The record of a game of several players, `{scene_id}/games/{game_id}.json`: what it was made of and what befell it. It
//! is the same whoever's files it is written with, and with the environment's source, which is part of `scene`, enough to
//! play the game again.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::shared::{Delay, Episode, Player, Shared};
use super::values::input;
use crate::facts::{Fact, GameFact, Recorded};
use crate::ids::{GameId, SceneId};
use crate::rules::lobby;
use crate::rules::seeds::episode_seed;
use crate::time::Timestamp;
use crate::wire::{Finite, StateHash, Timing};

/// Version of the form.
const FORMAT: u32 = 1;

/// A game stood still if no frame was confirmed for so long while somebody was away. Less is the rhythm of its clock.
const LEAST_PAUSE_MS: u64 = 500;

/// The whole record.
///
/// To play an episode again, make the environment from `scene`, reset it with the episode's `seed`, and step it with
/// `inputs`, one list for each frame; those are actions as the environment takes them, in the order of `players`. After
/// `agreed[i][0]` frames the state has the hash `agreed[i][1]`.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    /// Version of this form, 1.
    format: u32,
    experiment_id: &'a Value,
    scene_id: &'a SceneId,
    game_id: GameId,
    /// When the players were matched. All times are milliseconds since 1970 by the service's clock.
    matched_at: Timestamp,
    /// Where the environment ran: `browser`, `authoritative` or `streamed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'a str>,
    /// By seat.
    players: Vec<Player<'a>>,
    /// From which the seeds of the episodes are derived.
    seed: u32,
    /// As they were played.
    episodes: Vec<Played<'a>>,
    /// How the game ended; `null` while it goes on.
    ended: Option<Ended<'a>>,
    /// Why the service's own copy failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    /// All options of the scene, the environment's source included.
    scene: &'a Value,
    /// The program that wrote the file.
    greenroom_version: &'static str,
}

/// An episode.
#[derive(Debug, Serialize)]
struct Played<'a> {
    /// Counted from 0.
    episode: u32,
    /// The environment was reset with it.
    seed: u32,
    /// When its clock was started; `null` when it never was.
    begun_at: Option<Timestamp>,
    /// Whether it was played to its end.
    complete: bool,
    /// Whether it was for practice.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tutorial: bool,
    /// Number of frames.
    frames: u32,
    /// Input delays as they were set.
    input_delays: &'a [Delay],
    /// Of every frame the confirmed inputs, by seat.
    inputs: Vec<Vec<Value>>,
    /// Of every frame and seat, the frames between the one that the input was meant for and this one: 0 when it came in
    /// time, more when an older input stood in, `null` when the default did.
    ages: Vec<&'a [Option<u32>]>,
    /// By seat, the number of frames with a stand-in.
    stood_in: Vec<usize>,
    /// By seat, the number of inputs that came after their frame was confirmed, as last sampled; `null` when never.
    late: Vec<Option<u32>>,
    #[serde(flatten)]
    chronicle: Chronicle<'a>,
}

/// What befell an episode, each in the order of time.
#[derive(Debug, Default, Serialize)]
struct Chronicle<'a> {
    /// Number of frames that led to a state, and the hash that all copies had of it.
    agreed: Vec<(u32, StateHash)>,
    /// Copies that differed from the reference.
    desyncs: Vec<Desync<'a>>,
    /// Whose copy was the reference.
    hosts: Vec<Host>,
    /// Who was away. It stands in the episode in which it began.
    absences: Vec<Absence>,
    /// When the game stood still because somebody was away.
    pauses: Vec<Pause>,
    /// How the connections did, now and then.
    links: Vec<Link>,
    /// How well the players' browsers kept the frame rate, by their own word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    timings: Vec<Timed>,
    /// When the clock waited for the service's own copy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clock_stretches: Vec<Stretch>,
    /// Copies that took over a state of the service's own and had differed from it by more than rounding explains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    adoptions: Vec<Adoption<'a>>,
}

/// How well a player's browser kept the frame rate.
#[derive(Debug, Serialize)]
struct Timed {
    seat: usize,
    /// Steps, or pictures of a streamed game, per second.
    fps: Finite,
    /// Time of one step in milliseconds; 0 in a streamed game.
    step_p50: Finite,
    step_p99: Finite,
    /// Frames that began more than one frame late, or pictures that were skipped.
    late: u32,
    /// From a key event to the picture that shows what followed, in milliseconds; `null` where nothing was measured.
    photon_p50: Option<Finite>,
    photon_p99: Option<Finite>,
}

/// The clock waited for the service's own copy.
#[derive(Debug, Serialize)]
struct Stretch {
    /// Number of frames confirmed by then.
    frame: u32,
    at: Timestamp,
    /// How long in the episode so far.
    ms: u32,
}

/// A copy that took over a state of the service's own.
#[derive(Debug, Serialize)]
struct Adoption<'a> {
    seat: usize,
    /// Number of frames that led to the state.
    frame: u32,
    at: Timestamp,
    /// The largest difference between two numbers of the same place; `null` when the copy could not tell.
    largest: Option<Finite>,
    /// In which fields its own had differed, each with both values.
    fields: &'a [String],
}

/// A copy that differed.
#[derive(Debug, Serialize)]
struct Desync<'a> {
    /// Whose.
    seat: usize,
    /// Number of frames that led to the state.
    frame: u32,
    at: Timestamp,
    /// When the copy adopted the reference's state; `null` when it did not.
    healed: Option<Healed<'a>>,
}

/// A copy that was healed.
#[derive(Debug, Serialize)]
struct Healed<'a> {
    /// Number of frames that led to the adopted state.
    frame: u32,
    at: Timestamp,
    /// In which fields its own had differed, each with both values.
    fields: &'a [String],
}

/// Another host.
#[derive(Debug, Clone, Copy, Serialize)]
struct Host {
    /// Whose copy is the reference; `null` when nobody's.
    seat: Option<usize>,
    /// Its word counts from this frame on.
    from_frame: u32,
    at: Timestamp,
}

/// A moment of the game.
#[derive(Debug, Clone, Copy, Serialize)]
struct Moment {
    episode: u32,
    /// Number of frames confirmed by then.
    frame: u32,
    at: Timestamp,
}

/// Somebody was away.
#[derive(Debug, Serialize)]
struct Absence {
    /// Who.
    seat: usize,
    from: Moment,
    /// When it played again, or was back between episodes; `null` when the game was over before.
    to: Option<Moment>,
}

/// The game stood still.
#[derive(Debug, Serialize)]
struct Pause {
    /// Number of frames before it.
    frame: u32,
    /// When the last frame before it was confirmed.
    from: Timestamp,
    /// When the next one was, or the game ended.
    to: Timestamp,
}

/// How a connection did.
#[derive(Debug, Serialize)]
struct Link {
    seat: usize,
    /// Number of frames confirmed by then.
    frame: u32,
    at: Timestamp,
    /// Median round trip.
    rtt_ms: Option<u32>,
    /// How early the inputs arrived.
    margin_ms: Option<i32>,
    /// Inputs of the episode so far that came after their frame was confirmed.
    late: u32,
    /// How often in the episode so far the player's copy took over a state that was not the same as its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    adopted: Option<u32>,
    /// The largest difference between two numbers of such states so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    largest: Option<Finite>,
}

/// How the game ended.
#[derive(Debug, Serialize)]
struct Ended<'a> {
    /// `complete`, `not_ready`, `lost`, `left`, `desync` or `failed`.
    reason: lobby::Reason,
    /// The seats on whose account.
    by: &'a [usize],
    at: Timestamp,
}

impl<'a> Record<'a> {
    /// The record of a game. `experiment` has `experiment_id` and, by their ids, `scenes`.
    pub(super) fn new(game_id: GameId, shared: &'a Shared<'a>, game: &'a [Recorded], experiment: &'a Value) -> Self {
        let mut telling = Telling::default();
        for recorded in game {
            match &recorded.fact {
                Fact::Game(fact) => telling.game(fact, recorded),
                Fact::Lobby(fact) => telling.lobby(fact, recorded.at),
                _ => {}
            }
        }
        let Telling { mut told, ended, failure, .. } = telling;
        let scene = &experiment["scenes"][shared.scene.as_str()];
        for number in shared.episodes.keys() {
            told.entry(*number).or_default();
        }
        let episodes = told.into_iter().map(|(number, told)| played(shared, scene, number, told)).collect();
        Self {
            format: FORMAT,
            experiment_id: &experiment["experiment_id"],
            scene_id: shared.scene,
            game_id,
            matched_at: shared.at,
            mode: scene["mode"].as_str(),
            players: shared.players(scene),
            seed: shared.seed,
            episodes,
            ended,
            failure,
            scene,
            greenroom_version: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn played<'a>(shared: &'a Shared<'a>, scene: &Value, number: u32, told: Told<'a>) -> Played<'a> {
    let episode = shared.episodes.get(&number);
    let frames = episode.map(Episode::played).unwrap_or_default();
    let seats = 0..shared.seats.len();
    let stood_in = |seat| frames.iter().filter(|closed| !closed.on_time(seat)).count();
    let late = |seat| told.chronicle.links.iter().rev().find(|link| link.seat == seat).map(|link| link.late);
    Played {
        episode: number,
        seed: episode_seed(shared.seed, number),
        begun_at: told.begun_at,
        complete: episode.is_some_and(|episode| episode.end.is_some()),
        tutorial: scene["gameplay"]["tutorial_episodes"].as_u64().is_some_and(|first| u64::from(number) < first),
        frames: episode.map(Episode::length).unwrap_or_default(),
        input_delays: episode.map(|episode| &episode.delays[..]).unwrap_or_default(),
        inputs: frames.iter().map(|closed| closed.inputs.iter().map(|bytes| input(bytes)).collect()).collect(),
        ages: frames.iter().map(|closed| &closed.age[..]).collect(),
        stood_in: seats.clone().map(stood_in).collect(),
        late: seats.map(late).collect(),
        chronicle: told.chronicle,
    }
}

/// What the facts have told so far.
#[derive(Default)]
struct Telling<'a> {
    told: BTreeMap<u32, Told<'a>>,
    /// The episode that is played, or the one that comes next.
    episode: u32,
    playing: bool,
    host: Option<usize>,
    away: BTreeMap<usize, Away>,
    ended: Option<Ended<'a>>,
    failure: Option<&'a str>,
}

#[derive(Default)]
struct Told<'a> {
    begun_at: Option<Timestamp>,
    confirmed: u32,
    /// When a frame was last confirmed, or the clock was started, and whether somebody was away since.
    moved_at: Timestamp,
    missed: bool,
    chronicle: Chronicle<'a>,
}

struct Away {
    from: Moment,
    catching_up: bool,
}

impl<'a> Telling<'a> {
    fn of(&mut self, episode: u32) -> &mut Told<'a> {
        self.told.entry(episode).or_default()
    }

    fn game(&mut self, fact: &'a GameFact, recorded: &Recorded) {
        let at = recorded.at;
        match fact {
            GameFact::FramesConfirmed { episode, first, count } => {
                let somebody_away = !self.away.is_empty();
                let told = self.of(*episode);
                told.moved(at);
                told.missed = somebody_away;
                told.confirmed = first.saturating_add(*count).max(told.confirmed);
            }
            GameFact::EpisodeEnded { episode, steps } => {
                // The clock may have confirmed frames that are beyond the end.
                let told = self.of(*episode);
                told.confirmed = told.confirmed.min(*steps);
            }
            GameFact::CopiesAgreed { episode, frame, hash } => {
                self.of(*episode).chronicle.agreed.push((*frame, *hash));
            }
            GameFact::CopyDiffers { episode, frame, seat } => {
                let desync = Desync { seat: *seat, frame: *frame, at, healed: None };
                self.of(*episode).chronicle.desyncs.push(desync);
            }
            GameFact::CopyHealed { episode, frame, seat, fields } => {
                let desyncs = &mut self.of(*episode).chronicle.desyncs;
                let healed = Some(Healed { frame: *frame, at, fields });
                match desyncs.iter_mut().rev().find(|desync| desync.seat == *seat && desync.healed.is_none()) {
                    Some(desync) => desync.healed = healed,
                    None => desyncs.push(Desync { seat: *seat, frame: *frame, at, healed }),
                }
            }
            GameFact::CopyAdopted { episode, frame, seat, largest, fields } => {
                let adoption = Adoption { seat: *seat, frame: *frame, at, largest: *largest, fields };
                self.of(*episode).chronicle.adoptions.push(adoption);
            }
            GameFact::ClockStretched { episode, frame, ms } => {
                self.of(*episode).chronicle.clock_stretches.push(Stretch { frame: *frame, at, ms: *ms });
            }
            GameFact::SeatTimed { seat, timing } => {
                let Timing { episode, fps, step_p50, step_p99, late, photon_p50, photon_p99, .. } = *timing;
                let timed = Timed { seat: *seat, fps, step_p50, step_p99, late, photon_p50, photon_p99 };
                self.of(episode).chronicle.timings.push(timed);
            }
            GameFact::RunnerFailed { reason } => self.failure = Some(reason),
            GameFact::LinkSampled { episode, frame, seat, rtt_ms, margin_ms, late, adopted, largest } => {
                let link = Link {
                    seat: *seat,
                    frame: *frame,
                    at,
                    rtt_ms: *rtt_ms,
                    margin_ms: *margin_ms,
                    late: *late,
                    adopted: Some(*adopted).filter(|adopted| *adopted > 0),
                    largest: *largest,
                };
                self.of(*episode).chronicle.links.push(link);
            }
            _ => {}
        }
    }

    fn lobby(&mut self, fact: &'a lobby::Fact, at: Timestamp) {
        let episode = self.episode;
        match fact {
            lobby::Fact::Begun { episode } => {
                (self.episode, self.playing) = (*episode, true);
                let host = self.host;
                let told = self.of(*episode);
                (told.begun_at, told.moved_at) = (Some(at), at);
                // Where the service's own copy is the reference, there is none.
                if let (Some(_), true) = (host, told.chronicle.hosts.is_empty()) {
                    told.chronicle.hosts.push(Host { seat: host, from_frame: 0, at });
                }
            }
            lobby::Fact::EpisodeOver { episode } => {
                self.return_those(at, |_, away| away.catching_up);
                (self.episode, self.playing) = (episode + 1, false);
            }
            lobby::Fact::Away { player } => {
                let from = self.moment(at);
                let away = self.away.entry(*player).or_insert(Away { from, catching_up: false });
                away.catching_up = false;
                self.of(episode).missed = true;
            }
            lobby::Fact::Back { player } if self.playing => {
                if let Some(away) = self.away.get_mut(player) {
                    away.catching_up = true;
                }
            }
            lobby::Fact::Back { player } | lobby::Fact::CaughtUp { player } => {
                self.return_those(at, |seat, _| seat == *player);
            }
            lobby::Fact::HostMoved { player, from } => {
                self.host = *player;
                let host = Host { seat: *player, from_frame: from.unwrap_or(0), at };
                self.of(episode).chronicle.hosts.push(host);
            }
            lobby::Fact::Ended { reason, by } => {
                if self.playing {
                    self.of(episode).moved(at);
                }
                self.ended = Some(Ended { reason: *reason, by, at });
                for (seat, Away { from, .. }) in std::mem::take(&mut self.away) {
                    self.of(from.episode).chronicle.absences.push(Absence { seat, from, to: None });
                }
            }
            lobby::Fact::Joined { .. }
            | lobby::Fact::Loaded { .. }
            | lobby::Fact::Ready { .. }
            | lobby::Fact::RunnerReady => {}
        }
    }

    fn return_those(&mut self, at: Timestamp, which: impl Fn(usize, &Away) -> bool) {
        let to = self.moment(at);
        let all = std::mem::take(&mut self.away).into_iter();
        let (back, away): (BTreeMap<_, _>, BTreeMap<_, _>) = all.partition(|(seat, away)| which(*seat, away));
        self.away = away;
        for (seat, Away { from, .. }) in back {
            self.of(from.episode).chronicle.absences.push(Absence { seat, from, to: Some(to) });
        }
    }

    fn moment(&mut self, at: Timestamp) -> Moment {
        let episode = self.episode;
        Moment { episode, frame: self.of(episode).confirmed, at }
    }
}

impl Told<'_> {
    /// The game has moved, or is over.
    fn moved(&mut self, at: Timestamp) {
        let pause = Pause { frame: self.confirmed, from: self.moved_at, to: at };
        if self.missed && self.begun_at.is_some() && at.0.saturating_sub(self.moved_at.0) >= LEAST_PAUSE_MS {
            self.chronicle.pauses.push(pause);
        }
        self.moved_at = at;
    }
}
