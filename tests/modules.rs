//! What researchers are told of their experiment modules: `greenroom check` over good and bad ones.

#[path = "modules/bench.rs"]
mod bench;
#[path = "modules/bots.rs"]
mod bots;
#[path = "modules/compat.rs"]
mod compat;
#[path = "modules/documents.rs"]
mod documents;
#[path = "modules/flow.rs"]
mod flow;
#[path = "modules/group.rs"]
mod group;
#[path = "modules/keeping.rs"]
mod keeping;
#[path = "modules/language.rs"]
mod language;
#[path = "modules/new.rs"]
mod new;
#[path = "modules/options.rs"]
mod options;
#[path = "modules/sharing.rs"]
mod sharing;
#[path = "modules/stubs.rs"]
mod stubs;
#[path = "modules/studies.rs"]
mod studies;
#[path = "modules/together.rs"]
mod together;
