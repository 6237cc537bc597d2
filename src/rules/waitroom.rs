//! The waiting room of a scene: who waits, who is asked whether they are there, who plays with whom, and who has waited
//! long enough.
//!
//! One owner, and every input is decided at once and as a whole: when a decision is made, all deadlines that have passed
//! are seen to and every group that is possible is proposed. So nobody can be in two groups, nobody waits beside a group
//! that could be made, and nobody gets lost between two steps.
//!
//! Where the service runs the games, a group is possible only while there is room for its game ([`WaitRoom::allow`]).

mod held;
mod state;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::{SceneId, SubjectId};
use crate::rules::matchers::{Matcher, Waiter};
use crate::time::Timestamp;

pub use state::{State, Status, View, WaitRoom};

/// Ready-checks that a waiter may leave unanswered before it is not asked again: each costs its partners some seconds.
const MISSES: u32 = 3;

/// How a scene's waiting room works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Players of a game, at least 1: where the service runs the games, even a single player waits for room.
    pub size: usize,
    /// Longest wait, from the arrival.
    pub patience: Duration,
    /// What follows after it.
    pub on_timeout: TimeOut,
    /// Time to answer a ready-check: 3 s, which a visible page answers many times over.
    pub check: Duration,
    /// Time in which somebody who lost the connection may come back to the same place.
    pub grace: Duration,
    /// Most people in the room.
    pub places: usize,
}

/// What follows for somebody who has waited in vain: the scene's choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeOut {
    /// A game with bots in the empty seats.
    Bot,
    /// Another scene.
    Scene(SceneId),
    /// The end of the study, with a code that the service issues.
    End,
}

/// What can happen to the room.
#[derive(Debug, Clone)]
pub enum Input {
    /// Somebody came, or came back.
    Arrive {
        /// Who.
        subject: SubjectId,
        /// Median round trip, if it is known yet.
        rtt: Option<Duration>,
        /// With whom it played last.
        partners: BTreeSet<SubjectId>,
    },
    /// Somebody pressed the button to leave.
    Leave(SubjectId),
    /// Somebody's connection is gone.
    Disconnected(SubjectId),
    /// Somebody's browser is here, and its page is loading again: the time to come back begins anew.
    Loading(SubjectId),
    /// Somebody answered a ready-check: the page is visible.
    Confirmed(SubjectId, u64),
    /// Somebody's page answered a ready-check: it is not visible.
    Unconfirmed(SubjectId, u64),
    /// Somebody's page, which had not answered a ready-check, is visible again.
    Awake(SubjectId),
    /// A researcher's own matcher, which runs elsewhere, names a group. By now it may be out of date.
    Suggest(Vec<SubjectId>),
    /// Somebody's game is over, or the participant went on: the room may forget it.
    Released(SubjectId),
    /// The service was restarted: all connections are gone.
    Restarted,
    /// Time passed. Comes at least once per second while anybody is here.
    Tick,
}

/// What happened in the room; its state is what these make of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// Somebody came and has the last place.
    Arrived {
        /// Who.
        subject: SubjectId,
        /// Median round trip.
        rtt: Option<Duration>,
        /// With whom it played last.
        partners: BTreeSet<SubjectId>,
    },
    /// Somebody came back to its place.
    Returned {
        /// Who.
        subject: SubjectId,
    },
    /// Somebody's connection is gone.
    Lost {
        /// Who.
        subject: SubjectId,
    },
    /// A group was put together and is being asked.
    Proposed {
        /// Counts the proposals of the room.
        proposal: u64,
        /// Who, by place.
        members: Vec<SubjectId>,
    },
    /// A member of a proposal is there.
    Confirmed {
        /// Which.
        proposal: u64,
        /// Who.
        subject: SubjectId,
    },
    /// A proposal came to nothing; all are back in their places.
    Dissolved {
        /// Which.
        proposal: u64,
        /// Who did not answer, and is not asked again before showing up.
        missing: Vec<SubjectId>,
    },
    /// Somebody who had not answered is there.
    Woke {
        /// Who.
        subject: SubjectId,
    },
    /// All members of a proposal are there: they play together.
    Matched {
        /// Which.
        proposal: u64,
    },
    /// Somebody has waited in vain.
    TimedOut {
        /// Who.
        subject: SubjectId,
        /// Whether there was no room for its game with bots, for as long again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_room: bool,
    },
    /// Somebody is gone.
    Left {
        /// Who.
        subject: SubjectId,
        /// Why.
        why: Leaving,
    },
    /// Somebody is forgotten.
    Released {
        /// Who.
        subject: SubjectId,
    },
}

