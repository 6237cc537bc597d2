//! Names of keys, as a browser's `KeyboardEvent.key` gives them, and of what a gamepad has.

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

/// What a gamepad has, behind `Gamepad.`: its buttons by their places on the usual one, and directions, which are those of
/// the cross and of the left stick.
const GAMEPAD: &[&str] = &[
    "A",
    "B",
    "X",
    "Y",
    "LB",
    "RB",
    "LT",
    "RT",
    "Back",
    "Start",
    "LeftStick",
    "RightStick",
    "Up",
    "Down",
    "Left",
    "Right",
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
    match name.strip_prefix("Gamepad.") {
        Some(button) => GAMEPAD.contains(&button),
        None => name.chars().count() == 1 || NAMED.contains(&name),
    }
}

/// The key that was probably meant.
pub fn meant(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    if let Some(button) = lower.strip_prefix("gamepad") {
        let button = button.trim_start_matches(['.', ' ', '_', ':', '-']);
        return GAMEPAD.iter().find(|known| known.to_lowercase() == button).map(|known| format!("Gamepad.{known}"));
    }
    let misnamed = MISNAMED.iter().find(|(wrong, _)| *wrong == lower).map(|(_, right)| *right);
    let known = misnamed.or_else(|| NAMED.iter().find(|known| known.to_lowercase() == lower).copied());
    known.map(str::to_owned)
}

/// Whether a name is one of a gamepad's, or meant to be.
pub fn of_gamepad(name: &str) -> bool {
    name.to_lowercase().starts_with("gamepad")
}

/// What a gamepad has, for messages.
pub fn gamepad() -> String {
    GAMEPAD.iter().map(|button| format!("'Gamepad.{button}'")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamepads_have_names_of_their_own() {
        assert!(exists("Gamepad.A") && exists("Gamepad.Left") && exists("ArrowLeft") && exists(" "));
        assert!(!exists("Gamepad.Z") && !exists("gamepad.a") && !exists("A button"));
        assert_eq!(meant("gamepad_a").as_deref(), Some("Gamepad.A"));
        assert_eq!(meant("space").as_deref(), Some(" "));
        assert_eq!(meant("Gamepad.Z"), None);
    }
}
