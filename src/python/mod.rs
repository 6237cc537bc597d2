//! Python in the service: the embedded interpreter, the classes that researchers describe a study with, and the
//! loading of a study.
//!
//! ```text
//! interpreter   starts Python, the one of the study's virtual environment        (the only unsafe code)
//! builders/     the classes of `greenroom`: check each value at the researcher's own line
//! module        runs the experiment module and finds its `experiment`
//! compat        the same for scripts that were written for another system
//! matchmaker    functions of the module that say who plays with whom, for the waiting rooms
//! callbacks     objects of the module that are told of what happened
//! local         the Python files that belong to a study, and the packages it has
//! needs         what a scene needs that can be told without running it: packages, functions
//! study         makes the plain types of crate::experiment of what the builders hold
//! performance   a recorded game that is played again
//! check         the first part of `greenroom check`: all of that as a report
//! stub          the classes' types for editors
//! reference     every option, for people
//! wheels        packages for the environments in the browser
//! datasets      recorded games as datasets for learning
//! worker        the process that hosts environments for the service
//! ```
//!
//! Nothing behind this module knows Python: [`Interpreter::load`] gives plain types, and matchmakers and callbacks behind traits.

// What pyo3's macros write is allowed all the same; ours stays in one file.
#![deny(unsafe_code)]

mod builders;
mod callbacks;
mod check;
mod compat;
mod datasets;
mod flow;
mod functions;
mod interpreter;
mod local;
mod matchmaker;
mod module;
mod needs;
mod performance;
mod reference;
mod stub;
mod study;
mod traceback;
mod wheels;
mod worker;

pub use check::describe;
pub use datasets::{Dataset, DatasetError, Datasets, Finished, Problem as DatasetProblem};
pub use interpreter::{Interpreter, InterpreterError};
pub use module::{LoadError, Loaded};
pub use performance::{Performance, Play};
pub use reference::reference;
pub use stub::stub;
pub use wheels::{WheelError, WheelSources, resolve};
pub use worker::{WorkerError, keep_streams, leave, work};
