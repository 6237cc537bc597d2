use proptest::prelude::*;

use super::*;
use crate::experiment::{EndScene, GymScene, Runtime, StartScene};
use crate::ids::ResumeToken;
use crate::wire::{Browser, FailedStage, Page};

fn study() -> Stager {
    let id = |text: &str| text.parse().unwrap();
    let start = StartScene { scene_id: id("start"), page: Page::default() };
    let gym = GymScene {
        scene_id: id("game"),
        page: Page::default(),
        in_game_body: String::new(),
        rendering: Default::default(),
        gameplay: Default::default(),
        policies: Default::default(),
        group: None,
        runtime: Runtime {
            code: String::new(),
            filename: String::new(),
            on_game_step_code: None,
            packages_to_install: Vec::new(),
        },
        assets_dir: None,
        record_observations: false,
    };
    let end = EndScene { scene_id: id("end"), page: Page::default(), redirect: None };
    Stager::new(vec![Scene::Start(start), Scene::Gym(Box::new(gym)), Scene::End(end)]).unwrap()
}

fn token(byte: u8) -> TokenDigest {
    ResumeToken::from_random([byte; 16]).digest()
}

fn hello() -> Box<Hello> {
    Box::new(Hello {
        version: 1,
        subject: None,
        token: None,
        parameters: Default::default(),
        browser: Browser::default(),
    })
}

fn failed(visit: u32, give_up: bool) -> Input {
    let (message, traceback) = ("broke".into(), "é".repeat(FAILURE_LIMIT));
    Input::Failed(Failed { visit, stage: FailedStage::Step, message, traceback, give_up })
}

fn run(session: &mut Session, input: Input) -> Vec<Effect> {
    let decision = session.decide(&study(), input);
    for fact in decision.facts {
        session.apply(&fact.into());
    }
    decision.effects
}

fn arrived() -> Session {
    let mut session = Session::new(SubjectId::fresh());
    run(&mut session, Input::Arrive(hello(), token(1)));
    session
}

#[test]
fn a_participant_walks_from_start_to_end() {
    let mut session = arrived();
    assert_eq!(run(&mut session, Input::Continue(1)).last(), Some(&Effect::ShowScene));
    let scene = "game".parse().unwrap();
    assert_eq!(run(&mut session, Input::Ready(2)), [Effect::OpenGame(2, scene)]);
    let game = GameId::fresh();
    assert_eq!(run(&mut session, Input::GameOpened(2, game)), [Effect::JoinGame(game)]);
    assert_eq!(run(&mut session, Input::Ready(2)), [Effect::JoinGame(game)], "after a reload");
    assert!(matches!(run(&mut session, Input::Continue(2))[..], [Effect::Refuse(_)]), "the game cannot be skipped");
    run(&mut session, Input::GameOver(game, Ending::Complete));
    assert_eq!(session.view().scene, Some("end".parse().unwrap()));
    assert!(matches!(run(&mut session, Input::Continue(3))[..], [Effect::Refuse(_)]));
}

#[test]
fn only_the_holder_of_the_token_may_act() {
    let session = arrived();
    assert!(session.admit(Some(&token(1))).is_ok());
    assert_eq!(session.admit(Some(&token(2))).unwrap_err().code, RefusalCode::WrongToken);
    assert_eq!(session.admit(None).unwrap_err().code, RefusalCode::SubjectTaken);
}

#[test]
fn a_scene_that_is_given_up_leads_onward_at_once() {
    let mut session = arrived();
    run(&mut session, Input::Continue(1));
    let game = GameId::fresh();
    run(&mut session, Input::GameOpened(2, game));
    run(&mut session, failed(2, false));
    assert_eq!(session.view().visit, 2, "it may be tried again");
    let effects = run(&mut session, failed(2, true));
    assert!(effects.contains(&Effect::AbandonGame(game, "game".parse().unwrap())));
    assert_eq!(session.view().scene, Some("end".parse().unwrap()));
    assert_eq!(run(&mut session, Input::GameOver(game, Ending::Failed)), [], "it is known already");
    assert_eq!(run(&mut session, failed(2, true)), [], "said twice, it skips nothing");
}

