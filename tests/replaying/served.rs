//! A game that the service itself has run: worker, bot, pictures, journal and all.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use greenroom::ids::GameId;
use greenroom::wire::*;

use crate::record::{Film, program, replay, root, said};
use crate::support::{Browser, hello};

/// Longer than anything takes that goes well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service in a process of its own.
struct Service {
    child: Child,
    url: String,
}

impl Service {
    fn start(data: &std::path::Path) -> Self {
        let mut command = program("run");
        command.arg(root().join("tests/replaying/streamed.py")).args(["--port", "0", "--workers", "1", "--data"]);
        let mut child = command.arg(data).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let open = lines.map(Result::unwrap).find(|line| line.starts_with("Open http://")).expect("it serves");
        let address = open.trim_start_matches("Open http://").split('/').next().unwrap();
        Self { child, url: format!("ws://{address}/ws") }
    }

    fn stop(mut self) {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

/// Plays the game to its end, with a key for a while now and then.
async fn play(url: &str) -> GameId {
    let mut browser = Browser::connect(url).await;
    browser.say(FromBrowser::Hello(hello(Some("ann"), None))).await;
    browser.welcome().await;
    browser.scene().await;
    browser.say(FromBrowser::Continue(Continue { visit: 1 })).await;
    browser.scene().await;
    browser.say(FromBrowser::Ready(Ready { visit: 2, has: None })).await;
    let (mut game, mut told) = (None, 0);
    loop {
        match browser.hear().await {
            ToBrowser::Check(check) => {
                let present = Present { visit: check.visit, proposal: Some(check.proposal), visible: true };
                browser.say(FromBrowser::Present(present)).await;
            }
            ToBrowser::Prepare(Prepare { game: id, episode, .. }) => {
                game = Some(id);
                browser.say(FromBrowser::Prepared(Prepared { game: id, episode })).await;
                told = 0;
            }
            ToBrowser::Picture(picture) => {
                let (game, episode) = (game.expect("a game"), picture.episode);
                browser.say(FromBrowser::Seen(Seen { game, episode, number: picture.number })).await;
                // Another key for every tenth of what is seen, or none.
                if picture.number / 10 >= told {
                    told += 1;
                    let binding = [Some(0), None, Some(1)][told as usize % 3];
                    browser.say(FromBrowser::Acts(Acts { game, episode, number: told, binding, pointer: None })).await;
                }
            }
            ToBrowser::Scene(shown) if shown.visit > 2 => return game.expect("a game"),
            ToBrowser::Refused(refused) => panic!("{refused:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_game_of_the_services_own_is_equal_and_is_filmed_beside_it() {
    let data = tempfile::tempdir().unwrap();
    let service = Service::start(data.path());
    let game = tokio::time::timeout(PATIENCE, play(&service.url)).await.expect("the game ends");
    // The service still runs, and whoever reads the record does not hold it up.
    let told = said(&replay(data.path(), &game.to_string(), &[]), 0);
    assert!(told.contains("of walks/walk, streamed, complete\n"), "{told}");
    assert!(told.contains("played: human by ann, bot by bot\n"), "{told}");
    for episode in 0..2 {
        let line = format!("episode {episode}: 70 of 70 frames played, 70 of 70 rows equal, ");
        assert!(told.contains(&line), "{told}");
    }
    let mut film = Film::of(data.path(), game, &["--follow"]);
    let (mut images, mut view) = (0, None);
    while let Some(message) = film.next() {
        match message {
            FromFilm::Frame(filmed) => {
                let shown: FilmFrame = decode(&filmed.shown).unwrap();
                images += shown.pictures.iter().filter(|picture| picture.image.is_some()).count();
            }
            FromFilm::View(told) => view = Some(told),
            FromFilm::Failed(trouble) => panic!("{trouble:?}"),
        }
    }
    let view = view.expect("a view");
    assert_eq!((images, view.verdict.rows, &view.verdict.difference), (142, 140, &None));
    assert!(view.verdict.hashes >= 2, "{:?}", view.verdict);
    service.stop();
}
