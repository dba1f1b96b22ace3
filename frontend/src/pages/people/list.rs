//! All people who may sign in, and what their roles allow.

use common::auth::Permission;
use common::ids::UserId;
use common::users::Account;
use leptos::prelude::*;

use super::matrix::RoleMatrix;
use super::{LOOK_EVERY, called, scope_text, state_badge};
use crate::api::use_api;
use crate::components::nav::only;
use crate::components::{Age, Breadcrumb, Empty, GatedLink, Num, Reason, Skeleton, TableBox, Tag, words};
use crate::i18n::{people, use_i18n};
use crate::pages::load::{Load, every, failure};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::connection::use_connection;
use crate::state::gate::{use_gate_everywhere, use_right_everywhere};
use crate::state::helpers::explain_here;
use crate::state::session::use_session;

const REASON: &str = "users-reason";

/// `/users`
#[component]
pub fn UsersPage() -> impl IntoView {
    let (w, title) = (people(), words().access.users);
    use_title(move || title.to_owned());
    let gate = use_gate_everywhere(Permission::Administer);
    let right = use_right_everywhere(Permission::Administer);
    let allowed = memo(move || right.with(Option::is_none));
    view! {
        <Breadcrumb crumbs=only(title) />
        <div class="hd">
            <h1 tabindex="-1">{title}</h1>
            <span class="sp"></span>
            <GatedLink href=routes::USER_INVITE.to_owned() off=gate reason=REASON primary=true label=w.invite />
        </div>
        <p class="sub">{w.sub}</p>
        <Reason id=REASON off=gate />
        {dynamic(move || {
            if allowed.get() { view! { <List /> }.into_any() } else { closed(right.get()) }
        })}
        <RoleMatrix />
    }
}

/// In place of what the person may not see.
pub fn closed(why: Option<String>) -> AnyView {
    let w = people();
    explain_here();
    let text = why.map_or_else(|| w.closed.to_owned(), |why| format!("{} {why}", w.closed));
    view! {
        <Empty icon="lock" title=w.closed_title text=text>
            <a class="btn" href=routes::SETTINGS_SECURITY>
                {words().access.security}
            </a>
        </Empty>
    }
    .into_any()
}

#[component]
fn List() -> impl IntoView {
    let (w, api) = (people(), use_api());
    let load = Load::<Vec<Account>>::default();
    let ask = move || load.ask(async move { api.accounts().await });
    ask();
    every(LOOK_EVERY, ask);
    let ids = memo(move || load.read(|all| all.iter().map(|a| a.id).collect::<Vec<_>>()));
    let count = memo(move || ids.with(|ids| ids.as_ref().and_then(|ids| u64::try_from(ids.len()).ok())));
    let error = memo(move || load.error().filter(|_| ids.with(Option::is_none)));
    let known = memo(move || ids.with(Option::is_some));
    let columns = [w.name, w.email, w.role, w.regions, w.last_active, w.sessions, w.tokens, w.state];
    dynamic(move || {
        if let Some(error) = error.get() {
            return failure(&error, Callback::new(move |()| ask()));
        }
        if !known.get() {
            return view! {
                <div aria-busy="true">
                    <Skeleton />
                </div>
            }
            .into_any();
        }
        let heads = columns.map(|text| {
            let class = [w.sessions, w.tokens].contains(&text).then_some("n");
            view! {
                <th scope="col" class=class>
                    {text}
                </th>
            }
        });
        view! {
            <p class="sm mut num" role="status">
                {dynamic(move || count.get().map(w.count))}
            </p>
            <TableBox label=w.table>
                <table>
                    <thead>
                        <tr>{heads}</tr>
                    </thead>
                    <tbody>
                        <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                            <Row id=id load=load />
                        </For>
                    </tbody>
                </table>
            </TableBox>
        }
        .into_any()
    })
}

#[component]
fn Row(id: UserId, load: Load<Vec<Account>>) -> impl IntoView {
    let (w, t, connection) = (people(), use_i18n().t, use_connection());
    let own = use_session().user(|user| user.id == id).unwrap_or(false);
    let account = memo(move || load.read(|all| all.iter().find(|a| a.id == id).cloned()).flatten());
    let of = move |read: fn(&Account) -> String| move || account.with(|a| a.as_ref().map(read));
    let role = memo(move || account.with(|a| a.as_ref().map(|a| (t.role)(a.role))));
    let state = memo(move || account.with(|a| a.as_ref().map(|a| a.state)));
    let active = derived(move || account.with(|a| a.as_ref().and_then(|a| a.last_active_at)));
    let number = move |read: fn(&Account) -> u32| {
        derived(move || account.with(|a| a.as_ref().map(|a| u64::from(read(a)))))
    };
    view! {
        <tr>
            <th scope="row">
                <a href=routes::user(id)>
                    <bdi translate="no">{dynamic(of(called))}</bdi>
                </a>
                {own.then(|| view! { " " <Tag text=w.you.to_owned() /> })}
            </th>
            <td>
                <bdi class="id" translate="no">
                    {dynamic(of(|a| a.email.clone()))}
                </bdi>
            </td>
            <td>{dynamic(move || role.get())}</td>
            <td>{dynamic(of(|a| scope_text(a.region_scope.as_deref())))}</td>
            <td class="num">
                <Age at=active now=derived(move || connection.server_now()) />
            </td>
            <td class="n">
                <Num value=number(|a| a.sessions) />
            </td>
            <td class="n">
                <Num value=number(|a| a.tokens) />
            </td>
            <td>{dynamic(move || state.get().map(state_badge))}</td>
        </tr>
    }
}
