//! Games that the service runs too.

use super::driver::{Driver, FRAME, terms, told};
use super::*;
use crate::experiment::{InputMode, Mode, Pointer};
use crate::rules::lobby::Reason;
use crate::wire::{Acts, Adopted, Finite, PointerAct, RefusalCode, Seen};

fn of(mode: Mode) -> Terms {
    let mut terms = Terms { mode, ..terms() };
    terms.policies.insert("a2".to_owned());
    terms.multiplayer.state_broadcast_interval = 20;
    terms
}

/// A game whose clock starts now, with `people` and, if they are two, a bot of the service's copy.
fn playing(terms: Terms, people: usize) -> Driver {
    let mut game = Driver::matched(terms, people, usize::from(people == 2));
    game.open();
    (0..people).for_each(|seat| game.join(seat, None));
    game.serve();
    (0..people).for_each(|seat| game.prepared(seat, 0));
    game.now = game.now + terms::COUNTDOWN;
    game
}

fn acts(game: &mut Driver, number: u32, binding: Option<u32>) {
    let said = Acts { game: game.game(), episode: game.episode(), number, binding, pointer: None };
    game.say(0, FromPlayer::Acts(said));
}

fn points(game: &mut Driver, number: u32, x: u32, binding: Option<u32>) {
    let pointer = Some(PointerAct { x, y: 3, pressed: true });
    let said = Acts { game: game.game(), episode: game.episode(), number, binding, pointer };
    game.say(0, FromPlayer::Acts(said));
}

#[test]
fn places_are_actions_of_a_streamed_game_that_takes_them() {
    let mut game = playing(Terms { pointer: Some((Pointer::Click, 60, 40)), ..of(Mode::Streamed) }, 1);
    game.frames(1);
    points(&mut game, 1, 300, None);
    assert_eq!(told!(game.told, Refused)[0].1.code, RefusalCode::Malformed, "beside the picture");
    points(&mut game, 1, 5, Some(1));
    assert_eq!(told!(game.told, Refused)[0].1.code, RefusalCode::Malformed, "two things at once");
    points(&mut game, 1, 5, None);
    let told = game.frames(2);
    assert_eq!(told!(told, Echo)[0].1.number, 1);
    let closed = game.closed();
    let played: serde_json::Value = rmp_serde::from_slice(&closed[1].inputs[0]).unwrap();
    assert_eq!(played, serde_json::json!({"x": 5, "y": 3, "pressed": true}));
    assert_eq!(closed[2].inputs[0][0], 0, "once");

    let mut game = playing(of(Mode::Streamed), 1);
    game.frames(1);
    points(&mut game, 1, 5, None);
    assert_eq!(told!(game.told, Refused)[0].1.code, RefusalCode::Malformed, "a scene without a pointer");
}

fn seen(game: &mut Driver, number: u32) {
    let said = Seen { game: game.game(), episode: game.episode(), number };
    game.say(0, FromPlayer::Seen(said));
}

fn adopted(game: &mut Driver, frame: u32, largest: f64, fields: &[&str]) {
    let (id, episode) = (game.game(), game.episode());
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    let largest = Finite::try_from(largest).ok();
    game.say(1, FromPlayer::Adopted(Adopted { game: id, episode, frame, largest, fields }));
}

fn rows(game: &Driver) -> usize {
    game.facts.iter().map(|recorded| recorded.payload.steps().len()).sum()
}

#[test]
fn nothing_begins_before_the_services_copy_stands_at_the_start() {
    let mut game = Driver::matched(of(Mode::Authoritative), 2, 0);
    (0..2).for_each(|seat| game.join(seat, None));
    (0..2).for_each(|seat| game.prepared(seat, 0));
    assert!(!game.rule.running());
    game.copy = Some((0, 0));
    game.news(News::Opened);
    let seed = episode_seed(5, 0);
    assert_eq!(game.orders, [Order::Stand { episode: 0, seed, from: None, globals: None }]);
    game.serve();
    assert!(game.rule.running());
    assert_eq!(told!(game.told, Begin).len(), 2);
    assert!(told!(game.told, Host).is_empty(), "nobody gives rows");
    // It never comes.
    let mut game = Driver::matched(of(Mode::Streamed), 1, 0);
    game.join(0, None);
    game.prepared(0, 0);
    game.pass(Duration::from_secs(61));
    assert_eq!(game.rule.lobby.phase(), Phase::Over { reason: Reason::Failed });
}

