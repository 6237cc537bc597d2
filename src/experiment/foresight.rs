//! Branches that look at a scene which whoever decides cannot have been in yet: nothing is wrong with them by themselves,
//! and they never hold.

use std::collections::BTreeMap;

use super::{Branches, Flow, Of, Part, Rule};
use crate::ids::SceneId;

/// A branch that looks ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooksAhead<'a> {
    /// The scene that has the branch.
    pub scene: &'a SceneId,
    /// The method that says it.
    pub method: &'static str,
    /// The scene that it looks at.
    pub at: &'a SceneId,
}

/// A scene in the order as it is written.
struct Spot<'a> {
    scene: &'a SceneId,
    /// The parts around it within which it may come before what is written before it, each with the child that it is in;
    /// none where the order is turned around completely, as by a repetition.
    around: BTreeMap<usize, Option<usize>>,
}

/// The branches of an order that look only at scenes that come later.
pub fn looks_ahead(flow: &Flow) -> Vec<LooksAhead<'_>> {
    let (mut spots, mut sections, mut nodes) = (Vec::new(), BTreeMap::new(), 0);
    for part in &flow.order {
        lay(part, &BTreeMap::new(), &mut nodes, &mut spots, &mut sections);
    }
    let first = |id: &str| spots.iter().position(|spot: &Spot<'_>| spot.scene.as_str() == id);
    // Whoever is led back has been further ahead than the order tells.
    let backward = |from: usize, to: usize| {
        let leads = |(scene, Branches { go_to, .. }): (&SceneId, &Branches)| {
            let target = |name: &str| first(name).or_else(|| sections.get(name).copied());
            let back = |go: &super::GoTo| {
                go.target.as_ref().is_none_or(|name| target(name.as_str()).is_none_or(|at| at <= to))
            };
            first(scene.as_str()).is_some_and(|at| at >= from) && go_to.iter().any(back)
        };
        flow.branches.iter().any(leads)
    };
    let unknown = |scene: &SceneId, looked_at: &SceneId, inclusive: bool| {
        let (Some(here), Some(there)) = (first(scene.as_str()), first(looked_at.as_str())) else { return false };
        let (own, other) = (&spots[here].around, &spots[there].around);
        let shuffled =
            own.iter().any(|(node, child)| other.get(node).is_some_and(|known| child.is_none() || child != known));
        let later = if inclusive { there >= here } else { there > here };
        later && !shuffled && !backward(there, here)
    };
    let mut found = Vec::new();
    for (scene, Branches { skip_if, go_to }) in &flow.branches {
        for at in skip_if.iter().filter_map(looks_at).filter(|at| unknown(scene, at, true)) {
            found.push(LooksAhead { scene, method: "skip_if", at });
        }
        let rules = go_to.iter().filter_map(|go| go.rule.as_ref());
        for at in rules.filter_map(looks_at).filter(|at| unknown(scene, at, false)) {
            found.push(LooksAhead { scene, method: "go_to", at });
        }
    }
    found
}

fn looks_at(rule: &Rule) -> Option<&SceneId> {
    match rule {
        Rule::When(test) => match &test.of {
            Of::Answer(scene, _) | Of::Result(scene, _) => Some(scene),
            Of::Global(_) | Of::Condition(_) | Of::Parameter(_) => None,
        },
        Rule::Function(_) => None,
    }
}

fn lay<'a>(
    part: &'a Part,
    around: &BTreeMap<usize, Option<usize>>,
    nodes: &mut usize,
    spots: &mut Vec<Spot<'a>>,
    sections: &mut BTreeMap<&'a str, usize>,
) {
    *nodes += 1;
    let node = *nodes;
    if let Part::Scene(scene) = part {
        spots.push(Spot { scene, around: around.clone() });
    }
    if let Part::Section { name, .. } = part {
        sections.insert(name.as_str(), spots.len());
    }
    for (index, child) in part.children().into_iter().enumerate() {
        let mut around = around.clone();
        match part {
            Part::RandomizeOrder { .. } => drop(around.insert(node, Some(index))),
            Part::RepeatScene { .. } => drop(around.insert(node, None)),
            _ => {}
        }
        lay(child, &around, nodes, spots, sections);
    }
}
