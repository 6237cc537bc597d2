//! `greenroom worker`: the inside of a worker process.

use greenroom::python;

use super::Places;

/// Hosts environments until the service that started it lets go.
pub fn work(places: &Places) -> anyhow::Result<bool> {
    python::work(&places.venv, &places.assets.join("python"))?;
    Ok(true)
}
