//! `greenroom replay`: plays a recorded game again, and says whether it is the one that is recorded.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use greenroom::ids::GameId;
use greenroom::python::keep_streams;
use greenroom::replay::{self, Source, Verdict};
use greenroom::service::JOURNAL;

use super::{Places, replay_serve, study_folder};

/// The arguments.
#[derive(clap::Args)]
pub struct Replay {
    /// Folder of a study's data, such as data/my_study; a service may be writing to it.
    data: PathBuf,
    /// The game, as in `game_id` of the metadata.
    #[arg(value_parser = game)]
    game: GameId,
    /// How much floats may differ, relative or absolute; hashes of states are not compared then.
    #[arg(long, value_name = "X", default_value_t = 0.0, value_parser = not_negative)]
    tolerance: f64,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
    /// Show the game in a browser on this machine instead.
    #[arg(long)]
    serve: bool,
    /// Port to listen on with --serve; 0 for any that is free.
    #[arg(long, requires = "serve", default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    places: Places,
}

pub(super) fn game(given: &str) -> Result<GameId, String> {
    let text = "a game's id is 36 letters, digits and `-`, as in `game_id` of the metadata";
    GameId::try_from(given.to_owned()).map_err(|_| text.into())
}

fn not_negative(given: &str) -> Result<f64, String> {
    match given.parse() {
        Ok(number) if number >= 0.0 && f64::is_finite(number) => Ok(number),
        _ => Err("give a number from 0 on, such as 1e-9".into()),
    }
}

/// Whether the game is the one that is recorded; what differs is on standard output.
pub fn replay(arguments: Replay) -> anyhow::Result<bool> {
    let folder = study_folder(&arguments.data)?;
    if arguments.serve {
        return replay_serve::serve(&folder, arguments.game, arguments.port, &arguments.places);
    }
    let packages = arguments.places.assets.join("python");
    let places = replay::Places { venv: &arguments.places.venv, packages: &packages };
    let source = Source::open(&folder.join(JOURNAL), arguments.game)?;
    // What environments print goes to standard error.
    let (_, mut out) = keep_streams().context("standard output cannot be kept")?;
    let verdict = replay::verify(source, places, arguments.tolerance)?;
    for package in &verdict.packages {
        eprintln!("greenroom: not as when the game was played: {package}");
    }
    match arguments.json {
        true => writeln!(out, "{}", serde_json::to_string_pretty(&verdict)?)?,
        false => out.write_all(told(&verdict).as_bytes())?,
    }
    Ok(verdict.difference.is_none())
}

/// The outcome for people.
fn told(verdict: &Verdict) -> String {
    let Verdict { experiment, game, scene, mode, players, ended, .. } = verdict;
    let players = players.iter().map(|seat| {
        let subject = seat.subject.as_ref().map_or("bot", |subject| subject.as_str());
        format!("{} by {subject}", seat.agent)
    });
    let players: Vec<_> = players.collect();
    let ended = ended.as_deref().unwrap_or("not ended");
    let mut lines = vec![
        format!("game {game} of {experiment}/{scene}, {mode}, {ended}"),
        format!("played: {}", players.join(", ")),
    ];
    for episode in &verdict.episodes {
        let (counted, recorded) = (episode.counted, episode.recorded);
        let whole = if episode.complete { "" } else { ", not played to its end" };
        let hashes = match verdict.tolerance > 0.0 {
            true => "hashes not compared".into(),
            false => format!("{} of {} hashes equal", counted.hashes, recorded.hashes),
        };
        lines.push(format!(
            "episode {}: {} of {} frames played, {} of {} rows equal, {hashes}{whole}",
            episode.episode, counted.frames, recorded.frames, counted.rows, recorded.rows
        ));
    }
    lines.push(match &verdict.difference {
        None if verdict.frames == 0 => "nothing to compare: no frame is recorded".into(),
        None => "equal: the game comes out as it is recorded".into(),
        Some(found) => {
            let what = match found.field.as_str() {
                "state" => "the state's hash is",
                "frames" => "the number of frames is",
                field => &format!("{field} is"),
            };
            let (episode, frame) = (found.episode, found.frame);
            let first = format!(
                "different: episode {episode}, frame {frame}: {what} {} in the record, {} here",
                found.recorded, found.replayed
            );
            match is_perhaps_rounding(verdict) {
                true => format!(
                    "{first}\nThe record was computed in a browser, whose Python may round the last digits of numbers \
                     otherwise; --tolerance 1e-9 lets that pass"
                ),
                false => first,
            }
        }
    });
    let speed = f64::from(verdict.frames) / verdict.seconds;
    lines.push(format!("{} frames in {:.2} s, {speed:.0} a second", verdict.frames, verdict.seconds));
    lines.join("\n") + "\n"
}

fn is_perhaps_rounding(verdict: &Verdict) -> bool {
    let number = |text: &str| text.parse::<f64>().is_ok() && text.contains(['.', 'e']);
    let found = verdict.difference.as_ref();
    let numbers =
        found.is_some_and(|found| found.field == "state" || (number(&found.recorded) && number(&found.replayed)));
    numbers && verdict.mode == "browser" && verdict.tolerance <= 0.0
}
