//! What players' browsers say, and what becomes of it. None of it is trusted: a browser speaks for its own seat only.

use bytes::Bytes;
use serde_bytes::ByteBuf;

use super::SharedGame;
use super::out::{Out, Seats};
use crate::facts::{GameFact, Payload};
use crate::ids::GameId;
use crate::rules::ledger::Replica;
use crate::rules::lobby;
use crate::rules::timeline::{INPUT_LIMIT, Offer};
use crate::time::Timestamp;
use crate::wire::row::Row;
use crate::wire::{
    Acknowledged, EpisodeEnded, FromPlayer, Hashes, Healed, Inputs, RefusalCode, Refused, Relayed, Steps, Timing,
    ToBrowser, Witnessed,
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
    /// One that is over, sent before the browser knew; or one that it only makes ready for.
    Other,
    /// Another game, or an episode that nobody spoke of.
    Unknown,
}

impl SharedGame {
    pub(super) fn hear(&mut self, now: Timestamp, seat: usize, said: FromPlayer, out: &mut Out) {
        let (game, episode) = said.about();
        if game == self.id {
            // Before an episode begins there is something to be seen already.
            let seen_early = self.streamed_episode == Some(episode);
            match said {
                FromPlayer::Prepared(_) => return self.prepared(now, seat, episode, out),
                FromPlayer::Timing(timing) => return self.timed(now, seat, timing, out),
                FromPlayer::Acts(acts) if seen_early => return self.acts(now, seat, acts, out),
                FromPlayer::Seen(seen) if seen_early => return self.seen(now, seat, seen.number, out),
                _ => {}
            }
        }
        match self.about(game, episode) {
            About::This => {}
            About::Other => return,
            About::Unknown => {
                let message = format!("episode {episode} of game {game} is not being played here");
                return self.refuse(seat, RefusalCode::OutOfPlace, message, out);
            }
        }
        // Who has no copy has nothing to say of it; who has one says what the player does in other words.
        let copy = !matches!(
            said,
            FromPlayer::Acts(_)
                | FromPlayer::Seen(_)
                | FromPlayer::CaughtUp(_)
                | FromPlayer::Witnessed(_)
                | FromPlayer::Timing(_)
        );
        let picture = matches!(said, FromPlayer::Acts(_) | FromPlayer::Seen(_));
        if if self.terms.streamed() { copy } else { picture } {
            let message = "that is not said in games of this mode".to_owned();
            return self.refuse(seat, RefusalCode::OutOfPlace, message, out);
        }
        match said {
            FromPlayer::Inputs(inputs) => self.inputs(now, seat, inputs, out),
            FromPlayer::Hashes(hashes) => self.hashes(now, seat, hashes, out),
            FromPlayer::Steps(steps) => self.steps(now, seat, steps, out),
            FromPlayer::EpisodeEnded(ended) => self.ended(now, seat, ended, out),
            FromPlayer::Witnessed(witnessed) => self.witnessed(now, seat, witnessed, out),
            FromPlayer::CaughtUp(_) => self.caught_up(now, seat, out),
            FromPlayer::Snapshot(snapshot) => self.snapshot(now, seat, snapshot, out),
            FromPlayer::Healed(healed) => self.healed(now, seat, healed, out),
            FromPlayer::Adopted(adopted) => self.adopted(now, seat, adopted, out),
            FromPlayer::Acts(_) | FromPlayer::Seen(_) => {}
            FromPlayer::Timing(_) | FromPlayer::Prepared(_) => {}
        }
    }

    fn about(&self, game: GameId, episode: u32) -> About {
        let number = self.playing.as_ref().map(|playing| playing.number);
        if game != self.id {
            About::Unknown
        } else if Some(episode) == number {
            About::This
        } else if Some(episode) < number || Some(episode) == self.gathering() {
            About::Other
        } else {
            About::Unknown
        }
    }

    pub(super) fn refuse(&self, seat: usize, code: RefusalCode, message: String, out: &mut Out) {
        out.relay(Seats::one(seat), ToBrowser::Refused(Refused { code, message }));
    }

    fn prepared(&mut self, now: Timestamp, seat: usize, episode: u32, out: &mut Out) {
        let asked = self.seats[seat].listening && self.seats[seat].delay_of(episode).is_some();
        if let Some(player) = self.seats[seat].player_index.filter(|_| asked) {
            self.lobby_says(now, lobby::Input::Ready(player, episode), out);
        }
    }

