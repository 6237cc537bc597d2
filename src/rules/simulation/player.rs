//! A participant's browser and its connection: it delays, stalls and breaks, the page is reloaded, another tab takes over.

use std::collections::VecDeque;

use super::Random;
use super::copy::Rules;
use super::page::{Page, Seen};
use crate::wire::{FromPlayer, Progress, ToBrowser};

/// How bad a player's world is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trouble {
    /// One way, in milliseconds.
    pub latency: f64,
    /// Up to that much is added to each message's way.
    pub jitter: f64,
    /// Stalls of a direction, or of the browser, per second; each takes up to 600 ms.
    pub stalls: f64,
    /// Cuts of the connection per second.
    pub cuts: f64,
    /// Longest cut, in milliseconds.
    pub longest_cut: f64,
    /// Share of the cuts that are reloads: the copy is lost.
    pub reloads: f64,
    /// Parts per million by which the clock is fast.
    pub drift: f64,
}

impl Trouble {
    pub fn round_trip(&self) -> f64 {
        2.0 * self.latency + self.jitter
    }
}

/// What goes to the service.
#[derive(Debug, Clone)]
pub(super) enum Up {
    /// A new connection.
    Hello,
    /// The page asks to be told to play.
    Ready(Option<Progress>),
    Said(FromPlayer),
}

/// One direction of a connection: in order, like TCP.
struct Way<M> {
    queue: VecDeque<(f64, M)>,
    last: f64,
}

impl<M> Way<M> {
    fn new() -> Self {
        Self { queue: VecDeque::new(), last: 0.0 }
    }

    fn send(&mut self, now: f64, trouble: &Trouble, random: &mut Random, message: M) {
        let arrival = now + trouble.latency + trouble.jitter * random.unit();
        // Whole milliseconds, as the service's clock has them.
        self.last = self.last.max(arrival.ceil());
        self.queue.push_back((self.last, message));
    }

    fn next(&self) -> f64 {
        self.queue.front().map_or(f64::INFINITY, |(arrival, _)| *arrival)
    }

    fn receive(&mut self, now: f64) -> Option<M> {
        if self.next() <= now { self.queue.pop_front().map(|(_, message)| message) } else { None }
    }
}

pub(super) struct Player {
    trouble: Trouble,
    rules: Rules,
    period: f64,
    random: Random,
    page: Page,
    /// What the pages before it saw.
    before: Vec<Seen>,
    up: Way<Up>,
    down: Way<ToBrowser>,
    /// The connection is down until then.
    cut_until: Option<f64>,
    /// The service has the connection that there is. What it sends on an older one gets lost.
    linked: bool,
    /// When the service notices that it is gone; it may learn of a new connection first.
    gone_at: Option<f64>,
    /// The page is being loaded until then.
    loading_until: Option<f64>,
    /// The browser does nothing until then.
    frozen_until: f64,
    next_stall: f64,
    next_cut: f64,
    /// Nothing bad happens any more.
    pub calm: bool,
    /// The participant never comes back.
    pub gives_up: bool,
    pub cuts: u32,
    pub reloads: u32,
}

impl Player {
    /// A page that comes to its game within `arrives` milliseconds.
    pub fn new(rules: &Rules, trouble: Trouble, frame: f64, seed: u64, arrives: f64) -> Self {
        let mut random = Random(seed);
        let period = frame / (1.0 + trouble.drift / 1e6);
        let page = Page::new(rules, period, Random(random.next()));
        let (next_stall, next_cut) = (random.wait(trouble.stalls * 3.0), random.wait(trouble.cuts));
        Self {
            trouble,
            rules: rules.clone(),
            period,
            random,
            page,
            before: Vec::new(),
            up: Way::new(),
            down: Way::new(),
            cut_until: Some(arrives),
            linked: false,
            gone_at: None,
            loading_until: None,
            frozen_until: 0.0,
            next_stall,
            next_cut,
            calm: false,
            gives_up: false,
            cuts: 0,
            reloads: 0,
        }
    }

    pub fn round_trip(&self) -> f64 {
        self.trouble.round_trip()
    }

    pub fn page(&mut self) -> &mut Page {
        &mut self.page
    }

    /// What all its pages saw.
    pub fn seen(&mut self) -> Vec<Seen> {
        self.page.finish_copy();
        let mut seen = std::mem::take(&mut self.before);
        seen.push(self.page.seen.clone());
        seen
    }

