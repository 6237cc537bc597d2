//! `participants` and `visits`: one row for each.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ExportError;
use super::cell::{Cell, Kind};
use super::study::Study;
use super::table::{Part, Row};
use crate::facts::{Fact, ParticipantFact, Recorded};
use crate::ids::{GameId, PartName, SceneId};
use crate::rules::memory::EpisodeResult;
use crate::rules::screening::Measured;
use crate::rules::stager::Itinerary;
use crate::store::files::answers::Replies;
use crate::time::Timestamp;
use crate::wire::{Browser, Dismissal, Finite};

pub(super) const PARTICIPANTS: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("subject_id", Kind::Text),
    Part::Column("created_at", Kind::Time),
    Part::Column("last_at", Kind::Time),
    Part::Column("scenes", Kind::Json),
    Part::Column("visit", Kind::Int),
    Part::Column("scene_id", Kind::Text),
    Part::Column("completed", Kind::Bool),
    Part::Column("dismissed", Kind::Text),
    Part::Column("codes", Kind::Json),
    Part::Column("returns", Kind::Int),
    Part::Column("failures", Kind::Int),
    Part::Column("device", Kind::Text),
    Part::Column("browser", Kind::Text),
    Part::Column("browser_version", Kind::Text),
    Part::Column("os", Kind::Text),
    Part::Column("entry_ping_ms", Kind::Int),
    Part::Column("user_agent", Kind::Text),
    Part::Column("language", Kind::Text),
    Part::Column("time_zone", Kind::Text),
    Part::Column("window_width", Kind::Int),
    Part::Column("window_height", Kind::Int),
    Part::Column("screen_width", Kind::Int),
    Part::Column("screen_height", Kind::Int),
    Part::Column("pixel_ratio", Kind::Float),
    Part::Column("clock_offset", Kind::Float),
    Part::Column("bonus", Kind::Float),
    Part::Column("bonus_error", Kind::Text),
    Part::Column("number", Kind::Int),
    Part::Group("url_parameters"),
    Part::Group("conditions"),
    Part::Group("globals"),
];

pub(super) const VISITS: &[Part] = &[
    Part::Column("experiment_id", Kind::Text),
    Part::Column("subject_id", Kind::Text),
    Part::Column("visit", Kind::Int),
    Part::Column("scene_id", Kind::Text),
    Part::Column("scene_type", Kind::Text),
    Part::Column("occurrence", Kind::Int),
    Part::Column("entered_at", Kind::Time),
    Part::Column("left_at", Kind::Time),
    Part::Column("game_id", Kind::Text),
    Part::Column("outcome", Kind::Text),
    Part::Column("reason", Kind::Text),
    Part::Column("code", Kind::Text),
    Part::Column("answered", Kind::Int),
    Part::Column("handed_in", Kind::Int),
    Part::Column("warnings", Kind::Int),
    Part::Column("score", Kind::Float),
    Part::Column("results", Kind::Json),
    Part::Column("bonus", Kind::Float),
    Part::Column("bonus_error", Kind::Text),
    Part::Column("section", Kind::Text),
];

/// What a participant's facts tell.
#[derive(Debug, Default)]
pub(super) struct Person<'a> {
    created: Option<Timestamp>,
    last: Option<Timestamp>,
    parameters: Vec<(&'a str, &'a str)>,
    /// The values that scenes share, as they are now.
    globals: BTreeMap<&'a str, &'a Value>,
    browser: Option<(&'a Browser, Timestamp)>,
    order: &'a [SceneId],
    itinerary: Itinerary,
    /// The level of each condition.
    pub(super) conditions: Vec<(&'a str, &'a str)>,
    pub(super) visits: Vec<Visit<'a>>,
    measured: Option<&'a Measured>,
    returns: u32,
    failures: u32,
    /// That of the study.
    bonus: Bonus<'a>,
}

