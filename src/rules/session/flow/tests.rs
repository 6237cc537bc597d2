use proptest::prelude::*;
use serde_json::json;

use super::super::{Input, View};
use super::*;
use crate::experiment::{
    Answer, Ask, Branches, Conditions, EndScene, Flow, Form, FormScene, GoTo, Level, Of, Part, Per, Question,
    StartScene, Test,
};
use crate::facts::Fact;
use crate::ids::{ResumeToken, SubjectId};
use crate::wire::{Browser, Hello, Page};

fn id(text: &str) -> SceneId {
    text.parse().unwrap()
}

fn one(scene: &str) -> Part {
    Part::Scene(id(scene))
}

/// A page with an optional question `q`.
fn page(scene: &str) -> Scene {
    let ask = Ask::Text { lines: 1, max_length: 20, placeholder: String::new() };
    let question = Question { id: "q".parse().unwrap(), prompt: "?".into(), required: false, ask, correct: None };
    let form = Form { questions: vec![question], ..Form::default() };
    Scene::Form(Box::new(FormScene { scene_id: id(scene), class: "SurveyScene".into(), page: Page::default(), form }))
}

fn end(scene: &str) -> Scene {
    Scene::End(EndScene { scene_id: id(scene), page: Page::default(), redirect: None, shows_code: false, bonus: None })
}

/// A study of these scenes in this order between a start and an end.
fn study(scenes: Vec<Scene>, order: Vec<Part>, branches: &[(&str, Branches)]) -> Stager {
    let start = Scene::Start(StartScene { scene_id: id("start"), page: Page::default() });
    let scenes = [start].into_iter().chain(scenes).chain([end("end")]).collect();
    let order = [one("start")].into_iter().chain(order).chain([one("end")]).collect();
    let branches = branches.iter().map(|(scene, branches)| (id(scene), branches.clone())).collect();
    Stager::of(scenes, Flow { order, branches, ..Flow::default() }).unwrap()
}

fn pages(names: &[&str], branches: &[(&str, Branches)]) -> Stager {
    study(names.iter().map(|name| page(name)).collect(), names.iter().map(|name| one(name)).collect(), branches)
}

fn answered(scene: &str, answer: &str) -> Rule {
    let of = Of::Answer(id(scene), "q".parse().unwrap());
    Rule::When(Test { of, equals: Some(json!(answer)), any_of: None, at_least: None, at_most: None })
}

fn skip_if(rule: Rule) -> Branches {
    Branches { skip_if: vec![rule], ..Branches::default() }
}

fn go_to(target: &str, rule: Option<Rule>) -> Branches {
    Branches { go_to: vec![GoTo { target: Some(target.parse().unwrap()), rule }], ..Branches::default() }
}

fn conditions(when_full: WhenFull, levels: &[(&str, &[&str])]) -> Part {
    let level = |(name, scenes): &(&str, &[&str])| Level {
        name: name.parse().unwrap(),
        quota: Some(1),
        parts: scenes.iter().map(|scene| one(scene)).collect(),
    };
    let (name, per, reopen_after_s) = ("partner".parse().unwrap(), Per::Person, 60);
    Part::Conditions(Conditions { name, levels: levels.iter().map(level).collect(), per, when_full, reopen_after_s })
}

/// Somebody in a study, and what the study's own code and the assigner would say.
struct Walk {
    session: Session,
    facts: Vec<Fact>,
    functions: fn(&str) -> Option<Value>,
    placing: Placing,
    odd: Vec<String>,
}

impl Walk {
    fn begin(stager: &Stager) -> Self {
        let session = Session::new(SubjectId::fresh());
        let (facts, placing) = (Vec::new(), Placing::Full);
        let mut walk = Self { session, facts, functions: |_| None, placing, odd: Vec::new() };
        walk.say(stager, walk.arrival());
        walk
    }

    fn arrival(&self) -> Input {
        let hello = Hello {
            version: 1,
            subject: None,
            token: None,
            parameters: Default::default(),
            browser: Browser::default(),
        };
        Input::Arrive(Box::new(hello), ResumeToken::from_random([1; 16]).digest())
    }

