//! Somebody in a waiting room, and what its page is told.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::actors::connection::Connection;
use crate::actors::host::Address;
use crate::actors::participant;
use crate::ids::SubjectId;
use crate::rules::waitroom::{State, Status};
use crate::time::Timestamp;
use crate::wire::{RefusalCode, Refused, ToBrowser, Waiting, WaitingState};

/// Somebody in the room.
pub(super) struct Person {
    /// In which visit.
    pub visit: u32,
    /// Its connection, if it has one and its page is not loading again.
    pub connection: Option<Connection>,
    /// Who hears what comes of it.
    pub participant: Address<participant::Message>,
    /// With whom it played last.
    pub partners: BTreeSet<SubjectId>,
    /// Since when its page has been loading again, and when the room was last told so.
    pub loading: Option<(Timestamp, Timestamp)>,
}

impl Person {
    /// Sends its page what is to be said in its visit.
    pub fn send(&self, message: impl FnOnce(u32) -> Option<ToBrowser>) {
        if let Some(connection) = &self.connection
            && let Some(message) = message(self.visit)
        {
            connection.send(&message);
        }
    }
}

/// Tells a page that there is no place for it.
pub(super) fn refuse(connection: &Connection) {
    let message = "there is no place in the waiting room right now".into();
    connection.send(&ToBrowser::Refused(Refused { code: RefusalCode::Unavailable, message }));
}

/// What a page shows; nothing while its connection is gone.
pub(super) fn waiting(visit: u32, status: &Status, size: usize, now: Timestamp) -> Option<Waiting> {
    let state = match status.state {
        State::Waiting => WaitingState::Waiting,
        State::Checking => WaitingState::Checking,
        State::Asleep => WaitingState::Asleep,
        State::Full => WaitingState::Full,
        State::Away => return None,
    };
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Some(Waiting {
        visit,
        state,
        position: number(status.position),
        count: number(status.count),
        size: number(size),
        waited_ms: milliseconds(now.since(status.since)),
        left_ms: milliseconds(status.until.since(now)),
    })
}

/// A time as the wire has it.
pub(super) fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
