//! A film of a game: its frames with pictures, for whoever watches.
//!
//! It is made as fast as the environment can; who shows it keeps time. Of a game that is still running it shows what is
//! confirmed, as soon as the record has it.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_bytes::ByteBuf;
use tokio::time::Instant;

use super::marks::Marks;
use super::run::{Extent, Moment, Run};
use super::script::Script;
use super::source::Source;
use super::{Places, ReplayError};
use crate::ids::GameId;
use crate::python::Performance;
use crate::wire::row::Row;
use crate::wire::{
    FILM_KEY_INTERVAL, FilmEpisode, FilmFrame, FilmVerdict, FilmView, FilmedFrame, Finite, FromFilm, Trouble, encode,
};

/// Time between two looks for new facts.
const LOOK: Duration = Duration::from_millis(50);
/// Least time between two messages that tell how far the film is.
const TELL: Duration = Duration::from_millis(250);

/// Makes a film, and writes it to a pipe. With `follow` it goes on until the game has ended.
///
/// # Errors
/// When the game cannot be played, which is told as the film's last message too.
pub fn film(journal: &Path, game: GameId, places: Places<'_>, follow: bool, to: File) -> Result<(), ReplayError> {
    let mut reel = Reel { to };
    let made = shoot(journal, game, places, follow, &mut reel);
    if let Err(error) = &made {
        let trouble = match error {
            ReplayError::Environment(trouble) => trouble.clone(),
            other => Trouble { message: other.to_string(), traceback: String::new() },
        };
        // Whoever does not read any more needs not be told.
        let _ = reel.write(&FromFilm::Failed(trouble));
    }
    made
}

fn shoot(journal: &Path, game: GameId, places: Places<'_>, follow: bool, reel: &mut Reel) -> Result<(), ReplayError> {
    let mut source = Source::open(journal, game)?;
    let interpreter = source.interpreter(places)?;
    let script = source.script();
    let stage = source.perform(&interpreter, &script.seats, script.people(&source.gym), true);
    let stage = stage.map_err(ReplayError::Environment)?;
    let marks = Marks::new(&script.seats);
    let mut run = Run::new(Extent::Confirmed, 0.0);
    if follow {
        // What one person's browser computes has no hashes to be compared.
        run = run.following(source.gym.group.as_ref().map(|group| group.multiplayer.hash_interval));
    }
    let rewards = vec![0.0; script.seats.len()];
    let looked = Instant::now();
    let mut shooting =
        Shooting { script, marks, run, stage, rewards, told: None, told_at: looked, looked, done: false };
    shooting.look(&mut source)?;
    shooting.tell(&source, reel)?;
    loop {
        match shooting.next() {
            Ok(Some(frame)) => reel.write(&FromFilm::Frame(frame))?,
            Ok(None) if follow && shooting.script.ended.is_none() => {
                shooting.tell_at_times(&source, reel)?;
                thread::sleep(LOOK);
            }
            Ok(None) => break,
            // What nobody has a row or a hash of may be what ended the game.
            Err(_) if shooting.is_beyond_the_record() => break,
            Err(trouble) => return Err(ReplayError::Environment(trouble)),
        }
        if follow && shooting.script.ended.is_none() && shooting.looked.elapsed() >= LOOK {
            shooting.look(&mut source)?;
        }
        shooting.tell_at_times(&source, reel)?;
    }
    shooting.done = true;
    shooting.tell(&source, reel)
}

/// A film in the making.
struct Shooting {
    script: Script,
    marks: Marks,
    run: Run,
    stage: Performance,
    /// By seat, the reward so far in the episode.
    rewards: Vec<f64>,
    /// What was told last, and when.
    told: Option<FilmView>,
    told_at: Instant,
    looked: Instant,
    done: bool,
}

impl Shooting {
    /// Takes what is new in the record.
    fn look(&mut self, source: &mut Source) -> Result<(), ReplayError> {
        self.looked = Instant::now();
        let facts = source.facts()?;
        for recorded in &facts {
            self.script.apply(recorded)?;
            self.marks.apply(recorded);
        }
        if !facts.is_empty() {
            self.run.reconcile(&mut self.script);
        }
        Ok(())
    }

