//! `Experiment` and `Stager`: the study and the order of its scenes.

use std::path::{Component, Path};
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use super::callbacks::{self, Callback};
use super::flow::{self, Node};
use super::flow_options::SCENES;
use super::functions::Function;
use super::gate_options::{CODES, PROLIFIC, SCREENING};
use super::options::{Class, Kind, Method, Opt};
use super::place::caller;
use super::{Args, Itself, Named, bonus, files, gates, given, globals, language, names};
use crate::experiment::{Bonus, Gates, Globals, Language, Place, RESERVED, StaticDirectory};
use crate::ids::ExperimentId;

static EXPERIMENT_INIT: Method = Method {
    class: "Experiment",
    name: "__init__",
    doc: "Makes an empty study.",
    options: &[],
    elsewhere: &[
        ("experiment_id", "name the study with .experiment(experiment_id=..., stager=...)"),
        ("stager", "give the scenes with .experiment(experiment_id=..., stager=...)"),
    ],
};
static EXPERIMENT: Method = Method {
    class: "Experiment",
    name: "experiment",
    doc: "Names the study and gives it its scenes.",
    options: &[
        Opt::required("experiment_id", names::KIND, "The study's name. It names the folder of the study's data."),
        Opt::required("stager", Kind::Other { annotation: "Stager", allowed: "a Stager" }, "The scenes, in order."),
        Opt::new(
            "seed",
            Kind::Whole(0, u32::MAX),
            "From which the orders of scenes and the levels of conditions are drawn; 1 unless set.",
        ),
        Opt::new(
            "subject_parameter",
            names::KIND,
            "The parameter of the study's link that names the participant, as a panel sends it: such as 'workerId'; \
             'PROLIFIC_PID' unless set.",
        ),
    ],
    elsewhere: &[("save_experiment_data", "data are always saved")],
};
static STATIC_FILES: Method = Method {
    class: "Experiment",
    name: "static_files",
    doc: "Serves directories of files to the study's pages, each at the address equal to its relative path.",
    options: &[Opt::required(
        "directories",
        Kind::Other {
            annotation: "Sequence[str | PathLike[str]]",
            allowed: "a list of directories, as paths relative to the folder of the experiment module",
        },
        "Directories below the folder of the experiment module. `pictures/a.png` is then found at that very address.",
    )],
    elsewhere: &[],
};
static BONUS: Method = Method {
    class: "Experiment",
    name: "bonus",
    doc: "Has a bonus computed for each participant who comes to the last scene. It is recorded.",
    options: bonus::OPTIONS,
    elsewhere: &[],
};
static CALLBACKS: Method = Method {
    class: "Experiment",
    name: "callbacks",
    doc: "Has code of yours called when something has happened.",
    options: &[Opt::required(
        "callbacks",
        callbacks::KIND,
        "An object with methods such as on_game_end(event), or a list of such objects, told of everything that happens \
         in the study; see GameCallback. A scene's own are given with GymScene.gameplay(callback=...).",
    )],
    elsewhere: &[("callback", "the option is `callbacks`")],
};
/// What the stubs say of [`Experiment`].
pub static EXPERIMENT_CLASS: Class = Class {
    name: "Experiment",
    doc: "A study. A module leaves one in a variable named `experiment`.",
    base: None,
    methods: &[
        &EXPERIMENT_INIT,
        &EXPERIMENT,
        &STATIC_FILES,
        &BONUS,
        &CALLBACKS,
        &globals::GLOBALS,
        &SCREENING,
        &CODES,
        &PROLIFIC,
        &language::LANGUAGE,
    ],
    elsewhere: &[
        ("hosting", "host and port are options of `greenroom run`"),
        ("webrtc", "browsers speak to the service only: remove the call"),
        ("callback", "use .callbacks(...)"),
    ],
};

