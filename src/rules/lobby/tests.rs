use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn terms(players: usize, absence: Absence) -> Terms {
    Terms {
        agents: (0..players).map(|agent| agent.to_string()).collect(),
        episodes: 2,
        load: 60 * SECOND,
        ready: 20 * SECOND,
        grace: 30 * SECOND,
        patience: 50 * SECOND,
        absence,
        runner: false,
    }
}

/// A lobby, its clock and its record.
#[derive(Clone)]
struct Game {
    lobby: Lobby,
    now: Timestamp,
    record: Vec<(Timestamp, Fact)>,
}

impl Game {
    fn new(terms: Terms) -> Self {
        Self { lobby: Lobby::new(terms, Timestamp(0)), now: Timestamp(0), record: Vec::new() }
    }

    /// A game whose first episode plays; the last player was the first to be ready.
    fn playing(players: usize, absence: Absence) -> Self {
        let mut game = Self::new(terms(players, absence));
        for player in (0..players).rev() {
            game.say(Input::Connected(player));
            game.say(Input::Ready(player, 0));
        }
        assert!(game.lobby.running());
        game
    }

    fn say(&mut self, input: Input) -> Vec<Effect> {
        let decision = self.lobby.decide(self.now, input);
        for fact in decision.facts {
            self.lobby.apply(self.now, &fact);
            self.record.push((self.now, fact));
        }
        self.lobby.check().unwrap();
        decision.effects
    }

    fn after(&mut self, passed: Duration) -> Vec<Effect> {
        self.now = self.now + passed;
        self.say(Input::Tick)
    }

    fn folded(&self) -> Lobby {
        let mut lobby = Lobby::new(self.lobby.terms().clone(), Timestamp(0));
        self.record.iter().for_each(|(at, fact)| lobby.apply(*at, fact));
        lobby
    }
}

#[test]
fn a_game_plays_from_the_start_to_the_end() {
    let mut game = Game::new(terms(2, Absence::Pause));
    game.say(Input::Connected(0));
    game.say(Input::Connected(1));
    assert_eq!(game.say(Input::Ready(1, 0)), [Effect::Host { player: Some(1), from: None }]);
    assert_eq!(game.say(Input::Ready(0, 0)), [Effect::Begin { episode: 0 }], "the first who is ready stays host");
    assert_eq!(game.say(Input::EpisodeOver(1)), []);
    let until = Timestamp(20_000);
    assert_eq!(game.say(Input::EpisodeOver(0)), [Effect::Prepare { episode: 1, until }]);
    assert_eq!(game.say(Input::EpisodeOver(0)), [], "said twice, it is over once");
    game.say(Input::Ready(0, 1));
    assert_eq!(game.say(Input::Ready(1, 0)), [], "ready for the past is not ready");
    assert_eq!(game.say(Input::Ready(1, 1)), [Effect::Begin { episode: 1 }]);
    assert_eq!(game.say(Input::EpisodeOver(1)), [Effect::End { reason: Reason::Complete, by: vec![] }]);
    assert_eq!(game.say(Input::Leave(0)), []);
}

#[test]
fn who_is_not_ready_in_time_ends_it_and_the_others_are_known() {
    let mut game = Game::new(terms(3, Absence::Bot));
    game.say(Input::Connected(0));
    game.say(Input::Ready(0, 0));
    game.say(Input::Connected(1));
    game.say(Input::Loaded(1));
    assert_eq!(game.after(59 * SECOND), []);
    assert_eq!(game.after(SECOND), [Effect::End { reason: Reason::NotReady, by: vec![1, 2] }]);
}

#[test]
fn a_game_with_a_runner_waits_for_it_and_has_no_host() {
    let mut game = Game::new(Terms { runner: true, ..terms(2, Absence::Pause) });
    for player in 0..2 {
        game.say(Input::Connected(player));
        assert_eq!(game.say(Input::Ready(player, 0)), []);
    }
    let mut failed = game.clone();
    assert_eq!(failed.after(60 * SECOND), [Effect::End { reason: Reason::Failed, by: vec![] }]);
    assert_eq!(game.say(Input::RunnerReady(0)), [Effect::Begin { episode: 0 }]);
}

