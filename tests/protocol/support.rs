//! A service on a free port, and a client that speaks the protocol.

#[path = "../support/studies.rs"]
pub mod studies;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use greenroom::actors::worker::Launch;
use greenroom::experiment::*;
use greenroom::ids::{GameId, ResumeToken, SubjectId};
use greenroom::rules::functions::{Call, FunctionKey, Functions};
use greenroom::service::{self, Settings};
use greenroom::store::{Archive, Definition};
use greenroom::wire::*;
use rmpv::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub const EPISODES: u32 = 2;

/// A folder with what a service serves and writes; gone when dropped.
pub struct Place {
    folder: tempfile::TempDir,
    /// How films are made.
    pub films: Option<Launch>,
    /// Functions of the study.
    pub functions: Functions,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("assets/client/page.html", "<title>{{title}}</title><script nonce=\"{{nonce}}\">{{config}}</script>"),
            ("assets/client/main.js", "export {};"),
            ("assets/client/operator.html", "<title>{{title}}</title><script nonce=\"{{nonce}}\">{{config}}</script>"),
            ("assets/client/film.html", "<title>{{title}}</title><script nonce=\"{{nonce}}\">{{config}}</script>"),
            ("assets/python/greenroom/engine.py", "pass"),
            ("assets/vendor/pyodide/pyodide.mjs", "export {};"),
            ("images/cat.svg", "<svg/>"),
        ];
        for (path, contents) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, contents).unwrap();
        }
        Self { folder, films: None, functions: Functions::default() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file of the study's data.
    pub fn data(&self, file: &str) -> PathBuf {
        self.path().join("data/study").join(file)
    }

    /// Starts a service over this folder's data.
    pub async fn serve(&self, base: &str) -> Service {
        self.serve_study(base, study(self.path())).await
    }

    /// Starts a service with another study.
    pub async fn serve_study(&self, base: &str, experiment: Experiment) -> Service {
        self.serve_study_at("127.0.0.1:0", base, experiment).await
    }

    /// Starts a service with another study at an address.
    pub async fn serve_study_at(&self, address: &str, base: &str, experiment: Experiment) -> Service {
        self.start(address, base, experiment, self.functions.clone()).await
    }

    /// Starts a service with another study and functions of its module.
    pub async fn serve_study_with(
        &self,
        base: &str,
        experiment: Experiment,
        functions: BTreeMap<FunctionKey, Arc<dyn Call>>,
    ) -> Service {
        self.start("127.0.0.1:0", base, experiment, Arc::new(functions)).await
    }

    async fn start(&self, address: &str, base: &str, experiment: Experiment, functions: Functions) -> Service {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let archive = Archive::of(&experiment, self.path(), &[]).unwrap();
        let definition = Definition { archive, python_version: "3.11.2".into(), packages: Default::default() };
        let settings = Settings {
            experiment,
            definition,
            accept_changes: true,
            data: self.path().join("data"),
            base: base.parse().unwrap(),
            assets: self.path().join("assets"),
            wheels: Vec::new(),
            origins: vec!["https://lab.example".into()],
            suggesters: Default::default(),
            functions,
            callbacks: Default::default(),
            workers: None,
            films: self.films.clone(),
        };
        let running = tokio::spawn(service::run(settings, listener, async {
            let _ = stopped.await;
        }));
        Service { address, base: base.to_owned(), stop: Some(stop), running }
    }
}

/// A study with one game between a page and a page.
pub fn study(folder: &Path) -> Experiment {
    let page = |header: &str| Page { header: header.into(), ..Page::default() };
    let keys = |keys: &[&str]| KeyCombination::new(keys.iter().map(|key| key.to_string()).collect()).unwrap();
    let game = GymScene {
        page: page("Play"),
        gameplay: Gameplay {
            action_mapping: vec![(keys(&["ArrowLeft"]), 0.into()), (keys(&["ArrowRight"]), 2.into())],
            default_action: Some(1.into()),
            num_episodes: EPISODES,
            max_steps: 100,
            ..Gameplay::default()
        },
        ..studies::game("game", &["human"])
    };
    let redirect =
        Redirect { url: "https://panel.example/done?who=".into(), append_subject_id: true, ..Redirect::default() };
    let scenes = vec![
        Scene::Start(StartScene { page: page("Welcome"), ..studies::start() }),
        Scene::Gym(Box::new(game)),
        Scene::End(EndScene { page: page("Thanks"), redirect: Some(redirect), ..studies::end() }),
    ];
    let images = StaticDirectory { address: "images".into(), directory: folder.join("images") };
    Experiment { static_directories: vec![images], ..studies::study_of(Stager::new(scenes).unwrap()) }
}

/// The same with a game for several people, each playing an agent; with other settings on request.
pub fn group_study(folder: &Path, agents: &[&str], change: impl FnOnce(&mut GymScene)) -> Experiment {
    let mut experiment = study(folder);
    let scenes = experiment.stager.scenes().iter().cloned();
    let mut change = Some(change);
    let scenes = scenes.map(|scene| match scene {
        Scene::Gym(mut gym) => {
            gym.policies = agents.iter().map(|agent| ((*agent).to_owned(), Policy::Human)).collect();
            gym.group = Some(Group { waiting_room: WaitingRoom::default(), multiplayer: Multiplayer::default() });
            gym.rendering.fps = 30;
            if let Some(change) = change.take() {
                change(&mut gym);
            }
            Scene::Gym(gym)
        }
        other => other,
    });
    experiment.stager = Stager::new(scenes.collect()).unwrap();
    experiment
}

pub struct Service {
    pub address: String,
    base: String,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), service::ServiceError>>,
}

