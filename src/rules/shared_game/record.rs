//! What the facts of a game of several players make of it: when they happen, and when they are read again.

use std::collections::VecDeque;
use std::time::Duration;

use super::copies::Copy;
use super::own::Own;
use super::playing::{KEEP_EVERY, Playing};
use super::seats::Seat;
use super::{SharedGame, Terms};
use crate::facts::{Fact, GameFact, Payload, Recorded};
use crate::ids::GameId;
use crate::rules::globals::Pool;
use crate::rules::lobby::{self, Lobby};
use crate::rules::scores::Scores;
use crate::rules::timeline::{BrokenRecord, Closed};
use crate::time::Timestamp;
use crate::wire::RunnerState;

/// Facts of which no game can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenGame {
    /// The first fact is another one.
    #[error("its record does not begin with a match")]
    NoMatch,
    /// The scene has another number of players now.
    #[error("its scene is not played by several people any more")]
    NotShared,
    /// Confirmed frames are missing.
    #[error(transparent)]
    Frames(#[from] BrokenRecord),
}

impl SharedGame {
    /// The game that its facts make.
    ///
    /// # Errors
    /// When they are not the facts of a game of several players, or frames are missing.
    pub fn resume(id: GameId, terms: Terms, facts: &[Recorded]) -> Result<Self, BrokenGame> {
        let Some((first, rest)) = facts.split_first() else { return Err(BrokenGame::NoMatch) };
        let Fact::Game(GameFact::GameMatched { scene, seats: taken, seed }) = &first.fact else {
            return Err(BrokenGame::NoMatch);
        };
        let mut people = 0..;
        let seats: Vec<Seat> = taken
            .iter()
            .map(|taken| {
                let index = taken.player.as_ref().and_then(|_| people.next());
                let policy = taken.player.is_none() && terms.policies.contains(&taken.agent);
                Seat::new(taken.agent.clone(), taken.player.clone(), index, policy)
            })
            .collect();
        let agents = seats.iter().filter(|seat| seat.player.is_some()).map(|seat| seat.agent.clone()).collect();
        let scores = Scores::new(terms.tutorial, taken.iter().map(|taken| taken.agent.clone()).collect());
        let lobby = Lobby::new(terms.lobby(agents), first.at);
        let mut game = Self {
            id,
            terms,
            scene: scene.clone(),
            seed: *seed,
            seats,
            lobby,
            undecided: VecDeque::new(),
            playing: None,
            closing: None,
            finished: false,
            told: first.at,
            stalls: false,
            flowing_since: first.at,
            own: Own::default(),
            streams: Vec::new(),
            streamed_episode: None,
            globals: Pool::default(),
            scores,
        };
        let mut frames: Vec<Closed> = Vec::new();
        let mut closed_at: Vec<(u32, Timestamp)> = Vec::new();
        for recorded in rest {
            if let Fact::Lobby(lobby::Fact::Begun { .. }) = recorded.fact {
                frames.clear();
                closed_at.clear();
            }
            frames.extend_from_slice(recorded.payload.frames());
            closed_at.extend(recorded.payload.frames().iter().map(|closed| (closed.frame, recorded.at)));
            game.apply(recorded.at, &recorded.fact, &recorded.payload);
        }
        if let Some(playing) = &mut game.playing {
            let kept = playing.kept.as_ref().map_or(0, |(frame, _)| *frame);
            let kept = playing.truth.as_ref().and_then(|truth| truth.kept.as_ref()).map_or(kept, |state| state.frame);
            // One frame before it tells where the timeline stands when nothing has been confirmed since.
            frames.retain(|closed| closed.frame + 1 >= kept);
            playing.timeline = playing.timeline.clone().restore(frames)?;
            if let Some(last) = playing.open().checked_sub(1) {
                playing.ledger.confirmed(last);
            }
            playing.copies.iter_mut().for_each(Copy::forget_from);
            let (seats, rows, open) = (game.seats.len(), playing.rows, playing.open());
            if let Some(truth) = &mut playing.truth {
                truth.chosen_until(seats, open);
                closed_at.retain(|(frame, _)| *frame >= rows);
                closed_at.into_iter().for_each(|(frame, at)| truth.note_closed(at, frame));
            }
            game.own.is_at(playing.number, rows);
        }
        // Nobody waits for the last rows of a game that was over before the restart.
        game.finished = game.lobby.over();
        Ok(game)
    }

