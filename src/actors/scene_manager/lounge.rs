//! The waiting room of a scene, as its manager keeps it: the shell around [`WaitRoom`].
//!
//! What arrives while facts are being stored is decided together afterwards, and stored together: a lecture hall that
//! arrives at once costs a few commits, not one for each. What cannot be stored has not happened; whoever wanted to come
//! in is told to ask again, and all other news is kept for the next try.

mod deciding;
mod leading;

use std::collections::BTreeMap;
use std::time::Duration;

use deciding::Batch;

use super::games::Games;
use super::person::{Person, refuse, waiting};
use super::room::GameRoom;
use super::suggestions::{Suggested, Suggestions};
use super::{Census, Joining};
use crate::actors::connection::Connection;
use crate::actors::host::Address;
use crate::actors::services::Services;
use crate::actors::workers;
use crate::experiment::{Group, GymScene, OnTimeout};
use crate::facts::{Fact, Recorded, SceneFact, Stream, Visitor};
use crate::ids::{GameId, SceneId, SubjectId};
use crate::rules::matchers::Matcher;
use crate::rules::waitroom::{self, Input, State, Terms, TimeOut, WaitRoom};
use crate::time::Timestamp;
use crate::wire::ToBrowser;

/// Time to answer a ready-check. A page answers by itself, so it is for the network alone.
const CHECK: Duration = Duration::from_secs(3);
/// Time in which somebody who lost the connection may come back to the same place.
const GRACE: Duration = Duration::from_secs(15);
/// A page that loads again keeps its place while its browser is connected, up to this: Python takes its time.
const LOADING: Duration = Duration::from_secs(60);
/// Most people in the room.
const PLACES: usize = 10_000;
/// News that may wait for the store. The overflow policy is *refuse*: the page asks again.
const NEWS: usize = 2 * PLACES;
/// Least time between two reports to the waiting pages: a crowd that arrives at once is told once.
const REPORT: Duration = Duration::from_millis(250);

/// The waiting room of a scene.
pub(super) struct Lounge {
    scene: SceneId,
    /// How many people play together.
    size: usize,
    /// The agents by seat: people first.
    seats: Vec<String>,
    on_timeout: TimeOut,
    services: Services,
    matcher: Box<dyn Matcher>,
    room: WaitRoom,
    /// Whether its record has been read; before that nothing can be decided.
    open: bool,
    /// Those in the room, except for those who have not been heard of since the manager began.
    people: BTreeMap<SubjectId, Person>,
    games: Games,
    news: Vec<Input>,
    storing: Option<Batch>,
    reported: Option<Timestamp>,
    suggestions: Suggestions,
    /// Groups that the researcher's own rule named last.
    named: Vec<Vec<SubjectId>>,
    game_room: GameRoom,
}

impl Lounge {
    /// The waiting room of this scene, which is closed until its record is read.
    pub fn new(gym: &GymScene, group: &Group, services: Services) -> Self {
        let size = gym.human_agents().count();
        let on_timeout = match &group.waiting_room.on_timeout {
            OnTimeout::Bot => TimeOut::Bot,
            OnTimeout::Scene(scene) => TimeOut::Scene(scene.clone()),
            OnTimeout::End => TimeOut::End,
        };
        let terms = Terms {
            size,
            patience: group.waiting_room.timeout,
            on_timeout: on_timeout.clone(),
            check: CHECK,
            grace: GRACE,
            places: PLACES,
        };
        Self {
            scene: gym.scene_id.clone(),
            on_timeout,
            matcher: (&group.waiting_room.matching).into(),
            room: WaitRoom::new(terms),
            open: false,
            people: BTreeMap::new(),
            games: Games::default(),
            news: Vec::new(),
            storing: None,
            reported: None,
            suggestions: Suggestions::new(gym, &group.waiting_room.matching, &services),
            named: Vec::new(),
            game_room: GameRoom::new(gym, &services),
            size,
            seats: gym.seats().map(str::to_owned).collect(),
            services,
        }
    }

    /// Reads the record, if that has not succeeded before.
    pub async fn read(&mut self) {
        if self.open {
            return;
        }
        match self.services.read(Stream::Scene(self.scene.clone())).await {
            Ok(facts) => {
                for Recorded { at, fact, .. } in facts {
                    match fact {
                        Fact::WaitRoom(fact) => self.apply(at, &fact),
                        Fact::Scene(SceneFact::GameMade { game, players }) => self.games.made(game, &players),
                        _ => {}
                    }
                }
                self.open = true;
                if !self.room.is_empty() {
                    self.news.insert(0, Input::Restarted);
                }
            }
            Err(error) => tracing::warn!(scene = %self.scene, %error, "a waiting room cannot be opened at the moment"),
        }
    }

    /// Nobody is matched any more.
    pub fn close(&mut self) {
        self.open = false;
        self.game_room.give_back();
    }

    fn apply(&mut self, at: Timestamp, fact: &waitroom::Fact) {
        self.room.apply(at, fact);
        if let waitroom::Fact::Released { subject } = fact {
            self.games.released(subject);
        }
    }

