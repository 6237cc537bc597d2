//! The pace of one player: how early its inputs arrive, and how much faster or slower its browser should run, so that they
//! arrive just in time.
//!
//! An input's *margin* is the time between its arrival and the closing of its frame; negative when it came too late. The
//! smaller the margin, the less a browser has to predict; below zero the player's inputs are lost to the fallback. The
//! loop below holds the low end of the margins at [`target`]. Each player has a pacing of its own, so that nobody's
//! connection can drag anybody else.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;

use crate::time::Timestamp;

/// Most that a browser is asked to speed up or slow down: 5 %, which players of such games do not notice.
pub const MOST: f64 = 0.05;

/// Margins are judged over this time. Long enough to hold several of a wireless link's hiccups, short enough to follow a
/// change of network.
const WINDOW: Duration = Duration::from_secs(2);

/// Share of the inputs that may arrive with less than the target. A stall of 200 ms once in a [`WINDOW`] (a lost TCP
/// segment) stays within it and moves nothing; constant jitter does not and is given room.
const LOW: f64 = 0.1;

/// Share of the error that is made good per second. The error is known one round trip late; a loop with the delay T
/// does not overshoot while `GAIN` · T < 1/e, which is a round trip of 0.7 s.
const GAIN: f64 = 0.5;

/// Errors that are let be, in milliseconds: below it is measurement noise (timers of browsers, ticks of the service).
const LET_BE: f64 = 3.0;

/// Time between two judgements. A confirmation goes out with every frame; that much thinking is not needed.
const EVERY: Duration = Duration::from_millis(100);

/// Most samples kept, so that a browser that floods costs no memory: two seconds at 120 inputs per second.
const KEPT: usize = 240;

/// The margin aimed at, in milliseconds, for a frame of this length: half a frame, because a frame's inputs come once per
/// frame and anything below half of it is as good as none after one hiccup; at least 8 ms, for the timers of browsers
/// (4 ms) and late ticks (2 ms); at most 25 ms, because jitter does not grow with the frame.
pub fn target(frame: Duration) -> f64 {
    (frame.as_secs_f64() * 500.0).clamp(8.0, 25.0)
}

/// Frames that a client simulates at once when an episode begins, so that its inputs are on time from the first frame on,
/// instead of after seconds at five per cent: the word that it begins comes half a round trip late and inputs take the
/// other half, of which `delay` frames (the input delay) and the frame itself are covered. The prediction bound still holds.
pub fn head_start(round_trip: Duration, frame: Duration, delay: u32) -> u32 {
    let frames = (milliseconds(round_trip) + target(frame)) / milliseconds(frame).max(1.0);
    (frames.ceil().min(1000.0) as u32).saturating_sub(delay + 1)
}

/// The input delay of a player, in frames: `least` (the scene's) where the connection allows it, and as much more as is
/// needed for inputs to be on time without predicting to the `bound`. Otherwise a player with a long way would stand at
/// the bound all the time and each of its inputs would be late. Fixed for an episode: a delay that moves is worse than a
/// long one.
pub fn input_delay(round_trip: Duration, frame: Duration, least: u32, bound: u32) -> u32 {
    least.max(head_start(round_trip, frame, 0).saturating_sub(bound.saturating_sub(SLACK)))
}

/// Frames below the prediction bound that are left for jitter.
const SLACK: u32 = 2;

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A speed: 1 is the scene's fps, 1.05 is 5 % faster.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Pace(f64);

impl Pace {
    /// The scene's fps.
    pub const STEADY: Self = Self(1.0);

    /// The factor, between 0.95 and 1.05.
    pub fn factor(self) -> f64 {
        self.0
    }

    /// The pace that makes good an error (target less margin, in milliseconds).
    fn against(error: f64) -> Self {
        if error.abs() <= LET_BE {
            return Self::STEADY;
        }
        Self(1.0 + (error / 1000.0 * GAIN).clamp(-MOST, MOST))
    }
}

/// What can be seen of a player's pacing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct View {
    /// How early the low end of the inputs arrives, in milliseconds; `None` when none came lately.
    pub margin: Option<i32>,
    /// The pace last advised.
    pub pace: Pace,
}