    /// A fact of this game happened, now or long ago.
    pub(super) fn apply(&mut self, at: Timestamp, fact: &Fact, payload: &Payload) {
        match fact {
            Fact::Lobby(fact) => self.apply_lobby(at, fact),
            Fact::Game(fact) => self.apply_game(at, fact, payload),
            _ => {}
        }
    }

    fn apply_lobby(&mut self, at: Timestamp, fact: &lobby::Fact) {
        self.lobby.apply(at, fact);
        match fact {
            lobby::Fact::Begun { episode } => {
                let delays: Vec<u32> = self.seats.iter().map(|seat| seat.delay_of(*episode).unwrap_or(0)).collect();
                self.playing = Some(Playing::new(*episode, &self.terms, &delays));
                self.own.is_at(*episode, 0);
            }
            lobby::Fact::EpisodeOver { .. } => {
                if let Some(playing) = &mut self.playing {
                    playing.stop();
                }
            }
            // The reference does not differ from itself.
            lobby::Fact::HostMoved { player: Some(player), .. } => {
                let host = self.people(*player);
                if let Some(playing) = &mut self.playing {
                    playing.copies[host].ill = None;
                }
            }
            lobby::Fact::Ended { by, .. } => {
                for player in by {
                    let seat = self.people(*player);
                    self.seats[seat].at_fault = true;
                }
            }
            _ => {}
        }
    }

    fn apply_game(&mut self, at: Timestamp, fact: &GameFact, payload: &Payload) {
        self.globals.apply(fact);
        self.scores.apply(fact, payload);
        if let GameFact::SeatTimed { seat, timing } = fact
            && let Some(seat) = self.seats.get_mut(*seat)
        {
            seat.timed = Some(timing.episode);
        }
        if let GameFact::SeatPrepared { episode, seat, input_delay } = fact
            && let Some(seat) = self.seats.get_mut(*seat)
        {
            seat.set_delay(*episode, *input_delay);
        }
        let Some(playing) = &mut self.playing else { return };
        match fact {
            GameFact::StepsAccepted { first, count, .. } => playing.rows = first + count,
            GameFact::EpisodeEnded { steps, .. } => playing.end = Some(*steps),
            GameFact::FramesWitnessed { seat, first, count, .. } => {
                if let Some(copy) = playing.copies.get_mut(*seat) {
                    copy.witnessed = first + count;
                }
            }
            GameFact::SnapshotTaken { frame, .. } => {
                if let Payload::State(state) = payload {
                    playing.kept = Some((*frame, state.clone()));
                    playing.keep_at = frame + KEEP_EVERY;
                    playing.timeline.prune(*frame);
                }
            }
            GameFact::RunnerSnapshot { frame, .. } => {
                if let (Payload::Runner(state), Some(truth)) = (payload, &mut playing.truth) {
                    truth.kept = Some(RunnerState::clone(state));
                    playing.keep_at = frame + KEEP_EVERY;
                    playing.timeline.prune(*frame);
                }
            }
            GameFact::CopiesAgreed { frame, .. } => {
                if let Some(truth) = &mut playing.truth {
                    truth.agreed = truth.agreed.max(*frame);
                }
            }
            GameFact::ClockStretched { ms, .. } => {
                let told = Duration::from_millis(u64::from(*ms));
                playing.stretched = playing.stretched.max(told);
                playing.stretch_told = (told, at);
            }
            GameFact::LinkSampled { seat, adopted, largest, .. } => {
                if let Some(copy) = playing.copies.get_mut(*seat) {
                    (copy.adopted, copy.largest) = (*adopted, *largest);
                }
            }
            GameFact::CopyDiffers { seat, frame, .. } => {
                if let Some(copy) = playing.copies.get_mut(*seat) {
                    copy.fall_ill(*frame, at);
                }
            }
            GameFact::CopyHealed { seat, .. } => {
                if let Some(copy) = playing.copies.get_mut(*seat) {
                    copy.ill = None;
                }
            }
            _ => {}
        }
    }
}
