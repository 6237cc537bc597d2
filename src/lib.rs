//! Greenroom.
pub mod actors;
pub mod experiment;
pub mod facts;
pub mod gateway;
pub mod ids;
pub mod python;
pub mod rules;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod time;
pub mod wire;
