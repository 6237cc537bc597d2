//! The gateway's actor: owns the listening socket and the connections, and drains them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::http::{Desk, Errand, plain};
use super::socket::{self, Visitor};
use super::{Assets, Operators, PageTemplate};
use crate::actors::clock::Clock;
use crate::actors::connection::ConnectionId;
use crate::actors::host::{Address, Failure, Me, Reply, Room};
use crate::actors::house;
use crate::wire::MESSAGE_LIMIT;

/// Sockets at once; each takes some tens of kilobytes.
const SOCKETS: usize = 20_000;

/// TCP connections at once that are not sockets (yet): more wait in the system's queue.
const REQUESTS: usize = 4_000;

/// Longest that a connection may be used for requests, and then for ending the last one: who reads more slowly than that
/// must not keep a place that others need.
const REQUESTS_DEADLINE: Duration = Duration::from_secs(300);

/// Longest that a request's head may take to arrive.
const HEAD_DEADLINE: Duration = Duration::from_secs(15);

/// Pause after a failed accept (out of file descriptors, say), so that the fault does not take the processor too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Longest that connections may take to end when the service stops.
const DRAIN: Duration = Duration::from_secs(5);

/// Bytes that a socket reads at once. The library's default would take 128 KiB of every connection's memory.
const READ_BUFFER: usize = 4 << 10;

/// What a gateway needs.
pub struct GatewayConfig {
    /// Where it listens.
    pub listener: TcpListener,
    /// Base path, beginning and ending in `/`.
    pub base: String,
    /// The page.
    pub page: PageTemplate,
    /// Files.
    pub assets: Assets,
    /// Origins besides its own from which browsers may connect.
    pub origins: Vec<String>,
    /// The operator's routes.
    pub operators: Operators,
    /// Told when the service stops.
    pub draining: CancellationToken,
    /// The house that browsers are let into.
    pub house: Address<house::Message>,
    /// The time.
    pub clock: Clock,
}

/// What can be said to the gateway.
#[derive(Debug)]
pub enum Message {
    /// Stop accepting, tell every browser, and close; the answer comes when all connections have ended.
    Drain(Reply<Drained>),
}

/// How draining went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that did not end in time.
    pub left: usize,
}

/// The gateway's actor.
pub struct Gateway {
    listener: Option<TcpListener>,
    shared: Arc<Shared>,
}

struct Shared {
    desk: Desk,
    house: Address<house::Message>,
    clock: Clock,
    connections: TaskTracker,
    draining: CancellationToken,
    sockets: Arc<Semaphore>,
    requests: Arc<Semaphore>,
    next: AtomicU64,
}

impl Gateway {
    /// A gateway that does not accept yet.
    pub fn new(config: GatewayConfig) -> Self {
        let GatewayConfig { listener, base, page, assets, origins, operators, draining, house, clock } = config;
        let shared = Shared {
            desk: Desk { base, page, assets, origins, operators },
            house,
            clock,
            connections: TaskTracker::new(),
            draining,
            sockets: Arc::new(Semaphore::new(SOCKETS)),
            requests: Arc::new(Semaphore::new(REQUESTS)),
            next: AtomicU64::new(1),
        };
        Self { listener: Some(listener), shared: Arc::new(shared) }
    }
}

impl Room for Gateway {
    type Message = Message;
    const KIND: &'static str = "gateway";

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        if let Some(listener) = self.listener.take() {
            tokio::spawn(accept(listener, self.shared.clone(), me.meters().clone()));
        }
        Ok(())
    }

    async fn handle(&mut self, message: Message, _: &Me<Message>) -> Result<(), Failure> {
        let Message::Drain(reply) = message;
        self.shared.draining.cancel();
        self.shared.connections.close();
        let in_time = tokio::time::timeout(DRAIN, self.shared.connections.wait()).await.is_ok();
        reply.send(Drained { left: if in_time { 0 } else { self.shared.connections.len() } });
        Ok(())
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, meters: crate::actors::meter::Meters) {
    let meter = meters.of("connection");
    loop {
        let permit = tokio::select! {
            biased;
            // Draining first: nobody new comes in after that.
            () = shared.draining.cancelled() => return,
            permit = shared.requests.clone().acquire_owned() => permit,
        };
        let Ok(permit) = permit else { return };
        let stream = tokio::select! {
            biased;
            () = shared.draining.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match stream {
            Ok((stream, _)) => {
                // Small frames must not wait for more to come.
                let _ = stream.set_nodelay(true);
                shared.connections.spawn(serve(stream, shared.clone(), meter.clone(), permit));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// HTTP, with bounds.
pub(super) fn protocol() -> hyper::server::conn::http1::Builder {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_DEADLINE).max_buf_size(32 << 10);
    builder
}

async fn serve(
    stream: TcpStream,
    shared: Arc<Shared>,
    meter: Arc<crate::actors::meter::Meter>,
    permit: OwnedSemaphorePermit,
) {
    let draining = shared.draining.clone();
    let service = service_fn(move |request| {
        let (shared, meter) = (shared.clone(), meter.clone());
        async move { Ok::<_, Infallible>(answer(request, shared, meter).await) }
    });
    let connection = protocol().serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        biased;
        result = connection.as_mut() => result,
        _ = tokio::time::timeout(REQUESTS_DEADLINE, draining.cancelled()) => {
            // The request that is being answered is answered to its end.
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(REQUESTS_DEADLINE, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "an HTTP connection failed");
    }
    drop(permit);
}

async fn answer(
    mut request: Request<Incoming>,
    shared: Arc<Shared>,
    meter: Arc<crate::actors::meter::Meter>,
) -> Response<Full<Bytes>> {
    let mut response = match shared.desk.attend(&request) {
        Errand::Answer(response) => response,
        Errand::Health => health(&shared).await,
        Errand::Operator(wish) => shared.desk.operators.fulfil(wish).await,
        Errand::Socket(response) => match shared.sockets.clone().try_acquire_owned() {
            Ok(permit) => {
                let upgrade = hyper::upgrade::on(&mut request);
                let tracker = shared.connections.clone();
                tracker.spawn(async move {
                    let _permit = permit;
                    match upgrade.await {
                        Ok(upgraded) => open(TokioIo::new(upgraded), &shared, meter).await,
                        Err(error) => tracing::debug!(%error, "a WebSocket handshake failed"),
                    }
                });
                return response;
            }
            Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "All places are taken; please try again soon.\n"),
        },
    };
    dress(&mut response);
    response
}

/// What all answers have.
pub(super) fn dress(response: &mut Response<Full<Bytes>>) {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("strict-origin-when-cross-origin"));
}

async fn open<S>(stream: S, shared: &Shared, meter: Arc<crate::actors::meter::Meter>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(READ_BUFFER)
        .max_message_size(Some(MESSAGE_LIMIT))
        .max_frame_size(Some(MESSAGE_LIMIT));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    let visitor = Visitor {
        id: ConnectionId(shared.next.fetch_add(1, Relaxed)),
        house: shared.house.clone(),
        clock: shared.clock,
        draining: shared.draining.clone(),
        meter,
    };
    socket::attend(socket, visitor).await;
}

async fn health(shared: &Shared) -> Response<Full<Bytes>> {
    match house::doors(&shared.house).await {
        Ok(_) if shared.draining.is_cancelled() => plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
        Ok(doors) if doors.health.trouble().is_some() => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "facts cannot be stored: see the log\n")
        }
        Ok(_) => plain(StatusCode::OK, "ok\n"),
        Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "the house does not answer\n"),
    }
}
