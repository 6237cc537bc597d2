//! Which scenes a participant goes through, and in which order.
//!
//! What is drawn follows from the study's seed, the participant's number and the place of the draw in the study alone, so
//! that all orders can be drawn again from the record. A participant's own are drawn once and kept in the journal, so that
//! a changed module or a reload never reshuffles anybody.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::experiment::{Conditions, Flow, Part, Scene, Stager};
use crate::ids::{PartName, SceneId};

/// One place in a participant's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// What is there.
    #[serde(flatten)]
    pub what: What,
    /// The sections that it belongs to, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<PartName>,
    /// How many of them begin here, counted from the innermost.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub begins: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A scene that others follow.
    Scene(SceneId),
    /// A scene that ends the study.
    End(SceneId),
    /// A condition whose level is not known yet.
    Conditions {
        /// Which.
        name: PartName,
        /// Its place in the study, from which its scenes are drawn.
        path: String,
        /// The most scenes that it can be.
        scenes: u32,
    },
}

impl Planned {
    /// A scene by itself.
    pub fn scene(scene: SceneId) -> Self {
        Self { what: What::Scene(scene), sections: Vec::new(), begins: 0 }
    }

    fn id(&self) -> Option<&SceneId> {
        match &self.what {
            What::Scene(scene) | What::End(scene) => Some(scene),
            What::Conditions { .. } => None,
        }
    }
}

/// From what a participant's orders are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// The study's seed.
    pub seed: u32,
    /// The participant's number; 0 for nobody's.
    pub number: u32,
}

impl Lot {
    /// The lot of the child of that number at a place of the study. The smallest come first.
    fn of(self, path: &str, child: usize) -> u64 {
        let key = format!("{}/{path}/{child}", self.number);
        xxh3_64_with_seed(key.as_bytes(), u64::from(self.seed))
    }
}

/// Draws a participant's plan.
pub fn draw(stager: &Stager, number: u32) -> Vec<Planned> {
    let lot = Lot { seed: stager.flow().seed, number };
    let mut plan = Vec::new();
    draw_parts(stager, &stager.flow().order, lot, "", &mut plan);
    plan
}

fn draw_parts(stager: &Stager, parts: &[Part], lot: Lot, path: &str, plan: &mut Vec<Planned>) {
    for (index, part) in parts.iter().enumerate() {
        draw_part(stager, part, lot, &format!("{path}/{index}"), plan);
    }
}

fn draw_part(stager: &Stager, part: &Part, lot: Lot, path: &str, plan: &mut Vec<Planned>) {
    match part {
        Part::Scene(scene) => {
            let mut planned = Planned::scene(scene.clone());
            if matches!(stager.scene(scene), Some(Scene::End(_))) {
                planned.what = What::End(scene.clone());
            }
            plan.push(planned);
        }
        Part::RandomizeOrder { parts, keep_n } => {
            let mut shuffled: Vec<(u64, usize)> = (0..parts.len()).map(|child| (lot.of(path, child), child)).collect();
            shuffled.sort_unstable();
            let kept = keep_n.map_or(parts.len(), |n| n as usize);
            for (_, child) in shuffled.into_iter().take(kept) {
                draw_part(stager, &parts[child], lot, &format!("{path}/{child}"), plan);
            }
        }
        Part::RepeatScene { parts, n } => {
            for round in 0..*n {
                draw_parts(stager, parts, lot, &format!("{path}/r{round}"), plan);
            }
        }
        Part::Section { name, parts } => {
            let first = plan.len();
            draw_parts(stager, parts, lot, path, plan);
            let own = &mut plan[first..];
            own.iter_mut().for_each(|planned| planned.sections.insert(0, name.clone()));
            // Sections inside that begin here have been counted already.
            own.iter_mut().take(1).for_each(|planned| planned.begins += 1);
        }
        Part::Conditions(conditions) => plan.push(Planned {
            what: What::Conditions { name: conditions.name.clone(), path: path.to_owned(), scenes: part.longest() },
            sections: Vec::new(),
            begins: 0,
        }),
    }
}

