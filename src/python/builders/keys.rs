//! Names of keys, as a browser's `KeyboardEvent.key` gives them.

/// The named keys that a game may sensibly use. A key that types a character is named by that character.
const NAMED: &[&str] = &[
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "Enter",
    "Escape",
    "Tab",
    "Backspace",
    "Delete",
    "Insert",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Shift",
    "Control",
    "Alt",
    "Meta",
    "CapsLock",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
    "F11",
    "F12",
];

/// Names that people expect, and what a browser calls the key.
const MISNAMED: &[(&str, &str)] = &[
    ("space", " "),
    ("spacebar", " "),
    ("left", "ArrowLeft"),
    ("right", "ArrowRight"),
    ("up", "ArrowUp"),
    ("down", "ArrowDown"),
    ("esc", "Escape"),
    ("return", "Enter"),
    ("ctrl", "Control"),
];

/// Whether a browser may ever report a key of that name.
pub fn exists(name: &str) -> bool {
    name.chars().count() == 1 || NAMED.contains(&name)
}

/// The key that was probably meant.
pub fn meant(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let misnamed = MISNAMED.iter().find(|(wrong, _)| *wrong == lower).map(|(_, right)| *right);
    misnamed.or_else(|| NAMED.iter().find(|known| known.to_lowercase() == lower).copied())
}
