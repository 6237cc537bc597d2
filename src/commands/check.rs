//! `greenroom check`: examines a study without serving it.

use std::path::PathBuf;
use std::time::Duration;

use greenroom::doctor;

use super::Places;

/// The arguments.
#[derive(clap::Args)]
pub struct Check {
    /// The experiment module.
    module: PathBuf,
    /// Only load the study; run no environment.
    #[arg(long)]
    quick: bool,
    /// Game scene to examine, instead of all; may be repeated.
    #[arg(long, value_name = "ID")]
    scene: Vec<String>,
    /// Do not try the environments in the browser's Python, which needs Node.
    #[arg(long)]
    no_browser: bool,
    /// Longest time, in seconds, of the examination of one scene in one Python.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    time_limit: u64,
    /// Folder for the data: wheels that were downloaded for the browser's Python are kept in it.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Folder with wheels for the browser's Python, used before the package index is asked; may be repeated.
    #[arg(long, value_name = "DIR")]
    wheels: Vec<PathBuf>,
    #[command(flatten)]
    places: Places,
}

/// Whether the study is ready, or what is wrong is on standard output.
pub fn check(arguments: Check) -> anyhow::Result<bool> {
    let options = doctor::Options {
        venv: arguments.places.venv,
        assets: arguments.places.assets,
        wheels: arguments.wheels,
        cache: arguments.data.join(".wheels"),
        quick: arguments.quick,
        scenes: arguments.scene,
        browser: !arguments.no_browser,
        limit: Duration::from_secs(arguments.time_limit),
    };
    Ok(doctor::check(&arguments.module, &options, &mut std::io::stdout().lock())?)
}
