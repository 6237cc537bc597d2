//! The page of a player in a streamed game: it tells of keys as they change, and shows pictures.

use std::collections::BTreeMap;

use super::Random;
use crate::wire::*;

pub(super) struct Viewer {
    random: Random,
    start: Option<Prepare>,
    playing: bool,
    acts: u32,
    next_key: f64,
    /// Pictures that wait to be drawn, and when the next is.
    waiting: Vec<u32>,
    draws: f64,
    /// The frame on the screen; nothing before the first picture, and after another one was begun.
    screen: Option<u32>,
    pub watched: Watched,
}

/// What a viewer went through, for the checks; by episode.
#[derive(Debug, Default, Clone)]
pub(super) struct Watched {
    /// By the number of frames that led to it, the hash of what was shown.
    pub shown: BTreeMap<u32, BTreeMap<u32, u64>>,
    /// The frame that was on the screen last.
    pub last: BTreeMap<u32, u32>,
    /// Bindings by the number of the act.
    pub acts: BTreeMap<u32, BTreeMap<u32, Option<u32>>>,
    pub echoes: BTreeMap<u32, Vec<Echo>>,
    pub skipped: u32,
}

impl Viewer {
    pub fn new(random: Random) -> Self {
        Self {
            random,
            start: None,
            playing: false,
            acts: 0,
            next_key: f64::INFINITY,
            waiting: Vec::new(),
            draws: f64::INFINITY,
            screen: None,
            watched: Watched::default(),
        }
    }

    pub fn has(&self) -> Option<Progress> {
        let start = self.start.as_ref()?;
        Some(Progress { game: start.game, episode: start.episode, confirmed: self.screen.unwrap_or(0) })
    }

    pub fn frame(&self) -> Option<(u32, u32)> {
        Some((self.start.as_ref()?.episode, self.screen?))
    }

    pub fn next(&self) -> f64 {
        self.draws.min(if self.playing { self.next_key } else { f64::INFINITY })
    }

    pub fn live(&mut self, now: f64, out: &mut Vec<FromPlayer>) {
        let Some(start) = self.start.as_ref() else { return };
        let (game, episode) = (start.game, start.episode);
        if self.draws <= now {
            self.draws = f64::INFINITY;
            if let Some(number) = self.waiting.drain(..).next_back() {
                out.push(FromPlayer::Seen(Seen { game, episode, number }));
            }
        }
        if self.playing && self.next_key <= now {
            self.next_key = now + self.random.wait(4.0);
            self.acts += 1;
            let binding = Some(self.random.below(6)).filter(|binding| *binding < 5);
            self.watched.acts.entry(episode).or_default().insert(self.acts, binding);
            out.push(FromPlayer::Acts(Acts { game, episode, number: self.acts, binding, pointer: None }));
        }
    }

    pub fn hear(&mut self, now: f64, message: &ToBrowser, out: &mut Vec<FromPlayer>) {
        match message {
            ToBrowser::Prepare(start) => {
                self.begin(start);
                out.push(FromPlayer::Prepared(Prepared { game: start.game, episode: start.episode }));
            }
            ToBrowser::CatchUp(catch_up) => {
                self.begin(&catch_up.start);
                // Its first picture is a complete one.
                self.screen = None;
                assert!(catch_up.snapshot.is_none() && catch_up.confirmed.frames.is_empty());
                let (game, episode) = (catch_up.start.game, catch_up.start.episode);
                self.play(now, catch_up.running);
                out.push(FromPlayer::CaughtUp(CaughtUp { game, episode }));
            }
            ToBrowser::Begin(_) => self.play(now, true),
            ToBrowser::Over(_) => self.playing = false,
            ToBrowser::Paused(said) => {
                self.playing = false;
                if let Some(start) = self.start.as_ref().filter(|start| said.waiting_for.contains(&start.seat)) {
                    out.push(FromPlayer::CaughtUp(CaughtUp { game: start.game, episode: said.episode }));
                }
            }
            ToBrowser::Picture(picture) => self.picture(now, picture),
            ToBrowser::Echo(echo) => {
                let known = self.watched.echoes.entry(echo.episode).or_default();
                let acts = &self.watched.acts;
                assert!(acts.get(&echo.episode).is_some_and(|acts| acts.contains_key(&echo.number)), "not its own act");
                let rising = known.last().is_none_or(|last| last.number < echo.number && last.frame < echo.frame);
                assert!(rising, "echoes are not in order: {known:?} {echo:?}");
                known.push(*echo);
            }
            ToBrowser::Away(_) | ToBrowser::Back(_) => {}
            other => panic!("a page without a copy was told {other:?}"),
        }
    }

    fn begin(&mut self, start: &Prepare) {
        let same = self.start.as_ref().is_some_and(|known| (known.game, known.episode) == (start.game, start.episode));
        self.start = Some(start.clone());
        self.waiting.clear();
        if !same {
            (self.acts, self.screen, self.playing) = (0, None, false);
        }
    }

    fn play(&mut self, now: f64, runs: bool) {
        self.playing = runs;
        if runs && self.next_key <= now || self.next_key.is_infinite() {
            self.next_key = now + self.random.wait(4.0);
        }
    }

    fn picture(&mut self, now: f64, picture: &Picture) {
        let start = self.start.as_ref().expect("a picture of a game");
        assert_eq!(picture.episode, start.episode, "a picture of another episode");
        let (before, hash) = picture.draw.as_ref().and_then(|draw| draw.split_once(' ')).unwrap();
        let before: i64 = before.parse().unwrap();
        if before >= 0 {
            assert_eq!(self.screen.map(i64::from), Some(before), "a change of what is not on the screen");
        } else if self.screen.is_some_and(|screen| screen + 1 < picture.frame) {
            self.watched.skipped += 1;
        }
        self.screen = Some(picture.frame);
        let shown = self.watched.shown.entry(picture.episode).or_default();
        shown.insert(picture.frame, hash.parse().unwrap());
        self.watched.last.insert(picture.episode, picture.frame);
        self.waiting.push(picture.number);
        self.draws = self.draws.min(now + self.random.between(0.0, 17.0));
    }
}
