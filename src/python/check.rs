//! The first part of `greenroom check`: what a study is, or what is wrong with it.

use std::io::{self, Write};
use std::path::Path;

use super::builders::{shown_action, written_matchmaker};
use super::{Interpreter, LoadError, Loaded};
use crate::experiment::{
    ActionPopulation, BrowserRule, Choice, Device, Flow, Gates, GymScene, InputMode, KeyCombination, Language, Level,
    LooksAhead, Mode, OnTimeout, Part, Pointer, Policy, Scene, looks_ahead,
};
use crate::ids::{PartName, SceneId};
use crate::wire::Dismissal;

/// Loads the experiment module at `module` with the Python of `venv`, and describes the study or tells its
/// problems. Returns the study, if it has none.
///
/// # Errors
/// Only when the report cannot be written.
pub fn describe(venv: &Path, packages: &Path, module: &Path, report: &mut impl Write) -> io::Result<Option<Loaded>> {
    let interpreter = match Interpreter::start(venv, packages) {
        Ok(interpreter) => interpreter,
        Err(error) => {
            writeln!(report, "{error}")?;
            return Ok(None);
        }
    };
    match interpreter.load(module) {
        Ok(loaded) => {
            describe_study(&loaded, &interpreter, report)?;
            Ok(Some(loaded))
        }
        Err(LoadError::Problems(problems)) => {
            let count = problems.len();
            writeln!(report, "{count} problem{} in {}:\n", if count == 1 { "" } else { "s" }, module.display())?;
            for problem in problems {
                writeln!(report, "  {problem}")?;
            }
            Ok(None)
        }
        Err(error) => {
            writeln!(report, "{error}")?;
            Ok(None)
        }
    }
}

fn describe_study(loaded: &Loaded, interpreter: &Interpreter, report: &mut impl Write) -> io::Result<()> {
    let Loaded { experiment, module, .. } = loaded;
    writeln!(report, "Study {} ({}), Python {}\n", experiment.id, module.display(), interpreter.version())?;
    describe_language(&experiment.language, report)?;
    for (index, scene) in experiment.stager.scenes().iter().enumerate() {
        writeln!(report, "{:>3}  {:<11} {}", index + 1, scene.kind(), scene.id())?;
        match scene {
            Scene::Start(_) => {}
            Scene::Form(scene) => {
                for question in &scene.form.questions {
                    line(report, question.id.as_str(), if question.required { "required" } else { "optional" })?;
                }
            }
            Scene::Embedded(scene) => {
                let shown = scene.build.as_ref().map_or(&scene.document, |build| &build.name);
                line(report, "shows", shown)?;
                for hook in &scene.hooks {
                    line(report, "calls", hook.option())?;
                }
            }
            Scene::Gym(gym) => describe_gym(gym, report)?,
            Scene::End(end) => {
                if let Some(redirect) = &end.redirect {
                    line(report, "leads to", &redirect.template(Dismissal::Complete).unwrap_or_default())?;
                }
            }
        }
    }
    describe_gates(&experiment.gates, report)?;
    describe_flow(experiment.stager.flow(), report)?;
    for gym in experiment.stager.gyms().filter(|gym| gym.human_agents().count() > 1) {
        if experiment.stager.flow().order.iter().any(|part| is_shuffled(part, &gym.scene_id)) {
            writeln!(
                report,
                "\n     Advice: {} is for several people and stands in a RandomizeOrder. They come to it at different \
                 times, so that those who wait there wait longer.",
                gym.scene_id
            )?;
        }
    }
    for directory in &experiment.static_directories {
        writeln!(report, "\n     serves {} as /{}/", directory.directory.display(), directory.address)?;
    }
    Ok(())
}

