//! A running service hands its place over to a successor, a newer binary for example: nobody who connects meanwhile is
//! refused.
//!
//! ```text
//! successor                               running service (its door: handover.sock in the study's folder)
//!   loads everything, compares the study
//!   connects, says hello            ->
//!                                   <-    who it is, with its listening socket
//!   checks address and study, again
//!   says ready                      ->    accepts nobody any more, drains, closes the journal, ends with 0
//!   waits for the journal, accepts
//! ```
//!
//! Until `ready` nothing has happened: if the successor fails or vanishes, the running service goes on. What connects after it
//! waits in the socket's queue, which both have.

use std::fs::Permissions;
use std::future::pending;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener as StdUnixListener, UnixStream as StdUnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, Interest};
use tokio::net::{TcpListener, UnixListener, UnixStream};

use crate::store::SqliteJournal;

/// The door's file in the study's folder.
const DOOR: &str = "handover.sock";
/// What a successor says first. Another version of these words would be another number.
const HELLO: &str = "greenroom take over 1\n";
/// What it says when it can begin.
const READY: &str = "ready\n";
/// Longest line of the conversation, bytes.
const LINE: usize = 1024;
/// Longest that either waits for the other's next word.
const ANSWER: Duration = Duration::from_secs(20);
/// Longest wait for a predecessor to let go of the journal: longer than draining may take.
pub const PATIENCE: Duration = Duration::from_secs(150);
/// Time from one look to the next.
pub(crate) const LOOK: Duration = Duration::from_millis(10);
/// Looks at a journal that nobody has, until that counts.
const FREE: u32 = 5;
/// Longest path of a socket; longer ones go by way of an open folder.
const LONGEST: usize = 100;

/// What a running service tells of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct About {
    version: String,
    address: SocketAddr,
    base: String,
}

/// Why the place of a running service cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The conversation broke off.
    #[error(
        "the running service does not hand over ({0}): perhaps another successor was faster, or it is about to stop. It was \
         left as it is; try again"
    )]
    Silent(io::Error),
    /// The successor wants another address.
    #[error(
        "the running service listens on {found}, and a successor takes its socket as it is: leave --host and --port away, or \
         give those ({wanted} was given)"
    )]
    Address {
        /// Where it listens.
        found: SocketAddr,
        /// What was wanted.
        wanted: String,
    },
    /// The successor wants another base path.
    #[error(
        "the running service serves below {found}, where its participants are: give --base-path {found}, not {wanted}"
    )]
    Base {
        /// What it has.
        found: String,
        /// What was wanted.
        wanted: String,
    },
}

/// Where a running service hears successors.
pub struct Door {
    listener: UnixListener,
    seat: OwnedFd,
    about: About,
    path: PathBuf,
}

impl Door {
    /// Opens the door of a service that has the journal in `folder`, and so is the only one there.
    ///
    /// # Errors
    /// When the folder can hold no sockets: then there can be no successor.
    pub fn open(folder: &Path, seat: &TcpListener, base: &str) -> io::Result<Self> {
        let path = folder.join(DOOR);
        // One of a service that was cut off, perhaps.
        let _ = std::fs::remove_file(&path);
        let listener = short(&path, |path| StdUnixListener::bind(path))?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        let about =
            About { version: env!("CARGO_PKG_VERSION").into(), address: seat.local_addr()?, base: base.to_owned() };
        Ok(Self { listener: UnixListener::from_std(listener)?, seat: seat.as_fd().try_clone_to_owned()?, about, path })
    }

    /// Completes when a successor has the listening socket and is ready. Those that go away again change nothing.
    pub async fn asked(&self) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else { return pending().await };
            match tokio::time::timeout(ANSWER, self.talk(stream)).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => tracing::warn!(%error, "a successor asked and went away: this service goes on"),
                Err(_) => tracing::warn!("a successor asked and does not go on: this service does"),
            }
        }
    }

    async fn talk(&self, mut stream: UnixStream) -> io::Result<()> {
        let (theirs, ours) = (stream.peer_cred()?.uid(), rustix::process::geteuid().as_raw());
        if theirs != ours && theirs != 0 {
            return Err(io::Error::other(format!("it runs as another user ({theirs})")));
        }
        expect(&mut stream, HELLO).await?;
        let mut line = serde_json::to_vec(&self.about)?;
        line.push(b'\n');
        let send = || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            let sockets = [self.seat.as_fd()];
            control.push(SendAncillaryMessage::ScmRights(&sockets));
            // One short line fits into the socket's buffer as a whole.
            Ok(sendmsg(stream.as_fd(), &[IoSlice::new(&line)], &mut control, SendFlags::NOSIGNAL)?)
        };
        if stream.async_io(Interest::WRITABLE, send).await? != line.len() {
            return Err(io::Error::other("the socket took only a part"));
        }
        expect(&mut stream, READY).await
    }
}

