//! The client's types are those of the service.

use std::path::Path;

#[test]
fn the_clients_types_are_those_of_the_service() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/client/wire.d.ts");
    let expected = greenroom::wire::declarations();
    if std::env::var_os("UPDATE_TYPES").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{} is out of date: run `make types`", path.display());
}
