//! The pictures of a game's scene, as they were when the game was played.
//!
//! They come from the study as the journal keeps it, unpacked into a folder of our own on first use, and from nowhere else.
//! An address is taken apart into names first; none of them can lead out of the folder, and no link is followed out of it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::ids::{GameId, SceneId};
use crate::store::{KeptStudy, PlayedGame, SqliteJournal};

/// Largest picture, in bytes.
const FILE_LIMIT: u64 = 64 << 20;

/// Studies that stay unpacked.
const STUDIES: usize = 4;

/// The unpacked studies, each for the games that were asked for lately.
#[derive(Debug)]
pub struct SceneFiles {
    journal: PathBuf,
    /// Newest last.
    kept: Mutex<Vec<(GameId, Arc<Unpacked>)>>,
}

/// A folder with a scene's pictures; it is gone when nobody uses it any more.
#[derive(Debug)]
struct Unpacked {
    _folder: tempfile::TempDir,
    pictures: Option<PathBuf>,
}

/// Takes an address apart; `None` when it could lead out of a folder, or to what nobody should see.
pub fn checked(address: &str) -> Option<PathBuf> {
    let fine = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['\\', '\0']);
    address.split('/').all(fine).then(|| PathBuf::from(address))
}

impl SceneFiles {
    /// The pictures of a journal's games.
    pub fn new(journal: PathBuf) -> Self {
        Self { journal, kept: Mutex::default() }
    }

    /// A file of a game's scene; `None` when there is no such file.
    ///
    /// # Errors
    /// When the study cannot be unpacked, as a text for the operator.
    pub async fn get(&self, game: &PlayedGame, path: PathBuf) -> Result<Option<Vec<u8>>, String> {
        let unpacked = self.unpacked(game).await?;
        let reading = tokio::task::spawn_blocking(move || {
            unpacked.pictures.as_deref().and_then(|folder| read_below(folder, &path))
        });
        reading.await.map_err(|error| error.to_string())
    }

    async fn unpacked(&self, game: &PlayedGame) -> Result<Arc<Unpacked>, String> {
        // Several pictures are asked for at once: the first request unpacks, the others wait.
        let mut kept = self.kept.lock().await;
        if let Some(at) = kept.iter().position(|(of, _)| *of == game.game) {
            let found = kept.remove(at);
            let unpacked = found.1.clone();
            kept.push(found);
            return Ok(unpacked);
        }
        let (journal, scene, begun_at) = (self.journal.clone(), game.scene.clone(), game.begun_at);
        let unpacking = tokio::task::spawn_blocking(move || unpack(&journal, &scene, begun_at));
        let unpacked = Arc::new(unpacking.await.unwrap_or_else(|error| Err(error.to_string()))?);
        if kept.len() == STUDIES {
            kept.remove(0);
        }
        kept.push((game.game, unpacked.clone()));
        Ok(unpacked)
    }
}

/// The pictures of a scene as they were at a time, in a folder of our own.
fn unpack(journal: &Path, scene: &SceneId, when: crate::time::Timestamp) -> Result<Unpacked, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut journal = SqliteJournal::open_to_read(journal).map_err(|error| error.to_string())?;
    let study = KeptStudy::at(&mut journal, when, folder.path()).map_err(|error| error.to_string())?;
    let gym = study.experiment.stager.gyms().find(|gym| gym.scene_id == *scene);
    let pictures = gym.and_then(|gym| gym.assets_dir.clone());
    Ok(Unpacked { _folder: folder, pictures })
}

/// A file below a folder, if it is there and no link leads out.
fn read_below(folder: &Path, path: &Path) -> Option<Vec<u8>> {
    let (folder, path) = (folder.canonicalize().ok()?, folder.join(path).canonicalize().ok()?);
    if !path.starts_with(&folder) {
        return None;
    }
    let file = std::fs::File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > FILE_LIMIT {
        return None;
    }
    let mut contents = Vec::new();
    file.take(FILE_LIMIT).read_to_end(&mut contents).ok()?;
    Some(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_leads_out_of_the_folder() {
        for bad in
            ["", "..", "../x", "a/../x", "a//b", "/etc/passwd", ".hidden", "a/.hidden", "a/", "a\\b", "a\0", "./a"]
        {
            assert_eq!(checked(bad), None, "{bad:?}");
        }
        assert_eq!(checked("sprites/cat 1.png"), Some("sprites/cat 1.png".into()));
        let folder = tempfile::tempdir().unwrap();
        let pictures = folder.path().join("pictures");
        std::fs::create_dir(&pictures).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        std::fs::write(pictures.join("cat.svg"), "cat").unwrap();
        std::os::unix::fs::symlink("../secret", pictures.join("link.svg")).unwrap();
        assert_eq!(read_below(&pictures, Path::new("cat.svg")).as_deref(), Some(&b"cat"[..]));
        for bad in ["link.svg", "../secret", "dog.svg", ""] {
            assert_eq!(read_below(&pictures, Path::new(bad)), None, "{bad}");
        }
    }
}
