//! What differs between two forms of a study, for a person to read.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use similar::TextDiff;

use super::archive::{Archive, EXPERIMENT, MODULE};
use crate::experiment::Experiment;

/// Most lines of a difference that are shown.
const LINES: usize = 200;
/// Most characters of a line that are shown.
const WIDTH: usize = 200;
/// Larger files are not compared line by line.
const TEXT_LIMIT: usize = 2 << 20;
/// Longest that the comparison of one file may take; beyond it is coarser.
const PATIENCE: Duration = Duration::from_secs(2);

/// What differs between two forms of a study.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    files: Vec<(String, Change)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    New,
    Gone,
    Binary,
    Text(String),
}

impl Difference {
    /// What is to be done to the one to get the other.
    pub fn between(before: &Archive, after: &Archive) -> Self {
        let names: BTreeSet<&String> = before.files().keys().chain(after.files().keys()).collect();
        let of = |name: &String| Some((name.clone(), change(name, before, after)?));
        Self { files: names.into_iter().filter_map(of).collect() }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether all files are the same, and only what this program made of them differs.
    pub fn only_described(&self) -> bool {
        self.files.iter().all(|(name, _)| name == EXPERIMENT)
    }
}

fn change(name: &str, before: &Archive, after: &Archive) -> Option<Change> {
    let (old, new) = match (before.files().get(name), after.files().get(name)) {
        (Some(old), Some(new)) if old == new => return None,
        (Some(old), Some(new)) => (old, new),
        (None, _) => return Some(Change::New),
        (_, None) => return Some(Change::Gone),
    };
    let (old, new) = if name == EXPERIMENT {
        let old = rewritten(old);
        if old == *new {
            return None;
        }
        let unchanged = |file: &str| before.files().contains_key(file) && after.files().contains_key(file);
        let shown = (readable(&old, &unchanged), readable(new, &unchanged));
        if shown.0 == shown.1 {
            // The code of an environment, which is shown with its own file.
            return None;
        }
        shown
    } else {
        let (Some(old), Some(new)) = (text(old), text(new)) else { return Some(Change::Binary) };
        (old.to_owned(), new.to_owned())
    };
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(&old, &new);
    let shown = diff.unified_diff().context_radius(2).missing_newline_hint(false).to_string();
    Some(Change::Text(shown))
}

fn text(bytes: &[u8]) -> Option<&str> {
    let plain = bytes.len() <= TEXT_LIMIT && !bytes.contains(&0);
    std::str::from_utf8(bytes).ok().filter(|_| plain)
}

/// The study as this version of the program would have written it, so that an option which it has learnt does not count as
/// a change.
fn rewritten(before: &[u8]) -> Vec<u8> {
    let again = serde_json::from_slice::<Experiment>(before).and_then(|study| serde_json::to_vec_pretty(&study));
    again.unwrap_or_else(|_| before.to_owned())
}

/// JSON in which texts of several lines have several lines, without the code that is in a file of its own.
fn readable(json: &[u8], is_file: &dyn Fn(&str) -> bool) -> String {
    let Ok(mut value) = serde_json::from_slice::<Value>(json) else {
        return String::from_utf8_lossy(json).into_owned();
    };
    split(&mut value, is_file);
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn split(value: &mut Value, is_file: &dyn Fn(&str) -> bool) {
    match value {
        Value::String(text) if text.contains('\n') => {
            *value = Value::Array(text.split('\n').map(Value::from).collect());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| split(item, is_file)),
        Value::Object(entries) => {
            let file = entries.get("filename").and_then(Value::as_str).map(|name| format!("{MODULE}/{name}"));
            if file.is_some_and(|file| is_file(&file)) {
                entries.remove("code");
            }
            entries.values_mut().for_each(|item| split(item, is_file));
        }
        _ => {}
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        for (name, change) in &self.files {
            let name = name.strip_prefix("module/").unwrap_or(name);
            match change {
                Change::New => lines.push(format!("{name}: new")),
                Change::Gone => lines.push(format!("{name}: removed")),
                Change::Binary => lines.push(format!("{name}: changed")),
                Change::Text(diff) => {
                    lines.push(format!("--- {name}, as participants began with it"));
                    lines.push(format!("+++ {name}, now"));
                    lines.extend(diff.lines().map(shortened));
                }
            }
        }
        let more = lines.len().saturating_sub(LINES);
        lines.truncate(LINES);
        write!(f, "{}", lines.join("\n"))?;
        if more > 0 {
            write!(f, "\n... and {more} more lines")?;
        }
        Ok(())
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_come_and_go_are_named_and_texts_compared() {
        let before =
            Archive::of_files(&[("module/a.py", "1\n2\n3\n"), ("module/b.py", ""), ("scenes/g/assets/p", "\0a")]);
        let after =
            Archive::of_files(&[("module/a.py", "1\n2\n4\n"), ("module/c.py", ""), ("scenes/g/assets/p", "\0b")]);
        let text = Difference::between(&before, &after).to_string();
        let expected = "--- a.py, as participants began with it\n+++ a.py, now\n@@ -1,3 +1,3 @@\n 1\n 2\n-3\n+4\n\
                        b.py: removed\nc.py: new\nscenes/g/assets/p: changed";
        assert_eq!(text, expected);
        assert!(Difference::between(&before, &before).is_empty());
    }

    #[test]
    fn a_large_difference_is_cut_and_counted() {
        let long = "x".repeat(500);
        let lines = |word: &str| (0..1000).map(|line| format!("{word}{line}{long}\n")).collect::<String>();
        let before = Archive::of_files(&[("module/a.py", &lines("a"))]);
        let after = Archive::of_files(&[("module/a.py", &lines("b"))]);
        let text = Difference::between(&before, &after).to_string();
        assert_eq!(text.lines().count(), LINES + 1);
        assert!(text.ends_with(" more lines"), "{}", text.lines().last().unwrap());
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH + 3));
    }

    #[test]
    fn code_that_has_a_file_of_its_own_is_shown_there_only() {
        let study = |code: &str| format!("{{\"runtime\": {{\"filename\": \"env.py\", \"code\": \"{code}\\n2\"}}}}");
        let with_file = |code: &str| {
            let (study, file) = (study(code), format!("{code}\n2"));
            Archive::of_files(&[(EXPERIMENT, &study), ("module/env.py", &file)])
        };
        let text = Difference::between(&with_file("a"), &with_file("b")).to_string();
        assert!(text.contains("env.py") && !text.contains(EXPERIMENT), "{text}");
        let inline = |code: &str| Archive::of_files(&[(EXPERIMENT, &study(code))]);
        let text = Difference::between(&inline("a"), &inline("b")).to_string();
        assert!(text.contains("-      \"a\",") && text.contains("+      \"b\","), "{text}");
    }
}
