//! The documents of the researcher's own: their files, and what the service puts beside them.

use std::path::Path;

use super::assets::{AssetError, read_folder};
use crate::experiment::{EmbeddedScene, OWN_FOLDER, Source};

/// The library that documents speak to the service with.
pub const LIBRARY: &str = "greenroom-scene.js";

/// Where the addresses of all documents begin.
pub const PREFIX: &str = "assets/document-";

/// The files of a scene, by their names below its address. `own` is the folder with what the service adds.
///
/// # Errors
/// When one of them cannot be read.
pub fn files(scene: &EmbeddedScene, own: &Path) -> Result<Vec<(String, Vec<u8>)>, AssetError> {
    let read = |path: &Path| std::fs::read(path).map_err(|cause| AssetError::Read { path: path.to_owned(), cause });
    let mut files = match &scene.source {
        Source::Folder(folder) => read_folder(folder)?,
        Source::File(file) => vec![(scene.document.clone(), read(file)?)],
        Source::Unknown => Vec::new(),
    };
    // Beside the document, so that it finds the library without knowing where it is served.
    let beside = scene.document.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"));
    let mut added = vec![(format!("{beside}{LIBRARY}"), read(&own.join(LIBRARY))?)];
    if scene.build.is_some() {
        for name in ["unity.html", "unity.js"] {
            added.push((format!("{OWN_FOLDER}/{name}"), read(&own.join(name))?));
        }
    }
    files.retain(|(name, _)| !added.iter().any(|(other, _)| other == name));
    files.extend(added);
    files.sort();
    Ok(files)
}

/// The files that are worth loading before the scene, by their names below its address.
pub fn preloaded(scene: &EmbeddedScene, files: &[(String, Vec<u8>)]) -> Vec<String> {
    match (&scene.build, scene.preload) {
        (_, false) => Vec::new(),
        // The largest last, so that it does not keep the others waiting.
        (Some(build), true) => [&build.loader, &build.framework, &build.wasm, &build.data].map(Clone::clone).into(),
        (None, true) => files.iter().map(|(name, _)| name.clone()).collect(),
    }
}
