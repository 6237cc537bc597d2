//! Who may act for whom, and what survives.

use greenroom::ids::ResumeToken;
use greenroom::wire::*;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_gets_a_name_a_secret_and_the_first_scene() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (_browser, welcome, scene) = service.enter(hello(None, None)).await;
    assert!(!welcome.resumed);
    assert_eq!((scene.visit, scene.progress, scene.scene.as_str()), (1, [1, 3], "start"));
    let (_other, other, _) = service.enter(hello(None, None)).await;
    assert_ne!(welcome.subject, other.subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_holder_of_the_token_can_act_as_the_subject() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (_owner, welcome, _) = service.enter(hello(Some("ann"), None)).await;
    let guess = ResumeToken::from_random([1; 16]);
    for (token, code) in [(None, RefusalCode::SubjectTaken), (Some(&guess), RefusalCode::WrongToken)] {
        let mut stranger = service.connect().await;
        stranger.say(FromBrowser::Hello(hello(Some("ann"), token))).await;
        assert_eq!(stranger.refusal().await, code);
        assert_eq!(stranger.hear_close().await.0, close::NOT_ADMITTED);
    }
    let (_again, again, _) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    assert!(again.resumed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_connection_replaces_the_older_at_once() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut older, welcome, _) = service.enter(hello(Some("ann"), None)).await;
    let (mut newer, again, _) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    assert_eq!(String::from(again.token), String::from(welcome.token));
    assert_eq!(older.hear_close().await.0, close::REPLACED);
    newer.say(FromBrowser::Continue(Continue { visit: 1 })).await;
    assert_eq!(newer.scene().await.visit, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_twice_skips_no_scene() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut browser, ..) = service.enter(hello(None, None)).await;
    for _ in 0..2 {
        browser.say(FromBrowser::Continue(Continue { visit: 1 })).await;
    }
    assert_eq!(browser.scene().await.visit, 2);
    browser.say(FromBrowser::Continue(Continue { visit: 2 })).await;
    assert_eq!(browser.refusal().await, RefusalCode::OutOfPlace, "the game is not over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_service_knows_everybody() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut browser, welcome, _) = service.enter(hello(Some("ann"), None)).await;
    let play = browser.begin_game().await;
    browser.steps(play.game, 0, 0..7).await;
    service.stop().await;
    let (code, heard) = browser.hear_close().await;
    assert_eq!(code, close::RESTART);
    assert!(matches!(heard.last(), Some(ToBrowser::Draining)), "{heard:?}");

    let service = place.serve("/").await;
    let (mut browser, again, scene) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    assert!(again.resumed);
    let SceneView::Gym(view) = scene.view else { panic!("not in the game: {:?}", scene.view) };
    assert!(view.begun);
    browser.say(FromBrowser::Ready(Ready { visit: 2, has: None })).await;
    let resumed = browser.play().await;
    assert_eq!((resumed.game, resumed.seed, resumed.rows.len()), (play.game, play.seed, 7));
    browser.steps(play.game, 0, 7..10).await;
    let mut stranger = service.connect().await;
    stranger.say(FromBrowser::Hello(hello(Some("ann"), None))).await;
    assert_eq!(stranger.refusal().await, RefusalCode::SubjectTaken, "also after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_in_the_browser_has_a_way_onward() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut browser, welcome, _) = service.enter(hello(Some("ann"), None)).await;
    let play = browser.begin_game().await;
    browser.steps(play.game, 0, 0..3).await;
    let failed = |give_up| {
        FromBrowser::Failed(Failed {
            visit: 2,
            stage: FailedStage::Step,
            message: "ZeroDivisionError".into(),
            traceback: "Traceback".into(),
            give_up,
        })
    };
    browser.say(failed(false)).await;
    let (mut browser, _, scene) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    assert!(matches!(scene.view, SceneView::Gym(_)), "a reload tries it again");
    browser.say(failed(true)).await;
    let SceneView::End(end) = browser.scene().await.view else { panic!("not at the end") };
    assert_eq!(end.redirect.as_deref(), Some("https://panel.example/done?who=ann"));
    service.stop().await;
    let csv = std::fs::read_to_string(place.data("game/ann.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + 3, "what was played is in the data:\n{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_service_was_cut_off_the_files_of_those_who_never_return_are_written() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut browser, ..) = service.enter(hello(Some("ann"), None)).await;
    let play = browser.begin_game().await;
    browser.steps(play.game, 0, 0..9).await;
    service.stop().await;
    drop(browser);
    // What a kill leaves behind: facts without files, and a lock that nobody emptied.
    std::fs::remove_dir_all(place.data("game")).unwrap();
    std::fs::write(place.data("journal.lock"), "running").unwrap();
    let service = place.serve("/").await;
    service.stop().await;
    let csv = std::fs::read_to_string(place.data("game/ann.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_welcome_that_is_lost_locks_nobody_out() {
    let place = Place::new();
    let service = place.serve("/").await;
    let secret = ResumeToken::from_random([9; 16]);
    let mut cut_off = service.connect().await;
    cut_off.say(FromBrowser::Hello(hello(Some("ann"), Some(&secret)))).await;
    drop(cut_off);
    let (_browser, welcome, scene) = service.enter(hello(Some("ann"), Some(&secret))).await;
    assert_eq!((String::from(welcome.token), scene.visit), (String::from(secret), 1));
}
