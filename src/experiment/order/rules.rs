//! Why the rule of a branch can never hold.

use super::layout::Layout;
use crate::experiment::{Ask, Conditions, Of, Part, Rule, Scene, Test, rows_named};
use crate::ids::{PartName, QuestionId, SceneId};

impl Layout<'_> {
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

    pub(super) fn kind(&self, id: &SceneId) -> Option<&'static str> {
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
