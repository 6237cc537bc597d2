//! What is to be played again: a game's facts as seeds and inputs, and what the outcome has to be.
//!
//! Facts may come bit by bit, as they do of a game that is still running.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_bytes::ByteBuf;

use crate::experiment::{GymScene, Policy};
use crate::facts::{Fact, GameFact, Outcome, Recorded};
use crate::ids::SceneId;
use crate::rules::globals::Pool;
use crate::rules::lobby;
use crate::rules::seeds::episode_seed;
use crate::rules::timeline::BrokenRecord;
use crate::time::Timestamp;
use crate::wire::row::{BadRow, Row};
use crate::wire::{FilmSeat, StateHash};

/// What stands for an agent that did nothing in a frame.
const NIL: [u8; 1] = [0xc0];

/// What the first fact of a game tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// When the game began.
    pub at: Timestamp,
    /// Its scene.
    pub scene: SceneId,
    seed: u32,
    players: Vec<FilmSeat>,
    alone: bool,
}

/// A game as it was played so far.
#[derive(Debug)]
pub struct Script {
    /// Who plays, in the order of the inputs. For one person in the browser its networks come behind it: what they chose
    /// is told like what a person does.
    pub seats: Vec<FilmSeat>,
    /// Its episodes.
    pub episodes: BTreeMap<u32, Part>,
    /// How the game ended.
    pub ended: Option<String>,
    seed: u32,
    alone: bool,
    globals: Pool,
}

/// An episode of a game.
#[derive(Debug, Default)]
pub struct Part {
    /// Of each frame the action of each seat, as MessagePack.
    pub inputs: Vec<Vec<Bytes>>,
    /// How many frames it had, once it is over.
    pub end: Option<u32>,
    /// Rows of the record that were not compared yet, by frame.
    pub rows: BTreeMap<u32, ByteBuf>,
    /// Hashes of states that were not compared yet, by the number of frames that led to them.
    pub hashes: BTreeMap<u32, StateHash>,
    /// How many frames something is recorded of beside their inputs.
    pub known: u32,
}

/// Facts that no game can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadScript {
    /// Confirmed frames are missing.
    #[error(transparent)]
    Frames(#[from] BrokenRecord),
    /// Rows are missing.
    #[error("rows of the episode {episode} are missing before the row {row}")]
    Rows {
        /// The episode.
        episode: u32,
        /// The row.
        row: u32,
    },
    /// A row cannot be read, so nobody knows what was done.
    #[error("the row {row} of the episode {episode} is {why}")]
    Row {
        /// The episode.
        episode: u32,
        /// The row.
        row: u32,
        /// Why.
        why: BadRow,
    },
}

impl Opening {
    /// What a game's first fact tells; `None` when it is another one.
    pub fn of(game: &[Recorded]) -> Option<Self> {
        let Recorded { at, fact: Fact::Game(fact), .. } = game.first()? else { return None };
        let (scene, seed, players, alone) = match fact {
            GameFact::GameOpened { scene, players, seed, .. } => {
                let seat = |(agent, subject): (&String, &_)| seat_of(agent, Some(subject));
                (scene, seed, players.iter().map(seat).collect(), true)
            }
            GameFact::GameMatched { scene, seats, seed } => {
                let seats = seats.iter().map(|taken| {
                    seat_of(&taken.agent, taken.player.as_ref().map(|player| &player.subject)) //
                });
                (scene, seed, seats.collect(), false)
            }
            _ => return None,
        };
        Some(Self { at: *at, scene: scene.clone(), seed: *seed, players, alone })
    }
}

fn seat_of(agent: &str, subject: Option<&crate::ids::SubjectId>) -> FilmSeat {
    FilmSeat { agent: agent.to_owned(), subject: subject.cloned() }
}

impl Script {
    /// A game of which nothing was played yet.
    pub fn new(opening: Opening, gym: &GymScene) -> Self {
        let Opening { seed, players: mut seats, alone, .. } = opening;
        if alone {
            let networks = gym.policies.iter().filter(|(_, policy)| policy.model().is_some());
            seats.extend(networks.map(|(agent, _)| seat_of(agent, None)));
        }
        Self { seats, episodes: BTreeMap::new(), ended: None, seed, alone, globals: Pool::default() }
    }

