//! The operator console: a single-page application that shows what the server streams.
//!
//! `api` talks to the server, `state` holds what it said, `pages` and `components` show it, `i18n` has the words.

pub mod api;
pub mod app;
pub mod components;
pub mod i18n;
pub mod ids;
pub mod near;
pub mod pages;
pub mod parts;
pub mod reactive;
pub mod routes;
pub mod shell;
pub mod state;
pub mod text;

fn main() {
    console_error_panic_hook::set_once();
    // The library's own `spawn_local` does not run before something is mounted.
    wasm_bindgen_futures::spawn_local(async {
        i18n::prepare().await;
        if let Some(boot) = leptos::prelude::document().get_element_by_id(ids::BOOT_SHELL) {
            boot.remove();
        }
        leptos::mount::mount_to_body(app::App);
    });
}
