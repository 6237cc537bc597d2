//! What a scene's settings mean for its games.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use rmpv::Value;

use crate::experiment::{ActionPopulation, GymScene, InputMode, Mode, Multiplayer, OnAbsence, OnDesync, Pointer};
use crate::rules::lobby::{self, Absence};
use crate::rules::timeline::{Fallback, Input};
use crate::wire::PointerAct;

/// Beats of the countdown before an episode, and before a paused game goes on: long enough to find the keys.
pub(super) const COUNTDOWN: Duration = Duration::from_millis(2100);

/// Longer than a lost packet and its retransmissions hold up a line; short enough that nobody plays with a ghost.
const SILENCE: Duration = Duration::from_millis(2500);

/// Frames that the service's own copy may be behind the clock in a streamed game: more would be felt as a delay.
const LAG_STREAMED: u32 = 2;

/// The same where browsers have copies of their own, which play on meanwhile.
const LAG: Duration = Duration::from_millis(500);

/// How a scene's games are played.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Number of episodes, at least 1.
    pub episodes: u32,
    /// Of these the first so many are for practice.
    pub tutorial: u32,
    /// Whether the score that is shown goes on from episode to episode.
    pub carry_over: bool,
    /// Most frames of an episode.
    pub max_steps: u32,
    /// Length of a frame.
    pub frame: Duration,
    /// Stillness at the beginning of an episode, after the countdown.
    pub freeze: Duration,
    /// What stands in for a missing input.
    pub fallback: Fallback,
    /// The default action.
    pub default: Input,
    /// Somebody who says nothing for so long while frames are played counts as away.
    pub silence: Duration,
    /// What a bot that the service plays chooses from.
    pub bot_actions: Vec<Input>,
    /// How the game is held together.
    pub multiplayer: Multiplayer,
    /// Where the environment runs.
    pub mode: Mode,
    /// The agents that the bots of the service's own copy play.
    pub policies: BTreeSet<String>,
    /// What the keys of a streamed game do, by the number of the binding.
    pub bindings: Vec<Input>,
    /// How key presses of a streamed game become actions.
    pub input_mode: InputMode,
    /// When a pointer on a streamed game's picture acts, and the picture's width and height; absent where it does not.
    pub pointer: Option<(Pointer, u32, u32)>,
}

impl Terms {
    /// The terms of a scene; `None` when one person plays there, in its own browser.
    pub fn of(scene: &GymScene) -> Option<Self> {
        let multiplayer = scene.group.as_ref()?.multiplayer.clone();
        let gameplay = &scene.gameplay;
        let default = gameplay.default_action.as_ref().map_or_else(|| packed(&Value::Nil), packed);
        let bindings: Vec<Input> = gameplay.action_mapping.iter().map(|(_, action)| packed(action)).collect();
        let mut bot_actions = bindings.clone();
        bot_actions.push(default.clone());
        let bots = scene.policies.iter().filter(|(_, policy)| scene.mode.has_runner() && !policy.is_human());
        Some(Self {
            episodes: gameplay.episodes(),
            tutorial: gameplay.tutorial_episodes,
            carry_over: scene.rendering.hud_score_carry_over,
            max_steps: gameplay.max_steps,
            frame: Duration::from_secs(1) / scene.rendering.fps.max(1),
            freeze: Duration::from_secs_f64(gameplay.reset_freeze_s.clamp(0.0, 3600.0)),
            fallback: match gameplay.action_population_method {
                ActionPopulation::DefaultAction => Fallback::Default,
                ActionPopulation::PreviousSubmittedAction => Fallback::Previous,
            },
            default,
            silence: SILENCE,
            bot_actions,
            multiplayer,
            mode: scene.mode,
            policies: bots.map(|(agent, _)| agent.clone()).collect(),
            bindings,
            input_mode: gameplay.input_mode,
            pointer: gameplay.pointer.map(|mode| (mode, scene.rendering.game_width, scene.rendering.game_height)),
        })
    }

    /// Frames that the service's own copy may be behind the clock.
    pub(super) fn lag(&self) -> u32 {
        let frames = LAG.as_nanos() / self.frame.as_nanos().max(1);
        if self.mode.in_browser() { u32::try_from(frames).unwrap_or(u32::MAX).max(LAG_STREAMED) } else { LAG_STREAMED }
    }

    /// Whether players are sent pictures.
    pub(super) fn streamed(&self) -> bool {
        !self.mode.in_browser()
    }

    /// Whether a pointer may act at this place.
    pub(super) fn takes(&self, place: PointerAct) -> bool {
        self.pointer.is_some_and(|(_, width, height)| place.x < width && place.y < height)
    }

    /// The terms of the lobby, for the agents that people play.
    pub(super) fn lobby(&self, agents: Vec<String>) -> lobby::Terms {
        let multiplayer = &self.multiplayer;
        lobby::Terms {
            agents,
            episodes: self.episodes,
            load: multiplayer.load,
            ready: multiplayer.ready,
            grace: multiplayer.grace,
            patience: multiplayer.patience,
            absence: match multiplayer.on_absence {
                OnAbsence::Pause => Absence::Pause,
                OnAbsence::Continue => Absence::Continue(self.fallback),
                OnAbsence::Bot => Absence::Bot,
            },
            runner: self.mode.has_runner(),
        }
    }

    pub(super) fn ends_on_desync(&self) -> bool {
        self.multiplayer.on_desync == OnDesync::End
    }
}

pub(super) fn packed(value: &Value) -> Input {
    // Writing to memory cannot fail.
    let mut bytes = Vec::new();
    let _ = rmpv::encode::write_value(&mut bytes, value);
    Bytes::from(bytes)
}
