//! Logs: to standard error, for people or for programs.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Starts logging. `RUST_LOG` says how much, for example `greenroom=debug` or `info,greenroom::metrics=warn`.
pub fn start(format: LogFormat) {
    // The actor library opens a span for each actor, which costs more than the actors.
    let filter = match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(asked) => EnvFilter::try_new(&asked).unwrap_or_else(|error| {
            eprintln!("greenroom: RUST_LOG={asked:?} is not understood ({error}); logging at info");
            EnvFilter::new("info")
        }),
        Err(_) => EnvFilter::new("info"),
    };
    let quiet = |directive: &str| directive.parse().ok();
    let filter = quiet("ractor=warn").into_iter().fold(filter, EnvFilter::add_directive);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Pretty => logs.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}
