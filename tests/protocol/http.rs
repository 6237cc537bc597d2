//! Pages, files and handshakes.

use crate::support::*;

/// Whether a response's head has this status and all of these lines, whatever the case of their names.
fn head_has(response: &str, status: &str, lines: &[&str]) -> bool {
    let head = response.split("\r\n\r\n").next().unwrap_or_default().to_ascii_lowercase();
    head.starts_with(&format!("http/1.1 {status}"))
        && lines.iter().all(|line| head.contains(&line.to_ascii_lowercase()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_creates_nobody() {
    let place = Place::new();
    let service = place.serve("/").await;
    for path in ["/", "/ann", "/?PROLIFIC_PID=x&STUDY_ID=y", "/ann?x=1"] {
        let page = service.http(&format!("GET {path} HTTP/1.1")).await;
        assert!(head_has(&page, "200", &["content-security-policy", "cache-control: no-store"]), "{page}");
        assert!(page.contains(r#""experiment":"study""#), "{page}");
    }
    assert!(service.http("GET /ann HTTP/1.1").await.contains(r#""subject":"ann""#));
    service.stop().await;
    let journal = rusqlite::Connection::open(place.data("journal.sqlite")).unwrap();
    let facts: i64 =
        journal.query_row("SELECT count(*) FROM facts WHERE stream <> 'study'", [], |row| row.get(0)).unwrap();
    assert_eq!(facts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_below_the_base_path() {
    let place = Place::new();
    let service = place.serve("/study1/").await;
    assert!(head_has(&service.http("GET /study1?a=b HTTP/1.1").await, "308", &["location: /study1/?a=b"]));
    assert!(head_has(&service.http("GET / HTTP/1.1").await, "404", &[]));
    let page = service.http("GET /study1/ann HTTP/1.1").await;
    assert!(page.contains(r#""socket":"/study1/ws""#), "{page}");
    let client = page.split(r#""client":""#).nth(1).unwrap().split('"').next().unwrap();
    let script = service.http(&format!("GET {client}main.js HTTP/1.1")).await;
    assert!(head_has(&script, "200", &["text/javascript", "immutable", "etag", "nosniff"]), "{script}");
    let (_browser, _, scene) = service.enter(hello(None, None)).await;
    assert_eq!(scene.visit, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_registered_files_are_served() {
    let place = Place::new();
    std::fs::write(place.path().join("secret.txt"), "secret").unwrap();
    let service = place.serve("/").await;
    let image = service.http("GET /images/cat.svg HTTP/1.1").await;
    assert!(head_has(&image, "200", &["image/svg+xml", "cache-control: no-cache"]), "{image}");
    for path in [
        "/images/../secret.txt",
        "/images/%2e%2e/secret.txt",
        "/images/..%2fsecret.txt",
        "/images/%2e%2e%2fsecret.txt",
        "/assets/../secret.txt",
        "//etc/passwd",
        "/images/",
        "/data/study/journal.sqlite",
        "/.hidden",
        "/favicon.ico",
    ] {
        let response = service.http(&format!("GET {path} HTTP/1.1")).await;
        assert!(head_has(&response, "404", &[]), "{path}: {response}");
        assert!(!response.ends_with("secret"), "{path}");
    }
    assert!(head_has(&service.http("POST / HTTP/1.1").await, "405", &["allow: get, head"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_may_not_open_a_socket() {
    let place = Place::new();
    let service = place.serve("/").await;
    let own = format!("http://{}", service.address);
    for (origin, status) in [
        (own.as_str(), "101"),
        ("https://lab.example", "101"),
        ("https://evil.example", "403"),
        ("null", "403"),
        ("http://127.0.0.1", "403"),
    ] {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(&service.address).await.unwrap();
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            service.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"), "{origin}");
    }
    assert!(head_has(&service.http("GET /ws HTTP/1.1").await, "426", &["upgrade: websocket"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_can_be_asked_for() {
    let place = Place::new();
    let service = place.serve("/").await;
    assert!(service.http("GET /healthz HTTP/1.1").await.ends_with("ok\n"));
    assert!(service.http("GET /robots.txt HTTP/1.1").await.contains("Disallow"));
}
