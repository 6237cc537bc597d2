//! What an examination says: findings and costs, as `assets/python/greenroom/doctor.py` writes them and as people read them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Deserialize;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// All is well.
    Ok,
    /// Good to know.
    Note,
    /// Could be better, or go wrong for some.
    Advice,
    /// Something will go wrong.
    Problem,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// How grave it is.
    pub level: Level,
    /// In plain words.
    pub text: String,
}

impl Finding {
    /// A finding.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self { level, text: text.into() }
    }
}

/// What calls take, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(from = "(f64, f64)")]
pub struct Cost {
    /// Half of them take no longer.
    pub median: f64,
    /// 99 of 100 take no longer.
    pub p99: f64,
}

impl From<(f64, f64)> for Cost {
    fn from((median, p99): (f64, f64)) -> Self {
        Self { median, p99 }
    }
}

/// What the parts of a frame cost in one Python.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Costs {
    /// By the name of the call.
    #[serde(rename = "costs")]
    pub calls: BTreeMap<String, Cost>,
    /// Size of the state that is sent to other copies.
    pub state_bytes: Option<u64>,
    /// How many frames the call `rollback` goes back.
    pub rollback_frames: Option<u32>,
    /// The mean of a frame on the service, states included.
    pub service_ms: Option<f64>,
    /// A frame of pixels that the service would send.
    pub pixels: Option<Pixels>,
}

/// A frame of pixels: its bytes are in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Pixels {
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// How many of them the service makes for each frame of the game.
    pub each: u32,
}

impl Costs {
    /// The median of a call, if it was measured.
    pub fn of(&self, call: &str) -> Option<f64> {
        self.calls.get(call).map(|cost| cost.median)
    }

    /// The sum of the medians of calls; those that were not measured cost nothing.
    pub fn sum(&self, calls: &[&str]) -> f64 {
        calls.iter().filter_map(|call| self.of(call)).sum()
    }
}

/// A line of an examination.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line {
    /// What is done now.
    Progress {
        /// In words, after "it".
        text: String,
    },
    /// Something was found.
    Finding(Finding),
    /// Calls were measured.
    Costs(Costs),
    /// A package is not there; the examination ends.
    Missing {
        /// Its name in Python.
        module: String,
        /// The exception.
        text: String,
    },
    /// All was examined.
    End,
}

/// What came of one examination.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Examination {
    /// In the order of the examination.
    pub findings: Vec<Finding>,
    /// What was measured.
    pub costs: Option<Costs>,
    /// The module that is not there, and the exception.
    pub missing: Option<(String, String)>,
}

impl Examination {
    /// Nothing but one finding.
    pub fn of(level: Level, text: impl Into<String>) -> Self {
        Self { findings: vec![Finding::new(level, text)], ..Self::default() }
    }

    /// Takes a line.
    pub fn take(&mut self, line: Line) {
        match line {
            Line::Finding(finding) => self.findings.push(finding),
            Line::Costs(costs) => self.costs = Some(costs),
            Line::Missing { module, text } => self.missing = Some((module, text)),
            Line::Progress { .. } | Line::End => {}
        }
    }
}

/// Calls in the order in which they are printed, and what they are called there.
const ROWS: [(&str, &str); 11] = [
    ("step", "step, with observations"),
    ("advance", "advance, without"),
    ("render", "render"),
    ("row", "row of the record"),
    ("capture", "keep the state"),
    ("restore", "put the state back"),
    ("hash", "hash of the state"),
    ("to_bytes", "state for another copy"),
    ("rollback", "rollback"),
    ("service", "all a frame on the service"),
    ("jpeg", "a picture as JPEG"),
];

/// Writes what was found; `fine` is the word before good news.
///
/// # Errors
/// When it cannot be written.
pub fn write_findings(findings: &[Finding], fine: &str, report: &mut impl Write) -> io::Result<()> {
    for finding in findings {
        let word = match finding.level {
            Level::Ok => fine,
            Level::Note => "note",
            Level::Advice => "advice",
            Level::Problem => "PROBLEM",
        };
        for (number, line) in wrapped(&finding.text, 100).iter().enumerate() {
            writeln!(report, "     {:<8} {line}", if number == 0 { word } else { "" })?;
        }
    }
    Ok(())
}

/// Writes what was measured, natively and in the browser's Python.
///
/// # Errors
/// When it cannot be written.
pub fn write_costs(native: Option<&Costs>, browser: Option<&Costs>, report: &mut impl Write) -> io::Result<()> {
    let columns: Vec<_> = [("native Python", native), ("browser's Python", browser)]
        .into_iter()
        .filter_map(|(title, costs)| costs.map(|costs| (title, costs)))
        .collect();
    if columns.is_empty() {
        return Ok(());
    }
    write!(report, "\n     {:<26}", "ms: median (99 of 100)")?;
    for (title, _) in &columns {
        write!(report, " {title:>18}")?;
    }
    writeln!(report)?;
    for (call, name) in ROWS {
        if columns.iter().all(|(_, costs)| costs.of(call).is_none()) {
            continue;
        }
        let frames = columns.iter().find_map(|(_, costs)| costs.rollback_frames).unwrap_or_default();
        let name = if call == "rollback" { format!("rollback of {frames} frames") } else { name.to_owned() };
        write!(report, "     {name:<26}")?;
        for (_, costs) in &columns {
            let text = costs.calls.get(call).map_or_else(
                || "-".to_owned(),
                |cost| format!("{} ({})", milliseconds(cost.median), milliseconds(cost.p99)),
            );
            write!(report, " {text:>18}")?;
        }
        writeln!(report)?;
    }
    writeln!(report)
}

/// A number of milliseconds with two significant digits or so.
pub fn milliseconds(value: f64) -> String {
    match value {
        value if value >= 10.0 => format!("{value:.0}"),
        value if value >= 1.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// Lines of at most `width` characters, broken at blanks; the text's own lines stay.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for own in text.lines() {
        let mut line = String::new();
        for word in own.split(' ') {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_python_writes_them() {
        let line: Line = serde_json::from_str(r#"{"kind": "finding", "level": "advice", "text": "so"}"#).unwrap();
        assert_eq!(line, Line::Finding(Finding::new(Level::Advice, "so")));
        let line = r#"{"kind": "costs", "costs": {"step": [1.5, 2]}, "state_bytes": 10}"#;
        let Line::Costs(costs) = serde_json::from_str(line).unwrap() else { panic!("costs") };
        assert_eq!((costs.of("step"), costs.of("row"), costs.state_bytes), (Some(1.5), None, Some(10)));
        assert_eq!(serde_json::from_str::<Line>(r#"{"kind": "end"}"#).unwrap(), Line::End);
    }

    #[test]
    fn long_texts_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(wrapped("seventeen-letters", 4), ["seventeen-letters"]);
    }

    #[test]
    fn costs_stand_side_by_side() {
        let costs = |median| Costs {
            calls: BTreeMap::from([("step".to_owned(), Cost { median, p99: 12.0 })]),
            ..Costs::default()
        };
        let mut text = Vec::new();
        write_costs(Some(&costs(0.25)), Some(&costs(1.5)), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("step, with observations             0.25 (12)           1.5 (12)\n"), "{text}");
        assert!(!text.contains("rollback"), "{text}");
    }
}