impl Service {
    /// Stops it as Ctrl-C does and waits for its end.
    pub async fn stop(mut self) {
        self.ask_to_stop();
        tokio::time::timeout(PATIENCE, self.running).await.expect("it drains").unwrap().unwrap();
    }

    pub fn ask_to_stop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
    }

    /// What stops it, for somebody else to use; wait for its end with `stop`.
    pub fn stopper(&mut self) -> oneshot::Sender<()> {
        self.stop.take().unwrap()
    }

    pub async fn connect(&self) -> Browser {
        Browser::connect(&self.url()).await
    }

    /// Where browsers connect.
    pub fn url(&self) -> String {
        format!("ws://{}{}ws", self.address, self.base)
    }

    /// A connection that has said hello and was let in.
    pub async fn enter(&self, hello: Hello) -> (Browser, Welcome, SceneShown) {
        let mut browser = self.connect().await;
        browser.say(FromBrowser::Hello(hello)).await;
        let welcome = browser.welcome().await;
        let scene = browser.scene().await;
        (browser, welcome, scene)
    }

    /// A raw HTTP/1.1 exchange, so that paths reach the service as they are written.
    pub async fn http(&self, head: &str) -> String {
        String::from_utf8_lossy(&self.http_bytes(head).await).into_owned()
    }

    /// The same for answers that are no text.
    pub async fn http_bytes(&self, head: &str) -> Vec<u8> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let request = format!("{head}\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut response)).await.unwrap().unwrap();
        response
    }
}

pub fn hello(subject: Option<&str>, token: Option<&ResumeToken>) -> Hello {
    Hello {
        version: VERSION,
        subject: subject.map(|subject| subject.parse::<SubjectId>().unwrap()),
        token: token.cloned(),
        parameters: [("STUDY_ID".to_owned(), "s1".to_owned())].into(),
        browser: Default::default(),
    }
}

pub struct Browser {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Browser {
    pub async fn connect(url: &str) -> Self {
        Self { socket: connect_async(url).await.unwrap().0 }
    }

    pub async fn say(&mut self, message: FromBrowser) {
        self.say_bytes(encode(&message)).await;
    }

    pub async fn say_bytes(&mut self, bytes: Bytes) {
        self.socket.send(Message::Binary(bytes)).await.unwrap();
    }

    pub async fn say_raw(&mut self, message: Message) -> bool {
        self.socket.send(message).await.is_ok()
    }

    /// Breaks the connection without a word.
    pub async fn cut(&mut self) {
        use tokio::io::AsyncWriteExt;
        if let MaybeTlsStream::Plain(stream) = self.socket.get_mut() {
            stream.shutdown().await.unwrap();
        }
    }

    async fn next(&mut self) -> Message {
        let next = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("the service is silent");
        next.expect("the connection ended").expect("the connection failed")
    }

    /// The next message that is no round-trip measurement.
    pub async fn hear(&mut self) -> ToBrowser {
        loop {
            match self.next().await {
                Message::Binary(frame) => match decode(&frame).unwrap() {
                    ToBrowser::RoundTrip(_) => {}
                    message => return message,
                },
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Reads to the end of the connection: the close code, and the messages before it.
    pub async fn hear_close(&mut self) -> (u16, Vec<ToBrowser>) {
        let mut heard = Vec::new();
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("the service is silent") {
                Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => return (code.into(), heard),
                Some(Ok(Message::Binary(frame))) => heard.push(decode(&frame).unwrap()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return (1006, heard),
            }
        }
    }

    pub async fn welcome(&mut self) -> Welcome {
        match self.hear().await {
            ToBrowser::Welcome(welcome) => welcome,
            other => panic!("no welcome: {other:?}"),
        }
    }

    pub async fn scene(&mut self) -> SceneShown {
        match self.hear().await {
            ToBrowser::Scene(scene) => scene,
            other => panic!("no scene: {other:?}"),
        }
    }

    pub async fn play(&mut self) -> Play {
        match self.hear().await {
            ToBrowser::Play(play) => play,
            other => panic!("no play: {other:?}"),
        }
    }

    pub async fn acknowledged(&mut self) -> Acknowledged {
        match self.hear().await {
            ToBrowser::Acknowledged(acknowledged) => acknowledged,
            other => panic!("not acknowledged: {other:?}"),
        }
    }

    pub async fn refusal(&mut self) -> RefusalCode {
        match self.hear().await {
            ToBrowser::Refused(refused) => refused.code,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// From the start page into the game.
    pub async fn begin_game(&mut self) -> Play {
        self.say(FromBrowser::Continue(Continue { visit: 1 })).await;
        assert_eq!(self.scene().await.scene.as_str(), "game");
        self.say(FromBrowser::Ready(Ready { visit: 2, has: None })).await;
        self.play().await
    }

    /// Plays steps `range` of an episode and waits until they are stored.
    pub async fn steps(&mut self, game: GameId, episode: u32, range: std::ops::Range<u32>) {
        let until = range.end;
        self.say(FromBrowser::Steps(steps(game, episode, range))).await;
        assert_eq!(self.acknowledged().await.steps, until);
    }
}

pub fn steps(game: GameId, episode: u32, range: std::ops::Range<u32>) -> Steps {
    Steps { game, episode, first: range.start, steps: range.map(step).collect() }
}

/// A step whose values can be recognised in the data: action `t % 3`, reward `t / 2`.
fn step(t: u32) -> Step {
    let map =
        |entries: Vec<(&str, Value)>| Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect());
    let row = map(vec![
        ("t", t.into()),
        ("actions", map(vec![("human", (t % 3).into())])),
        ("rewards", map(vec![("human", (f64::from(t) / 2.0).into())])),
    ]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &row).unwrap();
    Step { row: bytes.into(), at: (1000.5 + f64::from(t)).try_into().unwrap(), focused: t.is_multiple_of(2) }
}
