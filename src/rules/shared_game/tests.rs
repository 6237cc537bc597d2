//! Games by hand; what happens to whole games over bad connections is in `rules/simulation`.

mod adversary;
mod copies;
mod driver;
mod served;

use super::ending::{LAST_HASHES, LAST_ROWS};
use super::*;
use crate::experiment::OnAbsence;
use crate::rules::lobby::{Phase, Reason};
use crate::rules::memory::EpisodeResult;
use crate::rules::seeds::episode_seed;
use crate::rules::session::Ending;
use crate::rules::timeline::Fallback;
use crate::wire::{Dismissal, Finite, RefusalCode, Relayed};
use driver::{Driver, FRAME, step_of, terms, told};

/// Terms under which the game goes on without those who are away.
fn going_on(on_absence: OnAbsence) -> Terms {
    let mut terms = terms();
    terms.multiplayer.on_absence = on_absence;
    terms
}

#[test]
fn all_prepare_with_one_seed_and_begin_when_all_have() {
    let mut game = Driver::matched(terms(), 2, 0);
    game.join(1, None);
    let first = told!(game.told, Prepare);
    game.join(0, None);
    let second = told!(game.told, Prepare);
    assert_eq!((first[0].0, second[0].0), (1, 0));
    let (first, second) = (&first[0].1, &second[0].1);
    assert_eq!((first.seed, first.episode, first.visit), (second.seed, 0, 3));
    assert_eq!((first.seat, second.seat), (1, 0));
    game.prepared(1, 0);
    assert!(!game.rule.running());
    game.prepared(0, 0);
    let begins = told!(game.told, Begin);
    assert_eq!(
        begins.iter().map(|(seat, begin)| (*seat, begin.frame, begin.in_ms)).collect::<Vec<_>>(),
        [(0, 0, 2100), (1, 0, 2100)]
    );
    let hosts = told!(game.told, Host);
    assert_eq!(hosts.iter().map(|(seat, host)| (*seat, host.rows_from)).collect::<Vec<_>>(), [(1, Some(0))]);
}

#[test]
fn nobody_is_ready_who_was_not_asked() {
    let mut game = Driver::matched(terms(), 2, 0);
    for seat in 0..2 {
        game.step(Input::Joined { seat, new: true, wants: None });
        game.prepared(seat, 0);
    }
    assert!(game.rule.gathering().is_some());
    game.pass(Duration::from_secs(60));
    assert!(
        game.rule.finished() && game.finished.iter().all(|(_, ending)| *ending == Ending::Dismissed(Dismissal::Absent))
    );
}

#[test]
fn frames_close_at_their_rate_and_all_are_told_the_same() {
    let mut game = Driver::playing(terms(), 3, 0);
    game.inputs(0, 1, &[4]);
    game.inputs(1, 0, &[3, 3]);
    let mut frames = Vec::new();
    for frame in 0..5 {
        let told = game.frames(1);
        let confirmed = told!(told, Confirmed);
        assert_eq!(confirmed.len(), 3);
        assert!(confirmed.iter().all(|(_, said)| *said == confirmed[0].1 && said.first == frame));
        frames
            .extend(confirmed[0].1.frames.iter().map(|inputs| inputs.iter().map(|input| input[0]).collect::<Vec<_>>()));
    }
    assert_eq!(frames, [[0, 3, 0], [4, 3, 0], [4, 3, 0], [4, 3, 0], [4, 3, 0]]);
    assert_eq!(game.closed().len(), 5);
}

#[test]
fn inputs_go_to_the_others_once() {
    let mut game = Driver::playing(terms(), 3, 0);
    game.inputs(1, 0, &[1, 2]);
    let runs = |game: &Driver| -> Vec<(usize, u32, u32, usize)> {
        told!(game.told, Relayed).iter().map(|(to, said)| (*to, said.seat, said.first, said.inputs.len())).collect()
    };
    assert_eq!(runs(&game), [(0, 1, 0, 2), (2, 1, 0, 2)]);
    game.inputs(1, 0, &[1, 2, 3]);
    assert_eq!(runs(&game), [(0, 1, 2, 1), (2, 1, 2, 1)], "what was relayed is not relayed again");
    game.inputs(1, 0, &[1, 2, 3]);
    assert_eq!(runs(&game), []);
    game.inputs(1, 5, &[1]);
    game.inputs(1, 4, &[1, 1, 1]);
    assert_eq!(runs(&game), [(0, 1, 4, 1), (2, 1, 4, 1), (0, 1, 6, 1), (2, 1, 6, 1)]);
}

