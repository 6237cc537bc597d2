//! `greenroom film`: the frames of a game for whoever watches it; started by the service and by `greenroom replay --serve`.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::thread;

use anyhow::Context;
use greenroom::ids::GameId;
use greenroom::python::{keep_streams, leave};
use greenroom::replay;
use greenroom::service::JOURNAL;

use super::{Places, study_folder};

/// The arguments.
#[derive(clap::Args)]
pub struct Film {
    /// Folder of a study's data.
    data: PathBuf,
    /// The game.
    #[arg(value_parser = super::replay::game)]
    game: GameId,
    /// Go on until the game has ended.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    places: Places,
}

/// Writes the film to standard output, until there is no more or standard input is closed.
pub fn film(arguments: Film) -> anyhow::Result<bool> {
    let (from, to) = keep_streams().context("the pipes cannot be kept")?;
    thread::Builder::new().name("parent".into()).spawn(move || end_with(from))?;
    let folder = study_folder(&arguments.data)?;
    let packages = arguments.places.assets.join("python");
    let places = replay::Places { venv: &arguments.places.venv, packages: &packages };
    replay::film(&folder.join(JOURNAL), arguments.game, places, arguments.follow, to)?;
    Ok(true)
}

/// Ends this process when the one that started it is gone, whatever Python is doing.
fn end_with(mut parent: File) {
    let mut nothing = [0; 64];
    while parent.read(&mut nothing).is_ok_and(|count| count > 0) {}
    leave()
}
