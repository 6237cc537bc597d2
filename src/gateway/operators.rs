//! The operator's routes: the list of games, and films of games, for whoever has the study's key.
//!
//! Everything here is read from the journal beside the service; no participant's browser and no game's actor does anything
//! for it. Nothing can be changed: there are no routes but these, and each is a GET.

mod door;
mod files;
mod games;
mod key;
mod pages;
mod routes;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use key::{KEY_FILE, KeyError, OperatorKey};
pub use routes::Wish;

use self::door::Door;
use self::files::SceneFiles;
use self::games::GameList;
use self::pages::OperatorPages;
use self::routes::{Astray, Frames};
use super::assets::mime_type;
use super::booth::{Booth, Film, Films, Told};
use super::http::restrict;
use super::page::Places;
use crate::experiment::{Experiment, Mode};
use crate::ids::{ExperimentId, GameId, SceneId, hex};
use crate::store::PlayedGame;
use crate::wire::Trouble;

/// Where the routes begin, below the base path.
const ADMIN: &str = "admin";

/// Longest that the view of a film is waited for; whoever asked is told to ask again.
const VIEW_WAIT: Duration = Duration::from_secs(10);

/// What is said where there is nothing.
const NOTHING: &str = "There is nothing at this address.\n";

/// An answer.
type Answer = Response<Full<Bytes>>;

/// What the operator's routes need.
#[derive(Debug)]
pub struct OperatorsConfig {
    /// The study.
    pub experiment: ExperimentId,
    /// Where the environment of each scene runs.
    pub modes: BTreeMap<SceneId, Mode>,
    /// The journal.
    pub journal: PathBuf,
    /// Folder of the client, with the pages.
    pub client: PathBuf,
    /// Where pages find their parts.
    pub places: Places,
    /// What opens the door.
    pub key: OperatorKey,
    /// How films are made; there are none without it.
    pub films: Option<Films>,
    /// The films end with it.
    pub closing: CancellationToken,
}

/// The operator's routes.
#[derive(Debug)]
pub struct Operators {
    door: Door,
    pages: OperatorPages,
    games: GameList,
    files: SceneFiles,
    booth: Option<Booth>,
}

/// Where the environment of each scene of a study runs.
pub fn modes(experiment: &Experiment) -> BTreeMap<SceneId, Mode> {
    experiment.stager.gyms().map(|gym| (gym.scene_id.clone(), gym.mode)).collect()
}

impl Operators {
    /// The routes.
    pub fn new(config: OperatorsConfig) -> Self {
        let OperatorsConfig { experiment, modes, journal, client, places, key, films, closing } = config;
        Self {
            door: Door::new(key, &experiment, format!("{}{ADMIN}/", places.base)),
            pages: OperatorPages::read(&client, places, experiment.clone()),
            files: SceneFiles::new(journal.clone()),
            games: GameList::new(journal, experiment, modes),
            booth: films.map(|films| Booth::new(films, &closing)),
        }
    }

    /// Whether an address below the base path is one of these.
    pub fn own(below: &str) -> bool {
        below.strip_prefix(ADMIN).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What a request is for, once it was let in; otherwise its answer. `below` is its address below the base path.
    ///
    /// # Errors
    /// With the answer.
    pub fn receive<B>(&self, request: &Request<B>, below: &str) -> Result<Wish, Box<Answer>> {
        let answered = |answer| Err(Box::new(finished(answer)));
        if let Err(answer) = self.door.admit(request) {
            return answered(*answer);
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "Only GET is answered here.\n");
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return answered(answer);
        }
        match routes::read(below.strip_prefix(ADMIN).unwrap_or_default(), request.uri().query()) {
            Ok(wish) => Ok(wish),
            Err(Astray::Nothing) => answered(text(StatusCode::NOT_FOUND, NOTHING)),
            Err(Astray::Slash) => answered(onward(&format!("{}/", request.uri().path()))),
            Err(Astray::Query(part)) => {
                let told = format!("`{part}` is missing, or not a number that is not negative.\n");
                answered(text(StatusCode::BAD_REQUEST, told))
            }
        }
    }

    /// Answers a wish.
    pub async fn fulfil(&self, wish: Wish) -> Answer {
        finished(match wish {
            Wish::Page => self.page(None),
            Wish::Games => match self.games.json().await {
                Ok(list) => typed("application/json", list),
                Err(trouble) => unreadable(&trouble),
            },
            Wish::Game(game) => self.known(game).await.map_or_else(|answer| *answer, |_| self.page(Some(game))),
            Wish::View(game) => self.view(game).await.unwrap_or_else(|answer| *answer),
            Wish::Frames(game, frames) => self.frames(game, frames).await.unwrap_or_else(|answer| *answer),
            Wish::File(game, path) => self.file(game, path).await.unwrap_or_else(|answer| *answer),
        })
    }

