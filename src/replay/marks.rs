//! What befell a game, for the time line: rollbacks, stand-ins, absences, pauses, copies that differed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::facts::{Fact, GameFact, Recorded};
use crate::rules::lobby;
use crate::rules::timeline::Closed;
use crate::time::Timestamp;
use crate::wire::{FilmMark, FilmMarkKind as Kind, FilmSeat};

/// A game stood still if no frame was confirmed for so long while somebody was away. Less is the rhythm of its clock.
const LEAST_PAUSE: Duration = Duration::from_millis(500);
/// Most names of fields that a line tells.
const MOST_FIELDS: usize = 5;

/// What has befallen a game so far, by episode.
#[derive(Debug)]
pub struct Marks {
    agents: Vec<String>,
    people: Vec<bool>,
    episodes: BTreeMap<u32, Happened>,
    /// The episode that is played, or the one that comes next.
    episode: u32,
    playing: bool,
    away: BTreeSet<usize>,
}

#[derive(Debug, Default)]
struct Happened {
    marks: Vec<FilmMark>,
    confirmed: u32,
    /// By seat, frames between a key press and the frame it is for: before that nobody can have pressed one.
    delays: BTreeMap<usize, u32>,
    /// By seat, the newest run of frames with a stand-in: the place of its mark, its first frame and its length.
    runs: BTreeMap<usize, (usize, u32, u32)>,
    /// By seat, the first frame of which it has not told how it came by it.
    witnessed: BTreeMap<usize, u32>,
    /// When a frame was last confirmed, and whether somebody was away since.
    moved_at: Option<Timestamp>,
    missed: bool,
}

impl Marks {
    /// Nothing has happened yet to these players.
    pub fn new(seats: &[FilmSeat]) -> Self {
        Self {
            agents: seats.iter().map(|seat| seat.agent.clone()).collect(),
            people: seats.iter().map(|seat| seat.subject.is_some()).collect(),
            episodes: BTreeMap::new(),
            episode: 0,
            playing: false,
            away: BTreeSet::new(),
        }
    }

    /// What befell an episode, in the order of frames.
    pub fn of(&self, episode: u32) -> Vec<FilmMark> {
        let mut marks = self.episodes.get(&episode).map(|happened| happened.marks.clone()).unwrap_or_default();
        marks.sort_by_key(|mark| mark.frame);
        marks
    }

    /// Takes one more fact.
    pub fn apply(&mut self, recorded: &Recorded) {
        match &recorded.fact {
            Fact::Game(fact) => self.game(fact, recorded),
            Fact::Lobby(fact) => self.lobby(fact, recorded.at),
            _ => {}
        }
    }

    fn game(&mut self, fact: &GameFact, recorded: &Recorded) {
        match fact {
            GameFact::SeatPrepared { episode, seat, input_delay } => {
                self.on(*episode).delays.entry(*seat).or_insert(*input_delay);
            }
            GameFact::FramesConfirmed { episode, .. } => {
                let anybody_away = !self.away.is_empty();
                let happened = self.on(*episode);
                happened.moved(recorded.at);
                happened.missed = anybody_away;
                let people = self.people.clone();
                let happened = self.on(*episode);
                for closed in recorded.payload.frames() {
                    happened.confirm(closed, &people);
                }
            }
            GameFact::FramesWitnessed { episode, seat, first, .. } => {
                let happened = self.on(*episode);
                let new = happened.witnessed.entry(*seat).or_default();
                let since = *new;
                for (frame, seen) in (*first..).zip(recorded.payload.witnessed()) {
                    *new = (*new).max(frame.saturating_add(1));
                    // What is sent again tells of the first time that a frame was shown: the first word counts.
                    if seen.depth > 0 && frame >= since {
                        let text = format!("rolled back by {}", frames(seen.depth));
                        happened.marks.push(mark(frame, Some(*seat), Kind::Rollback, text));
                    }
                }
            }
            GameFact::CopyDiffers { episode, frame, seat } => {
                self.add(*episode, mark(*frame, Some(*seat), Kind::Desync, "the copy differs".into()));
            }
            GameFact::CopyHealed { episode, frame, seat, fields } => {
                let text = format!("took over the reference's state{}", listed(fields));
                self.add(*episode, mark(*frame, Some(*seat), Kind::Healed, text));
            }
            GameFact::CopyAdopted { episode, frame, seat, largest, fields } => {
                let by = largest.map(|largest| format!(", which differed by up to {}", largest.get()));
                let text = format!("took over the service's state{}{}", by.unwrap_or_default(), listed(fields));
                self.add(*episode, mark(*frame, Some(*seat), Kind::Healed, text));
            }
            GameFact::ClockStretched { episode, frame, ms } => {
                let text = format!("the clock waited for the service, {} so far", seconds(u64::from(*ms)));
                self.add(*episode, mark(*frame, None, Kind::Stretch, text));
            }
            _ => {}
        }
    }

