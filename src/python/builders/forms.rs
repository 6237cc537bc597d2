//! Scenes with a page of their own, with or without questions.

use std::collections::BTreeSet;

use pyo3::PyClassInitializer;
use pyo3::prelude::*;

use super::form_options as table;
use super::given::{Given, shown};
use super::options::Class;
use super::place::caller;
use super::questions::{described, words};
use super::scenes::PageScene;
use super::{Args, Itself, Named, files, names};
use crate::experiment::{Alternative, Ask, Consequence, Form, Look, Place, Question, Tries};
use crate::ids::{QuestionId, SceneId};
use crate::wire::Page;

/// Words along the scales of [`ScalesAndTextBox`] and its like, unless there are others.
const LIKERT: [&str; 5] = ["Strongly Disagree", "Disagree", "Neutral", "Agree", "Strongly Agree"];

/// A page, as far as it has been described; the base of all that have questions.
#[pyclass(module = "greenroom", extends = PageScene, subclass)]
pub struct StaticScene {
    pub(in crate::python) class: &'static Class,
    pub(in crate::python) place: Option<Place>,
    pub(in crate::python) scene_id: Option<SceneId>,
    pub(in crate::python) page: Page,
    pub(in crate::python) form: Form,
    /// Addresses of the pictures of its questions, and where each was given.
    pub(in crate::python) pictures: Vec<(String, Option<Place>)>,
}

/// Questions, and the pictures that they show.
#[derive(Default)]
struct Questions {
    form: Form,
    pictures: Vec<(String, Option<Place>)>,
}

impl StaticScene {
    fn made(
        class: &'static Class,
        args: Args<'_>,
        named: Option<Named<'_>>,
        read: impl FnOnce(&Given<'_>) -> PyResult<Questions>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let place = caller(args.py());
        let Questions { form, pictures } = read(&class.bind("__init__", args, named)?)?;
        let here = |(address, at): (String, Option<Place>)| (address, at.or_else(|| place.clone()));
        let pictures = pictures.into_iter().map(here).collect();
        Ok(PageScene::under(class, Self { class, place, scene_id: None, page: Page::default(), form, pictures }))
    }
}

#[pymethods]
impl StaticScene {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
        Self::made(&table::STATIC_CLASS, args, named, |_| Ok(Questions::default()))
    }

    #[pyo3(signature = (*args, **named))]
    fn check<'py>(slf: Bound<'py, Self>, args: Args<'py>, named: Option<Named<'py>>) -> Itself<'py, Self> {
        let given = table::CHECK.bind(args, named)?;
        let scene: Option<SceneId> = names::read(&given, "failure_scene_id")?;
        let failed = match (given.word("on_failure")?, scene) {
            (Some("scene"), Some(scene)) => Consequence::Scene(scene),
            (Some("scene"), None) => {
                return Err(given.wrong("failure_scene_id", "is missing: on_failure='scene' needs it"));
            }
            (_, Some(_)) => return Err(given.wrong("failure_scene_id", "takes effect only with on_failure='scene'")),
            (Some("continue"), None) => Consequence::Continue,
            _ => Consequence::Exclude,
        };
        if !slf.borrow().form.questions.iter().any(|question| question.correct.is_some()) {
            return Err(given.wrong("tries", "cannot be counted: give a question its right answer with correct=..."));
        }
        let (number, tell) = (given.whole("tries")?.unwrap_or(2), given.flag("tell")?.unwrap_or(true));
        slf.borrow_mut().form.tries = Some(Tries { number, tell, failed });
        Ok(slf)
    }
}

macro_rules! form_class {
    ($(#[$doc:meta])* $class:ident, $about:ident, $read:expr) => {
        $(#[$doc])*
        #[pyclass(module = "greenroom", extends = StaticScene)]
        pub struct $class;

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (*args, **named))]
            fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<PyClassInitializer<Self>> {
                Ok(StaticScene::made(&table::$about, args, named, $read)?.add_subclass(Self))
            }
        }
    };
}
form_class!(/// A page with questions.
    SurveyScene, SURVEY_CLASS, survey);
