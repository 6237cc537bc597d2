//! The language of a study: every text that participants see and that is not the researcher's own.
//!
//! The texts are in one table for each language that is built in, `assets/client/texts/`. The client's come with its page,
//! the service's own pages ask here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unic_langid::{CharacterDirection, LanguageIdentifier};

/// The languages that are built in, by the tag of their file; the first speaks where none is chosen.
pub const BUILT_IN: [&str; 2] = ["en", "de"];

/// Forms of a text that languages tell apart by number; every text with forms has the last.
pub const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// A text that is longer is refused.
pub const LONGEST_TEXT: usize = 4000;

static TABLES: LazyLock<BTreeMap<&str, Table>> = LazyLock::new(|| {
    let files = [
        ("en", include_str!("../../assets/client/texts/en.json")),
        ("de", include_str!("../../assets/client/texts/de.json")),
    ];
    // A table that cannot be read fails the unit test below, and no program with it is built.
    files.into_iter().map(|(tag, file)| (tag, Table::read(file))).collect()
});

/// A language's texts, by their keys, such as `form.required`.
#[derive(Debug, Default)]
struct Table(BTreeMap<String, Words>);

/// A text, which may have places for values, such as `{count}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// The same for all numbers.
    One(String),
    /// One for each form of the number `count`; see [`FORMS`].
    Forms(BTreeMap<String, String>),
}

/// The language of a study: a language that is built in, and what is said in another way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    tag: String,
    right_to_left: bool,
    base: String,
    texts: BTreeMap<String, Words>,
}

/// What cannot be a language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// No tag of a language.
    #[error("is no language: write its tag, such as 'en', 'de-AT' or 'ar'")]
    Tag,
    /// No text has this key.
    #[error("has {0:?}, which is no text")]
    Unknown(String),
    /// The key names several texts.
    #[error("has {0:?}, which is a group of texts")]
    Group(String),
    /// A form of the number that no language has, or that no number decides here.
    #[error("has the form {form:?} for {key:?}")]
    Form {
        /// Of which text.
        key: String,
        /// The form.
        form: String,
    },
    /// There is no form for all other numbers.
    #[error("has no form \"other\" for {0:?}: it is needed for all numbers that have no form of their own")]
    NoOther(String),
    /// A place for a value that this text does not get.
    #[error("has {{{name}}} in {key:?}, which is not known there")]
    Placeholder {
        /// Of which text.
        key: String,
        /// The place that was written.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A text that fills the page.
    #[error("has more than {LONGEST_TEXT} characters for {0:?}")]
    TooLong(String),
}

impl Default for Language {
    fn default() -> Self {
        Self { tag: BUILT_IN[0].into(), right_to_left: false, base: BUILT_IN[0].into(), texts: BTreeMap::new() }
    }
}

