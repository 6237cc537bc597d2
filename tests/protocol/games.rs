//! A game from its first step to its file.

use greenroom::wire::*;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_study_played_to_its_end_is_in_the_files_row_by_row() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut browser, ..) = service.enter(hello(Some("ann"), None)).await;
    let first = browser.begin_game().await;
    let mut seeds = vec![first.seed];
    for episode in 0..EPISODES {
        let length = 5 + episode;
        browser.steps(first.game, episode, 0..length).await;
        browser.say(FromBrowser::EpisodeEnded(EpisodeEnded { game: first.game, episode, steps: length })).await;
        if episode + 1 < EPISODES {
            let play = browser.play().await;
            assert_eq!((play.game, play.episode, play.rows.len()), (first.game, episode + 1, 0));
            seeds.push(play.seed);
        }
    }
    assert_ne!(seeds[0], seeds[1], "no two episodes are alike");
    assert!(matches!(browser.scene().await.view, SceneView::End(_)));
    service.stop().await;

    let mut reader = csv::Reader::from_path(place.data("game/ann.csv")).unwrap();
    let header: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header[..4], ["episode_num", "t", "actions.human", "rewards.human"]);
    assert_eq!(header[4..7], ["isFocused.human", "player_subjects.human", "timestamp"]);
    let rows: Vec<_> = reader.records().map(|record| record.unwrap()).collect();
    assert_eq!(rows.len(), 5 + 6, "n steps give n rows");
    let expected = (0..EPISODES).flat_map(|episode| (0..5 + episode).map(move |t| (episode, t)));
    for (row, (episode, t)) in rows.iter().zip(expected) {
        let reward = format!("{:?}", f64::from(t) / 2.0);
        let focused = if t % 2 == 0 { "True" } else { "False" };
        let told: Vec<_> = row.iter().take(6).map(str::to_owned).collect();
        let expected = [&episode.to_string(), &t.to_string(), &(t % 3).to_string(), &reward, focused, "ann"];
        assert_eq!(told, expected);
        assert_eq!(row[6].parse::<f64>().unwrap(), 1000.5 + f64::from(t));
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.data("game/ann_metadata.json")).unwrap()).unwrap();
    assert_eq!(metadata["scene"]["scene_type"], "GymScene");
    assert_eq!(metadata["episode_seeds"], serde_json::json!(seeds));
    assert_eq!(metadata["participant"][0]["fact"]["parameters"]["STUDY_ID"], "s1");
    assert!(!metadata.to_string().contains("token"), "no secret, and no digest of one, is in a data file");
    let globals = std::fs::read_to_string(place.data("game/ann_globals.json")).unwrap();
    assert!(globals.contains("STUDY_ID"), "{globals}");
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_sent_again_after_a_reconnection_are_stored_once() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut browser, welcome, _) = service.enter(hello(Some("ann"), None)).await;
    let play = browser.begin_game().await;
    browser.steps(play.game, 0, 0..10).await;
    drop(browser);
    // The page was not reloaded: it goes on with the game that runs in it.
    let (mut browser, ..) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    browser.say(FromBrowser::Steps(steps(play.game, 0, 5..15))).await;
    assert_eq!(browser.acknowledged().await.steps, 15);
    browser.say(FromBrowser::Steps(steps(play.game, 0, 20..25))).await;
    assert_eq!(browser.refusal().await, RefusalCode::Gap);
    service.stop().await;
    let csv = std::fs::read_to_string(place.data("game/ann.csv")).unwrap();
    let steps: Vec<_> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect();
    assert_eq!(steps, (0..15).map(|t| t.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_games_at_once_do_not_mix() {
    const PLAYERS: u32 = 40;
    let chunk_of = |number: u32| number % 10;
    let place = Place::new();
    let service = place.serve("/").await;
    let mut players = tokio::task::JoinSet::new();
    for number in 0..PLAYERS {
        let subject = format!("p{number}");
        let (mut browser, ..) = service.enter(hello(Some(&subject), None)).await;
        players.spawn(async move {
            let play = browser.begin_game().await;
            for chunk in 0..10 {
                browser.steps(play.game, 0, chunk * chunk_of(number)..(chunk + 1) * chunk_of(number)).await;
            }
            browser
        });
    }
    let browsers = players.join_all().await;
    drop(browsers);
    service.stop().await;
    for number in 0..PLAYERS {
        let csv = std::fs::read_to_string(place.data(&format!("game/p{number}.csv"))).unwrap();
        assert_eq!(csv.lines().count() as u32, 1 + 10 * chunk_of(number));
    }
}
