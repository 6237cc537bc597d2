//! A game whose facts are stored at once, and its players by hand.

use std::time::Duration;

use bytes::Bytes;
use serde_bytes::ByteBuf;

use super::*;
use crate::experiment::{InputMode, Mode, Multiplayer};
use crate::facts::{Entry, GameFact, Recorded, Visitor};
use crate::rules::timeline::{Closed, Fallback};
use crate::wire::*;

/// Length of a frame.
pub(super) const FRAME: Duration = Duration::from_millis(100);

pub(super) fn terms() -> Terms {
    let key = |key: u8| Bytes::copy_from_slice(&[key]);
    Terms {
        tutorial: 0,
        carry_over: false,
        episodes: 2,
        max_steps: 100,
        frame: FRAME,
        freeze: Duration::ZERO,
        fallback: Fallback::Previous,
        default: key(0),
        silence: Duration::from_secs(3600),
        bot_actions: vec![key(1), key(2)],
        multiplayer: Multiplayer { hash_interval: 10, max_prediction: 4, ..Multiplayer::default() },
        mode: Mode::Browser,
        policies: Default::default(),
        bindings: vec![key(1), key(2)],
        input_mode: InputMode::PressedKeys,
        pointer: None,
    }
}

#[derive(Clone)]
pub(super) struct Driver {
    pub rule: SharedGame,
    pub terms: Terms,
    pub now: Timestamp,
    pub facts: Vec<Recorded>,
    /// What was said last, and to whom.
    pub told: Vec<(usize, ToBrowser)>,
    pub finished: Vec<(usize, Ending)>,
    /// What the service's own copy was told to do.
    pub orders: Vec<Order>,
    /// Where the service's own copy stands, and in which frame its episode ends.
    pub copy: Option<(u32, u32)>,
    pub ends: u32,
    /// Nothing gets stored.
    pub store_stuck: bool,
}

impl Driver {
    /// A game in which nobody has come; bots sit on the seats beyond the `people`.
    pub fn matched(terms: Terms, people: usize, bots: usize) -> Self {
        let visitor = |seat: usize| Visitor { subject: format!("s{seat}").parse().unwrap(), visit: 3 };
        let seat = |seat| SeatTaken { agent: format!("a{seat}"), player: (seat < people).then(|| visitor(seat)) };
        let seats = (0..people + bots).map(seat).collect();
        let fact = GameFact::GameMatched { scene: "court".parse().unwrap(), seats, seed: 5 }.into();
        let now = Timestamp(1_000_000);
        let facts = vec![Recorded { at: now, fact, payload: Payload::None }];
        let id = GameId::try_from("00000000000000000000000000000001".to_owned()).unwrap();
        let rule = SharedGame::resume(id, terms.clone(), &facts).unwrap();
        let mut driver = Self {
            rule,
            terms,
            now,
            facts,
            told: Vec::new(),
            finished: Vec::new(),
            orders: Vec::new(),
            copy: None,
            ends: 1000,
            store_stuck: false,
        };
        driver.step(Input::Restarted);
        driver
    }

    /// A game whose clock starts now; the first player is host.
    pub fn playing(terms: Terms, people: usize, bots: usize) -> Self {
        let mut driver = Self::matched(terms, people, bots);
        (0..people).for_each(|seat| driver.join(seat, None));
        (0..people).for_each(|seat| driver.prepared(seat, 0));
        driver.now = driver.now + terms::COUNTDOWN;
        driver
    }

    pub fn step(&mut self, input: Input) {
        let mut out = self.rule.step(self.now, input);
        self.rule.check().unwrap();
        self.facts.extend(out.entries.drain(..).map(|entry| {
            let Entry { at, fact, payload, .. } = entry;
            Recorded { at, fact, payload }
        }));
        if !self.store_stuck && (!out.entries.is_empty() || !out.held.is_empty()) {
            self.rule.step(self.now, Input::Stored);
        }
        self.told.clear();
        for effect in out.now.into_iter().chain(out.held) {
            match effect {
                Effect::Tell(seats, message) => self.told.extend(seats.iter().map(|seat| (seat, message.clone()))),
                Effect::Run(order) => self.orders.push(order),
                Effect::Project => {}
                Effect::Finish(endings) => {
                    self.finished.extend(endings.into_iter().map(|(seat, ending, _)| (seat, ending)))
                }
            }
        }
    }

