//! `greenroom new`: a folder with a study to begin from, which runs as it is.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use greenroom::ids::ExperimentId;

use super::Places;

/// The arguments.
#[derive(clap::Args)]
pub struct New {
    /// The folder to make. Its name becomes the study's.
    folder: PathBuf,
    #[command(flatten)]
    places: Places,
}

/// What the files of the template say where the study's own words belong.
const NAME: &str = "my-study";
/// Where editors find the classes and their types.
const PACKAGE: &str = "GREENROOM_PACKAGE";
/// The virtual environment whose Python the study runs in.
const VENV: &str = "GREENROOM_VENV";

/// Makes the folder, unless something is there already.
///
/// # Errors
/// When its name cannot name a study, something is in the way, or a file cannot be written.
pub fn make(arguments: &New) -> anyhow::Result<()> {
    let folder = std::path::absolute(&arguments.folder)?;
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let id: ExperimentId = name.parse().with_context(|| format!("the folder {name:?} is to name the study"))?;
    let occupied = match fs::read_dir(&folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(error).with_context(|| format!("cannot make the folder {}", folder.display())),
    };
    if occupied {
        bail!("{} is there already, and nothing in it was changed: choose another name", folder.display());
    }
    let fills = [
        (NAME, id.as_str().to_owned()),
        (PACKAGE, shown(&arguments.places.assets.join("python"))?),
        (VENV, shown(&arguments.places.venv)?),
    ];
    let template = arguments.places.assets.join("template");
    let mut files = Vec::new();
    copy(&template, &folder, &fills, &mut files)
        .with_context(|| format!("cannot copy {} to {}", template.display(), folder.display()))?;
    files.sort();

    let mut told = format!("Made the study {id}:\n\n");
    for file in &files {
        told.push_str(&format!("  {}\n", arguments.folder.join(file).display()));
    }
    let study = arguments.folder.join("study.py");
    told.push_str(&format!(
        "\nIt runs as it is:\n\n  greenroom check {study}\n  greenroom run {study}\n\n{readme} says what is what.\n",
        study = study.display(),
        readme = arguments.folder.join("README.md").display(),
    ));
    // The folder is made, whoever reads this.
    let _ = std::io::stdout().lock().write_all(told.as_bytes());
    Ok(())
}

/// A path as text within the files: with `/`, and without what would end a string there.
fn shown(path: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(path)?;
    let text = path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
    let quoted = serde_json::to_string(text)?;
    Ok(quoted.trim_matches('"').to_owned())
}

/// Copies a folder of the template, and notes the files by their paths in it.
fn copy(from: &Path, to: &Path, fills: &[(&str, String)], files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        fs::create_dir_all(to.join(&inside))?;
        for entry in fs::read_dir(from.join(&inside))? {
            let entry = entry?;
            let path = inside.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                // Left behind by whoever has tried the template itself.
                if entry.file_name() != "__pycache__" {
                    folders.push(path);
                }
                continue;
            }
            let contents = fs::read(entry.path())?;
            let contents = match String::from_utf8(contents) {
                Ok(text) => fills.iter().fold(text, |text, (hole, fill)| text.replace(hole, fill)).into_bytes(),
                Err(picture) => picture.into_bytes(),
            };
            // Never over a file that has come there meanwhile.
            fs::OpenOptions::new().write(true).create_new(true).open(to.join(&path))?.write_all(&contents)?;
            files.push(path);
        }
    }
    Ok(())
}
