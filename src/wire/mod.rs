//! What crosses the WebSocket between a browser and the service: one enum for each direction, MessagePack frames.
//!
//! Every frame is one binary WebSocket message holding a map `{"type": name, "body": {…}}` (`body` is absent where a
//! message has no fields). `docs/protocol.md` tells the same for somebody who writes a client in another language;
//! `assets/client/wire.d.ts` is generated from these types.

mod codec;
mod finite;
mod from_browser;
mod from_player;
pub mod row;
mod state_hash;
mod to_browser;
mod typescript;

pub use codec::{DecodeError, MESSAGE_LIMIT, STRANGER_LIMIT, decode, encode};
pub use finite::Finite;
pub use from_browser::*;
pub use from_player::FromPlayer;
pub use state_hash::{BadHash, StateHash};
pub use to_browser::*;
pub use typescript::declarations;

/// Version of this protocol. A `hello` with another one is refused, with a text that asks to reload the page.
pub const VERSION: u16 = 1;
