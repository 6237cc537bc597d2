//! Files for browsers, held in memory under their addresses: what is not in the table is not served, so that no address
//! can lead out of the folders that were put in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use xxhash_rust::xxh3::xxh3_128;

use super::packing::{
    Packing, compress_brotli, compress_gzip, is_gzip, is_marked_brotli, packing, unpack_brotli, unpack_gzip,
};

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
    digest: u128,
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
        let asset = self.files.get(path)?;
        let part = asset.part(request);
        let (body, encoding) = match part {
            // Parts are of the file itself, so that players of sound and film can look where they like.
            Some((from, to)) => (asset.plain.slice(from..=to), None),
            None => asset.best(request),
        };
        let mut response = Response::new(Full::new(body));
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(header::CACHE_CONTROL, asset.caching.header());
        let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        if let Some(etag) = known.and_then(|tags| asset.known(tags)) {
            headers.insert(header::ETAG, etag);
            *response.body_mut() = Full::default();
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Some(response);
        }
        headers.insert(header::ETAG, asset.etag(encoding));
        headers.insert(header::CONTENT_TYPE, asset.mime.clone());
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if let Some((from, to)) = part {
            let part = HeaderValue::try_from(format!("bytes {from}-{to}/{}", asset.plain.len()));
            headers.insert(header::CONTENT_RANGE, part.unwrap_or(HeaderValue::from_static("bytes */*")));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        Some(response)
    }
}

impl Asset {
    fn new(
        plain: Vec<u8>,
        brotli: Option<Vec<u8>>,
        gzip: Option<Vec<u8>>,
        mime: &'static str,
        caching: Caching,
    ) -> Self {
        Self {
            digest: xxh3_128(&plain),
            plain: plain.into(),
            brotli: brotli.map(Bytes::from),
            gzip: gzip.map(Bytes::from),
            mime: HeaderValue::from_static(mime),
            caching,
        }
    }

