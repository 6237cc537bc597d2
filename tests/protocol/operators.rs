//! The operator's page: who gets in, and what there is to be seen.

use std::path::Path;

use greenroom::actors::worker::Launch;
use greenroom::experiment::Mode;
use greenroom::ids::GameId;
use greenroom::wire::*;

use crate::support::*;

/// An answer, taken apart.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

async fn get(service: &Service, path: &str, headers: &str) -> Answer {
    let headers = if headers.is_empty() { String::new() } else { format!("\r\n{headers}") };
    let response = service.http_bytes(&format!("GET {path} HTTP/1.1{headers}")).await;
    let end = response.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&response[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: response[end + 4..].to_vec() }
}

/// The key of a service that has answered a request.
fn key(place: &Place) -> String {
    std::fs::read_to_string(place.data("operator.key")).unwrap().trim().to_owned()
}

/// The header that lets the operator in.
fn cookie(place: &Place) -> String {
    format!("Cookie: other=1; greenroom_study={}", key(place))
}

/// Films by a shell's script, in which `$1` is the study's folder, `$2` the game and `$3` perhaps `--follow`.
fn script(text: &str) -> Option<Launch> {
    Some(Launch { program: "/bin/sh".into(), arguments: vec!["-c".into(), text.into(), "film".into()] })
}