/// Who may take part, and with what everybody leaves.
fn describe_gates(gates: &Gates, report: &mut impl Write) -> io::Result<()> {
    let Gates { subject_parameter, screening, codes, exit } = gates;
    if subject_parameter.is_none() && screening.is_none() && !codes.at_end && exit.is_none() {
        return Ok(());
    }
    writeln!(report, "\n     Gates")?;
    if let Some(name) = subject_parameter {
        line(report, "named by", &format!("?{name}=..."))?;
    }
    if let Some(screening) = screening {
        let device = screening.device_exclusion.map(|device| match device {
            Device::Mobile => "no phones and tablets".to_owned(),
            Device::Desktop => "phones and tablets only".to_owned(),
        });
        let names: Vec<String> = screening.browser_requirements.iter().map(BrowserRule::to_string).collect();
        let size = |what: &str, least: Option<[u32; 2]>| least.map(|[w, h]| format!("a {what} of {w} x {h} pixels"));
        let rules = [
            device,
            (!names.is_empty()).then(|| names.join(" or ")),
            (!screening.browser_blocklist.is_empty())
                .then(|| format!("not {}", screening.browser_blocklist.join(", "))),
            size("screen", screening.min_screen),
            size("window", screening.min_window),
            screening.max_ping_ms.map(|most| format!("round trips of at most {most} ms")),
            screening.callback.as_ref().map(|name| format!("whom {name} lets in")),
        ];
        line(report, "lets in", &rules.into_iter().flatten().collect::<Vec<_>>().join("; "))?;
    }
    for (name, outcome) in Dismissal::OUTCOMES {
        match codes.words.get(&outcome) {
            Some(word) => line(report, name, word)?,
            None if outcome == Dismissal::Complete && codes.at_end => line(report, name, "a code of its own for each")?,
            None => {}
        }
    }
    match exit.as_ref().and_then(|exit| exit.template(Dismissal::Complete)) {
        Some(address) => line(report, "leads to", &address),
        None => Ok(()),
    }
}

/// The language, where one was chosen. Texts that nobody has translated are told, but are no problem.
fn describe_language(language: &Language, report: &mut impl Write) -> io::Result<()> {
    /// So many of them are named.
    const NAMED: usize = 5;
    if *language == Language::default() {
        return Ok(());
    }
    let direction = if language.right_to_left() { ", from right to left" } else { "" };
    writeln!(report, "     language {}{direction}", language.tag())?;
    let missing = language.untranslated();
    if !missing.is_empty() {
        let named: Vec<_> = missing.iter().take(NAMED).copied().collect();
        let more = if missing.len() > NAMED { ", ..." } else { "" };
        let (count, base) = (missing.len(), language.base());
        writeln!(report, "     note: {count} texts are still those of '{base}': {}{more}", named.join(", "))?;
    }
    writeln!(report)
}

/// Tells the order and the branches, where they are more than a list.
fn describe_flow(flow: &Flow, report: &mut impl Write) -> io::Result<()> {
    if flow.order.iter().any(|part| !matches!(part, Part::Scene(_))) {
        let order: Vec<_> = flow.order.iter().map(written).collect();
        writeln!(report, "\n     order      {}", order.join(", "))?;
        line(report, "seed", &flow.seed.to_string())?;
    }
    for (scene, branches) in &flow.branches {
        if !branches.skip_if.is_empty() {
            line(report, scene.as_str(), &format!("may be skipped, for {} reason(s)", branches.skip_if.len()))?;
        }
        for go in &branches.go_to {
            let target = go.target.as_ref().map_or("where a function says", PartName::as_str);
            let always = if go.rule.is_none() { ", always" } else { "" };
            line(report, scene.as_str(), &format!("may lead to {target}{always}"))?;
        }
    }
    for LooksAhead { scene, method, at } in looks_ahead(flow) {
        writeln!(
            report,
            "     note: {scene}: {method} looks at '{at}', where nobody has been by then: it never holds. Look at an earlier \
             scene, or move '{at}' before it"
        )?;
    }
    Ok(())
}

/// A part of the order as one would say it.
fn written(part: &Part) -> String {
    let list = |parts: &[Part]| parts.iter().map(written).collect::<Vec<_>>().join(", ");
    match part {
        Part::Scene(scene) => scene.to_string(),
        Part::RandomizeOrder { parts, keep_n: None } => format!("in random order ({})", list(parts)),
        Part::RandomizeOrder { parts, keep_n: Some(n) } => format!("{n} in random order of ({})", list(parts)),
        Part::RepeatScene { parts, n } => format!("{n} times ({})", list(parts)),
        Part::Section { name, parts } => format!("{name} ({})", list(parts)),
        Part::Conditions(conditions) => {
            let level = |level: &Level| {
                let quota = level.quota.map_or_else(String::new, |quota| format!(", at most {quota}"));
                format!("{}{quota} ({})", level.name, list(&level.parts))
            };
            let levels: Vec<_> = conditions.levels.iter().map(level).collect();
            format!("{}: one of {}", conditions.name, levels.join(" | "))
        }
    }
}

/// Whether a scene stands in a random order of several parts.
fn is_shuffled(part: &Part, scene: &SceneId) -> bool {
    match part {
        Part::RandomizeOrder { parts, .. } if parts.len() > 1 => part.scenes().contains(&scene),
        _ => part.children().into_iter().any(|part| is_shuffled(part, scene)),
    }
}

