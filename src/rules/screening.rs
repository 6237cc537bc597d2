//! Who may take part: judged by what the browser says of itself, and by what the service measures.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::experiment::{BrowserRule, Device, Requirement, Screening};
use crate::wire::Browser;

/// Longest that somebody waits at the entrance for round trips to be measured; then those that are there count.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Longest message of a function of the experiment module, in characters.
const MESSAGE_LIMIT: usize = 4000;

/// Fewest points of a finger that a computer does not have: tablets that call themselves computers have more.
const TOUCH_OF_TABLETS: u32 = 2;

/// What is known of somebody at the entrance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The kind of device.
    pub device: Device,
    /// The browser; what it calls itself when it is none of those that rules know.
    pub browser: String,
    /// Its version.
    pub version: String,
    /// The operating system.
    pub os: String,
    /// Width and height of the screen, in CSS pixels.
    pub screen: [u32; 2],
    /// Width and height of the window, in CSS pixels.
    pub window: [u32; 2],
    /// Median round trip, in milliseconds, as the service measured it.
    pub ping_ms: Option<u32>,
    /// Of how many measurements.
    pub pings: u32,
}

/// Why somebody is not let in, or may not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was not met.
    pub requirement: Requirement,
    /// Why, in words for the record.
    pub reason: String,
    /// What a function of the experiment module has to say to the participant; HTML.
    pub message: Option<String>,
}

/// What follows from what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is let in.
    Passed,
    /// It is not.
    Refused(Refusal),
    /// Round trips are still being measured.
    Measuring,
    /// A function of the experiment module is to be asked.
    Ask,
}

/// What a function of the experiment module answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether the participant is excluded.
    pub exclude: bool,
    /// Whether it is warned.
    pub warn: bool,
    /// What it is told, if the function says so; HTML.
    pub message: Option<String>,
}

impl Measured {
    /// What a browser tells, with what the service measured.
    pub fn of(browser: &Browser, ping: Option<(Duration, u32)>) -> Self {
        let parsed = woothee::parser::Parser::new().parse(&browser.user_agent);
        let (name, version, os, category) = match &parsed {
            Some(found) => (found.name, found.version, found.os, found.category),
            None => ("UNKNOWN", "", "UNKNOWN", "UNKNOWN"),
        };
        let handheld = matches!(category, "smartphone" | "mobilephone")
            || (os == "Mac OSX" && browser.touch_points >= TOUCH_OF_TABLETS);
        Self {
            device: if handheld { Device::Mobile } else { Device::Desktop },
            browser: if name == "SamsungBrowser" { "Samsung Internet".into() } else { name.to_owned() },
            version: version.to_owned(),
            os: os.to_owned(),
            screen: browser.screen,
            window: browser.window,
            ping_ms: ping.map(|(ping, _)| u32::try_from(ping.as_millis()).unwrap_or(u32::MAX)),
            pings: ping.map_or(0, |(_, count)| count),
        }
    }

    /// What a function of the experiment module is told.
    pub fn told(&self) -> Value {
        json!({
            "ping": self.ping_ms,
            "browser_name": self.browser,
            "browser_version": self.version,
            "device_type": self.device,
            "os_name": self.os,
            "screen": self.screen,
            "window": self.window,
        })
    }

    fn is(&self, rule: &BrowserRule) -> bool {
        let version = self.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        self.browser == rule.name && rule.from.is_none_or(|from| version.is_some_and(|version| version >= from))
    }
}

/// Judges somebody at the entrance. `late` says that no more is measured; `answer` is what the function answered, and
/// tells nothing where it failed.
pub fn judge(screening: &Screening, measured: &Measured, late: bool, answer: Option<&Option<Answer>>) -> Verdict {
    if let Some(refusal) = unfit(screening, measured) {
        return Verdict::Refused(refusal);
    }
    if let Some(most) = screening.max_ping_ms {
        if measured.pings < screening.min_ping_measurements && !late {
            return Verdict::Measuring;
        }
        if let Some(ping) = measured.ping_ms.filter(|ping| *ping > most) {
            let reason = format!("the median of {} round trips is {ping} ms, more than {most} ms", measured.pings);
            return Verdict::Refused(Refusal { requirement: Requirement::Ping, reason, message: None });
        }
    }
    match (&screening.callback, answer) {
        (Some(_), None) => Verdict::Ask,
        (Some(name), Some(Some(Answer { exclude: true, message, .. }))) => {
            let reason = match message {
                Some(message) => format!("{name} says no: {message}"),
                None => format!("{name} says no"),
            };
            Verdict::Refused(Refusal { requirement: Requirement::Callback, reason, message: message.clone() })
        }
        _ => Verdict::Passed,
    }
}

