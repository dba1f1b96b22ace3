//! The least that a console of this kind can be: framework, router and a heading. `cargo xtask bench page` measures it
//! beside the console, so that what the framework costs is told apart from what the console costs.

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

#[component]
fn Empty() -> impl IntoView {
    view! {
        <Router>
            <main>
                <Routes fallback=|| "404">
                    <Route path=path!("/") view=|| view! { <h1>"Empty"</h1> } />
                </Routes>
            </main>
        </Router>
    }
}

fn main() {
    leptos::mount::mount_to_body(Empty);
}
