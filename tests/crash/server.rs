//! The real service, as a process.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How a service is started.
#[derive(Debug, Clone)]
pub struct Launch {
    pub module: PathBuf,
    pub folder: PathBuf,
    pub port: u16,
    /// Largest file that it may write, in bytes.
    pub largest_file: Option<u64>,
}

impl Launch {
    /// The study of this folder, on a port that is free.
    pub fn new(folder: &Path) -> Self {
        let module = root().join("tests/crash/study.py");
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        Self { module, folder: folder.to_owned(), port, largest_file: None }
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
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let binary = env!("CARGO_BIN_EXE_greenroom");
        let mut command = match self.largest_file {
            None => Command::new(binary),
            Some(bytes) => {
                // As a full disk does: a write beyond it fails, and nobody is killed for it.
                let mut command = Command::new("sh");
                let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", bytes / 512);
                command.args(["-c", &script, binary]);
                command
            }
        };
        command.arg("run").arg(&self.module).args(["--port", &self.port.to_string(), "--workers", "2"]);
        command.arg("--data").arg(self.folder.join("data"));
        command.arg("--venv").arg(root().join(".venv")).arg("--assets").arg(root().join("assets"));
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let (ready, listens) = mpsc::channel();
        let output = child.stdout.take().unwrap();
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

    /// Waits until it listens; nothing when it ends before.
    pub fn wait_until_it_listens(&mut self) -> Option<Duration> {
        self.listened = self.listened.or_else(|| self.listens.recv_timeout(Duration::from_secs(60)).ok());
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
