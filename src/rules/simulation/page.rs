//! What a browser's page does with a game: it hears the service, drives its copy by its clock, and answers
//! (`assets/client/game/shared_player.js` and `worker/copy.js`).

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_bytes::ByteBuf;

use super::Random;
use super::copy::{Copy, Event, Output, Rules};
use super::host_rows::HostRows;
use super::pacer::Pacer;
use super::toy::Toy;
use super::viewer::{Viewer, Watched};
use crate::rules::timeline::Input;
use crate::wire::*;

/// How often rows go out, in milliseconds.
const FLUSH: f64 = 400.0;

/// More frames to catch up with than this are taken before the clock moves on.
const BACKLOG: u32 = 2;

/// A page of a participant, from the moment at which its environment is made.
pub(super) struct Page {
    rules: Rules,
    /// Length of a frame by the browser's own clock.
    period: f64,
    random: Random,
    start: Option<Prepare>,
    /// When the environment stands at the episode's start.
    preparing: Option<f64>,
    copy: Option<Copy>,
    queue: Vec<Event>,
    /// The first frame that is not confirmed, counting what is in the queue.
    confirmed: u32,
    pacer: Pacer,
    /// The head start to play on with, if at all, once it has caught up.
    catching: Option<Option<u32>>,
    rows: Option<HostRows>,
    end: Option<u32>,
    flushed: f64,
    /// Frames that have become final, and how many of them were told of.
    finals: u32,
    witnessed: u32,
    over: bool,
    viewer: Option<Viewer>,
    pub seen: Seen,
}

/// What a page went through, for the checks.
#[derive(Debug, Default, Clone)]
pub(super) struct Seen {
    /// Hashes after final frames, by episode.
    pub states: BTreeMap<u32, BTreeMap<u32, u64>>,
    /// Frames that the service confirmed, by episode.
    pub confirmed: BTreeMap<u32, BTreeMap<u32, Vec<Input>>>,
    pub seeds: BTreeMap<u32, u32>,
    pub paces: Vec<f64>,
    pub waited: u32,
    pub rollbacks: u32,
    pub deepest: u32,
    pub furthest: u32,
    pub heals: u32,
    pub resets: u32,
    pub hosted: u32,
    pub adoptions: u32,
    pub watched: Watched,
}

impl Page {
    pub fn new(rules: &Rules, period: f64, random: Random) -> Self {
        let viewer = random.0 ^ 1;
        Self {
            rules: rules.clone(),
            period,
            random,
            start: None,
            preparing: None,
            copy: None,
            queue: Vec::new(),
            confirmed: 0,
            pacer: Pacer::new(period, rules.bound),
            catching: None,
            rows: None,
            end: None,
            flushed: 0.0,
            finals: 0,
            witnessed: 0,
            over: false,
            viewer: rules.streamed.then(|| Viewer::new(Random(viewer))),
            seen: Seen::default(),
        }
    }

    /// How far the copy here has come.
    pub fn has(&self) -> Option<Progress> {
        if let Some(viewer) = &self.viewer {
            return viewer.has();
        }
        let start = self.start.as_ref()?;
        Some(Progress { game: start.game, episode: start.episode, confirmed: self.confirmed })
    }

    pub fn frame(&self) -> Option<(u32, u32)> {
        if let Some(viewer) = &self.viewer {
            return viewer.frame();
        }
        Some((self.start.as_ref()?.episode, self.copy.as_ref()?.confirmed()))
    }

    pub fn corrupt(&mut self) {
        self.copy.as_mut().expect("a copy is there").corrupt();
    }

    /// When it has something to do by itself.
    pub fn next(&self) -> f64 {
        if let Some(viewer) = &self.viewer {
            return viewer.next();
        }
        let flush = if self.rows.as_ref().is_some_and(HostRows::unsent) { self.flushed + FLUSH } else { f64::INFINITY };
        let tick = if self.pacer.running { self.pacer.due() } else { f64::INFINITY };
        flush.min(tick).min(self.preparing.unwrap_or(f64::INFINITY))
    }

    /// Does what is due.
    pub fn live(&mut self, now: f64, out: &mut Vec<FromPlayer>) {
        if let Some(viewer) = &mut self.viewer {
            return viewer.live(now, out);
        }
        if self.preparing.is_some_and(|at| at <= now) {
            self.preparing = None;
            let start = self.start.as_ref().expect("an episode is being prepared");
            out.push(FromPlayer::Prepared(Prepared { game: start.game, episode: start.episode }));
        }
        if self.pacer.running && self.pacer.due() <= now {
            self.go(now, out);
        }
        if now >= self.flushed + FLUSH {
            self.flushed = now;
            self.flush(out);
        }
    }

