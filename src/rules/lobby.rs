//! The seats of one game: who is there, who is ready, who is host, and what happens when somebody is away.
//!
//! Nobody waits without a deadline: for the start, for the next episode and for somebody who is away there is a time after
//! which the game ends for everybody, with a reason, and all get onward. Frames and inputs are not its business; while a
//! game plays, an episode ends because the service closes a frame on each tick and an episode has a largest number of
//! frames.
//!
//! Players are named by their seat, an index into [`Terms::agents`].

mod state;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::rules::timeline::Fallback;
use crate::time::Timestamp;

pub use state::{Lobby, Phase, PlayerView, Presence, View};

/// Charged for each absence at least, so that somebody whose connection breaks all the time uses up
/// [`Terms::patience`], too.
const LEAST_ABSENCE: Duration = Duration::from_secs(1);

/// How a scene's games are held together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The agent that each player plays, by seat. Any text will do; `0` is one, too.
    pub agents: Vec<String>,
    /// Number of episodes, at least 1.
    pub episodes: u32,
    /// Time from the match until everybody has loaded the environment and is ready for the first episode.
    pub load: Duration,
    /// Time between two episodes until everybody is ready for the next, and time to get ready after coming back.
    pub ready: Duration,
    /// Longest single absence.
    pub grace: Duration,
    /// Longest time a player may be away in the whole game.
    pub patience: Duration,
    /// What happens while somebody is away.
    pub absence: Absence,
    /// Whether the service has a copy of the environment, which is the reference; otherwise a player is host.
    pub runner: bool,
}

/// What happens while somebody is away: the scene's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// The game pauses.
    Pause,
    /// The game goes on with stand-in inputs.
    Continue(Fallback),
    /// A bot takes the seat.
    Bot,
}

/// What can happen to the lobby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A player is connected, for the first time or again.
    Connected(usize),
    /// A player's browser has loaded what the environment needs.
    Loaded(usize),
    /// A player is ready for an episode: its copy stands at the episode's start.
    Ready(usize, u32),
    /// The service's copy is ready for an episode.
    RunnerReady(u32),
    /// A player that came back has caught up with the confirmed frames.
    CaughtUp(usize),
    /// A player's connection is gone.
    Disconnected(usize),
    /// The confirmed frames of an episode have reached its end.
    EpisodeOver(u32),
    /// A player left or was excluded.
    Leave(usize),
    /// The game cannot go on.
    Stop(Reason),
    /// The service was restarted: all connections are gone.
    Restarted,
    /// Time passed. Comes when [`Lobby::deadline`] says so, or more often.
    Tick,
}

/// Why a game ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// All episodes were played.
    Complete,
    /// Somebody was not ready in time.
    NotReady,
    /// Somebody was away for too long.
    Lost,
    /// Somebody left.
    Left,
    /// The copies of the environment do not stay equal.
    Desync,
    /// The environment failed.
    Failed,
}

/// What happened in the lobby; its state is what these make of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// A player came for the first time.
    Joined {
        /// Its seat.
        player: usize,
    },
    /// A player has loaded what is needed.
    Loaded {
        /// Its seat.
        player: usize,
    },
    /// A player is ready for the coming episode.
    Ready {
        /// Its seat.
        player: usize,
    },
    /// The service's copy is ready for the coming episode.
    RunnerReady,
    /// An episode began.
    Begun {
        /// Counted from 0.
        episode: u32,
    },
    /// An episode is over, and another one comes.
    EpisodeOver {
        /// Counted from 0.
        episode: u32,
    },
    /// A player is away.
    Away {
        /// Its seat.
        player: usize,
    },
    /// A player is back; while an episode plays it has to catch up first.
    Back {
        /// Its seat.
        player: usize,
    },
    /// A player that came back plays again.
    CaughtUp {
        /// Its seat.
        player: usize,
    },
    /// Another player is host, or nobody.
    HostMoved {
        /// Its seat.
        player: Option<usize>,
        /// The frame of the running episode that the copies last agreed on: the new host's word counts after it. `None`
        /// between episodes, or when there is no such frame: then from the episode's start.
        from: Option<u32>,
    },
    /// The game is over.
    Ended {
        /// Why.
        reason: Reason,
        /// The seats on whose account, if it was on anybody's.
        by: Vec<usize>,
    },
}

