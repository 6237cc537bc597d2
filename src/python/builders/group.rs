//! What the calls for games of several people have said so far.

use std::collections::BTreeSet;
use std::time::Duration;

use pyo3::prelude::*;

use super::functions::Function;
use super::given::Given;
use super::matchmakers;
use super::{names, set};
use crate::experiment::{Group, Matching, Mode, Multiplayer, OnAbsence, OnDesync, OnTimeout, WaitingRoom};
use crate::ids::SceneId;

/// What the calls have said so far; each part is there when its call was made.
#[derive(Debug, Default)]
pub struct GroupDraft {
    multiplayer: Option<MultiplayerDraft>,
    waitroom: Option<WaitroomDraft>,
    smoothing: Option<Duration>,
}

#[derive(Debug, Clone, Default)]
struct MultiplayerDraft {
    multiplayer: Multiplayer,
    grace: Option<Duration>,
    patience: Option<Duration>,
    /// The options that were given, which in some modes have no effect.
    named: BTreeSet<&'static str>,
}

#[derive(Debug, Default)]
struct WaitroomDraft {
    room: WaitingRoom,
    on_timeout: Way,
    timeout_scene_id: Option<SceneId>,
    function: Option<Function>,
    /// The options that were given.
    named: BTreeSet<&'static str>,
}

/// Options that say how the browsers' copies are held together: without such copies they have no effect.
const OF_COPIES: [&str; 5] = ["input_delay", "max_prediction", "snapshot_interval", "hash_interval", "on_desync"];

/// What somebody who plays alone may be away for: nobody else waits.
const LONE_GRACE: Duration = Duration::from_secs(120);
/// The same for all absences.
const LONE_PATIENCE: Duration = Duration::from_secs(600);

/// [`OnTimeout`] as a word: which scene it is may be said in another call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Way {
    #[default]
    End,
    Scene,
    Bot,
}

/// What one call says. `Some(None)` takes back what an earlier one said.
pub struct MultiplayerChange {
    input_delay: Option<u32>,
    max_prediction: Option<u32>,
    snapshot_interval: Option<u32>,
    hash_interval: Option<u32>,
    state_broadcast_interval: Option<u32>,
    on_desync: Option<OnDesync>,
    on_absence: Option<OnAbsence>,
    grace: Option<Duration>,
    patience: Option<Duration>,
    load: Option<Duration>,
    ready: Option<Duration>,
    message: Option<Option<String>>,
    named: Vec<&'static str>,
}

/// What one call says. `Some(None)` takes back what an earlier one said.
pub struct WaitroomChange {
    timeout: Option<Duration>,
    on_timeout: Option<Way>,
    timeout_scene_id: Option<Option<SceneId>>,
    timeout_message: Option<Option<String>>,
    matching: Option<(Matching, Option<Function>)>,
    hide_lobby_count: Option<bool>,
    named: Vec<&'static str>,
}

impl MultiplayerChange {
    /// Reads the options of `GymScene.multiplayer`.
    pub fn read(given: &Given<'_>) -> PyResult<Self> {
        Ok(Self {
            input_delay: given.whole("input_delay")?,
            max_prediction: given.whole("max_prediction")?,
            snapshot_interval: given.whole("snapshot_interval")?,
            hash_interval: given.whole("hash_interval")?,
            state_broadcast_interval: given.whole("state_broadcast_interval")?,
            on_desync: given.word("on_desync")?.map(|word| match word {
                "end" => OnDesync::End,
                _ => OnDesync::Heal,
            }),
            on_absence: given.word("on_absence")?.map(|word| match word {
                "continue" => OnAbsence::Continue,
                "bot" => OnAbsence::Bot,
                _ => OnAbsence::Pause,
            }),
            grace: milliseconds(given, "reconnection_timeout_ms")?,
            patience: milliseconds(given, "absence_limit_ms")?,
            load: milliseconds(given, "load_timeout_ms")?,
            ready: milliseconds(given, "ready_timeout_ms")?,
            message: or_none(given, "partner_disconnect_message", Given::text)?,
            named: given.names().collect(),
        })
    }
}

