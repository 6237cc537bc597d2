//! The bots that the service plays: in a seat that nobody took, or for somebody who is away.

use crate::ids::GameId;
use crate::rules::timeline::Input;

/// Frames for which a bot keeps to a choice: about a fifth of a second, as people do, instead of trembling.
const HOLD: u32 = 6;

/// A bot's action: one of `actions`, drawn from the game, the seat and the time alone, so that it is the same again after
/// a restart.
pub(super) fn choice(actions: &[Input], game: GameId, episode: u32, seat: usize, frame: u32) -> Option<&Input> {
    let mut state = fold(&game.to_string());
    for part in [u64::from(episode), seat as u64, u64::from(frame / HOLD)] {
        state = mix(state ^ part);
    }
    let count = u64::try_from(actions.len()).ok().filter(|count| *count > 0)?;
    actions.get(usize::try_from(state % count).ok()?)
}

fn fold(text: &str) -> u64 {
    text.bytes().fold(0, |state, byte| mix(state ^ u64::from(byte)))
}

/// A step of SplitMix64 (Steele, Lea and Flood, 2014).
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn a_bot_repeats_itself_and_uses_all_its_actions() {
        let actions: Vec<Input> = (0_u8..4).map(|action| Bytes::from(vec![action])).collect();
        let game = GameId::fresh();
        let drawn = |seat| (0..600).map(move |frame| (seat, frame));
        let of = |(seat, frame)| choice(&actions, game, 0, seat, frame).unwrap();
        let first: Vec<_> = drawn(1).map(of).collect();
        assert_eq!(first, drawn(1).map(of).collect::<Vec<_>>());
        assert_ne!(first, drawn(2).map(of).collect::<Vec<_>>());
        assert!(actions.iter().all(|action| first.contains(&action)));
        assert_eq!(choice(&[], game, 0, 0, 0), None);
    }
}
