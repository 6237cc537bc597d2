//! Pictures, sounds and animations that a scene names.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString, PyTuple};

use super::given::{Given, shown};
use super::gym_values;
use super::options::Kind;
use crate::experiment::{Asset, FrameName, is_picture, is_within};

/// A list of what browsers load.
pub const KIND: Kind = Kind::Other {
    annotation: "Sequence[str | Mapping[str, Any]]",
    allowed: "a list of paths such as 'hero.png', or of dicts as Surface.get_asset_specs() gives them",
};

/// Options that name something to be loaded.
const PRELOAD: [&str; 2] = ["assets_to_preload", "preload_specs"];
const ANIMATIONS: &str = "animation_configs";

/// Largest number of frames per second of an animation: what screens show.
const ANIMATION_FPS: u32 = 60;

/// What the options of `.assets(...)` name, by option; without those that were not given.
pub fn preload(given: &Given<'_>) -> PyResult<Vec<(&'static str, Vec<Asset>)>> {
    let mut found = Vec::new();
    for option in PRELOAD {
        if let Some(items) = items(given, option)? {
            let assets = items.iter().map(|item| asset(given, option, item)).collect::<PyResult<_>>()?;
            found.push((option, assets));
        }
    }
    if let Some(items) = items(given, ANIMATIONS)? {
        let read = |item: &Bound<'_, PyAny>| Fields::of(given, ANIMATIONS, item)?.animation();
        found.push((ANIMATIONS, items.iter().map(read).collect::<PyResult<_>>()?));
    }
    Ok(found)
}

/// The colour and the picture behind a drawing.
pub fn background(given: &Given<'_>) -> PyResult<(Option<String>, Option<String>)> {
    let image = given.text("background_image")?;
    if let Some(path) = image.as_ref().filter(|path| !is_picture(path) || !is_within(path)) {
        let why =
            format!("must be the path of a picture, relative to assets_dir, such as 'sky.png'; {path:?} was given");
        return Err(given.wrong("background_image", &why));
    }
    let colour = gym_values::colour(given, "background")?;
    if colour.as_deref().is_some_and(is_picture) {
        if image.is_some() {
            return Err(given.wrong("background", "names a picture, and background_image another: give one of them"));
        }
        return Ok((None, colour));
    }
    Ok((colour, image))
}

fn items<'py>(given: &Given<'py>, option: &str) -> PyResult<Option<Vec<Bound<'py, PyAny>>>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    match (value.cast::<PyList>(), value.cast::<PyTuple>()) {
        (Ok(list), _) => Ok(Some(list.iter().collect())),
        (_, Ok(tuple)) => Ok(Some(tuple.iter().collect())),
        _ => Err(given.refusal(option, value, true)),
    }
}

fn asset(given: &Given<'_>, option: &str, item: &Bound<'_, PyAny>) -> PyResult<Asset> {
    if item.is_instance_of::<PyString>() {
        let path: String = item.extract()?;
        return Asset::of_file(&path).filter(|_| is_within(&path)).ok_or_else(|| {
            let why = format!(
                "has {}: a path is relative to assets_dir, and of a picture or sound, such as 'hero.png'; describe an \
                 atlas or a sheet with a dict",
                shown(item)
            );
            given.wrong(option, &why)
        });
    }
    let fields = Fields::of(given, option, item)?;
    let (name, kind) = (|| fields.text("name"), fields.text("kind")?);
    match kind.as_str() {
        "image" => {
            fields.only(&["kind", "name", "path"])?;
            Ok(Asset::Image { name: name()?, path: fields.path("path")? })
        }
        "spritesheet" => {
            fields.only(&["kind", "name", "path", "frame_width", "frame_height"])?;
            let (name, path) = (name()?, fields.path("path")?);
            let (frame_width, frame_height) = (fields.whole("frame_width", 8192)?, fields.whole("frame_height", 8192)?);
            Ok(Asset::Spritesheet { name, path, frame_width, frame_height })
        }
        "atlas" => {
            fields.only(&["kind", "name", "path", "json_path"])?;
            Ok(Asset::Atlas { name: name()?, path: fields.path("path")?, json_path: fields.path("json_path")? })
        }
        "multi_atlas" => {
            fields.only(&["kind", "name", "json_path"])?;
            Ok(Asset::MultiAtlas { name: name()?, json_path: fields.path("json_path")? })
        }
        "sound" => {
            fields.only(&["kind", "name", "path"])?;
            Ok(Asset::Sound { name: name()?, path: fields.path("path")? })
        }
        "animation" => fields.animation(),
        _ => {
            Err(fields.wrong("kind", "must be 'image', 'spritesheet', 'atlas', 'multi_atlas', 'sound' or 'animation'"))
        }
    }
}

