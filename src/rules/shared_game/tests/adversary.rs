//! Whatever browsers say and connections do.

use proptest::prelude::*;
use serde_bytes::ByteBuf;

use super::driver::{Driver, row_of, step_of, terms};
use super::*;
use crate::experiment::{InputMode, Mode, OnAbsence, OnDesync};
use crate::wire::*;

#[derive(Debug, Clone)]
enum Move {
    Pass(u64),
    Join {
        seat: usize,
        new: bool,
        wants: bool,
        has: Option<u32>,
    },
    Gone(usize),
    Abandoned(usize),
    Restart,
    RoundTrip(usize, u64),
    /// The service's own copy is there (again), is lost, or rests.
    Open,
    Lose,
    Rest(bool),
    /// What a browser says: of this game or another, of this episode or one of the next or the last, with numbers
    /// around those that fit.
    Says {
        seat: usize,
        other_game: bool,
        episode: i32,
        kind: u8,
        number: i32,
        count: u8,
    },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let seat = || 0_usize..3;
    let says =
        (seat(), prop::bool::weighted(0.05), prop_oneof![12 => Just(0), 1 => -2..3], 0_u8..13, -3..4_i32, 0_u8..6)
            .prop_map(|(seat, other_game, episode, kind, number, count)| Move::Says {
                seat,
                other_game,
                episode,
                kind,
                number,
                count,
            });
    let has = prop::option::weighted(0.6, 0_u32..60);
    let join = (seat(), prop::bool::weighted(0.7), prop::bool::weighted(0.8), has)
        .prop_map(|(seat, new, wants, has)| Move::Join { seat, new, wants, has });
    let one = prop_oneof![
        10 => prop_oneof![6 => 0_u64..800, 1 => 0_u64..20_000].prop_map(Move::Pass),
        6 => join,
        30 => says,
        2 => seat().prop_map(Move::Gone),
        1 => (seat(), 0_u64..900).prop_map(|(seat, trip)| Move::RoundTrip(seat, trip)),
        1 => Just(Move::Restart),
        1 => Just(Move::Open),
        1 => Just(Move::Lose),
        2 => any::<bool>().prop_map(Move::Rest),
    ];
    let last = prop::option::weighted(0.1, seat().prop_map(Move::Abandoned));
    (prop::collection::vec(one, 0..150), last).prop_map(|(mut moves, last)| {
        moves.extend(last);
        moves
    })
}

/// One of everything that can be said.
fn said(game: &Driver, seat: usize, id: GameId, episode: u32, kind: u8, number: i32, count: u8) -> FromPlayer {
    let playing = game.rule.playing.as_ref();
    let around = |about: u32| about.saturating_add_signed(number);
    let open = playing.map_or(0, |playing| playing.open());
    let rows = playing.map_or(0, |playing| playing.rows);
    let (game, many) = (id, usize::from(count));
    match kind {
        0 => FromPlayer::Prepared(Prepared { game, episode }),
        1 => {
            let inputs = vec![ByteBuf::from(if number == 3 { vec![0xc1] } else { vec![count] }); many];
            FromPlayer::Inputs(Inputs { game, episode, first: around(open), inputs })
        }
        2 => {
            let state = if number < 0 { open } else { open / 10 * 10 };
            let hash = u64::from(number == 3 && seat == 2);
            FromPlayer::Hashes(Hashes { game, episode, hashes: vec![(state, StateHash(hash)); many] })
        }
        3 => {
            let first = around(rows).min(rows + 1);
            let steps = (first..first + u32::from(count)).map(step_of).collect();
            FromPlayer::Steps(Steps { game, episode, first, steps })
        }
        4 => FromPlayer::EpisodeEnded(EpisodeEnded {
            game,
            episode,
            steps: if number > 0 { rows } else { around(open) },
        }),
        5 => {
            let seen = FrameSeen { predicted: vec![true; many], depth: 1, focused: true, at: Finite::default() };
            FromPlayer::Witnessed(Witnessed { game, episode, first: around(open / 2), frames: vec![seen; many] })
        }
        6 => FromPlayer::CaughtUp(CaughtUp { game, episode }),
        7 => FromPlayer::Snapshot(Snapshot { game, episode, frame: around(rows), state: ByteBuf::from([count]) }),
        10 => {
            let (largest, fields) = (Finite::try_from(f64::from(number)).ok(), vec!["x".repeat(500); many]);
            FromPlayer::Adopted(Adopted { game, episode, frame: around(open) / 10 * 10, largest, fields })
        }
        11 => {
            let binding = u32::try_from(number).ok();
            FromPlayer::Acts(Acts { game, episode, number: around(u32::from(count)), binding, pointer: None })
        }
        12 => FromPlayer::Seen(Seen { game, episode, number: around(open) }),
        8 => FromPlayer::Healed(Healed { game, episode, frame: around(open), fields: vec!["x".repeat(500); many] }),
        _ => FromPlayer::Timing(Timing {
            game,
            episode,
            fps: Finite::default(),
            step_p50: Finite::default(),
            step_p99: Finite::default(),
            late: 0,
            first_frame: None,
            photon_p50: None,
            photon_p99: None,
        }),
    }
}

