use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const NOW: Timestamp = Timestamp(1_000_000);

fn scene(name: &str) -> SceneId {
    name.parse().unwrap()
}

/// Workers that are up and know two scenes: a game of `volley` takes 30 % of a core, one of `pong` 10 %.
fn workers(count: usize) -> Placement {
    let mut placement = Placement::new(count, 0.8);
    (0..count).for_each(|worker| placement.up(worker));
    placement.learnt(&scene("volley"), 30, 10_000);
    placement.learnt(&scene("pong"), 20, 5_000);
    placement
}

fn loads(placement: &Placement) -> Vec<f64> {
    placement.view().workers.iter().map(|worker| worker.load).collect()
}

#[test]
fn games_begin_while_there_is_room_and_are_spread_evenly() {
    let mut placement = workers(2);
    let room = placement.reserve(NOW, &scene("volley"), 3);
    assert_eq!(room, Room { games: 3, reason: None });
    let placed: Vec<_> = (0..3).map(|_| placement.place(NOW, GameId::fresh(), &scene("volley"))).collect();
    assert_eq!(placed, [Some(0), Some(1), Some(0)], "each where the least is to do, what is reserved included");
    let room = placement.reserve(NOW, &scene("volley"), 4);
    let reason = "2 workers are full (60 % and 60 % of a core); a game of volley needs 30 %";
    assert_eq!(room, Room { games: 1, reason: Some(reason.into()) });
    let room = placement.reserve(NOW, &scene("pong"), 9);
    assert_eq!(room.games, 4, "something smaller still fits");
    assert_eq!(room.reason.unwrap(), "2 workers are full (80 % and 80 % of a core); a game of pong needs 10 %");
    assert_eq!(placement.view().scenes[&scene("pong")].refused, 5);
}

#[test]
fn what_is_granted_is_taken_until_it_is_used_given_back_or_too_old() {
    let mut placement = workers(1);
    assert_eq!(placement.reserve(NOW, &scene("volley"), 2).games, 2);
    assert_eq!(placement.reserve(NOW, &scene("volley"), 1).games, 0);
    placement.give_back(&scene("volley"), 1);
    placement.give_back(&scene("pong"), 1);
    assert_eq!(placement.reserve(NOW, &scene("volley"), 9).games, 1);
    assert_eq!(placement.reserve(NOW + (RESERVED - SECOND), &scene("volley"), 9).games, 0);
    assert_eq!(placement.reserve(NOW + RESERVED, &scene("volley"), 9).games, 2);
    let game = GameId::fresh();
    placement.place(NOW + RESERVED, game, &scene("volley"));
    assert_eq!(placement.place(NOW + RESERVED, game, &scene("volley")), Some(0), "asked twice, it is one game");
    let view = placement.view().scenes[&scene("volley")];
    assert_eq!((view.games, view.reserved), (1, 1));
    placement.leave(game);
    placement.give_back(&scene("volley"), 9);
    assert_eq!(loads(&placement), [0.0]);
}

#[test]
fn a_running_game_is_placed_in_any_case() {
    let mut placement = workers(2);
    let games: Vec<_> = (0..4).map(|_| GameId::fresh()).collect();
    for game in &games {
        placement.place(NOW, *game, &scene("volley"));
    }
    placement.down(0);
    let lost: Vec<_> = placement.games_on(0).collect();
    assert_eq!(lost.len(), 2);
    for game in lost {
        assert_eq!(placement.place(NOW, game, &scene("volley")), Some(1));
    }
    assert_eq!(placement.games_on(1).count(), 4);
    let reason = placement.reserve(NOW, &scene("pong"), 1).reason.unwrap();
    assert_eq!(reason, "1 worker is full (120 % of a core, 1 not ready); a game of pong needs 10 %");
    placement.down(1);
    assert_eq!(placement.place(NOW, games[0], &scene("volley")), None);
    let reason = placement.reserve(NOW, &scene("pong"), 1).reason.unwrap();
    assert_eq!(reason, "none of 2 workers is ready; a game of pong needs 10 %");
    placement.up(0);
    for game in &games {
        assert_eq!(placement.place(NOW, *game, &scene("volley")), Some(0));
    }
}

