//! The games on the workers: there is room for one, or not; one comes, and goes.

use super::{Guest, Room, Workers};
use crate::actors::host::Address;
use crate::actors::{runner, worker};
use crate::ids::{GameId, SceneId};

impl Workers {
    pub(super) fn reserve(&mut self, scene: &SceneId, want: u32) -> Room {
        if let Some(why) = self.broken.get(scene) {
            return Room { games: 0, reason: Some(why.clone()) };
        }
        let room = self.placement.reserve(self.clock.now(), scene, want);
        Room { games: room.games, reason: room.reason }
    }

    pub(super) fn place(&mut self, game: GameId, scene: SceneId, runner: Address<runner::Message>) {
        self.leave(game);
        if let Some(why) = self.broken.get(&scene) {
            let _ = runner.tell(runner::Message::NoPlace(why.clone()));
            return;
        }
        self.games.insert(game, Guest { scene, runner, at: None });
        self.seat(game);
    }

    /// Gives a game a worker, if one takes games.
    fn seat(&mut self, game: GameId) {
        let Some(guest) = self.games.get_mut(&game) else { return };
        guest.at = self.placement.place(self.clock.now(), game, &guest.scene);
        if let Some(worker) = guest.at.and_then(|at| self.slots[at].worker.as_ref()) {
            let _ = guest.runner.tell(runner::Message::Placed(worker.clone()));
        }
    }

    pub(super) fn leave(&mut self, game: GameId) {
        let Some(guest) = self.games.remove(&game) else { return };
        self.placement.leave(game);
        if let Some(worker) = guest.at.and_then(|at| self.slots[at].worker.as_ref()) {
            let _ = worker.tell(worker::Message::Close(game));
        }
    }

    pub(super) fn ready(&mut self, number: usize) {
        self.slots[number].ready = Some(self.clock.now());
        self.placement.up(number);
        let waiting = self.games.iter().filter(|(_, guest)| guest.at.is_none());
        let waiting: Vec<(GameId, SceneId)> = waiting.map(|(game, guest)| (*game, guest.scene.clone())).collect();
        for (game, scene) in waiting {
            match self.broken.get(&scene).cloned() {
                Some(why) => {
                    if let Some(guest) = self.games.remove(&game) {
                        let _ = guest.runner.tell(runner::Message::NoPlace(why));
                    }
                }
                None => self.seat(game),
            }
        }
    }
}