    /// The tag of a form: a browser that goes on with a file from where it stopped must not mix two of them.
    fn etag(&self, encoding: Option<&str>) -> HeaderValue {
        let form = encoding.map_or_else(String::new, |encoding| format!("-{encoding}"));
        let tag = format!("\"{:032x}{form}\"", self.digest);
        HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// The tag, among some, of a form of this very file.
    fn known(&self, tags: &str) -> Option<HeaderValue> {
        let forms = [None, Some("br"), Some("gzip")].map(|encoding| self.etag(encoding));
        let mut tags = tags.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
        tags.find_map(|tag| forms.iter().find(|form| **form == tag).cloned())
    }

    /// A file that comes compressed, under a name that says so.
    fn packed(name: &str, contents: Vec<u8>) -> std::io::Result<Self> {
        let mime = mime_type(name.rsplit_once('.').map_or(name, |(plain, _)| plain));
        let made = |plain, brotli, gzip| Self::new(plain, brotli, gzip, mime, Caching::Immutable);
        Ok(match packing(name) {
            Some(Packing::Brotli) => made(unpack_brotli(&contents)?, Some(contents), None),
            Some(Packing::Gzip) => made(unpack_gzip(&contents)?, None, Some(contents)),
            // Named so whatever it is: the contents tell.
            Some(Packing::Unity) if is_gzip(&contents) => made(unpack_gzip(&contents)?, None, Some(contents)),
            Some(Packing::Unity) if is_marked_brotli(&contents) => {
                made(unpack_brotli(&contents)?, Some(contents), None)
            }
            Some(Packing::Unity) | None => made(contents, None, None),
        })
    }

    /// The part of the file that is asked for, if it is one, and one that can be given.
    fn part(&self, request: &HeaderMap) -> Option<(usize, usize)> {
        let asked = request.get(header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
        if request.get(header::IF_RANGE).is_some_and(|tag| *tag != self.etag(None)) {
            return None;
        }
        let (from, to) = asked.split_once('-')?;
        let last = self.plain.len().checked_sub(1)?;
        let (from, to) = match (from.trim(), to.trim()) {
            ("", length) => (self.plain.len().saturating_sub(length.parse().ok()?), last),
            (from, "") => (from.parse().ok()?, last),
            (from, to) => (from.parse().ok()?, to.parse::<usize>().ok()?.min(last)),
        };
        (from <= to).then_some((from, to))
    }

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

/// The same for files with the same names and contents.
fn digest_of(files: &[(String, Vec<u8>)]) -> u64 {
    let mut digest = Vec::new();
    for (path, contents) in files {
        digest.extend_from_slice(path.as_bytes());
        digest.extend_from_slice(&xxh3_128(contents).to_be_bytes());
    }
    xxh3_128(&digest) as u64
}

pub(super) fn read_folder(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, AssetError> {
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

#[cfg(test)]
mod tests {
    use std::io::Write;

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
    fn the_compressed_files_of_a_build_are_unpacked_by_the_browser_or_else_by_us() {
        let plain = b"\0asm of a build, of a build, of a build, of a build".to_vec();
        let marked = || {
            let mut gzip = flate2::GzBuilder::new()
                .comment("UnityWeb Compressed Content (gzip)")
                .write(Vec::new(), flate2::Compression::best());
            gzip.write_all(&plain).unwrap();
            gzip.finish().unwrap()
        };
        let files = vec![
            ("Build/a.wasm.br".to_owned(), compress_brotli(&plain)),
            ("Build/a.data.gz".to_owned(), compress_gzip(&plain)),
            ("Build/a.framework.js.unityweb".to_owned(), marked()),
            ("Build/b.data.unityweb".to_owned(), plain.clone()),
        ];
        let mut assets = Assets::default();
        let prefix = assets.add_document("assets/document-", files).unwrap();
        let cases = [
            ("a.wasm.br", "application/wasm", Some("br")),
            ("a.data.gz", "application/octet-stream", Some("gzip")),
            ("a.framework.js.unityweb", "text/javascript; charset=utf-8", Some("gzip")),
            ("b.data.unityweb", "application/octet-stream", None),
        ];
        for (name, mime, encoding) in cases {
            let get = |accepted: &str| {
                let request = request(&[(header::ACCEPT_ENCODING, accepted)]);
                assets.get(&format!("{prefix}Build/{name}"), &request).unwrap()
            };
            let answer = get("gzip, br");
            assert_eq!(answer.headers()[header::CONTENT_TYPE], mime, "{name}");
            let told = answer.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(told, encoding, "{name}");
            assert_eq!(assets.files[&format!("{prefix}Build/{name}")].plain, plain, "{name}");
            // Browsers take Brotli over HTTPS only.
            assert!(!get("identity").headers().contains_key(header::CONTENT_ENCODING), "{name}");
        }
        let broken = vec![("a.wasm.br".to_owned(), b"version https://git-lfs.github.com/spec/v1".to_vec())];
        let error = Assets::default().add_document("assets/document-", broken).unwrap_err().to_string();
        assert!(error.contains("a.wasm.br") && error.contains("cannot be decompressed"), "{error}");
    }

    #[test]
    fn a_part_of_a_file_is_given_as_asked_for() {
        let mut assets = Assets::default();
        assets.add_file("film.mp4", b"0123456789".to_vec());
        let ask = |range: &str| assets.get("film.mp4", &request(&[(header::RANGE, range)])).unwrap();
        for (range, told) in [
            ("bytes=2-5", "bytes 2-5/10"),
            ("bytes=7-", "bytes 7-9/10"),
            ("bytes=-3", "bytes 7-9/10"),
            ("bytes=0-99", "bytes 0-9/10"),
        ] {
            let answer = ask(range);
            assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{range}");
            assert_eq!(answer.headers()[header::CONTENT_RANGE], told);
        }
        for odd in ["bytes=5-2", "bytes=99-", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5"] {
            assert_eq!(ask(odd).status(), StatusCode::OK, "{odd}");
        }
        // Who has the beginning of another form, or of another file, gets all of it.
        let own = ask("bytes=0-1").headers()[header::ETAG].to_str().unwrap().to_owned();
        let packed = own.replace("\"", "") + "-br";
        for (tag, status) in [(own.as_str(), 206), (&format!("\"{packed}\""), 200), ("\"other\"", 200)] {
            let other = request(&[(header::RANGE, "bytes=0-1"), (header::IF_RANGE, tag)]);
            assert_eq!(assets.get("film.mp4", &other).unwrap().status(), status, "{tag}");
        }
    }

    #[test]
    fn a_changed_file_has_a_new_address() {
        let (folder, mut assets, prefix) = store();
        std::fs::write(folder.path().join("inner/a.mjs"), "other").unwrap();
        assert_ne!(assets.add_immutable("client", folder.path()).unwrap(), prefix);
    }
}
