//! The password again, before something dangerous: one question, for all requests that wait for it.

use js_sys::{Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Handle to the question; copy it freely.
#[derive(Clone, Copy)]
pub struct Confirming {
    asked: RwSignal<bool>,
    waiting: StoredValue<Vec<Function>, LocalStorage>,
}

impl Default for Confirming {
    fn default() -> Self {
        Self { asked: RwSignal::new(false), waiting: StoredValue::new_local(Vec::new()) }
    }
}

impl Confirming {
    /// Follows whether the person is being asked.
    pub fn asked(self) -> bool {
        self.asked.get()
    }

    /// Asks, and waits for the answer; says whether the password was given.
    pub async fn given(self) -> bool {
        let wait = Promise::new(&mut |resolve, _| self.waiting.update_value(|all| all.push(resolve)));
        self.asked.set(true);
        // Never refused: `settle` resolves all of them.
        JsFuture::from(wait).await.ok().and_then(|given| given.as_bool()).unwrap_or(false)
    }

    /// The password was given, or the person leaves it.
    pub fn settle(self, given: bool) {
        if self.asked.get_untracked() {
            self.asked.set(false);
        }
        for resolve in self.waiting.try_update_value(std::mem::take).unwrap_or_default() {
            // A resolve function does not throw.
            let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::from_bool(given));
        }
    }
}
