//! What a study consists of, as files under names of our own: with them its games can be played again, on another machine
//! and after years.
//!
//! ```text
//! experiment.json                     all scenes with all options
//! module/<file>.py                    the experiment module and the local files that it or its environments import
//! scenes/<scene>/assets/<file>        pictures
//! scenes/<scene>/models/<agent>.onnx  networks
//! ```
//!
//! Names are relative, so that a study which is moved to another folder is still the same.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::experiment::{Experiment, GymScene, Policy, Scene, Stager};
use crate::ids::{SceneId, hex};

/// Most bytes of all files together: they are held in memory at the start, and stored once for each change.
pub const ARCHIVE_LIMIT: u64 = 256 << 20;

/// Name of the file with all scenes.
pub const EXPERIMENT: &str = "experiment.json";
/// Folder of Python files.
pub const MODULE: &str = "module";

/// What stays as it is in the name of an agent's network.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The files of a study.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archive {
    files: BTreeMap<String, Vec<u8>>,
}

/// Why the files of a study cannot be kept, or taken out again.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file cannot be read.
    #[error("cannot read {path}, which belongs to the study: {cause}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {cause}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// There is too much.
    #[error(
        "the study's files (module, pictures, networks) have more than {} MiB together, which is too much to keep them \
         with the data; the largest is {largest} with {} MiB: leave out what no environment needs", limit >> 20, size >> 20
    )]
    TooLarge {
        /// Most bytes.
        limit: u64,
        /// The largest file.
        largest: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The stored form is something else.
    #[error("the kept files of the study are damaged: {0}")]
    Damaged(String),
}

impl Archive {
    /// The files of a study: `folder` is that of its module, `sources` are its local Python files, all below `folder`.
    ///
    /// # Errors
    /// When one of them cannot be read, or they are too large together.
    pub fn of(experiment: &Experiment, folder: &Path, sources: &[PathBuf]) -> Result<Self, ArchiveError> {
        let mut gathered = Gathered { archive: Self::default(), limit: ARCHIVE_LIMIT, size: 0 };
        gathered.put(EXPERIMENT.into(), written(experiment, folder)?)?;
        for source in sources {
            let name = source.strip_prefix(folder).unwrap_or(source);
            gathered.read(format!("{MODULE}/{}", slashed(name)), source)?;
        }
        for gym in experiment.stager.gyms() {
            if let Some(pictures) = &gym.assets_dir {
                gathered.read_folder(&assets_of(&gym.scene_id), pictures)?;
            }
            for (agent, policy) in &gym.policies {
                if let Some(model) = policy.model() {
                    gathered.read(model_of(&gym.scene_id, agent), &model.path)?;
                }
            }
        }
        Ok(gathered.archive)
    }

    /// The files by name.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// SHA-256 of names and contents, in hexadecimal: the same for the same files.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for (name, contents) in &self.files {
            // With lengths, so that no other names and contents give the same bytes.
            for part in [name.as_bytes(), contents] {
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
        }
        hex(&digest.finalize())
    }

    /// The study, as it was described, with places of its files in a folder to which the archive is written.
    ///
    /// # Errors
    /// When it has none, or one that this program cannot read.
    pub fn experiment(&self, written_to: &Path) -> Result<Experiment, ArchiveError> {
        let text =
            self.files.get(EXPERIMENT).ok_or_else(|| ArchiveError::Damaged(format!("{EXPERIMENT} is missing")))?;
        let unreadable = |error| ArchiveError::Damaged(format!("{EXPERIMENT} cannot be read by this version: {error}"));
        let mut experiment: Experiment = serde_json::from_slice(text).map_err(unreadable)?;
        for directory in &mut experiment.static_directories {
            directory.directory = written_to.join(MODULE).join(&directory.directory);
        }
        let scenes = experiment.stager.scenes().iter().cloned().map(|scene| match scene {
            Scene::Gym(mut gym) => {
                self.furnish(&mut gym, written_to);
                Scene::Gym(gym)
            }
            other => other,
        });
        let wrong = |_| ArchiveError::Damaged(format!("the scenes of {EXPERIMENT} are in no order"));
        let flow = experiment.stager.flow().clone();
        experiment.stager = Stager::of(scenes.collect(), flow).map_err(wrong)?;
        Ok(experiment)
    }

    /// Says where the files of a scene are.
    fn furnish(&self, gym: &mut GymScene, written_to: &Path) {
        let assets = assets_of(&gym.scene_id);
        let below = format!("{assets}/");
        let any = self.files.range(below.clone()..).next().is_some_and(|(name, _)| name.starts_with(&below));
        gym.assets_dir = any.then(|| written_to.join(assets));
        for (agent, policy) in &mut gym.policies {
            if let Policy::Model(model) = policy {
                model.path = written_to.join(model_of(&gym.scene_id, agent));
            }
        }
    }

    /// Its stored form: a tar archive, compressed by gzip. The same bytes for the same files.
    ///
    /// # Errors
    /// When a name is too long for an archive.
    pub fn pack(&self) -> Result<Vec<u8>, ArchiveError> {
        let failed = |error: io::Error| ArchiveError::Damaged(format!("it cannot be packed: {error}"));
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        for (name, contents) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(contents.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, &contents[..]).map_err(failed)?;
        }
        tar.into_inner().and_then(GzEncoder::finish).map_err(failed)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the bytes are something else.
    pub fn unpack(packed: &[u8]) -> Result<Self, ArchiveError> {
        let damaged = |error: io::Error| ArchiveError::Damaged(error.to_string());
        let mut files = BTreeMap::new();
        let mut tar = tar::Archive::new(GzDecoder::new(packed));
        for entry in tar.entries().map_err(damaged)? {
            let mut entry = entry.map_err(damaged)?;
            let name = entry.path().map_err(damaged)?.to_string_lossy().into_owned();
            if !Path::new(&name).components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(ArchiveError::Damaged(format!("the name {name:?} leads out of its folder")));
            }
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents).map_err(damaged)?;
            files.insert(name, contents);
        }
        Ok(Self { files })
    }

    /// Writes the files below a folder.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn write_to(&self, folder: &Path) -> Result<(), ArchiveError> {
        for (name, contents) in &self.files {
            let path = folder.join(name);
            let failed = |cause| ArchiveError::Write { path: path.clone(), cause };
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(failed)?;
            }
            std::fs::write(&path, contents).map_err(failed)?;
        }
        Ok(())
    }

    /// The same with another text in a file.
    #[cfg(test)]
    pub(super) fn with(mut self, name: &str, change: impl FnOnce(&str) -> String) -> Self {
        let text = change(std::str::from_utf8(&self.files[name]).unwrap());
        self.files.insert(name.to_owned(), text.into_bytes());
        self
    }

    /// An archive of these files.
    #[cfg(test)]
    pub(super) fn of_files(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect() }
    }
}

