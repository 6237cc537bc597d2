//! What the journal remembers: a sequence of facts in streams, from which everything else can be rebuilt.
//!
//! A fact is stored before anyone is told of it, and the state of a participant or a game is what its facts make of it,
//! so that resuming after a restart is the same code as running.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use serde_bytes::ByteBuf;

use crate::experiment::{About, Answer, Merge, Requirement};
use crate::ids::{GameId, QuestionId, SceneId, SubjectId, TokenDigest};
use crate::rules::answers::Drawn;
use crate::rules::globals::ByAgent;
use crate::rules::memory::EpisodeResult;
use crate::rules::screening::Measured;
use crate::rules::stager::Planned;
use crate::rules::timeline::Closed;
use crate::rules::{conditions, lobby, waitroom};
use crate::time::Timestamp;
use crate::wire::{Browser, Dismissal, FailedStage, Finite, FrameSeen, RunnerState, StateHash, Step, Timing};

/// A sequence of facts with one owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// A participant's facts.
    Participant(SubjectId),
    /// A game's facts.
    Game(GameId),
    /// The facts of a scene's waiting room.
    Scene(SceneId),
    /// Who came when, and who was assigned which level of a condition.
    Assignments,
    /// The facts of the study as a whole.
    Study,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(subject) => write!(f, "participant/{subject}"),
            Self::Game(game) => write!(f, "game/{game}"),
            Self::Scene(scene) => write!(f, "scene/{scene}"),
            Self::Assignments => write!(f, "assignments"),
            Self::Study => write!(f, "study"),
        }
    }
}

/// A fact of any stream. The names are part of the stored form: add, never rename.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// Of a participant.
    Participant(ParticipantFact),
    /// Of a game.
    Game(GameFact),
    /// Of a game for several players: who is there, who is ready, who is host.
    Lobby(lobby::Fact),
    /// Of a scene: who waits, who was asked, who was matched.
    WaitRoom(waitroom::Fact),
    /// Of the assignment of conditions.
    Assignment(conditions::Fact),
    /// Of a scene.
    Scene(SceneFact),
    /// Of the study as a whole.
    Study(StudyFact),
}

