//! What an administrator does to somebody's access, each in a dialog that says what follows.

use common::auth::Permission;
use common::ids::UserId;
use common::tokens::{Token, TokenState};
use common::users::{Account, AccountChanges, AccountState, OneTimeLink};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::account::Shown;
use super::{called, link};
use crate::api::{Api, ApiError, use_api};
use crate::components::form::focus_id;
use crate::components::{GatedButton, Modal};
use crate::i18n::{people, use_i18n};
use crate::pages::lifecycle::fields::{Foot, SendError, Sending, TypedName, typed_fault};
use crate::pages::load::Load;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::state::gate::use_gate_everywhere;
use crate::state::toasts::use_toasts;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Disable,
    Enable,
    Link,
    SignOut,
    Delete,
}

/// What came of it.
enum Outcome {
    Done,
    Link(OneTimeLink),
    Gone,
}

impl Act {
    fn title(self, account: &Account) -> String {
        let (w, who) = (people(), called(account));
        match self {
            Self::Disable => (w.disable_title)(&who),
            Self::Enable => (w.enable_title)(&who),
            Self::Link if account.state == AccountState::Invited => (w.link_invitation)(&account.email),
            Self::Link => (w.link_reset)(&account.email),
            Self::SignOut => (w.sign_out_title)(&who),
            Self::Delete => (w.delete_title)(&who),
        }
    }

    fn text(self, account: &Account) -> String {
        let w = people();
        match self {
            Self::Disable => (w.disable_text)(account.sessions.into(), account.tokens.into()),
            Self::Enable => w.enable_text.to_owned(),
            Self::Link if account.state == AccountState::Invited => w.new_invitation_text.to_owned(),
            Self::Link => w.reset_text.to_owned(),
            Self::SignOut => (w.sign_out_text)(account.sessions.into()),
            Self::Delete => w.delete_text.to_owned(),
        }
    }

    fn said(self, account: &Account) -> String {
        let (w, who) = (people(), called(account));
        match self {
            Self::Disable => (w.disabled)(&who),
            Self::Enable => (w.enabled)(&who),
            Self::Link => self.title(account),
            Self::SignOut => (w.signed_out)(&who),
            Self::Delete => (w.deleted)(&who),
        }
    }

    async fn send(self, api: Api, id: UserId, version: i64) -> Result<Outcome, ApiError> {
        let disabled = |disabled| AccountChanges { disabled: Some(disabled), ..AccountChanges::default() };
        match self {
            Self::Disable => api.edit_account(id, &disabled(true), version).await.map(|_| Outcome::Done),
            Self::Enable => api.edit_account(id, &disabled(false), version).await.map(|_| Outcome::Done),
            Self::Link => api.new_link(id).await.map(Outcome::Link),
            Self::SignOut => api.sign_out_everywhere(id).await.map(|()| Outcome::Done),
            Self::Delete => api.delete_account(id, version).await.map(|()| Outcome::Gone),
        }
    }
}

/// The card with its buttons and their dialog.
#[component]
pub fn Actions(
    /// The account.
    shown: Shown,
    /// Takes a new link with its heading.
    link: RwSignal<Option<(String, OneTimeLink)>>,
) -> impl IntoView {
    let w = people();
    let gate = use_gate_everywhere(Permission::Administer);
    let ask = RwSignal::new(None::<Act>);
    let state = memo(move || shown.account.with(|a| a.as_ref().map(|a| a.state)));
    let disabled = memo(move || state.get() == Some(AccountState::Disabled));
    let none_in = memo(move || shown.account.with(|a| a.as_ref().is_none_or(|a| a.sessions == 0)));
    let first = move |reasons: [Option<&'static str>; 2]| {
        reasons.into_iter().flatten().next().map(str::to_owned).or_else(|| gate.get())
    };
    // Nobody disables themselves, and somebody who can do everything stays.
    let away = derived(move || {
        first([shown.own.get().then_some(w.own_account), shown.last_admin.get().then_some(w.last_admin)])
    });
    let able = derived(move || if disabled.get() { gate.get() } else { away.get() });
    let linked = derived(move || {
        first([shown.own.get().then_some(w.link_off_own), disabled.get().then_some(w.link_off_disabled)])
    });
    let out = derived(move || first([none_in.get().then_some(w.no_sessions_off), None]));
    let on = move |act: Act| Callback::new(move |()| ask.set(Some(act)));
    let toggle = Callback::new(move |()| {
        ask.set(Some(if disabled.get_untracked() { Act::Enable } else { Act::Disable }));
    });
    let reasons = [("act-able", able), ("act-link", linked), ("act-out", out), ("act-away", away)];
    view! {
        <section class="card stack" aria-labelledby="account-actions">
            <h2 id="account-actions">{w.actions}</h2>
            <div class="toolbar">
                <GatedButton
                    label=derived(move || {
                        if state.get() == Some(AccountState::Invited) { w.new_invitation } else { w.reset }
                    })
                    icon="link"
                    off=linked
                    reason="act-link"
                    on_press=on(Act::Link)
                />
                <GatedButton
                    label=Signal::stored(w.sign_out_all)
                    icon="log-out"
                    off=out
                    reason="act-out"
                    on_press=on(Act::SignOut)
                />
                {dynamic(move || {
                    let (label, icon) =
                        if disabled.get() { (w.enable, "circle-play") } else { (w.disable, "circle-slash") };
                    view! {
                        <GatedButton
                            label=Signal::stored(label)
                            icon=icon
                            off=able
                            reason="act-able"
                            on_press=toggle
                        />
                    }
                })}
                <GatedButton
                    label=Signal::stored(w.delete)
                    icon="trash-2"
                    class="btn dtx"
                    off=away
                    reason="act-away"
                    on_press=on(Act::Delete)
                />
            </div>
            {reasons
                .map(|(id, off)| {
                    let off = memo(move || off.get());
                    dynamic(move || off.get().map(|text| view! { <p class="vh" id=id>{text}</p> }))
                })}
            {dynamic(move || away.get().map(|text| view! { <p class="reason">{text}</p> }))}
        </section>
        <Dialog shown=shown ask=ask link=link />
    }
}

