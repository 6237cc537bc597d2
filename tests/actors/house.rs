//! A whole house over a journal in memory, and the study of those who wait for each other.

use std::sync::Arc;
use std::time::Duration;

use greenroom::actors::clock::Clock;
use greenroom::actors::host::Address;
use greenroom::actors::house::{self, Plan};
use greenroom::actors::{Site, participants};
use greenroom::experiment::{Experiment, Group, Matching, Multiplayer, OnTimeout, Scene, Stager, WaitingRoom};
use greenroom::rules::functions::Functions;
use greenroom::rules::matchers::Suggesters;

use crate::disk::Disk;
use crate::studies::{end, game, start, study_of};

pub const SECOND: Duration = Duration::from_secs(1);
/// The patience of [`waiting_study`].
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A game that people play.
pub fn gym(scene: &str, people: &[&str], group: Option<Group>) -> Scene {
    let mut game = game(scene, people);
    game.group = group;
    Scene::Gym(Box::new(game))
}

/// A start, a game for two, another scene, and an end.
pub fn waiting_study(on_timeout: OnTimeout, matching: Matching) -> Experiment {
    let waiting_room = WaitingRoom { timeout: PATIENCE, on_timeout, matching, ..WaitingRoom::default() };
    let group = Group { waiting_room, multiplayer: Multiplayer::default() };
    let scenes = vec![
        Scene::Start(start()),
        gym("together", &["left", "right"], Some(group)),
        gym("alone", &["human"], None),
        gym("late", &["human"], None),
        Scene::End(end()),
    ];
    study_of(Stager::new(scenes).unwrap())
}

/// A house without workers, and without functions of the study.
pub fn plan(disk: &Disk, experiment: Experiment) -> Plan {
    Plan {
        experiment: Arc::new(experiment),
        site: Arc::new(Site::default()),
        journal: Box::new(disk.clone()),
        projector: Box::new(disk.clone()),
        overdue: Vec::new(),
        clock: Clock::system(),
        suggesters: Default::default(),
        functions: Default::default(),
        callbacks: Default::default(),
        workers: None,
    }
}

/// Where the pages of a house go.
pub trait Doors {
    /// The actor that lets them in.
    async fn participants(&self) -> Address<participants::Message>;
}

/// A house over a journal.
#[derive(Clone)]
pub struct House {
    address: Address<house::Message>,
    pub disk: Disk,
}

impl Doors for House {
    async fn participants(&self) -> Address<participants::Message> {
        house::doors(&self.address).await.unwrap().participants
    }
}

impl House {
    /// Over the study of waiting, and a new journal.
    pub async fn open(on_timeout: OnTimeout) -> Self {
        Self::over(Disk::default(), waiting_study(on_timeout, Matching::Fifo), Suggesters::default()).await
    }

    /// Over a journal, with functions of the study that match.
    pub async fn over(disk: Disk, experiment: Experiment, suggesters: Suggesters) -> Self {
        Self::made(disk, experiment, suggesters, Functions::default()).await
    }

    /// With a study of one's own, and its functions.
    pub async fn with(experiment: Experiment, functions: Functions) -> Self {
        Self::made(Disk::default(), experiment, Suggesters::default(), functions).await
    }

    async fn made(disk: Disk, experiment: Experiment, suggesters: Suggesters, functions: Functions) -> Self {
        let plan = Plan { suggesters, functions, ..plan(&disk, experiment) };
        let (address, _) = house::open(plan).await.unwrap();
        Self { address, disk }
    }

    pub async fn close(self) {
        assert!(self.address.ask(60 * SECOND, house::Message::Drain).await.unwrap());
        self.address.drain(60 * SECOND).await;
    }
}
