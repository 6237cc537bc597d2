//! The episodes of a game: which step comes next, when an episode is over, and when the game is.
//!
//! A browser may send steps twice (after a reconnection) or with a hole (after a fault): each step is stored exactly once
//! and in order, whatever it sends.

use serde::Serialize;
use serde_bytes::ByteBuf;
use serde_json::{Map, Value};

use crate::facts::{Entry, Fact, GameFact, Outcome, Payload, Recorded, Stream};
use crate::ids::{GameId, SceneId, SubjectId};
use crate::rules::globals::Pool;
use crate::rules::memory::EpisodeResult;
use crate::rules::scores::Scores;
use crate::rules::seeds::episode_seed;
use crate::time::Timestamp;
use crate::wire::row::Row;
use crate::wire::{Acknowledged, EpisodeEnded, Play, RefusalCode, Refused, Steps, Timing};

/// How long a game of a scene is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// Number of episodes, at least 1.
    pub episodes: u32,
    /// Most steps of an episode.
    pub max_steps: u32,
    /// Of the episodes, the first so many are for practice.
    pub tutorial: u32,
    /// Whether the score that is shown goes on from episode to episode.
    pub carry_over: bool,
}

/// One game of one participant.
#[derive(Debug, Clone)]
pub struct Episodes {
    game: GameId,
    length: Length,
    opened: Option<Opened>,
    episode: u32,
    stored: u32,
    timed: bool,
    outcome: Option<Outcome>,
    globals: Pool,
    scores: Scores,
}

#[derive(Debug, Clone)]
struct Opened {
    scene: SceneId,
    visit: u32,
    subject: Option<SubjectId>,
    agent: String,
    seed: u32,
}

/// What can happen to a game.
#[derive(Debug)]
pub enum Input {
    /// Its player is there, for the first time or again.
    Join,
    /// Steps came.
    Steps(Steps),
    /// An episode is said to be over.
    EpisodeEnded(EpisodeEnded),
    /// The browser reports how well it kept the frame rate.
    Timing(Timing),
    /// The game is given up.
    Abandon,
}

/// What its actor has to do, once the facts are stored.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Tell the player that steps are stored.
    Acknowledge(Acknowledged),
    /// Tell the player to play the current episode.
    Play,
    /// Tell the player that a message was refused.
    Refuse(Refused),
    /// Write the files anew.
    Project,
    /// Tell the participant that the game is over.
    Over(Outcome),
}

/// Facts to store, then effects to carry out.
#[derive(Debug, Default)]
pub struct Decision {
    /// To be stored, in this order, before anything else.
    pub entries: Vec<Entry>,
    /// To be carried out after that, in this order.
    pub effects: Vec<Effect>,
}

/// What can be seen of a game.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// The current episode, counted from 0.
    pub episode: u32,
    /// Steps stored of it.
    pub steps: u32,
    /// How the game ended, if it did.
    pub outcome: Option<Outcome>,
}

impl Episodes {
    /// A game of which no fact is known yet.
    pub fn new(game: GameId, length: Length) -> Self {
        Self {
            game,
            length,
            opened: None,
            episode: 0,
            stored: 0,
            timed: false,
            outcome: None,
            globals: Pool::default(),
            scores: Scores::default(),
        }
    }

    /// The first fact of a game.
    pub fn open(
        &self,
        now: Timestamp,
        scene: SceneId,
        visit: u32,
        agent: String,
        subject: SubjectId,
        seed: u32,
    ) -> Entry {
        let players = [(agent, subject)].into();
        self.entry(now, GameFact::GameOpened { scene, visit, players, seed })
    }

    fn entry(&self, at: Timestamp, fact: GameFact) -> Entry {
        Entry { stream: Stream::Game(self.game), at, fact: fact.into(), payload: Payload::None }
    }

    /// What can be seen of the game.
    pub fn view(&self) -> View {
        View { episode: self.episode, steps: self.stored, outcome: self.outcome }
    }

    /// The game's id.
    pub fn game(&self) -> GameId {
        self.game
    }

