//! A service and its players, from the match until everybody is led onward.

use std::time::Duration;

use super::copy::Rules;
use super::player::{Player, Trouble, Up};
use super::runner::{Runner, Worker};
use super::service::Service;
use super::toy::Length;
use super::{FRAME, Random};
use crate::experiment::Mode;
use crate::rules::shared_game::{Input, Terms};

/// Time within which every game ends, however bad the connections are, in milliseconds.
const LONGEST: f64 = 900_000.0;

/// What a schedule is made of.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub seed: u64,
    pub terms: Terms,
    /// Fewest frames of an episode.
    pub least: u32,
    /// By seat; a bot sits where there is none.
    pub troubles: Vec<Option<Trouble>>,
    /// Shortest and longest time that the store takes, in milliseconds.
    pub store: (f64, f64),
    /// Restarts of the service per second.
    pub restarts: f64,
    /// A seat whose participant goes away for good, and when; in milliseconds.
    pub leaves: Option<(usize, f64)>,
    /// A seat whose copy is spoilt, unless it is the reference, and when; in milliseconds.
    pub spoils: Option<(usize, f64)>,
    /// The worker in which the service's own copy runs, if there is one.
    pub worker: Option<Worker>,
    /// Trouble ends after this time, so that some games are played to their end; in milliseconds.
    pub calm_after: f64,
}

pub(super) struct World {
    pub service: Service,
    /// By seat.
    pub players: Vec<Option<Player>>,
    pub runner: Option<Runner>,
    pub rules: Rules,
    pub now: f64,
    random: Random,
    plan: Plan,
    next_restart: f64,
    pub restarted: u32,
    /// Somebody's copy was spoilt on purpose.
    pub spoilt: bool,
}

