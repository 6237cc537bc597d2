//! What the facts of a waiting room make of it, and what can be asked of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::{Fact, Rejection, Terms, TimeOut};
use crate::ids::SubjectId;
use crate::rules::matchers::Waiter;
use crate::time::Timestamp;

/// One waiting room.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitRoom {
    terms: Terms,
    arrivals: u64,
    proposals_made: u64,
    /// By place: the number of the arrival, which nobody loses by anything but leaving.
    entries: BTreeMap<u64, Entry>,
    places: BTreeMap<SubjectId, u64>,
    proposals: BTreeMap<u64, Proposal>,
    settled: BTreeMap<SubjectId, Rejection>,
    /// How many games may begin, running proposals included; absent without a limit. Not part of the record: what follows
    /// from it is.
    allowed: Option<u32>,
    /// Those whom nothing but room keeps from a game. Not part of the record.
    pub(super) held: BTreeSet<u64>,
    /// What each page was told last. Not part of the record: after a restart all are told again.
    shown: BTreeMap<u64, Status>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    subject: SubjectId,
    since: Timestamp,
    rtt: Option<Duration>,
    partners: BTreeSet<SubjectId>,
    away: Option<Timestamp>,
    asleep: bool,
    misses: u32,
    proposal: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Proposal {
    at: Timestamp,
    members: Vec<u64>,
    confirmed: BTreeSet<u64>,
}

/// What a waiter is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It could be matched.
    Waiting,
    /// It is being asked whether it is there.
    Checking,
    /// It did not answer, and is not asked again before showing up.
    Asleep,
    /// Its connection is gone.
    Away,
    /// It could be matched, if there was room for another game.
    Full,
}

/// What a waiting page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Place in the queue, from 1.
    pub position: usize,
    /// How many are in the room.
    pub count: usize,
    /// What the page's owner is doing.
    pub state: State,
    /// When it came. The page counts the wait itself.
    pub since: Timestamp,
    /// When waiting ends at the latest (a ready-check that is running then is seen through).
    pub until: Timestamp,
}

/// What can be seen of a room: everybody in it, with the reason for waiting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// Who, doing what, in order of arrival.
    pub waiters: Vec<(SubjectId, State, Timestamp)>,
    /// Ready-checks that are running.
    pub proposals: usize,
    /// Ready-checks since the scene was opened.
    pub proposals_made: u64,
    /// Arrivals since the scene was opened.
    pub arrivals: u64,
    /// Those who got onward and are not yet forgotten.
    pub settled: usize,
}

impl WaitRoom {
    /// A room that nobody has entered.
    pub fn new(terms: Terms) -> Self {
        debug_assert!(terms.size >= 1, "a game has players");
        Self {
            terms,
            arrivals: 0,
            proposals_made: 0,
            entries: BTreeMap::new(),
            places: BTreeMap::new(),
            proposals: BTreeMap::new(),
            settled: BTreeMap::new(),
            allowed: None,
            held: BTreeSet::new(),
            shown: BTreeMap::new(),
        }
    }

