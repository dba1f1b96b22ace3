//! The question for the password, over whatever page wants to do something dangerous. What was to be done goes on by
//! itself once the password is given, and stays as it is in its form otherwise.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{ApiError, use_api};
use crate::components::form::{Fault, fault_of, focus_id};
use crate::components::{Modal, Note, PasswordField, words};
use crate::i18n::{credentials, use_i18n};
use crate::pages::people::new_password::faults_of;
use crate::reactive::{attr, dynamic, effect};
use crate::state::gate::use_writes;
use crate::state::session::use_session;

const PASSWORD: &str = "confirm-password";
/// Id of the text why it cannot be sent.
const OFF: &str = "confirm-off";

/// The dialog.
#[component]
pub fn ConfirmDialog() -> impl IntoView {
    let (w, confirming) = (credentials(), use_session().confirming());
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would wake one another for ever.
    effect(move || {
        let asked = confirming.asked();
        if asked != open.get_untracked() {
            open.set(asked);
        }
    });
    effect(move || {
        if !open.get() && untrack(|| confirming.asked()) {
            confirming.settle(false);
        }
    });
    view! {
        <Modal heading_id="confirm-title" title=Signal::stored(w.confirm.to_owned()) open=open>
            <Form open=open />
        </Modal>
    }
}

#[component]
fn Form(open: RwSignal<bool>) -> impl IntoView {
    let (w, t, api, session) = (credentials(), use_i18n().t, use_api(), use_session());
    let email = session.user(|user| user.email.clone()).unwrap_or_default();
    let password = RwSignal::new(String::new());
    let (faults, busy) = (RwSignal::new(Vec::<Fault>::new()), RwSignal::new(false));
    // What waits for the password would change something.
    let off = use_writes();
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || off.with_untracked(Option::is_some) {
            return;
        }
        let typed = password.get_untracked();
        if typed.is_empty() {
            faults.set(vec![(PASSWORD.to_owned(), w.need_password.to_owned())]);
            return focus_id(PASSWORD);
        }
        faults.set(Vec::new());
        busy.set(true);
        spawn_local(async move {
            match api.confirm(typed).await {
                Ok(_) => session.confirming().settle(true),
                // The session is over: signing in again, in the dialog that asks for it, says who this is too.
                Err(ApiError::Refused { problem, .. }) if problem.code == "unauthenticated" => {
                    let back = session.resumed().await;
                    session.confirming().settle(back);
                }
                Err(e) => {
                    busy.try_set(false);
                    faults.try_set(faults_of(&e, t, &[("/password", PASSWORD)]));
                    focus_id(PASSWORD);
                }
            }
        });
    };
    let all = Signal::from(faults);
    let other = fault_of(all, "");
    view! {
        <form novalidate on:submit=send>
            <div class="dlg-body">
                <p>{w.confirm_text}</p>
                {dynamic(move || {
                    other
                        .get()
                        .map(|text| {
                            view! {
                                <div role="alert">
                                    <Note tone="bad" icon="circle-alert">
                                        {text}
                                    </Note>
                                </div>
                            }
                        })
                })}
                <input class="vh" type="email" autocomplete="username" value=email tabindex="-1" aria-hidden="true" readonly />
                <PasswordField
                    id=PASSWORD
                    label=t.login_password
                    value=password
                    error=fault_of(all, PASSWORD)
                    autocomplete="current-password"
                    first=true
                />
            </div>
            <div class="dlg-foot">
                {dynamic(move || off.get().map(|text| view! { <p class="reason gr" id=OFF>{text}</p> }))}
                <button type="button" class="btn" on:click=move |_| open.set(false)>
                    {words().lifecycle.cancel}
                </button>
                <button
                    type="submit"
                    class="btn pri"
                    aria-disabled=attr(move || (busy.get() || off.with(Option::is_some)).then_some("true"))
                    aria-describedby=attr(move || off.with(Option::is_some).then_some(OFF))
                    aria-busy=attr(move || busy.get().then_some("true"))
                >
                    {dynamic(move || if busy.get() { w.confirming } else { w.confirm_send })}
                </button>
            </div>
        </form>
    }
}
