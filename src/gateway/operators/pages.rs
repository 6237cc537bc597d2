//! The operator's pages: templates of the client, filled for a request, as the participants' page is.

use std::path::Path;

use serde::Serialize;

use crate::experiment::Language;
use crate::gateway::page::{Places, Spoken};
use crate::ids::{ExperimentId, GameId};

/// What a page's scripts are told.
#[derive(Serialize)]
struct Config<'a> {
    base: &'a str,
    client: &'a str,
    vendor: &'a str,
    experiment: &'a ExperimentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    game: Option<GameId>,
    language: &'a Spoken,
}

/// The operator's pages. Without its file a page is not there, and everything else is.
#[derive(Debug)]
pub struct OperatorPages {
    list: Option<String>,
    film: Option<String>,
    places: Places,
    experiment: ExperimentId,
    /// Operators read English.
    language: Spoken,
}

impl OperatorPages {
    /// Reads the templates from the folder of the client.
    pub fn read(client: &Path, places: Places, experiment: ExperimentId) -> Self {
        let read = |name| std::fs::read_to_string(client.join(name)).ok();
        Self {
            list: read("operator.html"),
            film: read("film.html"),
            places,
            experiment,
            language: Spoken::of(&Language::default()),
        }
    }

    /// The list of games, or the page of one; `nonce` allows its own scripts and no others.
    pub fn fill(&self, game: Option<GameId>, nonce: &str) -> Option<String> {
        let template = if game.is_some() { &self.film } else { &self.list };
        let Places { base, client, vendor, .. } = &self.places;
        let config = Config { base, client, vendor, experiment: &self.experiment, game, language: &self.language };
        // `<` could end the script element that holds the JSON.
        let config = serde_json::to_string(&config).unwrap_or_default().replace('<', "\\u003c");
        let fills = [
            ("{{title}}", self.experiment.as_str()),
            ("{{config}}", &config),
            ("{{nonce}}", nonce),
            ("{{base}}", base),
            ("{{client}}", client),
            ("{{vendor}}", vendor),
        ];
        let text = template.clone()?;
        Some(fills.iter().fold(text, |text, (hole, fill)| text.replace(hole, fill)))
    }
}
