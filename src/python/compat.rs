//! Experiment scripts that were written for another system: `assets/python/compat/greenroom_compat` turns their calls into
//! those of the builders, and finds the study in a script that leaves none in a variable.

use std::path::Path;

use pyo3::prelude::*;
use pyo3::types::PyModule;

const LOADING: &str = "greenroom_compat.loading";

/// Whether a script imports a package of that system.
pub(super) fn is_for(source: &[u8]) -> bool {
    String::from_utf8_lossy(source).lines().any(|line| {
        let mut words = line.split_whitespace();
        let imports = matches!(words.next(), Some("from" | "import"));
        let package = words.next().unwrap_or_default().split(['.', ',']).next().unwrap_or_default();
        imports && matches!(package, "mug" | "interactive_gym")
    })
}

/// Prepares for such a script.
pub(super) fn begin(py: Python<'_>, path: &Path) -> PyResult<()> {
    // It puts the packages on the path.
    py.import("greenroom")?;
    py.import(LOADING)?.call_method1("begin", (path.to_string_lossy(),)).map(drop)
}

/// The study of such a script, if it has one that is not in its variable `experiment`.
pub(super) fn take<'py>(
    module: &Bound<'py, PyModule>,
    path: &Path,
    source: &[u8],
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = module.py();
    let study = py.import(LOADING)?.call_method1("take", (module, path.to_string_lossy(), source))?;
    Ok((!study.is_none()).then_some(study))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_known_by_what_it_imports() {
        for source in ["import mug", "x = 1\nfrom mug.server import app\n", "if 1:\n    import interactive_gym.x as x"]
        {
            assert!(is_for(source.as_bytes()), "{source}");
        }
        for source in ["from greenroom import *", "# from mug import x", "import mugs", "mug = 1", "\"\"\"import\"\"\""]
        {
            assert!(!is_for(source.as_bytes()), "{source}");
        }
    }
}
