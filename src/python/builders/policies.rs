//! Who acts for an agent: people, chance, networks, functions.

use std::collections::{BTreeMap, BTreeSet};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};

use super::given::{Given, shown};
use super::policy_options::{FUNCTION_INIT, MODEL_INIT};
use super::{Args, Named, files};
use crate::experiment::{Choice, FunctionPolicy as Function, Model, Policy, RandomPolicy};

/// Most people in one game.
const MOST_HUMANS: usize = 16;

/// Most numbers in one state of a network: 64 MiB.
const MOST_NUMBERS: u64 = 1 << 24;

/// Who acts for an agent, as far as it has been said.
#[derive(Debug, Clone)]
pub struct PolicyDraft {
    policy: Policy,
    frame_skip: Option<u32>,
}

impl PolicyDraft {
    /// Whether a participant acts.
    pub fn is_human(&self) -> bool {
        self.policy.is_human()
    }

    /// The plain type, where `frame_skip` holds for those that say nothing else.
    pub fn policy(&self, frame_skip: u32) -> Policy {
        let frame_skip = self.frame_skip.unwrap_or(frame_skip);
        match self.policy.clone() {
            Policy::Human => Policy::Human,
            Policy::Random(_) => Policy::Random(RandomPolicy { frame_skip }),
            Policy::Model(model) => Policy::Model(Model { frame_skip, ..model }),
            Policy::Function(function) => Policy::Function(Function { frame_skip, ..function }),
        }
    }

    /// Whether it takes the scene's `frame_skip`.
    pub fn follows(&self) -> bool {
        !self.is_human() && self.frame_skip.is_none()
    }
}

/// A trained network in an ONNX file.
#[pyclass(module = "greenroom", frozen)]
pub struct ModelConfig(PolicyDraft);

/// A function of the environment's own code.
#[pyclass(module = "greenroom", frozen)]
pub struct FunctionPolicy(PolicyDraft);

#[pymethods]
impl ModelConfig {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<Self> {
        let given = MODEL_INIT.bind(args, named)?;
        let frame_skip = given.whole("frame_skip")?;
        Ok(Self(PolicyDraft { policy: Policy::Model(model(&given)?), frame_skip }))
    }

    fn __repr__(&self) -> String {
        match &self.0.policy {
            Policy::Model(model) => format!("ModelConfig(onnx_path={:?})", model.onnx_path),
            _ => "ModelConfig()".into(),
        }
    }
}

#[pymethods]
impl FunctionPolicy {
    #[new]
    #[pyo3(signature = (*args, **named))]
    fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<Self> {
        let given = FUNCTION_INIT.bind(args, named)?;
        const OPTION: &str = "function";
        let Some(value) = given.raw(OPTION) else { return Err(PyTypeError::new_err("function is missing")) };
        if !value.is_instance_of::<PyString>() && value.is_callable() {
            return Err(given.wrong(
                OPTION,
                &format!(
                    "must be a name, but {} was given: the function has to stand in the environment's code, which runs \
                     elsewhere; give its name as text",
                    shown(value)
                ),
            ));
        }
        let name = given.text(OPTION)?.unwrap_or_default();
        let keyword = value.py().import("keyword")?.call_method1("iskeyword", (value,))?.is_truthy()?;
        if keyword || !value.call_method0("isidentifier")?.is_truthy()? {
            return Err(given.refusal(OPTION, value, false));
        }
        let frame_skip = given.whole("frame_skip")?;
        Ok(Self(PolicyDraft { policy: Policy::Function(Function { name, frame_skip: 1 }), frame_skip }))
    }

    fn __repr__(&self) -> String {
        match &self.0.policy {
            Policy::Function(function) => format!("FunctionPolicy(function={:?})", function.name),
            _ => "FunctionPolicy()".into(),
        }
    }
}

