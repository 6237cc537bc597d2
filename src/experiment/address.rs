//! Addresses with holes, `https://panel.example/done?cc={code}`, that are filled for each participant.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in an address as it is: RFC 3986 calls it unreserved.
const FILLED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A piece of an address.
enum Piece<'a> {
    Text(&'a str),
    Hole(&'a str),
}

/// What is wrong with an address; completes "the address ...".
///
/// # Errors
/// In words for the researcher.
pub fn check_address(template: &str) -> Result<(), &'static str> {
    let pieces = pieces(template)?;
    let begin = match pieces.first() {
        Some(Piece::Text(text)) => *text,
        Some(Piece::Hole(_)) | None => "",
    };
    let host = begin.split_once("://").map_or("", |(_, rest)| rest);
    if pieces.len() > 1 && !host.contains(['/', '?', '#']) {
        // What comes from a participant's own address must not choose the host.
        return Err("may have {...} only after its host: write a `/` or a `?` before the first");
    }
    let filled = fill(&pieces, |_| Some("x".into()));
    let parsed = url::Url::parse(&filled).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    parsed.map(drop).ok_or("must begin with http:// or https:// and name a host")
}

/// The address with every hole filled, percent-encoded; a hole without a value stays empty. `None` when it is none.
pub fn filled_address(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    check_address(template).ok()?;
    let filled = fill(&pieces(template).ok()?, value);
    let parsed = url::Url::parse(&filled).ok()?;
    matches!(parsed.scheme(), "http" | "https").then(|| parsed.into())
}

/// The holes of an address.
pub fn holes(template: &str) -> impl Iterator<Item = &str> {
    let pieces = pieces(template).unwrap_or_default();
    pieces.into_iter().filter_map(|piece| match piece {
        Piece::Hole(name) => Some(name),
        Piece::Text(_) => None,
    })
}

/// A value as it may stand in an address.
pub fn encoded(value: &str) -> String {
    utf8_percent_encode(value, FILLED).to_string()
}

fn fill(pieces: &[Piece<'_>], value: impl Fn(&str) -> Option<String>) -> String {
    let filled = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Hole(name) => value(name).map_or_else(String::new, |value| encoded(&value)),
    });
    filled.collect()
}

fn pieces(template: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    const NAME: &str = "has braces that hold no name: write for example {subject_id}, {code} or {PROLIFIC_PID}";
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, behind)) = rest.split_once('{') {
        if text.contains('}') {
            return Err(NAME);
        }
        let (name, after) = behind.split_once('}').ok_or(NAME)?;
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || !name.chars().all(letter) {
            return Err(NAME);
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        pieces.push(Piece::Hole(name));
        rest = after;
    }
    if rest.contains('}') {
        return Err(NAME);
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_an_address_must_be() {
        for good in [
            "https://panel.example/done?cc={code}",
            "http://localhost:8000",
            "https://panel.example/{PROLIFIC_PID}/x?a={subject_id}&b={code}#end",
            "https://panel.example?who={subject_id}",
        ] {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "done.html",
            "javascript:alert({code})",
            "{url}",
            "https://{host}/",
            "https://panel.example{code}",
            "https://panel.example/?{}",
            "https://panel.example/?{code",
            "https://panel.example/?code}",
            "https://panel.example/?{a b}",
            "ftp://panel.example/",
        ] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_filled_in_changes_where_an_address_leads(value in ".{0,40}") {
            let template = "https://panel.example/done/x{who}?cc={code}&more={who}";
            let filled = filled_address(template, |name| (name == "who").then(|| value.clone())).unwrap();
            let url = url::Url::parse(&filled).unwrap();
            prop_assert_eq!((url.scheme(), url.host_str(), url.fragment()), ("https", Some("panel.example"), None));
            let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(query, [("cc".to_owned(), String::new()), ("more".to_owned(), value)]);
            prop_assert!(url.path().starts_with("/done/x"));
            prop_assert_eq!(url.path_segments().unwrap().count(), 2);
        }

        #[test]
        fn no_address_is_too_strange_to_be_looked_at(template in ".{0,60}") {
            if check_address(&template).is_ok() {
                let filled = filled_address(&template, |_| Some("x".into())).unwrap();
                prop_assert!(filled.starts_with("http"));
            }
        }
    }
}
