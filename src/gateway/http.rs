//! Requests that are answered at once: pages, files, health, and the handshake of WebSockets.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::assets::Assets;
use super::documents;
use super::operators::{Operators, Wish};
use super::page::PageTemplate;
use crate::experiment::RESERVED;
use crate::ids::{SubjectId, hex};

/// Everything that requests are answered from.
#[derive(Debug)]
pub struct Desk {
    /// Base path, beginning and ending in `/`.
    pub base: String,
    /// The page.
    pub page: PageTemplate,
    /// Files.
    pub assets: Assets,
    /// Origins besides the service's own from which browsers may connect.
    pub origins: Vec<String>,
    /// The operator's routes.
    pub operators: Operators,
}

/// What a request is for.
pub enum Errand {
    /// It is answered.
    Answer(Response<Full<Bytes>>),
    /// It asks how the service is.
    Health,
    /// The operator asks for something.
    Operator(Wish),
    /// It wants to become a WebSocket; the response says yes.
    Socket(Response<Full<Bytes>>),
}

impl Desk {
    /// Finds out what a request is for.
    pub fn attend<B>(&self, request: &Request<B>) -> Errand {
        let path = request.uri().path();
        let Some(below) = path.strip_prefix(&self.base) else {
            let bare = format!("{path}/") == self.base;
            return Errand::Answer(if bare { self.redirect_to_base(request) } else { not_found() });
        };
        if below == "ws" {
            return self.handshake(request);
        }
        if Operators::own(below) {
            return self
                .operators
                .receive(request, below)
                .map_or_else(|answer| Errand::Answer(*answer), Errand::Operator);
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET is answered here.\n");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Errand::Answer(response);
        }
        match below {
            "healthz" => return Errand::Health,
            "robots.txt" => return Errand::Answer(plain(StatusCode::OK, "User-agent: *\nDisallow: /\n")),
            "" => return Errand::Answer(self.page(None)),
            _ => {}
        }
        let decoded = percent_encoding::percent_decode_str(below).decode_utf8();
        let decoded = decoded.as_deref().unwrap_or(below);
        if let Some(mut response) = self.assets.get(decoded, request.headers()) {
            if below.starts_with("assets/") {
                // A worker is bound by the policy that its own script came with.
                match below.starts_with(documents::PREFIX) {
                    true => restrict_document(response.headers_mut()),
                    false => restrict(response.headers_mut(), ""),
                }
            }
            return Errand::Answer(response);
        }
        Errand::Answer(match decoded.parse::<SubjectId>() {
            Ok(subject) if !RESERVED.contains(&subject.as_str()) => self.page(Some(&subject)),
            _ => not_found(),
        })
    }

    fn redirect_to_base<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut response = plain(StatusCode::PERMANENT_REDIRECT, "");
        if let Ok(location) = HeaderValue::try_from(format!("{}{query}", self.base)) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }

    fn page(&self, subject: Option<&SubjectId>) -> Response<Full<Bytes>> {
        let mut random = [0; 16];
        if getrandom::fill(&mut random).is_err() {
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "The system has no random numbers.\n");
        }
        let nonce = hex(&random);
        let mut response = Response::new(Full::new(Bytes::from(self.page.fill(subject, &nonce))));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        restrict(headers, &format!("'nonce-{nonce}' "));
        response
    }

    fn handshake<B>(&self, request: &Request<B>) -> Errand {
        let headers = request.headers();
        let is = |name, value: &str| {
            header_text(headers, name).is_some_and(|text| text.to_ascii_lowercase().contains(value))
        };
        let key = headers.get(header::SEC_WEBSOCKET_KEY);
        let asks = request.method() == Method::GET
            && is(header::UPGRADE, "websocket")
            && is(header::CONNECTION, "upgrade")
            && header_text(headers, header::SEC_WEBSOCKET_VERSION) == Some("13");
        let Some(key) = key.filter(|key| asks && key.len() == 24) else {
            let mut response = plain(StatusCode::UPGRADE_REQUIRED, "This address speaks WebSocket, version 13.\n");
            response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            return Errand::Answer(response);
        };
        if !self.origin_is_welcome(headers) {
            let [origin, host] = [header::ORIGIN, header::HOST].map(|name| header_text(headers, name).unwrap_or("?"));
            tracing::warn!(origin, host, "a page of another origin was refused; if it is ours, add --allow-origin");
            let text = "This page is not served by this service; start the service with --allow-origin to allow it.\n";
            return Errand::Answer(plain(StatusCode::FORBIDDEN, text));
        }
        let mut response = plain(StatusCode::SWITCHING_PROTOCOLS, "");
        let answers = response.headers_mut();
        answers.remove(header::CONTENT_TYPE);
        answers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        answers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        match HeaderValue::try_from(derive_accept_key(key.as_bytes())) {
            Ok(accept) => answers.insert(header::SEC_WEBSOCKET_ACCEPT, accept),
            Err(_) => return Errand::Answer(plain(StatusCode::BAD_REQUEST, "")),
        };
        Errand::Socket(response)
    }

    /// A browser tells which page opened the socket; a page of somebody else must not act for our participants. Programs
    /// that are no browsers send no origin, and gain nothing by sending a false one.
    fn origin_is_welcome(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        if self.origins.iter().any(|allowed| allowed == origin) {
            return true;
        }
        let origin_host = origin.split_once("://").map(|(_, host)| host);
        origin_host.is_some() && origin_host == header_text(headers, header::HOST)
    }
}

/// Binds a page or a worker to what the service itself serves. `scripts` allows inline scripts of the page.
pub(super) fn restrict(headers: &mut HeaderMap, scripts: &str) {
    let policy = format!(
        "default-src 'self'; script-src 'self' {scripts}'wasm-unsafe-eval'; worker-src 'self'; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; \
         connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Binds a document of the researcher's own to what the service itself serves. Its scripts are the researcher's, so they may
/// do what they like with what is there: stand in the page, make code out of text (as game engines do), start workers.
fn restrict_document(headers: &mut HeaderMap) {
    const POLICY: &str = "default-src 'self' data: blob:; \
         script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; \
         font-src 'self' data: blob:; connect-src 'self' data: blob:; frame-src 'self' data: blob:; object-src 'none'; \
         base-uri 'self'; form-action 'self'; frame-ancestors 'self'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn not_found() -> Response<Full<Bytes>> {
    plain(StatusCode::NOT_FOUND, "There is nothing at this address. Please check the link.\n")
}

/// A short answer in plain text.
pub fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
