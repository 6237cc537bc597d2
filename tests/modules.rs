//! What researchers are told of their experiment modules: `greenroom check` over good and bad ones.

#[path = "modules/bench.rs"]
mod bench;
#[path = "modules/compat.rs"]
mod compat;
#[path = "modules/keeping.rs"]
mod keeping;
#[path = "modules/options.rs"]
mod options;
#[path = "modules/stubs.rs"]
mod stubs;
#[path = "modules/studies.rs"]
mod studies;
