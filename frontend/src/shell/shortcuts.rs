//! Which key is which shortcut. Pure, so that every layout is tested on the host.
//!
//! A key is taken by what it types where that is a letter of the Latin alphabet or a sign of it, else by its place on
//! the keyboard: on an Arabic layout the key of G types `ل`, and it is still the key of G.

use crate::routes;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shortcut {
    /// Ctrl K: the palette. Works while typing too.
    Palette,
    /// F6: the messages at the edge. Works while typing too.
    Toasts,
    /// Escape: filter and selection of the page, where nothing else takes it.
    Escape,
    /// `?`: the list of shortcuts.
    Sheet,
    /// `g`: the next key names a page.
    Go,
    /// `/`: this page's filter.
    Filter,
    /// `p`: figures stand still, or move again.
    Pause,
    /// Shift R: everything anew.
    Refresh,
    /// `j`: the next row.
    NextRow,
    /// `k`: the row before.
    PreviousRow,
    /// `x`: selects a row.
    Select,
    /// Shift X: selects to this row.
    SelectRange,
    /// `m`: maintenance.
    Maintenance,
    /// `.`: the menu of the row or page.
    Actions,
    /// `[`: the one before in the list one came from.
    PreviousItem,
    /// `]`: the next in the list one came from.
    NextItem,
}

impl Shortcut {
    /// A character alone: people can switch these off, because speech input types them by accident.
    pub fn single(self) -> bool {
        !matches!(self, Self::Palette | Self::Toasts | Self::Escape)
    }

    /// The keys as they are written on a keyboard.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Palette => &["Ctrl", "K"],
            Self::Toasts => &["F6"],
            Self::Escape => &["Esc"],
            Self::Sheet => &["?"],
            Self::Go => &["G"],
            Self::Filter => &["/"],
            Self::Pause => &["P"],
            Self::Refresh => &["Shift", "R"],
            Self::NextRow => &["J"],
            Self::PreviousRow => &["K"],
            Self::Select => &["X"],
            Self::SelectRange => &["Shift", "X"],
            Self::Maintenance => &["M"],
            Self::Actions => &["."],
            Self::PreviousItem => &["["],
            Self::NextItem => &["]"],
        }
    }
}

/// Keys held down beside the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// Control.
    pub ctrl: bool,
    /// Command on a Mac, the Windows key elsewhere.
    pub meta: bool,
    /// Alt.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
    /// The third level of a layout, which some browsers report as Control and Alt too.
    pub third_level: bool,
}

/// What the key at this place types on an American keyboard.
fn by_place(code: &str, shift: bool) -> Option<char> {
    if let Some(letter) = code.strip_prefix("Key").and_then(|rest| rest.chars().next()) {
        return Some(if shift { letter } else { letter.to_ascii_lowercase() });
    }
    match (code, shift) {
        ("Slash", false) => Some('/'),
        ("Slash", true) => Some('?'),
        ("Period", false) => Some('.'),
        ("BracketLeft", false) => Some('['),
        ("BracketRight", false) => Some(']'),
        _ => None,
    }
}

/// The character of a key, whatever the layout.
fn character(key: &str, code: &str, shift: bool) -> Option<char> {
    let mut typed = key.chars();
    match (typed.next(), typed.next()) {
        // Some keys of other scripts type a Latin sign: an Arabic layout has `[` on the key of D.
        (Some(c), None) if c.is_ascii_alphabetic() => Some(c),
        (Some(c), None) if c.is_ascii_graphic() && !code.starts_with("Key") => Some(c),
        (Some(c), None) if c.is_ascii_graphic() => by_place(code, shift).or(Some(c)),
        // Several characters are a name, `Enter`, or a ligature, `لا`.
        (Some(first), Some(_)) if first.is_ascii() => None,
        (Some(_), _) => by_place(code, shift),
        (None, _) => None,
    }
}

/// Which shortcut a key is; `None` where it is none.
pub fn shortcut_of(key: &str, code: &str, held: Modifiers) -> Option<Shortcut> {
    match key {
        "Escape" => return Some(Shortcut::Escape),
        "F6" => return Some(Shortcut::Toasts),
        _ => {}
    }
    let c = character(key, code, held.shift)?;
    let chord = (held.ctrl || held.meta || held.alt) && !held.third_level;
    if chord {
        let palette = (held.ctrl || held.meta) && !held.alt && !held.shift && c.eq_ignore_ascii_case(&'k');
        return palette.then_some(Shortcut::Palette);
    }
    // Caps lock types a capital without Shift.
    let letter = c.to_ascii_lowercase();
    match (letter, held.shift) {
        ('r', true) => Some(Shortcut::Refresh),
        ('x', true) => Some(Shortcut::SelectRange),
        ('?', _) => Some(Shortcut::Sheet),
        ('/', _) => Some(Shortcut::Filter),
        ('.', _) => Some(Shortcut::Actions),
        ('[', _) => Some(Shortcut::PreviousItem),
        (']', _) => Some(Shortcut::NextItem),
        ('g', false) => Some(Shortcut::Go),
        ('p', false) => Some(Shortcut::Pause),
        ('j', false) => Some(Shortcut::NextRow),
        ('k', false) => Some(Shortcut::PreviousRow),
        ('x', false) => Some(Shortcut::Select),
        ('m', false) => Some(Shortcut::Maintenance),
        _ => None,
    }
}