/// What its actor has to do, once the facts are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Have everybody make ready for this episode.
    Prepare {
        /// Counted from 0.
        episode: u32,
        /// Who is not ready by then ends the game.
        until: Timestamp,
    },
    /// Start the frame clock of this episode.
    Begin {
        /// Counted from 0.
        episode: u32,
    },
    /// Stop the frame clock, or show that others are awaited now.
    Pause {
        /// For whom.
        waiting_for: Vec<usize>,
    },
    /// Start the frame clock again.
    Resume,
    /// Tell the others that a player is away.
    Away {
        /// Its seat.
        player: usize,
        /// The game ends then.
        until: Timestamp,
    },
    /// Send a player the last snapshot and the confirmed frames since.
    CatchUp {
        /// Its seat.
        player: usize,
        /// It has to have caught up by then.
        until: Timestamp,
    },
    /// Tell the others that a player is back.
    Back {
        /// Its seat.
        player: usize,
    },
    /// Let something else play for a player, or no longer.
    StandIn {
        /// Its seat.
        player: usize,
        /// What: `None` when the player plays again.
        by: Option<StandIn>,
    },
    /// The reference is this player's copy from now on.
    Host {
        /// Its seat.
        player: Option<usize>,
        /// As in [`Fact::HostMoved`].
        from: Option<u32>,
    },
    /// Lead everybody onward.
    End {
        /// Why.
        reason: Reason,
        /// On whose account. The others may be offered another game.
        by: Vec<usize>,
    },
}

/// What plays for somebody who is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandIn {
    /// The timeline, with this choice.
    Fallback(Fallback),
    /// A bot.
    Bot,
}

/// Facts to store, then effects to carry out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// To be stored, in this order, before anything else.
    pub facts: Vec<Fact>,
    /// To be carried out after that, in this order.
    pub effects: Vec<Effect>,
}

impl Lobby {
    /// Turns an input into facts and effects; changes nothing. The facts have to be applied before the next decision.
    pub fn decide(&self, now: Timestamp, input: Input) -> Decision {
        let mut draft = Draft { lobby: self.clone(), now, facts: Vec::new() };
        draft.take(input);
        draft.settle();
        let mut decision = Decision { facts: draft.facts, effects: Vec::new() };
        // The effects follow from what has changed, so that no way into a state can forget one of them.
        self.difference(&draft.lobby, &decision.facts, &mut decision.effects);
        decision
    }

