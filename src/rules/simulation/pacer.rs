//! When a copy goes on, and by how many frames: the browser's pacer (`assets/client/worker/pacer.js`) in Rust.

use std::collections::VecDeque;

/// How many of the last ticks tell how far ahead the copy usually is.
const LEADS: usize = 30;

/// Ticks after a trouble within which the lead is regained: the confirmations of a stall come in several messages.
const REGAIN_TICKS: u32 = 3;

#[derive(Debug, Clone)]
pub(super) struct Pacer {
    period: f64,
    bound: u32,
    pub factor: f64,
    start: f64,
    due: f64,
    /// Frames ahead of what is confirmed, at the last ticks. Whoever falls behind or has waited goes back to the median of
    /// it at once: at five per cent it would take seconds, in which all inputs are late.
    leads: VecDeque<u32>,
    regaining: u32,
    pub running: bool,
    /// Ticks at which the bound did not let the copy go on.
    pub waited: u32,
}

impl Pacer {
    /// `period` is a frame's length by the browser's own clock.
    pub fn new(period: f64, bound: u32) -> Self {
        Self {
            period,
            bound,
            factor: 1.0,
            start: f64::INFINITY,
            due: f64::INFINITY,
            leads: [0].into(),
            regaining: 0,
            running: false,
            waited: 0,
        }
    }

    pub fn begin(&mut self, now: f64, delay: f64, head_start: u32) {
        self.running = true;
        self.start = now + delay;
        self.due = self.start;
        self.leads = [head_start].into();
        self.regaining = REGAIN_TICKS;
    }

    pub fn pause(&mut self) {
        self.running = false;
        self.due = f64::INFINITY;
    }

    /// More was confirmed than the copy could take along with a tick.
    pub fn fall_behind(&mut self) {
        self.regaining = REGAIN_TICKS;
    }

    pub fn lead(&self) -> u32 {
        let mut leads: Vec<u32> = self.leads.iter().copied().collect();
        let middle = leads.len() / 2;
        let (_, lead, _) = leads.select_nth_unstable(middle);
        (*lead).min(self.bound)
    }

    /// When the next tick is due.
    pub fn due(&self) -> f64 {
        self.due
    }

    /// Whether news should be taken at once instead of at the next tick.
    pub fn eager(&self, frame: u32, confirmed: u32) -> bool {
        !self.running || confirmed > frame || self.regaining > 0
    }

    /// By how many frames the copy goes on, when a tick is due and after news.
    pub fn advance(&mut self, now: f64, frame: u32, confirmed: u32) -> u32 {
        if !self.running || now < self.start {
            return 0;
        }
        let overdue = now - self.due;
        let missed = overdue > 2.0 * self.period;
        if missed || confirmed > frame {
            self.regaining = REGAIN_TICKS;
        }
        let from = frame.max(confirmed);
        let mut to = if self.regaining > 0 { from.max(confirmed + self.lead()) } else { from };
        if overdue < 0.0 {
            return to - from;
        }
        self.due = if missed { now } else { self.due } + self.period / self.factor;
        if to - confirmed >= self.bound {
            self.waited += 1;
            self.regaining = REGAIN_TICKS;
            return to - from;
        }
        to += 1;
        self.regaining = self.regaining.saturating_sub(1);
        self.leads.push_back(to - confirmed);
        if self.leads.len() > LEADS {
            self.leads.pop_front();
        }
        to - from
    }
}
