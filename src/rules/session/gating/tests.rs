use proptest::prelude::*;

use super::*;
use crate::experiment::{
    BrowserRule, Codes, Device, EndScene, GymScene, Mode, Requirement, Runtime, Screening, StartScene,
};
use crate::facts::Fact;
use crate::ids::{GameId, ResumeToken, SubjectId};
use crate::rules::session::{Ending, Input};
use crate::rules::watch::Finding;
use crate::wire::{Hello, Page, RefusalCode};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile \
                     Safari/537.36";

fn study() -> Stager {
    let end = EndScene {
        scene_id: "end".parse().unwrap(),
        page: Page::default(),
        redirect: None,
        shows_code: false,
        bonus: None,
    };
    let game = GymScene {
        scene_id: "game".parse().unwrap(),
        page: Page::default(),
        in_game_header: String::new(),
        in_game_body: String::new(),
        player_pages: Default::default(),
        bonus: None,
        rendering: Default::default(),
        gameplay: Default::default(),
        policies: Default::default(),
        mode: Mode::Browser,
        group: None,
        runtime: Runtime {
            code: String::new(),
            filename: String::new(),
            on_game_step_code: None,
            packages_to_install: Vec::new(),
        },
        assets_dir: None,
        record_observations: false,
        monitoring: Some(Monitoring { tab_exclude_ms: Some(10_000), ..Monitoring::default() }),
    };
    let later = GymScene { scene_id: "later".parse().unwrap(), ..game.clone() };
    let start = Scene::Start(StartScene { scene_id: "start".parse().unwrap(), page: Page::default() });
    Stager::new(vec![start, Scene::Gym(Box::new(game)), Scene::Gym(Box::new(later)), Scene::End(end)]).unwrap()
}

fn gates() -> Gates {
    let screening = Screening {
        device_exclusion: Some(Device::Mobile),
        browser_requirements: vec![BrowserRule { name: "Chrome".into(), from: None }],
        max_ping_ms: Some(200),
        ..Screening::default()
    };
    let words = [(Dismissal::ScreenedOut, "SORRY".to_owned())].into();
    Gates { subject_parameter: None, screening: Some(screening), codes: Codes { at_end: true, words }, exit: None }
}

fn run(session: &mut Session, input: Input) -> Vec<Effect> {
    let decision = session.decide(&study(), input);
    for fact in decision.facts {
        session.apply(&fact.into());
    }
    decision.effects
}

fn arrived(user_agent: &str) -> Session {
    let mut session = Session::new(SubjectId::fresh()).within(gates());
    let browser = Browser { user_agent: user_agent.into(), ..Browser::default() };
    let hello = Hello { version: 1, subject: None, token: None, parameters: Default::default(), browser };
    run(&mut session, Input::Arrive(Box::new(hello), ResumeToken::from_random([1; 16]).digest()));
    session
}

fn look(ping: Option<(u64, u32)>) -> Look {
    let ping = ping.map(|(ms, count)| (Duration::from_millis(ms), count));
    Look { ping, late: false, answer: None, show: false, luck: [3; 8] }
}

fn desktop() -> String {
    PHONE.replace("Linux; Android 14", "X11; Linux x86_64").replace(" Mobile", "")
}

#[test]
fn a_phone_is_told_at_once_and_leaves_with_the_fixed_word() {
    let mut session = arrived(PHONE);
    assert!(session.at_entrance());
    run(&mut session, Input::Looked(look(None)));
    assert_eq!(session.why().unwrap().requirement, Some(Requirement::Mobile));
    assert_eq!(session.view().dismissal.unwrap().code, "SORRY");
    run(&mut session, Input::Continue(1, [7; 8]));
    assert_eq!(session.view().scene.unwrap().as_str(), "end");
    assert!(!session.lacks_code(&study()), "it has one already");
    let stager = study();
    let Some(Scene::End(end)) = stager.scene(&"end".parse().unwrap()) else { panic!() };
    assert_eq!(session.final_code(end).unwrap().code, "SORRY");
}

#[test]
fn whoever_presses_before_it_is_decided_goes_on_after_that() {
    let mut session = arrived(&desktop());
    assert_eq!(run(&mut session, Input::Continue(1, [7; 8])), [Effect::Hold(1)]);
    assert_eq!(run(&mut session, Input::Looked(look(Some((40, 4))))), [], "one measurement is missing");
    assert_eq!(run(&mut session, Input::Looked(look(Some((40, 5))))), [Effect::LetIn(1)]);
    assert_eq!(run(&mut session, Input::Looked(look(Some((900, 6))))), [], "it is decided for good");
    run(&mut session, Input::Continue(1, [7; 8]));
    assert_eq!(session.view().scene.unwrap().as_str(), "game");
}

