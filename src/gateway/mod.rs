//! The gateway: one port for pages, assets and WebSockets; and for the operator, films of games.
//!
//! HTTP creates nothing: a link preview or a reload of the page is no participant. A participant begins with `hello` on
//! the WebSocket.

mod assets;
mod booth;
pub(crate) mod documents;
mod exhibition;
mod http;
mod operators;
mod packing;
mod page;
mod room;
mod socket;

pub use assets::{AssetError, Assets, Caching};
pub use booth::Films;
pub use exhibition::exhibit;
pub use operators::{KEY_FILE, KeyError, OperatorKey, Operators, OperatorsConfig, modes};
pub use page::{PageError, PageTemplate, Places};
pub use room::{Drained, Gateway, GatewayConfig, Message};
