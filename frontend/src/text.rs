//! Text without regard to case.

/// Lower case in every script. The browser has the tables of Unicode; the bundle does not.
#[cfg(target_arch = "wasm32")]
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        js_sys::JsString::from(text).to_lower_case().into()
    }
}

/// The same on the host, where tests run.
#[cfg(not(target_arch = "wasm32"))]
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// Whether what was typed is what was asked for. Marks that a keyboard does not make or a reader does not see make no
/// difference: vowel signs, marks of direction that a copy brings along, and whose digits they are.
pub fn typed_as_asked(typed: &str, asked: &str) -> bool {
    plain(typed).trim() == plain(asked).trim()
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{64b}'..='\u{652}' | '\u{640}' | '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}'))
        .map(|c| match c {
            '\u{660}'..='\u{669}' => char::from_digit(u32::from(c) - 0x660, 10).unwrap_or(c),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_need_not_be_typed() {
        assert!(typed_as_asked(" تعطيل 3 عقد ", "تعطيل 3 عُقد"));
        assert!(typed_as_asked("تعطيل ٣ عُقد", "تعطيل 3 عُقد"));
        assert!(typed_as_asked("\u{2068}OM-MCT\u{2069}", "OM-MCT"));
        assert!(!typed_as_asked("OM-MC", "OM-MCT"));
        assert!(!typed_as_asked("om-mct", "OM-MCT"));
        assert!(!typed_as_asked("", "OM-MCT"));
    }
}
