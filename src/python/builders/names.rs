//! Options that name something, and how builders show themselves.

use std::str::FromStr;

use pyo3::prelude::*;

use super::given::Given;
use super::options::Kind;

/// Accepts what [`crate::ids`] accepts.
pub const KIND: Kind = Kind::Other {
    annotation: "str",
    allowed: "a name of 1 to 64 letters (a-z, A-Z), digits, `_`, `-` or `.` that does not begin with a `.`",
};

/// The name that an option gives.
pub fn read<T: FromStr>(given: &Given<'_>, option: &str) -> PyResult<Option<T>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    let text = given.text(option)?.unwrap_or_default();
    text.parse().map(Some).map_err(|_| given.refusal(option, value, false))
}

/// A builder as its researcher sees it in a REPL or a message.
pub fn repr(class: &str, id: Option<&str>, detail: &str) -> String {
    let id = id.map_or_else(|| "without id".to_owned(), |id| format!("'{id}'"));
    if detail.is_empty() { format!("<{class} {id}>") } else { format!("<{class} {id}: {detail}>") }
}