/// What a level of a condition means for a participant, in the place of the condition.
fn draw_level(stager: &Stager, place: &Planned, conditions: &Conditions, level: &str, number: u32) -> Vec<Planned> {
    let lot = Lot { seed: stager.flow().seed, number };
    let What::Conditions { path, .. } = &place.what else { return Vec::new() };
    let Some(level) = conditions.level(level) else { return Vec::new() };
    let mut plan = Vec::new();
    draw_parts(stager, &level.parts, lot, &format!("{path}/{}", level.name), &mut plan);
    for planned in &mut plan {
        planned.sections.splice(0..0, place.sections.iter().cloned());
    }
    // What began with the condition begins with the first of its scenes, in all the sections between.
    if let Some(first) = plan.first_mut().filter(|_| place.begins > 0) {
        first.begins = first.sections.len() - place.sections.len() + place.begins;
    }
    plan
}

/// Where a participant stands in its order of scenes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Itinerary {
    /// The scenes entered so far, and those to come as far as they are known.
    order: Vec<SceneId>,
    /// Everything that was drawn, also what was passed over or lies behind.
    plan: Vec<Planned>,
    /// The place in the plan that comes next.
    next: usize,
    /// The place of the present scene.
    at: Option<usize>,
    /// The next place was named since the present scene was entered.
    led: bool,
    visit: u32,
    number: Option<u32>,
}

impl Itinerary {
    /// The order was drawn: the scenes to come, and the plan that they come from if it is more than them.
    pub fn drawn(&mut self, order: Vec<SceneId>, plan: Vec<Planned>, number: Option<u32>) {
        self.number = number;
        self.rerouted(order, plan, Some(0));
        self.led = false;
    }

    /// The scenes to come were changed: all scenes, entered or to come; the plan, if it changed; and the place in it that
    /// comes next, which older records do not tell.
    pub fn rerouted(&mut self, order: Vec<SceneId>, plan: Vec<Planned>, next: Option<u32>) {
        match next {
            Some(next) if self.plan.is_empty() && plan.is_empty() => {
                self.plan = order.iter().cloned().map(Planned::scene).collect();
                self.next = next as usize;
            }
            Some(next) => {
                if !plan.is_empty() {
                    self.plan = plan;
                }
                self.next = next as usize;
            }
            None => {
                self.plan = order.iter().cloned().map(Planned::scene).collect();
                self.next = self.visit as usize;
            }
        }
        self.order = order;
        self.led = true;
    }

    /// A scene was entered.
    pub fn entered(&mut self, visit: u32) {
        self.visit = visit;
        self.led = false;
        self.at = Some(self.next);
        self.next += 1;
    }

    /// Whether nothing was drawn yet.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Number of the scene the participant is in, counted from 1; 0 before the first.
    pub fn visit(&self) -> u32 {
        self.visit
    }

    /// Number of all scenes, entered or to come, as far as it is known: where it depends on a condition, the most.
    pub fn length(&self) -> u32 {
        let mut length = self.visit;
        if self.is_over() && !self.led {
            return length;
        }
        for planned in self.plan.get(self.next..).unwrap_or_default() {
            length = length.saturating_add(match &planned.what {
                What::Scene(_) => 1,
                What::End(_) => return length.saturating_add(1),
                What::Conditions { scenes, .. } => *scenes,
            });
        }
        length
    }

    /// The scene the participant is in.
    pub fn current(&self) -> Option<&SceneId> {
        self.at(self.visit)
    }

    /// The scene of a visit.
    pub fn at(&self, visit: u32) -> Option<&SceneId> {
        visit.checked_sub(1).and_then(|index| self.order.get(index as usize))
    }

    /// The sections of the present scene, the outermost first.
    pub fn sections(&self) -> &[PartName] {
        self.at.and_then(|at| self.plan.get(at)).map_or(&[], |planned| &planned.sections)
    }

    /// The participant's number, if it has one.
    pub fn number(&self) -> Option<u32> {
        self.number
    }

    /// Whether the study is over in the present scene.
    pub fn is_over(&self) -> bool {
        // Of a study that is a mere list, nothing but the scenes is on record.
        let end = |planned: &Planned| matches!(planned.what, What::End(_));
        self.at.is_some() && self.next >= self.plan.len() || self.at.and_then(|at| self.plan.get(at)).is_some_and(end)
    }