    /// Time passes, and the rule is woken when it asks for it; all that it says meanwhile.
    pub fn pass(&mut self, time: Duration) -> Vec<(usize, ToBrowser)> {
        let (until, mut told) = (self.now + time, Vec::new());
        while let Some(due) = self.rule.deadline().filter(|due| *due <= until) {
            assert!(due >= self.now, "a deadline has passed unseen");
            self.now = due;
            self.step(Input::Wake);
            self.serve();
            assert!(self.rule.deadline().is_none_or(|next| next > due), "what was due is due still");
            told.append(&mut self.told);
        }
        self.now = until;
        told
    }

    pub fn news(&mut self, news: News) {
        self.step(Input::Runner(news));
    }

    /// The service's own copy does at once what it was told, if it is there.
    pub fn serve(&mut self) {
        while self.copy.is_some() && !self.orders.is_empty() {
            let order = self.orders.remove(0);
            let turn = self.turn(order);
            let mut told = std::mem::take(&mut self.told);
            self.news(News::Turn(Box::new(turn)));
            told.append(&mut self.told);
            self.told = told;
        }
    }

    /// It is there from now on, or again.
    pub fn open(&mut self) {
        self.orders.clear();
        self.copy = Some((0, 0));
        self.news(News::Opened);
        self.serve();
    }

    pub fn lose(&mut self) {
        self.orders.clear();
        self.copy = None;
        self.news(News::Lost);
    }

    /// What comes of an order. The hash of each state is its number.
    pub fn turn(&mut self, order: Order) -> Turn {
        let (_, at) = self.copy.unwrap_or_default();
        let (episode, from, until, complete) = match order {
            Order::Stand { episode, from, .. } => {
                let frame = from.map_or(0, |state| state.frame);
                (episode, frame, frame, u32::MAX)
            }
            Order::Advance { episode, first, frames, complete } => {
                assert!(at == first || at == self.ends, "frames are left out");
                (episode, at, (first + frames.len() as u32).min(self.ends.max(at)), complete)
            }
        };
        self.copy = Some((episode, until));
        let due = (from + 1..=until).filter(|frame| frame.is_multiple_of(10) || *frame == self.ends);
        let state = |frame| RunnerState { frame, copy: ByteBuf::from([8]), bots: ByteBuf::from([9]) };
        let picture = |complete| SeatPicture {
            seats: 0,
            complete,
            draw: None,
            image: None,
            hud: None,
            assets: None,
            own: Vec::new(),
        };
        let mut pictures = Vec::new();
        if complete != 0 {
            pictures.push(SeatPicture { seats: complete & 0b111, ..picture(true) });
        }
        if until > from {
            pictures.push(SeatPicture { seats: !complete & 0b111, ..picture(false) });
        }
        Turn {
            game: self.game(),
            episode,
            frame: until,
            rows: (from..until).map(row_of).collect(),
            hashes: due.clone().map(|frame| (frame, StateHash(u64::from(frame)))).collect(),
            states: due.map(state).collect(),
            choices: vec![BotChoice { seat: 2, frame: until + 1, action: ByteBuf::from([2]) }],
            pictures,
            end: Some(self.ends).filter(|ends| *ends <= until),
            micros: 1,
        }
    }

    /// So many frames are played.
    pub fn frames(&mut self, count: u32) -> Vec<(usize, ToBrowser)> {
        self.pass(FRAME * count)
    }

    pub fn join(&mut self, seat: usize, has: Option<Progress>) {
        self.step(Input::Joined { seat, new: true, wants: Some(has) });
    }

    pub fn say(&mut self, seat: usize, said: FromPlayer) {
        self.step(Input::Heard(seat, said));
    }

    pub fn game(&self) -> GameId {
        self.rule.id()
    }

    pub fn episode(&self) -> u32 {
        self.rule.playing.as_ref().map_or(0, |playing| playing.number)
    }

    pub fn prepared(&mut self, seat: usize, episode: u32) {
        self.say(seat, FromPlayer::Prepared(Prepared { game: self.game(), episode }));
    }

    pub fn caught_up(&mut self, seat: usize) {
        self.say(seat, FromPlayer::CaughtUp(CaughtUp { game: self.game(), episode: self.episode() }));
    }

