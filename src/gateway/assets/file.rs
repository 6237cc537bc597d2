//! One file for browsers: the forms in which it is kept, and the answer to a request for it.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use xxhash_rust::xxh3::xxh3_128;

use crate::gateway::packing::{Packing, is_gzip, is_marked_brotli, packing, unpack_brotli, unpack_gzip};

/// What a browser may assume of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// The address holds a digest of the folder's contents: it never changes.
    Immutable,
    /// The address is the researcher's: the browser has to ask again.
    Revalidate,
}

impl Caching {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Revalidate => "no-cache",
        })
    }
}

/// A file for browsers.
#[derive(Debug)]
pub struct Asset {
    pub(super) plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    mime: HeaderValue,
    digest: u128,
    caching: Caching,
}

impl Asset {
    pub fn new(
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

    /// A file that comes compressed, under a name that says so.
    pub fn packed(name: &str, contents: Vec<u8>) -> std::io::Result<Self> {
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

    /// The answer to a request for it.
    pub fn answer(&self, request: &HeaderMap) -> Response<Full<Bytes>> {
        let part = self.part(request);
        let (body, encoding) = match part {
            // Parts are of the file itself, so that players of sound and film can look where they like.
            Some((from, to)) => (self.plain.slice(from..=to), None),
            None => self.best(request),
        };
        let mut response = Response::new(Full::new(body));
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(header::CACHE_CONTROL, self.caching.header());
        let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        if let Some(etag) = known.and_then(|tags| self.known(tags)) {
            headers.insert(header::ETAG, etag);
            *response.body_mut() = Full::default();
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::ETAG, self.etag(encoding));
        headers.insert(header::CONTENT_TYPE, self.mime.clone());
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if let Some((from, to)) = part {
            let part = HeaderValue::try_from(format!("bytes {from}-{to}/{}", self.plain.len()));
            headers.insert(header::CONTENT_RANGE, part.unwrap_or(HeaderValue::from_static("bytes */*")));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        response
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
}

/// Whether an `Accept-Encoding` header names an encoding and does not rule it out.
fn accepts(header: &str, name: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        parts.next() == Some(name) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// MIME types that browsers insist on come first; the rest is a library's business.
pub fn mime_type(path: &str) -> &'static str {
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

pub fn compressible(mime: &str) -> bool {
    mime.starts_with("text/") || ["json", "wasm", "svg", "xml"].iter().any(|kind| mime.contains(kind))
}
