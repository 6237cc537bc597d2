//! What players' browsers say, and what becomes of it. None of it is trusted: a browser speaks for its own seat only.

use bytes::Bytes;
use serde_bytes::ByteBuf;

use super::out::{Out, Seats};
use super::playing::{Playing, Purpose};
use super::{SharedGame, milliseconds};
use crate::facts::{GameFact, Payload};
use crate::ids::GameId;
use crate::rules::ledger::Replica;
use crate::rules::lobby::{self, Phase};
use crate::rules::timeline::{INPUT_LIMIT, Offer};
use crate::time::Timestamp;
use crate::wire::row::Row;
use crate::wire::{
    Acknowledged, EpisodeEnded, FromPlayer, Hashes, Heal, Healed, Inputs, RefusalCode, Refused, Relayed, Snapshot,
    Steps, ToBrowser, Witnessed,
};

/// Most inputs, hashes or frames of one message: far more than an honest browser ever has to tell at once.
const MOST: usize = 4096;

/// Longest text about one field of a healed copy, and most of them.
const FIELD_LIMIT: usize = 400;
const FIELDS_LIMIT: usize = 32;

/// Deepest nesting of an action.
const ACTION_DEPTH: usize = 16;

/// Which episode a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// The one that is played.
    This,
    /// One that is over: sent before the browser knew.
    Past,
    /// One that has not begun, or another game.
    Another,
}

impl SharedGame {
    pub(super) fn hear(&mut self, now: Timestamp, seat: usize, said: FromPlayer, out: &mut Out) {
        let (game, episode) = match &said {
            FromPlayer::Steps(said) => (said.game, said.episode),
            FromPlayer::EpisodeEnded(said) => (said.game, said.episode),
            FromPlayer::Timing(said) => (said.game, said.episode),
            FromPlayer::Prepared(said) => (said.game, said.episode),
            FromPlayer::Inputs(said) => (said.game, said.episode),
            FromPlayer::Hashes(said) => (said.game, said.episode),
            FromPlayer::Witnessed(said) => (said.game, said.episode),
            FromPlayer::CaughtUp(said) => (said.game, said.episode),
            FromPlayer::Snapshot(said) => (said.game, said.episode),
            FromPlayer::Healed(said) => (said.game, said.episode),
        };
        if let FromPlayer::Prepared(_) = said
            && game == self.id
        {
            return self.prepared(now, seat, episode, out);
        }
        match self.about(game, episode) {
            About::This => {}
            About::Past => return,
            About::Another => {
                let message = format!("episode {episode} of game {game} is not being played here");
                return self.refuse(seat, RefusalCode::OutOfPlace, message, out);
            }
        }
        match said {
            FromPlayer::Inputs(inputs) => self.inputs(now, seat, inputs, out),
            FromPlayer::Hashes(hashes) => self.hashes(now, seat, hashes, out),
            FromPlayer::Steps(steps) => self.steps(now, seat, steps, out),
            FromPlayer::EpisodeEnded(ended) => self.ended(now, seat, ended, out),
            FromPlayer::Witnessed(witnessed) => self.witnessed(now, seat, witnessed, out),
            FromPlayer::CaughtUp(_) => {
                if let Some(player) = self.seats[seat].player_index {
                    self.lobby_says(now, lobby::Input::CaughtUp(player), out);
                }
            }
            FromPlayer::Snapshot(snapshot) => self.snapshot(now, seat, snapshot, out),
            FromPlayer::Healed(healed) => self.healed(now, seat, healed, out),
            FromPlayer::Timing(_) | FromPlayer::Prepared(_) => {}
        }
    }

    fn about(&self, game: GameId, episode: u32) -> About {
        let Some(playing) = self.playing.as_ref().filter(|_| game == self.id) else { return About::Another };
        match episode.cmp(&playing.number) {
            std::cmp::Ordering::Less => About::Past,
            std::cmp::Ordering::Equal => About::This,
            std::cmp::Ordering::Greater => About::Another,
        }
    }

    fn refuse(&self, seat: usize, code: RefusalCode, message: String, out: &mut Out) {
        out.relay(Seats::one(seat), ToBrowser::Refused(Refused { code, message }));
    }