static STAGER_INIT: Method = Method {
    class: "Stager",
    name: "__init__",
    doc: "Orders the scenes of a study.",
    options: &[Opt::required("scenes", SCENES, "The scenes, in order: first a StartScene, last an EndScene.")],
    elsewhere: &[],
};
/// What the stubs say of [`Stager`].
pub static STAGER_CLASS: Class = Class {
    name: "Stager",
    doc: "The ordered scenes of a study.",
    base: None,
    methods: &[&STAGER_INIT],
    elsewhere: &[],
};

/// A study, as far as it has been described.
#[pyclass(module = "greenroom")]
pub struct Experiment {
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) id: Option<ExperimentId>,
    pub(in crate::python) stager: Option<Py<Stager>>,
    pub(in crate::python) seed: Option<u32>,
    pub(in crate::python) static_directories: Vec<StaticDirectory>,
    pub(in crate::python) bonus: Option<(Bonus, Function)>,
    pub(in crate::python) callbacks: Vec<Arc<Callback>>,
    pub(in crate::python) globals: Globals,
    pub(in crate::python) gates: Gates,
    /// Decides who is let in.
    pub(in crate::python) entry: Option<Function>,
    pub(in crate::python) language: Language,
}

/// The ordered scenes of a study.
#[pyclass(module = "greenroom", frozen)]
pub struct Stager {
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) order: Vec<Node>,
}

#[pymethods]
impl Stager {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new<'py>(args: Args<'py>, named: Option<Named<'py>>) -> PyResult<Self> {
        let place = caller(args.py());
        let given = STAGER_INIT.bind(args, named)?;
        let order = given.raw("scenes").map_or(Ok(Vec::new()), |value| flow::nodes(&given, "scenes", value))?;
        Ok(Self { place, order })
    }

    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        Err(STAGER_CLASS.no_attribute(slf.py(), name))
    }

    fn __repr__(&self) -> String {
        format!("<Stager of {} scenes>", self.order.iter().map(|node| node.scenes().len()).sum::<usize>())
    }
}

#[pymethods]
impl Experiment {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<Self> {
        let place = caller(args.py());
        EXPERIMENT_INIT.bind(args, named)?;
        Ok(Self {
            place,
            id: None,
            stager: None,
            seed: None,
            static_directories: Vec::new(),
            bonus: None,
            callbacks: Vec::new(),
            globals: Globals::default(),
            gates: Gates::default(),
            entry: None,
            language: Language::default(),
        })
    }

