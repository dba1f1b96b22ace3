//! How far a node is on its way to zero.

use common::auth::Permission;
use common::heartbeat::DesiredState;
use common::intent::{Drain, DrainPhase, OnDeadline};
use common::node::{Node, NodeKind};
use common::status::IntentState;
use common::time::Timestamp;
use leptos::prelude::*;

use super::actions::{ReleaseError, use_release};
use super::drain_outlook::{Outlook, outlook};
use super::entrances::Entrances;
use super::model::Subject;
use crate::components::{GatedButton, Icon, Note, Reason, format, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_in;
use crate::state::live::use_live;

/// Id of the reason why it cannot be cancelled.
const REASON: &str = "drain-gate";

/// A step: how it looks, its words, and when it was reached.
struct Step {
    done: bool,
    text: &'static str,
    at: Option<Timestamp>,
}

/// The steps of a drain: those that are past, and the one it waits for.
fn steps(d: &Drain) -> Vec<Step> {
    let w = &words().drain;
    let step = |at: Option<Timestamp>, done: &'static str, open: &'static str| Step {
        done: at.is_some(),
        text: if at.is_some() { done } else { open },
        at,
    };
    vec![
        step(Some(d.requested_at), w.requested, w.requested),
        step(d.delivered_at, w.delivered, w.not_delivered),
        step(d.acknowledged_at, w.acknowledged, w.not_acknowledged),
        step(d.drained_at, w.zero, w.waiting),
    ]
}

/// The card, while its effective intent is not active; else only which entrances are open.
#[component]
pub fn DrainCard(
    /// The node.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let drain = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.drain.clone())));
    let there = memo(move || drain.with(Option::is_some));
    dynamic(move || {
        if there.get() {
            view! { <Card node=node drain=drain /> }.into_any()
        } else {
            view! { <Entrances node=node /> }.into_any()
        }
    })
}

#[component]
fn Card(node: Memo<Option<Node>>, drain: Memo<Option<Drain>>) -> impl IntoView {
    let w = &words().drain;
    let (i18n, connection) = (use_i18n(), use_connection());
    let subject = memo(move || node.with(|n| n.as_ref().map(Subject::node)));
    let release = use_release(subject.into());
    let place = memo(move || subject.with(|s| s.as_ref().and_then(Subject::place)));
    let gate = use_gate_in(Permission::Operate, place);
    let leaves = memo(move || drain.with(|d| d.as_ref().is_some_and(|d| d.desired == DesiredState::Drain)));
    // What comes from above ends there.
    let own = memo(move || {
        node.with(|n| {
            n.as_ref().is_some_and(|n| {
                n.intent.state != IntentState::Active && n.live.status.inherited_from.is_none()
            })
        })
    });
    let phase = memo(move || drain.with(|d| d.as_ref().map(|d| d.phase)));
    let drained = memo(move || phase.get() == Some(DrainPhase::Drained));
    let heard = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.last_heartbeat_at)));
    let time = move |at: Timestamp| i18n.fmt.time(at);
    let trail = move || {
        drain.get().map(|d| {
            let first_open = steps(&d).iter().position(|s| !s.done);
            steps(&d)
                .into_iter()
                .enumerate()
                .map(|(n, s)| {
                    let (family, icon) = match (s.done, Some(n) == first_open) {
                        (true, _) => ("ok", "check"),
                        (false, true) => ("move", "clock"),
                        (false, false) => ("idle", "minus"),
                    };
                    view! {
                        <li class="step">
                            <span class=format!("step-mark {family}")>
                                <Icon name=icon />
                            </span>
                            <div>{s.text}</div>
                            {s.at.map(|at| view! { <span class="sm mut num">{time(at)}</span> })}
                        </li>
                    }
                })
                .collect_view()
        })
    };
    let figure = move || {
        let Some(d) = drain.get() else { return ().into_any() };
        if d.phase == DrainPhase::Drained {
            let since = d.drained_at.unwrap_or(d.requested_at);
            return view! {
                <p class="safe">
                    <Icon name="circle-check" class="lg" />
                    <b>{(w.safe)(&time(since))}</b>
                </p>
                <p class="mut">{if leaves.get() { w.safe_disable } else { w.safe_maintenance }}</p>
            }
            .into_any();
        }
        let Some(left) = d.left else { return view! { <p class="mut">{w.left_unknown}</p> }.into_any() };
        let now = connection.server_now();
        let more = [
            now.and_then(|now| outlook(&d, now).text()),
            d.longest_seconds
                .filter(|_| left > 0)
                .map(|s| (w.longest)(&format::duration(u64::from(s) * 1000))),
        ];
        let whole = d.started_with.unwrap_or(left).max(left);
        view! {
            <p class="drain-left num">
                <b>{(w.left)(left, d.started_with)}</b>
                {more.into_iter().flatten().map(|text| format!(" · {text}")).collect::<String>()}
            </p>
            <progress
                class="progress"
                max=whole.max(1).to_string()
                value=whole.saturating_sub(left).to_string()
                aria-label=w.bar
            ></progress>
        }
        .into_any()
    };
    let stalled = memo(move || {
        let now = connection.server_now()?;
        drain.with(|d| d.as_ref().map(|d| matches!(outlook(d, now), Outlook::Stalled(_))))
    });
    let deadline = move || {
        let (at, then, phase) = drain.with(|d| d.as_ref().map(|d| (d.deadline, d.on_deadline, d.phase)))?;
        let at = i18n.fmt.date_time(at?);
        let force = then == OnDeadline::Force;
        match (phase, force) {
            (DrainPhase::Drained, _) => None,
            (DrainPhase::DeadlineReached, false) => {
                Some(view! { <Note tone="warn" icon="timer">{(w.reached_hold)(&at)}</Note> }.into_any())
            }
            (DrainPhase::DeadlineReached, true) => {
                Some(view! { <Note tone="warn" icon="timer">{(w.reached_force)(&at)}</Note> }.into_any())
            }
            (_, force) => {
                let text = if force { (w.deadline_force)(&at) } else { (w.deadline_hold)(&at) };
                Some(view! { <p class="sm mut">{text}</p> }.into_any())
            }
        }
    };
    let lost = move || {
        let left = drain.with(|d| d.as_ref().map(|d| d.left))?;
        (phase.get() == Some(DrainPhase::NodeLost)).then(|| {
            let ago = heard
                .get()
                .zip(connection.server_now())
                .map(|(at, now)| format::duration(format::age_ms(at, now)));
            let ago = ago.map_or_else(|| words().common.never.to_owned(), |age| (words().common.ago)(&age));
            view! { <Note tone="bad" icon="circle-help">{(w.lost)(&ago, left)}</Note> }
        })
    };
    let live = use_live();
    // It takes no calls itself: all that take calls are others.
    let others = memo(move || {
        let (kind, region) = node.with(|n| n.as_ref().and_then(|n| Some((n.kind, n.region_id.clone()?))))?;
        let accepting = live.summary(&region, |r| match kind {
            NodeKind::Proxy => Some(r.capacity.proxy.accepting),
            NodeKind::Backend => Some(r.capacity.backend.accepting),
            NodeKind::Background => None,
        })??;
        Some((words().timeline.others)(kind, accepting, region.as_str()))
    });
    let rose = memo(move || {
        drain.with(|d| {
            let d = d.as_ref()?;
            Some(d.took_new_at.is_some() || d.left? > d.started_with?)
        })
    });
    let title = move || if leaves.get() { w.title_disable } else { w.title_maintenance };
    view! {
        <section class="card drain livebox" aria-labelledby="drain-title" data-phase=move || {
            phase.get().map(|p| format!("{p:?}").to_lowercase())
        }>
            <header>
                <h2 id="drain-title">{dynamic(title)}</h2>
                <span class="sp"></span>
                {dynamic(move || {
                    own.get()
                        .then(|| {
                            view! {
                                <GatedButton
                                    label=derived(move || {
                                        match (leaves.get(), drained.get()) {
                                            (true, _) => w.cancel_disable,
                                            (false, false) => w.cancel_maintenance,
                                            (false, true) => words().lifecycle.end_maintenance,
                                        }
                                    })
                                    icon="undo-2"
                                    off=gate
                                    reason=REASON
                                    on_press=release.run
                                />
                            }
                        })
                })}
            </header>
            <Reason id=REASON off=gate />
            <ReleaseError release=release />
            {dynamic(lost)}
            <div class="stack tight">{dynamic(figure)}</div>
            {dynamic(move || {
                (stalled.get() == Some(true))
                    .then(|| {
                        view! {
                            <Note tone="warn" icon="triangle-alert">
                                {if own.get() { w.stalled_own } else { w.stalled_inherited }}
                            </Note>
                        }
                    })
            })}
            {dynamic(move || {
                (rose.get() == Some(true))
                    .then(|| view! { <Note tone="warn" icon="triangle-alert">{words().timeline.rose}</Note> })
            })}
            {dynamic(move || others.get().map(|text| view! { <p class="sm mut">{text}</p> }))}
            {dynamic(deadline)}
            <ol class="steps">{dynamic(trail)}</ol>
            <Entrances node=node />
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_ends_with_what_it_waits_for() {
        let mut drain = Drain {
            phase: DrainPhase::Draining,
            desired: DesiredState::Maintenance,
            requested_at: Timestamp(1_000),
            delivered_at: Some(Timestamp(2_000)),
            acknowledged_at: Some(Timestamp(3_000)),
            drained_at: None,
            started_with: Some(4),
            left: Some(2),
            longest_seconds: None,
            eta: None,
            no_end_since: None,
            took_new_at: None,
            deadline: None,
            on_deadline: OnDeadline::Hold,
        };
        let done = |d: &Drain| steps(d).iter().map(|s| s.done).collect::<Vec<_>>();
        assert_eq!(done(&drain), [true, true, true, false]);
        assert_eq!(steps(&drain)[3].text, words().drain.waiting);
        drain.drained_at = Some(Timestamp(4_000));
        assert_eq!(done(&drain), [true; 4]);
    }
}
