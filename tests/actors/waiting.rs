//! Waiting rooms: a whole house over a journal in memory, with pages that behave as browsers do, in virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use greenroom::actors::clock::Clock;
use greenroom::actors::connection::{Connection, ConnectionId, Ends};
use greenroom::actors::host::Address;
use greenroom::actors::house::{self, Plan};
use greenroom::actors::{Site, participant, participants};
use greenroom::experiment::{
    EndScene, Experiment, Group, GymScene, Matching, Multiplayer, OnTimeout, Policy, Runtime, Scene, Stager,
    StartScene, WaitingRoom,
};
use greenroom::facts::{
    Entry, Fact, GameFact, Journal, JournalError, ParticipantFact, Projector, Recorded, SceneFact, SeatTaken, Stream,
    Target,
};
use greenroom::ids::{ResumeToken, SceneId, SubjectId};
use greenroom::rules::functions::Functions;
use greenroom::rules::matchers::{Suggest, Suggesters, Waiter};
use greenroom::rules::round_trip::Trips;
use greenroom::rules::waitroom;
use greenroom::wire::{
    Browser, Continue, Dismissal, FromBrowser, Hello, Leave, Present, Ready, RefusalCode, SceneShown, SceneView,
    ToBrowser, VERSION, Waiting, WaitingState, Warning, close, decode,
};
use tokio::time::sleep;

pub const SECOND: Duration = Duration::from_secs(1);
/// The scene's patience.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// One look of the pages at what came in.
const LOOK: Duration = Duration::from_millis(100);

/// A journal in memory, in the form in which facts are stored, on a disk that may be full or break down once.
#[derive(Clone, Default)]
pub struct Disk {
    full: Arc<AtomicBool>,
    panics: Arc<AtomicBool>,
    entries: Arc<Mutex<Vec<(Entry, String)>>>,
}

impl Journal for Disk {
    fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        assert!(!self.panics.swap(false, SeqCst), "told to break down");
        if self.full.load(SeqCst) {
            return Err(JournalError { doing: "store facts", cause: "no space left".into() });
        }
        let stored = entries.iter().map(|entry| (entry.clone(), serde_json::to_string(&entry.fact).unwrap()));
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).extend(stored);
        Ok(())
    }

    fn read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, JournalError> {
        Ok(self.of(stream))
    }

    fn settle(&mut self) -> Result<(), JournalError> {
        Ok(())
    }
}

impl Projector for Disk {
    fn project(&mut self, _: &Target) -> Result<(), JournalError> {
        Ok(())
    }
}

impl Disk {
    pub fn of(&self, stream: &Stream) -> Vec<Recorded> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let own = entries.iter().filter(|(entry, _)| entry.stream == *stream);
        let recorded = |(entry, fact): &(Entry, String)| Recorded {
            at: entry.at,
            fact: serde_json::from_str(fact).unwrap(),
            payload: entry.payload.clone(),
        };
        own.map(recorded).collect()
    }

    pub fn facts(&self) -> Vec<Fact> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().map(|(entry, _)| entry.fact.clone()).collect()
    }

    /// The seats of all games, in the order in which they were made.
    pub fn games(&self) -> Vec<Vec<SeatTaken>> {
        let seats = |fact| match fact {
            Fact::Game(GameFact::GameMatched { seats, .. }) => Some(seats),
            _ => None,
        };
        self.facts().into_iter().filter_map(seats).collect()
    }

    /// Who plays with whom, by seat; bots are "-".
    pub fn pairs(&self) -> Vec<Vec<String>> {
        let name = |seat: &SeatTaken| seat.player.as_ref().map_or("-".into(), |player| player.subject.to_string());
        self.games().iter().map(|seats| seats.iter().map(name).collect()).collect()
    }

    fn of_waiting_room(&self, wanted: impl Fn(&waitroom::Fact) -> bool) -> usize {
        let of_stream = self.of(&Stream::Scene(id("together")));
        of_stream.iter().filter(|recorded| matches!(&recorded.fact, Fact::WaitRoom(fact) if wanted(fact))).count()
    }
}

pub fn id(text: &str) -> SceneId {
    text.parse().unwrap()
}

