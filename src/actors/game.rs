//! One game: takes the steps of its player, has them stored, and acknowledges them.

use std::collections::BTreeMap;

use super::connection::{Connection, ConnectionId};
use super::host::{Address, Failure, Me, Reply, Room};
use super::services::Services;
use super::{globals, participant, runner};
use crate::facts::{Entry, Fact, GameFact, Outcome, Stream, Target};
use crate::ids::{GameId, SubjectId};
use crate::rules::episodes::{Decision, Effect, Episodes, Input, rows_of};
use crate::rules::shared_game::News;
use crate::wire::{FromPlayer, Progress, RefusalCode, Refused, Timing, ToBrowser};

/// What can be said to a game.
#[derive(Debug)]
pub enum Message {
    /// A player has a new connection.
    Attach(Attachment),
    /// A player's browser sent something.
    Heard(ConnectionId, FromPlayer),
    /// A connection is gone.
    Left(ConnectionId),
    /// The participant cannot go on with it.
    Abandon(SubjectId),
    /// (From its runner) news of the environment of this life.
    Runner(runner::Life, News),
    /// (From itself) something is due.
    Wake(Reply<()>),
    /// (From itself) facts are stored, or could not be.
    Stored(bool),
}

/// A player's connection, and how to reach its participant.
#[derive(Debug)]
pub struct Attachment {
    /// The connection.
    pub connection: Connection,
    /// Who hears of the end.
    pub participant: Address<participant::Message>,
    /// Whose it is.
    pub subject: SubjectId,
    /// What the page waits for.
    pub wants: Wants,
}

/// What a page waits for that attaches itself to a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// Nothing yet: it is still loading, or the participant has not said that it is ready.
    Nothing,
    /// To be told to play, or to go on with what it has.
    Play(Option<Progress>),
}

/// Who waits to hear that a game is open, and under which address. `None` says that it cannot be stored at the moment.
pub type Opening = Reply<Option<GameId>>;

/// A game.
pub struct Game {
    episodes: Episodes,
    services: Services,
    player: Option<(Connection, Address<participant::Message>)>,
    opening: Option<(Entry, Opening)>,
}

impl Game {
    /// A game in the state that its facts make.
    pub fn resume(episodes: Episodes, services: Services) -> Self {
        Self { episodes, services, player: None, opening: None }
    }

    /// A game whose first fact is yet to be stored.
    pub fn open(episodes: Episodes, services: Services, first: Entry, opening: Opening) -> Self {
        Self { episodes, services, player: None, opening: Some((first, opening)) }
    }

    async fn run(&mut self, input: Input, me: &Me<Message>) -> Result<(), Failure> {
        let Decision { entries, effects } = self.episodes.decide(self.services.clock.now(), input);
        let mut after = self.episodes.clone();
        entries.iter().for_each(|entry| after.apply(&entry.fact, &entry.payload));
        if self.services.store(entries).await?.is_err() {
            self.unavailable("the service cannot store data at the moment; it is tried again");
            return Ok(());
        }
        self.episodes = after;
        for effect in effects {
            match effect {
                Effect::Acknowledge(acknowledged) => self.send(&ToBrowser::Acknowledged(acknowledged)),
                Effect::Refuse(refused) => self.send(&ToBrowser::Refused(refused)),
                Effect::Play => self.play().await,
                Effect::Project => {
                    if let Some(target) = self.target() {
                        self.services.project(target).await;
                    }
                }
                Effect::Over(outcome) => self.over(outcome, me),
            }
        }
        Ok(())
    }

    async fn hear(&mut self, said: FromPlayer, me: &Me<Message>) -> Result<(), Failure> {
        let input = match said {
            FromPlayer::Steps(steps) => Input::Steps(steps),
            FromPlayer::EpisodeEnded(ended) => Input::EpisodeEnded(ended),
            FromPlayer::Timing(timing) => {
                self.report(&timing);
                Input::Timing(timing)
            }
            _ => {
                let message = "this game has one player".into();
                self.send(&ToBrowser::Refused(Refused { code: RefusalCode::OutOfPlace, message }));
                return Ok(());
            }
        };
        self.run(input, me).await
    }

