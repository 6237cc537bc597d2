//! What a scripted page has of its game: rows of somebody who plays alone, a copy of a game of two, or pictures of one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use greenroom::experiment::Mode;
use greenroom::ids::GameId;
use greenroom::wire::*;
use rmpv::Value;
use serde_bytes::ByteBuf;
use tokio::time::Instant;

use crate::book::Book;
use crate::person::input_of;
use crate::world::{ALONE, TOGETHER, alone_rows, together_rows};

pub fn packed(action: i64) -> ByteBuf {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &Value::from(action)).unwrap();
    ByteBuf::from(bytes)
}

/// What was done, where nothing means the default.
pub fn unpacked(bytes: &[u8]) -> i64 {
    rmpv::decode::read_value(&mut &bytes[..]).unwrap().as_i64().unwrap_or(0)
}

/// A game of one person in the browser.
pub struct Alone {
    pub game: GameId,
    episode: u32,
    rows: Vec<Step>,
    /// Rows that are made, sent, and safe.
    made: u32,
    sent: u32,
    safe: u32,
    ended: bool,
    heard: Instant,
}

impl Alone {
    pub fn new(play: &Play) -> Self {
        let there = play.rows.len() as u32;
        let (rows, heard) = (alone_rows(play.seed), Instant::now());
        let (game, episode) = (play.game, play.episode);
        Self { game, episode, rows, made: there, sent: there, safe: there, ended: false, heard }
    }

    /// Whether these are its first rows.
    pub fn had(&self, rows: &[ByteBuf]) -> bool {
        rows.len() <= self.rows.len() && rows.iter().zip(&self.rows).all(|(there, own)| *there == own.row)
    }

    pub fn tick(&mut self, again: Duration, said: &mut Vec<FromBrowser>) {
        self.made = (self.made + 1).min(ALONE);
        if self.heard.elapsed() > again && (self.ended || self.sent > self.safe) {
            (self.sent, self.ended, self.heard) = (self.safe, false, Instant::now());
        }
        if self.made - self.sent >= 6 || (self.made == ALONE && self.sent < ALONE) {
            let steps = self.rows[self.sent as usize..self.made as usize].to_vec();
            said.push(FromBrowser::Steps(Steps { game: self.game, episode: self.episode, first: self.sent, steps }));
            self.sent = self.made;
        }
        if self.sent == ALONE && !self.ended {
            self.ended = true;
            said.push(FromBrowser::EpisodeEnded(EpisodeEnded { game: self.game, episode: self.episode, steps: ALONE }));
        }
    }

    pub fn acknowledged(&mut self, told: Acknowledged) {
        if told.game == self.game && told.episode == self.episode {
            self.safe = self.safe.max(told.steps);
            self.heard = Instant::now();
        }
    }
}

/// A copy of a game for several.
pub struct Copy {
    pub start: Prepare,
    mode: Mode,
    /// The first frame that is known, and the inputs from there on.
    base: u32,
    frames: Vec<Vec<i64>>,
    next: u32,
    begins: Option<Instant>,
    rows_from: Option<u32>,
    rows_safe: u32,
    ended: bool,
}

impl Copy {
    pub fn new(start: Prepare, mode: Mode) -> Self {
        let next = start.input_delay;
        let frames = Vec::new();
        Self { start, mode, base: 0, frames, next, begins: None, rows_from: None, rows_safe: 0, ended: false }
    }

    pub fn known(&self) -> u32 {
        self.base + self.frames.len() as u32
    }

    pub fn progress(&self) -> Progress {
        Progress { game: self.start.game, episode: self.start.episode, confirmed: self.known() }
    }

    /// The connection is gone.
    pub fn stop(&mut self) {
        (self.begins, self.rows_from, self.ended) = (None, None, false);
    }

    pub fn tick(&mut self, said: &mut Vec<FromBrowser>) {
        let ahead = self.next.saturating_sub(self.known());
        if self.begins.is_none_or(|at| Instant::now() < at) || ahead > 8 + self.start.input_delay || self.ended {
            return;
        }
        let first = self.next.saturating_sub(2);
        let inputs = (first..=self.next).map(|frame| input_of(self.start.seat, frame)).collect();
        said.push(FromBrowser::Inputs(Inputs { game: self.start.game, episode: self.start.episode, first, inputs }));
        self.next += 1;
    }

