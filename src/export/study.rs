//! A study as its record has it, game by game and participant by participant.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::ExportError;
use crate::facts::{Fact, GameFact, Journal, Recorded, SeatTaken, Stream, StudyFact, Visitor};
use crate::ids::{GameId, SceneId, SubjectId};
use crate::store::SqliteJournal;
use crate::store::files::shared::Shared;
use crate::store::files::table::{Line, lines_of_one_player};
use crate::time::Timestamp;

/// A study's record at one moment.
#[derive(Debug)]
pub(super) struct Study {
    pub(super) journal: SqliteJournal,
    /// Its `experiment_id`.
    pub(super) id: String,
    /// What it consisted of, and from when on; the oldest first.
    forms: Vec<(Timestamp, Value)>,
    /// Of which scenes; all when empty.
    wanted: BTreeSet<SceneId>,
}

/// A game.
#[derive(Debug)]
pub(super) struct Game {
    pub(super) id: GameId,
    pub(super) facts: Vec<Recorded>,
}

/// What is known of a game from its first fact and the study.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) begun: Timestamp,
    pub(super) scene: &'a SceneId,
    /// `browser`, `authoritative` or `streamed`; not known of a record from before studies were kept.
    pub(super) mode: Option<String>,
    pub(super) seed: u32,
    pub(super) seats: Vec<Seat>,
    /// The policies of the scene by agent, as far as they are known.
    policies: Value,
    /// Its first so many episodes were for practice.
    pub(super) tutorial: u64,
}

/// Who plays an agent whose inputs are those of somebody.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) agent: String,
    pub(super) player: Option<Visitor>,
}

impl Study {
    /// The record in a study's folder, as it is now.
    pub(super) fn open(folder: &Path, wanted: BTreeSet<SceneId>) -> Result<Self, ExportError> {
        let path = journal_of(folder);
        let mut journal = SqliteJournal::open_to_read(&path)?;
        journal.hold_still(&path)?;
        let forms = journal.read(&Stream::Study)?.into_iter().filter_map(|recorded| match recorded.fact {
            Fact::Study(StudyFact::StudyOpened { experiment, .. }) => Some((recorded.at, experiment)),
            _ => None,
        });
        let forms: Vec<_> = forms.collect();
        let id = forms.last().and_then(|(_, form)| form["id"].as_str()).map(str::to_owned);
        let id = id.or_else(|| Some(folder.canonicalize().ok()?.file_name()?.to_string_lossy().into_owned()));
        let study = Self { journal, id: id.unwrap_or_default(), forms, wanted };
        study.check_scenes()?;
        Ok(study)
    }

    fn check_scenes(&self) -> Result<(), ExportError> {
        // Without any form nobody can say which scenes there are.
        let known: BTreeSet<&str> = self.forms.iter().flat_map(|(_, form)| scenes(form)).filter_map(id_of).collect();
        match self.wanted.iter().find(|scene| !known.contains(scene.as_str())) {
            Some(scene) if !known.is_empty() => Err(ExportError::NoScene {
                scene: scene.clone(),
                known: known.into_iter().collect::<Vec<_>>().join(", "),
            }),
            _ => Ok(()),
        }
    }

    /// Whether a scene is to be exported.
    pub(super) fn wants(&self, scene: &SceneId) -> bool {
        self.wanted.is_empty() || self.wanted.contains(scene)
    }

