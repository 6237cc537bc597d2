//! A file that is there as a whole or not at all.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A file being written under another name; it is removed if it is not finished.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
    finished: bool,
}

impl Draft {
    /// Begins the file that will be at `path`.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        // Two exports at a time do not meet.
        name.push(format!(".{}.part", std::process::id()));
        let temporary = folder.join(name);
        let file = File::create(&temporary)?;
        Ok(Self { path: path.to_owned(), temporary, file, finished: false })
    }

    /// Where to write to.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// All is written: puts the file in its place, durably.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.temporary, &self.path)?;
        self.finished = true;
        File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.finished {
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}
