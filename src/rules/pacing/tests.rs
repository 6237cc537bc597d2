use proptest::prelude::*;

use super::*;

const FRAME: f64 = 1000.0 / 30.0;

fn frame() -> Duration {
    Duration::from_secs_f64(FRAME / 1000.0)
}

/// A link and a clock.
#[derive(Debug, Clone)]
struct Link {
    /// One way, in milliseconds.
    latency: f64,
    /// Up to that much is added to each input's way.
    jitter: f64,
    /// Parts per million by which the player's clock is fast.
    drift: f64,
    /// How early the first input would arrive without jitter, in milliseconds.
    lead: f64,
    seed: u64,
}

fn links() -> impl Strategy<Value = Link> {
    (0.0..200.0, 0.0..60.0, -200.0..200.0, -400.0..400.0, any::<u64>())
        .prop_map(|(latency, jitter, drift, lead, seed)| Link { latency, jitter, drift, lead, seed })
}

/// Runs the loop for some seconds at 30 fps; the lead and the pace at each frame.
fn run(link: &Link, seconds: u32) -> (Pacing, Vec<(f64, f64)>) {
    let mut pacing = Pacing::new(frame(), 2);
    let mut lead = link.lead;
    let mut random = link.seed | 1;
    let mut told = VecDeque::new();
    let mut pace = 1.0;
    let mut course = Vec::new();
    for tick in 0..seconds * 30 {
        let now = f64::from(tick) * FRAME;
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let late = link.jitter * (random % 1000) as f64 / 1000.0;
        pacing.arrived(Timestamp(now as u64), (lead - late).round() as i32);
        // An advice acts on what arrives a round trip later.
        told.push_back((now + 2.0 * link.latency, pacing.advise(Timestamp(now as u64)).factor()));
        while told.front().is_some_and(|(at, _)| *at <= now) {
            pace = told.pop_front().unwrap().1;
        }
        lead += FRAME * (pace * (1.0 + link.drift / 1e6) - 1.0);
        pacing.check().unwrap();
        course.push((lead, pace));
    }
    (pacing, course)
}

#[test]
fn the_target_is_half_a_frame_within_reason() {
    assert_eq!(target(Duration::from_millis(100)), 25.0);
    assert_eq!(target(Duration::from_millis(33)), 16.5);
    assert_eq!(target(Duration::from_millis(10)), 8.0);
}

#[test]
fn a_head_start_makes_up_for_the_round_trip() {
    let of = |round_trip| head_start(Duration::from_millis(round_trip), frame(), 2);
    assert_eq!([of(0), of(80), of(200), of(400)], [0, 0, 4, 10]);
}

#[test]
fn a_long_way_is_given_a_longer_input_delay() {
    let of = |round_trip| input_delay(Duration::from_millis(round_trip), frame(), 2, 8);
    assert_eq!([of(0), of(200), of(300), of(400)], [2, 2, 3, 6]);
}

#[test]
fn who_does_not_predict_is_not_slowed_down() {
    let mut pacing = Pacing::new(frame(), 2);
    pacing.measured(Duration::from_millis(10));
    for tick in 0..60 {
        let now = Timestamp(tick * 33);
        pacing.arrived(now, 73);
        assert_eq!(pacing.advise(now), Pace::STEADY);
    }
}

#[test]
fn one_stall_in_two_seconds_moves_nothing() {
    let mut pacing = Pacing::new(frame(), 2);
    for tick in 0..120_u64 {
        let now = Timestamp((tick as f64 * FRAME) as u64);
        let margin = if (90..96).contains(&tick) { 17 - 33 * (96 - tick as i32) } else { 17 };
        pacing.arrived(now, margin);
        assert_eq!(pacing.advise(now), Pace::STEADY, "at {tick}");
    }
}

#[test]
fn who_sends_nothing_is_asked_nothing() {
    let mut pacing = Pacing::new(frame(), 2);
    pacing.arrived(Timestamp(0), -300);
    assert_eq!(pacing.advise(Timestamp(0)).factor(), 1.0 + MOST);
    assert_eq!(pacing.advise(Timestamp(50)).factor(), 1.0 + MOST);
    assert_eq!(pacing.advise(Timestamp(5000)), Pace::STEADY);
    assert_eq!(pacing.margin(), None);
    pacing.arrived(Timestamp(6000), -300);
    pacing.advise(Timestamp(6000));
    pacing.forget();
    assert_eq!(pacing.advise(Timestamp(6000)), Pace::STEADY);
}

proptest! {
    /// Any latency, jitter, clock and start: within twenty seconds the low end of the margins is at the target, and from
    /// then on the player's lead stays within a narrow band: the loop does not oscillate.
    #[test]
    fn the_loop_converges_and_rests(link in links()) {
        let (pacing, course) = run(&link, 60);
        let settled = &course[20 * 30..];
        let (mut low, mut high) = (f64::MAX, f64::MIN);
        for (lead, _) in settled {
            low = low.min(*lead);
            high = high.max(*lead);
        }
        // What is let be to either side, a share of the jitter that the percentile of sixty inputs is uncertain by, and
        // what the fastest clock gains in a round trip.
        let band = 2.0 * LET_BE + 0.2 * link.jitter + 2.0;
        prop_assert!(high - low <= band, "{low}..{high} is wider than {band}");
        let aim = target(frame()) + 0.9 * link.jitter;
        prop_assert!(low >= aim - band && high <= aim + band, "{low}..{high} is not around {aim}");
        let margin = f64::from(pacing.margin().unwrap());
        prop_assert!((margin - target(frame())).abs() <= band, "{margin}");
    }

    /// From a start without jitter the lead never swings beyond the target by more than a few milliseconds.
    #[test]
    fn the_loop_does_not_overshoot(link in links()) {
        let link = Link { jitter: 0.0, ..link };
        let aim = target(frame());
        let below = link.lead < aim;
        let (_, course) = run(&link, 60);
        for (lead, _) in course {
            let beyond = if below { lead - aim } else { aim - lead };
            prop_assert!(beyond <= 2.0 * LET_BE + 2.0, "{beyond} ms beyond");
        }
    }
}
