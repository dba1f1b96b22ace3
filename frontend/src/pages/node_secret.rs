//! A node's secret: which one it uses, a new one with an overlap, and the end of the one before.

use common::auth::Permission;
use common::ids::NodeId;
use common::node::{CreatedNode, Node, SecretSummary};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::conflict::guard_leaving;
use super::connect_secret::SecretCard;
use super::node_rotate::{RevokeDialog, RotateDialog};
use crate::components::{Icon, NoData, Note, Reason, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::state::gate::use_gate_in;

const REASON: &str = "secret-reason";
const DONE_REASON: &str = "secret-done-reason";

/// Which secret a node presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InUse {
    /// The newest.
    New,
    /// The one before it, which still works.
    Old,
    /// Neither: it has not been heard since.
    Neither,
}

/// Which secret the last accepted heartbeat presented.
pub fn in_use(secret: &SecretSummary, presented: Option<&str>) -> InUse {
    match presented {
        Some(p) if p == secret.fingerprint => InUse::New,
        Some(p) if Some(p) == secret.previous_fingerprint.as_deref() => InUse::Old,
        _ => InUse::Neither,
    }
}

/// The card, or the new secret once it was made.
#[component]
pub fn SecretSection(
    /// The node.
    id: NodeId,
    /// As it is now.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let w = &words().rotate;
    let i18n = use_i18n();
    let place = memo(move || node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let gate = use_gate_in(Permission::Operate, place);
    let secret = memo(move || node.with(|n| n.as_ref().map(|n| n.secret.clone())));
    let presented = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.secret_in_use.clone())));
    let used = memo(move || {
        secret.with(|s| s.as_ref().map_or(InUse::Neither, |s| in_use(s, presented.get().as_deref())))
    });
    let previous = memo(move || {
        secret.with(|s| {
            s.as_ref().and_then(|s| s.previous_until.map(|at| (s.previous_fingerprint.clone(), at)))
        })
    });
    let has_previous = memo(move || previous.with(Option::is_some));
    let (rotating, revoking) = (RwSignal::new(false), RwSignal::new(false));
    // The only place that holds the new secret; gone with the page.
    let (made, stored) = (RwSignal::new(None::<CreatedNode>), RwSignal::new(false));
    let showing = memo(move || made.with(Option::is_some));
    // A server that beats with the new secret has it stored.
    let safe = memo(move || !showing.get() || stored.get() || used.get() == InUse::New);
    guard_leaving(derived(move || safe.get()), words().connect.leave);
    let revoke_off =
        memo(move || gate.get().or_else(|| (!has_previous.get()).then(|| w.nothing_to_revoke.to_owned())));
    let finish = move |_| {
        if safe.get_untracked() {
            made.set(None);
            stored.set(false);
        }
    };
    view! {
        {dynamic(move || {
            made.get()
                .map(|created| {
                    view! {
                        <SecretCard created=created stored=stored />
                        <div class="toolbar end">
                            {dynamic(move || {
                                (!safe.get())
                                    .then(|| view! { <span class="reason" id=DONE_REASON>{w.done_off}</span> })
                            })}
                            <button
                                type="button"
                                class="btn pri"
                                aria-disabled=attr(move || (!safe.get()).then_some("true"))
                                aria-describedby=attr(move || (!safe.get()).then_some(DONE_REASON))
                                on:click=finish
                            >
                                {w.done}
                            </button>
                        </div>
                    }
                })
        })}
        <section class="card stack narrow" aria-labelledby="secret-title">
            <header>
                <h2 id="secret-title">{w.title}</h2>
            </header>
            {dynamic(move || {
                has_previous
                    .get()
                    .then(|| match used.get() {
                        InUse::New => view! { <Note icon="circle-check">{w.safe_to_revoke}</Note> }.into_any(),
                        InUse::Old | InUse::Neither => {
                            view! { <Note tone="info" icon="key-round">{w.not_used_yet}</Note> }.into_any()
                        }
                    })
            })}
            <dl class="kv">
                <dt>{w.now}</dt>
                <dd>
                    {dynamic(move || {
                        secret
                            .get()
                            .map(|s| {
                                view! {
                                    <bdi class="id" translate="no">
                                        {s.fingerprint}
                                    </bdi>
                                    " "
                                    <span class="mut num">
                                        {(words().node.made)(&i18n.fmt.date_time(s.created_at))}
                                    </span>
                                }
                            })
                    })}
                </dd>
                {dynamic(move || {
                    previous
                        .get()
                        .map(|(fingerprint, until)| {
                            view! {
                                <dt>{w.before}</dt>
                                <dd>
                                    <bdi class="id" translate="no">
                                        {fingerprint}
                                    </bdi>
                                    " "
                                    <span class="mut num">{(w.works_until)(&i18n.fmt.date_time(until))}</span>
                                </dd>
                            }
                        })
                })}
                <dt>{w.in_use}</dt>
                <dd>
                    {dynamic(move || match (used.get(), presented.get()) {
                        (InUse::New, _) => w.uses_new.into_any(),
                        (InUse::Old, _) => w.uses_old.into_any(),
                        (InUse::Neither, Some(_)) => w.uses_none.into_any(),
                        (InUse::Neither, None) => view! { <NoData /> }.into_any(),
                    })}
                </dd>
            </dl>
            <Reason id=REASON off=gate />
            <div class="toolbar">
                <button
                    type="button"
                    class="btn"
                    aria-disabled=attr(move || gate.with(Option::is_some).then_some("true"))
                    aria-describedby=attr(move || gate.with(Option::is_some).then_some(REASON))
                    on:click=move |_| {
                        if gate.with_untracked(Option::is_none) {
                            rotating.set(true);
                        }
                    }
                >
                    <Icon name="refresh-cw" />
                    <span>{w.rotate}</span>
                </button>
                <button
                    type="button"
                    class="btn dtx"
                    title=attr(move || revoke_off.get())
                    aria-disabled=attr(move || revoke_off.with(Option::is_some).then_some("true"))
                    aria-describedby=attr(move || (!has_previous.get()).then_some("secret-revoke-reason"))
                    on:click=move |_| {
                        if revoke_off.with_untracked(Option::is_none) {
                            revoking.set(true);
                        }
                    }
                >
                    <Icon name="lock" />
                    <span>{w.revoke}</span>
                </button>
                {dynamic(move || {
                    (!has_previous.get())
                        .then(|| {
                            view! {
                                <span class="reason" id="secret-revoke-reason">
                                    {w.nothing_to_revoke}
                                </span>
                            }
                        })
                })}
            </div>
        </section>
        <RotateDialog
            id=id
            node=node
            open=rotating
            done=Callback::new(move |created| {
                stored.set(false);
                made.set(Some(created));
                // Where the new secret is to be read.
                spawn_local(async move { crate::shell::focus("#new-secret") });
            })
        />
        <RevokeDialog id=id node=node used=used open=revoking />
    }
}

#[cfg(test)]
mod tests {
    use common::time::Timestamp;

    use super::*;

    #[test]
    fn the_secret_in_use() {
        let secret = SecretSummary {
            fingerprint: "41aa0000".into(),
            created_at: Timestamp(0),
            previous_until: Some(Timestamp(1)),
            previous_fingerprint: Some("9f2c0000".into()),
        };
        for (presented, expected) in [
            (Some("41aa0000"), InUse::New),
            (Some("9f2c0000"), InUse::Old),
            (Some("00000000"), InUse::Neither),
            (None, InUse::Neither),
        ] {
            assert_eq!(in_use(&secret, presented), expected);
        }
        let alone = SecretSummary { previous_until: None, previous_fingerprint: None, ..secret };
        assert_eq!(in_use(&alone, Some("9f2c0000")), InUse::Neither);
    }
}
