//! The stubs are those of the classes.

use std::path::Path;

use crate::bench::Study;

#[test]
fn the_stubs_are_those_of_the_classes() {
    is_written("assets/python/greenroom/__init__.pyi", &greenroom::python::stub());
}

#[test]
fn the_reference_is_that_of_the_classes() {
    is_written("docs/options.md", &greenroom::python::reference());
}

#[track_caller]
fn is_written(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_TYPES").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{} is out of date: run `make types`", path.display());
}

/// Asks Python itself what each class of the module has, its bases' included, so that a method which is in the table only, or
/// in a class only, is found.
#[test]
fn the_classes_have_what_the_stubs_tell() {
    let stubs = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/python/greenroom/__init__.pyi");
    let study = Study::of(&format!(
        r#"import ast, _greenroom
classes = {{node.name: node for node in ast.parse(open({:?}).read()).body if isinstance(node, ast.ClassDef)}}
def parts(name):
    own = {{getattr(part, "name", None) or part.target.id for part in classes[name].body[1:]}} - {{"__init__"}}
    return own.union(*(parts(base.id) for base in classes[name].bases))
told = {{name: parts(name) for name in classes if not name.startswith("_")}}
found = {{
    name: {{
        part
        for base in getattr(_greenroom, name).__mro__
        if base is not object
        for part in vars(base)
        if not part.startswith("__")
    }}
    for name in _greenroom.__all__
    if isinstance(getattr(_greenroom, name), type)
}}
assert told == found, (told, found)
assert all(getattr(_greenroom, name).__module__ == "greenroom" for name in found)
raise SystemExit("alike")"#,
        stubs.to_str().unwrap()
    ));
    study.is_wrong(23, &["SystemExit: alike"]);
}

/// A type that stands in an annotation only would leave editors without any.
#[test]
fn the_stubs_define_the_types_that_they_name() {
    let stubs = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/python/greenroom/__init__.pyi");
    let study = Study::of(&format!(
        r#"import ast, builtins
tree = ast.parse(open({:?}).read())
named = {{node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}}
defined = {{node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}}
defined |= {{name.asname or name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names}}
defined |= {{node.target.id for node in tree.body if isinstance(node, ast.AnnAssign)}}
local = {{part.target.id for node in tree.body if isinstance(node, ast.ClassDef) for part in node.body if isinstance(part, ast.AnnAssign)}}
assert not named - defined - local - set(dir(builtins)), named - defined
raise SystemExit("defined")"#,
        stubs.to_str().unwrap()
    ));
    study.is_wrong(12, &["SystemExit: defined"]);
}
