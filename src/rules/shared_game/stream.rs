//! The pictures that one player of a streamed game is sent: no more than its line carries, and always the newest.
//!
//! A picture tells what has changed since the one before it. So after one that was left out only a complete one makes
//! sense; it is asked for as soon as there is room for it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Timestamp;

/// Pictures on the way beyond those that a round trip holds: for the browser's own rhythm, and for the word that comes back.
const ROOM: usize = 2;

/// Most pictures on the way, however long the line is.
const MOST: usize = 64;

/// How many pictures may be on the way to a player that have not been drawn yet.
pub(super) fn window(round_trip: Duration, frame: Duration) -> usize {
    let frames = round_trip.as_nanos().div_ceil(frame.as_nanos().max(1));
    usize::try_from(frames).unwrap_or(MOST).min(MOST) + ROOM
}

/// The pictures of one player in one episode.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    /// Of the last one that was sent.
    number: u32,
    /// Numbers of those that were not seen yet, and when they were sent.
    flight: VecDeque<(u32, Timestamp)>,
    /// What is on the screen is not what the next change is a change of.
    behind: bool,
}

impl Stream {
    /// Nothing is on the screen.
    pub(super) fn new() -> Self {
        Self { number: 0, flight: VecDeque::new(), behind: true }
    }

    /// There is a picture; its number, if it is to be sent.
    pub(super) fn offer(&mut self, now: Timestamp, complete: bool, window: usize) -> Option<u32> {
        if self.flight.len() >= window || (self.behind && !complete) {
            self.behind = true;
            return None;
        }
        self.behind = false;
        self.number += 1;
        self.flight.push_back((self.number, now));
        Some(self.number)
    }

    /// The player's browser has drawn a picture, and with it all before it.
    pub(super) fn seen(&mut self, number: u32) {
        if number <= self.number {
            while self.flight.front().is_some_and(|(sent, _)| *sent <= number) {
                self.flight.pop_front();
            }
        }
    }

    /// Whether a complete picture is needed, and could be sent.
    pub(super) fn wants(&self, window: usize) -> bool {
        self.behind && self.flight.len() < window
    }

    /// Another page shows the game, or the same one over another connection: what was on the way is lost.
    pub(super) fn anew(&mut self) {
        self.flight.clear();
        self.behind = true;
    }

    /// What comes next does not go on from what came before.
    pub(super) fn break_off(&mut self) {
        self.behind = true;
    }

    /// Since when the browser has been silent about a picture.
    pub(super) fn waits_since(&self) -> Option<Timestamp> {
        self.flight.front().map(|(_, sent)| *sent)
    }

    /// Whether the newest picture is on the screen.
    pub(super) fn settled(&self) -> bool {
        !self.behind && self.flight.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_longer_line_holds_more_pictures() {
        let of = |round_trip| window(Duration::from_millis(round_trip), Duration::from_millis(33));
        assert_eq!([of(0), of(1), of(33), of(34), of(200), of(1_000_000)], [2, 3, 3, 4, 9, 66]);
    }

    #[derive(Debug, Clone)]
    enum Move {
        /// A frame is played; the picture is complete if that was asked for, or by itself.
        Frame(bool),
        /// The browser draws so many of the pictures that have come.
        Draw(usize),
        /// It says again what it has drawn, or something that it cannot know.
        Repeat(i8),
        Anew,
    }

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let one = prop_oneof![
            8 => prop::bool::weighted(0.1).prop_map(Move::Frame),
            4 => (0_usize..4).prop_map(Move::Draw),
            1 => (-3_i8..4).prop_map(Move::Repeat),
            1 => Just(Move::Anew),
        ];
        prop::collection::vec(one, 0..200)
    }

    /// A browser: what is on the way to it, and the state that its screen shows.
    #[derive(Default)]
    struct Screen {
        way: VecDeque<(u32, u32, bool)>,
        drawn: u32,
        shows: Option<u32>,
    }

    impl Screen {
        fn draw(&mut self, most: usize) {
            for _ in 0..most {
                let Some((number, frame, complete)) = self.way.pop_front() else { return };
                // A change can be drawn only onto what it is a change of.
                assert!(complete || self.shows == frame.checked_sub(1), "{:?} is not before {frame}", self.shows);
                assert!(self.shows < Some(frame) || complete, "an older picture came after a newer one");
                (self.drawn, self.shows) = (number, Some(frame));
            }
        }
    }

    proptest! {
        #[test]
        fn a_screen_shows_what_it_can_and_in_the_end_the_newest(moves in moves(), window in 2_usize..6) {
            let (mut stream, mut screen, mut frame) = (Stream::new(), Screen::default(), 0);
            let play = |stream: &mut Stream, screen: &mut Screen, frame: &mut u32, complete: bool| {
                *frame += 1;
                let complete = complete || stream.wants(window);
                if let Some(number) = stream.offer(Timestamp(0), complete, window) {
                    screen.way.push_back((number, *frame, complete));
                }
            };
            for one in moves {
                match one {
                    Move::Frame(complete) => play(&mut stream, &mut screen, &mut frame, complete),
                    Move::Draw(most) => {
                        screen.draw(most);
                        stream.seen(screen.drawn);
                    }
                    // A browser that claims to have seen what it was not sent gets nothing for it.
                    Move::Repeat(by) if by > 0 => stream.seen(stream.number + by.unsigned_abs() as u32),
                    Move::Repeat(by) => stream.seen(screen.drawn.saturating_sub(by.unsigned_abs() as u32)),
                    Move::Anew => {
                        stream.anew();
                        screen = Screen { drawn: screen.drawn, ..Screen::default() };
                    }
                }
                prop_assert!(stream.flight.len() <= window);
                prop_assert!(screen.way.len() <= window, "more is on the way than there is room for");
                prop_assert_eq!(stream.settled(), !stream.behind && screen.way.is_empty());
            }
            screen.draw(100);
            stream.seen(screen.drawn);
            play(&mut stream, &mut screen, &mut frame, false);
            screen.draw(100);
            prop_assert_eq!(screen.shows, Some(frame), "somebody waits for a picture for ever");
            stream.seen(screen.drawn);
            prop_assert!(stream.settled());
        }
    }
}