#[test]
fn a_late_input_is_told_to_its_sender_and_changes_nothing_that_is_closed() {
    let mut game = Driver::playing(Terms { fallback: Fallback::Default, ..terms() }, 2, 0);
    game.frames(3);
    game.inputs(0, 1, &[9]);
    let told = game.frames(1);
    let late: Vec<_> = told!(told, Pace).iter().map(|(seat, pace)| (*seat, pace.late)).collect();
    assert_eq!(late, [(0, 1)]);
    assert!(game.closed().iter().all(|closed| closed.inputs[0][0] == 0));
}

#[test]
fn rows_are_taken_in_order_once_and_from_the_host_alone() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(10);
    let acknowledged = |game: &Driver| told!(game.told, Acknowledged).first().map(|(seat, said)| (*seat, said.steps));
    let refused = |game: &Driver| told!(game.told, Refused).first().map(|(_, refused)| refused.code);
    game.rows(0, 0..4);
    assert_eq!(acknowledged(&game), Some((0, 4)));
    game.rows(0, 2..6);
    assert_eq!(acknowledged(&game), Some((0, 6)));
    game.rows(0, 0..3);
    assert_eq!(acknowledged(&game), Some((0, 6)), "what is known is acknowledged again");
    game.rows(0, 7..9);
    assert_eq!(refused(&game), Some(RefusalCode::Gap));
    game.rows(0, 6..11);
    assert_eq!(refused(&game), Some(RefusalCode::Malformed), "frame 10 is not confirmed");
    game.rows(1, 6..9);
    assert!(game.told.is_empty());
    let rows: Vec<_> = game.facts.iter().flat_map(|recorded| recorded.payload.steps()).cloned().collect();
    assert_eq!(rows, (0..6).map(step_of).collect::<Vec<_>>());
}

#[test]
fn an_episode_ends_by_the_hosts_word_and_the_next_has_another_seed() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(20);
    game.ended(1, 15);
    assert!(game.rule.running(), "the host decides");
    game.ended(0, 15);
    assert!(game.rule.running() && told!(game.told, Refused).is_empty(), "its rows come first");
    game.rows(0, 0..18);
    let reason = Reason::Desync;
    assert_eq!(game.rule.lobby.phase(), Phase::Over { reason }, "more rows than it spoke of are of another game");

    let mut game = Driver::playing(terms(), 2, 0);
    let seed = episode_seed(5, 0);
    game.frames(20);
    game.rows(0, 0..15);
    game.ended(0, 15);
    let prepares = told!(game.told, Prepare);
    assert!(prepares.len() == 2 && prepares.iter().all(|(_, start)| start.episode == 1 && start.seed != seed));
    game.rows(0, 15..20);
    assert_eq!(told!(game.told, Acknowledged)[0].1.steps, 15, "an episode that is over gets no more rows");
    game.ended(1, 15);
    assert!(!game.has_fact(|fact| matches!(fact, GameFact::CopyDiffers { .. })));
    for seat in 0..2 {
        game.prepared(seat, 1);
    }
    game.pass(terms::COUNTDOWN + FRAME * 8);
    game.rows(0, 0..6);
    game.ended(0, 6);
    let over = told!(game.told, Over);
    assert!(over.len() == 2 && over.iter().all(|(_, over)| over.reason.is_none()));
    assert!(game.finished.is_empty(), "the other's last hash is waited for");
    game.ended(1, 6);
    assert_eq!(game.finished, [(0, Ending::Complete), (1, Ending::Complete)]);
}

