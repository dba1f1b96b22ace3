//! Somebody's account: rights, access, sessions.

use common::auth::Permission;
use common::ids::UserId;
use common::sessions::SessionList;
use common::users::{Account, OneTimeLink};
use leptos::prelude::*;

use super::account_actions::Actions;
use super::account_rights::Rights;
use super::link::LinkCard;
use super::list::closed;
use super::sessions::SessionTable;
use super::{LOOK_EVERY, called, is_last_admin, state_badge};
use crate::api::use_api;
use crate::components::{Breadcrumb, Crumb, Empty, Skeleton, Tag, words};
use crate::i18n::people;
use crate::pages::load::{Load, every, failure};
use crate::pages::use_id_in_path;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::gate::use_right_everywhere;
use crate::state::session::use_session;

/// An account with all others: what may be changed of one depends on them. Copy it freely.
#[derive(Clone, Copy)]
pub struct Shown {
    /// Which one.
    pub id: Memo<Option<UserId>>,
    /// It, where there is one.
    pub account: Memo<Option<Account>>,
    /// It is the person's own.
    pub own: Memo<bool>,
    /// Nobody else can do everything.
    pub last_admin: Memo<bool>,
    /// Its sessions.
    pub sessions: Load<SessionList>,
    /// All accounts.
    pub all: Load<Vec<Account>>,
    /// Reads them anew.
    pub reload: Callback<()>,
}

/// `/users/:id`
#[component]
pub fn AccountPage() -> impl IntoView {
    let right = use_right_everywhere(Permission::Administer);
    let allowed = memo(move || right.with(Option::is_none));
    let title = words().access.users;
    dynamic(move || {
        if allowed.get() {
            return view! { <Known /> }.into_any();
        }
        use_title(move || title.to_owned());
        view! {
            <Breadcrumb crumbs=Signal::stored(vec![Crumb::link(routes::USERS, title)]) />
            <div class="hd">
                <h1 tabindex="-1">{title}</h1>
            </div>
            {closed(right.get())}
        }
        .into_any()
    })
}

#[component]
fn Known() -> impl IntoView {
    let (w, api, session, path_id) = (people(), use_api(), use_session(), use_id_in_path());
    let (all, sessions) = (Load::<Vec<Account>>::default(), Load::<SessionList>::default());
    let id = memo(move || path_id.with(|id| id.parse::<UserId>().ok()));
    let ask = move || {
        let id = id.get_untracked();
        all.ask(async move { api.accounts().await });
        if let Some(id) = id {
            sessions.ask(async move { api.sessions_of(id).await });
        }
    };
    effect(move || {
        id.track();
        sessions.clear();
        untrack(ask);
    });
    every(LOOK_EVERY, ask);
    let account = memo(move || {
        let id = id.get();
        all.read(|all| all.iter().find(|a| Some(a.id) == id).cloned()).flatten()
    });
    let own = memo(move || id.get().is_some() && session.user(|user| user.id) == id.get());
    let last_admin = memo(move || {
        let id = id.get();
        all.read(|all| all.iter().find(|a| Some(a.id) == id).is_some_and(|a| is_last_admin(a, all)))
            .unwrap_or(false)
    });
    let shown = Shown { id, account, own, last_admin, sessions, all, reload: Callback::new(move |()| ask()) };
    let name = memo(move || account.with(|a| a.as_ref().map(called)));
    let email = memo(move || account.with(|a| a.as_ref().map(|a| a.email.clone())));
    let state = memo(move || account.with(|a| a.as_ref().map(|a| a.state)));
    let link = RwSignal::new(None::<(String, OneTimeLink)>);
    let heading = move || name.get().unwrap_or_else(|| words().access.users.to_owned());
    use_title(heading);
    let crumbs = derived(move || {
        let here = Crumb::here(heading());
        let named = account.with(|a| a.as_ref().is_none_or(|a| a.display_name.is_some()));
        vec![Crumb::link(routes::USERS, words().access.users), if named { here } else { here.technical() }]
    });
    let there = memo(move || account.with(Option::is_some));
    let known = memo(move || all.read(|_| ()).is_some());
    let error = memo(move || all.error().filter(|_| !known.get()));
    view! {
        <Breadcrumb crumbs=crumbs />
        <div class="hd">
            <h1 tabindex="-1">
                <bdi translate="no">{dynamic(heading)}</bdi>
            </h1>
            {dynamic(move || state.get().map(state_badge))}
            {dynamic(move || own.get().then(|| view! { <Tag text=w.you.to_owned() /> }))}
        </div>
        {dynamic(move || {
            email
                .get()
                .map(|email| {
                    view! {
                        <p class="sub">
                            <bdi class="id" translate="no">
                                {email}
                            </bdi>
                        </p>
                    }
                })
        })}
        {dynamic(move || {
            link.get()
                .map(|(title, of)| {
                    view! { <LinkCard title=title link=of done=Callback::new(move |()| link.set(None)) /> }
                })
        })}
        {dynamic(move || {
            if let Some(error) = error.get() {
                return failure(&error, Callback::new(move |()| ask()));
            }
            if !known.get() {
                return view! {
                    <div aria-busy="true">
                        <Skeleton shape="sk-card" count=3 />
                    </div>
                }
                    .into_any();
            }
            if !there.get() {
                return view! {
                    <Empty icon="user" title=w.missing text=w.missing_text>
                        <a class="btn" href=routes::USERS>
                            {w.to_list}
                        </a>
                    </Empty>
                }
                    .into_any();
            }
            view! {
                <Actions shown=shown link=link />
                <Rights shown=shown />
                <section class="card stack">
                    <h2>{w.sessions}</h2>
                    <SessionTable load=sessions reload=shown.reload others=true />
                </section>
            }
                .into_any()
        })}
    }
}
