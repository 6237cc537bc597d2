//! What was played in a game of several players: its frames, their rows, and how each player's copy came by them.
//!
//! Whatever describes the game is the same in the files of all its players: it is made from the game's facts alone, and
//! only the last columns of a table know for whom it is written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Problem;
use super::table::{Column, Line};
use super::values::{float, truth};
use crate::facts::{Fact, GameFact, Recorded, SeatTaken};
use crate::ids::{SceneId, SubjectId};
use crate::rules::timeline::{BrokenRecord, Closed};
use crate::time::Timestamp;
use crate::wire::{FrameSeen, Step};

/// How a seat without a participant is named.
const BOT: &str = "bot";

/// A game of several players, as far as it was played.
pub(crate) struct Shared<'a> {
    pub(crate) at: Timestamp,
    pub(crate) scene: &'a SceneId,
    pub(crate) seed: u32,
    pub(crate) seats: &'a [SeatTaken],
    pub(crate) episodes: BTreeMap<u32, Episode<'a>>,
}

/// An episode of it.
#[derive(Default)]
pub(crate) struct Episode<'a> {
    /// The confirmed frames, from the first.
    pub(crate) frames: Vec<&'a Closed>,
    pub(crate) delays: Vec<Delay>,
    /// How many frames it had, once it is over. What was confirmed beyond that was never played.
    pub(crate) end: Option<u32>,
    rows: BTreeMap<u32, (&'a Step, Timestamp)>,
    seen: BTreeMap<(usize, u32), &'a FrameSeen>,
}

/// The input delay that a player had from a frame on.
#[derive(Debug, Serialize)]
pub(crate) struct Delay {
    /// Its seat.
    pub(crate) seat: usize,
    /// The first frame that may have an input with it.
    pub(crate) from_frame: u32,
    /// Frames between a key press and the frame it is for.
    pub(crate) input_delay: u32,
}

/// Who plays on a seat.
#[derive(Debug, Serialize)]
pub(crate) struct Player<'a> {
    /// Counted from 0; whatever is told by seat is in this order.
    seat: usize,
    /// The agent.
    agent: &'a str,
    /// The participant, or `bot`.
    subject: &'a str,
    /// The participant's visit; `null` for a bot.
    visit: Option<u32>,
    /// What acts for a bot that belongs to the scene: `random`, `model` or `function`.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
}

impl<'a> Shared<'a> {
    /// The game that a stream tells of; `None` when it is a game of one player.
    ///
    /// # Errors
    /// When frames are missing.
    pub(crate) fn of(game: &'a [Recorded]) -> Result<Option<Self>, Problem> {
        let Some(Recorded { at, fact: Fact::Game(GameFact::GameMatched { scene, seats, seed }), .. }) = game.first()
        else {
            return Ok(None);
        };
        let mut shared = Self { at: *at, scene, seed: *seed, seats, episodes: BTreeMap::new() };
        for recorded in game {
            if let Fact::Game(fact) = &recorded.fact {
                shared.apply(fact, recorded)?;
            }
        }
        Ok(Some(shared))
    }

    fn apply(&mut self, fact: &GameFact, recorded: &'a Recorded) -> Result<(), Problem> {
        let episodes = &mut self.episodes;
        match fact {
            GameFact::SeatPrepared { episode, seat, input_delay } => {
                let episode = episodes.entry(*episode).or_default();
                let from_frame = episode.confirmed();
                episode.delays.push(Delay { seat: *seat, from_frame, input_delay: *input_delay });
            }
            GameFact::FramesConfirmed { episode, .. } => {
                let episode = episodes.entry(*episode).or_default();
                for closed in recorded.payload.frames() {
                    match closed.frame.cmp(&episode.confirmed()) {
                        std::cmp::Ordering::Less => {}
                        std::cmp::Ordering::Equal => episode.frames.push(closed),
                        std::cmp::Ordering::Greater => return Err(BrokenRecord(closed.frame).into()),
                    }
                }
            }
            GameFact::StepsAccepted { episode, first, .. } => {
                // A new host's word counts from the frame on from which it is asked, also where there is an older word.
                let rows = (*first..).zip(recorded.payload.steps());
                episodes
                    .entry(*episode)
                    .or_default()
                    .rows
                    .extend(rows.map(|(frame, step)| (frame, (step, recorded.at))));
            }
            GameFact::FramesWitnessed { episode, seat, first, .. } => {
                let episode = episodes.entry(*episode).or_default();
                // What is sent again tells of the first time that a frame was shown: the first word counts.
                for (frame, seen) in (*first..).zip(recorded.payload.witnessed()) {
                    episode.seen.entry((*seat, frame)).or_insert(seen);
                }
            }
            GameFact::EpisodeEnded { episode, steps } => episodes.entry(*episode).or_default().end = Some(*steps),
            _ => {}
        }
        Ok(())
    }