    fn say(&mut self, stager: &Stager, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let decision = self.session.decide(stager, input);
            for fact in decision.facts.into_iter().map(Fact::from) {
                let text = serde_json::to_string(&fact).unwrap();
                let fact = serde_json::from_str(&text).unwrap();
                self.session.apply(&fact);
                self.facts.push(fact);
            }
            for effect in decision.effects {
                match effect {
                    Effect::Number => next = Some(Input::Numbered(3)),
                    Effect::AskWay(way, function, _) => {
                        let answer = (self.functions)(&function.to_string());
                        next = Some(Input::WayTold(way, function, answer));
                    }
                    Effect::AskLevel(way, condition, _) => {
                        next = Some(Input::Placed(way, condition, self.placing.clone(), [5; 8]));
                    }
                    Effect::Odd(what) => self.odd.push(what),
                    _ => {}
                }
            }
        }
    }

    fn answer(&mut self, stager: &Stager, answer: &str) {
        let (visit, ms) = (self.session.view().visit, Default::default());
        let (question, answer) = ("q".parse().unwrap(), Some(Answer::Text(answer.into())));
        self.say(stager, Input::Answered(crate::wire::Answered { visit, number: 1, question, answer, ms }));
    }

    fn go_on(&mut self, stager: &Stager) -> String {
        self.say(stager, Input::Continue(self.session.view().visit, [7; 8]));
        self.scene()
    }

    fn scene(&self) -> String {
        self.session.view().scene.unwrap().to_string()
    }

    /// Goes on until it goes no further, and tells through which scenes.
    fn walk_to_the_end(&mut self, stager: &Stager) -> Vec<String> {
        let mut seen = vec![self.scene()];
        for _ in 0..1000 {
            let View { visit, .. } = self.session.view();
            assert!(visit <= self.session.length());
            let scene = self.go_on(stager);
            if self.session.view().visit == visit && !self.session.trouble() {
                return seen;
            }
            if self.session.view().visit > visit {
                seen.push(scene);
            }
        }
        panic!("it never ends: {seen:?}");
    }
}

#[test]
fn a_scene_is_passed_over_for_those_for_whom_it_says_so() {
    let stager = pages(&["a", "b", "c"], &[("b", skip_if(answered("a", "no")))]);
    for (answer, expected) in [("no", vec!["a", "c", "end"]), ("yes", vec!["a", "b", "c", "end"])] {
        let mut walk = Walk::begin(&stager);
        walk.go_on(&stager);
        walk.answer(&stager, answer);
        assert_eq!(walk.walk_to_the_end(&stager), expected);
        assert_eq!(walk.session.length(), expected.len() as u32 + 1);
    }
}

#[test]
fn a_branch_leads_ahead_and_back_and_visits_count_on() {
    let stager = pages(
        &["a", "b", "c"],
        &[("a", go_to("c", Some(answered("a", "skip")))), ("c", go_to("a", Some(answered("c", "again"))))],
    );
    let mut walk = Walk::begin(&stager);
    walk.go_on(&stager);
    walk.answer(&stager, "skip");
    assert_eq!(walk.go_on(&stager), "c");
    walk.answer(&stager, "again");
    assert_eq!(walk.go_on(&stager), "a", "back");
    assert_eq!(walk.session.view().visit, 4);
    assert_eq!(walk.walk_to_the_end(&stager), ["a", "b", "c", "end"], "what was answered before is gone");
    let mut again = Session::new(walk.session.subject().clone());
    walk.facts.iter().for_each(|fact| again.apply(fact));
    assert_eq!(again.view(), walk.session.view());
    assert_eq!(again.length(), walk.session.length());
}

#[test]
fn a_study_that_leads_in_a_circle_comes_to_an_end() {
    let stager = pages(&["a", "b"], &[("b", go_to("a", None))]);
    let mut walk = Walk::begin(&stager);
    let seen = walk.walk_to_the_end(&stager);
    assert_eq!(seen.last().map(String::as_str), Some("end"));
    assert_eq!(seen.len() as u32, MOST_VISITS + 2);
    assert_eq!(walk.odd.len(), 1, "{:?}", walk.odd);
}