/// What a film's process would write for a game.
fn write_film(path: &Path, game: GameId, frames: u32) {
    let view = FilmView {
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
        begun_at: 1e12.try_into().unwrap(),
        ended: None,
        episodes: Vec::new(),
        verdict: FilmVerdict { rows: 0, hashes: 0, difference: None, done: false },
    };
    let frame = |frame| {
        let shown = FilmFrame { episode: 0, frame, actions: Vec::new(), rewards: Vec::new(), pictures: Vec::new() };
        FromFilm::Frame(FilmedFrame {
            episode: 0,
            frame,
            complete: frame % 2 == 0,
            shown: encode(&shown).to_vec().into(),
        })
    };
    let mut bytes = Vec::new();
    for said in std::iter::once(FromFilm::View(Box::new(view))).chain((0..frames).map(frame)) {
        let said = encode(&said);
        bytes.extend_from_slice(&u32::try_from(said.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(&said);
    }
    std::fs::write(path, bytes).unwrap();
}

/// A game of one person, with so many steps.
async fn play(service: &Service, subject: &str, steps: u32) -> GameId {
    let (mut browser, ..) = service.enter(hello(Some(subject), None)).await;
    let game = browser.begin_game().await.game;
    browser.steps(game, 0, 0..steps).await;
    game
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_the_key() {
    let mut place = Place::new();
    place.films = script("touch $1/started; sleep 1000");
    let service = place.serve("/").await;
    assert_eq!(get(&service, "/healthz", "").await.status, 200);
    let game = play(&service, "ann", 3).await;
    let page = get(&service, "/ann", "").await;
    assert_eq!(page.header("set-cookie"), None, "a participant's page brings nothing along");
    let (film, frames) =
        (format!("/admin/games/{game}/film.json"), format!("/admin/games/{game}/frames?episode=0&from=0"));
    let (player, file) = (format!("/admin/games/{game}/"), format!("/admin/games/{game}/files/x.png"));
    let wrong = "f".repeat(32);
    for path in ["/admin", "/admin/", "/admin/games.json", "/admin/nothing", &film, &frames, &player, &file] {
        for headers in [
            "",
            "Cookie: greenroom_study=",
            &format!("Cookie: greenroom_study={wrong}"),
            "Cookie: a;;=;greenroom_study",
        ] {
            let answer = get(&service, path, headers).await;
            assert_eq!(answer.status, 401, "{path} {headers}");
            assert!(
                answer.text().contains("Operators:") && !answer.text().contains(&key(&place)),
                "it says where the key is"
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        let answer = get(&service, &format!("{}?key={wrong}", path.split('?').next().unwrap()), "").await;
        assert_eq!((answer.status, answer.header("set-cookie")), (401, None), "{path}");
    }
    let post = service.http(&format!("POST /admin/?key={wrong} HTTP/1.1\r\nContent-Length: 0")).await;
    assert!(post.starts_with("HTTP/1.1 401"), "{post}");
    // Looks like the operator's to nobody: the routes end at the name.
    assert_eq!(get(&service, "/administrator", "").await.status, 200, "that is a participant");
    assert!(!place.data("started").exists(), "no film was begun for anybody");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_becomes_a_cookie_and_opens_the_pages() {
    let place = Place::new();
    let service = place.serve("/study1/").await;
    assert_eq!(get(&service, "/study1/healthz", "").await.status, 200);
    let game = play(&service, "ann", 3).await;
    let key = key(&place);
    let answer = get(&service, &format!("/study1/admin/?key={key}"), "").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/study1/admin/")));
    let set = answer.header("set-cookie").unwrap();
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/study1/admin/;", "Max-Age="] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = format!("Cookie: {}", set.split(';').next().unwrap());

    let list = get(&service, "/study1/admin/", &cookie).await;
    assert_eq!(list.status, 200);
    assert!(
        list.text().contains(r#""base":"/study1/""#) && !list.text().contains(&game.to_string()),
        "{}",
        list.text()
    );
    assert!(list.header("content-security-policy").unwrap().contains("default-src 'self'"));
    let player = get(&service, &format!("/study1/admin/games/{game}/"), &cookie).await;
    assert!(player.text().contains(&format!(r#""game":"{game}""#)), "{}", player.text());
    for page in [&list, &player] {
        assert!(!page.text().contains(&key) && page.header("cache-control") == Some("no-store"));
    }
    for (path, onward) in
        [("admin".into(), "admin/".into()), (format!("admin/games/{game}"), format!("admin/games/{game}/"))]
    {
        let answer = get(&service, &format!("/study1/{path}"), &cookie).await;
        let onward = format!("/study1/{onward}");
        assert_eq!((answer.status, answer.header("location")), (303, Some(onward.as_str())));
    }
    // A browser keeps the cookie to itself along a redirect of a link on another site, but not along one of our page.
    let linked = get(&service, &format!("/study1/admin/?key={key}"), "Sec-Fetch-Site: cross-site").await;
    assert_eq!(linked.status, 200);
    assert!(linked.text().contains(r#"content="0;url=/study1/admin/""#) && linked.header("set-cookie").is_some());

    let post = service.http(&format!("POST /study1/admin/games.json HTTP/1.1\r\n{cookie}\r\nContent-Length: 0")).await;
    assert!(post.starts_with("HTTP/1.1 405"), "{post}");
    service.stop().await;
    let service = place.serve("/").await;
    assert_eq!(get(&service, "/healthz", "").await.status, 200);
    let root = format!("Cookie: greenroom_study={key}");
    assert_eq!(get(&service, "/admin/", &root).await.status, 200, "a restart changes no key");
    service.stop().await;
    std::fs::remove_file(place.data("operator.key")).unwrap();
    let service = place.serve("/").await;
    assert_eq!(get(&service, "/healthz", "").await.status, 200);
    assert_eq!(get(&service, "/admin/", &root).await.status, 401, "without its file it is a new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn games_are_listed_newest_first() {
    let place = Place::new();
    let service = place.serve("/").await;
    assert_eq!(get(&service, "/healthz", "").await.status, 200);
    let anns = play(&service, "ann", 7).await;
    let bobs = play(&service, "bob", 4).await;
    let answer = get(&service, "/admin/games.json", &cookie(&place)).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let list = answer.json();
    assert_eq!((&list["experiment"], &list["more"]), (&"study".into(), &false.into()));
    let told: Vec<_> = list["games"]
        .as_array()
        .unwrap()
        .iter()
        .map(|game| {
            let mut game = game.clone();
            assert!(game["begun_at"].take().as_u64().unwrap() > 1_600_000_000_000);
            game
        })
        .collect();
    let line = |game: GameId, subject: &str, frames: u32| {
        serde_json::json!({
            "game": game.to_string(), "scene": "game", "mode": "browser", "begun_at": null, "ended": null,
            "players": [{"agent": "human", "subject": subject}], "frames": frames, "episodes": 1
        })
    };
    assert_eq!(told, [line(bobs, "bob", 4), line(anns, "ann", 7)]);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_made_for_a_game_of_the_journal_only() {
    let mut place = Place::new();
    place.films = script(r#"echo "$2 $3" >> $1/started; cat $1/film; [ -e $1/film ]"#);
    let service = place.serve("/").await;
    assert_eq!(get(&service, "/healthz", "").await.status, 200);
    let cookie = cookie(&place);
    let game = play(&service, "ann", 3).await;
    for path in ["", "film.json", "frames?episode=0&from=0", "files/cat.png"] {
        let unknown = get(&service, &format!("/admin/games/{}/{path}", GameId::fresh()), &cookie).await;
        assert_eq!(unknown.status, 404, "{path}");
        for id in ["x", "..", "%2e%2e", &game.to_string().to_uppercase(), "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(get(&service, &format!("/admin/games/{id}/{path}"), &cookie).await.status, 404, "{id} {path}");
        }
    }
    assert!(!place.data("started").exists(), "no process was started for a game that is not there");

    write_film(&place.data("film"), game, 5);
    let view = get(&service, &format!("/admin/games/{game}/film.json"), &cookie).await;
    assert_eq!((view.status, &view.json()["game"]), (200, &game.to_string().into()));
    let ask = async |query: &str| {
        let answer = get(&service, &format!("/admin/games/{game}/frames?{query}"), &cookie).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/vnd.msgpack")));
        let frames: Vec<FilmFrame> = decode(&answer.body).unwrap();
        frames.iter().map(|frame| frame.frame).collect::<Vec<_>>()
    };
    assert_eq!(ask("episode=0&from=4&wait=5000").await, [4]);
    assert_eq!(ask("episode=0&from=3").await, [2, 3, 4], "from a frame that shows everything on");
    assert_eq!(ask("episode=0&from=0&count=1").await, [0, 1]);
    assert_eq!(ask("episode=0&from=5").await, [0; 0]);
    assert_eq!(ask("episode=7&from=0").await, [0; 0]);
    for query in ["", "episode=0", "episode=x&from=0", "episode=0&from=-1"] {
        assert_eq!(get(&service, &format!("/admin/games/{game}/frames?{query}"), &cookie).await.status, 400, "{query}");
    }
    let started = std::fs::read_to_string(place.data("started")).unwrap();
    assert_eq!(started, format!("{game} --follow\n"), "one process for all, which follows the game that is not over");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_fails_says_why() {
    let mut place = Place::new();
    place.films = script("echo it is broken >&2; exit 7");
    let service = place.serve("/").await;
    assert_eq!(get(&service, "/healthz", "").await.status, 200);
    let game = play(&service, "ann", 1).await;
    let answer = get(&service, &format!("/admin/games/{game}/film.json"), &cookie(&place)).await;
    assert_eq!(answer.status, 502);
    assert!(answer.text().contains("exit status: 7") && answer.text().contains("it is broken"), "{}", answer.text());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_hangs_holds_up_nobody_and_ends_with_the_service() {
    let mut place = Place::new();
    place.films = script("echo $$ > $1/pid.new; mv $1/pid.new $1/pid; exec sleep 1000");
    let mut service = place.serve("/").await;
    assert_eq!(get(&service, "/healthz", "").await.status, 200);
    let stop = service.stopper();
    let cookie = cookie(&place);
    let game = play(&service, "ann", 1).await;
    let film = format!("/admin/games/{game}/film.json");
    let (hanging, meanwhile) = tokio::join!(get(&service, &film, &cookie), async {
        while !place.data("pid").exists() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let list = get(&service, "/admin/games.json", &cookie).await;
        let page = get(&service, "/ann", "").await;
        let pid = std::fs::read_to_string(place.data("pid")).unwrap();
        stop.send(()).unwrap();
        (list.status, page.status, pid.trim().to_owned())
    });
    assert_eq!((meanwhile.0, meanwhile.1), (200, 200));
    assert_eq!(hanging.status, 503, "who waits for a film is told when the service stops");
    service.stop().await;
    while Path::new(&format!("/proc/{}", meanwhile.2)).exists() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
