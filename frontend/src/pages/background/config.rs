//! Where the background node is called and with which key; a test of both, and whether both sides agree.

use common::auth::Permission;
use common::node::Node;
use common::singleton::{PutBackgroundNode, TestBackgroundNode};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Background;
use super::config_model::{Form, Key, TYPED};
use super::secret::KeyCard;
use super::steps::reply_view;
use super::sync::SyncCard;
use crate::api::{ApiError, Object, use_api};
use crate::components::form::{fault_of, focus_id};
use crate::components::{ErrorPanel, ErrorSummary, Note, Reason, SubmitButton, TextField, words};
use crate::i18n::use_i18n;
use crate::pages::conflict::{ConflictDialog, guard_leaving};
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::state::gate::use_gate_everywhere;

/// `/background/config`
#[component]
pub fn Config(background: Background) -> impl IntoView {
    let w = &words().background;
    let form = background.load.peek(|b| Form::of(b.node.as_ref())).unwrap_or_else(|| Form::of(None));
    let known = memo(move || background.load.read(|b| b.node.is_some()).unwrap_or(false));
    let dirty = memo(move || form.dirty());
    guard_leaving(derived(move || !dirty.get()), words().conflict.leave);
    // A form that nobody has typed into follows what somebody else saves.
    let version = memo(move || background.load.read(|b| b.node.as_ref().map(|n| n.version)).flatten());
    effect(move || {
        if version.get() > form.base.get_untracked() && !dirty.get_untracked() {
            background.load.peek(|b| form.take(b.node.as_ref()));
        }
    });
    view! {
        {dynamic(move || (!known.get()).then(|| view! { <Note tone="info">{w.why}</Note> }))}
        {dynamic(move || form.made.get().map(|reply| view! { <KeyCard reply=reply /> }))}
        <div class="grid k2">
            <div class="stack">
                <Fields background=background form=form />
            </div>
            <div class="stack">
                {dynamic(move || known.get().then(|| view! { <SyncCard background=background /> }))}
                <Test form=form />
            </div>
        </div>
    }
}

#[component]
fn Fields(background: Background, form: Form) -> impl IntoView {
    let w = &words().background;
    let (api, t, gate) = (use_api(), use_i18n().t, use_gate_everywhere(Permission::Operate));
    let known = memo(move || background.load.read(|b| b.node.is_some()).unwrap_or(false));
    let fingerprint =
        memo(move || background.load.read(|b| b.config.as_ref().map(|c| c.fingerprint.clone())).flatten());
    let save = move || {
        if gate.with_untracked(Option::is_some)
            || form.busy.get_untracked()
            || !form.check()
            || !form.confirmed()
        {
            return;
        }
        let some = |text: String| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let notes = match form.theirs.get_untracked() {
            Some(theirs) => theirs.notes,
            None => background.load.peek(|b| b.node.as_ref().and_then(|n| n.notes.clone())).flatten(),
        };
        let put = PutBackgroundNode {
            endpoint: form.endpoint.get_untracked().trim().to_owned(),
            secret: form.secret(),
            generate: form.key.get_untracked() == Key::Generate,
            display_name: some(form.name.get_untracked()),
            notes,
        };
        form.busy.set(true);
        form.failed.set(None);
        form.saved.set(false);
        spawn_local(async move {
            let base = form.base.get_untracked();
            let reply = api.put_background(&put, base).await;
            form.busy.try_set(false);
            match reply {
                Ok(reply) => {
                    form.theirs.try_set(None);
                    form.take(reply.background.node.as_ref());
                    form.saved.try_set(true);
                    background.load.put(reply.background.clone());
                    if reply.plain_secret.is_some() {
                        form.made.try_set(Some(reply));
                        request_animation_frame(|| focus_id("new-secret"));
                    }
                }
                Err(error) => form.refused(error),
            }
        });
    };
    let take = Callback::new(move |()| {
        form.theirs.with_untracked(|theirs| form.take(theirs.as_ref()));
        background.reload();
    });
    let overwrite = Callback::new(move |()| {
        form.base.set(form.theirs.with_untracked(|theirs| theirs.as_ref().map(|n| n.version)));
        save();
    });
    let whose = background.load.peek(|b| b.node.as_ref().map(Node::id)).flatten().map(Object::Node);
    let replaced = memo(move || form.replaces());
    let stale = memo(move || form.failed.with(|e| e.as_ref().and_then(ApiError::status) == Some(412)));
    view! {
        <form
            class="form card"
            novalidate
            on:submit=move |event: ev::SubmitEvent| {
                event.prevent_default();
                save();
            }
        >
            <ErrorSummary faults=form.faults attempt=form.attempt />
            <TextField
                id="bg-endpoint"
                label=w.endpoint
                hint=w.endpoint_hint
                value=form.endpoint
                error=fault_of(form.faults.into(), "bg-endpoint")
                required=true
                technical=true
                class="mono"
                inputmode="url"
                placeholder="https://10.0.0.40:5003"
            />
            <TextField
                id="bg-name"
                label=w.name
                value=form.name
                error=fault_of(form.faults.into(), "bg-name")
                optional=true
            />
            <fieldset class="form-group">
                <legend>{w.key_choice}</legend>
                <div class="choices">
                    {dynamic(move || {
                        known
                            .get()
                            .then(|| {
                                let hint = fingerprint.get().map(|f| (w.keep_key_hint)(&f)).unwrap_or_default();
                                choice(form, Key::Keep, "bg-keep", w.keep_key, hint)
                            })
                    })}
                    {choice(form, Key::Generate, "bg-generate", w.generate, w.generate_hint.to_owned())}
                    {choice(form, Key::Paste, "bg-paste", w.paste, w.paste_hint.to_owned())}
                </div>
            </fieldset>
            {dynamic(move || {
                (form.key.get() == Key::Paste)
                    .then(|| {
                        view! {
                            <TextField
                                id="bg-secret"
                                label=w.pasted
                                hint=w.pasted_hint
                                value=form.pasted
                                error=fault_of(form.faults.into(), "bg-secret")
                                required=true
                                technical=true
                                class="mono"
                            />
                        }
                    })
            })}
            {dynamic(move || {
                replaced.get().map(|name| {
                    view! {
                        <Note tone="warn" icon="triangle-alert">{words().rotate.ends_now}</Note>
                        <TextField
                            id=TYPED
                            label=(words().lifecycle.type_it)(&name)
                            value=form.typed
                            error=fault_of(form.faults.into(), TYPED)
                            required=true
                            technical=true
                            class="mono"
                        />
                    }
                })
            })}
            {dynamic(move || {
                let error = form.failed.get()?;
                Some(
                    if stale.get() {
                        let again = move |_| {
                            // What the server says now; what was typed is gone after that.
                            background.load.peek(|b| form.take(b.node.as_ref()));
                        };
                        background.reload();
                        view! {
                            <Note tone="warn" icon="triangle-alert">
                                <p>{w.stale}</p>
                                <p>
                                    <button type="button" class="btn" on:click=again>
                                        {w.reload}
                                    </button>
                                </p>
                            </Note>
                        }
                            .into_any()
                    } else {
                        view! {
                            <ErrorPanel
                                title=error.title(t)
                                detail=error.detail(t)
                                request_id=error.request_id()
                                small=true
                            />
                        }
                            .into_any()
                    },
                )
            })}
            <Reason id="bg-off" off=gate />
            <div class="toolbar end">
                {dynamic(move || form.saved.get().then(|| view! { <span class="ok-text" role="status">{w.saved}</span> }))}
                <SubmitButton
                    label=derived(move || if form.busy.get() { w.saving.to_owned() } else { w.save.to_owned() })
                    off=gate
                    reason="bg-off"
                    busy=form.busy
                />
            </div>
        </form>
        <ConflictDialog conflict=form.conflict take=take overwrite=overwrite of=whose />
    }
}

