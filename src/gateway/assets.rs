//! Files for browsers, held in memory under their addresses: what is not in the table is not served, so that no address
//! can lead out of the folders that were put in.

mod file;
mod folder;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::HeaderMap;
use xxhash_rust::xxh3::xxh3_128;

use super::packing::{compress_brotli, compress_gzip, packing};
use file::{Asset, compressible};
use folder::{FOLDER_LIMIT, digest_of};

pub use file::Caching;
pub(super) use file::mime_type;
pub(super) use folder::read_folder;

/// Files that are compressed when they come without a compressed variant; larger ones should bring theirs along.
const COMPRESS_BELOW: usize = 2 << 20;

/// Files for browsers.
#[derive(Debug, Default)]
pub struct Assets {
    files: HashMap<String, Asset>,
}

/// A folder that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A file is not what its name says.
    #[error("{name} is named like a compressed file, but cannot be decompressed: {cause}; was it copied as a whole?")]
    Damaged {
        /// Which.
        name: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The folder is too large to be held in memory.
    #[error("the files in {path} have more than {} MiB together: leave out what the page does not need", FOLDER_LIMIT >> 20)]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
}

impl Assets {
    /// Adds a folder under an address that holds a digest of its contents, `assets/{name}-{digest}/`, which is returned.
    ///
    /// # Errors
    /// When a file cannot be read, or all are too large together.
    pub fn add_immutable(&mut self, name: &str, folder: &Path) -> Result<String, AssetError> {
        let files = read_folder(folder)?;
        let prefix = format!("assets/{name}-{:016x}/", digest_of(&files));
        self.add(&prefix, files, Caching::Immutable);
        Ok(prefix)
    }

    /// Adds a folder under the given address, which ends in `/`.
    ///
    /// # Errors
    /// When a file cannot be read, or all are too large together.
    pub fn add_folder(&mut self, prefix: &str, folder: &Path) -> Result<(), AssetError> {
        let files = read_folder(folder)?;
        self.add(prefix, files, Caching::Revalidate);
        Ok(())
    }

    /// Adds one file that was made in memory under an address that holds its digest, which is returned.
    pub fn add_made(&mut self, name: &str, file: &str, contents: Vec<u8>) -> String {
        let prefix = format!("assets/{name}-{:016x}/", xxh3_128(&contents) as u64);
        self.add(&prefix, vec![(file.to_owned(), contents)], Caching::Immutable);
        format!("{prefix}{file}")
    }

    /// Adds the files of a document under an address that holds their digest and begins with `prefix`; it is returned. A
    /// file that is compressed already (`.br`, `.gz`, or `.unityweb`, as Unity writes them) keeps its name: the browser is
    /// told what it is and unpacks it, and one that cannot gets it unpacked.
    ///
    /// # Errors
    /// When a file that is named like a compressed one is none.
    pub fn add_document(&mut self, prefix: &str, files: Vec<(String, Vec<u8>)>) -> Result<String, AssetError> {
        let prefix = format!("{prefix}{:016x}/", digest_of(&files));
        let (packed, plain): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| packing(name).is_some());
        self.add(&prefix, plain, Caching::Immutable);
        for (name, contents) in packed {
            let asset =
                Asset::packed(&name, contents).map_err(|cause| AssetError::Damaged { name: name.clone(), cause })?;
            self.files.insert(format!("{prefix}{name}"), asset);
        }
        Ok(prefix)
    }

    /// Adds one file under an address of its own.
    pub fn add_file(&mut self, address: &str, contents: Vec<u8>) {
        self.add("", vec![(address.to_owned(), contents)], Caching::Revalidate);
    }

    fn add(&mut self, prefix: &str, files: Vec<(String, Vec<u8>)>, caching: Caching) {
        let mut variants: HashMap<String, Vec<u8>> = HashMap::new();
        let mut plain = Vec::new();
        for (path, contents) in files {
            match path.ends_with(".br") || path.ends_with(".gz") {
                true => drop(variants.insert(path, contents)),
                false => plain.push((path, contents)),
            }
        }
        for (path, contents) in plain {
            let mut brotli = variants.remove(&format!("{path}.br"));
            let mut gzip = variants.remove(&format!("{path}.gz"));
            let mime = mime_type(&path);
            if brotli.is_none() && gzip.is_none() && compressible(mime) && contents.len() < COMPRESS_BELOW {
                brotli = Some(compress_brotli(&contents)).filter(|small| small.len() < contents.len());
                gzip = Some(compress_gzip(&contents)).filter(|small| small.len() < contents.len());
            }
            let asset = Asset::new(contents, brotli, gzip, mime, caching);
            self.files.insert(format!("{prefix}{path}"), asset);
        }
    }

    /// The answer to a request for `path`, or `None` when there is no such file.
    pub fn get(&self, path: &str, request: &HeaderMap) -> Option<Response<Full<Bytes>>> {
        Some(self.files.get(path)?.answer(request))
    }
}
