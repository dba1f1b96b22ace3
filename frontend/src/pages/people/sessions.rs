//! Where somebody is signed in, and the end of it.

use common::ids::SessionId;
use common::sessions::{Session, SessionKind, SessionList};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::device::{Device, device, program};
use crate::api::use_api;
use crate::components::{Age, Skeleton, TableBox, Tag};
use crate::i18n::{credentials, use_i18n};
use crate::pages::load::{Load, failure};
use crate::reactive::{attr, derived, dynamic, memo};
use crate::state::connection::use_connection;
use crate::state::toasts::use_toasts;

/// What somebody signed in with, in words.
pub fn device_text(session: &Session) -> String {
    let w = credentials();
    let agent = session.user_agent.as_deref().unwrap_or_default();
    if session.kind == SessionKind::CommandLine {
        return match program(agent) {
            "" => w.unknown_device.to_owned(),
            name => (w.command_line)(name),
        };
    }
    match device(agent) {
        Device { browser: Some(browser), system: Some(system) } => (w.on)(browser, system),
        Device { browser: Some(one), system: None } | Device { browser: None, system: Some(one) } => {
            one.to_owned()
        }
        Device { browser: None, system: None } => w.unknown_device.to_owned(),
    }
}

/// The table, the session used last first.
#[component]
pub fn SessionTable(
    /// The sessions.
    load: Load<SessionList>,
    /// Reads them anew.
    reload: Callback<()>,
    /// They may be somebody else's.
    #[prop(optional)]
    others: bool,
) -> impl IntoView {
    let w = credentials();
    let ids = memo(move || load.read(|list| list.items.iter().map(|s| s.id).collect::<Vec<_>>()));
    let known = memo(move || ids.with(Option::is_some));
    let none = memo(move || ids.with(|ids| ids.as_ref().is_some_and(Vec::is_empty)));
    let error = memo(move || load.error().filter(|_| !known.get()));
    dynamic(move || {
        if let Some(error) = error.get() {
            return failure(&error, reload);
        }
        if !known.get() {
            return view! {
                <div aria-busy="true">
                    <Skeleton count=2 />
                </div>
            }
            .into_any();
        }
        if none.get() {
            return view! { <p class="mut">{w.sessions_none}</p> }.into_any();
        }
        let columns = [w.device, w.address, w.signed_in, w.last_used, w.ends, w.action];
        view! {
            <TableBox label=w.sessions_table>
                <table>
                    <thead>
                        <tr>{columns.map(|text| view! { <th scope="col">{text}</th> })}</tr>
                    </thead>
                    <tbody>
                        <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                            <Row id=id load=load reload=reload others=others />
                        </For>
                    </tbody>
                </table>
            </TableBox>
        }
        .into_any()
    })
}

#[component]
fn Row(id: SessionId, load: Load<SessionList>, reload: Callback<()>, others: bool) -> impl IntoView {
    let (w, i18n, api, toasts, connection) =
        (credentials(), use_i18n(), use_api(), use_toasts(), use_connection());
    let busy = RwSignal::new(false);
    // Kept while the row leaves the list.
    let session = Memo::new(move |before: Option<&Option<Session>>| {
        let now = load.read(|list| list.items.iter().find(|s| s.id == id).cloned()).flatten();
        now.or_else(|| before.cloned().flatten())
    });
    let name = memo(move || session.with(|s| s.as_ref().map(device_text).unwrap_or_default()));
    let current = memo(move || session.with(|s| s.as_ref().is_some_and(|s| s.current)));
    let of = move |read: fn(&Session) -> common::time::Timestamp| {
        move || session.with(|s| s.as_ref().map(|s| i18n.fmt.date_time(read(s))))
    };
    let used = derived(move || session.with(|s| s.as_ref().map(|s| s.last_used_at)));
    let end = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let reply = api.end_session(id).await;
            busy.try_set(false);
            match reply {
                Ok(()) => toasts.done(w.ended),
                Err(e) => toasts.failed(e.detail(i18n.t)),
            }
            reload.run(());
        });
    };
    let button = move || {
        (!current.get() || others).then(|| {
            view! {
                <button
                    type="button"
                    class="btn small"
                    aria-label=(w.end_of)(&name.get())
                    aria-busy=attr(move || busy.get().then_some("true"))
                    on:click=end
                >
                    {w.end}
                </button>
            }
        })
    };
    view! {
        <tr>
            <th scope="row">
                {dynamic(move || name.get())}
                {dynamic(move || current.get().then(|| view! { " " <Tag text=w.this_one.to_owned() /> }))}
            </th>
            <td>
                <bdi class="id" translate="no">
                    {dynamic(move || session.with(|s| s.as_ref().map(|s| s.source.clone())))}
                </bdi>
            </td>
            <td class="num">{dynamic(of(|s| s.created_at))}</td>
            <td class="num">
                <Age at=used now=derived(move || connection.server_now()) />
            </td>
            <td class="num">{dynamic(of(|s| s.expires_at))}</td>
            <td>{dynamic(button)}</td>
        </tr>
    }
}
