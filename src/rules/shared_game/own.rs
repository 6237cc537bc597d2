//! The service's own copy of the environment: what it is told to do, and what becomes of its answers.
//!
//! It plays confirmed frames only, so it may be lost at any moment: another one stands where the newest state says and plays
//! the frames since. What it says a second time is not taken a second time.

use std::collections::VecDeque;

use serde_bytes::ByteBuf;

use super::SharedGame;
use super::out::{Out, Seats};
use super::playing::inputs_of;
use super::runner::{News, Order};
use crate::facts::GameFact;
use crate::rules::ledger::Replica;
use crate::rules::lobby::{self, Phase};
use crate::rules::seeds::episode_seed;
use crate::rules::timeline::Offer;
use crate::time::Timestamp;
use crate::wire::{BotChoice, Relayed, RunnerState, ToBrowser, Turn};

/// Orders that may be on the way: then it always has something to do, and is asked for more at once when it has fallen behind.
const AHEAD: usize = 4;

/// Most frames of one order, so that its answer fits into a message and nobody waits for long behind it.
const MOST: usize = 60;

/// Longest text of a failure on record.
const REASON: usize = 400;

/// The service's own copy.
#[derive(Debug, Clone, Default)]
pub(super) struct Own {
    opened: bool,
    /// There is none, and there will be none.
    pub failed: bool,
    /// The episode in which it was told to stand.
    episode: Option<u32>,
    /// Frames that it was told to play, and those that it has played, by its word.
    ordered: u32,
    pub played: u32,
    /// What it has not answered yet.
    awaited: VecDeque<Asked>,
    /// What its bots do first in an episode that has not begun.
    first: Vec<BotChoice>,
}

/// An order without its answer.
#[derive(Debug, Clone, Copy)]
struct Asked {
    stand: bool,
    /// Frames before and after it.
    from: u32,
    until: u32,
    complete: u32,
}

impl Asked {
    /// Whether an answer is to this.
    fn fits(&self, turn: &Turn, over: bool) -> bool {
        let rows = turn.rows.len() as u64;
        let follows = u64::from(turn.frame) == u64::from(self.from) + rows && turn.frame == self.until;
        let ended = over && turn.frame <= self.until && rows <= u64::from(self.until - self.from);
        (follows || ended) && (!self.stand || rows == 0)
    }
}

impl Own {
    /// It is lost, with all that it was told.
    fn forget(&mut self) {
        self.episode = None;
        self.awaited.clear();
        self.first.clear();
    }

    /// An episode begins, or is taken up again: so many of its frames are known to be played.
    pub(super) fn is_at(&mut self, episode: u32, played: u32) {
        if self.episode != Some(episode) {
            self.played = played;
        }
    }
}

impl SharedGame {
    pub(super) fn news(&mut self, now: Timestamp, news: News, out: &mut Out) {
        if !self.terms.mode.has_runner() {
            return;
        }
        match news {
            News::Opened => {
                self.own.opened = true;
                self.own.forget();
                self.stand(out);
            }
            News::Lost => {
                self.own.opened = false;
                self.own.forget();
            }
            News::Turn(turn) => self.turn(now, *turn, out),
            News::Failed(reason) => {
                self.own = Own { failed: true, ..Own::default() };
                if !self.lobby.over() {
                    let reason = reason.chars().take(REASON).collect();
                    self.fact(now, GameFact::RunnerFailed { reason }, out);
                    self.lobby_says(now, lobby::Input::Stop(lobby::Reason::Failed), out);
                }
            }
        }
    }

    /// Puts the service's copy where the game is.
    pub(super) fn stand(&mut self, out: &mut Out) {
        if !self.own.opened {
            return;
        }
        let (episode, from): (u32, Option<RunnerState>) = match (self.lobby.phase(), &self.playing) {
            (Phase::Gathering { episode, .. }, _) => (episode, None),
            (_, Some(playing)) if playing.end.is_none() => {
                (playing.number, playing.truth.as_ref().and_then(|truth| truth.newest().cloned()))
            }
            _ => return,
        };
        let frame = from.as_ref().map_or(0, |state| state.frame);
        self.streams_of(episode);
        self.streams.iter_mut().for_each(|seat| seat.pictures.break_off());
        let own = &mut self.own;
        own.forget();
        (own.episode, own.ordered, own.played) = (Some(episode), frame, frame);
        own.awaited.push_back(Asked { stand: true, from: frame, until: frame, complete: u32::MAX });
        let globals = self.globals.text_at(episode);
        out.run(Order::Stand { episode, seed: episode_seed(self.seed, episode), from, globals });
        self.order(out);
    }

    /// Has it play what is confirmed.
    pub(super) fn order(&mut self, out: &mut Out) {
        let wanting = self.wanting().bits();
        let own = &mut self.own;
        let Some(playing) = self.playing.as_ref().filter(|playing| own.episode == Some(playing.number)) else { return };
        if playing.truth.as_ref().is_none_or(|truth| truth.end().is_some()) {
            return;
        }
        while own.awaited.len() < AHEAD && own.ordered < playing.open() {
            let Some(closed) = playing.timeline.confirmed(own.ordered) else { return };
            let frames: Vec<Vec<ByteBuf>> = closed.take(MOST).map(inputs_of).collect();
            let (from, until) = (own.ordered, own.ordered + frames.len() as u32);
            let complete = if until == playing.open() { wanting } else { 0 };
            own.awaited.push_back(Asked { stand: false, from, until, complete });
            own.ordered = until;
            out.run(Order::Advance { episode: playing.number, first: from, frames, complete });
        }
    }

