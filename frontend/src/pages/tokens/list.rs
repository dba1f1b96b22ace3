//! All tokens a person may see: their own, and everybody's for administrators.

use common::ids::TokenId;
use common::time::Timestamp;
use common::tokens::{LISTED_DAYS, Token, TokenState};
use leptos::prelude::*;

use super::model::{End, end};
use super::rename::RenameDialog;
use super::revoke::RevokeDialog;
use crate::api::use_api;
use crate::components::menu::{Menu, MenuItem};
use crate::components::nav::only;
use crate::components::{Breadcrumb, Empty, GatedLink, Icon, Reason, Skeleton, TableBox, format, words};
use crate::i18n::{isolated, tokens, use_i18n};
use crate::pages::load::{Load, every, failure};
use crate::pages::people::{LOOK_EVERY, scope_text};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::connection::use_connection;
use crate::state::gate::use_writes;

const REASON: &str = "tokens-reason";

/// `/tokens`
#[component]
pub fn TokensPage() -> impl IntoView {
    let (w, title, api) = (tokens(), words().access.tokens, use_api());
    use_title(move || title.to_owned());
    // Everybody may make tokens that can do as much as they can.
    let gate = use_writes();
    let load = Load::<Vec<Token>>::default();
    let ask = move || load.ask(async move { api.tokens().await });
    ask();
    every(LOOK_EVERY, ask);
    let (renaming, revoking) = (RwSignal::new(None::<Token>), RwSignal::new(None::<Token>));
    let ids = memo(move || load.read(|all| all.iter().map(|t| t.id).collect::<Vec<_>>()));
    let known = memo(move || ids.with(Option::is_some));
    let none = memo(move || ids.with(|ids| ids.as_ref().is_some_and(Vec::is_empty)));
    let error = memo(move || load.error().filter(|_| !known.get()));
    let columns = [w.name, w.scope, w.regions, w.created_by, w.expires, w.last_used, w.state, w.action];
    view! {
        <Breadcrumb crumbs=only(title) />
        <div class="hd">
            <h1 tabindex="-1">{title}</h1>
            <span class="sp"></span>
            <GatedLink href=routes::TOKEN_NEW.to_owned() off=gate reason=REASON primary=true label=w.new />
        </div>
        <p class="sub">{w.sub}</p>
        <Reason id=REASON off=gate />
        {dynamic(move || {
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
            if none.get() {
                return view! {
                    <Empty icon="key-round" title=w.none text=w.none_text>
                        <GatedLink href=routes::TOKEN_NEW.to_owned() off=gate reason=REASON label=w.new />
                    </Empty>
                }
                    .into_any();
            }
            view! {
                <TableBox label=w.table>
                    <table>
                        <thead>
                            <tr>{columns.map(|text| view! { <th scope="col">{text}</th> })}</tr>
                        </thead>
                        <tbody>
                            <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                                <Row id=id load=load renaming=renaming revoking=revoking />
                            </For>
                        </tbody>
                    </table>
                </TableBox>
                <p class="sm mut">{(w.kept)(LISTED_DAYS.into())}</p>
            }
                .into_any()
        })}
        <RenameDialog token=renaming reload=Callback::new(move |()| ask()) />
        <RevokeDialog token=revoking reload=Callback::new(move |()| ask()) />
    }
}

/// When a token ends, or that it never does.
fn end_view(token: &Token, now: Option<Timestamp>) -> AnyView {
    let w = tokens();
    let Some(now) = now else { return format::NONE.into_any() };
    match end(token, now) {
        End::Never => view! {
            <span class="cell" title=w.never_hint>
                {w.never}
                <Icon name="triangle-alert" />
                <span class="vh">{w.never_hint}</span>
            </span>
        }
        .into_any(),
        End::In(ms) => (w.in_time)(&format::short_duration(ms)).into_any(),
        End::Soon(ms) => view! {
            <span class="st warn">
                <Icon name="clock" />
                <span>{(w.ends_soon)(&format::short_duration(ms))}</span>
            </span>
        }
        .into_any(),
        End::Over(ms) => (w.expired_ago)(&format::short_duration(ms)).into_any(),
    }
}

/// When a token was used last, and from where.
pub fn used_text(token: &Token, now: Option<Timestamp>) -> String {
    let w = tokens();
    match (token.last_used_at, now) {
        (Some(at), Some(now)) => {
            let ago = (words().common.ago)(&format::short_duration(now.since(at)));
            match &token.last_used_from {
                Some(from) => (w.used_from)(&ago, from),
                None => ago,
            }
        }
        (Some(_), None) => format::NONE.to_owned(),
        (None, _) => w.unused.to_owned(),
    }
}

