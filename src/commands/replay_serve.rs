//! `greenroom replay --serve`: shows a recorded game in a browser on this machine.

use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use greenroom::experiment::Experiment;
use greenroom::facts::{Fact, Journal, Stream, StudyFact};
use greenroom::gateway::{self, Assets, Films, OperatorKey, Operators, OperatorsConfig};
use greenroom::ids::GameId;
use greenroom::service::JOURNAL;
use greenroom::store::{Games, SqliteJournal};
use greenroom::telemetry::{self, LogFormat};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Places, launch};

/// Where everything is served.
const BASE: &str = "/";

/// Serves until Ctrl-C.
pub fn serve(folder: &Path, game: GameId, port: u16, places: &Places) -> anyhow::Result<bool> {
    telemetry::start(LogFormat::Pretty);
    let path = folder.join(JOURNAL);
    if Games::open(&path)?.find(game)?.is_none() {
        bail!("{} has no game {game}", path.display());
    }
    let experiment = newest(&path)?;
    let (client, library) = (places.assets.join("client"), places.assets.join("vendor/lib"));
    let mut assets = Assets::default();
    let below = |path: String| format!("{BASE}{path}");
    let client_address = below(assets.add_immutable("client", &client)?);
    assets.add_folder("assets/vendor/lib/", &library).context("run `make setup` first")?;
    let key = OperatorKey::fresh()?;
    let closing = CancellationToken::new();
    let operators = Operators::new(OperatorsConfig {
        experiment: experiment.id.clone(),
        modes: gateway::modes(&experiment),
        journal: path,
        client,
        places: gateway::Places {
            base: BASE.to_owned(),
            client: client_address,
            vendor: below("assets/vendor/".into()),
            python: String::new(),
        },
        key: key.clone(),
        films: Some(Films { launch: launch("film", places)?, study: std::path::absolute(folder)? }),
        closing: closing.clone(),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("cannot listen on port {port}; choose another --port"))?;
        let address = listener.local_addr()?;
        println!(
            "Open http://{address}{BASE}admin/games/{game}/?key={} in a browser; press Ctrl-C here to stop.",
            key.text()
        );
        let shutdown = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        gateway::exhibit(listener, BASE, assets, operators, shutdown).await;
        closing.cancel();
        anyhow::Ok(())
    })?;
    Ok(true)
}

/// The study in the form that it had last.
fn newest(journal: &Path) -> anyhow::Result<Experiment> {
    let facts = SqliteJournal::open_to_read(journal)?.read(&Stream::Study)?;
    let newest = facts.into_iter().rev().find_map(|recorded| match recorded.fact {
        Fact::Study(StudyFact::StudyOpened { experiment, .. }) => Some(experiment),
        _ => None,
    });
    let experiment = newest.ok_or_else(|| {
        anyhow!("the data do not say what the study was: start it once with this version (`greenroom run`), as it was")
    })?;
    Ok(serde_json::from_value(experiment)?)
}