#[test]
fn a_game_pauses_for_whoever_is_away_and_goes_on_where_it_stood() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(10);
    game.step(Input::Gone(1));
    let paused = told!(game.told, Paused);
    assert_eq!((paused.len(), paused[0].0, &paused[0].1.waiting_for[..]), (1, 0, &[1][..]));
    assert!(told!(game.pass(Duration::from_secs(5)), Confirmed).is_empty());
    game.join(1, game.has(7));
    let (seat, catch_up) = told!(game.told, CatchUp).remove(0);
    assert_eq!((seat, catch_up.snapshot, catch_up.running), (1, None, false));
    assert_eq!((catch_up.confirmed.first, catch_up.confirmed.frames.len()), (7, 3), "only what it lacks");
    game.caught_up(1);
    let begins: Vec<_> = told!(game.told, Begin).iter().map(|(seat, begin)| (*seat, begin.frame)).collect();
    assert_eq!(begins, [(0, 10), (1, 10)]);
    game.pass(terms::COUNTDOWN);
    assert_eq!(told!(game.frames(1), Confirmed)[0].1.first, 10);
}

#[test]
fn no_frame_closes_while_nothing_can_be_stored_however_long_that_takes() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(10);
    game.rule.stalls(true);
    assert!(told!(game.pass(Duration::from_secs(600)), Confirmed).is_empty());
    assert!(game.finished.is_empty() && told!(game.told, Over).is_empty(), "nobody's game is given up for it");
    assert!(game.rule.stalls(false));
    game.inputs(0, 10, &[4]);
    game.step(Input::Wake);
    let confirmed = told!(game.told, Confirmed);
    assert_eq!((confirmed[0].1.first, confirmed[0].1.frames[0][0][0]), (10, 4), "it goes on where it stood");
    assert!(game.rule.stretched() >= Duration::from_secs(590));
}

#[test]
fn whoever_lost_its_copy_begins_with_a_state_of_the_host_or_at_the_start() {
    let mut game = Driver::playing(going_on(OnAbsence::Continue), 3, 0);
    game.frames(20);
    game.step(Input::Gone(1));
    game.join(1, None);
    let (_, catch_up) = told!(game.told, CatchUp).remove(0);
    assert_eq!((catch_up.snapshot, catch_up.confirmed.frames.len(), catch_up.running), (None, 20, true));
    game.caught_up(1);
    game.frames(50);
    game.rows(0, 0..66);
    game.step(Input::Gone(1));
    game.join(1, None);
    assert_eq!(told!(game.told, SnapshotWanted)[0].1.frame, 66, "it could give every row that is missing");
    assert!(told!(game.frames(1), Confirmed).iter().all(|(seat, _)| *seat != 1), "frames mean nothing to it yet");
    game.snapshot(0, 60);
    let (_, catch_up) = told!(game.told, CatchUp).remove(0);
    assert_eq!(catch_up.snapshot.map(|state| state.frame), Some(60));
    assert_eq!((catch_up.confirmed.first, catch_up.confirmed.frames.len()), (60, 11));
    // A host that does not answer holds nobody up.
    game.step(Input::Gone(1));
    game.join(1, None);
    assert!(told!(game.told, CatchUp).is_empty());
    let told = game.pass(Duration::from_secs(3));
    assert_eq!(told!(told, CatchUp)[0].1.confirmed.first, 0);
}

#[test]
fn the_host_moves_and_the_new_one_goes_on_with_the_rows() {
    let mut game = Driver::playing(terms(), 3, 0);
    game.frames(20);
    game.rows(0, 0..12);
    game.ended(1, 20);
    game.step(Input::Gone(0));
    let hosts: Vec<_> = told!(game.told, Host).iter().map(|(seat, host)| (*seat, host.rows_from)).collect();
    assert_eq!(hosts, [(1, Some(12))]);
    game.join(0, game.has(20));
    assert_eq!(told!(game.told, Host)[0].1.rows_from, None, "the old one learns that it is not any more");
    game.rows(0, 12..20);
    assert_eq!(game.rule.playing.as_ref().map(|playing| playing.rows), Some(12));
    game.rows(1, 12..20);
    assert_eq!(game.rule.gathering(), Some(1), "that it ended was said before");
}