    pub fn hear(&mut self, now: f64, message: &ToBrowser, out: &mut Vec<FromPlayer>) {
        if let Some(viewer) = &mut self.viewer {
            return viewer.hear(now, message, out);
        }
        match message {
            ToBrowser::Prepare(start) => self.prepare(now, start.clone()),
            ToBrowser::CatchUp(catch_up) => self.catch_up(now, catch_up, out),
            ToBrowser::Over(_) => {
                self.over = true;
                self.pause();
                self.call(0, out);
                self.flush(out);
            }
            ToBrowser::Acknowledged(said) => {
                if let (Some(rows), Some(start)) = (&mut self.rows, &self.start)
                    && start.episode == said.episode
                {
                    rows.acknowledged(said.steps);
                }
            }
            ToBrowser::Refused(refused) => panic!("an honest page was refused: {refused:?}"),
            message if self.copy.is_some() => self.in_episode(now, message, out),
            _ => {}
        }
    }

    fn in_episode(&mut self, now: f64, message: &ToBrowser, out: &mut Vec<FromPlayer>) {
        let (game, episode) = self.start.as_ref().map(|start| (start.game, start.episode)).expect("there is a copy");
        match message {
            ToBrowser::Relayed(said) if said.episode == episode => {
                let inputs = said.inputs.iter().map(input_of).collect();
                self.queue.push(Event::Relayed(said.seat as usize, said.first, inputs));
                self.look(now, out);
            }
            ToBrowser::Confirmed(said) if said.episode == episode => {
                self.confirm(said);
                self.look(now, out);
            }
            ToBrowser::Begin(said) if said.episode == episode && self.end.is_none() && !self.over => {
                assert!(self.preparing.is_none(), "an episode begins for somebody who is not ready");
                self.pacer.begin(now, f64::from(said.in_ms), said.head_start);
            }
            ToBrowser::Pace(said) if said.episode == episode => {
                self.pacer.factor = said.factor;
                self.seen.paces.push(said.factor);
            }
            ToBrowser::Paused(said) if said.episode == episode => {
                self.pause();
                if let Some(start) = self.start.as_ref().filter(|start| said.waiting_for.contains(&start.seat)) {
                    out.push(FromPlayer::CaughtUp(CaughtUp { game: start.game, episode }));
                }
            }
            ToBrowser::Host(said) if said.episode == episode => {
                self.host(said.rows_from);
                self.go(now, out);
                self.flush(out);
                // It is enough to have said it once; the browser says it again.
                if let Some(steps) = self.end.filter(|_| said.rows_from.is_some() && self.random.chance(0.5)) {
                    self.tell_end(steps, out);
                }
            }
            ToBrowser::SnapshotWanted(said) if said.episode == episode => {
                self.call(0, out);
                let state = self.copy.as_ref().expect("there is a copy").snapshot(said.frame).clone();
                let (frame, state) = (state.frame, ByteBuf::from(rmp_serde::to_vec(&state).unwrap()));
                out.push(FromPlayer::Snapshot(Snapshot { game, episode, frame, state }));
            }
            ToBrowser::Heal(said) if said.episode == episode => {
                self.seen.heals += 1;
                self.call(0, out);
                let over = self.end.take().is_some();
                self.queue.push(Event::Heal(rmp_serde::from_slice(&said.state).unwrap()));
                self.call(0, out);
                if over && self.end.is_none() {
                    self.pacer.begin(now, 0.0, self.pacer.lead()); // It had ended here alone.
                }
                out.push(FromPlayer::Healed(Healed { game, episode, frame: said.frame, fields: Vec::new() }));
            }
            ToBrowser::Adopt(said) if said.episode == episode => self.adopt(now, said, out),
            _ => {}
        }
    }