/// What happens to a participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum ParticipantFact {
    /// A participant came for the first time.
    ParticipantCreated {
        /// Digest of the secret that its browser keeps.
        token: TokenDigest,
        /// Query parameters of the page.
        parameters: BTreeMap<String, String>,
        /// What the browser told about itself.
        browser: Browser,
    },
    /// The order of scenes was drawn, once and for good.
    ScenesDrawn {
        /// The scenes to come, as far as they are known.
        order: Vec<SceneId>,
        /// The plan that they come from, where it is more than these scenes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        plan: Vec<Planned>,
        /// The participant's number, where anything was drawn from it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<u32>,
    },
    /// A scene was entered.
    SceneEntered {
        /// Counts the scenes entered, from 1.
        visit: u32,
        /// Which one.
        scene: SceneId,
    },
    /// A game was opened for the participant.
    GameJoined {
        /// The visit it belongs to.
        visit: u32,
        /// The game.
        game: GameId,
        /// With whom it plays there.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        partners: BTreeSet<SubjectId>,
        /// The agent that it plays.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        agent: String,
    },
    /// The service could not go on with the game of a visit.
    GameLost {
        /// The visit it belongs to.
        visit: u32,
        /// Why.
        reason: String,
    },
    /// A scene ended in another way than planned, and a code was issued for it.
    Dismissed {
        /// The visit it belongs to.
        visit: u32,
        /// Why.
        reason: Dismissal,
        /// What the participant may have to show to be paid.
        code: String,
    },
    /// Somebody was let in, or not.
    Screened {
        /// The visit it belongs to.
        visit: u32,
        /// Whether it may take part.
        passed: bool,
        /// What was not met, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requirement: Option<Requirement>,
        /// Why, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What the researcher's function had to say to the participant; HTML.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// What was known of it.
        measured: Measured,
    },
    /// A player was warned.
    Warned {
        /// The visit it belongs to.
        visit: u32,
        /// What was wrong.
        about: About,
        /// Why, in words, with what was measured.
        reason: String,
    },
    /// A player may not go on.
    Excluded {
        /// The visit it belongs to.
        visit: u32,
        /// What was wrong.
        about: About,
        /// Why, in words, with what was measured.
        reason: String,
        /// What the researcher's function had to say to the participant; HTML.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// The scenes still to come were changed.
    Rerouted {
        /// All scenes: those entered so far, and those to come as far as they are known.
        order: Vec<SceneId>,
        /// The plan, if it is another one now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        plan: Vec<Planned>,
        /// The place in the plan that comes next, from 0. Records from before there were plans have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<u32>,
        /// Why, where a branch or a condition led there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        because: Vec<String>,
    },
    /// A participant came back on a new connection.
    Resumed {
        /// What the browser told about itself.
        browser: Browser,
    },
    /// The questions of a visit were drawn, once and for good.
    QuestionsDrawn {
        /// The visit it belongs to.
        visit: u32,
        /// In which order they are asked.
        #[serde(flatten)]
        drawn: Drawn,
    },
    /// A question was answered, or its answer changed.
    AnswerGiven {
        /// The visit it belongs to.
        visit: u32,
        /// The question.
        question: QuestionId,
        /// The answer; absent when it was taken back.
        answer: Option<Answer>,
        /// Time since the page was shown, in milliseconds, by the browser's word.
        ms: Finite,
        /// Of consent, the version of the text that was consented to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
    },
    /// The answers of a visit were handed in.
    AnswersHandedIn {
        /// The visit it belongs to.
        visit: u32,
        /// Questions whose answers are not the right ones, where there are right ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        wrong: Vec<QuestionId>,
    },
    /// A page of the researcher's own, or a build in it, gave something to keep.
    DataSaved {
        /// The visit it belongs to.
        visit: u32,
        /// Counts what was saved in this visit, from 1.
        number: u32,
        /// What it is, in the page's own words.
        name: String,
        /// The data.
        data: serde_json::Value,
    },
    /// A function of the experiment module was told what a page of the researcher's own does, and has answered or failed.
    PageTold {
        /// The visit it belongs to.
        visit: u32,
        /// What it was about: the number of what was saved.
        number: u32,
        /// The function: `on_episode_start`, `on_episode_end` or `on_message`.
        hook: String,
        /// What it said to the page; null for nothing.
        data: serde_json::Value,
    },
    /// Values that scenes share were set.
    GlobalsChanged {
        /// The visit it belongs to.
        visit: u32,
        /// The values, as they are from now on; the others stay as they were.
        values: serde_json::Map<String, serde_json::Value>,
    },
    /// A level of a condition was assigned.
    ConditionAssigned {
        /// The visit in which it was asked for.
        visit: u32,
        /// The condition.
        condition: String,
        /// The level.
        level: String,
    },
    /// A game is over for the participant: how it did.
    GameScored {
        /// The visit it belongs to.
        visit: u32,
        /// By episode.
        episodes: Vec<EpisodeResult>,
    },
    /// A bonus was computed by the study's function for it, or could not be.
    BonusComputed {
        /// The visit it belongs to.
        visit: u32,
        /// The scene whose bonus it is; none for that of the study.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scene: Option<SceneId>,
        /// How much.
        amount: Option<Finite>,
        /// What was wrong with the function.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A code was issued for something else than a scene that ended in another way than planned.
    CodeIssued {
        /// The visit it belongs to.
        visit: u32,
        /// For what.
        reason: Dismissal,
        /// What the participant may have to show to be paid.
        code: String,
    },
    /// Something failed in the browser.
    BrowserFailed {
        /// The visit in which it failed.
        visit: u32,
        /// What failed.
        stage: FailedStage,
        /// One line.
        message: String,
        /// Traceback or stack.
        traceback: String,
        /// Whether the scene was given up.
        give_up: bool,
    },
}

/// What happens to a game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum GameFact {
    /// A game began.
    GameOpened {
        /// Its scene.
        scene: SceneId,
        /// The visit of its player.
        visit: u32,
        /// Who plays which agent.
        players: BTreeMap<String, SubjectId>,
        /// From which the seeds of the episodes are derived.
        seed: u32,
    },
    /// Steps were stored; the entry's payload holds them as MessagePack (`Vec<Step>`).
    StepsAccepted {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of the first step.
        first: u32,
        /// How many.
        count: u32,
    },
    /// An episode is over.
    EpisodeEnded {
        /// Episode, counted from 0.
        episode: u32,
        /// How many steps it had.
        steps: u32,
    },
    /// The game was given the values that scenes share.
    GlobalsGiven {
        /// By agent, of each that a participant plays.
        globals: ByAgent,
        /// How what is set meets what is there, where it does not just replace it.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        merge: BTreeMap<String, Merge>,
    },
    /// An episode has changed values that scenes share.
    GlobalsLeft {
        /// Episode, counted from 0.
        episode: u32,
        /// By agent those that changed, merged.
        globals: ByAgent,
    },
    /// How well the browser kept the frame rate.
    TimingReported {
        /// The report.
        timing: Timing,
    },
    /// The same of a player's browser, in a game of several players or on the service.
    SeatTimed {
        /// Whose.
        seat: usize,
        /// The report.
        timing: Timing,
    },
    /// The game is over.
    GameEnded {
        /// How it ended.
        outcome: Outcome,
    },
    /// A game for several players began.
    GameMatched {
        /// Its scene.
        scene: SceneId,
        /// Who plays, in the order of the seats.
        seats: Vec<SeatTaken>,
        /// From which the seeds of the episodes are derived.
        seed: u32,
    },
    /// An episode of a game for several players is about to begin for a player.
    SeatPrepared {
        /// Episode, counted from 0.
        episode: u32,
        /// Whose.
        seat: usize,
        /// Frames between a key press and the frame it is for.
        input_delay: u32,
    },
    /// Frames were confirmed; the entry's payload holds them.
    FramesConfirmed {
        /// Episode, counted from 0.
        episode: u32,
        /// The first of them.
        first: u32,
        /// How many.
        count: u32,
    },
    /// A player's browser told how its copy came by frames; the entry's payload holds it.
    FramesWitnessed {
        /// Episode, counted from 0.
        episode: u32,
        /// Whose.
        seat: usize,
        /// The first of them.
        first: u32,
        /// How many.
        count: u32,
    },
    /// A state of the reference; the entry's payload holds it.
    SnapshotTaken {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to it.
        frame: u32,
        /// Whose copy.
        seat: usize,
    },
    /// All copies that are there have the same state.
    CopiesAgreed {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to it.
        frame: u32,
        /// The state's hash.
        hash: StateHash,
    },
    /// A copy differs from the reference.
    CopyDiffers {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to the state.
        frame: u32,
        /// Whose copy.
        seat: usize,
    },
    /// A copy has adopted the reference's state.
    CopyHealed {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to the state.
        frame: u32,
        /// Whose copy.
        seat: usize,
        /// In which fields it had differed.
        fields: Vec<String>,
    },
    /// How a player's connection does.
    LinkSampled {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of frames confirmed by then.
        frame: u32,
        /// Whose.
        seat: usize,
        /// Median round trip, in milliseconds.
        rtt_ms: Option<u32>,
        /// How early the player's inputs arrive, in milliseconds.
        margin_ms: Option<i32>,
        /// Inputs so far that came too late for their frame.
        late: u32,
        /// How often so far the player's copy took over a state of the service's copy because its own was not the same.
        #[serde(default, skip_serializing_if = "is_zero")]
        adopted: u32,
        /// The largest difference between two numbers of such states so far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        largest: Option<Finite>,
    },
    /// A state of the service's own copy; the entry's payload holds it.
    RunnerSnapshot {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to it.
        frame: u32,
    },
    /// A copy has taken over a state of the service's copy, and had differed from it by more than rounding explains.
    CopyAdopted {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of confirmed frames that led to the state.
        frame: u32,
        /// Whose copy.
        seat: usize,
        /// The largest difference between two numbers of the same place; absent when the copy could not tell.
        largest: Option<Finite>,
        /// In which fields it had differed.
        fields: Vec<String>,
    },
    /// The clock waited for the service's own copy.
    ClockStretched {
        /// Episode, counted from 0.
        episode: u32,
        /// Number of frames confirmed by then.
        frame: u32,
        /// How long in this episode so far, in milliseconds.
        ms: u32,
    },
    /// The service has no copy of the environment any more, and the game cannot go on.
    RunnerFailed {
        /// Why, in one line.
        reason: String,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Who plays on a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatTaken {
    /// The agent.
    pub agent: String,
    /// The participant, in its visit; a bot when absent.
    pub player: Option<Visitor>,
}

/// A participant in one of its visits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Visitor {
    /// Who.
    pub subject: SubjectId,
    /// In which visit.
    pub visit: u32,
}

/// What happens to a scene for several players, beside its waiting room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum SceneFact {
    /// A game was made.
    GameMade {
        /// The game.
        game: GameId,
        /// Its players.
        players: Vec<Visitor>,
    },
}