    /// Whether all scenes are to be exported.
    pub(super) fn wants_all(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Whether the record has what the study consisted of.
    pub(super) fn is_kept(&self) -> bool {
        !self.forms.is_empty()
    }

    /// Whether some scene has this id.
    pub(super) fn has_scene(&self, id: &str) -> bool {
        self.forms.iter().flat_map(|(_, form)| scenes(form)).any(|scene| id_of(scene) == Some(id))
    }

    /// All options of a scene, as it was at that time.
    pub(super) fn scene(&self, scene: &SceneId, at: Timestamp) -> Option<&Value> {
        scenes(self.form(at)?).find(|form| id_of(form) == Some(scene.as_str()))
    }

    /// What the study consisted of at that time.
    pub(super) fn form(&self, at: Timestamp) -> Option<&Value> {
        let before = self.forms.iter().rev().find(|(from, _)| *from <= at);
        before.or(self.forms.first()).map(|(_, form)| form)
    }

    /// What the study consisted of, the oldest first.
    pub(super) fn forms(&self) -> impl Iterator<Item = &Value> {
        self.forms.iter().map(|(_, form)| form)
    }

    /// The first game after this one.
    pub(super) fn next_game(&mut self, after: Option<GameId>) -> Result<Option<Game>, ExportError> {
        let Some(id) = self.journal.next_game(after).map_err(unreadable)? else { return Ok(None) };
        Ok(Some(Game { id, facts: self.journal.read(&Stream::Game(id))? }))
    }

    /// Calls `each` for every game of a scene that is wanted.
    pub(super) fn each_game(
        &mut self,
        mut each: impl FnMut(&Self, &Game, &Head<'_>) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut last = None;
        while let Some(game) = self.next_game(last)? {
            last = Some(game.id);
            if let Some(head) = self.head(&game).filter(|head| self.wants(head.scene)) {
                each(self, &game, &head)?;
            }
        }
        Ok(())
    }

    /// Calls `each` for every participant, with its facts.
    pub(super) fn each_participant(
        &mut self,
        mut each: impl FnMut(&Self, &SubjectId, &[Recorded]) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut last = None;
        while let Some(subject) = self.journal.next_participant(last.as_ref()).map_err(unreadable)? {
            let facts = self.journal.read(&Stream::Participant(subject.clone()))?;
            each(self, &subject, &facts)?;
            last = Some(subject);
        }
        Ok(())
    }

    /// What is known of a game; nothing when it has no beginning.
    pub(super) fn head<'a>(&self, game: &'a Game) -> Option<Head<'a>> {
        let Recorded { at, fact: Fact::Game(fact), .. } = game.facts.first()? else { return None };
        let (scene, seed, seats, shared) = match fact {
            GameFact::GameOpened { scene, visit, players, seed } => {
                let seat = |(agent, subject): (&String, &SubjectId)| Seat {
                    agent: agent.clone(),
                    player: Some(Visitor { subject: subject.clone(), visit: *visit }),
                };
                (scene, *seed, players.iter().map(seat).collect(), false)
            }
            GameFact::GameMatched { scene, seats, seed } => {
                let seat = |taken: &SeatTaken| Seat { agent: taken.agent.clone(), player: taken.player.clone() };
                (scene, *seed, seats.iter().map(seat).collect(), true)
            }
            _ => return None,
        };
        let form = self.scene(scene, *at);
        let mode = form.and_then(|form| form["mode"].as_str()).map(str::to_owned);
        // The service runs no game for which nobody was matched.
        let mode = mode.or_else(|| (!shared).then(|| "browser".to_owned()));
        let tutorial = form.and_then(|form| form["gameplay"]["tutorial_episodes"].as_u64()).unwrap_or(0);
        let policies = form.map_or(Value::Null, |form| form["policies"].clone());
        Some(Head { begun: *at, scene, mode, seed, seats, policies, tutorial })
    }
}

/// Where the journal of a study's folder is.
pub(super) fn journal_of(folder: &Path) -> PathBuf {
    folder.join(crate::service::JOURNAL)
}

fn scenes(form: &Value) -> impl Iterator<Item = &Value> {
    form["stager"]["scenes"].as_array().into_iter().flatten()
}

fn id_of(scene: &Value) -> Option<&str> {
    scene["scene_id"].as_str()
}

fn unreadable(cause: rusqlite::Error) -> ExportError {
    ExportError::Journal(crate::facts::JournalError { doing: "list streams", cause: cause.to_string() })
}

impl Game {
    /// The game as one of several players, or on the service; nothing of one in the browser of its only player.
    pub(super) fn shared(&self) -> Result<Option<Shared<'_>>, ExportError> {
        Shared::of(&self.facts).map_err(|cause| ExportError::Game { game: self.id, cause: cause.to_string() })
    }

    /// Its steps, in their order.
    pub(super) fn lines<'a>(&'a self, shared: Option<&Shared<'a>>) -> Vec<Line<'a>> {
        shared.map_or_else(|| lines_of_one_player(&self.facts), Shared::lines)
    }
}

impl Head<'_> {
    /// Whether an episode was for practice.
    pub(super) fn is_tutorial(&self, episode: u32) -> bool {
        u64::from(episode) < self.tutorial
    }

    /// Which seat an agent has.
    pub(super) fn seat(&self, agent: &str) -> Option<usize> {
        self.seats.iter().position(|seat| seat.agent == agent)
    }

    /// All agents that are known.
    pub(super) fn agents(&self) -> Vec<&str> {
        let mut agents: Vec<&str> = self.seats.iter().map(|seat| seat.agent.as_str()).collect();
        let others = self.policies.as_object().into_iter().flat_map(|policies| policies.keys()).map(String::as_str);
        agents.extend(others.filter(|agent| self.seat(agent).is_none()));
        agents
    }

    /// Who acts for an agent: `human`, or of the scene's own bots `random`, `model` or `function`, or `bot` for one in the
    /// place of a person. Nothing where it is not known.
    pub(super) fn policy(&self, agent: &str) -> Option<&str> {
        if self.seat(agent).is_some_and(|seat| self.seats[seat].player.is_some()) {
            return Some("human");
        }
        match self.policies.get(agent)? {
            Value::String(_) => Some("bot"),
            Value::Object(policy) => policy.keys().next().map(String::as_str),
            _ => None,
        }
    }
}
