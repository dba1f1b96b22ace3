//! The fields of the storage form, and its buttons.

use common::ids::RegionId;
use common::storage::PathStyle;
use leptos::prelude::*;

use super::conflict::ConflictDialog;
use super::region_storage_ask::{RemoveDialog, UntestedDialog};
use super::region_storage_form::{Form, Tested, id};
use super::region_storage_model::{path_style_key, path_style_text};
use super::region_storage_test::TestSteps;
use crate::components::form::{described_by, fault_of, field_text};
use crate::components::{Check, ErrorSummary, Field, Icon, Note, Reason, SubmitButton, TextField, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};

/// The form.
#[component]
pub fn Settings(
    /// What it works with.
    form: Form,
    /// Whose storage it is.
    region: RegionId,
    /// Whether a form is shown where nothing is stored.
    configuring: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().storage;
    let all = Signal::from(form.faults);
    let error = |id: &'static str| fault_of(all, id);
    let typed = memo(move || form.typed());
    let (dirty, passed, configured) = (form.dirty(), form.passed(), form.configured());
    let running = memo(move || form.tested.with(|t| *t == Tested::Running));
    let busy = memo(move || form.busy.get() || running.get());
    let overtaken = form.overtaken();
    let (untested, removing) = (RwSignal::new(false), RwSignal::new(false));
    let off = memo(move || form.gate.get().or_else(|| (!dirty.get()).then(|| w.nothing_changed.to_owned())));
    let means = memo(move || typed.with(|t| t.address().ok()));
    let contradiction = memo(move || typed.with(|t| t.contradiction()));
    let ssl_error = {
        let sent = error(id::SSL);
        // While typing too: it cannot become right by typing on.
        derived(move || {
            let now = typed.with(|t| t.address().err()).unwrap_or_default();
            let now = now.into_iter().find(|e| e.code == "ssl_contradiction").map(|e| field_text(&e));
            now.or_else(|| sent.get().filter(|_| contradiction.with(Option::is_some)))
        })
    };
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if off.with_untracked(Option::is_some) || busy.get_untracked() {
            return;
        }
        if passed.get_untracked() { form.save() } else { form.test(true) }
    };
    let cancel = move |_| {
        form.discard();
        configuring.set(false);
    };
    view! {
        <ErrorSummary faults=all attempt=form.attempt />
        {dynamic(move || {
            overtaken
                .get()
                .filter(|_| dirty.get())
                .map(|who| view! { <Note tone="warn" icon="triangle-alert">{(w.changed_meanwhile)(&who)}</Note> })
        })}
        <form class="form" novalidate on:submit=send>
            <TextField
                id=id::ENDPOINT
                label=w.endpoint
                hint=w.endpoint_hint
                value=form.endpoint
                error=error(id::ENDPOINT)
                required=true
                technical=true
                class="mono"
                inputmode="url"
            >
                {dynamic(move || {
                    means
                        .get()
                        .map(|v| {
                            view! {
                                <p class="good">
                                    <Icon name="check" />
                                    <span>
                                        {(w.endpoint_means)(&v.endpoint.host, v.endpoint.port)} " "
                                        {w.requests_go_to} " " <bdi class="id wrap-any" translate="no">
                                            {v.bucket_url()}
                                        </bdi>
                                    </span>
                                </p>
                            }
                        })
                })}
            </TextField>
            <div class="field">
                <Check id=id::SSL label=w.ssl hint=w.ssl_hint value=form.ssl />
                {dynamic(move || {
                    ssl_error
                        .get()
                        .map(|text| {
                            let wanted = contradiction.get();
                            view! {
                                <p class="err" id=format!("{}-err", id::SSL)>
                                    <Icon name="circle-alert" />
                                    {text}
                                </p>
                                {wanted
                                    .map(|on| {
                                        view! {
                                            <p>
                                                <button type="button" class="btn small" on:click=move |_| form.ssl.set(on)>
                                                    {if on { w.turn_ssl_on } else { w.turn_ssl_off }}
                                                </button>
                                            </p>
                                        }
                                    })}
                            }
                        })
                })}
            </div>
            <TextField
                id=id::ACCESS_KEY
                label=w.access_key
                value=form.access_key
                error=error(id::ACCESS_KEY)
                required=true
                technical=true
                class="mono"
            />
            <SecretField form=form />
            <details class="more" open=attr(move || form.advanced.get())>
                <summary>{w.advanced}</summary>
                <div class="form">
                    <TextField
                        id=id::BUCKET
                        label=w.bucket
                        hint=w.bucket_hint
                        value=form.bucket
                        error=error(id::BUCKET)
                        technical=true
                        class="mono"
                        placeholder=common::storage::DEFAULT_BUCKET
                    />
                    <TextField
                        id=id::SIGNING
                        label=w.signing_region
                        hint=w.signing_region_hint
                        value=form.signing_region
                        error=error(id::SIGNING)
                        technical=true
                        class="mono"
                        placeholder=derived(move || means.get().map(|v| v.signing_region).unwrap_or_default())
                    />
                    <PathStyleField form=form />
                    <TextField
                        id=id::PREFIX
                        label=w.prefix
                        hint=w.prefix_hint
                        value=form.prefix
                        error=error(id::PREFIX)
                        optional=true
                        technical=true
                        class="mono"
                    />
                </div>
            </details>
            <TestSteps form=form />
            <Reason id=id::REASON off=off />
            <div class="toolbar end">
                {dynamic(move || {
                    configured
                        .get()
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="btn dtx"
                                    aria-disabled=attr(move || form.gate.with(Option::is_some).then_some("true"))
                                    aria-describedby=id::REASON
                                    on:click=move |_| {
                                        if form.gate.with_untracked(Option::is_none) {
                                            removing.set(true);
                                        }
                                    }
                                >
                                    <Icon name="trash-2" />
                                    <span>{w.remove}</span>
                                </button>
                            }
                        })
                })}
                <span class="sp"></span>
                {dynamic(move || {
                    (dirty.get() || !configured.get())
                        .then(|| {
                            view! {
                                <button type="button" class="btn" on:click=cancel>
                                    {w.discard}
                                </button>
                            }
                        })
                })}
                {dynamic(move || {
                    (dirty.get() && !passed.get())
                        .then(|| {
                            view! {
                                <button type="button" class="btn" on:click=move |_| untested.set(true)>
                                    {w.save_untested}
                                </button>
                            }
                        })
                })}
                <button
                    type="button"
                    class="btn"
                    aria-disabled=attr(move || (form.gate.with(Option::is_some) || busy.get()).then_some("true"))
                    aria-describedby=id::REASON
                    on:click=move |_| form.test(false)
                >
                    <Icon name="plug" />
                    <span>{dynamic(move || if running.get() { w.testing } else { w.test_button })}</span>
                </button>
                <SubmitButton
                    label=derived(move || {
                        let text = match (form.busy.get(), passed.get()) {
                            (true, _) => w.saving,
                            (false, true) => w.save,
                            (false, false) => w.test_and_save,
                        };
                        text.to_owned()
                    })
                    off=off
                    reason=id::REASON
                    busy=busy
                />
            </div>
        </form>
        <UntestedDialog form=form open=untested />
        <RemoveDialog form=form region=region open=removing />
        <ConflictDialog
            conflict=form.conflict
            take=Callback::new(move |()| form.discard())
            overwrite=Callback::new(move |()| form.overwrite())
        />
    }
}

