//! The dialogs of a node's secret: a new one, and the end of the one before.

use common::edit::{OwnSecret, RotateSecret};
use common::ids::NodeId;
use common::node::{CreatedNode, Node};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::node_secret::InUse;
use super::own_secret::OwnSecretField;
use crate::api::{ApiError, use_api};
use crate::components::form::{Fault, fault_of, place};
use crate::components::{ErrorSummary, Field, Modal, Note, TextField, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::state::announce::use_announcer;

const OVERLAP: &str = "rotate-overlap";
const OWN: &str = "rotate-own-secret";
const NAME: &str = "rotate-name";
const REVOKE_NAME: &str = "revoke-name";
const FIELDS: [(&str, &str); 2] = [("/overlapSeconds", OVERLAP), ("/secret", OWN)];

/// What a refusal says, as lines of the form.
fn said(e: &ApiError, i18n: I18n) -> Vec<Fault> {
    if e.status() == Some(412) {
        return vec![(String::new(), words().rotate.changed.to_owned())];
    }
    let mut found = e.problem().map(|p| place(&p.errors, &FIELDS)).unwrap_or_default();
    if found.is_empty() {
        found.push((String::new(), format!("{}: {}", e.title(i18n.t), e.detail(i18n.t))));
    }
    found
}

/// The node's name and version, as the page shows it.
fn shown(node: Memo<Option<Node>>) -> (Memo<String>, Memo<i64>) {
    let name = memo(move || node.with(|n| n.as_ref().map(Node::name)).unwrap_or_default());
    (name, memo(move || node.with(|n| n.as_ref().map_or(0, |n| n.version))))
}

/// Makes a new secret; the name has to be typed.
#[component]
pub fn RotateDialog(
    /// The node.
    id: NodeId,
    /// As it is now.
    node: Memo<Option<Node>>,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Takes the reply, which alone holds the secret.
    done: Callback<CreatedNode>,
) -> impl IntoView {
    let w = &words().rotate;
    let (name, version) = shown(node);
    let title = derived(move || (w.rotate_title)(&name.get()));
    view! {
        <Modal heading_id="rotate-title" title=title open=open>
            <Rotate id=id name=name version=version open=open done=done />
        </Modal>
    }
}

#[component]
fn Rotate(
    id: NodeId,
    name: Memo<String>,
    version: Memo<i64>,
    open: RwSignal<bool>,
    done: Callback<CreatedNode>,
) -> impl IntoView {
    let w = &words().rotate;
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let overlap = RwSignal::new(common::edit::OVERLAP_DEFAULT_SECONDS);
    let (own, secret, typed) =
        (RwSignal::new(false), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (faults, attempt, busy) =
        (RwSignal::new(Vec::<Fault>::new()), RwSignal::new(0_u32), RwSignal::new(false));
    let matches = memo(move || name.with(|name| typed.with(|t| crate::text::typed_as_asked(t, name))));
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !matches.get_untracked() || busy.get_untracked() {
            return;
        }
        let request = RotateSecret {
            overlap_seconds: Some(overlap.get_untracked()),
            secret: own.get_untracked().then(|| OwnSecret(secret.get_untracked())),
        };
        let fail = move |found: Vec<Fault>| {
            faults.set(found);
            attempt.update(|n| *n += 1);
        };
        if let Err(errors) = request.validate() {
            return fail(place(&errors, &FIELDS));
        }
        faults.set(Vec::new());
        busy.set(true);
        spawn_local(async move {
            let reply = api.rotate_secret(id, &request, version.get_untracked()).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(created) => {
                    open.set(false);
                    announcer.say(w.rotated);
                    done.run(created);
                }
                Err(e) => fail(said(&e, i18n)),
            }
        });
    };
    let all = Signal::from(faults);
    let choices = [
        (0, w.overlap_none),
        (3600, w.overlap_hour),
        (24 * 3600, w.overlap_day),
        (7 * 24 * 3600, w.overlap_week),
    ];
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                <ErrorSummary faults=all attempt=attempt />
                <p>{w.rotate_text}</p>
                <Field id=OVERLAP label=w.overlap error=fault_of(all, OVERLAP)>
                    <select
                        class="inp"
                        id=OVERLAP
                        on:change=move |event| {
                            overlap.set(event_target_value(&event).parse().unwrap_or(common::edit::OVERLAP_DEFAULT_SECONDS));
                        }
                    >
                        {choices
                            .map(|(seconds, text)| {
                                view! {
                                    <option
                                        value=seconds.to_string()
                                        prop:selected=attr(move || overlap.get() == seconds)
                                    >
                                        {text}
                                    </option>
                                }
                            })}
                    </select>
                </Field>
                {dynamic(move || {
                    (overlap.get() == 0)
                        .then(|| view! { <Note tone="bad" icon="triangle-alert">{w.ends_now}</Note> })
                })}
                <OwnSecretField id=OWN own=own secret=secret error=fault_of(all, OWN) />
                <TypeName id=NAME name=name typed=typed />
            </div>
            <Foot
                open=open
                ready=matches
                busy=busy
                label=derived(move || if busy.get() { w.rotating.to_owned() } else { (w.rotate_title)(&name.get()) })
            />
        </form>
    }
}