    #[pyo3(name = "experiment", signature = (*args, **named))]
    fn set_experiment<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = EXPERIMENT.bind(args, named)?;
        let id = names::read(&given, "experiment_id")?;
        let stager = match given.raw("stager") {
            None => None,
            Some(value) => match value.cast::<Stager>() {
                Ok(stager) => Some(stager.clone().unbind()),
                Err(_) => return Err(given.refusal("stager", value, true)),
            },
        };
        let seed = given.whole("seed")?;
        let parameter = names::read(&given, "subject_parameter")?;
        let mut study = slf.borrow_mut();
        super::set_some(&mut study.gates.subject_parameter, parameter);
        super::set_some(&mut study.id, id);
        super::set_some(&mut study.seed, seed);
        super::set_some(&mut study.stager, stager);
        drop(study);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn static_files<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = STATIC_FILES.bind(args, named)?;
        let mut directories: Vec<StaticDirectory> = Vec::new();
        for item in list(&given, "directories")? {
            let Ok(path) = item.extract::<std::path::PathBuf>() else {
                return Err(given.refusal("directories", &item, true));
            };
            let served = served(&path)?;
            if directories.iter().any(|known| known.address == served.address) {
                return Err(given.wrong("directories", &format!("names {} twice", path.display())));
            }
            directories.push(served);
        }
        slf.borrow_mut().static_directories = directories;
        Ok(slf)
    }

    #[pyo3(name = "globals", signature = (*args, **named))]
    fn set_globals<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let globals = globals::read(&globals::GLOBALS.bind(args, named)?)?;
        slf.borrow_mut().globals = globals;
        Ok(slf)
    }

    #[pyo3(name = "bonus", signature = (*args, **named))]
    fn set_bonus<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let bonus = bonus::read(&BONUS.bind(args, named)?)?;
        super::set_some(&mut slf.borrow_mut().bonus, bonus);
        Ok(slf)
    }

    #[pyo3(name = "callbacks", signature = (*args, **named))]
    fn set_callbacks<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let callbacks = callbacks::read(&CALLBACKS.bind(args, named)?, "callbacks")?;
        super::set(&mut slf.borrow_mut().callbacks, callbacks);
        Ok(slf)
    }

    #[pyo3(name = "language", signature = (*args, **named))]
    fn set_language<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let language = language::read(&language::LANGUAGE.bind(args, named)?)?;
        super::set(&mut slf.borrow_mut().language, language);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn entry_screening<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = SCREENING.bind(args, named)?;
        let before = slf.borrow().gates.screening.clone();
        let (screening, entry) = gates::screening(&given, before)?;
        let mut study = slf.borrow_mut();
        if given.raw("entry_callback").is_some() {
            study.entry = entry;
        }
        study.gates.screening = Some(screening);
        drop(study);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn completion_codes<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let words = gates::codes(&CODES.bind(args, named)?)?;
        let mut study = slf.borrow_mut();
        study.gates.codes.at_end = true;
        study.gates.codes.words.extend(words);
        drop(study);
        Ok(slf)
    }

    #[pyo3(signature = (*args, **named))]
    fn prolific<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = PROLIFIC.bind(args, named)?;
        let (words, after_s) = (gates::codes(&given)?, given.number("after_s")?);
        gates::prolific(&mut slf.borrow_mut().gates, words, after_s);
        Ok(slf)
    }

    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        Err(EXPERIMENT_CLASS.no_attribute(slf.py(), name))
    }

    fn __repr__(&self) -> String {
        names::repr("Experiment", self.id.as_ref().map(ExperimentId::as_str), "")
    }
}

/// The items of a list or a tuple.
fn list<'py>(given: &given::Given<'py>, option: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let Some(value) = given.raw(option) else { return Ok(Vec::new()) };
    if let Ok(list) = value.cast::<PyList>() {
        return Ok(list.iter().collect());
    }
    match value.cast::<PyTuple>() {
        Ok(tuple) => Ok(tuple.iter().collect()),
        Err(_) => Err(given.refusal(option, value, true)),
    }
}

/// A directory with the address that it is served at.
fn served(path: &Path) -> PyResult<StaticDirectory> {
    let wrong = |why: &str| {
        let message = format!("Experiment.static_files: directories: {} {why}", path.display());
        Err(PyValueError::new_err(message))
    };
    let mut segments = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(segment) => match segment.to_str() {
                Some(segment) => segments.push(segment),
                None => return wrong("is not UTF-8: rename it"),
            },
            _ => return wrong("must be a relative path below the folder of the experiment module, without `..`"),
        }
    }
    let Some(first) = segments.first() else {
        return wrong("would serve the experiment module itself: name a folder below it");
    };
    if RESERVED.contains(first) {
        return wrong(&format!("begins with `{first}`, which the service needs for itself: rename the folder"));
    }
    let directory = files::directory("Experiment.static_files", "directories", path)?;
    // A link may lead out of the folder, and with it everything that lies there onto the internet.
    let inside = match (directory.canonicalize(), files::folder()?.canonicalize()) {
        (Ok(real), Ok(folder)) => real != folder && real.starts_with(folder),
        _ => false,
    };
    if !inside {
        return wrong("is a link that leads out of the folder of the experiment module: copy the files instead");
    }
    Ok(StaticDirectory { address: segments.join("/"), directory })
}