    /// The seed that an episode was begun with.
    pub fn seed(&self, episode: u32) -> u32 {
        episode_seed(self.seed, episode)
    }

    /// The values that scenes share, as they were when an episode was begun; see `Globals.give` in Python.
    pub fn globals(&self, episode: u32) -> Option<String> {
        self.globals.text_at(episode)
    }

    /// The agents that people play.
    pub fn people<'a>(&'a self, gym: &GymScene) -> Vec<&'a str> {
        let human = |agent: &str| gym.policies.get(agent).is_some_and(Policy::is_human);
        self.seats.iter().map(|seat| seat.agent.as_str()).filter(|agent| human(agent)).collect()
    }

    /// Takes one more fact.
    ///
    /// # Errors
    /// When facts before it are missing.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), BadScript> {
        match &recorded.fact {
            Fact::Game(fact) => self.game(fact, recorded),
            Fact::Lobby(lobby::Fact::Begun { episode }) => {
                self.episodes.entry(*episode).or_default();
                Ok(())
            }
            Fact::Lobby(lobby::Fact::Ended { reason, .. }) => {
                self.ended = Some(name_of(reason));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn game(&mut self, fact: &GameFact, recorded: &Recorded) -> Result<(), BadScript> {
        match fact {
            GameFact::FramesConfirmed { episode, .. } => {
                let part = self.episodes.entry(*episode).or_default();
                for closed in recorded.payload.frames() {
                    match (closed.frame as usize).cmp(&part.inputs.len()) {
                        std::cmp::Ordering::Less => {}
                        std::cmp::Ordering::Equal => part.inputs.push(closed.inputs.clone()),
                        std::cmp::Ordering::Greater => return Err(BrokenRecord(closed.frame).into()),
                    }
                }
            }
            GameFact::GlobalsGiven { .. } | GameFact::GlobalsLeft { .. } => self.globals.apply(fact),
            GameFact::StepsAccepted { episode, first, .. } => {
                for (row, step) in (*first..).zip(recorded.payload.steps()) {
                    self.row(*episode, row, &step.row)?;
                }
            }
            GameFact::CopiesAgreed { episode, frame, hash } => {
                let part = self.episodes.entry(*episode).or_default();
                part.hashes.insert(*frame, *hash);
                part.known = part.known.max(*frame);
            }
            GameFact::EpisodeEnded { episode, steps } => {
                let part = self.episodes.entry(*episode).or_default();
                part.end = Some(*steps);
                // What was confirmed beyond the end was never played.
                part.rows.split_off(steps);
            }
            GameFact::GameEnded { outcome } if self.ended.is_none() => {
                let outcome = match outcome {
                    Outcome::Complete => "complete",
                    Outcome::Failed => "failed",
                };
                self.ended = Some(outcome.into());
            }
            _ => {}
        }
        Ok(())
    }

    fn row(&mut self, episode: u32, row: u32, bytes: &ByteBuf) -> Result<(), BadScript> {
        let part = self.episodes.entry(episode).or_default();
        if self.alone {
            match (row as usize).cmp(&part.inputs.len()) {
                std::cmp::Ordering::Less => return Ok(()),
                std::cmp::Ordering::Equal => {
                    let parsed = Row::try_from(bytes).map_err(|why| BadScript::Row { episode, row, why })?;
                    part.inputs.push(self.seats.iter().map(|seat| done_by(&parsed, &seat.agent)).collect());
                }
                std::cmp::Ordering::Greater => return Err(BadScript::Rows { episode, row }),
            }
        }
        if part.end.is_none_or(|end| row < end) {
            // A new host's word counts from the frame on from which it is asked, also where there is an older word.
            part.rows.insert(row, bytes.clone());
            part.known = part.known.max(row.saturating_add(1));
        }
        Ok(())
    }
}

impl Part {
    /// How many frames can be played: those that were, or all whose inputs are fixed while it goes on.
    pub fn frames(&self) -> u32 {
        let confirmed = u32::try_from(self.inputs.len()).unwrap_or(u32::MAX);
        self.end.unwrap_or(u32::MAX).min(confirmed)
    }
}

/// What an agent did, by a row.
fn done_by(row: &Row, agent: &str) -> Bytes {
    let mut bytes = Vec::new();
    match row.of_agent("actions", agent).map(|action| rmpv::encode::write_value(&mut bytes, action)) {
        Some(Ok(())) => bytes.into(),
        _ => Bytes::from_static(&NIL),
    }
}

/// A reason as it stands in the record.
fn name_of(reason: &lobby::Reason) -> String {
    match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{reason:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::samples::*;

    #[test]
    fn a_game_of_several_is_its_confirmed_frames_up_to_the_end() {
        let mut script = shared(&["left", "right"]);
        script.apply(&confirmed(0, 0, &[&[1, 2], &[3, 4], &[5, 6]])).unwrap();
        script.apply(&confirmed(0, 2, &[&[9, 9], &[7, 8]])).unwrap();
        script.apply(&rows(0, 0, &[row(0, &[("left", 1)], 0.0), row(1, &[("left", 3)], 0.0)])).unwrap();
        let part = &script.episodes[&0];
        assert_eq!((part.frames(), part.known), (4, 2));
        assert_eq!(part.inputs[2], [packed(5), packed(6)], "the first word of a confirmed frame counts");
        assert_eq!(part.inputs[3], [packed(7), packed(8)]);
        script.apply(&fact(GameFact::EpisodeEnded { episode: 0, steps: 1 })).unwrap();
        assert_eq!((script.episodes[&0].frames(), script.episodes[&0].rows.len()), (1, 1));
        let error = script.apply(&confirmed(0, 6, &[&[0, 0]])).unwrap_err();
        assert_eq!(error, BadScript::Frames(BrokenRecord(6)));
    }

    #[test]
    fn a_new_hosts_rows_replace_older_ones() {
        let mut script = shared(&["left"]);
        script.apply(&rows(0, 0, &[row(0, &[("left", 1)], 0.0), row(1, &[("left", 1)], 0.0)])).unwrap();
        let newer = row(1, &[("left", 1)], 5.0);
        script.apply(&rows(0, 1, std::slice::from_ref(&newer))).unwrap();
        assert_eq!(script.episodes[&0].rows[&1], newer);
    }

    #[test]
    fn a_game_of_one_person_is_what_its_rows_say_of_people_and_networks() {
        let mut script = alone(&["human"], &["net"]);
        assert_eq!(script.seats.iter().map(|seat| seat.agent.as_str()).collect::<Vec<_>>(), ["human", "net"]);
        script.apply(&rows(0, 0, &[row(0, &[("human", 1), ("bot", 9), ("net", 4)], 0.0)])).unwrap();
        script.apply(&rows(0, 1, &[row(1, &[("net", 3)], 0.0)])).unwrap();
        let inputs = &script.episodes[&0].inputs;
        assert_eq!(inputs[0], [packed(1), packed(4)]);
        assert_eq!(inputs[1], [Bytes::from_static(&NIL), packed(3)], "who was done did nothing");
        let error = script.apply(&rows(0, 3, &[row(3, &[("human", 1)], 0.0)])).unwrap_err();
        assert_eq!(error, BadScript::Rows { episode: 0, row: 3 });
        script.apply(&fact(GameFact::GameEnded { outcome: Outcome::Complete })).unwrap();
        assert_eq!(script.ended.as_deref(), Some("complete"));
    }

    #[test]
    fn why_a_game_ended_is_told_as_in_the_record() {
        let mut script = shared(&["left"]);
        script.apply(&lobby(lobby::Fact::Ended { reason: lobby::Reason::NotReady, by: vec![0] })).unwrap();
        script.apply(&fact(GameFact::GameEnded { outcome: Outcome::Failed })).unwrap();
        assert_eq!(script.ended.as_deref(), Some("not_ready"));
    }
}
