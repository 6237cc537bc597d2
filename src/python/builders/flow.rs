//! What orders scenes, and the branches that every scene may have.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use serde_json::Value;

use super::flow_options as table;
use super::functions::{self, Function};
use super::given::{Given, shown};
use super::scenes::SceneBuilder;
use super::{Args, Named, names};
use crate::experiment::{Conditions as Condition, Level, Measure, Of, Part, Per, Test, WhenFull, problem_of_part};
use crate::ids::{PartName, QuestionId, SceneId};
use crate::wire::Finite;

/// A part of the order, with the scenes as they were given.
pub(in crate::python) type Node = Part<Arc<SceneBuilder>>;

/// Something that holds or does not.
#[derive(Clone)]
pub(in crate::python) enum Rule {
    Function(Function),
    When(Comparison),
}

/// Where it goes on.
pub(in crate::python) enum Lead {
    /// To a target, if it holds.
    To(PartName, Option<Comparison>),
    /// Where a function says.
    Function(Function),
}

/// A comparison. What it looks at of a scene without a name is of the scene that has the branch.
#[derive(Clone)]
pub(in crate::python) struct Comparison {
    look: Look,
    equals: Option<Value>,
    any_of: Option<Vec<Value>>,
    at_least: Option<Finite>,
    at_most: Option<Finite>,
}

#[derive(Clone)]
enum Look {
    Answer(Option<SceneId>, QuestionId),
    Result(Option<SceneId>, Measure),
    Global(String),
    Condition(PartName),
    Parameter(String),
}

impl Comparison {
    /// The comparison, where the scene that has it is known.
    pub(in crate::python) fn test(&self, own: &SceneId) -> Test {
        let or_own = |scene: &Option<SceneId>| scene.clone().unwrap_or_else(|| own.clone());
        let of = match &self.look {
            Look::Answer(scene, question) => Of::Answer(or_own(scene), question.clone()),
            Look::Result(scene, measure) => Of::Result(or_own(scene), *measure),
            Look::Global(name) => Of::Global(name.clone()),
            Look::Condition(name) => Of::Condition(name.clone()),
            Look::Parameter(name) => Of::Parameter(name.clone()),
        };
        let (equals, any_of) = (self.equals.clone(), self.any_of.clone());
        Test { of, equals, any_of, at_least: self.at_least, at_most: self.at_most }
    }
}

/// What `.skip_if(...)` says. Its function may be given without its name, although it need not be given.
pub(super) fn skip_if<'py>(mut args: Args<'py>, named: Option<Named<'py>>) -> PyResult<Rule> {
    let py = args.py();
    let with_name = named.unwrap_or_else(|| PyDict::new(py));
    if args.len() == 1 && !with_name.contains("function")? {
        with_name.set_item("function", args.get_item(0)?)?;
        args = PyTuple::empty(py);
    }
    let given = table::SKIP_IF.bind(args, Some(with_name))?;
    let function = functions::read(&given, "function", &["participant"])?;
    match (function, comparison(&given)?) {
        (Some(function), None) => Ok(Rule::Function(function)),
        (None, Some(comparison)) => {
            if matches!(comparison.look, Look::Answer(None, _) | Look::Result(None, _)) {
                return Err(given.wrong("scene", "is missing: name the scene whose answer or result is compared"));
            }
            Ok(Rule::When(comparison))
        }
        (Some(_), Some(_)) => Err(given.wrong("function", "and a comparison were both given: give one of them")),
        (None, None) => Err(given.wrong(
            "function",
            "is missing: give one, or a comparison such as scene='survey', question='played', equals='no'",
        )),
    }
}

/// What `.go_to(...)` says.
pub(super) fn go_to<'py>(args: Args<'py>, named: Option<Named<'py>>) -> PyResult<Lead> {
    let given = table::GO_TO.bind(args, named)?;
    let comparison = comparison(&given)?;
    let Some(target) = given.raw("target") else { return Err(given.wrong("target", "is missing")) };
    if target.is_callable() {
        if comparison.is_some() {
            return Err(given.wrong("target", "is a function, so that a comparison has no effect: remove it"));
        }
        return Ok(Lead::Function(functions::of(&given, "target", target, &["participant"])?));
    }
    let name = target.extract::<String>().map_err(|_| given.refusal("target", target, true))?;
    Ok(Lead::To(name.parse().map_err(|_| given.refusal("target", target, false))?, comparison))
}