impl Language {
    /// The language of a tag (BCP 47), with the texts of the language that is built in for it, or else of `base`, where
    /// `texts` has no other. The direction is that of the language unless given.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new(
        tag: &str,
        base: Option<&str>,
        right_to_left: Option<bool>,
        texts: BTreeMap<String, Words>,
    ) -> Result<Self, LanguageError> {
        let tag: LanguageIdentifier = tag.parse().map_err(|_| LanguageError::Tag)?;
        if tag.language.is_empty() {
            return Err(LanguageError::Tag);
        }
        let own = BUILT_IN.into_iter().find(|built_in| *built_in == tag.language.as_str());
        let base = base.or(own).unwrap_or(BUILT_IN[0]).to_owned();
        for (key, words) in &texts {
            check(key, words)?;
        }
        let right_to_left = right_to_left.unwrap_or_else(|| tag.character_direction() == CharacterDirection::RTL);
        Ok(Self { tag: tag.to_string(), right_to_left, base, texts })
    }

    /// Its tag, for `lang`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether it is written from right to left.
    pub fn right_to_left(&self) -> bool {
        self.right_to_left
    }

    /// The language whose texts are used where there are no others.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The text of a key, if there is one: in the form for other numbers, with its places unfilled.
    pub fn find(&self, key: &str) -> Option<&str> {
        let words = self.texts.get(key).or_else(|| TABLES.get(self.base.as_str())?.0.get(key))?;
        match words {
            Words::One(text) => Some(text),
            Words::Forms(forms) => forms.get("other").map(String::as_str),
        }
    }

    /// The text of a key, its places filled by name.
    pub fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        // A test holds that the service asks for no key that is not there.
        let text = self.find(key).unwrap_or(key).to_owned();
        values.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// All texts, in groups, as the client reads them.
    pub fn words(&self) -> Value {
        let base = TABLES.get(self.base.as_str()).map(|table| &table.0).into_iter().flatten();
        let mut words = Map::new();
        for (key, text) in base.chain(&self.texts) {
            let mut path = key.split('.').peekable();
            let mut group = &mut words;
            while let Some(name) = path.next() {
                if path.peek().is_none() {
                    group.insert(name.to_owned(), serde_json::to_value(text).unwrap_or_default());
                    break;
                }
                let inner = group.entry(name).or_insert_with(|| Value::Object(Map::new()));
                let Value::Object(inner) = inner else { break };
                group = inner;
            }
        }
        Value::Object(words)
    }

    /// The keys whose text is in another language than this, because nobody has translated it.
    pub fn untranslated(&self) -> Vec<&str> {
        if self.tag.split('-').next() == Some(self.base.as_str()) {
            return Vec::new();
        }
        keys().filter(|key| !self.texts.contains_key(*key)).collect()
    }
}

/// The keys of all texts.
pub fn keys() -> impl Iterator<Item = &'static str> {
    TABLES.get(BUILT_IN[0]).into_iter().flat_map(|table| table.0.keys().map(String::as_str))
}

impl Table {
    fn read(file: &str) -> Self {
        let mut table = Self::default();
        table.add("", serde_json::from_str(file).unwrap_or_default());
        table
    }

    fn add(&mut self, key: &str, value: Value) {
        let words = match value {
            // A group of texts, unless it has the form that each text with forms has.
            Value::Object(group) if !group.contains_key("other") => {
                let dot = if key.is_empty() { "" } else { "." };
                group.into_iter().for_each(|(name, value)| self.add(&format!("{key}{dot}{name}"), value));
                return;
            }
            value => serde_json::from_value(value),
        };
        if let Ok(words) = words {
            self.0.insert(key.to_owned(), words);
        }
    }
}

impl Words {
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::Forms(forms) => forms.values().map(String::as_str).collect(),
        }
    }

    /// The names of the places for values.
    fn places(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for text in self.texts() {
            for part in text.split('{').skip(1) {
                let Some((name, _)) = part.split_once('}') else { continue };
                if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    names.insert(name.to_owned());
                }
            }
        }
        names
    }
}

