//! The hashes of a game: whether all copies of its environment agree on what is confirmed.
//!
//! Copies hash their state after a confirmed frame, every so many frames. Each hash is compared with that of the
//! *reference*: the runner if there is one, else the host. A copy that differs is healed with the reference's snapshot;
//! one that differs again right after that is hopeless, since whatever made it differ is still at work.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Hashed frames that are kept for comparison. A copy that is further behind than that is catching up from a snapshot and
/// is compared again when it is back.
const KEPT: u32 = 32;

/// Comparisons after a healing within which another difference is hopeless: one alone could agree by luck, when the
/// field that differs is rarely written.
const PROBATION: u32 = 3;

/// One copy of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replica {
    /// The service's own.
    Runner,
    /// The one in the browser of the player on this seat.
    Player(usize),
}

/// What the ledger finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All copies that are there agree on the state after this frame, and there are at least two.
    Agreed(u32),
    /// A copy differs from the reference after this frame: heal it, and tell [`Ledger::healed`].
    Differs {
        /// The confirmed frame.
        frame: u32,
        /// Which one.
        copy: Replica,
    },
    /// A copy differs again right after it was healed.
    Hopeless {
        /// The confirmed frame.
        frame: u32,
        /// Which one.
        copy: Replica,
    },
}

/// How a copy stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is not there: nobody waits for its hashes.
    Absent,
    /// It agrees as far as is known.
    Sound,
    /// It differs; what it says counts for nothing until it is healed.
    Ill,
    /// It adopted the reference's state; so many comparisons are to follow before it is trusted.
    Probation(u32),
}

/// What can be seen of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// The copy that the others are compared with.
    pub reference: Option<Replica>,
    /// The last frame on which all agreed.
    pub agreed: Option<u32>,
    /// Frames that wait for hashes.
    pub open: usize,
    /// The copies, as pairs of copy and standing.
    pub copies: Vec<(Replica, Standing)>,
    /// Hashes compared.
    pub compared: u64,
    /// Differences found.
    pub differences: u32,
    /// Hashes that came for a frame which is not confirmed, not due, or too old.
    pub ignored: u64,
}

/// The ledger of one episode.
#[derive(Debug, Clone)]
pub struct Ledger {
    every: u32,
    reference: Option<Replica>,
    /// Number of confirmed frames.
    confirmed: u32,
    copies: BTreeMap<Replica, Standing>,
    /// Who left before a difference was made good. Coming back is a healing, too: it brings the reference's state.
    suspects: BTreeSet<Replica>,
    frames: BTreeMap<u32, BTreeMap<Replica, u64>>,
    agreed: Option<u32>,
    compared: u64,
    differences: u32,
    ignored: u64,
}

impl Ledger {
    /// A ledger for hashes after every `every`-th frame: after frame `every` - 1, 2 · `every` - 1, and so on. No copy is
    /// there yet.
    pub fn new(every: u32) -> Self {
        Self {
            every: every.max(1),
            reference: None,
            confirmed: 0,
            copies: BTreeMap::new(),
            suspects: BTreeSet::new(),
            frames: BTreeMap::new(),
            agreed: None,
            compared: 0,
            differences: 0,
            ignored: 0,
        }
    }

    /// Goes on after a restart: `confirmed` frames are in the journal, and `agreed` was the last agreed one.
    pub fn restored(every: u32, confirmed: u32, agreed: Option<u32>) -> Self {
        Self { confirmed, agreed, ..Self::new(every) }
    }

    /// A copy is there, at the start or after it has caught up, or no longer there.
    pub fn present(&mut self, copy: Replica, there: bool) -> Vec<Verdict> {
        let standing = self.copies.entry(copy).or_insert(Standing::Absent);
        match (there, &standing) {
            (true, Standing::Absent) if self.suspects.remove(&copy) => *standing = Standing::Probation(PROBATION),
            (true, Standing::Absent) => *standing = Standing::Sound,
            (false, was) => {
                if matches!(was, Standing::Ill | Standing::Probation(_)) {
                    self.suspects.insert(copy);
                }
                *standing = Standing::Absent;
                self.frames.values_mut().for_each(|hashes| {
                    hashes.remove(&copy);
                });
            }
            (true, _) => {}
        }
        self.agree()
    }

    /// The copy that the others are compared with from now on. It is sound by definition.
    pub fn set_reference(&mut self, copy: Replica) -> Vec<Verdict> {
        self.reference = Some(copy);
        self.copies.insert(copy, Standing::Sound);
        let frames: Vec<u32> = self.frames.keys().copied().collect();
        let mut verdicts: Vec<_> = frames.into_iter().flat_map(|frame| self.compare(frame)).collect();
        verdicts.extend(self.agree());
        verdicts
    }

    /// Frames up to `frame` are confirmed.
    pub fn confirmed(&mut self, frame: u32) {
        self.confirmed = self.confirmed.max(frame.saturating_add(1));
        let oldest = self.oldest();
        self.frames.retain(|frame, _| *frame >= oldest);
    }