    fn difference(&self, after: &Self, facts: &[Fact], effects: &mut Vec<Effect>) {
        let over = facts.iter().find_map(|fact| match fact {
            Fact::Ended { reason, by } => Some(Effect::End { reason: *reason, by: by.clone() }),
            _ => None,
        });
        if over.is_some() {
            effects.extend(over);
            return;
        }
        for player in 0..after.players() {
            match after.presence(player) {
                _ if self.presence(player) == after.presence(player) => {}
                Presence::Away { until, .. } => effects.push(Effect::Away { player, until }),
                Presence::CatchingUp { until, .. } => effects.push(Effect::CatchUp { player, until }),
                Presence::Here => effects.push(Effect::Back { player }),
                Presence::Expected => {}
            }
            if self.stand_in(player) != after.stand_in(player) {
                effects.push(Effect::StandIn { player, by: after.stand_in(player) });
            }
        }
        for fact in facts {
            match fact {
                Fact::HostMoved { player, from } => effects.push(Effect::Host { player: *player, from: *from }),
                Fact::Begun { episode } => effects.push(Effect::Begin { episode: *episode }),
                _ => {}
            }
        }
        match (self.phase(), after.phase()) {
            (Phase::Playing { .. }, Phase::Gathering { episode, until }) => {
                effects.push(Effect::Prepare { episode, until });
            }
            (Phase::Playing { .. }, Phase::Playing { .. }) => {
                let (was, is) = (self.awaited(), after.awaited());
                match (self.running(), after.running()) {
                    (false, true) => effects.push(Effect::Resume),
                    (running, false) if running || was != is => effects.push(Effect::Pause { waiting_for: is }),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// A decision in the making: the lobby as it will be.
struct Draft {
    lobby: Lobby,
    now: Timestamp,
    facts: Vec<Fact>,
}

impl Draft {
    fn fact(&mut self, fact: Fact) {
        self.lobby.apply(self.now, &fact);
        self.facts.push(fact);
    }

    fn end(&mut self, reason: Reason, by: Vec<usize>) {
        self.fact(Fact::Ended { reason, by });
    }

    fn take(&mut self, input: Input) {
        if self.lobby.over() {
            return;
        }
        match input {
            Input::Connected(player) => self.connected(player),
            Input::Loaded(player) => {
                if self.lobby.presence(player) == Presence::Here && !self.lobby.loaded(player) {
                    self.fact(Fact::Loaded { player });
                }
            }
            Input::Ready(player, episode) => {
                let here = self.lobby.presence(player) == Presence::Here;
                if here && self.lobby.gathering_for(episode) && !self.lobby.ready(player) {
                    self.fact(Fact::Ready { player });
                }
            }
            Input::RunnerReady(episode) => {
                if self.lobby.gathering_for(episode) && self.lobby.lacks_runner() {
                    self.fact(Fact::RunnerReady);
                }
            }
            Input::CaughtUp(player) => {
                if matches!(self.lobby.presence(player), Presence::CatchingUp { .. }) {
                    self.fact(Fact::CaughtUp { player });
                }
            }
            Input::Disconnected(player) => self.lost(player),
            Input::EpisodeOver(episode) => {
                if self.lobby.phase() == (Phase::Playing { episode }) {
                    if episode + 1 < self.lobby.terms().episodes {
                        self.fact(Fact::EpisodeOver { episode });
                    } else {
                        self.end(Reason::Complete, Vec::new());
                    }
                }
            }
            Input::Leave(player) => self.end(Reason::Left, vec![player]),
            Input::Stop(reason) => self.end(reason, Vec::new()),
            Input::Restarted => (0..self.lobby.players()).for_each(|player| self.lost(player)),
            Input::Tick => {}
        }
    }

    fn connected(&mut self, player: usize) {
        match self.lobby.presence(player) {
            Presence::Expected => self.fact(Fact::Joined { player }),
            Presence::Away { .. } => self.fact(Fact::Back { player }),
            // Another tab has taken over: it knows nothing of the game yet.
            Presence::Here | Presence::CatchingUp { .. } => {
                self.fact(Fact::Away { player });
                self.fact(Fact::Back { player });
            }
        }
    }

    fn lost(&mut self, player: usize) {
        if matches!(self.lobby.presence(player), Presence::Here | Presence::CatchingUp { .. }) {
            self.fact(Fact::Away { player });
        }
    }

    /// Whatever follows from where things stand: deadlines, the host, the start.
    fn settle(&mut self) {
        if self.lobby.over() {
            return;
        }
        if let Some((reason, by)) = self.lobby.too_late(self.now) {
            return self.end(reason, by);
        }
        if let Some(player) = self.lobby.better_host() {
            self.fact(Fact::HostMoved { player, from: self.lobby.agreed() });
        }
        if let Some(episode) = self.lobby.can_begin() {
            self.fact(Fact::Begun { episode });
        }
    }
}

#[cfg(test)]
mod tests;
