use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const HORIZON: u32 = 6;

fn input(byte: u8) -> Input {
    Bytes::copy_from_slice(&[byte])
}

fn timeline(players: usize, fallback: Fallback) -> Timeline {
    Timeline::new(players, fallback, vec![input(0); players], HORIZON)
}

#[test]
fn a_late_key_press_is_delayed_not_lost() {
    let mut timeline = timeline(1, Fallback::Previous);
    timeline.close();
    assert_eq!(timeline.offer(0, 0, input(7)), Offer::Late { closed: 0 });
    assert_eq!(timeline.offer(0, 0, input(8)), Offer::Duplicate, "sent again, it is neither counted nor used");
    let closed = timeline.close();
    assert_eq!((&closed.inputs[0], closed.on_time(0)), (&input(7), false));
    assert_eq!(timeline.closed(0).unwrap().inputs[0], input(0), "the past stays");
    assert_eq!(timeline.punctuality(0), Punctuality { on_time: 0, stood_in: 2, late: 1, age: Some(1) });
}

#[test]
fn a_late_input_does_not_replace_a_newer_one() {
    let mut timeline = timeline(1, Fallback::Previous);
    timeline.offer(0, 1, input(9));
    timeline.close();
    timeline.close();
    assert_eq!(timeline.offer(0, 0, input(7)), Offer::Late { closed: 1 });
    assert_eq!(timeline.close().inputs[0], input(9));
}

#[test]
fn the_default_stands_in_where_the_scene_says_so() {
    let mut timeline = timeline(2, Fallback::Previous);
    for player in 0..2 {
        timeline.offer(player, 0, input(5));
    }
    timeline.close();
    timeline.set_fallback(1, Fallback::Default);
    assert_eq!(timeline.close().inputs, [input(5), input(0)]);
    timeline.set_fallback(1, Fallback::Previous);
    assert_eq!(timeline.close().inputs, [input(5), input(5)], "back again, the player's own last input counts");
}

#[test]
fn a_retransmission_is_not_late() {
    let mut timeline = timeline(1, Fallback::Previous);
    timeline.offer(0, 0, input(5));
    timeline.close();
    assert_eq!(timeline.offer(0, 0, input(5)), Offer::Duplicate);
    timeline.prune(1);
    assert_eq!(timeline.offer(0, 0, input(5)), Offer::Duplicate);
    assert!(timeline.confirmed(0).is_none() && timeline.confirmed(1).is_some_and(|rest| rest.len() == 0));
    assert_eq!(timeline.offer(0, 1 + HORIZON, input(5)), Offer::TooFar);
    assert_eq!(timeline.offer(0, HORIZON, input(5)), Offer::Accepted);
}

#[test]
fn a_broken_record_is_found() {
    let frame = |frame| Closed { frame, inputs: vec![input(0)], age: vec![Some(0)] };
    let new = || timeline(1, Fallback::Previous);
    assert_eq!(new().restore([frame(3), frame(4)]).unwrap().open(), 5);
    assert_eq!(new().restore([frame(3), frame(5)]).unwrap_err(), BrokenRecord(5));
    assert_eq!(timeline(2, Fallback::Previous).restore([frame(0)]).unwrap_err(), BrokenRecord(0));
}

#[derive(Debug, Clone)]
enum Move {
    Offer(usize, i32, u8),
    Close,
    Prune(u32),
    Fallback(usize, bool),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0_usize..3, -8_i32..10, any::<u8>()).prop_map(|(player, ahead, byte)| Move::Offer(player, ahead, byte)),
        4 => Just(Move::Close),
        1 => (0_u32..10).prop_map(Move::Prune),
        1 => (0_usize..3, any::<bool>()).prop_map(|(player, previous)| Move::Fallback(player, previous)),
    ];
    prop::collection::vec(one, 0..150)
}

proptest! {
    /// Whatever comes in whatever order: a confirmed frame never changes; the first input for a frame is the one used;
    /// who sent none gets the stand-in; memory stays within the horizon; and the record makes the same timeline again.
    #[test]
    fn what_is_confirmed_never_changes(moves in moves(), previous: bool) {
        let fallback = if previous { Fallback::Previous } else { Fallback::Default };
        let mut timeline = timeline(3, fallback);
        let mut first = BTreeMap::new();
        let mut record: Vec<Closed> = Vec::new();
        let mut changed = false;
        for one in moves {
            match one {
                Move::Offer(player, ahead, byte) => {
                    let open = timeline.open();
                    let Some(frame) = open.checked_add_signed(ahead) else { continue };
                    let before = first.get(&(player, frame)).cloned();
                    match timeline.offer(player, frame, input(byte)) {
                        Offer::Accepted => {
                            prop_assert!(before.is_none() && frame >= open && frame < open + HORIZON);
                            first.insert((player, frame), input(byte));
                        }
                        Offer::Duplicate => prop_assert!(before.is_some() || frame < open),
                        Offer::Late { closed } => prop_assert!(frame < open && closed == open - 1 && before.is_none()),
                        Offer::TooFar => prop_assert!(frame >= open + HORIZON),
                    }
                }
                Move::Close => {
                    let closed = timeline.close();
                    prop_assert_eq!(closed.frame as usize, record.len());
                    for player in 0..3 {
                        let own = first.get(&(player, closed.frame));
                        prop_assert_eq!(closed.on_time(player), own.is_some());
                        prop_assert!(own.is_none_or(|own| *own == closed.inputs[player]));
                    }
                    record.push(closed);
                }
                Move::Prune(back) => timeline.prune(timeline.open().saturating_sub(back)),
                Move::Fallback(player, previous) => {
                    changed = true;
                    timeline.set_fallback(player, if previous { Fallback::Previous } else { Fallback::Default });
                }
            }
            prop_assert_eq!(timeline.check(), Ok(()));
            prop_assert!(timeline.view().ahead <= 3 * HORIZON as usize);
            let from = timeline.open().saturating_sub(timeline.view().kept as u32);
            let kept: Vec<_> = timeline.confirmed(from).unwrap().cloned().collect();
            prop_assert_eq!(&kept[..], &record[from as usize..]);
        }

        // After a restart the browsers send what is not confirmed again, and the game goes on as it would have.
        let mut again = super::tests::timeline(3, fallback).restore(record.clone()).unwrap();
        prop_assert_eq!(again.open(), timeline.open());
        for ((player, frame), input) in first {
            if frame >= timeline.open() {
                prop_assert_eq!(again.offer(player, frame, input), Offer::Accepted);
            }
        }
        for player in 0..3 {
            // A late input that came after the last closing is not part of the record.
            let frame = timeline.open();
            timeline.offer(player, frame, input(1));
            again.offer(player, frame, input(1));
        }
        for _ in 0..if changed { 0 } else { HORIZON } {
            prop_assert_eq!(again.close(), timeline.close());
        }
    }
}
