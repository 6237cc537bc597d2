//! The worker's ends of the pipes to the service.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::{Signal, getpid, kill_process};
use rustix::stdio::{dup2_stdin, dup2_stdout};

use crate::wire::{FromWorker, ToWorker, WORKER_FRAME_LIMIT, decode, encode};

/// Longest that libraries may take over what they do at the end of a process.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The first numbers of files belong to the standard streams.
const FIRST_FREE: i32 = 3;

/// What the service asks, in order.
pub(super) struct Requests(mpsc::Receiver<ToWorker>);

/// Where the answers go.
pub(super) struct Answers(File);

/// An answer that is larger than a frame may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLarge {
    pub bytes: usize,
}

/// Keeps standard input and output for this program's own words, which environments would garble. Whoever reads from them
/// afterwards finds nothing, and whoever writes writes to standard error.
///
/// # Errors
/// When the system has no more files.
pub fn keep_streams() -> io::Result<(File, File)> {
    // Programs that the environment starts get neither.
    let from = File::from(fcntl_dupfd_cloexec(io::stdin().as_fd(), FIRST_FREE)?);
    let to = File::from(fcntl_dupfd_cloexec(io::stdout().as_fd(), FIRST_FREE)?);
    dup2_stdout(io::stderr().as_fd())?;
    dup2_stdin(File::open("/dev/null")?)?;
    Ok((from, to))
}

/// Keeps the pipes to the service.
pub(super) fn take_over() -> io::Result<(Requests, Answers)> {
    let (from, to) = keep_streams()?;
    // Without a bound: the reader must never wait for Python, or it would not see the service's end. The service bounds
    // what it asks.
    let (requests, received) = mpsc::channel();
    thread::Builder::new().name("requests".into()).spawn(move || read(from, &requests))?;
    Ok((Requests(received), Answers(to)))
}

impl Requests {
    /// The next request.
    pub fn next(&self) -> Option<ToWorker> {
        self.0.recv().ok()
    }
}

impl Answers {
    /// Writes an answer, unless it is too large.
    pub fn write(&mut self, answer: &FromWorker) -> Result<(), TooLarge> {
        let body = encode(answer);
        if body.len() > WORKER_FRAME_LIMIT {
            return Err(TooLarge { bytes: body.len() });
        }
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
        let written = self.0.write_all(&length).and_then(|()| self.0.write_all(&body));
        if written.is_err() {
            leave();
        }
        Ok(())
    }
}

fn read(mut from: File, requests: &mpsc::Sender<ToWorker>) {
    loop {
        let frame = match frame(&mut from) {
            Ok(Some(frame)) => frame,
            Ok(None) => leave(),
            Err(error) => {
                eprintln!("the service cannot be understood: {error}");
                leave();
            }
        };
        match decode(&frame) {
            Ok(request) => {
                if requests.send(request).is_err() {
                    leave();
                }
            }
            Err(error) => {
                eprintln!("the service cannot be understood: {error}");
                leave();
            }
        }
    }
}

/// The next frame; `None` at the end.
fn frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > WORKER_FRAME_LIMIT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
    }
    let mut frame = vec![0; length];
    from.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// The service is gone, or a stranger: ends the process, whatever Python is doing.
pub fn leave() -> ! {
    thread::spawn(|| {
        thread::sleep(LAST_WORDS);
        let _ = kill_process(getpid(), Signal::KILL);
    });
    std::process::exit(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_until_the_end() {
        let bytes = [&[0, 0, 0, 2][..], b"ab", &[0, 0, 0, 0]].concat();
        let mut from = &bytes[..];
        assert_eq!(frame(&mut from).unwrap(), Some(b"ab".to_vec()));
        assert_eq!(frame(&mut from).unwrap(), Some(Vec::new()));
        assert_eq!(frame(&mut from).unwrap(), None);
    }

    #[test]
    fn a_frame_that_is_too_large_or_cut_off_is_an_error() {
        assert!(frame(&mut &[255, 0, 0, 0][..]).is_err());
        assert!(frame(&mut &[0, 0, 0, 9, 1][..]).is_err());
    }
}
