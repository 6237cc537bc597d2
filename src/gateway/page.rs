//! The one page: the client's template, filled for a request.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::experiment::{Experiment, Language};
use crate::ids::{ExperimentId, SubjectId};

/// Where the page finds its parts; all addresses begin with the base path.
#[derive(Debug, Clone)]
pub struct Places {
    /// Base path, beginning and ending in `/`.
    pub base: String,
    /// The client, ending in `/`.
    pub client: String,
    /// Pyodide and libraries, ending in `/`.
    pub vendor: String,
    /// The archive of the shared Python package.
    pub python: String,
}

/// What the page's scripts are told.
#[derive(Serialize)]
struct Config<'a> {
    base: &'a str,
    subject: Option<&'a SubjectId>,
    experiment: &'a ExperimentId,
    subject_parameter: &'a str,
    client: &'a str,
    vendor: &'a str,
    python: &'a str,
    socket: String,
    language: &'a Spoken,
}

/// A page's language, and all texts in it.
#[derive(Debug, Serialize)]
pub struct Spoken {
    tag: String,
    words: serde_json::Value,
}

impl Spoken {
    /// The language, as the client reads it.
    pub fn of(language: &Language) -> Self {
        Self { tag: language.tag().to_owned(), words: language.words() }
    }
}

/// The page.
#[derive(Debug)]
pub struct PageTemplate {
    text: String,
    places: Places,
    experiment: ExperimentId,
    subject_parameter: String,
    language: Language,
    spoken: Spoken,
}

/// The page's template cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the page's template {path}: {cause}")]
pub struct PageError {
    path: PathBuf,
    cause: std::io::Error,
}

impl PageTemplate {
    /// Reads the template, for a study.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &Path, places: Places, study: &Experiment) -> Result<Self, PageError> {
        let (experiment, language) = (study.id.clone(), study.language.clone());
        let subject_parameter = study.gates.subject_parameter().to_owned();
        let text = std::fs::read_to_string(path).map_err(|cause| PageError { path: path.to_owned(), cause })?;
        let spoken = Spoken::of(&language);
        Ok(Self { text, places, experiment, subject_parameter, language, spoken })
    }

    /// The page for a request; `nonce` allows its own scripts and no others.
    pub fn fill(&self, subject: Option<&SubjectId>, nonce: &str) -> String {
        let places = &self.places;
        let config = Config {
            base: &places.base,
            subject,
            experiment: &self.experiment,
            subject_parameter: &self.subject_parameter,
            client: &places.client,
            vendor: &places.vendor,
            python: &places.python,
            socket: format!("{}ws", places.base),
            language: &self.spoken,
        };
        // `<` could end the script element that holds the JSON.
        let config = serde_json::to_string(&config).unwrap_or_default().replace('<', "\\u003c");
        let direction = if self.language.right_to_left() { "rtl" } else { "ltr" };
        // Texts may hold HTML, as everything that is the researcher's.
        let script = |name: &str| self.language.say(&format!("page.noScript.{name}"), &[]);
        let (header, body) = (script("header"), script("body"));
        let fills = [
            ("{{lang}}", self.language.tag()),
            ("{{dir}}", direction),
            ("{{no_script_header}}", &header),
            ("{{no_script_body}}", &body),
            ("{{title}}", self.experiment.as_str()),
            ("{{config}}", &config),
            ("{{nonce}}", nonce),
            ("{{base}}", &places.base),
            ("{{client}}", &places.client),
            ("{{vendor}}", &places.vendor),
        ];
        fills.iter().fold(self.text.clone(), |text, (hole, fill)| text.replace(hole, fill))
    }
}