#[test]
fn rows_come_from_the_services_copy_in_runs_with_the_time_of_their_frame() {
    let mut game = playing(of(Mode::Authoritative), 2);
    let began = game.now;
    game.frames(11);
    assert_eq!(rows(&game), 0);
    game.frames(1);
    assert_eq!(rows(&game), 12);
    let steps: Vec<_> = game.facts.iter().flat_map(|recorded| recorded.payload.steps()).collect();
    assert_eq!(steps[0].at.get(), (began.0 + 100) as f64);
    assert_eq!(steps[11].at.get(), (began.0 + 1200) as f64);
    game.frames(3);
    game.step(Input::Gone(1));
    assert_eq!(rows(&game), 15, "a pause may be long");
    game.rows(0, 15..20);
    game.ended(0, 15);
    game.snapshot(0, 10);
    assert_eq!(rows(&game), 15);
    assert_eq!(game.rule.gathering(), None, "no browser has a say in it");
}

#[test]
fn what_the_services_bots_do_is_relayed_ahead_confirmed_and_recorded() {
    let mut game = playing(of(Mode::Authoritative), 2);
    let told = game.frames(6);
    let relayed: Vec<_> = told!(told, Relayed).into_iter().filter(|(_, said)| said.seat == 2).collect();
    assert!(relayed.len() >= 10);
    let closed = game.closed();
    assert_eq!((closed[0].inputs[2][0], closed[0].age[2]), (0, None), "it chose from frame 1 on");
    assert!(closed[1..].iter().all(|closed| closed.inputs[2][0] == 2 && closed.age[2] == Some(0)));
}

#[test]
fn the_clock_waits_for_the_services_copy_and_asks_for_nothing_meanwhile() {
    let mut game = playing(Terms { frame: FRAME, ..of(Mode::Streamed) }, 1);
    game.frames(2);
    let copy = game.copy.take();
    game.frames(20);
    assert_eq!(game.closed().len(), 5, "two frames and the open one beyond what is played");
    let waits = game.rule.deadline().unwrap();
    assert!(waits > game.now + Duration::from_secs(50), "nothing is due but the end of patience");
    game.copy = copy;
    game.serve();
    let before = game.closed().len();
    game.frames(10);
    assert!(game.closed().len() <= before + 10, "what was missed is not made up for");
    let stretched = game.rule.stretched();
    assert!(stretched >= FRAME * 16 && stretched <= FRAME * 20, "{stretched:?}");
    let on_record = game.facts.iter().filter_map(|recorded| match recorded.fact {
        Fact::Game(GameFact::ClockStretched { ms, .. }) => Some(ms),
        _ => None,
    });
    assert_eq!(on_record.collect::<Vec<_>>(), [stretched.as_millis() as u32]);
    game.copy = None;
    game.pass(Duration::from_secs(70));
    assert_eq!(game.rule.lobby.phase(), Phase::Over { reason: Reason::Failed });
}

