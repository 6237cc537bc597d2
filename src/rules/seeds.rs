//! Seeds: one for a game, and from it one for each episode, so that no two episodes are alike and any of them can be
//! repeated from the record.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::ids::SubjectId;

/// The seed of an episode: below 2^31, because some environments take no larger one.
///
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) over the game's seed and
/// the episode's number.
pub fn episode_seed(game_seed: u32, episode: u32) -> u32 {
    let mut z = u64::from(game_seed).wrapping_add((u64::from(episode) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) as u32 >> 1
}

/// The seed of what is drawn for a participant when it enters a visit: the same whenever it is asked for.
pub fn visit_seed(subject: &SubjectId, visit: u32) -> u64 {
    xxh3_64_with_seed(subject.as_str().as_bytes(), u64::from(visit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn the_episodes_of_a_game_differ(game: u32) {
            let seeds: BTreeSet<u32> = (0..50).map(|episode| episode_seed(game, episode)).collect();
            prop_assert_eq!(seeds.len(), 50);
            prop_assert!(seeds.iter().all(|seed| *seed < 1 << 31));
        }
    }

    #[test]
    fn the_derivation_never_changes() {
        // Stored games are replayed with it.
        assert_eq!(episode_seed(0, 0), (0xE220_A839_7B1D_CDAF_u64 as u32) >> 1);
    }
}
