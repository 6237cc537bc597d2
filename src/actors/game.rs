//! One game: takes the steps of its player, has them stored, and acknowledges them.

use super::connection::{Connection, ConnectionId};
use super::host::{Address, Failure, Me, Room};
use super::participant;
use super::services::Services;
use crate::facts::{Entry, Outcome, Recorded, Target};
use crate::rules::episodes::{Decision, Effect, Episodes, Input};
use crate::wire::{EpisodeEnded, RefusalCode, Refused, Steps, Timing, ToBrowser};

/// What can be said to a game.
#[derive(Debug)]
pub enum Message {
    /// Its player has a new connection; with the flag, it also waits to be told to play.
    Attach(Connection, Address<participant::Message>, bool),
    /// Its player's browser sent something.
    Heard(ConnectionId, FromPlayer),
    /// The participant cannot go on with it.
    Abandon,
}

/// What a player's browser says to a game.
#[derive(Debug)]
pub enum FromPlayer {
    /// Steps of the episode.
    Steps(Steps),
    /// The episode is over.
    EpisodeEnded(EpisodeEnded),
    /// How well the frame rate was kept.
    Timing(Timing),
}

impl From<FromPlayer> for Input {
    fn from(said: FromPlayer) -> Self {
        match said {
            FromPlayer::Steps(steps) => Self::Steps(steps),
            FromPlayer::EpisodeEnded(ended) => Self::EpisodeEnded(ended),
            FromPlayer::Timing(timing) => Self::Timing(timing),
        }
    }
}

/// A game.
pub struct Game {
    episodes: Episodes,
    services: Services,
    player: Option<(Connection, Address<participant::Message>)>,
}

impl Game {
    /// A game in the state that its facts make.
    pub fn new(episodes: Episodes, services: Services) -> Self {
        Self { episodes, services, player: None }
    }

    async fn run(&mut self, input: Input, me: &Me<Message>) -> Result<(), Failure> {
        let Decision { entries, effects } = self.episodes.decide(self.services.clock.now(), input);
        if let Err(_not_stored) = self.services.store(entries.clone()).await? {
            self.send(&ToBrowser::Refused(Refused {
                code: RefusalCode::Unavailable,
                message: "the service cannot store data at the moment; it is tried again".into(),
            }));
            return Ok(());
        }
        for Entry { at, fact, steps, .. } in entries {
            self.episodes.apply(&Recorded { at, fact, steps });
        }
        for effect in effects {
            match effect {
                Effect::Acknowledge(acknowledged) => self.send(&ToBrowser::Acknowledged(acknowledged)),
                Effect::Refuse(refused) => self.send(&ToBrowser::Refused(refused)),
                Effect::Play => {
                    if let Some(play) = self.episodes.play() {
                        self.send(&ToBrowser::Play(play));
                    }
                }
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
            // Should the participant be gone, it learns of the end when it asks to play again.
            let _ = participant.tell(participant::Message::GameOver(self.episodes.game(), outcome));
        }
        me.stop();
    }
}

impl Room for Game {
    type Message = Message;
    const KIND: &'static str = "game";

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Attach(connection, participant, play) => {
                connection.enter_game(Some(me.address().clone()));
                self.player = Some((connection, participant));
                if play || self.episodes.outcome().is_some() {
                    self.run(Input::Join, me).await?;
                }
            }
            Message::Heard(from, said) => {
                // An older connection of the same player has nothing to say any more.
                if self.player.as_ref().is_some_and(|(connection, _)| connection.id() == from) {
                    if let FromPlayer::Timing(timing) = &said {
                        self.report(timing);
                    }
                    self.run(said.into(), me).await?;
                }
            }
            Message::Abandon => self.run(Input::Abandon, me).await?,
        }
        Ok(())
    }
}
