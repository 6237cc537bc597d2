//! What one player of a streamed game does: the browser tells of keys as they change, and each frame that closes takes what
//! acts then. A tap that is shorter than a frame is not lost; single presses act one after the other.

use std::collections::VecDeque;

use crate::experiment::InputMode;

/// Single presses that wait for their frame, as in the browser: more would play on long after the hands have stopped.
const QUEUE: usize = 4;

/// What one player does.
#[derive(Debug, Clone)]
pub(super) struct Acts {
    mode: InputMode,
    /// Of the newest one that was heard.
    number: u32,
    /// Of the newest one that was played.
    played: u32,
    held: Option<usize>,
    /// What was held last since the last frame closed, and is held no longer.
    tapped: Option<usize>,
    /// Single presses, each with its number.
    presses: VecDeque<(u32, usize)>,
}

impl Acts {
    pub(super) fn new(mode: InputMode) -> Self {
        Self { mode, number: 0, played: 0, held: None, tapped: None, presses: VecDeque::new() }
    }

    /// The player does something from now on, or nothing. Presses count only while frames are `played`. What was heard
    /// before is heard once.
    pub(super) fn hear(&mut self, number: u32, binding: Option<usize>, played: bool) {
        if number <= self.number {
            return;
        }
        self.number = number;
        match (self.mode, binding) {
            (InputMode::PressedKeys, _) => {
                if played && binding.is_some() {
                    self.tapped = binding;
                }
                self.held = binding;
            }
            (InputMode::SingleKeystroke, Some(binding)) if played && self.presses.len() < QUEUE => {
                self.presses.push_back((number, binding));
            }
            (InputMode::SingleKeystroke, _) => {}
        }
    }

    /// What the player does in a frame that closes, and the number of the newest act in it if that is new.
    pub(super) fn take(&mut self) -> (Option<usize>, Option<u32>) {
        let tapped = self.tapped.take();
        let (binding, number) = match self.mode {
            InputMode::PressedKeys => (self.held.or(tapped), self.number),
            InputMode::SingleKeystroke => match self.presses.pop_front() {
                Some((number, binding)) => (Some(binding), number),
                None => (None, self.played),
            },
        };
        let new = number > self.played;
        self.played = number;
        (binding, new.then_some(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_act_while_they_are_held_and_a_tap_is_not_lost() {
        let mut acts = Acts::new(InputMode::PressedKeys);
        assert_eq!(acts.take(), (None, None));
        acts.hear(1, Some(3), true);
        assert_eq!(acts.take(), (Some(3), Some(1)));
        assert_eq!(acts.take(), (Some(3), None), "an act is new once");
        acts.hear(2, None, true);
        acts.hear(1, Some(3), true);
        assert_eq!(acts.take(), (None, Some(2)), "what comes again changes nothing");
        acts.hear(3, Some(1), true);
        acts.hear(4, None, true);
        assert_eq!(acts.take(), (Some(1), Some(4)));
        assert_eq!(acts.take(), (None, None));
        // A key that is held when the clock starts acts; one that was tapped before does not.
        acts.hear(5, Some(2), false);
        acts.hear(6, None, false);
        assert_eq!(acts.take(), (None, Some(6)));
        acts.hear(7, Some(2), false);
        assert_eq!(acts.take(), (Some(2), Some(7)));
    }

    #[test]
    fn presses_act_once_each_one_after_the_other() {
        let mut acts = Acts::new(InputMode::SingleKeystroke);
        acts.hear(1, Some(0), false);
        assert_eq!(acts.take(), (None, None));
        (2..9).for_each(|number| acts.hear(number, Some(number as usize), true));
        let taken: Vec<_> = (0..5).map(|_| acts.take()).collect();
        let of = |number: u32| (Some(number as usize), Some(number));
        assert_eq!(taken, [of(2), of(3), of(4), of(5), (None, None)]);
    }
}
