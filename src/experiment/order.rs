//! What can be wrong with the order of a study's scenes and with its branches.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{
    Ask, Branches, Conditions, END, Flow, LONGEST_ORDER, Level, Of, Part, Problem, Rule, START, Scene, Test, WhenFull,
    rows_named,
};
use crate::ids::{PartName, QuestionId, SceneId};

/// What the order of scenes depends on. A scene that is not complete yet has one too, so that all problems of a study
/// can be told at once.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'a> {
    /// See [`Scene::kind`].
    pub kind: &'static str,
    /// The scene's id, once it has one.
    pub id: Option<&'a SceneId>,
    /// See [`Scene::way_out`].
    pub way_out: Option<&'a SceneId>,
}

impl<'a> Outline<'a> {
    /// That of a scene.
    pub fn of(scene: &'a Scene) -> Self {
        Self { kind: scene.kind(), id: Some(scene.id()), way_out: scene.way_out() }
    }
}

impl fmt::Display for Outline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "{} {:?}", self.kind, id.as_str()),
            None => write!(f, "a {} without scene_id", self.kind),
        }
    }
}

/// Everything that is wrong with scenes, their order and their branches.
pub(super) fn problems_of(scenes: &[Scene], flow: &Flow) -> Vec<Problem> {
    let outlines: Vec<_> = scenes.iter().map(Outline::of).collect();
    let mut problems = Vec::new();
    let mut index = |id: &SceneId| scenes.iter().position(|scene| scene.id() == id).ok_or_else(|| id.clone());
    let mut order = Vec::new();
    for part in &flow.order {
        match part.renamed(&mut index) {
            Ok(part) => order.push(part),
            Err(id) => {
                problems.push(Problem::new(format!("the order names the scene {:?}, which is not there", id.as_str())))
            }
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    // Two scenes of one id: the order can name only the first of them.
    let list = order.iter().all(|part| matches!(part, Part::Scene(_)));
    if list && order.len() == scenes.len() {
        order = (0..scenes.len()).map(Part::Scene).collect();
    }
    let layout = Layout::of(&outlines, &order);
    problems.extend(layout.problems());
    for part in &order {
        problems.extend(problem_within(part, &|scene: &usize| outlines[*scene].kind).map(Problem::new));
    }
    for (id, branches) in &flow.branches {
        match outlines.iter().position(|scene| scene.id == Some(id)) {
            Some(at) => problems
                .extend(layout.problems_of_branches(at, branches, scenes).map(|text| Problem::new(text).of_scene(at))),
            None => {
                problems.push(Problem::new(format!("a branch names the scene {:?}, which is not there", id.as_str())))
            }
        }
    }
    problems
}

/// What is wrong with a part of the order by itself, or with one inside it; completes no sentence.
pub fn problem_within<S>(part: &Part<S>, kind: &dyn Fn(&S) -> &'static str) -> Option<String> {
    let inside = part.children().into_iter().find_map(|part| problem_within(part, kind));
    inside.or_else(|| problem_of_part(part, kind))
}

/// What is wrong with a part of the order by itself.
pub fn problem_of_part<S>(part: &Part<S>, kind: &dyn Fn(&S) -> &'static str) -> Option<String> {
    let has = |kinds: &str| part.scenes().into_iter().any(|scene| kind(scene) == kinds);
    let (title, parts, ends) = match part {
        Part::Scene(_) => return None,
        Part::RandomizeOrder { parts, .. } => ("RandomizeOrder", Some(parts), false),
        Part::RepeatScene { parts, .. } => ("RepeatScene", Some(parts), false),
        Part::Section { parts, .. } => ("Section", Some(parts), true),
        Part::Conditions(_) => ("Conditions", None, true),
    };
    if parts.is_some_and(Vec::is_empty) {
        return Some(format!("{title}: scenes is empty: give at least one"));
    }
    if has(START) {
        return Some(format!("{title}: a StartScene can only be the first of the Stager's scenes: move it there"));
    }
    if !ends && has(END) {
        return Some(format!(
            "{title}: an EndScene ends the study, so it cannot stand in a {title}: put it behind, or lead there with \
             .go_to(...)"
        ));
    }
    match part {
        Part::RandomizeOrder { parts, keep_n: Some(keep_n) } if *keep_n == 0 || *keep_n as usize > parts.len() => {
            Some(format!(
                "RandomizeOrder: keep_n must be from 1 to {}, the number of its scenes, but {keep_n} was given",
                parts.len()
            ))
        }
        Part::Conditions(conditions) => problem_of_conditions(conditions),
        _ => None,
    }
}

fn problem_of_conditions<S>(Conditions { name, levels, .. }: &Conditions<S>) -> Option<String> {
    let title = format!("Conditions '{name}'");
    if levels.len() < 2 {
        return Some(format!("{title}: levels has {}: a condition needs at least two", levels.len()));
    }
    let mut seen = BTreeSet::new();
    if let Some(Level { name, .. }) = levels.iter().find(|level| !seen.insert(&level.name)) {
        return Some(format!("{title}: levels has '{name}' twice"));
    }
    let without = levels.iter().find(|level| level.quota.is_none());
    if let Some(without) = without.filter(|_| levels.iter().any(|level| level.quota.is_some())) {
        return Some(format!(
            "{title}: quotas has none for the level '{}': give every level one, or none",
            without.name
        ));
    }
    levels.iter().find(|level| level.quota == Some(0)).map(|level| {
        format!("{title}: quotas must be at least 1, but the level '{}' has 0: remove the level", level.name)
    })
}

/// Everything that is wrong with the order and the ids of scenes; the order names them by their place in the list.
pub fn problems_of_order(scenes: &[Outline<'_>], order: &[Part<usize>]) -> Vec<Problem> {
    Layout::of(scenes, order).problems()
}

/// Where each scene and section stands in an order.
#[derive(Debug)]
pub struct Layout<'a> {
    scenes: &'a [Outline<'a>],
    order: &'a [Part<usize>],
    /// The scenes as they are written.
    flat: Vec<Spot>,
    sections: BTreeMap<&'a PartName, Choices>,
    names: Vec<(&'static str, &'a PartName)>,
}

/// Which part of some of which only one, or not all, are gone through.
type Choices = Vec<(usize, usize)>;

#[derive(Debug)]
struct Spot {
    scene: usize,
    choices: Choices,
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

    fn problems(&self) -> Vec<Problem> {
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

    /// What is wrong with a scene's branches.
    pub fn problems_of_branches<'b>(
        &'b self,
        at: usize,
        branches: &'b Branches,
        scenes: &'b [Scene],
    ) -> impl Iterator<Item = String> + 'b {
        let lookup = |id: &SceneId| scenes.iter().find(|scene| scene.id() == id);
        let skips = branches
            .skip_if
            .iter()
            .flat_map(move |rule| self.problem_of_skip(at).or_else(|| self.problem_of_rule(rule, &lookup)));
        let goes = branches.go_to.iter().flat_map(move |go| {
            let target = go.target.as_ref();
            let wrong =
                self.problem_of_leaving(at).or_else(|| target.and_then(|target| self.problem_of_target(at, target)));
            wrong.or_else(|| go.rule.as_ref().and_then(|rule| self.problem_of_rule(rule, &lookup)))
        });
        skips.chain(goes)
    }

    /// Why a scene cannot be passed over.
    pub fn problem_of_skip(&self, at: usize) -> Option<String> {
        let scene = &self.scenes[at];
        let last = matches!(self.order.last(), Some(Part::Scene(last)) if *last == at);
        match scene.kind {
            START => Some(format!("{scene} has .skip_if(...), but the first scene is always shown: remove it")),
            END if last => Some(format!(
                "{scene} has .skip_if(...), but the last scene is for everybody who comes there: remove it"
            )),
            _ => None,
        }
    }

    /// Why a scene leads nowhere.
    pub fn problem_of_leaving(&self, at: usize) -> Option<String> {
        let scene = &self.scenes[at];
        (scene.kind == END).then(|| format!("{scene} has .go_to(...), but nothing comes after an EndScene: remove it"))
    }

    /// Why nobody can be led from a scene to this scene or section.
    pub fn problem_of_target(&self, at: usize, target: &PartName) -> Option<String> {
        let scene = &self.scenes[at];
        let is_it = |spot: &&Spot| self.scenes[spot.scene].id.is_some_and(|id| id.as_str() == target.as_str());
        let spots: Vec<&Choices> =
            self.flat.iter().filter(is_it).map(|spot| &spot.choices).chain(self.sections.get(target)).collect();
        if spots.is_empty() {
            return Some(format!(
                "{scene} has .go_to('{target}'), but no scene or section has that name; there are {}",
                self.targets().join(", ")
            ));
        }
        if self.flat.iter().find(is_it).is_some_and(|spot| self.scenes[spot.scene].kind == START) {
            return Some(format!(
                "{scene} has .go_to('{target}'), but nobody goes back to the StartScene: name another scene"
            ));
        }
        let mut from = self.flat.iter().filter(|spot| spot.scene == at);
        let reached = from.all(|from| spots.iter().any(|to| certain(to, &from.choices)));
        (!reached).then(|| {
            format!(
                "{scene} has .go_to('{target}'), which only some participants have in their order (it stands in a level of \
                 Conditions, or in a RandomizeOrder with keep_n): name a scene that everybody has who comes here"
            )
        })
    }

    fn targets(&self) -> Vec<String> {
        let scenes = self.scenes.iter().filter(|scene| scene.kind != START).filter_map(|scene| scene.id);
        scenes.map(|id| format!("'{id}'")).chain(self.sections.keys().map(|name| format!("'{name}'"))).collect()
    }

    /// Why a rule can never hold.
    pub fn problem_of_rule<'s>(&self, rule: &Rule, lookup: &impl Fn(&SceneId) -> Option<&'s Scene>) -> Option<String> {
        let Rule::When(test) = rule else { return None };
        match &test.of {
            Of::Global(_) | Of::Parameter(_) => None,
            Of::Condition(name) => self.problem_of_level(name, test),
            Of::Answer(id, question) => {
                let Some(kind) = self.kind(id) else { return Some(self.unknown(id)) };
                let form = match lookup(id)? {
                    Scene::Form(scene) => &scene.form,
                    _ => return Some(format!("scene='{id}' is a {kind}, which asks no questions")),
                };
                let asked = |id: &QuestionId| form.questions.iter().find(|known| known.id == *id);
                let row = |(grid, row): (QuestionId, String)| match &asked(&grid)?.ask {
                    Ask::Grid { rows, columns, .. } => Some((rows.iter().any(|known| known.id == row), columns)),
                    _ => None,
                };
                if let (None, Some((true, columns))) = (asked(question), rows_named(question).find_map(row)) {
                    return problem_of_number(question.as_str(), Some(columns.len()), test);
                }
                let Some(found) = asked(question) else {
                    let known: Vec<_> = form.questions.iter().map(|known| format!("'{}'", known.id)).collect();
                    return Some(format!(
                        "question='{question}' is not asked in the scene '{id}'; its questions are {}",
                        if known.is_empty() { "none".to_owned() } else { known.join(", ") }
                    ));
                };
                problem_of_answer(question.as_str(), &found.ask, test)
            }
            Of::Result(id, _) => {
                let Some(kind) = self.kind(id) else { return Some(self.unknown(id)) };
                match lookup(id)? {
                    Scene::Start(_) | Scene::Form(_) | Scene::End(_) => {
                        Some(format!("scene='{id}' is a {kind}, in which nothing is played"))
                    }
                    _ => None,
                }
            }
        }
    }

    fn kind(&self, id: &SceneId) -> Option<&'static str> {
        self.scenes.iter().find(|scene| scene.id == Some(id)).map(|scene| scene.kind)
    }

    fn unknown(&self, id: &SceneId) -> String {
        let known: Vec<_> = self.scenes.iter().filter_map(|scene| scene.id).map(|id| format!("'{id}'")).collect();
        format!("scene='{id}' is not there; there are {}", known.join(", "))
    }

    fn problem_of_level(&self, name: &PartName, test: &Test) -> Option<String> {
        fn find<'a>(part: &'a Part<usize>, name: &PartName) -> Option<&'a Conditions<usize>> {
            match part {
                Part::Conditions(conditions) if conditions.name == *name => Some(conditions),
                _ => part.children().into_iter().find_map(|part| find(part, name)),
            }
        }
        let Some(conditions) = self.order.iter().find_map(|part| find(part, name)) else {
            let known: Vec<_> = self
                .names
                .iter()
                .filter(|(kind, _)| *kind == "condition")
                .map(|(_, name)| format!("'{name}'"))
                .collect();
            let known =
                if known.is_empty() { "there is none".to_owned() } else { format!("there is {}", known.join(", ")) };
            return Some(format!("condition='{name}' is no Conditions of the study; {known}"));
        };
        let named = test.equals.iter().chain(test.any_of.iter().flatten());
        let wrong =
            named.into_iter().find(|value| value.as_str().is_none_or(|level| conditions.level(level).is_none()))?;
        let known: Vec<_> = conditions.levels.iter().map(|level| format!("'{}'", level.name)).collect();
        Some(format!("condition='{name}' has no level {wrong}; its levels are {}", known.join(", ")))
    }
}

