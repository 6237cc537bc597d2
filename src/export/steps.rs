//! `steps`: one row for each game, episode, frame and agent.

use rmpv::Value;

use super::ExportError;
use super::cell::{Cell, Kind};
use super::study::{Game, Head, Study};
use super::table::{Part, Row};
use crate::store::files::shared::Shared;
use crate::store::files::table::Line;
use crate::wire::row::{Row as Stored, flatten};

/// What an environment says of all agents at once stands below this name.
const ALL: &str = "__all__";

pub(super) const PARTS: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("scene_id", Kind::Text),
    Part::Column("game_id", Kind::Text),
    Part::Column("mode", Kind::Text),
    Part::Column("episode", Kind::Int),
    Part::Column("t", Kind::Int),
    Part::Column("agent", Kind::Text),
    Part::Column("seat", Kind::Int),
    Part::Column("subject_id", Kind::Text),
    Part::Column("visit", Kind::Int),
    Part::Column("policy", Kind::Text),
    Part::Group("action"),
    Part::Group("reward"),
    Part::Group("terminated"),
    Part::Group("truncated"),
    Part::Column("terminated_all", Kind::Bool),
    Part::Column("truncated_all", Kind::Bool),
    Part::Column("tutorial", Kind::Bool),
    Part::Column("input_age", Kind::Int),
    Part::Column("input_on_time", Kind::Bool),
    Part::Column("focused", Kind::Bool),
    Part::Column("rollback_depth", Kind::Int),
    Part::Column("own_timestamp", Kind::Float),
    Part::Column("timestamp", Kind::Float),
    Part::Column("server_timestamp", Kind::Time),
    Part::Group("observation"),
    Part::Group("info"),
    Part::Group("predicted"),
];

/// The sections of a stored row, and which group each becomes.
const SECTIONS: [(&str, usize, &str); 6] = [
    ("actions", 0, "action"),
    ("rewards", 1, "reward"),
    ("terminateds", 2, "terminated"),
    ("truncateds", 3, "truncated"),
    ("observations", 4, "observation"),
    ("infos", 5, "info"),
];
const PREDICTED: usize = 6;

pub(super) fn rows(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut row = Row::default();
    study.each_game(|study, game, head| {
        let shared = game.shared()?;
        for line in game.lines(shared.as_ref()) {
            let stored = Stored::try_from(&line.step.row)
                .map_err(|error| ExportError::Game { game: game.id, cause: error.to_string() })?;
            for agent in agents(head, &stored) {
                row.clear();
                fill(&mut row, &study.id, &At { game, head, shared: shared.as_ref(), line: &line, agent }, &stored);
                take(&mut row)?;
            }
        }
        Ok(())
    })
}

/// The agents of a stored row: those with a seat in the order of the seats, then others as they come.
fn agents<'a>(head: &Head<'_>, stored: &'a Stored) -> Vec<&'a str> {
    let mut agents: Vec<&str> = Vec::new();
    for (section, ..) in SECTIONS {
        let flags = section == "terminateds" || section == "truncateds";
        for (agent, _) in stored.agents_of(section) {
            let for_all = flags && agent == ALL;
            if !for_all && !agents.contains(&agent) {
                agents.push(agent);
            }
        }
    }
    agents.sort_by_key(|agent| head.seat(agent).unwrap_or(usize::MAX));
    agents
}

/// Of what a row tells.
struct At<'a> {
    game: &'a Game,
    head: &'a Head<'a>,
    shared: Option<&'a Shared<'a>>,
    line: &'a Line<'a>,
    agent: &'a str,
}

fn fill(row: &mut Row, experiment: &str, at: &At<'_>, stored: &Stored) {
    let At { game, head, line, agent, .. } = *at;
    let seat = head.seat(agent);
    let player = seat.and_then(|seat| head.seats[seat].player.as_ref());
    row.extend([
        experiment.into(),
        head.scene.as_str().into(),
        game.id.to_string().as_str().into(),
        head.mode.as_deref().into(),
        line.episode.into(),
        stored.t.into(),
        agent.into(),
        seat.into(),
        player.map(|player| player.subject.as_str()).into(),
        player.map(|player| player.visit).into(),
        head.policy(agent).into(),
        of_all(stored, "terminateds"),
        of_all(stored, "truncateds"),
        head.is_tutorial(line.episode).into(),
    ]);
    let seen = seat.and_then(|seat| at.shared?.seen(seat, line));
    let focused = match at.shared {
        Some(_) => seen.map(|seen| seen.focused),
        None => player.map(|_| line.step.focused),
    };
    row.extend([
        seat.and_then(|seat| at.shared?.input_age(seat, line)).into(),
        seat.and_then(|seat| at.shared?.input_on_time(seat, line)).into(),
        focused.into(),
        seen.map(|seen| seen.depth).into(),
        seen.map(|seen| seen.at.get()).into(),
        line.step.at.get().into(),
        line.at.into(),
    ]);
    for (section, group, name) in SECTIONS {
        for (_, value) in stored.agents_of(section).filter(|(of, _)| *of == agent) {
            let mut leaves = Vec::new();
            flatten(name.to_owned(), value, &mut leaves);
            row.named.extend(leaves.into_iter().map(|(name, leaf)| (group, name, Cell::of(leaf))));
        }
    }
    for (seat, predicted) in head.seats.iter().zip(seen.into_iter().flat_map(|seen| &seen.predicted)) {
        row.named.push((PREDICTED, format!("predicted.{}", seat.agent), Cell::Bool(*predicted)));
    }
}

fn of_all(stored: &Stored, section: &str) -> Cell {
    let all = stored.agents_of(section).find(|(agent, _)| *agent == ALL);
    all.and_then(|(_, value)| Value::as_bool(value)).into()
}
