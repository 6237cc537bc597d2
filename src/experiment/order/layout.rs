//! Where each scene and section stands in an order, and what is wrong with that: the ends, the names, the ways out.

use std::collections::{BTreeMap, BTreeSet};

use super::Outline;
use crate::experiment::{END, LONGEST_ORDER, Part, Problem, START};
use crate::ids::PartName;

/// Where each scene and section stands in an order.
#[derive(Debug)]
pub struct Layout<'a> {
    pub(super) scenes: &'a [Outline<'a>],
    pub(super) order: &'a [Part<usize>],
    /// The scenes as they are written.
    pub(super) flat: Vec<Spot>,
    pub(super) sections: BTreeMap<&'a PartName, Choices>,
    pub(super) names: Vec<(&'static str, &'a PartName)>,
}

/// Which part of some of which only one, or not all, are gone through.
pub(super) type Choices = Vec<(usize, usize)>;

#[derive(Debug)]
pub(super) struct Spot {
    pub(super) scene: usize,
    pub(super) choices: Choices,
}

impl<'a> Layout<'a> {
    /// The layout of these scenes in this order.
    pub fn of(scenes: &'a [Outline<'a>], order: &'a [Part<usize>]) -> Self {
        let mut layout = Self { scenes, order, flat: Vec::new(), sections: BTreeMap::new(), names: Vec::new() };
        let mut nodes = 0;
        for part in order {
            layout.lay(part, &Vec::new(), &mut nodes);
        }
        layout
    }

    fn lay(&mut self, part: &'a Part<usize>, choices: &Choices, nodes: &mut usize) {
        *nodes += 1;
        let node = *nodes;
        let with = |choices: &Choices, child: usize| [choices.as_slice(), &[(node, child)]].concat();
        match part {
            Part::Scene(scene) => {
                self.flat.push(Spot { scene: *scene, choices: choices.clone() });
            }
            Part::RandomizeOrder { parts, keep_n } => {
                let all = keep_n.is_none_or(|n| n as usize >= parts.len());
                for (index, part) in parts.iter().enumerate() {
                    let choices = if all { choices.clone() } else { with(choices, index) };
                    self.lay(part, &choices, nodes);
                }
            }
            Part::RepeatScene { parts, .. } => parts.iter().for_each(|part| self.lay(part, choices, nodes)),
            Part::Section { name, parts } => {
                self.names.push(("section", name));
                self.sections.insert(name, choices.clone());
                parts.iter().for_each(|part| self.lay(part, choices, nodes));
            }
            Part::Conditions(conditions) => {
                self.names.push(("condition", &conditions.name));
                for (index, level) in conditions.levels.iter().enumerate() {
                    for part in &level.parts {
                        self.lay(part, &with(choices, index), nodes);
                    }
                }
            }
        }
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        match self.order.first() {
            None => problems.push(Problem::no_scenes()),
            Some(Part::Scene(first)) if self.scenes[*first].kind == START => {}
            Some(_) => {
                let first = self.flat.first().map_or(0, |spot| spot.scene);
                problems.extend(self.scenes.get(first).map(|scene| Problem::first_is_not_start(scene).of_scene(first)));
            }
        }
        match self.order.last() {
            None => {}
            Some(Part::Scene(last)) if self.scenes[*last].kind == END => {}
            Some(_) => {
                let last = self.flat.last().map_or(0, |spot| spot.scene);
                problems.extend(self.scenes.get(last).map(|scene| Problem::last_is_not_end(scene).of_scene(last)));
            }
        }
        problems.extend(self.problems_of_names());
        let longest = self.order.iter().map(Part::longest).fold(0, u32::saturating_add);
        if longest > LONGEST_ORDER {
            problems.push(Problem::new(format!(
                "a participant may get {longest} scenes, but {LONGEST_ORDER} are the most: repeat fewer"
            )));
        }
        for (index, scene) in self.scenes.iter().enumerate() {
            if let Some(way_out) = scene.way_out {
                let ahead = self.ahead(index);
                if !ahead.iter().any(|other| other.id == Some(way_out)) {
                    let exists = self.scenes.iter().any(|other| other.id == Some(way_out));
                    problems.push(Problem::way_out_is_not_ahead(scene, way_out, exists, &ahead).of_scene(index));
                }
            }
        }
        problems
    }

    /// The scenes written behind one that whoever is there can get to.
    fn ahead(&self, scene: usize) -> Vec<Outline<'a>> {
        let Some(at) = self.flat.iter().position(|spot| spot.scene == scene) else { return Vec::new() };
        let here = &self.flat[at];
        let behind = self.flat[at + 1..].iter().filter(|spot| certain(&spot.choices, &here.choices));
        behind.map(|spot| self.scenes[spot.scene]).collect()
    }

    fn problems_of_names(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut ids = BTreeSet::new();
        for (index, id) in self.scenes.iter().enumerate().filter_map(|(index, scene)| Some((index, scene.id?))) {
            if !ids.insert(id) {
                problems.push(Problem::duplicate_scene(id).of_scene(index));
            }
        }
        let mut twice = BTreeSet::new();
        seen(self.order.iter(), &mut twice);
        for index in twice {
            problems.push(Problem::new(format!(
                "{} stands twice in the order: repeat it with RepeatScene(...), or make a second scene with an id of its own",
                self.scenes[index]
            )).of_scene(index));
        }
        let mut names = BTreeSet::new();
        for (kind, name) in &self.names {
            if !names.insert((kind, name)) {
                problems.push(Problem::new(format!("two {kind}s have the name '{name}': give each a name of its own")));
            }
            if *kind == "section" && ids.iter().any(|id| id.as_str() == name.as_str()) {
                problems.push(Problem::new(format!(
                    "a section and a scene have the name '{name}', so that .go_to('{name}') could mean either: rename one"
                )));
            }
        }
        problems
    }
}

/// Whether whoever goes through the one also goes through the other.
pub(super) fn certain(target: &Choices, from: &Choices) -> bool {
    target.iter().all(|choice| from.contains(choice))
}

/// The scenes of parts that are gone through one after the other; those that come twice are noted.
fn seen<'a>(parts: impl Iterator<Item = &'a Part<usize>>, twice: &mut BTreeSet<usize>) -> BTreeSet<usize> {
    let mut all = BTreeSet::new();
    for part in parts {
        let of_part = match part {
            Part::Scene(scene) => BTreeSet::from([*scene]),
            Part::Conditions(conditions) => {
                // Nobody goes through two levels.
                conditions.levels.iter().flat_map(|level| seen(level.parts.iter(), twice)).collect()
            }
            Part::RandomizeOrder { parts, .. } | Part::RepeatScene { parts, .. } | Part::Section { parts, .. } => {
                seen(parts.iter(), twice)
            }
        };
        twice.extend(all.intersection(&of_part));
        all.extend(of_part);
    }
    all
}
