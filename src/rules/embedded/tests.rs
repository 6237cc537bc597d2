use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::experiment::Source;
use crate::wire::Page;

fn scene(hooks: &[Hook], episodes: Option<u32>, continue_on: &[&str]) -> EmbeddedScene {
    EmbeddedScene {
        scene_id: "page".parse().unwrap(),
        page: Page::default(),
        source: Source::Unknown,
        digest: String::new(),
        document: "index.html".into(),
        build: None,
        width: None,
        height: None,
        preload: false,
        settings: json!({}),
        episodes,
        continue_on: continue_on.iter().map(|name| (*name).to_owned()).collect(),
        button: episodes.is_some() || !continue_on.is_empty(),
        hooks: hooks.iter().copied().collect(),
    }
}

fn saved(number: u32, name: &str, data: &str) -> Saved {
    Saved { visit: 2, number, name: name.into(), data: data.into() }
}

/// Saves, calls what is due with these answers, and gives the calls.
fn save(
    page: &mut Embedded,
    scene: &EmbeddedScene,
    saved: Saved,
    answer: impl Fn(&HookCall) -> Option<Value>,
) -> Vec<Hook> {
    page.save(scene, saved).unwrap().iter().for_each(|fact| page.apply(fact));
    let mut called = Vec::new();
    while let Some(call) = page.due(scene, 2) {
        called.push(call.hook);
        let fact = page.answered(&call, answer(&call)).unwrap();
        page.apply(&fact);
    }
    called
}

