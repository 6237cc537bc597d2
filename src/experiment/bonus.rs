//! What participants earn beside their pay: by a function of the experiment module.

use serde::{Deserialize, Serialize};

/// A bonus, which a function of the experiment module computes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bonus {
    /// The function's name, for logs and data.
    pub function: String,
    /// What the last page says of it, with `{bonus}` for the number; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many decimals the number has there.
    pub decimals: u8,
}

/// What stands for the number in a bonus's text.
pub const PLACEHOLDER: &str = "{bonus}";

impl Bonus {
    /// What the last page says of this much, if anything.
    pub fn line(&self, amount: f64) -> Option<String> {
        let number = format!("{amount:.*}", usize::from(self.decimals));
        self.text.as_ref().map(|text| text.replace(PLACEHOLDER, &number))
    }
}
