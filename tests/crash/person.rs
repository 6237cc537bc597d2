//! A scripted participant: goes through the whole study, comes back by itself whenever its connection breaks, and writes
//! down what it is told.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use greenroom::experiment::Mode;
use greenroom::ids::{GameId, ResumeToken};
use greenroom::wire::*;
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::book::Book;
use crate::copy::{Alone, Copy, Shown, packed};
use crate::support::hello;
use crate::world::Luck;

const FPS: u32 = 30;

/// A page that hears nothing for this long connects anew, as the browser's does.
const SILENCE: Duration = Duration::from_secs(15);

/// What is said again when it was not answered.
const AGAIN: Duration = Duration::from_secs(2);

/// What one participant does that others do not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    #[default]
    Plain,
    /// Goes away for good in the middle of its first game with somebody.
    Quits,
    /// Comes back only long after the service was killed under its game.
    Vanishes(Duration),
    /// Leaves the first waiting room by the button.
    Leaves,
}

/// Why a connection is not used any more.
pub enum End {
    Lost,
    Done,
}

type Said = Result<(), End>;

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn connect(url: &str) -> Option<Self> {
        let connected = timeout(Duration::from_secs(5), connect_async(url)).await;
        Some(Self(connected.ok()?.ok()?.0))
    }

    async fn say(&mut self, message: FromBrowser) -> Said {
        self.0.send(Message::Binary(encode(&message))).await.map_err(|_| End::Lost)
    }

    async fn hear(&mut self) -> Result<ToBrowser, End> {
        loop {
            let next = timeout(SILENCE, self.0.next()).await.map_err(|_| End::Lost)?;
            match next {
                Some(Ok(Message::Binary(frame))) => return decode(&frame).map_err(|_| End::Lost),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Lost),
                Some(Ok(_)) => {}
            }
        }
    }
}

enum Part {
    None,
    Alone(Alone),
    Together(Copy),
    Shown(Shown),
}

#[derive(Clone, Copy)]
enum Todo {
    Continue,
    Ready,
    Leave,
}

pub struct Person {
    url: String,
    subject: String,
    token: ResumeToken,
    luck: Luck,
    manner: Manner,
    book: Book,
    visit: u32,
    mode: Mode,
    shared: bool,
    part: Part,
    todo: Option<(Instant, Todo)>,
    /// The last page was shown, and the page was loaded once more to see it again.
    ended: u32,
    reloads: u32,
}

impl Person {
    pub fn new(url: String, subject: String, mut luck: Luck, manner: Manner, book: Book) -> Self {
        let mut secret = [0; 16];
        secret[..8].copy_from_slice(&luck.next().to_le_bytes());
        secret[8..].copy_from_slice(&luck.next().to_le_bytes());
        let token = ResumeToken::from_random(secret);
        let (part, mode) = (Part::None, Mode::Browser);
        Self {
            url,
            subject,
            token,
            luck,
            manner,
            book,
            visit: 0,
            mode,
            shared: false,
            part,
            todo: None,
            ended: 0,
            reloads: 0,
        }
    }

    /// Comes again and again until the last page was shown.
    pub async fn live(mut self) {
        loop {
            if let Some(mut socket) = Socket::connect(&self.url).await
                && let Err(End::Done) = self.talk(&mut socket).await
            {
                return;
            }
            self.book.open().reconnections += 1;
            if let (Manner::Vanishes(away), Part::Together(copy)) = (self.manner, &self.part)
                && copy.known() > 5
            {
                (self.manner, self.part) = (Manner::Plain, Part::None);
                tokio::time::sleep(away).await;
            }
            if self.luck.percent(15) {
                self.part = Part::None;
            }
            tokio::time::sleep(Duration::from_millis(self.luck.of(50..300))).await;
        }
    }