pub fn gym(scene: &str, agents: &[&str], group: Option<Group>) -> Scene {
    Scene::Gym(Box::new(GymScene {
        scene_id: id(scene),
        page: Default::default(),
        in_game_header: String::new(),
        in_game_body: String::new(),
        player_pages: Default::default(),
        bonus: None,
        rendering: Default::default(),
        gameplay: Default::default(),
        policies: agents.iter().map(|agent| ((*agent).to_owned(), Policy::Human)).collect(),
        mode: greenroom::experiment::Mode::Browser,
        group,
        runtime: Runtime {
            code: "env = None".into(),
            filename: "env.py".into(),
            on_game_step_code: None,
            packages_to_install: Vec::new(),
        },
        assets_dir: None,
        record_observations: false,
        monitoring: None,
    }))
}

/// A start, a game for two, another scene, and an end.
fn study(on_timeout: OnTimeout, matching: Matching) -> Experiment {
    let waiting_room = WaitingRoom { timeout: PATIENCE, on_timeout, matching, ..WaitingRoom::default() };
    let group = Group { waiting_room, multiplayer: Multiplayer::default() };
    let scenes = vec![
        Scene::Start(StartScene { scene_id: id("start"), page: Default::default() }),
        gym("together", &["left", "right"], Some(group)),
        gym("alone", &["human"], None),
        gym("late", &["human"], None),
        Scene::End(EndScene {
            scene_id: id("end"),
            page: Default::default(),
            redirect: None,
            shows_code: false,
            bonus: None,
        }),
    ];
    Experiment {
        id: "study".parse().unwrap(),
        stager: Stager::new(scenes).unwrap(),
        static_directories: Vec::new(),
        globals: Default::default(),
        gates: Default::default(),
        language: Default::default(),
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
    async fn open(on_timeout: OnTimeout) -> Self {
        Self::over(Disk::default(), study(on_timeout, Matching::Fifo), Suggesters::default()).await
    }

    async fn over(disk: Disk, experiment: Experiment, suggesters: Suggesters) -> Self {
        Self::made(disk, experiment, suggesters, Functions::default()).await
    }

    /// With a study of one's own, and its functions.
    pub async fn with(experiment: Experiment, functions: Functions) -> Self {
        Self::made(Disk::default(), experiment, Suggesters::default(), functions).await
    }

    async fn made(disk: Disk, experiment: Experiment, suggesters: Suggesters, functions: Functions) -> Self {
        let plan = Plan {
            experiment: Arc::new(experiment),
            site: Arc::new(Site::default()),
            journal: Box::new(disk.clone()),
            projector: Box::new(disk.clone()),
            overdue: Vec::new(),
            clock: Clock::system(),
            suggesters,
            functions,
            callbacks: Default::default(),
            workers: None,
        };
        let (address, _) = house::open(plan).await.unwrap();
        Self { address, disk }
    }

    pub async fn close(self) {
        assert!(self.address.ask(60 * SECOND, house::Message::Drain).await.unwrap());
        self.address.drain(60 * SECOND).await;
    }
}

/// A participant's page.
pub struct Page {
    name: SubjectId,
    participant: Address<participant::Message>,
    connection: ConnectionId,
    ends: Ends,
    pub visible: bool,
    /// Whether it answers at all.
    awake: bool,
    /// Whether its participant wants to play.
    asked: bool,
    scene: Option<SceneShown>,
    pub waiting: Option<Waiting>,
    refused: Vec<RefusalCode>,
    pub warnings: Vec<Warning>,
}

impl Page {
    /// Opens the page of somebody.
    pub async fn open(house: &impl Doors, name: &str) -> Self {
        Self::open_with(house, name, Default::default(), Default::default()).await
    }

    /// The same in another browser, with parameters of the page.
    pub async fn open_with(
        house: &impl Doors,
        name: &str,
        browser: Browser,
        parameters: BTreeMap<String, String>,
    ) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = ConnectionId(NUMBER.fetch_add(1, SeqCst));
        let (connection, ends) = Connection::new(number);
        let hello = Hello {
            version: VERSION,
            subject: Some(name.parse().unwrap()),
            token: Some(ResumeToken::from_random([7; 16])),
            parameters,
            browser,
        };
        let arrive = |reply| participants::Message::Arrive(Box::new(hello), connection, reply);
        let participant = house.participants().await.ask(60 * SECOND, arrive).await.unwrap().expect("was turned away");
        let mut page = Self {
            name: name.parse().unwrap(),
            participant,
            connection: number,
            ends,
            visible: true,
            awake: true,
            asked: false,
            scene: None,
            waiting: None,
            refused: Vec::new(),
            warnings: Vec::new(),
        };
        page.look_for(LOOK).await;
        page
    }

    /// Opens the page of somebody and asks to play.
    pub async fn ready(house: &impl Doors, name: &str) -> Self {
        let mut page = Self::open(house, name).await;
        page.go_on().await;
        page.ask().await;
        page
    }

    /// The same page after its connection broke.
    pub async fn reconnect(self, house: &impl Doors) -> Self {
        let mut page = Self::open(house, self.name.as_str()).await;
        if self.asked && matches!(page.view(), SceneView::Gym(_)) {
            page.ask().await;
        }
        page
    }

    /// The socket has measured round trips.
    pub fn measured(&self, trips: Trips) {
        self.ends.round_trip.set(trips);
    }

    pub async fn say(&self, said: FromBrowser) {
        let _ = self.participant.send(participant::Message::Heard(self.connection, said)).await;
    }

    fn visit(&self) -> u32 {
        self.scene.as_ref().map_or(0, |scene| scene.visit)
    }

    pub fn at(&self) -> &str {
        self.scene.as_ref().map_or("", |scene| scene.scene.as_str())
    }

    pub fn view(&self) -> &SceneView {
        &self.scene.as_ref().unwrap().view
    }

    /// The code on the page that says that the scene ended otherwise.
    pub fn code(&self) -> Option<String> {
        match self.view() {
            SceneView::Trouble(trouble) => trouble.code.clone(),
            _ => None,
        }
    }

    pub fn plays(&self) -> bool {
        self.ends.game.borrow().is_some()
    }

    pub async fn go_on(&mut self) {
        self.say(FromBrowser::Continue(Continue { visit: self.visit() })).await;
        self.look_for(LOOK).await;
    }

    pub async fn ask(&mut self) {
        self.asked = true;
        self.say(FromBrowser::Ready(Ready { visit: self.visit(), has: None })).await;
        self.look_for(LOOK).await;
    }

    pub async fn leave(&mut self) {
        self.say(FromBrowser::Leave(Leave { visit: self.visit() })).await;
        self.look_for(LOOK).await;
    }

    pub async fn show(&mut self, visible: bool) {
        self.visible = visible;
        if visible {
            self.say(FromBrowser::Present(Present { visit: self.visit(), proposal: None, visible })).await;
        }
        self.look_for(LOOK).await;
    }

    /// The connection breaks.
    pub async fn hang_up(&self) {
        let _ = self.participant.send(participant::Message::Left(self.connection)).await;
    }

    /// Takes in what has come, and answers by itself what a page answers by itself.
    async fn look(&mut self) {
        while let Ok(frame) = self.ends.frames.try_recv() {
            match decode(&frame.bytes).unwrap() {
                ToBrowser::Scene(scene) => {
                    self.asked &= self.visit() == scene.visit;
                    self.scene = Some(scene);
                }
                ToBrowser::Waiting(waiting) => self.waiting = Some(waiting),
                ToBrowser::Check(check) if self.awake => {
                    let (visible, proposal) = (self.visible, Some(check.proposal));
                    self.say(FromBrowser::Present(Present { visit: check.visit, proposal, visible })).await;
                }
                ToBrowser::Warning(warning) => self.warnings.push(warning),
                ToBrowser::Refused(refused) => self.refused.push(refused.code),
                _ => {}
            }
        }
    }

    pub async fn look_for(&mut self, time: Duration) {
        pass(&mut [self], time).await;
    }

    /// Looks until the connection is closed for good by the service.
    async fn closed(&mut self) -> u16 {
        tokio::time::timeout(60 * SECOND, self.ends.closing.wait()).await.expect("the connection stays open").code
    }
}

