//! Gates and ways out over real sockets: what the service measures itself, and codes that stay the same.

use greenroom::experiment::{Experiment, Redirect, Scene, Screening, Stager};
use greenroom::ids::ResumeToken;
use greenroom::wire::*;

use crate::support::*;

/// A start and an end, with a limit for round trips and codes for a panel.
fn gated(place: &Place, max_ping_ms: u32) -> Experiment {
    let mut experiment = study(place.path());
    let scenes = experiment.stager.scenes().iter().filter(|scene| !matches!(scene, Scene::Gym(_))).cloned();
    let without = scenes.map(|scene| match scene {
        Scene::End(end) => Scene::End(greenroom::experiment::EndScene { redirect: None, ..end }),
        other => other,
    });
    experiment.stager = Stager::new(without.collect()).unwrap();
    experiment.gates.screening = Some(Screening { max_ping_ms: Some(max_ping_ms), ..Screening::default() });
    experiment.gates.codes.at_end = true;
    experiment.gates.codes.words.insert(Dismissal::ScreenedOut, "SORRY".into());
    let url = "https://panel.example/?cc={code}&study={STUDY_ID}&who={subject_id}".into();
    experiment.gates.exit = Some(Redirect { url, ..Redirect::default() });
    experiment
}

fn end(scene: SceneShown) -> EndView {
    match scene.view {
        SceneView::End(end) => end,
        other => panic!("not at the end: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn round_trips_are_measured_by_the_service_and_the_code_is_the_same_for_ever() {
    let place = Place::new();
    let service = place.serve_study("/", gated(&place, 20_000)).await;
    let (mut browser, welcome, scene) = service.enter(hello(Some("ann"), None)).await;
    assert_eq!(scene.scene.as_str(), "start");
    browser.say(FromBrowser::Continue(Continue { visit: 1 })).await;
    let told = end(browser.scene().await);
    let code = told.code.clone().expect("everybody gets one");
    assert_eq!((code.reason, code.code.len()), (Dismissal::Complete, 8));
    assert_eq!(told.redirect, Some(format!("https://panel.example/?cc={}&study=s1&who=ann", code.code)));
    service.stop().await;

    let service = place.serve_study("/", gated(&place, 20_000)).await;
    let (_again, resumed, scene) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    assert!(resumed.resumed);
    assert_eq!(end(scene), told, "after a restart, too");
    for token in [None, Some(&ResumeToken::from_random([1; 16]))] {
        let mut stranger = service.connect().await;
        stranger.say(FromBrowser::Hello(hello(Some("ann"), token))).await;
        assert_eq!(stranger.refusal().await, RefusalCode::Finished);
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_says_at_the_wrong_time_changes_nothing() {
    let place = Place::new();
    let service = place.serve_study("/", gated(&place, 20_000)).await;
    let (mut browser, ..) = service.enter(hello(Some("ann"), None)).await;
    for visit in [0, 1, 7] {
        browser.say(FromBrowser::Sight(Sight { visit, visible: false })).await;
    }
    for _ in 0..3 {
        browser.say(FromBrowser::Continue(Continue { visit: 1 })).await;
    }
    let told = end(browser.scene().await);
    browser.say(FromBrowser::Continue(Continue { visit: 2 })).await;
    assert_eq!(browser.refusal().await, RefusalCode::OutOfPlace, "nothing comes after the end");
    assert_eq!(told.codes, []);
    service.stop().await;
}
