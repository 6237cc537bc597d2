//! What always holds, between two inputs.

use super::SharedGame;
use crate::rules::lobby::{Phase, Presence};

impl SharedGame {
    /// What always holds.
    ///
    /// # Errors
    /// Names what does not.
    pub fn check(&self) -> Result<(), &'static str> {
        self.lobby.check()?;
        if let Some(playing) = &self.playing {
            playing.check()?;
        }
        if self.finished != (self.lobby.over() && self.closing.is_none()) {
            return Err("a game is finished before it is over, or not finished although nothing is awaited");
        }
        if !self.finished && self.deadline().is_none() {
            return Err("somebody waits without a deadline");
        }
        if self.seats.iter().any(|seat| seat.follows && !seat.listening) {
            return Err("somebody follows the frames who does not listen");
        }
        let Phase::Playing { episode } = self.lobby.phase() else {
            return if self.running() { Err("the clock runs while nothing is played") } else { Ok(()) };
        };
        let Some(playing) = self.playing.as_ref().filter(|playing| playing.number == episode) else {
            return Err("another episode is played than the lobby thinks");
        };
        if playing.end.is_some() {
            return Err("an episode is played that is over");
        }
        if playing.runs() != self.lobby.running() {
            return Err("the clock stands still while the game runs, or runs while it pauses");
        }
        if playing.host != self.lobby.host().map(|player| self.people(player)) {
            return Err("another copy is the reference than the lobby thinks");
        }
        let here = |player: usize| self.lobby.presence(player) == Presence::Here;
        if self.seats.iter().any(|seat| seat.player_index.is_some_and(here) && !seat.follows) {
            return Err("somebody plays who is not told of the frames");
        }
        if playing.host.is_some_and(|host| playing.copies[host].ill.is_some()) {
            return Err("the reference differs from itself");
        }
        Ok(())
    }
}