#[test]
fn who_stays_away_too_long_ends_it_and_the_last_rows_are_still_taken() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(20);
    game.rows(0, 0..5);
    game.step(Input::Gone(1));
    let told = game.pass(Duration::from_secs(30));
    let over = told!(told, Over);
    assert_eq!(
        over.iter().map(|(seat, over)| (*seat, over.reason, over.frames)).collect::<Vec<_>>(),
        [(0, Some(Dismissal::PartnerLost), 20)]
    );
    assert!(game.finished.is_empty());
    game.rows(0, 5..20);
    let lost = |reason| Ending::Dismissed(reason);
    assert_eq!(game.finished, [(0, lost(Dismissal::PartnerLost)), (1, lost(Dismissal::Absent))]);
    game.join(1, None);
    assert_eq!(game.finished.last(), Some(&(1, lost(Dismissal::Absent))), "it learns of it when it comes back");
}

#[test]
fn who_gives_up_ends_it_at_once() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(5);
    game.step(Input::Abandoned(0));
    assert!(told!(game.told, Over).iter().any(|(_, over)| over.reason == Some(Dismissal::PartnerLost)));
    game.pass(LAST_ROWS);
    assert_eq!(game.finished[0].1, Ending::Dismissed(Dismissal::Absent));
    assert_eq!(game.rule.lobby.phase(), Phase::Over { reason: Reason::Left });
}

#[test]
fn bots_choose_ahead_on_empty_seats_and_for_those_who_are_away() {
    let mut terms = going_on(OnAbsence::Bot);
    terms.bot_actions.retain(|action| *action != terms.default);
    let game_bots = terms.bot_actions.clone();
    let mut game = Driver::matched(terms, 2, 1);
    (0..2).for_each(|seat| game.join(seat, None));
    game.prepared(0, 0);
    game.prepared(1, 0);
    let of = |relayed: Vec<(usize, Relayed)>, seat| -> Vec<(usize, u32, usize)> {
        let of = relayed.into_iter().filter(|(_, said)| said.seat == seat);
        of.map(|(to, said)| (to, said.first, said.inputs.len())).collect()
    };
    assert_eq!(of(told!(game.told, Relayed), 2), [(0, 0, 8), (1, 0, 8)], "known before the first frame begins");
    game.pass(super::terms::COUNTDOWN);
    game.frames(10);
    // A bot never does nothing, and nothing of what it does is an input that a player gave in time.
    let chosen = |closed: &crate::rules::timeline::Closed, seat: usize| {
        game_bots.contains(&closed.inputs[seat]) && closed.age[seat].is_none()
    };
    assert!(game.closed().iter().all(|closed| chosen(closed, 2) && !chosen(closed, 1)));
    game.step(Input::Gone(1));
    assert_eq!(told!(game.told, Away).len(), 1);
    let told = game.frames(10);
    assert_eq!(of(told!(told, Relayed), 1)[0], (0, 10, 8));
    assert!(game.closed()[10..].iter().all(|closed| chosen(closed, 1)));
    // The bot goes on where it was after a restart, too.
    game.restart();
    game.join(0, game.has(20));
    game.caught_up(0);
    game.pass(terms::COUNTDOWN + FRAME * 3);
    assert!(game.closed()[20..].iter().all(|closed| chosen(closed, 1)) && game.closed().len() == 23);
}

#[test]
fn an_episode_without_frames_left_waits_for_the_host_and_not_for_ever() {
    let mut game = Driver::playing(Terms { max_steps: 10, ..terms() }, 2, 0);
    game.frames(50);
    assert_eq!(game.closed().len(), 10);
    game.step(Input::Gone(0));
    game.pass(Duration::from_secs(25));
    assert!(!game.rule.lobby.over(), "it pauses: the time of absence counts");
    game.join(0, game.has(10));
    game.caught_up(0);
    game.restart();
    (0..2).for_each(|seat| game.join(seat, game.has(10)));
    (0..2).for_each(|seat| game.caught_up(seat));
    game.pass(terms::COUNTDOWN + Duration::from_secs(19));
    assert!(game.closed().len() == 10 && !game.rule.lobby.over());
    game.pass(Duration::from_secs(1));
    assert_eq!(game.rule.lobby.phase(), Phase::Over { reason: Reason::Failed });
    game.pass(LAST_ROWS);
    assert!(game.rule.finished());
}

