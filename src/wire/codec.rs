//! Bytes to messages and back, with bounds.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Largest message of a participant, in bytes. A second of ordinary steps takes a hundredth of it; the client splits what
/// is larger.
pub const MESSAGE_LIMIT: usize = 512 << 10;

/// Largest message of somebody who has not said `hello`, in bytes.
pub const STRANGER_LIMIT: usize = 16 << 10;

/// A frame that is not a message of this protocol.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not MessagePack, or not one of the messages.
    #[error("not a message of this protocol: {0}")]
    Malformed(#[from] rmp_serde::decode::Error),
    /// A message followed by something else.
    #[error("{0} bytes follow the message; send one message a frame")]
    Trailing(usize),
}

/// Reads one message.
pub fn decode<M: DeserializeOwned>(frame: &[u8]) -> Result<M, DecodeError> {
    let mut reader = rmp_serde::Deserializer::new(std::io::Cursor::new(frame));
    // Deep nesting could exhaust the stack; no message of ours nests deeper than this.
    reader.set_max_depth(64);
    let message = serde::Deserialize::deserialize(&mut reader)?;
    match frame.len() - reader.get_ref().position() as usize {
        0 => Ok(message),
        rest => Err(DecodeError::Trailing(rest)),
    }
}

/// Writes one message; the result can be shared by all who receive it.
///
/// # Panics
/// Never for the types of this module: they hold nothing that MessagePack cannot express.
pub fn encode<M: Serialize>(message: &M) -> Bytes {
    let bytes = rmp_serde::to_vec_named(message).expect("a wire type that MessagePack cannot express");
    Bytes::from(bytes)
}
