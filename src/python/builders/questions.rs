//! The classes of questions.

use std::collections::BTreeSet;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::given::Given;
use super::place::caller;
use super::question_options as table;
use super::{Args, Named, files, names};
use crate::experiment::{Alternative, Answer, Ask, Look, Place, Question, Row};
use crate::wire::Finite;

/// Most options or rows of a question.
const MOST_OPTIONS: usize = 1000;

macro_rules! question_class {
    ($(#[$doc:meta])* $class:ident, $init:ident, $read:ident) => {
        $(#[$doc])*
        #[pyclass(module = "greenroom", frozen)]
        pub struct $class(Question, Option<Place>);

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (*args, **named))]
            fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<Self> {
                let place = caller(args.py());
                question(&table::$init.bind(args, named)?, $read).map(|question| Self(question, place))
            }

            fn __repr__(&self) -> String {
                names::repr(stringify!($class), Some(self.0.id.as_str()), "")
            }
        }
    };
}
question_class!(/// A question that is answered with a text.
    TextQuestion, TEXT_INIT, text);
question_class!(/// A question that is answered with a number.
    NumberQuestion, NUMBER_INIT, number);
question_class!(/// A question with options.
    ChoiceQuestion, CHOICE_INIT, choice);
question_class!(/// A question that is answered with a point on a scale.
    ScaleQuestion, SCALE_INIT, scale);
question_class!(/// A table with the same answers in every row.
    GridQuestion, GRID_INIT, grid);
question_class!(/// A box to tick.
    ConsentQuestion, CONSENT_INIT, consent);

/// The question that an object describes, and where it was made; `None` when it is something else.
pub(super) fn described(object: &Bound<'_, PyAny>) -> Option<(Question, Option<Place>)> {
    macro_rules! of {
        ($($class:ident),*) => {
            $(if let Ok(question) = object.cast::<$class>() {
                return Some((question.get().0.clone(), question.get().1.clone()));
            })*
        };
    }
    of!(TextQuestion, NumberQuestion, ChoiceQuestion, ScaleQuestion, GridQuestion, ConsentQuestion);
    None
}

type Form = (Ask, Option<Answer>);

fn question(given: &Given<'_>, read: fn(&Given<'_>) -> PyResult<Form>) -> PyResult<Question> {
    let Some(id) = names::read(given, "question_id")? else { return Err(given.wrong("question_id", "is missing")) };
    let (ask, correct) = read(given)?;
    let required = given.flag("required")?.unwrap_or(true);
    Ok(Question { id, prompt: given.text("prompt")?.unwrap_or_default(), required, ask, correct })
}

fn text(given: &Given<'_>) -> PyResult<Form> {
    let lines = given.whole("lines")?.unwrap_or(1);
    let max_length = given.whole("max_length")?.unwrap_or(2000);
    Ok((Ask::Text { lines, max_length, placeholder: given.text("placeholder")?.unwrap_or_default() }, None))
}

fn number(given: &Given<'_>) -> PyResult<Form> {
    let bound = |name| Ok::<_, PyErr>(given.number(name)?.and_then(|number| Finite::try_from(number).ok()));
    let (min, max) = (bound("minimum")?, bound("maximum")?);
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        return Err(given.wrong("minimum", "is greater than maximum"));
    }
    let whole = given.flag("whole")?.unwrap_or(false);
    Ok((Ask::Number { min, max, whole, unit: given.text("unit")?.unwrap_or_default() }, None))
}

