//! Whether a whole game comes out as it is recorded.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::run::{Counted, Extent, Moment, Run};
use super::source::{Source, name_of};
use super::{Places, ReplayError};
use crate::ids::{ExperimentId, GameId, SceneId};
use crate::wire::{FilmDifference, FilmSeat};

/// What came of playing a game again.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The study.
    pub experiment: ExperimentId,
    /// The game.
    pub game: GameId,
    /// Its scene.
    pub scene: SceneId,
    /// Where its environment ran: `browser`, `authoritative` or `streamed`.
    pub mode: &'static str,
    /// Who played, in the order of the seats; without a subject a bot.
    pub players: Vec<FilmSeat>,
    /// How the game ended; absent while it is played, or when nobody came back to it.
    pub ended: Option<String>,
    /// What was compared.
    pub episodes: Vec<Episode>,
    /// The first difference.
    pub difference: Option<FilmDifference>,
    /// How much floats were allowed to differ.
    pub tolerance: f64,
    /// How Python and its packages differ from those that the game was played with.
    pub packages: Vec<String>,
    /// Frames that were played.
    pub frames: u32,
    /// Time that this took, without starting Python and making the environment.
    pub seconds: f64,
}

/// An episode of a game that was played again.
#[derive(Debug, Clone, Serialize)]
pub struct Episode {
    /// Counted from 0.
    pub episode: u32,
    /// Whether it had been played to its end.
    pub complete: bool,
    /// What was compared.
    #[serde(flatten)]
    pub counted: Counted,
    /// Rows and hashes that are recorded.
    pub recorded: Recorded,
}

/// What the record has of an episode.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Recorded {
    /// Frames whose inputs are fixed, or that the episode had.
    pub frames: u32,
    /// Rows.
    pub rows: u32,
    /// Hashes.
    pub hashes: u32,
}

/// Plays a game as far as it is recorded, or to the first difference.
///
/// # Errors
/// When it cannot be played.
pub fn verify(mut source: Source, places: Places<'_>, tolerance: f64) -> Result<Verdict, ReplayError> {
    let mut script = source.script();
    for recorded in source.facts()? {
        script.apply(&recorded)?;
    }
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let recorded = |part: &super::script::Part| Recorded {
        frames: part.frames(),
        rows: count(part.rows.len()),
        hashes: count(part.hashes.len()),
    };
    let recorded: Vec<_> = script.episodes.iter().map(|(number, part)| (*number, recorded(part))).collect();

    let interpreter = source.interpreter(places)?;
    let packages = source.moved(&interpreter);
    let (players, people) = (script.seats.clone(), script.people(&source.gym));
    let stage = source.perform(&interpreter, &players, people, false);
    let mut stage = stage.map_err(ReplayError::Environment)?;
    let mut run = Run::new(Extent::Recorded, tolerance);
    let began = Instant::now();
    while run.difference().is_none() {
        if run.next(&mut script, &mut stage).map_err(ReplayError::Environment)? == Moment::Waits {
            break;
        }
    }
    let seconds = began.elapsed();
    let episodes = recorded.into_iter().map(|(episode, recorded)| Episode {
        episode,
        complete: script.episodes.get(&episode).is_some_and(|part| part.end.is_some()),
        counted: run.counted().get(&episode).copied().unwrap_or_default(),
        recorded,
    });
    Ok(Verdict {
        experiment: source.study.experiment.id.clone(),
        game: source.game,
        scene: source.gym.scene_id.clone(),
        mode: name_of(source.gym.mode),
        players,
        ended: script.ended.clone(),
        episodes: episodes.collect(),
        difference: run.difference().cloned(),
        tolerance,
        packages,
        frames: run.counted().values().map(|counted| counted.frames).sum(),
        seconds: seconds.max(Duration::from_micros(1)).as_secs_f64(),
    })
}
