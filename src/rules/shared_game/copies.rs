//! The copies of the environment: whether they are equal, which of them is the reference, and how long the episode was.

use std::collections::BTreeMap;

use super::SharedGame;
use super::out::{Out, Seats};
use super::playing::Playing;
use super::states::Wanted;
use crate::facts::GameFact;
use crate::rules::ledger::{Replica, Verdict};
use crate::rules::lobby;
use crate::time::Timestamp;
use crate::wire::{Finite, HostRole, StateHash, ToBrowser};

/// Hashes of a copy that are kept until the others have told theirs.
const HASHES_KEPT: usize = 64;

/// What is known of one player's copy in the episode that is played.
#[derive(Debug, Clone, Default)]
pub(super) struct Copy {
    /// Frames that its player has told about.
    pub witnessed: u32,
    /// The first frame whose inputs it knows.
    from: u32,
    /// It was told to begin anew, and has not caught up yet.
    renewed: bool,
    pub ill: Option<Ill>,
    /// How many frames the episode had by its word.
    pub end: Option<u32>,
    /// Hashes of states that are compared regularly.
    hashes: BTreeMap<u32, u64>,
    /// Hash of another state: the one with which the episode ended.
    last: Option<(u32, u64)>,
    /// It is on record that it ended in another way than the reference.
    ended_otherwise: bool,
    /// The newest state of the service's copy of which it told how far it was from it; how often that was not nothing, and
    /// the largest difference.
    pub answered: u32,
    pub adopted: u32,
    pub largest: Option<Finite>,
}

/// A copy that differs from the reference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ill {
    /// In the state after so many frames.
    pub state: u32,
    pub since: Timestamp,
    /// A state to heal it was asked for, or sent.
    pub asked: bool,
    pub attempts: u32,
}

impl Copy {
    /// Its player's connection is gone.
    pub(super) fn lost(&mut self) {
        self.renewed = false;
        if let Some(ill) = &mut self.ill {
            ill.asked = false;
        }
    }

    /// It is told to begin with the state after so many frames.
    pub(super) fn begin_at(&mut self, frame: u32) {
        self.from = frame;
        self.renewed = true;
        self.forget();
    }

    /// It goes on with what it has. From where it knows the game is not known after a restart of the service.
    pub(super) fn go_on_at(&mut self, confirmed: u32) {
        self.from = self.from.min(confirmed);
    }

    pub(super) fn forget_from(&mut self) {
        self.from = u32::MAX;
    }

    /// Whether it has all inputs since the state after so many frames.
    pub(super) fn knows(&self, state: u32) -> bool {
        self.from <= state
    }

    /// It differs from the reference.
    pub(super) fn fall_ill(&mut self, state: u32, since: Timestamp) {
        self.ill = Some(Ill { state, since, asked: false, attempts: 0 });
        self.forget();
    }

    /// A state to heal it was sent.
    pub(super) fn asked(&mut self) {
        if let Some(ill) = &mut self.ill {
            ill.asked = true;
        }
    }

    /// What it said may have been wrong.
    fn forget(&mut self) {
        self.hashes.clear();
        self.last = None;
        self.end = None;
    }
}

impl Playing {
    /// The copy with which the others are compared.
    fn reference(&self) -> Option<&Copy> {
        match &self.truth {
            Some(truth) => Some(&truth.copy),
            None => self.host.map(|host| &self.copies[host]),
        }
    }
}

impl SharedGame {
    pub(super) fn hash(&mut self, replica: Replica, state: u32, hash: u64) -> Vec<Verdict> {
        // The state before the first frame has no frame that led to it, and is compared with the first one after.
        let Some(frame) = state.checked_sub(1) else { return Vec::new() };
        let streamed = self.terms.streamed();
        let Some(playing) = self.playing.as_mut().filter(|playing| frame < playing.open()) else { return Vec::new() };
        let copy = match (replica, &mut playing.truth) {
            (Replica::Player(seat), _) => &mut playing.copies[seat],
            (Replica::Runner, Some(truth)) => &mut truth.copy,
            (Replica::Runner, None) => return Vec::new(),
        };
        if playing.ledger.due(frame) {
            copy.hashes.entry(state).or_insert(hash);
            while copy.hashes.len() > HASHES_KEPT {
                copy.hashes.pop_first();
            }
            let verdicts = playing.ledger.report(replica, frame, hash);
            // Of a streamed game there is one copy, and nobody to disagree; a replay wants to know the hashes all the same.
            if streamed { vec![Verdict::Agreed(frame)] } else { verdicts }
        } else {
            copy.last.get_or_insert((state, hash));
            Vec::new()
        }
    }

