//! The files of a folder, read as a whole.

use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::AssetError;

/// All files of one folder together may have this size.
pub const FOLDER_LIMIT: u64 = 512 << 20;

/// Its files and those of the folders in it, by their paths from it.
pub fn read_folder(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, AssetError> {
    let mut files = Vec::new();
    let mut size = 0;
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = folders.pop() {
        let failed = |cause| AssetError::Read { path: path.clone(), cause };
        for entry in std::fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // Editors, caches and version control leave such files; none is meant for participants.
            if name.starts_with('.') || name == "__pycache__" {
                continue;
            }
            let (path, address) = (entry.path(), format!("{prefix}{name}"));
            let metadata = std::fs::metadata(&path).map_err(|cause| AssetError::Read { path: path.clone(), cause })?;
            if metadata.is_dir() {
                folders.push((path, format!("{address}/")));
                continue;
            }
            size += metadata.len();
            if size > FOLDER_LIMIT {
                return Err(AssetError::TooLarge { path: folder.to_owned() });
            }
            let contents = std::fs::read(&path).map_err(|cause| AssetError::Read { path: path.clone(), cause })?;
            files.push((address, contents));
        }
    }
    files.sort();
    Ok(files)
}

/// The same for files with the same names and contents.
pub fn digest_of(files: &[(String, Vec<u8>)]) -> u64 {
    let mut digest = Vec::new();
    for (path, contents) in files {
        digest.extend_from_slice(path.as_bytes());
        digest.extend_from_slice(&xxh3_128(contents).to_be_bytes());
    }
    xxh3_128(&digest) as u64
}
