//! Films come from processes that may do anything.

use std::ffi::OsString;
use std::path::Path;

use super::*;
use crate::experiment::Mode;
use crate::wire::{FilmFrame, FilmVerdict, FilmView, FilmedFrame, Finite, FromFilm, Trouble};
use tokio::time::Instant;

/// A booth whose films are made by a shell's script, in which `$2` is the game and `$3` perhaps `--follow`.
fn booth(folder: &Path, script: &str) -> Booth {
    let arguments: [OsString; 3] = ["-c".into(), script.into(), "film".into()];
    let launch = Launch { program: "/bin/sh".into(), arguments: arguments.into() };
    Booth::new(Films { launch, study: folder.to_owned() }, &CancellationToken::new())
}

fn view(game: GameId) -> FromFilm {
    FromFilm::View(Box::new(FilmView {
        experiment: "study".parse().unwrap(),
        game,
        scene: "game".parse().unwrap(),
        mode: Mode::Browser,
        fps: 30,
        width: 600,
        height: 400,
        background: "white".into(),
        background_image: None,
        seats: Vec::new(),
        views: vec![vec![0]],
        begun_at: Finite::try_from(1e12).unwrap(),
        ended: None,
        episodes: Vec::new(),
        verdict: FilmVerdict { rows: 0, hashes: 0, difference: None, done: false },
    }))
}

fn frame(frame: u32) -> FromFilm {
    let shown = FilmFrame { episode: 0, frame, actions: Vec::new(), rewards: Vec::new(), pictures: Vec::new() };
    let shown = rmp_serde::to_vec_named(&shown).unwrap().into();
    FromFilm::Frame(FilmedFrame { episode: 0, frame, complete: frame == 0, shown })
}

