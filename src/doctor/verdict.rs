//! Whether what was measured fits what the scene asks for, in words with numbers.

use super::report::{Costs, Finding, Level, milliseconds};
use crate::experiment::{GymScene, Mode, Policy};

/// Participants' computers may be up to three times slower than the one that measures; so much is reckoned with.
const SAFETY: f64 = 2.0;

/// The part of a core that games may fill: the rest is for what else a worker does, and for frames that take longer.
const FILLED: f64 = 0.8;

/// Frames per second that are proposed.
const RATES: [u32; 15] = [60, 50, 40, 30, 25, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2];

/// Bytes each second beyond which the states sent to every browser are worth a word.
const STATES: f64 = 50_000.0;

/// What a scene asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Frames each second.
    pub fps: u32,
    /// Where the environment runs.
    pub mode: Mode,
    /// Most frames that a copy goes back, where there are copies that do.
    pub max_prediction: Option<u32>,
    /// Frames between two states that the service sends.
    pub state_interval: u32,
    /// Whether copies in browsers step without observations, for nobody looks at them.
    pub blind: bool,
}

impl Needs {
    /// What a scene asks for.
    pub fn of(gym: &GymScene) -> Self {
        let multiplayer = gym.group.as_ref().map(|group| &group.multiplayer);
        Self {
            fps: gym.rendering.fps,
            mode: gym.mode,
            max_prediction: multiplayer.filter(|_| gym.mode.in_browser()).map(|multiplayer| multiplayer.max_prediction),
            state_interval: multiplayer.map_or(30, |multiplayer| multiplayer.state_broadcast_interval),
            blind: multiplayer.is_some()
                && !gym.record_observations
                && (gym.mode.has_runner()
                    || !gym.policies.values().any(|policy| matches!(policy, Policy::Function(_)))),
        }
    }

    /// Milliseconds of a frame.
    fn frame(&self) -> f64 {
        1000.0 / f64::from(self.fps)
    }

    /// What a step costs a copy in a browser.
    fn step(&self, costs: &Costs) -> f64 {
        let blind = costs.of("advance").filter(|_| self.blind);
        blind.or(costs.of("step")).unwrap_or_default()
    }
}

/// The verdict on a scene, from what was measured natively and in the browser's Python.
pub fn judge(needs: &Needs, native: Option<&Costs>, browser: Option<&Costs>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if needs.mode.in_browser()
        && let Some(costs) = browser
    {
        findings.push(in_browser(needs, costs, native));
    }
    if needs.mode.has_runner()
        && let Some(costs) = native
    {
        findings.extend(on_service(needs, costs));
        findings.extend(broadcast(needs, costs));
    }
    findings
}

/// What every frame costs a browser that computes the game.
const EVERY_FRAME: [&str; 3] = ["step", "render", "row"];

fn in_browser(needs: &Needs, costs: &Costs, native: Option<&Costs>) -> Finding {
    let there = needs.frame();
    let (fps, step) = (needs.fps, needs.step(costs));
    let frame = step + costs.sum(&["render", "row"]);
    let back = needs.max_prediction.zip(costs.of("rollback"));
    let longest = frame + back.map_or(0.0, |(_, rollback)| rollback);
    let reckoned = "participants' computers may be slower than this one, so twice the time is reckoned with";
    let [frame_ms, longest_ms, there_ms] = [frame, longest, there].map(milliseconds);
    if frame * SAFETY > there {
        let verdict = if frame > there { "does not fit in the browser" } else { "is too much for the browser" };
        let parts = parts(step, costs);
        let remedy = remedy(needs, frame, costs, native);
        return Finding::new(
            Level::Problem,
            format!(
                "{fps} fps {verdict}: a frame takes {frame_ms} ms ({parts}) of the {there_ms} ms there are ({reckoned}){remedy}"
            ),
        );
    }
    let Some((frames, rollback)) = back else {
        return Finding::new(
            Level::Ok,
            format!(
                "In the browser a frame takes {frame_ms} ms of the {there_ms} ms there are at {fps} fps: enough for computers half as fast"
            ),
        );
    };
    let rollback_ms = milliseconds(rollback);
    if longest * SAFETY <= there {
        return Finding::new(
            Level::Ok,
            format!(
                "In the browser a frame takes {frame_ms} ms, and {longest_ms} ms with a rollback of {frames} frames, of \
                 the {there_ms} ms there are at {fps} fps: enough for computers half as fast"
            ),
        );
    }
    let again = costs.of("advance").or(costs.of("step")).unwrap_or_default();
    let why = format!("a step takes {} ms, so going back {frames} frames takes {rollback_ms} ms", milliseconds(again));
    let remedy = remedy(needs, longest, costs, native);
    if longest > there {
        let text = format!(
            "{fps} fps with {frames} frames of rollback does not fit in the browser: {why} of the {there_ms} ms there are{remedy}"
        );
        Finding::new(Level::Problem, text)
    } else {
        let text = format!(
            "{fps} fps with {frames} frames of rollback is tight in the browser: a frame takes {frame_ms} ms ({}), \
             and going back {frames} frames {rollback_ms} ms more, of the {there_ms} ms there are ({reckoned}){remedy}",
            parts(step, costs)
        );
        Finding::new(Level::Advice, text)
    }
}

