//! Documents of the researcher's own: what they save, who may save it, and how their files are served.

use std::sync::Arc;

use greenroom::experiment::{EmbeddedScene, Experiment, Hook, Scene, Source, Stager};
use greenroom::rules::functions::{Argument, Call, FunctionKey};
use greenroom::wire::{
    Continue, EmbedView, FromBrowser, Page, PageState, RefusalCode, Saved, SceneView, ToBrowser, Told, Welcome,
};
use serde_json::{Value, json};

use crate::support::*;

/// Answers from a closure, as a function of an experiment module would.
struct Answers<F>(F);

impl<F: Fn(&[Argument]) -> Result<Value, String> + Send + Sync> Call for Answers<F> {
    fn call(&self, arguments: &[Argument]) -> Result<Value, String> {
        self.0(arguments)
    }
}

/// A page instead of the game, with two episodes and functions that are called.
fn page_study(place: &Place) -> Experiment {
    let own = place.path().join("assets/client/embed");
    let page = place.path().join("page");
    for (folder, name, contents) in [
        (&own, "greenroom-scene.js", "// the library"),
        (&page, "index.html", "<script>1</script>"),
        (&page, "film.mp4", "0123456789"),
    ] {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(name), contents).unwrap();
    }
    let mut experiment = study(place.path());
    let scenes = experiment.stager.scenes().iter().cloned().map(|scene| match scene {
        Scene::Gym(gym) => Scene::Embedded(Box::new(EmbeddedScene {
            scene_id: gym.scene_id.clone(),
            page: Page::default(),
            source: Source::Folder(page.clone()),
            digest: String::new(),
            document: "index.html".into(),
            build: None,
            width: None,
            height: None,
            preload: true,
            settings: json!({"trials": 3}),
            episodes: Some(2),
            continue_on: Default::default(),
            button: true,
            hooks: [Hook::ScoreFn, Hook::OnEpisodeEnd].into(),
        })),
        other => other,
    });
    experiment.stager = Stager::new(scenes.collect()).unwrap();
    experiment
}

async fn serve(place: &Place) -> Service {
    let scene = "game".parse().unwrap();
    let score = Answers(|arguments: &[Argument]| match arguments {
        [Argument::Plain(data)] => data.get("hits").cloned().ok_or_else(|| "no hits".to_owned()),
        other => Err(format!("{other:?}")),
    });
    let end = Answers(|arguments: &[Argument]| match arguments {
        [Argument::Participant(who), Argument::Plain(_)] => {
            Ok(json!({"for": who["subject_id"], "results": who["results"]}))
        }
        other => Err(format!("{other:?}")),
    });
    let functions: [(FunctionKey, Arc<dyn Call>); 2] = [
        (FunctionKey::of_scene(&scene, "score_fn"), Arc::new(score)),
        (FunctionKey::of_scene(&scene, "on_episode_end"), Arc::new(end)),
    ];
    place.serve_study_with("/", page_study(place), functions.into_iter().collect()).await
}

fn saved(visit: u32, number: u32, name: &str, data: Value) -> FromBrowser {
    FromBrowser::Saved(Saved { visit, number, name: name.into(), data: data.to_string() })
}

