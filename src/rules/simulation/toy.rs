//! Dice, and an environment to play.

use crate::rules::timeline::Input;

/// SplitMix64, as in `rules::seeds`.
#[derive(Clone)]
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

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

/// An environment in which everything depends on everything before, its own randomness included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Toy {
    pub frame: u32,
    pub positions: Vec<i64>,
    pub random: u64,
}

impl Toy {
    pub fn new(players: usize, seed: u64) -> Self {
        Self { frame: 0, positions: vec![0; players], random: seed }
    }

    pub fn step(&mut self, inputs: &[Input]) {
        let mut random = Random(self.random);
        for (position, input) in self.positions.iter_mut().zip(inputs) {
            let step = i64::from(input.first().copied().unwrap_or(0)) - 2;
            *position = position.wrapping_mul(3).wrapping_add(step).wrapping_add((random.next() % 3) as i64);
        }
        self.random = random.next();
        self.frame += 1;
    }

    pub fn hash(&self) -> u64 {
        let mut bytes = self.frame.to_be_bytes().to_vec();
        self.positions.iter().for_each(|position| bytes.extend(position.to_be_bytes()));
        bytes.extend(self.random.to_be_bytes());
        xxhash_rust::xxh3::xxh3_64(&bytes)
    }
}