form_class!(/// A page with a text box.
    TextBox, TEXT_BOX_CLASS, |given: &Given<'_>| of(vec![text_box(given)?]));
form_class!(/// A page with sliders and a text box.
ScalesAndTextBox, SCALES_CLASS, |given: &Given<'_>| {
    let mut questions = scales(given)?;
    questions.push(text_box(given)?);
    of(questions)
});
form_class!(/// A page with options.
    OptionBoxes, BOXES_CLASS, |given: &Given<'_>| of(vec![boxes(given)?]));
form_class!(/// A page with options and a text box.
    OptionBoxesWithTextBox, BOXES_TEXT_CLASS,
    |given: &Given<'_>| of(vec![boxes(given)?, text_box(given)?]));
form_class!(/// A page with options, sliders and a text box.
OptionBoxesWithScalesAndTextBox, BOXES_SCALES_CLASS, |given: &Given<'_>| {
    let mut questions = vec![boxes(given)?];
    questions.extend(scales(given)?);
    questions.push(text_box(given)?);
    of(questions)
});
form_class!(/// A page of questions with options.
    MultipleChoice, MULTIPLE_CLASS, multiple);

fn of(questions: Vec<Question>) -> PyResult<Questions> {
    Ok(Questions { form: Form { questions, ..Form::default() }, ..Questions::default() })
}

fn asked(given: &Given<'_>, id: &str, prompt: String, required: bool, ask: Ask) -> PyResult<Question> {
    let id: QuestionId = id.parse().map_err(|_| given.wrong(id, "is no question id"))?;
    Ok(Question { id, prompt, required, ask, correct: None })
}

fn survey(given: &Given<'_>) -> PyResult<Questions> {
    let name = "questions";
    let Some(value) = given.raw(name) else { return Err(given.wrong(name, "are missing")) };
    let items = value.try_iter().map_err(|_| given.refusal(name, value, true))?;
    let (mut questions, mut pictures, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (index, item) in items.enumerate() {
        let item = item?;
        let Some((question, place)) = described(&item) else {
            return Err(
                given.wrong(name, &format!("must be questions, but {} stands at position {index}", shown(&item)))
            );
        };
        if !ids.insert(question.id.clone()) {
            return Err(given.wrong(name, &format!("have the id '{}' twice: give each an id of its own", question.id)));
        }
        if let Ask::Choice { options, .. } = &question.ask {
            pictures.extend(options.iter().filter_map(|option| Some((option.image.clone()?, place.clone()))));
        }
        questions.push(question);
    }
    if questions.is_empty() {
        return Err(given.wrong(name, "are empty: give at least one, or use StaticScene for a page to read"));
    }
    let form = Form { questions, shuffle: given.flag("shuffle")?.unwrap_or(false), tries: None };
    Ok(Questions { form, pictures })
}

fn text_box(given: &Given<'_>) -> PyResult<Question> {
    let ask = Ask::Text { lines: 4, max_length: 2000, placeholder: String::new() };
    let required = given.flag("required")?.unwrap_or(true);
    asked(given, "user-input", given.text("text_box_header")?.unwrap_or_default(), required, ask)
}

fn scales(given: &Given<'_>) -> PyResult<Vec<Question>> {
    let prompts = words(given, "scale_questions")?;
    let points = given.whole("scale_size")?.unwrap_or(21);
    let labels = labels(given, prompts.len())?;
    let mut header = given.text("pre_scale_header")?;
    let mut questions = Vec::new();
    for (index, (prompt, labels)) in prompts.into_iter().zip(labels).enumerate() {
        let ask = Ask::Scale { points, labels, slider: true };
        let prompt = headed(header.take(), prompt);
        questions.push(asked(given, &format!("scale-{index}"), prompt, true, ask)?);
    }
    Ok(questions)
}

fn labels(given: &Given<'_>, scales: usize) -> PyResult<Vec<Vec<String>>> {
    let name = "scale_labels";
    let Some(value) = given.raw(name) else { return Ok(vec![LIKERT.map(str::to_owned).into(); scales]) };
    if let Ok(labels) = value.extract::<Vec<String>>() {
        return Ok(vec![labels; scales]);
    }
    match value.extract::<Vec<Vec<String>>>() {
        Ok(labels) if labels.len() == scales => Ok(labels),
        Ok(labels) => Err(given.wrong(name, &format!("has {} lists for {scales} scales", labels.len()))),
        Err(_) => Err(given.refusal(name, value, true)),
    }
}

fn boxes(given: &Given<'_>) -> PyResult<Question> {
    let options = alternatives(given, "options", words(given, "options")?)?;
    let ask = Ask::Choice { options, several: false, at_least: 1, at_most: 1, shuffle: false, look: Look::Boxes };
    asked(given, "selected-option-box", given.text("option_box_header")?.unwrap_or_default(), true, ask)
}

fn multiple(given: &Given<'_>) -> PyResult<Questions> {
    let prompts = words(given, "questions")?;
    let choices: Vec<Vec<String>> = match given.raw("choices") {
        Some(value) => value.extract().map_err(|_| given.refusal("choices", value, true))?,
        None => Vec::new(),
    };
    let several: Vec<bool> = match given.raw("multi_select") {
        None => vec![false; prompts.len()],
        Some(value) => match (value.extract::<bool>(), value.extract()) {
            (Ok(all), _) => vec![all; prompts.len()],
            (_, Ok(each)) => each,
            _ => return Err(given.refusal("multi_select", value, true)),
        },
    };
    let images: Vec<Option<String>> = match given.raw("images") {
        None => vec![None; prompts.len()],
        Some(value) => value.extract().map_err(|_| given.refusal("images", value, true))?,
    };
    for (name, number) in [("choices", choices.len()), ("multi_select", several.len()), ("images", images.len())] {
        if number != prompts.len() {
            return Err(given.wrong(name, &format!("has {number} entries for {} questions", prompts.len())));
        }
    }
    for image in images.iter().flatten() {
        files::picture(given, "images", image)?;
    }
    let mut header = given.text("pre_questions_header")?;
    let mut questions = Vec::new();
    for (index, (prompt, choices)) in prompts.into_iter().zip(choices).enumerate() {
        let options = alternatives(given, "choices", choices)?;
        let at_most = u32::try_from(options.len()).unwrap_or(u32::MAX);
        let several = several[index];
        let ask = Ask::Choice { options, several, at_least: 1, at_most, shuffle: false, look: Look::List };
        let picture = images[index].as_deref().map(picture).unwrap_or_default();
        let prompt = headed(header.take(), format!("{picture}{prompt}"));
        questions.push(asked(given, &format!("mc-{index}"), prompt, true, ask)?);
    }
    let pictures = images.into_iter().flatten().map(|address| (address, None)).collect();
    Ok(Questions { pictures, ..of(questions)? })
}

fn alternatives(given: &Given<'_>, name: &str, words: Vec<String>) -> PyResult<Vec<Alternative>> {
    let distinct: BTreeSet<_> = words.iter().collect();
    if words.len() < 2 || distinct.len() != words.len() || words.iter().any(String::is_empty) {
        return Err(given.wrong(name, "must have at least 2 options, none of them empty, and none twice"));
    }
    Ok(words.into_iter().map(|word| Alternative { id: word.clone(), label: word, image: None }).collect())
}

/// A prompt below a header.
fn headed(header: Option<String>, prompt: String) -> String {
    match header {
        Some(header) => format!("<div class=\"section-header\">{header}</div>{prompt}"),
        None => prompt,
    }
}

fn picture(address: &str) -> String {
    let address = address.replace('&', "&amp;").replace('"', "&quot;");
    format!("<img alt=\"\" src=\"{address}\">")
}
