//! Gives a game the values that scenes share, when it opens.

use super::services::Services;
use crate::facts::{Entry, GameFact, JournalError, Payload, Stream};
use crate::ids::{GameId, SubjectId};
use crate::rules::globals;
use crate::rules::memory::Memory;

/// The entry that gives them to a game, by its players' agents; nothing in a study without.
///
/// # Errors
/// When what is known of a player cannot be read.
pub async fn given(
    services: &Services,
    game: GameId,
    players: impl IntoIterator<Item = (String, SubjectId)>,
) -> Result<Option<Entry>, JournalError> {
    let declared = &services.experiment.globals;
    if declared.is_empty() {
        return Ok(None);
    }
    let mut known = Vec::new();
    for (agent, subject) in players {
        let mut memory = Memory::default();
        for recorded in services.read(Stream::Participant(subject)).await? {
            if let crate::facts::Fact::Participant(fact) = &recorded.fact {
                memory.apply(fact);
            }
        }
        known.push((agent, memory.globals().clone()));
    }
    let fact: Option<GameFact> = globals::given(declared, known.into_iter());
    let entry = |fact: GameFact| Entry {
        stream: Stream::Game(game),
        at: services.clock.now(),
        fact: fact.into(),
        payload: Payload::None,
    };
    Ok(fact.map(entry))
}