    /// How the game ended, if it did.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// What has become of the values that the player shares with other scenes; nothing in a study without.
    pub fn globals(&self) -> Option<Map<String, Value>> {
        self.globals.of(&self.opened.as_ref()?.agent)
    }

    /// How its player did, by episode.
    pub fn results(&self) -> Vec<EpisodeResult> {
        self.opened.as_ref().map(|opened| self.scores.of(&opened.agent)).unwrap_or_default()
    }

    /// Scene, visit and player, once the game is open.
    pub fn place(&self) -> Option<(&SceneId, u32, &SubjectId)> {
        let opened = self.opened.as_ref()?;
        Some((&opened.scene, opened.visit, opened.subject.as_ref()?))
    }

    /// What the player needs to play the current episode, or to go on with it, but for the rows that are stored: they stay
    /// in the journal, so that a game in memory is small however long it is.
    pub fn play(&self) -> Option<Play> {
        let opened = self.opened.as_ref()?;
        Some(Play {
            visit: opened.visit,
            game: self.game,
            episode: self.episode,
            seed: episode_seed(opened.seed, self.episode),
            rows: Vec::new(),
            globals: self.globals.text_at(self.episode),
            score_before: self.length.carry_over.then(|| self.scores.before(&opened.agent, self.episode)),
        })
    }

    /// Turns an input into facts and effects; changes nothing.
    pub fn decide(&self, now: Timestamp, input: Input) -> Decision {
        let mut decision = Decision::default();
        match input {
            Input::Join => decision.effects.push(match self.outcome {
                None => Effect::Play,
                Some(outcome) => Effect::Over(outcome),
            }),
            Input::Steps(steps) => self.decide_steps(now, steps, &mut decision),
            Input::EpisodeEnded(ended) => self.decide_end(now, ended, &mut decision),
            Input::Timing(timing) => {
                let news = timing.episode == self.episode && !self.timed;
                if self.opened.is_some() && timing.game == self.game && news {
                    decision.entries.push(self.entry(now, GameFact::TimingReported { timing }));
                }
            }
            Input::Abandon => {
                if self.outcome.is_none() {
                    let outcome = Outcome::Failed;
                    decision.entries.push(self.entry(now, GameFact::GameEnded { outcome }));
                    decision.effects.extend([Effect::Project, Effect::Over(outcome)]);
                }
            }
        }
        decision
    }

    fn decide_steps(&self, now: Timestamp, sent: Steps, decision: &mut Decision) {
        let refuse = |code, message: String| Effect::Refuse(Refused { code, message });
        let stored = self.stored;
        if self.outcome.is_some() || sent.episode < self.episode {
            return; // Sent again after a reconnection; all of it is stored.
        }
        if sent.game != self.game || sent.episode > self.episode {
            let message = format!("episode {} of game {} has not begun", sent.episode, sent.game);
            decision.effects.push(refuse(RefusalCode::OutOfPlace, message));
            return;
        }
        if sent.first > stored {
            let message = format!("steps {stored} to {} are missing; send them first", sent.first - 1);
            decision.effects.push(refuse(RefusalCode::Gap, message));
            return;
        }
        let known = (stored - sent.first) as usize;
        let steps: Vec<_> = sent.steps.into_iter().skip(known).collect();
        for (t, step) in (stored..).zip(&steps) {
            let problem = match Row::try_from(&step.row) {
                Ok(row) if row.t != t => format!("the row of step {t} has t = {}", row.t),
                Ok(_) if t >= self.length.max_steps => {
                    format!("an episode has at most {} steps", self.length.max_steps)
                }
                Ok(_) => continue,
                Err(error) => format!("step {t}: {error}"),
            };
            decision.effects.push(refuse(RefusalCode::Malformed, problem));
            return;
        }
        let count = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        if count > 0 {
            let fact = GameFact::StepsAccepted { episode: self.episode, first: stored, count };
            let last = steps.last().and_then(|step| Row::try_from(&step.row).ok());
            let left = last.and_then(|row| self.globals.left(self.episode, &row));
            decision.entries.push(Entry { payload: Payload::Steps(steps), ..self.entry(now, fact) });
            decision.entries.extend(left.map(|left| self.entry(now, left)));
        }
        decision.effects.push(Effect::Acknowledge(Acknowledged {
            game: self.game,
            episode: self.episode,
            steps: stored + count,
        }));
    }

