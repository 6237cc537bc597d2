//! One film: the process that makes it, what it has said so far, and who waits for more.
//!
//! What the process writes is read, taken apart and written to the disk by a thread of its own, so that neither a large
//! film nor a slow disk holds up the service's other work. Whoever watches waits for news with a deadline; a process that
//! says nothing costs a watcher time and nothing else.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group, setpriority_process};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::reel::{Cut, Reel, Spool};
use super::{Films, VIEW_DEADLINE};
use crate::actors::worker::lines::{Lines, Valve};
use crate::ids::GameId;
use crate::wire::{FromFilm, Trouble, WORKER_FRAME_LIMIT, decode};

/// A film that nobody has asked for in so long ends, with its process.
pub const IDLE: Duration = Duration::from_secs(60);

/// How long a film that is complete is kept when nobody asks for it: it costs nothing but its place on the disk.
pub const IDLE_COMPLETE: Duration = Duration::from_secs(600);

/// How long a film that failed is kept; who asks later has it tried again.
pub const FAILED: Duration = Duration::from_secs(30);

/// Longest that a process may take to end once it has closed its output.
const TO_END: Duration = Duration::from_secs(10);

/// Longest that a process's last words are waited for once it has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Lines of its log that are told with a process's failure.
const TAIL: usize = 8;

/// How far behind games a film's process stands when there is not enough of the processor for all.
const NICENESS: i32 = 10;

/// One film.
#[derive(Debug)]
pub struct Film {
    /// Its game.
    pub game: GameId,
    kept: Mutex<Kept>,
    news: watch::Sender<()>,
    /// Ends it.
    pub over: CancellationToken,
}

#[derive(Debug)]
struct Kept {
    view: Option<Bytes>,
    reel: Reel,
    file: Arc<File>,
    end: Option<End>,
    asked: Instant,
}

/// How a film's making came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Complete,
    Failed(Trouble),
}

/// What there is to be told of a film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A [`FilmView`](crate::wire::FilmView) as JSON.
    View(Bytes),
    /// It failed.
    Failed(Trouble),
    /// Nothing yet.
    Starting,
}

impl Film {
    /// Starts the process that makes a film. `follow`: the game may go on.
    ///
    /// # Errors
    /// When the process or its file cannot be made.
    pub fn start(game: GameId, how: &Films, follow: bool, over: CancellationToken) -> std::io::Result<Arc<Self>> {
        let spool = Spool::begin()?;
        // A pipe that a thread can wait at.
        let (stdout, written) = std::io::pipe()?;
        let mut command = Command::new(&how.launch.program);
        command.args(&how.launch.arguments).arg(&how.study).arg(game.to_string());
        if follow {
            command.arg("--follow");
        }
        let mut child = command
            .arg0("greenroom")
            // Held open as long as the service lives, so that a process that reads it knows when to end.
            .stdin(Stdio::piped())
            .stdout(written)
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        if let Some(pid) = pid_of(&child) {
            let _ = setpriority_process(Some(pid), NICENESS);
        }
        // The process alone writes to it now, so that it ends when the process does.
        drop(command);
        let Some(stderr) = child.stderr.take() else {
            return Err(std::io::Error::other("the process has no pipes"));
        };
        let kept = Kept { view: None, reel: Reel::default(), file: spool.file(), end: None, asked: Instant::now() };
        let film = Arc::new(Self { game, kept: Mutex::new(kept), news: watch::Sender::new(()), over });
        let (heard, hearing) = oneshot::channel();
        let hearer = film.clone();
        std::thread::Builder::new().name("film".into()).spawn(move || {
            let _ = heard.send(hear_all(stdout, spool, &hearer));
        })?;
        tokio::spawn(attend(film.clone(), child, stderr, hearing));
        Ok(film)
    }

