//! A game's link to the worker that hosts its environment: finds a place, passes on orders and what comes of them, and finds
//! another place when the worker is lost.

use std::collections::VecDeque;

use super::game;
use super::host::{Address, Failure, Id, Me, Room};
use super::{worker, workers};
use crate::ids::{GameId, SceneId};
use crate::rules::shared_game::{News, Order};
use crate::wire::{Advance, FromWorker, Stand, Turn};

/// How often a game whose environment ends its worker gets another one.
pub const REBUILDS: u32 = 3;

/// What can be said to a runner.
#[derive(Debug)]
pub enum Message {
    /// (From its game) something to do, by the environment of this life; orders for an older one are void.
    Order(Life, Order),
    /// (From the workers) there is a place.
    Placed(Address<worker::Message>),
    /// (From the workers) there is no place, and there will be none: why.
    NoPlace(String),
    /// (From the workers) the worker is gone. Was it at work for this game when it ended, and how did it end?
    Lost {
        /// Whether this game's request was being worked on.
        culprit: bool,
        /// How it ended.
        reason: String,
    },
    /// (From its worker) an answer.
    Answer(FromWorker),
}

/// Tells one environment of a game from the next one, so that nobody takes old news or old orders for new ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Life {
    /// Counts the game's runners.
    pub runner: u32,
    /// Counts the runner's places.
    pub place: u32,
}

/// A game's link to its environment.
pub struct Runner {
    game: GameId,
    scene: SceneId,
    workers: Address<workers::Message>,
    home: Address<game::Message>,
    life: Life,
    stage: Stage,
    /// The orders that are being carried out.
    orders: VecDeque<Pending>,
    strikes: u32,
    id: Option<Id>,
}

enum Stage {
    /// Waits for a place.
    Waiting,
    /// The environment is being made.
    Opening(Address<worker::Message>),
    /// It is there.
    Open(Address<worker::Message>),
    /// There will be none.
    Over,
}

/// An order that is being carried out, in one request or in several.
struct Pending {
    requests: usize,
    turn: Option<Box<Turn>>,
}

impl Runner {
    /// A runner without a place. `number` counts the runners of the game.
    pub fn new(
        game: GameId,
        scene: SceneId,
        number: u32,
        workers: Address<workers::Message>,
        home: Address<game::Message>,
    ) -> Self {
        Self {
            game,
            scene,
            workers,
            home,
            life: Life { runner: number, place: 0 },
            stage: Stage::Waiting,
            orders: VecDeque::new(),
            strikes: 0,
            id: None,
        }
    }

    fn news(&self, news: News) {
        // Whose game is gone is about to end itself.
        let _ = self.home.tell(game::Message::Runner(self.life, news));
    }

    async fn find_place(&mut self, me: &Me<Message>) {
        self.stage = Stage::Waiting;
        let place = workers::Message::Place(self.game, self.scene.clone(), me.address().clone());
        // When the workers are gone, all games are made anew.
        let _ = self.workers.send(place).await;
    }

    async fn carry_out(&mut self, life: Life, order: Order) {
        // What was asked of an environment that is lost is asked again of the next one.
        let Stage::Open(worker) = &self.stage else { return };
        if life != self.life {
            return;
        }
        let worker = worker.clone();
        match order {
            Order::Stand { episode, seed, from, globals } => {
                self.orders.push_back(Pending { requests: 1, turn: None });
                let stand = Stand { game: self.game, episode, seed, from, globals };
                let _ = worker.send(worker::Message::Begin(Box::new(stand))).await;
            }
            Order::Advance { episode, first, frames, complete } => {
                let parts = advances(self.game, episode, first, frames, complete);
                self.orders.push_back(Pending { requests: parts.len(), turn: None });
                for part in parts {
                    let _ = worker.send(worker::Message::Advance(part)).await;
                }
            }
        }
    }

    async fn hear(&mut self, answer: FromWorker) {
        match (answer, &self.stage) {
            (FromWorker::Opened { .. }, Stage::Opening(worker)) => {
                self.stage = Stage::Open(worker.clone());
                self.news(News::Opened);
            }
            (FromWorker::Begun(turn) | FromWorker::Advanced(turn), Stage::Open(_)) => self.turned(turn),
            (FromWorker::Failed { trouble, .. }, Stage::Opening(_) | Stage::Open(_)) => {
                tracing::error!(
                    scene = %self.scene,
                    game = %self.game,
                    traceback = trouble.traceback,
                    "an environment failed: {}",
                    trouble.message
                );
                self.fail(trouble.message);
            }
            _ => {}
        }
    }

