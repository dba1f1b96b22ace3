//! One node: its word, its last hour, its figures, who it is, what diagnosis found.

use common::ids::NodeId;
use common::node::{Node, NodeKind};
use common::status::ConditionState;
use leptos::prelude::*;

use super::connect_wait::{refusal_text, use_refusals};
use super::lifecycle::drain::DrainCard;
use super::lifecycle::receipts::Receipts;
use super::liveness::{LivenessCard, OutageCard, use_past};
use super::node_figures::Figures;
use super::node_identity::Identity;
use super::node_tabs::{NodeFrame, NodeTab};
use super::past::node::PastNode;
pub use super::{node_missing::NodeMissing, node_tabs::use_node_id};
use crate::components::{Icon, ServerWords, words};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};
use crate::state::connection::use_connection;
use crate::state::past::use_moment;

/// `/nodes/:id`
#[component]
pub fn NodePage() -> impl IntoView {
    let moment = use_moment().shown;
    dynamic(move || match moment.get() {
        Some(at) => view! { <PastNode at=at /> }.into_any(),
        None => view! { <NodeFrame tab=NodeTab::Overview content=overview /> }.into_any(),
    })
}

fn overview(id: NodeId, node: Memo<Option<Node>>) -> AnyView {
    let past = use_past(id, node);
    view! {
        <DrainCard node=node />
        <div class="grid k21 begin">
            <div class="stack">
                <LivenessCard past=past />
                <Receipts id=id node=node />
                <OutageCard id=id past=past />
            </div>
            <Identity node=node />
        </div>
        <Figures id=id node=node />
        <Findings node=node />
    }
    .into_any()
}

/// What diagnosis found, and heartbeats that were refused.
#[component]
fn Findings(node: Memo<Option<Node>>) -> impl IntoView {
    let w = &words().node;
    let (connection, i18n) = (use_connection(), use_i18n());
    let conditions =
        memo(move || node.with(|n| n.as_ref().map(|n| n.live.conditions.clone()).unwrap_or_default()));
    let fingerprint =
        memo(move || node.with(|n| n.as_ref().map(|n| n.secret.fingerprint.clone())).unwrap_or_default());
    let kind = node.with_untracked(|n| n.as_ref().map(|n| n.kind));
    let look = kind.is_some_and(|k| k != NodeKind::Background);
    let refusals = use_refusals(node, Signal::stored(look));
    let none = memo(move || refusals.with(Vec::is_empty));
    let mark = |state: ConditionState| match state {
        ConditionState::Ok => ("ok", "check", words().connect.done),
        ConditionState::Failed => ("bad", "x", words().connect.failed),
        ConditionState::Unknown => ("idle", "circle-help", words().connect.open),
    };
    view! {
        <div class="grid k2">
            <section class="card">
                <header>
                    <h2>{w.conditions}</h2>
                </header>
                {dynamic(move || {
                    let found = conditions.get();
                    if found.is_empty() {
                        return view! { <p class="mut">{w.no_conditions}</p> }.into_any();
                    }
                    view! {
                        <ul class="steps">
                            {found
                                .into_iter()
                                .map(|c| {
                                    let (family, icon, state) = mark(c.state);
                                    view! {
                                        <li class="step">
                                            <span class=format!("step-mark {family}")>
                                                <Icon name=icon />
                                            </span>
                                            <div>
                                                <span class="vh">{state} ": "</span>
                                                <b>{(w.condition)(c.kind)}</b>
                                                <div class="sm mut">
                                                    <ServerWords text=c.detail />
                                                </div>
                                            </div>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                })}
            </section>
            <section class="card">
                <header>
                    <h2>{w.refused}</h2>
                </header>
                {dynamic(move || {
                    if none.get() {
                        return view! { <p class="mut">{w.no_refused}</p> }.into_any();
                    }
                    let items = move || {
                        refusals
                            .get()
                            .into_iter()
                            .take(10)
                            .map(|r| {
                                let text = refusal_text(
                                    i18n.t,
                                    &r,
                                    &fingerprint.get(),
                                    connection.server_now(),
                                );
                                view! {
                                    <li>
                                        <div class="gr">
                                            <p>{text}</p>
                                            <p class="xs num">
                                                {(w.times)(
                                                    r.count,
                                                    &i18n.fmt.date_time(r.first_at),
                                                    &i18n.fmt.date_time(r.last_at),
                                                )}
                                            </p>
                                        </div>
                                    </li>
                                }
                            })
                            .collect_view()
                    };
                    view! { <ul class="list">{dynamic(items)}</ul> }.into_any()
                })}
            </section>
        </div>
    }
}