    /// The next frame; `None` when no more is known.
    fn next(&mut self) -> Result<Option<FilmedFrame>, Trouble> {
        let (episode, frame, row) = match self.run.next(&mut self.script, &mut self.stage)? {
            Moment::Begun { episode } => (episode, 0, None),
            Moment::Played { episode, frame, row } => (episode, frame, Row::parse(&row).ok()),
            Moment::Waits => return Ok(None),
        };
        let key = frame % FILM_KEY_INTERVAL == 0;
        let pictures = self.stage.pictures(key)?;
        let complete = match self.stage.views().len() {
            0 => key,
            views => pictures.len() == views && pictures.iter().all(|picture| picture.complete),
        };
        let actions = self.count(row.as_ref());
        let rewards = self.rewards.iter().map(|reward| Finite::try_from(*reward).unwrap_or_default()).collect();
        let shown = FilmFrame { episode, frame, actions, rewards, pictures };
        Ok(Some(FilmedFrame { episode, frame, complete, shown: ByteBuf::from(encode(&shown).to_vec()) }))
    }

    /// Adds up the rewards of a row, and returns what everybody did.
    fn count(&mut self, row: Option<&Row>) -> Vec<String> {
        let Some(row) = row else {
            self.rewards.fill(0.0);
            return vec![String::new(); self.rewards.len()];
        };
        for (sum, seat) in self.rewards.iter_mut().zip(&self.script.seats) {
            *sum += row.of_agent("rewards", &seat.agent).and_then(rmpv::Value::as_f64).unwrap_or_default();
        }
        let action = |agent: &str| {
            let action = row.of_agent("actions", agent)?;
            Some(serde_json::to_string(action).unwrap_or_else(|_| action.to_string()))
        };
        self.script.seats.iter().map(|seat| action(&seat.agent).unwrap_or_default()).collect()
    }

    fn is_beyond_the_record(&self) -> bool {
        let part = self.run.at().and_then(|(episode, frame)| Some((self.script.episodes.get(&episode)?, frame)));
        part.is_some_and(|(part, frame)| part.end.is_none() && frame >= part.known)
    }

    fn tell_at_times(&mut self, source: &Source, reel: &mut Reel) -> Result<(), ReplayError> {
        if self.told_at.elapsed() >= TELL { self.tell(source, reel) } else { Ok(()) }
    }

    /// Tells what is known by now, if that is new.
    fn tell(&mut self, source: &Source, reel: &mut Reel) -> Result<(), ReplayError> {
        self.told_at = Instant::now();
        let view = self.view(source);
        if self.told.as_ref() != Some(&view) {
            reel.write(&FromFilm::View(Box::new(view.clone())))?;
            self.told = Some(view);
        }
        Ok(())
    }

    fn view(&self, source: &Source) -> FilmView {
        let rendering = &source.gym.rendering;
        let episodes = self.script.episodes.iter().map(|(number, part)| FilmEpisode {
            episode: *number,
            seed: self.script.seed(*number),
            frames: part.frames(),
            complete: part.end.is_some(),
            marks: self.marks.of(*number),
        });
        let counted = || self.run.counted().values();
        FilmView {
            experiment: source.study.experiment.id.clone(),
            game: source.game,
            scene: source.gym.scene_id.clone(),
            mode: source.gym.mode,
            fps: rendering.fps,
            width: rendering.game_width,
            height: rendering.game_height,
            background: rendering.background.clone(),
            background_image: rendering.background_image.clone(),
            seats: self.script.seats.clone(),
            views: self.stage.views().to_vec(),
            begun_at: Finite::try_from(source.begun_at.0 as f64).unwrap_or_default(),
            ended: self.script.ended.clone(),
            episodes: episodes.collect(),
            verdict: FilmVerdict {
                rows: counted().map(|counted| counted.rows).sum(),
                hashes: counted().map(|counted| counted.hashes).sum(),
                difference: self.run.difference().cloned(),
                done: self.done,
            },
        }
    }
}

/// Where the film goes.
struct Reel {
    to: File,
}

impl Reel {
    fn write(&mut self, message: &FromFilm) -> io::Result<()> {
        let body = encode(message);
        let length = u32::try_from(body.len()).map_err(|_| io::Error::other("a frame of more than 4 GB"))?;
        self.to.write_all(&[&length.to_be_bytes()[..], &body].concat())
    }
}
