//! Files that a study names. Paths are relative to the folder of the experiment module, wherever the service was
//! started from.

use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyFileNotFoundError, PyRuntimeError, PySyntaxError, PyValueError};
use pyo3::prelude::*;

use super::given::Given;

/// Folder of the experiment module that is being loaded. A module of its own may use the builders too, so this cannot
/// be an argument: Python's import stands between.
static FOLDER: Mutex<Option<PathBuf>> = Mutex::new(None);

/// While this lives, the builders' paths are relative to a folder.
pub struct Within(());

impl Within {
    /// Lets paths be relative to that folder.
    pub fn folder(folder: &Path) -> Self {
        *FOLDER.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder.to_owned());
        Self(())
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        *FOLDER.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The folder of the experiment module.
pub fn folder() -> PyResult<PathBuf> {
    FOLDER.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(|| {
        PyRuntimeError::new_err(
            "paths can be given only while the experiment module is loaded: set them at its top level",
        )
    })
}

/// The text of the file that an option names, with its path.
pub fn text(given: &Given<'_>, option: &str) -> PyResult<Option<(PathBuf, String)>> {
    let Some(path) = given.path(option)? else { return Ok(None) };
    let path = folder()?.join(path);
    match std::fs::read(&path) {
        Err(error) => Err(PyFileNotFoundError::new_err(format!(
            "{}: {option}: {} cannot be read ({error}); paths are relative to the folder of the experiment module",
            given.title(),
            path.display()
        ))),
        Ok(bytes) => match String::from_utf8(bytes) {
            // Some editors begin a file with a byte order mark, which would be a syntax error behind here.
            Ok(text) => Ok(Some((path, text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))),
            Err(_) => Err(given.wrong(option, &format!("{} is not UTF-8 text: save it as UTF-8", path.display()))),
        },
    }
}

/// The file that an option names: it is there, can be read, and is not empty. An option that was given.
pub fn contents(given: &Given<'_>, option: &str) -> PyResult<PathBuf> {
    let path = folder()?.join(given.path(option)?.unwrap_or_default());
    let length = std::fs::File::open(&path).and_then(|file| file.metadata()).and_then(|file| match file.is_file() {
        true => Ok(file.len()),
        false => Err(std::io::Error::other("it is not a file")),
    });
    match length {
        Ok(0) => Err(given.wrong(option, &format!("names an empty file: {}", path.display()))),
        Ok(_) => Ok(path),
        Err(error) => Err(PyFileNotFoundError::new_err(format!(
            "{}: {option}: {} cannot be read ({error}); paths are relative to the folder of the experiment module",
            given.title(),
            path.display()
        ))),
    }
}

/// Checks a picture that an option names: its address is that of a file below the folder of the experiment module, and the
/// file is a picture.
pub fn picture(given: &Given<'_>, option: &str, address: &str) -> PyResult<()> {
    let wrong = |why: String| Err(given.wrong(option, &why));
    let path = Path::new(address);
    let below = !address.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)));
    if !below || address.contains(':') {
        return wrong(format!(
            "has '{address}', which must be a path below the folder of the experiment module, such as 'pictures/a.png': \
             pages show pictures of the study's own only"
        ));
    }
    let path = folder()?.join(path);
    match std::fs::read(&path) {
        Err(error) => Err(PyFileNotFoundError::new_err(format!(
            "{}: {option}: {} cannot be read ({error}); paths are relative to the folder of the experiment module",
            given.title(),
            path.display()
        ))),
        Ok(bytes) if is_picture(&bytes) => Ok(()),
        Ok(_) => {
            wrong(format!("has {}, which is no picture: save it as PNG, JPEG, GIF, WebP, AVIF or SVG", path.display()))
        }
    }
}

/// Whether a file begins as pictures do that every browser shows.
fn is_picture(bytes: &[u8]) -> bool {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    let boxed = |at: usize, magic: &[u8]| bytes.get(at..at + magic.len()) == Some(magic);
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]);
    begins(b"\x89PNG\r\n\x1a\n")
        || begins(b"\xff\xd8\xff")
        || begins(b"GIF8")
        || (begins(b"RIFF") && boxed(8, b"WEBP"))
        || boxed(4, b"ftypavi")
        || start.contains("<svg")
}

/// An existing directory, absolute.
pub fn directory(title: &str, option: &str, path: &Path) -> PyResult<PathBuf> {
    let path = folder()?.join(path);
    if path.is_dir() {
        return Ok(path);
    }
    Err(PyFileNotFoundError::new_err(format!(
        "{title}: {option}: {} is not a directory; paths are relative to the folder of the experiment module",
        path.display()
    )))
}

/// HTML that is given as text or as a file.
pub fn body(given: &Given<'_>, inline: &str, filepath: &str) -> PyResult<Option<String>> {
    given.exclusive(inline, filepath)?;
    match given.text(inline)? {
        Some(text) => Ok(Some(text)),
        None => Ok(text(given, filepath)?.map(|(_, text)| text)),
    }
}

/// Python source that is compiled, but not run. Returns the name it has in tracebacks, and the source.
pub fn code(
    py: Python<'_>,
    given: &Given<'_>,
    inline: &str,
    filepath: Option<&str>,
) -> PyResult<Option<(String, String)>> {
    if let Some(filepath) = filepath {
        given.exclusive(inline, filepath)?;
        if let Some((path, source)) = text(given, filepath)? {
            compile(py, given, filepath, &path.display().to_string(), &source)?;
            // The browser is sent this name: it need not know the folders of the machine.
            let name =
                path.strip_prefix(folder()?).map_or_else(|_| path.file_name().map(PathBuf::from), |p| Some(p.into()));
            return Ok(Some((name.unwrap_or(path).display().to_string(), source)));
        }
    }
    let Some(source) = given.text(inline)? else { return Ok(None) };
    let name = format!("<{inline}>");
    compile(py, given, inline, &name, &source)?;
    Ok(Some((name, source)))
}

fn compile(py: Python<'_>, given: &Given<'_>, option: &str, name: &str, source: &str) -> PyResult<()> {
    let Err(error) = py.import("builtins")?.call_method1("compile", (source, name, "exec")) else { return Ok(()) };
    let title = given.title();
    if !error.is_instance_of::<PySyntaxError>(py) {
        return Err(PyValueError::new_err(format!("{title}: {option}: {name} is not Python source: {error}")));
    }
    let detail = error.value(py);
    let part = |what| detail.getattr(what).ok().filter(|value| !value.is_none()).map(|value| value.to_string());
    let line = part("lineno").unwrap_or_else(|| "?".into());
    let text = part("text").map_or_else(String::new, |text| format!(": `{}`", text.trim()));
    Err(PyValueError::new_err(format!(
        "{title}: {option}: {name}:{line}: the code does not compile: {}{text}",
        part("msg").unwrap_or_else(|| "invalid syntax".into())
    )))
}