/// What happens to the study as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum StudyFact {
    /// A service began to serve the study in a form that the record did not have yet. The entry's payload holds the archive
    /// of its files, with which its games can be played again.
    StudyOpened {
        /// SHA-256 of what the study consists of, in hexadecimal; the same for the same files.
        digest: String,
        /// All scenes with all options: [`Experiment`](crate::experiment::Experiment) as JSON.
        experiment: serde_json::Value,
        /// Version of this program.
        greenroom_version: String,
        /// Version of Python.
        python_version: String,
        /// Installed packages of the study's virtual environment, with their versions.
        packages: BTreeMap<String, String>,
    },
    /// A callback of the researcher's was told of an event.
    CallbackReturned {
        /// The name of its method.
        hook: String,
        /// Of whom the event told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<SubjectId>,
        /// Of which game.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        game: Option<GameId>,
        /// Of which episode.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        episode: Option<u32>,
        /// How long it took.
        milliseconds: u64,
        /// What it raised, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// The store took no facts for some time, until now: the disk was full, for example.
    StoreFailed {
        /// For how long.
        milliseconds: u64,
        /// How often people were turned away meanwhile.
        turned_away: u64,
    },
}

/// How a game ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All episodes were played.
    Complete,
    /// The environment failed, or the participant gave it up.
    Failed,
}