/// What can be told without measuring.
fn unfit(screening: &Screening, measured: &Measured) -> Option<Refusal> {
    let refusal = |requirement, reason| Some(Refusal { requirement, reason, message: None });
    let (browser, version) = (&measured.browser, &measured.version);
    match screening.device_exclusion {
        Some(Device::Mobile) if measured.device == Device::Mobile => {
            return refusal(Requirement::Mobile, format!("a phone or a tablet ({})", measured.os));
        }
        Some(Device::Desktop) if measured.device == Device::Desktop => {
            return refusal(Requirement::Desktop, format!("a computer ({})", measured.os));
        }
        _ => {}
    }
    // The list of those that are not let in goes first.
    if screening.browser_blocklist.contains(browser) {
        return refusal(Requirement::Browser, format!("{browser} is on the list of browsers that are not let in"));
    }
    let wanted = &screening.browser_requirements;
    if !wanted.is_empty() && !wanted.iter().any(|rule| measured.is(rule)) {
        let names: Vec<String> = wanted.iter().map(BrowserRule::to_string).collect();
        return refusal(Requirement::Browser, format!("{browser} {version} is not {}", names.join(" or ")));
    }
    let small = |least: Option<[u32; 2]>, is: [u32; 2]| least.filter(|least| is[0] < least[0] || is[1] < least[1]);
    let sizes = [
        (Requirement::Screen, "screen", screening.min_screen, measured.screen),
        (Requirement::Window, "window", screening.min_window, measured.window),
    ];
    sizes.into_iter().find_map(|(requirement, name, least, is)| {
        let least = small(least, is)?;
        refusal(requirement, format!("a {name} of {} x {}, smaller than {} x {}", is[0], is[1], least[0], least[1]))
    })
}

