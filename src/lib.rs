//! Greenroom.
pub mod actors;
pub mod experiment;
pub mod gateway;
pub mod ids;
pub mod facts;
pub mod rules;
pub mod store;
pub mod time;
pub mod wire;
