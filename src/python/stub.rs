//! The type stubs of `greenroom`, written from the same table that calls are checked against.

use std::fmt::Write;

use super::builders::{CLASSES, CONSTANTS, Class, Constants, Kind, Method};

const HEAD: &str = r#"# Generated from src/python/builders by `make types`; do not edit. A test fails when this file and the classes part.
"""Describes browser experiments with Python environments.

The environment's side, which runs in the browser too, is in modules of its own, such as `greenroom.rendering`.
"""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, Final, Literal, Protocol, Self, TypeAlias, TypedDict

from .callbacks import GameCallback as GameCallback
from .participant import Participant as Participant
from .rendering import Surface as Surface

class _Numpy(Protocol):
    def tolist(self) -> Any: ...

_Action: TypeAlias = bool | int | float | str | list[Any] | tuple[Any, ...] | dict[Any, Any] | _Numpy

class _Waiter(TypedDict):
    subject_id: str
    waited_ms: int
    rtt_ms: float | None
    partners: list[str]

class _Matchmaker: ...

_Matching: TypeAlias = _Matchmaker | Callable[[list[_Waiter], int], list[str] | list[list[str]] | None]

class _Policy: ...

class _Part: ...

class _Question: ...
"#;

/// Widest line of the stubs' docstrings.
const WIDTH: usize = 110;

/// The text of `assets/python/greenroom/__init__.pyi`.
pub fn stub() -> String {
    let mut text = String::from(HEAD);
    for constants in CONSTANTS {
        write_constants(&mut text, constants);
    }
    for class in CLASSES {
        write_class(&mut text, class);
    }
    text
}

// Writing to a String cannot fail, so the results of `write!` are let go.

fn write_constants(text: &mut String, constants: &Constants) {
    let _ = write!(text, "\nclass {}:\n    \"\"\"{}\"\"\"\n\n", constants.name, constants.doc);
    for (name, word) in constants.words {
        let _ = writeln!(text, "    {name}: Final = \"{word}\"");
    }
}

fn write_class(text: &mut String, class: &Class) {
    let base = class.base.map(|base| format!("({base})")).unwrap_or_default();
    let _ = write!(text, "\nclass {}{base}:\n    \"\"\"{}\"\"\"\n", class.name, class.doc);
    for method in class.methods {
        write_method(text, method);
    }
}

fn write_method(text: &mut String, method: &Method) {
    let result = if method.name == "__init__" { "None" } else { "Self" };
    let _ = write!(text, "\n    def {}(", method.name);
    if method.options.is_empty() {
        text.push_str("self");
    } else {
        text.push_str("\n        self,\n");
        let mut named_only = false;
        for option in method.options {
            if !option.required && !named_only {
                named_only = true;
                text.push_str("        *,\n");
            }
            let default = if option.required { "" } else { " = ..." };
            let _ = writeln!(text, "        {}: {}{default},", option.name, option.kind.annotation());
        }
        text.push_str("    ");
    }
    let _ = writeln!(text, ") -> {result}:");
    write_doc(text, method);
}

fn write_doc(text: &mut String, method: &Method) {
    text.push_str("        \"\"\"");
    wrap(text, method.doc, 8, 8);
    if !method.options.is_empty() {
        text.push_str("\n        Args:\n");
        for option in method.options {
            text.push_str("            ");
            let range = match option.kind {
                Kind::Whole(from, to) => format!(" From {from} to {to}."),
                Kind::Number(from, to) => format!(" From {from} to {to}."),
                _ => String::new(),
            };
            wrap(text, &format!("{}: {}{range}", option.name, option.doc), 12, 16);
        }
        text.push_str("        ");
    } else {
        // A docstring of one line ends on it.
        while text.ends_with('\n') {
            text.pop();
        }
    }
    text.push_str("\"\"\"\n");
}

/// Writes `words` in lines of at most [`WIDTH`]; the first begins at `first`, where the text stands already, the others
/// at `other`.
fn wrap(text: &mut String, words: &str, first: usize, other: usize) {
    let mut column = first;
    for (index, word) in words.split_whitespace().enumerate() {
        if index > 0 && column + 1 + word.len() > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(other));
            column = other;
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.len();
    }
    text.push('\n');
}
