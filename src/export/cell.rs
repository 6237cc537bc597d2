//! One value of a table, and what kinds of values a column has.

use rmpv::Value;
use serde_json::json;

use crate::store::files::values;
use crate::time::Timestamp;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Nothing is known, or there is nothing to know.
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// By the service's clock.
    Time(Timestamp),
    /// Anything else, in JSON.
    Json(String),
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    Float,
    Text,
    Time,
    /// Always JSON.
    Json,
    /// Now this and now that.
    Mixed,
}

impl Kind {
    /// The name in the codebook.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Int => "integer",
            Self::Float => "float",
            Self::Text => "text",
            Self::Time => "time",
            Self::Json => "json",
            Self::Mixed => "mixed",
        }
    }

    /// The kind of a column that has values of both kinds.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, same) if one == same => one,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            _ => Self::Mixed,
        }
    }
}

impl Cell {
    /// A leaf of the environment's own.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Nil => Self::Null,
            Value::Boolean(yes) => Self::Bool(*yes),
            Value::Integer(number) => number.as_i64().map_or_else(|| Self::Json(number.to_string()), Self::Int),
            Value::F64(number) => Self::Float(*number),
            Value::F32(number) => Self::Float(f64::from(*number)),
            other => Self::Text(values::text(other)),
        }
    }

    /// A value that is JSON already.
    pub(super) fn of_json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(yes) => Self::Bool(*yes),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Self::Int(whole),
                (None, Some(float)) => Self::Float(float),
                (None, None) => Self::Json(number.to_string()),
            },
            other => Self::Json(other.to_string()),
        }
    }

    /// JSON of something of this program's own.
    pub(super) fn json(value: &impl serde::Serialize) -> Self {
        Self::Json(json!(value).to_string())
    }

    /// The kind, unless it is nothing.
    pub(super) fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
            Self::Text(_) => Kind::Text,
            Self::Time(_) => Kind::Time,
            Self::Json(_) => Kind::Json,
        })
    }

    /// As it stands in a CSV file: numbers and truths as Python writes them, times in milliseconds since 1970.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(yes) => values::truth(*yes),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => values::float(*number),
            Self::Time(at) => at.0.to_string(),
            Self::Text(text) | Self::Json(text) => text.clone(),
        }
    }

    /// As JSON, where a column has values of several kinds.
    pub(super) fn as_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(yes) => json!(yes),
            Self::Int(number) => json!(number),
            Self::Float(number) if number.is_finite() => json!(number),
            Self::Time(at) => json!(at),
            Self::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            Self::Float(_) | Self::Text(_) => json!(self.text()),
        }
    }
}

impl From<bool> for Cell {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Self::Time(at)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
