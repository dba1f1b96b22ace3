//! The dialog of a change of many nodes: what it would do with each, and what it did.

use std::collections::BTreeSet;

use common::command::{RowResult, ShutdownMode};
use common::ids::NodeId;
use common::intent::{BulkAction, BulkRequest};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bulk::Selection;
use super::fields::{
    Foot, REASON, ReasonField, SendError, Sending, TICK, TypedName, reason_fault, tick_fault, typed_fault,
};
use super::preview::{Impact, Look, Question};
use super::shutdown::{Modes, Results};
use crate::api::use_api;
use crate::components::{ErrorSummary, Icon, Modal, TableBox, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::state::announce::use_announcer;

/// More nodes than this are typed out for any action.
const MANY: usize = 5;

/// What has to be typed for so many nodes.
fn phrase(action: BulkAction, n: usize) -> Option<String> {
    let easy = matches!(action, BulkAction::Maintenance | BulkAction::Activate) && n <= MANY;
    (!easy && n > 0).then(|| (words().bulk.phrase)(action, n))
}

/// The dialog, open while something is asked.
#[component]
pub fn BulkDialog(
    /// What is asked.
    ask: RwSignal<Option<BulkAction>>,
    /// With which nodes.
    selection: Selection,
) -> impl IntoView {
    let open = RwSignal::new(false);
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
    // What the dialog is about is that of the moment it opened, less what is unticked in it.
    let chosen = RwSignal::new(BTreeSet::<NodeId>::new());
    effect(move || {
        if ask.with(Option::is_some) {
            chosen.set(selection.ids.get_untracked());
        }
    });
    let title = memo(move || {
        ask.get().map(|action| (words().bulk.title)(action, chosen.with(BTreeSet::len))).unwrap_or_default()
    });
    let close = Callback::new(move |()| {
        ask.try_set(None);
    });
    view! {
        <Modal heading_id="bulk-title" title=title open=open wide=true>
            {move || {
                ask.get_untracked()
                    .map(|action| {
                        view! { <BulkForm action=action chosen=chosen selection=selection title=title close=close /> }
                    })
            }}
        </Modal>
    }
}

#[component]
fn BulkForm(
    action: BulkAction,
    chosen: RwSignal<BTreeSet<NodeId>>,
    selection: Selection,
    title: Memo<String>,
    close: Callback<()>,
) -> impl IntoView {
    let (w, l) = (&words().bulk, &words().lifecycle);
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let immediate = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let results = RwSignal::new(None::<Vec<RowResult>>);
    let sending = Sending::default();
    let asks_reason = action != BulkAction::Activate;
    // All that were selected stay in the list, so that a tick taken away can be set again.
    let all: Vec<NodeId> = chosen.get_untracked().into_iter().collect();
    let request = move |ids: Vec<NodeId>, immediate: bool| BulkRequest {
        node_ids: ids,
        action,
        reason: None,
        mode: if immediate { ShutdownMode::Immediate } else { ShutdownMode::Graceful },
        preview: false,
        preview_token: None,
    };
    let question = memo(move || {
        let ids = chosen.with(|c| c.iter().copied().collect());
        Question::Bulk(request(ids, immediate.get()))
    });
    let look = Look::follow(question);
    let wanted = memo(move || phrase(action, chosen.with(BTreeSet::len)));
    let able = memo(move || look.rows.with(|r| r.as_ref().map(|r| r.iter().filter(|r| r.ok).count())));
    let off = derived(move || match (chosen.with(BTreeSet::is_empty), able.get()) {
        (true, _) | (_, Some(0)) => Some(w.none.to_owned()),
        (_, None) => Some(l.impact_loading.to_owned()),
        _ => None,
    });
    let send = Callback::new(move |ids: Vec<NodeId>| {
        let mut body = request(ids, immediate.get_untracked());
        body.reason = Some(reason.get_untracked().trim().to_owned()).filter(|r| !r.is_empty());
        body.preview_token = look.token();
        spawn_local(async move {
            match api.change_nodes(&body).await {
                Ok(reply) => {
                    let ok = reply.items.iter().filter(|r| r.ok).count();
                    announcer.say((w.results)(ok, reply.items.len()));
                    selection.set_all(reply.items.iter().filter(|r| r.ok).map(|r| r.node_id), false);
                    sending.busy.try_set(false);
                    results.try_set(Some(reply.items));
                }
                Err(e) if look.refused(&e) => {
                    results.try_set(None);
                    sending.again(l.changed, e.detail(i18n.t));
                }
                Err(e) => {
                    results.try_set(None);
                    sending.failed(&e, i18n.t, &[("/reason", REASON)]);
                }
            }
        });
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let blocked = untrack(|| look.blocked());
        let faults = [
            reason_fault(&reason.get_untracked()).filter(|_| asks_reason),
            tick_fault(blocked, look.understood.get_untracked()),
            typed_fault(wanted.get_untracked().as_deref(), &typed.get_untracked()),
        ];
        if untrack(|| off.with(Option::is_some)) || !sending.begin(faults.into_iter().flatten().collect()) {
            return;
        }
        send.run(chosen.with_untracked(|c| c.iter().copied().collect()));
    };
    let rows = StoredValue::new(all);
    let class = match action {
        BulkAction::Maintenance | BulkAction::Activate => "btn pri",
        BulkAction::Disable | BulkAction::Shutdown | BulkAction::Delete => "btn dan",
    };
    dynamic(move || {
        if let Some(found) = results.get() {
            return view! { <Done rows=found send=send sending=sending close=close /> }.into_any();
        }
        view! {
            <form on:submit=submit novalidate>
                <div class="dlg-body">
                    <ErrorSummary faults=sending.faults attempt=sending.attempt />
                    {asks_reason.then(|| view! { <ReasonField value=reason sending=sending /> })}
                    {(action == BulkAction::Shutdown).then(|| view! { <Modes immediate=immediate /> })}
                    <Rows ids=rows.get_value() chosen=chosen look=look />
                    <Impact look=look tick=TICK />
                    <TypedName phrase=wanted value=typed sending=sending />
                    <SendError sending=sending />
                </div>
                <Foot label=title class=class off=off sending=sending close=close />
            </form>
        }
        .into_any()
    })
}

/// Every node that was selected, and what it would answer.
#[component]
fn Rows(ids: Vec<NodeId>, chosen: RwSignal<BTreeSet<NodeId>>, look: Look) -> impl IntoView {
    let w = &words().bulk;
    let live = crate::state::live::use_live();
    let row = move |id: NodeId| {
        let name = live.node(id, common::node::Node::name).unwrap_or_else(|| id.to_string());
        let on = memo(move || chosen.with(|c| c.contains(&id)));
        let answer = memo(move || {
            look.rows.with(|rows| rows.as_ref().and_then(|r| r.iter().find(|r| r.node_id == id).cloned()))
        });
        let label = (w.select_one)(&name);
        view! {
            <tr>
                <td class="sel">
                    <input
                        type="checkbox"
                        aria-label=label
                        prop:checked=attr(move || on.get())
                        on:change=move |event| {
                            let on = event_target_checked(&event);
                            chosen
                                .update(|c| {
                                    if on {
                                        c.insert(id);
                                    } else {
                                        c.remove(&id);
                                    }
                                });
                        }
                    />
                </td>
                <th scope="row">
                    <bdi class="id" translate="no">
                        {name}
                    </bdi>
                </th>
                <td class="wrap">
                    {dynamic(move || {
                        let answer = answer.get().filter(|_| on.get())?;
                        let (family, icon, word) = if answer.ok {
                            ("ok", "check", w.would)
                        } else {
                            ("idle", "x", w.would_not)
                        };
                        Some(
                            view! {
                                <span class=format!("st {family}")>
                                    <Icon name=icon />
                                    <span>{word}</span>
                                </span>
                                {(words().refusals.row)(&answer).map(|text| view! { <span class="sub-line">{text}</span> })}
                            },
                        )
                    })}
                </td>
            </tr>
        }
    };
    view! {
        <TableBox label=words().bulk.bar>
            <table>
                <thead>
                    <tr>
                        <th scope="col" class="sel">
                            <span class="vh">{w.select}</span>
                        </th>
                        <th scope="col">{words().shutdown.node}</th>
                        <th scope="col">{words().lifecycle.impact}</th>
                    </tr>
                </thead>
                <tbody>{ids.into_iter().map(row).collect_view()}</tbody>
            </table>
        </TableBox>
    }
}

/// What it did, and another try for what it did not.
#[component]
fn Done(
    rows: Vec<RowResult>,
    send: Callback<Vec<NodeId>>,
    sending: Sending,
    close: Callback<()>,
) -> impl IntoView {
    let w = &words().bulk;
    let failed: Vec<NodeId> = rows.iter().filter(|r| !r.ok).map(|r| r.node_id).collect();
    let (ok, all) = (rows.len().saturating_sub(failed.len()), rows.len());
    view! {
        <div class="dlg-body">
            <p>
                <b>{(w.results)(ok, all)}</b>
            </p>
            <Results rows=rows done=words().shutdown.done />
        </div>
        <div class="dlg-foot">
            {(!failed.is_empty())
                .then(|| {
                    let label = (w.again)(failed.len());
                    view! {
                        <button
                            type="button"
                            class="btn"
                            on:click=move |_| {
                                if sending.begin(Vec::new()) {
                                    send.run(failed.clone());
                                }
                            }
                        >
                            {label}
                        </button>
                    }
                })}
            <button type="button" class="btn pri" on:click=move |_| close.run(())>
                {words().lifecycle.close}
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_typed_out() {
        assert_eq!(phrase(BulkAction::Maintenance, 5), None);
        assert_eq!(phrase(BulkAction::Maintenance, 6).as_deref(), Some("maintenance for 6 nodes"));
        assert_eq!(phrase(BulkAction::Activate, 2), None);
        assert_eq!(phrase(BulkAction::Shutdown, 1).as_deref(), Some("shut down 1 node"));
        assert_eq!(phrase(BulkAction::Delete, 0), None);
    }
}
