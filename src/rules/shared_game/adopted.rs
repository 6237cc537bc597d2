//! In an authoritative game browsers have copies, which take over the service's state again and again: for rounding may
//! differ between machines, and whatever a browser computes, the service's copy is what counts.

use super::SharedGame;
use super::hearing::short;
use super::out::{Out, Seats};
use crate::facts::GameFact;
use crate::rules::lobby::Presence;
use crate::time::Timestamp;
use crate::wire::{Adopted, Heal, ToBrowser};

impl SharedGame {
    /// All who know the frames since take over a state of the service's copy.
    pub(super) fn broadcast(&mut self, frame: u32, out: &mut Out) {
        let followers = self.followers();
        let Some(playing) = self.playing.as_ref().filter(|_| self.terms.mode.in_browser()) else { return };
        let Some(state) = playing.truth.as_ref().and_then(|truth| truth.newest()).filter(|state| state.frame == frame)
        else {
            return;
        };
        let adopt = Heal { episode: playing.number, frame, state: state.copy.clone() };
        let knowing: Seats = followers.iter().filter(|seat| playing.copies[*seat].knows(frame)).collect();
        out.tell(knowing, ToBrowser::Adopt(adopt));
    }

    /// A copy tells how far it was from a state that it took over.
    pub(super) fn adopted(&mut self, now: Timestamp, seat: usize, said: Adopted, out: &mut Out) {
        let interval = self.terms.multiplayer.state_broadcast_interval.max(1);
        let Some(playing) = &mut self.playing else { return };
        let Some(truth) = &playing.truth else { return };
        let copy = &mut playing.copies[seat];
        // Each broadcast is answered once.
        if said.frame > truth.broadcast || said.frame <= copy.answered || !said.frame.is_multiple_of(interval) {
            return;
        }
        copy.answered = said.frame;
        let largest = said.largest.filter(|largest| largest.get() >= 0.0);
        if largest.is_none_or(|largest| largest.get() > 0.0) || !said.fields.is_empty() {
            copy.adopted += 1;
        }
        copy.largest = match (copy.largest, largest) {
            (Some(known), Some(new)) if known >= new => Some(known),
            (known, new) => new.or(known),
        };
        let fields = short(said.fields);
        let healed = copy.ill.is_some_and(|ill| said.frame >= ill.state);
        if !fields.is_empty() {
            let (episode, frame) = (playing.number, said.frame);
            self.fact(now, GameFact::CopyAdopted { episode, frame, seat, largest, fields: fields.clone() }, out);
        }
        if healed {
            self.cured(now, seat, said.frame, fields, out);
        }
    }

    /// Gives a copy that differs the state of the service's copy.
    pub(super) fn heal_from_here(&mut self, now: Timestamp, out: &mut Out) {
        let in_episode = self.in_episode();
        for seat in self.followers().iter() {
            let Some(playing) = self.playing.as_mut().filter(|_| in_episode) else { return };
            let episode = playing.number;
            let copy = &mut playing.copies[seat];
            let Some(ill) = copy.ill.filter(|ill| !ill.asked) else { continue };
            let Some(truth) = &playing.truth else { return };
            let known = truth.state(ill.state).filter(|state| copy.knows(state.frame));
            let Some(state) = known.or_else(|| truth.newest()) else { return };
            copy.asked();
            let frame = state.frame;
            let heal = Heal { episode, frame, state: state.copy.clone() };
            if playing.copies[seat].knows(frame) {
                out.tell(Seats::one(seat), ToBrowser::Heal(heal));
            } else if let Some(confirmed) = playing.confirmed(frame) {
                playing.copies[seat].begin_at(frame);
                self.send_catch_up(now, seat, Some(heal), confirmed, out);
            }
        }
    }

    /// Whether a player's copy is compared.
    pub(super) fn is_compared(&self, seat: usize) -> bool {
        let here = |player| self.lobby.presence(player) == Presence::Here;
        self.terms.mode.in_browser() && self.seats[seat].player_index.is_some_and(here)
    }
}
