//! Bytes that nobody can guess, from the system.

use super::host::Failure;

/// Random bytes.
///
/// # Errors
/// When the system has none; nothing that needs a secret can go on then.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system has no random numbers: {error}"))?;
    Ok(bytes)
}
