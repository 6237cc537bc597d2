//! Which visits a participant made, and what of its stream belongs to one of them.

use crate::facts::{Fact, ParticipantFact, Recorded, Target};
use crate::ids::{GameId, SubjectId};
use crate::time::Timestamp;

/// The visits of a participant, with their games.
pub(crate) fn visits(subject: &SubjectId, person: &[Recorded]) -> Vec<Target> {
    let entered = person.iter().filter_map(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::SceneEntered { visit, scene }) => Some((*visit, scene.clone())),
        _ => None,
    });
    let target = |(visit, scene)| Target { subject: subject.clone(), scene, visit, game: game_of(person, visit) };
    entered.map(target).collect()
}

fn game_of(person: &[Recorded], of: u32) -> Option<GameId> {
    person.iter().find_map(|recorded| match recorded.fact {
        Fact::Participant(ParticipantFact::GameJoined { visit, game, .. }) if visit == of => Some(game),
        _ => None,
    })
}

/// Which of the subject's visits of the scene it is, counted from 1.
pub(crate) fn occurrence(person: &[Recorded], target: &Target) -> usize {
    let entered = person.iter().filter(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::SceneEntered { visit, scene }) => {
            *scene == target.scene && *visit <= target.visit
        }
        _ => false,
    });
    entered.count().max(1)
}

/// The visit that a fact belongs to; nothing when it concerns all of them.
pub(crate) fn visit_of(fact: &ParticipantFact) -> Option<u32> {
    match fact {
        ParticipantFact::SceneEntered { visit, .. }
        | ParticipantFact::GameJoined { visit, .. }
        | ParticipantFact::GameLost { visit, .. }
        | ParticipantFact::Dismissed { visit, .. }
        | ParticipantFact::Screened { visit, .. }
        | ParticipantFact::Warned { visit, .. }
        | ParticipantFact::Excluded { visit, .. }
        | ParticipantFact::QuestionsDrawn { visit, .. }
        | ParticipantFact::AnswerGiven { visit, .. }
        | ParticipantFact::AnswersHandedIn { visit, .. }
        | ParticipantFact::DataSaved { visit, .. }
        | ParticipantFact::PageTold { visit, .. }
        | ParticipantFact::GlobalsChanged { visit, .. }
        | ParticipantFact::ConditionAssigned { visit, .. }
        | ParticipantFact::GameScored { visit, .. }
        | ParticipantFact::BonusComputed { visit, .. }
        | ParticipantFact::CodeIssued { visit, .. }
        | ParticipantFact::BrowserFailed { visit, .. } => Some(*visit),
        ParticipantFact::ParticipantCreated { .. }
        | ParticipantFact::ScenesDrawn { .. }
        | ParticipantFact::Rerouted { .. }
        | ParticipantFact::Resumed { .. } => None,
    }
}

/// When a visit began.
pub(crate) fn entered(person: &[Recorded], of: u32) -> Option<Timestamp> {
    person.iter().find_map(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::SceneEntered { visit, .. }) if *visit == of => Some(recorded.at),
        _ => None,
    })
}
