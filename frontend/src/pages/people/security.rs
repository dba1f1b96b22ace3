//! One's own password and sessions.

use common::sessions::{PasswordChange, SessionList};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::LOOK_EVERY;
use super::new_password::{NewPasswordField, fault, faults_of};
use super::sessions::SessionTable;
use crate::api::use_api;
use crate::components::form::{Fault, fault_of};
use crate::components::{ErrorSummary, GatedButton, Icon, PasswordField, Reason, SubmitButton, words};
use crate::i18n::{credentials, people, use_i18n};
use crate::pages::load::{Load, every};
use crate::pages::settings::SettingsFrame;
use crate::pages::settings_tabs::SettingsTab;
use crate::reactive::{derived, memo};
use crate::routes;
use crate::state::gate::use_writes;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;

const CURRENT: &str = "password-now";
const NEW: &str = "password-new";
const REASON: &str = "password-reason";
const OTHERS_REASON: &str = "others-reason";
const FIELDS: [(&str, &str); 2] = [("/current", CURRENT), ("/new", NEW)];

/// `/settings/security`
#[component]
pub fn SecurityPage() -> impl IntoView {
    let (w, api) = (credentials(), use_api());
    let load = Load::<SessionList>::default();
    let ask = move || load.ask(async move { api.own_sessions().await });
    ask();
    every(LOOK_EVERY, ask);
    let reload = Callback::new(move |()| ask());
    view! {
        <SettingsFrame tab=SettingsTab::Security>
            <p class="sub">{w.security_sub}</p>
            <section class="card stack">
                <div class="hd">
                    <h2>{people().sessions}</h2>
                    <span class="sp"></span>
                    <EndOthers load=load reload=reload />
                </div>
                <SessionTable load=load reload=reload />
            </section>
            <Password reload=reload />
            <section class="card stack narrow" aria-labelledby="own-tokens">
                <h2 id="own-tokens">{words().access.tokens}</h2>
                <p>{w.tokens_text}</p>
                <p>
                    <a class="btn" href=routes::TOKENS>
                        <Icon name="key-round" />
                        <span>{words().access.tokens}</span>
                    </a>
                </p>
            </section>
        </SettingsFrame>
    }
}

/// Ends all sessions but this one.
#[component]
fn EndOthers(load: Load<SessionList>, reload: Callback<()>) -> impl IntoView {
    let (w, t, api, toasts) = (credentials(), use_i18n().t, use_api(), use_toasts());
    let gate = use_writes();
    let others =
        move |list: &SessionList| list.items.iter().filter(|s| !s.current).map(|s| s.id).collect::<Vec<_>>();
    let none = memo(move || load.read(|list| others(list).is_empty()).unwrap_or(true));
    let off = derived(move || gate.get().or_else(|| none.get().then(|| w.no_others.to_owned())));
    let busy = RwSignal::new(false);
    let end = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let ids = load.peek(others).unwrap_or_default();
        spawn_local(async move {
            let mut ended = 0_u64;
            let mut failed = None;
            for id in ids {
                match api.end_session(id).await {
                    Ok(()) => ended = ended.saturating_add(1),
                    // It has ended by itself meanwhile.
                    Err(e) if e.status() == Some(404) => {}
                    Err(e) => {
                        failed = Some(e);
                        break;
                    }
                }
            }
            busy.try_set(false);
            match failed {
                None => toasts.done((w.others_ended)(ended)),
                Some(e) => toasts.failed(e.detail(t)),
            }
            reload.run(());
        });
    });
    view! {
        <GatedButton
            label=Signal::stored(w.end_others)
            icon="log-out"
            off=off
            reason=OTHERS_REASON
            on_press=end
        />
        <Reason id=OTHERS_REASON off=off />
    }
}

/// The form for another password.
#[component]
fn Password(reload: Callback<()>) -> impl IntoView {
    let (w, t, api, toasts) = (credentials(), use_i18n().t, use_api(), use_toasts());
    let email = use_session().user(|user| user.email.clone()).unwrap_or_default();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (faults, attempt, busy) =
        (RwSignal::new(Vec::<Fault>::new()), RwSignal::new(0_u32), RwSignal::new(false));
    let fail = move |found: Vec<Fault>| {
        faults.try_set(found);
        attempt.try_update(|n| *n = n.wrapping_add(1));
    };
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let change = PasswordChange { current: current.get_untracked(), new: new.get_untracked() };
        let mut found: Vec<Fault> = Vec::new();
        if change.current.is_empty() {
            found.push((CURRENT.to_owned(), w.need_password.to_owned()));
        }
        found.extend(fault(&change.new).map(|text| (NEW.to_owned(), text)));
        if !found.is_empty() {
            return fail(found);
        }
        faults.set(Vec::new());
        busy.set(true);
        spawn_local(async move {
            let reply = api.change_password(&change).await;
            busy.try_set(false);
            match reply {
                Ok(()) => {
                    current.try_set(String::new());
                    new.try_set(String::new());
                    toasts.done(w.password_changed);
                    reload.run(());
                }
                Err(e) => fail(faults_of(&e, t, &FIELDS)),
            }
        });
    };
    let all = Signal::from(faults);
    view! {
        <form class="form card narrow" novalidate aria-labelledby="own-password" on:submit=send>
            <h2 id="own-password">{w.password}</h2>
            <p class="mut">{w.password_text}</p>
            <ErrorSummary faults=all attempt=attempt />
            // For password managers: whose password this is.
            <input class="vh" type="email" autocomplete="username" value=email tabindex="-1" aria-hidden="true" readonly />
            <PasswordField
                id=CURRENT
                label=w.current
                value=current
                error=fault_of(all, CURRENT)
                autocomplete="current-password"
            />
            <NewPasswordField id=NEW value=new error=fault_of(all, NEW) />
            <div class="toolbar end">
                <SubmitButton
                    label=derived(move || if busy.get() { w.changing } else { w.change }.to_owned())
                    off=Signal::stored(None::<String>)
                    reason=REASON
                    busy=busy
                />
            </div>
        </form>
    }
}
