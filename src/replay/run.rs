//! Goes through a script, frame by frame, and compares what comes of it with the record.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::compare::{self, Unlike};
use super::script::{Part, Script};
use crate::wire::{FilmDifference, StateHash, Trouble};

/// Where a game is played again.
pub trait Stage {
    /// Stands at the start of an episode.
    ///
    /// # Errors
    /// When the environment fails.
    fn begin(&mut self, episode: u32, seed: u32, globals: Option<&str>) -> Result<(), Trouble>;

    /// Plays a frame, and returns its row.
    ///
    /// # Errors
    /// When the environment fails.
    fn step(&mut self, inputs: &[Bytes]) -> Result<Vec<u8>, Trouble>;

    /// Whether the episode is over.
    fn done(&self) -> bool;

    /// The hash of the present state.
    ///
    /// # Errors
    /// When the environment fails.
    fn hash(&mut self) -> Result<StateHash, Trouble>;
}

/// How far a game is to be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// As far as there is something to compare with. What nobody has a row or a hash of may be what ended the game.
    Recorded,
    /// As far as inputs are known.
    Confirmed,
}

/// What a call to [`Run::next`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// An episode stands at its start.
    Begun {
        /// The episode.
        episode: u32,
    },
    /// A frame was played.
    Played {
        /// The episode.
        episode: u32,
        /// Number of frames that led to where it stands.
        frame: u32,
        /// The row of the last of them.
        row: Vec<u8>,
    },
    /// Nothing more is known for now.
    Waits,
}

/// What was compared of an episode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counted {
    /// Frames that were played.
    pub frames: u32,
    /// Rows that are equal.
    pub rows: u32,
    /// Hashes that are equal.
    pub hashes: u32,
}

/// A game on its way through its script.
#[derive(Debug)]
pub struct Run {
    extent: Extent,
    tolerance: f64,
    /// Whether the record still grows.
    follows: bool,
    /// Frames between two hashes that copies compare: those are taken while it is not known which of them will be.
    interval: Option<u32>,
    /// The episode, and the number of frames of it that were played.
    at: Option<(u32, u32)>,
    counted: BTreeMap<u32, Counted>,
    difference: Option<FilmDifference>,
    /// What the record had nothing for yet.
    rows: BTreeMap<(u32, u32), Vec<u8>>,
    hashes: BTreeMap<(u32, u32), StateHash>,
}

impl Run {
    /// A game that was not begun. With a `tolerance` above 0 hashes are not compared: they are of numbers that may differ.
    pub fn new(extent: Extent, tolerance: f64) -> Self {
        Self {
            extent,
            tolerance,
            follows: false,
            interval: None,
            at: None,
            counted: BTreeMap::new(),
            difference: None,
            rows: BTreeMap::new(),
            hashes: BTreeMap::new(),
        }
    }

    /// The record grows while the game is played again: what it has nothing for yet is kept. `hash_interval` is the number
    /// of frames between two hashes that copies compare, if they do.
    pub fn following(mut self, hash_interval: Option<u32>) -> Self {
        (self.follows, self.interval) = (true, hash_interval);
        self
    }

    /// The first difference.
    pub fn difference(&self) -> Option<&FilmDifference> {
        self.difference.as_ref()
    }

    /// What was compared, by episode.
    pub fn counted(&self) -> &BTreeMap<u32, Counted> {
        &self.counted
    }

    /// The episode, and the number of frames of it that were played.
    pub fn at(&self) -> Option<(u32, u32)> {
        self.at
    }

