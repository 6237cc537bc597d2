//! Finds the files of pages and builds when the module is loaded, so that what is missing is told at the researcher's line.

use std::io::Read;
use std::path::{Path, PathBuf};

use pyo3::exceptions::PyFileNotFoundError;
use pyo3::prelude::*;
use sha2::{Digest, Sha256};

use super::given::Given;
use crate::experiment::{Source, UnityBuild};
use crate::ids::hex;

/// What the name of a compressed file ends in.
const PACKED: [&str; 4] = ["", ".br", ".gz", ".unityweb"];

/// What stands in a file whose contents are kept elsewhere by Git.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Names shown of a folder at most.
const SHOWN: usize = 12;

/// Finds a WebGL build: the folder to serve, and its files below that.
///
/// # Errors
/// When a file is missing, empty, or was not fetched.
pub fn find(given: &Given<'_>, directory: &Path, name: &str) -> PyResult<(PathBuf, UnityBuild)> {
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(given.wrong("build_name", "is the name that the build's files begin with, without a folder"));
    }
    let loader = format!("{name}.loader.js");
    let places = [(directory.join(name), "Build/"), (directory.to_owned(), "Build/"), (directory.to_owned(), "")];
    let Some((folder, below)) = places.into_iter().find(|(folder, below)| folder.join(below).join(&loader).is_file())
    else {
        let (old, others) = (directory.join("Build/UnityLoader.js"), loaders(directory));
        let advice = match others.first() {
            _ if old.is_file() => "builds of Unity before 2020 have another form: build it anew".to_owned(),
            Some(other) => format!("there is a build named {other:?}"),
            None => shown_in(directory),
        };
        let fault = format!("is not there, nor in Build or {name}/Build below it");
        return Err(missing(given, "directory", &directory.join(&loader), &fault, &advice));
    };
    let part = |part: &str| -> PyResult<String> {
        let plain = folder.join(below).join(format!("{name}.{part}"));
        for ending in PACKED {
            let file = format!("{name}.{part}{ending}");
            let path = folder.join(below).join(&file);
            match fault(&path) {
                None => return Ok(format!("{below}{file}")),
                Some(fault) if path.exists() => return Err(missing(given, "directory", &path, &fault, "copy it anew")),
                Some(_) => {}
            }
        }
        let fault = "is not there, nor with .br, .gz or .unityweb behind its name";
        Err(missing(given, "directory", &plain, fault, &shown_in(&folder.join(below))))
    };
    let build = UnityBuild {
        name: name.to_owned(),
        loader: part("loader.js")?,
        data: part("data")?,
        framework: part("framework.js")?,
        wasm: part("wasm")?,
        receiver: None,
    };
    Ok((folder, build))
}

/// The names of the builds in a folder.
fn loaders(directory: &Path) -> Vec<String> {
    let suffix = ".loader.js";
    let folders = [directory.to_owned(), directory.join("Build")];
    let found = folders.iter().flat_map(|folder| names_in(folder, &|name| name.ends_with(suffix)));
    found.map(|name| name.trim_end_matches(suffix).to_owned()).collect()
}

fn shown_in(folder: &Path) -> String {
    let names = names_in(folder, &|_| true);
    match names.is_empty() {
        true => format!("{} is empty", folder.display()),
        false => format!("{} has {}", folder.display(), names.join(", ")),
    }
}

/// Some of the names in a folder.
pub fn names_in(folder: &Path, fits: &dyn Fn(&str) -> bool) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> = names.filter(|name| !name.starts_with('.') && fits(name)).collect();
    names.sort();
    names.truncate(SHOWN);
    names
}

/// What is wrong with a file.
pub fn fault(path: &Path) -> Option<String> {
    let mut head = [0; POINTER.len()];
    let read = std::fs::File::open(path).and_then(|mut file| match file.metadata()?.is_file() {
        true => file.read(&mut head),
        false => Err(std::io::Error::other("it is not a file")),
    });
    match read {
        Ok(0) => Some("is empty".into()),
        Ok(_) if head == POINTER => Some("was not fetched: it is a pointer of Git LFS; run `git lfs pull`".into()),
        Ok(_) => None,
        Err(error) => Some(format!("cannot be read ({error})")),
    }
}

/// The exception for a file that is missing.
pub fn missing(given: &Given<'_>, option: &str, path: &Path, fault: &str, advice: &str) -> PyErr {
    let (title, path) = (given.title(), path.display());
    PyFileNotFoundError::new_err(format!(
        "{title}: {option}: {path} {fault}; {advice}; paths are relative to the folder of the experiment module"
    ))
}

/// Digest of all files of a document, in hexadecimal.
///
/// # Errors
/// When one of them cannot be read.
pub fn digest(source: &Source) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    match source {
        Source::Folder(folder) => add_folder(&mut digest, folder, "")?,
        Source::File(file) => add_file(&mut digest, file, "")?,
        Source::Unknown => {}
    }
    Ok(hex(&digest.finalize()))
}

fn add_folder(digest: &mut Sha256, folder: &Path, below: &str) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        // The gateway serves none of these.
        if name.starts_with('.') || name == "__pycache__" {
            continue;
        }
        let name = format!("{below}/{name}");
        match std::fs::metadata(entry.path())?.is_dir() {
            true => add_folder(digest, &entry.path(), &name)?,
            false => add_file(digest, &entry.path(), &name)?,
        }
    }
    Ok(())
}

fn add_file(digest: &mut Sha256, path: &Path, name: &str) -> std::io::Result<()> {
    let contents = std::fs::read(path)?;
    for part in [name.as_bytes(), &contents] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    Ok(())
}
