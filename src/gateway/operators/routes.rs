//! Addresses to wishes: what the operator's routes understand. Ids are checked here, once.

use std::path::PathBuf;
use std::time::Duration;

use super::files;
use crate::ids::GameId;

/// Most frames beyond the first one wanted that an answer has.
pub const FRAMES_AT_ONCE: u32 = 300;

/// Longest that a request for frames waits.
pub const FRAMES_WAIT: Duration = Duration::from_millis(5000);

/// What somebody who was let in asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The page with the list.
    Page,
    /// The list.
    Games,
    /// The page of a game.
    Game(GameId),
    /// What is known of a game's film.
    View(GameId),
    /// Frames of it.
    Frames(GameId, Frames),
    /// A picture of its scene.
    File(GameId, PathBuf),
}

/// Which frames of a film are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frames {
    /// Of which episode.
    pub episode: u32,
    /// The first one.
    pub from: u32,
    /// How many beyond it.
    pub count: u32,
    /// How long the first one may be waited for.
    pub wait: Duration,
}

/// An address that is no wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Astray {
    /// There is nothing.
    Nothing,
    /// It lacks the `/` at its end.
    Slash,
    /// Its query is not understood, and which part.
    Query(&'static str),
}

/// What an address is for. `rest` is what follows `admin`.
///
/// # Errors
/// When it is for nothing.
pub fn read(rest: &str, query: Option<&str>) -> Result<Wish, Astray> {
    let decoded = percent_encoding::percent_decode_str(rest).decode_utf8().map_err(|_| Astray::Nothing)?;
    let rest = match &*decoded {
        "" => return Err(Astray::Slash),
        "/" => return Ok(Wish::Page),
        "/games.json" => return Ok(Wish::Games),
        rest => rest.strip_prefix("/games/").ok_or(Astray::Nothing)?,
    };
    let (game, part) = rest.split_once('/').map_or((rest, None), |(game, part)| (game, Some(part)));
    // Only as we write it ourselves: a game has one address.
    let game = GameId::try_from(game.to_owned()).ok().filter(|id| id.to_string() == game).ok_or(Astray::Nothing)?;
    match part {
        None => Err(Astray::Slash),
        Some("") => Ok(Wish::Game(game)),
        Some("film.json") => Ok(Wish::View(game)),
        Some("frames") => frames(query.unwrap_or_default()).map(|frames| Wish::Frames(game, frames)),
        Some(part) => {
            let path = part.strip_prefix("files/").and_then(files::checked);
            path.map(|path| Wish::File(game, path)).ok_or(Astray::Nothing)
        }
    }
}

fn frames(query: &str) -> Result<Frames, Astray> {
    let number = |wanted: &'static str, absent: Option<u32>| {
        let given = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
        given.map_or(absent, |(_, value)| value.parse().ok()).ok_or(Astray::Query(wanted))
    };
    Ok(Frames {
        episode: number("episode", None)?,
        from: number("from", None)?,
        count: number("count", Some(FRAMES_AT_ONCE))?.min(FRAMES_AT_ONCE),
        wait: Duration::from_millis(number("wait", Some(0))?.into()).min(FRAMES_WAIT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_understood_or_leads_nowhere() {
        let game = GameId::fresh();
        let of = |part: &str| read(&format!("/games/{game}{part}"), None);
        assert_eq!(read("/", None), Ok(Wish::Page));
        assert_eq!(read("/games.json", None), Ok(Wish::Games));
        assert_eq!(of("/"), Ok(Wish::Game(game)));
        assert_eq!(of("/film.json"), Ok(Wish::View(game)));
        assert_eq!(of("/files/a/cat%201.png"), Ok(Wish::File(game, "a/cat 1.png".into())));
        assert_eq!((read("", None), of("")), (Err(Astray::Slash), Err(Astray::Slash)));
        for part in
            ["/x", "/files/", "/files/../x", "/files/%2e%2e/x", "/files/..%2fx", "/files//etc/passwd", "/film.json/"]
        {
            assert_eq!(of(part), Err(Astray::Nothing), "{part}");
        }
        let shouted = game.to_string().to_uppercase();
        for address in ["/x", "/games/", "/games/x/", "/games/../", "/%ff", &format!("/games/{shouted}/")] {
            assert_eq!(read(address, None), Err(Astray::Nothing), "{address}");
        }
    }

    #[test]
    fn frames_are_asked_for_within_bounds() {
        let ask = |query| read(&format!("/games/{}/frames", GameId::fresh()), query);
        let frames = |query| match ask(Some(query)) {
            Ok(Wish::Frames(_, frames)) => frames,
            other => panic!("{other:?}"),
        };
        let wait = Duration::from_millis(20);
        assert_eq!(frames("episode=1&from=7&count=9&wait=20"), Frames { episode: 1, from: 7, count: 9, wait });
        let most = Frames { episode: 0, from: 0, count: 300, wait: FRAMES_WAIT };
        assert_eq!(frames("episode=0&from=0&count=4000000000&wait=4000000000"), most);
        assert_eq!(frames("episode=0&from=0").wait, Duration::ZERO);
        for (query, part) in
            [("episode=0", "from"), ("episode=-1&from=0", "episode"), ("episode=0&from=0&wait=x", "wait")]
        {
            assert_eq!(ask(Some(query)), Err(Astray::Query(part)));
        }
        assert_eq!(ask(None), Err(Astray::Query("episode")));
    }
}
