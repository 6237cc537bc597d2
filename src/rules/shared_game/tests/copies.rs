//! Copies that differ, and states.

use super::driver::{Driver, terms, told};
use super::*;
use crate::experiment::OnDesync;
use crate::rules::lobby::Reason;
use crate::wire::{FromPlayer, Healed};

/// A game of three in which the last one's copy differs in state 10, and the host has been asked for its state.
fn ill() -> Driver {
    let mut game = Driver::playing(terms(), 3, 0);
    game.frames(12);
    game.rows(0, 0..11);
    game.hash(0, 10, 1);
    game.hash(1, 10, 1);
    game.hash(2, 10, 2);
    game
}

fn healed(game: &mut Driver, frame: u32) {
    let fields = vec!["x: 1 is not 2".to_owned()];
    let said = Healed { game: game.game(), episode: game.episode(), frame, fields };
    game.say(2, FromPlayer::Healed(said));
}

fn differs(game: &Driver) -> usize {
    let differs = |fact: &Fact| matches!(fact, Fact::Game(GameFact::CopyDiffers { .. }));
    game.facts.iter().filter(|recorded| differs(&recorded.fact)).count()
}

#[test]
fn equal_copies_agree() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(12);
    game.hash(1, 10, 7);
    game.hash(0, 10, 7);
    assert!(game.has_fact(|fact| matches!(fact, GameFact::CopiesAgreed { frame: 10, hash, .. } if hash.0 == 7)));
}

#[test]
fn a_copy_that_differs_is_healed_and_differing_again_it_ends_the_game() {
    let mut game = ill();
    assert_eq!(told!(game.told, SnapshotWanted)[0].1.frame, 10);
    assert_eq!(differs(&game), 1);
    game.snapshot(0, 10);
    let heals = told!(game.told, Heal);
    assert_eq!((heals.len(), heals[0].0, heals[0].1.frame), (1, 2, 10));
    healed(&mut game, 10);
    healed(&mut game, 10);
    let on_record = |fact: &&crate::facts::Recorded| matches!(&fact.fact, Fact::Game(GameFact::CopyHealed { .. }));
    assert_eq!(game.facts.iter().filter(on_record).count(), 1);
    game.frames(10);
    game.hash(0, 20, 3);
    game.hash(2, 20, 4);
    assert_eq!(game.rule.lobby.phase(), Phase::Over { reason: Reason::Desync });
    assert!(told!(game.told, Over).iter().all(|(_, over)| over.reason == Some(Dismissal::Desync)));
}

#[test]
fn where_the_scene_says_so_a_difference_ends_the_game() {
    let mut terms = terms();
    terms.multiplayer.on_desync = OnDesync::End;
    let mut game = Driver::playing(terms, 2, 0);
    game.frames(12);
    game.hash(0, 10, 1);
    game.hash(1, 10, 2);
    assert_eq!(game.rule.lobby.phase(), Phase::Over { reason: Reason::Desync });
}

#[test]
fn a_copy_is_healed_once_the_rows_are_there_for_it_to_become_host() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(12);
    game.rows(0, 0..4);
    game.hash(0, 10, 1);
    game.hash(1, 10, 2);
    assert!(told!(game.told, SnapshotWanted).is_empty());
    game.rows(0, 4..12);
    let told = game.frames(1);
    assert_eq!(told!(told, SnapshotWanted)[0].1.frame, 10);
    // A state beyond the rows would leave a gap, should the copy become host.
    game.snapshot(0, 13);
    assert!(told!(game.told, Heal).is_empty());
    assert_eq!(told!(game.told, SnapshotWanted).len(), 1, "it is asked for again");
}

#[test]
fn a_host_that_gives_no_state_cannot_keep_a_game_apart_for_ever() {
    let mut game = ill();
    let told = game.pass(Duration::from_secs(10));
    assert!(!told!(told, SnapshotWanted).is_empty());
    assert_eq!(game.rule.lobby.phase(), Phase::Over { reason: Reason::Desync });
}

