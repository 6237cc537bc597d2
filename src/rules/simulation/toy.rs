//! Dice, and an environment to play.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};

use crate::rules::timeline::Input;

/// SplitMix64, as in `rules::seeds`.
#[derive(Debug, Clone)]
pub(super) struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn below(&mut self, count: u32) -> u32 {
        (self.next() % u64::from(count)) as u32
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// How long it takes until something happens that happens so often per second, in milliseconds.
    pub fn wait(&mut self, rate: f64) -> f64 {
        if rate > 0.0 { -self.unit().max(1e-12).ln() / rate * 1000.0 } else { f64::INFINITY }
    }
}

/// When an episode is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Length {
    /// Never before this frame; from then on the players' inputs decide.
    pub least: u32,
    /// At this frame at the latest.
    pub most: u32,
}

/// An environment in which everything depends on everything before, its own randomness included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Toy {
    /// Frames that have passed; time goes on after the end.
    pub frame: u32,
    pub end: Option<u32>,
    length: Length,
    positions: Vec<i64>,
    random: u64,
}

impl Toy {
    pub fn new(players: usize, seed: u32, length: Length) -> Self {
        Self { frame: 0, end: None, length, positions: vec![0; players], random: u64::from(seed) }
    }

    pub fn step(&mut self, inputs: &[Input]) {
        self.frame += 1;
        if self.end.is_some() {
            return;
        }
        let mut random = Random(self.random);
        let mut sum = 0_i64;
        for (position, input) in self.positions.iter_mut().zip(inputs) {
            let step = i64::from(input.first().copied().unwrap_or(0)) - 2;
            *position = position.wrapping_mul(3).wrapping_add(step).wrapping_add((random.next() % 3) as i64);
            sum = sum.wrapping_add(*position);
        }
        self.random = random.next();
        let decided = self.frame >= self.length.least && sum.rem_euclid(16) == 0;
        if decided || self.frame >= self.length.most {
            self.end = Some(self.frame);
        }
    }

    pub fn hash(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write_u32(self.end.unwrap_or(self.frame));
        self.positions.iter().for_each(|position| hasher.write_i64(*position));
        hasher.write_u64(self.random);
        hasher.finish()
    }

    /// Something that an environment must not do.
    pub fn corrupt(&mut self) {
        self.random ^= 1;
    }
}
