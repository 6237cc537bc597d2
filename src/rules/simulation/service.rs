//! The service's side: the rule of a game, and a store that takes its time (`actors/shared_game.rs`). It can be restarted
//! at any moment; then nothing is left but what was stored.

use crate::facts::{Entry, Fact, GameFact, Recorded, SeatTaken, Visitor};
use crate::ids::GameId;
use crate::rules::memory::EpisodeResult;
use crate::rules::session::Ending;
use crate::rules::shared_game::{Effect, Input, Order, Out, SharedGame, Terms};
use crate::time::Timestamp;
use crate::wire::ToBrowser;

use super::Random;

/// When the simulation begins, by the service's clock.
const BEGINNING: u64 = 1_000_000;

pub(super) struct Service {
    pub game: SharedGame,
    id: GameId,
    terms: Terms,
    random: Random,
    /// Shortest and longest time that the store takes, in milliseconds.
    store: (f64, f64),
    /// The journal.
    pub stored: Vec<Recorded>,
    /// What is being stored, and until when.
    storing: Option<(f64, Vec<Entry>)>,
    /// What waits for that.
    held: Vec<Effect>,
    /// What is stored and done after that.
    next: Out,
    /// By seat, how the game ended for the player.
    pub endings: Vec<Option<Ending>>,
    /// By seat, how the player did, as it was told at the end.
    pub results: Vec<Vec<EpisodeResult>>,
    /// The actor is gone.
    stopped: bool,
    /// What goes out.
    pub outbox: Vec<(usize, ToBrowser)>,
    /// What the service's own copy is to do.
    pub orders: Vec<Order>,
}

impl Service {
    /// A game in which people sit on some seats and bots on the others.
    pub fn new(terms: Terms, people: &[bool], seed: u64, store: (f64, f64)) -> Self {
        let mut random = Random(seed ^ 0xA5A5);
        let id = GameId::try_from(format!("{:032x}", u128::from(seed) + 1)).expect("an id");
        let seat = |(seat, person): (usize, &bool)| SeatTaken {
            agent: format!("agent_{seat}"),
            player: person.then(|| Visitor { subject: format!("s{seat}").parse().expect("a name"), visit: 1 }),
        };
        let fact = Fact::Game(GameFact::GameMatched {
            scene: "toy".parse().expect("a name"),
            seats: people.iter().enumerate().map(seat).collect(),
            seed: random.below(1 << 30),
        });
        let matched = Recorded { at: at(0.0), fact, payload: crate::facts::Payload::None };
        let stored = vec![matched];
        let game = SharedGame::resume(id, terms.clone(), &stored).expect("a match makes a game");
        let mut service = Self {
            game,
            id,
            terms,
            random,
            store,
            stored,
            storing: None,
            held: Vec::new(),
            next: Out::default(),
            endings: vec![None; people.len()],
            results: vec![Vec::new(); people.len()],
            stopped: false,
            outbox: Vec::new(),
            orders: Vec::new(),
        };
        service.step(0.0, Input::Restarted);
        service
    }

    /// Whether all people know how the game ended for them.
    pub fn done(&self) -> bool {
        self.game.taken().zip(&self.endings).all(|(seat, ending)| seat.player.is_none() || ending.is_some())
    }

    /// When it has something to do by itself.
    pub fn next(&self) -> f64 {
        let stored = self.storing.as_ref().map_or(f64::INFINITY, |(due, _)| *due);
        let due = self.game.deadline().filter(|_| !self.stopped);
        stored.min(due.map_or(f64::INFINITY, |due| due.0 as f64 - BEGINNING as f64))
    }

    /// Does what is due.
    pub fn live(&mut self, now: f64) {
        if self.storing.as_ref().is_some_and(|(due, _)| *due <= now) {
            self.stored(now);
            self.proceed(now);
        }
        if !self.stopped && self.game.deadline().is_some_and(|due| due <= at(now)) {
            self.step(now, Input::Wake);
            let passed = self.game.deadline().is_some_and(|due| due <= at(now));
            assert!(!passed || self.game.finished(), "what was due is due still: {:?}", self.game.lobby());
        }
    }

    pub fn step(&mut self, now: f64, input: Input) {
        if self.stopped {
            // A participant that comes to a game which is over is told so by the journal.
            return;
        }
        if let Input::Joined { seat, new: true, .. } = input {
            self.held.iter_mut().chain(&mut self.next.held).for_each(|effect| effect.spare(seat));
        }
        let said = format!("{input:.60?}");
        let mut out = self.game.step(at(now), input);
        if let Err(broken) = self.game.check() {
            panic!("{broken}, after {said} at {now}: {:?}", self.game.lobby());
        }
        for effect in std::mem::take(&mut out.now) {
            self.carry_out(effect);
        }
        self.next.append(out);
        self.proceed(now);
    }

    fn proceed(&mut self, now: f64) {
        if self.storing.is_some() {
            return;
        }
        let Out { entries, held, .. } = std::mem::take(&mut self.next);
        if entries.is_empty() {
            held.into_iter().for_each(|effect| self.carry_out(effect));
            return;
        }
        self.held = held;
        self.storing = Some((now + self.random.between(self.store.0, self.store.1), entries));
    }

    fn stored(&mut self, now: f64) {
        let Some((_, entries)) = self.storing.take() else { return };
        self.game.step(at(now), Input::Stored);
        self.stored.extend(entries.into_iter().map(|Entry { at, fact, payload, .. }| Recorded { at, fact, payload }));
        std::mem::take(&mut self.held).into_iter().for_each(|effect| self.carry_out(effect));
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Tell(seats, message) => self.outbox.extend(seats.iter().map(|seat| (seat, message.clone()))),
            Effect::Run(order) => self.orders.push(order),
            Effect::Project => {}
            Effect::Finish(endings) => {
                for (seat, ending, results) in endings {
                    self.endings[seat] = Some(ending);
                    self.results[seat] = results;
                }
                self.stopped = self.done();
            }
        }
    }

    /// The process dies and is started again. What was being stored may be stored or not.
    pub fn restart(&mut self, now: f64) {
        if self.random.chance(0.5)
            && let Some((_, entries)) = self.storing.take()
        {
            self.stored.extend(entries.into_iter().map(|Entry { at, fact, payload, .. }| Recorded {
                at,
                fact,
                payload,
            }));
        }
        (self.storing, self.held, self.next) = (None, Vec::new(), Out::default());
        self.outbox.clear();
        self.orders.clear();
        self.game = SharedGame::resume(self.id, self.terms.clone(), &self.stored).expect("its own facts make a game");
        self.step(now, Input::Restarted);
    }

    pub fn stop_storing(&mut self) {
        while self.storing.is_some() {
            self.stored(0.0);
            self.proceed(0.0);
        }
    }
}

/// A moment of the simulation by the service's clock.
pub(super) fn at(now: f64) -> Timestamp {
    Timestamp(BEGINNING + now.max(0.0) as u64)
}
