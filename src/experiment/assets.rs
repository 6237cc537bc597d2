//! Pictures and sounds of a game, as far as the study names them: what a browser loads before the game begins.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something that a game shows or plays; paths are relative to the scene's `assets_dir`. In the form that
/// `Surface.get_asset_specs()` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Asset {
    /// A picture.
    Image {
        /// What the environment calls it.
        name: String,
        /// Its file.
        path: String,
    },
    /// A picture cut into equal frames, numbered from 0 in rows.
    Spritesheet {
        /// What the environment calls it.
        name: String,
        /// Its file.
        path: String,
        /// Width of a frame, in pixels.
        frame_width: u32,
        /// Height of a frame, in pixels.
        frame_height: u32,
    },
    /// A picture with named frames.
    Atlas {
        /// What the environment calls it.
        name: String,
        /// The picture.
        path: String,
        /// Where its frames are: the JSON of the usual texture packers.
        json_path: String,
    },
    /// Several pictures with named frames; the JSON names them, relative to itself.
    MultiAtlas {
        /// What the environment calls them together.
        name: String,
        /// Which pictures there are, and where their frames are.
        json_path: String,
    },
    /// A sound.
    Sound {
        /// What the environment calls it.
        name: String,
        /// Its file.
        path: String,
    },
    /// Frames of a picture, shown one after the other. No file of its own.
    Animation {
        /// What the environment calls it.
        name: String,
        /// The picture with the frames.
        image: String,
        /// The frames, at least one.
        frames: Vec<FrameName>,
        /// Frames per second, at least 1.
        fps: u32,
        /// Whether it begins again at its end; else its last frame stays.
        repeat: bool,
    },
}

/// A frame of a picture: its number in a sprite sheet, or its name in an atlas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum FrameName {
    /// Of a sprite sheet.
    Number(u32),
    /// Of an atlas.
    Name(String),
}

/// Endings of files that browsers show as pictures.
const PICTURES: &[&str] = &["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp"];

/// Endings of files that browsers play.
const SOUNDS: &[&str] = &["mp3", "ogg", "oga", "opus", "wav", "m4a", "aac", "flac", "webm"];

impl Asset {
    /// A picture or a sound that is called like its file, by the file's ending; `None` where that says neither.
    pub fn of_file(path: &str) -> Option<Self> {
        let (name, path) = (path.to_owned(), path.to_owned());
        if is_picture(&path) {
            return Some(Self::Image { name, path });
        }
        ending(&path).is_some_and(|ending| SOUNDS.contains(&ending.as_str())).then_some(Self::Sound { name, path })
    }

    /// What the environment calls it.
    pub fn name(&self) -> &str {
        match self {
            Self::Image { name, .. }
            | Self::Spritesheet { name, .. }
            | Self::Atlas { name, .. }
            | Self::MultiAtlas { name, .. }
            | Self::Sound { name, .. }
            | Self::Animation { name, .. } => name,
        }
    }

    /// Its files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let (path, json) = match self {
            Self::Image { path, .. } | Self::Spritesheet { path, .. } | Self::Sound { path, .. } => (Some(path), None),
            Self::Atlas { path, json_path, .. } => (Some(path), Some(json_path)),
            Self::MultiAtlas { json_path, .. } => (None, Some(json_path)),
            Self::Animation { .. } => (None, None),
        };
        path.into_iter().chain(json).map(String::as_str)
    }
}

/// Whether a file's ending is that of a picture.
pub fn is_picture(path: &str) -> bool {
    ending(path).is_some_and(|ending| PICTURES.contains(&ending.as_str()))
}

/// Whether a path stays within the folder that it is relative to.
pub fn is_within(path: &str) -> bool {
    let parts = path.split('/');
    !path.is_empty() && !path.contains('\\') && parts.into_iter().all(|part| !matches!(part, "" | "." | ".."))
}

fn ending(path: &str) -> Option<String> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_ending_says() {
        assert!(matches!(Asset::of_file("a/Hero.PNG"), Some(Asset::Image { .. })));
        assert!(matches!(Asset::of_file("ding.mp3"), Some(Asset::Sound { .. })));
        for path in ["hero", "png", "a.b/hero", "hero.json"] {
            assert_eq!(Asset::of_file(path), None, "{path}");
        }
    }

    #[test]
    fn a_path_that_leaves_its_folder_is_none() {
        assert!(is_within("a/b.png"));
        for path in ["", "/etc/passwd", "../a.png", "a/../b.png", "a//b.png", "./a.png", "a\\b.png"] {
            assert!(!is_within(path), "{path}");
        }
    }

    #[test]
    fn the_form_is_that_of_the_drawing_surface() {
        let text = r#"{"kind":"animation","name":"walk","image":"hero","frames":[0,"b"],"fps":8,"repeat":true}"#;
        let asset: Asset = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&asset).unwrap(), text);
        assert_eq!((asset.name(), asset.paths().count()), ("walk", 0));
    }
}
