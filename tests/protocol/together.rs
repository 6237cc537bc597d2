//! Games of several people, over real sockets and in real time.

use std::sync::Arc;
use std::time::Duration;

use greenroom::wire::*;
use tokio::sync::{Semaphore, watch};

use crate::player::{Absence, Played, Script, play};
use crate::support::*;

const FRAMES: u32 = 70;

async fn play_all(url: &str, scripts: Vec<Script>) -> Vec<Played> {
    let mut players = tokio::task::JoinSet::new();
    for (number, script) in scripts.into_iter().enumerate() {
        let url = url.to_owned();
        players.spawn(async move { (number, play(&url, &format!("p{number}"), script, &mut ()).await) });
    }
    let mut played = tokio::time::timeout(Duration::from_secs(60), players.join_all()).await.expect("they get onward");
    played.sort_by_key(|(number, _)| *number);
    played.into_iter().map(|(_, played)| played).collect()
}

fn csv(place: &Place, subject: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_path(place.data(&format!("game/{subject}.csv"))).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|record| record.unwrap());
    rows.map(|row| header.iter().cloned().zip(row.iter().map(str::to_owned)).collect()).collect()
}

/// What of a file describes the game, not what one player saw of it.
fn of_the_game(rows: &[Vec<(String, String)>]) -> Vec<Vec<(String, String)>> {
    let game = |(name, _): &&(String, String)| !name.starts_with("own.");
    rows.iter().map(|row| row.iter().filter(game).cloned().collect()).collect()
}

