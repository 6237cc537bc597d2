//! Files for browsers, held in memory under their addresses: what is not in the table is not served, so that no address
//! can lead out of the folders that were put in.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use xxhash_rust::xxh3::xxh3_128;

/// Files that are compressed when they come without a compressed variant; larger ones should bring theirs along.
const COMPRESS_BELOW: usize = 2 << 20;

/// All files of one folder together may have this size.
const FOLDER_LIMIT: u64 = 512 << 20;

/// What a browser may assume of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// The address holds a digest of the folder's contents: it never changes.
    Immutable,
    /// The address is the researcher's: the browser has to ask again.
    Revalidate,
}

/// Files for browsers.
#[derive(Debug, Default)]
pub struct Assets {
    files: HashMap<String, Asset>,
}

#[derive(Debug)]
struct Asset {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    mime: HeaderValue,
    etag: HeaderValue,
    caching: Caching,
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
        let mut digest = Vec::new();
        for (path, contents) in &files {
            digest.extend_from_slice(path.as_bytes());
            digest.extend_from_slice(&xxh3_128(contents).to_be_bytes());
        }
        let prefix = format!("assets/{name}-{:016x}/", xxh3_128(&digest) as u64);
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
            let etag = format!("\"{:032x}\"", xxh3_128(&contents));
            let asset = Asset {
                plain: contents.into(),
                brotli: brotli.map(Bytes::from),
                gzip: gzip.map(Bytes::from),
                mime: HeaderValue::from_static(mime),
                etag: HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\"")),
                caching,
            };
            self.files.insert(format!("{prefix}{path}"), asset);
        }
    }

    /// The answer to a request for `path`, or `None` when there is no such file.
    pub fn get(&self, path: &str, request: &HeaderMap) -> Option<Response<Full<Bytes>>> {
        let asset = self.files.get(path)?;
        let (body, encoding) = asset.best(request);
        let mut response = Response::new(Full::new(body));
        let headers = response.headers_mut();
        headers.insert(header::ETAG, asset.etag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(header::CACHE_CONTROL, asset.caching.header());
        let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == asset.etag)) {
            *response.body_mut() = Full::default();
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Some(response);
        }
        headers.insert(header::CONTENT_TYPE, asset.mime.clone());
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        Some(response)
    }
}

impl Asset {
    fn best(&self, request: &HeaderMap) -> (Bytes, Option<&'static str>) {
        let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
        for (name, variant) in [("br", &self.brotli), ("gzip", &self.gzip)] {
            if let Some(body) = variant
                && accepts(accepted, name)
            {
                return (body.clone(), Some(name));
            }
        }
        (self.plain.clone(), None)
    }
}

impl Caching {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Revalidate => "no-cache",
        })
    }
}

/// Whether an `Accept-Encoding` header names an encoding and does not rule it out.
fn accepts(header: &str, name: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        parts.next() == Some(name) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn read_folder(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, AssetError> {
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

/// MIME types that browsers insist on come first; the rest is a library's business.
pub(super) fn mime_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("mjs" | "js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("whl") => "application/zip",
        Some("py" | "txt") => "text/plain; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream"),
    }
}

fn compressible(mime: &str) -> bool {
    mime.starts_with("text/") || ["json", "wasm", "svg", "xml"].iter().any(|kind| mime.contains(kind))
}

fn compress_brotli(contents: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    // Writing to memory does not fail; an empty result would be left out as not smaller.
    let _ = brotli::BrotliCompress(&mut &contents[..], &mut compressed, &parameters);
    compressed
}

fn compress_gzip(contents: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let _ = encoder.write_all(contents);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(header::HeaderName, &str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn store() -> (tempfile::TempDir, Assets, String) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        std::fs::write(folder.path().join("inner/a.mjs"), "export {};\n".repeat(50)).unwrap();
        std::fs::write(folder.path().join("big.wasm"), "wasm").unwrap();
        std::fs::write(folder.path().join("big.wasm.br"), "its own").unwrap();
        std::fs::write(folder.path().join(".secret"), "no").unwrap();
        let mut assets = Assets::default();
        let prefix = assets.add_immutable("client", folder.path()).unwrap();
        (folder, assets, prefix)
    }

    #[test]
    fn a_file_comes_compressed_typed_and_for_good() {
        let (_folder, assets, prefix) = store();
        let accept = request(&[(header::ACCEPT_ENCODING, "gzip, br;q=0.9")]);
        let response = assets.get(&format!("{prefix}inner/a.mjs"), &accept).unwrap();
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        let etag = response.headers()[header::ETAG].to_str().unwrap().to_owned();
        let again = assets.get(&format!("{prefix}inner/a.mjs"), &request(&[(header::IF_NONE_MATCH, &etag)])).unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_compressed_variant_beside_a_file_is_used_and_not_served_by_itself() {
        let (_folder, assets, prefix) = store();
        let wasm = format!("{prefix}big.wasm");
        let plain = assets.get(&wasm, &request(&[(header::ACCEPT_ENCODING, "br;q=0")])).unwrap();
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        let small = assets.get(&wasm, &request(&[(header::ACCEPT_ENCODING, "br")])).unwrap();
        assert_eq!(small.headers()[header::CONTENT_TYPE], "application/wasm");
        assert_eq!(small.headers()[header::CONTENT_ENCODING], "br");
        assert!(assets.get(&format!("{wasm}.br"), &HeaderMap::new()).is_none());
    }

    #[test]
    fn no_address_leads_out_of_the_folder() {
        let (_folder, assets, prefix) = store();
        for path in ["../a", "inner/../../x", ".secret", "inner", "", "%2e%2e/x", "inner//a.mjs"] {
            assert!(assets.get(&format!("{prefix}{path}"), &HeaderMap::new()).is_none(), "{path}");
        }
    }

    #[test]
    fn a_changed_file_has_a_new_address() {
        let (folder, mut assets, prefix) = store();
        std::fs::write(folder.path().join("inner/a.mjs"), "other").unwrap();
        assert_ne!(assets.add_immutable("client", folder.path()).unwrap(), prefix);
    }
}