/// An archive on its way.
struct Gathered {
    archive: Archive,
    limit: u64,
    size: u64,
}

impl Gathered {
    fn put(&mut self, name: String, contents: Vec<u8>) -> Result<(), ArchiveError> {
        self.check(contents.len() as u64, &name)?;
        self.size += contents.len() as u64;
        self.archive.files.insert(name, contents);
        Ok(())
    }

    /// Refuses what is too much, before a file of `coming` bytes is read.
    fn check(&self, coming: u64, name: &str) -> Result<(), ArchiveError> {
        if self.size + coming <= self.limit {
            return Ok(());
        }
        let sizes = self.archive.files.iter().map(|(name, contents)| (contents.len() as u64, name.as_str()));
        let (size, largest) = sizes.chain([(coming, name)]).max().unwrap_or_default();
        Err(ArchiveError::TooLarge { limit: self.limit, largest: largest.to_owned(), size })
    }

    fn read(&mut self, name: String, path: &Path) -> Result<(), ArchiveError> {
        let failed = |cause| ArchiveError::Read { path: path.to_owned(), cause };
        self.check(std::fs::metadata(path).map_err(failed)?.len(), &name)?;
        self.put(name, std::fs::read(path).map_err(failed)?)
    }

    /// All files that the gateway would serve of a folder.
    fn read_folder(&mut self, name: &str, folder: &Path) -> Result<(), ArchiveError> {
        let failed = |cause| ArchiveError::Read { path: folder.to_owned(), cause };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(file) = entry.file_name().into_string() else { continue };
            if file.starts_with('.') || file == "__pycache__" {
                continue;
            }
            let (path, name) = (entry.path(), format!("{name}/{file}"));
            let metadata =
                std::fs::metadata(&path).map_err(|cause| ArchiveError::Read { path: path.clone(), cause })?;
            if metadata.is_dir() {
                self.read_folder(&name, &path)?;
            } else {
                self.read(name, &path)?;
            }
        }
        Ok(())
    }
}

/// The study as JSON, in which places are relative to the module's folder.
fn written(experiment: &Experiment, folder: &Path) -> Result<Vec<u8>, ArchiveError> {
    let mut experiment = experiment.clone();
    for directory in &mut experiment.static_directories {
        let place = &directory.directory;
        let inside = place.strip_prefix(folder).ok().or_else(|| place.file_name().map(Path::new));
        directory.directory = inside.unwrap_or(place).to_owned();
    }
    serde_json::to_vec_pretty(&experiment).map_err(|error| ArchiveError::Damaged(error.to_string()))
}

fn assets_of(scene: &SceneId) -> String {
    format!("scenes/{scene}/assets")
}

fn model_of(scene: &SceneId, agent: &str) -> String {
    format!("scenes/{scene}/models/{}.onnx", utf8_percent_encode(agent, &PLAIN))
}

/// A path as archives write it.
fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests;