/// The pace of one player.
#[derive(Debug, Clone)]
pub struct Pacing {
    frame: Duration,
    /// The input delay, in frames.
    delay: u32,
    /// The margin aimed at.
    target: f64,
    samples: VecDeque<Sample>,
    pace: Pace,
    /// Milliseconds by which the advice so far has moved the margins. What was measured before an advice is judged as if
    /// measured now; otherwise the loop would go on correcting what the window has not forgotten yet, and oscillate.
    moved: f64,
    moved_at: Timestamp,
    judged_at: Option<Timestamp>,
    margin: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Timestamp,
    /// The margin less what the advice had moved by then.
    raw: f64,
}

impl Pacing {
    /// A player of whom nothing is known, in a game with frames of this length, with its input delay in frames.
    pub fn new(frame: Duration, delay: u32) -> Self {
        Self {
            frame,
            delay,
            target: target(frame),
            samples: VecDeque::new(),
            pace: Pace::STEADY,
            moved: 0.0,
            moved_at: Timestamp(0),
            judged_at: None,
            margin: None,
        }
    }

    /// The round trip was measured. On a short way the input delay alone makes inputs early: a client that does not even
    /// predict has a margin of the delay less the round trip. It costs nobody anything, and slowing down would not help.
    pub fn measured(&mut self, round_trip: Duration) {
        let unhurried = milliseconds(self.frame) * (f64::from(self.delay) + 0.5) - milliseconds(round_trip);
        self.target = target(self.frame).max(unhurried);
    }

    /// An input arrived `margin` milliseconds before its frame closed, or after (negative).
    pub fn arrived(&mut self, now: Timestamp, margin: i32) {
        self.pass(now);
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample { at: now, raw: f64::from(margin) - self.moved });
    }

    /// What the player is told with the next confirmation. Without inputs in the last two seconds: the scene's fps.
    pub fn advise(&mut self, now: Timestamp) -> Pace {
        if self.judged_at.is_some_and(|at| now.since(at) < EVERY && now >= at) {
            return self.pace;
        }
        self.pass(now);
        self.judged_at = Some(now);
        while self.samples.front().is_some_and(|sample| now.since(sample.at) > WINDOW) {
            self.samples.pop_front();
        }
        self.margin = self.low_end();
        self.pace = self.margin.map_or(Pace::STEADY, |margin| Pace::against(self.target - margin));
        self.pace
    }

    fn low_end(&self) -> Option<f64> {
        let mut raw: Vec<f64> = self.samples.iter().map(|sample| sample.raw).collect();
        let index = (raw.len() as f64 * LOW) as usize;
        let last = raw.len().checked_sub(1)?;
        let (_, low, _) = raw.select_nth_unstable_by(index.min(last), f64::total_cmp);
        Some(*low + self.moved)
    }

    /// Time passes, in which the player is assumed to follow the advice.
    fn pass(&mut self, now: Timestamp) {
        // After a pause nothing of the window counts any more, and neither does what an advice might have done.
        let passed = now.since(self.moved_at).min(WINDOW).as_secs_f64();
        self.moved += (self.pace.0 - 1.0) * passed * 1000.0;
        self.moved_at = now;
    }

    /// Forgets what was measured: the player has a new connection, or the game was paused.
    pub fn forget(&mut self) {
        self.samples.clear();
        self.pace = Pace::STEADY;
        self.margin = None;
        self.judged_at = None;
    }

    /// How early the low end of the inputs arrived at the last judgement, in milliseconds.
    pub fn margin(&self) -> Option<i32> {
        self.margin.map(|margin| margin.round() as i32)
    }

    /// What can be seen of it.
    pub fn view(&self) -> View {
        View { margin: self.margin(), pace: self.pace }
    }

    /// What always holds.
    pub fn check(&self) -> Result<(), &'static str> {
        if (self.pace.0 - 1.0).abs() > MOST + f64::EPSILON {
            return Err("the pace is beyond its bound");
        }
        if self.samples.len() > KEPT {
            return Err("too many samples are kept");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
