//! One entry of the activity log, with what was changed.

use common::activity::Activity;
use leptos::prelude::*;

use super::activity_filter::changes;
use super::activity_list::{actor_view, outcome_badge, target_view};
use super::load::{Load, failure};
use super::use_id_in_path;
use crate::api::use_api;
use crate::components::{Breadcrumb, CopyButton, Crumb, Empty, Skeleton, TableBox, TextOrNone, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{derived, dynamic, effect};
use crate::routes;
use crate::shell::title::use_title;

/// `/activity/:id`
#[component]
pub fn ActivityEntryPage() -> impl IntoView {
    let w = &words().activity;
    let (api, i18n, id) = (use_api(), use_i18n(), use_id_in_path());
    use_title(move || (words().tabs.title)(w.entry_title, w.title));
    let entry = Load::<Activity>::default();
    let ask = move || {
        let id = id.get_untracked();
        entry.ask(async move { api.activity_entry(&id).await });
    };
    effect(move || {
        id.track();
        entry.clear();
        ask();
    });
    let crumbs = derived(move || vec![Crumb::link(routes::ACTIVITY, w.title), Crumb::here(w.entry_title)]);
    let heading = move || {
        entry.read(|e| {
            let who = if e.actor == "system" { w.system } else { e.actor.as_str() };
            (words().dashboard.did)(who, (w.said)(&e.action, e.outcome).as_str())
        })
    };
    view! {
        <Breadcrumb crumbs=crumbs />
        <div class="hd">
            <h1 tabindex="-1">{dynamic(move || heading().unwrap_or_else(|| w.entry_title.to_owned()))}</h1>
            {dynamic(move || entry.read(|e| outcome_badge(e.outcome)))}
            <span class="sp"></span>
            <CopyButton
                text=derived(move || {
                    id.track();
                    window().location().href().unwrap_or_default()
                })
                label=w.copy_link
            />
        </div>
        {dynamic(move || {
            if let Some(e) = entry.read(Clone::clone) {
                return details(&e, i18n);
            }
            match entry.error() {
                Some(error) if error.status() == Some(404) => {
                    view! {
                        <Empty icon="activity" title=w.missing text=w.missing_text>
                            <a class="btn" href=routes::ACTIVITY>
                                {w.to_list}
                            </a>
                        </Empty>
                    }
                        .into_any()
                }
                Some(error) => failure(&error, Callback::new(move |()| ask())),
                None => view! { <Skeleton shape="sk-card" count=1 /> }.into_any(),
            }
        })}
    }
}

fn details(e: &Activity, i18n: I18n) -> AnyView {
    let w = &words().activity;
    let fixed = |text: Option<String>| view! { <TextOrNone text=Signal::stored(text) /> };
    view! {
        <section class="card" aria-label=w.entry_title>
            <dl class="kv">
                <dt>{w.col_when}</dt>
                <dd class="num">
                    <time datetime=e.at.to_string()>{i18n.fmt.date_time(e.at)} " " {i18n.fmt.time(e.at)}</time>
                </dd>
                <dt>{w.col_who}</dt>
                <dd>
                    {actor_view(&e.actor)}
                </dd>
                <dt>{w.col_target}</dt>
                <dd>{target_view(e)}</dd>
                <dt>{w.region}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {fixed(e.region_id.as_ref().map(ToString::to_string))}
                    </bdi>
                </dd>
                <dt>{w.col_why}</dt>
                <dd>{fixed(e.reason.clone())}</dd>
                <dt>{w.code}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {e.action.clone()}
                    </bdi>
                </dd>
                <dt>{w.request}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {fixed(e.request_id.clone())}
                    </bdi>
                </dd>
                <dt>{w.source}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {fixed(e.source.clone())}
                    </bdi>
                </dd>
            </dl>
        </section>
        <section class="card">
            <header>
                <h2>{w.changes}</h2>
            </header>
            {diff(e)}
        </section>
    }
    .into_any()
}

fn diff(e: &Activity) -> AnyView {
    let w = &words().activity;
    let rows = changes(e);
    if rows.is_empty() {
        return view! { <p class="mut">{w.no_changes}</p> }.into_any();
    }
    let rows = rows.into_iter().map(|(name, before, after)| {
        let cell = |text: Option<String>| view! { <TextOrNone text=Signal::stored(text) /> };
        view! {
            <tr>
                <th scope="row">
                    <bdi class="id" translate="no">
                        {name}
                    </bdi>
                </th>
                <td class="wrap wrap-any">
                    <bdi translate="no">{cell(before)}</bdi>
                </td>
                <td class="wrap wrap-any">
                    <bdi translate="no">{cell(after)}</bdi>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <TableBox label=w.changes>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.field}</th>
                        <th scope="col">{w.before}</th>
                        <th scope="col">{w.after}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
    }
    .into_any()
}