#[test]
fn another_life_of_the_services_copy_goes_on_from_the_newest_state_and_repeats_nothing() {
    let mut game = playing(of(Mode::Authoritative), 2);
    game.frames(25);
    let old = game.turn(Order::Stand { episode: 0, seed: 0, from: None, globals: None });
    game.lose();
    game.news(News::Turn(Box::new(old)));
    game.frames(3);
    assert_eq!(game.closed().len(), 28, "the others play on meanwhile");
    game.copy = Some((0, 0));
    game.news(News::Opened);
    let [Order::Stand { from: Some(from), .. }, Order::Advance { first: 20, frames, .. }] = &game.orders[..] else {
        panic!("{:?}", game.orders)
    };
    assert_eq!((from.frame, frames.len()), (20, 8));
    game.serve();
    assert!(told!(game.told, Adopt).is_empty(), "nothing is said twice");
    game.frames(12);
    assert_eq!(rows(&game), 40 / 12 * 12);
    // The same after a restart of the service, from what is on record.
    game.restart();
    game.open();
    (0..2).for_each(|seat| game.join(seat, game.has(40)));
    (0..2).for_each(|seat| game.caught_up(seat));
    game.pass(terms::COUNTDOWN);
    game.frames(20);
    assert_eq!(rows(&game), 40 + 12);
}

#[test]
fn states_are_kept_on_record_so_that_neither_memory_nor_another_life_grows() {
    let mut game = playing(Terms { max_steps: 4000, ..of(Mode::Authoritative) }, 2);
    game.ends = 4000;
    game.frames(1830);
    let kept = |fact: &GameFact| matches!(fact, GameFact::RunnerSnapshot { frame: 1800, .. });
    assert!(game.has_fact(kept) && rows(&game) >= 1800);
    assert_eq!(game.rule.playing.as_ref().map(|playing| playing.timeline.view().kept), Some(30));
    game.restart();
    game.copy = Some((0, 0));
    game.news(News::Opened);
    assert!(matches!(&game.orders[0], Order::Stand { from: Some(from), .. } if from.frame == 1800));
    game.join(1, None);
    let (_, catch_up) = told!(game.told, CatchUp).remove(0);
    assert_eq!((catch_up.snapshot.map(|state| state.frame), catch_up.confirmed.frames.len()), (Some(1800), 30));
}

#[test]
fn all_adopt_the_services_states_and_tell_how_far_they_were() {
    let mut game = playing(of(Mode::Authoritative), 2);
    let told = game.frames(41);
    let adopts: Vec<_> = told!(told, Adopt).iter().map(|(seat, state)| (*seat, state.frame)).collect();
    assert_eq!(adopts, [(0, 20), (1, 20), (0, 40), (1, 40)]);
    let on_record = |game: &Driver| {
        game.facts.iter().filter(|recorded| matches!(recorded.fact, Fact::Game(GameFact::CopyAdopted { .. }))).count()
    };
    adopted(&mut game, 20, 0.0, &[]);
    adopted(&mut game, 20, 7.0, &["x: 1 is not 2"]);
    assert_eq!(on_record(&game), 0, "each is answered once");
    adopted(&mut game, 60, 7.0, &["x: 1 is not 2"]);
    assert_eq!(on_record(&game), 0, "nobody was told to");
    adopted(&mut game, 40, 0.5, &["x: 1 is not 2"]);
    assert_eq!(on_record(&game), 1);
    game.frames(20);
    adopted(&mut game, 60, 1e-12, &[]);
    assert_eq!(on_record(&game), 1);
    game.frames(40);
    let last = game.facts.iter().rev().find_map(|recorded| match recorded.fact {
        Fact::Game(GameFact::LinkSampled { seat: 1, adopted, largest, .. }) => Some((adopted, largest.unwrap().get())),
        _ => None,
    });
    assert_eq!(last, Some((2, 0.5)));
}

#[test]
fn a_copy_that_differs_gets_the_state_of_that_frame_at_once() {
    let mut game = playing(of(Mode::Authoritative), 2);
    game.frames(35);
    game.hash(1, 30, 31);
    let (seat, heal) = told!(game.told, Heal).remove(0);
    assert_eq!((seat, heal.frame, &heal.state[..]), (1, 30, &[8][..]), "without what the bots remember");
    assert!(game.has_fact(|fact| matches!(fact, GameFact::CopyDiffers { frame: 30, seat: 1, .. })));
}

