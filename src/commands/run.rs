//! `greenroom run`: serves a study.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, TcpListener as StdListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::time::Instant;

use anyhow::Context;
use greenroom::actors::workers;
use greenroom::gateway::OperatorKey;
use greenroom::handover::{Predecessor, Wanted};
use greenroom::python::{self, Interpreter, Loaded, WheelSources};
use greenroom::service::{self, BasePath, Prepared, Settings};
use greenroom::store::{Archive, Definition, SqliteJournal, StoreError};
use greenroom::telemetry::{self, LogFormat};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{Places, launch};

/// The arguments.
#[derive(clap::Args)]
pub struct Run {
    /// The experiment module.
    module: PathBuf,
    /// Address to listen on; 0.0.0.0 for all [default: 127.0.0.1].
    #[arg(long)]
    host: Option<IpAddr>,
    /// Port to listen on; 0 for any that is free [default: 8000].
    #[arg(long)]
    port: Option<u16>,
    /// Folder for the data; each study has its own in it.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Path below which everything is served, behind a proxy for example.
    #[arg(long, default_value = "/")]
    base_path: BasePath,
    /// How a line of the log is written.
    #[arg(long, value_enum, default_value = "pretty")]
    log_format: LogFormat,
    /// Folder with wheels for the browser's Python, used before the package index is asked; may be repeated.
    #[arg(long, value_name = "DIR")]
    wheels: Vec<PathBuf>,
    /// Origin besides the service's own whose pages may connect, such as https://lab.example; may be repeated.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Number of processes for environments that run on the service, about one for each core; the number of cores when
    /// absent. They are started only if a scene needs them.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    workers: Option<usize>,
    /// Start although the study has changed since its participants began: they go on with the changed one.
    #[arg(long)]
    accept_changes: bool,
    /// Take the place of a service that runs with the same data: its socket, its participants and their games.
    #[arg(long)]
    take_over: bool,
    #[command(flatten)]
    places: Places,
}

/// Where a service listens unless told otherwise.
const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Its port.
const PORT: u16 = 8000;
/// Connections that may wait to be accepted, as far as the system allows.
const QUEUE: i32 = 4096;

/// A number of workers.
fn at_least_one(given: &str) -> Result<usize, String> {
    match given.parse() {
        Ok(0) => Err("environments on the service need at least 1 worker".into()),
        Ok(number) if number <= MOST_WORKERS => Ok(number),
        _ => Err(format!("give a number from 1 to {MOST_WORKERS}")),
    }
}

/// More processes than any machine has cores.
const MOST_WORKERS: usize = 1024;

/// The processes that host environments run this program too.
fn plan_workers(count: Option<usize>, places: &Places, module: &Path) -> anyhow::Result<workers::Plan> {
    let count = count.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let folder = module.parent().unwrap_or(Path::new("/")).to_owned();
    Ok(workers::Plan { count, launch: launch("worker", places)?, folder })
}

/// Serves until it is asked to stop.
pub fn serve(run: Run) -> anyhow::Result<()> {
    telemetry::start(run.log_format);
    let interpreter = Interpreter::start(&run.places.venv, &run.places.assets.join("python"))?;
    let Loaded { experiment, suggesters, functions, callbacks, module, sources } = interpreter.load(&run.module)?;
    let definition = Definition {
        archive: Archive::of(&experiment, module.parent().unwrap_or(Path::new("/")), &sources)?,
        python_version: interpreter.version().to_owned(),
        packages: interpreter.installed(),
    };
    service::compare(&definition, &experiment, &run.data, run.accept_changes)?;
    let workers = plan_workers(run.workers, &run.places, &module)?;
    let films = launch("film", &run.places)?;

    let folders: Vec<PathBuf> = run.wheels.into_iter().chain([run.places.assets.join("vendor/wheels")]).collect();
    let sources = WheelSources { venv: &run.places.venv, folders: &folders, cache: &run.data.join(".wheels") };
    let requirements: Vec<String> = experiment
        .stager
        .gyms()
        .filter(|gym| gym.mode.in_browser())
        .flat_map(|gym| gym.runtime.packages_to_install.clone())
        .collect();
    let wheels = python::resolve(&requirements, &sources)?;

    let base = run.base_path.as_str().to_owned();
    let settings = Settings {
        experiment,
        definition,
        accept_changes: run.accept_changes,
        data: run.data,
        base: run.base_path,
        assets: run.places.assets,
        wheels,
        origins: run.allow_origin,
        suggesters: Arc::new(suggesters),
        functions: Arc::new(functions),
        callbacks,
        workers: Some(workers),
        films: Some(films),
    };
    let key = OperatorKey::of_study(&settings.data.join(settings.experiment.id.as_str()))?;
    // The usual soft limit of 1024 files would turn away the thousandth participant.
    if let Err(error) = rlimit::increase_nofile_limit(rlimit::INFINITY) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let prepared = service::prepare(settings)?;
    let (listener, taken) = match run.take_over {
        true => take_over(&prepared, run.host, run.port, &base)?,
        // Said before an address is printed that nobody would serve.
        false if SqliteJournal::in_use(&prepared.journal()) => {
            return Err(StoreError::InUse { path: prepared.journal() }.into());
        }
        false => (bind(run.host, run.port)?, None),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let shutdown = asked_to_stop()?;
        let host = if address.ip().is_unspecified() { "localhost".into() } else { address.ip().to_string() };
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        let place = format!("http://{host}:{}{base}", address.port());
        greet(&prepared, &place, &key);
        prepared.run(listener, taken, shutdown).await.map_err(anyhow::Error::from)
    })
}

/// Says where the service is. Whoever reads that may stop reading once the address is known: that ends no service.
fn greet(prepared: &service::Prepared, place: &str, key: &OperatorKey) {
    let (study, key) = (&prepared.experiment().id, key.text());
    let told = writeln!(
        std::io::stdout().lock(),
        "Greenroom serves {study}\nOpen {place} in a browser; press Ctrl-C here to stop.\nOperators: {place}admin/?key={key}"
    );
    if let Err(error) = told {
        tracing::warn!(%error, place, "standard output takes nothing");
    }
}

/// Listens where the command line says.
fn bind(host: Option<IpAddr>, port: Option<u16>) -> anyhow::Result<StdListener> {
    let (host, port) = (host.unwrap_or(HOST), port.unwrap_or(PORT));
    let listener = StdListener::bind((host, port)).with_context(|| {
        format!(
            "cannot listen on {host}:{port}; choose another --port, or, if a service of this study runs there, take over \
             from it with --take-over"
        )
    })?;
    // All participants come back at once when a service restarts or hands over, and must find room to wait.
    rustix::net::listen(&listener, QUEUE)?;
    Ok(listener)
}

/// Takes the place of a running service. Without one, it is an ordinary start.
fn take_over(
    prepared: &Prepared,
    host: Option<IpAddr>,
    port: Option<u16>,
    base: &str,
) -> anyhow::Result<(StdListener, Option<Instant>)> {
    let Some(predecessor) = Predecessor::ask(&prepared.journal(), &Wanted { host, port, base })? else {
        return Ok((bind(host, port)?, Some(Instant::now())));
    };
    // What it has noted since then counts too.
    prepared.compare()?;
    let taken = Instant::now();
    Ok((predecessor.release(), Some(taken)))
}

/// Completes at the first Ctrl-C or SIGTERM; a second one ends the process at once.
fn asked_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            biased;
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                biased;
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            eprintln!("greenroom: stopped at once; what was acknowledged is stored");
            std::process::exit(130);
        });
    })
}
