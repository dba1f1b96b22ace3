//! The form for a new token.

use common::auth::Role;
use common::tokens::{NewToken, TokenMade, TokenScope};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::made::{HEADING, MadeCard};
use super::model::networks;
use crate::api::use_api;
use crate::components::form::{Fault, described_by, fault_of, focus_id};
use crate::components::{
    Breadcrumb, Crumb, ErrorSummary, Field, Note, Reason, SubmitButton, TextField, words,
};
use crate::i18n::{tokens, use_i18n};
use crate::pages::lifecycle::fields::{SendError, Sending};
use crate::pages::people::fields::{RegionsField, Scope};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::gate::use_writes;
use crate::state::session::use_session;

const REASON: &str = "token-reason";
const NAME: &str = "token-name";
const SCOPE: &str = "token-scope-read";
const REGIONS: &str = "token-regions";
const DAYS: &str = "token-days";
const NETWORKS: &str = "token-networks";
const FIELDS: [(&str, &str); 5] = [
    ("/name", NAME),
    ("/scope", SCOPE),
    ("/regionScope", REGIONS),
    ("/expiresInDays", DAYS),
    ("/networks", NETWORKS),
];
/// Offered, in days; 0 is no end.
const ENDS: [u32; 4] = [30, 90, 365, 0];
/// Chosen at first.
const USUAL: u32 = 90;

/// `/tokens/new`
#[component]
pub fn TokenNewPage() -> impl IntoView {
    let w = tokens();
    use_title(move || w.new.to_owned());
    let made = RwSignal::new(None::<TokenMade>);
    let crumbs = vec![Crumb::link(routes::TOKENS, words().access.tokens), Crumb::here(w.new)];
    view! {
        <Breadcrumb crumbs=Signal::stored(crumbs) />
        <div class="hd">
            <h1 tabindex="-1">{w.new}</h1>
        </div>
        {dynamic(move || match made.get() {
            Some(made) => view! { <MadeCard made=made /> }.into_any(),
            None => view! { <Form made=made /> }.into_any(),
        })}
    }
}

#[component]
fn Form(made: RwSignal<Option<TokenMade>>) -> impl IntoView {
    let (w, t, api, session) = (tokens(), use_i18n().t, use_api(), use_session());
    let gate = use_writes();
    let (name, network_text) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // As much as the person may themselves change, and no more than that to begin with.
    let own = session.user(|user| user.region_scope.clone()).flatten();
    let scope = Scope::of(own.as_deref());
    let (level, days) = (RwSignal::new(TokenScope::Read), RwSignal::new(USUAL));
    let sending = Sending::default();
    let endless = memo(move || days.get() == 0);
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if gate.with_untracked(Option::is_some) {
            return;
        }
        let request = NewToken {
            name: name.get_untracked().trim().to_owned(),
            scope: level.get_untracked(),
            region_scope: untrack(|| scope.value()),
            networks: network_text.with_untracked(|text| networks(text)),
            expires_in_days: Some(days.get_untracked()).filter(|days| *days > 0),
        };
        let mut faults: Vec<Fault> = Vec::new();
        if request.name.is_empty() {
            faults.push((NAME.to_owned(), w.need_name.to_owned()));
        }
        if scope.is_missing() {
            faults.push((REGIONS.to_owned(), crate::i18n::people().need_region.to_owned()));
        }
        if !sending.begin(faults) {
            return;
        }
        spawn_local(async move {
            match api.make_token(&request).await {
                Ok(reply) => {
                    made.try_set(Some(reply));
                    request_animation_frame(|| focus_id(HEADING));
                }
                Err(e) => sending.failed(&e, t, &FIELDS),
            }
        });
    };
    let all = Signal::from(sending.faults);
    let networks_error = fault_of(all, NETWORKS);
    view! {
        <form class="form card narrow" novalidate on:submit=send>
            <p class="mut">{w.new_sub}</p>
            <ErrorSummary faults=sending.faults attempt=sending.attempt />
            <TextField
                id=NAME
                label=w.name
                hint=w.name_hint
                value=name
                error=fault_of(all, NAME)
                required=true
                technical=true
                placeholder="ci-deploy"
            />
            <ScopeField level=level />
            <RegionsField id=REGIONS scope=scope off=Signal::stored(None::<String>) error=fault_of(all, REGIONS) />
            <Field id=DAYS label=w.expires error=fault_of(all, DAYS)>
                <select
                    class="inp"
                    id=DAYS
                    on:change=move |event| days.set(event_target_value(&event).parse().unwrap_or(USUAL))
                >
                    {ENDS
                        .map(|n| {
                            let text = match n {
                                0 => w.no_end.to_owned(),
                                365 => w.year.to_owned(),
                                n => (w.days)(n.into()),
                            };
                            view! {
                                <option value=n.to_string() prop:selected=attr(move || days.get() == n)>
                                    {text}
                                </option>
                            }
                        })}
                </select>
            </Field>
            {dynamic(move || {
                endless
                    .get()
                    .then(|| view! { <Note tone="warn" icon="triangle-alert">{w.no_end_warning}</Note> })
            })}
            <Field id=NETWORKS label=w.networks hint=w.networks_hint error=networks_error optional=true>
                <textarea
                    class="inp mono"
                    id=NETWORKS
                    rows="2"
                    dir="ltr"
                    translate="no"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-invalid=attr(move || networks_error.with(Option::is_some).then_some("true"))
                    aria-describedby=described_by(NETWORKS, true, networks_error)
                    prop:value=network_text
                    on:input=move |event| network_text.set(event_target_value(&event))
                ></textarea>
            </Field>
            <SendError sending=sending />
            <Reason id=REASON off=gate />
            <div class="toolbar end">
                <a class="btn" href=routes::TOKENS>
                    {w.cancel}
                </a>
                <SubmitButton
                    label=derived(move || if sending.busy.get() { w.making } else { w.make }.to_owned())
                    off=gate
                    reason=REASON
                    busy=sending.busy
                />
            </div>
        </form>
    }
}

/// How much the token may do, at most what the person may.
#[component]
fn ScopeField(level: RwSignal<TokenScope>) -> impl IntoView {
    let (w, t, session) = (tokens(), use_i18n().t, use_session());
    let most = memo(move || TokenScope::most_of(session.user(|user| user.role).unwrap_or(Role::Viewer)));
    let one = move |of: TokenScope| {
        let id = format!("token-scope-{}", of.as_str());
        let hint_id = format!("{id}-hint");
        let off = memo(move || (of > most.get()).then(|| (w.scope_off)((t.role)(of.role()))));
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="token-scope"
                    id=id
                    aria-describedby=hint_id.clone()
                    aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
                    prop:checked=attr(move || level.get() == of)
                    on:click=move |event: ev::MouseEvent| {
                        if off.with_untracked(Option::is_some) {
                            event.prevent_default();
                        }
                    }
                    on:change=move |_| level.set(of)
                />
                <b>{(w.scope_of)(of)}</b>
                <span class="hint" id=hint_id>
                    {(w.scope_hint)(of)}
                    {dynamic(move || off.get().map(|text| format!(" {text}")))}
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="form-group">
            <legend>{w.scope}</legend>
            <div class="choices">{TokenScope::ALL.map(one)}</div>
        </fieldset>
    }
}