#[test]
fn the_host_moves_to_the_best_who_is_there_and_stays_there() {
    let mut game = Game::playing(4, Absence::Continue(Fallback::Default));
    assert_eq!(game.lobby.host(), Some(3));
    game.lobby.measured(0, Some(20));
    game.lobby.measured(1, Some(40));
    game.lobby.measured(2, Some(90));
    game.lobby.judged(2, false);
    game.lobby.agreed_on(120);
    let until = Timestamp(30_000);
    let effects = game.say(Input::Disconnected(3));
    let by = Some(StandIn::Fallback(Fallback::Default));
    let moved = Effect::Host { player: Some(1), from: Some(120) };
    assert_eq!(effects, [Effect::Away { player: 3, until }, Effect::StandIn { player: 3, by }, moved]);
    assert_eq!(game.say(Input::Connected(3)), [Effect::CatchUp { player: 3, until }]);
    let effects = game.say(Input::CaughtUp(3));
    assert_eq!(effects, [Effect::Back { player: 3 }, Effect::StandIn { player: 3, by: None }]);
    assert_eq!(game.lobby.host(), Some(1));
}

#[test]
fn a_game_that_pauses_goes_on_when_all_have_caught_up() {
    let mut game = Game::playing(2, Absence::Pause);
    assert!(game.say(Input::Disconnected(0)).contains(&Effect::Pause { waiting_for: vec![0] }));
    assert!(game.say(Input::Disconnected(1)).contains(&Effect::Pause { waiting_for: vec![0, 1] }));
    assert!(game.lobby.host().is_none());
    game.after(10 * SECOND);
    game.say(Input::Connected(0));
    game.say(Input::Connected(1));
    assert!(!game.lobby.running());
    let back = game.say(Input::CaughtUp(0));
    assert!(back.contains(&Effect::Host { player: Some(0), from: None }));
    assert!(game.say(Input::CaughtUp(1)).contains(&Effect::Resume));
    game.after(SECOND);
    game.say(Input::Disconnected(0));
    assert_eq!(game.after(30 * SECOND), [Effect::End { reason: Reason::Lost, by: vec![0] }]);
}

#[test]
fn a_game_never_plays_for_nobody() {
    let mut game = Game::playing(2, Absence::Bot);
    game.say(Input::Disconnected(0));
    assert!(game.lobby.running());
    assert!(game.say(Input::Disconnected(1)).contains(&Effect::Pause { waiting_for: vec![0, 1] }));
}

#[test]
fn a_connection_that_breaks_all_the_time_uses_up_the_patience() {
    let mut game = Game::playing(2, Absence::Pause);
    let mut breaks = 0;
    while !game.lobby.over() {
        game.say(Input::Disconnected(0));
        game.say(Input::Connected(0));
        game.say(Input::CaughtUp(0));
        game.after(Duration::from_millis(10));
        breaks += 1;
        assert!(breaks < 100);
    }
    assert_eq!(breaks, 51);
}

#[test]
fn after_a_restart_everybody_is_waited_for_and_nobody_for_ever() {
    let mut game = Game::playing(2, Absence::Bot);
    game.lobby = game.folded();
    let effects = game.say(Input::Restarted);
    assert!(effects.contains(&Effect::Pause { waiting_for: vec![0, 1] }));
    assert!((0..2).all(|player| matches!(game.lobby.presence(player), Presence::Away { .. })));
    let mut forgotten = game.clone();
    assert_eq!(forgotten.after(30 * SECOND), [Effect::End { reason: Reason::Lost, by: vec![0, 1] }]);
    game.say(Input::Connected(1));
    assert!(game.say(Input::CaughtUp(1)).contains(&Effect::Resume));
}

#[test]
fn another_tab_has_to_catch_up() {
    let mut game = Game::playing(2, Absence::Pause);
    let effects = game.say(Input::Connected(0));
    let until = Timestamp(30_000);
    assert_eq!(effects, [Effect::CatchUp { player: 0, until }, Effect::Pause { waiting_for: vec![0] }]);
}

#[test]
fn coming_back_at_the_last_moment_leaves_time_to_load() {
    let mut game = Game::playing(2, Absence::Pause);
    game.say(Input::Disconnected(0));
    game.after(29 * SECOND);
    assert_eq!(game.say(Input::Connected(0)), [Effect::CatchUp { player: 0, until: Timestamp(49_000) }]);
    let mut between = Game::playing(2, Absence::Pause);
    between.say(Input::Disconnected(0));
    between.say(Input::EpisodeOver(0));
    between.say(Input::Ready(1, 1));
    between.after(25 * SECOND);
    assert!(!between.lobby.over(), "the grace period counts, not the barrier");
    between.say(Input::Connected(0));
    between.after(19 * SECOND);
    assert_eq!(between.say(Input::Ready(0, 1)), [Effect::Begin { episode: 1 }]);
}

