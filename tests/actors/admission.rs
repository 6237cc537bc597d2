//! Waiting rooms whose games the service runs: people are matched within the room that the workers have. The workers are
//! a stand-in that counts; what really runs a game is no matter here.

use std::sync::{Arc, Mutex};

use greenroom::actors::clock::Clock;
use greenroom::actors::health::Health;
use greenroom::actors::host::{self, Address, Failure, Me, Reply, Room};
use greenroom::actors::meter::Meters;
use greenroom::actors::participants::{self, Participants};
use greenroom::actors::recorder::Recorder;
use greenroom::actors::scene_managers::{self, SceneManagers};
use greenroom::actors::{Services, Site, workers};
use greenroom::experiment::{
    Experiment, Group, Mode, Multiplayer, OnTimeout, Policy, RandomPolicy, Scene, Stager, WaitingRoom,
};
use greenroom::facts::{Fact, ParticipantFact, Stream};
use greenroom::ids::SceneId;
use greenroom::rules::matchers::Suggesters;
use greenroom::wire::{Dismissal, WaitingState};
use tokio::time::sleep;

use crate::disk::Disk;
use crate::house::{Doors, PATIENCE, SECOND, gym};
use crate::page::{Page, pass};
use crate::studies::{end, id, start, study_of};

/// Workers that have room for so many further games.
#[derive(Debug, Clone, Default)]
struct Free(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    games: u32,
    deaf: bool,
    asked: Vec<(SceneId, u32)>,
}

impl Free {
    fn games(&self) -> u32 {
        self.0.lock().unwrap().games
    }

    fn more(&self, games: u32) {
        self.0.lock().unwrap().games += games;
    }

    fn deaf(&self, deaf: bool) {
        self.0.lock().unwrap().deaf = deaf;
    }
}

struct Workers(Free);

impl Room for Workers {
    type Message = workers::Message;
    const KIND: &'static str = "workers";

    async fn handle(&mut self, message: workers::Message, _: &Me<workers::Message>) -> Result<(), Failure> {
        let mut free = self.0.0.lock().unwrap();
        match message {
            workers::Message::Reserve(scene, want, reply) if !free.deaf => {
                let games = want.min(free.games);
                free.games -= games;
                free.asked.push((scene, want));
                let reason = (games < want).then(|| "1 worker is full".to_owned());
                reply.send(workers::Room { games, reason });
            }
            workers::Message::Return(_, games) => free.games += games,
            _ => {}
        }
        Ok(())
    }
}

/// What of a house is needed here, around workers of our own.
struct Street {
    study: Experiment,
    disk: Disk,
    free: Free,
    doors: Option<(Address<participants::Message>, Address<scene_managers::Message>)>,
}

type Asked = Reply<(Address<participants::Message>, Address<scene_managers::Message>)>;

impl Room for Street {
    type Message = Asked;
    const KIND: &'static str = "street";

    async fn started(&mut self, me: &Me<Asked>) -> Result<(), Failure> {
        let health = Arc::new(Health::new(Clock::system()));
        let recorder = Recorder::new(Box::new(self.disk.clone()), Box::new(self.disk.clone()), health.clone());
        let recorder = me.spawn(recorder).await?;
        let workers = me.spawn(Workers(self.free.clone())).await?;
        let services = Services {
            experiment: Arc::new(self.study.clone()),
            site: Arc::new(Site::default()),
            clock: Clock::system(),
            suggesters: Suggesters::default(),
            functions: Default::default(),
            assigner: None,
            workers: Some(workers),
            lateness: Default::default(),
            health,
            recorder,
        };
        let managers = me.spawn(SceneManagers::new(services.clone())).await?;
        let participants = me.spawn(Participants::new(services, managers.clone())).await?;
        self.doors = Some((participants, managers));
        Ok(())
    }

    async fn handle(&mut self, reply: Asked, _: &Me<Asked>) -> Result<(), Failure> {
        reply.send(self.doors.clone().unwrap());
        Ok(())
    }
}

/// A study of two scenes that the service runs: one for two people, and one for one person and a bot.
fn study(on_timeout: OnTimeout) -> Experiment {
    let group = |on_timeout| {
        let waiting_room = WaitingRoom { timeout: PATIENCE, on_timeout, ..WaitingRoom::default() };
        Some(Group { waiting_room, multiplayer: Multiplayer::default() })
    };
    let on_service = |scene, mode| {
        let Scene::Gym(mut gym) = scene else { unreachable!() };
        gym.mode = mode;
        gym.policies.insert("bot".into(), Policy::Random(RandomPolicy::default()));
        Scene::Gym(gym)
    };
    let scenes = vec![
        Scene::Start(start()),
        on_service(gym("together", &["left", "right"], group(on_timeout)), Mode::Authoritative),
        on_service(gym("late", &["human"], group(OnTimeout::End)), Mode::Streamed),
        Scene::End(end()),
    ];
    study_of(Stager::new(scenes).unwrap())
}

struct House {
    street: Address<Asked>,
    disk: Disk,
    free: Free,
}

impl Doors for House {
    async fn participants(&self) -> Address<participants::Message> {
        self.street.ask(SECOND, |reply| reply).await.unwrap().0
    }
}

impl House {
    /// With room for so many games.
    async fn open(games: u32, on_timeout: OnTimeout) -> Self {
        let (disk, free) = (Disk::default(), Free::default());
        free.more(games);
        let street = Street { study: study(on_timeout), disk: disk.clone(), free: free.clone(), doors: None };
        Self { street: host::spawn_root(street, Meters::default()).await.unwrap(), disk, free }
    }

