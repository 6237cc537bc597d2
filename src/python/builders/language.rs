//! `Experiment.language`: the language of everything that participants read and that the researcher has not written.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::given::{Given, nearest, shown};
use super::options::{Kind, Method, Opt};
use crate::experiment::{FORMS, LANGUAGES, Language, LanguageError, Words, text_keys};

/// `Experiment.language`.
pub static LANGUAGE: Method = Method {
    class: "Experiment",
    name: "language",
    doc: "Sets the language of everything that participants read and that you have not written: buttons, the waiting room, \
          what is missing in a form, what went wrong. English without this call.",
    options: &[
        Opt::required(
            "language",
            Kind::Other { annotation: "str", allowed: "the tag of a language, such as 'en', 'de', 'de-AT' or 'ar'" },
            "Its tag, which screen readers and the browser's translation go by, too. 'en' and 'de' are built in; for any \
             other, give the texts.",
        ),
        Opt::new(
            "texts",
            Kind::Other {
                annotation: "Mapping[str, str | Mapping[str, str]]",
                allowed: "a dict from keys of texts, such as 'form.required', to texts, or to dicts of forms such as \
                          {'one': ..., 'other': ...}",
            },
            "Texts of your own, by their keys. The keys and the English words are in `assets/client/texts/en.json`; \
             {places} in braces are filled in. Those that you do not give stay as they are in the base language.",
        ),
        Opt::new(
            "base",
            Kind::OneOf(&LANGUAGES),
            "Language of the texts that you do not give. That of the same name where it is built in, else 'en'.",
        ),
        Opt::new(
            "direction",
            Kind::OneOf(&["ltr", "rtl"]),
            "Direction in which it is written: from left to right or from right to left. Known for all common languages \
             without this option.",
        ),
    ],
    elsewhere: &[("lang", "the option is `language`"), ("locale", "the option is `language`")],
};

/// The language that a call describes.
///
/// # Errors
/// What is wrong, with the key or place that was probably meant.
pub fn read(given: &Given<'_>) -> PyResult<Option<Language>> {
    let (Some(value), Some(tag)) = (given.raw("language"), given.text("language")?) else { return Ok(None) };
    let (base, direction) = (given.word("base")?, given.word("direction")?);
    let texts = texts(given)?;
    match Language::new(&tag, base, direction.map(|direction| direction == "rtl"), texts) {
        Ok(language) => Ok(Some(language)),
        Err(LanguageError::Tag) => Err(given.refusal("language", value, false)),
        Err(error) => Err(given.wrong("texts", &format!("{error}{}", advice(value.py(), &error)))),
    }
}

fn texts(given: &Given<'_>) -> PyResult<BTreeMap<String, Words>> {
    let Some(value) = given.raw("texts") else { return Ok(BTreeMap::new()) };
    let refused = || given.refusal("texts", value, true);
    let Ok(dict) = value.cast::<PyDict>() else { return Err(refused()) };
    let mut texts = BTreeMap::new();
    for (key, words) in dict {
        let Ok(key) = key.extract::<String>() else { return Err(refused()) };
        let words = if words.is_instance_of::<PyString>() {
            words.extract().map(Words::One).ok()
        } else {
            words.cast::<PyDict>().ok().and_then(|forms| forms.extract().ok()).map(Words::Forms)
        };
        let Some(words) = words else {
            let given_words = dict.get_item(&key)?.map_or_else(String::new, |words| shown(&words));
            return Err(
                given.wrong("texts", &format!("has {given_words} for {key:?}: give a text, or a dict of forms"))
            );
        };
        texts.insert(key, words);
    }
    Ok(texts)
}

/// What to do about it.
fn advice(py: Python<'_>, error: &LanguageError) -> String {
    match error {
        LanguageError::Unknown(key) => {
            let keys: Vec<_> = text_keys().collect();
            match nearest(py, key, &keys) {
                Some(meant) => format!("; did you mean {meant:?}?"),
                None => "; the keys are those of assets/client/texts/en.json".into(),
            }
        }
        LanguageError::Group(group) => {
            let prefix = format!("{group}.");
            let inside: Vec<_> = text_keys().filter(|key| key.starts_with(&prefix)).take(4).collect();
            format!(": name one of them, such as {}", inside.join(", "))
        }
        LanguageError::Form { .. } => {
            format!(": only texts that count something have forms, and these are {}", FORMS.join(", "))
        }
        LanguageError::Placeholder { name, known, .. } => match &known[..] {
            [] => ": this text has no places to be filled".into(),
            known => {
                let known: Vec<_> = known.iter().map(String::as_str).collect();
                match nearest(py, name, &known) {
                    Some(meant) => format!("; did you mean {{{meant}}}?"),
                    None => format!("; it can have {{{}}}", known.join("}, {")),
                }
            }
        },
        LanguageError::Tag | LanguageError::NoOther(_) | LanguageError::TooLong(_) => String::new(),
    }
}
