//! The command line, for the time being only `greenroom check MODULE.py`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [command, module] = arguments.as_slice() else { anyhow::bail!("usage: greenroom check MODULE.py") };
    anyhow::ensure!(command == "check", "usage: greenroom check MODULE.py");
    let (venv, packages) = (Path::new(".venv"), Path::new("assets/python"));
    let well = greenroom::python::check(venv, packages, Path::new(module), &mut std::io::stdout().lock())?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