    async fn talk(&mut self, socket: &mut Socket) -> Said {
        self.todo = None;
        match &mut self.part {
            Part::Together(copy) => copy.stop(),
            Part::Shown(shown) => shown.running = false,
            // It is told what the service has, and goes on after that.
            Part::Alone(_) => self.part = Part::None,
            Part::None => {}
        }
        socket.say(FromBrowser::Hello(hello(Some(&self.subject), Some(&self.token)))).await?;
        let mut clock = interval(Duration::from_secs(1) / FPS);
        clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let heard = tokio::select! {
                heard = socket.hear() => Some(heard?),
                _ = clock.tick() => None,
            };
            match heard {
                Some(message) => self.heard(message, socket).await?,
                None => self.tick(socket).await?,
            }
        }
    }

    fn later(&mut self, milliseconds: std::ops::Range<u64>, todo: Todo) {
        let after = Duration::from_millis(self.luck.of(milliseconds));
        self.todo = Some((Instant::now() + after, todo));
    }

    async fn tick(&mut self, socket: &mut Socket) -> Said {
        if let Some((_, todo)) = self.todo.take_if(|(at, _)| *at <= Instant::now()) {
            let visit = self.visit;
            socket
                .say(match todo {
                    Todo::Continue => FromBrowser::Continue(Continue { visit }),
                    Todo::Leave => FromBrowser::Leave(Leave { visit }),
                    Todo::Ready => {
                        let has = match &self.part {
                            Part::Together(copy) => Some(copy.progress()),
                            _ => None,
                        };
                        FromBrowser::Ready(Ready { visit, has })
                    }
                })
                .await?;
        }
        let (mut said, quits) = (Vec::new(), self.manner == Manner::Quits);
        match &mut self.part {
            Part::None => {}
            Part::Alone(alone) => alone.tick(AGAIN, &mut said),
            Part::Together(copy) => {
                if quits && copy.known() > 20 {
                    self.book.open().told(&self.subject).gone = true;
                    return Err(End::Done);
                }
                copy.tick(&mut said);
            }
            Part::Shown(shown) => shown.tick(&mut said),
        }
        for message in said {
            socket.say(message).await?;
        }
        Ok(())
    }

    async fn heard(&mut self, message: ToBrowser, socket: &mut Socket) -> Said {
        let mut said = Vec::new();
        match message {
            ToBrowser::Scene(shown) => return self.scene(shown),
            ToBrowser::Play(play) => self.play(play),
            ToBrowser::Waiting(_) if self.manner == Manner::Leaves && !self.shared => {
                self.shared = true;
                self.later(100..2000, Todo::Leave);
            }
            ToBrowser::Check(check) => {
                let present = Present { visit: check.visit, proposal: Some(check.proposal), visible: true };
                said.push(FromBrowser::Present(present));
            }
            ToBrowser::Acknowledged(told) => {
                self.book.open().acknowledged(told.game, told.episode, told.steps);
                if let Part::Alone(alone) = &mut self.part {
                    alone.acknowledged(told);
                }
            }
            ToBrowser::Refused(refused) => self.refused(&refused),
            ToBrowser::Prepare(start) => {
                self.begin(&start);
                said.push(FromBrowser::Prepared(Prepared { game: start.game, episode: start.episode }));
            }
            ToBrowser::CatchUp(told) => self.catch_up(told, &mut said),
            ToBrowser::Over(_) => {
                if let Some(game) = self.game() {
                    self.book.open().over(game);
                }
            }
            ToBrowser::Draining => {}
            other => match &mut self.part {
                Part::Together(copy) => copy.hear(other, &self.book, &mut said),
                Part::Shown(shown) => shown.hear(other, &self.book, &mut said),
                Part::Alone(_) | Part::None => {}
            },
        }
        for message in said {
            socket.say(message).await?;
        }
        Ok(())
    }

    fn game(&self) -> Option<GameId> {
        match &self.part {
            Part::None => None,
            Part::Alone(alone) => Some(alone.game),
            Part::Together(copy) => Some(copy.start.game),
            Part::Shown(shown) => Some(shown.start.game),
        }
    }

    fn scene(&mut self, shown: SceneShown) -> Said {
        let again = shown.visit == self.visit;
        if !again {
            if let Some(game) = self.game() {
                self.book.open().over(game);
            }
            self.part = Part::None;
            self.visit = shown.visit;
        }
        let mut book = self.book.open();
        book.scene(&self.subject, shown.visit, shown.scene.as_str());
        book.doing(&self.subject, format!("visit {} of {}", shown.visit, shown.scene));
        match &shown.view {
            // The study of these tests has no document of its own.
            SceneView::Page(_) | SceneView::Form(_) | SceneView::Embedded(_) => {
                drop(book);
                self.later(0..300, Todo::Continue);
            }
            SceneView::Gym(gym) => {
                self.mode = gym.mode;
                drop(book);
                self.later(if again { 0..50 } else { 50..400 }, Todo::Ready);
            }
            SceneView::Trouble(view) => {
                if let Some(code) = &view.code {
                    book.code(&self.subject, shown.visit, code);
                }
                drop(book);
                self.part = Part::None;
                // Whoever loads the page anew is shown the same.
                if self.reloads < 2 && self.luck.percent(50) {
                    self.reloads += 1;
                    return Err(End::Lost);
                }
                self.later(0..300, Todo::Continue);
            }
            SceneView::End(view) => {
                let codes: BTreeSet<String> = view.codes.iter().map(|issued| issued.code.clone()).collect();
                book.ended(&self.subject, &codes);
                self.ended += 1;
                return Err(if self.ended > 1 { End::Done } else { End::Lost });
            }
        }
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) {
        let mut book = self.book.open();
        *book.refusals.entry(format!("{:?}", refused.code)).or_default() += 1;
        match refused.code {
            RefusalCode::Malformed
            | RefusalCode::WrongVersion
            | RefusalCode::SubjectTaken
            | RefusalCode::Finished
            | RefusalCode::WrongToken => {
                book.problem(format!("{}: {:?}: {}", self.subject, refused.code, refused.message));
            }
            RefusalCode::OutOfPlace => {
                let what = format!("OutOfPlace: {}", refused.message.split(" of game").next().unwrap_or_default());
                *book.refusals.entry(what).or_default() += 1;
            }
            RefusalCode::Gap => {
                if let Part::Together(copy) = &mut self.part {
                    copy.rows_from_acknowledged();
                }
            }
            RefusalCode::TooMany | RefusalCode::Unavailable => {
                drop(book);
                if matches!(self.part, Part::None) && self.visit > 0 {
                    self.later(300..1000, Todo::Ready);
                }
            }
        }
    }

    fn play(&mut self, play: Play) {
        let mut book = self.book.open();
        book.game(&self.subject, play.visit, play.game);
        book.seed(play.game, play.episode, play.seed);
        book.has_rows(play.game, play.episode, play.rows.len() as u32);
        let alone = Alone::new(&play);
        if !alone.had(&play.rows) {
            book.problem(format!("{}: the rows that are there are not those that were sent", self.subject));
        }
        self.part = Part::Alone(alone);
    }

    fn begin(&mut self, start: &Prepare) {
        let mut book = self.book.open();
        book.game(&self.subject, start.visit, start.game);
        book.seat(&self.subject, start.game, start.seat);
        if self.mode.in_browser() {
            book.seed(start.game, start.episode, start.seed);
        }
        self.part = if self.mode.in_browser() {
            Part::Together(Copy::new(start.clone(), self.mode))
        } else {
            Part::Shown(Shown::new(start.clone()))
        };
    }

    fn catch_up(&mut self, told: CatchUp, said: &mut Vec<FromBrowser>) {
        let same = match &self.part {
            Part::Together(copy) => (copy.start.game, copy.start.episode) == (told.start.game, told.start.episode),
            Part::Shown(shown) => (shown.start.game, shown.start.episode) == (told.start.game, told.start.episode),
            Part::None | Part::Alone(_) => false,
        };
        if !same || (told.snapshot.is_some() && self.mode.in_browser()) {
            self.begin(&told.start);
        }
        let done = CaughtUp { game: told.start.game, episode: told.start.episode };
        match &mut self.part {
            Part::Together(copy) => copy.catch_up(told, &self.book, said),
            Part::Shown(shown) => shown.running = told.running,
            Part::None | Part::Alone(_) => {}
        }
        said.push(FromBrowser::CaughtUp(done));
    }
}

/// An input of a game for several.
pub fn input_of(seat: u32, frame: u32) -> serde_bytes::ByteBuf {
    packed(i64::from((frame / 7 + seat * 3) % 5))
}
