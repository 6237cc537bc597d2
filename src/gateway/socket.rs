//! One connection: reads, decodes and delivers what a browser says, and writes what it is told.
//!
//! One task for both directions. Every write has a deadline; a read that cannot be delivered waits, and TCP makes the
//! browser wait with it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use crate::actors::clock::Clock;
use crate::actors::connection::{Closing, ClosingEnd, Connection, ConnectionId, Ends, Frame, Measured};
use crate::actors::game;
use crate::actors::host::Address;
use crate::actors::meter::{Meter, Presence};
use crate::actors::{house, participant, participants};
use crate::rules::round_trip::{GONE_AFTER, RoundTripMeter};
use crate::rules::turnstile::{Allowance, Patience};
use crate::wire::{
    self, FromBrowser, FromPlayer, Hello, RefusalCode, Refused, RoundTrip, STRANGER_LIMIT, ToBrowser, close, decode,
    encode,
};

/// Longest that a newcomer may take to say `hello`.
const HELLO_DEADLINE: Duration = Duration::from_secs(10);

/// Longest that a small write may take: a browser that reads nothing for so long resumes on a new connection.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);

/// The slowest line that a large write (the rows of a long episode, after a reload) still gets through.
const SLOWEST_BYTES_PER_SECOND: usize = 32 << 10;

/// Longest that the house may take to let somebody in.
const ADMISSION_DEADLINE: Duration = Duration::from_secs(20);

/// Messages that a browser may send at once, and per second in the long run: 240 inputs a second, in the fastest of games, and the rest.
const MESSAGES_AT_ONCE: u32 = 600;
const MESSAGES_PER_SECOND: u32 = 300;

/// Who is at the door, and where it leads.
pub struct Visitor {
    /// Which connection it is.
    pub id: ConnectionId,
    /// Where it leads.
    pub house: Address<house::Message>,
    /// The time.
    pub clock: Clock,
    /// Set when the service stops.
    pub draining: CancellationToken,
    /// Counts connections and their messages.
    pub meter: Arc<Meter>,
}

/// Why a connection ends.
enum End {
    /// The browser has gone.
    Gone,
    /// It has to be closed.
    Close(Closing),
}

/// What a connection has to attend to next.
enum Event {
    Doomed(Closing),
    Draining,
    Ping,
    Told(Option<Frame>),
    Heard(Option<Result<Message, Error>>),
}

const fn closing(code: u16, reason: &'static str) -> End {
    End::Close(Closing { code, reason })
}

/// Serves a connection to its end.
pub async fn attend<S: AsyncRead + AsyncWrite + Unpin>(socket: WebSocketStream<S>, visitor: Visitor) {
    let _presence = Presence::new(visitor.meter.clone());
    let now = visitor.clock.now();
    let (connection, Ends { frames, mut closing, game, round_trip }) = Connection::new(visitor.id);
    let mut line = Line {
        socket,
        frames,
        game,
        round_trip,
        participant: None,
        meter: RoundTripMeter::default(),
        next_ping: None,
        heard: Instant::now(),
        allowance: Allowance::new(MESSAGES_AT_ONCE, MESSAGES_PER_SECOND, now),
        patience: Patience::new(now),
        visitor,
    };
    let end = match line.admit(connection).await {
        Ok(()) => line.converse(&mut closing).await,
        Err(end) => end,
    };
    line.finish(end).await;
}

/// A connection and what it leads to.
struct Line<S> {
    socket: WebSocketStream<S>,
    frames: mpsc::Receiver<Frame>,
    game: watch::Receiver<Option<Address<game::Message>>>,
    round_trip: Measured,
    participant: Option<Address<participant::Message>>,
    meter: RoundTripMeter,
    /// When the next ping is due, if that has just changed.
    next_ping: Option<Instant>,
    heard: Instant,
    allowance: Allowance,
    patience: Patience,
    visitor: Visitor,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// Waits for `hello` and lets the browser in.
    async fn admit(&mut self, connection: Connection) -> Result<(), End> {
        let late = closing(close::NOT_ADMITTED, "no hello in time");
        let hello = match timeout(HELLO_DEADLINE, self.hello()).await {
            Ok(hello) => hello?,
            Err(_) => return Err(late),
        };
        let participants = match house::doors(&self.visitor.house).await {
            Ok(doors) => doors.participants,
            Err(_) => return Err(closing(close::RESTART, "the service is about to stop")),
        };
        let arrive = |reply| participants::Message::Arrive(Box::new(hello), connection, reply);
        match participants.ask(ADMISSION_DEADLINE, arrive).await {
            // Whoever is refused has been told why, and the reason to close waits in the connection's ends.
            Ok(participant) => self.participant = participant,
            Err(_) => return Err(closing(close::RESTART, "please come again")),
        }
        Ok(())
    }