fn choice(form: Form, key: Key, id: &'static str, label: &'static str, hint: String) -> AnyView {
    let hint_id = format!("{id}-hint");
    view! {
        <label class="choice">
            <input
                type="radio"
                name="bg-key"
                id=id
                aria-describedby=hint_id.clone()
                prop:checked=attr(move || form.key.get() == key)
                on:change=move |_| form.key.set(key)
            />
            <b>{label}</b>
            <span class="hint" id=hint_id>
                {hint}
            </span>
        </label>
    }
    .into_any()
}

#[component]
fn Test(form: Form) -> impl IntoView {
    let w = &words().background;
    let (api, t, gate) = (use_api(), use_i18n().t, use_gate_everywhere(Permission::Operate));
    let failed = RwSignal::new(None::<ApiError>);
    let run = move |_| {
        if gate.with_untracked(Option::is_some) || form.testing.get_untracked() || !form.check() {
            return;
        }
        let endpoint = Some(form.endpoint.get_untracked().trim().to_owned());
        let values = TestBackgroundNode { endpoint, secret: form.secret() };
        form.testing.set(true);
        failed.set(None);
        spawn_local(async move {
            let reply = api.test_background(&values).await;
            form.testing.try_set(false);
            match reply {
                Ok(reply) => {
                    form.tested.try_set(Some(reply));
                }
                Err(error) if error.problem().is_some_and(|p| !p.errors.is_empty()) => form.refused(error),
                Err(error) => {
                    failed.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <section class="card stack tight" aria-labelledby="bg-test" aria-busy=attr(move || form.testing.get().then_some("true"))>
            <header>
                <h2 id="bg-test">{w.test_title}</h2>
                <span class="sp"></span>
                <button
                    type="button"
                    class="btn"
                    aria-disabled=attr(move || {
                        (gate.with(Option::is_some) || form.testing.get()).then_some("true")
                    })
                    aria-describedby=attr(move || gate.with(Option::is_some).then_some("bg-off"))
                    on:click=run
                >
                    {dynamic(move || if form.testing.get() { w.testing } else { w.test })}
                </button>
            </header>
            <p class="sm mut">{w.test_hint}</p>
            {dynamic(move || {
                (form.key.get() == Key::Generate).then(|| view! { <p class="sm mut">{w.test_generate}</p> })
            })}
            {dynamic(move || {
                failed
                    .get()
                    .map(|e| {
                        view! {
                            <ErrorPanel title=e.title(t) detail=e.detail(t) request_id=e.request_id() small=true />
                        }
                    })
            })}
            {dynamic(move || form.tested.get().map(reply_view))}
        </section>
    }
}