/// Of what a frame consists, in words.
fn parts(step: f64, costs: &Costs) -> String {
    format!("a step {} ms, the picture {} ms", milliseconds(step), milliseconds(costs.sum(&["render"])))
}

/// What could help when `cost` milliseconds are too much for the browser, each of which must really do.
fn remedy(needs: &Needs, cost: f64, costs: &Costs, native: Option<&Costs>) -> String {
    let mut ways = Vec::new();
    let fits = |rate: &&u32| **rate < needs.fps && cost * SAFETY <= 1000.0 / f64::from(**rate);
    if let Some(rate) = RATES.iter().find(fits) {
        ways.push(format!("fps={rate}"));
    }
    if let Some((bound, rollback)) = needs.max_prediction.zip(costs.of("rollback")) {
        let frame = cost - rollback;
        let share = |frames: u32| frame + rollback * f64::from(frames) / f64::from(bound);
        if let Some(fewer) = (2..bound).rev().find(|frames| share(*frames) * SAFETY <= needs.frame()) {
            ways.push(format!("max_prediction={fewer}"));
        }
        if costs.of("advance").is_none() {
            ways.push("give the environment advance(actions), a step without observations".to_owned());
        }
    }
    if native.is_none_or(|native| native.sum(&EVERY_FRAME) <= FILLED * needs.frame()) {
        ways.push(".runtime(mode='streamed')".to_owned());
    }
    if ways.is_empty() {
        return "; the environment itself must become faster".to_owned();
    }
    format!("; try {}", ways.join(", or "))
}

/// `None` where a frame of the service could not be measured, the reason of which was told.
fn on_service(needs: &Needs, costs: &Costs) -> Option<Finding> {
    let (fps, there) = (needs.fps, needs.frame());
    let frame = costs.service_ms? + costs.pixels.map_or(0.0, |pixels| f64::from(pixels.each) * costs.sum(&["jpeg"]));
    let games = FILLED * there / frame;
    let taken = milliseconds(frame);
    if games >= 1.0 {
        // Two digits are all that such a measurement is worth.
        let games = if games >= 100.0 { (games / 10.0).floor() * 10.0 } else { games.floor() };
        let plural = if games < 2.0 { "" } else { "s" };
        let text = format!(
            "On the service a frame takes {taken} ms of the {} ms there are at {fps} fps: about {games:.0} game{plural} \
             at once for each core",
            milliseconds(there)
        );
        return Some(Finding::new(Level::Ok, text));
    }
    let rate = RATES.iter().find(|rate| **rate < fps && frame <= FILLED * 1000.0 / f64::from(**rate));
    let way = rate.map_or_else(|| "the environment itself must become faster".into(), |rate| format!("try fps={rate}"));
    let text = format!(
        "{fps} fps does not fit on the service: a frame takes {taken} ms of the {} ms there are, so a core cannot carry \
         a single game; {way}",
        milliseconds(there)
    );
    Some(Finding::new(Level::Problem, text))
}