    fn prepared(&mut self, now: Timestamp, seat: usize, episode: u32, out: &mut Out) {
        if let Some(player) = self.seats[seat].player_index {
            self.lobby_says(now, lobby::Input::Ready(player, episode), out);
        }
    }

    fn inputs(&mut self, now: Timestamp, seat: usize, said: Inputs, out: &mut Out) {
        let others = self.listeners().without(seat);
        let Some(playing) = &mut self.playing else { return };
        if said.inputs.len() > MOST || said.inputs.iter().any(|input| !is_action(input)) {
            let message = format!("an input is one MessagePack value of at most {INPUT_LIMIT} bytes");
            return self.refuse(seat, RefusalCode::Malformed, message, out);
        }
        // What is new stands together: the first input for a frame counts, so the ones before are known already.
        let mut relayed = Relayed { episode: playing.number, seat: seat as u32, first: 0, inputs: Vec::new() };
        for (frame, input) in (said.first..=u32::MAX).zip(said.inputs) {
            let input = Bytes::from(input.into_vec());
            if playing.offer(now, seat, frame, input.clone()) != Offer::Accepted {
                continue;
            }
            if relayed.inputs.is_empty() {
                relayed.first = frame;
            }
            if relayed.first + relayed.inputs.len() as u32 == frame {
                relayed.inputs.push(ByteBuf::from(input.to_vec()));
            }
        }
        if !relayed.inputs.is_empty() {
            out.relay(others, ToBrowser::Relayed(relayed));
        }
    }

    fn hashes(&mut self, now: Timestamp, seat: usize, said: Hashes, out: &mut Out) {
        let mut verdicts = Vec::new();
        for (state, hash) in said.hashes.into_iter().take(MOST) {
            let Some(playing) = &mut self.playing else { return };
            // The state before the first frame has no frame that led to it, and is compared with the first one after.
            let Some(frame) = state.checked_sub(1) else { continue };
            if playing.host == Some(seat) {
                self.keep_hash(state, hash.0);
            }
            let Some(playing) = &mut self.playing else { return };
            verdicts.extend(playing.ledger.report(Replica::Player(seat), frame, hash.0));
        }
        self.judge(now, verdicts, out);
    }

    /// The rows of the host's copy: the record of what is confirmed.
    fn steps(&mut self, now: Timestamp, seat: usize, said: Steps, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        if playing.host != Some(seat) {
            return; // Sent before it knew that it is not the host any more.
        }
        let (episode, stored) = (playing.number, playing.rows);
        if said.first > stored {
            let message = format!("steps {stored} to {} are missing; send them first", said.first - 1);
            return self.refuse(seat, RefusalCode::Gap, message, out);
        }
        let known = (stored - said.first) as usize;
        let steps: Vec<_> = said.steps.into_iter().skip(known).collect();
        for (t, step) in (stored..).zip(&steps) {
            let problem = match Row::try_from(&step.row) {
                Ok(row) if row.t != t => format!("the row of step {t} has t = {}", row.t),
                Ok(_) if t >= playing.open() => format!("frame {t} is not confirmed"),
                Ok(_) => continue,
                Err(error) => format!("step {t}: {error}"),
            };
            return self.refuse(seat, RefusalCode::Malformed, problem, out);
        }
        let count = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        if count > 0 {
            let fact = GameFact::StepsAccepted { episode, first: stored, count };
            self.fact_with(now, fact, Payload::Steps(steps), out);
        }
        let acknowledged = Acknowledged { game: self.id, episode, steps: stored + count };
        out.tell(Seats::one(seat), ToBrowser::Acknowledged(acknowledged));
        if self.closing.is_some() && !self.playing.as_ref().is_some_and(Playing::rows_missing) {
            self.finish(out);
        }
    }

