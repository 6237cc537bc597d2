//! What is not as it should be: answered in kind, and survived.

use greenroom::wire::*;
use proptest::prelude::*;
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_say_hello_is_turned_away() {
    let place = Place::new();
    let service = place.serve("/").await;
    let wrong_version = Hello { version: 999, ..hello(None, None) };
    let cases = [
        (encode(&FromBrowser::Ready(Ready { visit: 1, has: None })), RefusalCode::OutOfPlace),
        (encode(&FromBrowser::Hello(wrong_version)), RefusalCode::WrongVersion),
        (vec![0xc1, 0xff].into(), RefusalCode::Malformed),
        (vec![0x93; STRANGER_LIMIT + 1].into(), RefusalCode::Malformed),
        (encode(&serde_json::json!({"type": "hello", "body": {"version": 1}})), RefusalCode::Malformed),
    ];
    for (frame, code) in cases {
        let mut stranger = service.connect().await;
        stranger.say_bytes(frame).await;
        assert_eq!(stranger.refusal().await, code);
        assert_eq!(stranger.hear_close().await.0, close::NOT_ADMITTED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_that_could_leave_its_folder_is_malformed() {
    let place = Place::new();
    let service = place.serve("/").await;
    let mut hello = serde_json::to_value(FromBrowser::Hello(hello(None, None))).unwrap();
    hello["body"]["subject"] = "../../etc/cron.d/x".into();
    let mut stranger = service.connect().await;
    stranger.say_bytes(encode(&hello)).await;
    assert_eq!(stranger.refusal().await, RefusalCode::Malformed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_answered_and_many_end_the_connection() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut browser, ..) = service.enter(hello(None, None)).await;
    browser.say_bytes(vec![0xc1].into()).await;
    assert_eq!(browser.refusal().await, RefusalCode::Malformed);
    browser.say(FromBrowser::Continue(Continue { visit: 9 })).await;
    assert_eq!(browser.refusal().await, RefusalCode::OutOfPlace);
    assert!(browser.say_raw(Message::text("hello?")).await);
    assert_eq!(browser.refusal().await, RefusalCode::Malformed);
    browser.say(FromBrowser::Continue(Continue { visit: 1 })).await;
    assert_eq!(browser.scene().await.visit, 2, "a mistake ends nothing");
    for _ in 0..30 {
        if !browser.say_raw(Message::Binary(vec![0xc1].into())).await {
            break;
        }
    }
    assert_eq!(browser.hear_close().await.0, close::MISBEHAVED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large_ends_only_its_connection() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut browser, welcome, _) = service.enter(hello(Some("ann"), None)).await;
    browser.say_raw(Message::Binary(vec![0; MESSAGE_LIMIT + 1].into())).await;
    let (code, _) = browser.hear_close().await;
    assert!([1009, 1006].contains(&code), "{code}");
    let (_, again, _) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    assert!(again.resumed);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_plays_in_somebody_elses_game() {
    let place = Place::new();
    let service = place.serve("/").await;
    let (mut ann, ..) = service.enter(hello(Some("ann"), None)).await;
    let anns = ann.begin_game().await;
    let (mut bob, ..) = service.enter(hello(Some("bob"), None)).await;
    bob.say(FromBrowser::Steps(steps(anns.game, 0, 0..5))).await;
    assert_eq!(bob.refusal().await, RefusalCode::OutOfPlace, "bob has no game");
    bob.begin_game().await;
    bob.say(FromBrowser::Steps(steps(anns.game, 0, 0..5))).await;
    assert_eq!(bob.refusal().await, RefusalCode::OutOfPlace, "it is not bob's game");
    ann.steps(anns.game, 0, 0..1).await;
}

#[test]
fn whatever_bytes_come_the_service_lives_on() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let place = Place::new();
    let service = runtime.block_on(place.serve("/"));
    proptest!(ProptestConfig::with_cases(60), |(frames in prop::collection::vec(any::<Vec<u8>>(), 1..8))| {
        runtime.block_on(async {
            let (mut browser, ..) = service.enter(hello(None, None)).await;
            for frame in frames {
                if !browser.say_raw(Message::Binary(frame.into())).await {
                    break;
                }
            }
        });
    });
    runtime.block_on(async {
        service.enter(hello(None, None)).await;
        service.stop().await;
    });
}