    /// What the ledger finds is seen to.
    pub(super) fn judge(&mut self, now: Timestamp, verdicts: Vec<Verdict>, out: &mut Out) {
        for verdict in verdicts {
            let Some(playing) = &self.playing else { return };
            match verdict {
                Verdict::Agreed(frame) => {
                    let (episode, state) = (playing.number, frame + 1);
                    let hash = playing.reference().and_then(|copy| copy.hashes.get(&state));
                    let Some(hash) = hash.copied().map(StateHash) else { continue };
                    if playing.truth.as_ref().is_some_and(|truth| truth.agreed >= state) {
                        continue; // Said by another life of the service's copy, or before a restart.
                    }
                    self.lobby.agreed_on(frame);
                    self.fact(now, GameFact::CopiesAgreed { episode, frame: state, hash }, out);
                }
                Verdict::Differs { frame, copy: Replica::Player(seat) } => {
                    self.differs(now, seat, frame + 1, false, out);
                }
                Verdict::Hopeless { frame, copy: Replica::Player(seat) } => {
                    self.differs(now, seat, frame + 1, true, out);
                }
                Verdict::Differs { .. } | Verdict::Hopeless { .. } => {}
            }
        }
    }

    /// A copy differs: it is healed, or the game ends. What comes out when an episode is over is put on record, for the
    /// next one begins with fresh copies.
    fn differs(&mut self, now: Timestamp, seat: usize, state: u32, hopeless: bool, out: &mut Out) {
        let Some(playing) = &self.playing else { return };
        // With a copy of the service's there is always a state to go on from.
        let hopeless = hopeless && playing.truth.is_none();
        self.fact(now, GameFact::CopyDiffers { episode: playing.number, frame: state, seat }, out);
        if self.terms.ends_on_desync() || (hopeless && self.in_episode()) {
            self.lobby_says(now, lobby::Input::Stop(lobby::Reason::Desync), out);
        } else {
            self.see_to_the_ill(now, out);
        }
    }