#[test]
fn a_game_that_ended_with_its_worker_is_forgotten() {
    let mut placement = workers(1);
    let (ended, goes_on) = (GameId::fresh(), GameId::fresh());
    placement.place(NOW, ended, &scene("pong"));
    placement.place(NOW, goes_on, &scene("pong"));
    placement.down(0);
    placement.up(0);
    placement.reserve(NOW, &scene("pong"), 1);
    placement.place(NOW, goes_on, &scene("pong"));
    assert_eq!(placement.view().scenes[&scene("pong")].reserved, 1, "it needs no room of those who have not begun");
    assert_eq!(placement.games_on(0).count(), 2);
    placement.reserve(NOW + RESERVED, &scene("pong"), 0);
    assert_eq!(placement.games_on(0).collect::<Vec<_>>(), [goes_on]);
}

#[test]
fn what_was_granted_on_a_worker_that_is_gone_is_kept_where_it_fits() {
    let mut placement = workers(2);
    assert_eq!(placement.reserve(NOW, &scene("volley"), 4).games, 4);
    placement.down(0);
    assert_eq!(placement.view().scenes[&scene("volley")].reserved, 2);
    placement.give_back(&scene("volley"), 2);
    placement.up(0);
    assert_eq!(placement.reserve(NOW, &scene("volley"), 1).games, 1);
    let on = placement.reservations[0].worker;
    placement.down(on);
    assert_eq!(placement.reservations[0].worker, 1 - on);
}

#[test]
fn what_is_too_dear_plays_alone() {
    let mut placement = workers(2);
    placement.learnt(&scene("chess"), 10, 120_000);
    let room = placement.reserve(NOW, &scene("chess"), 1);
    assert_eq!(room.games, 1);
    assert!(room.reason.unwrap().starts_with("a game of chess needs 120 % of a core, more than the 80 % of a worker"));
    assert_eq!(placement.place(NOW, GameId::fresh(), &scene("chess")), Some(0));
    assert_eq!(placement.reserve(NOW, &scene("pong"), 9).games, 8, "all of them on the other one");
    let room = placement.reserve(NOW, &scene("chess"), 1);
    assert_eq!(room.games, 0);
    assert!(room.reason.unwrap().ends_with("2 workers are full (80 % and 120 % of a core)"));
}

#[test]
fn the_cost_rises_fast_and_falls_slowly() {
    let mut placement = workers(1);
    let cost = |placement: &Placement| placement.view().scenes[&scene("volley")].frame_us;
    (0..8).for_each(|_| placement.measured(&scene("volley"), 20_000_u32));
    assert!((18_000..20_000).contains(&cost(&placement)), "{}", cost(&placement));
    placement.learnt(&scene("volley"), 30, 1_000);
    (0..8).for_each(|_| placement.measured(&scene("volley"), 10_000_u32));
    assert!(cost(&placement) > 17_000, "{}", cost(&placement));
    (0..999).for_each(|_| placement.measured(&scene("volley"), 10_000.0));
    assert!((10_000..10_010).contains(&cost(&placement)), "{}", cost(&placement));
}

#[test]
fn nothing_begins_before_it_was_tried_out() {
    let mut placement = workers(1);
    let room = placement.reserve(NOW, &scene("new"), 1);
    assert_eq!(room, Room { games: 0, reason: Some("new has not been tried out on a worker yet".into()) });
    assert_eq!(placement.place(NOW, GameId::fresh(), &scene("new")), Some(0), "it runs already");
    let reason = Placement::new(0, 0.8).state();
    assert_eq!(reason, "there are no workers");
    let mut many = workers(5);
    assert!(many.reserve(NOW, &scene("pong"), 99).reason.unwrap().contains("5 workers are full (from 80 % to 80 %"));
}

#[derive(Debug, Clone)]
enum Move {
    Pass(u64),
    Up(usize),
    Down(usize),
    Reserve(usize, u32),
    GiveBack(usize, u32),
    Place(usize),
    Leave(usize),
    Measured(usize, u32),
}

