use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::rules::matchers::{Elsewhere, Fifo, GroupReunion, LatencyFifo, Limit};

const SECOND: Duration = Duration::from_secs(1);

fn terms(size: usize) -> Terms {
    Terms { size, patience: 60 * SECOND, on_timeout: TimeOut::Bot, check: 3 * SECOND, grace: 10 * SECOND, places: 6 }
}

fn who(index: usize) -> SubjectId {
    format!("p{index}").parse().unwrap()
}

fn all(indices: &[usize]) -> Vec<SubjectId> {
    indices.iter().map(|index| who(*index)).collect()
}

fn arrive(index: usize) -> Input {
    Input::Arrive { subject: who(index), rtt: None, partners: BTreeSet::new() }
}

/// A room, its clock and its record.
struct Room {
    room: WaitRoom,
    now: Timestamp,
    record: Vec<(Timestamp, Fact)>,
}

impl Room {
    fn new(size: usize) -> Self {
        Self { room: WaitRoom::new(terms(size)), now: Timestamp(0), record: Vec::new() }
    }

    fn say(&mut self, input: Input) -> Vec<Effect> {
        self.say_to(input, &Fifo)
    }

    fn say_to(&mut self, input: Input, matcher: &dyn Matcher) -> Vec<Effect> {
        let decision = self.room.decide(self.now, input, matcher);
        for fact in decision.facts {
            self.room.apply(self.now, &fact);
            self.record.push((self.now, fact));
        }
        self.room.check().unwrap();
        decision.effects
    }

    fn after(&mut self, passed: Duration) -> Vec<Effect> {
        self.now = self.now + passed;
        self.say(Input::Tick)
    }

    fn folded(&self) -> WaitRoom {
        let mut room = WaitRoom::new(self.room.terms().clone());
        self.record.iter().for_each(|(at, fact)| room.apply(*at, fact));
        room.allow(self.room.allowed());
        room
    }
}

fn asked(effects: &[Effect]) -> Vec<Vec<SubjectId>> {
    let members = |effect: &Effect| match effect {
        Effect::Propose { members, .. } => Some(members.clone()),
        _ => None,
    };
    effects.iter().filter_map(members).collect()
}

#[test]
fn a_match_is_made_when_all_have_answered() {
    let mut room = Room::new(2);
    assert_eq!(room.say(arrive(0)), []);
    let until = Timestamp(3000);
    assert_eq!(room.say(arrive(1)), [Effect::Propose { proposal: 0, members: all(&[0, 1]), until }]);
    assert_eq!(room.say(Input::Confirmed(who(1), 0)), []);
    let made = Effect::Match { proposal: 0, members: all(&[0, 1]) };
    assert_eq!(room.say(Input::Confirmed(who(0), 0)), [made]);
    assert_eq!(room.say(Input::Confirmed(who(0), 0)), [], "said twice, it is made once");
    assert_eq!(room.say(arrive(0)), [Effect::Rejected(who(0), Rejection::InGame)]);
    room.say(Input::Released(who(0)));
    assert_eq!(room.say(arrive(0)), []);
}

#[test]
fn a_closed_tab_is_matched_with_nobody_and_costs_the_others_no_place() {
    let mut room = Room::new(2);
    (0..4).for_each(|index| drop(room.say(arrive(index))));
    room.say(Input::Confirmed(who(1), 0));
    for member in 2..4 {
        room.say(Input::Confirmed(who(member), 1));
    }
    let effects = room.after(3 * SECOND);
    assert_eq!(effects, [Effect::BackToQueue(all(&[0, 1]))]);
    assert_eq!(asked(&room.say(arrive(4))), [all(&[1, 4])], "the one who answered is the first to be asked again");
    room.say(Input::Unconfirmed(who(4), 2));
    assert_eq!(asked(&room.say(Input::Awake(who(0)))), [all(&[0, 1])], "whoever shows up has the old place");
}

