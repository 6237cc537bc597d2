//! A running service hands over to a successor, with real processes: nobody is refused, games go on, and what cannot take over
//! changes nothing.

#[allow(dead_code, reason = "shared with other tests")]
#[path = "protocol/player.rs"]
mod player;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "protocol/support.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use greenroom::wire::SceneView;
use tokio::sync::{Semaphore, watch};

use crate::player::{Absence, Script, play};
use crate::support::Place;

/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);
const FRAMES: u32 = 70;

const MODULE: &str = r#"
from greenroom import *

game = (
    GymScene()
    .scene(scene_id="game")
    .policies(policy_mapping={"a0": "human", "a1": "human"})
    .rendering(fps=30)
    .gameplay(action_mapping={"w": 1}, default_action=0, num_episodes=2, max_steps=100)
    .multiplayer(reconnection_timeout_ms=300_000, absence_limit_ms=600_000)
    .runtime(environment_initialization_code="env = None")
)
scenes = [StartScene().scene("start"), game, EndScene().scene("end")]
experiment = Experiment().experiment(experiment_id="study", stager=Stager(scenes=scenes))
"#;

/// A folder with a study, and light stand-ins for what browsers load.
fn place() -> Place {
    let place = Place::new();
    std::fs::write(place.path().join("study.py"), MODULE).unwrap();
    let python = place.path().join("assets/python");
    std::fs::remove_dir_all(&python).unwrap();
    std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/python"), python).unwrap();
    place
}

