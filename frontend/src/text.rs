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
