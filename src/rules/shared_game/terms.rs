//! What a scene's settings mean for its games.

use std::time::Duration;

use bytes::Bytes;
use rmpv::Value;

use crate::experiment::{ActionPopulation, GymScene, Multiplayer, OnAbsence, OnDesync};
use crate::rules::lobby::{self, Absence};
use crate::rules::timeline::{Fallback, Input};

/// Beats of the countdown before an episode, and before a paused game goes on: long enough to find the keys.
pub(super) const COUNTDOWN: Duration = Duration::from_millis(2100);

/// Longer than a lost packet and its retransmissions hold up a line; short enough that nobody plays with a ghost.
const SILENCE: Duration = Duration::from_millis(2500);

/// How a scene's games are played.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Number of episodes, at least 1.
    pub episodes: u32,
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
}

impl Terms {
    /// The terms of a scene; `None` when one person plays there.
    pub fn of(scene: &GymScene) -> Option<Self> {
        let multiplayer = scene.group.as_ref()?.multiplayer.clone();
        let gameplay = &scene.gameplay;
        let default = gameplay.default_action.as_ref().map_or_else(|| packed(&Value::Nil), packed);
        let mut bot_actions: Vec<Input> = gameplay.action_mapping.iter().map(|(_, action)| packed(action)).collect();
        bot_actions.push(default.clone());
        Some(Self {
            episodes: gameplay.num_episodes,
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
        })
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
            runner: false,
        }
    }

    pub(super) fn ends_on_desync(&self) -> bool {
        self.multiplayer.on_desync == OnDesync::End
    }
}

fn packed(value: &Value) -> Input {
    // Writing to memory cannot fail.
    let mut bytes = Vec::new();
    let _ = rmpv::encode::write_value(&mut bytes, value);
    Bytes::from(bytes)
}
