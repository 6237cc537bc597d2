//! What can be wrong with a part of the order by itself.

use std::collections::BTreeSet;

use crate::experiment::{Conditions, END, Level, Part, START};

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
