//! Greenroom.
pub mod experiment;
pub mod ids;
pub mod python;
pub mod wire;