    async fn hello(&mut self) -> Result<Hello, End> {
        loop {
            let frame = match self.socket.next().await {
                Some(Ok(Message::Binary(frame))) => frame,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Text(_))) => return Err(self.turn_away("say hello as a binary frame").await),
                Some(Ok(Message::Close(_) | Message::Frame(_))) | None => return Err(End::Gone),
                Some(Err(error)) => return Err(failed(&error)),
            };
            if frame.len() > STRANGER_LIMIT {
                return Err(self.turn_away("a hello is not that long").await);
            }
            return match decode(&frame) {
                Ok(FromBrowser::Hello(hello)) if hello.version == wire::VERSION => Ok(hello),
                Ok(FromBrowser::Hello(_)) => {
                    let message = format!("this service speaks version {}; please reload the page", wire::VERSION);
                    self.refuse(RefusalCode::WrongVersion, message).await?;
                    Err(closing(close::NOT_ADMITTED, "wrong version"))
                }
                Ok(_) => {
                    self.refuse(RefusalCode::OutOfPlace, "say hello first".into()).await?;
                    Err(closing(close::NOT_ADMITTED, "no hello"))
                }
                Err(error) => Err(self.turn_away(&error.to_string()).await),
            };
        }
    }

    async fn turn_away(&mut self, message: &str) -> End {
        match self.refuse(RefusalCode::Malformed, message.into()).await {
            Ok(()) => closing(close::NOT_ADMITTED, "no hello"),
            Err(end) => end,
        }
    }

    /// Reads and writes until the connection ends.
    async fn converse(&mut self, closing_end: &mut ClosingEnd) -> End {
        // Made once: at every turn of the loop they would cost more than the message that it is about.
        let mut doomed = pin!(closing_end.wait());
        let mut draining = pin!(self.visitor.draining.clone().cancelled_owned());
        let mut pings = pin!(sleep_until(Instant::now()));
        loop {
            let event = tokio::select! {
                biased;
                // A doomed connection does no more work, except for the words that explain it.
                closing = &mut doomed => Event::Doomed(closing),
                () = &mut draining => Event::Draining,
                // Liveness before data, so that a flood does not starve it.
                () = &mut pings => Event::Ping,
                // Answers before questions, so that memory is freed before more is taken.
                frame = self.frames.recv() => Event::Told(frame),
                message = self.socket.next() => Event::Heard(message),
            };
            let result = match event {
                Event::Doomed(closing) => self.flush_waiting().await.and(Err(End::Close(closing))),
                Event::Draining => {
                    let told = self.write(encode(&ToBrowser::Draining)).await;
                    told.and(Err(closing(close::RESTART, "the service stops or restarts")))
                }
                Event::Ping => self.ping().await,
                Event::Told(Some(frame)) => self.deliver(frame).await,
                Event::Told(None) => Err(closing(close::RESTART, "please come again")),
                Event::Heard(Some(Ok(message))) => self.hear(message).await,
                Event::Heard(Some(Err(error))) => Err(failed(&error)),
                Event::Heard(None) => Err(End::Gone),
            };
            if let Err(end) = result {
                return end;
            }
            if let Some(next) = self.next_ping.take() {
                pings.as_mut().reset(next);
            }
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.heard.elapsed() > GONE_AFTER {
            return Err(closing(close::TOO_SLOW, "no sign of life"));
        }
        let payload = self.meter.ping(self.visitor.clock.now());
        self.next_ping = Some(Instant::now() + self.meter.pause(false));
        self.send(Message::Ping(payload.to_vec().into())).await
    }

    /// Writes a frame and all that wait behind it, then flushes once.
    async fn deliver(&mut self, first: Frame) -> Result<(), End> {
        let (mut next, mut size) = (Some(first), 0);
        while let Some(frame) = next {
            size += frame.bytes.len();
            self.feed(frame).await?;
            next = self.frames.try_recv().ok();
        }
        within(write_deadline(size), self.socket.flush()).await
    }

    async fn flush_waiting(&mut self) -> Result<(), End> {
        match self.frames.try_recv() {
            Ok(frame) => self.deliver(frame).await,
            Err(_) => Ok(()),
        }
    }

    async fn feed(&mut self, Frame { bytes, rebuke }: Frame) -> Result<(), End> {
        let deadline = write_deadline(bytes.len());
        within(deadline, self.socket.feed(Message::Binary(bytes))).await?;
        if rebuke && !self.patience.refused(self.visitor.clock.now()) {
            return Err(closing(close::MISBEHAVED, "too many refused messages"));
        }
        Ok(())
    }

    async fn write(&mut self, bytes: bytes::Bytes) -> Result<(), End> {
        self.send(Message::Binary(bytes)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        within(WRITE_DEADLINE, self.socket.send(message)).await
    }

    async fn refuse(&mut self, code: RefusalCode, message: String) -> Result<(), End> {
        let bytes = encode(&ToBrowser::Refused(Refused { code, message }));
        self.feed(Frame { bytes, rebuke: true }).await?;
        within(WRITE_DEADLINE, self.socket.flush()).await
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.heard = Instant::now();
        while !self.allowance.take(self.visitor.clock.now()) {
            // Slowing down the reader slows down the browser; nothing is lost.
            tokio::time::sleep(self.allowance.wait()).await;
        }
        match message {
            Message::Binary(frame) => {
                let began = Instant::now();
                let result = self.hear_frame(&frame).await;
                self.visitor.meter.handled(began.elapsed());
                result
            }
            Message::Pong(payload) => match self.meter.pong(&payload, self.visitor.clock.now()) {
                Some(round_trip) => {
                    self.round_trip.set(round_trip);
                    self.next_ping = Some(Instant::now() + self.meter.pause(self.round_trip.watched()));
                    let milliseconds = round_trip.median.as_secs_f64() * 1000.0;
                    self.write(encode(&ToBrowser::RoundTrip(RoundTrip { milliseconds }))).await
                }
                None => Ok(()),
            },
            Message::Text(_) => self.refuse(RefusalCode::Malformed, "messages are binary frames".into()).await,
            Message::Close(_) => {
                // The answer to a close waits in the library until somebody writes.
                let _ = timeout(Duration::from_secs(1), self.socket.flush()).await;
                Err(End::Gone)
            }
            Message::Ping(_) | Message::Frame(_) => Ok(()),
        }
    }

    async fn hear_frame(&mut self, frame: &[u8]) -> Result<(), End> {
        match decode::<FromBrowser>(frame) {
            Ok(message) => self.pass_on(message).await,
            Err(error) => self.refuse(RefusalCode::Malformed, error.to_string()).await,
        }
    }

    /// Lifecycle goes to the participant; what belongs to a running game goes to the game itself.
    async fn pass_on(&mut self, message: FromBrowser) -> Result<(), End> {
        let gone = |_| closing(close::RESTART, "please come again");
        let game = self.game.borrow().clone();
        let message = match game {
            Some(game) => match FromPlayer::read(message) {
                Ok(said) => return game.send(game::Message::Heard(self.visitor.id, said)).await.map_err(gone),
                Err(message) => *message,
            },
            None => message,
        };
        let Some(participant) = &self.participant else { return Ok(()) };
        participant.send(participant::Message::Heard(self.visitor.id, message)).await.map_err(gone)
    }

    /// Tells the participant, and the browser if it is still there.
    async fn finish(mut self, end: End) {
        let game = self.game.borrow().clone();
        if let Some(game) = game {
            // A game that is gone needs no telling.
            let _ = game.send(game::Message::Left(self.visitor.id)).await;
        }
        if let Some(participant) = &self.participant {
            // A participant that is gone needs no telling.
            let _ = participant.send(participant::Message::Left(self.visitor.id)).await;
        }
        if let End::Close(Closing { code, reason }) = end {
            let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
            let goodbye = async {
                self.socket.close(Some(frame)).await?;
                // The browser's answer ends the stream; closing before it could lose the reason on its way.
                while self.socket.next().await.transpose()?.is_some() {}
                Ok::<(), Error>(())
            };
            let _ = timeout(Duration::from_secs(2), goodbye).await;
        }
    }
}

/// How long writing so many bytes may take.
fn write_deadline(size: usize) -> Duration {
    WRITE_DEADLINE + Duration::from_secs((size / SLOWEST_BYTES_PER_SECOND) as u64)
}

async fn within(deadline: Duration, writing: impl Future<Output = Result<(), Error>>) -> Result<(), End> {
    match timeout(deadline, writing).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(closing(close::TOO_SLOW, "the browser does not read")),
    }
}

fn failed(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Close(Closing { code: 1009, reason: "the message is too large" }),
        Error::Protocol(_) | Error::Utf8(_) => End::Close(Closing { code: 1002, reason: "not WebSocket" }),
        _ => End::Gone,
    }
}
