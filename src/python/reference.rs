//! The reference of every option, `docs/options.md`, written from the same table that calls are checked against.

use std::fmt::Write;

use super::builders::{CLASSES, CONSTANTS, Class, Constants, Method, Opt};

const HEAD: &str = "\
<!-- Generated from src/python/builders by `make types`; do not edit. A test fails when this page and the classes part. -->

# Every option

What can be written in an experiment module: each class of `greenroom`, its methods, and their options. How they belong together
tells the [guide](guide.md); where to begin, [your first study](first-study.md). The commands of the surface that environments
draw on are [in the guide](guide.md#surface).

Options have names: `.rendering(fps=30)`. Required ones may be given without. Every method returns the object itself. A wrong
value is an exception at your own line, which says what is allowed. Where the column *unless set* is empty, the explanation says
what holds without the option.

";

/// The text of `docs/options.md`.
pub fn reference() -> String {
    let mut text = String::from(HEAD);
    // Writing to a String cannot fail, so the results of `write!` are let go.
    for class in CLASSES {
        let _ = writeln!(text, "- [`{}`](#{})", class.name, class.name.to_lowercase());
    }
    text.push_str("- [Words as constants](#words-as-constants)\n");
    for class in CLASSES {
        write_class(&mut text, class);
    }
    text.push_str("\n## Words as constants\n\nNames for words that some options accept. Each is the string itself.\n\n| name | word | what for |\n|---|---|---|\n");
    for constants in CONSTANTS {
        write_constants(&mut text, constants);
    }
    text
}

fn write_class(text: &mut String, class: &Class) {
    let _ = write!(text, "\n## {}\n\n{}", class.name, prose(class.doc));
    // Bases whose names begin so are there for type checkers only.
    match class.base.filter(|base| !base.starts_with('_')) {
        Some(base) => {
            let _ = writeln!(text, " Has the methods of [`{base}`](#{}), too.", base.to_lowercase());
        }
        None => text.push('\n'),
    }
    for method in class.methods {
        write_method(text, method);
    }
}

fn write_method(text: &mut String, method: &Method) {
    let required: Vec<_> = method.options.iter().filter(|option| option.required).map(|option| option.name).collect();
    let more = if required.len() < method.options.len() { "..." } else { "" };
    let arguments: Vec<_> = required.into_iter().chain((!more.is_empty()).then_some(more)).collect();
    let call = match method.name {
        "__init__" => format!("{}({})", method.class, arguments.join(", ")),
        name => format!(".{name}({})", arguments.join(", ")),
    };
    let _ = writeln!(text, "\n**`{call}`** {}", prose(method.doc));
    if method.options.is_empty() {
        return;
    }
    text.push_str("\n| option | type | allowed | unless set | what it does |\n|---|---|---|---|---|\n");
    for option in method.options {
        let (doc, default) = parted(option);
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {} | {} |",
            option.name,
            cell(&option.kind.annotation()),
            cell(&prose(&option.kind.allowed())),
            cell(&prose(default)),
            cell(&prose(&doc)),
        );
    }
}

fn write_constants(text: &mut String, constants: &Constants) {
    for (name, word) in constants.words {
        let _ = writeln!(text, "| `{}.{name}` | `\"{word}\"` | {} |", constants.name, cell(&prose(constants.doc)));
    }
}

/// The explanation, and the default that it ends with: "...; 21 unless set."
fn parted(option: &Opt) -> (String, &'static str) {
    if option.required {
        return (option.doc.into(), "required");
    }
    let Some((before, after)) = option.doc.split_once(" unless set.") else { return (option.doc.into(), "") };
    match before.rsplit_once("; ") {
        Some((doc, default)) if !default.contains(". ") => (format!("{doc}.{after}"), default),
        _ => (option.doc.into(), ""),
    }
}

/// A pipe would end the cell of the table, in code, too.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// What looks like HTML outside of code is meant as it stands.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        0 => part.replace('<', "&lt;").replace('*', "\\*"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::super::builders::Kind;
    use super::*;

    #[test]
    fn a_default_is_told_in_a_column_of_its_own() {
        let told = |doc| parted(&Opt::new("x", Kind::Flag, doc));
        assert_eq!(told("Whether it is so; False unless set."), ("Whether it is so.".into(), "False"));
        assert_eq!(told("Lines; 1 unless set. Not more."), ("Lines. Not more.".into(), "1"));
        assert_eq!(told("Nothing of that kind."), ("Nothing of that kind.".into(), ""));
        assert_eq!(cell(&prose("str | <b> `a|<b>`")), "str \\| &lt;b> `a\\|<b>`");
    }
}
