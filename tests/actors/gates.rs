//! Who is let in, who may go on, and with what everybody leaves: in virtual time, with measurements that are told.

use std::sync::Arc;
use std::time::Duration;

use greenroom::actors::participant::{ENTRY, MONITOR};
use greenroom::experiment::{
    Device, EndScene, Experiment, Gates, Group, Monitoring, Multiplayer, Notice, Redirect, Requirement, Scene,
    Screening, Stager, WaitingRoom,
};
use greenroom::facts::{Fact, ParticipantFact};
use greenroom::rules::functions::{Argument, Call, FunctionKey};
use greenroom::rules::round_trip::Trips;
use greenroom::wire::{Browser, Dismissal, EndView, FromBrowser, SceneView, Sight};
use serde_json::{Value, json};

use crate::disk::Disk;
use crate::house::{House, SECOND, gym};
use crate::page::{Page, pass};
use crate::studies::{self, id, start, study_of};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile \
                     Safari/537.36";

/// A game for two, one for one, and an end.
fn study(screening: Option<Screening>, monitoring: Option<Monitoring>) -> Experiment {
    let group = Group { waiting_room: WaitingRoom::default(), multiplayer: Multiplayer::default() };
    let watched = |scene| {
        let Scene::Gym(mut gym) = scene else { unreachable!() };
        gym.monitoring.clone_from(&monitoring);
        Scene::Gym(gym)
    };
    let url = "https://panel.example/done?cc={code}&pid={PROLIFIC_PID}&why={outcome}".into();
    let redirect = Redirect { url, after_s: Some(5.0), ..Redirect::default() };
    let scenes = vec![
        Scene::Start(start()),
        watched(gym("together", &["left", "right"], Some(group))),
        watched(gym("alone", &["human"], None)),
        Scene::End(EndScene { redirect: Some(redirect), ..studies::end() }),
    ];
    let mut gates = Gates { screening, ..Gates::default() };
    gates.codes.words.insert(Dismissal::Excluded, "EXCLUDED".into());
    Experiment { gates, ..study_of(Stager::new(scenes).unwrap()) }
}

fn facts(disk: &Disk) -> Vec<ParticipantFact> {
    let of_people = |fact| match fact {
        Fact::Participant(fact) => Some(fact),
        _ => None,
    };
    disk.facts().into_iter().filter_map(of_people).collect()
}

/// Why somebody was let in or not, and may go on or not.
fn reasons(disk: &Disk) -> Vec<String> {
    let words = facts(disk).into_iter().filter_map(|fact| match fact {
        ParticipantFact::Screened { passed: true, .. } => Some("let in".into()),
        ParticipantFact::Screened { reason, .. } => reason,
        ParticipantFact::Warned { reason, .. } => Some(format!("warned: {reason}")),
        ParticipantFact::Excluded { reason, .. } => Some(format!("excluded: {reason}")),
        _ => None,
    });
    words.collect()
}

fn end(page: &Page) -> &EndView {
    match page.view() {
        SceneView::End(end) => end,
        other => panic!("not at the end: {other:?}"),
    }
}

fn trips(median: u64, last: u64, count: u32) -> Trips {
    Trips { median: Duration::from_millis(median), last: Duration::from_millis(last), count }
}

/// A function of the researcher's.
struct Says(fn(&[Argument]) -> Result<Value, String>);