/// The next of these messages.
async fn state(browser: &mut Browser) -> PageState {
    loop {
        match browser.hear().await {
            ToBrowser::SavedStored(state) => return state,
            ToBrowser::RoundTrip(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn told(browser: &mut Browser) -> Told {
    loop {
        match browser.hear().await {
            ToBrowser::Told(told) => return told,
            ToBrowser::RoundTrip(_) | ToBrowser::SavedStored(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Ann, before the page.
async fn ann(service: &Service) -> (Browser, Welcome, EmbedView) {
    let (mut browser, welcome, _) = service.enter(hello(Some("ann"), None)).await;
    browser.say(FromBrowser::Continue(Continue { visit: 1 })).await;
    let SceneView::Embedded(view) = browser.scene().await.view else { panic!("no document") };
    (browser, welcome, *view)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_saves_is_stored_once_scored_told_and_in_the_files() {
    let place = Place::new();
    let service = serve(&place).await;
    let (mut browser, welcome, view) = ann(&service).await;
    assert_eq!((view.settings.as_str(), view.state.number, view.button), (r#"{"trials":3}"#, 0, true));
    browser.say(saved(2, 1, "look", json!({"at": 3}))).await;
    assert_eq!(state(&mut browser).await.number, 1);
    browser.say(saved(2, 1, "look", json!({"at": 4}))).await;
    assert_eq!(state(&mut browser).await.number, 1, "the acknowledgement was lost: nothing is stored twice");
    browser.say(FromBrowser::Continue(Continue { visit: 2 })).await;
    assert_eq!(browser.refusal().await, RefusalCode::OutOfPlace, "two episodes are to come");
    browser.say(saved(2, 2, "episode_end", json!({"hits": 5}))).await;
    let first = told(&mut browser).await;
    assert_eq!((first.number, first.hook.as_str()), (2, "on_episode_end"));
    assert_eq!(serde_json::from_str::<Value>(&first.data).unwrap()["results"]["game"][0]["score"], json!(5.0));

    // A reload finds what was saved, and what was said last.
    drop(browser);
    let (mut browser, _, scene) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    let SceneView::Embedded(view) = scene.view else { panic!("no document") };
    assert_eq!((view.state.number, view.state.ended, view.state.may_leave), (2, 1, false));
    assert_eq!(view.told, Some(first));
    assert_eq!(serde_json::from_str::<Value>(&view.saved).unwrap()["look"], json!({"at": 3}));

    // Another visit, before and after this one, and data that are none.
    browser.say(saved(3, 1, "look", json!(1))).await;
    assert_eq!(browser.refusal().await, RefusalCode::OutOfPlace);
    browser.say(saved(1, 9, "look", json!(1))).await;
    assert_eq!(state(&mut browser).await, PageState { visit: 1, number: 9, may_leave: true, ..PageState::default() });
    for odd in ["{", "1e999", ""] {
        let data = odd.to_owned();
        browser.say(FromBrowser::Saved(Saved { visit: 2, number: 3, name: "look".into(), data })).await;
        assert_eq!(browser.refusal().await, RefusalCode::Malformed, "{odd}");
    }
    let data = format!("\"{}\"", "x".repeat(300 << 10));
    browser.say(FromBrowser::Saved(Saved { visit: 2, number: 3, name: "look".into(), data })).await;
    assert_eq!(browser.refusal().await, RefusalCode::Malformed, "too long");

    // A function that fails keeps nobody: the score is 0.
    browser.say(saved(2, 3, "episode_end", json!({}))).await;
    assert_eq!(told(&mut browser).await.number, 3);
    browser.say(FromBrowser::Continue(Continue { visit: 2 })).await;
    assert!(matches!(browser.scene().await.view, SceneView::End(_)));
    service.stop().await;
    let csv = std::fs::read_to_string(place.data("game/ann.csv")).unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines[0], "number,name,episode,score,server_timestamp,data.at,data.hits,data");
    assert_eq!(lines.len(), 4, "{csv}");
    assert!(lines[1].starts_with("1,look,,,") && lines[2].starts_with("2,episode_end,0,5.0,"), "{csv}");
    assert!(lines[3].starts_with("3,episode_end,1,0.0,"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn scenes_that_save_nothing_refuse_it() {
    let place = Place::new();
    let service = serve(&place).await;
    let (mut browser, ..) = service.enter(hello(Some("ann"), None)).await;
    browser.say(saved(1, 1, "look", json!(1))).await;
    assert_eq!(browser.refusal().await, RefusalCode::OutOfPlace);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_may_run_what_they_like_and_reach_nobody_else() {
    let place = Place::new();
    let service = serve(&place).await;
    let (_browser, welcome, view) = ann(&service).await;
    let page = service.http(&format!("GET {} HTTP/1.1", view.src)).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let policy = page.lines().find(|line| line.starts_with("content-security-policy")).unwrap();
    for allowed in ["'unsafe-inline'", "'wasm-unsafe-eval'", "connect-src 'self' data: blob:", "frame-ancestors 'self'"]
    {
        assert!(policy.contains(allowed), "{policy}");
    }
    assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
    let folder = view.src.trim_end_matches("index.html");
    let part = service.http(&format!("GET {folder}film.mp4 HTTP/1.1\r\nRange: bytes=2-4")).await;
    assert!(part.starts_with("HTTP/1.1 206") && part.ends_with("234") && part.contains("bytes 2-4/10"), "{part}");
    for address in [format!("{folder}greenroom-scene.js"), "/assets/greenroom-scene.js".to_owned()] {
        assert!(service.http(&format!("GET {address} HTTP/1.1")).await.contains("the library"), "{address}");
    }
    let mut early: Vec<_> = welcome.preload.iter().map(|url| url.trim_start_matches(folder)).collect();
    early.sort_unstable();
    assert_eq!(early, ["film.mp4", "greenroom-scene.js", "index.html"]);
}
