//! The hash of an environment's state, as the copies of a game compute it.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// 64 bits, written as 16 lower-case hexadecimal digits (JavaScript has no whole numbers of that size).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(as = "String")]
pub struct StateHash(pub u64);

/// A hash that is not 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 16 hexadecimal digits")]
pub struct BadHash;

impl TryFrom<String> for StateHash {
    type Error = BadHash;
    fn try_from(given: String) -> Result<Self, BadHash> {
        let digits = given.len() == 16 && given.bytes().all(|byte| byte.is_ascii_hexdigit());
        u64::from_str_radix(&given, 16).ok().filter(|_| digits).map(Self).ok_or(BadHash)
    }
}

impl From<StateHash> for String {
    fn from(hash: StateHash) -> String {
        hash.to_string()
    }
}

impl fmt::Display for StateHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_hash_survives_being_written_and_read(hash: u64) {
            prop_assert_eq!(StateHash::try_from(String::from(StateHash(hash))), Ok(StateHash(hash)));
        }

        #[test]
        fn no_other_text_is_a_hash(text in "\\PC{0,20}") {
            if let Ok(hash) = StateHash::try_from(text.clone()) {
                prop_assert_eq!(hash.to_string(), text.to_lowercase());
            }
        }
    }
}
