//! The operator's key: what opens the operator's page.

use std::fmt;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::ids::hex;

/// File of the key in the folder of a study's data.
pub const KEY_FILE: &str = "operator.key";

/// The operator's key: 128 random bits, written as 32 hexadecimal digits. `Debug` does not show it, so that it cannot reach
/// a log.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorKey(String);

/// The key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its file cannot be read or written.
    #[error("cannot keep the operator's key in {path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Its file holds something else.
    #[error("{0} holds no key, which is 32 hexadecimal digits: delete the file, and the next start makes a new one")]
    Content(PathBuf),
    /// There are no random numbers.
    #[error("the system has no random numbers for the operator's key: {0}")]
    Random(getrandom::Error),
}

impl OperatorKey {
    /// A key that nobody knows yet.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn fresh() -> Result<Self, KeyError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(KeyError::Random)?;
        Ok(Self(hex(&random)))
    }

    /// The key of the study whose data is in `folder`: the one that is kept there, or a new one, kept from now on.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds something else.
    pub fn of_study(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join(KEY_FILE);
        let failed = |cause| KeyError::File { path: path.clone(), cause };
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let mode = std::fs::metadata(&path).map_err(failed)?.permissions().mode();
                if mode & 0o077 != 0 {
                    tracing::warn!(path = %path.display(), "others on this machine can read the operator's key");
                }
                let key = text.trim();
                let valid = key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
                return if valid { Ok(Self(key.to_owned())) } else { Err(KeyError::Content(path)) };
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        std::fs::create_dir_all(folder).map_err(failed)?;
        let key = Self::fresh()?;
        // A temporary file is the owner's alone; it gets its name when it is complete.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        writeln!(file, "{}", key.0).map_err(failed)?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(key),
            // Somebody else was faster.
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Self::of_study(folder),
            Err(error) => Err(failed(error.error)),
        }
    }

    /// The key, to be told to the operator.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether somebody has it. Digests are compared, so that the time it takes tells nothing of the key.
    pub fn is(&self, given: &str) -> bool {
        Sha256::digest(&self.0) == Sha256::digest(given)
    }
}

impl fmt::Debug for OperatorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let study = folder.path().join("study");
        let key = OperatorKey::of_study(&study).unwrap();
        assert_eq!(OperatorKey::of_study(&study).unwrap(), key);
        let path = study.join(KEY_FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&study).unwrap().count(), 1);
        assert!(key.is(key.text()) && !key.is("") && !key.is(&key.text()[1..]));
        std::fs::remove_file(&path).unwrap();
        assert_ne!(OperatorKey::of_study(&study).unwrap(), key, "who deletes the file gets another one");
        assert_eq!(format!("{key:?}"), "OperatorKey(..)");
    }

    #[test]
    fn a_file_that_holds_no_key_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "hello", "0123456789abcdef0123456789abcdeg"] {
            std::fs::write(folder.path().join(KEY_FILE), text).unwrap();
            let error = OperatorKey::of_study(folder.path()).unwrap_err().to_string();
            assert!(error.contains("delete the file"), "{error}");
        }
    }
}
