//! Pages that behave as browsers do, in virtual time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use greenroom::actors::connection::{Connection, ConnectionId, Ends};
use greenroom::actors::host::Address;
use greenroom::actors::{participant, participants};
use greenroom::ids::{ResumeToken, SubjectId};
use greenroom::rules::round_trip::Trips;
use greenroom::wire::{
    Browser, Continue, FromBrowser, Hello, Leave, Present, Ready, RefusalCode, SceneShown, SceneView, ToBrowser,
    VERSION, Waiting, Warning, decode,
};
use tokio::time::sleep;

use crate::house::{Doors, SECOND};

/// One look of the pages at what came in.
pub const LOOK: Duration = Duration::from_millis(100);

/// A participant's page.
pub struct Page {
    pub name: SubjectId,
    participant: Address<participant::Message>,
    connection: ConnectionId,
    ends: Ends,
    pub visible: bool,
    /// Whether it answers at all.
    pub awake: bool,
    /// Whether its participant wants to play.
    asked: bool,
    pub scene: Option<SceneShown>,
    pub waiting: Option<Waiting>,
    pub refused: Vec<RefusalCode>,
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
    pub async fn closed(&mut self) -> u16 {
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
