//! The command line: settings, then build, then run.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::Places;

/// Turns Python environments into browser experiments.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a folder with a study to begin from.
    New(commands::new::New),
    /// Serve a study.
    Run(commands::run::Run),
    /// Load a study without serving it, print its scenes and every problem, and examine its environments.
    Check(commands::check::Check),
    /// Export tables of a study, its data files or datasets, at any time.
    Export(commands::export::Export),
    /// Play a recorded game again, and say whether it is the one that is recorded.
    Replay(commands::replay::Replay),
    /// Make a film of a game, for a service, which starts this by itself.
    #[command(hide = true)]
    Film(commands::film::Film),
    /// Host environments for a service, which starts this by itself.
    #[command(hide = true)]
    Worker(Places),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::New(arguments) => commands::new::make(&arguments).map(|()| true),
        Command::Run(run) => commands::run::serve(run).map(|()| true),
        Command::Check(arguments) => commands::check::check(arguments),
        Command::Export(arguments) => commands::export::export(arguments),
        Command::Replay(arguments) => commands::replay::replay(arguments),
        Command::Film(arguments) => commands::film::film(arguments),
        Command::Worker(places) => commands::worker::work(&places),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("greenroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}
