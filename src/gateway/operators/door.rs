//! The door to the operator's routes: who is let in, and what everybody else is told.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Request, StatusCode};

use super::key::OperatorKey;
use super::{Answer, onward, page};
use crate::ids::ExperimentId;

/// At most one line of the log about wrong keys in so long.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// How long a browser keeps the key, in seconds: a month.
const COOKIE_AGE: u32 = 30 * 24 * 3600;

/// Checks keys.
#[derive(Debug)]
pub struct Door {
    key: OperatorKey,
    cookie: String,
    path: String,
    wrong: Mutex<Wrong>,
}

/// Wrong keys that were not told yet.
#[derive(Debug, Default)]
struct Wrong {
    told: Option<Instant>,
    since: u64,
}

impl Door {
    /// A door at `path`, which begins and ends in `/`.
    pub fn new(key: OperatorKey, experiment: &ExperimentId, path: String) -> Self {
        // Cookies know no ports: studies on one machine must not take each other's.
        Self { key, cookie: format!("greenroom_{experiment}"), path, wrong: Mutex::default() }
    }

    /// Lets a request in, or answers it.
    ///
    /// # Errors
    /// With the answer for whoever is not let in, and for whoever brings the key in the address: it is kept in a cookie
    /// instead, and taken out of the address, so that it stays in no history and no picture of a screen.
    pub fn admit<B>(&self, request: &Request<B>) -> Result<(), Box<Answer>> {
        let query = request.uri().query().unwrap_or_default();
        let brought = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "key");
        if let Some((_, key)) = brought {
            if self.key.is(&key) {
                return Err(Box::new(self.welcome(request.headers(), request.uri().path())));
            }
            self.note_wrong_key();
            return Err(Box::new(stranger()));
        }
        match self.shown(request.headers()) {
            Some(key) if self.key.is(key) => Ok(()),
            Some(_) => {
                self.note_wrong_key();
                Err(Box::new(stranger()))
            }
            None => Err(Box::new(stranger())),
        }
    }

    /// The key in the cookies of a request.
    fn shown<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|value| value.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find_map(|(name, value)| (name == self.cookie).then_some(value))
    }

    fn welcome(&self, headers: &HeaderMap, address: &str) -> Answer {
        // A browser does not send the cookie along a redirect of a link on somebody else's page; but it does from ours.
        let from_elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        let mut response = if from_elsewhere {
            let address = address.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
            let refresh = format!("<meta http-equiv=\"refresh\" content=\"0;url={address}\">");
            page(StatusCode::OK, "Welcome", &refresh, "<p>One moment&nbsp;…</p>")
        } else {
            onward(address)
        };
        let cookie = format!(
            "{}={}; Path={}; Max-Age={COOKIE_AGE}; HttpOnly; SameSite=Strict",
            self.cookie,
            self.key.text(),
            self.path
        );
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }

    fn note_wrong_key(&self) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.since += 1;
        if wrong.told.is_none_or(|told| told.elapsed() >= LOG_EVERY) {
            tracing::warn!(times = wrong.since, "somebody asked for the operator's page with a wrong key");
            *wrong = Wrong { told: Some(Instant::now()), since: 0 };
        }
    }
}

/// What everybody is told who has no key.
fn stranger() -> Answer {
    let body = "<p>These pages are for whoever runs the study.</p>\
                <p>The service prints their address when it starts, in the line that begins with \
                <code>Operators:</code>. The key in it is kept in the file <code>operator.key</code> in the folder of the \
                study&rsquo;s data: add <code>?key=</code> and what is in the file to this address.</p>";
    page(StatusCode::UNAUTHORIZED, "A key is needed", "", body)
}