    async fn play(&self) {
        let Some(mut play) = self.episodes.play() else { return };
        if self.episodes.view().steps > 0 {
            match self.services.read(Stream::Game(play.game)).await {
                Ok(facts) => play.rows = rows_of(&facts, play.episode),
                Err(_) => return self.unavailable("the service cannot read its data at the moment; please try again"),
            }
        }
        self.send(&ToBrowser::Play(play));
    }

    fn unavailable(&self, message: &str) {
        self.send(&ToBrowser::Refused(Refused { code: RefusalCode::Unavailable, message: message.into() }));
    }

    fn send(&self, message: &ToBrowser) {
        if let Some((connection, _)) = &self.player {
            connection.send(message);
        }
    }

    /// Tells the operator how well a browser keeps up.
    fn report(&self, timing: &Timing) {
        tracing::info!(
            target: "greenroom::metrics",
            subject = self.episodes.place().map(|(_, _, subject)| tracing::field::display(subject)),
            episode = timing.episode,
            fps = format_args!("{:.1}", timing.fps.get()),
            step_p50_ms = format_args!("{:.1}", timing.step_p50.get()),
            step_p99_ms = format_args!("{:.1}", timing.step_p99.get()),
            late_frames = timing.late,
            first_frame_ms = timing.first_frame.map(|first| first.get().round()),
            "an episode was played"
        );
    }

    fn target(&self) -> Option<Target> {
        let (scene, visit, subject) = self.episodes.place()?;
        Some(Target { subject: subject.clone(), scene: scene.clone(), visit, game: Some(self.episodes.game()) })
    }

    fn over(&self, outcome: Outcome, me: &Me<Message>) {
        if let Some((connection, participant)) = &self.player {
            connection.enter_game(None);
            if let Some(values) = self.episodes.globals() {
                let _ = participant.tell(participant::Message::GlobalsLeft(self.episodes.game(), values));
            }
            // Should the participant be gone, it learns of the end when it asks to play again.
            let _ = participant.tell(participant::Message::GameOver(
                self.episodes.game(),
                outcome.into(),
                self.episodes.results(),
            ));
        }
        me.stop();
    }
}

impl Room for Game {
    type Message = Message;
    const KIND: &'static str = "game";

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        let Some((first, opening)) = self.opening.take() else { return Ok(()) };
        let players = match &first.fact {
            Fact::Game(GameFact::GameOpened { players, .. }) => players.clone(),
            _ => BTreeMap::new(),
        };
        let Ok(given) = globals::given(&self.services, self.episodes.game(), players).await else {
            opening.send(None);
            me.stop();
            return Ok(());
        };
        let entries: Vec<Entry> = [first].into_iter().chain(given).collect();
        if self.services.store(entries.clone()).await?.is_err() {
            opening.send(None);
            me.stop();
            return Ok(());
        }
        entries.iter().for_each(|entry| self.episodes.apply(&entry.fact, &entry.payload));
        if !opening.send(Some(self.episodes.game())) {
            // Whoever asked has given up and asks for another one: nobody will ever play this one.
            self.run(Input::Abandon, me).await?;
        }
        Ok(())
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Attach(Attachment { connection, participant, wants, .. }) => {
                connection.enter_game(Some(me.address().clone()));
                self.player = Some((connection, participant));
                if matches!(wants, Wants::Play(_)) || self.episodes.outcome().is_some() {
                    self.run(Input::Join, me).await?;
                }
            }
            Message::Heard(from, said) => {
                // An older connection of the same player has nothing to say any more.
                if self.player.as_ref().is_some_and(|(connection, _)| connection.id() == from) {
                    self.hear(said, me).await?;
                }
            }
            Message::Abandon(_) => self.run(Input::Abandon, me).await?,
            // Whoever plays alone is missed by nobody; its browser comes back to where the record is.
            Message::Left(_) | Message::Runner(..) | Message::Wake(_) | Message::Stored(_) => {}
        }
        Ok(())
    }
}
