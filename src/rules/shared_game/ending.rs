//! A game's end: what is still waited for, and how it ended for each player.

use std::time::Duration;

use super::{Effect, Out, Playing, Seats, SharedGame};
use crate::rules::lobby::{self, Phase};
use crate::rules::memory::EpisodeResult;
use crate::rules::session::Ending;
use crate::time::Timestamp;
use crate::wire::{Dismissal, Over, ToBrowser};

/// How long the last rows are waited for when a game ends before its time.
pub(super) const LAST_ROWS: Duration = Duration::from_secs(3);

/// How long the others' last hashes are waited for when a game ends as planned.
pub(super) const LAST_HASHES: Duration = Duration::from_secs(2);

impl SharedGame {
    pub(super) fn end(&mut self, now: Timestamp, reason: lobby::Reason, out: &mut Out) {
        if let Some(playing) = &mut self.playing {
            playing.stop();
        }
        self.note_stretch(now, true, out);
        self.store_all_rows(now, out);
        for seat in self.listeners().iter() {
            out.tell(Seats::one(seat), ToBrowser::Over(self.over(seat)));
        }
        self.closing = Some(now + if reason == lobby::Reason::Complete { LAST_HASHES } else { LAST_ROWS });
        self.finish_when_all_is_said(out);
    }

    /// A game that is over is finished when its record is whole, or whoever could complete it is gone.
    pub(super) fn finish_when_all_is_said(&mut self, out: &mut Out) {
        let followers = self.followers();
        let awaited = self.playing.as_ref().is_some_and(|playing| match self.lobby.phase() {
            Phase::Over { reason: lobby::Reason::Complete } if self.terms.streamed() => {
                !followers.iter().all(|seat| self.streams[seat].pictures.settled())
            }
            Phase::Over { reason: lobby::Reason::Complete } => {
                followers.iter().any(|seat| playing.copies[seat].end.is_none())
            }
            _ if playing.truth.is_some() => self.rows_to_come(),
            _ => playing.rows_missing() && playing.host.is_some_and(|host| self.seats[host].follows),
        });
        if self.closing.is_some() && !awaited {
            self.finish(out);
        }
    }

    pub(super) fn finish(&mut self, out: &mut Out) {
        self.closing = None;
        self.finished = true;
        out.held.push(Effect::Project);
        let people = self.seats.iter().enumerate().filter(|(_, seat)| seat.player.is_some());
        out.held.push(Effect::Finish(people.map(|(seat, _)| self.finished_for(seat)).collect()));
    }

    pub(super) fn over(&self, seat: usize) -> Over {
        let reason = match self.ending(seat) {
            Ending::Complete => None,
            Ending::Failed => Some(Dismissal::Failed),
            Ending::Dismissed(reason) => Some(reason),
        };
        Over { reason, frames: self.playing.as_ref().map_or(0, Playing::open) }
    }

    pub(super) fn finished_for(&self, seat: usize) -> (usize, Ending, Vec<EpisodeResult>) {
        (seat, self.ending(seat), self.scores.of(&self.seats[seat].agent))
    }

    /// How the game ended for a player.
    fn ending(&self, seat: usize) -> Ending {
        let Phase::Over { reason } = self.lobby.phase() else { return Ending::Failed };
        Ending::Dismissed(match reason {
            lobby::Reason::Complete => return Ending::Complete,
            lobby::Reason::Desync => Dismissal::Desync,
            lobby::Reason::Failed => Dismissal::Failed,
            lobby::Reason::NotReady | lobby::Reason::Lost | lobby::Reason::Left => {
                if self.seats[seat].at_fault {
                    Dismissal::Absent
                } else {
                    Dismissal::PartnerLost
                }
            }
        })
    }
}