impl WaitroomChange {
    /// Reads the options of `GymScene.waitroom`.
    pub fn read(given: &Given<'_>) -> PyResult<Self> {
        Ok(Self {
            timeout: milliseconds(given, "timeout")?,
            on_timeout: given.word("on_timeout")?.map(|word| match word {
                "scene" => Way::Scene,
                "bot" => Way::Bot,
                _ => Way::End,
            }),
            timeout_scene_id: or_none(given, "timeout_scene_id", names::read)?,
            timeout_message: or_none(given, "timeout_message", Given::text)?,
            matching: matchmakers::matching(given, "matchmaker")?,
            hide_lobby_count: given.flag("hide_lobby_count")?,
            named: given.names().collect(),
        })
    }
}

/// A time that is given in milliseconds.
pub fn milliseconds(given: &Given<'_>, option: &str) -> PyResult<Option<Duration>> {
    Ok(given.whole(option)?.map(|number| Duration::from_millis(number.into())))
}

/// What `read` makes of an option, which may also be given as None.
fn or_none<'py, T>(
    given: &Given<'py>,
    option: &str,
    read: impl Fn(&Given<'py>, &str) -> PyResult<Option<T>>,
) -> PyResult<Option<Option<T>>> {
    match given.raw(option) {
        None => Ok(None),
        Some(value) if value.is_none() => Ok(Some(None)),
        Some(_) => read(given, option).map(Some),
    }
}

impl GroupDraft {
    /// Takes what a call of `GymScene.multiplayer` says.
    pub fn change_multiplayer(&mut self, change: MultiplayerChange) {
        let draft = self.multiplayer.get_or_insert_default();
        let multiplayer = &mut draft.multiplayer;
        set(&mut multiplayer.input_delay, change.input_delay);
        set(&mut multiplayer.max_prediction, change.max_prediction);
        set(&mut multiplayer.snapshot_interval, change.snapshot_interval);
        set(&mut multiplayer.hash_interval, change.hash_interval);
        set(&mut multiplayer.state_broadcast_interval, change.state_broadcast_interval);
        set(&mut multiplayer.on_desync, change.on_desync);
        set(&mut multiplayer.on_absence, change.on_absence);
        set(&mut multiplayer.load, change.load);
        set(&mut multiplayer.ready, change.ready);
        set(&mut multiplayer.partner_disconnect_message, change.message);
        super::set_some(&mut draft.grace, change.grace);
        super::set_some(&mut draft.patience, change.patience);
        draft.named.extend(change.named);
    }

    /// Takes what a call of `GymScene.waitroom` says.
    pub fn change_waitroom(&mut self, change: WaitroomChange) {
        let draft = self.waitroom.get_or_insert_default();
        set(&mut draft.room.timeout, change.timeout);
        set(&mut draft.room.timeout_message, change.timeout_message);
        set(&mut draft.room.hide_lobby_count, change.hide_lobby_count);
        set(&mut draft.on_timeout, change.on_timeout);
        set(&mut draft.timeout_scene_id, change.timeout_scene_id);
        draft.named.extend(change.named);
        if let Some((matching, function)) = change.matching {
            draft.room.matching = matching;
            draft.function = function;
        }
    }

    /// Takes what a call of `GymScene.rendering` says.
    pub fn change_smoothing(&mut self, smoothing: Option<Duration>) {
        super::set_some(&mut self.smoothing, smoothing);
    }

