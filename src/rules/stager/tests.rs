use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::experiment::{EndScene, FormScene, Level, Per, StartScene, WhenFull};
use crate::wire::Page;

fn id(text: &str) -> SceneId {
    text.parse().unwrap()
}

fn name(text: &str) -> PartName {
    text.parse().unwrap()
}

fn page(scene: &str) -> Scene {
    let (class, page, form) = ("StaticScene".to_owned(), Page::default(), Default::default());
    Scene::Form(Box::new(FormScene { scene_id: id(scene), class, page, form }))
}

fn one(scene: &str) -> Part {
    Part::Scene(id(scene))
}

fn conditions(of: &str, levels: &[(&str, &[&str])]) -> Part {
    let level = |(level, scenes): &(&str, &[&str])| Level {
        name: name(level),
        quota: None,
        parts: scenes.iter().map(|scene| one(scene)).collect(),
    };
    Part::Conditions(Conditions {
        name: name(of),
        levels: levels.iter().map(level).collect(),
        per: Per::Person,
        when_full: WhenFull::Continue,
        reopen_after_s: 60,
    })
}

/// A start, pages of these names in this order, and an end.
fn study(scenes: &[&str], order: Vec<Part>) -> Stager {
    let start = Scene::Start(StartScene { scene_id: id("start"), page: Page::default() });
    let end = Scene::End(EndScene {
        scene_id: id("end"),
        page: Page::default(),
        redirect: None,
        shows_code: false,
        bonus: None,
    });
    let scenes = [start].into_iter().chain(scenes.iter().map(|scene| page(scene))).chain([end]).collect();
    let order = [one("start")].into_iter().chain(order).chain([one("end")]).collect();
    Stager::of(scenes, Flow { order, ..Flow::default() }).unwrap()
}

fn names(plan: &[Planned]) -> Vec<&str> {
    plan.iter().map(|planned| planned.id().map_or("?", SceneId::as_str)).collect()
}

#[test]
fn a_list_is_gone_through_as_it_is() {
    let stager = study(&["a", "b"], vec![one("a"), one("b")]);
    let plan = draw(&stager, 7);
    assert_eq!(names(&plan), ["start", "a", "b", "end"]);
    assert!(!is_more(&plan, stager.flow()), "the order says it all");
}

#[test]
fn what_stands_together_stays_together() {
    let pair = Part::Section { name: name("pair"), parts: vec![one("b"), one("c")] };
    let parts = vec![one("a"), pair, one("d")];
    let stager = study(&["a", "b", "c", "d"], vec![Part::RandomizeOrder { parts, keep_n: None }]);
    let mut seen = BTreeSet::new();
    for number in 1..200 {
        let plan = draw(&stager, number);
        let drawn = names(&plan).join("");
        assert!(drawn.contains("bc"), "{drawn}");
        assert_eq!(draw(&stager, number), plan, "the same again");
        seen.insert(drawn);
    }
    assert_eq!(seen.len(), 6, "every order comes about: {seen:?}");
}

#[test]
fn repeated_draws_differ_and_sections_are_known() {
    let shuffled = Part::RandomizeOrder { parts: vec![one("a"), one("b")], keep_n: Some(1) };
    let repeated = Part::RepeatScene { parts: vec![shuffled], n: 6 };
    let stager = study(&["a", "b"], vec![Part::Section { name: name("block"), parts: vec![repeated] }]);
    let plans: Vec<_> = (1..20).map(|number| draw(&stager, number)).collect();
    assert!(plans.iter().all(|plan| plan.len() == 8));
    assert!(plans.iter().any(|plan| names(plan).contains(&"a") && names(plan).contains(&"b")));
    let begun: Vec<_> = plans[0].iter().map(|planned| (planned.sections.len(), planned.begins)).collect();
    assert_eq!(begun, [(0, 0), (1, 1), (1, 0), (1, 0), (1, 0), (1, 0), (1, 0), (0, 0)]);
}