    fn decide_end(&self, now: Timestamp, ended: EpisodeEnded, decision: &mut Decision) {
        let stored = self.stored;
        if self.outcome.is_some() || ended.episode < self.episode {
            return; // Sent again after a reconnection.
        }
        let code = if ended.game != self.game || ended.episode > self.episode || ended.steps < stored || stored == 0 {
            RefusalCode::OutOfPlace
        } else if ended.steps > stored {
            RefusalCode::Gap
        } else {
            let fact = GameFact::EpisodeEnded { episode: self.episode, steps: stored };
            decision.entries.push(self.entry(now, fact));
            decision.effects.push(Effect::Project);
            if self.episode + 1 < self.length.episodes {
                decision.effects.push(Effect::Play);
            } else {
                let outcome = Outcome::Complete;
                decision.entries.push(self.entry(now, GameFact::GameEnded { outcome }));
                decision.effects.push(Effect::Over(outcome));
            }
            return;
        };
        let message = format!(
            "episode {} cannot end with {} steps: {stored} steps of episode {} are stored",
            ended.episode, ended.steps, self.episode
        );
        decision.effects.push(Effect::Refuse(Refused { code, message }));
    }

    /// A fact of this game was stored, now or long ago.
    pub fn apply(&mut self, fact: &Fact, payload: &Payload) {
        let Fact::Game(fact) = fact else { return };
        self.globals.apply(fact);
        self.scores.apply(fact, payload);
        match fact {
            GameFact::GameOpened { scene, visit, players, seed } => {
                let (agent, subject) =
                    players.iter().next().map(|(agent, subject)| (agent.clone(), subject.clone())).unzip();
                let agent = agent.unwrap_or_default();
                self.scores = Scores::new(self.length.tutorial, vec![agent.clone()]);
                self.opened = Some(Opened { scene: scene.clone(), visit: *visit, subject, agent, seed: *seed });
            }
            GameFact::StepsAccepted { first, count, .. } => self.stored = first + count,
            GameFact::EpisodeEnded { episode, .. } => {
                self.episode = episode + 1;
                self.stored = 0;
                self.timed = false;
            }
            GameFact::GameEnded { outcome } => self.outcome = Some(*outcome),
            GameFact::TimingReported { .. } => self.timed = true,
            // Of games for several players.
            _ => {}
        }
    }
}