#[test]
fn who_never_answers_is_not_asked_for_ever() {
    let mut room = Room::new(2);
    room.say(arrive(0));
    let mut asked_times = asked(&room.say(arrive(1))).len();
    for proposal in 0..10 {
        room.say(Input::Unconfirmed(who(0), proposal));
        asked_times += asked(&room.say(Input::Awake(who(0)))).len();
        room.say(Input::Confirmed(who(1), proposal + 1));
    }
    assert_eq!(asked_times, MISSES as usize);
    let effects = room.after(60 * SECOND);
    assert!(effects.contains(&Effect::TimedOut(who(0), TimeOut::Bot)), "and yet gets onward");
}

#[test]
fn a_lost_connection_keeps_its_place_for_a_while() {
    let mut room = Room::new(3);
    (0..2).for_each(|index| drop(room.say(arrive(index))));
    room.say(Input::Disconnected(who(0)));
    room.after(9 * SECOND);
    room.say(arrive(0));
    room.after(9 * SECOND);
    assert_eq!(asked(&room.say(arrive(2))), [all(&[0, 1, 2])]);
    assert_eq!(room.say(Input::Disconnected(who(1))), [Effect::BackToQueue(all(&[0, 1, 2]))]);
    assert_eq!(room.after(10 * SECOND), [Effect::Left(who(1), Leaving::Connection)]);
}

#[test]
fn a_page_that_loads_again_has_its_time_anew() {
    let mut room = Room::new(2);
    room.say(arrive(0));
    room.say(Input::Disconnected(who(0)));
    for _ in 0..3 {
        assert_eq!(room.after(9 * SECOND), []);
        assert_eq!(room.say(Input::Loading(who(0))), []);
    }
    assert_eq!(asked(&room.say(arrive(1))), [[]; 0], "it cannot answer yet");
    assert_eq!(asked(&room.say(arrive(0))), [all(&[0, 1])]);
    assert_eq!(room.say(Input::Loading(who(0))), [Effect::BackToQueue(all(&[0, 1]))]);
    assert_eq!(room.after(10 * SECOND), [Effect::Left(who(0), Leaving::Connection)]);
}

#[test]
fn a_reload_during_the_check_is_asked_again() {
    let mut room = Room::new(2);
    room.say(arrive(0));
    room.say(arrive(1));
    assert_eq!(asked(&room.say(arrive(1))), [all(&[1])]);
}

#[test]
fn pages_are_told_only_what_has_changed() {
    let mut room = Room::new(3);
    let shown = |room: &mut Room| -> Vec<_> {
        let news = room.room.updates();
        news.into_iter().map(|(subject, status)| (subject, status.position, status.count)).collect()
    };
    room.say(arrive(0));
    room.say(arrive(1));
    assert_eq!(shown(&mut room), [(who(0), 1, 2), (who(1), 2, 2)]);
    room.after(SECOND);
    assert_eq!(shown(&mut room), []);
    room.say(Input::Leave(who(0)));
    assert_eq!(shown(&mut room), [(who(1), 1, 1)]);
    room.say(arrive(1));
    assert_eq!(shown(&mut room), [(who(1), 1, 1)], "a page that was opened again knows nothing");
}

#[test]
fn a_group_named_elsewhere_is_taken_if_it_is_still_possible() {
    let mut room = Room::new(2);
    (0..3).for_each(|index| drop(room.say_to(arrive(index), &Elsewhere)));
    for wrong in [all(&[0]), all(&[0, 0]), all(&[0, 9]), all(&[0, 1, 2])] {
        assert_eq!(room.say_to(Input::Suggest(wrong), &Elsewhere), []);
    }
    assert_eq!(asked(&room.say_to(Input::Suggest(all(&[2, 0])), &Elsewhere)), [all(&[2, 0])]);
    assert_eq!(room.say_to(Input::Suggest(all(&[1, 0])), &Elsewhere), []);
}

fn states(room: &WaitRoom) -> Vec<State> {
    room.view().waiters.into_iter().map(|(_, state, _)| state).collect()
}