    /// When something happens here by itself, or a message arrives at either end.
    pub fn next(&self) -> f64 {
        let trouble = if self.calm { f64::INFINITY } else { self.next_stall.min(self.next_cut) };
        let link = self.cut_until.unwrap_or(f64::INFINITY).min(self.gone_at.unwrap_or(f64::INFINITY));
        let loaded = self.loading_until.unwrap_or(f64::INFINITY);
        let page = if self.loading_until.is_some() { f64::INFINITY } else { self.down.next().min(self.page.next()) };
        trouble.min(link).min(loaded).min(page.max(self.frozen_until)).min(self.up.next())
    }

    /// What arrives at the service.
    pub fn heard(&mut self, now: f64) -> Option<Up> {
        self.up.receive(now)
    }

    /// Whether the service notices now that the connection is gone.
    pub fn noticed_gone(&mut self, now: f64) -> bool {
        self.gone_at.take_if(|at| *at <= now).is_some()
    }

    /// The service sends something.
    pub fn tell(&mut self, now: f64, message: ToBrowser) {
        if self.linked {
            self.down.send(now, &self.trouble, &mut self.random, message);
        }
    }

    /// A new connection has reached the service: it knows that the old one is gone.
    pub fn connected(&mut self) {
        self.linked = true;
        self.gone_at = None;
    }

    /// The connection breaks; `noticed` milliseconds later the service knows.
    pub fn cut(&mut self, now: f64, lasts: f64, noticed: f64) {
        self.cuts += 1;
        self.cut_until = Some(if self.gives_up { f64::INFINITY } else { now + lasts });
        self.gone_at = Some(now + noticed);
        self.linked = false;
        (self.up, self.down) = (Way::new(), Way::new());
    }

    /// The service dies; what it had sent still arrives.
    pub fn orphaned(&mut self, now: f64, lasts: f64) {
        let down = std::mem::replace(&mut self.down, Way::new());
        self.cut(now, lasts, f64::INFINITY);
        self.down = down;
    }

    pub fn reload(&mut self, now: f64) {
        self.reloads += 1;
        self.page.finish_copy();
        let fresh = Page::new(&self.rules, self.period, Random(self.random.next()));
        self.before.push(std::mem::replace(&mut self.page, fresh).seen);
        self.loading_until = Some(now + self.random.between(100.0, 1500.0));
    }

    /// What is due in the browser and on its connection.
    pub fn live(&mut self, now: f64) {
        self.suffer(now);
        if self.cut_until.is_some_and(|until| until <= now) {
            self.cut_until = None;
            self.down = Way::new();
            self.send(now, Up::Hello);
            if self.loading_until.is_none() {
                self.send(now, Up::Ready(self.page.has()));
            }
        }
        if self.loading_until.is_some_and(|until| until <= now) {
            self.loading_until = None;
            if self.cut_until.is_none() {
                self.send(now, Up::Ready(None));
            }
        }
        if now < self.frozen_until || self.loading_until.is_some() {
            return;
        }
        let mut out = Vec::new();
        while let Some(message) = self.down.receive(now) {
            self.page.hear(now, &message, &mut out);
        }
        self.page.live(now, &mut out);
        if self.cut_until.is_none() {
            out.into_iter().for_each(|said| self.send(now, Up::Said(said)));
        }
    }

    fn send(&mut self, now: f64, message: Up) {
        self.up.send(now, &self.trouble, &mut self.random, message);
    }

    fn suffer(&mut self, now: f64) {
        if self.calm {
            return;
        }
        if self.next_stall <= now {
            self.next_stall = now + self.random.wait(self.trouble.stalls * 3.0);
            let until = now + self.random.between(50.0, 600.0);
            match self.random.below(3) {
                0 => self.up.last = self.up.last.max(until),
                1 => self.down.last = self.down.last.max(until),
                _ => self.frozen_until = until,
            }
        }
        if self.next_cut <= now {
            self.next_cut = now + self.random.wait(self.trouble.cuts);
            if self.cut_until.is_some() {
                return;
            }
            let lasts = self.random.between(10.0, self.trouble.longest_cut);
            let noticed = if self.random.chance(0.6) { 0.0 } else { self.random.between(0.0, 3000.0) };
            self.cut(now, lasts, noticed);
            if self.random.chance(self.trouble.reloads) {
                self.reload(now);
            }
        }
    }
}
