//! `HtmlScene` and `UnityScene`: documents of the researcher's own in a frame.

use std::collections::BTreeSet;
use std::path::Path;

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use pyo3::types::PyString;
use serde_json::Value;

use super::embed_options::{HTML_CLASS, PAGE, UNITY_CLASS, WEBGL};
use super::functions::{self, Function};
use super::given::Given;
use super::options::Class;
use super::place::caller;
use super::scenes::PageScene;
use super::{Args, Itself, Named, builds, files};
use crate::experiment::{EmbeddedScene as Made, Hook, Hooks, OWN_FOLDER, Place, Source, UnityBuild};
use crate::ids::SceneId;
use crate::rules::embedded::NAME_LIMIT;
use crate::wire::Page;

/// What a researcher has said of a document.
#[derive(Default)]
pub(in crate::python) struct Document {
    files: Option<(Source, String, Option<UnityBuild>)>,
    width: Option<u32>,
    height: Option<u32>,
    settings: Option<Value>,
    continue_on: Option<BTreeSet<String>>,
    button: Option<bool>,
    preload: Option<bool>,
    receiver: Option<(String, String)>,
    episodes: Option<u32>,
}

/// A scene with a document of the researcher's own, as far as it has been described; the base of both kinds.
#[pyclass(module = "greenroom", extends = PageScene, subclass)]
pub struct EmbeddedScene {
    class: &'static Class,
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) scene_id: Option<SceneId>,
    pub(super) page: Page,
    document: Document,
    pub(in crate::python) hooks: Hooks<Function>,
}

impl EmbeddedScene {
    fn made(class: &'static Class, args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
        let place = caller(args.py());
        class.bind("__init__", args, named)?;
        let (page, document, hooks) = (Page::default(), Document::default(), Hooks::new());
        Ok(PageScene::under(class, Self { class, place, scene_id: None, page, document, hooks }))
    }

    /// Name of its class.
    pub(in crate::python) fn kind(&self) -> &'static str {
        self.class.name
    }

    /// The scene, or what it lacks: each completes "the scene ...".
    pub(in crate::python) fn finish(&self, no_id: &str) -> Result<Made, Vec<String>> {
        let unity = self.kind() == crate::experiment::UNITY;
        let mut missing = Vec::new();
        if self.scene_id.is_none() {
            missing.push(no_id.to_owned());
        }
        if self.document.files.is_none() {
            missing.push(match unity {
                true => "has no build: give it with .webgl(build_name=..., directory=...)".into(),
                false => "has no page: give it with .page(path=...)".into(),
            });
        }
        let (Some(scene_id), Some((source, path, build))) = (&self.scene_id, &self.document.files) else {
            return Err(missing);
        };
        let digest = builds::digest(source).map_err(|error| vec![format!("has files that cannot be read: {error}")])?;
        let Document { width, height, settings, continue_on, button, preload, receiver, episodes, .. } = &self.document;
        let continue_on = continue_on.clone().unwrap_or_default();
        // What is to be waited for is one thing or the other; without a word, it is the episodes of a game.
        let episodes = episodes.or((unity && continue_on.is_empty()).then_some(1));
        Ok(Made {
            scene_id: scene_id.clone(),
            page: self.page.clone(),
            source: source.clone(),
            digest,
            document: path.clone(),
            build: build.clone().map(|build| UnityBuild { receiver: receiver.clone(), ..build }),
            width: width.or(unity.then_some(960)),
            height: height.or(unity.then_some(600)),
            preload: preload.unwrap_or(unity),
            settings: settings.clone().unwrap_or_else(|| Value::Object(serde_json::Map::new())),
            button: button.unwrap_or(false) || episodes.is_some() || !continue_on.is_empty(),
            episodes,
            continue_on,
            hooks: self.hooks.keys().copied().collect(),
        })
    }
}

#[pymethods]
impl EmbeddedScene {
    #[pyo3(signature = (*args, **named))]
    fn game<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let class = slf.borrow().class;
        let given = class.bind("game", args, named)?;
        let (episodes, score) = (given.whole("num_episodes")?, functions::read(&given, "score_fn", &["data"])?);
        let mut scene = slf.borrow_mut();
        super::set_some(&mut scene.document.episodes, episodes);
        scene.hooks.extend(score.map(|function| (Hook::ScoreFn, function)));
        drop(scene);
        Ok(slf)
    }

    #[pyo3(name = "hooks", signature = (*args, **named))]
    fn set_hooks<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let class = slf.borrow().class;
        let given = class.bind("hooks", args, named)?;
        let mut hooks = Hooks::new();
        for hook in [Hook::OnEpisodeStart, Hook::OnEpisodeEnd, Hook::OnMessage] {
            let function = functions::read(&given, hook.option(), &["participant", "data"])?;
            hooks.extend(function.map(|function| (hook, function)));
        }
        slf.borrow_mut().hooks.extend(hooks);
        Ok(slf)
    }
}

/// A scene with an HTML page of the researcher's own.
#[pyclass(module = "greenroom", extends = EmbeddedScene)]
pub struct HtmlScene;

/// A scene with a WebGL build of Unity's.
#[pyclass(module = "greenroom", extends = EmbeddedScene)]
pub struct UnityScene;

