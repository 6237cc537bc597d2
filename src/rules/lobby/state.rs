//! What the facts of a lobby make of it, and what can be asked of it.

use std::time::Duration;

use serde::Serialize;

use super::{Absence, Fact, LEAST_ABSENCE, Reason, StandIn, Terms};
use crate::time::Timestamp;

/// The lobby of one game.
#[derive(Debug, Clone, PartialEq)]
pub struct Lobby {
    terms: Terms,
    phase: Phase,
    seats: Vec<Seat>,
    runner_ready: bool,
    host: Option<usize>,
    /// The last frame of the running episode that the copies agreed on. Like margins and soundness it is told by others
    /// and not part of the record; the host's move, which follows from it, is.
    agreed: Option<u32>,
}

#[derive(Debug, Clone, PartialEq)]
struct Seat {
    presence: Presence,
    loaded: bool,
    ready: bool,
    /// Time away in absences that are over.
    spent: Duration,
    margin: Option<i32>,
    sound: bool,
}

/// What a game is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Everybody is getting ready.
    Gathering {
        /// For this episode, counted from 0.
        episode: u32,
        /// By then.
        until: Timestamp,
    },
    /// An episode is being played, or paused.
    Playing {
        /// Counted from 0.
        episode: u32,
    },
    /// It is over.
    Over {
        /// Why.
        reason: Reason,
    },
}

/// Whether a player is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It has not come yet.
    Expected,
    /// It is there.
    Here,
    /// Its connection is gone.
    Away {
        /// Since then.
        since: Timestamp,
        /// The game ends then.
        until: Timestamp,
    },
    /// It is back, and not yet where the others are.
    CatchingUp {
        /// Away since then.
        since: Timestamp,
        /// The game ends then.
        until: Timestamp,
    },
}

/// What can be seen of a player.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlayerView {
    /// The agent it plays.
    pub agent: String,
    /// Whether it is there.
    pub presence: Presence,
    /// Whether its browser has loaded what is needed.
    pub loaded: bool,
    /// Whether it is ready for the coming episode.
    pub ready: bool,
}

/// What can be seen of a lobby.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// What the game is doing.
    pub phase: Phase,
    /// Whether its frame clock runs.
    pub running: bool,
    /// The host's seat.
    pub host: Option<usize>,
    /// For whom the game waits.
    pub awaited: Vec<usize>,
    /// By seat.
    pub players: Vec<PlayerView>,
}

impl Lobby {
    /// A game that was made at this time, and to which nobody has come.
    pub fn new(terms: Terms, made: Timestamp) -> Self {
        let seat = Seat {
            presence: Presence::Expected,
            loaded: false,
            ready: false,
            spent: Duration::ZERO,
            margin: None,
            sound: true,
        };
        let seats = vec![seat; terms.agents.len()];
        let phase = Phase::Gathering { episode: 0, until: made + terms.load };
        Self { terms, phase, seats, runner_ready: false, host: None, agreed: None }
    }

