//! Whether both sides hold the same key, and what that rests on.

use common::singleton::{ConfigSync, SyncVerdict};
use leptos::prelude::*;

use super::Background;
use crate::components::{Icon, TextOrNone, said, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};

/// The verdict with its evidence.
#[component]
pub fn SyncCard(background: Background) -> impl IntoView {
    let w = &words().background;
    let i18n = use_i18n();
    let sync = memo(move || background.load.read(|b| b.config.clone()).flatten());
    let of = move |read: fn(&ConfigSync) -> Option<String>| {
        derived(move || sync.with(|s| s.as_ref().and_then(read)))
    };
    let checked = derived(move || {
        sync.with(|s| s.as_ref().and_then(|s| s.checked_at)).map(|at| i18n.fmt.date_time(at))
    });
    view! {
        <section class="card stack tight" aria-labelledby="bg-sync">
            <header>
                <h2 id="bg-sync">{w.sync_title}</h2>
                {dynamic(move || {
                    sync.with(|s| s.as_ref().map(|s| s.verdict))
                        .map(|verdict| {
                            let (family, icon) = match verdict {
                                SyncVerdict::InSync => ("ok", "circle-check"),
                                SyncVerdict::Differs => ("bad", "octagon-x"),
                                SyncVerdict::Unknown => ("unsure", "circle-help"),
                            };
                            view! {
                                <span class=format!("st {family}")>
                                    <Icon name=icon />
                                    <span>{(w.sync)(verdict)}</span>
                                </span>
                            }
                        })
                })}
            </header>
            <p>
                {dynamic(move || {
                    sync.with(|s| s.as_ref().map(|s| said((w.sync_detail)(s.verdict), s.detail.clone())))
                })}
            </p>
            {dynamic(move || {
                sync.with(|s| s.as_ref().is_some_and(|s| s.verdict == SyncVerdict::Differs))
                    .then(|| view! { <p>{w.fix_file}</p> })
            })}
            <dl class="kv">
                <dt>{w.ours}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        <TextOrNone text=of(|s| Some(s.fingerprint.clone())) />
                    </bdi>
                </dd>
                <dt>{w.theirs}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        <TextOrNone text=of(|s| s.presented.clone()) />
                    </bdi>
                </dd>
                <dt>{w.checked}</dt>
                <dd class="num">
                    <TextOrNone text=checked />
                </dd>
            </dl>
            <details class="more">
                <summary>{w.evidence}</summary>
                {dynamic(move || {
                    let evidence = sync.with(|s| s.as_ref().map(|s| s.evidence.clone())).unwrap_or_default();
                    if evidence.is_empty() {
                        return view! { <p class="mut">{w.no_evidence}</p> }.into_any();
                    }
                    let rows = evidence
                        .into_iter()
                        .map(|e| {
                            let (family, icon, verdict) = if e.agrees {
                                ("ok", "check", w.agrees)
                            } else {
                                ("bad", "x", w.disagrees)
                            };
                            view! {
                                <li class="step">
                                    <span class=format!("step-mark {family}")>
                                        <Icon name=icon />
                                    </span>
                                    <div>
                                        <b>{(w.source)(e.source)}</b>
                                        <span class="sm mut">" · "{verdict}</span>
                                        <div class="sm mut wrap-any">
                                            {said((w.evidence_detail)(e.source, e.agrees), e.detail)}
                                            " "
                                            {e.fingerprint.map(|f| view! { <bdi class="id" translate="no">{f}</bdi> })}
                                        </div>
                                    </div>
                                    <span class="sm mut num nowrap">{i18n.fmt.time(e.at)}</span>
                                </li>
                            }
                        });
                    view! { <ol class="steps">{rows.collect_view()}</ol> }.into_any()
                })}
            </details>
        </section>
    }
}