    pub fn hear(&mut self, message: ToBrowser, book: &Book, said: &mut Vec<FromBrowser>) {
        let (game, episode) = (self.start.game, self.start.episode);
        match message {
            ToBrowser::Begin(begin) => {
                self.begins = Some(Instant::now() + Duration::from_millis(begin.in_ms.into()));
                self.next = self.next.max(begin.frame);
            }
            ToBrowser::Paused(_) => self.begins = None,
            ToBrowser::Confirmed(confirmed) => self.confirm(confirmed, book, said),
            ToBrowser::Host(role) if role.episode == episode => {
                self.rows_from = role.rows_from;
                if let Some(from) = role.rows_from {
                    self.rows_safe = from;
                    book.open().has_rows(game, episode, from);
                }
                self.give_rows(said);
            }
            ToBrowser::SnapshotWanted(wanted) if wanted.frame <= self.known() => {
                let state = serde_json::to_vec(&self.frames[..wanted.frame as usize]).unwrap();
                let state = ByteBuf::from(state);
                said.push(FromBrowser::Snapshot(Snapshot { game, episode, frame: wanted.frame, state }));
            }
            ToBrowser::Heal(_) => book.open().problem(format!("{game}: a copy is said to differ, and does not")),
            ToBrowser::Adopt(adopt) => {
                let zero = 0.0.try_into().ok();
                let told = Adopted { game, episode, frame: adopt.frame, largest: zero, fields: Vec::new() };
                said.push(FromBrowser::Adopted(told));
            }
            _ => {}
        }
    }

    fn confirm(&mut self, confirmed: Confirmed, book: &Book, said: &mut Vec<FromBrowser>) {
        if confirmed.episode != self.start.episode {
            return;
        }
        for (frame, inputs) in (confirmed.first..).zip(confirmed.frames) {
            let actions = inputs.iter().map(|input| unpacked(input)).collect();
            let inputs = inputs.into_iter().map(ByteBuf::into_vec).collect();
            book.open().confirmed(self.start.game, self.start.episode, frame, inputs);
            if frame < self.known() {
                continue;
            }
            if frame > self.known() {
                let (game, known) = (self.start.game, self.known());
                return book.open().problem(format!("{game}: frame {frame} was told after frame {known}"));
            }
            self.frames.push(actions);
            if self.known().is_multiple_of(30) && self.mode == Mode::Browser {
                said.push(self.hashes());
            }
            self.give_rows(said);
        }
        if self.known() >= TOGETHER && !self.ended {
            self.ended = true;
            let (game, episode) = (self.start.game, self.start.episode);
            said.push(FromBrowser::EpisodeEnded(EpisodeEnded { game, episode, steps: TOGETHER }));
        }
    }

    fn hashes(&self) -> FromBrowser {
        let state = self.known() / 30 * 30;
        let mut hasher = DefaultHasher::new();
        self.frames[..state as usize].hash(&mut hasher);
        let hashes = vec![(state, StateHash(hasher.finish()))];
        FromBrowser::Hashes(Hashes { game: self.start.game, episode: self.start.episode, hashes })
    }

    fn give_rows(&mut self, said: &mut Vec<FromBrowser>) {
        let Some(from) = self.rows_from else { return };
        let until = self.known().min(TOGETHER);
        if from < until && (until - from >= 6 || until == TOGETHER) {
            let steps = together_rows(self.start.seed, &self.frames).split_off(from as usize);
            self.rows_from = Some(until);
            let (game, episode) = (self.start.game, self.start.episode);
            said.push(FromBrowser::Steps(Steps { game, episode, first: from, steps }));
        }
    }

    /// Rows are missing, says the service.
    pub fn rows_from_acknowledged(&mut self) {
        self.rows_from = self.rows_from.map(|_| self.rows_safe);
    }

    pub fn catch_up(&mut self, told: CatchUp, book: &Book, said: &mut Vec<FromBrowser>) {
        if let Some(snapshot) = &told.snapshot {
            match self.mode {
                // What a copy on the service is like is not for scripts to read; only frames from there on are known.
                Mode::Authoritative => (self.base, self.frames) = (snapshot.frame, Vec::new()),
                _ => (self.base, self.frames) = (0, serde_json::from_slice(&snapshot.state).unwrap()),
            }
        }
        self.ended = false;
        self.confirm(told.confirmed, book, said);
        self.next = self.next.max(self.known() + told.start.input_delay);
        self.begins = told.running.then(Instant::now);
    }
}

/// A game of which only pictures are seen.
pub struct Shown {
    pub start: Prepare,
    pub running: bool,
    ticks: u32,
    number: u32,
}

impl Shown {
    pub fn new(start: Prepare) -> Self {
        Self { start, running: false, ticks: 0, number: 0 }
    }

    pub fn tick(&mut self, said: &mut Vec<FromBrowser>) {
        self.ticks += 1;
        if self.running && self.ticks.is_multiple_of(5) {
            self.number += 1;
            let (game, episode) = (self.start.game, self.start.episode);
            let binding = Some(self.number % 5);
            said.push(FromBrowser::Acts(Acts { game, episode, number: self.number, binding, pointer: None }));
        }
    }

    pub fn hear(&mut self, message: ToBrowser, book: &Book, said: &mut Vec<FromBrowser>) {
        let (game, episode) = (self.start.game, self.start.episode);
        match message {
            ToBrowser::Begin(_) => self.running = true,
            ToBrowser::Paused(_) => self.running = false,
            ToBrowser::Picture(picture) if picture.episode == episode => {
                book.open().shown(game, episode, picture.frame);
                said.push(FromBrowser::Seen(Seen { game, episode, number: picture.number }));
            }
            _ => {}
        }
    }
}