fn inputs() -> impl Strategy<Value = Vec<(u64, Input)>> {
    let player = || 0_usize..3;
    let episode = || 0_u32..2;
    let any = prop_oneof![
        12 => player().prop_map(Input::Connected),
        2 => player().prop_map(Input::Loaded),
        20 => (player(), episode()).prop_map(|(player, episode)| Input::Ready(player, episode)),
        6 => episode().prop_map(Input::RunnerReady),
        8 => player().prop_map(Input::CaughtUp),
        6 => player().prop_map(Input::Disconnected),
        2 => episode().prop_map(Input::EpisodeOver),
        1 => Just(Input::Restarted),
        4 => Just(Input::Tick),
    ];
    let passed = prop_oneof![3 => 0_u64..500, 1 => 0_u64..20_000];
    (prop::collection::vec((passed, any), 0..120), prop::option::weighted(0.1, player())).prop_map(
        |(mut all, leaves)| {
            all.extend(leaves.map(|player| (0, Input::Leave(player))));
            all
        },
    )
}

fn absences() -> impl Strategy<Value = Absence> {
    prop_oneof![Just(Absence::Pause), Just(Absence::Continue(Fallback::Previous)), Just(Absence::Bot)]
}

/// What an actor that only carries out effects would believe.
#[derive(Default)]
struct Believed {
    begun: u32,
    clock: bool,
    host: Option<usize>,
    stood_in: [bool; 3],
    ended: u32,
}

impl Believed {
    fn carry_out(&mut self, effects: &[Effect]) -> Result<(), TestCaseError> {
        for effect in effects {
            prop_assert_eq!(self.ended, 0, "something follows the end");
            match effect {
                Effect::Begin { episode } => {
                    prop_assert_eq!(*episode, self.begun, "an episode begins twice or is left out");
                    self.begun += 1;
                    self.clock = true;
                }
                Effect::Prepare { .. } => self.clock = false,
                Effect::Pause { waiting_for } => {
                    prop_assert!(!waiting_for.is_empty());
                    self.clock = false;
                }
                Effect::Resume => {
                    prop_assert!(!self.clock);
                    self.clock = true;
                }
                Effect::Host { player, .. } => {
                    prop_assert!(*player != self.host);
                    self.host = *player;
                }
                Effect::StandIn { player, by } => {
                    prop_assert!(self.stood_in[*player] != by.is_some());
                    self.stood_in[*player] = by.is_some();
                }
                Effect::End { .. } => self.ended += 1,
                Effect::Away { .. } | Effect::Back { .. } | Effect::CatchUp { .. } => {}
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Whatever happens: the invariants hold, the facts make the state, who only carries out the effects knows where
    /// things stand; and from there on, with time passing and nothing else, the game ends or plays.
    #[test]
    fn nobody_waits_for_ever(inputs in inputs(), players in 1_usize..4, absence in absences(), runner: bool) {
        let mut game = Game::new(Terms { runner, ..terms(players, absence) });
        let mut believed = Believed::default();
        let seat = |input: &Input| match input {
            Input::Connected(player) | Input::Loaded(player) | Input::Ready(player, _) | Input::CaughtUp(player)
            | Input::Disconnected(player) | Input::Leave(player) => *player,
            _ => 0,
        };
        for (passed, input) in inputs.into_iter().filter(|(_, input)| seat(input) < players) {
            game.now = game.now + Duration::from_millis(passed);
            if input == Input::Restarted {
                game.lobby = game.folded();
            }
            let effects = game.say(input);
            believed.carry_out(&effects)?;
            prop_assert_eq!(game.lobby.check(), Ok(()));
            if !game.lobby.over() {
                prop_assert_eq!(believed.clock, game.lobby.running());
                prop_assert_eq!(believed.host, game.lobby.host());
                for player in 0..players {
                    prop_assert_eq!(believed.stood_in[player], game.lobby.stand_in(player).is_some());
                }
            }
            let again = game.lobby.decide(game.now, Input::Tick);
            prop_assert_eq!(again, Decision::default(), "a decision was left half done");
        }
        prop_assert_eq!(&game.folded(), &game.lobby, "the state is not what the facts make of it");

        let quiet_since = game.now;
        while let Some(deadline) = game.lobby.deadline() {
            prop_assert!(deadline > game.now, "a deadline has passed unseen");
            game.now = deadline;
            let effects = game.say(Input::Tick);
            believed.carry_out(&effects)?;
        }
        prop_assert!(game.lobby.over() || game.lobby.running());
        prop_assert_eq!(believed.ended == 1, game.lobby.over());
        prop_assert!(game.now.since(quiet_since) <= 110 * SECOND);
    }
}