/// The rows of an episode that are stored, oldest first, from all facts of the game.
pub fn rows_of(facts: &[Recorded], of: u32) -> Vec<ByteBuf> {
    let steps = facts.iter().filter_map(|recorded| match recorded.fact {
        Fact::Game(GameFact::StepsAccepted { episode, .. }) if episode == of => Some(recorded.payload.steps()),
        _ => None,
    });
    steps.flatten().map(|step| step.row.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Step;
    use proptest::prelude::*;

    const LENGTH: Length = Length { episodes: 2, max_steps: 20, tutorial: 1, carry_over: true };

    fn opened() -> Episodes {
        let mut game = Episodes::new(GameId::fresh(), LENGTH);
        let entry = game.open(Timestamp(0), "s".parse().unwrap(), 2, "human".into(), SubjectId::fresh(), 7);
        game.apply(&entry.fact, &entry.payload);
        game
    }

    fn step(t: u32) -> Step {
        let row = rmpv::Value::Map(vec![("t".into(), t.into())]);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &row).unwrap();
        Step { row: ByteBuf::from(bytes), at: f64::from(t).try_into().unwrap(), focused: true }
    }

    fn steps(game: &Episodes, episode: u32, range: std::ops::Range<u32>) -> Input {
        Input::Steps(Steps { game: game.game, episode, first: range.start, steps: range.map(step).collect() })
    }

    fn run(game: &mut Episodes, input: Input) -> Vec<Effect> {
        run_and_store(game, input, &mut Vec::new())
    }

    fn run_and_store(game: &mut Episodes, input: Input, journal: &mut Vec<Recorded>) -> Vec<Effect> {
        let Decision { entries, effects } = game.decide(Timestamp(0), input);
        for Entry { at, fact, payload, .. } in entries {
            game.apply(&fact, &payload);
            journal.push(Recorded { at, fact, payload });
        }
        effects
    }

    fn refusal(effects: &[Effect]) -> Option<RefusalCode> {
        effects.iter().find_map(|effect| match effect {
            Effect::Refuse(refused) => Some(refused.code),
            _ => None,
        })
    }

    #[test]
    fn a_game_is_over_after_its_last_episode() {
        let mut game = opened();
        for episode in 0..2 {
            let first = steps(&game, episode, 0..5);
            run(&mut game, first);
            let ended = EpisodeEnded { game: game.game, episode, steps: 5 };
            let effects = run(&mut game, Input::EpisodeEnded(ended));
            let last = if episode == 0 { Effect::Play } else { Effect::Over(Outcome::Complete) };
            assert_eq!(effects, [Effect::Project, last]);
            assert_eq!(run(&mut game, Input::EpisodeEnded(ended)), [], "said twice, it ends once");
        }
        assert_eq!(game.outcome(), Some(Outcome::Complete));
    }

    #[test]
    fn what_cannot_be_is_refused_and_changes_nothing() {
        let mut game = opened();
        let first = steps(&game, 0, 0..5);
        run(&mut game, first);
        let ended =
            |game: &Episodes, episode, steps| Input::EpisodeEnded(EpisodeEnded { game: game.game, episode, steps });
        let wrong_t = Input::Steps(Steps { game: game.game, episode: 0, first: 5, steps: vec![step(9)] });
        let cases = [
            (steps(&game, 0, 7..9), RefusalCode::Gap),
            (steps(&game, 1, 0..1), RefusalCode::OutOfPlace),
            (steps(&game, 0, 5..21), RefusalCode::Malformed),
            (wrong_t, RefusalCode::Malformed),
            (ended(&game, 0, 9), RefusalCode::Gap),
            (ended(&game, 0, 4), RefusalCode::OutOfPlace),
            (ended(&game, 1, 5), RefusalCode::OutOfPlace),
        ];
        for (input, code) in cases {
            let said = format!("{input:?}");
            let effects = run(&mut game, input);
            assert_eq!(refusal(&effects), Some(code), "{said:.80}");
            assert_eq!(game.view(), View { episode: 0, steps: 5, outcome: None });
        }
    }

    proptest! {
        /// Whatever batches come, in whatever order and however often: the stored rows are 0, 1, 2, … without gap or
        /// double, an acknowledgement never promises more than is stored, and sending from there on always works.
        #[test]
        fn each_step_is_stored_once_and_in_order(
            batches in prop::collection::vec((0_u32..2, 0_u32..20, 0_u32..8), 0..60),
        ) {
            let (mut game, mut journal) = (opened(), Vec::new());
            for (episode, first, count) in batches {
                let input = steps(&game, episode, first..(first + count).min(LENGTH.max_steps).max(first));
                let before = game.view();
                let effects = run_and_store(&mut game, input, &mut journal);
                prop_assert!(game.view().steps >= before.steps);
                for effect in effects {
                    if let Effect::Acknowledge(ack) = effect {
                        prop_assert_eq!(ack.steps, game.view().steps);
                    }
                }
                let expected: Vec<_> = (0..game.view().steps).map(|t| step(t).row).collect();
                prop_assert_eq!(rows_of(&journal, 0), expected);
            }
            let next = game.view().steps;
            if next < LENGTH.max_steps {
                let input = steps(&game, 0, next..next + 1);
                prop_assert_eq!(refusal(&run(&mut game, input)), None);
            }
        }
    }
}