#[pymethods]
impl HtmlScene {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
        Ok(EmbeddedScene::made(&HTML_CLASS, args, named)?.add_subclass(Self))
    }

    #[pyo3(signature = (*args, **named))]
    fn page<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = PAGE.bind(args, named)?;
        let (source, document) = page_files(&given)?;
        let frame = Frame::read(&given)?;
        let (button, preload) = (given.flag("continue_button")?, given.flag("preload")?);
        let mut scene = slf.as_super().borrow_mut();
        scene.document.files = Some((source, document, None));
        frame.apply(&mut scene.document);
        super::set_some(&mut scene.document.button, button);
        super::set_some(&mut scene.document.preload, preload);
        drop(scene);
        Ok(slf)
    }
}

#[pymethods]
impl UnityScene {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
        Ok(EmbeddedScene::made(&UNITY_CLASS, args, named)?.add_subclass(Self))
    }

    #[pyo3(signature = (*args, **named))]
    fn webgl<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = WEBGL.bind(args, named)?;
        let name = given.text("build_name")?.unwrap_or_default();
        let directory = files::directory(&given.title(), "directory", &given.path("directory")?.unwrap_or_default())?;
        let (folder, build) = builds::find(&given, &directory, &name)?;
        let frame = Frame::read(&given)?;
        let preload = given.flag("preload_game")?;
        let receiver = receiver(&given)?;
        let mut scene = slf.as_super().borrow_mut();
        let document = format!("{OWN_FOLDER}/unity.html");
        scene.document.files = Some((Source::Folder(folder), document, Some(build)));
        frame.apply(&mut scene.document);
        super::set_some(&mut scene.document.preload, preload);
        super::set_some(&mut scene.document.receiver, receiver);
        drop(scene);
        Ok(slf)
    }
}

/// What one call says about the frame.
struct Frame {
    width: Option<u32>,
    height: Option<u32>,
    settings: Option<Value>,
    continue_on: Option<BTreeSet<String>>,
}

impl Frame {
    fn read(given: &Given<'_>) -> PyResult<Self> {
        let (width, height) = (given.whole("width")?, given.whole("height")?);
        Ok(Self { width, height, settings: settings(given)?, continue_on: continue_on(given)? })
    }

    fn apply(self, document: &mut Document) {
        super::set_some(&mut document.width, self.width);
        super::set_some(&mut document.height, self.height);
        super::set_some(&mut document.settings, self.settings);
        super::set_some(&mut document.continue_on, self.continue_on);
    }
}

/// The files of a page, and which of them is the page itself.
fn page_files(given: &Given<'_>) -> PyResult<(Source, String)> {
    let path = files::folder()?.join(given.path("path")?.unwrap_or_default());
    let document = given.text("document")?;
    if !path.is_dir() {
        if document.is_some() {
            return Err(given.wrong("document", "names a file in a folder, but `path` is no folder"));
        }
        let path = files::contents(given, "path")?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok((Source::File(path), name));
    }
    let document = document.unwrap_or_else(|| "index.html".into());
    let inside = Path::new(&document).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !inside || document.contains('\\') {
        return Err(given.wrong("document", "is a file in the folder, such as 'index.html' or 'game/index.html'"));
    }
    match builds::fault(&path.join(&document)) {
        None => Ok((Source::Folder(path), document)),
        Some(fault) => {
            let pages = builds::names_in(&path, &|name| name.ends_with(".html"));
            let advice = match pages.is_empty() {
                true => "the folder has no HTML file".to_owned(),
                false => format!("the folder has {}: name one with document=...", pages.join(", ")),
            };
            Err(builds::missing(given, "path", &path.join(&document), &fault, &advice))
        }
    }
}

fn settings(given: &Given<'_>) -> PyResult<Option<Value>> {
    let Some(value) = given.raw("settings") else { return Ok(None) };
    let json = value.py().import("json")?;
    let text = json.call_method1("dumps", (value,)).ok().and_then(|text| text.extract::<String>().ok());
    let parsed = text.and_then(|text| serde_json::from_str::<Value>(&text).ok()).filter(Value::is_object);
    parsed.map(Some).ok_or_else(|| given.refusal("settings", value, false))
}

fn continue_on(given: &Given<'_>) -> PyResult<Option<BTreeSet<String>>> {
    let option = "allow_continue_on";
    let Some(value) = given.raw(option) else { return Ok(None) };
    let names: Vec<String> = match value.is_instance_of::<PyString>() {
        true => vec![value.extract()?],
        false => value.extract().map_err(|_| given.refusal(option, value, true))?,
    };
    let fits = |name: &String| !name.is_empty() && name.len() <= NAME_LIMIT && !name.chars().any(char::is_control);
    match names.iter().all(fits) && !names.is_empty() {
        true => Ok(Some(names.into_iter().collect())),
        false => Err(given.refusal(option, value, false)),
    }
}

fn receiver(given: &Given<'_>) -> PyResult<Option<(String, String)>> {
    let Some(value) = given.raw("receiver") else { return Ok(None) };
    match value.extract::<(String, String)>() {
        Ok((object, method)) if !object.is_empty() && !method.is_empty() => Ok(Some((object, method))),
        Ok(_) => Err(given.refusal("receiver", value, false)),
        Err(_) => Err(given.refusal("receiver", value, true)),
    }
}
