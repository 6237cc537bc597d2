//! Callbacks of an experiment module, called as their actor calls them.

use std::path::Path;
use std::sync::Arc;

use crate::ids::GameId;
use crate::python::{Interpreter, Loaded};
use crate::rules::events::{Event, Hook, Listen};
use crate::time::Timestamp;

/// Line 1 is `class Log:`; `body` begins at line 2. `calls` are made on the experiment.
fn load(body: &str, calls: &str) -> (tempfile::TempDir, Loaded) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let interpreter = Interpreter::start(&root.join(".venv"), &root.join("assets/python")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let module = format!(
        r#"class Log:
{body}

from greenroom import *
log = Log()
game = (
    GymScene().scene("game").policies({{"a": "human"}})
    .gameplay(action_mapping={{"w": 1}}, default_action=0, callback=log)
    .runtime(environment_initialization_code="env = 1")
)
scenes = [StartScene().scene("start"), game, EndScene().scene("end")]
experiment = Experiment().experiment("pilot", Stager(scenes)){calls}
"#
    );
    let path = folder.path().join("study.py");
    std::fs::write(&path, module).unwrap();
    let loaded = interpreter.load(&path).unwrap();
    (folder, loaded)
}

fn event(hook: Hook) -> Event {
    Event {
        hook,
        at: Timestamp(1_700_000_000_000),
        subject: Some("ann".parse().unwrap()),
        visit: Some(2),
        scene: Some("game".parse().unwrap()),
        game: Some(GameId::fresh()),
        episode: Some(3),
        steps: Some(40),
        players: Some([("a".to_owned(), Some("ann".parse().unwrap())), ("b".to_owned(), None)].into()),
        reason: Some("complete".into()),
    }
}

fn only(loaded: &Loaded) -> Arc<dyn Listen> {
    loaded.callbacks.scenes[&"game".parse().unwrap()][0].clone()
}

#[test]
fn a_method_is_given_the_event() {
    let (_folder, loaded) = load(
        r#"    def on_episode_end(self, event):
        assert event.hook == "on_episode_end" and event.at == 1_700_000_000_000, event
        assert (event.subject_id, event.visit, event.scene_id) == ("ann", 2, "game"), event
        assert (event.episode, event.steps, event.reason) == (3, 40, "complete"), event
        assert event.players == {"a": "ann", "b": None} and len(event.game_id) == 36, event
        try:
            event.steps = 1
        except AttributeError:
            pass
        else:
            raise AssertionError("an event can be changed")
    def on_participant_join(self, event, *, more=None):
        assert event.subject_id == "ann" and event.game_id is event.players is event.reason is None, event"#,
        "",
    );
    let log = only(&loaded);
    assert_eq!(log.hear(&event(Hook::EpisodeEnd)), Ok(()));
    let join = Event { scene: None, game: None, players: None, reason: None, ..event(Hook::ParticipantJoin) };
    assert_eq!(log.hear(&join), Ok(()));
    let heard: Vec<_> = Hook::ALL.iter().filter(|hook| log.hears(**hook)).collect();
    assert_eq!(heard, [&Hook::ParticipantJoin, &Hook::EpisodeEnd]);
}

#[test]
fn an_exception_is_told_with_the_researchers_own_line() {
    let (_folder, loaded) = load("    def on_game_end(self, event):\n        return {}[event.reason]", "");
    let told = only(&loaded).hear(&event(Hook::GameEnd)).unwrap_err();
    assert!(told.ends_with("study.py:3: the callback Log.on_game_end raised KeyError: 'complete'"), "{told}");
    let (_folder, loaded) = load("    def on_game_end(self, event):\n        raise SystemExit('bye')", "");
    let told = only(&loaded).hear(&event(Hook::GameEnd)).unwrap_err();
    assert!(told.contains("raised SystemExit: bye"), "{told}");
}

#[test]
fn an_object_is_told_once() {
    let body = "    def on_game_end(self, event): pass";
    let (_folder, loaded) = load(body, ".callbacks([log, Log()])");
    let event = event(Hook::GameEnd);
    assert_eq!(loaded.callbacks.of(&event).count(), 2, "the study's two; that of the scene is one of them");
    let (_folder, loaded) = load(body, ".callbacks(Log())");
    assert_eq!(loaded.callbacks.of(&event).count(), 2, "the study's and the scene's");
    assert_eq!(load(body, "").1.callbacks.of(&Event { scene: None, ..event }).count(), 0);
}

#[test]
fn the_base_class_has_every_hook() {
    let names: Vec<_> = Hook::ALL.iter().map(|hook| format!("{:?}", hook.name())).collect();
    let (_folder, loaded) = load(
        &format!(
            r#"    def on_game_end(self, event):
        from greenroom.callbacks import GameCallback
        found = [name for name in vars(GameCallback) if name.startswith("on_")]
        assert found == [{}], found
        assert all(getattr(GameCallback, name).__doc__ for name in found)"#,
            names.join(", ")
        ),
        "",
    );
    assert_eq!(only(&loaded).hear(&event(Hook::GameEnd)), Ok(()));
}
