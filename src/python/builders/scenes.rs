//! What every scene has, whatever its kind: a name, a page, branches. The methods for these are written here once; the kinds
//! are classes that extend these.

use pyo3::prelude::*;
use pyo3::{PyClass, PyClassInitializer};

use super::embed::EmbeddedScene;
use super::flow::{self, Lead, Rule};
use super::forms::StaticScene;
use super::gym::GymScene;
use super::options::Class;
use super::pages::{EndScene, PageChange, SCENE_ID, StartScene};
use super::place::caller;
use super::{Args, Itself, Named, names, set_some};
use crate::experiment::{END, GYM, Place, START, STATIC};
use crate::ids::SceneId;

/// What every scene has: its class, its branches, and methods that name it.
#[pyclass(module = "greenroom", name = "_Scene", subclass)]
pub struct SceneBase {
    /// Of which the researcher made it: what its methods are called, and which there are.
    class: &'static Class,
    pub(in crate::python) skip_if: Vec<Branch<Rule>>,
    pub(in crate::python) go_to: Vec<Branch<Lead>>,
}

/// A scene whose page is all that participants read in it, or stands above the rest.
#[pyclass(module = "greenroom", name = "_Page", extends = SceneBase, subclass)]
pub struct PageScene;

/// A branch, and where it was written.
pub(in crate::python) struct Branch<T> {
    pub place: Option<Place>,
    pub what: T,
}

/// A scene, as far as it has been described.
#[derive(Debug)]
pub(in crate::python) enum SceneBuilder {
    Start(Py<StartScene>),
    Form(Py<StaticScene>),
    Embedded(Py<EmbeddedScene>),
    Gym(Py<GymScene>),
    End(Py<EndScene>),
}

/// The same with a scene of whichever kind: what it looks at has the same name in all of them.
macro_rules! whichever {
    ($builder:expr, $scene:ident => $what:expr) => {
        match $builder {
            SceneBuilder::Start($scene) => $what,
            SceneBuilder::Form($scene) => $what,
            SceneBuilder::Embedded($scene) => $what,
            SceneBuilder::Gym($scene) => $what,
            SceneBuilder::End($scene) => $what,
        }
    };
}

impl SceneBuilder {
    /// The class that it is built with.
    pub(in crate::python) fn kind(&self) -> &'static str {
        match self {
            Self::Start(_) => START,
            Self::Form(_) => STATIC,
            Self::Embedded(scene) => Python::attach(|py| scene.borrow(py).kind()),
            Self::Gym(_) => GYM,
            Self::End(_) => END,
        }
    }

    /// The object that the researcher made.
    pub(in crate::python) fn object(&self) -> &Py<PyAny> {
        whichever!(self, scene => scene.as_any())
    }

    /// What every scene has.
    pub(in crate::python) fn base<'py>(&self, py: Python<'py>) -> Option<Bound<'py, SceneBase>> {
        self.object().bind(py).cast::<SceneBase>().ok().cloned()
    }

    /// The scene that a researcher made.
    pub(super) fn of(object: &Bound<'_, PyAny>) -> Option<Self> {
        if let Ok(scene) = object.cast::<StartScene>() {
            return Some(Self::Start(scene.clone().unbind()));
        }
        if let Ok(scene) = object.cast::<StaticScene>() {
            return Some(Self::Form(scene.clone().unbind()));
        }
        if let Ok(scene) = object.cast::<EmbeddedScene>() {
            return Some(Self::Embedded(scene.clone().unbind()));
        }
        if let Ok(scene) = object.cast::<GymScene>() {
            return Some(Self::Gym(scene.clone().unbind()));
        }
        object.cast::<EndScene>().ok().map(|scene| Self::End(scene.clone().unbind()))
    }

    fn rename(&self, py: Python<'_>, id: Option<SceneId>) {
        whichever!(self, scene => set_some(&mut scene.borrow_mut(py).scene_id, id));
    }

    fn change_page(&self, py: Python<'_>, change: PageChange) {
        whichever!(self, scene => change.apply(&mut scene.borrow_mut(py).page));
    }

    /// Its name, if it has one, and the title of its page.
    fn title(&self, py: Python<'_>) -> (Option<SceneId>, String) {
        whichever!(self, scene => {
            let scene = scene.borrow(py);
            (scene.scene_id.clone(), scene.page.header.clone())
        })
    }
}

impl SceneBase {
    /// A new scene of a class, without branches.
    pub(super) fn under<S>(class: &'static Class, scene: S) -> PyClassInitializer<S>
    where
        S: PyClass<BaseType = Self>,
    {
        let base = Self { class, skip_if: Vec::new(), go_to: Vec::new() };
        PyClassInitializer::from(base).add_subclass(scene)
    }
}

impl PageScene {
    /// A new scene of a class, without branches.
    pub(super) fn under<S>(class: &'static Class, scene: S) -> PyClassInitializer<S>
    where
        S: PyClass<BaseType = Self>,
    {
        SceneBase::under(class, Self).add_subclass(scene)
    }
}

#[pymethods]
impl SceneBase {
    #[pyo3(signature = (*args, **named))]
    fn scene<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let class = slf.borrow().class;
        let id = names::read(&class.bind("scene", args, named)?, SCENE_ID.name)?;
        if let Some(scene) = SceneBuilder::of(&slf) {
            scene.rename(slf.py(), id);
        }
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn skip_if<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let what = flow::skip_if(args, named)?;
        slf.borrow_mut().skip_if.push(Branch { place: caller(slf.py()), what });
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn go_to<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let what = flow::go_to(args, named)?;
        slf.borrow_mut().go_to.push(Branch { place: caller(slf.py()), what });
        Ok(slf)
    }

    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        let class = slf.borrow().class;
        Err(class.no_attribute(slf.py(), name))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let (id, header) = SceneBuilder::of(slf).map(|scene| scene.title(slf.py())).unwrap_or_default();
        names::repr(slf.borrow().class.name, id.as_ref().map(SceneId::as_str), &header)
    }
}

#[pymethods]
impl PageScene {
    #[pyo3(signature = (*args, **named))]
    fn display<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let class = slf.as_super().borrow().class;
        let change = PageChange::read(&class.bind("display", args, named)?)?;
        if let Some(scene) = SceneBuilder::of(&slf) {
            scene.change_page(slf.py(), change);
        }
        Ok(slf)
    }
}
