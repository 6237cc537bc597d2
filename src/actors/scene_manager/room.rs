//! Room for further games on the workers, for one scene: asked for when enough people wait, kept for as long as it is
//! granted, used up by the games that begin, given back when nobody needs it.

use std::time::Duration;

use super::Message;
use crate::actors::host::Address;
use crate::actors::services::Services;
use crate::actors::workers;
use crate::experiment::GymScene;
use crate::ids::SceneId;
use crate::rules::placement::RESERVED;
use crate::time::Timestamp;

/// Longest that the workers may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// Least time from a refusal to the next question.
const AGAIN: Duration = Duration::from_millis(900);
/// Room that is older is promised to nobody any more: a ready-check and the start of a game take a few seconds.
const FRESH: Duration = RESERVED.saturating_sub(Duration::from_secs(15));
/// Room that is older is given back, before it would come back by itself.
const STALE: Duration = RESERVED.saturating_sub(Duration::from_secs(5));
/// Least time between two lines in the log about the same.
const QUIET: Duration = Duration::from_secs(30);

/// Room for further games of a scene.
pub(super) struct GameRoom {
    scene: SceneId,
    /// Whether the service runs the scene's games.
    limited: bool,
    workers: Option<Address<workers::Message>>,
    /// When what was granted, oldest first.
    granted: Vec<(Timestamp, u32)>,
    asking: bool,
    /// When nothing was granted last, if nothing was granted since.
    refused: Option<Timestamp>,
    /// People who wait for room.
    people: usize,
    /// Why there is no more, while somebody waits for it.
    reason: Option<String>,
    told: Option<Timestamp>,
}

impl GameRoom {
    /// The room of a scene for which nothing was granted yet.
    pub fn new(gym: &GymScene, services: &Services) -> Self {
        Self {
            scene: gym.scene_id.clone(),
            limited: gym.mode.has_runner(),
            workers: services.workers.clone(),
            granted: Vec::new(),
            asking: false,
            refused: None,
            people: 0,
            reason: None,
            told: None,
        }
    }

    /// Whether games need room.
    pub fn limited(&self) -> bool {
        self.limited
    }

    /// Why there is no room, while somebody waits for it.
    pub fn reason(&self) -> Option<String> {
        self.reason.clone()
    }

    /// How many games may be promised to people; `None` for as many as there are groups.
    pub fn left(&self, now: Timestamp) -> Option<u32> {
        let fresh = self.granted.iter().filter(|(at, _)| now.since(*at) < FRESH);
        self.limited.then(|| fresh.map(|(_, games)| games).sum())
    }

    /// A game begins. Its runner tells the workers so itself.
    pub fn spend(&mut self) {
        if let Some((_, games)) = self.granted.iter_mut().find(|(_, games)| *games > 0) {
            *games -= 1;
        }
    }

    /// Gives back what is too old, and what nobody could use: `group` tells whether enough people wait for a game, `asked`
    /// for how many games a ready-check is running.
    pub fn tend(&mut self, now: Timestamp, group: bool, asked: usize) {
        let mut spare = match self.left(now) {
            Some(left) if !group => left.saturating_sub(u32::try_from(asked).unwrap_or(u32::MAX)),
            _ => 0,
        };
        let mut back = 0;
        for (at, games) in self.granted.iter_mut().rev() {
            let these = if now.since(*at) >= STALE {
                *games
            } else if now.since(*at) < FRESH {
                spare.min(*games)
            } else {
                0
            };
            spare = spare.saturating_sub(these);
            *games -= these;
            back += these;
        }
        self.granted.retain(|(_, games)| *games > 0);
        self.tell_back(back);
    }

    /// Gives back everything.
    pub fn give_back(&mut self) {
        let back = std::mem::take(&mut self.granted).into_iter().map(|(_, games)| games).sum();
        self.tell_back(back);
    }

    fn tell_back(&self, games: u32) {
        if let (Some(workers), 1..) = (&self.workers, games) {
            // Workers that are gone keep nothing free.
            let _ = workers.tell(workers::Message::Return(self.scene.clone(), games));
        }
    }

    /// Asks for room for so many games, for which so many people wait. The answer is a message to the manager.
    pub fn seek(&mut self, games: u32, people: usize, now: Timestamp, manager: &Address<Message>) {
        if games == 0 {
            if self.reason.take().is_some() && self.told.is_some() {
                tracing::info!(scene = %self.scene, "nobody waits for room any more");
            }
            return;
        }
        self.people = people;
        if self.asking || self.refused.is_some_and(|at| now.since(at) < AGAIN) {
            return;
        }
        let Some(workers) = self.workers.clone() else {
            let reason = Some("this service runs no environments".into());
            self.answered(Some(workers::Room { games: 0, reason }), now);
            return;
        };
        self.asking = true;
        let (scene, manager) = (self.scene.clone(), manager.clone());
        tokio::spawn(async move {
            let answer = workers.ask(DEADLINE, |reply| workers::Message::Reserve(scene, games, reply)).await;
            let _ = manager.tell(Message::GameRoom(answer.ok()));
        });
    }

    /// The workers have answered, or did not in time; whether there is more room now.
    pub fn answered(&mut self, answer: Option<workers::Room>, now: Timestamp) -> bool {
        self.asking = false;
        let silence = || workers::Room { games: 0, reason: Some("the workers did not answer".into()) };
        let workers::Room { games, reason } = answer.unwrap_or_else(silence);
        if games > 0 {
            self.granted.push((now, games));
        }
        self.refused = (games == 0).then_some(now);
        if let Some(reason) = &reason
            && self.told.is_none_or(|told| now.since(told) >= QUIET)
        {
            self.told = Some(now);
            let people = self.people;
            tracing::warn!(scene = %self.scene, people, may_begin = games, reason, "people wait for room for their games");
        }
        self.reason = reason;
        games > 0
    }
}
