//! Games for several people: how they find each other, and how their game is held together.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::SceneId;

/// What a scene for several people has beside other game scenes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// How players find each other.
    pub waiting_room: WaitingRoom,
    /// How their game is held together.
    pub multiplayer: Multiplayer,
}

/// How the people of a scene find each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitingRoom {
    /// Longest wait.
    #[serde(rename = "timeout_ms", with = "milliseconds")]
    pub timeout: Duration,
    /// What follows for somebody who has waited in vain.
    pub on_timeout: OnTimeout,
    /// What somebody reads who has waited in vain; HTML. A text of our own when absent.
    pub timeout_message: Option<String>,
    /// Who plays with whom.
    pub matching: Matching,
    /// Whether waiting people are not told how many they are.
    pub hide_lobby_count: bool,
}

/// What follows for somebody who has waited in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnTimeout {
    /// A game in which bots take the empty seats.
    Bot,
    /// Another scene, further on in the study.
    Scene(SceneId),
    /// The last scene, with a code for the wait.
    End,
}

/// Who plays with whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "matchmaker", rename_all = "snake_case")]
pub enum Matching {
    /// Who came first plays first.
    Fifo,
    /// The same, with those whose connections fit together.
    LatencyFifo {
        /// The round trips to the service add up to at most this.
        #[serde(default, with = "maybe_milliseconds")]
        max_sum: Option<Duration>,
        /// The round trips differ by at most this.
        #[serde(default, with = "maybe_milliseconds")]
        max_difference: Option<Duration>,
    },
    /// Those who played together before play together again.
    GroupReunion {
        /// Who matches those without a history, and those whose partners did not come; nobody when absent.
        fallback: Option<Box<Matching>>,
        /// How long somebody with a history waits for its partners before the fallback takes over.
        #[serde(with = "milliseconds")]
        patience: Duration,
    },
    /// A function of the experiment module.
    Function {
        /// Its name, for logs and data.
        name: String,
    },
}

/// How a game of several people is held together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Multiplayer {
    /// Frames between a key press and the frame it is for, at least.
    pub input_delay: u32,
    /// Most frames that a copy runs ahead of the confirmed ones.
    pub max_prediction: u32,
    /// Frames between two states that a copy keeps to roll back to.
    pub snapshot_interval: u32,
    /// Frames between two comparisons of the copies.
    pub hash_interval: u32,
    /// In authoritative mode, frames between two states of the service's copy that all browsers adopt.
    pub state_broadcast_interval: u32,
    /// Time over which a correction of the picture is spread; zero for none.
    #[serde(rename = "rollback_smoothing_duration_ms", with = "milliseconds")]
    pub smoothing: Duration,
    /// What follows when a copy differs from the reference.
    pub on_desync: OnDesync,
    /// What happens while a player is away.
    pub on_absence: OnAbsence,
    /// Longest single absence.
    #[serde(rename = "reconnection_timeout_ms", with = "milliseconds")]
    pub grace: Duration,
    /// Longest time that a player may be away in the whole game.
    #[serde(rename = "absence_limit_ms", with = "milliseconds")]
    pub patience: Duration,
    /// Longest time from the match until everybody is ready for the first episode.
    #[serde(rename = "load_timeout_ms", with = "milliseconds")]
    pub load: Duration,
    /// Longest time until everybody is ready for the next episode.
    #[serde(rename = "ready_timeout_ms", with = "milliseconds")]
    pub ready: Duration,
    /// What players read whose partner is lost; HTML. A text of our own when absent.
    pub partner_disconnect_message: Option<String>,
}

/// What follows when a copy differs from the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDesync {
    /// It adopts the reference's state.
    Heal,
    /// The game ends.
    End,
}

/// What happens while a player is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnAbsence {
    /// The game pauses.
    Pause,
    /// The game goes on; the scene's `action_population_method` tells what stands in for the player's actions.
    Continue,
    /// The game goes on; a bot draws actions from the scene's `action_mapping`.
    Bot,
}

impl OnTimeout {
    /// The scene that it names.
    pub fn scene(&self) -> Option<&SceneId> {
        match self {
            Self::Scene(scene) => Some(scene),
            Self::Bot | Self::End => None,
        }
    }
}

impl Default for WaitingRoom {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(120),
            on_timeout: OnTimeout::End,
            timeout_message: None,
            matching: Matching::Fifo,
            hide_lobby_count: false,
        }
    }
}

impl Default for Multiplayer {
    fn default() -> Self {
        Self {
            input_delay: 0,
            max_prediction: 8,
            snapshot_interval: 3,
            hash_interval: 30,
            state_broadcast_interval: 30,
            smoothing: Duration::from_millis(100),
            on_desync: OnDesync::Heal,
            on_absence: OnAbsence::Pause,
            grace: Duration::from_secs(30),
            patience: Duration::from_secs(90),
            load: Duration::from_secs(60),
            ready: Duration::from_secs(30),
            partner_disconnect_message: None,
        }
    }
}

/// Durations as a number of milliseconds.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// The same where there may be none.
mod maybe_milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::ref_option, reason = "serde hands it over like this")]
    pub fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::milliseconds::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}