impl From<ParticipantFact> for Fact {
    fn from(fact: ParticipantFact) -> Self {
        Self::Participant(fact)
    }
}

impl From<lobby::Fact> for Fact {
    fn from(fact: lobby::Fact) -> Self {
        Self::Lobby(fact)
    }
}

impl From<waitroom::Fact> for Fact {
    fn from(fact: waitroom::Fact) -> Self {
        Self::WaitRoom(fact)
    }
}

impl From<conditions::Fact> for Fact {
    fn from(fact: conditions::Fact) -> Self {
        Self::Assignment(fact)
    }
}

impl From<SceneFact> for Fact {
    fn from(fact: SceneFact) -> Self {
        Self::Scene(fact)
    }
}

impl From<StudyFact> for Fact {
    fn from(fact: StudyFact) -> Self {
        Self::Study(fact)
    }
}

impl From<GameFact> for Fact {
    fn from(fact: GameFact) -> Self {
        Self::Game(fact)
    }
}

/// A fact on its way into the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Whose fact.
    pub stream: Stream,
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
    /// What belongs to it.
    pub payload: Payload,
}

/// A fact out of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// When.
    pub at: Timestamp,
    /// What.
    pub fact: Fact,
    /// What belongs to it.
    pub payload: Payload,
}

/// What is too much for a fact itself, and belongs to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Payload {
    /// Nothing.
    #[default]
    None,
    /// Of [`GameFact::StepsAccepted`].
    Steps(Vec<Step>),
    /// Of [`GameFact::FramesConfirmed`].
    Frames(Vec<Closed>),
    /// Of [`GameFact::FramesWitnessed`].
    Witnessed(Vec<FrameSeen>),
    /// Of [`GameFact::SnapshotTaken`].
    State(ByteBuf),
    /// Of [`GameFact::RunnerSnapshot`].
    Runner(Box<RunnerState>),
    /// Of [`StudyFact::StudyOpened`]: a tar archive, compressed by gzip.
    Archive(ByteBuf),
}

