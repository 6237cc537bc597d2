//! What there is of a film: its frames in a file without a name, which is gone when nobody has it open any more, and an
//! index of them.
//!
//! A film of images can be as large as a film is; memory holds 16 bytes for each of its frames.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::wire::FilmedFrame;

/// Largest film, in bytes.
pub const FILM_LIMIT: u64 = 2 << 30;

/// Most frames of a film: nine hours at 60 a second, 32 MB of index.
pub const FRAMES_LIMIT: u64 = 2_000_000;

/// What a film leaves free on its disk, where the journal may be as well.
const LEAVE_FREE: u64 = 1 << 30;

/// How often, in bytes written, the disk is asked how much is free.
const LOOK_EVERY: u64 = 16 << 20;

/// Largest answer with frames, in bytes; the frames that come before the first one wanted do not count.
const ANSWER_LIMIT: u64 = 8 << 20;

/// Most frames that an answer goes back to find one that shows everything. A film has one more often.
const BACKWARD: usize = 600;

/// What begins a MessagePack array whose length follows in four bytes.
const ARRAY_32: u8 = 0xdd;

/// Where a frame stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    offset: u64,
    length: u32,
    complete: bool,
}

/// The index of a film.
#[derive(Debug, Default)]
pub struct Reel {
    episodes: BTreeMap<u32, Vec<Place>>,
}

/// Frames of a film in their order.
#[derive(Debug, Default)]
pub struct Cut {
    places: Vec<Place>,
}

/// The file of a film, written by one thread.
#[derive(Debug)]
pub struct Spool {
    file: Arc<File>,
    written: u64,
    look_at: u64,
    frames: u64,
    lengths: BTreeMap<u32, u32>,
}

/// Why a film cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ReelError {
    /// A frame is missing.
    #[error("frame {frame} of episode {episode} came where {expected} was expected")]
    Gap {
        /// The episode.
        episode: u32,
        /// The frame.
        frame: u32,
        /// Which one it should be.
        expected: u32,
    },
    /// It is too large.
    #[error("the film has reached the most that is kept of one, {} GiB or {FRAMES_LIMIT} frames", FILM_LIMIT >> 30)]
    Full,
    /// The disk is nearly full.
    #[error(
        "less than {} GiB are free where films are kept, which is left for the data; name a folder on another disk by TMPDIR",
        LEAVE_FREE >> 30
    )]
    NoRoom,
    /// The file cannot be written.
    #[error("the film cannot be kept: {0}")]
    File(#[from] std::io::Error),
}

/// The folder of films: a disk rather than memory, as `/tmp` may be, unless somebody has chosen.
fn folder() -> PathBuf {
    let disk = PathBuf::from("/var/tmp");
    if std::env::var_os("TMPDIR").is_none() && disk.is_dir() { disk } else { std::env::temp_dir() }
}

impl Spool {
    /// An empty file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin() -> std::io::Result<Self> {
        let file = tempfile::tempfile_in(folder()).or_else(|_| tempfile::tempfile())?;
        Ok(Self { file: Arc::new(file), written: 0, look_at: 0, frames: 0, lengths: BTreeMap::new() })
    }

    /// The file, to read from it.
    pub fn file(&self) -> Arc<File> {
        self.file.clone()
    }

    /// Writes a frame; the place where it stands.
    ///
    /// # Errors
    /// When it is not the next one of its episode, or there is no room.
    pub fn keep(&mut self, frame: &FilmedFrame) -> Result<Place, ReelError> {
        let FilmedFrame { episode, frame: number, .. } = *frame;
        let expected = self.lengths.get(&episode).copied().unwrap_or(0);
        if expected != number {
            return Err(ReelError::Gap { episode, frame: number, expected });
        }
        if self.frames >= FRAMES_LIMIT {
            return Err(ReelError::Full);
        }
        let length = u32::try_from(frame.shown.len()).map_err(|_| ReelError::Full)?;
        let end = self.written + u64::from(length);
        if end > FILM_LIMIT {
            return Err(ReelError::Full);
        }
        if end >= self.look_at {
            let disk = rustix::fs::fstatvfs(&*self.file).map_err(std::io::Error::from)?;
            if disk.f_bavail.saturating_mul(disk.f_frsize) < LEAVE_FREE {
                return Err(ReelError::NoRoom);
            }
            self.look_at = end + LOOK_EVERY;
        }
        (&*self.file).write_all(&frame.shown)?;
        let place = Place { offset: self.written, length, complete: frame.complete };
        self.written = end;
        self.frames += 1;
        self.lengths.insert(episode, number + 1);
        Ok(place)
    }
}

impl Reel {
    /// Puts an episode's next frame into the index.
    pub fn add(&mut self, episode: u32, place: Place) {
        self.episodes.entry(episode).or_default().push(place);
    }