    fn adopt(&mut self, now: f64, said: &Heal, out: &mut Vec<FromPlayer>) {
        let (game, episode) = self.start.as_ref().map(|start| (start.game, start.episode)).expect("there is a copy");
        self.call(0, out);
        let state: Toy = rmp_serde::from_slice(&said.state).unwrap();
        let own = self.copy.as_ref().expect("there is a copy").at(said.frame);
        let equal = own.map(|own| *own == state);
        let largest = equal.map(|equal| Finite::try_from(f64::from(u8::from(!equal))).unwrap());
        if equal != Some(true) {
            self.seen.adoptions += u32::from(equal == Some(false));
            let over = self.end.take().is_some();
            self.queue.push(Event::Heal(state));
            self.call(0, out);
            if over && self.end.is_none() {
                self.pacer.begin(now, 0.0, self.pacer.lead());
            }
        }
        let fields = if equal == Some(false) { vec!["random: 1 is not 2".to_owned()] } else { Vec::new() };
        out.push(FromPlayer::Adopted(Adopted { game, episode, frame: said.frame, largest, fields }));
    }

    fn prepare(&mut self, now: f64, start: Prepare) {
        let same = self.start.as_ref().is_some_and(|known| (known.game, known.episode) == (start.game, start.episode));
        if same && self.copy.as_ref().is_some_and(|copy| copy.frame() == 0) {
            self.preparing = Some(self.preparing.unwrap_or(now));
        } else {
            self.make(start);
            self.preparing = Some(now + self.random.between(20.0, 400.0));
        }
    }

    fn make(&mut self, start: Prepare) {
        self.finish_copy();
        let dice = Random(self.random.next());
        self.copy = Some(Copy::new(&self.rules, start.seat as usize, start.input_delay, start.seed, dice));
        self.seen.seeds.insert(start.episode, start.seed);
        self.start = Some(start);
        self.preparing = None;
        self.queue.clear();
        self.confirmed = 0;
        let waited = self.pacer.waited;
        self.pacer = Pacer::new(self.period, self.rules.bound);
        self.pacer.waited = waited;
        self.catching = None;
        self.rows = None;
        self.end = None;
        (self.finals, self.witnessed) = (0, 0);
    }

    /// Notes how a copy fared that is no longer needed.
    pub fn finish_copy(&mut self) {
        if let Some(viewer) = &self.viewer {
            self.seen.watched = viewer.watched.clone();
        }
        let Some(copy) = self.copy.take() else { return };
        self.seen.waited = self.pacer.waited;
        self.seen.rollbacks += copy.rollbacks;
        self.seen.deepest = self.seen.deepest.max(copy.deepest);
        self.seen.furthest = self.seen.furthest.max(copy.furthest);
    }

    pub fn waited(&self) -> u32 {
        self.pacer.waited
    }

    fn catch_up(&mut self, now: f64, said: &CatchUp, out: &mut Vec<FromPlayer>) {
        let same = self
            .start
            .as_ref()
            .is_some_and(|known| (known.game, known.episode) == (said.start.game, said.start.episode));
        if !same || said.snapshot.is_some() {
            self.seen.resets += 1;
            self.make(said.start.clone());
            if let Some(snapshot) = &said.snapshot {
                self.confirmed = snapshot.frame;
                self.queue.push(Event::Heal(rmp_serde::from_slice(&snapshot.state).unwrap()));
            }
        }
        // Prepared, and cut off before it heard that the episode began.
        self.preparing = None;
        self.confirm(&said.confirmed);
        self.pause();
        self.catching = Some(said.head_start).filter(|_| said.running && self.end.is_none()).map(Some).or(Some(None));
        self.go(now, out);
    }

    fn confirm(&mut self, said: &Confirmed) {
        let frames: Vec<Vec<Input>> = said.frames.iter().map(|frame| frame.iter().map(input_of).collect()).collect();
        let seen = self.seen.confirmed.entry(said.episode).or_default();
        for (frame, inputs) in (said.first..).zip(&frames) {
            let known = seen.entry(frame).or_insert_with(|| inputs.clone());
            assert_eq!(known, inputs, "frame {frame} was confirmed before with other inputs");
        }
        self.confirmed = self.confirmed.max(said.first + frames.len() as u32);
        self.queue.push(Event::Confirmed(said.first, frames));
    }

    fn pause(&mut self) {
        if let Some(head_start) = &mut self.catching {
            *head_start = None;
        }
        self.pacer.pause();
    }

    fn host(&mut self, from: Option<u32>) {
        match (from, &mut self.rows) {
            (Some(from), Some(rows)) if rows.covers(from) => {
                rows.send_from(from);
            }
            _ => {
                self.seen.hosted += u32::from(from.is_some());
                self.queue.push(Event::Rows(from));
                self.rows = from.map(HostRows::new);
            }
        }
    }

    // ---------------------------------------------------------------------------------------------- the copy's clock

