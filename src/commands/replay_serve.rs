//! `greenroom replay --serve`: shows a recorded game in a browser on this machine.

use std::path::Path;

use greenroom::ids::GameId;

use super::Places;

/// Serves until it is asked to stop.
pub fn serve(_folder: &Path, _game: GameId, _port: u16, _places: &Places) -> anyhow::Result<bool> {
    anyhow::bail!("--serve is not there yet")
}