    /// By a player's word the episode is over. The host's counts; the others' are compared with it.
    fn ended(&mut self, now: Timestamp, seat: usize, said: EpisodeEnded, out: &mut Out) {
        let phase = self.lobby.phase();
        let Some(playing) = &mut self.playing else { return };
        let episode = playing.number;
        if said.steps == 0 || said.steps > playing.open() {
            let message = format!("{} frames of the episode are confirmed, not {}", playing.open(), said.steps);
            return self.refuse(seat, RefusalCode::OutOfPlace, message, out);
        }
        playing.ends.insert(seat, said.steps);
        let Some(host) = playing.host else { return };
        if phase != (Phase::Playing { episode }) {
            return self.compare_ends(now, host, seat, out);
        }
        if seat != host {
            return;
        }
        if said.steps != playing.rows {
            let message = format!("{} of {} rows are stored; send the others first", playing.rows, said.steps);
            return self.refuse(seat, RefusalCode::Gap, message, out);
        }
        playing.stop();
        self.fact(now, GameFact::EpisodeEnded { episode, steps: said.steps }, out);
        let others = (0..self.seats.len()).filter(|other| *other != host);
        others.collect::<Vec<_>>().into_iter().for_each(|other| self.compare_ends(now, host, other, out));
        out.held.push(super::Effect::Project);
        self.lobby_says(now, lobby::Input::EpisodeOver(episode), out);
    }

    fn compare_ends(&mut self, now: Timestamp, host: usize, seat: usize, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        let (Some(true_end), Some(end)) = (playing.ends.get(&host), playing.ends.get(&seat)) else { return };
        if true_end != end {
            let fact = GameFact::CopyDiffers { episode: playing.number, frame: *true_end.min(end), seat };
            self.fact(now, fact, out);
        }
    }

    fn witnessed(&mut self, now: Timestamp, seat: usize, said: Witnessed, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        let (episode, known) = (playing.number, playing.witnessed[seat]);
        let first = said.first.max(known);
        let skipped = (first - said.first) as usize;
        let frames: Vec<_> = said.frames.into_iter().skip(skipped).take(MOST).collect();
        let end = u64::from(first) + frames.len() as u64;
        let well_formed = frames.iter().all(|frame| frame.predicted.len() <= self.seats.len());
        if frames.is_empty() || end > u64::from(playing.open()) || !well_formed {
            return;
        }
        let fact = GameFact::FramesWitnessed { episode, seat, first, count: frames.len() as u32 };
        self.fact_with(now, fact, Payload::Witnessed(frames), out);
    }

    fn snapshot(&mut self, now: Timestamp, seat: usize, said: Snapshot, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        if playing.host != Some(seat) || said.frame > playing.open() {
            return;
        }
        let Some(purpose) = playing.answered() else { return };
        let (episode, frame) = (playing.number, said.frame);
        match purpose {
            Purpose::Heal(ill) => {
                out.tell(Seats::one(ill), ToBrowser::Heal(Heal { episode, frame, state: said.state }));
            }
            Purpose::CatchUp(late) => {
                let confirmed = playing.confirmed(frame);
                let snapshot = Heal { episode, frame, state: said.state };
                match confirmed {
                    Some(confirmed) => self.send_catch_up(now, late, Some(snapshot), confirmed, out),
                    None => self.send_kept(now, late, out),
                }
            }
            Purpose::Keep => {
                let fact = GameFact::SnapshotTaken { episode, frame, seat };
                self.fact_with(now, fact, Payload::State(said.state), out);
            }
        }
    }

    fn healed(&mut self, now: Timestamp, seat: usize, said: Healed, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        playing.ledger.healed(Replica::Player(seat));
        let episode = playing.number;
        let fields = said.fields.into_iter().take(FIELDS_LIMIT).map(|field| field.chars().take(FIELD_LIMIT).collect());
        let fact = GameFact::CopyHealed { episode, frame: said.frame, seat, fields: fields.collect() };
        self.fact(now, fact, out);
    }

    /// How long the game waits at most from now on, in milliseconds.
    pub fn patience_left(&self, now: Timestamp) -> Option<u32> {
        self.lobby.deadline().map(|deadline| milliseconds(deadline.since(now)))
    }
}

/// Whether bytes are one MessagePack value of a reasonable size.
fn is_action(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    bytes.len() <= INPUT_LIMIT
        && rmpv::decode::read_value_ref_with_max_depth(&mut rest, ACTION_DEPTH).is_ok()
        && rest.is_empty()
}