    /// While no frames are played, whoever needs a picture gets one of what there is: an order to play nothing.
    pub(super) fn show_still(&mut self, now: Timestamp, out: &mut Out) {
        let wanting = self.wanting();
        let Some(episode) = self.own.episode.filter(|_| !wanting.is_empty()) else { return };
        let moves = self.playing.as_ref().is_some_and(|playing| {
            playing.number == episode
                && playing.runs()
                && playing.clock.begins_in(now).is_some_and(|wait| wait.is_zero())
        });
        let asked = self.own.awaited.iter().any(|asked| asked.complete & wanting.bits() == wanting.bits());
        if moves || asked || self.own.awaited.len() >= AHEAD {
            return;
        }
        let (first, complete) = (self.own.ordered, wanting.bits());
        self.own.awaited.push_back(Asked { stand: false, from: first, until: first, complete });
        out.run(Order::Advance { episode, first, frames: Vec::new(), complete });
    }

    /// It has done something.
    fn turn(&mut self, now: Timestamp, mut turn: Turn, out: &mut Out) {
        let own = &mut self.own;
        let episode = turn.episode;
        let known_end = self.playing.as_ref().filter(|playing| playing.number == episode);
        let known_end = known_end.and_then(|playing| playing.truth.as_ref()?.end());
        let over = turn.end.is_some() || known_end.is_some();
        let fits = |asked: &&Asked| asked.fits(&turn, over);
        let place = turn.game == self.id && own.episode == Some(episode);
        let Some(asked) = own.awaited.front().filter(fits).filter(|_| place).copied() else {
            return; // Of an earlier life, or of an episode that is over.
        };
        own.awaited.pop_front();
        // What was confirmed beyond the end is never played.
        own.played = if over { asked.until } else { turn.frame };
        let (pictures, frame) = (std::mem::take(&mut turn.pictures), turn.frame);
        if self.gathering() == Some(episode) {
            if asked.stand {
                self.own.first = std::mem::take(&mut turn.choices);
            }
            self.show(now, frame, pictures, out);
            self.lobby_says(now, lobby::Input::RunnerReady(episode), out);
            return;
        }
        if self.playing.as_ref().is_none_or(|playing| playing.number != episode) {
            return;
        }
        if known_end.is_none() {
            self.take_turn(now, turn, out);
        }
        self.show(now, frame, pictures, out);
        self.end_episode(now, out);
        self.play(now, out);
        self.order(out);
    }

    /// What it has found out about the episode.
    fn take_turn(&mut self, now: Timestamp, turn: Turn, out: &mut Out) {
        let interval = self.terms.multiplayer.state_broadcast_interval.max(1);
        let Some(playing) = &mut self.playing else { return };
        let (stored, open) = (playing.rows, playing.open());
        let Some(truth) = &mut playing.truth else { return };
        let first = turn.frame.saturating_sub(turn.rows.len() as u32);
        if let Err(problem) = truth.take_rows(stored, first, turn.rows) {
            return self.news(now, News::Failed(problem), out);
        }
        let known = stored + truth.gathered();
        let mut broadcast = None;
        for state in turn.states.into_iter().filter(|state| state.frame <= known) {
            let frame = state.frame;
            if truth.keep(state) && frame.is_multiple_of(interval) && frame > truth.broadcast {
                truth.broadcast = frame;
                broadcast = Some(frame);
            }
        }
        if let Some(end) = turn.end.filter(|end| *end > 0 && *end <= open) {
            truth.copy.end = Some(end);
        }
        self.choose(turn.choices, out);
        if let Some(frame) = broadcast {
            self.broadcast(frame, out);
        }
        for (state, hash) in turn.hashes {
            let verdicts = self.hash(Replica::Runner, state, hash.0);
            self.judge(now, verdicts, out);
        }
        self.store_rows(now, out);
        self.record_state(now, out);
    }

    /// An episode begins: what its bots do first is known already.
    pub(super) fn choose_first(&mut self, out: &mut Out) {
        let first = std::mem::take(&mut self.own.first);
        self.choose(first, out);
    }

    /// What bots do in coming frames.
    fn choose(&mut self, choices: Vec<BotChoice>, out: &mut Out) {
        let followers = self.followers();
        let in_episode = self.in_episode();
        let Some(playing) = self.playing.as_mut().filter(|_| in_episode) else { return };
        let open = playing.open();
        let Some(truth) = &mut playing.truth else { return };
        for BotChoice { seat, frame, action } in truth.choices(choices, open) {
            let place = seat as usize;
            if self.seats.get(place).is_none_or(|seat| !seat.policy)
                || playing.timeline.offer(place, frame, action.to_vec().into()) != Offer::Accepted
                || self.terms.streamed()
            {
                continue;
            }
            let relayed = Relayed { episode: playing.number, seat, first: frame, inputs: vec![action] };
            out.relay(followers, ToBrowser::Relayed(relayed));
        }
    }

    /// Whether the service's copy may still complete the record.
    pub(super) fn rows_to_come(&self) -> bool {
        let Some(playing) = &self.playing else { return false };
        let Some(truth) = &playing.truth else { return false };
        !self.own.failed && truth.end().is_none() && playing.rows + truth.gathered() < playing.frames()
    }

    /// Seats that need a complete picture, and to which one could be sent.
    fn wanting(&self) -> Seats {
        let wants = |seat: &usize| self.streams[*seat].pictures.wants(self.window(*seat));
        if self.streams.is_empty() { Seats::default() } else { self.followers().iter().filter(wants).collect() }
    }
}
