//! The commands of the command line, one a file: its arguments, and what it does with them.

pub mod check;
pub mod export;
pub mod film;
pub mod new;
pub mod replay;
mod replay_serve;
pub mod run;
pub mod worker;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use greenroom::actors::worker::Launch;
use greenroom::service::JOURNAL;

/// Where the program finds what it needs.
#[derive(clap::Args)]
pub struct Places {
    /// The virtual environment whose Python is used.
    #[arg(long, default_value_os_t = in_the_checkout(".venv"), hide_default_value = true)]
    pub venv: PathBuf,
    /// Folder of the client, the shared Python package and the vendored files.
    #[arg(long, default_value_os_t = in_the_checkout("assets"), hide_default_value = true)]
    pub assets: PathBuf,
}

/// How this program starts itself again, in another role.
///
/// # Errors
/// When it cannot find itself.
pub fn launch(command: &str, places: &Places) -> anyhow::Result<Launch> {
    // Linux finds the running program even when its file has been replaced by a newer one.
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { running } else { std::env::current_exe()? };
    let mut arguments = vec![command.into()];
    for (name, folder) in [("--venv", &places.venv), ("--assets", &places.assets)] {
        arguments.extend([name.into(), std::path::absolute(folder)?.into_os_string()]);
    }
    Ok(Launch { program, arguments })
}

/// A folder of the working directory if it is there, else of the checkout that this program was built from.
fn in_the_checkout(name: &str) -> PathBuf {
    let here = PathBuf::from(name);
    if here.is_dir() { here } else { PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name) }
}

/// The folder of one study's data: the given one, or the only one in it.
///
/// # Errors
/// When there is no journal, or several.
pub fn study_folder(given: &Path) -> anyhow::Result<PathBuf> {
    if given.join(JOURNAL).is_file() {
        return Ok(given.to_owned());
    }
    let entries = std::fs::read_dir(given).with_context(|| format!("cannot read the folder {}", given.display()))?;
    let mut studies: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    studies.retain(|folder| folder.join(JOURNAL).is_file());
    studies.sort();
    match &studies[..] {
        [study] => Ok(study.clone()),
        [] => bail!(
            "there is no {JOURNAL} in {}: give the folder of a study's data, such as data/my_study",
            given.display()
        ),
        several => {
            let names: Vec<_> = several.iter().map(|folder| folder.display().to_string()).collect();
            bail!("{} has several studies: give one of {}", given.display(), names.join(", "))
        }
    }
}