/// What the states of the reference cost each participant's line.
fn broadcast(needs: &Needs, costs: &Costs) -> Option<Finding> {
    let bytes = costs.state_bytes.filter(|_| needs.mode == Mode::Authoritative && needs.state_interval > 0)?;
    #[allow(clippy::cast_precision_loss, reason = "a size")]
    let rate = bytes as f64 * f64::from(needs.fps) / f64::from(needs.state_interval);
    (rate > STATES).then(|| {
        let text = format!(
            "The state has {:.0} kB and goes to every browser every {} frames: {:.0} kB a second each; a larger \
             state_broadcast_interval or a smaller get_state() would help",
            rate / 1000.0 * f64::from(needs.state_interval) / f64::from(needs.fps),
            needs.state_interval,
            rate / 1000.0,
        );
        Finding::new(Level::Advice, text)
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::{Cost, Pixels};
    use super::*;

    fn costs(calls_of: &[(&str, f64)]) -> Costs {
        let calls = calls_of.iter().map(|(call, median)| ((*call).to_owned(), Cost { median: *median, p99: *median }));
        Costs {
            calls: calls.collect(),
            state_bytes: Some(20_000),
            rollback_frames: Some(8),
            service_ms: calls_of.iter().find(|(call, _)| *call == "service").map(|(_, mean)| *mean),
            ..Costs::default()
        }
    }

    fn needs(mode: Mode, max_prediction: Option<u32>) -> Needs {
        Needs { fps: 30, mode, max_prediction, state_interval: 30, blind: false }
    }

    fn only(findings: Vec<Finding>) -> (Level, String) {
        assert_eq!(findings.len(), 1, "{findings:?}");
        let finding = findings.into_iter().next().unwrap();
        (finding.level, finding.text)
    }

    #[test]
    fn what_fits_is_short() {
        let quick = costs(&[("step", 0.3), ("render", 0.4), ("row", 0.1)]);
        let (level, text) = only(judge(&needs(Mode::Browser, None), Some(&quick), Some(&quick)));
        assert_eq!(level, Level::Ok);
        assert!(text.starts_with("In the browser a frame takes 0.80 ms of the 33 ms there are at 30 fps"), "{text}");
    }

    #[test]
    fn a_rollback_that_does_not_fit_is_reckoned() {
        let slow = costs(&[("step", 10.4), ("advance", 10.4), ("render", 0.5), ("rollback", 83.0)]);
        let native = costs(&[("step", 1.0), ("render", 0.1)]);
        let (level, text) = only(judge(&needs(Mode::Browser, Some(8)), Some(&native), Some(&slow)));
        assert_eq!(level, Level::Problem);
        assert_eq!(
            text,
            "30 fps with 8 frames of rollback does not fit in the browser: a step takes 10 ms, so going back 8 frames takes \
             83 ms of the 33 ms there are; try fps=5, or .runtime(mode='streamed')"
        );
    }

    #[test]
    fn what_fits_here_only_is_tight() {
        let near = costs(&[("step", 2.0), ("render", 1.0), ("rollback", 20.0)]);
        let (level, text) = only(judge(&needs(Mode::Browser, Some(8)), None, Some(&near)));
        assert_eq!(level, Level::Advice);
        assert!(text.contains("is tight") && text.contains("twice the time is reckoned with"), "{text}");
        assert!(text.contains("try fps=20, or max_prediction=5, or give the environment advance"), "{text}");
    }

    #[test]
    fn observations_that_nobody_sees_are_not_reckoned() {
        let cost = costs(&[("step", 30.0), ("advance", 3.0), ("render", 1.0), ("rollback", 8.0)]);
        let mut needs = needs(Mode::Browser, Some(4));
        needs.blind = true;
        let (level, text) = only(judge(&needs, None, Some(&cost)));
        assert_eq!(level, Level::Ok);
        assert!(
            text.starts_with("In the browser a frame takes 4.0 ms, and 12 ms with a rollback of 4 frames"),
            "{text}"
        );
    }

    #[test]
    fn every_frame_must_fit_with_room() {
        let slow = costs(&[("step", 19.0), ("render", 1.0)]);
        let native = costs(&[("step", 40.0)]);
        let (level, text) = only(judge(&needs(Mode::Browser, None), Some(&native), Some(&slow)));
        assert_eq!(level, Level::Problem);
        assert!(text.contains("30 fps is too much for the browser: a frame takes 20 ms (a step 19 ms"), "{text}");
        assert!(text.ends_with("; try fps=25") && !text.contains("streamed"), "{text}");
    }

    #[test]
    fn games_of_a_core_are_counted() {
        let mut cost = costs(&[("service", 1.2), ("jpeg", 0.05)]);
        cost.pixels = Some(Pixels { width: 4, height: 4, each: 2 });
        let (level, text) = only(judge(&needs(Mode::Streamed, None), Some(&cost), None));
        assert_eq!(level, Level::Ok);
        assert_eq!(
            text,
            "On the service a frame takes 1.3 ms of the 33 ms there are at 30 fps: about 20 games at once for each core"
        );
        let slow = costs(&[("service", 60.0)]);
        let (level, text) = only(judge(&needs(Mode::Streamed, None), Some(&slow), None));
        assert_eq!(level, Level::Problem);
        assert!(text.ends_with("a core cannot carry a single game; try fps=12"), "{text}");
    }

    #[test]
    fn authoritative_scenes_are_judged_on_both_sides() {
        let cost = costs(&[("step", 0.5), ("render", 0.1), ("rollback", 2.0), ("service", 0.7)]);
        let mut often = needs(Mode::Authoritative, Some(8));
        often.state_interval = 5;
        let findings = judge(&often, Some(&cost), Some(&cost));
        let levels: Vec<_> = findings.iter().map(|finding| finding.level).collect();
        assert_eq!(levels, [Level::Ok, Level::Ok, Level::Advice], "{findings:?}");
        assert!(findings[2].text.starts_with("The state has 20 kB and goes to every browser every 5 frames: 120 kB"));
    }

    #[test]
    fn nothing_measured_is_not_judged() {
        assert_eq!(judge(&needs(Mode::Browser, None), None, None), []);
    }
}
