//! The options of `bonus`, of a game scene and of the study.

use pyo3::prelude::*;

use super::functions::{self, Function};
use super::given::Given;
use super::options::{Kind, Opt};
use crate::experiment::{Bonus, PLACEHOLDER};

/// Decimals of a bonus in its text: those of most currencies.
const DECIMALS: u32 = 2;

pub(super) static OPTIONS: &[Opt] = &[
    Opt::required(
        "function",
        Kind::Other {
            annotation: "Callable[[Participant], float]",
            allowed: "a function that is called with a participant and returns a number",
        },
        "A function of the experiment module, called with a Participant, that returns a number. If it fails, there is no \
         bonus, and the data and the log say why.",
    ),
    Opt::new(
        "text",
        Kind::Text,
        "What the last page says of it, with `{bonus}` for the number, such as 'Your bonus: {bonus} \u{20ac}'. Nothing \
         unless set.",
    ),
    Opt::new("decimals", Kind::Whole(0, 6), "Decimals of the number in `text`; 2 unless set."),
];

/// The bonus that was given, with its function.
pub(super) fn read(given: &Given<'_>) -> PyResult<Option<(Bonus, Function)>> {
    let function = match given.raw("function") {
        Some(value) => functions::of(given, "function", value, &["participant"])?,
        None => return Ok(None),
    };
    let text = given.text("text")?;
    if text.as_ref().is_some_and(|text| !text.contains(PLACEHOLDER)) {
        return Err(given.wrong("text", "has no {bonus}: write it where the number is to stand"));
    }
    let decimals = given.whole("decimals")?.unwrap_or(DECIMALS);
    let bonus = Bonus { function: function.name.clone(), text, decimals: u8::try_from(decimals).unwrap_or(u8::MAX) };
    Ok(Some((bonus, function)))
}