    fn kept<T>(&self, use_it: impl FnOnce(&mut Kept) -> T) -> T {
        use_it(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that somebody asked for it.
    pub fn touch(&self) {
        self.kept(|kept| kept.asked = Instant::now());
    }

    /// For how long nobody has asked for it.
    pub fn idle(&self) -> Duration {
        self.kept(|kept| kept.asked).elapsed()
    }

    /// What is known of the game, when there is something, or at the latest at `deadline`.
    pub async fn view(&self, deadline: Instant) -> Told {
        let told = |kept: &mut Kept| match (&kept.end, &kept.view) {
            (Some(End::Failed(trouble)), _) => Some(Told::Failed(trouble.clone())),
            (_, Some(view)) => Some(Told::View(view.clone())),
            _ => None,
        };
        self.wait(deadline, told).await.unwrap_or(Told::Starting)
    }

    /// Frames, as [`Reel::cut`] tells. Waits until `deadline` for the first of them, or until there can be no more.
    pub async fn frames(&self, episode: u32, from: u32, count: u32, deadline: Instant) -> (Cut, Arc<File>) {
        // A film that has ended already has no news: who asks again and again must wait in between.
        let ended = self.kept(|kept| kept.end.is_some());
        let there = |kept: &mut Kept| (kept.reel.has(episode, from) || kept.end.is_some() != ended).then_some(());
        let _ = self.wait(deadline, there).await;
        self.kept(|kept| (kept.reel.cut(episode, from, count), kept.file.clone()))
    }

    async fn wait<T>(&self, deadline: Instant, mut found: impl FnMut(&mut Kept) -> Option<T>) -> Option<T> {
        let mut news = self.news.subscribe();
        loop {
            news.mark_unchanged();
            if let Some(found) = self.kept(&mut found) {
                return Some(found);
            }
            tokio::select! {
                biased;
                () = self.over.cancelled() => return None,
                changed = timeout_at(deadline, news.changed()) => if !matches!(changed, Ok(Ok(()))) { return None },
            }
        }
    }

    fn tell(&self, change: impl FnOnce(&mut Kept)) {
        self.kept(change);
        self.news.send_replace(());
    }

    fn end(&self, end: End) {
        // What the process itself says of its failure comes first, and counts.
        self.tell(|kept| kept.end = kept.end.take().or(Some(end)));
    }

    fn fail(&self, message: impl Into<String>) {
        self.end(End::Failed(Trouble { message: message.into(), traceback: String::new() }));
    }

    /// Completes when nobody has asked for it for so long.
    async fn forgotten(&self, limit: Duration) {
        loop {
            let asked = self.kept(|kept| kept.asked);
            if asked.elapsed() >= limit {
                return;
            }
            sleep_until(asked + limit).await;
        }
    }

    /// Completes when it has had its time to say anything at all, and has not.
    async fn silent(&self, deadline: Instant) {
        let said = |kept: &mut Kept| (kept.view.is_some() || kept.end.is_some()).then_some(());
        if self.wait(deadline, said).await.is_some() {
            std::future::pending::<()>().await;
        }
    }
}

fn pid_of(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
}

/// Reads everything that a process says. Ends with its output, or when it cannot go on, with the reason.
fn hear_all(stdout: impl Read, mut spool: Spool, film: &Film) -> Result<(), String> {
    let mut stdout = BufReader::with_capacity(64 << 10, stdout);
    while let Some(said) = hear(&mut stdout)? {
        match said {
            FromFilm::View(view) => {
                let json = serde_json::to_vec(&view).map_err(|error| error.to_string())?;
                film.tell(|kept| kept.view = Some(json.into()));
            }
            FromFilm::Frame(frame) => {
                let place = spool.keep(&frame).map_err(|error| error.to_string())?;
                film.tell(|kept| kept.reel.add(frame.episode, place));
            }
            FromFilm::Failed(trouble) => film.end(End::Failed(trouble)),
        }
    }
    Ok(())
}

/// The next thing that a process says; `None` at its end.
fn hear(stdout: &mut impl BufRead) -> Result<Option<FromFilm>, String> {
    let unread = |error: std::io::Error| error.to_string();
    let Some(first) = stdout.bytes().next() else { return Ok(None) };
    let mut length = [first.map_err(unread)?, 0, 0, 0];
    stdout.read_exact(&mut length[1..]).map_err(unread)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > WORKER_FRAME_LIMIT {
        return Err(format!("it announces a message of {length} bytes"));
    }
    let mut frame = vec![0; length];
    stdout.read_exact(&mut frame).map_err(unread)?;
    decode(&frame).map(Some).map_err(|error| error.to_string())
}

/// Passes on what a process logs, in measure; its last lines.
async fn log(mut stderr: impl AsyncRead + Unpin, game: GameId) -> String {
    let (mut lines, mut valve, mut tail) = (Lines::default(), Valve::default(), Vec::new());
    let mut chunk = [0; 4096];
    loop {
        let read = stderr.read(&mut chunk).await.unwrap_or(0);
        let complete = if read == 0 { lines.rest().into_iter().collect() } else { lines.feed(&chunk[..read]) };
        for line in complete {
            let (passes, swallowed) = valve.open();
            if swallowed > 0 {
                tracing::warn!(target: "greenroom::film", %game, lines = swallowed, "a film's process wrote too much");
            }
            if passes {
                tracing::info!(target: "greenroom::film", %game, "{line}");
            }
            if tail.len() == TAIL {
                tail.remove(0);
            }
            tail.push(line);
        }
        if read == 0 {
            return tail.join("\n");
        }
    }
}

/// Goes with a film from its beginning until nobody wants it any more.
async fn attend(
    film: Arc<Film>,
    mut child: Child,
    stderr: impl AsyncRead + Unpin + Send + 'static,
    mut hearing: oneshot::Receiver<Result<(), String>>,
) {
    let game = film.game;
    let group = pid_of(&child);
    let logged = tokio::spawn(log(stderr, game));
    let deadline = Instant::now() + VIEW_DEADLINE;
    let heard = tokio::select! {
        biased;
        () = film.over.cancelled() => None,
        heard = &mut hearing => heard.ok(),
        () = film.forgotten(IDLE) => None,
        () = film.silent(deadline) => Some(Err(format!("it has said nothing for {} s", VIEW_DEADLINE.as_secs()))),
    };
    let Some(heard) = heard else {
        end(group, &mut child).await;
        return film.over.cancel();
    };
    let status = match &heard {
        // A process that has said everything is about to end by itself.
        Ok(()) => timeout(TO_END, child.wait()).await.ok().and_then(Result::ok),
        Err(_) => None,
    };
    end(group, &mut child).await;
    let last_words = timeout(LAST_WORDS, logged).await.ok().and_then(Result::ok).unwrap_or_default();
    match (heard, status) {
        (Ok(()), Some(status)) if status.success() => film.end(End::Complete),
        (Ok(()), Some(status)) => {
            let message = format!("the film's process ended with {status}");
            film.end(End::Failed(Trouble { message, traceback: last_words }));
        }
        (Ok(()), None) => film.fail("the film's process said no more, and did not end"),
        (Err(reason), _) => film.fail(format!("the film's process cannot be understood, or not be kept: {reason}")),
    }
    let failure = film.kept(|kept| match &kept.end {
        Some(End::Failed(trouble)) => Some(trouble.message.clone()),
        _ => None,
    });
    tokio::select! {
        () = film.over.cancelled() => {}
        () = async {
            match failure {
                Some(reason) => {
                    tracing::warn!(%game, reason, "a film could not be made");
                    tokio::time::sleep(FAILED).await;
                }
                None => film.forgotten(IDLE_COMPLETE).await,
            }
        } => film.over.cancel(),
    }
}

/// Ends a process and what it has started, however far it is.
async fn end(group: Option<Pid>, child: &mut Child) {
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait().await;
}