#[component]
fn Dialog(
    shown: Shown,
    ask: RwSignal<Option<Act>>,
    link: RwSignal<Option<(String, OneTimeLink)>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would wake one another for ever.
    effect(move || {
        let there = ask.with(Option::is_some);
        if there != open.get_untracked() {
            open.set(there);
        }
    });
    effect(move || {
        if !open.get() && ask.with_untracked(Option::is_some) {
            ask.set(None);
        }
    });
    let title = memo(move || {
        let account = shown.account.get();
        ask.get().zip(account).map(|(act, account)| act.title(&account)).unwrap_or_default()
    });
    view! {
        <Modal heading_id="account-act" title=title open=open>
            {move || {
                let Some((act, account)) = ask.get_untracked().zip(shown.account.get_untracked()) else {
                    return ().into_any();
                };
                view! { <Form act=act account=account shown=shown ask=ask link=link /> }.into_any()
            }}
        </Modal>
    }
}

#[component]
fn Form(
    act: Act,
    account: Account,
    shown: Shown,
    ask: RwSignal<Option<Act>>,
    link: RwSignal<Option<(String, OneTimeLink)>>,
) -> impl IntoView {
    let (w, t, api, toasts, navigate) = (people(), use_i18n().t, use_api(), use_toasts(), use_navigate());
    let (typed, sending) = (RwSignal::new(String::new()), Sending::default());
    let delete = act == Act::Delete;
    let phrase = delete.then(|| account.email.clone());
    let wanted = phrase.clone();
    let (title, text, email) = (act.title(&account), act.text(&account), account.email.clone());
    let base = StoredValue::new(account.version);
    let said = StoredValue::new((act.said(&account), title.clone()));
    let id = account.id;
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !sending.begin(typed_fault(wanted.as_deref(), &typed.get_untracked()).into_iter().collect()) {
            return;
        }
        let navigate = navigate.clone();
        spawn_local(async move {
            match act.send(api, id, base.try_get_value().unwrap_or_default()).await {
                Ok(outcome) => {
                    let Some((text, title)) = said.try_get_value() else { return };
                    ask.try_set(None);
                    match outcome {
                        Outcome::Done => toasts.done(text),
                        Outcome::Link(made) => {
                            link.try_set(Some((title, made)));
                            request_animation_frame(|| focus_id(link::HEADING));
                        }
                        Outcome::Gone => {
                            toasts.done(text);
                            return navigate(routes::USERS, NavigateOptions::default());
                        }
                    }
                    shown.reload.run(());
                }
                // Another click is based on what is stored now.
                Err(e) if e.status() == Some(412) => {
                    let now = e.current::<Account>().map(|a| a.version);
                    base.try_update_value(|base| *base = now.unwrap_or(*base));
                    sending.again(w.refused, crate::components::words().lifecycle.changed.to_owned());
                }
                Err(e) => sending.failed(&e, t, &[]),
            }
        });
    };
    view! {
        <form on:submit=send novalidate>
            <div class="dlg-body">
                <p>{text}</p>
                {delete.then(|| view! { <Dying email=email /> })}
                <TypedName phrase=Signal::stored(phrase) value=typed sending=sending />
                <SendError sending=sending />
            </div>
            <Foot
                label=Signal::stored(if act == Act::Link { w.make_link.to_owned() } else { title })
                class=if matches!(act, Act::Delete | Act::Disable) { "btn dan" } else { "btn pri" }
                off=Signal::stored(None::<String>)
                sending=sending
                close=Callback::new(move |()| ask.set(None))
            />
        </form>
    }
}

/// The tokens that die with an account.
#[component]
fn Dying(email: String) -> impl IntoView {
    let (w, api) = (people(), use_api());
    let load = Load::<Vec<Token>>::default();
    load.ask(async move { api.tokens().await });
    let names = memo(move || {
        load.read(|all| {
            let theirs = |t: &&Token| t.created_by == email && t.state == TokenState::Active;
            all.iter().filter(theirs).map(|t| t.name.clone()).collect::<Vec<_>>()
        })
    });
    view! {
        {dynamic(move || match names.get() {
            None => view! { <p class="mut" aria-busy="true"></p> }.into_any(),
            Some(none) if none.is_empty() => view! { <p>{w.delete_no_tokens}</p> }.into_any(),
            Some(names) => {
                view! {
                    <p>{(w.delete_tokens)(u64::try_from(names.len()).unwrap_or_default())}</p>
                    <ul class="toc">
                        {names.into_iter().map(|name| view! { <li><bdi translate="no">{name}</bdi></li> }).collect_view()}
                    </ul>
                }
                    .into_any()
            }
        })}
        <p class="sm mut">{w.delete_instead}</p>
    }
}
