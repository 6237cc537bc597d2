//! The actors: thin shells that turn messages into inputs of the rules, and decisions into facts and messages.
//!
//! ```text
//! House
//! ├─ (Gateway)                     floor 3; one connection task per socket
//! ├─ Participants ─ Participant*   session, current scene; outlives sockets and games
//! ├─ SceneManagers ─ SceneManager* ─ Game*, SharedGame* ─ Runner   one person in the browser; several, or on the
//! │                                                                service; the link to its environment there
//! ├─ Workers ─ Worker*             processes that host environments, if a scene needs that
//! ├─ Recorder                      the only writer of the store
//! ├─ Callbacks                     tells a researcher's own code of what was stored
//! └─ Monitor                       what every kind of actor is doing, in the logs
//! ```
//!
//! A crash stays in its room: a participant or a game is made anew from the journal when it is next needed, and the
//! browser, whose connection is closed by the crash, comes back by itself.

pub mod assigner;
pub mod callbacks;
pub mod clock;
pub mod connection;
pub mod game;
mod globals;
pub mod health;
pub mod host;
pub mod house;
mod lateness;
pub mod meter;
pub mod monitor;
pub mod participant;
pub mod participants;
pub mod recorder;
pub mod runner;
pub mod scene_manager;
pub mod scene_managers;
mod secrets;
mod services;
pub mod settings;
pub mod shared_game;
mod view;
pub mod worker;
pub mod workers;

pub use services::{Services, Site};