    /// A copy has adopted a state of the reference.
    pub(super) fn cured(&mut self, now: Timestamp, seat: usize, frame: u32, fields: Vec<String>, out: &mut Out) {
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.copies[seat].ill.is_some()) else { return };
        let episode = playing.number;
        playing.ledger.healed(Replica::Player(seat));
        self.fact(now, GameFact::CopyHealed { episode, frame, seat, fields }, out);
        self.count_in(seat);
    }

    /// A copy is compared from now on, if it is where the others are and not known to differ.
    pub(super) fn count_in(&mut self, seat: usize) {
        let compared = self.is_compared(seat);
        if let Some(playing) = &mut self.playing
            && playing.copies[seat].ill.is_none()
            && compared
        {
            playing.ledger.present(Replica::Player(seat), true);
        }
    }

    /// A player says that its copy is where the others are.
    pub(super) fn caught_up(&mut self, now: Timestamp, seat: usize, out: &mut Out) {
        let Some(playing) = self.playing.as_mut().filter(|_| self.seats[seat].follows) else { return };
        if std::mem::take(&mut playing.copies[seat].renewed) {
            let from = playing.copies[seat].from;
            self.cured(now, seat, from, Vec::new(), out);
        }
        if let Some(player) = self.seats[seat].player_index {
            self.lobby_says(now, lobby::Input::CaughtUp(player), out);
        }
    }

    /// The episode is over when the reference says so and all its rows are stored.
    pub(super) fn end_episode(&mut self, now: Timestamp, out: &mut Out) {
        let in_episode = self.in_episode();
        let Some(playing) = self.playing.as_mut().filter(|_| in_episode) else { return };
        let word = playing.reference().and_then(|copy| copy.end);
        let Some(steps) = word.filter(|steps| *steps <= playing.rows) else { return };
        let (episode, host) = (playing.number, playing.host);
        if steps < playing.rows {
            // An earlier host, or another life of the service's copy, went on where this one was at the end: which of them is
            // right, nobody can tell.
            if let Some(seat) = host {
                self.fact(now, GameFact::CopyDiffers { episode, frame: steps, seat }, out);
            }
            return self.lobby_says(now, lobby::Input::Stop(lobby::Reason::Desync), out);
        }
        playing.stop();
        if playing.truth.is_some() {
            self.note_links(now, out);
            self.note_stretch(now, true, out);
        }
        self.fact(now, GameFact::EpisodeEnded { episode, steps }, out);
        self.compare_ends(now, out);
        out.held.push(super::Effect::Project);
        self.lobby_says(now, lobby::Input::EpisodeOver(episode), out);
    }

    /// Once an episode is over: whether all copies ended like the reference.
    pub(super) fn compare_ends(&mut self, now: Timestamp, out: &mut Out) {
        let (followers, streamed) = (self.followers(), self.terms.streamed());
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.end.is_some()) else { return };
        let (Some(end), host, episode) = (playing.end, playing.host, playing.number) else { return };
        let Some(reference) = playing.reference() else { return };
        let truth = reference.last.filter(|(state, _)| *state == end);
        let copies = followers.iter().count() + usize::from(playing.truth.is_some());
        let mut others = Vec::new();
        for (seat, copy) in playing.copies.iter_mut().enumerate().filter(|(seat, _)| Some(*seat) != host) {
            let elsewhere = copy.end.is_some_and(|said| said != end);
            let hash = copy.last.filter(|(state, _)| *state == end);
            let unlike = truth.is_some() && hash.is_some() && hash != truth;
            if (elsewhere || unlike) && !std::mem::replace(&mut copy.ended_otherwise, true) {
                others.push((seat, copy.end.unwrap_or(end).min(end)));
            }
        }
        let all = streamed || (copies > 1 && followers.iter().all(|seat| playing.copies[seat].last == truth));
        let agreed = truth.filter(|_| all && !std::mem::replace(&mut playing.agreed, true));
        for (seat, state) in others {
            self.differs(now, seat, state, false, out);
        }
        if let Some((frame, hash)) = agreed {
            self.fact(now, GameFact::CopiesAgreed { episode, frame, hash: StateHash(hash) }, out);
        }
    }

    /// Another copy is the reference from now on.
    pub(super) fn move_host(&mut self, now: Timestamp, host: Option<usize>, out: &mut Out) {
        let in_episode = self.in_episode();
        let Some(playing) = self.playing.as_mut().filter(|_| in_episode) else {
            return; // The host of the coming episode is told when it begins.
        };
        let old = std::mem::replace(&mut playing.host, host);
        let wanted: Vec<Wanted> = playing.wanted.drain(..).collect();
        let rows = playing.rows;
        // The new host may know the game from here on only.
        for ill in playing.copies.iter_mut().filter_map(|copy| copy.ill.as_mut()) {
            (ill.state, ill.asked) = (rows, false);
        }
        let verdicts = host.map(|host| playing.ledger.set_reference(Replica::Player(host))).unwrap_or_default();
        for seat in [old, host].into_iter().flatten().filter(|seat| self.seats[*seat].follows) {
            self.tell_role(seat, out);
        }
        self.ask_anew(now, wanted, out);
        self.judge(now, verdicts, out);
        self.end_episode(now, out);
    }

    /// Tells a player whether its copy is the reference.
    pub(super) fn tell_role(&self, seat: usize, out: &mut Out) {
        if let Some(playing) = self.playing.as_ref().filter(|playing| playing.truth.is_none()) {
            let rows_from = Some(playing.rows).filter(|_| playing.host == Some(seat));
            out.tell(Seats::one(seat), ToBrowser::Host(HostRole { episode: playing.number, rows_from }));
        }
    }
}