/// The comparison that a call describes, if it describes one.
fn comparison(given: &Given<'_>) -> PyResult<Option<Comparison>> {
    const LOOKS: [&str; 5] = ["question", "result", "globals_", "condition", "parameter"];
    const BOUNDS: [&str; 4] = ["equals", "any_of", "at_least", "at_most"];
    let named = |of: &[&'static str]| of.iter().copied().filter(|name| given.raw(name).is_some()).collect::<Vec<_>>();
    let (looks, bounds) = (named(&LOOKS), named(&BOUNDS));
    let scene: Option<SceneId> = names::read(given, "scene")?;
    match (&looks[..], &bounds[..]) {
        ([], []) if scene.is_none() => return Ok(None),
        ([], []) => {
            return Err(given.wrong("scene", "says nothing alone: compare a question=... or a result=... of it"));
        }
        ([], [bound, ..]) => {
            return Err(
                given.wrong(bound, "compares nothing: name a question, result, globals_, condition or parameter")
            );
        }
        ([look], []) => {
            return Err(given.wrong(look, "is compared with nothing: give equals, any_of, at_least or at_most"));
        }
        ([_], _) => {}
        ([one, other, ..], _) => {
            return Err(given.wrong(one, &format!("and {other} were both given: give one of them")));
        }
    }
    if scene.is_some() && !["question", "result"].contains(&looks[0]) {
        return Err(given.wrong("scene", &format!("has no effect on {}: remove it", looks[0])));
    }
    let of_one = |one: &str| bounds.contains(&one) && bounds.len() > 1;
    if of_one("equals") || of_one("any_of") {
        return Err(given.wrong(bounds[0], &format!("and {} were both given: give one of them", bounds[1])));
    }
    let text = |name| Ok::<_, PyErr>(given.text(name)?.unwrap_or_default());
    let look = match looks[0] {
        "question" => match names::read(given, "question")? {
            Some(question) => Look::Answer(scene, question),
            None => return Err(given.wrong("question", "is missing")),
        },
        "result" => Look::Result(
            scene,
            match given.word("result")? {
                Some("mean_score") => Measure::MeanScore,
                Some("episodes") => Measure::Episodes,
                Some("steps") => Measure::Steps,
                _ => Measure::Score,
            },
        ),
        "globals_" => Look::Global(text("globals_")?),
        "condition" => match names::read(given, "condition")? {
            Some(condition) => Look::Condition(condition),
            None => return Err(given.wrong("condition", "is missing")),
        },
        _ => Look::Parameter(text("parameter")?),
    };
    let equals = json(given, "equals")?;
    let any_of = match json(given, "any_of")? {
        None => None,
        Some(Value::Array(values)) if !values.is_empty() => Some(values),
        Some(_) => return Err(refused(given, "any_of")),
    };
    let finite = |number: Option<f64>| number.and_then(|number| Finite::try_from(number).ok());
    let (at_least, at_most) = (finite(given.number("at_least")?), finite(given.number("at_most")?));
    if let (Some(least), Some(most)) = (at_least, at_most)
        && least > most
    {
        return Err(given.wrong("at_least", "is more than at_most: nothing is both"));
    }
    Ok(Some(Comparison { look, equals, any_of, at_least, at_most }))
}

fn refused(given: &Given<'_>, name: &str) -> PyErr {
    match given.raw(name) {
        Some(value) => given.refusal(name, value, true),
        None => given.wrong(name, "is missing"),
    }
}

/// A value that answers and levels can be compared with: a flag, a number, a text, or a list of these.
fn json(given: &Given<'_>, name: &str) -> PyResult<Option<Value>> {
    let Some(value) = given.raw(name) else { return Ok(None) };
    let py = value.py();
    let named = PyDict::new(py);
    named.set_item("allow_nan", false)?;
    named.set_item("default", py.import("greenroom.participant")?.getattr("plain")?)?;
    let text =
        py.import("json")?.getattr("dumps")?.call((value,), Some(&named)).and_then(|text| text.extract::<String>());
    let read = text.ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let plain = |value: &Value| value.is_boolean() || value.is_number() || value.is_string();
    match read {
        Some(Value::Array(values)) if values.iter().all(plain) => Ok(Some(Value::Array(values))),
        Some(value) if plain(&value) => Ok(Some(value)),
        _ => Err(refused(given, name)),
    }
}

/// The scenes and parts of a list.
pub(super) fn nodes(given: &Given<'_>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<Node>> {
    let items: Vec<Bound<'_, PyAny>> = match (value.cast::<PyList>(), value.cast::<PyTuple>()) {
        (Ok(list), _) => list.iter().collect(),
        (_, Ok(tuple)) => tuple.iter().collect(),
        _ => return Err(given.refusal(name, value, true)),
    };
    let node = |(index, item): (usize, &Bound<'_, PyAny>)| {
        node(item).ok_or_else(|| {
            PyTypeError::new_err(format!(
                "{}: {name} must be {}, but {} stands at position {index}",
                given.title(),
                table::SCENES.allowed(),
                shown(item)
            ))
        })
    };
    items.iter().enumerate().map(node).collect()
}

