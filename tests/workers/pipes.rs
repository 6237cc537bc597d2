//! The process alone: what it does when the service behaves badly, or is gone.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use greenroom::wire::{
    Advance, FromWorker, Learn, Stand, ToWorker, WORKER_FRAME_LIMIT, WORKER_VERSION, decode, encode,
};
use serde_bytes::ByteBuf;

use crate::support::PATIENCE;
use crate::support::studies::id;
use greenroom::ids::GameId;

/// A worker process with its pipes.
struct Process {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
}

impl Process {
    fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_greenroom"))
            .arg("worker")
            .arg("--venv")
            .arg(root.join(".venv"))
            .arg("--assets")
            .arg(root.join("tests/workers/stand_in"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut process = Self { child, to, from };
        let FromWorker::Hello { version, pid, .. } = process.hear() else { panic!("no hello") };
        assert_eq!((version, pid), (WORKER_VERSION, process.child.id()));
        process
    }

    fn say(&mut self, message: &ToWorker) {
        let body = encode(message);
        self.to.write_all(&u32::try_from(body.len()).unwrap().to_be_bytes()).unwrap();
        self.to.write_all(&body).unwrap();
    }

    fn hear(&mut self) -> FromWorker {
        let mut length = [0; 4];
        self.from.read_exact(&mut length).unwrap();
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        self.from.read_exact(&mut body).unwrap();
        decode(&body).unwrap()
    }

    /// A game that stands at the beginning.
    fn begin(&mut self) -> GameId {
        let game = GameId::fresh();
        self.say(&ToWorker::Learn(Box::new(Learn {
            scene: id("sum"),
            code: String::new(),
            filename: "env.py".into(),
            folder: "/study".into(),
            settings: ByteBuf::new(),
            models: Default::default(),
            pictures: false,
            frame_quality: 85,
            state_interval: 30,
        })));
        assert!(matches!(self.hear(), FromWorker::Learnt { cost: Ok(500), .. }));
        self.say(&ToWorker::Open { game, scene: id("sum") });
        assert!(matches!(self.hear(), FromWorker::Opened { .. }));
        self.say(&ToWorker::Begin(Box::new(Stand { game, episode: 0, seed: 0, from: None, globals: None })));
        assert!(matches!(self.hear(), FromWorker::Begun(_)));
        game
    }

    /// Waits for its end; fails when it does not come.
    fn ends(mut self) {
        let began = tokio::time::Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

#[test]
fn without_the_service_it_ends_though_python_hangs() {
    let mut process = Process::start();
    let game = process.begin();
    let frames = vec![vec![ByteBuf::from(&b"wedge"[..])]];
    process.say(&ToWorker::Advance(Advance { game, episode: 0, first: 0, frames, complete: 0 }));
    // A request behind it is not answered: Python hangs.
    process.say(&ToWorker::Ping(1));
    let Process { child, to, from } = process;
    drop(to);
    let to = Command::new("true").stdin(Stdio::piped()).spawn().unwrap().stdin.unwrap();
    Process { child, to, from }.ends();
}

#[test]
fn requests_are_answered_in_order() {
    let mut process = Process::start();
    let game = process.begin();
    let frames = vec![vec![ByteBuf::from(&b"5"[..])]];
    process.say(&ToWorker::Advance(Advance { game, episode: 0, first: 0, frames, complete: 0 }));
    process.say(&ToWorker::Close { game });
    process.say(&ToWorker::Begin(Box::new(Stand { game, episode: 0, seed: 0, from: None, globals: None })));
    process.say(&ToWorker::Ping(1));
    assert!(matches!(process.hear(), FromWorker::Advanced(_)));
    assert!(matches!(process.hear(), FromWorker::Failed { .. }), "the game was closed before");
    assert!(matches!(process.hear(), FromWorker::Here(1)));
}

#[test]
fn a_frame_that_is_too_large_or_senseless_ends_it() {
    let large = u32::try_from(WORKER_FRAME_LIMIT + 1).unwrap().to_be_bytes();
    for nonsense in [&large[..], &[0, 0, 0, 1, 0xc1]] {
        let mut process = Process::start();
        process.to.write_all(nonsense).unwrap();
        process.ends();
    }
}
