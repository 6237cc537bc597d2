//! What one player of a streamed game does: the browser tells of keys as they change, and each frame that closes takes what
//! acts then. A tap that is shorter than a frame is not lost; single presses act one after the other.

use std::collections::VecDeque;

use crate::experiment::{InputMode, Pointer};
use crate::wire::PointerAct;

/// Single presses that wait for their frame, as in the browser: more would play on long after the hands have stopped.
const QUEUE: usize = 4;

/// What a player can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// The keys of a binding are pressed.
    Binding(usize),
    /// The mouse or a finger is somewhere on the picture.
    Pointer(PointerAct),
}

/// What one player does.
#[derive(Debug, Clone)]
pub(super) struct Acts {
    /// Whether a key acts as long as it is held, and whether a pointer does.
    lasting: (bool, bool),
    /// Of the newest one that was heard.
    number: u32,
    /// Of the newest one that lasts, or ends what lasted.
    changed: u32,
    /// Of the newest one that was played.
    played: u32,
    held: Option<Deed>,
    /// What was held last since the last frame closed, and is held no longer.
    tapped: Option<Deed>,
    /// What acts once, each with its number.
    presses: VecDeque<(u32, Deed)>,
}

impl Acts {
    pub(super) fn new(mode: InputMode, pointer: Option<Pointer>) -> Self {
        let lasting = (mode == InputMode::PressedKeys, pointer.is_some_and(Pointer::lasts));
        Self { lasting, number: 0, changed: 0, played: 0, held: None, tapped: None, presses: VecDeque::new() }
    }

    /// The player does something from now on, or nothing. Presses count only while frames are `played`. What was heard
    /// before is heard once.
    pub(super) fn hear(&mut self, number: u32, deed: Option<Deed>, played: bool) {
        if number <= self.number {
            return;
        }
        self.number = number;
        let lasts = match deed {
            Some(Deed::Binding(_)) => self.lasting.0,
            Some(Deed::Pointer(_)) => self.lasting.1,
            None => self.lasting.0 || self.lasting.1,
        };
        if lasts {
            if played && deed.is_some() {
                self.tapped = deed;
            }
            (self.held, self.changed) = (deed, number);
        } else if let Some(deed) = deed.filter(|_| played && self.presses.len() < QUEUE) {
            self.presses.push_back((number, deed));
        }
    }

    /// What the player does in a frame that closes, and the number of the newest act in it if that is new. A press goes
    /// before what is held, for it acts once.
    pub(super) fn take(&mut self) -> (Option<Deed>, Option<u32>) {
        let (deed, number) = match self.presses.pop_front() {
            Some((number, deed)) => (Some(deed), number),
            None => {
                let tapped = self.tapped.take();
                (self.held.or(tapped), self.changed)
            }
        };
        let new = number > self.played;
        self.played = self.played.max(number);
        (deed, new.then_some(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: u32) -> Deed {
        Deed::Pointer(PointerAct { x, y: 0, pressed: true })
    }

    fn key(binding: usize) -> Option<Deed> {
        Some(Deed::Binding(binding))
    }

    #[test]
    fn keys_act_while_they_are_held_and_a_tap_is_not_lost() {
        let mut acts = Acts::new(InputMode::PressedKeys, None);
        assert_eq!(acts.take(), (None, None));
        acts.hear(1, key(3), true);
        assert_eq!(acts.take(), (key(3), Some(1)));
        assert_eq!(acts.take(), (key(3), None), "an act is new once");
        acts.hear(2, None, true);
        acts.hear(1, key(3), true);
        assert_eq!(acts.take(), (None, Some(2)), "what comes again changes nothing");
        acts.hear(3, key(1), true);
        acts.hear(4, None, true);
        assert_eq!(acts.take(), (key(1), Some(4)));
        assert_eq!(acts.take(), (None, None));
        // A key that is held when the clock starts acts; one that was tapped before does not.
        acts.hear(5, key(2), false);
        acts.hear(6, None, false);
        assert_eq!(acts.take(), (None, Some(6)));
        acts.hear(7, key(2), false);
        assert_eq!(acts.take(), (key(2), Some(7)));
    }

    #[test]
    fn presses_act_once_each_one_after_the_other() {
        let mut acts = Acts::new(InputMode::SingleKeystroke, None);
        acts.hear(1, key(0), false);
        assert_eq!(acts.take(), (None, None));
        (2..9).for_each(|number| acts.hear(number, key(number as usize), true));
        let taken: Vec<_> = (0..5).map(|_| acts.take()).collect();
        let of = |number: u32| (key(number as usize), Some(number));
        assert_eq!(taken, [of(2), of(3), of(4), of(5), (None, None)]);
    }

    #[test]
    fn a_click_goes_before_a_held_key_and_a_held_pointer_stays() {
        let mut acts = Acts::new(InputMode::PressedKeys, Some(Pointer::Click));
        acts.hear(1, key(1), true);
        acts.hear(2, Some(at(5)), true);
        acts.hear(3, Some(at(6)), true);
        let taken: Vec<_> = (0..3).map(|_| acts.take().0).collect();
        assert_eq!(taken, [Some(at(5)), Some(at(6)), key(1)], "the key is still held");
        let mut acts = Acts::new(InputMode::SingleKeystroke, Some(Pointer::Hold));
        acts.hear(1, Some(at(5)), true);
        assert_eq!((acts.take().0, acts.take().0), (Some(at(5)), Some(at(5))));
        acts.hear(2, key(1), true);
        assert_eq!((acts.take(), acts.take().0), ((key(1), Some(2)), Some(at(5))));
        acts.hear(3, None, true);
        assert_eq!(acts.take(), (None, Some(3)));
    }
}