#[test]
fn leaving_does_not_heal() {
    let mut game = ill();
    game.step(Input::Gone(2));
    game.join(2, game.has(12));
    assert_eq!(told!(game.told, CatchUp)[0].1.snapshot, None);
    assert_eq!(told!(game.told, SnapshotWanted).len(), 1, "a state is asked for anew");
    game.caught_up(2);
    game.hash(2, 10, 2);
    assert!(!game.rule.lobby.over(), "what it says counts when it is healed");
    game.snapshot(0, 10);
    assert_eq!(told!(game.told, Heal)[0].0, 2);
    healed(&mut game, 10);
    assert!(game.has_fact(|fact| matches!(fact, GameFact::CopyHealed { seat: 2, .. })));
    // Beginning anew does.
    let mut game = ill();
    game.step(Input::Gone(2));
    game.join(2, None);
    game.caught_up(2);
    assert!(game.has_fact(|fact| matches!(fact, GameFact::CopyHealed { seat: 2, .. })));
}

#[test]
fn a_new_host_heals_whom_the_old_one_did_not() {
    let mut game = ill();
    game.step(Input::Gone(0));
    let wanted = told!(game.told, SnapshotWanted);
    assert_eq!((wanted[0].0, wanted[0].1.frame), (1, 11), "of what both surely know");
    game.snapshot(1, 11);
    assert_eq!(told!(game.told, Heal)[0].0, 2);
    // Where nobody else is left, the copy that differed is the truth.
    let mut game = ill();
    game.step(Input::Gone(0));
    game.step(Input::Gone(1));
    assert_eq!(game.rule.lobby.host(), Some(2));
    assert!(told!(game.told, SnapshotWanted).is_empty());
}

#[test]
fn the_last_states_are_compared_too() {
    for (hash, agreed) in [(5, true), (6, false)] {
        let mut game = Driver::playing(Terms { episodes: 1, ..terms() }, 2, 0);
        game.frames(20);
        game.rows(0, 0..15);
        game.hash(0, 15, 5);
        game.ended(0, 15);
        assert!(game.rule.lobby.over() && !game.rule.finished());
        game.hash(1, 15, hash);
        assert_eq!(game.has_fact(|fact| matches!(fact, GameFact::CopiesAgreed { frame: 15, .. })), agreed);
        assert_eq!(differs(&game), usize::from(!agreed));
        game.ended(1, 15);
        assert!(game.rule.finished());
    }
}

#[test]
fn who_ended_elsewhere_is_on_record() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(20);
    game.ended(1, 12);
    game.rows(0, 0..15);
    game.ended(0, 15);
    assert_eq!(differs(&game), 1);
    game.ended(1, 12);
    assert_eq!(differs(&game), 1, "once");
    assert_eq!(game.rule.gathering(), Some(1));
}

#[test]
fn states_are_kept_so_that_memory_does_not_grow() {
    let mut game = Driver::playing(Terms { max_steps: 10_000, ..terms() }, 2, 0);
    game.frames(1810);
    game.rows(0, 0..1805);
    let told = game.frames(1);
    assert_eq!(told!(told, SnapshotWanted)[0].1.frame, 1805);
    game.snapshot(0, 1800);
    assert!(game.has_fact(|fact| matches!(fact, GameFact::SnapshotTaken { frame: 1800, .. })));
    assert_eq!(game.rule.playing.as_ref().map(|playing| playing.timeline.view().kept), Some(11));
    assert_eq!(game.folded().remembered(), game.remembered());
    // Whoever has nothing begins there when the host is silent, and whoever knows less than is kept, too.
    game.step(Input::Gone(1));
    game.join(1, game.has(1700));
    let told = game.pass(Duration::from_secs(3));
    let (_, catch_up) = told!(told, CatchUp).remove(0);
    assert_eq!(catch_up.snapshot.map(|state| state.frame), Some(1800));
    assert_eq!(catch_up.confirmed.first, 1800);
}