impl Drop for Door {
    /// The next service of this folder opens its own.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn expect(stream: &mut UnixStream, words: &str) -> io::Result<()> {
    let mut heard = vec![0; words.len()];
    stream.read_exact(&mut heard).await?;
    if heard == words.as_bytes() { Ok(()) } else { Err(io::Error::other("it says something else")) }
}

/// Uses the path of a socket, for which the system has little room.
fn short<T>(path: &Path, open: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    if path.as_os_str().len() <= LONGEST {
        return open(path);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder = std::fs::File::options().read(true).open(folder)?;
    let name = path.file_name().unwrap_or_default();
    open(&PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name))
}

/// What a successor insists on; what is absent is taken from its predecessor.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Address to listen on.
    pub host: Option<IpAddr>,
    /// Port to listen on; 0 is any.
    pub port: Option<u16>,
    /// Path below which everything is served.
    pub base: &'a str,
}

/// A running service that is ready to hand over.
#[derive(Debug)]
pub struct Predecessor {
    stream: StdUnixStream,
    listener: StdListener,
}

impl Predecessor {
    /// Asks the service that has `journal`, if there is one. One that is just stopping is waited for.
    ///
    /// # Errors
    /// When it does not hand over, or serves elsewhere than is wanted. It goes on then.
    pub fn ask(journal: &Path, wanted: &Wanted<'_>) -> Result<Option<Self>, HandoverError> {
        let door = journal.with_file_name(DOOR);
        let until = Instant::now() + PATIENCE;
        let (mut told, mut free) = (false, 0);
        loop {
            match short(&door, |path| StdUnixStream::connect(path)) {
                Ok(stream) => return Self::talk(stream, wanted).map(Some),
                Err(_) if SqliteJournal::in_use(journal) && Instant::now() < until => {
                    free = 0;
                    if !told {
                        tracing::info!(
                            "a service has the journal and hears no successors, perhaps as it stops: waiting"
                        );
                        told = true;
                    }
                    std::thread::sleep(LOOK);
                }
                // Another successor may be about to have it.
                Err(_) if journal.is_file() && free < FREE => {
                    free += 1;
                    std::thread::sleep(LOOK);
                }
                Err(_) => return Ok(None),
            }
        }
    }

    fn talk(mut stream: StdUnixStream, wanted: &Wanted<'_>) -> Result<Self, HandoverError> {
        let (about, listener) = hear(&mut stream).map_err(HandoverError::Silent)?;
        let found = about.address;
        let other_port = wanted.port.is_some_and(|port| port != 0 && port != found.port());
        if other_port || wanted.host.is_some_and(|host| host != found.ip()) {
            let host = wanted.host.unwrap_or(found.ip());
            let wanted = SocketAddr::new(host, wanted.port.unwrap_or(found.port())).to_string();
            return Err(HandoverError::Address { found, wanted });
        }
        if wanted.base != about.base {
            return Err(HandoverError::Base { found: about.base, wanted: wanted.base.to_owned() });
        }
        tracing::info!(version = about.version, address = %found, "a running service hands over");
        Ok(Self { stream, listener })
    }

    /// Lets it stop; from here on the successor has to serve. The socket is the one that browsers connect to.
    pub fn release(mut self) -> StdListener {
        // If it is gone already, it has let go by that.
        let _ = self.stream.write_all(READY.as_bytes());
        self.listener
    }
}

/// What a running service tells, and its listening socket.
fn hear(stream: &mut StdUnixStream) -> io::Result<(About, StdListener)> {
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(ANSWER))?;
    stream.write_all(HELLO.as_bytes())?;
    let mut line = vec![0; LINE];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    // Worker processes must not inherit it.
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = recvmsg(&*stream, &mut [IoSliceMut::new(&mut line)], &mut control, flags)?;
    let socket = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
        _ => None,
    });
    line.truncate(received.bytes);
    while !line.ends_with(b"\n") {
        let mut more = [0; 1];
        if line.len() > LINE || stream.read(&mut more)? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        line.extend(more);
    }
    let socket = socket.ok_or_else(|| io::Error::other("it sent no socket"))?;
    Ok((serde_json::from_slice(&line)?, StdListener::from(socket)))
}