/// What a process would write.
fn written(said: &[FromFilm]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for said in said {
        let said = rmp_serde::to_vec_named(said).unwrap();
        bytes.extend_from_slice(&u32::try_from(said.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(&said);
    }
    bytes
}

/// Nothing here takes so long unless it hangs.
fn patience() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

async fn frames(film: &Film, from: u32, deadline: Instant) -> Vec<u32> {
    let (cut, file) = film.frames(0, from, 300, deadline).await;
    let frames: Vec<FilmFrame> = rmp_serde::from_slice(&cut.read(&file).unwrap()).unwrap();
    frames.iter().map(|frame| frame.frame).collect()
}

async fn failure(film: &Film) -> Trouble {
    loop {
        match film.view(patience()).await {
            Told::Failed(trouble) => return trouble,
            Told::View(_) => tokio::task::yield_now().await,
            Told::Starting => panic!("it neither says anything nor ends"),
        }
    }
}

/// The process that a script has noted in a file.
async fn process(folder: &Path) -> String {
    loop {
        match std::fs::read_to_string(folder.join("pid")) {
            Ok(pid) if pid.ends_with('\n') => return format!("/proc/{}", pid.trim()),
            _ => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn one_process_serves_everybody_who_watches() {
    let folder = tempfile::tempdir().unwrap();
    let game = GameId::fresh();
    std::fs::write(folder.path().join("film"), written(&[view(game), frame(0), frame(1), frame(2)])).unwrap();
    let booth = booth(folder.path(), r#"echo "$2 $3" >> "$1/started"; cat "$1/film""#);
    assert!(booth.find(game).is_none());
    let film = booth.open(game, true).unwrap();
    let Told::View(json) = film.view(patience()).await else { panic!() };
    assert!(json.starts_with(br#"{"experiment":"study""#));
    assert_eq!(frames(&film, 2, patience()).await, [0, 1, 2], "from one that shows everything");
    assert_eq!(frames(&film, 3, Instant::now()).await, [0; 0], "there is no more");
    assert!(Arc::ptr_eq(&film, &booth.open(game, false).unwrap()) && booth.find(game).is_some());
    assert!(matches!(film.view(patience()).await, Told::View(_)), "what is complete stays");
    assert_eq!(std::fs::read_to_string(folder.path().join("started")).unwrap(), format!("{game} --follow\n"));
}

#[tokio::test]
async fn frames_that_come_later_can_be_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (game, fifo) = (GameId::fresh(), folder.path().join("film"));
    let script = r#"mkfifo "$1/film.new"; mv "$1/film.new" "$1/film"; cat "$1/film""#;
    let film = booth_kept(folder.path(), script, game);
    let (_booth, film) = film;
    while !fifo.exists() {
        tokio::task::yield_now().await;
    }
    // Opening waits for the process.
    let mut pipe =
        tokio::task::spawn_blocking(move || std::fs::File::options().write(true).open(fifo).unwrap()).await.unwrap();
    let mut say = |said: &[FromFilm]| std::io::Write::write_all(&mut pipe, &written(said)).unwrap();
    say(&[view(game), frame(0)]);
    assert_eq!(frames(&film, 0, patience()).await, [0]);
    let waiting = tokio::spawn({
        let film = film.clone();
        async move { frames(&film, 1, patience()).await }
    });
    tokio::task::yield_now().await;
    say(&[frame(1)]);
    assert_eq!(waiting.await.unwrap(), [0, 1]);
    assert_eq!(frames(&film, 2, Instant::now()).await, [0; 0], "who does not wait is told what is there");
}

fn booth_kept(folder: &Path, script: &str, game: GameId) -> (Booth, Arc<Film>) {
    let booth = booth(folder, script);
    let film = booth.open(game, false).unwrap();
    (booth, film)
}

#[tokio::test]
async fn a_failure_is_told_with_what_the_process_said_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let game = GameId::fresh();
    let trouble = Trouble { message: "env.py:3: no".into(), traceback: "Traceback".into() };
    let mut cut_off = written(&[view(game)]);
    cut_off.extend_from_slice(&[0, 0, 1, 0, 7]);
    for (name, bytes) in [
        ("told", written(&[view(game), FromFilm::Failed(trouble)])),
        ("gap", written(&[view(game), frame(0), frame(2)])),
        ("cut_off", cut_off),
        ("huge", vec![0xff; 9]),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    for (script, message, traceback) in [
        ("cat $1/told", "env.py:3: no", "Traceback"),
        ("cat $1/gap; sleep 1000", "frame 2 of episode 0 came where 1 was expected", ""),
        ("cat $1/cut_off", "failed to fill whole buffer", ""),
        ("cat $1/huge; sleep 1000", "announces a message of 4294967295 bytes", ""),
        ("echo first >&2; echo last words >&2; exit 3", "exit status: 3", "first\nlast words"),
    ] {
        let (_booth, film) = booth_kept(folder.path(), script, game);
        let told = failure(&film).await;
        assert!(told.message.contains(message) && told.traceback.contains(traceback), "{script}: {told:?}");
    }
    let launch = Launch { program: folder.path().join("nothing"), arguments: Vec::new() };
    let none = Booth::new(Films { launch, study: folder.path().to_owned() }, &CancellationToken::new());
    assert!(matches!(none.open(game, false), Err(NoFilm::Start(_))));
}

#[tokio::test]
async fn a_process_that_says_nothing_holds_nobody_up_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (_booth, film) = booth_kept(folder.path(), r#"echo $$ > "$1/pid"; exec sleep 1000"#, GameId::fresh());
    assert_eq!(film.view(Instant::now()).await, Told::Starting);
    assert_eq!(frames(&film, 0, Instant::now()).await, [0; 0]);
    let process = process(folder.path()).await;
    tokio::time::pause();
    for _ in 0..5 {
        tokio::time::advance(VIEW_DEADLINE / 4).await;
        film.touch();
    }
    tokio::time::resume();
    assert!(failure(&film).await.message.contains("said nothing for 120 s"));
    assert!(!Path::new(&process).exists());
}

#[tokio::test]
async fn a_film_that_nobody_watches_ends_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let game = GameId::fresh();
    let (booth, film) = booth_kept(folder.path(), r#"echo $$ > "$1/pid"; exec sleep 1000"#, game);
    let process = process(folder.path()).await;
    tokio::time::pause();
    film.touch();
    let second = Duration::from_secs(1);
    tokio::time::advance(film::IDLE - second).await;
    assert!(booth.find(game).is_some(), "it is watched again");
    tokio::time::advance(film::IDLE - second).await;
    assert!(!film.over.is_cancelled());
    tokio::time::advance(2 * second).await;
    tokio::time::resume();
    film.over.cancelled().await;
    assert!(!Path::new(&process).exists() && booth.find(game).is_none());
}

#[tokio::test]
async fn there_are_so_many_films_and_the_idlest_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let booth = booth(folder.path(), "exec sleep 1000");
    tokio::time::pause();
    let films: Vec<_> = (0..FILMS).map(|_| booth.open(GameId::fresh(), false).unwrap()).collect();
    let next = GameId::fresh();
    assert!(matches!(booth.open(next, false), Err(NoFilm::Full)), "all are being watched");
    tokio::time::advance(WATCHED).await;
    for film in &films[1..] {
        film.touch();
    }
    assert!(booth.open(next, false).is_ok());
    assert!(films[0].over.is_cancelled() && films[1..].iter().all(|film| !film.over.is_cancelled()));
    assert!(booth.find(films[0].game).is_none());
}

#[tokio::test]
async fn films_end_with_their_booth() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"sleep 1000 & echo $! > "$1/pid"; wait"#;
    let (booth, film) = booth_kept(folder.path(), script, GameId::fresh());
    let process = process(folder.path()).await;
    drop(booth);
    assert_eq!(film.view(patience()).await, Told::Starting);
    // What the process has started ends with it; its parent is gone, so that the system may take a moment to forget it.
    while std::fs::read_to_string(format!("{process}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
        tokio::task::yield_now().await;
    }
}