#[test]
fn a_group_is_asked_only_when_there_is_room_for_its_game() {
    let mut room = Room::new(2);
    room.room.allow(Some(0));
    for index in 0..5 {
        assert_eq!(room.say(arrive(index)), []);
    }
    assert_eq!(room.room.hold(room.now, &Fifo, &[]), 2);
    assert_eq!(states(&room.room), [State::Full, State::Full, State::Full, State::Full, State::Waiting]);
    let shown = room.room.updates();
    assert_eq!(shown[0].1.state, State::Full, "and so their pages say");

    room.room.allow(Some(1));
    assert_eq!(asked(&room.say(Input::Tick)), [all(&[0, 1])]);
    assert_eq!(room.room.hold(room.now, &Fifo, &[]), 1);
    assert_eq!(room.room.updates().len(), 2, "the first two are asked; the others have been told");
    // What comes to nothing gives the place back.
    assert_eq!(asked(&room.say(Input::Unconfirmed(who(0), 0))), [all(&[1, 2])]);
    room.say(Input::Confirmed(who(1), 1));
    let effects = room.say(Input::Confirmed(who(2), 1));
    assert_eq!(effects, [Effect::Match { proposal: 1, members: all(&[1, 2]) }], "and nobody else is asked");
    assert!(!room.room.has_room());
    let effects = room.after(60 * SECOND);
    assert_eq!(effects, [], "whoever shall play with bots needs room for that too");
    assert_eq!(room.room.hold(room.now, &Fifo, &[]), 3);
    room.room.allow(Some(1));
    assert_eq!(room.say(Input::Tick), [Effect::TimedOut(who(0), TimeOut::Bot)]);
    let effects = room.after(60 * SECOND);
    assert_eq!(effects, [3, 4].map(|index| Effect::TimedOut(who(index), TimeOut::End)), "at most as long again");
    assert_eq!(room.say(arrive(3)), [Effect::Rejected(who(3), Rejection::NoRoom)]);
    assert_eq!(room.folded(), room.room);
}

#[test]
fn a_group_named_elsewhere_waits_for_room_too() {
    let mut room = Room::new(2);
    room.room.allow(Some(0));
    (0..4).for_each(|index| drop(room.say_to(arrive(index), &Elsewhere)));
    let named = [all(&[3, 1]), all(&[1, 2]), all(&[0, 9])];
    assert_eq!(room.say_to(Input::Suggest(named[0].clone()), &Elsewhere), []);
    assert_eq!(room.room.hold(room.now, &Elsewhere, &named), 1);
    assert_eq!(states(&room.room), [State::Waiting, State::Full, State::Waiting, State::Full]);
    room.room.allow(Some(1));
    assert_eq!(asked(&room.say_to(Input::Suggest(named[0].clone()), &Elsewhere)), [all(&[3, 1])]);
}

#[test]
fn a_single_player_waits_for_room_alone() {
    let matchers: [Box<dyn Matcher>; 4] = [matcher(0), matcher(1), matcher(2), matcher(3)];
    for matcher in matchers {
        let mut room = Room::new(1);
        room.room.allow(Some(1));
        let effects = room.say_to(arrive(0), &*matcher);
        assert_eq!(asked(&effects), [all(&[0])], "it is asked whether it is there, as everybody is");
        assert_eq!(asked(&room.say_to(arrive(1), &*matcher)), [[]; 0]);
        assert_eq!(room.room.hold(room.now, &*matcher, &[]), 1);
        assert_eq!(states(&room.room), [State::Checking, State::Full]);
        let made = room.say_to(Input::Confirmed(who(0), 0), &*matcher);
        assert_eq!(made, [Effect::Match { proposal: 0, members: all(&[0]) }]);
        room.room.allow(None);
        assert_eq!(asked(&room.say_to(Input::Tick, &*matcher)), [all(&[1])]);
    }
}

