//! What the actors hold of a connection: where to send, and which game its reader speaks to.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use super::game;
use super::host::Address;
use crate::rules::round_trip::Trips;
use crate::wire::{RefusalCode, Refused, ToBrowser, close, encode};

/// Frames that may wait for a slow browser. The overflow policy is *close*: a browser that does not read is told
/// `TOO_SLOW` and resumes on a new connection, so that it never holds up anybody else.
pub const OUTBOX: usize = 256;

/// Tells one connection from another, newer ones having greater numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The actors' end of a connection.
#[derive(Debug, Clone)]
pub struct Connection {
    id: ConnectionId,
    frames: mpsc::Sender<Frame>,
    closing: Arc<watch::Sender<Option<Closing>>>,
    game: Arc<watch::Sender<Option<Address<game::Message>>>>,
    round_trip: Measured,
}

/// The last measurement of a round trip, written by the socket and read by whoever wants to know; and whether somebody
/// wants to know more often.
#[derive(Debug, Clone, Default)]
pub struct Measured(Arc<Measurement>);

#[derive(Debug, Default)]
struct Measurement {
    trips: Mutex<Option<Trips>>,
    watched: AtomicBool,
}

impl Measured {
    /// Notes a measurement.
    pub fn set(&self, trips: Trips) {
        *self.0.trips.lock().unwrap_or_else(PoisonError::into_inner) = Some(trips);
    }

    /// The last measurement.
    pub fn get(&self) -> Option<Trips> {
        *self.0.trips.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is wanted often.
    pub fn watched(&self) -> bool {
        self.0.watched.load(Relaxed)
    }
}

/// An encoded message on its way out.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The message.
    pub bytes: Bytes,
    /// Whether it tells the browser that it did something that it should not do: patience with that ends.
    pub rebuke: bool,
}

/// How a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// WebSocket close code.
    pub code: u16,
    /// For people who read protocol traces.
    pub reason: &'static str,
}

/// The socket's end of a connection.
#[derive(Debug)]
pub struct Ends {
    /// Frames to write.
    pub frames: mpsc::Receiver<Frame>,
    /// Tells when the connection shall be closed.
    pub closing: ClosingEnd,
    /// The game that messages about a game go to.
    pub game: watch::Receiver<Option<Address<game::Message>>>,
    /// Where the socket notes the round trip.
    pub round_trip: Measured,
}

/// Tells when a connection shall be closed.
#[derive(Debug)]
pub struct ClosingEnd(watch::Receiver<Option<Closing>>);

impl ClosingEnd {
    /// Waits until the connection shall be closed.
    pub async fn wait(&mut self) -> Closing {
        loop {
            if let Some(closing) = *self.0.borrow_and_update() {
                return closing;
            }
            if self.0.changed().await.is_err() {
                // Nobody is left who could close it; that shows in the frames.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Connection {
    /// Both ends of a new connection.
    pub fn new(id: ConnectionId) -> (Self, Ends) {
        let (frames, frames_end) = mpsc::channel(OUTBOX);
        let (closing, closing_end) = watch::channel(None);
        let (game, game_end) = watch::channel(None);
        let round_trip = Measured::default();
        let connection =
            Self { id, frames, closing: Arc::new(closing), game: Arc::new(game), round_trip: round_trip.clone() };
        (connection, Ends { frames: frames_end, closing: ClosingEnd(closing_end), game: game_end, round_trip })
    }

    /// Which connection it is.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Sends a message. It is lost when the browser is gone or too slow; then the connection closes, and the browser
    /// learns everything again when it resumes.
    pub fn send(&self, message: &ToBrowser) {
        let rebuke = matches!(
            message,
            ToBrowser::Refused(Refused { code: RefusalCode::Malformed | RefusalCode::OutOfPlace, .. })
        );
        self.put(Frame { bytes: encode(message), rebuke });
    }

    /// Closes the connection, after the frames that wait. The first reason stands.
    pub fn close(&self, code: u16, reason: &'static str) {
        self.closing.send_if_modified(|closing| {
            let first = closing.is_none();
            closing.get_or_insert(Closing { code, reason });
            first
        });
    }

    /// Median round trip as the service measures it; `None` in the first moments.
    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip.get().map(|trips| trips.median)
    }

    /// All that is measured of it; `None` in the first moments.
    pub fn trips(&self) -> Option<Trips> {
        self.round_trip.get()
    }

    /// Has it measured often, or as usual.
    pub fn watch(&self, watched: bool) {
        self.round_trip.0.watched.store(watched, Relaxed);
    }

    /// Sends a message that was encoded once for several browsers.
    pub fn send_encoded(&self, bytes: Bytes) {
        self.put(Frame { bytes, rebuke: false });
    }

    fn put(&self, frame: Frame) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.frames.try_send(frame) {
            self.close(close::TOO_SLOW, "the browser does not read");
        }
    }

    /// Lets the reader speak to this game, or to none.
    pub fn enter_game(&self, game: Option<Address<game::Message>>) {
        self.game.send_replace(game);
    }
}
