//! Pictures on their way out: frames become files, and what has not changed is not sent again.

use std::collections::BTreeMap;

use jpeg_encoder::{ColorType, Encoder};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_bytes::ByteBuf;
use xxhash_rust::xxh3::xxh3_64;

use crate::wire::{Finite, Image, SeatPicture, SeatWords};

/// A picture as Python gives it.
#[derive(Debug, Clone, Default)]
pub(in crate::python) struct Drawn {
    pub seats: u32,
    pub complete: bool,
    pub draw: Option<String>,
    pub frame: Option<Frame>,
    pub hud: Option<String>,
    pub assets: Option<String>,
    pub own: Vec<SeatWords>,
}

/// A frame: four bytes for each pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::python) struct Frame {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

/// What was given out for a game last.
#[derive(Debug, Default)]
pub(in crate::python) struct Gallery {
    last: BTreeMap<u32, Last>,
}

#[derive(Debug, Default, PartialEq)]
struct Last {
    frame: Option<u64>,
    hud: Option<String>,
    own: Vec<SeatWords>,
}

impl Drawn {
    /// Reads a `Shown` of Python.
    pub fn of(picture: &Bound<'_, PyAny>) -> PyResult<Self> {
        let frame = picture.getattr("frame")?;
        let frame = match frame.is_none() {
            true => None,
            false => Some(Frame {
                width: picture.getattr("width")?.extract()?,
                height: picture.getattr("height")?.extract()?,
                rgba: frame.cast::<PyBytes>()?.as_bytes().to_vec(),
            }),
        };
        Ok(Self {
            seats: picture.getattr("seats")?.extract()?,
            complete: picture.getattr("complete")?.extract()?,
            draw: picture.getattr("draw")?.extract()?,
            frame,
            hud: picture.getattr("hud")?.extract()?,
            assets: picture.getattr("assets")?.extract()?,
            own: picture.getattr("own")?.extract::<Vec<(u32, Option<String>, f64)>>()?.into_iter().map(words).collect(),
        })
    }
}

impl Gallery {
    /// What is to be sent of a picture: nothing, if the players it is for see all of it already.
    ///
    /// # Errors
    /// When its frame is no frame.
    pub fn send(&mut self, drawn: Drawn, quality: u8) -> Result<Option<SeatPicture>, String> {
        let Drawn { seats, complete, draw, frame, hud, assets, own } = drawn;
        let now = Last { frame: frame.as_ref().map(|frame| xxh3_64(&frame.rgba)), hud: hud.clone(), own: own.clone() };
        let before = self.last.remove(&seats).unwrap_or_default();
        let changed = now.frame.is_some() && now.frame != before.frame;
        let image = match frame {
            Some(frame) if changed || complete => Some(frame.jpeg(quality)?),
            _ => None,
        };
        let same = image.is_none()
            && draw.is_none()
            && assets.is_none()
            && now.hud == before.hud
            && now.own == before.own
            && !complete;
        // Who shares a picture may change from frame to frame: only what its own seats saw last counts.
        self.last.retain(|others, _| others & seats == 0);
        self.last.insert(seats, now);
        Ok((!same).then_some(SeatPicture { seats, complete, draw, image, hud, assets, own }))
    }
}

fn words((seats, hud, score): (u32, Option<String>, f64)) -> SeatWords {
    SeatWords { seats, hud, score: Finite::try_from(score).ok() }
}

impl Frame {
    fn jpeg(&self, quality: u8) -> Result<Image, String> {
        let size = |length: u32| u16::try_from(length).ok().filter(|length| *length > 0);
        let (Some(width), Some(height)) = (size(self.width), size(self.height)) else {
            return Err(format!("a frame of {} by {} pixels cannot be sent", self.width, self.height));
        };
        let expected = 4 * usize::from(width) * usize::from(height);
        if self.rgba.len() != expected {
            return Err(format!("a frame of {width} by {height} has {expected} bytes, not {}", self.rgba.len()));
        }
        let mut data = Vec::with_capacity(expected / 16);
        let encoder = Encoder::new(&mut data, quality.clamp(1, 100));
        encoder.encode(&self.rgba, width, height, ColorType::Rgba).map_err(|error| error.to_string())?;
        Ok(Image { mime: "image/jpeg".into(), data: ByteBuf::from(data) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seats: u32, shade: u8) -> Drawn {
        let frame = Some(Frame { width: 4, height: 2, rgba: vec![shade; 32] });
        Drawn { seats, frame, ..Drawn::default() }
    }

    #[test]
    fn a_frame_is_sent_when_it_has_changed() {
        let mut gallery = Gallery::default();
        let first = gallery.send(drawn(1, 7), 85).unwrap().unwrap();
        let image = first.image.unwrap();
        assert_eq!((image.mime.as_str(), &image.data[..2]), ("image/jpeg", &[0xff, 0xd8][..]));
        assert_eq!(gallery.send(drawn(1, 7), 85).unwrap(), None);
        assert!(gallery.send(drawn(2, 7), 85).unwrap().is_some(), "another seat has not seen it");
        assert!(gallery.send(drawn(1, 8), 85).unwrap().is_some());
        let complete = Drawn { complete: true, ..drawn(1, 8) };
        assert!(gallery.send(complete, 85).unwrap().unwrap().image.is_some());
    }

    #[test]
    fn a_text_is_sent_without_the_frame_that_stayed() {
        let mut gallery = Gallery::default();
        let with = |hud: &str| Drawn { hud: Some(hud.into()), ..drawn(1, 7) };
        gallery.send(with("1 point"), 85).unwrap();
        assert_eq!(gallery.send(with("1 point"), 85).unwrap(), None);
        let sent = gallery.send(with("2 points"), 85).unwrap().unwrap();
        assert_eq!((sent.image, sent.hud.as_deref()), (None, Some("2 points")));
    }

    #[test]
    fn seats_that_share_a_picture_at_times_miss_nothing() {
        let mut gallery = Gallery::default();
        gallery.send(drawn(3, 1), 85).unwrap();
        gallery.send(drawn(1, 2), 85).unwrap();
        assert!(gallery.send(drawn(3, 1), 85).unwrap().is_some(), "the first seat has seen another one meanwhile");
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        let wrong = |width, height, bytes| Frame { width, height, rgba: vec![0; bytes] }.jpeg(85).unwrap_err();
        assert!(wrong(4, 2, 31).contains("has 32 bytes, not 31"));
        assert!(wrong(0, 2, 0).contains("cannot be sent"));
        assert!(wrong(70_000, 1, 280_000).contains("cannot be sent"));
    }
}