impl std::fmt::Display for BrowserRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.from {
            Some(from) => write!(f, "{} {from} or later", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Reads what a function answered: `None` or `True` let go on, `False` excludes, text excludes with these words, and a
/// dict says it with `exclude`, `warn` and `message`.
///
/// # Errors
/// What is wrong with the answer; completes "the function ...".
pub fn read_answer(value: &Value) -> Result<Answer, String> {
    let answer = |exclude, warn, message| Ok(Answer { exclude, warn, message });
    let short = |message: &str| message.chars().take(MESSAGE_LIMIT).collect::<String>();
    match value {
        Value::Null | Value::Bool(true) => answer(false, false, None),
        Value::Bool(false) => answer(true, false, None),
        Value::String(message) => answer(true, false, Some(short(message))),
        Value::Object(fields) => {
            let flag = |name: &str| match fields.get(name) {
                None | Some(Value::Null | Value::Bool(false)) => Ok(false),
                Some(Value::Bool(true)) => Ok(true),
                Some(other) => Err(format!("must give True or False for {name:?}, but gave {other}")),
            };
            let message = match fields.get("message") {
                None | Some(Value::Null) => None,
                Some(Value::String(message)) => Some(short(message)),
                Some(other) => return Err(format!("must give text for \"message\", but gave {other}")),
            };
            if let Some(unknown) = fields.keys().find(|key| !["exclude", "warn", "message"].contains(&key.as_str())) {
                return Err(format!("gave {unknown:?}, but only \"exclude\", \"warn\" and \"message\" mean something"));
            }
            answer(flag("exclude")?, flag("warn")?, message)
        }
        other => Err(format!("must return None, True, False, text or a dict, but it returned {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                         Chrome/126.0.0.0 Mobile Safari/537.36";
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                          Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";
    const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                        Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0";
    const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                       Version/17.5 Safari/605.1.15";
    const SAMSUNG: &str = "Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) \
                           SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36";

    fn browser(user_agent: &str) -> Browser {
        Browser { user_agent: user_agent.into(), screen: [1280, 800], window: [1280, 700], ..Browser::default() }
    }

    fn measured(user_agent: &str) -> Measured {
        Measured::of(&browser(user_agent), Some((Duration::from_millis(40), 5)))
    }

    #[test]
    fn devices_and_browsers_are_told_apart() {
        for (agent, device, name, version) in [
            (PHONE, Device::Mobile, "Chrome", "126.0.0.0"),
            (IPHONE, Device::Mobile, "Safari", "17.5"),
            (FIREFOX, Device::Desktop, "Firefox", "127.0"),
            (EDGE, Device::Desktop, "Edge", "126.0.0.0"),
            (MAC, Device::Desktop, "Safari", "17.5"),
            (SAMSUNG, Device::Mobile, "Samsung Internet", "25.0"),
        ] {
            let is = measured(agent);
            assert_eq!((is.device, is.browser.as_str(), is.version.as_str()), (device, name, version), "{agent}");
        }
        let tablet = Browser { touch_points: 5, ..browser(MAC) };
        assert_eq!(Measured::of(&tablet, None).device, Device::Mobile, "a tablet that calls itself a computer");
    }

    fn refused(screening: &Screening, agent: &str) -> Option<(Requirement, String)> {
        match judge(screening, &measured(agent), false, None) {
            Verdict::Refused(refusal) => Some((refusal.requirement, refusal.reason)),
            _ => None,
        }
    }

    #[test]
    fn who_does_not_meet_what_the_study_needs_is_refused_with_the_reason() {
        let phones = Screening { device_exclusion: Some(Device::Mobile), ..Screening::default() };
        assert_eq!(refused(&phones, PHONE), Some((Requirement::Mobile, "a phone or a tablet (Android)".into())));
        assert_eq!(refused(&phones, EDGE), None);
        let rule = |name: &str, from| BrowserRule { name: name.into(), from };
        let chrome = Screening { browser_requirements: vec![rule("Chrome", Some(120))], ..Screening::default() };
        assert_eq!(refused(&chrome, PHONE), None);
        let reason = "Firefox 127.0 is not Chrome 120 or later";
        assert_eq!(refused(&chrome, FIREFOX), Some((Requirement::Browser, reason.into())));
        let both = Screening { browser_blocklist: vec!["Chrome".into()], ..chrome };
        assert_eq!(refused(&both, PHONE).unwrap().0, Requirement::Browser, "the block list goes first");
        let large = Screening { min_window: Some([1280, 720]), ..Screening::default() };
        let reason = "a window of 1280 x 700, smaller than 1280 x 720";
        assert_eq!(refused(&large, MAC), Some((Requirement::Window, reason.into())));
    }

    #[test]
    fn a_function_has_the_last_word_and_one_that_fails_none() {
        let screening = Screening { callback: Some("only_adults".into()), ..Screening::default() };
        let is = measured(MAC);
        assert_eq!(judge(&screening, &is, false, None), Verdict::Ask);
        let said = |value: Value| judge(&screening, &is, false, Some(&read_answer(&value).ok()));
        assert_eq!(said(json!(null)), Verdict::Passed);
        assert_eq!(said(json!(17)), Verdict::Passed, "what is no answer says nothing");
        assert!(matches!(said(json!(false)), Verdict::Refused(Refusal { message: None, .. })));
        let Verdict::Refused(refusal) = said(json!({"exclude": true, "message": "Sorry!"})) else { panic!() };
        assert_eq!(
            (refusal.message.as_deref(), refusal.reason.as_str()),
            (Some("Sorry!"), "only_adults says no: Sorry!")
        );
    }

    #[test]
    fn what_a_function_may_answer() {
        assert!(read_answer(&json!({"exclude": 1})).unwrap_err().contains("True or False"));
        assert!(read_answer(&json!({"exlude": true})).unwrap_err().contains("exlude"));
        assert!(read_answer(&json!({"message": 3})).is_err());
        assert!(read_answer(&json!([1])).unwrap_err().contains("must return None"));
        assert!(read_answer(&json!({"warn": true, "message": "Careful"})).unwrap().warn);
    }

    proptest! {
        #[test]
        fn whoever_is_measured_is_judged_sooner_or_later(
            pings in 0_u32..9, needed in 1_u32..9, ping in 0_u32..1000, most in 1_u32..1000, late in any::<bool>(),
        ) {
            let screening =
                Screening { max_ping_ms: Some(most), min_ping_measurements: needed, ..Screening::default() };
            let trips = (pings > 0).then(|| (Duration::from_millis(ping.into()), pings));
            let verdict = judge(&screening, &Measured::of(&browser(FIREFOX), trips), late, None);
            if pings < needed && !late {
                prop_assert_eq!(verdict, Verdict::Measuring);
            } else {
                prop_assert_eq!(verdict == Verdict::Passed, pings == 0 || ping <= most);
            }
        }

        #[test]
        fn no_user_agent_is_too_strange(agent in ".{0,200}", touch_points in any::<u32>()) {
            let strange = Browser { user_agent: agent, touch_points, ..Browser::default() };
            judge(&Screening::default(), &Measured::of(&strange, None), true, None);
        }
    }
}
