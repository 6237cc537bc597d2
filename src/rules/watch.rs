//! Who may go on playing: the round trips of a player's connection, and how long its page is out of sight.
//!
//! What is watched is no state of the record: a player whose actor is made anew is watched from then on. What follows from
//! it, a warning or an exclusion, is.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use super::screening::Answer;
use crate::experiment::{About, Monitoring};
use crate::time::Timestamp;

/// Time between two looks at a player, and between two pings of its connection.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Least time that a warning stays, so that it can be read.
const WARNING_STAYS: Duration = Duration::from_secs(5);

/// What is about to happen to a player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is warned.
    Warn(Finding),
    /// The warning is over.
    Clear,
    /// It may not go on.
    Exclude(Finding),
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was wrong.
    pub about: About,
    /// Why, in words for the record.
    pub reason: String,
    /// What a function of the experiment module has to say to the participant; HTML.
    pub message: Option<String>,
}

/// What is known of a player who is watched.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// The last round trips, in milliseconds.
    trips: VecDeque<u32>,
    /// Since when the page has been out of sight.
    hidden: Option<Timestamp>,
    /// The warning that is shown, and since when.
    warned: Option<(About, Timestamp)>,
    said: Option<Answer>,
    asked: Option<Timestamp>,
}

impl Watch {
    /// A round trip was measured.
    pub fn trip(&mut self, terms: &Monitoring, trip: Duration) {
        while self.trips.len() >= terms.ping_window as usize {
            self.trips.pop_front();
        }
        self.trips.push_back(u32::try_from(trip.as_millis()).unwrap_or(u32::MAX));
    }

    /// The page is in sight, or no longer.
    pub fn sight(&mut self, visible: bool, now: Timestamp) {
        if visible {
            self.hidden = None;
        } else {
            self.hidden.get_or_insert(now);
        }
    }

    /// The connection is gone: how long it may stay away is another rule's business.
    pub fn gone(&mut self) {
        self.hidden = None;
        self.trips.clear();
    }

    /// The researcher's function answered.
    pub fn said(&mut self, answer: Option<Answer>) {
        self.said = answer;
    }

    /// Whether it is time to ask the researcher's function; counts as asked.
    pub fn asks(&mut self, terms: &Monitoring, now: Timestamp) -> bool {
        let due = self.asked.is_none_or(|asked| now.since(asked).as_secs_f64() >= terms.callback_interval_s);
        let asks = terms.callback.is_some() && due;
        if asks {
            self.asked = Some(now);
        }
        asks
    }

    /// What the researcher's function is told.
    pub fn told(&self, now: Timestamp) -> Value {
        let hidden = self.hidden.map(|since| now.since(since).as_millis());
        json!({
            "ping": self.trips.back(),
            "pings": self.trips,
            "is_tab_hidden": hidden.is_some(),
            "tab_hidden_duration_ms": hidden.unwrap_or(0) as u64,
        })
    }

    /// Looks at the player: what changes now, if anything.
    pub fn look(&mut self, terms: &Monitoring, now: Timestamp) -> Option<Change> {
        if let Some(finding) = self.exclusion(terms, now) {
            return Some(Change::Exclude(finding));
        }
        match (self.warning(terms, now), self.warned) {
            (Some(finding), Some((about, _))) if finding.about == about => {
                self.warned = Some((about, now));
                None
            }
            (Some(finding), _) => {
                self.warned = Some((finding.about, now));
                Some(Change::Warn(finding))
            }
            (None, Some((_, since))) if now.since(since) >= WARNING_STAYS => {
                self.warned = None;
                Some(Change::Clear)
            }
            (None, _) => None,
        }
    }

    // The researcher's own function goes before our rules, and what the participant does before what its network does.

    fn exclusion(&self, terms: &Monitoring, now: Timestamp) -> Option<Finding> {
        if let (Some(Answer { exclude: true, message, .. }), Some(name)) = (&self.said, &terms.callback) {
            return Some(callback(name, message.as_ref()));
        }
        if let Some(finding) = self.out_of_sight(terms.tab_exclude_ms, now) {
            return Some(finding);
        }
        let most = terms.max_ping_ms?;
        let slow = self.trips.iter().filter(|trip| **trip > most).count();
        (slow >= terms.ping_violations as usize).then(|| self.slow(slow, most))
    }

    fn warning(&self, terms: &Monitoring, now: Timestamp) -> Option<Finding> {
        if let (Some(Answer { warn: true, message, .. }), Some(name)) = (&self.said, &terms.callback) {
            return Some(callback(name, message.as_ref()));
        }
        if let Some(finding) = self.out_of_sight(terms.tab_warning_ms, now) {
            return Some(finding);
        }
        let most = terms.max_ping_ms?;
        self.trips.back().filter(|trip| **trip > most).map(|_| self.slow(1, most))
    }