    /// Does the next thing.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn next(&mut self, script: &mut Script, stage: &mut dyn Stage) -> Result<Moment, Trouble> {
        if let Some((episode, frame)) = self.at {
            let later = script.episodes.range(episode + 1..).next().is_some() || script.ended.is_some();
            if let Some(part) = script.episodes.get_mut(&episode) {
                let done = stage.done();
                if !done && frame < self.extent.frames(part) {
                    return self.play(episode, frame, part, stage);
                }
                self.judge_length(episode, frame, part, done);
                if part.end.is_none() && !later {
                    return Ok(Moment::Waits);
                }
            }
        }
        let next = self.at.map_or(0, |(episode, _)| episode + 1);
        let (seed, globals) = (script.seed(next), script.globals(next));
        let Some(part) = script.episodes.get_mut(&next) else { return Ok(Moment::Waits) };
        stage.begin(next, seed, globals.as_deref())?;
        self.at = Some((next, 0));
        self.counted.entry(next).or_default();
        self.state(next, 0, part, stage)?;
        Ok(Moment::Begun { episode: next })
    }

    /// The record has grown.
    pub fn reconcile(&mut self, script: &mut Script) {
        for ((episode, frame), row) in std::mem::take(&mut self.rows) {
            match script.episodes.get_mut(&episode).and_then(|part| part.rows.remove(&frame)) {
                Some(recorded) => self.row(episode, frame, &recorded, &row),
                None => {
                    self.rows.insert((episode, frame), row);
                }
            }
        }
        for ((episode, frame), hash) in std::mem::take(&mut self.hashes) {
            match script.episodes.get_mut(&episode).and_then(|part| part.hashes.remove(&frame)) {
                Some(recorded) => self.hashed(episode, frame, recorded, hash),
                None => {
                    self.hashes.insert((episode, frame), hash);
                }
            }
        }
    }

    fn play(&mut self, episode: u32, frame: u32, part: &mut Part, stage: &mut dyn Stage) -> Result<Moment, Trouble> {
        let inputs = part.inputs.get(frame as usize).map(Vec::as_slice).unwrap_or_default();
        let row = stage.step(inputs)?;
        let next = frame + 1;
        self.at = Some((episode, next));
        self.counted.entry(episode).or_default().frames = next;
        match part.rows.remove(&frame) {
            Some(recorded) => self.row(episode, frame, &recorded, &row),
            None if self.follows => {
                self.rows.insert((episode, frame), row.clone());
            }
            None => {}
        }
        self.state(episode, next, part, stage)?;
        Ok(Moment::Played { episode, frame: next, row })
    }

    /// Compares a state, if it is one of those that were.
    fn state(&mut self, episode: u32, frame: u32, part: &mut Part, stage: &mut dyn Stage) -> Result<(), Trouble> {
        let recorded = part.hashes.remove(&frame);
        let growing = self.interval.is_some_and(|every| stage.done() || (every > 0 && frame.is_multiple_of(every)));
        if self.tolerance > 0.0 || (recorded.is_none() && !growing) {
            return Ok(());
        }
        let hash = stage.hash()?;
        match recorded {
            Some(recorded) => self.hashed(episode, frame, recorded, hash),
            None => {
                self.hashes.insert((episode, frame), hash);
            }
        }
        Ok(())
    }

    fn row(&mut self, episode: u32, frame: u32, recorded: &[u8], replayed: &[u8]) {
        match compare::rows(recorded, replayed, self.tolerance) {
            None => self.counted.entry(episode).or_default().rows += 1,
            Some(unlike) => self.differs(episode, frame, unlike),
        }
    }

    fn hashed(&mut self, episode: u32, frame: u32, recorded: StateHash, replayed: StateHash) {
        if recorded == replayed {
            self.counted.entry(episode).or_default().hashes += 1;
            return;
        }
        let (recorded, replayed) = (recorded.to_string(), replayed.to_string());
        self.differs(episode, frame, Unlike { field: "state".into(), recorded, replayed });
    }

    /// Whether an episode has as many frames as recorded. It stands after `frame` frames, and is over there or not.
    fn judge_length(&mut self, episode: u32, frame: u32, part: &Part, done: bool) {
        let (recorded, replayed) = match part.end {
            Some(end) if done && end != frame => (end.to_string(), frame.to_string()),
            Some(end) if !done && end == frame => (end.to_string(), format!("more than {frame}")),
            None if done && part.known > frame => (format!("{} or more", part.known), frame.to_string()),
            _ => return,
        };
        self.differs(episode, frame, Unlike { field: "frames".into(), recorded, replayed });
    }

    fn differs(&mut self, episode: u32, frame: u32, unlike: Unlike) {
        let Unlike { field, recorded, replayed } = unlike;
        let known = self.difference.as_ref();
        if known.is_none_or(|known| (episode, frame) < (known.episode, known.frame)) {
            self.difference = Some(FilmDifference { episode, frame, field, recorded, replayed });
        }
    }
}