#[derive(Debug, Clone)]
enum Move {
    /// The workers have room for so many further games.
    Room(u32),
    Pass(u64),
    Arrive(usize, Option<u64>, BTreeSet<usize>),
    Leave(usize),
    Disconnected(usize),
    Loading(usize),
    Answer(usize, bool),
    /// All who are asked answer.
    AllAnswer,
    Stale(usize, u64),
    Awake(usize),
    Suggest(Vec<usize>),
    Released(usize),
    Restarted,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = || 0_usize..9;
    let arrival = (one(), prop::option::of(0_u64..300), prop::collection::btree_set(one(), 0..3));
    let any = prop_oneof![
        6 => (0_u64..4000).prop_map(Move::Pass),
        8 => arrival.prop_map(|(index, rtt, partners)| Move::Arrive(index, rtt, partners)),
        1 => one().prop_map(Move::Leave),
        2 => one().prop_map(Move::Disconnected),
        1 => one().prop_map(Move::Loading),
        4 => (one(), prop::bool::weighted(0.8)).prop_map(|(index, there)| Move::Answer(index, there)),
        2 => Just(Move::AllAnswer),
        1 => (one(), 0_u64..20).prop_map(|(index, proposal)| Move::Stale(index, proposal)),
        1 => one().prop_map(Move::Awake),
        1 => prop::collection::vec(one(), 0..4).prop_map(Move::Suggest),
        2 => one().prop_map(Move::Released),
        1 => Just(Move::Restarted),
        3 => (0_u32..3).prop_map(Move::Room),
    ];
    prop::collection::vec(any, 0..120)
}

/// The inputs that a move stands for, given what the pages know.
fn inputs(room: &WaitRoom, one: &Move) -> Vec<Input> {
    let answer = |index: usize, there: bool| {
        let proposal = room.proposal_of(&who(index))?;
        Some(if there { Input::Confirmed(who(index), proposal) } else { Input::Unconfirmed(who(index), proposal) })
    };
    match one {
        Move::Pass(_) | Move::Room(_) => vec![Input::Tick],
        Move::Arrive(index, rtt, partners) => vec![Input::Arrive {
            subject: who(*index),
            rtt: rtt.map(Duration::from_millis),
            partners: partners.iter().map(|index| who(*index)).collect(),
        }],
        Move::Leave(index) => vec![Input::Leave(who(*index))],
        Move::Disconnected(index) => vec![Input::Disconnected(who(*index))],
        Move::Loading(index) => vec![Input::Loading(who(*index))],
        Move::Answer(index, there) => answer(*index, *there).into_iter().collect(),
        Move::AllAnswer => (0..9).filter_map(|index| answer(index, true)).collect(),
        Move::Stale(index, proposal) => vec![Input::Confirmed(who(*index), *proposal)],
        Move::Awake(index) => vec![Input::Awake(who(*index))],
        Move::Suggest(indices) => vec![Input::Suggest(all(indices))],
        Move::Released(index) => vec![Input::Released(who(*index))],
        Move::Restarted => vec![Input::Restarted],
    }
}

/// Where everybody is, told from the effects alone.
#[derive(Default)]
struct Ledger {
    waiting: BTreeSet<SubjectId>,
    in_game: BTreeMap<SubjectId, u64>,
}

