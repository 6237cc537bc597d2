//! What `world.py` computes, for scripted browsers: rows are a function of the seed and the inputs alone.

use greenroom::wire::Step;
use rmpv::Value;

/// Steps of an episode, as in `study.py`.
pub const ALONE: u32 = 45;
pub const TOGETHER: u32 = 60;

/// A copy of the environment.
#[derive(Debug, Clone)]
pub struct World {
    value: u64,
    t: u32,
    steps: u32,
}

impl World {
    pub fn new(seed: u32, steps: u32) -> Self {
        Self { value: u64::from(seed) % 1_000_003, t: 0, steps }
    }

    /// Plays a frame; the row of it.
    pub fn step(&mut self, actions: &[i64]) -> Step {
        let told: i64 = actions.iter().zip(1..).map(|(action, weight)| weight * (action + 1)).sum();
        self.value = (self.value * 31 + u64::try_from(told).unwrap()) % 1_000_003;
        self.t += 1;
        let by_agent = |of: &dyn Fn(usize) -> Value| {
            Value::Map((0..actions.len()).map(|seat| (format!("a{seat}").into(), of(seat))).collect())
        };
        let over = self.t >= self.steps;
        let row = Value::Map(vec![
            ("t".into(), (self.t - 1).into()),
            ("actions".into(), by_agent(&|seat| actions[seat].into())),
            ("rewards".into(), by_agent(&|seat| Value::F64(((self.value + seat as u64) % 7) as f64))),
            ("terminateds".into(), by_agent(&|_| over.into())),
            ("truncateds".into(), by_agent(&|_| false.into())),
            ("infos".into(), by_agent(&|_| Value::Map(vec![("value".into(), self.value.into())]))),
        ]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &row).unwrap();
        // Time and focus too are the same whenever the row is made.
        Step { row: bytes.into(), at: f64::from(self.t).try_into().unwrap(), focused: true }
    }
}

/// What whoever plays alone does in a step.
pub fn alone_action(seed: u32, t: u32) -> i64 {
    i64::from((seed ^ (t / 4).wrapping_mul(7)) % 5)
}

/// All rows of an episode that is played alone.
pub fn alone_rows(seed: u32) -> Vec<Step> {
    let mut world = World::new(seed, ALONE);
    (0..ALONE).map(|t| world.step(&[alone_action(seed, t)])).collect()
}

/// All rows of the frames of a game that browsers compute.
pub fn together_rows(seed: u32, frames: &[Vec<i64>]) -> Vec<Step> {
    let mut world = World::new(seed, TOGETHER);
    frames.iter().take(TOGETHER as usize).map(|inputs| world.step(inputs)).collect()
}

/// Numbers that are the same again for the same seed: SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub struct Luck(u64);

impl Luck {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of a range.
    pub fn of(&mut self, range: std::ops::Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// True so often of a hundred times.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.of(0..100) < percent
    }
}