    fn look(&mut self, now: f64, out: &mut Vec<FromPlayer>) {
        let frame = self.copy.as_ref().expect("there is a copy").frame();
        if self.pacer.eager(frame, self.confirmed) || self.pacer.due() <= now {
            self.go(now, out);
        }
    }

    fn go(&mut self, now: f64, out: &mut Vec<FromPlayer>) {
        let Some(copy) = &self.copy else { return };
        let far = self.confirmed.saturating_sub(copy.frame()) > BACKLOG;
        if self.catching.is_some() || far {
            self.pacer.fall_behind();
            self.call(0, out);
        }
        let frame = self.copy.as_ref().expect("there is a copy").frame();
        let frames = if self.catching.is_some() { 0 } else { self.pacer.advance(now, frame, self.confirmed) };
        if frames > 0 || !self.queue.is_empty() {
            self.call(frames, out);
        }
        if let Some(head_start) = self.catching.take() {
            self.caught_up(now, head_start, out);
        }
    }

    fn caught_up(&mut self, now: f64, head_start: Option<u32>, out: &mut Vec<FromPlayer>) {
        let start = self.start.as_ref().expect("there is a copy");
        let (game, episode) = (start.game, start.episode);
        out.push(FromPlayer::CaughtUp(CaughtUp { game, episode }));
        if let Some(head_start) = head_start {
            self.pacer.begin(now, 0.0, head_start);
        }
        self.send(self.copy.as_ref().and_then(Copy::pending), out);
        if let Some(rows) = &mut self.rows {
            rows.rewind();
        }
        if let Some(steps) = self.end {
            self.tell_end(steps, out);
        }
        self.flush(out);
    }

    fn call(&mut self, frames: u32, out: &mut Vec<FromPlayer>) {
        let Some(copy) = &mut self.copy else { return };
        let Output { send, hashes, rows, finals, end } = copy.tick(std::mem::take(&mut self.queue), frames);
        let start = self.start.as_ref().expect("there is a copy");
        let (game, episode) = (start.game, start.episode);
        self.finals = finals.last().map_or(self.finals, |(frame, _)| frame + 1);
        self.seen.states.entry(episode).or_default().extend(finals);
        self.send(send, out);
        if !hashes.is_empty() {
            let hashes = hashes.into_iter().map(|(state, hash)| (state, StateHash(hash))).collect();
            out.push(FromPlayer::Hashes(Hashes { game, episode, hashes }));
        }
        if let Some(host) = &mut self.rows {
            host.made(rows);
        }
        if let (Some(steps), None) = (end, self.end) {
            self.end = end;
            self.pause();
            self.tell_end(steps, out);
        }
    }

    fn tell_end(&mut self, steps: u32, out: &mut Vec<FromPlayer>) {
        self.flush(out);
        let start = self.start.as_ref().expect("there is a copy");
        out.push(FromPlayer::EpisodeEnded(EpisodeEnded { game: start.game, episode: start.episode, steps }));
    }

    fn send(&self, sent: Option<(u32, Vec<Input>)>, out: &mut Vec<FromPlayer>) {
        if let (Some((first, inputs)), Some(start)) = (sent, &self.start) {
            let inputs = inputs.into_iter().map(|input| ByteBuf::from(input.to_vec())).collect();
            out.push(FromPlayer::Inputs(Inputs { game: start.game, episode: start.episode, first, inputs }));
        }
    }

    fn witness(&mut self, out: &mut Vec<FromPlayer>) {
        let Some(start) = self.start.as_ref().filter(|_| self.finals >= self.witnessed + 30) else { return };
        let (game, episode, first) = (start.game, start.episode, self.witnessed);
        let frame = FrameSeen { predicted: Vec::new(), depth: 0, focused: true, at: Finite::default() };
        let frames = vec![frame; (self.finals - first) as usize];
        self.witnessed = self.finals;
        out.push(FromPlayer::Witnessed(Witnessed { game, episode, first, frames }));
    }

    /// Sends the rows that have not been sent on this connection.
    fn flush(&mut self, out: &mut Vec<FromPlayer>) {
        self.witness(out);
        let (Some(rows), Some(start)) = (&mut self.rows, &self.start) else { return };
        if let Some((first, steps)) = rows.send() {
            out.push(FromPlayer::Steps(Steps { game: start.game, episode: start.episode, first, steps }));
        }
    }
}

fn input_of(bytes: &ByteBuf) -> Input {
    Bytes::copy_from_slice(bytes)
}
