use proptest::prelude::*;

use super::*;
use Replica::{Player, Runner};

const EVERY: u32 = 10;

/// The frame after which the `n`th hash is made.
fn due(n: u32) -> u32 {
    (n + 1) * EVERY - 1
}

fn ledger(players: usize, reference: Replica) -> Ledger {
    let mut ledger = Ledger::new(EVERY);
    (0..players).for_each(|player| drop(ledger.present(Player(player), true)));
    ledger.set_reference(reference);
    ledger
}

#[test]
fn all_agree_or_one_is_named() {
    let mut ledger = ledger(3, Player(0));
    ledger.confirmed(due(1));
    assert_eq!(ledger.report(Player(1), due(0), 7), []);
    assert_eq!(ledger.report(Player(0), due(0), 7), []);
    assert_eq!(ledger.report(Player(2), due(0), 7), [Verdict::Agreed(due(0))]);
    ledger.report(Player(0), due(1), 8);
    assert_eq!(ledger.report(Player(1), due(1), 9), [Verdict::Differs { frame: due(1), copy: Player(1) }]);
    assert!(!ledger.sound(Player(1)));
    assert_eq!(ledger.report(Player(2), due(1), 8), [Verdict::Agreed(due(1))], "the ill one holds nobody up");
}

#[test]
fn only_confirmed_frames_are_compared_and_the_first_word_counts() {
    let mut ledger = ledger(2, Player(0));
    ledger.report(Player(0), due(0), 7);
    ledger.report(Player(1), due(0), 8);
    assert_eq!((ledger.view().ignored, ledger.view().open), (2, 0));
    ledger.confirmed(due(0));
    ledger.report(Player(0), due(0) - 1, 7);
    ledger.report(Player(1), due(0), 8);
    ledger.report(Player(1), due(0), 7);
    assert_eq!(ledger.view().ignored, 4);
    assert_eq!(ledger.report(Player(0), due(0), 7), [Verdict::Differs { frame: due(0), copy: Player(1) }]);
}

#[test]
fn a_difference_right_after_healing_is_hopeless_and_later_it_is_not() {
    for agreeing in 0..PROBATION + 2 {
        let mut ledger = ledger(2, Runner);
        ledger.confirmed(due(20));
        ledger.report(Player(0), due(0), 1);
        assert_eq!(ledger.report(Runner, due(0), 2), [Verdict::Differs { frame: due(0), copy: Player(0) }]);
        assert_eq!(ledger.report(Player(0), due(1), 3), [], "nothing counts before it is healed");
        ledger.healed(Player(0));
        for n in 2..2 + agreeing {
            ledger.report(Runner, due(n), 5);
            ledger.report(Player(0), due(n), 5);
        }
        let frame = due(2 + agreeing);
        ledger.report(Runner, frame, 6);
        let copy = Player(0);
        let verdict =
            if agreeing < PROBATION { Verdict::Hopeless { frame, copy } } else { Verdict::Differs { frame, copy } };
        assert_eq!(ledger.report(copy, frame, 7), [verdict]);
    }
}

#[test]
fn who_is_away_holds_nobody_up_and_one_alone_agrees_with_nobody() {
    let mut ledger = ledger(3, Player(0));
    ledger.confirmed(due(5));
    ledger.report(Player(0), due(0), 7);
    ledger.report(Player(1), due(0), 7);
    assert_eq!(ledger.present(Player(2), false), [Verdict::Agreed(due(0))]);
    assert_eq!(ledger.present(Player(1), false), []);
    assert_eq!(ledger.report(Player(0), due(1), 7), []);
    assert_eq!(ledger.agreed(), Some(due(0)), "nobody else could go on from what only one knows");
}

#[test]
fn leaving_and_coming_back_clears_nobody() {
    let mut ledger = ledger(2, Runner);
    ledger.confirmed(due(9));
    ledger.report(Runner, due(0), 1);
    ledger.report(Player(1), due(0), 2);
    ledger.present(Player(1), false);
    ledger.present(Player(1), true);
    ledger.report(Runner, due(1), 1);
    let verdict = Verdict::Hopeless { frame: due(1), copy: Player(1) };
    assert_eq!(ledger.report(Player(1), due(1), 2), [verdict]);
}

#[test]
fn a_new_reference_settles_what_the_old_one_left_open() {
    let mut ledger = ledger(3, Player(0));
    ledger.confirmed(due(0));
    ledger.report(Player(1), due(0), 7);
    ledger.report(Player(2), due(0), 8);
    ledger.present(Player(0), false);
    assert_eq!(ledger.set_reference(Player(1)), [Verdict::Differs { frame: due(0), copy: Player(2) }]);
}

#[derive(Debug, Clone)]
enum Move {
    Confirm(u32),
    Report(usize, u32, bool),
    Present(usize, bool),
    Reference(usize),
    Heal(usize),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        3 => (0_u32..30).prop_map(Move::Confirm),
        9 => (0_usize..4, 0_u32..50, prop::bool::weighted(0.9)).prop_map(|(copy, n, right)| Move::Report(copy, n, right)),
        1 => (0_usize..4, any::<bool>()).prop_map(|(copy, there)| Move::Present(copy, there)),
        1 => (0_usize..4).prop_map(Move::Reference),
        1 => (0_usize..4).prop_map(Move::Heal),
    ];
    prop::collection::vec(one, 0..200)
}

proptest! {
    /// Whatever is reported: memory is bounded, only confirmed frames are judged, agreement only moves forward and says
    /// the truth, and a copy that always tells the truth never differs from a reference that does.
    #[test]
    fn verdicts_are_sound(moves in moves()) {
        let copies = [Runner, Player(0), Player(1), Player(2)];
        let mut ledger = ledger(3, Runner);
        let mut liars = std::collections::BTreeSet::new();
        let mut said = BTreeMap::new();
        let mut confirmed = 0;
        let mut agreed = None;
        for one in moves {
            let verdicts = match one {
                Move::Confirm(by) => {
                    confirmed += by;
                    if let Some(last) = confirmed.checked_sub(1) {
                        ledger.confirmed(last);
                    }
                    Vec::new()
                }
                Move::Report(copy, n, right) => {
                    let hash = u64::from(n) << 1 | u64::from(!right);
                    if !right {
                        liars.insert(copies[copy]);
                    }
                    said.entry((copies[copy], due(n))).or_insert_with(Vec::new).push(hash);
                    ledger.report(copies[copy], due(n), hash)
                }
                Move::Present(copy, there) => ledger.present(copies[copy], there),
                Move::Reference(copy) => ledger.set_reference(copies[copy]),
                Move::Heal(copy) => {
                    ledger.healed(copies[copy]);
                    Vec::new()
                }
            };
            prop_assert_eq!(ledger.check(), Ok(()));
            for verdict in verdicts {
                match verdict {
                    Verdict::Agreed(frame) => {
                        prop_assert!(Some(frame) > agreed && frame < confirmed);
                        agreed = Some(frame);
                        let who = ledger.view().copies.iter().filter(|(copy, standing)| {
                            *standing != Standing::Absent && said.contains_key(&(*copy, frame))
                        }).count();
                        prop_assert!(who > 1);
                    }
                    Verdict::Differs { frame, copy } | Verdict::Hopeless { frame, copy } => {
                        prop_assert!(frame < confirmed);
                        let reference = ledger.view().reference.unwrap();
                        prop_assert!(copy != reference);
                        prop_assert!(liars.contains(&copy) || liars.contains(&reference));
                        prop_assert!(!ledger.sound(copy));
                    }
                }
            }
            prop_assert_eq!(ledger.agreed(), agreed);
        }
    }
}