#[test]
fn what_a_streamed_player_does_counts_for_the_next_frame_and_is_echoed() {
    let mut game = playing(of(Mode::Streamed), 1);
    game.frames(2);
    acts(&mut game, 1, Some(1));
    acts(&mut game, 2, Some(0));
    let told = game.frames(1);
    let echo = told!(told, Echo).remove(0).1;
    assert_eq!((echo.number, echo.frame), (2, 3));
    let told = game.frames(1);
    assert!(told!(told, Echo).is_empty() && told!(told, Confirmed).is_empty());
    let inputs: Vec<u8> = game.closed().iter().map(|closed| closed.inputs[0][0]).collect();
    assert_eq!(inputs, [0, 0, 1, 1]);
    assert!(game.closed().iter().all(|closed| closed.on_time(0)));
    acts(&mut game, 3, Some(2));
    assert_eq!(told!(game.told, Refused)[0].1.code, RefusalCode::Malformed);
    game.inputs(0, 9, &[1]);
    assert_eq!(told!(game.told, Refused)[0].1.code, RefusalCode::OutOfPlace);
    game.rows(0, 0..2);
    assert_eq!(told!(game.told, Refused)[0].1.code, RefusalCode::OutOfPlace);

    let mut game = playing(Terms { input_mode: InputMode::SingleKeystroke, ..of(Mode::Streamed) }, 1);
    game.frames(1);
    (1..4).for_each(|number| acts(&mut game, number, Some(number % 2)));
    let told = game.frames(4);
    assert_eq!(
        told!(told, Echo).iter().map(|(_, echo)| (echo.number, echo.frame)).collect::<Vec<_>>(),
        [(1, 2), (2, 3), (3, 4)]
    );
    assert_eq!(game.closed().iter().map(|closed| closed.inputs[0][0]).collect::<Vec<_>>(), [0, 2, 1, 2, 0]);
}

#[test]
fn pictures_stop_for_a_screen_that_lags_and_go_on_with_a_complete_one() {
    let mut game = playing(of(Mode::Streamed), 1);
    let told = game.frames(10);
    let sent = told!(told, Picture).len();
    assert!((1..=3).contains(&sent), "{sent} pictures on the way to a screen that shows nothing");
    seen(&mut game, 2);
    let told = game.frames(1);
    let (_, next) = told!(told, Picture).remove(0);
    assert_eq!(next.frame, 11);
    // In a pause, too, whoever needs a picture gets one.
    game.step(Input::Gone(0));
    game.join(0, None);
    game.serve();
    assert_eq!(told!(game.told, CatchUp)[0].1.confirmed.frames.len(), 0);
    assert_eq!(told!(game.told, Picture)[0].1.frame, 11);
    game.caught_up(0);
    assert_eq!(told!(game.told, Begin)[0].1.frame, 11);
}

#[test]
fn a_failure_of_the_environment_ends_the_game_and_is_on_record() {
    let mut game = playing(of(Mode::Streamed), 1);
    game.frames(5);
    game.news(News::Failed("boom".into()));
    assert!(game.has_fact(|fact| matches!(fact, GameFact::RunnerFailed { reason } if reason == "boom")));
    assert_eq!(rows(&game), 5);
    assert_eq!(game.finished, [(0, Ending::Dismissed(Dismissal::Failed))]);
}

#[test]
fn one_who_plays_alone_ends_one_episode_and_begins_the_next() {
    for mode in [Mode::Authoritative, Mode::Streamed] {
        let mut game = playing(of(mode), 1);
        game.ends = 15;
        game.frames(16);
        assert_eq!((game.rule.gathering(), rows(&game)), (Some(1), 15), "{mode:?}");
        game.prepared(0, 1);
        game.pass(terms::COUNTDOWN + FRAME * 16);
        assert_eq!(rows(&game), 30);
        assert_eq!(game.rule.lobby.phase(), Phase::Over { reason: Reason::Complete });
        game.pass(LAST_HASHES);
        assert_eq!(game.finished, [(0, Ending::Complete)]);
    }
}
