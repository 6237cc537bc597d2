//! The floors of the house: imports run downward only, and the rules know nothing of the world.

use std::path::{Path, PathBuf};

/// Modules from the ground up; a module may use its own floor and those below.
const FLOORS: [&[&str]; 4] = [
    &["ids", "time", "wire", "experiment"],
    &["facts", "rules"],
    &["actors"],
    &[
        "gateway",
        "python",
        "doctor",
        "store",
        "export",
        "replay",
        "telemetry",
        "service",
        "handover",
        "commands",
        "main",
        "lib",
    ],
];

/// Crates and names that a floor must not know; only the host may know the actor library.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    ("rules", &["tokio", "ractor", "pyo3", "tracing", "rusqlite", "Instant", "SystemTime", "HashMap", "getrandom"]),
    ("wire", &["tokio", "ractor", "pyo3", "tracing", "rusqlite"]),
    ("experiment", &["tokio", "ractor", "pyo3", "tracing", "rusqlite"]),
    ("facts", &["tokio", "ractor", "pyo3", "tracing", "rusqlite"]),
    ("actors", &["pyo3", "rusqlite", "hyper", "tokio_tungstenite"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn module_of(path: &Path, root: &Path) -> String {
    let first = path.strip_prefix(root).unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn floor_of(module: &str) -> usize {
    let floor = FLOORS.iter().position(|modules| modules.contains(&module));
    floor.unwrap_or_else(|| panic!("the module {module} is on no floor: add it to FLOORS"))
}

/// The lines of code, without comments, and without unit tests, which may look upward.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    lines
        .map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default().to_owned()))
        .filter(|(_, line)| !line.trim().is_empty())
        .collect()
}

/// Whether `word` stands in `line` as a word of its own.
fn mentions(line: &str, word: &str) -> bool {
    let boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    line.match_indices(word)
        .any(|(at, _)| boundary(line[..at].chars().next_back()) && boundary(line[at + word.len()..].chars().next()))
}

/// Modules that a line uses by `crate::module`, also within `use crate::{a, b}`.
fn used(line: &str) -> Vec<String> {
    let mut modules = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => group.split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        for name in names {
            modules.push(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    modules
}

#[test]
fn imports_run_downward_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut uses = 0;
    for path in sources(&root) {
        let module = module_of(&path, &root);
        let floor = floor_of(&module);
        for (number, line) in code(&path) {
            for target in used(&line) {
                uses += 1;
                if FLOORS.iter().flat_map(|modules| modules.iter()).any(|name| *name == target)
                    && floor_of(&target) > floor
                {
                    wrong.push(format!("{}:{number}: {module} uses {target}, a floor above", path.display()));
                }
            }
        }
    }
    assert!(uses > 100, "imports were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_floor_knows_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for path in sources(&root) {
        let module = module_of(&path, &root);
        for (number, line) in code(&path) {
            for (_, words) in FORBIDDEN.iter().filter(|(of, _)| *of == module) {
                for word in words.iter().filter(|word| mentions(&line, word)) {
                    wrong.push(format!("{}:{number}: {module} must not know {word}", path.display()));
                }
            }
            let host = path.ends_with("actors/host.rs");
            if !host && module != "telemetry" && mentions(&line, "ractor") {
                wrong.push(format!("{}:{number}: only actors/host.rs knows the actor library", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn this_test_sees_what_it_looks_for() {
    assert_eq!(used("use crate::{ids, wire::Page};"), ["ids", "wire"]);
    assert_eq!(used("let x = crate::gateway::page::y();"), ["gateway"]);
    assert!(mentions("use tokio::time;", "tokio") && !mentions("use tokio_util::x;", "tokio"));
}