/// Facts must be whole whoever speaks: rows and frames follow one another, and where the service has a copy of its own, no
/// browser's rows are among them.
fn whole(game: &Driver) {
    let (mut frames, mut rows) = (0, 0);
    for recorded in &game.facts {
        match &recorded.fact {
            Fact::Lobby(lobby::Fact::Begun { .. }) => (frames, rows) = (0, 0),
            Fact::Game(GameFact::FramesConfirmed { first, count, .. }) => {
                assert_eq!((*first, *count as usize), (frames, recorded.payload.frames().len()));
                frames += count;
            }
            Fact::Game(GameFact::StepsAccepted { first, count, .. }) => {
                let steps = recorded.payload.steps();
                assert_eq!((*first, *count as usize), (rows, steps.len()));
                if game.terms.mode.has_runner() {
                    assert!((*first..).zip(steps).all(|(frame, step)| step.row == row_of(frame)));
                }
                rows += count;
                assert!(rows <= frames);
            }
            _ => {}
        }
    }
}

proptest! {
    /// Whatever is said in whatever order: nothing panics, the invariants hold, what is stored makes the same game again,
    /// and from there on, with time passing and nothing else, everybody is led onward.
    #[test]
    fn whatever_is_said_the_record_is_whole_and_nobody_waits_for_ever(
        moves in moves(), bots in 0_usize..2, absence in 0_usize..3, begun: bool, ends: bool,
        mode in prop_oneof![2 => Just(Mode::Browser), 1 => Just(Mode::Authoritative), 1 => Just(Mode::Streamed)],
        single: bool, alone: bool,
    ) {
        let mut terms = Terms { max_steps: 40, ..terms() };
        terms.multiplayer.on_absence = [OnAbsence::Pause, OnAbsence::Continue, OnAbsence::Bot][absence];
        terms.multiplayer.on_desync = if ends { OnDesync::End } else { OnDesync::Heal };
        terms.mode = mode;
        let served = mode.has_runner();
        if single {
            terms.input_mode = InputMode::SingleKeystroke;
        }
        if served {
            terms.policies.insert("a2".to_owned());
        }
        let bots = if served && alone { 2 } else { bots };
        let people = 3 - bots;
        let mut game = Driver::matched(terms, people, bots);
        game.ends = 35;
        let mut rests = false;
        if begun {
            if served {
                game.open();
            }
            (0..people).for_each(|seat| game.join(seat, None));
            (0..people).for_each(|seat| game.prepared(seat, 0));
            game.now = game.now + super::super::terms::COUNTDOWN;
        }
        let other = GameId::try_from("00000000000000000000000000000002".to_owned()).unwrap();
        for one in moves {
            let one = match one {
                Move::Join { seat, .. } | Move::Gone(seat) | Move::Says { seat, .. } if seat >= people => continue,
                one => one,
            };
            match one {
                Move::Pass(time) => drop(game.pass(Duration::from_millis(time))),
                Move::Join { seat, new, wants, has } => {
                    let has = has.map(|confirmed| Progress { confirmed, ..game.has(0).unwrap() });
                    game.step(Input::Joined { seat, new, wants: wants.then_some(has) });
                }
                Move::Gone(seat) => game.step(Input::Gone(seat)),
                Move::Abandoned(seat) => game.step(Input::Abandoned(seat)),
                Move::Restart => game.restart(),
                Move::Open if served => game.open(),
                Move::Lose if served => game.lose(),
                Move::Rest(rest) => rests = rest,
                Move::Open | Move::Lose => {}
                Move::RoundTrip(seat, trip) => game.step(Input::RoundTrip(seat, Duration::from_millis(trip))),
                Move::Says { seat, other_game, episode, kind, number, count } => {
                    let about = game.rule.gathering().filter(|_| kind == 0).unwrap_or(game.episode());
                    let id = if other_game { other } else { game.game() };
                    let episode = about.saturating_add_signed(episode);
                    let said = said(&game, seat, id, episode, kind, number, count);
                    game.say(seat, said);
                }
            }
            if !rests {
                game.serve();
            }
            prop_assert_eq!(game.folded().remembered(), game.remembered());
        }
        whole(&game);

        // After a restart it is the same game, and goes on with the frames that follow. (What was said of frames that are
        // not closed is not on record; browsers say it again.)
        let mut again = game.folded();
        again.step(Input::Restarted);
        game.step(Input::Restarted);
        if !served {
            prop_assert_eq!(again.remembered(), game.remembered());
        }
        for seat in 0..people {
            for game in [&mut game, &mut again] {
                game.join(seat, None);
                game.caught_up(seat);
            }
        }
        if served {
            game.open();
        } else {
            prop_assert_eq!(again.pass(Duration::from_secs(3)).len(), game.pass(Duration::from_secs(3)).len());
            prop_assert_eq!(again.closed().len(), game.closed().len());
        }
        drop(game.pass(Duration::from_secs(300)));
        prop_assert!(game.rule.finished() && game.rule.deadline().is_none());
        prop_assert_eq!(game.finished.len() >= people, true);
        whole(&game);
    }
}