    /// A browser learns of an episode's end a little later than the game, so it may speak of the one before. Once each.
    fn timed(&mut self, now: Timestamp, seat: usize, timing: Timing, out: &mut Out) {
        let began = self.playing.as_ref().is_some_and(|playing| timing.episode <= playing.number);
        if began && self.seats[seat].timed.is_none_or(|episode| episode < timing.episode) {
            self.fact(now, GameFact::SeatTimed { seat, timing }, out);
        }
    }

    fn inputs(&mut self, now: Timestamp, seat: usize, said: Inputs, out: &mut Out) {
        let others = self.followers().without(seat);
        let in_episode = self.in_episode();
        let Some(playing) = self.playing.as_mut().filter(|_| in_episode) else { return };
        if said.inputs.len() > MOST || said.inputs.iter().any(|input| !is_action(input)) {
            let message = format!("an input is one MessagePack value of at most {INPUT_LIMIT} bytes");
            return self.refuse(seat, RefusalCode::Malformed, message, out);
        }
        // What is new, in runs of consecutive frames: the others know the rest.
        let mut runs: Vec<(u32, Vec<ByteBuf>)> = Vec::new();
        for (frame, input) in (said.first..=u32::MAX).zip(said.inputs) {
            let bytes = Bytes::copy_from_slice(&input);
            if playing.offer(now, seat, frame, bytes) != Offer::Accepted {
                continue;
            }
            match runs.last_mut() {
                Some((first, inputs)) if *first + inputs.len() as u32 == frame => inputs.push(input),
                _ => runs.push((frame, vec![input])),
            }
        }
        let (episode, seat) = (playing.number, seat as u32);
        for (first, inputs) in runs {
            out.relay(others, ToBrowser::Relayed(Relayed { episode, seat, first, inputs }));
        }
    }

    fn hashes(&mut self, now: Timestamp, seat: usize, said: Hashes, out: &mut Out) {
        let mut verdicts = Vec::new();
        for (state, hash) in said.hashes.into_iter().take(MOST) {
            verdicts.extend(self.hash(Replica::Player(seat), state, hash.0));
        }
        self.judge(now, verdicts, out);
        self.compare_ends(now, out);
    }

    /// The rows of the host's copy: the record of what is confirmed.
    fn steps(&mut self, now: Timestamp, seat: usize, said: Steps, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        if playing.host != Some(seat) {
            return; // Sent before it knew that it is not the host any more.
        }
        let (episode, stored, end) = (playing.number, playing.rows, playing.end.unwrap_or(u32::MAX));
        if said.first > stored {
            let message = format!("steps {stored} to {} are missing; send them first", said.first - 1);
            return self.refuse(seat, RefusalCode::Gap, message, out);
        }
        let known = (stored - said.first) as usize;
        // An episode that is over gets no more rows.
        let steps: Vec<_> = said.steps.into_iter().skip(known).take((end - stored) as usize).collect();
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
            let left = self.left_by(episode, &steps);
            self.fact_with(now, fact, Payload::Steps(steps), out);
            left.into_iter().for_each(|left| self.fact(now, left, out));
        }
        let acknowledged = Acknowledged { game: self.id, episode, steps: stored + count };
        out.tell(Seats::one(seat), ToBrowser::Acknowledged(acknowledged));
        self.end_episode(now, out);
    }

    /// By a player's word the episode is over. The host's counts; the others' are compared with it.
    fn ended(&mut self, now: Timestamp, seat: usize, said: EpisodeEnded, out: &mut Out) {
        let Some(playing) = &mut self.playing else { return };
        if said.steps == 0 || said.steps > playing.open() {
            let message = format!("{} frames of the episode are confirmed, not {}", playing.open(), said.steps);
            return self.refuse(seat, RefusalCode::OutOfPlace, message, out);
        }
        playing.copies[seat].end = Some(said.steps);
        self.end_episode(now, out);
        self.compare_ends(now, out);
    }

    fn witnessed(&mut self, now: Timestamp, seat: usize, said: Witnessed, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        let (episode, known) = (playing.number, playing.copies[seat].witnessed);
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

    fn healed(&mut self, now: Timestamp, seat: usize, said: Healed, out: &mut Out) {
        self.cured(now, seat, said.frame, short(said.fields), out);
    }
}

/// What is kept of what a copy says of its fields.
pub(super) fn short(fields: Vec<String>) -> Vec<String> {
    let fields = fields.into_iter().take(FIELDS_LIMIT);
    fields.map(|field| field.chars().take(FIELD_LIMIT).collect()).collect()
}

/// Whether bytes are one MessagePack value of a reasonable size.
fn is_action(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    bytes.len() <= INPUT_LIMIT
        && rmpv::decode::read_value_ref_with_max_depth(&mut rest, ACTION_DEPTH).is_ok()
        && rest.is_empty()
}