impl Call for Says {
    fn call(&self, arguments: &[Argument]) -> Result<Value, String> {
        self.0(arguments)
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_on_a_phone_reads_why_at_once_and_has_a_way_out() {
    let messages = [(Requirement::Mobile, "<p>A computer, please.</p>".into())].into();
    let screening = Screening { device_exclusion: Some(Device::Mobile), messages, ..Screening::default() };
    let house = House::with(study(Some(screening), None), Default::default()).await;
    let browser = Browser { user_agent: PHONE.into(), ..Browser::default() };
    let parameters = [("PROLIFIC_PID".to_owned(), "5f/1".to_owned())].into();
    let mut ann = Page::open_with(&house, "ann", browser, parameters).await;
    let SceneView::Trouble(trouble) = ann.view() else { panic!("let in: {:?}", ann.view()) };
    assert_eq!(trouble.page.body, "<p>A computer, please.</p>");
    let code = ann.code().unwrap();
    ann.go_on().await;
    let told = end(&ann).clone();
    let issued = told.code.clone().unwrap();
    assert_eq!((issued.reason, &issued.code), (Dismissal::ScreenedOut, &code));
    let address = format!("https://panel.example/done?cc={code}&pid=5f%2F1&why=screened_out");
    assert_eq!(told.redirect, Some(address));
    let again = ann.reconnect(&house).await;
    assert_eq!(end(&again), &told, "the same for whoever comes back");
    assert_eq!(reasons(&house.disk), ["a phone or a tablet (Android)"]);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn who_wants_to_go_on_waits_for_the_measurements_and_no_longer() {
    let screening = || Some(Screening { max_ping_ms: Some(100), ..Screening::default() });
    let house = House::with(study(screening(), None), Default::default()).await;
    let mut quick = Page::open(&house, "quick").await;
    quick.go_on().await;
    quick.look_for(3 * SECOND).await;
    assert_eq!(quick.at(), "start");
    quick.measured(trips(40, 40, 4));
    quick.look_for(SECOND).await;
    assert_eq!(quick.at(), "start");
    quick.measured(trips(40, 40, 5));
    quick.look_for(SECOND).await;
    assert_eq!(quick.at(), "together");

    let mut slow = Page::open(&house, "slow").await;
    slow.measured(trips(101, 3, 5));
    slow.look_for(SECOND).await;
    assert!(slow.code().is_some(), "told while the page is read");

    let mut silent = Page::open(&house, "silent").await;
    silent.go_on().await;
    silent.look_for(9 * SECOND).await;
    assert_eq!(silent.at(), "start");
    silent.look_for(2 * SECOND).await;
    assert_eq!(silent.at(), "together", "nobody waits for ever");
    let told = ["let in", "the median of 5 round trips is 101 ms, more than 100 ms", "let in"];
    assert_eq!(reasons(&house.disk), told);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_function_of_the_researchers_decides_who_is_let_in() {
    let screening = Screening { callback: Some("adults".into()), ..Screening::default() };
    let says = Says(|arguments| {
        let [Argument::Participant(who), Argument::Plain(context)] = arguments else { panic!("{arguments:?}") };
        assert_eq!(context["device_type"], "desktop");
        match who["subject_id"].as_str() {
            Some("young") => Ok(json!({"exclude": true, "message": "<p>Not yet.</p>"})),
            Some("odd") => Err("raised ZeroDivisionError".into()),
            _ => Ok(Value::Null),
        }
    });
    let functions = Arc::new([(FunctionKey::of_study(ENTRY), Arc::new(says) as Arc<dyn Call>)].into());
    let house = House::with(study(Some(screening), None), functions).await;
    let (mut adult, mut young) = (Page::open(&house, "adult").await, Page::open(&house, "young").await);
    let mut odd = Page::open(&house, "odd").await;
    for page in [&mut adult, &mut odd] {
        page.go_on().await;
        page.look_for(SECOND).await;
    }
    young.look_for(SECOND).await;
    assert_eq!((adult.at(), odd.at()), ("together", "together"), "one that fails decides nothing");
    let SceneView::Trouble(trouble) = young.view() else { panic!("{:?}", young.view()) };
    assert_eq!(trouble.page.body, "<p>Not yet.</p>");
    let mut told = reasons(&house.disk);
    told.sort();
    assert_eq!(told, ["adults says no: <p>Not yet.</p>", "let in", "let in"]);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_player_whose_page_is_hidden_is_warned_and_then_leaves_while_the_other_goes_on() {
    let messages = [(Notice::TabWarning, "<p>Here!</p>".into()), (Notice::TabExclude, "<p>Gone.</p>".into())].into();
    let monitoring =
        Monitoring { tab_warning_ms: Some(3000), tab_exclude_ms: Some(10_000), messages, ..Monitoring::default() };
    let house = House::with(study(None, Some(monitoring)), Default::default()).await;
    let (mut ann, mut bob) = (Page::ready(&house, "ann").await, Page::ready(&house, "bob").await);
    pass(&mut [&mut ann, &mut bob], 2 * SECOND).await;
    assert!(ann.plays() && bob.plays());
    ann.say(FromBrowser::Sight(Sight { visit: 2, visible: false })).await;
    pass(&mut [&mut ann, &mut bob], 5 * SECOND).await;
    assert_eq!(ann.warnings.last().and_then(|warning| warning.message.as_deref()), Some("<p>Here!</p>"));
    assert!(bob.warnings.is_empty());
    ann.say(FromBrowser::Sight(Sight { visit: 2, visible: true })).await;
    pass(&mut [&mut ann, &mut bob], 8 * SECOND).await;
    assert_eq!(ann.warnings.last().unwrap().about, None, "all is well again");
    assert!(ann.plays());

    ann.say(FromBrowser::Sight(Sight { visit: 2, visible: false })).await;
    pass(&mut [&mut ann, &mut bob], 13 * SECOND).await;
    let SceneView::Trouble(trouble) = ann.view() else { panic!("still playing: {:?}", ann.view()) };
    assert_eq!((trouble.page.body.as_str(), trouble.code.as_deref()), ("<p>Gone.</p>", Some("EXCLUDED")));
    let other = bob.code().expect("a code of its own");
    assert_ne!(other, "EXCLUDED");
    let dismissals = house.disk.dismissals();
    assert_eq!(dismissals, [Dismissal::Excluded, Dismissal::PartnerLost]);
    ann.go_on().await;
    assert!(end(&ann).redirect.as_ref().unwrap().ends_with("?cc=EXCLUDED&pid=&why=excluded"));
    bob.go_on().await;
    assert_eq!(bob.at(), "alone", "the study goes on");
    let told = reasons(&house.disk);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[2].starts_with("excluded: the page was out of sight for 1"), "{told:?}");
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_connection_and_a_function_exclude_too_and_only_while_the_game_is_played() {
    let monitoring = Monitoring {
        max_ping_ms: Some(200),
        callback: Some("watch_out".into()),
        callback_interval_s: 2.0,
        ..Monitoring::default()
    };
    let says = Says(|arguments| {
        let [Argument::Participant(who), Argument::Plain(context)] = arguments else { panic!("{arguments:?}") };
        assert!(context["ping"].is_u64() || context["ping"].is_null());
        Ok(json!({"exclude": who["subject_id"] == "zoe"}))
    });
    let key = FunctionKey::of_scene(&id("together"), MONITOR);
    let functions = Arc::new([(key, Arc::new(says) as Arc<dyn Call>)].into());
    let house = House::with(study(None, Some(monitoring)), functions).await;
    let (mut ann, mut bob) = (Page::ready(&house, "ann").await, Page::open(&house, "bob").await);
    for count in 1..6 {
        ann.measured(trips(900, 900, count));
        ann.look_for(SECOND).await;
    }
    assert!(ann.code().is_none() && ann.warnings.is_empty(), "who waits is not watched");
    bob.go_on().await;
    bob.ask().await;
    pass(&mut [&mut ann, &mut bob], 3 * SECOND).await;
    assert!(ann.plays());
    for (count, last) in [(6, 300), (7, 50), (8, 301), (9, 302)] {
        assert!(ann.code().is_none());
        ann.measured(trips(900, last, count));
        pass(&mut [&mut ann, &mut bob], 2 * SECOND).await;
    }
    assert_eq!(ann.code().as_deref(), Some("EXCLUDED"));
    assert!(bob.code().is_some());
    let reason = "excluded: 3 of the last round trips longer than 200 ms: 300, 50, 301, 302 ms";
    assert_eq!(reasons(&house.disk).last().map(String::as_str), Some(reason));

    let (mut zoe, mut yan) = (Page::ready(&house, "zoe").await, Page::ready(&house, "yan").await);
    pass(&mut [&mut zoe, &mut yan], 8 * SECOND).await;
    assert_eq!(zoe.code().as_deref(), Some("EXCLUDED"));
    assert_eq!(reasons(&house.disk).last().map(String::as_str), Some("excluded: watch_out says so"));
    house.close().await;
}