#[test]
fn a_game_that_the_service_lost_has_a_way_onward() {
    let mut session = arrived();
    run(&mut session, Input::Continue(1));
    let game = GameId::fresh();
    run(&mut session, Input::GameOpened(2, game));
    assert_eq!(run(&mut session, Input::GameLost(game, "crashed".into())), [Effect::ShowScene]);
    assert!(session.view().trouble);
    run(&mut session, Input::Continue(2));
    assert_eq!(session.view().scene, Some("end".parse().unwrap()));
}

#[test]
fn a_traceback_is_cut_between_characters() {
    let mut session = arrived();
    let Some(Effect::Report(report)) = run(&mut session, failed(1, false)).into_iter().next() else {
        panic!("no report")
    };
    assert!(report.traceback.len() <= FAILURE_LIMIT + '…'.len_utf8());
}

#[derive(Debug, Clone)]
enum Move {
    Arrive,
    Continue(u32),
    Ready(u32),
    Opened(u32),
    Over(bool),
    Lost,
    Failed(u32, bool),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let visit = 0_u32..5;
    let one = prop_oneof![
        Just(Move::Arrive),
        visit.clone().prop_map(Move::Continue),
        visit.clone().prop_map(Move::Ready),
        visit.clone().prop_map(Move::Opened),
        any::<bool>().prop_map(Move::Over),
        Just(Move::Lost),
        (visit, any::<bool>()).prop_map(|(visit, give_up)| Move::Failed(visit, give_up)),
    ];
    prop::collection::vec(one, 0..40)
}

proptest! {
    /// Whatever a browser says: scenes are entered one after the other, never back, never skipped; a game is left only
    /// when it is over or failed; the state is exactly what the facts make of it; and there is always a way onward.
    #[test]
    fn whatever_is_said_there_is_one_way_and_it_leads_onward(moves in moves()) {
        let stager = study();
        let mut session = Session::new(SubjectId::fresh());
        let mut facts = Vec::new();
        for one in moves {
            let before = session.view();
            let game = before.game.unwrap_or_else(GameId::fresh);
            let input = match one {
                Move::Arrive => Input::Arrive(hello(), token(1)),
                Move::Continue(visit) => Input::Continue(visit),
                Move::Ready(visit) => Input::Ready(visit),
                Move::Opened(visit) => Input::GameOpened(visit, GameId::fresh()),
                Move::Over(true) => Input::GameOver(game, Ending::Complete),
                Move::Over(false) => Input::GameOver(game, Ending::Failed),
                Move::Lost => Input::GameLost(game, "lost".into()),
                Move::Failed(visit, give_up) => failed(visit, give_up),
            };
            let gave_up = matches!(&input, Input::Failed(failed) if failed.give_up);
            let forced = matches!(input, Input::GameOver(..)) || before.trouble || gave_up;
            if !session.exists() && !matches!(input, Input::Arrive(..)) {
                continue; // The actor admits nobody before.
            }
            let decision = session.decide(&stager, input);
            for fact in decision.facts.into_iter().map(Fact::from) {
                session.apply(&fact);
                facts.push(fact);
            }
            let after = session.view();
            prop_assert!(after.visit == before.visit || after.visit == before.visit + 1);
            if before.scene == Some("game".parse().unwrap()) && after.visit > before.visit {
                prop_assert!(forced, "a game was skipped");
            }
        }
        let mut again = Session::new(session.subject().clone());
        facts.iter().for_each(|fact| again.apply(fact));
        prop_assert_eq!(again.view(), session.view());

        run(&mut session, Input::Arrive(hello(), token(1)));
        while session.view().visit < session.length() {
            let View { visit, scene, game, trouble } = session.view();
            if scene == Some("game".parse().unwrap()) && !trouble {
                let game = game.unwrap_or_else(GameId::fresh);
                run(&mut session, Input::GameOpened(visit, game));
                run(&mut session, Input::GameOver(game, Ending::Complete));
            } else {
                run(&mut session, Input::Continue(visit));
            }
            prop_assert_eq!(session.view().visit, visit + 1);
        }
    }
}
