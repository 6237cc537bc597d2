//! `_metadata.json` and `_globals.json`: what happened around the steps of a game.

use serde_json::{Value, json};

use super::answers::Replies;
use super::shared::Shared;
use super::visits::visit_of;
use crate::facts::{Fact, GameFact, ParticipantFact, Recorded, Target};
use crate::rules::lobby;
use crate::rules::seeds::episode_seed;

/// What is to be known of a visit. `experiment` has `experiment_id` and, by their ids, `scenes`.
pub(super) fn metadata(
    experiment: &Value,
    target: &Target,
    person: &[Recorded],
    game: &[Recorded],
    shared: Option<&Shared<'_>>,
    replies: Option<&Replies<'_>>,
) -> Value {
    let facts = |recorded: &[Recorded]| -> Vec<_> {
        let told = recorded.iter().filter(|recorded| is_told(&recorded.fact, target.visit));
        told.map(|recorded| json!({"at": recorded.at, "fact": public(&recorded.fact)})).collect()
    };
    let mut metadata = json!({
        "experiment_id": experiment["experiment_id"],
        "scene_id": target.scene,
        "subject_id": target.subject,
        "visit": target.visit,
        "game_id": target.game,
        "scene": experiment["scenes"][target.scene.as_str()],
        "episode_seeds": episode_seeds(game),
        "participant": facts(person),
        "game": facts(game),
        "greenroom_version": env!("CARGO_PKG_VERSION"),
    });
    if let Some(shared) = shared {
        metadata["players"] = json!(shared.players(&experiment["scenes"][target.scene.as_str()]));
    }
    if let Some(replies) = replies {
        (metadata["answers"], metadata["handed_in"]) = replies.history();
    }
    metadata
}

/// What is known of the participant across scenes: the page's query parameters, and the values that scenes share.
pub(super) fn globals(target: &Target, person: &[Recorded]) -> Value {
    let parameters = person.iter().find_map(|recorded| match &recorded.fact {
        Fact::Participant(ParticipantFact::ParticipantCreated { parameters, .. }) => Some(parameters),
        _ => None,
    });
    let mut globals = serde_json::Map::new();
    for recorded in person {
        if let Fact::Participant(ParticipantFact::GlobalsChanged { values, .. }) = &recorded.fact {
            globals.extend(values.clone());
        }
    }
    json!({"subject_id": target.subject, "url_parameters": parameters, "globals": globals})
}

/// Whether a fact belongs into the metadata of a visit: what comes with every frame stands elsewhere.
fn is_told(fact: &Fact, visit: u32) -> bool {
    match fact {
        // They stand together, question by question.
        Fact::Participant(ParticipantFact::AnswerGiven { .. } | ParticipantFact::AnswersHandedIn { .. }) => false,
        Fact::Participant(fact) => visit_of(fact).is_none_or(|of| of == visit),
        Fact::Game(fact) => !matches!(
            fact,
            GameFact::StepsAccepted { .. }
                | GameFact::FramesConfirmed { .. }
                | GameFact::FramesWitnessed { .. }
                | GameFact::SnapshotTaken { .. }
                | GameFact::RunnerSnapshot { .. }
                | GameFact::ClockStretched { .. }
                | GameFact::CopyAdopted { .. }
                | GameFact::LinkSampled { .. }
        ),
        Fact::Lobby(_) => true,
        Fact::WaitRoom(_) | Fact::Assignment(_) | Fact::Scene(_) | Fact::Study(_) => false,
    }
}

/// A fact without what is no business of a data file.
fn public(fact: &Fact) -> Value {
    let mut value = json!(fact);
    if let Some(fields) = value.as_object_mut() {
        fields.remove("token");
    }
    value
}

/// The seed that each begun episode was reset with, so that the data alone is enough to play it again.
fn episode_seeds(game: &[Recorded]) -> Vec<u32> {
    let game_seed = game.iter().find_map(|recorded| match recorded.fact {
        Fact::Game(GameFact::GameOpened { seed, .. } | GameFact::GameMatched { seed, .. }) => Some(seed),
        _ => None,
    });
    let begun = game.iter().filter_map(|recorded| match recorded.fact {
        Fact::Game(GameFact::StepsAccepted { episode, .. }) | Fact::Lobby(lobby::Fact::Begun { episode }) => {
            Some(episode + 1)
        }
        _ => None,
    });
    let begun = begun.max().unwrap_or(0);
    game_seed.map(|seed| (0..begun).map(|episode| episode_seed(seed, episode)).collect()).unwrap_or_default()
}
