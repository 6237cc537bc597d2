use proptest::prelude::*;

use super::trouble::FAILURE_LIMIT;
use super::*;
use crate::experiment::{EndScene, Group, GymScene, Multiplayer, OnTimeout, Runtime, StartScene, WaitingRoom};
use crate::ids::ResumeToken;
use crate::rules::codes;
use crate::rules::memory::EpisodeResult;
use crate::wire::{Browser, Dismissal, Failed, FailedStage, Page, Progress, Ready};

fn id(text: &str) -> SceneId {
    text.parse().unwrap()
}

fn gym(scene: &str, group: Option<Group>) -> Scene {
    Scene::Gym(Box::new(GymScene {
        scene_id: id(scene),
        page: Page::default(),
        in_game_header: String::new(),
        in_game_body: String::new(),
        player_pages: Default::default(),
        bonus: None,
        rendering: Default::default(),
        gameplay: Default::default(),
        policies: Default::default(),
        mode: crate::experiment::Mode::Browser,
        group,
        runtime: Runtime {
            code: String::new(),
            filename: String::new(),
            on_game_step_code: None,
            packages_to_install: Vec::new(),
        },
        assets_dir: None,
        record_observations: false,
        monitoring: None,
    }))
}

/// A start, these games, and an end.
fn with_games(games: Vec<Scene>) -> Stager {
    let start = Scene::Start(StartScene { scene_id: id("start"), page: Page::default() });
    let end = Scene::End(EndScene {
        scene_id: id("end"),
        page: Page::default(),
        redirect: None,
        shows_code: false,
        bonus: None,
    });
    Stager::new([start].into_iter().chain(games).chain([end]).collect()).unwrap()
}

fn study() -> Stager {
    with_games(vec![gym("game", None)])
}