#[test]
fn an_episode_is_scored_then_told_and_the_last_one_opens_the_way() {
    let scene = scene(&[Hook::ScoreFn, Hook::OnEpisodeEnd], Some(2), &[]);
    let mut page = Embedded::default();
    let answer = |call: &HookCall| match call.hook {
        Hook::ScoreFn => call.data.get("hits").cloned(),
        _ => Some(json!({"level": 3})),
    };
    assert_eq!(save(&mut page, &scene, saved(1, "episode_start", "{}"), answer), []);
    let called = save(&mut page, &scene, saved(2, "episode_end", r#"{"hits": 7, "steps": 40}"#), answer);
    assert_eq!(called, [Hook::ScoreFn, Hook::OnEpisodeEnd]);
    assert!(!page.may_leave(&scene));
    assert_eq!(page.told().map(|told| told.data.as_str()), Some(r#"{"level":3}"#));
    // The function fails: it is an episode like others, and counts nothing.
    save(&mut page, &scene, saved(3, "episode_end", "null"), |_| None);
    let state = page.state(&scene, 2);
    assert_eq!((state.ended, state.number, state.may_leave), (2, 3, true));
    assert_eq!(state.scores.iter().map(|score| score.get()).collect::<Vec<_>>(), [7.0, 0.0]);
}

#[test]
fn without_a_function_the_score_is_the_pages_own_word() {
    let scene = scene(&[], None, &[]);
    for (data, score) in [("3.5", 3.5), (r#"{"score": 2}"#, 2.0), (r#"{"score": "many"}"#, 0.0), ("{}", 0.0)] {
        let mut page = Embedded::default();
        assert_eq!(save(&mut page, &scene, saved(1, "episode_end", data), |_| None), []);
        assert_eq!(page.state(&scene, 2).scores[0].get(), score, "{data}");
    }
}

#[test]
fn what_was_under_way_when_the_service_was_cut_off_is_asked_again() {
    let scene = scene(&[Hook::ScoreFn, Hook::OnMessage], Some(1), &[]);
    let mut page = Embedded::default();
    page.save(&scene, saved(1, "episode_end", "{}")).unwrap().iter().for_each(|fact| page.apply(fact));
    assert_eq!(page.due(&scene, 2).map(|call| call.hook), Some(Hook::ScoreFn));
    let call = page.due(&scene, 2).unwrap();
    page.apply(&page.answered(&call, Some(json!(4))).unwrap());
    assert_eq!(page.due(&scene, 2), None);
    page.save(&scene, saved(2, "message", "\"hello\"")).unwrap().iter().for_each(|fact| page.apply(fact));
    assert_eq!(page.due(&scene, 2).map(|call| (call.hook, call.data)), Some((Hook::OnMessage, json!("hello"))));
    assert_eq!(page.answered(&call, None), None, "an answer to something older is too late");
}

#[test]
fn the_way_onward_is_opened_by_what_was_agreed() {
    let page = |names: &[&str]| {
        let (free, mut page) = (scene(&[], None, &[]), Embedded::default());
        for (number, name) in (1..).zip(names) {
            save(&mut page, &free, saved(number, name, "{}"), |_| None);
        }
        page
    };
    let (free, mut open) = (scene(&[], None, &[]), scene(&[], None, &[]));
    open.button = true;
    assert!(page(&[]).may_leave(&open) && !page(&["data"]).may_leave(&free));
    assert!(page(&["advance"]).may_leave(&free));
    let named = scene(&[], None, &["quiz", "skipped"]);
    assert!(page(&["other", "skipped"]).may_leave(&named) && !page(&["other"]).may_leave(&named));
    let game = scene(&[], Some(2), &[]);
    assert!(page(&["episode_end", "episode_end"]).may_leave(&game) && !page(&["episode_end"]).may_leave(&game));
}

#[test]
fn what_cannot_be_saved_is_refused() {
    let (scene, page) = (scene(&[], None, &[]), Embedded::default());
    let refused = |saved| page.save(&scene, saved).unwrap_err();
    assert_eq!(refused(saved(1, "", "{}")), Unfit::Name);
    assert_eq!(refused(saved(1, &"x".repeat(65), "{}")), Unfit::Name);
    assert_eq!(refused(saved(1, "a\nb", "{}")), Unfit::Name);
    assert_eq!(refused(saved(1, "globals", "[1]")), Unfit::NoNames);
    assert!(matches!(refused(saved(1, "x", "{")), Unfit::NotJson(_)));
    assert!(matches!(refused(saved(1, "x", &"[".repeat(1000))), Unfit::NotJson(_)));
    assert!(matches!(refused(saved(1, "x", &format!("\"{}\"", "x".repeat(SAVED_LIMIT)))), Unfit::TooLong(_)));
    let full = Embedded { size: VISIT_LIMIT, ..Embedded::default() };
    let many = Embedded { names: (0..MOST_NAMES).map(|name| name.to_string()).collect(), ..Embedded::default() };
    assert_eq!(many.save(&scene, saved(1, "x", "{}")).unwrap_err(), Unfit::TooManyNames);
    assert!(many.save(&scene, saved(1, "7", "{}")).is_ok());
    assert_eq!(full.save(&scene, saved(1, "x", "{}")).unwrap_err(), Unfit::Full);
}

proptest! {
    /// However often and in whatever order a browser repeats itself, everything is stored once, in order.
    #[test]
    fn repeated_numbers_are_stored_once(numbers in proptest::collection::vec(1_u32..20, 0..60)) {
        let scene = scene(&[Hook::OnMessage], None, &[]);
        let mut page = Embedded::default();
        let mut stored = Vec::new();
        for number in numbers {
            let facts = page.save(&scene, saved(number, "message", &number.to_string())).unwrap();
            stored.extend(facts.iter().filter_map(|fact| match fact {
                ParticipantFact::DataSaved { number, .. } => Some(*number),
                _ => None,
            }));
            facts.iter().for_each(|fact| page.apply(fact));
            prop_assert_eq!(page.state(&scene, 2).number, stored.last().copied().unwrap_or(0));
        }
        prop_assert!(stored.windows(2).all(|pair| pair[0] < pair[1]));
    }

    /// No words from a browser make the rule panic.
    #[test]
    fn nothing_that_a_browser_sends_breaks_it(number: u32, name in ".{0,80}", data in ".{0,80}") {
        let _ = Embedded::default().save(&scene(&[], Some(1), &[]), saved(number, &name, &data));
    }
}
