//! The list of games, read beside the service that writes them.
//!
//! A study may have thousands of games and a game a hundred thousand facts, and the operator's page asks every few
//! seconds: nothing here reads a game's facts one by one. Games carry the time of their making in their names, so that the
//! newest are found by stepping backward from stream to stream; how they ended, and the lengths of their episodes, have an
//! index of their own; and how far a running one is stands in one of its last facts.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::facts::{GameFact, JournalError, Stream};
use crate::ids::{GameId, SceneId, SubjectId};
use crate::time::Timestamp;

/// An index of the few facts that a list of games needs; it is made when a service opens its journal. Queries repeat its
/// condition word for word, since SQLite uses it only then.
pub(super) const INDEX: &str = "CREATE INDEX IF NOT EXISTS facts_of_ends ON facts (stream, id) \
     WHERE fact IN ('episode_ended', 'game_ended', 'ended')";

/// How a game and its episodes ended.
const ENDS: &str =
    "SELECT fact, body FROM facts WHERE stream = ?1 AND fact IN ('episode_ended', 'game_ended', 'ended') ORDER BY id";

/// What begins every name of a game's stream.
const GAMES: &str = "game/";

/// Beyond this many facts from a game's end, nobody looks for how far it is.
const LAST_FACTS: u32 = 256;

/// How long a writer may make a reader wait.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A game of the journal, as far as it was played.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlayedGame {
    /// The game.
    pub game: GameId,
    /// Its scene.
    pub scene: SceneId,
    /// Who plays, in the order of the seats.
    pub players: Vec<PlayedSeat>,
    /// When it began, milliseconds since 1970.
    pub begun_at: Timestamp,
    /// How it ended, such as `complete`; absent while it is played.
    pub ended: Option<String>,
    /// Frames played so far, of all episodes.
    pub frames: u64,
    /// Episodes begun so far.
    pub episodes: u32,
}

/// Who plays on a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlayedSeat {
    /// The agent.
    pub agent: String,
    /// The participant; a bot when absent.
    pub subject: Option<SubjectId>,
}

/// How a game's or an episode's end is told; other facts have other fields.
#[derive(Deserialize)]
struct End {
    episode: Option<u32>,
    steps: Option<u32>,
    reason: Option<String>,
    outcome: Option<String>,
}

/// Reads games from a journal.
#[derive(Debug)]
pub struct Games {
    db: Connection,
}