impl Payload {
    /// The steps, if it is steps.
    pub fn steps(&self) -> &[Step] {
        if let Self::Steps(steps) = self { steps } else { &[] }
    }

    /// The confirmed frames, if it is frames.
    pub fn frames(&self) -> &[Closed] {
        if let Self::Frames(frames) = self { frames } else { &[] }
    }

    /// How a player came by frames, if it is that.
    pub fn witnessed(&self) -> &[FrameSeen] {
        if let Self::Witnessed(frames) = self { frames } else { &[] }
    }

    /// Its stored form: MessagePack; `None` when there is nothing.
    ///
    /// # Errors
    /// Never for what was made by this program.
    pub fn encode(&self) -> Result<Option<Vec<u8>>, rmp_serde::encode::Error> {
        match self {
            Self::None => Ok(None),
            Self::Steps(steps) => rmp_serde::to_vec(steps).map(Some),
            Self::Frames(frames) => rmp_serde::to_vec(frames).map(Some),
            Self::Witnessed(frames) => rmp_serde::to_vec(frames).map(Some),
            Self::State(state) | Self::Archive(state) => Ok(Some(state.to_vec())),
            Self::Runner(state) => rmp_serde::to_vec(&**state).map(Some),
        }
    }

    /// Reads the stored form of what belongs to a fact.
    ///
    /// # Errors
    /// When the bytes are something else.
    pub fn decode(fact: &Fact, bytes: &[u8]) -> Result<Self, rmp_serde::decode::Error> {
        Ok(match fact {
            Fact::Game(GameFact::StepsAccepted { .. }) => Self::Steps(rmp_serde::from_slice(bytes)?),
            Fact::Game(GameFact::FramesConfirmed { .. }) => Self::Frames(rmp_serde::from_slice(bytes)?),
            Fact::Game(GameFact::FramesWitnessed { .. }) => Self::Witnessed(rmp_serde::from_slice(bytes)?),
            Fact::Game(GameFact::SnapshotTaken { .. }) => Self::State(ByteBuf::from(bytes)),
            Fact::Game(GameFact::RunnerSnapshot { .. }) => Self::Runner(Box::new(rmp_serde::from_slice(bytes)?)),
            Fact::Study(StudyFact::StudyOpened { .. }) => Self::Archive(ByteBuf::from(bytes)),
            _ => Self::None,
        })
    }
}

/// The append-only record. One implementation is embedded (`store`); a replicated log can stand behind it as well.
pub trait Journal: Send + 'static {
    /// Appends all entries or none, durably: when it returns, a crash of the process or the machine loses nothing.
    fn append(&mut self, entries: &[Entry]) -> Result<(), JournalError>;

    /// All facts of a stream, oldest first; empty when there is no such stream.
    fn read(&mut self, stream: &Stream) -> Result<Vec<Recorded>, JournalError>;

    /// Said last, and only when everything that is made of the facts has been made: the next start has nothing to catch up.
    fn settle(&mut self) -> Result<(), JournalError>;
}

/// The journal could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the journal could not {doing}: {cause}")]
pub struct JournalError {
    /// What it was about to do.
    pub doing: &'static str,
    /// Why it could not.
    pub cause: String,
}

/// Files that people open, written from the journal.
pub trait Projector: Send + 'static {
    /// Writes the files of one participant in one scene anew.
    fn project(&mut self, target: &Target) -> Result<(), JournalError>;
}

/// The files of one participant in one visit of a scene.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The participant.
    pub subject: SubjectId,
    /// The scene.
    pub scene: SceneId,
    /// The visit.
    pub visit: u32,
    /// The game played there, if any.
    pub game: Option<GameId>,
}
