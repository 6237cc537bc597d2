//! Values of the environment, which travel as MessagePack, as people read them: in a cell, or as JSON.

use rmpv::Value;
use serde_json::json;

/// Deepest nesting of values in an input.
const DEPTH_LIMIT: usize = 32;

/// A value as Python writes it, so that a file reads like the environment's own output.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Nil => String::new(),
        Value::Boolean(yes) => truth(*yes),
        Value::F64(number) => float(*number),
        Value::F32(number) => float(f64::from(*number)),
        Value::String(text) => text.as_str().unwrap_or_default().to_owned(),
        Value::Binary(bytes) => crate::ids::hex(bytes),
        other => other.to_string(),
    }
}

/// Yes or no as Python writes it.
pub(crate) fn truth(yes: bool) -> String {
    if yes { "True".into() } else { "False".into() }
}

/// The shortest text that reads back as the same number, with a point where Python has one.
pub(crate) fn float(number: f64) -> String {
    if number.is_nan() {
        "nan".into()
    } else if number.is_infinite() {
        if number > 0.0 { "inf".into() } else { "-inf".into() }
    } else {
        format!("{number:?}")
    }
}

/// An input as JSON. What JSON lacks becomes a text: `nan`, `inf` and `-inf`, and bytes as hexadecimal digits. An input is
/// a stranger's; one that is not MessagePack is kept as it came, as `{"unreadable": hexadecimal digits}`.
pub(crate) fn input(bytes: &[u8]) -> serde_json::Value {
    let mut rest = bytes;
    match rmpv::decode::read_value_with_max_depth(&mut rest, DEPTH_LIMIT) {
        Ok(value) if rest.is_empty() => plain(&value),
        _ => json!({"unreadable": crate::ids::hex(bytes)}),
    }
}

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Nil => serde_json::Value::Null,
        Value::Boolean(yes) => json!(yes),
        Value::Integer(_) => json!(value),
        Value::F64(number) if number.is_finite() => json!(number),
        Value::F32(number) if number.is_finite() => json!(f64::from(*number)),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Map(entries) => {
            let named = entries.iter().map(|(key, value)| (text(key), plain(value)));
            serde_json::Value::Object(named.collect())
        }
        Value::F64(_) | Value::F32(_) | Value::String(_) | Value::Binary(_) | Value::Ext(..) => json!(text(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_python_does() {
        let cases = [(Value::from(1), "1"), (1.0.into(), "1.0"), (0.1.into(), "0.1"), (f64::NAN.into(), "nan")];
        for (value, expected) in cases {
            assert_eq!(text(&value), expected);
        }
        assert_eq!(
            (text(&true.into()), text(&Value::Nil), text(&f64::NEG_INFINITY.into())),
            ("True".into(), String::new(), "-inf".into())
        );
    }

    #[test]
    fn inputs_are_plain_json_whatever_a_browser_sends() {
        let packed = |value: Value| {
            let mut bytes = Vec::new();
            rmpv::encode::write_value(&mut bytes, &value).unwrap();
            input(&bytes)
        };
        assert_eq!(packed(3.into()), json!(3));
        assert_eq!(packed(3.0.into()).to_string(), "3.0");
        assert_eq!(packed(f64::NAN.into()), json!("nan"));
        let nested = Value::Map(vec![("move".into(), Value::Array(vec![0.5.into(), true.into(), Value::Nil]))]);
        assert_eq!(packed(nested), json!({"move": [0.5, true, null]}));
        assert_eq!(packed(Value::Binary(vec![1, 0xab])), json!("01ab"));
        assert_eq!(input(&[0x91]), json!({"unreadable": "91"}));
        assert_eq!(input(&[]), json!({"unreadable": ""}));
        assert_eq!(input(&[1, 2]), json!({"unreadable": "0102"}));
        assert!(input(&[0x91; 1000]).get("unreadable").is_some());
    }
}
