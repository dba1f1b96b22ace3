//! The `Idempotency-Key` of a form: every try to send the same values has the same key, so that a reply that was lost on
//! the way does not make a second object.

use std::cell::RefCell;

thread_local! {
    /// The body that was sent last, and its key.
    static LAST: RefCell<(String, String)> = const { RefCell::new((String::new(), String::new())) };
}

/// The key for a body: the last one, if that was for the same body, else a new one.
pub(super) fn key_for(body: &str) -> String {
    LAST.with_borrow_mut(|(last, key)| {
        if last != body {
            body.clone_into(last);
            *key = fresh();
        }
        key.clone()
    })
}

/// The body was answered for good: the same values sent again are meant to make a second object.
pub(super) fn settled() {
    LAST.with_borrow_mut(|(last, _)| last.clear());
}

/// 128 random bits. `randomUUID` is there on secure pages only.
fn fresh() -> String {
    let mut bytes = [0_u8; 16];
    if let Ok(crypto) = leptos::prelude::window().crypto() {
        // Fails only above 64 KiB.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