    /// Who plays, by seat. `scene` has all options of the scene.
    pub(crate) fn players(&self, scene: &'a Value) -> Vec<Player<'a>> {
        let players = self.seats.iter().enumerate().map(|(seat, taken)| Player {
            seat,
            agent: &taken.agent,
            subject: subject_of(taken),
            visit: taken.player.as_ref().map(|player| player.visit),
            policy: Some(scene)
                .filter(|_| taken.player.is_none())
                .and_then(|scene| policy_of(&scene["policies"], taken)),
        });
        players.collect()
    }

    /// The rows of the game's table.
    pub(crate) fn lines(&self) -> Vec<Line<'a>> {
        let episodes = self.episodes.iter().flat_map(|(number, episode)| {
            let rows = episode.rows.iter().filter(|(frame, _)| episode.end.is_none_or(|end| **frame < end));
            rows.map(|(frame, (step, at))| Line { episode: *number, number: *frame, step, at: *at })
        });
        episodes.collect()
    }

    /// The columns that describe the game, the same for everybody.
    pub(crate) fn columns(&self) -> Vec<Column<'_>> {
        let focused = self.by_agent("isFocused", |seat, line| truth(self.seen(seat, line)?.focused).into());
        let ages = self.by_agent("input_age", |seat, line| self.input_age(seat, line).map(|age| age.to_string()));
        let on_time = self.by_agent("input_on_time", |seat, line| self.input_on_time(seat, line).map(truth));
        let subjects = self.by_agent("player_subjects", |seat, _| Some(subject_of(self.seats.get(seat)?).to_owned()));
        focused.chain(ages).chain(on_time).chain(subjects).collect()
    }

    /// The columns that tell how a participant's own copy came by the frames.
    pub(crate) fn own_columns(&self, subject: &SubjectId) -> Vec<Column<'_>> {
        let of = |taken: &SeatTaken| taken.player.as_ref().is_some_and(|player| player.subject == *subject);
        let Some(me) = self.seats.iter().position(of) else { return Vec::new() };
        let predicted = self.by_agent("own.predicted", move |seat, line| {
            self.seen(me, line)?.predicted.get(seat).map(|predicted| truth(*predicted)) //
        });
        let own = |name: &str, tell: fn(&FrameSeen) -> String| {
            Column::new(name.into(), move |line: &Line<'_>| self.seen(me, line).map(tell).unwrap_or_default())
        };
        let depth = own("own.rollback_depth", |seen| seen.depth.to_string());
        let at = own("own.timestamp", |seen| float(seen.at.get()));
        predicted.chain([depth, at]).collect()
    }

    /// One column for each seat; cells of which nothing is known are empty.
    fn by_agent<'s>(
        &'s self,
        name: &'static str,
        cell: impl Fn(usize, &Line<'_>) -> Option<String> + Copy + 's,
    ) -> impl Iterator<Item = Column<'s>> {
        self.seats.iter().enumerate().map(move |(seat, taken)| {
            let cell = move |line: &Line<'_>| cell(seat, line).unwrap_or_default();
            Column::new(format!("{name}.{}", taken.agent), cell)
        })
    }

    /// Frames between a person's key press and the frame of a line; nothing where the default action stood in.
    pub(crate) fn input_age(&self, seat: usize, line: &Line<'_>) -> Option<u32> {
        let delay = self.episodes.get(&line.episode)?.delay(seat, line.number)?;
        let age = (*self.of_human(seat, line)?.age.get(seat)?)?;
        Some(delay.saturating_add(age))
    }

    /// Whether a person's own input for the frame of a line came in time.
    pub(crate) fn input_on_time(&self, seat: usize, line: &Line<'_>) -> Option<bool> {
        Some(self.of_human(seat, line)?.on_time(seat))
    }

    /// How a player's copy came by the frame of a line.
    pub(crate) fn seen(&self, seat: usize, line: &Line<'_>) -> Option<&'a FrameSeen> {
        self.episodes.get(&line.episode)?.seen.get(&(seat, line.number)).copied()
    }

    /// The confirmed frame of a line, unless a bot sits on the seat.
    fn of_human(&self, seat: usize, line: &Line<'_>) -> Option<&'a Closed> {
        self.seats.get(seat)?.player.as_ref()?;
        self.episodes.get(&line.episode)?.frames.get(line.number as usize).copied()
    }
}

impl<'a> Episode<'a> {
    /// Number of confirmed frames.
    pub(crate) fn confirmed(&self) -> u32 {
        u32::try_from(self.frames.len()).unwrap_or(u32::MAX)
    }

    /// Number of confirmed frames that count.
    pub(crate) fn length(&self) -> u32 {
        self.end.unwrap_or(u32::MAX).min(self.confirmed())
    }

    /// The confirmed frames that count.
    pub(crate) fn played(&self) -> &[&'a Closed] {
        &self.frames[..self.length() as usize]
    }

    fn delay(&self, of: usize, frame: u32) -> Option<u32> {
        let mut delays = self.delays.iter().rev();
        delays.find(|delay| delay.seat == of && delay.from_frame <= frame).map(|delay| delay.input_delay)
    }
}

/// The name of an agent's policy, unless it is a person's.
fn policy_of<'a>(policies: &'a Value, taken: &SeatTaken) -> Option<&'a str> {
    policies[taken.agent.as_str()].as_object()?.keys().next().map(String::as_str)
}

fn subject_of(taken: &SeatTaken) -> &str {
    taken.player.as_ref().map_or(BOT, |player| player.subject.as_str())
}