/// A game for several players, then two for one.
fn together(on_timeout: OnTimeout) -> Stager {
    let waiting_room = WaitingRoom { on_timeout, ..WaitingRoom::default() };
    let group = Group { waiting_room, multiplayer: Multiplayer::default() };
    with_games(vec![gym("together", Some(group)), gym("alone", None), gym("late", None)])
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

fn ready(visit: u32) -> Input {
    Input::Ready(Ready { visit, has: None })
}

fn opened(visit: u32, game: GameId) -> Input {
    Input::GameOpened(visit, game, BTreeSet::new(), "human".into())
}

fn over(game: GameId, ending: Ending) -> Input {
    Input::GameOver(game, ending, Vec::new(), [7; 8])
}

fn run(session: &mut Session, input: Input) -> Vec<Effect> {
    run_in(&study(), session, input)
}

fn run_in(stager: &Stager, session: &mut Session, input: Input) -> Vec<Effect> {
    let decision = session.decide(stager, input);
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
    assert_eq!(run(&mut session, Input::Continue(1, [7; 8])).last(), Some(&Effect::ShowScene));
    let scene = "game".parse().unwrap();
    assert_eq!(run(&mut session, ready(2)), [Effect::OpenGame(2, scene)]);
    let game = GameId::fresh();
    assert_eq!(run(&mut session, opened(2, game)), [Effect::JoinGame(game, None)]);
    assert_eq!(run(&mut session, ready(2)), [Effect::JoinGame(game, None)], "after a reload");
    assert!(
        matches!(run(&mut session, Input::Continue(2, [7; 8]))[..], [Effect::Refuse(_)]),
        "the game cannot be skipped"
    );
    run(&mut session, over(game, Ending::Complete));
    assert_eq!(session.view().scene, Some("end".parse().unwrap()));
    assert!(matches!(run(&mut session, Input::Continue(3, [7; 8]))[..], [Effect::Refuse(_)]));
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
    run(&mut session, Input::Continue(1, [7; 8]));
    let game = GameId::fresh();
    run(&mut session, opened(2, game));
    run(&mut session, failed(2, false));
    assert_eq!(session.view().visit, 2, "it may be tried again");
    let effects = run(&mut session, failed(2, true));
    assert!(effects.contains(&Effect::AbandonGame(game, "game".parse().unwrap())));
    assert_eq!(session.view().scene, Some("end".parse().unwrap()));
    let effects = run(&mut session, over(game, Ending::Failed));
    assert!(matches!(effects[..], [Effect::Project(_)]), "how it went is noted where it was played");
    assert_eq!(run(&mut session, failed(2, true)), [], "said twice, it skips nothing");
}

#[test]
fn a_game_that_the_service_lost_has_a_way_onward() {
    let mut session = arrived();
    run(&mut session, Input::Continue(1, [7; 8]));
    let game = GameId::fresh();
    run(&mut session, opened(2, game));
    assert_eq!(run(&mut session, Input::GameLost(game, "crashed".into())), [Effect::ShowScene]);
    assert!(session.view().trouble);
    run(&mut session, Input::Continue(2, [7; 8]));
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

/// Somebody who has come to the game for several players.
fn arrived_together(stager: &Stager) -> Session {
    let mut session = Session::new(SubjectId::fresh());
    run_in(stager, &mut session, Input::Arrive(hello(), token(1)));
    run_in(stager, &mut session, Input::Continue(1, [7; 8]));
    session
}

#[test]
fn who_is_ready_waits_for_others_and_remembers_them() {
    let stager = together(OnTimeout::End);
    let mut session = arrived_together(&stager);
    let nobody = BTreeSet::new();
    assert_eq!(run_in(&stager, &mut session, ready(2)), [Effect::Wait(2, id("together"), nobody)]);
    let (game, partners) = (GameId::fresh(), BTreeSet::from(["bob".parse().unwrap()]));
    let told = || Input::GameOpened(2, game, partners.clone(), "human".into());
    assert_eq!(run_in(&stager, &mut session, told()), [Effect::JoinGame(game, None)]);
    assert_eq!(run_in(&stager, &mut session, told()), [Effect::JoinGame(game, None)], "told twice, it is not given up");
    let has = Progress { game, episode: 1, confirmed: 30 };
    let back = Input::Ready(Ready { visit: 2, has: Some(has) });
    assert_eq!(run_in(&stager, &mut session, back), [Effect::JoinGame(game, Some(has))]);
    let late = Input::Dismissed(2, Dismissal::LeftWaiting, [1; 8]);
    assert_eq!(run_in(&stager, &mut session, late), [], "whoever has a game does not wait");
    run_in(&stager, &mut session, over(game, Ending::Complete));
    assert_eq!(session.partners, partners, "for the next time");
}

#[test]
fn a_dismissal_gives_one_code_and_a_way_onward() {
    let stager = together(OnTimeout::Bot);
    let mut session = arrived_together(&stager);
    let game = GameId::fresh();
    run_in(&stager, &mut session, opened(2, game));
    let dismissed = || over(game, Ending::Dismissed(Dismissal::PartnerLost));
    let effects = run_in(&stager, &mut session, dismissed());
    assert_eq!(effects.last(), Some(&Effect::ShowScene));
    let issued = session.view().dismissal.unwrap();
    assert_eq!((issued.reason, issued.code.len()), (Dismissal::PartnerLost, 8));
    assert_eq!(run_in(&stager, &mut session, Input::GameOver(game, Ending::Complete, Vec::new(), [9; 8])), []);
    assert_eq!(run_in(&stager, &mut session, dismissed()), []);
    assert_eq!(run_in(&stager, &mut session, ready(2)), [Effect::ShowScene]);
    let back = run_in(&stager, &mut session, Input::Arrive(hello(), token(1)));
    assert_eq!(back, [Effect::Welcome(true), Effect::ShowScene], "the game is not looked for");
    assert_eq!(session.view().dismissal, Some(issued.clone()), "the same code");
    run_in(&stager, &mut session, Input::Continue(2, [7; 8]));
    assert_eq!((session.view().scene, session.view().trouble), (Some(id("alone")), false));
    assert_eq!(session.codes(), [issued]);
}

#[test]
fn who_found_nobody_goes_where_the_scene_says() {
    let ways = [(OnTimeout::Bot, "alone", 5), (OnTimeout::Scene(id("late")), "late", 4), (OnTimeout::End, "end", 3)];
    for reason in [Dismissal::NoPartner, Dismissal::LeftWaiting] {
        for (on_timeout, target, length) in ways.clone() {
            let stager = together(on_timeout);
            let mut session = arrived_together(&stager);
            let effects = run_in(&stager, &mut session, Input::Dismissed(2, reason, [3; 8]));
            assert_eq!(effects.last(), Some(&Effect::ShowScene));
            assert_eq!(session.view().scene, Some(id("together")), "first the page that says so");
            assert_eq!(session.length(), length);
            run_in(&stager, &mut session, Input::Continue(2, [7; 8]));
            assert_eq!(session.view().scene, Some(id(target)));
        }
    }
}

#[test]
fn a_game_for_one_cannot_be_left_like_a_waiting_room() {
    let mut session = arrived();
    run(&mut session, Input::Continue(1, [7; 8]));
    assert_eq!(run(&mut session, Input::Dismissed(2, Dismissal::LeftWaiting, [1; 8])), []);
}

proptest! {
    #[test]
    fn a_code_can_be_copied_by_hand(luck: Luck) {
        let code = codes::issue(&Default::default(), Dismissal::NoPartner, luck);
        prop_assert_eq!(code.len(), 8);
        prop_assert!(code.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()));
        prop_assert!(!code.contains(['0', 'O', '1', 'I']));
    }
}

#[derive(Debug, Clone)]
enum Move {
    Arrive,
    Continue(u32),
    Ready(u32),
    Opened(u32),
    Over(bool),
    Lost,
    Dismissed(u32, bool),
    Stopped,
    Failed(u32, bool),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let visit = 0_u32..6;
    let one = prop_oneof![
        Just(Move::Arrive),
        visit.clone().prop_map(Move::Continue),
        visit.clone().prop_map(Move::Ready),
        visit.clone().prop_map(Move::Opened),
        any::<bool>().prop_map(Move::Over),
        Just(Move::Lost),
        (visit.clone(), any::<bool>()).prop_map(|(visit, left)| Move::Dismissed(visit, left)),
        Just(Move::Stopped),
        (visit, any::<bool>()).prop_map(|(visit, give_up)| Move::Failed(visit, give_up)),
    ];
    prop::collection::vec(one, 0..40)
}

proptest! {
    /// Whatever a browser says: scenes are entered one after the other, never back; a game is left only when it is over,
    /// failed, or could not be had; each visit gives at most one code; the state is exactly what the facts make of it; and
    /// there is always a way onward.
    #[test]
    fn whatever_is_said_there_is_one_way_and_it_leads_onward(moves in moves(), way in 0_usize..4) {
        let stagers = [OnTimeout::Bot, OnTimeout::Scene(id("late")), OnTimeout::End].map(together);
        let stager = stagers.get(way).cloned().unwrap_or_else(study);
        let mut session = Session::new(SubjectId::fresh());
        let mut facts = Vec::new();
        let is_game = |scene: &Option<SceneId>| scene.as_ref().is_some_and(|scene| !["start", "end"].contains(&scene.as_str()));
        for (index, one) in moves.into_iter().enumerate() {
            let before = session.view();
            let game = before.game.unwrap_or_else(GameId::fresh);
            let luck = [index as u8; 8];
            let input = match one {
                Move::Arrive => Input::Arrive(hello(), token(1)),
                Move::Continue(visit) => Input::Continue(visit, luck),
                Move::Ready(visit) => ready(visit),
                Move::Opened(visit) => opened(visit, GameId::fresh()),
                Move::Over(true) => Input::GameOver(game, Ending::Complete, Vec::new(), luck),
                Move::Over(false) => Input::GameOver(game, Ending::Failed, Vec::new(), luck),
                Move::Stopped => Input::GameOver(game, Ending::Dismissed(Dismissal::Absent), Vec::new(), luck),
                Move::Dismissed(visit, true) => Input::Dismissed(visit, Dismissal::LeftWaiting, luck),
                Move::Dismissed(visit, false) => Input::Dismissed(visit, Dismissal::NoPartner, luck),
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
            prop_assert!(after.visit <= session.length());
            if is_game(&before.scene) && after.visit > before.visit {
                prop_assert!(forced, "a game was skipped");
            }
            if before.trouble && after.visit == before.visit {
                prop_assert_eq!(before.dismissal, after.dismissal, "another code for the same visit");
            }
        }
        let mut again = Session::new(session.subject().clone());
        facts.iter().for_each(|fact| again.apply(fact));
        prop_assert_eq!(again.view(), session.view());
        prop_assert_eq!(again.codes(), session.codes());
        let dismissed = facts.iter().filter_map(|fact| match fact {
            Fact::Participant(ParticipantFact::Dismissed { visit, .. }) => Some(*visit),
            _ => None,
        });
        let dismissed: Vec<u32> = dismissed.collect();
        prop_assert!(dismissed.is_sorted_by(|one, other| one < other), "two codes for a visit: {dismissed:?}");
        prop_assert_eq!(dismissed.len(), session.codes().len());

        run_in(&stager, &mut session, Input::Arrive(hello(), token(1)));
        while session.view().visit < session.length() {
            let View { visit, scene, game, trouble, .. } = session.view();
            if is_game(&scene) && !trouble {
                let game = game.unwrap_or_else(GameId::fresh);
                run_in(&stager, &mut session, opened(visit, game));
                run_in(&stager, &mut session, over(game, Ending::Complete));
            } else {
                run_in(&stager, &mut session, Input::Continue(visit, [7; 8]));
            }
            prop_assert_eq!(session.view().visit, visit + 1);
        }
        prop_assert_eq!(session.view().scene, Some(id("end")));
    }
}

fn scored(score: f64) -> Vec<EpisodeResult> {
    vec![EpisodeResult { score: score.try_into().unwrap(), steps: 9, tutorial: false }]
}

/// A study whose game and whose end have a bonus.
fn paid() -> Stager {
    let bonus = |text: &str| {
        Some(crate::experiment::Bonus { function: "pay".into(), text: Some(text.into()), decimals: 2 }) //
    };
    let Scene::Gym(mut game) = gym("game", None) else { unreachable!() };
    game.bonus = bonus("In the game: {bonus}");
    let start = Scene::Start(StartScene { scene_id: id("start"), page: Page::default() });
    let end = EndScene {
        scene_id: id("end"),
        page: Page::default(),
        redirect: None,
        shows_code: false,
        bonus: bonus("In all: {bonus}"),
    };
    Stager::new(vec![start, Scene::Gym(game), Scene::End(end)]).unwrap()
}

/// A participant of that study in its game.
fn playing_for_pay(stager: &Stager) -> (Session, GameId) {
    let mut session = Session::new(SubjectId::fresh());
    run_in(stager, &mut session, Input::Arrive(hello(), token(1)));
    run_in(stager, &mut session, Input::Continue(1, [7; 8]));
    let game = GameId::fresh();
    run_in(stager, &mut session, opened(2, game));
    (session, game)
}

fn owed(effects: &[Effect]) -> Owed {
    let owed = effects.iter().find_map(|effect| match effect {
        Effect::ComputeBonus(owed) => Some(owed.clone()),
        _ => None,
    });
    owed.unwrap_or_else(|| panic!("nothing is owed: {effects:?}"))
}

#[test]
fn bonuses_are_computed_once_before_the_last_page_is_shown() {
    let stager = paid();
    let (mut session, game) = playing_for_pay(&stager);
    let over = |luck| Input::GameOver(game, Ending::Complete, scored(2.5), luck);
    let effects = run_in(&stager, &mut session, over([1; 8]));
    assert!(!effects.contains(&Effect::ShowScene));
    let first = owed(&effects);
    assert_eq!(first, Owed { visit: 2, scene: Some(id("game")), shows: true });
    assert_eq!(session.memory().results()[&id("game")], scored(2.5));
    let effects = run_in(&stager, &mut session, Input::Bonus(first, Ok(1.25.try_into().unwrap())));
    let second = owed(&effects);
    assert_eq!(second, Owed { visit: 3, scene: None, shows: true });
    assert_eq!(session.memory().told(session.subject())["bonuses"]["game"], 1.25);
    let effects = run_in(&stager, &mut session, Input::Bonus(second, Ok(3.0.try_into().unwrap())));
    assert!(matches!(effects[..], [Effect::Project(_), Effect::ShowScene]), "{effects:?}");
    assert_eq!(session.bonus_lines(&stager), ["In the game: 1.25", "In all: 3.00"]);
    assert_eq!(run_in(&stager, &mut session, over([2; 8])), [], "told again, nothing is owed again");
    let back = run_in(&stager, &mut session, Input::Arrive(hello(), token(1)));
    assert_eq!(back, [Effect::Welcome(true), Effect::ShowScene]);
}

#[test]
fn a_bonus_that_was_cut_off_is_computed_after_all_and_one_that_fails_holds_up_nobody() {
    let stager = paid();
    let (mut session, game) = playing_for_pay(&stager);
    run_in(&stager, &mut session, Input::GameOver(game, Ending::Complete, scored(2.5), [1; 8]));
    let back = run_in(&stager, &mut session, Input::Arrive(hello(), token(1)));
    let again = owed(&back);
    assert_eq!(again.scene, Some(id("game")));
    let effects = run_in(&stager, &mut session, Input::Bonus(again, Err("boom".into())));
    let effects = run_in(&stager, &mut session, Input::Bonus(owed(&effects), Err("boom".into())));
    assert!(matches!(effects[..], [Effect::Project(_), Effect::ShowScene]), "{effects:?}");
    assert_eq!(session.bonus_lines(&stager), Vec::<String>::new());
}

#[test]
fn a_game_that_was_left_is_scored_all_the_same() {
    let stager = paid();
    let (mut session, game) = playing_for_pay(&stager);
    let effects = run_in(&stager, &mut session, failed(2, true));
    assert!(matches!(
        effects[..],
        [Effect::Report(_), Effect::AbandonGame(..), Effect::Project(_), Effect::ComputeBonus(_)]
    ));
    run_in(&stager, &mut session, Input::Bonus(owed(&effects), Ok(0.0.try_into().unwrap())));
    let late = run_in(&stager, &mut session, Input::GameOver(game, Ending::Failed, scored(1.0), [1; 8]));
    assert_eq!(session.memory().results()[&id("game")], scored(1.0));
    assert_eq!(owed(&late), Owed { visit: 2, scene: Some(id("game")), shows: false });
    let paid = run_in(&stager, &mut session, Input::Bonus(owed(&late), Ok(1.0.try_into().unwrap())));
    let [Effect::Project(target)] = &paid[..] else { panic!("{paid:?}") };
    assert_eq!((target.visit, target.game), (2, Some(game)), "the files of its own visit");
}

#[test]
fn players_with_a_page_of_their_own_are_told_it_before_the_game_begins() {
    let Scene::Gym(mut game) = gym("game", None) else { unreachable!() };
    game.player_pages.bodies = [("human".to_owned(), "<p>Hello</p>".to_owned())].into();
    let stager = with_games(vec![Scene::Gym(game)]);
    let mut session = Session::new(SubjectId::fresh());
    run_in(&stager, &mut session, Input::Arrive(hello(), token(1)));
    run_in(&stager, &mut session, Input::Continue(1, [7; 8]));
    let game = GameId::fresh();
    let told = [Effect::TellGamePage(2, "human".into()), Effect::JoinGame(game, None)];
    assert_eq!(run_in(&stager, &mut session, opened(2, game)), told);
    assert_eq!(run_in(&stager, &mut session, ready(2)), told, "after a reload");
}
