//! Who plays with whom: the matchmakers that Greenroom has, and functions of the experiment module.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use super::functions::{self, Function};
use super::given::{Given, shown};
use super::group_options::{FIFO_INIT, LATENCY_INIT, REUNION_INIT};
use super::{Args, Named};
use crate::experiment::Matching;

/// How long somebody with a history waits for its partners unless set.
const REUNION_PATIENCE: Duration = Duration::from_secs(60);

macro_rules! matchmakers {
    ($($(#[$doc:meta])* $class:ident = $read:expr;)+) => {
        $(
            $(#[$doc])*
            #[pyclass(module = "greenroom", frozen)]
            pub struct $class(Matching);

            #[pymethods]
            impl $class {
                #[new]
                #[pyo3(signature = (*args, **named))]
                fn new(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<Self> {
                    let read: fn(Args<'_>, Option<Named<'_>>) -> PyResult<Matching> = $read;
                    read(args, named).map(Self)
                }

                fn __repr__(&self) -> String {
                    written(&self.0)
                }
            }
        )+

        /// What a matchmaker of Greenroom's says; `None` for everything else.
        fn ready_made(value: &Bound<'_, PyAny>) -> Option<Matching> {
            $(
                if let Ok(matchmaker) = value.cast::<$class>() {
                    return Some(matchmaker.get().0.clone());
                }
            )+
            None
        }
    };
}

matchmakers! {
    /// Who came first plays first.
    FifoMatchmaker = |args, named| FIFO_INIT.bind(args, named).map(|_| Matching::Fifo);
    /// The same, with those whose connections fit together.
    LatencyFifoMatchmaker = latency_fifo;
    /// Those who played together play together again.
    GroupReunionMatchmaker = group_reunion;
}

fn latency_fifo(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<Matching> {
    let given = LATENCY_INIT.bind(args, named)?;
    let limit = |name| Ok::<_, PyErr>(given.whole(name)?.map(|ms| Duration::from_millis(ms.into())));
    let (max_sum, max_difference) = (limit("max_rtt_sum_ms")?, limit("max_rtt_difference_ms")?);
    if max_sum.is_none() && max_difference.is_none() {
        return Err(
            given.wrong("max_rtt_sum_ms", "and max_rtt_difference_ms are both missing: give at least one of them")
        );
    }
    Ok(Matching::LatencyFifo { max_sum, max_difference })
}

fn group_reunion(args: Args<'_>, named: Option<Named<'_>>) -> PyResult<Matching> {
    let given = REUNION_INIT.bind(args, named)?;
    let fallback = match given.raw("fallback").filter(|value| !value.is_none()) {
        None => None,
        Some(value) => match ready_made(value) {
            Some(matching @ (Matching::Fifo | Matching::LatencyFifo { .. })) => Some(Box::new(matching)),
            Some(Matching::GroupReunion { .. } | Matching::Function { .. }) | None => {
                return Err(given.refusal("fallback", value, true));
            }
        },
    };
    let patience = given.whole("fallback_after_ms")?.map(|ms| Duration::from_millis(ms.into()));
    if patience.is_some() && fallback.is_none() {
        return Err(
            given.wrong("fallback_after_ms", "takes effect only with a fallback: give fallback=FifoMatchmaker()")
        );
    }
    Ok(Matching::GroupReunion { fallback, patience: patience.unwrap_or(REUNION_PATIENCE) })
}

/// The matchmaker as a researcher would write it.
pub fn written(matching: &Matching) -> String {
    match matching {
        Matching::Fifo => "FifoMatchmaker()".into(),
        Matching::LatencyFifo { max_sum, max_difference } => {
            let sum = max_sum.map(|limit| format!("max_rtt_sum_ms={}", limit.as_millis()));
            let difference = max_difference.map(|limit| format!("max_rtt_difference_ms={}", limit.as_millis()));
            let limits: Vec<_> = sum.into_iter().chain(difference).collect();
            format!("LatencyFifoMatchmaker({})", limits.join(", "))
        }
        Matching::GroupReunion { fallback: None, .. } => "GroupReunionMatchmaker()".into(),
        Matching::GroupReunion { fallback: Some(fallback), patience } => {
            let fallback = written(fallback);
            format!("GroupReunionMatchmaker(fallback={fallback}, fallback_after_ms={})", patience.as_millis())
        }
        Matching::Function { name } => name.clone(),
    }
}

/// Who plays with whom, and the function that says so, if it is one.
pub fn matching(given: &Given<'_>, option: &str) -> PyResult<Option<(Matching, Option<Function>)>> {
    let Some(value) = given.raw(option) else { return Ok(None) };
    if value.is_none() {
        return Ok(Some((Matching::Fifo, None)));
    }
    if let Some(matching) = ready_made(value) {
        return Ok(Some((matching, None)));
    }
    if value.is_instance_of::<PyType>() {
        let why = format!("must be an object, but the class {} was given: write it with ()", shown(value));
        return Err(given.wrong(option, &why));
    }
    let function = functions::of(given, option, value, &["waiting", "size"])?;
    Ok(Some((Matching::Function { name: function.name.clone() }, Some(function))))
}

/// Somebody who waits, as the function sees it.
pub fn waiter<'py>(
    py: Python<'py>,
    subject: &str,
    waited: Duration,
    rtt: Option<Duration>,
    partners: Vec<&str>,
) -> PyResult<Bound<'py, PyDict>> {
    let waiter = PyDict::new(py);
    waiter.set_item("subject_id", subject)?;
    waiter.set_item("waited_ms", u64::try_from(waited.as_millis()).unwrap_or(u64::MAX))?;
    waiter.set_item("rtt_ms", rtt.map(|rtt| rtt.as_secs_f64() * 1000.0))?;
    waiter.set_item("partners", partners)?;
    Ok(waiter)
}