fn choice(given: &Given<'_>) -> PyResult<Form> {
    let options = options(given, "options")?;
    let images = match given.raw("images") {
        Some(_) => words(given, "images")?.into_iter().map(Some).collect(),
        None => vec![None; options.len()],
    };
    if images.len() != options.len() {
        return Err(given.wrong("images", &format!("has {} addresses for {} options", images.len(), options.len())));
    }
    for image in images.iter().flatten() {
        files::picture(given, "images", image)?;
    }
    let several = given.flag("several")?.unwrap_or(false);
    for name in ["at_least", "at_most"] {
        if given.raw(name).is_some() && !several {
            return Err(given.wrong(name, "takes effect only with several=True"));
        }
    }
    let all = u32::try_from(options.len()).unwrap_or(u32::MAX);
    let (at_least, at_most) = (given.whole("at_least")?.unwrap_or(1), given.whole("at_most")?.unwrap_or(all));
    if at_least > at_most.min(all) {
        return Err(given.wrong("at_least", "is greater than what can be chosen"));
    }
    let look = match given.word("look")? {
        Some("boxes") => Look::Boxes,
        Some("dropdown") if several => return Err(given.wrong("look", "cannot be 'dropdown' with several=True")),
        Some("dropdown") => Look::Dropdown,
        _ => Look::List,
    };
    let ids: Vec<&str> = options.iter().map(|(id, _)| id.as_str()).collect();
    let correct = correct(given, &ids, several)?;
    let shuffle = given.flag("shuffle")?.unwrap_or(false);
    let options = options.iter().zip(images).map(|((id, label), image)| Alternative {
        id: id.clone(),
        label: label.clone(),
        image,
    });
    Ok((Ask::Choice { options: options.collect(), several, at_least, at_most, shuffle, look }, correct))
}

fn correct(given: &Given<'_>, ids: &[&str], several: bool) -> PyResult<Option<Answer>> {
    let Some(value) = given.raw("correct") else { return Ok(None) };
    let right = match (several, value.extract::<String>()) {
        (false, Ok(one)) => vec![one],
        (true, Err(_)) => words(given, "correct")?,
        _ => return Err(given.refusal("correct", value, true)),
    };
    if right.iter().any(|id| !ids.contains(&id.as_str())) {
        return Err(given.refusal("correct", value, false));
    }
    Ok(match several {
        true => Some(Answer::Chosen(right)),
        false => right.into_iter().next().map(Answer::Text),
    })
}

fn scale(given: &Given<'_>) -> PyResult<Form> {
    let labels = if given.raw("labels").is_some() { words(given, "labels")? } else { Vec::new() };
    let points = given.whole("points")?.unwrap_or(7);
    Ok((Ask::Scale { points, labels, slider: given.flag("slider")?.unwrap_or(false) }, None))
}

fn grid(given: &Given<'_>) -> PyResult<Form> {
    let rows = options(given, "rows")?.into_iter().map(|(id, label)| Row { id, label }).collect();
    let columns = words(given, "columns")?;
    Ok((Ask::Grid { rows, columns, shuffle: given.flag("shuffle")?.unwrap_or(false) }, None))
}

fn consent(given: &Given<'_>) -> PyResult<Form> {
    let label = given.text("label")?.unwrap_or_else(|| "I agree".into());
    Ok((Ask::Consent { label, version: given.text("version")?.unwrap_or_default() }, None))
}

/// Texts, none of them empty.
pub(super) fn words(given: &Given<'_>, name: &str) -> PyResult<Vec<String>> {
    let Some(value) = given.raw(name) else { return Ok(Vec::new()) };
    match value.extract::<Vec<String>>() {
        _ if value.is_instance_of::<PyString>() => Err(given.refusal(name, value, true)),
        Ok(words) if words.is_empty() || words.iter().any(|word| word.trim().is_empty()) => {
            Err(given.refusal(name, value, false))
        }
        Ok(words) => Ok(words),
        Err(_) => Err(given.refusal(name, value, true)),
    }
}

/// What the data say and what participants read, of each option.
pub(super) fn options(given: &Given<'_>, name: &str) -> PyResult<Vec<(String, String)>> {
    let Some(value) = given.raw(name) else { return Ok(Vec::new()) };
    let options: Vec<(String, String)> = match value.cast::<PyDict>() {
        Ok(dict) => dict
            .iter()
            .map(|(id, label)| Ok((id.extract()?, label.extract()?)))
            .collect::<PyResult<_>>()
            .map_err(|_| given.refusal(name, value, true))?,
        Err(_) => words(given, name)?.into_iter().map(|word| (word.clone(), word)).collect(),
    };
    let distinct: BTreeSet<_> = options.iter().map(|(id, _)| id).collect();
    let fits = (2..=MOST_OPTIONS).contains(&options.len()) && distinct.len() == options.len();
    if fits && options.iter().all(|(id, _)| !id.is_empty()) {
        Ok(options)
    } else {
        Err(given.refusal(name, value, false))
    }
}