fn state_view(token: &Token) -> AnyView {
    let w = tokens();
    let (family, icon) = match token.state {
        TokenState::Active => ("ok", "circle-check"),
        TokenState::Expired => ("idle", "clock"),
        TokenState::Revoked => ("idle", "circle-slash"),
    };
    let by = token.revoked_by.as_deref().map(|who| (w.revoked_by)(who));
    view! {
        <span class=format!("st {family}")>
            <Icon name=icon />
            <span>{(w.state_of)(token.state)}</span>
        </span>
        {by.map(|by| view! { <span class="sub-line"><bdi translate="no">{by}</bdi></span> })}
    }
    .into_any()
}

#[component]
fn Row(
    id: TokenId,
    load: Load<Vec<Token>>,
    renaming: RwSignal<Option<Token>>,
    revoking: RwSignal<Option<Token>>,
) -> impl IntoView {
    let (w, fmt, connection) = (tokens(), use_i18n().fmt, use_connection());
    // Kept while the row leaves the list.
    let token = Memo::new(move |before: Option<&Option<Token>>| {
        let now = load.read(|all| all.iter().find(|t| t.id == id).cloned()).flatten();
        now.or_else(|| before.cloned().flatten())
    });
    let ends = move || {
        let at = token.with(|t| t.as_ref().and_then(|t| t.expires_at));
        let view = token.with(|t| t.as_ref().map(|t| end_view(t, connection.server_now())));
        view! {
            <time datetime=at.map(|at| at.to_string()) title=at.map(|at| fmt.whole(at))>
                {view}
            </time>
        }
    };
    let used = memo(move || token.with(|t| t.as_ref().map(|t| used_text(t, connection.server_now()))));
    // By the minute: the row is not drawn anew every second.
    let minute = memo(move || connection.server_now().map(|now| now.millis() / 60_000));
    let active = memo(move || token.with(|t| t.as_ref().is_some_and(|t| t.state == TokenState::Active)));
    let name = memo(move || token.with(|t| t.as_ref().map(|t| t.name.clone()).unwrap_or_default()));
    let networks = move || {
        token.with(|t| {
            let list = &t.as_ref()?.networks;
            let text = list.iter().map(|n| isolated(n)).collect::<Vec<_>>().join(words().access.comma);
            (!list.is_empty()).then(|| view! { <span class="sub-line">{(w.networks_of)(&text)}</span> })
        })
    };
    view! {
        <tr data-dim=attr(move || (!active.get()).then_some(""))>
            <th scope="row">
                <bdi translate="no">{dynamic(move || name.get())}</bdi>
            </th>
            <td>{dynamic(move || token.with(|t| t.as_ref().map(|t| (w.scope_of)(t.scope))))}</td>
            <td>
                {dynamic(move || {
                    token
                        .with(|t| {
                            t.as_ref()
                                .map(|t| match t.region_scope.as_deref() {
                                    None => w.all_regions.to_owned(),
                                    some => scope_text(some),
                                })
                        })
                })} {dynamic(networks)}
            </td>
            <td>
                <bdi class="id" translate="no">
                    {dynamic(move || token.with(|t| t.as_ref().map(|t| t.created_by.clone())))}
                </bdi>
            </td>
            <td class="num">
                {dynamic(move || {
                    minute.track();
                    untrack(ends).into_any()
                })}
            </td>
            <td class="num">
                <span>{dynamic(move || used.get())}</span>
            </td>
            <td>{dynamic(move || token.with(|t| t.as_ref().map(state_view)))}</td>
            <td>
                {dynamic(move || active.get().then(|| actions(id, name, token, renaming, revoking)))}
            </td>
        </tr>
    }
}

/// What can be done to a token that works.
fn actions(
    id: TokenId,
    name: Memo<String>,
    token: Memo<Option<Token>>,
    renaming: RwSignal<Option<Token>>,
    revoking: RwSignal<Option<Token>>,
) -> AnyView {
    let w = tokens();
    let menu = format!("token-menu-{id}");
    let label = derived(move || name.with(|name| (w.actions_of)(name)));
    let open =
        move |dialog: RwSignal<Option<Token>>| Callback::new(move |()| dialog.set(token.get_untracked()));
    view! {
        <button
            type="button"
            class="btn ghost ic"
            aria-haspopup="menu"
            aria-label=attr(move || label.get())
            popovertarget=menu.clone()
        >
            <Icon name="ellipsis" />
        </button>
        <Menu id=menu label=label>
            <MenuItem label=Signal::stored(w.rename.to_owned()) icon="pencil" on_press=open(renaming) />
            <MenuItem
                label=Signal::stored(w.revoke.to_owned())
                icon="circle-slash"
                danger=true
                on_press=open(revoking)
            />
        </Menu>
    }
    .into_any()
}
