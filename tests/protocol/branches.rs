//! A study with branches, a random order and a condition, over real sockets.

use std::collections::BTreeMap;
use std::sync::Arc;

use greenroom::experiment::*;
use greenroom::facts::{Fact, Journal, ParticipantFact, Stream};
use greenroom::ids::PartName;
use greenroom::rules::conditions;
use greenroom::rules::functions::{Argument, Call, FunctionKey};
use greenroom::store::SqliteJournal;
use greenroom::wire::*;
use serde_json::{Value, json};

use crate::support::studies::id;
use crate::support::{Browser, Place, hello, study};

fn one(scene: &str) -> Part {
    Part::Scene(id(scene))
}

/// A page that asks one thing.
fn page(scene: &str) -> Scene {
    let ask = Ask::Text { lines: 1, max_length: 20, placeholder: String::new() };
    let question = Question { id: "q".parse().unwrap(), prompt: "?".into(), required: false, ask, correct: None };
    let form = Form { questions: vec![question], ..Form::default() };
    Scene::Form(Box::new(FormScene { scene_id: id(scene), class: "SurveyScene".into(), page: Page::default(), form }))
}

/// Start, ask, then `a` and `b` in some order, then `kind` or `rude` with room for one each, a check that may lead back
/// to `ask`, and the end.
fn branched(place: &Place) -> Experiment {
    let mut experiment = study(place.path());
    let mut scenes = experiment.stager.scenes().to_vec();
    scenes.remove(1);
    scenes.splice(1..1, ["ask", "a", "b", "kind", "rude", "check"].map(page));
    let level = |name: &str| Level { name: name.parse().unwrap(), quota: Some(1), parts: vec![one(name)] };
    let condition = Conditions {
        name: "partner".parse().unwrap(),
        levels: vec![level("kind"), level("rude")],
        per: Per::Person,
        when_full: WhenFull::End,
        reopen_after_s: 60,
    };
    let order = vec![
        one("start"),
        one("ask"),
        Part::RandomizeOrder { parts: vec![one("a"), one("b")], keep_n: None },
        Part::Conditions(condition),
        one("check"),
        one("end"),
    ];
    let of = Of::Answer(id("ask"), "q".parse().unwrap());
    let skip = Test { of, equals: Some(json!("skip")), any_of: None, at_least: None, at_most: None };
    let skip = Branches { skip_if: vec![Rule::When(skip)], ..Branches::default() };
    let lead = GoTo { target: None, rule: Some(Rule::Function("back".into())) };
    let lead = Branches { go_to: vec![lead], ..Branches::default() };
    let branches = [(id("a"), skip.clone()), (id("b"), skip), (id("check"), lead)].into();
    experiment.stager = Stager::of(scenes, Flow { order, branches, seed: 5 }).unwrap();
    experiment
}

/// Leads back to `ask` once.
struct Back;

impl Call for Back {
    fn call(&self, arguments: &[Argument]) -> Result<Value, String> {
        let [Argument::Participant(participant)] = arguments else { return Err("no participant".into()) };
        let visits = participant["scenes"].as_array().unwrap().iter().filter(|scene| *scene == "ask").count();
        match (&participant["answers"]["check"]["q"], visits) {
            (Value::String(word), _) if word == "fail" => Err("it fails".into()),
            (_, 1) => Ok(json!("ask")),
            _ => Ok(Value::Null),
        }
    }
}

/// Answers the question of a page.
async fn answer(browser: &mut Browser, visit: u32, text: &str) {
    let (question, answer, ms) = ("q".parse().unwrap(), Some(Answer::Text(text.into())), Default::default());
    browser.say(FromBrowser::Answered(Answered { visit, number: 1, question, answer, ms })).await;
    assert!(matches!(browser.hear().await, ToBrowser::AnswerStored(_)));
}

