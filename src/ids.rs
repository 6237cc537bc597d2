//! The names by which things are told apart. Each is a type of its own, checked once where it enters, so that nothing
//! behind the edge has to wonder whether a name is safe to put into a file name, a URL or a log line.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// Longest name accepted, in bytes: ids of recruiting panels have 24, a UUID has 36.
pub const NAME_LIMIT: usize = 64;

/// A name with a character or a length that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} {given:?} is not a valid name: use 1 to {NAME_LIMIT} letters (a-z, A-Z), digits, `_`, `-` or `.`, \
     and do not begin with a `.`"
)]
pub struct BadName {
    /// Which kind of name it was, for example `scene_id`.
    pub what: &'static str,
    /// What was given, cut to a length that can be shown.
    pub given: String,
}

fn checked(what: &'static str, given: &str) -> Result<String, BadName> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if given.is_empty() || given.len() > NAME_LIMIT || given.starts_with('.') || !given.chars().all(allowed) {
        return Err(BadName { what, given: given.chars().take(NAME_LIMIT).collect() });
    }
    Ok(given.to_owned())
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(try_from = "String", into = "String")]
        #[ts(as = "String")]
        pub struct $type(String);

        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = BadName;
            fn from_str(given: &str) -> Result<Self, BadName> {
                checked($what, given).map(Self)
            }
        }

        impl TryFrom<String> for $type {
            type Error = BadName;
            fn try_from(given: String) -> Result<Self, BadName> {
                given.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// One person in the study; outlives every connection. Names the person's data files.
    SubjectId, "subject_id"
);
name!(
    /// One scene of the study. Names the folder of its data files.
    SceneId, "scene_id"
);
name!(
    /// One study. Names the folder of its data.
    ExperimentId, "experiment_id"
);

name!(
    /// One question of a scene. Names the columns of its answers.
    QuestionId, "question id"
);

name!(
    /// A named part of a study's order: a section, a condition, or a level of one. Names columns and values of the data.
    PartName, "name"
);

name!(
    /// A parameter of the links that people come with.
    ParameterName, "name of a parameter"
);

impl SubjectId {
    /// A new name for somebody who came without one.
    pub fn fresh() -> Self {
        Self(Uuid::now_v7().to_string())
    }
}

/// One match: its players, episodes and rows. Sortable by the time of its making.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct GameId(Uuid);

impl GameId {
    /// An id that no other game has.
    pub fn fresh() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for GameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for GameId {
    type Error = uuid::Error;
    fn try_from(given: String) -> Result<Self, uuid::Error> {
        Uuid::parse_str(&given).map(Self)
    }
}

impl From<GameId> for String {
    fn from(id: GameId) -> String {
        id.0.to_string()
    }
}

/// The secret that lets a browser act as its participant: 128 random bits, written as 32 hexadecimal digits.
///
/// It is never stored: the journal keeps a [`TokenDigest`], so that reading the data files lets nobody act as a
/// participant. `Debug` does not show it, so that it cannot reach a log.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct ResumeToken([u8; 16]);

/// SHA-256 of a [`ResumeToken`], in hexadecimal. The token has full entropy, so a plain digest is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenDigest(String);

impl ResumeToken {
    /// Makes a token of the given random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// What the journal keeps of it.
    pub fn digest(&self) -> TokenDigest {
        use sha2::Digest;
        TokenDigest(hex(&sha2::Sha256::digest(self.0)))
    }
}

/// A resume token that is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a resume token is 32 hexadecimal digits")]
pub struct BadToken;

impl TryFrom<String> for ResumeToken {
    type Error = BadToken;
    fn try_from(given: String) -> Result<Self, BadToken> {
        if given.len() != 32 || !given.is_ascii() {
            return Err(BadToken);
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(given.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).map_err(|_| BadToken)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| BadToken)?;
        }
        Ok(Self(bytes))
    }
}

impl From<ResumeToken> for String {
    fn from(token: ResumeToken) -> String {
        hex(&token.0)
    }
}

impl fmt::Debug for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumeToken(..)")
    }
}

/// Lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        for bad in ["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a b", "ä", "a\0", &"x".repeat(65)] {
            assert!(bad.parse::<SubjectId>().is_err(), "{bad:?} was accepted");
        }
        for good in ["a", "5f9c1c", "P-1_2.3", &"x".repeat(64)] {
            assert!(good.parse::<SubjectId>().is_ok(), "{good:?} was refused");
        }
    }

    proptest! {
        #[test]
        fn a_token_survives_being_written_and_read(bytes: [u8; 16]) {
            let token = ResumeToken::from_random(bytes);
            let again = ResumeToken::try_from(String::from(token.clone())).unwrap();
            prop_assert_eq!(again.digest(), token.digest());
        }

        #[test]
        fn no_text_makes_token_parsing_panic(text in ".{0,40}") {
            let _ = ResumeToken::try_from(text);
        }
    }
}
