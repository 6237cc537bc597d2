//! Actions: values of Python as MessagePack values, exactly. An int stays an int and a float a float, since
//! environments tell `1` and `1.0` apart.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use rmpv::{Integer, Value};

/// How deep lists may stand in lists. Deeper ones come from a list that contains itself.
const DEPTH: usize = 16;

/// Completes "must be ..." for an action.
pub const ALLOWED: &str = "an action: bool, int, float, str, or a list, tuple, dict or numpy value of those";

/// The value as MessagePack; `None` when it is not an action.
pub fn action(value: &Bound<'_, PyAny>) -> Option<Value> {
    convert(value, DEPTH)
}

fn convert(value: &Bound<'_, PyAny>, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    // `bool` is a kind of int, and numpy's floats are floats: the order of these questions matters.
    if let Ok(flag) = value.cast::<PyBool>() {
        return Some(Value::Boolean(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        let signed = value.extract::<i64>().map(Integer::from);
        return signed.or_else(|_| value.extract::<u64>().map(Integer::from)).ok().map(Value::Integer);
    }
    if value.is_instance_of::<PyFloat>() {
        return value.extract::<f64>().ok().filter(|number| number.is_finite()).map(Value::F64);
    }
    if value.is_instance_of::<PyString>() {
        return value.extract::<String>().ok().map(Value::from);
    }
    if let Ok(list) = value.cast::<PyList>() {
        return list.iter().map(|item| convert(&item, depth)).collect::<Option<_>>().map(Value::Array);
    }
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return tuple.iter().map(|item| convert(&item, depth)).collect::<Option<_>>().map(Value::Array);
    }
    if let Ok(dict) = value.cast::<PyDict>() {
        let pairs = dict.iter().map(|(key, item)| Some((convert(&key, depth)?, convert(&item, depth)?)));
        return pairs.collect::<Option<_>>().map(Value::Map);
    }
    if of_numpy(value) {
        return convert(&value.call_method0("tolist").ok()?, depth);
    }
    None
}

/// Asked by name, since numpy need not be installed where the service runs.
fn of_numpy(value: &Bound<'_, PyAny>) -> bool {
    value.get_type().module().is_ok_and(|module| module.to_string_lossy() == "numpy")
}

/// The value as a researcher would write it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Boolean(true) => "True".into(),
        Value::Boolean(false) => "False".into(),
        Value::F64(number) => format!("{number:?}"),
        Value::String(text) => format!("'{}'", text.as_str().unwrap_or_default()),
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(key, item)| format!("{}: {}", shown(key), shown(item))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::path::Path;

    use super::*;
    use crate::python::Interpreter;

    /// What an expression of Python becomes.
    fn of(expression: &str) -> Option<Value> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        Interpreter::start(&root.join(".venv"), &root.join("assets/python")).unwrap();
        Python::attach(|py| action(&py.eval(&CString::new(expression).unwrap(), None, None).unwrap()))
    }

    #[test]
    fn ints_floats_and_bools_stay_what_they_are() {
        assert_eq!(of("1"), Some(Value::from(1)));
        assert_eq!(of("-1"), Some(Value::from(-1)));
        assert_eq!(of("1.0"), Some(Value::F64(1.0)));
        assert_eq!(of("True"), Some(Value::Boolean(true)));
        assert_eq!(of("2**64 - 1"), Some(Value::from(u64::MAX)));
        assert_eq!(of("-2**63"), Some(Value::from(i64::MIN)));
        assert_eq!(of("__import__('enum').IntEnum('Move', 'LEFT RIGHT').RIGHT"), Some(Value::from(2)));
    }

    #[test]
    fn what_holds_others_keeps_their_order() {
        let items = vec![Value::from(1), Value::F64(2.0), Value::from("x")];
        assert_eq!(of("[1, 2.0, 'x']"), Some(Value::Array(items.clone())));
        assert_eq!(of("(1, 2.0, 'x')"), Some(Value::Array(items)));
        let pairs = vec![(Value::from("b"), Value::from(1)), (Value::from("a"), Value::Array(vec![]))];
        assert_eq!(of("{'b': 1, 'a': []}"), Some(Value::Map(pairs)));
    }

    #[test]
    fn values_of_numpy_are_asked_for_their_plain_form() {
        let numpy = |plain: &str| format!("type('x', (), {{'__module__': 'numpy', 'tolist': lambda self: {plain}}})()");
        assert_eq!(of(&numpy("3")), Some(Value::from(3)));
        assert_eq!(of(&numpy("[0.5]")), Some(Value::Array(vec![Value::F64(0.5)])));
        assert_eq!(of(&numpy("self")), None);
    }

    #[test]
    fn what_is_no_action_is_refused() {
        for other in ["None", "object()", "b'x'", "{1}", "1j", "float('inf')", "2**64", "[None]", "'\\ud800'"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn a_list_that_contains_itself_is_refused() {
        assert_eq!(of("[x := [], x.append(x), x][2]"), None);
    }
}
