//! A worker's process: its start, its pipes and its end.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Message;
use super::lines::{Lines, Valve};
use crate::actors::host::Address;
use crate::wire::{FromWorker, ToWorker, WORKER_FRAME_LIMIT, decode};

/// How a worker is started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program: this one, where nothing else is wanted.
    pub program: PathBuf,
    /// What it is told.
    pub arguments: Vec<OsString>,
}

/// Longest that the last words of a process are waited for once it has ended: something that it started may hold its pipes.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Last lines of the log that are told with a process's end.
const TAIL: usize = 4;

/// A message that is larger than a frame may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of {} MB, where {} MB is the most", .0 >> 20, WORKER_FRAME_LIMIT >> 20)]
pub struct TooLarge(pub usize);

/// A message with its length before it.
///
/// # Errors
/// When it is larger than a frame may be.
pub fn frame(message: &ToWorker) -> Result<Bytes, TooLarge> {
    let mut bytes = vec![0; 4];
    // Writing to memory does not fail, and a message has nothing that MessagePack cannot express.
    rmp_serde::encode::write_named(&mut bytes, message).expect("a wire type that MessagePack cannot express");
    let length = bytes.len() - 4;
    if length > WORKER_FRAME_LIMIT {
        return Err(TooLarge(length));
    }
    bytes[..4].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    Ok(Bytes::from(bytes))
}

/// A process that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    frames: mpsc::UnboundedSender<Bytes>,
    kill: CancellationToken,
}

impl Process {
    /// Starts it. What it says and how it ends is sent to `worker`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(launch: &Launch, number: usize, worker: Address<Message>) -> std::io::Result<Self> {
        let mut child = Command::new(&launch.program)
            .args(&launch.arguments)
            .arg0("greenroom")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C in the service's terminal is for the service, and what the environment starts ends with it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(std::io::Error::other("the process has no pipes"));
        };
        let kill = CancellationToken::new();
        let (frames, queue) = mpsc::unbounded_channel();
        let tail = Tail::default();
        let said = tokio::spawn(read(stdout, number, worker.clone(), kill.clone()));
        let logged = tokio::spawn(log(stderr, number, tail.clone()));
        tokio::spawn(write(stdin, queue));
        tokio::spawn(attend(child, kill.clone(), said, logged, tail, worker));
        Ok(Self { frames, kill })
    }

    /// Writes a frame when the process takes it; never waits.
    pub fn write(&self, frame: Bytes) {
        // A process that ends tells it in another way.
        let _ = self.frames.send(frame);
    }

    /// Ends it at once.
    pub fn kill(&self) {
        self.kill.cancel();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The last lines of a process's log.
#[derive(Debug, Clone, Default)]
struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_back(line);
        if lines.len() > TAIL {
            lines.pop_front();
        }
    }

    fn text(&self) -> Option<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        (!lines.is_empty()).then(|| lines.join(" | "))
    }
}

async fn write(mut stdin: impl AsyncWrite + Unpin, mut queue: mpsc::UnboundedReceiver<Bytes>) {
    while let Some(frame) = queue.recv().await {
        if stdin.write_all(&frame).await.is_err() {
            return;
        }
    }
}

async fn read(stdout: impl AsyncRead + Unpin, number: usize, worker: Address<Message>, kill: CancellationToken) {
    let mut stdout = BufReader::with_capacity(64 << 10, stdout);
    loop {
        let said = match hear(&mut stdout).await {
            Ok(Some(said)) => said,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(worker = number, %error, "a worker cannot be understood; it is killed");
                return kill.cancel();
            }
        };
        if worker.send(Message::Heard(Box::new(said))).await.is_err() {
            return;
        }
    }
}

async fn hear(stdout: &mut (impl AsyncRead + Unpin)) -> Result<Option<FromWorker>, String> {
    let length = match stdout.read_u32().await {
        Ok(length) => length as usize,
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if length > WORKER_FRAME_LIMIT {
        return Err(format!("it announces a message of {length} bytes"));
    }
    let mut frame = vec![0; length];
    match stdout.read_exact(&mut frame).await {
        Ok(_) => decode(&frame).map(Some).map_err(|error| error.to_string()),
        // It was killed while it wrote.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// Passes on what a process logs and its environments print, in measure.
async fn log(mut stderr: impl AsyncRead + Unpin, number: usize, tail: Tail) {
    let (mut lines, mut valve) = (Lines::default(), Valve::default());
    let mut chunk = [0; 4096];
    loop {
        let read = stderr.read(&mut chunk).await.unwrap_or(0);
        let complete = if read == 0 { lines.rest().into_iter().collect() } else { lines.feed(&chunk[..read]) };
        for line in complete {
            let (passes, swallowed) = valve.open();
            if swallowed > 0 {
                tracing::warn!(target: "greenroom::worker", worker = number, lines = swallowed, "a worker wrote too much");
            }
            if passes {
                tracing::info!(target: "greenroom::worker", worker = number, "{line}");
            }
            tail.push(line);
        }
        if read == 0 {
            return;
        }
    }
}

/// Waits for the end of a process, or makes it, and tells of it when nothing more can come from it.
async fn attend(
    mut child: Child,
    kill: CancellationToken,
    said: JoinHandle<()>,
    logged: JoinHandle<()>,
    tail: Tail,
    worker: Address<Message>,
) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let end = || group.map(|group| kill_process_group(group, Signal::KILL));
    let status = tokio::select! {
        biased;
        status = child.wait() => status,
        () = kill.cancelled() => {
            let _ = end();
            child.wait().await
        }
    };
    // What it has started goes with it.
    let _ = end();
    let last = async {
        let _ = said.await;
        let _ = logged.await;
    };
    let _ = tokio::time::timeout(LAST_WORDS, last).await;
    let how = status.map_or_else(|error| error.to_string(), |status: ExitStatus| status.to_string());
    let _ = worker.tell(Message::Ended(match tail.text() {
        Some(lines) => format!("{how}; its last words: {lines}"),
        None => how,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frame_that_is_announced_too_large_is_not_read() {
        let mut stdout = &[0x7f, 0xff, 0xff, 0xff, 1, 2, 3][..];
        assert!(hear(&mut stdout).await.unwrap_err().contains("2147483647 bytes"));
    }

    #[tokio::test]
    async fn what_is_cut_off_is_the_end() {
        assert!(hear(&mut &[0, 0][..]).await.unwrap().is_none());
        assert!(hear(&mut &[0, 0, 0, 5, 1][..]).await.unwrap().is_none());
        assert!(hear(&mut &[0, 0, 0, 1, 0xc1][..]).await.is_err(), "no message");
    }

    #[test]
    fn a_message_has_its_length_before_it() {
        let bytes = frame(&ToWorker::Ping(7)).unwrap();
        assert_eq!(u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize, bytes.len() - 4);
        assert!(matches!(decode(&bytes[4..]).unwrap(), ToWorker::Ping(7)));
    }
}