    fn lobby(&mut self, fact: &lobby::Fact, at: Timestamp) {
        let episode = self.episode;
        match fact {
            lobby::Fact::Begun { episode } => {
                (self.episode, self.playing) = (*episode, true);
                self.on(*episode).moved_at = Some(at);
            }
            lobby::Fact::EpisodeOver { episode } => (self.episode, self.playing) = (episode + 1, false),
            lobby::Fact::Away { player } => {
                self.away.insert(*player);
                self.on(episode).missed = true;
                self.now(Some(*player), Kind::Away, "is away".into());
            }
            lobby::Fact::Back { player } => {
                let text = if self.playing { "is connected again, and catches up" } else { "is back" };
                if !self.playing {
                    self.away.remove(player);
                }
                self.now(Some(*player), Kind::Back, text.into());
            }
            lobby::Fact::CaughtUp { player } => {
                self.away.remove(player);
                self.now(Some(*player), Kind::Back, "plays again".into());
            }
            lobby::Fact::HostMoved { player, from } => {
                let text = match player.and_then(|player| self.agents.get(player)) {
                    Some(agent) => format!("the copy of {agent} is the reference"),
                    None => "no copy is the reference".into(),
                };
                let frame = from.unwrap_or_else(|| self.on(episode).confirmed);
                self.add(episode, mark(frame, *player, Kind::Host, text));
            }
            lobby::Fact::Ended { .. } if self.playing => self.on(episode).moved(at),
            _ => {}
        }
    }

    fn on(&mut self, episode: u32) -> &mut Happened {
        self.episodes.entry(episode).or_default()
    }

    fn add(&mut self, episode: u32, mark: FilmMark) {
        self.on(episode).marks.push(mark);
    }

    /// Something that happens at the newest frame.
    fn now(&mut self, seat: Option<usize>, kind: Kind, text: String) {
        let episode = self.episode;
        let frame = self.on(episode).confirmed;
        self.add(episode, mark(frame, seat, kind, text));
    }
}

impl Happened {
    fn confirm(&mut self, closed: &Closed, people: &[bool]) {
        if closed.frame < self.confirmed {
            return;
        }
        self.confirmed = closed.frame.saturating_add(1);
        for (seat, _) in people.iter().enumerate().filter(|(_, person)| **person) {
            let first = self.delays.get(&seat).copied().unwrap_or_default();
            if closed.on_time(seat) || closed.frame < first {
                continue;
            }
            match self.runs.get_mut(&seat) {
                Some((place, began, length)) if *began + *length == closed.frame => {
                    *length += 1;
                    self.marks[*place].text = stood_in(*length);
                }
                _ => {
                    self.runs.insert(seat, (self.marks.len(), closed.frame, 1));
                    self.marks.push(mark(closed.frame, Some(seat), Kind::StoodIn, stood_in(1)));
                }
            }
        }
    }

    /// The game has moved, or is over.
    fn moved(&mut self, at: Timestamp) {
        let stood = self.moved_at.map(|moved_at| at.since(moved_at)).unwrap_or_default();
        if self.missed && stood >= LEAST_PAUSE {
            let text = format!("the game stood still for {}", seconds(stood.as_millis() as u64));
            self.marks.push(mark(self.confirmed, None, Kind::Pause, text));
        }
        self.moved_at = Some(at);
    }
}

fn mark(frame: u32, seat: Option<usize>, kind: Kind, text: String) -> FilmMark {
    FilmMark { frame, seat: seat.and_then(|seat| u32::try_from(seat).ok()), kind, text }
}

fn frames(count: u32) -> String {
    if count == 1 { "1 frame".into() } else { format!("{count} frames") }
}

fn stood_in(count: u32) -> String {
    format!("no input in time for {}", frames(count))
}

fn seconds(ms: u64) -> String {
    format!("{:.1} s", ms as f64 / 1000.0)
}

