//! The operator's pages alone, without a study that is served: for looking at games of data that lie somewhere.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::http::plain;
use super::room::{dress, protocol};
use super::{Assets, Operators};

/// Pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What is shown.
struct Hall {
    base: String,
    assets: Assets,
    operators: Operators,
}

/// Serves the operator's routes, and the files that its pages load, until `shutdown` completes. It is meant for one person
/// on one machine; the listener should not be reachable from elsewhere.
pub async fn exhibit(
    listener: TcpListener,
    base: &str,
    assets: Assets,
    operators: Operators,
    shutdown: impl Future<Output = ()>,
) {
    let hall = Arc::new(Hall { base: base.to_owned(), assets, operators });
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let hall = hall.clone();
                let service = service_fn(move |request| {
                    let hall = hall.clone();
                    async move { Ok::<_, Infallible>(hall.answer(&request).await) }
                });
                tokio::spawn(async move {
                    if let Err(error) = protocol().serve_connection(TokioIo::new(stream), service).await {
                        tracing::debug!(%error, "an HTTP connection failed");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

impl Hall {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let mut response = self.attend(request).await;
        dress(&mut response);
        response
    }

    async fn attend(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let nothing = || plain(StatusCode::NOT_FOUND, "There is nothing at this address.\n");
        let Some(below) = request.uri().path().strip_prefix(&self.base) else { return nothing() };
        if Operators::own(below) {
            return match self.operators.receive(request, below) {
                Ok(wish) => self.operators.fulfil(wish).await,
                Err(answer) => *answer,
            };
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET is answered here.\n");
        }
        self.assets.get(below, request.headers()).unwrap_or_else(nothing)
    }
}
