//! What a researcher's callback can be told of.

use std::collections::BTreeMap;

use super::known::{Game, Person};
use crate::facts::Visitor;
use crate::ids::{GameId, SceneId, SubjectId};
use crate::time::Timestamp;

macro_rules! hooks {
    ($($(#[$doc:meta])* $hook:ident = $name:literal),+ $(,)?) => {
        /// What a callback can be called for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Hook {
            $($(#[$doc])* $hook,)+
        }

        impl Hook {
            /// All of them, in the order of a study.
            pub const ALL: &'static [Self] = &[$(Self::$hook,)+];

            /// The name of its method.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$hook => $name,)+
                }
            }
        }
    };
}

hooks! {
    /// A participant came for the first time.
    ParticipantJoin = "on_participant_join",
    /// A participant came back on a new connection.
    ParticipantReturn = "on_participant_return",
    /// A participant entered a scene.
    SceneStart = "on_scene_start",
    /// A participant left a scene for the next one.
    SceneEnd = "on_scene_end",
    /// Somebody waits for others, or for a place on the service.
    WaitroomJoin = "on_waitroom_join",
    /// Somebody left the waiting room without a game.
    WaitroomLeave = "on_waitroom_leave",
    /// Somebody has waited in vain.
    WaitroomTimeout = "on_waitroom_timeout",
    /// Somebody's waiting led to a game.
    WaitroomEnd = "on_waitroom_end",
    /// A game was made.
    GameStart = "on_game_start",
    /// A game is over.
    GameEnd = "on_game_end",
    /// An episode began.
    EpisodeStart = "on_episode_start",
    /// An episode is over.
    EpisodeEnd = "on_episode_end",
    /// A player of a game is away.
    PlayerAway = "on_player_away",
    /// A player of a game is back.
    PlayerBack = "on_player_back",
    /// A player's copy of the environment differs from the reference.
    Desync = "on_desync",
}

/// Something that happened. What does not apply is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub hook: Hook,
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub subject: Option<SubjectId>,
    /// In which of its visits.
    pub visit: Option<u32>,
    /// In which scene.
    pub scene: Option<SceneId>,
    /// In which game.
    pub game: Option<GameId>,
    /// In which episode, counted from 0.
    pub episode: Option<u32>,
    /// Steps of the episode; of a copy that differs: those that led to the state.
    pub steps: Option<u32>,
    /// Who plays which agent; a bot where nobody does.
    pub players: Option<BTreeMap<String, Option<SubjectId>>>,
    /// Why, in a word.
    pub reason: Option<String>,
}

impl Event {
    pub(super) fn new(hook: Hook, at: Timestamp) -> Self {
        Self {
            hook,
            at,
            subject: None,
            visit: None,
            scene: None,
            game: None,
            episode: None,
            steps: None,
            players: None,
            reason: None,
        }
    }

    pub(super) fn of(self, id: GameId, game: &Game) -> Self {
        let event = Self { game: Some(id), scene: Some(game.scene.clone()), players: Some(game.players()), ..self };
        event.about(game.alone())
    }

    pub(super) fn about(self, player: Option<&Visitor>) -> Self {
        match player {
            Some(Visitor { subject, visit }) => Self { subject: Some(subject.clone()), visit: Some(*visit), ..self },
            None => self,
        }
    }

    pub(super) fn in_visit(self, person: Option<&Person>) -> Self {
        match person {
            Some(Person { visit, scene, .. }) => Self { visit: Some(*visit), scene: Some(scene.clone()), ..self },
            None => self,
        }
    }
}