impl World {
    pub fn new(plan: &Plan) -> Self {
        let Plan { seed, terms, troubles, .. } = plan;
        let rules = Rules {
            seats: troubles.len(),
            length: Length { least: plan.least, most: terms.max_steps },
            default: terms.default.clone(),
            fallback: terms.fallback,
            bound: terms.multiplayer.max_prediction,
            hash_every: terms.multiplayer.hash_interval,
            broadcast: terms.multiplayer.state_broadcast_interval,
            streamed: terms.mode == Mode::Streamed,
            policies: (0..troubles.len()).map(|seat| terms.policies.contains(&format!("agent_{seat}"))).collect(),
        };
        let mut random = Random(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let people: Vec<bool> = troubles.iter().map(Option::is_some).collect();
        let service = Service::new(terms.clone(), &people, *seed, plan.store);
        let mut player = |trouble: Trouble| {
            let (seed, arrives) = (random.next(), random.between(0.0, 500.0));
            Player::new(&rules, trouble, FRAME, seed, arrives)
        };
        let players = troubles.iter().map(|trouble| trouble.map(&mut player)).collect();
        let next_restart = random.wait(plan.restarts);
        let game = service.game.id();
        let runner = plan.worker.map(|worker| Runner::new(&rules, game, worker, seed.wrapping_mul(77) + 5));
        let plan = plan.clone();
        Self { service, runner, players, rules, now: 0.0, random, plan, next_restart, restarted: 0, spoilt: false }
    }

    /// Plays until everybody is led onward.
    pub fn run(&mut self) {
        while !self.service.done() {
            self.pass();
        }
        self.service.stop_storing();
    }

    /// Plays until all copies that are there know so many frames of an episode.
    pub fn play_to(&mut self, episode: u32, frames: u32) {
        let behind = |player: &mut Player| player.page().frame().is_none_or(|known| known < (episode, frames));
        while !self.service.done() && self.players.iter_mut().flatten().any(behind) {
            self.pass();
        }
    }

    /// Goes on to when something happens, and lets it happen.
    pub fn pass(&mut self) {
        let players = self.players.iter().flatten().map(Player::next).fold(f64::INFINITY, f64::min);
        let runner = self.runner.as_ref().map_or(f64::INFINITY, Runner::next);
        let next = players.min(self.service.next()).min(self.next_restart).min(runner);
        self.now = self.now.max(next);
        assert!(self.now < LONGEST, "somebody waits for ever: {:?}", self.service.game.lobby());
        let now = self.now;
        if now >= self.plan.calm_after {
            self.next_restart = f64::INFINITY;
            self.players.iter_mut().flatten().for_each(|player| player.calm = true);
            self.runner.iter_mut().for_each(|runner| runner.calm = true);
        }
        if self.next_restart <= now {
            self.restart();
        }
        if self.plan.leaves.is_some_and(|(_, at)| at <= now) {
            self.leave();
        }
        if self.plan.spoils.is_some_and(|(_, at)| at <= now) {
            self.spoil_as_planned();
        }
        for seat in 0..self.players.len() {
            self.hear(seat);
        }
        for news in self.runner.as_mut().map(|runner| runner.live(now)).unwrap_or_default() {
            self.service.step(now, Input::Runner(news));
            self.deliver();
        }
        self.service.live(now);
        self.deliver();
        for player in self.players.iter_mut().flatten() {
            player.live(now);
        }
    }

    fn hear(&mut self, seat: usize) {
        let now = self.now;
        let Some(player) = &mut self.players[seat] else { return };
        if player.noticed_gone(now) {
            self.service.step(now, Input::Gone(seat));
        }
        while let Some(message) = self.players[seat].as_mut().and_then(|player| player.heard(now)) {
            let Some(player) = &mut self.players[seat] else { return };
            match message {
                Up::Hello => {
                    player.connected();
                    let round_trip = Duration::from_secs_f64(player.round_trip() / 1000.0);
                    self.service.step(now, Input::Joined { seat, new: true, wants: None });
                    self.service.step(now, Input::RoundTrip(seat, round_trip));
                }
                Up::Ready(has) => self.service.step(now, Input::Joined { seat, new: false, wants: Some(has) }),
                Up::Said(said) => self.service.step(now, Input::Heard(seat, said)),
            }
            self.deliver();
        }
    }

    fn leave(&mut self) {
        let Some(player) = self.plan.leaves.take().and_then(|(seat, _)| self.players[seat].as_mut()) else { return };
        player.gives_up = true;
        player.cut(self.now, 0.0, 0.0);
    }

    /// Spoils a copy, once it has something to spoil.
    fn spoil_as_planned(&mut self) {
        let Some((seat, _)) = self.plan.spoils else { return };
        let host = self.service.game.lobby().host;
        let Some(player) = &mut self.players[seat] else { return };
        if (self.runner.is_some() || host.is_some_and(|host| host != seat))
            && player.page().frame().is_some_and(|(_, frame)| frame > 0)
        {
            self.plan.spoils = None;
            self.spoil(seat);
        }
    }

    /// Something that an environment must not do happens in a player's copy.
    pub fn spoil(&mut self, seat: usize) {
        self.spoilt = true;
        self.players[seat].as_mut().expect("a player").page().corrupt();
    }

    /// Ticks at which somebody stood at the bound.
    pub fn waited(&mut self) -> u32 {
        self.players.iter_mut().flatten().map(|player| player.page().waited()).sum()
    }

    /// The frame up to which all copies know the inputs.
    pub fn frame(&mut self) -> u32 {
        let frames =
            self.players.iter_mut().flatten().map(|player| player.page().frame().map_or(0, |(_, frame)| frame));
        frames.min().unwrap_or(0)
    }

    fn deliver(&mut self) {
        for order in std::mem::take(&mut self.service.orders) {
            self.runner.as_mut().expect("there is a copy of the service's").order(self.now, order);
        }
        for (seat, message) in std::mem::take(&mut self.service.outbox) {
            if let Some(player) = &mut self.players[seat] {
                player.tell(self.now, message);
            }
        }
    }

    pub fn restart(&mut self) {
        self.restarted += 1;
        self.next_restart = self.now + self.random.wait(self.plan.restarts);
        for player in self.players.iter_mut().flatten() {
            let back = self.random.between(100.0, 3000.0);
            player.orphaned(self.now, back);
        }
        self.service.restart(self.now);
        if let Some(runner) = &mut self.runner {
            runner.restart(self.now);
        }
        self.deliver();
    }
}
