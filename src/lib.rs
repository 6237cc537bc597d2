//! Greenroom.
pub mod experiment;
pub mod ids;
pub mod wire;
