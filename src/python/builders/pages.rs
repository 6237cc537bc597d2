//! `StartScene`, `EndScene` and `CompletionCodeScene`: pages to read.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;

use super::flow::SceneBase;
use super::gate_options::REDIRECT;
use super::given::Given;
use super::options::{Class, Kind, Method, Opt};
use super::place::caller;
use super::{Arguments, Itself, Named, files, gates, names};
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

macro_rules! page_methods {
    ($class:literal, $init:ident, $scene:ident, $display:ident) => {
        static $init: Method = Method {
            class: $class,
            name: "__init__",
            doc: "Makes an empty scene.",
            options: &[],
            elsewhere: &[("scene_id", "name the scene with .scene(scene_id=...)")],
        };
        static $scene: Method = Method {
            class: $class,
            name: "scene",
            doc: "Names the scene.",
            options: &[SCENE_ID],
            elsewhere: &[
                ("experiment_config", "write what the page needs into scene_body"),
                ("should_export_metadata", "metadata of every scene is always exported"),
            ],
        };
        static $display: Method = Method {
            class: $class,
            name: "display",
            doc: "Says what participants read.",
            options: &[HEADER, SUBHEADER, BODY, BODY_FILE],
            elsewhere: &[],
        };
    };
}
page_methods!("StartScene", START_INIT, START_SCENE, START_DISPLAY);
page_methods!("EndScene", END_INIT, END_SCENE, END_DISPLAY);

static CODE_INIT: Method = Method {
    class: "CompletionCodeScene",
    name: "__init__",
    doc: "Makes an empty scene.",
    options: &[],
    elsewhere: &[
        ("scene_id", "name the scene with .scene(scene_id=...)"),
        ("code", "give the code with Experiment.completion_codes(complete=...)"),
    ],
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
#[pyclass(module = "greenroom", extends = SceneBase)]
pub struct StartScene {
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) scene_id: Option<SceneId>,
    pub(in crate::python) page: Page,
}

/// The last page of a study, as far as it has been described.
#[pyclass(module = "greenroom", extends = SceneBase, subclass)]
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

impl EndScene {
    fn made(arguments: Arguments<'_, '_>, shows_code: bool) -> Self {
        let (place, page) = (caller(arguments.py()), Page::default());
        Self { place, scene_id: None, page, redirect: None, shows_code }
    }

    fn class(&self) -> &'static str {
        if self.shows_code { CODE_CLASS.name } else { END_CLASS.name }
    }
}

#[pymethods]
impl CompletionCodeScene {
    #[new]
    #[pyo3(signature = (*arguments, **named))]
    fn new(arguments: Arguments<'_, '_>, named: Option<Named<'_, '_>>) -> PyResult<PyClassInitializer<Self>> {
        CODE_INIT.bind(arguments, named)?;
        Ok(SceneBase::under(EndScene::made(arguments, true)).add_subclass(Self))
    }
}

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
    #[pyo3(signature = (*arguments, **named))]
    fn new(arguments: Arguments<'_, '_>, named: Option<Named<'_, '_>>) -> PyResult<PyClassInitializer<Self>> {
        START_INIT.bind(arguments, named)?;
        let scene = Self { place: caller(arguments.py()), scene_id: None, page: Page::default() };
        Ok(SceneBase::under(scene))
    }

    #[pyo3(signature = (*arguments, **named))]
    fn scene<'py>(
        slf: Bound<'py, Self>,
        arguments: Arguments<'_, 'py>,
        named: Option<Named<'_, 'py>>,
    ) -> Itself<'py, Self> {
        let scene_id = names::read(&START_SCENE.bind(arguments, named)?, SCENE_ID.name)?;
        super::set_some(&mut slf.borrow_mut().scene_id, scene_id);
        Ok(slf)
    }

    #[pyo3(signature = (*arguments, **named))]
    fn display<'py>(
        slf: Bound<'py, Self>,
        arguments: Arguments<'_, 'py>,
        named: Option<Named<'_, 'py>>,
    ) -> Itself<'py, Self> {
        let change = PageChange::read(&START_DISPLAY.bind(arguments, named)?)?;
        change.apply(&mut slf.borrow_mut().page);
        Ok(slf)
    }

    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        Err(START_CLASS.no_attribute(slf.py(), name))
    }

    fn __repr__(&self) -> String {
        names::repr("StartScene", self.scene_id.as_ref().map(SceneId::as_str), &self.page.header)
    }
}

#[pymethods]
impl EndScene {
    #[new]
    #[pyo3(signature = (*arguments, **named))]
    fn new(arguments: Arguments<'_, '_>, named: Option<Named<'_, '_>>) -> PyResult<PyClassInitializer<Self>> {
        END_INIT.bind(arguments, named)?;
        Ok(SceneBase::under(Self::made(arguments, false)))
    }

    #[pyo3(signature = (*arguments, **named))]
    fn scene<'py>(
        slf: Bound<'py, Self>,
        arguments: Arguments<'_, 'py>,
        named: Option<Named<'_, 'py>>,
    ) -> Itself<'py, Self> {
        let scene_id = names::read(&END_SCENE.bind(arguments, named)?, SCENE_ID.name)?;
        super::set_some(&mut slf.borrow_mut().scene_id, scene_id);
        Ok(slf)
    }

    #[pyo3(signature = (*arguments, **named))]
    fn display<'py>(
        slf: Bound<'py, Self>,
        arguments: Arguments<'_, 'py>,
        named: Option<Named<'_, 'py>>,
    ) -> Itself<'py, Self> {
        let change = PageChange::read(&END_DISPLAY.bind(arguments, named)?)?;
        change.apply(&mut slf.borrow_mut().page);
        Ok(slf)
    }

    #[pyo3(signature = (*arguments, **named))]
    fn redirect<'py>(
        slf: Bound<'py, Self>,
        arguments: Arguments<'_, 'py>,
        named: Option<Named<'_, 'py>>,
    ) -> Itself<'py, Self> {
        let given = REDIRECT.bind(arguments, named)?;
        let before = slf.borrow().redirect.clone();
        let redirect = gates::redirect(&given, before)?;
        slf.borrow_mut().redirect = Some(redirect);
        Ok(slf)
    }

    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        // The methods are the base's; the name in the message is that of the class.
        let class = slf.borrow().class();
        Err(Class { name: class, methods: END_CLASS.methods, ..CODE_CLASS }.no_attribute(slf.py(), name))
    }

    fn __repr__(&self) -> String {
        names::repr(self.class(), self.scene_id.as_ref().map(SceneId::as_str), &self.page.header)
    }
}
