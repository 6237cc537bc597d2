//! Practice, scores, bonuses and pages of players, over a real socket and over a restart.

use std::collections::BTreeMap;
use std::sync::Arc;

use greenroom::experiment::{Bonus, Experiment, Scene, Stager};
use greenroom::rules::functions::{Argument, Call, FunctionKey, Functions};
use greenroom::wire::*;
use serde_json::{Value, json};

use crate::support::{Browser, Place, hello, study};

/// A function of an experiment module, by hand.
struct Function(fn(&[Argument]) -> Result<Value, String>);

impl Call for Function {
    fn call(&self, arguments: &[Argument]) -> Result<Value, String> {
        (self.0)(arguments)
    }
}

fn participant(arguments: &[Argument]) -> Value {
    match &arguments[0] {
        Argument::Participant(told) => told.clone(),
        Argument::Plain(other) => panic!("no participant: {other}"),
    }
}

fn functions() -> Functions {
    let game = "game".parse().unwrap();
    let all: [(FunctionKey, Function); 3] = [
        (
            FunctionKey::of_scene(&game, "bonus"),
            Function(|given| {
                let results = participant(given)["results"]["game"].clone();
                assert_eq!(results[0]["tutorial"], true);
                Ok(json!(results[1]["score"].as_f64().unwrap() / 10.0))
            }),
        ),
        (
            FunctionKey::of_scene(&game, "game_page_html_fn"),
            Function(|given| Ok(json!(format!("<p>{:?} as {:?}</p>", participant(given)["subject_id"], given[1])))),
        ),
        (FunctionKey::of_study("bonus"), Function(|given| Ok(participant(given)["bonuses"]["game"].clone()))),
    ];
    let all = all.into_iter().map(|(key, function)| (key, Arc::new(function) as Arc<dyn Call>));
    Arc::new(all.collect::<BTreeMap<_, _>>())
}

fn paying(place: &Place) -> Experiment {
    let bonus = |text: &str| Some(Bonus { function: "pay".into(), text: Some(text.into()), decimals: 2 });
    let mut experiment = study(place.path());
    let scenes = experiment.stager.scenes().iter().cloned().map(|mut scene| {
        match &mut scene {
            Scene::Gym(gym) => {
                gym.bonus = bonus("Game: {bonus}");
                gym.gameplay.num_episodes = 1;
                gym.gameplay.tutorial_episodes = 1;
                gym.rendering.hud_score_carry_over = true;
                gym.player_pages.function = Some("page".into());
                gym.player_pages.headers = [("human".to_owned(), "You".to_owned())].into();
            }
            Scene::End(end) => end.bonus = bonus("All: {bonus}"),
            _ => {}
        }
        scene
    });
    experiment.stager = Stager::new(scenes.collect()).unwrap();
    experiment
}

async fn page(browser: &mut Browser) -> GamePage {
    match browser.hear().await {
        ToBrowser::GamePage(page) => page,
        other => panic!("no page: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_played_over_a_restart_is_scored_and_paid_once() {
    let mut place = Place::new();
    place.functions = functions();
    let service = place.serve_study("/", paying(&place)).await;
    let (mut browser, welcome, _) = service.enter(hello(Some("ann"), None)).await;
    browser.say(FromBrowser::Continue(Continue { visit: 1 })).await;
    let SceneView::Gym(view) = browser.scene().await.view else { panic!("no game") };
    assert_eq!((view.episodes, view.tutorial), (2, 1));
    browser.say(FromBrowser::Ready(Ready { visit: 2, has: None })).await;
    let told = page(&mut browser).await;
    assert_eq!((told.visit, told.header.as_str()), (2, "You"));
    assert!(told.body.contains("ann") && told.body.contains("human"), "{}", told.body);
    let play = browser.play().await;
    browser.steps(play.game, 0, 0..5).await;
    browser.say(FromBrowser::EpisodeEnded(EpisodeEnded { game: play.game, episode: 0, steps: 5 })).await;
    let second = browser.play().await;
    assert_eq!((second.episode, second.score_before.map(Finite::get)), (1, Some(0.0)), "practice does not count");
    browser.steps(play.game, 1, 0..4).await;
    service.stop().await;

    let service = place.serve_study("/", paying(&place)).await;
    let (mut browser, ..) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    browser.say(FromBrowser::Ready(Ready { visit: 2, has: None })).await;
    page(&mut browser).await;
    assert_eq!(browser.play().await.rows.len(), 4);
    browser.steps(play.game, 1, 4..9).await;
    browser.say(FromBrowser::EpisodeEnded(EpisodeEnded { game: play.game, episode: 1, steps: 9 })).await;
    let SceneView::End(end) = browser.scene().await.view else { panic!("not at the end") };
    // Half of each step's number: 18 for nine steps.
    assert_eq!(end.bonuses, ["Game: 1.80", "All: 1.80"]);
    let (_, _, again) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    let SceneView::End(again) = again.view else { panic!("not at the end") };
    assert_eq!(again.bonuses, end.bonuses);
    service.stop().await;
    let table = std::fs::read_to_string(place.data("game/ann.csv")).unwrap();
    let practice: Vec<&str> = {
        let header: Vec<&str> = table.lines().next().unwrap().split(',').collect();
        let place = header.iter().position(|name| *name == "tutorial").expect("a column for practice");
        table.lines().skip(1).map(|line| line.split(',').nth(place).unwrap()).collect()
    };
    assert_eq!(practice, [vec!["True"; 5], vec!["False"; 9]].concat());
    let metadata: Value =
        serde_json::from_str(&std::fs::read_to_string(place.data("game/ann_metadata.json")).unwrap()).unwrap();
    let scored: Vec<&Value> = metadata["participant"].as_array().unwrap().iter().collect();
    let of = |name: &str| scored.iter().filter(|fact| fact["fact"]["fact"] == name).collect::<Vec<_>>();
    assert_eq!(of("game_scored").len(), 1);
    assert_eq!(of("bonus_computed").len(), 1);
}