    /// The calls that were made in vain when one person plays.
    pub fn calls(&self) -> Vec<&'static str> {
        let calls = [
            (self.multiplayer.is_some(), ".multiplayer(...)"),
            (self.waitroom.is_some(), ".waitroom(...)"),
            (self.smoothing.is_some(), ".rendering(rollback_smoothing_duration=...)"),
        ];
        calls.into_iter().filter_map(|(made, call)| made.then_some(call)).collect()
    }

    /// The function that says who plays with whom, if it is one.
    pub fn function(&self) -> Option<&Function> {
        self.waitroom.as_ref().and_then(|draft| draft.function.as_ref())
    }

    /// The plain type for so many people and this mode, or what is wrong: each completes "the scene ...".
    pub fn group(&self, people: usize, mode: Mode) -> Result<Group, Vec<String>> {
        let mut wrong = self.vain(people, mode);
        let multiplayer = self.multiplayer(people, &mut wrong);
        let waiting_room = self.waiting_room(&mut wrong);
        if wrong.is_empty() { Ok(Group { waiting_room, multiplayer }) } else { Err(wrong) }
    }

    /// What was given and has no effect.
    fn vain(&self, people: usize, mode: Mode) -> Vec<String> {
        let mut wrong = Vec::new();
        let named = self.multiplayer.as_ref().map(|draft| draft.named.clone()).unwrap_or_default();
        if mode != Mode::Authoritative && named.contains("state_broadcast_interval") {
            wrong.push(
                "has state_broadcast_interval, which takes effect only with mode='authoritative': give that with \
                 .runtime(mode='authoritative'), or remove it"
                    .into(),
            );
        }
        if !mode.in_browser() {
            let smoothing = self.smoothing.map(|_| "rollback_smoothing_duration");
            let of_copies = OF_COPIES.into_iter().filter(|option| named.contains(option)).chain(smoothing);
            wrong.extend(of_copies.map(|option| {
                format!(
                    "has {option}, which is about the browsers' copies of the environment: with mode='streamed' there \
                     are none; remove it"
                )
            }));
        }
        if people == 1 {
            let waitroom = self.waitroom.as_ref();
            let given = |option| waitroom.is_some_and(|draft| draft.named.contains(option));
            let bot = waitroom.is_some_and(|draft| draft.on_timeout == Way::Bot);
            let vain = [
                (given("matchmaker"), "matchmaker"),
                (bot, "on_timeout='bot'"),
                (named.contains("partner_disconnect_message"), "partner_disconnect_message"),
            ];
            wrong.extend(vain.into_iter().filter(|(given, _)| *given).map(|(_, option)| {
                format!("has one human, so that {option} has no effect: there is nobody to play with; remove it")
            }));
        }
        wrong
    }

    fn multiplayer(&self, people: usize, wrong: &mut Vec<String>) -> Multiplayer {
        let MultiplayerDraft { mut multiplayer, grace, patience, .. } = self.multiplayer.clone().unwrap_or_default();
        if people == 1 {
            (multiplayer.grace, multiplayer.patience) = (LONE_GRACE, LONE_PATIENCE);
        }
        set(&mut multiplayer.grace, grace);
        set(&mut multiplayer.smoothing, self.smoothing);
        match patience {
            Some(patience) if patience < multiplayer.grace => wrong.push(format!(
                "has absence_limit_ms={}, less than reconnection_timeout_ms={}: a single absence must fit into the limit \
                 for all of them",
                patience.as_millis(),
                multiplayer.grace.as_millis()
            )),
            Some(patience) => multiplayer.patience = patience,
            None => multiplayer.patience = multiplayer.patience.max(multiplayer.grace),
        }
        multiplayer
    }

    fn waiting_room(&self, wrong: &mut Vec<String>) -> WaitingRoom {
        let Some(draft) = &self.waitroom else { return WaitingRoom::default() };
        let on_timeout = match (draft.on_timeout, &draft.timeout_scene_id) {
            (Way::Scene, Some(scene)) => OnTimeout::Scene(scene.clone()),
            (Way::Scene, None) => {
                wrong.push(
                    "has on_timeout='scene', but does not say which scene: give it with \
                     .waitroom(timeout_scene_id=...)"
                        .into(),
                );
                OnTimeout::End
            }
            (Way::End | Way::Bot, Some(scene)) => {
                wrong.push(format!(
                    "has timeout_scene_id='{scene}', which takes effect only with on_timeout='scene': give both, or \
                     neither"
                ));
                OnTimeout::End
            }
            (Way::End, None) => OnTimeout::End,
            (Way::Bot, None) => OnTimeout::Bot,
        };
        WaitingRoom { on_timeout, ..draft.room.clone() }
    }
}
