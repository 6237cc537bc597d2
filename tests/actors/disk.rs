//! A journal in memory.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use greenroom::facts::{
    Entry, Fact, GameFact, Journal, JournalError, ParticipantFact, Projector, Recorded, SeatTaken, Stream, Target,
};
use greenroom::rules::waitroom;
use greenroom::wire::Dismissal;

use crate::studies::id;

/// A journal in memory, in the form in which facts are stored, on a disk that may be full or break down once.
#[derive(Clone, Default)]
pub struct Disk {
    /// Whether there is no space left.
    pub full: Arc<AtomicBool>,
    /// Whether it breaks down at the next fact.
    pub panics: Arc<AtomicBool>,
    entries: Arc<Mutex<Vec<(Entry, String)>>>,
}

impl Journal for Disk {
    fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        assert!(!self.panics.swap(false, SeqCst), "told to break down");
        if self.full.load(SeqCst) {
            return Err(JournalError { doing: "store facts", cause: "no space left".into() });
        }
        let stored = entries.iter().map(|entry| (entry.clone(), serde_json::to_string(&entry.fact).unwrap()));
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).extend(stored);
        Ok(())
    }

    fn read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, JournalError> {
        Ok(self.of(stream))
    }

    fn settle(&mut self) -> Result<(), JournalError> {
        Ok(())
    }
}

impl Projector for Disk {
    fn project(&mut self, _: &Target) -> Result<(), JournalError> {
        Ok(())
    }
}

impl Disk {
    pub fn of(&self, stream: &Stream) -> Vec<Recorded> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let own = entries.iter().filter(|(entry, _)| entry.stream == *stream);
        let recorded = |(entry, fact): &(Entry, String)| Recorded {
            at: entry.at,
            fact: serde_json::from_str(fact).unwrap(),
            payload: entry.payload.clone(),
        };
        own.map(recorded).collect()
    }

    pub fn facts(&self) -> Vec<Fact> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().map(|(entry, _)| entry.fact.clone()).collect()
    }

    /// Loses what is not to be kept, as if it had never been stored.
    pub fn retain(&self, keep: impl Fn(&Entry) -> bool) {
        self.entries.lock().unwrap().retain(|(entry, _)| keep(entry));
    }

    /// Why people were led onward, in the order in which they were.
    pub fn dismissals(&self) -> Vec<Dismissal> {
        self.facts().into_iter().filter_map(dismissal).collect()
    }

    /// The seats of all games, in the order in which they were made.
    pub fn games(&self) -> Vec<Vec<SeatTaken>> {
        let seats = |fact| match fact {
            Fact::Game(GameFact::GameMatched { seats, .. }) => Some(seats),
            _ => None,
        };
        self.facts().into_iter().filter_map(seats).collect()
    }

    /// Who plays with whom, by seat; bots are "-".
    pub fn pairs(&self) -> Vec<Vec<String>> {
        let name = |seat: &SeatTaken| seat.player.as_ref().map_or("-".into(), |player| player.subject.to_string());
        self.games().iter().map(|seats| seats.iter().map(name).collect()).collect()
    }

    pub fn of_waiting_room(&self, wanted: impl Fn(&waitroom::Fact) -> bool) -> usize {
        let of_stream = self.of(&Stream::Scene(id("together")));
        of_stream.iter().filter(|recorded| matches!(&recorded.fact, Fact::WaitRoom(fact) if wanted(fact))).count()
    }
}

pub fn dismissal(fact: Fact) -> Option<Dismissal> {
    match fact {
        Fact::Participant(ParticipantFact::Dismissed { reason, .. }) => Some(reason),
        _ => None,
    }
}
