//! `StartScene`, `EndScene` and `CompletionCodeScene`: pages to read.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;

use super::gate_options::REDIRECT;
use super::given::Given;
use super::options::{Class, Kind, Method, Opt};
use super::place::caller;
use super::scenes::PageScene;
use super::{Args, Itself, Named, files, gates, names};
use crate::experiment::{Place, Redirect};
use crate::ids::SceneId;
use crate::wire::Page;

pub(super) const SCENE_ID: Opt = Opt::required(
    "scene_id",
    names::KIND,
    "The scene's id, unlike that of every other scene of the study. It names the folder of the scene's data.",
);
pub(super) const HEADER: Opt = Opt::new("scene_header", Kind::Text, "Title of the page.");
pub(super) const SUBHEADER: Opt = Opt::new("scene_subheader", Kind::Text, "Smaller title below it.");
pub(super) const BODY: Opt = Opt::new("scene_body", Kind::Text, "HTML of the page.");
pub(super) const BODY_FILE: Opt =
    Opt::new("scene_body_filepath", Kind::Path, "File with the HTML of the page, instead of `scene_body`.");

/// The advice for [`named`] of scenes that are a page.
pub(super) const NAMED_ELSEWHERE: &[(&str, &str)] =
    &[("experiment_config", "write what the page needs into scene_body"), METADATA_ELSEWHERE];
pub(super) const METADATA_ELSEWHERE: (&str, &str) =
    ("should_export_metadata", "metadata of every scene is always exported");
/// The advice for methods that make a scene.
pub(super) const MADE_ELSEWHERE: &[(&str, &str)] = &[("scene_id", "name the scene with .scene(scene_id=...)")];

/// The method that makes a scene of a class of which everything is still to be said.
pub(super) const fn made_empty(class: &'static str) -> Method {
    Method { class, name: "__init__", doc: "Makes an empty scene.", options: &[], elsewhere: MADE_ELSEWHERE }
}

/// The method that names a scene.
pub(super) const fn named(class: &'static str, elsewhere: &'static [(&'static str, &'static str)]) -> Method {
    Method { class, name: "scene", doc: "Names the scene.", options: &[SCENE_ID], elsewhere }
}

/// The method that says what a page is.
pub(super) const fn displayed(class: &'static str, doc: &'static str) -> Method {
    Method { class, name: "display", doc, options: &[HEADER, SUBHEADER, BODY, BODY_FILE], elsewhere: &[] }
}

const READ: &str = "Says what participants read.";
static START_INIT: Method = made_empty("StartScene");
static START_SCENE: Method = named("StartScene", NAMED_ELSEWHERE);
static START_DISPLAY: Method = displayed("StartScene", READ);
static END_INIT: Method = made_empty("EndScene");
static END_SCENE: Method = named("EndScene", NAMED_ELSEWHERE);
static END_DISPLAY: Method = displayed("EndScene", READ);
static CODE_INIT: Method = Method {
    elsewhere: &[MADE_ELSEWHERE[0], ("code", "give the code with Experiment.completion_codes(complete=...)")],
    ..made_empty("CompletionCodeScene")
};

/// What the stubs say of [`StartScene`].
pub static START_CLASS: Class = Class {
    name: "StartScene",
    doc: "The first page of a study. Participants leave it with its button.",
    base: Some("_Scene"),
    methods: &[&START_INIT, &START_SCENE, &START_DISPLAY],
    elsewhere: &[],
};

/// What the stubs say of [`EndScene`].
pub static END_CLASS: Class = Class {
    name: "EndScene",
    doc: "The last page of a study.",
    base: Some("_Scene"),
    methods: &[&END_INIT, &END_SCENE, &END_DISPLAY, &REDIRECT],
    elsewhere: &[],
};

/// What the stubs say of [`CompletionCodeScene`].
pub static CODE_CLASS: Class = Class {
    name: "CompletionCodeScene",
    doc: "The last page of a study, which shows the participant's code. The service draws it, unless \
          Experiment.completion_codes(...) says which.",
    base: Some("EndScene"),
    methods: &[&CODE_INIT],
    elsewhere: &[],
};

/// The first page of a study, as far as it has been described.
#[pyclass(module = "greenroom", extends = PageScene)]
pub struct StartScene {
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) scene_id: Option<SceneId>,
    pub(in crate::python) page: Page,
}

/// The last page of a study, as far as it has been described.
#[pyclass(module = "greenroom", extends = PageScene, subclass)]
pub struct EndScene {
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) scene_id: Option<SceneId>,
    pub(in crate::python) page: Page,
    pub(in crate::python) redirect: Option<Redirect>,
    /// Whether it is a [`CompletionCodeScene`].
    pub(in crate::python) shows_code: bool,
}

/// The last page of a study, with a code.
#[pyclass(module = "greenroom", extends = EndScene)]
pub struct CompletionCodeScene;

/// What one call says about a page. Kept apart from the page, so that a call with a wrong value changes nothing.
pub(super) struct PageChange {
    header: Option<String>,
    subheader: Option<String>,
    body: Option<String>,
}

impl PageChange {
    /// Reads the options of a page.
    pub(super) fn read(given: &Given<'_>) -> PyResult<Self> {
        Ok(Self {
            header: given.text(HEADER.name)?,
            subheader: given.text(SUBHEADER.name)?,
            body: files::body(given, BODY.name, BODY_FILE.name)?,
        })
    }

    /// Changes what was named.
    pub(super) fn apply(self, page: &mut Page) {
        super::set(&mut page.header, self.header);
        super::set(&mut page.subheader, self.subheader);
        super::set(&mut page.body, self.body);
    }
}

#[pymethods]
impl StartScene {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
        let place = caller(args.py());
        START_INIT.bind(args, named)?;
        Ok(PageScene::under(&START_CLASS, Self { place, scene_id: None, page: Page::default() }))
    }
}

impl EndScene {
    fn made(
        class: &'static Class,
        args: Args<'_>,
        named: Option<Named<'_>>,
        shows_code: bool,
    ) -> PyResult<PyClassInitializer<Self>> {
        let place = caller(args.py());
        class.bind("__init__", args, named)?;
        let scene = Self { place, scene_id: None, page: Page::default(), redirect: None, shows_code };
        Ok(PageScene::under(class, scene))
    }
}

#[pymethods]
impl EndScene {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
        Self::made(&END_CLASS, args, named, false)
    }

    #[pyo3(signature = (*args, **named))]
    fn redirect<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = REDIRECT.bind(args, named)?;
        let before = slf.borrow().redirect.clone();
        let redirect = gates::redirect(&given, before)?;
        slf.borrow_mut().redirect = Some(redirect);
        Ok(slf)
    }
}

#[pymethods]
impl CompletionCodeScene {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
        Ok(EndScene::made(&CODE_CLASS, args, named, true)?.add_subclass(Self))
    }
}
