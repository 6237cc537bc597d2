//! A game of which players see pictures only: what they do reaches the frame that closes next, and the service's own copy
//! shows each of them what it may see.

use std::collections::BTreeMap;

use rmpv::Value;

use super::SharedGame;
use super::acts::{Acts, Deed};
use super::out::{Out, Seats};
use super::stream::{Stream, window};
use super::terms::{Terms, packed};
use crate::rules::timeline::Input;
use crate::time::Timestamp;
use crate::wire;
use crate::wire::{Echo, Picture, PointerAct, RefusalCode, SeatPicture, ToBrowser};

/// One player of a streamed game in one episode.
#[derive(Debug, Clone)]
pub(super) struct Watching {
    pub pictures: Stream,
    acts: Acts,
}

impl Watching {
    fn new(terms: &Terms) -> Self {
        Self { pictures: Stream::new(), acts: Acts::new(terms.input_mode, terms.pointer.map(|(mode, ..)| mode)) }
    }

    /// Another page, or the same one over another connection. It counts its acts as it likes.
    pub(super) fn anew(&mut self, terms: &Terms) {
        self.pictures.anew();
        self.acts = Acts::new(terms.input_mode, terms.pointer.map(|(mode, ..)| mode));
    }
}

impl SharedGame {
    /// Pictures and acts are those of this episode from now on.
    pub(super) fn streams_of(&mut self, episode: u32) {
        if self.terms.streamed() && self.streamed_episode != Some(episode) {
            self.streamed_episode = Some(episode);
            self.streams = self.seats.iter().map(|_| Watching::new(&self.terms)).collect();
        }
    }

    /// How many pictures may be on the way to a player.
    pub(super) fn window(&self, seat: usize) -> usize {
        window(self.seats[seat].round_trip(), self.terms.frame)
    }

    /// The service's own copy shows something, in the state after so many frames.
    pub(super) fn show(&mut self, now: Timestamp, frame: u32, pictures: Vec<SeatPicture>, out: &mut Out) {
        let Some(episode) = self.streamed_episode.filter(|_| self.terms.streamed()) else { return };
        let followers = self.followers();
        for picture in pictures {
            let mut by_number: BTreeMap<(u32, Option<usize>), Vec<usize>> = BTreeMap::new();
            for seat in followers.iter().filter(|seat| picture.seats & (1 << seat) != 0) {
                let window = self.window(seat);
                let number = self.streams[seat].pictures.offer(now, picture.complete, window);
                if let Some(number) = number {
                    let own = picture.own.iter().position(|words| words.seats & (1 << seat) != 0);
                    by_number.entry((number, own)).or_default().push(seat);
                }
            }
            let SeatPicture { draw, image, hud, assets, own, .. } = picture;
            for ((number, words), seats) in by_number {
                let words = words.map(|place| &own[place]);
                let hud = words.map_or_else(|| hud.clone(), |words| words.hud.clone());
                let score = words.and_then(|words| words.score);
                let (draw, image, assets) = (draw.clone(), image.clone(), assets.clone());
                let picture = Picture { episode, number, frame, draw, image, hud, score, assets };
                out.tell(seats.into_iter().collect(), ToBrowser::Picture(picture));
            }
        }
    }

    /// A player does something. It counts for the frame that closes next.
    pub(super) fn acts(&mut self, now: Timestamp, seat: usize, said: wire::Acts, out: &mut Out) {
        let binding = said.binding.map(|binding| binding as usize);
        if binding.is_some_and(|binding| binding >= self.terms.bindings.len()) {
            let message = format!("the scene has {} bindings, counted from 0", self.terms.bindings.len());
            return self.refuse(seat, RefusalCode::Malformed, message, out);
        }
        let deed = match (binding, said.pointer) {
            (None, None) => None,
            (Some(binding), None) => Some(Deed::Binding(binding)),
            (None, Some(place)) if self.terms.takes(place) => Some(Deed::Pointer(place)),
            (binding, Some(_)) => {
                let message = match binding {
                    Some(_) => "a binding and a place at once; send one of them",
                    None => "the scene takes no such place",
                };
                return self.refuse(seat, RefusalCode::Malformed, message.to_owned(), out);
            }
        };
        let began = |playing: &super::Playing| playing.clock.begins_in(now).is_some_and(|wait| wait.is_zero());
        let played = self.in_episode() && self.playing.as_ref().is_some_and(began);
        self.streams[seat].acts.hear(said.number, deed, played);
    }

    /// A player's screen shows a picture.
    pub(super) fn seen(&mut self, now: Timestamp, seat: usize, number: u32, out: &mut Out) {
        self.streams[seat].pictures.seen(number);
        self.show_still(now, out);
    }

    /// The open frame closes: whoever is there does in it what it does now. No key is an input, too.
    pub(super) fn take_acts(&mut self, away: Seats, out: &mut Out) {
        if !self.terms.streamed() {
            return;
        }
        let followers = self.followers();
        let Some(playing) = &mut self.playing else { return };
        let (episode, frame) = (playing.number, playing.open());
        for seat in followers.iter().filter(|seat| !away.has(*seat)) {
            let (deed, new) = self.streams[seat].acts.take();
            let action = match deed {
                Some(Deed::Binding(binding)) => self.terms.bindings.get(binding).cloned(),
                Some(Deed::Pointer(place)) => Some(action_of(place)),
                None => None,
            };
            playing.timeline.offer(seat, frame, action.unwrap_or_else(|| self.terms.default.clone()));
            if let Some(number) = new {
                // The state after this frame is the first that shows it.
                out.tell(Seats::one(seat), ToBrowser::Echo(Echo { episode, number, frame: frame + 1 }));
            }
        }
    }
}

/// What an environment is given for a place on the picture; in the browsers' copies `greenroom.pointing` says the same.
fn action_of(PointerAct { x, y, pressed }: PointerAct) -> Input {
    packed(&Value::Map(vec![("x".into(), x.into()), ("y".into(), y.into()), ("pressed".into(), pressed.into())]))
}