    pub fn inputs(&mut self, seat: usize, first: u32, keys: &[u8]) {
        let inputs = keys.iter().map(|key| ByteBuf::from([*key])).collect();
        self.say(seat, FromPlayer::Inputs(Inputs { game: self.game(), episode: self.episode(), first, inputs }));
    }

    pub fn rows(&mut self, seat: usize, rows: std::ops::Range<u32>) {
        let first = rows.start;
        let steps = rows.map(step_of).collect();
        self.say(seat, FromPlayer::Steps(Steps { game: self.game(), episode: self.episode(), first, steps }));
    }

    pub fn hash(&mut self, seat: usize, state: u32, hash: u64) {
        let hashes = vec![(state, StateHash(hash))];
        self.say(seat, FromPlayer::Hashes(Hashes { game: self.game(), episode: self.episode(), hashes }));
    }

    pub fn ended(&mut self, seat: usize, steps: u32) {
        self.say(seat, FromPlayer::EpisodeEnded(EpisodeEnded { game: self.game(), episode: self.episode(), steps }));
    }

    pub fn snapshot(&mut self, seat: usize, frame: u32) {
        let state = ByteBuf::from(vec![7]);
        self.say(seat, FromPlayer::Snapshot(Snapshot { game: self.game(), episode: self.episode(), frame, state }));
    }

    pub fn has(&self, confirmed: u32) -> Option<Progress> {
        Some(Progress { game: self.game(), episode: self.episode(), confirmed })
    }

    /// The frames that are on record.
    pub fn closed(&self) -> Vec<Closed> {
        self.facts.iter().flat_map(|recorded| recorded.payload.frames()).cloned().collect()
    }

    pub fn has_fact(&self, which: impl Fn(&GameFact) -> bool) -> bool {
        self.facts.iter().any(|recorded| matches!(&recorded.fact, Fact::Game(fact) if which(fact)))
    }

    /// The game as it is made of what is stored.
    pub fn folded(&self) -> Self {
        let rule = SharedGame::resume(self.game(), self.terms.clone(), &self.facts).unwrap();
        Self { rule, ..self.clone() }
    }

    /// The service is killed and started again.
    pub fn restart(&mut self) {
        *self = self.folded();
        self.step(Input::Restarted);
    }

    /// What the record must be enough for.
    pub fn remembered(&self) -> String {
        let rule = &self.rule;
        let delays: Vec<_> = rule.seats.iter().map(|seat| (seat.delay_of(self.episode()), seat.at_fault)).collect();
        let playing = rule.playing.as_ref().map(|playing| {
            let from = playing.kept.as_ref().map_or(0, |(frame, _)| *frame);
            let seen: Vec<_> = playing.copies.iter().map(|copy| (copy.witnessed, copy.ill.is_some())).collect();
            let frames = playing.confirmed(from).map(|confirmed| confirmed.frames);
            (playing.number, playing.open(), playing.rows, playing.end, playing.kept.clone(), seen, frames)
        });
        format!("{:?} {:?} {delays:?} {playing:?}", rule.lobby.view(), rule.lobby.deadline())
    }
}

pub(super) fn step_of(row: u32) -> Step {
    let rewards = ["a0", "a1"].map(|agent| (agent.into(), 2.0.into())).to_vec();
    let entries = vec![("t".into(), row.into()), ("rewards".into(), rmpv::Value::Map(rewards))];
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &rmpv::Value::Map(entries)).unwrap();
    Step { row: ByteBuf::from(bytes), at: Finite::default(), focused: true }
}

/// A row of the service's own copy, which no browser's is like.
pub(super) fn row_of(frame: u32) -> ByteBuf {
    let entries = vec![("t".into(), frame.into()), ("infos".into(), rmpv::Value::Map(Vec::new()))];
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &rmpv::Value::Map(entries)).unwrap();
    ByteBuf::from(bytes)
}

/// Those who were told something of a kind.
macro_rules! told {
    ($told:expr, $kind:ident) => {
        $told
            .iter()
            .filter_map(|(seat, message)| match message {
                crate::wire::ToBrowser::$kind(body) => Some((*seat, body.clone())),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
}
pub(super) use told;