fn check(key: &str, words: &Words) -> Result<(), LanguageError> {
    let table = &TABLES[BUILT_IN[0]].0;
    let Some(known) = table.get(key) else {
        let group = format!("{key}.");
        let error = if table.keys().any(|other| other.starts_with(&group)) {
            LanguageError::Group
        } else {
            LanguageError::Unknown
        };
        return Err(error(key.to_owned()));
    };
    if let Words::Forms(forms) = words {
        if let Some(form) = forms.keys().find(|form| {
            let counted = matches!(known, Words::Forms(_));
            !counted || !FORMS.contains(&form.as_str())
        }) {
            return Err(LanguageError::Form { key: key.to_owned(), form: form.clone() });
        }
        if !forms.contains_key("other") {
            return Err(LanguageError::NoOther(key.to_owned()));
        }
    }
    if words.texts().iter().any(|text| text.chars().count() > LONGEST_TEXT) {
        return Err(LanguageError::TooLong(key.to_owned()));
    }
    let places = known.places();
    match words.places().into_iter().find(|name| !places.contains(name)) {
        Some(name) => {
            let known = places.into_iter().collect();
            Err(LanguageError::Placeholder { key: key.to_owned(), name, known })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(key: &str, text: &str) -> BTreeMap<String, Words> {
        BTreeMap::from([(key.to_owned(), Words::One(text.into()))])
    }

    #[test]
    fn all_languages_have_the_same_texts_with_the_same_places() {
        let english = &TABLES["en"].0;
        assert!(english.len() > 190, "the table was read");
        for (tag, Table(table)) in TABLES.iter() {
            assert_eq!(table.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "{tag}");
            for (key, words) in table {
                assert_eq!(words.places(), english[key].places(), "{tag}: {key}");
                assert!(words.texts().iter().all(|text| !text.trim().is_empty()), "{tag}: {key} is empty");
                assert!(check(key, words).is_ok(), "{tag}: {key}");
            }
        }
    }

    #[test]
    fn every_text_that_the_service_asks_for_is_there() {
        let source = include_str!("../actors/view.rs");
        let keys = source.split("\"page.").skip(1).filter_map(|rest| rest.split('"').next());
        let asked: Vec<_> =
            keys.filter(|key| !key.is_empty() && !key.contains('{')).map(|key| format!("page.{key}")).collect();
        assert!(asked.len() >= 5, "the calls were found");
        for key in asked {
            assert!(Language::default().find(&key).is_some(), "view.rs asks for {key}");
        }
    }

    #[test]
    fn a_language_takes_the_texts_of_its_own_or_of_another_and_says_some_in_another_way() {
        let austrian = Language::new("de-AT", None, None, own("continue", "Fertig")).unwrap();
        assert_eq!((austrian.tag(), austrian.base(), austrian.right_to_left()), ("de-AT", "de", false));
        assert_eq!(austrian.say("continue", &[]), "Fertig");
        assert_eq!(austrian.say("tryAgain", &[]), "Erneut versuchen");
        assert!(austrian.untranslated().is_empty());
        assert_eq!(austrian.words()["continue"], "Fertig");
        assert_eq!(austrian.words()["form"]["summary"]["one"], "Eine Frage ist noch offen:");

        let arabic = Language::new("ar", None, None, own("continue", "متابعة")).unwrap();
        assert!(arabic.right_to_left() && !arabic.untranslated().contains(&"continue"));
        assert_eq!(arabic.say("finalScore", &[("score", "3")]), "Score: 3");
        assert!(arabic.untranslated().len() > 100);
        assert!(!Language::new("ar", None, Some(false), BTreeMap::new()).unwrap().right_to_left());
        assert_eq!(Language::new("fr", Some("de"), None, BTreeMap::new()).unwrap().say("continue", &[]), "Weiter");
    }

    #[test]
    fn what_is_unknown_is_refused() {
        let wrong = |key: &str, text: &str| Language::new("de", None, None, own(key, text)).unwrap_err();
        assert_eq!(wrong("contnue", "x"), LanguageError::Unknown("contnue".into()));
        assert_eq!(wrong("form", "x"), LanguageError::Group("form".into()));
        assert!(
            matches!(wrong("episode", "{nmber}"), LanguageError::Placeholder { known, .. } if known == ["number", "of"])
        );
        assert!(matches!(wrong("continue", &"x".repeat(5000)), LanguageError::TooLong(_)));
        let forms = |key: &str, forms: &[&str]| {
            let forms = forms.iter().map(|form| ((*form).to_owned(), "x".to_owned())).collect();
            Language::new("pl", None, None, BTreeMap::from([(key.to_owned(), Words::Forms(forms))]))
        };
        assert!(forms("form.summary", &["one", "few", "many", "other"]).is_ok());
        assert!(matches!(forms("form.summary", &["one", "some", "other"]), Err(LanguageError::Form { .. })));
        assert!(matches!(forms("form.summary", &["one"]), Err(LanguageError::NoOther(_))));
        assert!(matches!(forms("continue", &["other"]), Err(LanguageError::Form { .. })));
        assert_eq!(Language::new("no such language", None, None, BTreeMap::new()), Err(LanguageError::Tag));
        assert_eq!(Language::new("", None, None, BTreeMap::new()), Err(LanguageError::Tag));
    }
}
