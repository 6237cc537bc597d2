//! The real service, as a process.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tokio::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

/// How a service is started.
#[derive(Debug, Clone)]
pub struct Launch {
    pub module: PathBuf,
    pub folder: PathBuf,
    pub port: u16,
    /// Longest absence from a shared game, in milliseconds.
    pub grace: Option<u32>,
}

impl Launch {
    /// The study of this folder, on a port that is free.
    pub fn new(folder: &Path) -> Self {
        let module = root().join("tests/crash/study.py");
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        Self { module, folder: folder.to_owned(), port, grace: None }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data/crash")
    }

    pub fn journal(&self) -> PathBuf {
        self.data().join("journal.sqlite")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("log.txt")
    }

    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/ws", self.port)
    }

    pub fn start(&self) -> Server {
        let mut log = File::options().create(true).append(true).open(self.log()).unwrap();
        // A write beyond the limit of a file's size fails then, as on a full disk, and nobody is killed for it.
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(binary());
        if let Some(grace) = self.grace {
            command.env("CRASH_GRACE_MS", grace.to_string());
        }
        command.arg("run").arg(&self.module).args(["--port", &self.port.to_string(), "--workers", "2"]);
        command.arg("--data").arg(self.folder.join("data"));
        command.arg("--venv").arg(root().join(".venv")).arg("--assets").arg(root().join("assets"));
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (ready, listens) = mpsc::channel();
        let (output, mut errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        // By this process: the log of a service whose disk is full is not on that disk.
        std::thread::spawn(move || std::io::copy(&mut errors, &mut log));
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { return };
                if line.starts_with("Open http") {
                    let _ = ready.send(started.elapsed());
                }
            }
        });
        Server { child, listens, listened: None }
    }
}

/// The service; another build of it can be named.
fn binary() -> PathBuf {
    std::env::var_os("GREENROOM").map_or_else(|| env!("CARGO_BIN_EXE_greenroom").into(), Into::into)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A service that runs. It is killed when dropped.
pub struct Server {
    child: Child,
    listens: mpsc::Receiver<Duration>,
    listened: Option<Duration>,
}

impl Server {
    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    /// How long it took until it listened; nothing while it does not.
    pub fn listens(&mut self) -> Option<Duration> {
        self.listened = self.listened.or_else(|| self.listens.try_recv().ok());
        self.listened
    }

    /// Its processes for environments.
    pub fn workers(&self) -> Vec<i32> {
        let pid = self.child.id();
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
        let pids = |text: String| text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>();
        children.flat_map(pids).collect()
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// From now on no file can be written, or they can again: as on a disk without room.
    pub fn fill_disk(&self, full: bool) {
        let current = full.then_some(0);
        let limit = rustix::process::Rlimit { current, maximum: None };
        rustix::process::prlimit(Some(self.pid()), rustix::process::Resource::Fsize, limit).unwrap();
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let _ = kill_process(self.pid(), Signal::TERM);
    }

    /// Waits for its end; nothing when it does not come.
    pub fn end(&mut self) -> Option<ExitStatus> {
        for _ in 0..1800 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kills a process at once.
pub fn kill(pid: i32) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
}