    async fn census(&self, scene: &str) -> greenroom::actors::scene_manager::Census {
        let managers = self.street.ask(SECOND, |reply| reply).await.unwrap().1;
        managers.ask(SECOND, scene_managers::Message::Census).await.unwrap()[&id(scene)].clone()
    }
}

fn state(page: &Page) -> WaitingState {
    page.waiting.as_ref().unwrap().state
}

#[tokio::test(start_paused = true)]
async fn people_wait_until_there_is_room_for_their_game() {
    let house = House::open(0, OnTimeout::End).await;
    let (mut ann, mut bob) = (Page::ready(&house, "ann").await, Page::ready(&house, "bob").await);
    let mut cat = Page::ready(&house, "cat").await;
    pass(&mut [&mut ann, &mut bob, &mut cat], 3 * SECOND).await;
    assert_eq!(
        [state(&ann), state(&bob), state(&cat)],
        [WaitingState::Full, WaitingState::Full, WaitingState::Waiting]
    );
    let census = house.census("together").await;
    assert_eq!((census.waiting, census.full), (1, 2));
    assert_eq!(census.no_room.as_deref(), Some("1 worker is full"));
    assert!(house.disk.pairs().is_empty());

    house.free.more(1);
    pass(&mut [&mut ann, &mut bob, &mut cat], 3 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob", "-"]]);
    assert_eq!((house.free.games(), state(&cat)), (0, WaitingState::Waiting));
    assert_eq!(house.census("together").await.no_room, None);
    let want = house.free.0.lock().unwrap().asked.iter().map(|(_, want)| *want).max();
    assert_eq!(want, Some(1), "no more is asked for than is needed");
}

#[tokio::test(start_paused = true)]
async fn one_more_than_there_is_room_for_waits_in_vain() {
    let house = House::open(0, OnTimeout::End).await;
    let (mut ann, mut bob) = (Page::ready(&house, "ann").await, Page::ready(&house, "bob").await);
    house.free.deaf(true);
    pass(&mut [&mut ann, &mut bob], PATIENCE + 2 * SECOND).await;
    assert!(ann.code().is_some() && bob.code().is_some(), "workers that do not answer hold up nobody for ever");
    assert_eq!(house.disk.dismissals(), [Dismissal::NoPartner; 2]);
}

#[tokio::test(start_paused = true)]
async fn scenes_share_the_room_and_never_take_more() {
    let house = House::open(1, OnTimeout::Scene(id("late"))).await;
    let mut zoe = Page::ready(&house, "zoe").await;
    zoe.leave().await;
    zoe.go_on().await;
    assert_eq!(zoe.at(), "late");
    zoe.ask().await;
    zoe.look_for(SECOND).await;
    assert_eq!(house.disk.pairs(), [["zoe", "-"]], "a single player is matched with nobody, and plays");
    let seats = house.disk.games().remove(0);
    assert_eq!(seats.iter().map(|seat| seat.agent.as_str()).collect::<Vec<_>>(), ["human", "bot"], "people first");
    let joined = house.disk.of(&Stream::Participant("zoe".parse().unwrap()));
    let partners = joined.into_iter().find_map(|recorded| match recorded.fact {
        Fact::Participant(ParticipantFact::GameJoined { partners, .. }) => Some(partners),
        _ => None,
    });
    assert_eq!(partners, Some([].into()));

    let mut pages = Vec::new();
    for number in 0..12 {
        pages.push(Page::ready(&house, &format!("p{number}")).await);
    }
    pass(&mut pages.iter_mut().collect::<Vec<_>>(), 3 * SECOND).await;
    assert_eq!((house.disk.games().len(), house.free.games()), (1, 0));
    assert!(pages.iter().all(|page| state(page) == WaitingState::Full));
    house.free.more(4);
    pass(&mut pages.iter_mut().collect::<Vec<_>>(), 5 * SECOND).await;
    assert_eq!((house.disk.games().len(), house.free.games()), (5, 0));
    assert_eq!(house.disk.pairs()[1], ["p0", "p1", "-"], "who came first plays first");
    assert_eq!(state(&pages[11]), WaitingState::Full);
}

#[tokio::test(start_paused = true)]
async fn room_that_nobody_needs_is_given_back() {
    let house = House::open(1, OnTimeout::End).await;
    let mut ann = Page::ready(&house, "ann").await;
    ann.visible = false;
    let mut bob = Page::ready(&house, "bob").await;
    pass(&mut [&mut ann, &mut bob], 3 * SECOND).await;
    assert_eq!(state(&ann), WaitingState::Asleep);
    assert_eq!(house.free.games(), 1, "a ready-check that came to nothing");
    ann.show(true).await;
    pass(&mut [&mut ann, &mut bob], 3 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob", "-"]]);
    assert_eq!(house.free.games(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_game_with_bots_needs_room_too() {
    let house = House::open(0, OnTimeout::Bot).await;
    let mut ann = Page::ready(&house, "ann").await;
    sleep(10 * SECOND).await;
    let mut bob = Page::ready(&house, "bob").await;
    bob.leave().await;
    let mut cat = Page::ready(&house, "cat").await;
    cat.visible = false;
    pass(&mut [&mut ann, &mut cat], PATIENCE - 5 * SECOND).await;
    assert_eq!((state(&ann), ann.code()), (WaitingState::Full, None), "it waits on");
    assert!(ann.waiting.as_ref().unwrap().left_ms > 30_000);
    house.free.more(1);
    pass(&mut [&mut ann, &mut cat], 3 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "-", "-"]]);
    pass(&mut [&mut cat], PATIENCE + 10 * SECOND).await;
    assert!(cat.code().is_some(), "but at most as long again");
}