#[test]
fn whoever_is_excluded_leaves_its_game_and_the_study() {
    let mut session = arrived(&desktop());
    run(&mut session, Input::Looked(look(Some((40, 5)))));
    run(&mut session, Input::Continue(1, [7; 8]));
    let game = GameId::fresh();
    let found = || Finding { about: crate::experiment::About::Tab, reason: "out of sight".into(), message: None };
    let early = run(&mut session, Input::Watched(2, Change::Exclude(found()), [5; 8]));
    assert_eq!(early, [], "nobody is watched before the game");
    run(&mut session, Input::GameOpened(2, game, Default::default(), "human".into()));
    assert!(matches!(run(&mut session, Input::Watched(2, Change::Warn(found()), [5; 8]))[..], [Effect::Warn(_)]));
    let effects = run(&mut session, Input::Watched(2, Change::Exclude(found()), [5; 8]));
    assert!(matches!(&effects[0], Effect::AbandonGame(left, _) if *left == game));
    assert_eq!(session.view().dismissal.unwrap().reason, Dismissal::Excluded);
    assert_eq!(run(&mut session, Input::GameOver(game, Ending::Failed, Vec::new(), [9; 8])), [], "its end is no news");
    run(&mut session, Input::Continue(2, [7; 8]));
    assert_eq!(session.view().scene.unwrap().as_str(), "end", "the later game is left out");
}

#[test]
fn another_browser_is_told_kindly_that_the_study_was_done() {
    let mut session = arrived(PHONE);
    let other = ResumeToken::from_random([2; 16]).digest();
    assert_eq!(session.admit(Some(&other)).unwrap_err().code, RefusalCode::WrongToken);
    run(&mut session, Input::Looked(look(None)));
    run(&mut session, Input::Continue(1, [7; 8]));
    assert_eq!(session.admit(Some(&other)).unwrap_err().code, RefusalCode::Finished);
    assert_eq!(session.admit(None).unwrap_err().code, RefusalCode::Finished);
    assert!(session.admit(Some(&ResumeToken::from_random([1; 16]).digest())).is_ok());
}

#[derive(Debug, Clone)]
enum Move {
    Look(u64, u32, bool),
    Continue,
    Open,
    Over(bool),
    Warn,
    Exclude,
    Code(u8),
    Fail,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (0_u64..400, 0_u32..9, any::<bool>()).prop_map(|(ms, count, late)| Move::Look(ms, count, late)),
        Just(Move::Continue),
        Just(Move::Continue),
        Just(Move::Open),
        any::<bool>().prop_map(Move::Over),
        Just(Move::Warn),
        Just(Move::Exclude),
        any::<u8>().prop_map(Move::Code),
        Just(Move::Fail),
    ];
    prop::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn everybody_has_one_code_for_one_thing_and_the_same_for_ever(phone in any::<bool>(), moves in moves()) {
        let mut session = arrived(if phone { PHONE } else { "" });
        let mut facts = Vec::new();
        for (luck, next) in moves.into_iter().enumerate() {
            let visit = session.view().visit;
            let luck = [luck as u8; 8];
            let found = || Finding { about: crate::experiment::About::Tab, reason: "x".into(), message: None };
            let game = session.view().game.unwrap_or_else(GameId::fresh);
            let input = match next {
                Move::Look(ms, count, late) => Input::Looked(Look { late, luck, ..look(Some((ms, count))) }),
                Move::Continue => Input::Continue(visit, luck),
                Move::Open => Input::GameOpened(visit, GameId::fresh(), Default::default(), "human".into()),
                Move::Over(well) => {
                    Input::GameOver(game, if well { Ending::Complete } else { Ending::Dismissed(Dismissal::PartnerLost) }, Vec::new(), luck)
                }
                Move::Warn => Input::Watched(visit, Change::Warn(found()), luck),
                Move::Exclude => Input::Watched(visit, Change::Exclude(found()), luck),
                Move::Code(byte) => Input::Code([byte; 8]),
                Move::Fail => Input::GameLost(game, "gone".into()),
            };
            let decision = session.decide(&study(), input);
            for fact in decision.facts {
                let fact: Fact = fact.into();
                session.apply(&fact);
                facts.push(fact);
            }
            if session.at_entrance() {
                prop_assert_eq!(session.view().visit, 1, "nobody passes without a decision");
            }
        }
        let dismissed = facts.iter().filter(|fact| matches!(fact, Fact::Participant(ParticipantFact::Dismissed { .. })));
        let issued = facts.iter().filter(|fact| matches!(fact, Fact::Participant(ParticipantFact::CodeIssued { .. })));
        prop_assert!(issued.clone().count() <= 1);
        prop_assert_eq!(session.codes().len(), dismissed.count() + issued.count());
        // At the end there is a code, and it stays.
        let stager = study();
        if session.at_end() {
            let decision = session.decide(&stager, Input::Code([200; 8]));
            decision.facts.into_iter().for_each(|fact| session.apply(&fact.into()));
            let Some(Scene::End(end)) = stager.scene(&"end".parse().unwrap()) else { panic!() };
            let code = session.final_code(end).unwrap().clone();
            prop_assert!(session.decide(&stager, Input::Code([201; 8])).facts.is_empty());
            let ended = session.codes().iter().any(|code| code.reason.ends_study());
            prop_assert_eq!(code.reason.ends_study(), ended);
        }
    }
}
