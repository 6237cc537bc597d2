//! Packages for the browser: resolved by the service before anybody is let in.

use std::path::Path;

use greenroom::python::{WheelError, WheelSources, resolve};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names(wheels: &[std::path::PathBuf]) -> Vec<String> {
    let name = |wheel: &std::path::PathBuf| wheel.file_name().unwrap().to_string_lossy().into_owned();
    wheels.iter().map(|wheel| name(wheel).split('-').next().unwrap().to_owned()).collect()
}

#[test]
fn the_vendored_wheels_satisfy_gymnasium_with_all_that_it_needs() {
    let cache = tempfile::tempdir().unwrap();
    let folders = [root().join("assets/vendor/wheels")];
    let sources = WheelSources { venv: &root().join(".venv"), folders: &folders, cache: cache.path() };
    let wheels = resolve(&["gymnasium".into()], &sources).unwrap();
    let expected = ["cloudpickle", "farama_notifications", "gymnasium", "numpy", "typing_extensions"];
    assert_eq!(names(&wheels), expected);
    assert!(wheels.iter().any(|wheel| wheel.to_string_lossy().contains("wasm32")), "numpy is the browser's");
    assert_eq!(resolve(&["gymnasium".into()], &sources).unwrap(), wheels, "from the cache");
    assert_eq!(resolve(&[], &sources).unwrap(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_package_without_a_wheel_for_the_browser_is_named() {
    let cache = tempfile::tempdir().unwrap();
    let folders = [root().join("assets/vendor/wheels")];
    let sources = WheelSources { venv: &root().join(".venv"), folders: &folders, cache: cache.path() };
    let error = resolve(&["gymnasium".into(), "greenroom-has-no-such-package==1.0".into()], &sources).unwrap_err();
    assert!(matches!(&error, WheelError::NoWheel { package } if package == "greenroom-has-no-such-package==1.0"));
    assert!(error.to_string().contains("--wheels"), "{error}");
    assert!(
        std::fs::read_dir(cache.path())
            .unwrap()
            .all(|entry| { entry.unwrap().file_name().to_string_lossy().ends_with(".part") }),
        "what failed is not taken for a result"
    );
}