const NAMES: [&str; 3] = ["volley", "pong", "chess"];

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = || 0_usize..3;
    let any = prop_oneof![
        3 => (0_u64..20_000).prop_map(Move::Pass),
        2 => one().prop_map(Move::Up),
        1 => one().prop_map(Move::Down),
        6 => (one(), 0_u32..5).prop_map(|(scene, want)| Move::Reserve(scene, want)),
        2 => (one(), 0_u32..3).prop_map(|(scene, n)| Move::GiveBack(scene, n)),
        6 => one().prop_map(Move::Place),
        3 => (0_usize..20).prop_map(Move::Leave),
        1 => (one(), 0_u32..60_000).prop_map(|(scene, micros)| Move::Measured(scene, micros)),
    ];
    prop::collection::vec(any, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_is_overbooked_leaked_or_lost(moves in moves()) {
        let mut placement = workers(3);
        placement.learnt(&scene("chess"), 10, 90_000);
        let mut twin = placement.clone();
        let mut now = NOW;
        let mut games: Vec<GameId> = Vec::new();
        // By scene, when each reservation was made that is neither used nor given back, oldest first.
        let mut granted: BTreeMap<usize, Vec<Timestamp>> = BTreeMap::new();
        for one in moves {
            match one {
                Move::Pass(milliseconds) => now = now + Duration::from_millis(milliseconds),
                Move::Up(worker) => {
                    placement.up(worker);
                    twin.up(worker);
                }
                Move::Down(worker) => {
                    placement.down(worker);
                    twin.down(worker);
                    let lost: Vec<_> = placement.games_on(worker).collect();
                    for game in lost {
                        // One that was lost too long ago is forgotten.
                        let Some(of) = placement.games.get(&game).map(|placed| placed.scene.clone()) else { continue };
                        prop_assert_eq!(placement.place(now, game, &of), twin.place(now, game, &of));
                    }
                }
                Move::Reserve(of, want) => {
                    let before = loads(&placement);
                    let room = placement.reserve(now, &scene(NAMES[of]), want);
                    prop_assert_eq!(&room, &twin.reserve(now, &scene(NAMES[of]), want));
                    prop_assert!(room.games <= want);
                    prop_assert!(room.games == want || room.reason.is_some(), "refused without a reason");
                    // The property that admission is for.
                    for (worker, (before, after)) in before.iter().zip(loads(&placement)).enumerate() {
                        let alone = placement.scenes_on(worker).count() == 1;
                        prop_assert!(after <= *before || after <= 0.8 || alone, "{} to {}", before, after);
                    }
                    granted.entry(of).or_default().extend((0..room.games).map(|_| now));
                }
                Move::GiveBack(of, n) => {
                    placement.give_back(&scene(NAMES[of]), n);
                    twin.give_back(&scene(NAMES[of]), n);
                    let own = granted.entry(of).or_default();
                    own.drain(..own.len().min(n as usize));
                }
                Move::Place(of) => {
                    let game = GameId::fresh();
                    let had = placement.reservations.iter().any(|one| one.scene == scene(NAMES[of]) && now.since(one.at) < RESERVED);
                    let crowded = |placement: &Placement| {
                        let over = |worker: &usize| placement.load(*worker) > placement.limit;
                        (0..3).filter(over).any(|worker| placement.scenes_on(worker).count() > 1)
                    };
                    let before = crowded(&placement);
                    let placed = placement.place(now, game, &scene(NAMES[of]));
                    prop_assert_eq!(placed, twin.place(now, game, &scene(NAMES[of])), "not deterministic");
                    let up = placement.workers.iter().any(|up| *up);
                    prop_assert_eq!(placed.is_some(), up, "a game is nowhere");
                    if placed.is_some() {
                        games.push(game);
                    }
                    prop_assert!(!had || before || !crowded(&placement), "a game that was granted was too much");
                    let own = granted.entry(of).or_default();
                    own.retain(|at| now.since(*at) < RESERVED);
                    if !own.is_empty() {
                        own.remove(0);
                    }
                }
                Move::Leave(index) => {
                    if index < games.len() {
                        let game = games.swap_remove(index);
                        placement.leave(game);
                        twin.leave(game);
                    }
                }
                Move::Measured(of, micros) => {
                    placement.measured(&scene(NAMES[of]), micros);
                    twin.measured(&scene(NAMES[of]), micros);
                }
            }
            prop_assert_eq!(placement.view(), twin.view());
            let found: usize = (0..3).map(|worker| placement.games_on(worker).count()).sum();
            // What is placed nowhere for a minute, because no worker is up, begins anew when it asks again.
            games.retain(|game| placement.games.contains_key(game));
            prop_assert_eq!(found, games.len(), "a game is on no worker, or on two");
            for (game, placed) in &placement.games {
                let up = placement.workers[placed.worker];
                prop_assert!(up || placed.standing != Standing::Here, "{game} is on a worker that is gone");
            }
            for (of, granted) in &granted {
                let own = placement.reservations.iter().filter(|one| one.scene == scene(NAMES[*of])).count();
                prop_assert!(own <= granted.len(), "more is reserved than was granted");
            }
        }
        // All that was granted comes back by itself.
        placement.reserve(now + RESERVED, &scene("volley"), 0);
        prop_assert!(placement.reservations.is_empty());
        games.into_iter().for_each(|game| placement.leave(game));
        prop_assert_eq!(loads(&placement), [0.0; 3]);
    }
}