/// A visit of a scene.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) number: u32,
    pub(super) scene: &'a SceneId,
    pub(super) occurrence: usize,
    pub(super) entered: Timestamp,
    left: Option<Timestamp>,
    game: Option<GameId>,
    /// Why it ended in another way than planned: a word, and more words.
    trouble: Option<(String, Option<&'a str>)>,
    code: Option<(&'a str, Timestamp)>,
    /// Why it was not let in or may not go on, in words.
    why: Option<&'a str>,
    /// How often it was warned.
    warnings: u32,
    /// The code that it got at its end, and for what.
    issued: Option<(&'a str, Dismissal, Timestamp)>,
    results: Option<&'a [EpisodeResult]>,
    bonus: Bonus<'a>,
    /// Its sections, the outermost first.
    section: String,
}

/// What a function for a bonus gave.
#[derive(Debug, Default)]
struct Bonus<'a> {
    amount: Option<f64>,
    error: Option<&'a str>,
}

impl<'a> Person<'a> {
    pub(super) fn of(facts: &'a [Recorded]) -> Self {
        let mut person = Self::default();
        for Recorded { at, fact, .. } in facts {
            person.last = Some(*at);
            if let Fact::Participant(fact) = fact {
                person.take(*at, fact);
            }
        }
        person
    }

    fn take(&mut self, at: Timestamp, fact: &'a ParticipantFact) {
        match fact {
            ParticipantFact::ParticipantCreated { parameters, browser, .. } => {
                self.created = Some(at);
                self.browser = Some((browser, at));
                self.parameters = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            }
            ParticipantFact::ScenesDrawn { order, plan, number } => {
                self.itinerary.drawn(order.clone(), plan.clone(), *number);
                self.order = order;
            }
            ParticipantFact::Rerouted { order, plan, next, .. } => {
                self.itinerary.rerouted(order.clone(), plan.clone(), *next);
                self.order = order;
            }
            ParticipantFact::SceneEntered { visit, scene } => {
                if let Some(last) = self.visits.last_mut() {
                    last.left = Some(at);
                }
                let occurrence = self.visits.iter().filter(|visit| visit.scene == scene).count() + 1;
                let (number, entered) = (*visit, at);
                self.itinerary.entered(number);
                let section = self.itinerary.sections().iter().map(PartName::as_str).collect::<Vec<_>>().join("/");
                self.visits.push(Visit {
                    number,
                    scene,
                    occurrence,
                    entered,
                    left: None,
                    game: None,
                    trouble: None,
                    code: None,
                    why: None,
                    warnings: 0,
                    issued: None,
                    results: None,
                    bonus: Bonus::default(),
                    section,
                });
            }
            ParticipantFact::GameJoined { visit, game, .. } => {
                self.visit(*visit, |visit| visit.game = visit.game.or(Some(*game)));
            }
            ParticipantFact::GameLost { visit, reason } => {
                self.visit(*visit, |visit| {
                    visit.trouble.get_or_insert(("lost".into(), Some(reason)));
                });
            }
            ParticipantFact::Dismissed { visit, reason, code } => self.visit(*visit, |visit| {
                let why = visit.why;
                visit.trouble.get_or_insert((Cell::word(reason).unwrap_or_default(), why));
                visit.code = Some((code, at));
            }),
            ParticipantFact::Screened { visit, reason, measured, .. } => {
                self.measured = Some(measured);
                self.visit(*visit, |visit| visit.why = visit.why.or(reason.as_deref()));
            }
            ParticipantFact::Warned { visit, .. } => self.visit(*visit, |visit| visit.warnings += 1),
            ParticipantFact::Excluded { visit, reason, .. } => {
                self.visit(*visit, |visit| visit.why = Some(reason));
            }
            ParticipantFact::CodeIssued { visit, reason, code } => self.visit(*visit, |visit| {
                visit.issued = Some((code, *reason, at));
            }),
            ParticipantFact::GameScored { visit, episodes } => {
                self.visit(*visit, |visit| visit.results = Some(episodes));
            }
            ParticipantFact::BonusComputed { visit, scene, amount, error } => {
                let bonus = Bonus { amount: amount.map(Finite::get), error: error.as_deref() };
                match scene {
                    Some(_) => self.visit(*visit, |visit| visit.bonus = bonus),
                    None => self.bonus = bonus,
                }
            }
            ParticipantFact::Resumed { .. } => self.returns += 1,
            ParticipantFact::ConditionAssigned { condition, level, .. } => {
                self.conditions.push((condition.as_str(), level.as_str()));
            }
            ParticipantFact::QuestionsDrawn { .. }
            | ParticipantFact::AnswerGiven { .. }
            | ParticipantFact::AnswersHandedIn { .. }
            | ParticipantFact::DataSaved { .. }
            | ParticipantFact::PageTold { .. } => {}
            ParticipantFact::GlobalsChanged { values, .. } => {
                self.globals.extend(values.iter().map(|(name, value)| (name.as_str(), value)));
            }
            ParticipantFact::BrowserFailed { visit, message, give_up, .. } => {
                self.failures += 1;
                if *give_up {
                    self.visit(*visit, |visit| {
                        visit.trouble.get_or_insert(("failed".into(), Some(message)));
                    });
                }
            }
        }
    }

    fn visit(&mut self, number: u32, change: impl FnOnce(&mut Visit<'a>)) {
        if let Some(visit) = self.visits.iter_mut().rev().find(|visit| visit.number == number) {
            change(visit);
        }
    }

    /// Whether it has come to the last of its scenes.
    pub(super) fn completed(&self) -> bool {
        self.visits.last().is_some_and(|visit| self.order.last() == Some(visit.scene))
    }

    /// The study's own bonus; where the study has none, that of its visits together.
    fn bonus(&self) -> Option<f64> {
        let of_visits = self.visits.iter().filter_map(|visit| visit.bonus.amount);
        self.bonus.amount.or_else(|| of_visits.reduce(|sum, amount| sum + amount))
    }

    /// Why the first of its visits that did not end as planned ended.
    pub(super) fn dismissed(&self) -> Option<&str> {
        self.visits.iter().find_map(|visit| visit.trouble.as_ref()).map(|(why, _)| why.as_str())
    }
}

pub(super) fn participants(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut row = Row::default();
    study.each_participant(|study, subject, facts| {
        let person = Person::of(facts);
        if person.visits.iter().all(|visit| !study.wants(visit.scene)) && !study.wants_all() {
            return Ok(());
        }
        let now = person.visits.last();
        row.clear();
        row.extend([
            study.id.as_str().into(),
            subject.as_str().into(),
            person.created.into(),
            person.last.into(),
            Cell::json(&person.order),
            now.map(|visit| visit.number).into(),
            now.map(|visit| visit.scene.as_str()).into(),
            person.completed().into(),
            person.dismissed().into(),
            Cell::json(&codes(&person)),
            person.returns.into(),
            person.failures.into(),
        ]);
        // Whoever was not screened is told apart all the same.
        let told = person.browser.map(|(browser, _)| Measured::of(browser, None));
        let measured = person.measured.or(told.as_ref());
        row.extend([
            measured.and_then(|of| Cell::word(&of.device)).as_deref().into(),
            measured.map(|of| of.browser.as_str()).into(),
            measured.map(|of| of.version.as_str()).into(),
            measured.map(|of| of.os.as_str()).into(),
            measured.and_then(|of| of.ping_ms).into(),
        ]);
        let browser = person.browser.map(|(browser, _)| browser);
        let offset = person.browser.map(|(browser, at)| browser.clock.get() - at.0 as f64);
        row.extend([
            browser.map(|of| of.user_agent.as_str()).into(),
            browser.map(|of| of.language.as_str()).into(),
            browser.map(|of| of.time_zone.as_str()).into(),
            browser.map(|of| of.window[0]).into(),
            browser.map(|of| of.window[1]).into(),
            browser.map(|of| of.screen[0]).into(),
            browser.map(|of| of.screen[1]).into(),
            browser.map(|of| of.pixel_ratio.get()).into(),
            offset.into(),
            person.bonus().into(),
            person.bonus.error.into(),
            person.itinerary.number().into(),
        ]);
        let parameters = person.parameters.iter();
        row.named.extend(parameters.map(|(name, value)| (0, format!("url_parameters.{name}"), (*value).into())));
        let conditions = person.conditions.iter();
        row.named.extend(conditions.map(|(name, level)| (1, format!("conditions.{name}"), (*level).into())));
        let globals = person.globals.iter();
        row.named.extend(globals.map(|(name, value)| (2, format!("globals.{name}"), Cell::of_json(value))));
        take(&mut row)
    })
}

impl Visit<'_> {
    /// The sum of the scores of the episodes that count.
    fn score(&self) -> Option<f64> {
        let counted = self.results?.iter().filter(|episode| !episode.tutorial);
        Some(counted.map(|episode| episode.score.get()).sum())
    }
}

fn codes(person: &Person<'_>) -> Vec<serde_json::Value> {
    let mut codes = Vec::new();
    for visit in &person.visits {
        let told = |code, reason: Option<String>, at| json!({"code": code, "reason": reason, "scene_id": visit.scene, "visit": visit.number, "at": at});
        codes.extend(visit.code.map(|(code, at)| told(code, visit.trouble.as_ref().map(|(why, _)| why.clone()), at)));
        codes.extend(visit.issued.map(|(code, reason, at)| told(code, Cell::word(&reason), at)));
    }
    codes
}

pub(super) fn visits(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut row = Row::default();
    study.each_participant(|study, subject, facts| {
        let person = Person::of(facts);
        for visit in person.visits.iter().filter(|visit| study.wants(visit.scene)) {
            let kind = study.scene(visit.scene, visit.entered).and_then(|form| form["scene_type"].as_str());
            let (outcome, reason) = match &visit.trouble {
                Some((why, more)) => (Some(why.as_str()), *more),
                None => (visit.left.map(|_| "complete"), None),
            };
            let replies = Replies::of(facts, visit.number);
            row.clear();
            row.extend([
                study.id.as_str().into(),
                subject.as_str().into(),
                visit.number.into(),
                visit.scene.as_str().into(),
                kind.into(),
                visit.occurrence.into(),
                visit.entered.into(),
                visit.left.into(),
                visit.game.map(|game| game.to_string()).as_deref().into(),
                outcome.into(),
                reason.into(),
                visit.code.map(|(code, _)| code).or(visit.issued.map(|(code, ..)| code)).into(),
                replies.as_ref().map(Replies::answered).into(),
                replies.as_ref().map(|replies| replies.handed_in.len()).into(),
                visit.warnings.into(),
                visit.score().into(),
                visit.results.map_or(Cell::Null, |results| Cell::json(&results)),
                visit.bonus.amount.into(),
                visit.bonus.error.into(),
                Some(visit.section.as_str()).filter(|section| !section.is_empty()).into(),
            ]);
            take(&mut row)?;
        }
        Ok(())
    })
}