    fn turned(&mut self, turn: Box<Turn>) {
        let Some(pending) = self.orders.front_mut() else { return };
        pending.requests -= 1;
        match &mut pending.turn {
            Some(first) => join(first, *turn),
            none => *none = Some(turn),
        }
        if pending.requests == 0
            && let Some(Pending { turn: Some(turn), .. }) = self.orders.pop_front()
        {
            self.news(News::Turn(turn));
        }
    }

    async fn lost(&mut self, culprit: bool, reason: String, me: &Me<Message>) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        self.orders.clear();
        self.strikes += u32::from(culprit);
        tracing::warn!(scene = %self.scene, game = %self.game, culprit, strikes = self.strikes, "a game's worker is lost");
        if self.strikes > REBUILDS {
            tracing::error!(scene = %self.scene, game = %self.game, reason, "a game ends its workers again and again");
            return self.fail(format!("its environment ended its worker {} times: {reason}", self.strikes));
        }
        // An environment that was never there is not lost.
        if let Stage::Open(_) = self.stage {
            self.news(News::Lost);
            self.life.place += 1;
        }
        self.find_place(me).await;
    }

    fn fail(&mut self, reason: String) {
        self.stage = Stage::Over;
        self.orders.clear();
        self.news(News::Failed(reason));
    }
}

/// The frames of an order in portions that take no worker too long. What is asked of the last picture is asked of the last
/// portion.
fn advances(
    game: GameId,
    episode: u32,
    first: u32,
    mut frames: Vec<Vec<serde_bytes::ByteBuf>>,
    complete: u32,
) -> Vec<Advance> {
    let mut parts = Vec::with_capacity(1);
    let mut at = first;
    while frames.len() > worker::FRAMES_AT_ONCE {
        let rest = frames.split_off(worker::FRAMES_AT_ONCE);
        let portion = std::mem::replace(&mut frames, rest);
        let next = at + u32::try_from(portion.len()).unwrap_or(u32::MAX);
        parts.push(Advance { game, episode, first: at, frames: portion, complete: 0 });
        at = next;
    }
    parts.push(Advance { game, episode, first: at, frames, complete });
    parts
}

/// Adds what came of the next portion.
fn join(turn: &mut Turn, next: Turn) {
    let Turn { frame, rows, hashes, states, choices, pictures, end, micros, .. } = next;
    turn.frame = frame;
    turn.rows.extend(rows);
    turn.hashes.extend(hashes);
    turn.states.extend(states);
    turn.choices.extend(choices);
    turn.pictures.extend(pictures);
    turn.end = turn.end.or(end);
    turn.micros = turn.micros.saturating_add(micros);
}

impl Drop for Runner {
    /// However it ends: its place is for others.
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let _ = self.workers.tell(workers::Message::Leave(self.game, id));
        }
    }
}

impl Room for Runner {
    type Message = Message;
    const KIND: &'static str = "runner";
    const DEPTH: usize = 256;

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        self.id = Some(me.address().id());
        self.find_place(me).await;
        Ok(())
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Order(life, order) => self.carry_out(life, order).await,
            Message::Placed(worker) => {
                if let Stage::Waiting = self.stage {
                    let open = worker::Message::Open(self.game, self.scene.clone(), me.address().clone());
                    // A worker that is gone already is told to be lost next.
                    let _ = worker.send(open).await;
                    self.stage = Stage::Opening(worker);
                }
            }
            Message::NoPlace(reason) => self.fail(reason),
            Message::Lost { culprit, reason } => self.lost(culprit, reason, me).await,
            Message::Answer(answer) => self.hear(answer).await,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_way_is_gone_in_portions() {
        let frame = |number: u8| vec![serde_bytes::ByteBuf::from([number])];
        let frames: Vec<_> = (0..150).map(frame).collect();
        let parts = advances(GameId::fresh(), 2, 7, frames.clone(), 5);
        let shape: Vec<_> = parts.iter().map(|part| (part.first, part.frames.len(), part.complete)).collect();
        assert_eq!(shape, [(7, 60, 0), (67, 60, 0), (127, 30, 5)]);
        assert_eq!(parts.into_iter().flat_map(|part| part.frames).collect::<Vec<_>>(), frames);
        assert_eq!(
            advances(GameId::fresh(), 0, 3, Vec::new(), 1).len(),
            1,
            "a picture may be asked for without a frame"
        );
    }
}