/// Why somebody left the room without a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// By the button.
    Button,
    /// The connection was gone for longer than the grace period.
    Connection,
}

/// Why somebody was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// All places are taken.
    Full,
    /// It has a game of this room that is not over.
    InGame,
    /// It has waited in vain before, and what follows was decided.
    TimedOut,
    /// The same; there was no room for its game with bots.
    NoRoom,
}

/// What its actor has to do, once the facts are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask these whether they are there.
    Propose {
        /// To be named in the answer.
        proposal: u64,
        /// Whom to ask.
        members: Vec<SubjectId>,
        /// The answer has to be here by then.
        until: Timestamp,
    },
    /// Tell these that the group came to nothing and that they keep their places.
    BackToQueue(Vec<SubjectId>),
    /// Make a game for these.
    Match {
        /// Names the match in this room.
        proposal: u64,
        /// The players, who came first first.
        members: Vec<SubjectId>,
    },
    /// Lead somebody onward who waited in vain.
    TimedOut(SubjectId, TimeOut),
    /// Lead somebody onward who left.
    Left(SubjectId, Leaving),
    /// Tell somebody why it is not let in.
    Rejected(SubjectId, Rejection),
}

/// Facts to store, then effects to carry out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// To be stored, in this order, before anything else.
    pub facts: Vec<Fact>,
    /// To be carried out after that, in this order.
    pub effects: Vec<Effect>,
}

impl WaitRoom {
    /// Turns an input into facts and effects; changes nothing. The facts have to be applied before the next decision.
    pub fn decide(&self, now: Timestamp, input: Input, matcher: &dyn Matcher) -> Decision {
        let mut draft = Draft { room: self.clone(), now, decision: Decision::default() };
        if matches!(input, Input::Restarted) {
            // First of all, so that nobody is held to have missed what the service could not ask.
            draft.take(Input::Restarted);
        }
        draft.see_to_deadlines();
        draft.take(input);
        // What was taken in may have made room for somebody who waits beyond the time.
        draft.see_to_waits();
        draft.propose(matcher);
        draft.decision
    }
}

/// The next group that the matcher allows, as ascending indices. A matcher that does not keep its promise makes no group,
/// rather than a wrong one.
fn possible(matcher: &dyn Matcher, waiting: &[Waiter], size: usize) -> Option<Vec<usize>> {
    let group = matcher.propose(waiting, size)?;
    let ascends = group.is_sorted_by(|one, other| one < other);
    let kept = group.len() == size && ascends && group.last().is_some_and(|last| *last < waiting.len());
    kept.then_some(group)
}

/// A decision in the making: the room as it will be.
struct Draft {
    room: WaitRoom,
    now: Timestamp,
    decision: Decision,
}

impl Draft {
    fn fact(&mut self, fact: Fact) {
        self.room.apply(self.now, &fact);
        self.decision.facts.push(fact);
    }

    fn effect(&mut self, effect: Effect) {
        self.decision.effects.push(effect);
    }

    fn see_to_deadlines(&mut self) {
        for (proposal, missing) in self.room.checks_over(self.now) {
            self.dissolve(proposal, missing);
        }
        for subject in self.room.graces_over(self.now) {
            self.leave(subject, Leaving::Connection);
        }
        self.see_to_waits();
    }