fn model(given: &Given<'_>) -> PyResult<Model> {
    let path = files::contents(given, "onnx_path")?;
    let onnx_path = given.path("onnx_path")?.unwrap_or_default().display().to_string();
    let obs_input = name(given, "obs_input")?;
    let logit_output = name(given, "logit_output")?;
    let state_inputs = names(given, "state_inputs")?;
    let state_outputs = names(given, "state_outputs")?;
    let state_shape = shape(given, "state_shape")?;
    let fixed_inputs = fixed(given, "fixed_inputs")?;
    let choice = choice(given)?;
    match (state_inputs.len(), state_outputs.len(), state_shape.len()) {
        (inputs, outputs, _) if inputs != outputs => {
            return Err(given.wrong(
                "state_inputs",
                &format!(
                    "has {inputs} names and state_outputs has {outputs}: each input needs the output that feeds it"
                ),
            ));
        }
        (0, 0, 1..) => {
            return Err(
                given.wrong("state_shape", "takes effect only with state_inputs and state_outputs: give all three")
            );
        }
        (1.., _, 0) => {
            return Err(
                given.wrong("state_shape", "is missing: a network with state_inputs needs the shape of its states")
            );
        }
        _ => {}
    }
    let mut known = BTreeSet::new();
    let inputs = [&obs_input].into_iter().chain(&state_inputs).chain(fixed_inputs.keys());
    if let Some(twice) = inputs.into_iter().find(|input| !known.insert(input.as_str())) {
        return Err(
            given.wrong("obs_input", &format!(", state_inputs and fixed_inputs name the input {twice:?} twice"))
        );
    }
    let mut known = BTreeSet::new();
    if let Some(twice) = [&logit_output].into_iter().chain(&state_outputs).find(|output| !known.insert(output.as_str()))
    {
        return Err(given.wrong("logit_output", &format!("and state_outputs name the output {twice:?} twice")));
    }
    Ok(Model {
        path,
        onnx_path,
        obs_input,
        logit_output,
        state_inputs,
        state_outputs,
        state_shape,
        fixed_inputs,
        frame_skip: 1,
        choice,
    })
}

fn name(given: &Given<'_>, option: &str) -> PyResult<String> {
    let text = given.text(option)?.unwrap_or_default();
    match given.raw(option) {
        Some(value) if text.is_empty() => Err(given.refusal(option, value, false)),
        _ => Ok(text),
    }
}

/// The items of a list or a tuple; none when it was not given, or given as None.
fn items<'py>(given: &Given<'py>, option: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
    match given.raw(option).filter(|value| !value.is_none()) {
        None => Ok(Vec::new()),
        Some(value) => match (value.cast::<PyList>(), value.cast::<PyTuple>()) {
            (Ok(list), _) => Ok(list.iter().collect()),
            (_, Ok(tuple)) => Ok(tuple.iter().collect()),
            _ => Err(given.refusal(option, value, true)),
        },
    }
}

fn names(given: &Given<'_>, option: &str) -> PyResult<Vec<String>> {
    let read = |item: Bound<'_, PyAny>| match item.extract::<String>() {
        Ok(name) if !name.is_empty() => Ok(name),
        Ok(_) => Err(given.refusal(option, &item, false)),
        Err(_) => Err(given.refusal(option, &item, true)),
    };
    items(given, option)?.into_iter().map(read).collect()
}

fn shape(given: &Given<'_>, option: &str) -> PyResult<Vec<u32>> {
    let sizes = items(given, option)?;
    let Some(value) = given.raw(option).filter(|value| !value.is_none()) else { return Ok(Vec::new()) };
    if sizes.is_empty() || sizes.len() > 8 {
        return Err(given.refusal(option, value, false));
    }
    let mut shape = Vec::with_capacity(sizes.len());
    for size in sizes {
        if !size.is_instance_of::<PyInt>() || size.is_instance_of::<PyBool>() {
            return Err(given.refusal(option, value, true));
        }
        match size.extract::<u32>() {
            Ok(number @ 1..=65_536) => shape.push(number),
            _ => return Err(given.refusal(option, value, false)),
        }
    }
    let numbers = shape.iter().try_fold(1_u64, |product, size| product.checked_mul(u64::from(*size)));
    if numbers.is_none_or(|numbers| numbers > MOST_NUMBERS) {
        return Err(given.wrong(option, &format!("is of more than {MOST_NUMBERS} numbers in all")));
    }
    Ok(shape)
}

