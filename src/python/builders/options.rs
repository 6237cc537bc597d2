//! The declared table of what researchers may write: classes, methods, options, allowed values, explanations. Calls are
//! checked against it ([`super::given`]) and the type stubs are written from it ([`mod@crate::python::stub`]), so that the
//! two cannot part.

/// A class of the experiment module.
#[derive(Debug)]
pub struct Class {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// The base class that the stubs give it, if any, so that type checkers find one type for a list of scenes.
    pub base: Option<&'static str>,
    /// Its methods; the one that makes an object first.
    pub methods: &'static [&'static Method],
    /// Methods that other systems have under this name, and what to do here.
    pub elsewhere: &'static [(&'static str, &'static str)],
}

/// A method of a class.
#[derive(Debug)]
pub struct Method {
    /// Name of the class.
    pub class: &'static str,
    /// Its own name; `__init__` makes an object.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its options, in order; the required ones first.
    pub options: &'static [Opt],
    /// Options that other systems have under this name, and what to do here.
    pub elsewhere: &'static [(&'static str, &'static str)],
}

/// An option of a method.
#[derive(Debug)]
pub struct Opt {
    /// Its name.
    pub name: &'static str,
    /// What it accepts.
    pub kind: Kind,
    /// Whether it must be given. Such options may be given without their name.
    pub required: bool,
    /// What it does, and what holds without it.
    pub doc: &'static str,
}

/// What an option accepts.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A whole number of the range.
    Whole(u32, u32),
    /// A number of the range.
    Number(f64, f64),
    /// True or False.
    Flag,
    /// Any text.
    Text,
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// The path of a file or directory.
    Path,
    /// Something that the method itself checks.
    Other {
        /// Its Python type.
        annotation: &'static str,
        /// Completes "must be ...".
        allowed: &'static str,
    },
}

impl Opt {
    /// An option that may be left out.
    pub const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, required: false, doc }
    }

    /// An option that must be given.
    pub const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, required: true, doc }
    }
}

impl Method {
    /// What the researcher calls it.
    pub fn title(&self) -> String {
        if self.name == "__init__" { self.class.to_owned() } else { format!("{}.{}", self.class, self.name) }
    }

    /// The option of that name.
    pub fn option(&self, name: &str) -> Option<&'static Opt> {
        self.options.iter().find(|option| option.name == name)
    }
}

impl Kind {
    /// What is allowed; completes "must be ...".
    pub fn allowed(&self) -> String {
        match self {
            Self::Whole(from, to) => format!("a whole number from {from} to {to}"),
            Self::Number(from, to) => format!("a number from {from} to {to}"),
            Self::Flag => "True or False".into(),
            Self::Text => "text (str)".into(),
            Self::OneOf(words) => words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" or "),
            Self::Path => "the path of a file or directory (str or pathlib.Path)".into(),
            Self::Other { allowed, .. } => (*allowed).to_owned(),
        }
    }

    /// Its Python type.
    pub fn annotation(&self) -> String {
        match self {
            Self::Whole(..) => "int".into(),
            Self::Number(..) => "float".into(),
            Self::Flag => "bool".into(),
            Self::Text => "str".into(),
            Self::OneOf(words) => {
                let quoted: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("Literal[{}]", quoted.join(", "))
            }
            Self::Path => "str | PathLike[str]".into(),
            Self::Other { annotation, .. } => (*annotation).to_owned(),
        }
    }
}