/// The pages behind `g`, with their second key.
pub const GO: [(char, &str); 11] = [
    ('d', routes::DASHBOARD),
    ('r', routes::REGIONS),
    ('n', routes::NODES),
    ('f', routes::FRONTEND),
    ('b', routes::BACKGROUND),
    ('a', routes::ACTIVITY),
    ('t', routes::TOKENS),
    ('w', routes::WEBHOOKS),
    ('u', routes::USERS),
    ('s', routes::SETTINGS),
    ('h', routes::HELP),
];

/// Where the key after `g` leads.
pub fn go_target(key: &str, code: &str, held: Modifiers) -> Option<&'static str> {
    if held.ctrl || held.meta || held.alt {
        return None;
    }
    let c = character(key, code, held.shift)?.to_ascii_lowercase();
    GO.iter().find(|(second, _)| *second == c).map(|(_, path)| *path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Modifiers =
        Modifiers { ctrl: false, meta: false, alt: false, shift: false, third_level: false };
    const SHIFT: Modifiers = Modifiers { shift: true, ..PLAIN };
    const CTRL: Modifiers = Modifiers { ctrl: true, ..PLAIN };

    #[test]
    fn keys_of_a_latin_layout() {
        for (key, code, held, wanted) in [
            ("k", "KeyK", CTRL, Some(Shortcut::Palette)),
            ("k", "KeyK", Modifiers { meta: true, ..PLAIN }, Some(Shortcut::Palette)),
            ("K", "KeyK", Modifiers { shift: true, ..CTRL }, None),
            ("k", "KeyK", PLAIN, Some(Shortcut::PreviousRow)),
            ("?", "Slash", SHIFT, Some(Shortcut::Sheet)),
            // On a German keyboard the question mark is elsewhere, and brackets need the third level.
            ("?", "Minus", SHIFT, Some(Shortcut::Sheet)),
            ("/", "Digit7", SHIFT, Some(Shortcut::Filter)),
            (
                "[",
                "Digit8",
                Modifiers { ctrl: true, alt: true, third_level: true, ..PLAIN },
                Some(Shortcut::PreviousItem),
            ),
            ("R", "KeyR", SHIFT, Some(Shortcut::Refresh)),
            ("r", "KeyR", PLAIN, None),
            ("r", "KeyR", CTRL, None),
            ("P", "KeyP", PLAIN, Some(Shortcut::Pause)),
            ("p", "KeyP", CTRL, None),
            // Dvorak: the letter counts, not the place.
            ("g", "KeyU", PLAIN, Some(Shortcut::Go)),
            ("i", "KeyG", PLAIN, None),
            ("Enter", "Enter", PLAIN, None),
            ("Escape", "Escape", PLAIN, Some(Shortcut::Escape)),
            ("F6", "F6", PLAIN, Some(Shortcut::Toasts)),
            ("Dead", "Quote", PLAIN, None),
            ("", "", PLAIN, None),
        ] {
            assert_eq!(shortcut_of(key, code, held), wanted, "{key} {code} {held:?}");
        }
    }

    #[test]
    fn keys_of_an_arabic_layout() {
        for (key, code, held, wanted) in [
            ("ل", "KeyG", PLAIN, Some(Shortcut::Go)),
            ("ن", "KeyK", CTRL, Some(Shortcut::Palette)),
            ("ح", "KeyP", PLAIN, Some(Shortcut::Pause)),
            ("ٌ", "KeyR", SHIFT, Some(Shortcut::Refresh)),
            ("ْ", "KeyX", SHIFT, Some(Shortcut::SelectRange)),
            ("؟", "Slash", SHIFT, Some(Shortcut::Sheet)),
            ("ظ", "Slash", PLAIN, Some(Shortcut::Filter)),
            ("ز", "Period", PLAIN, Some(Shortcut::Actions)),
            ("ج", "BracketLeft", PLAIN, Some(Shortcut::PreviousItem)),
            ("د", "BracketRight", PLAIN, Some(Shortcut::NextItem)),
            // A Latin sign on a letter's key is the letter's key.
            ("[", "KeyD", SHIFT, None),
            // A ligature of two characters on one key.
            ("لا", "KeyB", PLAIN, None),
        ] {
            assert_eq!(shortcut_of(key, code, held), wanted, "{key} {code} {held:?}");
        }
        assert_eq!(go_target("ى", "KeyN", PLAIN), Some(routes::NODES));
        assert_eq!(go_target("لا", "KeyB", PLAIN), Some(routes::BACKGROUND));
    }

    #[test]
    fn the_second_key_names_a_page() {
        assert_eq!(go_target("d", "KeyD", PLAIN), Some(routes::DASHBOARD));
        assert_eq!(go_target("z", "KeyZ", PLAIN), None);
        assert_eq!(go_target("d", "KeyD", CTRL), None);
    }

    #[test]
    fn what_speech_input_could_type_is_a_single_key() {
        assert!(!Shortcut::Palette.single() && !Shortcut::Escape.single() && !Shortcut::Toasts.single());
        assert!(Shortcut::Go.single() && Shortcut::Sheet.single() && Shortcut::Refresh.single());
    }
}
