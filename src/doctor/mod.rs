//! `greenroom check`: what a study is, what is wrong with it, and whether its environments will do.
//!
//! ```text
//! mod       which examinations a scene gets, and what is told of them
//! request   what an examination is asked
//! child     an examination in a process of its own, with a limit of time
//! browser   the same in the browser's Python, under Node
//! pictures  what it costs to compress them
//! report    findings and costs
//! verdict   whether the costs fit the scene                        (pure)
//! ```
//!
//! The examinations themselves are Python: `assets/python/greenroom/doctor.py`, the same file in both Pythons.

mod browser;
mod child;
mod pictures;
mod report;
mod request;
mod verdict;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use self::report::{Examination, Finding, Level};
use self::verdict::Needs;
use crate::experiment::{Experiment, Globals, GymScene, Mode};
use crate::python::{self, WheelSources};

/// What an examination in native Python consists of.
const NATIVE: [&str; 7] = ["bots", "load", "checkers", "repeat", "trip", "apart", "costs"];

/// What is examined in the browser's Python where native Python has done the rest.
const BROWSER: [&str; 2] = ["costs", "agree"];

/// What is examined in the browser's Python where native Python lacks a package.
const BROWSER_ALONE: [&str; 4] = ["load", "repeat", "trip", "costs"];

/// How to examine.
#[derive(Debug, Clone)]
pub struct Options {
    /// The virtual environment whose Python is used.
    pub venv: PathBuf,
    /// Folder of the shared Python package and the vendored files.
    pub assets: PathBuf,
    /// Folders with wheels that are used before the package index is asked.
    pub wheels: Vec<PathBuf>,
    /// Folder for wheels that were downloaded.
    pub cache: PathBuf,
    /// Load the study, and run no environment.
    pub quick: bool,
    /// Game scenes to examine; all when empty.
    pub scenes: Vec<String>,
    /// Whether the browser's Python is tried, too.
    pub browser: bool,
    /// Longest time of one scene's examination in one Python.
    pub limit: Duration,
}

/// Loads the experiment module at `module`, examines its environments and writes a report. Returns whether all is well.
///
/// # Errors
/// Only when the report cannot be written.
pub fn check(module: &Path, options: &Options, report: &mut impl Write) -> io::Result<bool> {
    let Some(loaded) = python::describe(&options.venv, &options.assets.join("python"), module, report)? else {
        return Ok(false);
    };
    let gyms: Vec<_> = loaded.experiment.stager.gyms().collect();
    let unknown = options.scenes.iter().find(|wanted| gyms.iter().all(|gym| gym.scene_id.as_str() != **wanted));
    if let Some(unknown) = unknown {
        let names: Vec<_> = gyms.iter().map(|gym| gym.scene_id.as_str()).collect();
        writeln!(report, "\nThere is no game scene {unknown}; there is {}.", names.join(", "))?;
        return Ok(false);
    }
    let (mut problems, mut advices) = (0, 0);
    if !options.quick {
        let chosen = |gym: &&GymScene| options.scenes.is_empty() || options.scenes.contains(&gym.scene_id.to_string());
        let chosen: Vec<_> = gyms.iter().copied().filter(chosen).collect();
        let desk = Desk::open(options, &loaded.experiment, &loaded.module)?;
        for gym in chosen {
            for finding in desk.examine(gym, report)? {
                problems += usize::from(finding.level == Level::Problem);
                advices += usize::from(finding.level == Level::Advice);
            }
        }
    }
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    match (problems, advices) {
        (0, 0) => writeln!(report, "\nNo problems found.")?,
        (0, _) => writeln!(report, "\nNo problems found. {advices} piece{} of advice above.", plural(advices))?,
        _ => writeln!(report, "\n{problems} problem{} found.", plural(problems))?,
    }
    Ok(problems == 0)
}

/// What all scenes' examinations share.
struct Desk<'a> {
    options: &'a Options,
    /// Folder of the study.
    folder: PathBuf,
    /// Wheels for the browser's Python, or what keeps it from being tried.
    wheels: Result<Vec<PathBuf>, Finding>,
    /// For what one Python hands to another.
    scratch: Scratch,
    /// Values that scenes share.
    globals: Globals,
}

impl<'a> Desk<'a> {
    fn open(options: &'a Options, experiment: &Experiment, module: &Path) -> io::Result<Self> {
        let folder = module.parent().unwrap_or(Path::new("/")).to_owned();
        let mut browsers = experiment.stager.gyms().filter(|gym| gym.mode.in_browser()).peekable();
        let wheels = if browsers.peek().is_some() {
            // All at once, as the service does it.
            wheels(browsers.flat_map(|gym| gym.runtime.packages_to_install.clone()).collect(), options)
        } else {
            Ok(Vec::new())
        };
        Ok(Self { options, folder, wheels, scratch: Scratch::new()?, globals: experiment.globals.clone() })
    }

