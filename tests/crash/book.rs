//! What was told to the scripted browsers, and must therefore be so for ever. Whatever is told twice has to be told alike.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use greenroom::ids::GameId;

/// What one participant was told.
#[derive(Debug, Default)]
pub struct Told {
    /// The scene of each visit.
    pub scenes: BTreeMap<u32, String>,
    /// The code of each visit.
    pub codes: BTreeMap<u32, String>,
    /// The game of each visit.
    pub games: BTreeMap<u32, GameId>,
    /// It reached the last page.
    pub ended: bool,
    /// It went away for good.
    pub gone: bool,
    /// When it was heard of last, and what it was doing.
    pub doing: String,
}

/// An episode of a game, as all its players together were told.
#[derive(Debug, Default)]
pub struct Episode {
    pub seed: Option<u32>,
    /// Rows that were acknowledged.
    pub acknowledged: u32,
    /// Confirmed frames.
    pub frames: BTreeMap<u32, Vec<Vec<u8>>>,
    /// The newest frame that a picture was shown of.
    pub shown: u32,
}

/// A game, as all its players together were told.
#[derive(Debug, Default)]
pub struct Game {
    pub seats: BTreeMap<String, u32>,
    pub episodes: BTreeMap<u32, Episode>,
    /// When it went on last.
    moved: Option<Instant>,
    /// When the service was killed, if it has not gone on since.
    killed: Option<Instant>,
    over: bool,
    scene: String,
}

#[derive(Debug, Default)]
pub struct Pages {
    pub people: BTreeMap<String, Told>,
    pub games: BTreeMap<String, Game>,
    /// By scene, from the last kill to the game's next frame or acknowledgement.
    pub resumed: BTreeMap<String, Vec<Duration>>,
    /// Games that were interrupted, that were so again before they went on, and that ended before they did.
    pub interrupted: usize,
    pub again: usize,
    pub ended: usize,
    pub problems: Vec<String>,
    pub refusals: BTreeMap<String, u32>,
    pub reconnections: u32,
}

/// Games that did not move for longer than this were not running.
const RUNNING: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Default)]
pub struct Book(Arc<Mutex<Pages>>);

impl Book {
    pub fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    pub fn problem(&mut self, problem: impl Into<String>) {
        let problem = problem.into();
        eprintln!("PROBLEM {problem}");
        self.problems.push(problem);
    }

    fn once<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, known: Option<T>, now: &T) {
        if let Some(known) = known.filter(|known| known != now) {
            self.problem(format!("{what}: was told {known:?}, and now {now:?}"));
        }
    }

    pub fn told(&mut self, subject: &str) -> &mut Told {
        self.people.entry(subject.to_owned()).or_default()
    }

    pub fn doing(&mut self, subject: &str, what: impl Into<String>) {
        self.told(subject).doing = what.into();
    }

    pub fn scene(&mut self, subject: &str, visit: u32, scene: &str) {
        let known = self.told(subject).scenes.insert(visit, scene.to_owned());
        self.once(&format!("{subject}, scene of visit {visit}"), known, &scene.to_owned());
        let newest = self.told(subject).scenes.keys().next_back().copied().unwrap_or(0);
        if newest > visit {
            self.problem(format!("{subject}: is led back from visit {newest} to visit {visit}"));
        }
    }

    pub fn code(&mut self, subject: &str, visit: u32, code: &str) {
        let known = self.told(subject).codes.insert(visit, code.to_owned());
        self.once(&format!("{subject}, code of visit {visit}"), known, &code.to_owned());
        let others = self.people.iter().filter(|(other, _)| *other != subject);
        let owner = others.flat_map(|(other, told)| told.codes.values().map(move |known| (known, other)));
        if let Some((_, other)) = owner.into_iter().find(|(known, _)| *known == code) {
            let other = other.clone();
            self.problem(format!("{subject} and {other} have the same code {code}"));
        }
    }

    /// The codes that the last page shows are those of the way.
    pub fn ended(&mut self, subject: &str, codes: &BTreeSet<String>) {
        let told = self.told(subject);
        told.ended = true;
        let known: BTreeSet<String> = told.codes.values().cloned().collect();
        if !known.is_subset(codes) {
            self.problem(format!("{subject}: the last page shows {codes:?}, on the way it was {known:?}"));
        }
    }

    pub fn game(&mut self, subject: &str, visit: u32, game: GameId) {
        let known = self.told(subject).games.insert(visit, game);
        self.once(&format!("{subject}, game of visit {visit}"), known, &game);
        let scene = self.told(subject).scenes.get(&visit).cloned().unwrap_or_default();
        self.games.entry(game.to_string()).or_default().scene = scene;
    }

    pub fn seat(&mut self, subject: &str, game: GameId, seat: u32) {
        let seats = &mut self.games.entry(game.to_string()).or_default().seats;
        let known = seats.insert(subject.to_owned(), seat);
        let shared = seats.iter().any(|(other, taken)| other != subject && *taken == seat);
        self.once(&format!("{subject}, seat in {game}"), known, &seat);
        if shared {
            self.problem(format!("two have seat {seat} of game {game}"));
        }
    }

    fn episode(&mut self, game: GameId, episode: u32) -> &mut Episode {
        self.games.entry(game.to_string()).or_default().episodes.entry(episode).or_default()
    }

    pub fn seed(&mut self, game: GameId, episode: u32, seed: u32) {
        let known = self.episode(game, episode).seed.replace(seed);
        self.once(&format!("seed of {game}, episode {episode}"), known, &seed);
    }

    pub fn acknowledged(&mut self, game: GameId, episode: u32, steps: u32) {
        let known = &mut self.episode(game, episode).acknowledged;
        let before = std::mem::replace(known, steps.max(*known));
        if steps > before {
            self.moved(game);
        }
    }

    /// So many rows of an episode are there, says the service.
    pub fn has_rows(&mut self, game: GameId, episode: u32, rows: u32) {
        let known = self.episode(game, episode).acknowledged;
        if rows < known {
            self.problem(format!("game {game}, episode {episode}: {known} rows were acknowledged, {rows} are there"));
        }
    }

    pub fn confirmed(&mut self, game: GameId, episode: u32, frame: u32, inputs: Vec<Vec<u8>>) {
        match self.episode(game, episode).frames.insert(frame, inputs.clone()) {
            None => self.moved(game),
            known => self.once(&format!("game {game}, episode {episode}, frame {frame}"), known, &inputs),
        }
    }

    pub fn shown(&mut self, game: GameId, episode: u32, frame: u32) {
        let known = &mut self.episode(game, episode).shown;
        if frame > *known {
            *known = frame;
            self.moved(game);
        }
    }

    fn moved(&mut self, game: GameId) {
        let game = self.games.entry(game.to_string()).or_default();
        game.moved = Some(Instant::now());
        if let Some(killed) = game.killed.take() {
            let scene = game.scene.clone();
            self.resumed.entry(scene).or_default().push(killed.elapsed());
        }
    }

    pub fn over(&mut self, game: GameId) {
        let game = self.games.entry(game.to_string()).or_default();
        game.over = true;
        let interrupted = game.killed.take().is_some();
        self.ended += usize::from(interrupted);
    }

    /// The service is being killed, and with it all games that run.
    pub fn killed(&mut self) {
        let now = Instant::now();
        let runs = |game: &&mut Game| {
            !game.over && (game.killed.is_some() || game.moved.is_some_and(|moved| now - moved < RUNNING))
        };
        for game in self.games.values_mut().filter(runs) {
            match game.killed.replace(now) {
                None => self.interrupted += 1,
                Some(_) => self.again += 1,
            }
        }
    }
}