    fn out_of_sight(&self, most: Option<u32>, now: Timestamp) -> Option<Finding> {
        let (most, hidden) = (most?, now.since(self.hidden?).as_millis());
        let reason = format!("the page was out of sight for {hidden} ms, {most} ms or more");
        (hidden >= u128::from(most)).then_some(Finding { about: About::Tab, reason, message: None })
    }

    fn slow(&self, slow: usize, most: u32) -> Finding {
        let trips: Vec<String> = self.trips.iter().map(u32::to_string).collect();
        let reason = format!("{slow} of the last round trips longer than {most} ms: {} ms", trips.join(", "));
        Finding { about: About::Ping, reason, message: None }
    }
}

fn callback(name: &str, message: Option<&String>) -> Finding {
    let reason = message.map_or_else(|| format!("{name} says so"), |message| format!("{name} says: {message}"));
    Finding { about: About::Callback, reason, message: message.cloned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp(1_000_000 + ms)
    }

    fn terms() -> Monitoring {
        Monitoring {
            max_ping_ms: Some(200),
            tab_warning_ms: Some(3000),
            tab_exclude_ms: Some(10_000),
            callback: Some("watch_out".into()),
            ..Monitoring::default()
        }
    }

    #[test]
    fn a_hidden_page_is_warned_then_excluded() {
        let (terms, mut watch) = (terms(), Watch::default());
        watch.sight(false, at(0));
        assert_eq!(watch.look(&terms, at(2999)), None);
        assert!(matches!(watch.look(&terms, at(3000)), Some(Change::Warn(found)) if found.about == About::Tab));
        assert_eq!(watch.look(&terms, at(4000)), None, "told once");
        watch.sight(false, at(5000));
        let Some(Change::Exclude(found)) = watch.look(&terms, at(10_000)) else { panic!() };
        assert_eq!(found.reason, "the page was out of sight for 10000 ms, 10000 ms or more");
    }

    #[test]
    fn a_warning_goes_away_once_it_could_be_read() {
        let (terms, mut watch) = (terms(), Watch::default());
        watch.sight(false, at(0));
        watch.look(&terms, at(3000));
        watch.sight(true, at(4000));
        assert_eq!(watch.look(&terms, at(4000)), None);
        assert_eq!(watch.look(&terms, at(8000)), Some(Change::Clear));
        assert_eq!(watch.look(&terms, at(9000)), None);
    }

    #[test]
    fn the_researchers_function_goes_first_and_is_asked_in_its_time() {
        let (terms, mut watch) = (terms(), Watch::default());
        assert!(watch.asks(&terms, at(0)));
        assert!(!watch.asks(&terms, at(9999)));
        assert!(watch.asks(&terms, at(10_000)));
        watch.said(Some(Answer { exclude: true, warn: false, message: Some("Thanks".into()) }));
        watch.sight(false, at(0));
        let Some(Change::Exclude(found)) = watch.look(&terms, at(60_000)) else { panic!() };
        assert_eq!((found.about, found.message.as_deref()), (About::Callback, Some("Thanks")));
    }

    proptest! {
        #[test]
        fn nobody_is_excluded_for_less_than_what_was_said(
            trips in prop::collection::vec(0_u64..500, 0..30), most in 1_u32..500, window in 1_u32..10, of in 1_u32..10,
        ) {
            let needed = of.min(window);
            let terms =
                Monitoring { max_ping_ms: Some(most), ping_window: window, ping_violations: needed, ..Default::default() };
            let mut watch = Watch::default();
            for (index, trip) in trips.iter().enumerate() {
                watch.trip(&terms, Duration::from_millis(*trip));
                let seen = &trips[(index + 1).saturating_sub(window as usize)..=index];
                let slow = seen.iter().filter(|trip| **trip > u64::from(most)).count();
                let change = watch.look(&terms, at(index as u64 * 1000));
                prop_assert_eq!(matches!(change, Some(Change::Exclude(_))), slow >= needed as usize);
                if *trip > u64::from(most) {
                    prop_assert!(watch.warned.is_some() || slow >= needed as usize);
                }
            }
        }

        #[test]
        fn whoever_looks_at_the_page_is_not_told_to(
            events in prop::collection::vec((any::<bool>(), 0_u64..2000), 0..60),
        ) {
            let terms = Monitoring { max_ping_ms: None, callback: None, ..terms() };
            let (mut watch, mut now, mut since) = (Watch::default(), 0, None);
            for (visible, gap) in events {
                now += gap;
                watch.sight(visible, at(now));
                since = if visible { None } else { since.or(Some(now)) };
                let hidden = since.map_or(0, |since| now - since);
                match watch.look(&terms, at(now)) {
                    Some(Change::Exclude(_)) => { prop_assert!(hidden >= 10_000); break; }
                    Some(Change::Warn(_)) => prop_assert!(hidden >= 3000),
                    Some(Change::Clear) => prop_assert!(hidden < 3000),
                    None => prop_assert!(hidden < 10_000),
                }
            }
        }
    }
}
