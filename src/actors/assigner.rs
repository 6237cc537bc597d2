//! The assigner: numbers the participants, and is the one owner of who gets which level of a condition.
//!
//! It decides at once, one after the other, and stores what it has decided together with whatever is decided meanwhile;
//! nobody hears of anything before it is stored. What could not be stored never was: its state is then made anew from the
//! journal. There is one only where a study draws something.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::clock::tick;
use super::host::{Failure, Me, Reply, Room};
use super::services::Services;
use crate::experiment::Flow;
use crate::facts::{Entry, Fact, Payload, Stream};
use crate::ids::{PartName, SubjectId};
use crate::rules::conditions::{self, Assignments, Placing, Stands};
use crate::rules::session::Session;

/// Time between two looks at who has been away for too long.
const TICK: Duration = Duration::from_secs(5);

/// What can be said to the assigner.
#[derive(Debug)]
pub enum Message {
    /// Which number has this participant? It gets one if it has none.
    Number(SubjectId, Reply<u32>),
    /// Which level of this condition does this participant get, who played with these last?
    Assign(PartName, SubjectId, BTreeSet<SubjectId>, Reply<Placing>),
    /// A participant with a level is so far, and there or away.
    Stands(SubjectId, Stands, bool),
    /// A participant's actor is gone, and with it the connection.
    Gone(SubjectId),
    /// (From itself) what was decided is stored, or could not be; an error when nobody knows.
    Stored(Stored),
    /// (From itself) some time has passed.
    Tick(Reply<()>),
    /// Store what is decided; the answer comes when it is.
    Drain(Reply<()>),
}

/// What became of the facts that were to be stored.
pub struct Stored {
    outcome: Result<bool, String>,
    answers: Vec<Answer>,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({:?}, {} answers)", self.outcome, self.answers.len())
    }
}

/// What is said once something is stored.
type Answer = Box<dyn FnOnce() + Send>;

/// The assigner.
pub struct Assigner {
    services: Services,
    flow: Flow,
    state: Assignments,
    /// What was told last of participants with a level.
    told: BTreeMap<SubjectId, (Stands, bool)>,
    /// Whether some of that is not stored.
    unsure: bool,
    facts: Vec<conditions::Fact>,
    answers: Vec<Answer>,
    storing: bool,
    draining: Vec<Reply<()>>,
}

impl Assigner {
    /// The assigner of the study.
    pub fn new(services: Services) -> Self {
        let flow = services.experiment.stager.flow().clone();
        Self {
            services,
            flow,
            state: Assignments::default(),
            told: BTreeMap::new(),
            unsure: false,
            facts: Vec::new(),
            answers: Vec::new(),
            storing: false,
            draining: Vec::new(),
        }
    }

    async fn read(&mut self) -> Result<(), Failure> {
        let mut state = Assignments::default();
        for recorded in self.services.read(Stream::Assignments).await? {
            if let Fact::Assignment(fact) = &recorded.fact {
                state.apply(fact);
            }
        }
        state.all_away(self.services.clock.now());
        self.state = state;
        Ok(())
    }

    /// What participants have stored, and the service did not live to tell.
    async fn catch_up(&mut self) -> Result<(), Failure> {
        for subject in self.state.active() {
            let mut session = Session::new(subject.clone());
            for recorded in self.services.read(Stream::Participant(subject.clone())).await? {
                session.apply(&recorded.fact);
            }
            if let Some(stands) = session.stands() {
                self.note(&subject, &stands, false);
            }
        }
        Ok(())
    }

    fn note(&mut self, subject: &SubjectId, stands: &Stands, here: bool) {
        let facts = self.state.stands(subject, stands, here, self.services.clock.now());
        self.decided(facts);
    }

    fn decided(&mut self, facts: impl IntoIterator<Item = conditions::Fact>) {
        for fact in facts {
            self.state.apply(&fact);
            self.facts.push(fact);
        }
    }

    fn answer<T: Send + 'static>(&mut self, reply: Reply<T>, answer: T) {
        self.answers.push(Box::new(move || {
            // Whoever asked may have gone.
            let _ = reply.send(answer);
        }));
    }

    fn tick(&mut self) {
        if std::mem::take(&mut self.unsure) {
            for (subject, (stands, here)) in self.told.clone() {
                self.note(&subject, &stands, here);
            }
        }
        let facts = self.state.look(&self.flow, self.services.clock.now());
        self.decided(facts);
    }

    /// Has what is decided stored, unless something is being stored; then it is its turn afterwards.
    fn store(&mut self, me: &Me<Message>) {
        if self.storing {
            return;
        }
        if self.facts.is_empty() {
            std::mem::take(&mut self.answers).into_iter().for_each(|answer| answer());
            self.draining.drain(..).for_each(|reply| {
                reply.send(());
            });
            return;
        }
        self.storing = true;
        let (services, address) = (self.services.clone(), me.address().clone());
        let at = services.clock.now();
        let entry = |fact: conditions::Fact| Entry {
            stream: Stream::Assignments,
            at,
            fact: fact.into(),
            payload: Payload::None,
        };
        let entries: Vec<Entry> = std::mem::take(&mut self.facts).into_iter().map(entry).collect();
        let answers = std::mem::take(&mut self.answers);
        tokio::spawn(async move {
            let outcome = services.store(entries).await.map(|stored| stored.is_ok()).map_err(|error| error.to_string());
            // When the assigner is gone, so is whoever waits for the answers.
            let _ = address.tell(Message::Stored(Stored { outcome, answers }));
        });
    }

    async fn stored(&mut self, Stored { outcome, answers }: Stored) -> Result<(), Failure> {
        self.storing = false;
        if outcome? {
            answers.into_iter().for_each(|answer| answer());
            return Ok(());
        }
        tracing::warn!("assignments cannot be stored at the moment; those who wait for them ask again");
        // Whatever was decided since rests on what was not stored.
        self.facts.clear();
        self.answers.clear();
        self.unsure = true;
        self.read().await
    }
}

impl Room for Assigner {
    type Message = Message;
    const KIND: &'static str = "assigner";
    const DEPTH: usize = 1024;

    async fn started(&mut self, me: &Me<Message>) -> Result<(), Failure> {
        self.read().await?;
        self.catch_up().await?;
        self.store(me);
        tick(me.address().clone(), TICK, Message::Tick);
        Ok(())
    }

    async fn handle(&mut self, message: Message, me: &Me<Message>) -> Result<(), Failure> {
        match message {
            Message::Number(subject, reply) => {
                self.decided(self.state.arrive(&subject));
                if let Some(number) = self.state.number(&subject) {
                    self.answer(reply, number);
                }
            }
            Message::Assign(condition, subject, partners, reply) => {
                let (fact, placing) = self.state.ask(&self.flow, &condition, &subject, &partners);
                self.decided(fact);
                self.answer(reply, placing);
            }
            Message::Stands(subject, stands, here) => {
                self.note(&subject, &stands, here);
                self.told.insert(subject, (stands, here));
            }
            Message::Gone(subject) => {
                if let Some((stands, here)) = self.told.get_mut(&subject) {
                    *here = false;
                    let stands = stands.clone();
                    self.note(&subject, &stands, false);
                }
            }
            Message::Stored(stored) => self.stored(stored).await?,
            Message::Tick(reply) => {
                self.tick();
                reply.send(());
            }
            Message::Drain(reply) => self.draining.push(reply),
        }
        self.store(me);
        Ok(())
    }
}