    /// A fact of this game was stored, now or long ago.
    pub fn apply(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::Joined { player } => self.seats[*player].presence = Presence::Here,
            Fact::Loaded { player } => self.seats[*player].loaded = true,
            Fact::Ready { player } => {
                self.seats[*player].loaded = true;
                self.seats[*player].ready = true;
            }
            Fact::RunnerReady => self.runner_ready = true,
            Fact::Begun { episode } => {
                self.phase = Phase::Playing { episode: *episode };
                self.seats.iter_mut().for_each(|seat| seat.ready = false);
                self.runner_ready = false;
                self.agreed = None;
            }
            Fact::EpisodeOver { episode } => {
                self.phase = Phase::Gathering { episode: episode + 1, until: at + self.terms.ready };
                self.agreed = None;
                // There is nothing left to catch up with.
                self.seats.iter_mut().for_each(|seat| {
                    if let Presence::CatchingUp { since, .. } = seat.presence {
                        seat.return_from(since, at);
                    }
                });
            }
            Fact::Away { player } => self.away_from(*player, at),
            Fact::Back { player } => self.back(*player, at),
            Fact::CaughtUp { player } => {
                if let Presence::CatchingUp { since, .. } = self.seats[*player].presence {
                    self.seats[*player].return_from(since, at);
                }
            }
            Fact::HostMoved { player, .. } => self.host = *player,
            Fact::Ended { reason, .. } => {
                self.phase = Phase::Over { reason: *reason };
                self.host = None;
            }
        }
    }

    fn away_from(&mut self, player: usize, at: Timestamp) {
        let seat = &mut self.seats[player];
        let since = match seat.presence {
            // Gone again before it had caught up: the same absence.
            Presence::CatchingUp { since, .. } => since,
            _ => at,
        };
        let last = since + self.terms.patience.saturating_sub(seat.spent);
        seat.presence = Presence::Away { since, until: last.min(at + self.terms.grace) };
        seat.ready = false;
        seat.loaded = false;
    }

    fn back(&mut self, player: usize, at: Timestamp) {
        let seat = &mut self.seats[player];
        let Presence::Away { since, until } = seat.presence else { return };
        // Whoever comes back at the last moment still has the time to load.
        let last = since + self.terms.patience.saturating_sub(seat.spent);
        let until = until.max(last.min(at + self.terms.ready));
        match &mut self.phase {
            Phase::Gathering { until: barrier, .. } => {
                *barrier = until.max(*barrier);
                seat.return_from(since, at);
            }
            _ => seat.presence = Presence::CatchingUp { since, until },
        }
    }

    /// How early a player's inputs arrive, in milliseconds: told now and then, for the choice of a host.
    pub fn measured(&mut self, player: usize, margin: Option<i32>) {
        self.seats[player].margin = margin;
    }

    /// What the ledger says: whether a player's copy is fit to be the reference.
    pub fn judged(&mut self, player: usize, sound: bool) {
        self.seats[player].sound = sound;
    }

    /// What the ledger says: the copies agree on this frame of the running episode.
    pub fn agreed_on(&mut self, frame: u32) {
        self.agreed = self.agreed.max(Some(frame));
    }

    /// What the game is doing.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether it is over.
    pub fn over(&self) -> bool {
        matches!(self.phase, Phase::Over { .. })
    }

    /// Whether a player is there.
    pub fn presence(&self, player: usize) -> Presence {
        self.seats[player].presence
    }

    /// The host's seat.
    pub fn host(&self) -> Option<usize> {
        self.host
    }

    /// Whether the frame clock runs: an episode is played, and either everybody is there or the scene lets it go on. It
    /// never goes on with nobody there.
    pub fn running(&self) -> bool {
        let here = self.seats.iter().filter(|seat| seat.presence == Presence::Here).count();
        let enough = if self.terms.absence == Absence::Pause { self.seats.len() } else { 1 };
        matches!(self.phase, Phase::Playing { .. }) && here >= enough
    }

    /// What plays for a player at the moment.
    pub fn stand_in(&self, player: usize) -> Option<StandIn> {
        let playing = matches!(self.phase, Phase::Playing { .. });
        match self.terms.absence {
            _ if !playing || self.seats[player].presence == Presence::Here => None,
            Absence::Pause => None,
            Absence::Continue(fallback) => Some(StandIn::Fallback(fallback)),
            Absence::Bot => Some(StandIn::Bot),
        }
    }

    /// For whom the game waits.
    pub fn awaited(&self) -> Vec<usize> {
        let gathering = matches!(self.phase, Phase::Gathering { .. });
        let awaited = |seat: &Seat| seat.presence != Presence::Here || (gathering && !seat.ready);
        if self.over() || self.running() {
            return Vec::new();
        }
        (0..self.seats.len()).filter(|player| awaited(&self.seats[*player])).collect()
    }

    /// When the next deadline passes; `None` while everybody plays, and when it is over.
    pub fn deadline(&self) -> Option<Timestamp> {
        let absences = self.seats.iter().filter_map(Seat::until);
        let barrier = match self.phase {
            Phase::Over { .. } => return None,
            Phase::Gathering { until, .. } if self.lacks_runner() || self.seats.iter().any(Seat::dawdles) => {
                Some(until)
            }
            _ => None,
        };
        absences.chain(barrier).min()
    }

    /// What can be seen of it.
    pub fn view(&self) -> View {
        let player = |(agent, seat): (&String, &Seat)| PlayerView {
            agent: agent.clone(),
            presence: seat.presence,
            loaded: seat.loaded,
            ready: seat.ready,
        };
        View {
            phase: self.phase,
            running: self.running(),
            host: self.host,
            awaited: self.awaited(),
            players: self.terms.agents.iter().zip(&self.seats).map(player).collect(),
        }
    }

    /// What always holds between two decisions.
    pub fn check(&self) -> Result<(), &'static str> {
        let host_here = self.host.is_none_or(|host| self.seats[host].presence == Presence::Here);
        if !host_here || (self.terms.runner && self.host.is_some()) {
            return Err("somebody is host who cannot be");
        }
        if self.running() && !self.terms.runner && self.host.is_none() {
            return Err("a game is running without a reference");
        }
        if !self.running() && !self.over() && self.deadline().is_none() {
            return Err("somebody waits without a deadline");
        }
        if self.seats.iter().any(|seat| seat.ready && seat.presence != Presence::Here) {
            return Err("somebody is ready who is not here");
        }
        let playing = matches!(self.phase, Phase::Playing { .. });
        if playing && self.seats.iter().any(|seat| seat.presence == Presence::Expected) {
            return Err("an episode plays without somebody who never came");
        }
        if !playing
            && self.seats.iter().any(|seat| matches!(seat.presence, Presence::CatchingUp { .. }))
            && !self.over()
        {
            return Err("somebody catches up with an episode that does not play");
        }
        Ok(())
    }
}