/// The secret key: only ever written. Where one is kept, it says so, and a new one is typed only on request.
#[component]
fn SecretField(form: Form) -> impl IntoView {
    let w = &words().storage;
    let i18n = use_i18n();
    let error = fault_of(form.faults.into(), id::SECRET);
    let kept = memo(move || {
        let settings = form.loaded.with(|l| l.as_ref().and_then(|l| l.settings.clone()))?;
        let at = settings.secret.updated_at?;
        // Who changed the settings last is who set the key, if that was the same change.
        let who = (at == settings.updated_at).then_some(settings.updated_by.as_str());
        Some((w.secret_set)(&i18n.fmt.date_time(at), who))
    });
    let keep = move |_| {
        form.replacing.set(false);
        form.secret.set(String::new());
    };
    let described = described_by(id::SECRET, true, error);
    dynamic(move || {
        if !form.replacing.get() {
            return view! {
                <div class="field">
                    <span class="label">{w.secret}</span>
                    <p class="row">
                        <span aria-hidden="true">"••••••••"</span>
                        <span>{kept}</span>
                        <button type="button" class="btn small" on:click=move |_| form.replacing.set(true)>
                            {w.replace}
                        </button>
                    </p>
                </div>
            }
            .into_any();
        }
        view! {
            <Field id=id::SECRET label=w.secret hint=w.secret_hint error=error required=true>
                <div class="row">
                    <input
                        class="inp mono gr"
                        id=id::SECRET
                        type="password"
                        autocomplete="new-password"
                        spellcheck="false"
                        translate="no"
                        dir="ltr"
                        aria-required="true"
                        aria-invalid=attr(move || error.with(Option::is_some).then_some("true"))
                        aria-describedby=described
                        prop:value=form.secret
                        on:input=move |event| form.secret.set(event_target_value(&event))
                    />
                    {dynamic(move || {
                        kept.with(Option::is_some)
                            .then(|| {
                                view! {
                                    <button type="button" class="btn" on:click=keep>
                                        {w.keep}
                                    </button>
                                }
                            })
                    })}
                </div>
            </Field>
        }
        .into_any()
    })
}

#[component]
fn PathStyleField(form: Form) -> impl IntoView {
    let w = &words().storage;
    let all = [PathStyle::Auto, PathStyle::On, PathStyle::Off];
    let error = fault_of(form.faults.into(), id::PATH);
    view! {
        <Field id=id::PATH label=w.path_style error=error>
            <select
                class="inp"
                id=id::PATH
                aria-describedby=described_by(id::PATH, false, error)
                on:change=move |event| {
                    let key = event_target_value(&event);
                    let chosen = all.into_iter().find(|s| path_style_key(*s) == key);
                    form.path_style.set(chosen.unwrap_or_default());
                }
            >
                {all
                    .map(|s| {
                        view! {
                            <option value=path_style_key(s) prop:selected=attr(move || form.path_style.get() == s)>
                                {path_style_text(s)}
                            </option>
                        }
                    })}
            </select>
        </Field>
    }
}
