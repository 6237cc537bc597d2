//! The service's own copy of the environment, in a worker that may be slow, and may be lost and come back at any time.

use std::collections::VecDeque;

use serde_bytes::ByteBuf;

use super::Random;
use super::copy::Rules;
use super::host_rows::step;
use super::toy::Toy;
use crate::ids::GameId;
use crate::rules::shared_game::{News, Order};
use crate::rules::timeline::Input;
use crate::wire::{BotChoice, RunnerState, SeatPicture, StateHash, Turn};

/// Frames from one choice of a bot to the next.
const SKIP: u32 = 3;

/// How a worker does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worker {
    /// What a frame takes, and up to how much more now and then, in milliseconds.
    pub cost: f64,
    pub jitter: f64,
    /// How often per second it dies.
    pub deaths: f64,
}

pub(super) struct Runner {
    rules: Rules,
    game: GameId,
    worker: Worker,
    random: Random,
    opens: Option<f64>,
    dies: f64,
    orders: VecDeque<Order>,
    /// What it works at, and until when.
    working: Option<(f64, Order)>,
    state: Option<(u32, Toy)>,
    end: Option<u32>,
    /// By seat, the frame that was shown last.
    shown: Vec<Option<u32>>,
    pub calm: bool,
    pub deaths: u32,
}

impl Runner {
    pub fn new(rules: &Rules, game: GameId, worker: Worker, seed: u64) -> Self {
        let mut random = Random(seed);
        let (opens, dies) = (Some(random.between(0.0, 1500.0)), random.wait(worker.deaths));
        Self {
            rules: rules.clone(),
            game,
            worker,
            random,
            opens,
            dies,
            orders: VecDeque::new(),
            working: None,
            state: None,
            end: None,
            shown: vec![None; rules.seats],
            calm: false,
            deaths: 0,
        }
    }

    pub fn next(&self) -> f64 {
        let dies = if self.calm { f64::INFINITY } else { self.dies };
        let works = self.working.as_ref().map_or(f64::INFINITY, |(until, _)| *until);
        dies.min(works).min(self.opens.unwrap_or(f64::INFINITY))
    }

    pub fn order(&mut self, now: f64, order: Order) {
        if self.opens.is_none() {
            self.orders.push_back(order);
            self.work(now);
        }
    }

    fn work(&mut self, now: f64) {
        if self.working.is_some() {
            return;
        }
        if let Some(order) = self.orders.pop_front() {
            let frames = match &order {
                Order::Stand { .. } => 3.0,
                Order::Advance { frames, .. } => frames.len() as f64,
            };
            let takes = (0.1 + frames) * (self.worker.cost + self.random.between(0.0, self.worker.jitter));
            self.working = Some((now + takes, order));
        }
    }

    /// What is due.
    pub fn live(&mut self, now: f64) -> Vec<News> {
        let mut news = Vec::new();
        if self.opens.is_some_and(|opens| opens <= now) {
            self.opens = None;
            news.push(News::Opened);
        }
        if self.dies <= now && !self.calm {
            self.dies = now + self.random.wait(self.worker.deaths);
            if self.opens.is_none() {
                self.deaths += 1;
                news.push(News::Lost);
                let said = self.working.take();
                // Something that it had said may be heard still.
                if let Some((_, order)) = said.filter(|_| self.random.chance(0.5)) {
                    news.push(self.turn(order));
                }
                self.forget();
                self.opens = Some(now + self.random.between(10.0, 3000.0));
            }
        }
        while let Some((_, order)) = self.working.take_if(|(until, _)| *until <= now) {
            news.push(self.turn(order));
            self.work(now);
        }
        news
    }

    fn forget(&mut self) {
        (self.working, self.state, self.end) = (None, None, None);
        self.orders.clear();
        self.shown = vec![None; self.rules.seats];
    }

    /// The service is made anew, and its worker with it.
    pub fn restart(&mut self, now: f64) {
        self.forget();
        self.opens = Some(now + self.random.between(10.0, 3000.0));
    }

    fn turn(&mut self, order: Order) -> News {
        let mut turn = Turn {
            game: self.game,
            episode: 0,
            frame: 0,
            rows: Vec::new(),
            hashes: Vec::new(),
            states: Vec::new(),
            choices: Vec::new(),
            pictures: Vec::new(),
            end: None,
            micros: 1,
        };
        let complete = match order {
            Order::Stand { episode, seed, from, .. } => {
                let toy = match from {
                    Some(from) => rmp_serde::from_slice(&from.copy).unwrap(),
                    None => Toy::new(self.rules.seats, seed, self.rules.length),
                };
                let frame = toy.frame;
                assert_eq!(self.end.take().filter(|_| frame > 0), None);
                self.state = Some((episode, toy));
                self.choose(frame, &mut turn);
                self.choose(frame + 1, &mut turn);
                u32::MAX
            }
            Order::Advance { episode, first, frames, complete } => {
                let (standing, toy) = self.state.as_ref().expect("it was told to stand somewhere");
                assert_eq!(*standing, episode);
                assert!(self.end.is_some() || toy.frame == first, "frames are left out, or come twice");
                frames.iter().for_each(|inputs| self.play(inputs, &mut turn));
                complete
            }
        };
        let (episode, toy) = self.state.as_ref().expect("it stands somewhere");
        (turn.episode, turn.frame, turn.end) = (*episode, toy.frame, self.end);
        let hash = toy.hash();
        for (seat, shown) in self.shown.iter_mut().enumerate().filter(|_| self.rules.streamed) {
            let complete = complete & (1 << seat) != 0;
            if !complete && *shown == Some(turn.frame) {
                continue;
            }
            let before = shown.replace(turn.frame);
            let draw = Some(format!("{} {hash}", before.filter(|_| !complete).map_or(-1, i64::from)));
            let picture =
                SeatPicture { seats: 1 << seat, complete, draw, image: None, hud: None, assets: None, own: Vec::new() };
            turn.pictures.push(picture);
        }
        News::Turn(Box::new(turn))
    }

    fn play(&mut self, inputs: &[ByteBuf], turn: &mut Turn) {
        let (_, toy) = self.state.as_mut().expect("it stands somewhere");
        if self.end.is_some() {
            return;
        }
        let inputs: Vec<Input> = inputs.iter().map(|input| Input::copy_from_slice(input)).collect();
        toy.step(&inputs);
        let (frame, hash) = (toy.frame, toy.hash());
        turn.rows.push(step(frame - 1, hash).row);
        self.end = toy.end;
        let due = frame.is_multiple_of(self.rules.hash_every);
        if due || self.end.is_some() {
            turn.hashes.push((frame, StateHash(hash)));
        }
        if due || self.end.is_some() || frame.is_multiple_of(self.rules.broadcast) {
            let copy = ByteBuf::from(rmp_serde::to_vec(toy).unwrap());
            turn.states.push(RunnerState { frame, copy, bots: ByteBuf::new() });
        }
        self.choose(frame + 1, turn);
    }

    /// Bots choose by the state alone.
    fn choose(&self, frame: u32, turn: &mut Turn) {
        let (_, toy) = self.state.as_ref().expect("it stands somewhere");
        for seat in (0..self.rules.seats).filter(|seat| self.rules.policies[*seat]) {
            if (frame + seat as u32).is_multiple_of(SKIP) {
                let action = ByteBuf::from([(toy.hash().wrapping_add(u64::from(frame)) % 5) as u8]);
                turn.choices.push(BotChoice { seat: seat as u32, frame, action });
            }
        }
    }
}
