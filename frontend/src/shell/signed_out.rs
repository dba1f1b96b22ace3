//! The session ended under somebody's work: the page stays as it is, and asks them to sign in again over it.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::form::focus_id;
use crate::components::words;
use crate::pages::login::{LoginForm, PASSWORD};
use crate::reactive::{dynamic, effect, memo};
use crate::state::session::{SessionState, use_session};

const HEADING: &str = "session-ended";

/// The dialog, while it is due. It cannot be closed: behind it nothing works.
#[component]
pub fn SignedOutDialog() -> impl IntoView {
    let (session, node) = (use_session(), NodeRef::<html::Dialog>::new());
    let w = &words().live;
    let ended = memo(move || matches!(session.get(), SessionState::Ended(_)));
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match (ended.get(), dialog.open()) {
            (true, false) => {
                // Throws only where the element is not in the page.
                let _ = dialog.show_modal();
                spawn_local(async { focus_id(PASSWORD) });
            }
            // The focus goes back to where it was.
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog
            class="dlg"
            node_ref=node
            aria-labelledby=HEADING
            on:cancel=move |event: leptos::ev::Event| event.prevent_default()
        >
            <div class="dlg-head">
                <h2 id=HEADING>{w.ended_title}</h2>
            </div>
            {dynamic(move || {
                ended
                    .get()
                    .then(|| {
                        let email = session.user(|user| user.email.clone()).unwrap_or_default();
                        view! {
                            <div class="dlg-body">
                                <p>{w.ended}</p>
                                <LoginForm email=email />
                                <p class="sm">
                                    <button type="button" class="link" on:click=move |_| session.give_up()>
                                        {w.ended_other}
                                    </button>
                                </p>
                            </div>
                        }
                    })
            })}
        </dialog>
    }
}