fn fixed(given: &Given<'_>, option: &str) -> PyResult<BTreeMap<String, f64>> {
    let Some(value) = given.raw(option).filter(|value| !value.is_none()) else { return Ok(BTreeMap::new()) };
    let Ok(mapping) = value.cast::<PyDict>() else { return Err(given.refusal(option, value, true)) };
    let mut fixed = BTreeMap::new();
    for (name, number) in mapping {
        let numeric = number.is_instance_of::<PyInt>() || number.is_instance_of::<PyFloat>();
        match (name.extract::<String>(), number.extract::<f64>()) {
            (Ok(name), Ok(number)) if numeric && !name.is_empty() && number.is_finite() => {
                fixed.insert(name, number);
            }
            _ => return Err(given.refusal(option, value, !numeric || !name.is_instance_of::<PyString>())),
        }
    }
    Ok(fixed)
}

fn choice(given: &Given<'_>) -> PyResult<Choice> {
    let temperature = given.number("temperature")?;
    match given.word("choice")? {
        Some("softmax") => Ok(Choice::Softmax { temperature: temperature.unwrap_or(1.0) }),
        _ if temperature.is_some() => {
            Err(given.wrong("temperature", "takes effect only with choice='softmax': give both, or neither"))
        }
        _ => Ok(Choice::Argmax),
    }
}

/// Who acts for each agent.
pub fn policies(given: &Given<'_>) -> PyResult<Option<BTreeMap<String, PolicyDraft>>> {
    const OPTION: &str = "policy_mapping";
    let Some(mapping) = given.raw(OPTION) else { return Ok(None) };
    let Ok(mapping) = mapping.cast::<PyDict>() else { return Err(given.refusal(OPTION, mapping, true)) };
    let mut policies = BTreeMap::new();
    for (agent, policy) in mapping {
        let is_id = agent.is_instance_of::<PyString>()
            || (agent.is_instance_of::<PyInt>() && !agent.is_instance_of::<PyBool>());
        if !is_id {
            return Err(given.wrong(OPTION, &format!("has the agent id {}: ids are str or int", shown(&agent))));
        }
        let name = agent.str()?.to_string();
        let policy =
            policy_of(&policy).map_err(|why| given.wrong(OPTION, &format!("must give agent {name:?} {why}")))?;
        if policies.insert(name.clone(), policy).is_some() {
            return Err(given.wrong(OPTION, &format!("names agent {name:?} twice, as int and as str")));
        }
    }
    match policies.values().filter(|policy| policy.is_human()).count() {
        0 => Err(given.wrong(OPTION, "has no human: give one agent 'human'")),
        1..=MOST_HUMANS => Ok(Some(policies)),
        many => Err(given.wrong(OPTION, &format!("has {many} humans: at most {MOST_HUMANS} people play one game"))),
    }
}

/// What one value of the mapping says, or why it says nothing.
fn policy_of(value: &Bound<'_, PyAny>) -> Result<PolicyDraft, String> {
    if let Ok(model) = value.cast::<ModelConfig>() {
        return Ok(model.get().0.clone());
    }
    if let Ok(function) = value.cast::<FunctionPolicy>() {
        return Ok(function.get().0.clone());
    }
    let draft = |policy| Ok(PolicyDraft { policy, frame_skip: None });
    let advice = match value.extract::<String>().as_deref() {
        Ok("human") => return draft(Policy::Human),
        Ok("random") => return draft(Policy::Random(RandomPolicy::default())),
        Ok(text) if text.to_lowercase().ends_with(".onnx") => {
            format!("; describe the network with ModelConfig(onnx_path={text:?}, obs_input=..., logit_output=...)")
        }
        Err(_) if value.is_instance_of::<PyType>() => "; write the class with ()".to_owned(),
        Err(_) if value.is_callable() => "; write the function into the environment's code, which runs elsewhere, and \
                                          name it with FunctionPolicy(function='...')"
            .to_owned(),
        _ => String::new(),
    };
    Err(format!("'human', 'random', a ModelConfig or a FunctionPolicy, but {} was given{advice}", shown(value)))
}
