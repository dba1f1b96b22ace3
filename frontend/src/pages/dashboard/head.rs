//! The heading of the dashboard: how the fleet is in one line, what the page looks at, and the figures for the ear.

use common::node::NodeKind;
use leptos::prelude::*;

use super::kpis::conversations;
use super::scope::{counts, use_scope};
use crate::components::nav::{Breadcrumb, only};
use crate::components::{Icon, Note, words};
use crate::i18n::en_pages::dashboard::Figures;
use crate::i18n::use_i18n;
use crate::reactive::{attr, dynamic, memo};
use crate::state::announce::use_announcer;
use crate::state::connection::use_connection;
use crate::state::live::use_live;

/// The heading.
#[component]
pub fn Head() -> impl IntoView {
    let (i18n, live, connection, scope) = (use_i18n(), use_live(), use_connection(), use_scope());
    let (t, w) = (i18n.t, &words().dashboard);
    let from = move || connection.as_of().map(|at| (t.dash_data_from)(&i18n.fmt.time(at)));
    let open = move || live.problems(|all| all.iter().filter(|p| scope.has(p.region_id.as_ref())).count());
    let headline = memo(move || {
        let open = open()?;
        let (reporting, expected) = scope.read(|c| (c.coverage.reporting, c.coverage.expected))?;
        Some(match (open, expected) {
            (1.., _) => (t.dash_problems)(open),
            (0, 0) => t.dash_no_nodes.to_owned(),
            (0, _) if reporting == expected => (t.dash_all_clear)(u64::from(expected)),
            (0, _) => (t.dash_partial)(reporting, expected),
        })
    });
    let calm = memo(move || open() == Some(0));
    view! {
        <Breadcrumb crumbs=only(t.nav_dashboard) />
        <div class="hd">
            <h1 tabindex="-1">{t.nav_dashboard}</h1>
            <span class="sp"></span>
            <span class="xs num">{dynamic(from)}</span>
        </div>
        <div class="toolbar dash-head">
            <p class="sub row">
                {dynamic(move || calm.get().then(|| view! { <Icon name="circle-check" /> }))}
                <span>{dynamic(move || headline.get())}</span>
            </p>
            <span class="sp"></span>
            <RegionChoice />
            <div class="seg-ctl" role="group" aria-label=w.range>
                {w
                    .ranges
                    .iter()
                    .copied()
                    .map(|(key, text)| {
                        view! {
                            <button
                                type="button"
                                aria-pressed=attr(move || if scope.range.get().0 == key { "true" } else { "false" })
                                on:click=move |_| scope.choose_range.run(key.to_owned())
                            >
                                {text}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
            <ReadFigures />
        </div>
        {dynamic(move || {
            let ignored = scope.unknown.get();
            let text = (words().table.ignored)(&ignored.join(", "));
            (!ignored.is_empty()).then(|| view! { <Note tone="warn">{text}</Note> })
        })}
    }
}

/// Which region the page looks at; nothing to choose where there is one at most.
#[component]
fn RegionChoice() -> impl IntoView {
    let w = &words().dashboard;
    let (live, scope) = (use_live(), use_scope());
    let ids = memo(move || live.region_ids().unwrap_or_default());
    let some = memo(move || ids.with(Vec::len) > 1 || scope.region.with(Option::is_some));
    let value = move || scope.region.get().map(|id| id.to_string()).unwrap_or_default();
    dynamic(move || {
        some.get().then(|| {
            view! {
                <label class="vh" for="dash-region">
                    {w.region}
                </label>
                <select
                    class="inp choice-filter"
                    id="dash-region"
                    on:change=move |event| scope.choose.run(event_target_value(&event))
                >
                    <option value="" selected=attr(move || value().is_empty())>
                        {w.all_regions}
                    </option>
                    <For each=move || ids.get() key=|id| id.clone() let:id>
                        {
                            let (text, own) = (id.to_string(), id.to_string());
                            view! {
                                <option value=id.to_string() translate="no" selected=attr(move || value() == own)>
                                    {text}
                                </option>
                            }
                        }
                    </For>
                </select>
            }
        })
    })
}

/// Speaks the figures in one sentence: they are no live regions, so that nobody is flooded with numbers.
#[component]
fn ReadFigures() -> impl IntoView {
    let w = &words().dashboard;
    let (live, scope, announcer) = (use_live(), use_scope(), use_announcer());
    let said = move || {
        scope.read(|c| {
            let kind = |kind| {
                let k = counts(c, kind);
                (k.online, k.registered)
            };
            (w.figures)(&Figures {
                region: scope.region.get().map(|id| id.to_string()),
                conversations: conversations(c),
                processing: c.outbound.processing,
                pending: c.outbound.pending,
                backends: kind(NodeKind::Backend),
                proxies: kind(NodeKind::Proxy),
                problems: live
                    .problems(|all| all.iter().filter(|p| scope.has(p.region_id.as_ref())).count())
                    .unwrap_or(0),
            })
        })
    };
    view! {
        <button
            type="button"
            class="btn ghost"
            on:click=move |_| {
                if let Some(text) = untrack(said) {
                    announcer.say(text);
                }
            }
        >
            <Icon name="volume-2" />
            {w.read}
        </button>
    }
}
