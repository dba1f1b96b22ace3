//! Where the background node is called and with which key; a test of both, and whether both sides agree.

use common::auth::Permission;
use common::node::Node;
use common::singleton::{BackgroundTestReply, PutBackgroundNode, PutBackgroundReply, TestBackgroundNode};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Background;
use super::secret::KeyCard;
use super::steps::reply_view;
use super::sync::SyncCard;
use crate::api::{ApiError, use_api};
use crate::components::form::{Fault, fault_of, focus_id, place};
use crate::components::{ErrorPanel, ErrorSummary, Note, Reason, SubmitButton, TextField, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::state::gate::use_gate_everywhere;

/// What becomes of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Keep,
    Generate,
    Paste,
}

/// Id of the name that has to be typed.
const TYPED: &str = "bg-typed";
const FIELDS: [(&str, &str); 3] =
    [("/endpoint", "bg-endpoint"), ("/secret", "bg-secret"), ("/displayName", "bg-name")];

/// The form; copy it freely.
#[derive(Clone, Copy)]
struct Form {
    endpoint: RwSignal<String>,
    name: RwSignal<String>,
    key: RwSignal<Key>,
    pasted: RwSignal<String>,
    /// The name of the node whose key is replaced, as it has to be typed, and what is typed.
    phrase: RwSignal<Option<String>>,
    typed: RwSignal<String>,
    /// Version of the node the form is based on; none to register one.
    base: RwSignal<Option<i64>>,
    faults: RwSignal<Vec<Fault>>,
    attempt: RwSignal<u32>,
    failed: RwSignal<Option<ApiError>>,
    busy: RwSignal<bool>,
    tested: RwSignal<Option<BackgroundTestReply>>,
    testing: RwSignal<bool>,
    made: RwSignal<Option<PutBackgroundReply>>,
    saved: RwSignal<bool>,
}

impl Form {
    fn of(node: Option<&Node>) -> Self {
        let form = Self {
            endpoint: RwSignal::new(String::new()),
            name: RwSignal::new(String::new()),
            key: RwSignal::new(Key::Generate),
            pasted: RwSignal::new(String::new()),
            phrase: RwSignal::new(None),
            typed: RwSignal::new(String::new()),
            base: RwSignal::new(None),
            faults: RwSignal::new(Vec::new()),
            attempt: RwSignal::new(0),
            failed: RwSignal::new(None),
            busy: RwSignal::new(false),
            tested: RwSignal::new(None),
            testing: RwSignal::new(false),
            made: RwSignal::new(None),
            saved: RwSignal::new(false),
        };
        form.take(node);
        form
    }

    /// Shows what is stored.
    fn take(self, node: Option<&Node>) {
        self.endpoint.set(node.map(|n| n.endpoint.to_string()).unwrap_or_default());
        self.name.set(node.and_then(|n| n.display_name.clone()).unwrap_or_default());
        self.key.set(if node.is_some() { Key::Keep } else { Key::Generate });
        self.pasted.set(String::new());
        self.phrase.set(node.map(Node::name));
        self.typed.set(String::new());
        self.base.set(node.map(|n| n.version));
        self.failed.set(None);
        self.faults.set(Vec::new());
    }

    fn secret(self) -> Option<String> {
        (self.key.get_untracked() == Key::Paste).then(|| self.pasted.get_untracked().trim().to_owned())
    }

    /// What is missing, before anything is sent.
    fn check(self) -> bool {
        let w = &words().background;
        let mut faults = Vec::new();
        if self.endpoint.with_untracked(|e| e.trim().is_empty()) {
            faults.push(("bg-endpoint".to_owned(), w.need_endpoint.to_owned()));
        }
        if self.secret().is_some_and(|s| s.is_empty()) {
            faults.push(("bg-secret".to_owned(), w.need_key.to_owned()));
        }
        let fine = faults.is_empty();
        self.faults.set(faults);
        if !fine {
            self.attempt.update(|n| *n = n.wrapping_add(1));
        }
        fine
    }

    /// A key that is replaced ends the heartbeats with the old one: its node's name has to be typed.
    fn replaces(self) -> Option<String> {
        self.phrase.get().filter(|_| self.key.get() != Key::Keep)
    }

    /// Whether the name is typed, where it has to be.
    fn confirmed(self) -> bool {
        let phrase = untrack(|| self.replaces());
        let wrong = phrase.filter(|phrase| !crate::text::typed_as_asked(&self.typed.get_untracked(), phrase));
        let fine = wrong.is_none();
        if !fine {
            self.faults.set(vec![(TYPED.to_owned(), words().lifecycle.type_first.to_owned())]);
            self.attempt.update(|n| *n = n.wrapping_add(1));
        }
        fine
    }

    fn refused(self, error: ApiError) {
        let errors = error.problem().map(|p| place(&p.errors, &FIELDS)).unwrap_or_default();
        if errors.is_empty() {
            self.failed.try_set(Some(error));
        } else {
            self.faults.try_set(errors);
            self.attempt.try_update(|n| *n = n.wrapping_add(1));
        }
    }
}

/// `/background/config`
#[component]
pub fn Config(background: Background) -> impl IntoView {
    let w = &words().background;
    let form = background.load.peek(|b| Form::of(b.node.as_ref())).unwrap_or_else(|| Form::of(None));
    let known = memo(move || background.load.read(|b| b.node.is_some()).unwrap_or(false));
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
        let notes = background.load.peek(|b| b.node.as_ref().and_then(|n| n.notes.clone())).flatten();
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
