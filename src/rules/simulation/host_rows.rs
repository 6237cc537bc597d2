//! The rows that the host's page sends, until they are acknowledged (`assets/client/game/host_rows.js`).

use std::collections::VecDeque;

use serde_bytes::ByteBuf;

use crate::wire::{Finite, Step};

pub(super) struct HostRows {
    /// Number of each, and the hash of the state after it.
    buffer: VecDeque<(u32, u64)>,
    /// The next one to go out.
    next: u32,
}

impl HostRows {
    /// Rows from this one on are wanted.
    pub fn new(next: u32) -> Self {
        Self { buffer: VecDeque::new(), next }
    }

    pub fn made(&mut self, rows: Vec<(u32, u64)>) {
        self.buffer.extend(rows);
    }

    /// Whether all rows from there on are here, or are still to be made.
    pub fn covers(&self, from: u32) -> bool {
        self.buffer.front().map_or(self.next, |(first, _)| *first) <= from
    }

    pub fn acknowledged(&mut self, rows: u32) {
        while self.buffer.front().is_some_and(|(row, _)| *row < rows) {
            self.buffer.pop_front();
        }
    }

    pub fn send_from(&mut self, row: u32) {
        self.acknowledged(row);
        self.next = row;
    }

    /// What is not acknowledged goes out again.
    pub fn rewind(&mut self) {
        if let Some((first, _)) = self.buffer.front() {
            self.next = *first;
        }
    }

    pub fn unsent(&self) -> bool {
        self.buffer.back().is_some_and(|(row, _)| *row >= self.next)
    }

    /// What has not been sent on this connection.
    pub fn send(&mut self) -> Option<(u32, Vec<Step>)> {
        let unsent: Vec<_> = self.buffer.iter().filter(|(row, _)| *row >= self.next).collect();
        let (first, _) = **unsent.first()?;
        let steps: Vec<Step> = unsent.iter().map(|(row, hash)| step(*row, *hash)).collect();
        self.next = first + steps.len() as u32;
        Some((first, steps))
    }
}

/// What an agent gets for the frame that led to a state.
pub(super) fn reward(seat: usize, hash: u64) -> f64 {
    (hash % (seat as u64 + 3)) as f64
}

pub(super) fn step(row: u32, hash: u64) -> Step {
    let infos = rmpv::Value::Map(vec![("toy".into(), hash.into())]);
    let rewards = (0..4).map(|seat| (format!("agent_{seat}").into(), reward(seat, hash).into())).collect();
    let rewards = ("rewards".into(), rmpv::Value::Map(rewards));
    let row = rmpv::Value::Map(vec![("t".into(), row.into()), rewards, ("infos".into(), infos)]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &row).expect("writing to memory");
    Step { row: ByteBuf::from(bytes), at: Finite::default(), focused: true }
}