    /// Whether a frame is there.
    pub fn has(&self, episode: u32, frame: u32) -> bool {
        self.episodes.get(&episode).is_some_and(|places| places.len() > frame as usize)
    }

    /// Frames from the newest one at or before `from` that shows everything, to `count` beyond `from`; nothing when `from`
    /// is not there.
    pub fn cut(&self, episode: u32, from: u32, count: u32) -> Cut {
        let from = from as usize;
        let Some(places) = self.episodes.get(&episode).filter(|places| places.len() > from) else {
            return Cut::default();
        };
        let first = (from.saturating_sub(BACKWARD)..=from).rev().find(|at| places[*at].complete).unwrap_or(from);
        let last = places.len().min(from.saturating_add(count as usize).saturating_add(1));
        let mut size = 0;
        let beyond = places[from + 1..last].iter().take_while(|place| {
            size += u64::from(place.length);
            size <= ANSWER_LIMIT
        });
        let last = from + 1 + beyond.count();
        Cut { places: places[first..last].to_vec() }
    }
}

impl Cut {
    /// The frames as one MessagePack array; they are stored as MessagePack already. Reads from the disk.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self, file: &File) -> std::io::Result<Bytes> {
        let size: usize = self.places.iter().map(|place| place.length as usize).sum();
        let mut bytes = Vec::with_capacity(size + 5);
        bytes.push(ARRAY_32);
        bytes.extend_from_slice(&u32::try_from(self.places.len()).unwrap_or(0).to_be_bytes());
        for place in &self.places {
            let begin = bytes.len();
            bytes.resize(begin + place.length as usize, 0);
            file.read_exact_at(&mut bytes[begin..], place.offset)?;
        }
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(episode: u32, frame: u32, complete: bool) -> FilmedFrame {
        let shown = rmp_serde::to_vec(&(episode, frame)).unwrap();
        FilmedFrame { episode, frame, complete, shown: shown.into() }
    }

    /// Two episodes; the first has 100 frames, complete every 30.
    fn film() -> (Spool, Reel) {
        let (mut spool, mut reel) = (Spool::begin().unwrap(), Reel::default());
        let first = (0..100).map(|n| frame(0, n, n % 30 == 0));
        for frame in first.chain((0..5).map(|n| frame(1, n, n == 0))) {
            let place = spool.keep(&frame).unwrap();
            reel.add(frame.episode, place);
        }
        (spool, reel)
    }

    fn read(spool: &Spool, cut: &Cut) -> Vec<(u32, u32)> {
        rmp_serde::from_slice(&cut.read(&spool.file()).unwrap()).unwrap()
    }

    #[test]
    fn a_cut_begins_where_everything_is_shown() {
        let (spool, reel) = film();
        let frames = |episode, range: std::ops::RangeInclusive<u32>| range.map(|n| (episode, n)).collect::<Vec<_>>();
        assert_eq!(read(&spool, &reel.cut(0, 45, 10)), frames(0, 30..=55));
        assert_eq!(read(&spool, &reel.cut(0, 60, 0)), frames(0, 60..=60));
        assert_eq!(read(&spool, &reel.cut(0, 95, 300)), frames(0, 90..=99));
        assert_eq!(read(&spool, &reel.cut(1, 4, u32::MAX)), frames(1, 0..=4));
        for (episode, from) in [(0, 100), (1, 5), (2, 0), (0, u32::MAX)] {
            assert_eq!(read(&spool, &reel.cut(episode, from, 10)), []);
            assert!(!reel.has(episode, from));
        }
        assert!(reel.has(0, 99));
    }

    #[test]
    fn a_frame_out_of_order_is_no_part_of_a_film() {
        let (mut spool, _) = film();
        let error = spool.keep(&frame(1, 7, true)).unwrap_err().to_string();
        assert_eq!(error, "frame 7 of episode 1 came where 5 was expected");
        assert!(spool.keep(&frame(1, 0, true)).is_err());
        assert!(spool.keep(&frame(1, 5, true)).is_ok());
    }

    #[test]
    fn an_answer_and_a_film_are_bounded() {
        let (mut spool, mut reel) = (Spool::begin().unwrap(), Reel::default());
        let large = rmp_serde::to_vec(&serde_bytes::ByteBuf::from(vec![7; 3 << 20])).unwrap();
        for frame in 0..5 {
            let frame = FilmedFrame { episode: 0, frame, complete: true, shown: large.clone().into() };
            reel.add(0, spool.keep(&frame).unwrap());
        }
        assert_eq!(reel.cut(0, 1, 300).places.len(), 3, "the one wanted, and two in 8 MiB");
        spool.written = FILM_LIMIT;
        assert!(spool.keep(&frame(1, 0, true)).unwrap_err().to_string().contains("2 GiB"));
    }
}