/// Ends the secret before the newest.
#[component]
pub fn RevokeDialog(
    /// The node.
    id: NodeId,
    /// As it is now.
    node: Memo<Option<Node>>,
    /// Which secret it presents.
    used: Memo<InUse>,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().rotate;
    let (name, version) = shown(node);
    let title = derived(move || (w.revoke_title)(&name.get()));
    view! {
        <Modal heading_id="revoke-title" title=title open=open>
            <Revoke id=id name=name version=version used=used open=open />
        </Modal>
    }
}

#[component]
fn Revoke(
    id: NodeId,
    name: Memo<String>,
    version: Memo<i64>,
    used: Memo<InUse>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().rotate;
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let (faults, attempt, busy) =
        (RwSignal::new(Vec::<Fault>::new()), RwSignal::new(0_u32), RwSignal::new(false));
    let typed = RwSignal::new(String::new());
    // Live while the dialog is open: a node that takes up the new secret meanwhile makes it harmless.
    let harmless = memo(move || used.get() == InUse::New);
    let ready = memo(move || {
        harmless.get() || name.with(|name| typed.with(|t| crate::text::typed_as_asked(t, name)))
    });
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !ready.get_untracked() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let reply = api.revoke_previous_secret(id, version.get_untracked()).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(_) => {
                    open.set(false);
                    announcer.say(w.revoked);
                }
                Err(e) => {
                    faults.set(said(&e, i18n));
                    attempt.update(|n| *n += 1);
                }
            }
        });
    };
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                <ErrorSummary faults=Signal::from(faults) attempt=attempt />
                {dynamic(move || {
                    if harmless.get() {
                        view! { <p>{w.revoke_text}</p> }.into_any()
                    } else {
                        view! {
                            <Note tone="bad" icon="triangle-alert">
                                {w.revoke_danger}
                            </Note>
                            <TypeName id=REVOKE_NAME name=name typed=typed />
                        }
                            .into_any()
                    }
                })}
            </div>
            <Foot open=open ready=ready busy=busy label=derived(move || (w.revoke_title)(&name.get())) />
        </form>
    }
}

/// The name that has to be typed.
#[component]
fn TypeName(id: &'static str, name: Memo<String>, typed: RwSignal<String>) -> impl IntoView {
    let none = Signal::stored(None::<String>);
    dynamic(move || {
        view! {
            <TextField
                id=id
                label=(words().rotate.type_name)(&name.get())
                value=typed
                error=none
                technical=true
                class="mono"
            />
        }
    })
}

#[component]
fn Foot(
    open: RwSignal<bool>,
    ready: Memo<bool>,
    busy: RwSignal<bool>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="dlg-foot">
            <button type="button" class="btn" on:click=move |_| open.set(false)>
                {words().rotate.cancel}
            </button>
            <button
                type="submit"
                class="btn dan"
                aria-disabled=attr(move || (!ready.get() || busy.get()).then_some("true"))
                aria-busy=attr(move || busy.get().then_some("true"))
            >
                {label}
            </button>
        </div>
    }
}