impl Extent {
    fn frames(self, part: &Part) -> u32 {
        match self {
            Self::Recorded if part.end.is_none() => part.frames().min(part.known),
            Self::Recorded | Self::Confirmed => part.frames(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::GameFact;
    use crate::replay::samples::{self, *};
    use crate::rules::lobby;

    /// Rewards what its only seat does; its state is the sum of that, and it is over after so many frames.
    struct Toy {
        length: u32,
        frame: u32,
        sum: i64,
    }

    impl Stage for Toy {
        fn begin(&mut self, _: u32, _: u32, _: Option<&str>) -> Result<(), Trouble> {
            (self.frame, self.sum) = (0, 0);
            Ok(())
        }

        fn step(&mut self, inputs: &[Bytes]) -> Result<Vec<u8>, Trouble> {
            let action = rmpv::decode::read_value(&mut &inputs[0][..]).unwrap().as_i64().unwrap();
            self.sum += action;
            self.frame += 1;
            Ok(samples::row(self.frame - 1, &[("left", action)], action as f64).into_vec())
        }

        fn done(&self) -> bool {
            self.frame == self.length
        }

        fn hash(&mut self) -> Result<StateHash, Trouble> {
            Ok(StateHash(self.sum as u64))
        }
    }

    fn toy(length: u32) -> Toy {
        Toy { length, frame: 0, sum: 0 }
    }

    fn script(facts: &[crate::facts::Recorded]) -> Script {
        let mut script = shared(&["left"]);
        for fact in facts {
            script.apply(fact).unwrap();
        }
        script
    }

    fn played(actions: &[i64]) -> Vec<serde_bytes::ByteBuf> {
        (0..).zip(actions).map(|(t, action)| samples::row(t, &[("left", *action)], *action as f64)).collect()
    }

    fn frames(actions: &[i64]) -> crate::facts::Recorded {
        let frames: Vec<&[i64]> = actions.iter().map(std::slice::from_ref).collect();
        confirmed(0, 0, &frames)
    }

    fn ended(steps: u32) -> crate::facts::Recorded {
        fact(GameFact::EpisodeEnded { episode: 0, steps })
    }

    fn agreed(frame: u32, hash: u64) -> crate::facts::Recorded {
        fact(GameFact::CopiesAgreed { episode: 0, frame, hash: StateHash(hash) })
    }

    /// Plays until nothing more is known.
    fn through(run: &mut Run, script: &mut Script, toy: &mut Toy) -> u32 {
        let mut count = 0;
        while run.next(script, toy).unwrap() != Moment::Waits {
            count += 1;
        }
        count
    }

    fn difference(facts: &[crate::facts::Recorded], length: u32) -> Option<(u32, String, String, String)> {
        let mut run = Run::new(Extent::Recorded, 0.0);
        through(&mut run, &mut script(facts), &mut toy(length));
        let found = run.difference().cloned()?;
        Some((found.frame, found.field, found.recorded, found.replayed))
    }

    #[test]
    fn an_equal_game_is_counted() {
        let facts = [frames(&[1, 2, 3, 9]), rows(0, 0, &played(&[1, 2, 3])), agreed(0, 0), agreed(3, 6), ended(3)];
        let mut run = Run::new(Extent::Recorded, 0.0);
        assert_eq!(through(&mut run, &mut script(&facts), &mut toy(3)), 4);
        assert_eq!(run.difference(), None);
        assert_eq!(run.counted()[&0], Counted { frames: 3, rows: 3, hashes: 2 });
    }

    #[test]
    fn the_first_difference_is_named() {
        let told = |frame, field: &str, recorded: &str, replayed: &str| {
            Some((frame, field.to_owned(), recorded.to_owned(), replayed.to_owned()))
        };
        let mut wrong = played(&[1, 2, 3]);
        wrong[1] = samples::row(1, &[("left", 2)], 2.5);
        assert_eq!(
            difference(&[frames(&[1, 2, 3]), rows(0, 0, &wrong), agreed(3, 7), ended(3)], 3),
            told(1, "rewards.left", "2.5", "2.0")
        );
        let right = || [frames(&[1, 2, 3, 4]), rows(0, 0, &played(&[1, 2, 3]))];
        let with = |more: crate::facts::Recorded| [&right()[..], &[more]].concat();
        let hash = |hash: u64| StateHash(hash).to_string();
        assert_eq!(difference(&with(agreed(2, 4)), 3), told(2, "state", &hash(4), &hash(3)));
        assert_eq!(difference(&with(ended(3)), 2), told(2, "frames", "3", "2"));
        assert_eq!(difference(&with(ended(3)), 4), told(3, "frames", "3", "more than 3"));
        assert_eq!(difference(&right(), 2), told(2, "frames", "3 or more", "2"));
        assert_eq!(difference(&right(), 4), None, "nobody knows how long an episode was that broke off");
    }

    #[test]
    fn only_what_is_recorded_is_played_unless_more_is_wanted() {
        let facts = [frames(&[1, 2, 3, 4]), rows(0, 0, &played(&[1])), agreed(2, 3)];
        for (extent, count) in [(Extent::Recorded, 2), (Extent::Confirmed, 4)] {
            let mut run = Run::new(extent, 0.0);
            through(&mut run, &mut script(&facts), &mut toy(10));
            assert_eq!(run.counted()[&0], Counted { frames: count, rows: 1, hashes: 1 });
        }
    }

    #[test]
    fn a_growing_record_is_compared_as_it_comes() {
        let mut script = script(&[frames(&[1, 2])]);
        let mut run = Run::new(Extent::Confirmed, 0.0).following(Some(2));
        let mut toy = toy(3);
        assert_eq!(through(&mut run, &mut script, &mut toy), 3);
        assert_eq!(run.counted()[&0].rows, 0);
        for late in [rows(0, 0, &played(&[1, 2])), agreed(2, 3), frames(&[1, 2, 3]), agreed(3, 7)] {
            script.apply(&late).unwrap();
        }
        run.reconcile(&mut script);
        assert_eq!(run.counted()[&0], Counted { frames: 2, rows: 2, hashes: 1 });
        assert_eq!(through(&mut run, &mut script, &mut toy), 1);
        assert_eq!(run.difference().unwrap().field, "state");
        // The next episode begins when it is known of, and not before the last one is over.
        assert_eq!(run.next(&mut script, &mut toy).unwrap(), Moment::Waits);
        script.apply(&lobby(lobby::Fact::Begun { episode: 1 })).unwrap();
        assert_eq!(run.next(&mut script, &mut toy).unwrap(), Moment::Begun { episode: 1 });
    }

    #[test]
    fn with_a_tolerance_hashes_are_not_compared() {
        let mut run = Run::new(Extent::Recorded, 1e-6);
        through(&mut run, &mut script(&[frames(&[1]), agreed(1, 99), ended(1)]), &mut toy(1));
        assert_eq!((run.difference(), run.counted()[&0].hashes), (None, 0));
    }
}