/// Time passes, in which these pages do what pages do by themselves.
pub async fn pass(pages: &mut [&mut Page], time: Duration) {
    for _ in 0..time.as_millis().div_ceil(LOOK.as_millis()) {
        sleep(LOOK).await;
        for page in pages.iter_mut() {
            page.look().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_came_first_plays_first() {
    let house = House::open(OnTimeout::End).await;
    let mut ann = Page::ready(&house, "ann").await;
    let waiting = ann.waiting.clone().expect("whoever arrives is told at once");
    assert_eq!((waiting.visit, waiting.position, waiting.count, waiting.size), (2, 1, 1, 2));
    assert_eq!(waiting.state, WaitingState::Waiting);
    assert!(waiting.left_ms > 39_000 && waiting.left_ms + waiting.waited_ms == 40_000, "{waiting:?}");
    let mut bob = Page::ready(&house, "bob").await;
    let mut cat = Page::ready(&house, "cat").await;
    pass(&mut [&mut ann, &mut bob, &mut cat], 2 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob"]]);
    assert!(ann.plays() && bob.plays() && !cat.plays());
    let waiting = cat.waiting.clone().unwrap();
    assert_eq!((waiting.position, waiting.count), (1, 1));
    let seats = &house.disk.games()[0];
    assert_eq!(seats.iter().map(|seat| seat.agent.as_str()).collect::<Vec<_>>(), ["left", "right"]);
    let joined = house.disk.of(&Stream::Participant("ann".parse().unwrap()));
    let joined = joined.into_iter().find_map(|recorded| match recorded.fact {
        Fact::Participant(ParticipantFact::GameJoined { visit, partners, .. }) => Some((visit, partners)),
        _ => None,
    });
    assert_eq!(joined, Some((2, ["bob".parse().unwrap()].into())));

    ann.leave().await;
    assert!(ann.code().is_none() && ann.plays(), "a button pressed too late takes nobody out of a game");
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_hidden_page_and_one_that_does_not_answer_are_matched_with_nobody() {
    let house = House::open(OnTimeout::End).await;
    let mut hidden = Page::ready(&house, "hidden").await;
    hidden.visible = false;
    let mut frozen = Page::ready(&house, "frozen").await;
    frozen.awake = false;
    pass(&mut [&mut hidden, &mut frozen], 2 * SECOND).await;
    assert_eq!(hidden.waiting.as_ref().unwrap().state, WaitingState::Asleep);
    let mut ann = Page::ready(&house, "ann").await;
    pass(&mut [&mut hidden, &mut frozen, &mut ann], 5 * SECOND).await;
    let mut bob = Page::ready(&house, "bob").await;
    pass(&mut [&mut hidden, &mut frozen, &mut ann, &mut bob], 2 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob"]]);

    let mut cat = Page::ready(&house, "cat").await;
    hidden.show(true).await;
    pass(&mut [&mut hidden, &mut cat], 2 * SECOND).await;
    assert_eq!(house.disk.pairs()[1..], [["hidden", "cat"]], "whoever comes into sight has the old place");
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_in_vain_is_led_onward_with_a_code() {
    for (on_timeout, target) in [(OnTimeout::End, "end"), (OnTimeout::Scene(id("late")), "late")] {
        let house = House::open(on_timeout).await;
        let mut ann = Page::ready(&house, "ann").await;
        ann.look_for(PATIENCE - 2 * SECOND).await;
        assert!(matches!(ann.view(), SceneView::Gym(_)));
        ann.look_for(4 * SECOND).await;
        let code = ann.code().expect("a code");
        let mut again = ann.reconnect(&house).await;
        assert_eq!(again.code(), Some(code.clone()), "the same page and code");
        again.go_on().await;
        assert_eq!(again.at(), target);
        if let SceneView::End(end) = again.view() {
            assert_eq!(end.codes.iter().map(|issued| issued.code.clone()).collect::<Vec<_>>(), [code]);
            assert_eq!(end.codes[0].reason, Dismissal::NoPartner);
        }
        house.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_bot_takes_the_empty_seat() {
    let house = House::open(OnTimeout::Bot).await;
    let mut ann = Page::ready(&house, "ann").await;
    let mut gone = Page::open(&house, "gone").await;
    gone.visible = false;
    gone.go_on().await;
    gone.ask().await;
    pass(&mut [&mut ann, &mut gone], PATIENCE - 2 * SECOND).await;
    gone.hang_up().await;
    ann.look_for(4 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "-"]], "no game for somebody who is away");
    assert!(ann.plays());
    let mut back = gone.reconnect(&house).await;
    back.look_for(2 * SECOND).await;
    assert_eq!(house.disk.pairs()[1..], [["gone", "-"]]);
    assert!(back.plays());
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn leaving_leads_onward() {
    let house = House::open(OnTimeout::Scene(id("late"))).await;
    let mut ann = Page::ready(&house, "ann").await;
    ann.look_for(SECOND).await;
    ann.leave().await;
    ann.look_for(SECOND).await;
    assert!(ann.code().is_some());
    ann.leave().await;
    let mut bob = Page::ready(&house, "bob").await;
    pass(&mut [&mut ann, &mut bob], 3 * SECOND).await;
    assert!(house.disk.pairs().is_empty());
    ann.go_on().await;
    assert_eq!(ann.at(), "late");
    assert!(ann.refused.is_empty());

    bob.hang_up().await;
    sleep(20 * SECOND).await;
    let bob = bob.reconnect(&house).await;
    assert!(bob.code().is_some(), "who was away for too long is led onward too");
    let dismissals: Vec<_> = house.disk.facts().into_iter().filter_map(dismissal).collect();
    assert_eq!(dismissals, [Dismissal::LeftWaiting, Dismissal::LeftWaiting]);
    house.close().await;
}

pub fn dismissal(fact: Fact) -> Option<Dismissal> {
    match fact {
        Fact::Participant(ParticipantFact::Dismissed { reason, .. }) => Some(reason),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_loaded_again_keeps_its_place_and_asks_by_itself() {
    let house = House::open(OnTimeout::End).await;
    let ann = Page::ready(&house, "ann").await;
    let mut ann = Page::open(&house, ann.name.as_str()).await;
    let SceneView::Gym(gym) = ann.view() else { panic!("no game") };
    assert!(gym.begun, "nobody has to press the button again");
    let mut bob = Page::ready(&house, "bob").await;
    pass(&mut [&mut ann, &mut bob], 25 * SECOND).await;
    assert!(house.disk.pairs().is_empty(), "a page that is loading is not matched");
    ann.ask().await;
    pass(&mut [&mut ann, &mut bob], SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob"]]);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn the_queue_survives_a_restart_of_the_service() {
    let house = House::open(OnTimeout::End).await;
    let mut pages = Vec::new();
    for name in ["ann", "bob", "cat"] {
        pages.push(Page::ready(&house, name).await);
        pages.iter_mut().for_each(|page| page.visible = false);
    }
    pages[0].awake = false;
    let disk = house.disk.clone();
    house.close().await;
    assert!(disk.pairs().is_empty());

    let house = House::over(disk, study(OnTimeout::End, Matching::Fifo), Suggesters::default()).await;
    let mut cat = pages.pop().unwrap().reconnect(&house).await;
    let mut bob = pages.pop().unwrap().reconnect(&house).await;
    pass(&mut [&mut bob, &mut cat], SECOND).await;
    assert_eq!(house.disk.pairs(), [["bob", "cat"]], "by their places, not by their return");
    let disk = house.disk.clone();
    house.close().await;

    let house = House::over(disk, study(OnTimeout::End, Matching::Fifo), Suggesters::default()).await;
    let mut ann = pages.pop().unwrap().reconnect(&house).await;
    let (mut bob, mut cat) = (bob.reconnect(&house).await, cat.reconnect(&house).await);
    pass(&mut [&mut ann, &mut bob, &mut cat], 5 * SECOND).await;
    assert!(bob.plays() && cat.plays() && !ann.plays());
    assert_eq!(house.disk.pairs().len(), 1, "nobody is matched twice");
    assert_eq!(house.disk.of_waiting_room(|fact| matches!(fact, waitroom::Fact::Arrived { .. })), 3);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_manager_that_crashes_finds_its_queue_again() {
    let house = House::open(OnTimeout::End).await;
    let mut ann = Page::ready(&house, "ann").await;
    let mut bob = Page::open(&house, "bob").await;
    bob.go_on().await;
    house.disk.panics.store(true, SeqCst);
    bob.ask().await;
    assert_eq!(ann.closed().await, close::RESTART, "the page is told to come again");
    assert_eq!(bob.closed().await, close::RESTART);
    ann.hang_up().await;
    bob.hang_up().await;
    sleep(5 * SECOND).await;
    let mut bob = bob.reconnect(&house).await;
    let mut ann = ann.reconnect(&house).await;
    pass(&mut [&mut ann, &mut bob], 2 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["ann", "bob"]]);
    assert!(ann.plays() && bob.plays());
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn while_nothing_can_be_stored_nobody_is_promised_anything() {
    let house = House::open(OnTimeout::End).await;
    let mut ann = Page::ready(&house, "ann").await;
    let mut bob = Page::open(&house, "bob").await;
    bob.go_on().await;
    house.disk.full.store(true, SeqCst);
    bob.ask().await;
    pass(&mut [&mut ann, &mut bob], 5 * SECOND).await;
    assert_eq!((&bob.refused[..], &bob.waiting), (&[RefusalCode::Unavailable][..], &None));
    ann.leave().await;
    ann.look_for(3 * SECOND).await;
    assert!(ann.code().is_none());

    house.disk.full.store(false, SeqCst);
    ann.look_for(3 * SECOND).await;
    assert!(ann.code().is_some(), "what was said in the meantime is not forgotten");
    bob.ask().await;
    assert_eq!(bob.waiting.as_ref().map(|waiting| waiting.count), Some(1));
    house.close().await;
}

/// Pairs whose names begin alike; fails once before.
struct Alike(AtomicBool);

impl Suggest for Alike {
    fn suggest(&self, waiting: &[Waiter], size: usize) -> Result<Vec<Vec<SubjectId>>, String> {
        if !self.0.swap(true, SeqCst) {
            panic!("the researcher's own mistake");
        }
        let mut alike = BTreeMap::<u8, Vec<SubjectId>>::new();
        for waiter in waiting {
            alike.entry(waiter.subject.as_str().as_bytes()[0]).or_default().push(waiter.subject.clone());
        }
        Ok(alike.into_values().map(|group| group.into_iter().take(size).collect()).collect())
    }
}

#[tokio::test(start_paused = true)]
async fn a_researchers_own_rule_matches() {
    let rule: Arc<dyn Suggest> = Arc::new(Alike(AtomicBool::new(false)));
    let suggesters = Arc::new(BTreeMap::from([(id("together"), rule)]));
    let study = study(OnTimeout::End, Matching::Function { name: "alike".into() });
    let house = House::over(Disk::default(), study, suggesters).await;
    let mut pages = Vec::new();
    for name in ["a1", "b1", "a2"] {
        pages.push(Page::ready(&house, name).await);
    }
    pass(&mut pages.iter_mut().collect::<Vec<_>>(), 5 * SECOND).await;
    assert_eq!(house.disk.pairs(), [["a1", "a2"]]);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_game_that_is_over_releases_its_players() {
    let house = House::open(OnTimeout::End).await;
    let (mut ann, mut bob) = (Page::ready(&house, "ann").await, Page::ready(&house, "bob").await);
    pass(&mut [&mut ann, &mut bob], SECOND).await;
    assert!(ann.plays() && bob.plays());
    let failed = greenroom::wire::Failed {
        visit: 2,
        stage: greenroom::wire::FailedStage::Step,
        message: "broke".into(),
        traceback: String::new(),
        give_up: true,
    };
    ann.say(FromBrowser::Failed(failed)).await;
    pass(&mut [&mut ann, &mut bob], 150 * SECOND).await;
    assert_eq!(house.disk.of_waiting_room(|fact| matches!(fact, waitroom::Fact::Released { .. })), 2);
    house.close().await;
}

#[tokio::test(start_paused = true)]
async fn the_page_is_told_what_it_needs_to_play_with_others() {
    let house = House::open(OnTimeout::End).await;
    let mut ann = Page::open(&house, "ann").await;
    ann.go_on().await;
    let SceneView::Gym(gym) = ann.view() else { panic!("no game") };
    let group = gym.group.as_ref().unwrap();
    assert_eq!(
        (&group.agents[..], group.max_prediction, group.smoothing_ms),
        (&["left", "right"].map(String::from)[..], 8, 100)
    );
    assert!(!gym.begun);
    let settings: BTreeMap<String, rmpv::Value> = decode(&gym.environment.as_ref().unwrap().settings).unwrap();
    assert_eq!(settings["agents"], rmpv::Value::Array(vec!["left".into(), "right".into()]));
    let number = |name: &str| settings[name].as_u64();
    let numbers = ["input_delay", "max_prediction", "snapshot_interval", "hash_interval"].map(number);
    assert_eq!(numbers, [Some(0), Some(8), Some(3), Some(30)]);
    assert_eq!((settings["smoothing"].as_bool(), settings.get("me")), (Some(true), None));
    house.close().await;
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_hundred_nobody_is_in_two_games_and_nobody_is_lost() {
    for (seed, on_timeout) in [(1, OnTimeout::End), (2, OnTimeout::Bot)] {
        let house = House::open(on_timeout).await;
        let mut dice = Dice(seed);
        let mut pages: Vec<Page> = Vec::new();
        let mut broken: Vec<(u64, Page)> = Vec::new();
        for moment in 0..600_u64 {
            if pages.len() + broken.len() < 200 && dice.roll(2) == 0 {
                pages.push(Page::ready(&house, &format!("p{}", pages.len() + broken.len())).await);
            }
            if !pages.is_empty() {
                let index = dice.roll(pages.len() as u64) as usize;
                match dice.roll(8) {
                    0 => pages[index].leave().await,
                    1 => pages[index].show(false).await,
                    2 => pages[index].show(true).await,
                    3 => pages[index].awake ^= true,
                    4 => {
                        pages[index].hang_up().await;
                        broken.push((moment + dice.roll(200), pages.swap_remove(index)));
                    }
                    _ => {}
                }
            }
            let (back, still) = broken.into_iter().partition(|(until, _)| *until <= moment);
            broken = still;
            for (_, page) in back as Vec<(u64, Page)> {
                pages.push(page.reconnect(&house).await);
            }
            pass(&mut pages.iter_mut().collect::<Vec<_>>(), LOOK).await;
        }
        for (_, page) in broken {
            pages.push(page.reconnect(&house).await);
        }
        pass(&mut pages.iter_mut().collect::<Vec<_>>(), PATIENCE + 10 * SECOND).await;
        assert_eq!(pages.len(), 200);

        let players = house.disk.games().into_iter().flatten().filter_map(|seat| seat.player);
        let players: Vec<SubjectId> = players.map(|player| player.subject).collect();
        let different: BTreeSet<_> = players.iter().collect();
        assert_eq!(different.len(), players.len(), "somebody is in two games");
        assert!(house.disk.pairs().iter().filter(|pair| pair[1] != "-").count() > 20, "pairs were made");
        for page in &pages {
            let own = house.disk.of(&Stream::Participant(page.name.clone()));
            let joined = own.iter().any(|recorded| {
                matches!(recorded.fact, Fact::Participant(ParticipantFact::GameJoined { visit: 2, .. }))
            });
            let dismissed = own.iter().filter_map(|recorded| dismissal(recorded.fact.clone())).count();
            assert_eq!(joined, different.contains(&page.name), "{} and the game disagree", page.name);
            assert!(joined || dismissed == 1, "{} is lost", page.name);
            assert!(dismissed <= 1, "{} was dismissed {dismissed} times", page.name);
        }
        let made =
            house.disk.facts().into_iter().filter(|fact| matches!(fact, Fact::Scene(SceneFact::GameMade { .. })));
        assert_eq!(made.count(), house.disk.games().len());
        house.close().await;
    }
}