    /// A fact of this room was stored, now or long ago.
    pub fn apply(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::Arrived { subject, rtt, partners } => {
                let (subject, partners) = (subject.clone(), partners.clone());
                self.places.insert(subject.clone(), self.arrivals);
                let entry = Entry {
                    subject,
                    since: at,
                    rtt: *rtt,
                    partners,
                    away: None,
                    asleep: false,
                    misses: 0,
                    proposal: None,
                };
                self.entries.insert(self.arrivals, entry);
                self.arrivals += 1;
            }
            Fact::Returned { subject } => {
                if let Some(place) = self.places.get(subject) {
                    self.shown.remove(place);
                }
                self.change(subject, |entry| {
                    entry.away = None;
                    // A page that was opened again is in front of somebody.
                    entry.asleep &= entry.misses >= super::MISSES;
                });
            }
            Fact::Lost { subject } => self.change(subject, |entry| entry.away = Some(at)),
            Fact::Woke { subject } => self.change(subject, |entry| entry.asleep = false),
            Fact::Proposed { proposal, members } => {
                let members: Vec<u64> =
                    members.iter().filter_map(|subject| self.places.get(subject).copied()).collect();
                for place in &members {
                    if let Some(entry) = self.entries.get_mut(place) {
                        entry.proposal = Some(*proposal);
                    }
                }
                self.proposals.insert(*proposal, Proposal { at, members, confirmed: BTreeSet::new() });
                self.proposals_made = proposal + 1;
            }
            Fact::Confirmed { proposal, subject } => {
                if let (Some(proposal), Some(place)) = (self.proposals.get_mut(proposal), self.places.get(subject)) {
                    proposal.confirmed.insert(*place);
                }
            }
            Fact::Dissolved { proposal, missing } => {
                for place in self.proposals.remove(proposal).into_iter().flat_map(|proposal| proposal.members) {
                    if let Some(entry) = self.entries.get_mut(&place) {
                        entry.proposal = None;
                    }
                }
                for subject in missing {
                    self.change(subject, |entry| {
                        entry.asleep = true;
                        entry.misses += 1;
                    });
                }
            }
            Fact::Matched { proposal } => {
                for subject in self.members(*proposal) {
                    self.remove(&subject);
                    self.settled.insert(subject, Rejection::InGame);
                }
                self.proposals.remove(proposal);
                self.spend();
            }
            Fact::TimedOut { subject, no_room } => {
                self.remove(subject);
                let rejection = if *no_room { Rejection::NoRoom } else { Rejection::TimedOut };
                self.settled.insert(subject.clone(), rejection);
                if self.terms.on_timeout == TimeOut::Bot && !no_room {
                    self.spend();
                }
            }
            Fact::Left { subject, .. } => self.remove(subject),
            Fact::Released { subject } => {
                self.settled.remove(subject);
            }
        }
    }

    fn change(&mut self, subject: &SubjectId, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.places.get(subject).and_then(|place| self.entries.get_mut(place)) {
            change(entry);
        }
    }

    fn remove(&mut self, subject: &SubjectId) {
        if let Some(place) = self.places.remove(subject) {
            self.entries.remove(&place);
            self.held.remove(&place);
            self.shown.remove(&place);
        }
    }

    /// A round trip was measured. Not part of the record: what follows from it is.
    pub fn measured(&mut self, subject: &SubjectId, rtt: Duration) {
        self.change(subject, |entry| entry.rtt = Some(rtt));
    }

    /// What has changed for whom since this was asked last. Asked once per tick, so that a crowd that arrives at once is
    /// told once, not once per arrival.
    pub fn updates(&mut self) -> Vec<(SubjectId, Status)> {
        let count = self.entries.len();
        let mut news = Vec::new();
        for (position, (place, entry)) in (1..).zip(&self.entries) {
            let state = self.shown_state(*place, entry);
            let status = Status { position, count, state, since: entry.since, until: self.until(entry) };
            if entry.away.is_none() && self.shown.get(place) != Some(&status) {
                self.shown.insert(*place, status);
                news.push((entry.subject.clone(), status));
            }
        }
        news
    }

    /// What can be seen of the room.
    pub fn view(&self) -> View {
        View {
            waiters: self.entries.iter().map(|(place, entry)| self.seen(*place, entry)).collect(),
            proposals: self.proposals.len(),
            proposals_made: self.proposals_made,
            arrivals: self.arrivals,
            settled: self.settled.len(),
        }
    }

    /// Whether nobody is here.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// When the next deadline passes; `None` when the room is empty.
    pub fn deadline(&self) -> Option<Timestamp> {
        let checks = self.proposals.values().map(|proposal| proposal.at + self.terms.check);
        let graces = self.entries.values().filter_map(|entry| Some(entry.away? + self.terms.grace));
        let waits = self.entries.values().filter(|entry| entry.proposal.is_none());
        checks.chain(graces).chain(waits.map(|entry| self.until(entry))).min()
    }

    /// What always holds.
    pub fn check(&self) -> Result<(), &'static str> {
        let bijective = self.entries.iter().all(|(place, entry)| self.places.get(&entry.subject) == Some(place));
        if !bijective || self.entries.len() != self.places.len() {
            return Err("somebody has two places or none");
        }
        if self.entries.len() > self.terms.places {
            return Err("more people than places");
        }
        if self.settled.keys().any(|subject| self.places.contains_key(subject)) {
            return Err("somebody who got onward still waits");
        }
        for (id, proposal) in &self.proposals {
            let of = |place: &u64| self.entries.get(place).filter(|entry| entry.proposal == Some(*id));
            if proposal.members.len() != self.terms.size {
                return Err("a group is of the wrong size");
            }
            let awake = |entry: &Entry| entry.state() == State::Checking && !entry.asleep && entry.away.is_none();
            if !proposal.members.iter().all(|place| of(place).is_some_and(awake)) {
                return Err("somebody is in a group who cannot be");
            }
        }
        let asked = self.entries.values().filter(|entry| entry.proposal.is_some()).count();
        if asked != self.proposals.len() * self.terms.size {
            return Err("somebody is in two groups, or in none that exists");
        }
        Ok(())
    }
}

/// What decisions are made from.
impl WaitRoom {
    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    fn entry(&self, subject: &SubjectId) -> Option<&Entry> {
        self.entries.get(self.places.get(subject)?)
    }

    /// Whether somebody has a place.
    pub fn here(&self, subject: &SubjectId) -> bool {
        self.places.contains_key(subject)
    }

    pub(super) fn away(&self, subject: &SubjectId) -> bool {
        self.entry(subject).is_some_and(|entry| entry.away.is_some())
    }

    pub(super) fn available(&self, subject: &SubjectId) -> bool {
        self.entry(subject).is_some_and(|entry| entry.state() == State::Waiting)
    }

    pub(super) fn full(&self) -> bool {
        self.entries.len() >= self.terms.places
    }

    pub(super) fn settled(&self, subject: &SubjectId) -> Option<Rejection> {
        self.settled.get(subject).copied()
    }