fn describe_gym(gym: &GymScene, report: &mut impl Write) -> io::Result<()> {
    let agents: Vec<_> = gym.policies.iter().map(|(agent, policy)| format!("{agent} ({})", word(policy))).collect();
    line(report, "agents", &agents.join(", "))?;
    for (agent, policy) in &gym.policies {
        if let Some(acts) = acts(policy) {
            line(report, agent, &acts)?;
        }
    }
    line(report, "people", &people(gym))?;
    line(report, "runs", place(gym.mode))?;
    let drawn = &gym.rendering;
    line(report, "drawn", &format!("{} x {} pixels, {} fps", drawn.game_width, drawn.game_height, drawn.fps))?;
    let play = &gym.gameplay;
    let episodes = if play.num_episodes == 1 { "episode" } else { "episodes" };
    let practice = match play.tutorial_episodes {
        0 => String::new(),
        practice => format!(", after {practice} for practice"),
    };
    let played = format!("{} {episodes} of at most {} steps{practice}", play.num_episodes, play.max_steps);
    line(report, "played", &played)?;
    let mode = match play.input_mode {
        InputMode::PressedKeys => "keys held",
        InputMode::SingleKeystroke => "keys pressed",
    };
    let width = play.action_mapping.iter().map(|(keys, _)| key_names(keys).chars().count()).max().unwrap_or_default();
    for (index, (keys, action)) in play.action_mapping.iter().enumerate() {
        let title = if index == 0 { mode } else { "" };
        line(report, title, &format!("{:<width$} -> {}", key_names(keys), shown_action(action)))?;
    }
    if let Some(pointer) = play.pointer {
        let acts = match pointer {
            Pointer::Click => "acts once for each press",
            Pointer::Hold => "acts while it is pressed",
            Pointer::Move => "acts in every step",
        };
        line(report, "pointer", acts)?;
    }
    let default = play.default_action.as_ref().map_or_else(|| "nothing".to_owned(), shown_action);
    let idle = match play.action_population_method {
        ActionPopulation::PreviousSubmittedAction => "the action before",
        ActionPopulation::DefaultAction => &default,
    };
    if gym.group.is_some() {
        line(report, "no key", &default)?;
        line(report, "late input", idle)?;
    } else {
        line(report, "no key", idle)?;
    }
    line(report, "environment", &gym.runtime.filename)?;
    let packages = gym.runtime.packages_to_install.join(", ");
    line(report, "packages", if packages.is_empty() { "none" } else { &packages })
}

fn people(gym: &GymScene) -> String {
    let Some(group) = &gym.group else { return "1, without a waiting room".into() };
    let room = &group.waiting_room;
    let then = match &room.on_timeout {
        OnTimeout::End => "the last scene, with a code".to_owned(),
        OnTimeout::Scene(scene) => format!("the scene {scene}"),
        OnTimeout::Bot => "a game with bots in the empty seats".to_owned(),
    };
    let (count, matchmaker) = (gym.human_agents().count(), written_matchmaker(&room.matching));
    format!("{count}, matched by {matchmaker}; after {} s in vain: {then}", room.timeout.as_secs_f64())
}

fn place(mode: Mode) -> &'static str {
    match mode {
        Mode::Browser => "in each browser",
        Mode::Authoritative => "in each browser, and on the service, whose copy is the reference",
        Mode::Streamed => "on the service; browsers show its pictures",
    }
}

/// How a bot acts, if there is more to it than its word.
fn acts(policy: &Policy) -> Option<String> {
    let often = |frames: u32| if frames == 1 { String::new() } else { format!(", every {frames} frames") };
    match policy {
        Policy::Human => None,
        Policy::Random(random) if random.frame_skip == 1 => None,
        Policy::Random(random) => Some(format!("random actions{}", often(random.frame_skip))),
        Policy::Model(model) => {
            let choice = match model.choice {
                Choice::Argmax => "the likeliest action".to_owned(),
                Choice::Softmax { temperature } => format!("drawn at temperature {temperature}"),
            };
            Some(format!("the network {}, {choice}{}", model.onnx_path, often(model.frame_skip)))
        }
        Policy::Function(function) => {
            Some(format!("the function {} of the environment's code{}", function.name, often(function.frame_skip)))
        }
    }
}

fn line(report: &mut impl Write, title: &str, text: &str) -> io::Result<()> {
    writeln!(report, "       {title:<12} {text}")
}

fn word(policy: &Policy) -> &'static str {
    match policy {
        Policy::Human => "human",
        Policy::Random(_) => "random",
        Policy::Model(_) => "model",
        Policy::Function(_) => "function",
    }
}

fn key_names(keys: &KeyCombination) -> String {
    let names: Vec<_> = keys.keys().iter().map(|key| if key == " " { "space bar" } else { key }).collect();
    names.join(" + ")
}