#[test]
fn between_episodes_nothing_is_due_but_the_barrier() {
    let mut game = Driver::playing(Terms { max_steps: 10, ..terms() }, 2, 0);
    game.frames(30);
    game.rows(0, 0..10);
    game.ended(0, 10);
    assert_eq!(game.rule.deadline(), Some(game.now + Duration::from_secs(30)));
    game.prepared(0, 1);
    game.pass(Duration::from_secs(30));
    let endings = [(0, Ending::Dismissed(Dismissal::PartnerLost)), (1, Ending::Dismissed(Dismissal::Absent))];
    assert_eq!(game.finished, endings, "no rows of the episode before are waited for");
}

#[test]
fn another_tab_takes_over() {
    let mut game = Driver::playing(terms(), 2, 0);
    game.frames(10);
    game.step(Input::Joined { seat: 0, new: true, wants: None });
    assert_eq!(told!(game.told, Host)[0].0, 1);
    assert!(!game.rule.running());
    game.caught_up(0);
    assert!(!game.rule.running(), "it cannot have caught up with what it was not sent");
    game.step(Input::Joined { seat: 0, new: false, wants: Some(None) });
    game.caught_up(0);
    assert!(game.rule.running());
}

#[test]
fn whoever_falls_silent_is_missed_and_comes_back_with_a_word() {
    let mut game = Driver::playing(Terms { silence: Duration::from_secs(2), ..terms() }, 2, 0);
    let mut pauses = Vec::new();
    for frame in 0..30 {
        game.inputs(0, frame, &[1]);
        let told = game.frames(1);
        pauses.extend(told!(told, Paused).into_iter().map(|(seat, paused)| (seat, paused.waiting_for.clone())));
        if !pauses.is_empty() {
            break;
        }
    }
    assert_eq!(pauses, [(0, vec![1]), (1, vec![1])], "both are told, the silent one too");
    assert!(!game.rule.running());
    let (id, said) = (game.rule.id(), game.closed().len());
    game.step(Input::Heard(1, FromPlayer::CaughtUp(crate::wire::CaughtUp { game: id, episode: 0 })));
    let begins = told!(game.told, Begin);
    assert_eq!(
        begins.iter().map(|(seat, begin)| (*seat, begin.frame as usize)).collect::<Vec<_>>(),
        [(0, said), (1, said)]
    );
}

#[test]
fn nobody_is_missed_while_the_store_holds_everything_up() {
    let mut game = Driver::playing(Terms { silence: Duration::from_secs(2), ..terms() }, 2, 0);
    game.store_stuck = true;
    let told = game.frames(60);
    assert!(told!(told, Paused).is_empty() && game.rule.running());
    game.store_stuck = false;
    for frame in 60..75 {
        game.inputs(0, frame, &[1]);
        game.inputs(1, frame, &[1]);
        assert!(told!(game.frames(1), Paused).is_empty());
    }
}

#[test]
fn the_score_goes_on_from_one_episode_to_the_next_where_the_scene_wants_it() {
    for (tutorial, before) in [(0, 20.0), (1, 0.0)] {
        let mut game = Driver::playing(Terms { carry_over: true, tutorial, ..terms() }, 2, 0);
        game.frames(20);
        game.rows(0, 0..10);
        game.ended(0, 10);
        let prepares = told!(game.told, Prepare);
        let told: Vec<_> = prepares.iter().map(|(_, start)| start.score_before.map(Finite::get)).collect();
        assert_eq!(told, [Some(before), Some(before)], "with {tutorial} for practice");
        let played = |score: f64, steps, tutorial| EpisodeResult { score: score.try_into().unwrap(), steps, tutorial };
        assert_eq!(game.rule.scores.of("a1"), [played(20.0, 10, tutorial == 1)]);
    }
}