impl Games {
    /// Opens the journal at `path` to read from it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |cause| StoreError::Open { path: path.to_owned(), cause };
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        db.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        Ok(Self { db })
    }

    /// The newest games, at most so many, and whether there are more.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn newest(&self, most: usize) -> Result<(Vec<PlayedGame>, bool), JournalError> {
        self.try_newest(most).map_err(|cause| JournalError { doing: "list games", cause: cause.to_string() })
    }

    /// One game; `None` when there is none of that name.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn find(&self, game: GameId) -> Result<Option<PlayedGame>, JournalError> {
        self.try_find(game).map_err(|cause| JournalError { doing: "find a game", cause: cause.to_string() })
    }

    fn try_newest(&self, most: usize) -> Result<(Vec<PlayedGame>, bool), Box<dyn std::error::Error>> {
        let mut before = self
            .db
            .prepare("SELECT stream FROM facts WHERE stream >= ?1 AND stream < ?2 ORDER BY stream DESC LIMIT 1")?;
        // The character after `/`.
        let mut stream = String::from("game0");
        let mut games = Vec::new();
        loop {
            let found: Option<String> = before.query_row([GAMES, &stream], |row| row.get(0)).optional()?;
            let Some(found) = found else { return Ok((games, false)) };
            if games.len() == most {
                return Ok((games, true));
            }
            let game = GameId::try_from(found.trim_start_matches(GAMES).to_owned()).ok();
            if let Some(game) = game {
                games.extend(self.try_find(game)?);
            }
            stream = found;
        }
    }

    fn try_find(&self, game: GameId) -> Result<Option<PlayedGame>, Box<dyn std::error::Error>> {
        let stream = Stream::Game(game).to_string();
        let mut first = self.db.prepare_cached("SELECT at, body FROM facts WHERE stream = ?1 ORDER BY id LIMIT 1")?;
        let begun: Option<(i64, String)> =
            first.query_row([&stream], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((at, body)) = begun else { return Ok(None) };
        let (scene, players, progress) = match serde_json::from_str(&body)? {
            GameFact::GameOpened { scene, players, .. } => {
                let seat = |(agent, subject)| PlayedSeat { agent, subject: Some(subject) };
                (scene, players.into_iter().map(seat).collect(), "steps_accepted")
            }
            GameFact::GameMatched { scene, seats, .. } => {
                let seats = seats.into_iter();
                let seat = |seat: crate::facts::SeatTaken| PlayedSeat {
                    agent: seat.agent,
                    subject: seat.player.map(|player| player.subject),
                };
                (scene, seats.map(seat).collect(), "frames_confirmed")
            }
            _ => return Ok(None),
        };
        let (mut frames, mut episodes, mut ended) = (0, 0, None);
        let mut ends = self.db.prepare_cached(ENDS)?;
        let mut rows = ends.query([&stream])?;
        while let Some(row) = rows.next()? {
            let end: End = serde_json::from_str(row.get_ref(1)?.as_str()?)?;
            match row.get_ref(0)?.as_str()? {
                "episode_ended" => {
                    frames += u64::from(end.steps.unwrap_or(0));
                    episodes = episodes.max(end.episode.map_or(0, |episode| episode + 1));
                }
                _ => ended = end.outcome.or(end.reason).or(ended),
            }
        }
        if let Some((episode, so_far)) = self.present(&stream, progress)?
            && episode >= episodes
        {
            frames += u64::from(so_far);
            episodes = episode + 1;
        }
        let begun_at = Timestamp(u64::try_from(at).unwrap_or(0));
        Ok(Some(PlayedGame { game, scene, players, begun_at, ended, frames, episodes }))
    }

    /// The episode that the newest fact of a kind is of, and how many frames it has.
    fn present(&self, stream: &str, kind: &str) -> Result<Option<(u32, u32)>, Box<dyn std::error::Error>> {
        let mut last =
            self.db.prepare_cached("SELECT fact, body FROM facts WHERE stream = ?1 ORDER BY id DESC LIMIT ?2")?;
        let mut rows = last.query(rusqlite::params![stream, LAST_FACTS])?;
        while let Some(row) = rows.next()? {
            if row.get_ref(0)?.as_str()? == kind {
                return Ok(match serde_json::from_str(row.get_ref(1)?.as_str()?)? {
                    GameFact::StepsAccepted { episode, first, count }
                    | GameFact::FramesConfirmed { episode, first, count } => {
                        Some((episode, first.saturating_add(count)))
                    }
                    _ => None,
                });
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Entry, Fact, Journal, Outcome, Payload, SeatTaken, Visitor};
    use crate::store::SqliteJournal;
    use crate::wire::{Finite, Step};

    fn entry(game: GameId, at: u64, fact: impl Into<Fact>) -> Entry {
        Entry { stream: Stream::Game(game), at: Timestamp(at), fact: fact.into(), payload: Payload::None }
    }

    fn matched(game: GameId, at: u64) -> Entry {
        let player = Some(Visitor { subject: "ann".parse().unwrap(), visit: 2 });
        let seats = vec![SeatTaken { agent: "left".into(), player }, SeatTaken { agent: "right".into(), player: None }];
        entry(game, at, GameFact::GameMatched { scene: "duel".parse().unwrap(), seats, seed: 7 })
    }

    fn opened(game: GameId, at: u64) -> Entry {
        let players = [("human".to_owned(), "bob".parse().unwrap())].into();
        entry(game, at, GameFact::GameOpened { scene: "alone".parse().unwrap(), visit: 1, players, seed: 7 })
    }

    #[test]
    fn the_newest_games_come_first_with_how_far_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let [old, running, lost] = [(); 3].map(|()| GameId::fresh());
        let end = |episode, steps| GameFact::EpisodeEnded { episode, steps };
        let mut journal = SqliteJournal::open(&path).unwrap();
        let confirmed = |episode, first, count| GameFact::FramesConfirmed { episode, first, count };
        let entries = [
            opened(old, 5),
            entry(old, 6, GameFact::StepsAccepted { episode: 0, first: 0, count: 10 }),
            entry(old, 6, end(0, 10)),
            entry(old, 7, GameFact::StepsAccepted { episode: 1, first: 0, count: 12 }),
            entry(old, 7, end(1, 12)),
            entry(old, 8, GameFact::GameEnded { outcome: Outcome::Complete }),
            matched(running, 10),
            entry(running, 11, confirmed(0, 0, 30)),
            entry(running, 12, end(0, 28)),
            entry(running, 13, confirmed(1, 0, 9)),
            entry(running, 13, confirmed(1, 9, 2)),
            entry(running, 14, GameFact::StepsAccepted { episode: 1, first: 0, count: 4 }),
            matched(lost, 20),
            entry(lost, 21, confirmed(0, 0, 3)),
        ];
        journal.append(&entries).unwrap();
        let ended = crate::rules::lobby::Fact::Ended { reason: crate::rules::lobby::Reason::Left, by: vec![0] };
        journal.append(&[entry(lost, 22, Fact::Lobby(ended))]).unwrap();

        let games = Games::open(&path).unwrap();
        let (listed, more) = games.newest(10).unwrap();
        assert!(!more);
        let told: Vec<_> =
            listed.iter().map(|game| (game.game, game.ended.as_deref(), game.frames, game.episodes)).collect();
        assert_eq!(told, [(lost, Some("left"), 3, 1), (running, None, 28 + 11, 2), (old, Some("complete"), 22, 2)]);
        assert_eq!(listed[0].players[0].subject.as_ref().unwrap().as_str(), "ann");
        assert_eq!(listed[0].players[1], PlayedSeat { agent: "right".into(), subject: None });
        assert_eq!((listed[2].scene.as_str(), listed[2].begun_at), ("alone", Timestamp(5)));
        let (one, more) = games.newest(1).unwrap();
        assert!(more && one[0].game == lost);
        assert_eq!(games.find(old).unwrap().as_ref(), Some(&listed[2]));
        assert_eq!(games.find(GameId::fresh()).unwrap(), None);
    }

    #[test]
    fn the_index_of_ends_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        drop(SqliteJournal::open(&path).unwrap());
        let db = Connection::open(&path).unwrap();
        let plan: String = db.query_row(&format!("EXPLAIN QUERY PLAN {ENDS}"), ["game/x"], |row| row.get(3)).unwrap();
        assert!(plan.contains("facts_of_ends"), "{plan}");
    }

    /// Not part of the suite: what the list costs for a large study. `cargo test --lib -- --ignored --nocapture large_study`
    #[test]
    #[ignore = "a measurement"]
    fn a_large_study_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let mut journal = SqliteJournal::open(&path).unwrap();
        let (games, facts) = (40_u32, 100_000_u32);
        let step = Step { row: vec![0; 300].into(), at: Finite::try_from(1.0).unwrap(), focused: true };
        for _ in 0..games {
            let game = GameId::fresh();
            let mut entries = vec![matched(game, 1)];
            for n in 0..facts {
                let fact = if n % 5000 == 4999 {
                    entry(game, 2, GameFact::EpisodeEnded { episode: n / 5000, steps: 5000 })
                } else {
                    let fact = GameFact::FramesConfirmed { episode: n / 5000, first: n % 5000, count: 1 };
                    let payload = Payload::Steps(vec![step.clone()]);
                    Entry { payload, ..entry(game, 2, fact) }
                };
                entries.push(fact);
            }
            journal.append(&entries).unwrap();
        }
        let size = std::fs::metadata(&path).unwrap().len() >> 20;
        for _ in 0..3 {
            let begun = tokio::time::Instant::now();
            let (listed, _) = Games::open(&path).unwrap().newest(500).unwrap();
            println!("{} games of {facts} facts, {size} MiB: {:?}", listed.len(), begun.elapsed());
        }
    }
}