fn node(object: &Bound<'_, PyAny>) -> Option<Node> {
    if let Some(scene) = SceneBuilder::of(object) {
        return Some(Part::Scene(Arc::new(scene)));
    }
    if let Ok(part) = object.cast::<RandomizeOrder>() {
        return Some(part.get().0.clone());
    }
    if let Ok(part) = object.cast::<RepeatScene>() {
        return Some(part.get().0.clone());
    }
    if let Ok(part) = object.cast::<Section>() {
        return Some(part.get().0.clone());
    }
    object.cast::<Conditions>().ok().map(|part| part.get().0.clone())
}

fn scenes(given: &Given<'_>) -> PyResult<Vec<Node>> {
    given.raw("scenes").map_or(Ok(Vec::new()), |value| nodes(given, "scenes", value))
}

fn part_name(given: &Given<'_>) -> PyResult<PartName> {
    names::read(given, "name")?.ok_or_else(|| given.wrong("name", "is missing"))
}

fn randomized(given: &Given<'_>) -> PyResult<Node> {
    Ok(Part::RandomizeOrder { parts: scenes(given)?, keep_n: given.whole("keep_n")? })
}

fn repeated(given: &Given<'_>) -> PyResult<Node> {
    Ok(Part::RepeatScene { parts: scenes(given)?, n: given.whole("n")?.unwrap_or(1) })
}

fn section(given: &Given<'_>) -> PyResult<Node> {
    Ok(Part::Section { name: part_name(given)?, parts: scenes(given)? })
}

fn conditions(given: &Given<'_>) -> PyResult<Node> {
    let name = part_name(given)?;
    let Some(value) = given.raw("levels") else { return Err(given.wrong("levels", "are missing")) };
    let Ok(dict) = value.cast::<PyDict>() else { return Err(given.refusal("levels", value, true)) };
    let level_name = |key: &Bound<'_, PyAny>| -> PyResult<PartName> {
        let text = key.extract::<String>().map_err(|_| given.refusal("levels", value, true))?;
        text.parse().map_err(|error| given.wrong("levels", &format!("has a name that cannot be one: {error}")))
    };
    let mut levels = Vec::new();
    for (key, scenes) in dict {
        levels.push(Level { name: level_name(&key)?, quota: None, parts: nodes(given, "levels", &scenes)? });
    }
    if let Some(value) = given.raw("quotas").filter(|value| !value.is_none()) {
        let Ok(dict) = value.cast::<PyDict>() else { return Err(given.refusal("quotas", value, true)) };
        for (key, quota) in dict {
            let known: Vec<String> = levels.iter().map(|level| format!("'{}'", level.name)).collect();
            let level = key.extract::<String>().ok();
            let level = level.and_then(|name| levels.iter_mut().find(|level| level.name.as_str() == name));
            let Some(level) = level else {
                let why = format!("names {}, which is no level; there are {}", shown(&key), known.join(", "));
                return Err(given.wrong("quotas", &why));
            };
            let quota = quota.extract::<u32>().ok().filter(|quota| (1..=1_000_000).contains(quota));
            level.quota = Some(quota.ok_or_else(|| given.refusal("quotas", value, false))?);
        }
    }
    let per = if given.word("per")? == Some("group") { Per::Group } else { Per::Person };
    let when_full = if given.word("when_full")? == Some("end") { WhenFull::End } else { WhenFull::Continue };
    let reopen_after_s = given.whole("reopen_after_s")?.unwrap_or(1800);
    Ok(Part::Conditions(Condition { name, levels, per, when_full, reopen_after_s }))
}

macro_rules! part_class {
    ($(#[$doc:meta])* $class:ident, $init:ident, $about:ident, $read:path) => {
        $(#[$doc])*
        #[pyclass(module = "greenroom", frozen)]
        pub struct $class(Node);

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (*args, **named))]
            fn new<'py>(args: Args<'py>, named: Option<Named<'py>>) -> PyResult<Self> {
                let given = table::$init.bind(args, named)?;
                let node = $read(&given)?;
                match problem_of_part(&node, &|scene: &Arc<SceneBuilder>| scene.kind()) {
                    Some(problem) => Err(pyo3::exceptions::PyValueError::new_err(problem)),
                    None => Ok(Self(node)),
                }
            }

            fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
                Err(table::$about.no_attribute(slf.py(), name))
            }

            fn __repr__(&self) -> String {
                format!("<{} of {} scenes>", stringify!($class), self.0.scenes().len())
            }
        }
    };
}
part_class!(/// Scenes in an order that is drawn for each participant.
    RandomizeOrder, RANDOMIZE_INIT, RANDOMIZE_CLASS, randomized);
part_class!(/// Scenes several times over.
    RepeatScene, REPEAT_INIT, REPEAT_CLASS, repeated);
part_class!(/// Scenes with a common name.
    Section, SECTION_INIT, SECTION_CLASS, section);
part_class!(/// Scenes of which each participant gets those of one level.
    Conditions, CONDITIONS_INIT, CONDITIONS_CLASS, conditions);
