//! Which scenes a participant goes through, and in which order.

use crate::experiment::Stager;
use crate::ids::SceneId;

/// Draws the order of one participant's scenes. It is drawn once and kept in the journal, so that a changed module or a
/// reload never reshuffles anybody.
pub fn draw(stager: &Stager) -> Vec<SceneId> {
    stager.scenes().iter().map(|scene| scene.id().clone()).collect()
}

/// Where a participant stands in its order of scenes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Itinerary {
    order: Vec<SceneId>,
    visit: u32,
}

impl Itinerary {
    /// The order was drawn, or changed for the scenes to come.
    pub fn drawn(&mut self, order: Vec<SceneId>) {
        self.order = order;
    }

    /// A scene was entered.
    pub fn entered(&mut self, visit: u32) {
        self.visit = visit;
    }

    /// Number of the scene the participant is in, counted from 1; 0 before the first.
    pub fn visit(&self) -> u32 {
        self.visit
    }

    /// Number of all scenes.
    pub fn length(&self) -> u32 {
        u32::try_from(self.order.len()).unwrap_or(u32::MAX)
    }

    /// The scene the participant is in.
    pub fn current(&self) -> Option<&SceneId> {
        self.at(self.visit)
    }

    /// The scene of a visit.
    pub fn at(&self, visit: u32) -> Option<&SceneId> {
        visit.checked_sub(1).and_then(|index| self.order.get(index as usize))
    }

    /// The last scene.
    pub fn last(&self) -> Option<&SceneId> {
        self.order.last()
    }

    /// The order that leads from the current scene straight to another; `None` when that comes next anyway, or does not
    /// come any more.
    pub fn shortcut_to(&self, target: &SceneId) -> Option<Vec<SceneId>> {
        let (entered, ahead) = self.order.split_at_checked(self.visit as usize)?;
        let skipped = ahead.iter().position(|scene| scene == target)?;
        (skipped > 0).then(|| [entered, &ahead[skipped..]].concat())
    }

    /// The scene after the current one, with its visit; `None` at the end.
    pub fn next(&self) -> Option<(u32, &SceneId)> {
        self.order.get(self.visit as usize).map(|scene| (self.visit + 1, scene))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_scene_is_visited_once_and_in_order(length in 1_usize..20) {
            let order: Vec<SceneId> = (0..length).map(|i| format!("scene-{i}").parse().unwrap()).collect();
            let mut itinerary = Itinerary::default();
            itinerary.drawn(order.clone());
            let mut seen = Vec::new();
            while let Some((visit, scene)) = itinerary.next().map(|(visit, scene)| (visit, scene.clone())) {
                itinerary.entered(visit);
                prop_assert_eq!(itinerary.current(), Some(&scene));
                seen.push(scene);
            }
            prop_assert_eq!(seen, order);
        }
    }
}
