//! The gateway: one port for pages, assets and WebSockets.
//!
//! HTTP creates nothing: a link preview or a reload of the page is no participant. A participant begins with `hello` on
//! the WebSocket.

mod assets;
mod http;
mod page;
mod room;
mod socket;

pub use assets::{AssetError, Assets, Caching};
pub use page::{PageError, PageTemplate, Places};
pub use room::{Drained, Gateway, GatewayConfig, Message};