    pub(super) fn subjects(&self) -> Vec<SubjectId> {
        self.entries.values().map(|entry| entry.subject.clone()).collect()
    }

    /// How often somebody who is asleep did not answer.
    pub(super) fn misses(&self, subject: &SubjectId) -> Option<u32> {
        self.entry(subject).filter(|entry| entry.asleep).map(|entry| entry.misses)
    }

    /// Those who could be matched, who came first first.
    pub fn waiting(&self, now: Timestamp) -> Vec<Waiter> {
        let waiting = self.entries.values().filter(|entry| entry.state() == State::Waiting);
        let waiter = |entry: &Entry| Waiter {
            subject: entry.subject.clone(),
            waited: now.since(entry.since),
            rtt: entry.rtt,
            partners: entry.partners.clone(),
        };
        waiting.map(waiter).collect()
    }

    pub(super) fn next_proposal(&self) -> u64 {
        self.proposals_made
    }

    pub(super) fn proposal_of(&self, subject: &SubjectId) -> Option<u64> {
        self.entry(subject)?.proposal
    }

    pub(super) fn check_until(&self, proposal: u64) -> Timestamp {
        self.proposals.get(&proposal).map_or(Timestamp(0), |proposal| proposal.at + self.terms.check)
    }

    pub(super) fn members(&self, proposal: u64) -> Vec<SubjectId> {
        let members = self.proposals.get(&proposal).into_iter().flat_map(|proposal| &proposal.members);
        members.filter_map(|place| Some(self.entries.get(place)?.subject.clone())).collect()
    }

    pub(super) fn missing(&self, proposal: u64) -> Vec<SubjectId> {
        let Some(found) = self.proposals.get(&proposal) else { return Vec::new() };
        let missing = found.members.iter().filter(|place| !found.confirmed.contains(place));
        missing.filter_map(|place| Some(self.entries.get(place)?.subject.clone())).collect()
    }

    pub(super) fn checks_over(&self, now: Timestamp) -> Vec<(u64, Vec<SubjectId>)> {
        let over = self.proposals.iter().filter(|(_, proposal)| proposal.at + self.terms.check <= now);
        over.map(|(id, _)| (*id, self.missing(*id))).collect()
    }

    pub(super) fn graces_over(&self, now: Timestamp) -> Vec<SubjectId> {
        let over = |entry: &&Entry| entry.away.is_some_and(|since| since + self.terms.grace <= now);
        self.entries.values().filter(over).map(|entry| entry.subject.clone()).collect()
    }

    pub(super) fn waits_over(&self, now: Timestamp) -> Vec<SubjectId> {
        let over = |entry: &&Entry| entry.proposal.is_none() && entry.since + self.terms.patience <= now;
        self.entries.values().filter(over).map(|entry| entry.subject.clone()).collect()
    }

    /// Whether somebody has waited for twice as long as planned.
    pub(super) fn waited_twice(&self, subject: &SubjectId, now: Timestamp) -> bool {
        self.entry(subject).is_some_and(|entry| entry.since + 2 * self.terms.patience <= now)
    }

    /// When waiting ends. Whoever shall play with bots waits on while there is no room for that, at most as long again.
    fn until(&self, entry: &Entry) -> Timestamp {
        let twice = self.terms.on_timeout == TimeOut::Bot && !self.has_room();
        entry.since + if twice { 2 } else { 1 } * self.terms.patience
    }

    pub(super) fn place(&self, subject: &SubjectId) -> Option<u64> {
        self.places.get(subject).copied()
    }

    fn shown_state(&self, place: u64, entry: &Entry) -> State {
        match entry.state() {
            State::Waiting if self.held.contains(&place) => State::Full,
            state => state,
        }
    }

    fn seen(&self, place: u64, entry: &Entry) -> (SubjectId, State, Timestamp) {
        (entry.subject.clone(), self.shown_state(place, entry), entry.since)
    }
}

/// Room for games.
impl WaitRoom {
    /// So many games may begin from now on, those included for which a ready-check is running; `None` for as many as there
    /// are groups. Not part of the record: what follows from it is.
    pub fn allow(&mut self, games: Option<u32>) {
        self.allowed = games;
    }

    /// How many games may begin, see [`WaitRoom::allow`].
    pub fn allowed(&self) -> Option<u32> {
        self.allowed
    }

    /// A game begins.
    pub fn spend(&mut self) {
        self.allowed = self.allowed.map(|games| games.saturating_sub(1));
    }

    /// Ready-checks that are running.
    pub fn proposals(&self) -> usize {
        self.proposals.len()
    }

    /// Whether a further game may begin.
    pub fn has_room(&self) -> bool {
        self.allowed.is_none_or(|games| games as usize > self.proposals.len())
    }
}

impl Entry {
    fn state(&self) -> State {
        match self {
            Self { away: Some(_), .. } => State::Away,
            Self { proposal: Some(_), .. } => State::Checking,
            Self { asleep: true, .. } => State::Asleep,
            _ => State::Waiting,
        }
    }
}