/// Somebody at the beginning of its plan.
fn begun(stager: &Stager, number: u32) -> Itinerary {
    let mut itinerary = Itinerary::default();
    let plan = draw(stager, number);
    itinerary.drawn(order_of(&plan), plan, Some(number));
    itinerary.entered(1);
    itinerary
}

#[test]
fn a_level_takes_the_place_of_its_condition() {
    let levels = conditions("partner", &[("kind", &["a", "b"]), ("rude", &["a"]), ("none", &[])]);
    let stager = study(&["a", "b"], vec![Part::Section { name: name("play"), parts: vec![levels] }]);
    let itinerary = begun(&stager, 1);
    assert_eq!(itinerary.length(), 4, "the most that it can be");
    assert_eq!(itinerary.order_from(1), [id("start"), id("end")], "as far as it is known");
    assert_eq!(itinerary.place_of("play"), Some(1));
    for (level, expected) in [("kind", vec!["start", "a", "b", "end"]), ("none", vec!["start", "end"])] {
        let mut placed = itinerary.clone();
        placed.replan(itinerary.plan_with(&stager, 1, Some(level)));
        assert_eq!(names(placed.plan()), expected);
        assert_eq!(placed.place_of("play"), (level == "kind").then_some(1));
    }
}

#[test]
fn an_older_record_is_read_as_it_was() {
    let order: Vec<SceneId> = ["start", "game", "late", "end"].map(id).into();
    let mut itinerary = Itinerary::default();
    itinerary.drawn(order.clone(), Vec::new(), None);
    itinerary.entered(1);
    itinerary.entered(2);
    assert_eq!((itinerary.current(), itinerary.length()), (Some(&id("game")), 4));
    itinerary.rerouted(["start", "game", "end"].map(id).into(), Vec::new(), None);
    assert_eq!(itinerary.length(), 3);
    itinerary.entered(3);
    assert_eq!(itinerary.current(), Some(&id("end")));
    assert!(itinerary.planned(itinerary.next_place()).is_none());
}

#[test]
fn the_draw_never_changes() {
    // Orders that were promised with a seed are drawn with it.
    let lot = Lot { seed: 1, number: 1 };
    assert_eq!(lot.of("/1", 0), xxh3_64_with_seed(b"1//1/0", 1));
}

proptest! {
    #[test]
    fn everybody_gets_as_many_as_are_kept_and_none_twice(number: u32, count in 1_usize..8, keep in 1_usize..8) {
        let keep = keep.min(count);
        let scenes: Vec<String> = (0..count).map(|i| format!("s{i}")).collect();
        let scenes: Vec<&str> = scenes.iter().map(String::as_str).collect();
        let parts = scenes.iter().map(|scene| one(scene)).collect();
        let stager = study(&scenes, vec![Part::RandomizeOrder { parts, keep_n: u32::try_from(keep).ok() }]);
        let plan = draw(&stager, number);
        let drawn: BTreeSet<_> = names(&plan).into_iter().collect();
        prop_assert_eq!((plan.len(), drawn.len()), (keep + 2, keep + 2));
        let text = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<Planned>>(&text).unwrap(), plan);
    }

    #[test]
    fn every_scene_is_visited_once_and_in_order(length in 1_usize..20) {
        let order: Vec<SceneId> = (0..length).map(|i| id(&format!("scene-{i}"))).collect();
        let mut itinerary = Itinerary::default();
        itinerary.drawn(order.clone(), Vec::new(), None);
        let mut seen = Vec::new();
        while let Some(planned) = itinerary.planned(itinerary.next_place()) {
            let scene = planned.id().unwrap().clone();
            itinerary.entered(itinerary.visit() + 1);
            prop_assert_eq!(itinerary.current(), Some(&scene));
            seen.push(scene);
        }
        prop_assert_eq!(seen, order);
    }
}
