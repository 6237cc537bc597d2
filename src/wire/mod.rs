//! What crosses the WebSocket between a browser and the service: one enum for each direction, MessagePack frames. And
//! what crosses the pipe between the service and its workers, in the same way.
//!
//! Every frame is one binary WebSocket message holding a map `{"type": name, "body": {…}}` (`body` is absent where a
//! message has no fields). `docs/protocol.md` tells the same for somebody who writes a client in another language;
//! `assets/client/wire.d.ts` is generated from these types.

mod codec;
mod copies;
mod embed;
mod episode;
mod film;
mod finite;
mod form;
mod frames;
mod from_browser;
mod from_player;
mod from_worker;
mod gym;
pub mod row;
mod scene;
mod state_hash;
mod streamed;
mod to_browser;
mod to_worker;
mod typescript;
mod waiting;

pub use codec::{DecodeError, MESSAGE_LIMIT, STRANGER_LIMIT, decode, encode};
pub use copies::*;
pub use embed::*;
pub use episode::*;
pub use film::*;
pub use finite::Finite;
pub use form::*;
pub use frames::*;
pub use from_browser::*;
pub use from_player::FromPlayer;
pub use from_worker::*;
pub use gym::*;
pub use scene::*;
pub use state_hash::{BadHash, StateHash};
pub use streamed::*;
pub use to_browser::*;
pub use to_worker::{Advance, Learn, Stand, ToWorker, WORKER_FRAME_LIMIT};
pub use typescript::declarations;
pub use waiting::*;

/// Version of the messages between service and workers, which are always of one build on one machine.
pub const WORKER_VERSION: u16 = 2;

/// Version of this protocol. A `hello` with another one is refused, with a text that asks to reload the page.
pub const VERSION: u16 = 1;
