//! `StartScene` and `EndScene`: pages to read.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;

use super::flow::SceneBase;
use super::given::Given;
use super::options::{Class, Kind, Method, Opt};
use super::place::caller;
use super::{Arguments, Itself, Named, files, names};
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

static REDIRECT: Method = Method {
    class: "EndScene",
    name: "redirect",
    doc: "Says where the page's button leads, once everything is stored.",
    options: &[
        Opt::required(
            "url",
            Kind::Other { annotation: "str", allowed: "an absolute address that begins with http:// or https://" },
            "Where the button leads, for example the completion page of a recruiting panel.",
        ),
        Opt::new(
            "append_subject_id",
            Kind::Flag,
            "Whether the participant's id is appended to the address; False unless set.",
        ),
    ],
    elsewhere: &[],
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

/// The first page of a study, as far as it has been described.
#[pyclass(module = "greenroom", extends = SceneBase)]
pub struct StartScene {
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) scene_id: Option<SceneId>,
    pub(in crate::python) page: Page,
}

/// The last page of a study, as far as it has been described.
#[pyclass(module = "greenroom", extends = SceneBase)]
pub struct EndScene {
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) scene_id: Option<SceneId>,
    pub(in crate::python) page: Page,
    pub(in crate::python) redirect: Option<Redirect>,
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
        let scene = Self { place: caller(arguments.py()), scene_id: None, page: Page::default(), redirect: None };
        Ok(SceneBase::under(scene))
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
        let address = given.text("url")?.unwrap_or_default();
        let parsed = url::Url::parse(&address).ok();
        if !parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            return Err(match given.raw("url") {
                Some(value) => given.refusal("url", value, false),
                None => given.wrong("url", "is missing"),
            });
        }
        let append = given.flag("append_subject_id")?;
        let mut scene = slf.borrow_mut();
        let append_before = scene.redirect.as_ref().is_some_and(|redirect| redirect.append_subject_id);
        scene.redirect = Some(Redirect { url: address, append_subject_id: append.unwrap_or(append_before) });
        drop(scene);
        Ok(slf)
    }

    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        Err(END_CLASS.no_attribute(slf.py(), name))
    }

    fn __repr__(&self) -> String {
        names::repr("EndScene", self.scene_id.as_ref().map(SceneId::as_str), &self.page.header)
    }
}
