//! Greenroom.
pub mod experiment;
pub mod ids;
pub mod facts;
pub mod rules;
pub mod time;
pub mod wire;