async fn go_on(browser: &mut Browser, visit: u32) -> SceneShown {
    browser.say(FromBrowser::Continue(Continue { visit })).await;
    browser.scene().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_with_branches_is_gone_through_and_survives_a_restart() {
    let mut place = Place::new();
    let back: Arc<dyn Call> = Arc::new(Back);
    place.functions = Arc::new(BTreeMap::from([(FunctionKey::of_scene(&id("check"), "go_to.0"), back)]));
    let service = place.serve_study("/", branched(&place)).await;

    // Ann: both scenes of the random order, a level, back once, and then not.
    let (mut ann, welcome, shown) = service.enter(hello(Some("ann"), None)).await;
    assert_eq!(shown.progress, [1, 7]);
    let mut seen = Vec::new();
    for visit in 1..6 {
        let shown = go_on(&mut ann, visit).await;
        assert_eq!((shown.visit, shown.progress), (visit + 1, [visit + 1, 7]));
        seen.push(shown.scene.to_string());
    }
    let mut middle = seen[1..3].to_vec();
    middle.sort();
    assert_eq!((seen[0].as_str(), middle, seen[4].as_str()), ("ask", vec!["a".to_owned(), "b".to_owned()], "check"));
    let level = seen[3].clone();
    let shown = go_on(&mut ann, 6).await;
    assert_eq!((shown.scene.as_str(), shown.progress), ("ask", [7, 12]), "the function leads back");

    // Bob skips, gets the other level, and his function fails: it goes on as if there were none.
    let (mut bob, ..) = service.enter(hello(Some("bob"), None)).await;
    go_on(&mut bob, 1).await;
    answer(&mut bob, 2, "skip").await;
    let shown = go_on(&mut bob, 2).await;
    assert_eq!(shown.scene.as_str(), if level == "kind" { "rude" } else { "kind" });
    assert_eq!(go_on(&mut bob, 3).await.scene.as_str(), "check");
    answer(&mut bob, 4, "fail").await;
    assert_eq!(go_on(&mut bob, 4).await.scene.as_str(), "end");
    bob.say(FromBrowser::Continue(Continue { visit: 5 })).await;
    assert_eq!(bob.refusal().await, RefusalCode::OutOfPlace);

    // A restart in the middle: Ann is where she was, and her level is still hers.
    service.stop().await;
    let service = place.serve_study("/", branched(&place)).await;
    let (mut ann, _, shown) = service.enter(hello(Some("ann"), Some(&welcome.token))).await;
    assert_eq!((shown.scene.as_str(), shown.progress), ("ask", [7, 12]));
    answer(&mut ann, 7, "skip").await;
    let shown = go_on(&mut ann, 7).await;
    assert_eq!((shown.scene.to_string(), shown.progress), (level, [8, 10]));
    go_on(&mut ann, 8).await;
    assert_eq!(go_on(&mut ann, 9).await.scene.as_str(), "end");

    // Eve comes to full levels, and is told so with a code.
    let (mut eve, ..) = service.enter(hello(Some("eve"), None)).await;
    go_on(&mut eve, 1).await;
    answer(&mut eve, 2, "skip").await;
    let shown = go_on(&mut eve, 2).await;
    let SceneView::Trouble(TroubleView { code: Some(_), .. }) = shown.view else { panic!("{:?}", shown.view) };
    assert_eq!(go_on(&mut eve, 2).await.scene.as_str(), "end");
    service.stop().await;

    let mut journal = SqliteJournal::open(&place.data("journal.sqlite")).unwrap();
    let log = journal.read(&Stream::Assignments).unwrap();
    let chosen =
        log.iter().filter(|recorded| matches!(&recorded.fact, Fact::Assignment(conditions::Fact::LevelChosen { .. })));
    assert_eq!(chosen.count(), 3);
    let done = |who: &str| {
        let who = who.parse().unwrap();
        log.iter().any(|recorded| match &recorded.fact {
            Fact::Assignment(conditions::Fact::PlaceCompleted { subject, .. }) => *subject == who,
            _ => false,
        })
    };
    assert!(done("ann") && done("bob") && !done("eve"));
    let ann = journal.read(&Stream::Participant("ann".parse().unwrap())).unwrap();
    let assigned = ann
        .iter()
        .filter(|recorded| matches!(&recorded.fact, Fact::Participant(ParticipantFact::ConditionAssigned { .. })));
    assert_eq!(assigned.count(), 1);
    let _: PartName = "partner".parse().unwrap();
    drop(journal);

    // The tables tell the same, and that the rule gives the same again.
    let order = greenroom::export::Order {
        folder: place.data(""),
        format: greenroom::export::Format::Csv,
        out: None,
        scenes: Default::default(),
        tables: Default::default(),
    };
    greenroom::export::tables(&order, &mut |_| {}).unwrap();
    let table = |name: &str| std::fs::read_to_string(place.data(&format!("export/{name}.csv"))).unwrap();
    let assignments = table("assignments");
    assert_eq!(assignments.lines().count(), 4, "{assignments}");
    assert!(assignments.lines().skip(1).all(|line| line.to_lowercase().ends_with("true")), "{assignments}");
    assert!(assignments.contains("full"), "{assignments}");
    let conditions = table("conditions");
    assert_eq!(conditions.lines().count(), 3, "{conditions}");
    assert!(table("participants").contains("conditions.partner"));
}