/// What decisions are made from.
impl Lobby {
    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    pub(super) fn players(&self) -> usize {
        self.seats.len()
    }

    pub(super) fn loaded(&self, player: usize) -> bool {
        self.seats[player].loaded
    }

    pub(super) fn ready(&self, player: usize) -> bool {
        self.seats[player].ready
    }

    pub(super) fn agreed(&self) -> Option<u32> {
        self.agreed
    }

    pub(super) fn gathering_for(&self, of: u32) -> bool {
        matches!(self.phase, Phase::Gathering { episode, .. } if episode == of)
    }

    pub(super) fn lacks_runner(&self) -> bool {
        self.terms.runner && !self.runner_ready
    }

    /// Why the game has to end now, if it has to, and on whose account.
    pub(super) fn too_late(&self, now: Timestamp) -> Option<(Reason, Vec<usize>)> {
        let those = |which: &dyn Fn(&Seat) -> bool| -> Vec<usize> {
            (0..self.seats.len()).filter(|player| which(&self.seats[*player])).collect()
        };
        let lost = those(&|seat| seat.until().is_some_and(|until| until <= now));
        if !lost.is_empty() {
            return Some((Reason::Lost, lost));
        }
        let Phase::Gathering { until, .. } = self.phase else { return None };
        // Whoever is away within the grace period is not late for the start.
        let late = those(&Seat::dawdles);
        if until <= now && !late.is_empty() {
            return Some((Reason::NotReady, late));
        }
        (until <= now && self.lacks_runner()).then_some((Reason::Failed, Vec::new()))
    }

    /// Who should be host instead of whoever is, if anybody should. The first who is ready is the first host and stays it;
    /// when it is lost, of those who are there: one whose copy is sound, with the largest margin.
    pub(super) fn better_host(&self) -> Option<Option<usize>> {
        let fit = |player: &usize| {
            let seat = &self.seats[*player];
            let ready = seat.ready || matches!(self.phase, Phase::Playing { .. });
            seat.presence == Presence::Here && ready
        };
        if self.terms.runner || self.host.is_some_and(|host| self.seats[host].presence == Presence::Here) {
            return None;
        }
        let rank = |player: &usize| {
            let seat = &self.seats[*player];
            (seat.sound, seat.margin, std::cmp::Reverse(*player))
        };
        let best = (0..self.seats.len()).filter(fit).max_by_key(rank);
        (best != self.host).then_some(best)
    }

    /// The episode that can begin now.
    pub(super) fn can_begin(&self) -> Option<u32> {
        let Phase::Gathering { episode, .. } = self.phase else { return None };
        let all = self.seats.iter().all(|seat| seat.ready) && !self.lacks_runner();
        all.then_some(episode)
    }
}

impl Seat {
    fn return_from(&mut self, since: Timestamp, at: Timestamp) {
        self.presence = Presence::Here;
        self.spent += at.since(since).max(LEAST_ABSENCE);
    }

    fn until(&self) -> Option<Timestamp> {
        match self.presence {
            Presence::Away { until, .. } | Presence::CatchingUp { until, .. } => Some(until),
            Presence::Expected | Presence::Here => None,
        }
    }

    /// Whether it could be ready and is not.
    fn dawdles(&self) -> bool {
        matches!(self.presence, Presence::Expected | Presence::Here) && !self.ready
    }
}