/// Whether whoever goes through the one also goes through the other.
fn certain(target: &Choices, from: &Choices) -> bool {
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

/// Why a number is never so; the number of a column where there are `columns`.
fn problem_of_number(question: &str, columns: Option<usize>, test: &Test) -> Option<String> {
    let mut named = test.equals.iter().chain(test.any_of.iter().flatten());
    let possible = |value: &serde_json::Value| match columns {
        None => value.is_number(),
        Some(columns) => value.as_f64().is_some_and(|column| (0..columns).any(|known| known as f64 == column)),
    };
    let wrong = named.find(|value| !possible(value))?;
    Some(match columns {
        None => format!("question='{question}' is answered with a number, so it never equals {wrong}"),
        Some(columns) => format!(
            "question='{question}' is answered with the number of a column, from 0 to {}, so it never equals {wrong}",
            columns.saturating_sub(1)
        ),
    })
}

/// Why the answer to a question is never so.
fn problem_of_answer(question: &str, ask: &Ask, test: &Test) -> Option<String> {
    let bounded = test.at_least.is_some() || test.at_most.is_some();
    let named = || test.equals.iter().chain(test.any_of.iter().flatten());
    match ask {
        Ask::Number { .. } | Ask::Scale { .. } => problem_of_number(question, None, test),
        _ if bounded => Some(format!(
            "question='{question}' is not answered with a number: at_least and at_most never hold; use equals or any_of"
        )),
        Ask::Text { .. } => named()
            .find(|value| !value.is_string())
            .map(|wrong| format!("question='{question}' is answered with a text, so it never equals {wrong}")),
        Ask::Consent { .. } => named()
            .find(|value| !value.is_boolean())
            .map(|wrong| format!("question='{question}' is answered with True or False, so it never equals {wrong}")),
        Ask::Choice { options, several, .. } => {
            let parts = named().flat_map(|value| match value {
                serde_json::Value::Array(parts) if *several => parts.iter().collect(),
                other => vec![other],
            });
            let known = |value: &&serde_json::Value| {
                value.as_str().is_some_and(|id| options.iter().any(|option| option.id == id))
            };
            let wrong = parts.into_iter().find(|value| !known(value))?;
            let known: Vec<_> = options.iter().map(|option| format!("'{}'", option.id)).collect();
            Some(format!("question='{question}' has no option {wrong}; its options are {}", known.join(", ")))
        }
        Ask::Grid { rows, .. } => {
            let first = rows.first().map_or("ROW", |row| &row.id);
            Some(format!(
                "question='{question}' is a table: compare one of its rows, such as question='{question}.{first}'"
            ))
        }
    }
}

impl WhenFull {
    /// The word that researchers write.
    pub fn word(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::End => "end",
        }
    }
}