#[test]
fn functions_are_asked_and_what_they_may_not_say_is_ignored() {
    let function = || Rule::Function("f".into());
    let lead = Branches { go_to: vec![GoTo { target: None, rule: Some(function()) }], ..Branches::default() };
    let stager = pages(&["a", "b", "c"], &[("a", lead), ("b", skip_if(function()))]);
    type Case = (fn(&str) -> Option<Value>, &'static [&'static str], usize);
    let cases: [Case; 6] = [
        (|_| None, &["a", "b", "c", "end"], 0),
        (|key| Some(if key.starts_with("go_to") { json!(null) } else { json!(true) }), &["a", "c", "end"], 0),
        (|key| Some(if key.starts_with("go_to") { json!("end") } else { json!(false) }), &["a", "end"], 0),
        (|key| Some(if key.starts_with("go_to") { json!("a b") } else { json!(false) }), &["a", "b", "c", "end"], 1),
        (|key| Some(if key.starts_with("go_to") { json!(3) } else { json!(false) }), &["a", "b", "c", "end"], 1),
        (|key| Some(if key.starts_with("go_to") { json!(null) } else { json!("yes") }), &["a", "b", "c", "end"], 1),
    ];
    for (functions, expected, odd) in cases {
        let mut walk = Walk::begin(&stager);
        walk.functions = functions;
        walk.go_on(&stager);
        assert_eq!(walk.walk_to_the_end(&stager), expected);
        assert_eq!(walk.odd.len(), odd, "{:?}", walk.odd);
    }
}

#[test]
fn one_of_several_ends_is_the_end() {
    let scenes = vec![page("a"), end("early"), page("b")];
    let order = vec![one("a"), one("b"), one("early")];
    let skip = skip_if(answered("a", "late"));
    let stager = study(scenes, order, &[("early", skip)]);
    for (answer, last, length) in [("", "early", 4), ("late", "end", 4)] {
        let mut walk = Walk::begin(&stager);
        walk.go_on(&stager);
        walk.answer(&stager, answer);
        assert_eq!(walk.session.length(), 4, "up to the first end");
        let seen = walk.walk_to_the_end(&stager);
        assert_eq!(seen.last().map(String::as_str), Some(last));
        assert_eq!((walk.session.view().visit, walk.session.length()), (length, length));
    }
}

#[test]
fn a_level_is_asked_for_when_it_is_due_and_never_again() {
    let levels: &[(&str, &[&str])] = &[("kind", &["b"]), ("none", &[])];
    let order = vec![one("a"), conditions(WhenFull::Continue, levels), one("c")];
    let stager = study(["a", "b", "c"].map(page).into(), order, &[("c", go_to("a", Some(answered("c", "again"))))]);
    let mut walk = Walk::begin(&stager);
    walk.placing = Placing::Level("kind".parse().unwrap());
    assert_eq!(walk.session.stands(), None);
    walk.go_on(&stager);
    assert_eq!(walk.go_on(&stager), "b");
    assert_eq!(walk.session.stands(), Some(Stands::Active));
    walk.placing = Placing::Level("none".parse().unwrap());
    assert_eq!(walk.go_on(&stager), "c");
    walk.answer(&stager, "again");
    assert_eq!(walk.walk_to_the_end(&stager)[1..], ["a", "b", "c", "end"], "a level stays");
    assert_eq!(walk.session.stands(), Some(Stands::Completed));
    let mut walk = Walk::begin(&stager);
    walk.placing = Placing::Level("none".parse().unwrap());
    assert_eq!(walk.walk_to_the_end(&stager), ["start", "a", "c", "end"]);
}

#[test]
fn when_all_levels_are_full_the_study_goes_on_or_ends_with_a_code() {
    let levels: &[(&str, &[&str])] = &[("kind", &["b"]), ("rude", &["b"])];
    let of = |when_full| {
        study(["a", "b", "c"].map(page).into(), vec![one("a"), conditions(when_full, levels), one("c")], &[])
    };
    let stager = of(WhenFull::Continue);
    assert_eq!(Walk::begin(&stager).walk_to_the_end(&stager), ["start", "a", "c", "end"]);
    let stager = of(WhenFull::End);
    let mut walk = Walk::begin(&stager);
    walk.go_on(&stager);
    assert_eq!(walk.go_on(&stager), "a", "with the page that says so");
    assert_eq!(walk.session.view().dismissal.unwrap().reason, Dismissal::StudyFull);
    assert_eq!(walk.go_on(&stager), "end");
    assert_eq!(walk.session.codes().len(), 1);
}