/// A service in a process of its own; killed when dropped.
struct Service {
    child: Child,
    /// Where it serves, once it does.
    address: String,
    /// What it has said if it ended instead.
    errors: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    fn spawn(place: &Place, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_greenroom"))
            .arg("run")
            .arg(place.path().join("study.py"))
            .args(["--data".as_ref(), place.path().join("data").as_os_str()])
            .args(["--assets".as_ref(), place.path().join("assets").as_os_str()])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Waits until it serves or has ended.
    fn of(mut child: Child) -> Self {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let opened = lines.find_map(|line| line.unwrap().strip_prefix("Open http://").map(str::to_owned));
        let address = opened.map(|rest| rest.split('/').next().unwrap().to_owned()).unwrap_or_default();
        let mut stderr = child.stderr.take().unwrap();
        let mut errors = String::new();
        if address.is_empty() {
            stderr.read_to_string(&mut errors).unwrap();
        } else {
            // It must not stop because nobody reads what it says.
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut stderr, &mut std::io::stderr());
                let _ = lines.count();
            });
        }
        Self { child, address, errors }
    }

    fn start(place: &Place, arguments: &[&str]) -> Self {
        Self::of(Self::spawn(place, arguments))
    }

    fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status,
                None => assert!(Instant::now() < until, "it does not end"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether somebody serves at an address.
fn healthy(address: &str) -> bool {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_game_goes_on_under_a_successor_and_its_record_is_whole() {
    let place = place();
    let mut old = Service::start(&place, &["--port", "0"]);
    let url = format!("ws://{}/ws", old.address);
    let (gone, (come, back)) = (Arc::new(Semaphore::new(0)), watch::channel(false));
    // One is away while the services change; the other stays, is told, and comes back by itself.
    let away = Absence::Until { gone: gone.clone(), back };
    let scripts = [Script { cut_at: Some((40, away)), ..Script::of(FRAMES, 30) }, Script::of(FRAMES, 30)];
    let mut players = tokio::task::JoinSet::new();
    for (number, script) in scripts.into_iter().enumerate() {
        let url = url.clone();
        players.spawn(async move { play(&url, &format!("p{number}"), script, &mut ()).await });
    }
    gone.acquire().await.unwrap().forget();

    let new = tokio::task::block_in_place(|| Service::start(&place, &["--take-over"]));
    assert_eq!(new.address, old.address, "{}", new.errors);
    assert_eq!(tokio::task::block_in_place(|| old.end()).code(), Some(0));
    come.send(true).unwrap();
    let played = tokio::time::timeout(PATIENCE, players.join_all()).await.expect("the game goes on");
    for player in &played {
        assert!(matches!(player.after.as_ref().unwrap().view, SceneView::End(_)), "{player:?}");
        assert_eq!(player.game, played[0].game);
        let known = |episode: &Vec<Vec<i64>>| episode[..FRAMES as usize].to_vec();
        assert_eq!(
            player.episodes.iter().map(known).collect::<Vec<_>>(),
            played[0].episodes.iter().map(known).collect::<Vec<_>>()
        );
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&new.child), rustix::process::Signal::TERM).unwrap();
    let mut new = new;
    assert_eq!(tokio::task::block_in_place(|| new.end()).code(), Some(0));
    for subject in ["p0", "p1"] {
        let rows = csv::Reader::from_path(place.data(&format!("game/{subject}.csv"))).unwrap().records().count();
        assert_eq!(rows, 2 * FRAMES as usize);
    }
    assert!(!place.data("handover.sock").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_that_may_not_serve_changes_nothing() {
    let place = place();
    let old = Service::start(&place, &["--port", "0"]);
    let url = format!("ws://{}/ws", old.address);
    let mut browser = support::Browser::connect(&url).await;
    browser.say(greenroom::wire::FromBrowser::Hello(support::hello(Some("p0"), None))).await;
    browser.welcome().await;

    let refused = |arguments: &[&str], words: &[&str]| {
        let mut new = tokio::task::block_in_place(|| Service::start(&place, arguments));
        assert_eq!(tokio::task::block_in_place(|| new.end()).code(), Some(1));
        for word in words {
            assert!(new.errors.contains(word), "{word:?} is not in:\n{}", new.errors);
        }
        assert!(healthy(&old.address));
    };
    refused(&["--take-over", "--port", "9"], &["listens on", &old.address, "--port"]);
    refused(&["--take-over", "--base-path", "/other/"], &["--base-path /"]);
    refused(&["--port", "0"], &["another greenroom uses the journal", "--take-over"]);
    std::fs::write(place.path().join("study.py"), MODULE.replace("fps=30", "fps=20")).unwrap();
    refused(&["--take-over"], &["-    .rendering(fps=30)", "+    .rendering(fps=20)", "--accept-changes"]);
    // One that asks and vanishes.
    let mut stream = std::os::unix::net::UnixStream::connect(place.data("handover.sock")).unwrap();
    stream.write_all(b"greenroom take over 1\n").unwrap();
    let _ = stream.read(&mut [0; 16]).unwrap();
    drop(stream);
    assert!(healthy(&old.address));

    let mut old = old;
    let new = tokio::task::block_in_place(|| Service::start(&place, &["--take-over", "--accept-changes"]));
    assert_eq!(new.address, old.address, "{}", new.errors);
    assert_eq!(tokio::task::block_in_place(|| old.end()).code(), Some(0));
    assert!(healthy(&new.address));
}

#[test]
fn of_two_successors_at_once_one_serves() {
    let place = place();
    let mut old = Service::start(&place, &["--port", "0"]);
    let port = old.address.rsplit(':').next().unwrap().to_owned();
    let successors = [(); 2].map(|()| Service::spawn(&place, &["--take-over", "--port", &port]));
    // One may also come after the other, and take over from it.
    let successors: Vec<_> = successors.map(|child| std::thread::spawn(|| Service::of(child))).into_iter().collect();
    let mut successors: Vec<_> = successors.into_iter().map(|one| one.join().unwrap()).collect();
    assert_eq!(old.end().code(), Some(0));
    let until = Instant::now() + PATIENCE;
    while successors.len() > 1 {
        successors.retain_mut(|one| one.child.try_wait().unwrap().is_none());
        assert!(Instant::now() < until, "two services have one study");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(successors.len(), 1);
    assert!(healthy(&old.address));
}

#[test]
fn without_a_running_service_it_is_an_ordinary_start() {
    let place = place();
    let service = Service::start(&place, &["--take-over", "--port", "0"]);
    assert!(healthy(&service.address), "{}", service.errors);
}