impl Ledger {
    fn note(&mut self, facts: &[Fact], effects: &[Effect]) -> Result<(), TestCaseError> {
        for fact in facts {
            match fact {
                Fact::Arrived { subject, .. } => {
                    prop_assert!(!self.in_game.contains_key(subject), "somebody in a game was let in");
                    prop_assert!(self.waiting.insert(subject.clone()), "somebody has two places");
                }
                Fact::Released { subject } => drop(self.in_game.remove(subject)),
                _ => {}
            }
        }
        for effect in effects {
            match effect {
                Effect::Match { proposal, members } => {
                    for member in members {
                        prop_assert!(self.waiting.remove(member), "somebody was matched who did not wait");
                        prop_assert_eq!(self.in_game.insert(member.clone(), *proposal), None, "in two games");
                    }
                }
                Effect::TimedOut(subject, _) | Effect::Left(subject, _) => {
                    prop_assert!(self.waiting.remove(subject), "somebody got onward twice");
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn matcher(kind: u8) -> Box<dyn Matcher> {
    let limit = Duration::from_millis(200);
    match kind {
        0 => Box::new(Fifo),
        1 => Box::new(LatencyFifo { limit: Limit::Sum(limit) }),
        2 => Box::new(LatencyFifo { limit: Limit::Difference(limit / 4) }),
        3 => Box::new(GroupReunion { fallback: Some((Box::new(Fifo), 5 * SECOND)) }),
        4 => Box::new(GroupReunion { fallback: None }),
        _ => Box::new(Elsewhere),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Random arrivals, leaves, time-outs, failed ready-checks, lost connections, crashes and matchers.
    #[test]
    fn nobody_is_doubled_refused_or_lost(moves in moves(), size in 1_usize..4, kind in 0_u8..6, limited: bool) {
        let matcher = matcher(kind);
        let mut room = Room::new(size);
        room.room.allow(limited.then_some(0));
        let mut ledger = Ledger::default();
        for one in &moves {
            if let Move::Pass(milliseconds) = one {
                room.now = room.now + Duration::from_millis(*milliseconds);
            }
            if matches!(one, Move::Restarted) {
                room.room = room.folded();
            }
            if let (Move::Room(games), true) = (one, limited) {
                let left = room.room.allowed().unwrap_or_default();
                room.room.allow(Some(left + games));
            }
            for input in inputs(&room.room, one) {
                let left = room.room.allowed();
                let suggested = matches!(input, Input::Suggest(_));
                let full = room.room.full();
                let decision = room.room.decide(room.now, input, matcher.as_ref());
                for fact in &decision.facts {
                    if let (Fact::Proposed { members, .. }, 0, false) = (fact, kind, suggested) {
                        // Among equals, who came first is asked first.
                        let waiting = room.room.waiting(room.now);
                        let first: Vec<_> = waiting.into_iter().take(size).map(|waiter| waiter.subject).collect();
                        prop_assert_eq!(members, &first);
                    }
                    room.room.apply(room.now, fact);
                    room.record.push((room.now, fact.clone()));
                }
                ledger.note(&decision.facts, &decision.effects)?;
                let begun = decision.effects.iter().filter(|effect| {
                    matches!(effect, Effect::Match { .. } | Effect::TimedOut(_, TimeOut::Bot))
                });
                prop_assert!(left.is_none_or(|left| begun.count() + room.room.proposals() <= left as usize), "too many games");
                for effect in &decision.effects {
                    prop_assert!(!matches!(effect, Effect::Rejected(_, Rejection::Full)) || full, "refused though not full");
                }
                prop_assert_eq!(room.room.check(), Ok(()));
                let there: BTreeSet<_> = room.room.subjects().into_iter().collect();
                prop_assert_eq!(&there, &ledger.waiting, "somebody is lost");
                let possible = matcher.propose(&room.room.waiting(room.now), size);
                prop_assert!(possible.is_none() || !room.room.has_room(), "a group is possible that nobody is asked for");
                let held = room.room.clone().hold(room.now, &*matcher, &[]);
                prop_assert!(possible.is_none() || held > 0, "nobody asks for room for a group");
                let again = room.room.decide(room.now, Input::Tick, matcher.as_ref());
                prop_assert_eq!(again, Decision::default(), "a decision was left half done");
            }
        }
        prop_assert_eq!(&room.folded(), &room.room, "the state is not what the facts make of it");

        // Nobody comes any more and nobody answers: everybody gets onward.
        while let Some(deadline) = room.room.deadline() {
            prop_assert!(deadline > room.now, "a deadline has passed unseen");
            room.now = deadline;
            let decision = room.room.decide(room.now, Input::Tick, matcher.as_ref());
            decision.facts.iter().for_each(|fact| room.room.apply(room.now, fact));
            ledger.note(&decision.facts, &decision.effects)?;
        }
        prop_assert!(ledger.waiting.is_empty());
        let longest = 2 * terms(size).patience + terms(size).check;
        prop_assert!(room.record.last().is_none_or(|(last, _)| room.now <= *last + longest));
    }
}