#[test]
fn whoever_is_dismissed_with_a_level_is_no_whole_case() {
    let order = vec![one("a"), conditions(WhenFull::Continue, &[("kind", &["b"]), ("rude", &["b"])])];
    let stager = study(["a", "b"].map(page).into(), order, &[]);
    let mut walk = Walk::begin(&stager);
    walk.placing = Placing::Level("rude".parse().unwrap());
    walk.go_on(&stager);
    walk.go_on(&stager);
    let (visit, reason, code) = (3, Dismissal::Excluded, "X".to_owned());
    walk.session.apply(&ParticipantFact::Dismissed { visit, reason, code }.into());
    assert_eq!(walk.session.stands(), Some(Stands::Dropped("excluded".into())));
}

#[test]
fn whoever_is_cut_off_before_it_has_a_number_begins_when_it_comes_back() {
    let parts = vec![one("a"), one("b")];
    let stager = study(["a", "b"].map(page).into(), vec![Part::RandomizeOrder { parts, keep_n: None }], &[]);
    let mut session = Session::new(SubjectId::fresh());
    let walk = Walk::begin(&stager);
    let decision = session.decide(&stager, walk.arrival());
    assert_eq!(decision.effects, [Effect::Welcome(false), Effect::Number]);
    decision.facts.into_iter().for_each(|fact| session.apply(&fact.into()));
    assert_eq!((session.view().visit, session.view().scene.clone()), (0, None));
    let decision = session.decide(&stager, walk.arrival());
    assert_eq!(decision.effects, [Effect::Welcome(true), Effect::Number]);
}

#[test]
fn nobody_is_stuck_when_the_module_has_changed_under_them() {
    let levels: &[(&str, &[&str])] = &[("kind", &["b"]), ("rude", &["b"])];
    let order = vec![one("a"), one("gone"), conditions(WhenFull::Continue, levels), one("c")];
    let before = study(["a", "b", "gone", "c"].map(page).into(), order, &[]);
    let mut walk = Walk::begin(&before);
    walk.go_on(&before);
    let start = Scene::Start(StartScene { scene_id: id("start"), page: Page::default() });
    let after = Stager::new(vec![start, page("new"), end("other_end")]).unwrap();
    assert_eq!(walk.walk_to_the_end(&after), ["a", "other_end"]);
}

proptest! {
    /// Whatever somebody answers, in whatever order the scenes come: there is always a way to the end, and the state is
    /// what the facts make of it.
    #[test]
    fn there_is_always_a_way_walk_to_the_end(answers in prop::collection::vec(0_usize..4, 0..30), number: u32) {
        let words = ["no", "yes", "again", "skip"];
        let shuffled = Part::RandomizeOrder { parts: vec![one("a"), one("b"), one("c")], keep_n: Some(2) };
        let repeated = Part::RepeatScene { parts: vec![one("d")], n: 3 };
        let section = Part::Section { name: "late".parse().unwrap(), parts: vec![one("e"), repeated] };
        let stager = study(
            ["a", "b", "c", "d", "e"].map(page).into(),
            vec![shuffled, section],
            &[
                ("d", skip_if(answered("d", "no"))),
                ("e", go_to("late", Some(answered("e", "again")))),
                ("a", go_to("late", Some(answered("a", "skip")))),
            ],
        );
        let mut walk = Walk::begin(&stager);
        let _ = number;
        walk.go_on(&stager);
        for answer in answers {
            if walk.scene() == "end" {
                break;
            }
            walk.answer(&stager, words[answer]);
            walk.go_on(&stager);
        }
        let seen = walk.walk_to_the_end(&stager);
        prop_assert_eq!(seen.last().map(String::as_str), Some("end"));
        let mut again = Session::new(walk.session.subject().clone());
        walk.facts.iter().for_each(|fact| again.apply(fact));
        prop_assert_eq!(again.view(), walk.session.view());
    }
}