/// Names of fields, as the end of a line.
fn listed(fields: &[String]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let beyond = fields.len().saturating_sub(MOST_FIELDS);
    let more = if beyond > 0 { format!(" and {beyond} more") } else { String::new() };
    format!(": {}{more}", fields[..fields.len() - beyond].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Payload;
    use crate::replay::samples::*;
    use crate::wire::FrameSeen;

    fn marks(agents: &[&str]) -> Marks {
        Marks::new(&shared(agents).seats)
    }

    fn told(marks: &Marks) -> Vec<(u32, Option<u32>, Kind, String)> {
        marks.of(0).into_iter().map(|mark| (mark.frame, mark.seat, mark.kind, mark.text)).collect()
    }

    fn with_ages(first: u32, ages: &[[Option<u32>; 2]]) -> Recorded {
        let inputs: Vec<&[i64]> = ages.iter().map(|_| &[0, 0][..]).collect();
        let mut recorded = confirmed(0, first, &inputs);
        if let Payload::Frames(frames) = &mut recorded.payload {
            for (closed, age) in frames.iter_mut().zip(ages) {
                closed.age = age.to_vec();
            }
        }
        recorded
    }

    fn at(recorded: Recorded, ms: u64) -> Recorded {
        Recorded { at: Timestamp(ms), ..recorded }
    }

    fn witnessed(seat: usize, first: u32, depths: &[u32]) -> Recorded {
        let seen = |depth: &u32| FrameSeen {
            predicted: vec![false; 2],
            depth: *depth,
            focused: true,
            at: 0.0.try_into().unwrap(),
        };
        let count = u32::try_from(depths.len()).unwrap();
        let payload = Payload::Witnessed(depths.iter().map(seen).collect());
        recorded(GameFact::FramesWitnessed { episode: 0, seat, first, count }, payload)
    }

    #[test]
    fn stand_ins_in_a_row_are_one_mark() {
        let mut marks = marks(&["left", "bot"]);
        marks.apply(&fact(GameFact::SeatPrepared { episode: 0, seat: 0, input_delay: 2 }));
        // Nobody can have pressed a key for the first two frames, and a bot is never late.
        marks.apply(&with_ages(0, &[[None, Some(1)], [None, None], [Some(0), None], [Some(1), None]]));
        marks.apply(&with_ages(4, &[[Some(2), None], [Some(0), None], [None, None]]));
        marks.apply(&with_ages(4, &[[Some(2), None]]));
        let text = |count| format!("no input in time for {count}");
        assert_eq!(
            told(&marks),
            [(3, Some(0), Kind::StoodIn, text("2 frames")), (6, Some(0), Kind::StoodIn, text("1 frame"))]
        );
    }

    #[test]
    fn a_rollback_is_told_once() {
        let mut marks = marks(&["left", "right"]);
        marks.apply(&witnessed(1, 0, &[0, 3]));
        marks.apply(&witnessed(1, 1, &[5, 0, 1]));
        let text = |count| format!("rolled back by {count}");
        assert_eq!(
            told(&marks),
            [(1, Some(1), Kind::Rollback, text("3 frames")), (3, Some(1), Kind::Rollback, text("1 frame"))]
        );
    }

    #[test]
    fn absences_and_pauses_stand_where_the_game_was() {
        let mut marks = marks(&["left", "right"]);
        marks.apply(&at(lobby(lobby::Fact::Begun { episode: 0 }), 1_000));
        marks.apply(&at(confirmed(0, 0, &[&[0, 0][..]; 5]), 1_100));
        marks.apply(&at(lobby(lobby::Fact::Away { player: 1 }), 1_200));
        marks.apply(&at(lobby(lobby::Fact::HostMoved { player: Some(0), from: Some(3) }), 1_200));
        marks.apply(&at(lobby(lobby::Fact::Back { player: 1 }), 3_000));
        marks.apply(&at(lobby(lobby::Fact::CaughtUp { player: 1 }), 3_300));
        marks.apply(&at(confirmed(0, 5, &[&[0, 0]]), 3_400));
        marks.apply(&at(confirmed(0, 6, &[&[0, 0]]), 9_000));
        let kinds: Vec<_> = told(&marks).into_iter().map(|(frame, seat, kind, _)| (frame, seat, kind)).collect();
        assert_eq!(
            kinds,
            [
                (3, Some(0), Kind::Host),
                (5, Some(1), Kind::Away),
                (5, Some(1), Kind::Back),
                (5, Some(1), Kind::Back),
                (5, None, Kind::Pause),
            ]
        );
        assert_eq!(told(&marks)[4].3, "the game stood still for 2.3 s");
        assert_eq!(told(&marks)[0].3, "the copy of left is the reference");
    }

    #[test]
    fn copies_that_differ_and_are_healed() {
        let mut marks = marks(&["left", "right"]);
        marks.apply(&fact(GameFact::CopyDiffers { episode: 0, frame: 30, seat: 1 }));
        let fields: Vec<String> = (0..7).map(|i| format!("f{i}")).collect();
        marks.apply(&fact(GameFact::CopyHealed { episode: 0, frame: 34, seat: 1, fields }));
        let largest = Some(0.5.try_into().unwrap());
        let fields = vec!["ball.x".to_owned()];
        marks.apply(&fact(GameFact::CopyAdopted { episode: 0, frame: 60, seat: 0, largest, fields }));
        marks.apply(&fact(GameFact::ClockStretched { episode: 0, frame: 61, ms: 1_234 }));
        let texts: Vec<_> = told(&marks).into_iter().map(|(_, _, _, text)| text).collect();
        assert_eq!(
            texts,
            [
                "the copy differs",
                "took over the reference's state: f0, f1, f2, f3, f4 and 2 more",
                "took over the service's state, which differed by up to 0.5: ball.x",
                "the clock waited for the service, 1.2 s so far",
            ]
        );
        assert!(marks.of(1).is_empty());
    }
}