    /// Whether the study is over in the next scene.
    pub fn is_almost_over(&self) -> bool {
        self.plan.get(self.next).is_none_or(|planned| matches!(planned.what, What::End(_)))
    }

    /// The place in the plan that comes next, unless something leads elsewhere.
    pub fn next_place(&self) -> usize {
        self.next
    }

    /// Everything that was drawn.
    pub fn plan(&self) -> &[Planned] {
        &self.plan
    }

    /// What is planned for a place.
    pub fn planned(&self, place: usize) -> Option<&Planned> {
        self.plan.get(place)
    }

    /// The nearest place of a scene ahead.
    pub fn place_ahead(&self, target: &SceneId) -> Option<usize> {
        let skipped = self.plan.get(self.next..)?.iter().position(|planned| planned.id() == Some(target))?;
        Some(self.next + skipped)
    }

    /// Whether something has led elsewhere already than to the place behind the present one.
    pub fn is_led(&self) -> bool {
        self.led
    }

    /// The plan is another one from now on.
    pub fn replan(&mut self, plan: Vec<Planned>) {
        self.plan = plan;
    }

    /// The end that lies ahead; of several, the first.
    pub fn end(&self) -> Option<usize> {
        let ends = |planned: &Planned| matches!(planned.what, What::End(_));
        let ahead = self.plan.get(self.next..)?.iter().position(ends).map(|skipped| self.next + skipped);
        ahead.or_else(|| self.plan.len().checked_sub(1).filter(|last| *last >= self.next))
    }

    /// The nearest place of a scene or the beginning of a section: ahead, or else behind.
    pub fn place_of(&self, target: &str) -> Option<usize> {
        let is_it = |planned: &Planned| {
            let begun = &planned.sections[planned.sections.len().saturating_sub(planned.begins)..];
            planned.id().is_some_and(|id| id.as_str() == target) || begun.iter().any(|name| name.as_str() == target)
        };
        let ahead = self.plan.get(self.next..)?.iter().position(is_it).map(|skipped| self.next + skipped);
        ahead.or_else(|| self.plan.get(..self.next)?.iter().rposition(is_it))
    }

    /// All scenes, were the one at that place the next.
    pub fn order_from(&self, place: usize) -> Vec<SceneId> {
        let mut order: Vec<SceneId> = self.order.iter().take(self.visit as usize).cloned().collect();
        for planned in self.plan.get(place..).unwrap_or_default() {
            order.extend(planned.id().cloned());
            if matches!(planned.what, What::End(_)) {
                break;
            }
        }
        order
    }

    /// The whole plan, with the scenes of a level in the place of its condition; nothing of it without a level.
    pub fn plan_with(&self, stager: &Stager, place: usize, level: Option<&str>) -> Vec<Planned> {
        let mut plan = self.plan.clone();
        let Some(planned) = self.plan.get(place) else { return plan };
        let conditions = match &planned.what {
            What::Conditions { name, .. } => stager.flow().condition(name),
            _ => return plan,
        };
        let drawn = level
            .zip(conditions)
            .map(|(level, conditions)| draw_level(stager, planned, conditions, level, self.number.unwrap_or_default()));
        plan.splice(place..=place, drawn.unwrap_or_default());
        plan
    }
}

/// The scenes that a plan begins with, as far as they are known, up to its end.
pub fn order_of(plan: &[Planned]) -> Vec<SceneId> {
    let ends = plan.iter().position(|planned| matches!(planned.what, What::End(_)));
    plan.iter().take(ends.map_or(plan.len(), |last| last + 1)).filter_map(|planned| planned.id().cloned()).collect()
}

/// Whether a plan is more than its scenes, so that it has to be kept beside them.
pub fn is_more(plan: &[Planned], flow: &Flow) -> bool {
    flow.draws()
        || !flow.branches.is_empty()
        || order_of(plan).len() != plan.len()
        || plan.iter().any(|planned| !planned.sections.is_empty())
}

#[cfg(test)]
mod tests;