    fn page(&self, game: Option<GameId>) -> Answer {
        let mut random = [0; 16];
        if getrandom::fill(&mut random).is_err() {
            return text(StatusCode::INTERNAL_SERVER_ERROR, "The system has no random numbers.\n");
        }
        let nonce = hex(&random);
        let Some(page) = self.pages.fill(game, &nonce) else {
            let told = "The operator's pages are missing in the folder of the client, which --assets names.\n";
            return text(StatusCode::INTERNAL_SERVER_ERROR, told);
        };
        let mut answer = typed("text/html; charset=utf-8", page);
        restrict(answer.headers_mut(), &format!("'nonce-{nonce}' "));
        answer
    }

    async fn known(&self, game: GameId) -> Result<PlayedGame, Box<Answer>> {
        match self.games.find(game).await {
            Ok(Some(game)) => Ok(game),
            Ok(None) => Err(Box::new(text(StatusCode::NOT_FOUND, "The journal has no such game.\n"))),
            Err(trouble) => Err(Box::new(unreadable(&trouble))),
        }
    }

    /// The film of a game, which is begun if need be; never for a game that the journal does not have.
    async fn film(&self, game: GameId) -> Result<Arc<Film>, Box<Answer>> {
        let none = "This service makes no films.\n";
        let booth = self.booth.as_ref().ok_or_else(|| Box::new(text(StatusCode::NOT_FOUND, none)))?;
        if let Some(film) = booth.find(game) {
            return Ok(film);
        }
        let known = self.known(game).await?;
        booth.open(game, known.ended.is_none()).map_err(|no_film| Box::new(later(format!("{no_film}.\n"))))
    }

    async fn view(&self, game: GameId) -> Result<Answer, Box<Answer>> {
        let film = self.film(game).await?;
        Ok(match film.view(Instant::now() + VIEW_WAIT).await {
            Told::View(view) => typed("application/json", view),
            Told::Failed(Trouble { message, traceback }) => {
                text(StatusCode::BAD_GATEWAY, format!("{message}\n{traceback}"))
            }
            Told::Starting => later("The film is being prepared.\n".into()),
        })
    }

    async fn frames(&self, game: GameId, wanted: Frames) -> Result<Answer, Box<Answer>> {
        let film = self.film(game).await?;
        let Frames { episode, from, count, wait } = wanted;
        let (cut, file) = film.frames(episode, from, count, Instant::now() + wait).await;
        let reading = tokio::task::spawn_blocking(move || cut.read(&file)).await;
        let read = reading.map_err(|error| error.to_string()).and_then(|read| read.map_err(|error| error.to_string()));
        Ok(match read {
            Ok(frames) => typed("application/vnd.msgpack", frames),
            Err(cause) => {
                tracing::error!(%game, cause, "frames of a film cannot be read");
                text(StatusCode::INTERNAL_SERVER_ERROR, format!("The film cannot be read: {cause}.\n"))
            }
        })
    }

    async fn file(&self, game: GameId, path: PathBuf) -> Result<Answer, Box<Answer>> {
        let game = self.known(game).await?;
        let mime = mime_type(&path.to_string_lossy());
        Ok(match self.files.get(&game, path).await {
            Ok(Some(file)) => {
                let mut answer = typed(mime, file);
                // A picture may be a document with scripts, when it is opened by itself.
                restrict(answer.headers_mut(), "");
                answer
            }
            Ok(None) => text(StatusCode::NOT_FOUND, "The game's scene has no such file.\n"),
            Err(trouble) => {
                tracing::warn!(game = %game.game, trouble, "the pictures of a game's scene cannot be had");
                text(StatusCode::BAD_GATEWAY, format!("The pictures of the game's scene cannot be had: {trouble}\n"))
            }
        })
    }
}

/// What all answers have in common: they stay with whoever asked.
fn finished(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn typed(mime: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    answer
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let mut answer = typed("text/plain; charset=utf-8", text);
    *answer.status_mut() = status;
    answer
}

/// A short page without the client's help.
fn page(status: StatusCode, title: &str, head: &str, body: &str) -> Answer {
    let style = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}";
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">{head}<style>{style}</style>\
         <h1>{title}</h1>{body}\n"
    );
    let mut answer = typed("text/html; charset=utf-8", page);
    *answer.status_mut() = status;
    restrict(answer.headers_mut(), "");
    answer
}

/// Sends a browser to another address of ours.
fn onward(address: &str) -> Answer {
    let mut answer = text(StatusCode::SEE_OTHER, "");
    if let Ok(address) = HeaderValue::try_from(address) {
        answer.headers_mut().insert(header::LOCATION, address);
    }
    answer
}

/// Not now, but perhaps soon.
fn later(told: String) -> Answer {
    let mut answer = text(StatusCode::SERVICE_UNAVAILABLE, told);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}

fn unreadable(trouble: &str) -> Answer {
    tracing::warn!(trouble, "the journal cannot be read for the operator's page");
    text(StatusCode::SERVICE_UNAVAILABLE, format!("The journal cannot be read: {trouble}\n"))
}