    /// Somebody comes, or comes back.
    pub fn join(&mut self, joining: Joining) {
        let Joining { player: Visitor { subject, visit }, connection, participant, partners } = joining;
        if !self.open || self.news.len() >= NEWS {
            return refuse(&connection);
        }
        let rtt = connection.round_trip();
        self.news.push(Input::Arrive { subject: subject.clone(), rtt, partners: partners.clone() });
        let connection = Some(connection);
        self.people.insert(subject, Person { visit, connection, participant, partners, loading: None });
    }

    /// A page tells whether it is visible.
    pub fn present(&mut self, subject: SubjectId, proposal: Option<u64>, visible: bool) {
        if self.news.len() < NEWS {
            self.news.extend(match (proposal, visible) {
                (Some(proposal), true) => Some(Input::Confirmed(subject, proposal)),
                (Some(proposal), false) => Some(Input::Unconfirmed(subject, proposal)),
                (None, true) => Some(Input::Awake(subject)),
                (None, false) => None,
            });
        }
    }

    /// Somebody does not want to wait any longer.
    pub fn leave(&mut self, subject: SubjectId) {
        if self.news.len() < NEWS {
            self.news.push(Input::Leave(subject));
        }
    }

    /// Somebody's connection is gone.
    pub fn gone(&mut self, subject: SubjectId) {
        if let Some(person) = self.people.get_mut(&subject) {
            (person.connection, person.loading) = (None, None);
            self.news.push(Input::Disconnected(subject));
        }
    }

    /// Somebody's browser is back, and its page is loading.
    pub fn loading(&mut self, subject: SubjectId) {
        let now = self.services.clock.now();
        if let Some(person) = self.people.get_mut(&subject) {
            (person.connection, person.loading) = (None, Some((now, now)));
            self.news.push(Input::Loading(subject));
        }
    }

    /// A game is over: its players may come again.
    pub fn release(&mut self, game: GameId) {
        for Visitor { subject, .. } in self.games.players.remove(&game).unwrap_or_default() {
            if self.games.of.get(&subject).is_some_and(|(_, of)| *of == game) {
                self.news.push(Input::Released(subject));
            }
        }
    }

    /// The researcher's own rule has answered.
    pub fn suggested(&mut self, suggested: Suggested) {
        self.named = self.suggestions.answered(suggested, self.services.clock.now());
        self.suggest();
    }

    fn suggest(&mut self) {
        let free = NEWS.saturating_sub(self.news.len());
        self.news.extend(self.named.iter().take(free).cloned().map(Input::Suggest));
    }

    /// A second has passed.
    pub fn tick(&mut self) {
        let now = self.services.clock.now();
        for (subject, person) in &mut self.people {
            if let Some(rtt) = person.connection.as_ref().and_then(Connection::round_trip) {
                self.room.measured(subject, rtt);
            }
            if let Some((since, told)) = &mut person.loading
                && now.since(*told) >= GRACE / 2
                && now.since(*since) < LOADING
            {
                *told = now;
                self.news.push(Input::Loading(subject.clone()));
            }
        }
        if !self.room.is_empty() {
            self.news.push(Input::Tick);
        }
        self.report();
    }

    /// The workers have answered, or did not in time.
    pub fn game_room(&mut self, answer: Option<workers::Room>) {
        if self.game_room.answered(answer, self.services.clock.now()) {
            self.news.push(Input::Tick);
            self.suggest();
        }
    }

    /// Asks the workers for room for those whom nothing else keeps from playing, and gives back what nobody needs. While
    /// something is being stored the numbers would be those of before.
    pub fn seek_room(&mut self, manager: &Address<super::Message>) {
        if !self.open || self.storing.is_some() || !self.game_room.limited() {
            return;
        }
        let now = self.services.clock.now();
        self.room.allow(self.game_room.left(now));
        let games = self.room.hold(now, &*self.matcher, &self.named);
        let waiting = self.room.waiting(now).len();
        self.game_room.tend(now, waiting >= self.size, self.room.proposals());
        let full = self.census().full;
        self.game_room.seek(games, full, now, manager);
    }

    /// Tells those who wait how it goes, where that has changed and not more often than they can read.
    fn report(&mut self) {
        let now = self.services.clock.now();
        if self.reported.is_some_and(|at| now.since(at) < REPORT) {
            return;
        }
        self.reported = Some(now);
        for (subject, status) in self.room.updates() {
            if let Some(person) = self.people.get(&subject) {
                person.send(|visit| waiting(visit, &status, self.size, now).map(ToBrowser::Waiting));
            }
        }
    }

    /// Has the researcher's own rule look at those who wait, if there is one and it is not at it already.
    pub fn ask_rule(&mut self, manager: &Address<super::Message>) {
        if self.open && self.suggestions.idle() {
            let waiting = self.room.waiting(self.services.clock.now());
            self.suggestions.ask(waiting, manager.clone());
        }
    }

    /// How many are here.
    pub fn census(&self) -> Census {
        let mut census = Census { no_room: self.game_room.reason(), ..Census::default() };
        for (_, state, _) in self.room.view().waiters {
            match state {
                State::Waiting | State::Checking => census.waiting += 1,
                State::Asleep => census.asleep += 1,
                State::Away => census.away += 1,
                State::Full => census.full += 1,
            }
        }
        census
    }

    /// Lets all pages come again: this manager is at its end, and the next one does not know their connections.
    pub fn break_off(&self, code: u16) {
        for connection in self.people.values().filter_map(|person| person.connection.as_ref()) {
            connection.close(code, "the waiting room is made anew");
        }
    }
}
