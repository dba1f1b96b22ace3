//! The dialogs of a node's secret: a new one, and the end of the one before. Both can make a node silent, so they are
//! built as those that end calls: what hangs on the node is live, and its name has to be typed.

use common::edit::{OwnSecret, RotateSecret};
use common::ids::NodeId;
use common::node::{CreatedNode, Node};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lifecycle::fields::{Foot, SendError, Sending, TYPED, TypedName, typed_fault};
use super::node_row::work_of;
use super::node_secret::InUse;
use super::own_secret::OwnSecretField;
use crate::api::{ApiError, use_api};
use crate::components::form::{fault_of, place};
use crate::components::status::word_text;
use crate::components::{ErrorSummary, Field, Icon, Modal, Note, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::state::announce::use_announcer;

const OVERLAP: &str = "rotate-overlap";
const OWN: &str = "rotate-own-secret";
const FIELDS: [(&str, &str); 2] = [("/overlapSeconds", OVERLAP), ("/secret", OWN)];

/// Takes note of a refusal: at its field, or above the buttons.
fn failed(sending: Sending, e: &ApiError, i18n: I18n) {
    if e.status() == Some(412) {
        sending.again(words().conflict.title, words().rotate.changed.to_owned());
    } else {
        sending.failed(e, i18n.t, &FIELDS);
    }
}

/// The node's name and version, as the page shows it.
fn shown(node: Memo<Option<Node>>) -> (Memo<String>, Memo<i64>) {
    let name = memo(move || node.with(|n| n.as_ref().map(Node::name)).unwrap_or_default());
    (name, memo(move || node.with(|n| n.as_ref().map_or(0, |n| n.version))))
}

/// What hangs on the node while the dialog is open: how it is, and the calls it has.
#[component]
fn Impact(node: Memo<Option<Node>>) -> impl IntoView {
    let said = memo(move || {
        node.with(|n| {
            let n = n.as_ref()?;
            let status = word_text(n.live.status.word);
            Some((words().rotate.impact)(status, work_of(n).0))
        })
    });
    view! {
        <p class="row num" data-impact="">
            <Icon name="activity" />
            <span>{dynamic(move || said.get())}</span>
        </p>
    }
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
            <Rotate id=id node=node name=name version=version open=open done=done />
        </Modal>
    }
}

#[component]
fn Rotate(
    id: NodeId,
    node: Memo<Option<Node>>,
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
    let sending = Sending::default();
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let request = RotateSecret {
            overlap_seconds: Some(overlap.get_untracked()),
            secret: own.get_untracked().then(|| OwnSecret(secret.get_untracked())),
        };
        let mut faults = request.validate().err().map(|e| place(&e, &FIELDS)).unwrap_or_default();
        faults.extend(typed_fault(Some(&name.get_untracked()), &typed.get_untracked()));
        if !sending.begin(faults) {
            return;
        }
        spawn_local(async move {
            let reply = api.rotate_secret(id, &request, version.get_untracked()).await;
            // The page may be gone.
            if sending.busy.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(created) => {
                    open.set(false);
                    announcer.say(w.rotated);
                    done.run(created);
                }
                Err(e) => failed(sending, &e, i18n),
            }
        });
    };
    let all = Signal::from(sending.faults);
    let choices = [
        (0, w.overlap_none),
        (3600, w.overlap_hour),
        (24 * 3600, w.overlap_day),
        (7 * 24 * 3600, w.overlap_week),
    ];
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                <ErrorSummary faults=all attempt=sending.attempt />
                <p>{w.rotate_text}</p>
                <Impact node=node />
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
                <TypedName phrase=derived(move || Some(name.get())) value=typed sending=sending />
                <SendError sending=sending />
            </div>
            <Foot
                label=derived(move || (w.rotate_title)(&name.get()))
                running=w.rotating
                class="btn dan"
                off=Signal::stored(None::<String>)
                sending=sending
                close=Callback::new(move |()| open.set(false))
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
            <Revoke id=id node=node name=name version=version used=used open=open />
        </Modal>
    }
}

#[component]
fn Revoke(
    id: NodeId,
    node: Memo<Option<Node>>,
    name: Memo<String>,
    version: Memo<i64>,
    used: Memo<InUse>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().rotate;
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let (typed, sending) = (RwSignal::new(String::new()), Sending::default());
    // Live while the dialog is open: a node that takes up the new secret meanwhile makes it harmless.
    let harmless = memo(move || used.get() == InUse::New);
    let phrase = memo(move || (!harmless.get()).then(|| name.get()));
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let faults = typed_fault(phrase.get_untracked().as_deref(), &typed.get_untracked());
        if !sending.begin(faults.into_iter().collect()) {
            return;
        }
        spawn_local(async move {
            let reply = api.revoke_previous_secret(id, version.get_untracked()).await;
            if sending.busy.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(_) => {
                    open.set(false);
                    announcer.say(w.revoked);
                }
                Err(e) => failed(sending, &e, i18n),
            }
        });
    };
    // A fault of the name belongs to its field, and the field goes where nothing has to be typed.
    let faults = derived(move || {
        let mut all = sending.faults.get();
        all.retain(|(id, _)| id != TYPED);
        all
    });
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                <ErrorSummary faults=faults attempt=sending.attempt />
                {dynamic(move || {
                    if harmless.get() {
                        view! { <p>{w.revoke_text}</p> }.into_any()
                    } else {
                        view! {
                            <Note tone="bad" icon="triangle-alert">
                                {w.revoke_danger}
                            </Note>
                        }
                            .into_any()
                    }
                })}
                <Impact node=node />
                <TypedName phrase=phrase value=typed sending=sending />
                <SendError sending=sending />
            </div>
            <Foot
                label=derived(move || (w.revoke_title)(&name.get()))
                running=w.revoking
                class="btn dan"
                off=Signal::stored(None::<String>)
                sending=sending
                close=Callback::new(move |()| open.set(false))
            />
        </form>
    }
}
