//! `participants` and `visits`: one row for each.

use serde_json::json;

use super::ExportError;
use super::cell::{Cell, Kind};
use super::study::Study;
use super::table::{Part, Row};
use crate::facts::{Fact, ParticipantFact, Recorded};
use crate::ids::{GameId, PartName, SceneId};
use crate::rules::stager::Itinerary;
use crate::time::Timestamp;
use crate::wire::Browser;

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
    Part::Column("user_agent", Kind::Text),
    Part::Column("language", Kind::Text),
    Part::Column("time_zone", Kind::Text),
    Part::Column("window_width", Kind::Int),
    Part::Column("window_height", Kind::Int),
    Part::Column("screen_width", Kind::Int),
    Part::Column("screen_height", Kind::Int),
    Part::Column("pixel_ratio", Kind::Float),
    Part::Column("clock_offset", Kind::Float),
    Part::Column("number", Kind::Int),
    Part::Group("url_parameters"),
    Part::Group("conditions"),
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
    Part::Column("section", Kind::Text),
];

/// What a participant's facts tell.
#[derive(Debug, Default)]
pub(super) struct Person<'a> {
    created: Option<Timestamp>,
    last: Option<Timestamp>,
    parameters: Vec<(&'a str, &'a str)>,
    browser: Option<(&'a Browser, Timestamp)>,
    order: &'a [SceneId],
    itinerary: Itinerary,
    conditions: Vec<(&'a str, &'a str)>,
    pub(super) visits: Vec<Visit<'a>>,
    returns: u32,
    failures: u32,
}

/// A visit of a scene.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) number: u32,
    pub(super) scene: &'a SceneId,
    occurrence: usize,
    entered: Timestamp,
    left: Option<Timestamp>,
    game: Option<GameId>,
    /// Why it ended in another way than planned: a word, and more words.
    trouble: Option<(String, Option<&'a str>)>,
    code: Option<(&'a str, Timestamp)>,
    /// Its sections, the outermost first.
    section: String,
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
                let (left, game, trouble, code) = (None, None, None, None);
                self.visits.push(Visit { number, scene, occurrence, entered, left, game, trouble, code, section });
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
                visit.trouble.get_or_insert((Cell::word(reason).unwrap_or_default(), None));
                visit.code = Some((code, at));
            }),
            ParticipantFact::Resumed { .. } => self.returns += 1,
            ParticipantFact::ConditionAssigned { condition, level, .. } => {
                self.conditions.push((condition.as_str(), level.as_str()));
            }
            ParticipantFact::QuestionsDrawn { .. }
            | ParticipantFact::AnswerGiven { .. }
            | ParticipantFact::AnswersHandedIn { .. }
            | ParticipantFact::DataSaved { .. }
            | ParticipantFact::GlobalsChanged { .. }
            | ParticipantFact::GameScored { .. }
            | ParticipantFact::CodeIssued { .. } => {}
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
            person.itinerary.number().into(),
        ]);
        let parameters = person.parameters.iter();
        row.named.extend(parameters.map(|(name, value)| (0, format!("url_parameters.{name}"), (*value).into())));
        let conditions = person.conditions.iter();
        row.named.extend(conditions.map(|(name, level)| (1, format!("conditions.{name}"), (*level).into())));
        take(&mut row)
    })
}

fn codes(person: &Person<'_>) -> Vec<serde_json::Value> {
    let codes = person.visits.iter().filter_map(|visit| {
        let ((code, at), reason) = (visit.code?, visit.trouble.as_ref().map(|(why, _)| why));
        Some(json!({"code": code, "reason": reason, "scene_id": visit.scene, "visit": visit.number, "at": at}))
    });
    codes.collect()
}

pub(super) fn visits(
    study: &mut Study,
    take: &mut dyn FnMut(&mut Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut row = Row::default();
    study.each_participant(|study, subject, facts| {
        for visit in Person::of(facts).visits.iter().filter(|visit| study.wants(visit.scene)) {
            let kind = study.scene(visit.scene, visit.entered).and_then(|form| form["scene_type"].as_str());
            let (outcome, reason) = match &visit.trouble {
                Some((why, more)) => (Some(why.as_str()), *more),
                None => (visit.left.map(|_| "complete"), None),
            };
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
                visit.code.map(|(code, _)| code).into(),
                Some(visit.section.as_str()).filter(|section| !section.is_empty()).into(),
            ]);
            take(&mut row)?;
        }
        Ok(())
    })
}