    /// Examines a scene, tells what was found, and returns it.
    fn examine(&self, gym: &GymScene, report: &mut impl Write) -> io::Result<Vec<Finding>> {
        writeln!(report, "\n{} ({}, {} fps)", gym.scene_id, place(gym.mode), gym.rendering.fps)?;
        report.flush()?;
        let trace = self.scratch.0.join("trace");
        // What is left is that of the scene before.
        drop(std::fs::remove_file(&trace));
        let tell = |text: &str| eprintln!("  ... {}: {text}", gym.scene_id);
        let mut native = self.native(gym, &trace, &NATIVE, tell);
        if let Some(costs) = &mut native.costs {
            pictures::measure(costs, &trace.with_extension("pixels"), gym.rendering.frame_quality);
        }
        let mut findings = native.findings.clone();
        if trace.is_file() {
            findings.extend(self.native(gym, &trace, &["agree"], tell).findings);
        }
        if let Some((module, text)) = &native.missing {
            findings.push(missing(gym, module, text));
        }
        let mut in_browser = None;
        if gym.mode.in_browser() {
            let stopped = native.costs.is_none() && native.missing.is_none();
            let examination = if stopped {
                Examination::of(Level::Note, "The browser's Python was not tried, because of the problem above")
            } else {
                self.browser(gym, &trace, native.missing.is_some(), tell)
            };
            findings.extend(examination.findings.iter().map(of_browser));
            in_browser = examination.costs;
        }
        // What is fine first, and what matters last, where it is seen.
        findings.sort_by_key(|finding| finding.level);
        report::write_findings(&findings, "ok", report)?;
        report::write_costs(native.costs.as_ref(), in_browser.as_ref(), report)?;
        let verdict = verdict::judge(&Needs::of(gym), native.costs.as_ref(), in_browser.as_ref());
        report::write_findings(&verdict, "fits", report)?;
        report.flush()?;
        findings.extend(verdict);
        Ok(findings)
    }

    fn native(&self, gym: &GymScene, trace: &Path, phases: &[&str], tell: impl FnMut(&str)) -> Examination {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let python = absolute(&self.options.venv.join("bin/python"));
        let request = request::request((gym, &self.globals), &self.folder, trace, phases, "process");
        let mut command = Command::new(&python);
        // Isolated, as the service's own Python is: no environment variable and no working directory counts.
        command.args(["-I", "-X", "utf8", "-c"]);
        command.arg("import sys; sys.path.insert(0, sys.argv[1]); from greenroom.doctor import main; main()");
        command.arg(absolute(&self.options.assets.join("python")));
        child::examine(command, request.to_string().as_bytes(), self.options.limit, tell).unwrap_or_else(|error| {
            Examination::of(Level::Problem, format!("{} cannot be run: {error}", python.display()))
        })
    }

    fn browser(&self, gym: &GymScene, trace: &Path, alone: bool, tell: impl FnMut(&str)) -> Examination {
        let wheels = match &self.wheels {
            Ok(wheels) => wheels,
            Err(finding) => return Examination { findings: vec![finding.clone()], ..Examination::default() },
        };
        if !self.options.browser {
            return Examination::of(Level::Note, "The browser's Python was not tried (--no-browser)");
        }
        if let Some(obstacle) = browser::obstacle(&self.options.assets) {
            return Examination::of(Level::Advice, obstacle);
        }
        let mut phases: Vec<_> = if alone { BROWSER_ALONE.to_vec() } else { BROWSER.to_vec() };
        if !trace.is_file() {
            phases.retain(|phase| *phase != "agree");
        }
        let request = request::request((gym, &self.globals), &self.folder, trace, &phases, "browser");
        let found = browser::examine(&self.options.assets, wheels, trace, &request, self.options.limit, tell);
        let mut examination = match found {
            Ok(examination) => examination,
            Err(error) => {
                return Examination::of(Level::Advice, format!("The browser's Python cannot be started: {error}"));
            }
        };
        if let Some((module, _)) = &examination.missing {
            let text = format!("there is no module {module}: name its package in runtime(packages_to_install=[...])");
            examination.findings.push(Finding::new(Level::Problem, text));
        }
        examination
    }
}

fn wheels(requirements: Vec<String>, options: &Options) -> Result<Vec<PathBuf>, Finding> {
    if !requirements.is_empty() {
        eprintln!("  ... looks for the browser's packages");
    }
    let folders: Vec<_> = options.wheels.iter().cloned().chain([options.assets.join("vendor/wheels")]).collect();
    let sources = WheelSources { venv: &options.venv, folders: &folders, cache: &options.cache };
    python::resolve(&requirements, &sources).map_err(|error| Finding::new(Level::Problem, error.to_string()))
}

fn place(mode: Mode) -> &'static str {
    match mode {
        Mode::Browser => "in the browsers",
        Mode::Authoritative => "in the browsers and on the service",
        Mode::Streamed => "on the service",
    }
}

fn missing(gym: &GymScene, module: &str, text: &str) -> Finding {
    if gym.mode.has_runner() {
        return Finding::new(
            Level::Problem,
            format!(
                "{text}: install the package of {module} in the virtual environment, where the service runs the environment"
            ),
        );
    }
    Finding::new(
        Level::Advice,
        format!(
            "It was examined in the browser's Python only, because native Python has no module {module}. To replay data \
             later, install its package in the virtual environment"
        ),
    )
}

/// A finding of the browser's Python says so.
fn of_browser(finding: &Finding) -> Finding {
    let plain = finding.text.to_lowercase();
    if plain.contains("browser") || plain.starts_with("packages_to_install") {
        return finding.clone();
    }
    Finding::new(finding.level, format!("in the browser's Python: {}", finding.text))
}

/// A folder that is gone when this is.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("greenroom-check-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The system empties the folder in time.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
