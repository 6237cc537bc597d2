//! A worker: a process of its own that hosts environments, so that neither their weight nor their end is the service's.
//!
//! It reads requests from its standard input, does one after the other with the Python class `greenroom.hosting.Host`, and
//! writes the answers to its standard output, each in a frame (see [`crate::wire::ToWorker`]). Environments print and read
//! where they like: what they print goes to standard error, and so into the service's log.

mod hosted;
pub(super) mod pictures;
mod pipe;

use std::path::Path;

use pyo3::prelude::*;

use super::{Interpreter, InterpreterError};
use crate::wire::{FromWorker, ToWorker, WORKER_VERSION};
use hosted::Hosted;
use pipe::{Answers, Requests};
pub use pipe::{keep_streams, leave};

/// Why a worker ends, other than by the end of the service.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Python cannot be started.
    #[error(transparent)]
    Interpreter(#[from] InterpreterError),
    /// The package lacks what a worker needs, or it cannot be imported.
    #[error("the package `greenroom` cannot host environments: {0}")]
    Host(String),
    /// The service cannot be reached.
    #[error("the pipe to the service does not work: {0}")]
    Pipe(#[from] std::io::Error),
}

/// Hosts environments until the service is gone, with the Python of `venv` and the package `greenroom` of the directory
/// `packages`.
///
/// # Errors
/// When it cannot begin.
pub fn work(venv: &Path, packages: &Path) -> Result<(), WorkerError> {
    let (requests, mut answers) = pipe::take_over()?;
    let interpreter = Interpreter::start(venv, packages)?;
    let host = Python::attach(|py| {
        let host = py.import("greenroom.hosting")?.getattr("Host")?.call0()?;
        Ok(host.unbind())
    });
    let host = host.map_err(|error: PyErr| WorkerError::Host(error.to_string()))?;
    let python = interpreter.version().to_owned();
    // A few bytes are never too large.
    let _ = answers.write(&FromWorker::Hello { version: WORKER_VERSION, pid: std::process::id(), python });
    serve(&requests, &mut answers, &mut Hosted::new(host, packages));
    Ok(())
}

fn serve(requests: &Requests, answers: &mut Answers, hosted: &mut Hosted) {
    while let Some(request) = requests.next() {
        let game = match &request {
            ToWorker::Begin(stand) => Some(stand.game),
            ToWorker::Advance(advance) => Some(advance.game),
            _ => None,
        };
        let Some(answer) = hosted.answer(request) else { continue };
        match (answers.write(&answer), game) {
            (Ok(()), _) => {}
            (Err(too_large), Some(game)) => {
                hosted.close(game);
                let message = format!(
                    "a step gave {} MB of rows, states and pictures, but {} MB is the most that can be passed on",
                    too_large.bytes >> 20,
                    crate::wire::WORKER_FRAME_LIMIT >> 20
                );
                let trouble = crate::wire::Trouble { message, traceback: String::new() };
                let _ = answers.write(&FromWorker::Failed { game, trouble });
            }
            (Err(_), None) => {}
        }
    }
}