    fn see_to_waits(&mut self) {
        for subject in self.room.waits_over(self.now) {
            let on_timeout = self.room.terms().on_timeout.clone();
            if on_timeout != TimeOut::Bot || self.room.has_room() {
                self.fact(Fact::TimedOut { subject: subject.clone(), no_room: false });
                self.effect(Effect::TimedOut(subject, on_timeout));
            } else if self.room.waited_twice(&subject, self.now) {
                self.fact(Fact::TimedOut { subject: subject.clone(), no_room: true });
                self.effect(Effect::TimedOut(subject, TimeOut::End));
            }
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Arrive { subject, rtt, partners } => self.arrive(subject, rtt, partners),
            Input::Leave(subject) => {
                if self.room.here(&subject) {
                    self.dissolve_of(&subject, false);
                    self.leave(subject, Leaving::Button);
                }
            }
            Input::Disconnected(subject) => self.lose(subject),
            Input::Loading(subject) => {
                if self.room.here(&subject) {
                    self.dissolve_of(&subject, false);
                    self.fact(Fact::Lost { subject });
                }
            }
            Input::Confirmed(subject, proposal) => self.confirm(subject, proposal),
            Input::Unconfirmed(subject, proposal) => {
                if self.room.proposal_of(&subject) == Some(proposal) {
                    self.dissolve_of(&subject, true);
                }
            }
            Input::Awake(subject) => {
                if self.room.misses(&subject).is_some_and(|misses| misses < MISSES) {
                    self.fact(Fact::Woke { subject });
                }
            }
            Input::Suggest(members) => {
                let different: BTreeSet<_> = members.iter().collect();
                let fits = different.len() == members.len() && members.len() == self.room.terms().size;
                let possible = members.iter().all(|subject| self.room.available(subject)) && self.room.has_room();
                if fits && possible {
                    self.propose_these(members);
                }
            }
            Input::Released(subject) => {
                if self.room.settled(&subject).is_some() {
                    self.fact(Fact::Released { subject });
                }
            }
            Input::Restarted => {
                for subject in self.room.subjects() {
                    self.lose(subject);
                }
            }
            Input::Tick => {}
        }
    }

    fn arrive(&mut self, subject: SubjectId, rtt: Option<Duration>, partners: BTreeSet<SubjectId>) {
        if let Some(rejection) = self.room.settled(&subject) {
            self.effect(Effect::Rejected(subject, rejection));
        } else if self.room.here(&subject) {
            self.fact(Fact::Returned { subject: subject.clone() });
            if let Some(proposal) = self.room.proposal_of(&subject) {
                let until = self.room.check_until(proposal);
                self.effect(Effect::Propose { proposal, members: vec![subject], until });
            }
        } else if self.room.full() {
            self.effect(Effect::Rejected(subject, Rejection::Full));
        } else {
            self.fact(Fact::Arrived { subject, rtt, partners });
        }
    }

    fn confirm(&mut self, subject: SubjectId, proposal: u64) {
        if self.room.proposal_of(&subject) != Some(proposal) {
            return; // The check is over; the page was told.
        }
        self.fact(Fact::Confirmed { proposal, subject });
        if self.room.missing(proposal).is_empty() {
            let members = self.room.members(proposal);
            self.fact(Fact::Matched { proposal });
            self.effect(Effect::Match { proposal, members });
        }
    }

    fn lose(&mut self, subject: SubjectId) {
        if self.room.here(&subject) && !self.room.away(&subject) {
            self.dissolve_of(&subject, false);
            self.fact(Fact::Lost { subject });
        }
    }

    fn leave(&mut self, subject: SubjectId, why: Leaving) {
        self.fact(Fact::Left { subject: subject.clone(), why });
        self.effect(Effect::Left(subject, why));
    }

    fn dissolve_of(&mut self, subject: &SubjectId, missing: bool) {
        if let Some(proposal) = self.room.proposal_of(subject) {
            let missing = if missing { vec![subject.clone()] } else { Vec::new() };
            self.dissolve(proposal, missing);
        }
    }

    fn dissolve(&mut self, proposal: u64, missing: Vec<SubjectId>) {
        let members = self.room.members(proposal);
        self.fact(Fact::Dissolved { proposal, missing });
        self.effect(Effect::BackToQueue(members));
    }

    fn propose(&mut self, matcher: &dyn Matcher) {
        while self.room.has_room() {
            let waiting = self.room.waiting(self.now);
            let Some(group) = possible(matcher, &waiting, self.room.terms().size) else { return };
            self.propose_these(group.iter().map(|index| waiting[*index].subject.clone()).collect());
        }
    }

    fn propose_these(&mut self, members: Vec<SubjectId>) {
        let proposal = self.room.next_proposal();
        self.fact(Fact::Proposed { proposal, members: members.clone() });
        let until = self.room.check_until(proposal);
        self.effect(Effect::Propose { proposal, members, until });
    }
}

#[cfg(test)]
mod tests;