    fn oldest(&self) -> u32 {
        self.confirmed.saturating_sub(KEPT.saturating_mul(self.every))
    }

    /// Whether copies hash their state after this frame.
    pub fn due(&self, frame: u32) -> bool {
        frame.wrapping_add(1).is_multiple_of(self.every)
    }

    /// A copy's hash of its state after a frame came.
    pub fn report(&mut self, copy: Replica, frame: u32, hash: u64) -> Vec<Verdict> {
        let counts = matches!(self.copies.get(&copy), Some(Standing::Sound | Standing::Probation(_)));
        if !counts || frame >= self.confirmed || frame < self.oldest() || !self.due(frame) {
            self.ignored += 1;
            return Vec::new();
        }
        let hashes = self.frames.entry(frame).or_default();
        if hashes.contains_key(&copy) {
            self.ignored += 1; // Sent again after a reconnection. The first counts, so that nobody takes a hash back.
            return Vec::new();
        }
        hashes.insert(copy, hash);
        let mut verdicts = if self.reference == Some(copy) {
            self.compare(frame)
        } else {
            self.compare_one(frame, copy).into_iter().collect()
        };
        verdicts.extend(self.agree());
        verdicts
    }

    /// Compares all copies' hashes of a frame whose reference has become known.
    fn compare(&mut self, frame: u32) -> Vec<Verdict> {
        let copies: Vec<Replica> =
            self.frames.get(&frame).into_iter().flat_map(|hashes| hashes.keys().copied()).collect();
        copies.into_iter().filter_map(|copy| self.compare_one(frame, copy)).collect()
    }

    fn compare_one(&mut self, frame: u32, copy: Replica) -> Option<Verdict> {
        let reference = self.reference.filter(|reference| *reference != copy)?;
        let hashes = self.frames.get(&frame)?;
        let equal = hashes.get(&reference)? == hashes.get(&copy)?;
        let standing = self.copies.get_mut(&copy)?;
        self.compared += 1;
        match (equal, &standing) {
            (true, Standing::Probation(left)) if *left > 1 => *standing = Standing::Probation(left - 1),
            (true, Standing::Probation(_)) => *standing = Standing::Sound,
            (true, _) | (false, Standing::Ill | Standing::Absent) => {}
            (false, was) => {
                let hopeless = matches!(was, Standing::Probation(_));
                *standing = Standing::Ill;
                self.differences += 1;
                self.frames.values_mut().for_each(|hashes| {
                    hashes.remove(&copy);
                });
                return Some(match hopeless {
                    true => Verdict::Hopeless { frame, copy },
                    false => Verdict::Differs { frame, copy },
                });
            }
        }
        None
    }

    /// A copy adopted the reference's state; it is compared again.
    pub fn healed(&mut self, copy: Replica) {
        if let Some(standing @ Standing::Ill) = self.copies.get_mut(&copy) {
            *standing = Standing::Probation(PROBATION);
        }
    }

    /// Notes the newest frame on which all who are there agree.
    fn agree(&mut self) -> Vec<Verdict> {
        let Some(reference) = self.reference else { return Vec::new() };
        let voices: Vec<Replica> = self
            .copies
            .iter()
            .filter(|(_, standing)| matches!(standing, Standing::Sound | Standing::Probation(_)))
            .map(|(copy, _)| *copy)
            .collect();
        let newest = self.frames.iter().rev().find(|(_, hashes)| {
            let truth = hashes.get(&reference);
            truth.is_some() && voices.len() > 1 && voices.iter().all(|copy| hashes.get(copy) == truth)
        });
        match newest {
            Some((frame, _)) if self.agreed < Some(*frame) => {
                self.agreed = Some(*frame);
                vec![Verdict::Agreed(*frame)]
            }
            _ => Vec::new(),
        }
    }

    /// The last frame on which all agreed: from there another host can go on.
    pub fn agreed(&self) -> Option<u32> {
        self.agreed
    }

    /// Whether a copy is fit to be the reference.
    pub fn sound(&self, copy: Replica) -> bool {
        self.copies.get(&copy) == Some(&Standing::Sound)
    }

    /// What can be seen of it.
    pub fn view(&self) -> View {
        View {
            reference: self.reference,
            agreed: self.agreed,
            open: self.frames.len(),
            copies: self.copies.iter().map(|(copy, standing)| (*copy, standing.clone())).collect(),
            compared: self.compared,
            differences: self.differences,
            ignored: self.ignored,
        }
    }

    /// What always holds.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.frames.len() > KEPT as usize {
            return Err("more frames are kept than stated");
        }
        if self.frames.keys().any(|frame| *frame >= self.confirmed) || self.agreed >= Some(self.confirmed.max(1)) {
            return Err("a frame that is not confirmed was compared");
        }
        let silent = |copy: &Replica| matches!(self.copies.get(copy), None | Some(Standing::Absent | Standing::Ill));
        if self.frames.values().any(|hashes| hashes.keys().any(silent)) {
            return Err("a hash is kept of a copy that does not count");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
