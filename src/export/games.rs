//! `games` and `episodes`: one row for each.

use std::collections::BTreeMap;

use serde_json::json;

use super::ExportError;
use super::cell::{Cell, Kind};
use super::study::{Game, Head, Study};
use super::table::{Part, Row};
use crate::facts::{Fact, GameFact};
use crate::rules::lobby;
use crate::rules::seeds::episode_seed;
use crate::store::files::shared::Shared;
use crate::time::Timestamp;
use crate::wire::row::Row as Stored;

pub(super) const GAMES: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("scene_id", Kind::Text),
    Part::Column("game_id", Kind::Text),
    Part::Column("mode", Kind::Text),
    Part::Column("seed", Kind::Int),
    Part::Column("begun_at", Kind::Time),
    Part::Column("ended_at", Kind::Time),
    Part::Column("outcome", Kind::Text),
    Part::Column("ended_by", Kind::Json),
    Part::Column("failure", Kind::Text),
    Part::Column("players", Kind::Json),
    Part::Column("episodes", Kind::Int),
    Part::Column("episodes_complete", Kind::Int),
    Part::Column("frames", Kind::Int),
];

pub(super) const EPISODES: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("scene_id", Kind::Text),
    Part::Column("game_id", Kind::Text),
    Part::Column("mode", Kind::Text),
    Part::Column("episode", Kind::Int),
    Part::Column("seed", Kind::Int),
    Part::Column("begun_at", Kind::Time),
    Part::Column("ended_at", Kind::Time),
    Part::Column("complete", Kind::Bool),
    Part::Column("tutorial", Kind::Bool),
    Part::Column("frames", Kind::Int),
    Part::Column("rows", Kind::Int),
    Part::Group("return"),
];

/// An episode as the facts tell it.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Episode {
    pub(super) begun: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) frames: u32,
    rows: u32,
}

impl Episode {
    /// Whether it was played to its end.
    pub(super) fn complete(&self) -> bool {
        self.ended.is_some()
    }
}

/// The episodes of a game that had begun.
pub(super) fn episodes(game: &Game, shared: Option<&Shared<'_>>) -> BTreeMap<u32, Episode> {
    let mut episodes = BTreeMap::<u32, Episode>::new();
    for recorded in &game.facts {
        match &recorded.fact {
            Fact::Game(GameFact::StepsAccepted { episode, first, count }) => {
                let episode = episodes.entry(*episode).or_default();
                episode.begun.get_or_insert(recorded.at);
                if shared.is_none() {
                    episode.frames = episode.frames.max(first.saturating_add(*count));
                }
            }
            Fact::Game(GameFact::EpisodeEnded { episode, .. }) => {
                episodes.entry(*episode).or_default().ended.get_or_insert(recorded.at);
            }
            Fact::Lobby(lobby::Fact::Begun { episode }) => {
                // Rows come later than this.
                episodes.entry(*episode).or_default().begun.get_or_insert(recorded.at);
            }
            _ => {}
        }
    }
    for (number, played) in shared.into_iter().flat_map(|shared| &shared.episodes) {
        if let Some(episode) = episodes.get_mut(number) {
            episode.frames = played.length();
        }
    }
    episodes
}

/// How a game ended.
#[derive(Debug, Default)]
pub(super) struct End {
    pub(super) at: Option<Timestamp>,
    /// `complete`, `failed`, or why the lobby closed.
    pub(super) outcome: Option<String>,
    by: Vec<usize>,
    failure: Option<String>,
}

/// How a game ended, if it did.
pub(super) fn end(game: &Game) -> End {
    let mut end = End::default();
    for recorded in &game.facts {
        match &recorded.fact {
            Fact::Game(GameFact::GameEnded { outcome }) => {
                (end.at, end.outcome) = (Some(recorded.at), Cell::word(outcome));
            }
            Fact::Lobby(lobby::Fact::Ended { reason, by }) => {
                (end.at, end.outcome, end.by) = (Some(recorded.at), Cell::word(reason), by.clone());
            }
            Fact::Game(GameFact::RunnerFailed { reason }) => end.failure = Some(reason.clone()),
            _ => {}
        }
    }
    end
}

impl Cell {
    /// The word that an enum is written as.
    pub(super) fn word(value: &impl serde::Serialize) -> Option<String> {
        json!(value).as_str().map(str::to_owned)
    }
}

pub(super) fn games(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    study.each_game(|study, game, head| {
        let shared = game.shared()?;
        let episodes = episodes(game, shared.as_ref());
        let End { at, outcome, by, failure } = end(game);
        let mut row = beginning(study, game, head);
        row.extend([
            Cell::Int(head.seed.into()),
            head.begun.into(),
            at.into(),
            outcome.as_deref().into(),
            if by.is_empty() { Cell::Null } else { Cell::json(&by) },
            failure.as_deref().into(),
            Cell::json(&players(head)),
            episodes.len().into(),
            episodes.values().filter(|episode| episode.complete()).count().into(),
            Cell::Int(episodes.values().map(|episode| i64::from(episode.frames)).sum()),
        ]);
        take(&mut row)
    })
}

fn beginning(study: &Study, game: &Game, head: &Head<'_>) -> Row {
    let mut row = Row::default();
    row.extend([
        study.id.as_str().into(),
        head.scene.as_str().into(),
        game.id.to_string().as_str().into(),
        head.mode.as_deref().into(),
    ]);
    row
}

fn players(head: &Head<'_>) -> Vec<serde_json::Value> {
    let player = |(number, seat): (usize, &super::study::Seat)| {
        let (subject, visit) = (seat.player.as_ref().map(|of| &of.subject), seat.player.as_ref().map(|of| of.visit));
        json!({
            "seat": number, "agent": seat.agent, "subject_id": subject, "visit": visit, "policy": head.policy(&seat.agent),
        })
    };
    head.seats.iter().enumerate().map(player).collect()
}

pub(super) fn all_episodes(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    study.each_game(|study, game, head| {
        let shared = game.shared()?;
        let mut episodes = episodes(game, shared.as_ref());
        let mut returns: BTreeMap<u32, BTreeMap<String, f64>> = BTreeMap::new();
        for line in game.lines(shared.as_ref()) {
            let stored = Stored::try_from(&line.step.row)
                .map_err(|error| ExportError::Game { game: game.id, cause: error.to_string() })?;
            episodes.entry(line.episode).or_default().rows += 1;
            let sums = returns.entry(line.episode).or_default();
            for (agent, reward) in stored.agents_of("rewards") {
                if let Some(reward) = reward.as_f64() {
                    *sums.entry(agent.to_owned()).or_default() += reward;
                }
            }
        }
        for (number, episode) in episodes {
            let mut row = beginning(study, game, head);
            row.extend([
                number.into(),
                episode_seed(head.seed, number).into(),
                episode.begun.into(),
                episode.ended.into(),
                episode.complete().into(),
                head.is_tutorial(number).into(),
                episode.frames.into(),
                episode.rows.into(),
            ]);
            let returns = returns.remove(&number).unwrap_or_default().into_iter();
            row.named.extend(returns.map(|(agent, sum)| (0, format!("return.{agent}"), Cell::Float(sum))));
            take(&mut row)?;
        }
        Ok(())
    })
}
