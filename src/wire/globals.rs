//! Values that scenes share, on their way between a page and the service.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

/// Sets values that scenes share. They are merged with what is there, by the study's rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetGlobals {
    /// The visit of the scene.
    pub visit: u32,
    /// Counts what the page has set in this visit, from 1; what has a number that was stored before is not set again.
    pub number: u32,
    /// By name.
    #[ts(type = "Record<string, unknown>")]
    pub values: Map<String, Value>,
}

/// Values are stored for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct GlobalsStored {
    /// The visit from `set_globals`.
    pub visit: u32,
    /// The number from `set_globals`.
    pub number: u32,
    /// All values as they are now.
    #[ts(type = "Record<string, unknown>")]
    pub globals: Map<String, Value>,
}