/// A dict that describes one thing, with messages that quote it.
struct Fields<'a, 'py> {
    given: &'a Given<'py>,
    option: &'a str,
    dict: Bound<'py, PyDict>,
}

impl<'a, 'py> Fields<'a, 'py> {
    fn of(given: &'a Given<'py>, option: &'a str, item: &Bound<'py, PyAny>) -> PyResult<Self> {
        match item.cast::<PyDict>() {
            Ok(dict) => Ok(Self { given, option, dict: dict.clone() }),
            Err(_) => Err(given.refusal(option, item, true)),
        }
    }

    fn wrong(&self, field: &str, why: &str) -> PyErr {
        self.given.wrong(self.option, &format!("has {}, whose {field:?} {why}", shown(&self.dict)))
    }

    fn only(&self, known: &[&str]) -> PyResult<()> {
        for key in self.dict.keys() {
            if !key.extract::<String>().is_ok_and(|key| known.contains(&key.as_str())) {
                let why = format!("has {}, with {}; it may have {}", shown(&self.dict), shown(&key), known.join(", "));
                return Err(self.given.wrong(self.option, &why));
            }
        }
        Ok(())
    }

    fn get(&self, field: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.dict.get_item(field)
    }

    fn text(&self, field: &str) -> PyResult<String> {
        let text = self.get(field)?.and_then(|value| value.extract::<String>().ok());
        text.filter(|text| !text.is_empty()).ok_or_else(|| self.wrong(field, "must be there, and text"))
    }

    fn path(&self, field: &str) -> PyResult<String> {
        let path = self.text(field)?;
        if is_within(&path) { Ok(path) } else { Err(self.wrong(field, "must be a path relative to assets_dir")) }
    }

    fn whole(&self, field: &str, most: u32) -> PyResult<u32> {
        let value =
            self.get(field)?.filter(|value| value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>());
        let number = value.and_then(|value| value.extract::<u32>().ok()).filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| self.wrong(field, &format!("must be a whole number from 1 to {most}")))
    }

    fn animation(&self) -> PyResult<Asset> {
        // `image` and `kind` are there where the dict is one of the surface's.
        self.only(&["kind", "name", "image_name", "image", "frames", "fps", "repeat"])?;
        let image = if self.get("image")?.is_some() { self.text("image")? } else { self.text("image_name")? };
        let wrong = || self.wrong("frames", "must be a list of frame numbers or names, at least one");
        let frames = self.get("frames")?.ok_or_else(wrong)?;
        let read = |frame: Bound<'_, PyAny>| match frame.is_instance_of::<PyBool>() {
            true => Err(wrong()),
            false => frame
                .extract::<u32>()
                .map(FrameName::Number)
                .or_else(|_| frame.extract::<String>().map(FrameName::Name))
                .map_err(|_| wrong()),
        };
        let frames: Vec<_> = match frames.is_instance_of::<PyString>() {
            true => Vec::new(),
            false => frames.try_iter().map_err(|_| wrong())?.map(|frame| read(frame?)).collect::<PyResult<_>>()?,
        };
        if frames.is_empty() {
            return Err(wrong());
        }
        let fps = if self.get("fps")?.is_some() { self.whole("fps", ANIMATION_FPS)? } else { 10 };
        let repeat = match self.get("repeat")? {
            Some(value) => value.extract::<bool>().map_err(|_| self.wrong("repeat", "must be True or False"))?,
            None => true,
        };
        Ok(Asset::Animation { name: self.text("name")?, image, frames, fps, repeat })
    }
}