fn assert_one_truth(place: &Place, played: &[Played], frames: u32) {
    let confirmed = |played: &Played| -> Vec<_> {
        played
            .episodes
            .iter()
            .map(|episode| episode.iter().take(frames as usize).cloned().collect::<Vec<_>>())
            .collect()
    };
    let files: Vec<_> = (0..played.len()).map(|number| csv(place, &format!("p{number}"))).collect();
    for (player, file) in played.iter().zip(&files) {
        assert_eq!(confirmed(player), confirmed(&played[0]), "all are told the same");
        assert_eq!(of_the_game(file), of_the_game(&files[0]), "all files tell the same");
    }
    let expected: Vec<_> = confirmed(&played[0]).concat();
    assert_eq!(files[0].len(), expected.len(), "a row for each frame");
    for (row, inputs) in files[0].iter().zip(expected) {
        for (seat, action) in inputs.iter().enumerate() {
            let cell = row.iter().find(|(name, _)| *name == format!("actions.a{seat}")).unwrap();
            assert_eq!(cell.1, action.to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_play_one_game_and_have_one_record() {
    let place = Place::new();
    let service = place.serve_study("/", group_study(place.path(), &["a0", "a1"], |_| {})).await;
    let played = play_all(&service.url(), vec![Script::of(FRAMES, 30); 2]).await;
    for player in &played {
        assert_eq!(player.over, Some(Over { reason: None, frames: player.over.unwrap().frames }));
        assert!(matches!(player.after.as_ref().unwrap().view, SceneView::End(_)));
        assert_eq!(player.seeds, played[0].seeds);
        assert_eq!(player.episodes.len() as u32, EPISODES);
    }
    assert_ne!(played[0].seeds[0], played[0].seeds[1], "no two episodes are alike");
    assert_ne!(played[0].seat, played[1].seat);
    service.stop().await;
    assert_one_truth(&place, &played, FRAMES);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_connection_comes_back_into_the_same_game() {
    for forgets in [false, true] {
        let place = Place::new();
        let service = place.serve_study("/", group_study(place.path(), &["a0", "a1"], |_| {})).await;
        let cut =
            Script { cut_at: Some((40, Absence::For(Duration::from_millis(300)))), forgets, ..Script::of(FRAMES, 30) };
        // Whether host or not.
        let played = play_all(&service.url(), vec![cut.clone(), Script::of(FRAMES, 30)]).await;
        assert!(played[1].pauses > 0, "the other one waits");
        for player in &played {
            assert!(matches!(player.after.as_ref().unwrap().view, SceneView::End(_)), "{player:?}");
        }
        service.stop().await;
        assert_one_truth(&place, &played, FRAMES);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_somebody_is_lost_the_others_get_onward_with_a_code() {
    let place = Place::new();
    let grace = |gym: &mut greenroom::experiment::GymScene| {
        gym.group.as_mut().unwrap().multiplayer.grace = Duration::from_millis(500);
    };
    let service = place.serve_study("/", group_study(place.path(), &["a0", "a1"], grace)).await;
    let quits = Script { quits_at: Some(40), ..Script::of(FRAMES, 30) };
    let played = play_all(&service.url(), vec![quits, Script::of(FRAMES, 30)]).await;
    let Some(SceneShown { view: SceneView::Trouble(view), .. }) = &played[1].after else {
        panic!("{:?}", played[1].after)
    };
    assert_eq!(played[1].over.unwrap().reason, Some(Dismissal::PartnerLost));
    assert_eq!(view.code.as_ref().unwrap().len(), 8);
    service.stop().await;
    let rows = csv(&place, "p1");
    assert!(rows.len() >= 30, "what was played is recorded: {} rows", rows.len());
    assert_eq!(of_the_game(&rows), of_the_game(&csv(&place, "p0")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_differs_is_healed_and_the_record_says_so() {
    let place = Place::new();
    let service = place.serve_study("/", group_study(place.path(), &["a0", "a1"], |_| {})).await;
    let scripts = (0..2).map(|_| Script::of(FRAMES, 30)).collect::<Vec<_>>();
    let ill = Script { ill_from: Some(20), ..Script::of(FRAMES, 30) };
    // One of the two is the host, whose copy is right by definition: the difference is found either way.
    let played = play_all(&service.url(), vec![scripts[0].clone(), ill]).await;
    assert_eq!(played.iter().map(|player| player.healed).sum::<u32>(), 1, "{played:?}");
    service.stop().await;
    assert_one_truth(&place, &played, FRAMES);
    let game = played[0].game.unwrap();
    let record = std::fs::read_to_string(place.data(&format!("game/games/{game}.json"))).unwrap();
    assert!(record.contains("inputs: differ"), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_restarted_goes_on_with_the_game() {
    let place = Place::new();
    let listener_study = || group_study(place.path(), &["a0", "a1"], |_| {});
    let service = place.serve_study("/", listener_study()).await;
    let address = service.address.clone();
    let url = service.url();
    let gone = Arc::new(Semaphore::new(0));
    let (back, told) = watch::channel(false);
    let absence = Absence::Until { gone: gone.clone(), back: told };
    let script = Script { cut_at: Some((30, absence)), ..Script::of(FRAMES, 30) };
    let playing = tokio::spawn(async move { play_all(&url, vec![script.clone(), script]).await });
    let both = gone.acquire_many(2).await.unwrap();
    service.stop().await;
    let again = place.serve_study_at(&address, "/", listener_study()).await;
    drop(both);
    back.send(true).unwrap();
    let played = playing.await.unwrap();
    for player in &played {
        assert!(matches!(player.after.as_ref().unwrap().view, SceneView::End(_)), "{player:?}");
    }
    again.stop().await;
    assert_one_truth(&place, &played, FRAMES);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_games_of_many_sizes_do_not_mix() {
    for agents in [&["a0", "a1"][..], &["a0", "a1", "a2"], &["a0", "a1", "a2", "a3"]] {
        let place = Place::new();
        let one = |gym: &mut greenroom::experiment::GymScene| gym.gameplay.num_episodes = 1;
        let service = place.serve_study("/", group_study(place.path(), agents, one)).await;
        let played = play_all(&service.url(), vec![Script::of(40, 30); 24]).await;
        service.stop().await;
        let mut games = std::collections::BTreeMap::<_, Vec<_>>::new();
        for (number, player) in played.iter().enumerate() {
            assert!(matches!(player.after.as_ref().unwrap().view, SceneView::End(_)), "{player:?}");
            games.entry(player.game.unwrap()).or_default().push((player.seat, number));
        }
        assert_eq!(games.len(), 24 / agents.len());
        for members in games.values() {
            let mut seats: Vec<_> = members.iter().map(|(seat, _)| *seat).collect();
            seats.sort_unstable();
            assert_eq!(seats, (0..agents.len()).collect::<Vec<_>>());
            let files: Vec<_> = members.iter().map(|(_, number)| csv(&place, &format!("p{number}"))).collect();
            assert!(files.iter().all(|file| of_the_game(file) == of_the_game(&files[0]) && file.len() == 40));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_in_vain_plays_with_a_bot_where_the_scene_says_so() {
    let place = Place::new();
    let with_bots = |gym: &mut greenroom::experiment::GymScene| {
        let room = &mut gym.group.as_mut().unwrap().waiting_room;
        room.timeout = Duration::from_secs(1);
        room.on_timeout = greenroom::experiment::OnTimeout::Bot;
        gym.gameplay.num_episodes = 1;
    };
    let service = place.serve_study("/", group_study(place.path(), &["a0", "a1"], with_bots)).await;
    let played = play_all(&service.url(), vec![Script::of(FRAMES, 30)]).await;
    assert!(matches!(played[0].after.as_ref().unwrap().view, SceneView::End(_)), "{:?}", played[0].after);
    service.stop().await;
    assert_one_truth(&place, &played, FRAMES);
    let rows = csv(&place, "p0");
    let cell = |row: &[(String, String)], name: &str| row.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let bots_actions: std::collections::BTreeSet<_> = rows.iter().map(|row| cell(row, "actions.a1")).collect();
    assert!(bots_actions.len() > 1, "the bot does something: {bots_actions:?}");
    assert_eq!(
        (cell(&rows[0], "player_subjects.a1"), cell(&rows[0], "input_on_time.a1")),
        ("bot".into(), String::new())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_in_vain_elsewhere_gets_a_code_and_the_last_scene() {
    let place = Place::new();
    let soon = |gym: &mut greenroom::experiment::GymScene| {
        gym.group.as_mut().unwrap().waiting_room.timeout = Duration::from_secs(1);
    };
    let service = place.serve_study("/", group_study(place.path(), &["a0", "a1"], soon)).await;
    let played = play_all(&service.url(), vec![Script::of(FRAMES, 30)]).await;
    let Some(SceneShown { view: SceneView::Trouble(view), .. }) = &played[0].after else {
        panic!("{:?}", played[0].after)
    };
    assert_eq!(view.code.as_ref().unwrap().len(), 8);
    service.stop().await;
    let metadata = std::fs::read_to_string(place.data("game/p0_metadata.json")).unwrap();
    assert!(metadata.contains(view.code.as_ref().unwrap()) && metadata.contains("no_partner"), "{metadata}");
}
