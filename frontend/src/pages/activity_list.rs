//! The table of the activity log: a page of it, older ones by need, new ones behind a button.

use common::activity::{Activity, ActivityCount, ActivityPage, Outcome};
use common::stream::Topic;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::activity_filter::{Filter, actor_kind};
use super::load::{Load, failure};
use crate::api::{activity_export, use_api};
use crate::components::form::focus_id;
use crate::components::{Empty, Icon, Skeleton, TableBox, TextOrNone, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{attr, dynamic, effect, memo};
use crate::routes;
use crate::state::clock;
use crate::state::connection::use_topic;
use crate::state::live::use_live;

/// How an attempt ended, with its icon.
pub fn outcome_badge(outcome: Outcome) -> AnyView {
    let (family, icon) = match outcome {
        Outcome::Allowed => ("ok", "check"),
        Outcome::Denied => ("bad", "lock"),
        Outcome::Refused => ("warn", "shield-alert"),
    };
    view! {
        <span class=format!("st {family}")>
            <Icon name=icon />
            <span>{(words().activity.outcome_of)(outcome)}</span>
        </span>
    }
    .into_any()
}

/// The log as a filter lets it through.
#[component]
pub fn ActivityList(
    /// What is looked for.
    filter: Memo<Filter>,
) -> impl IntoView {
    let w = &words().activity;
    let (api, live, i18n) = (use_api(), use_live(), use_i18n());
    use_topic(|| Some(Topic::Activity));
    let page = Load::<ActivityPage>::default();
    let count = Load::<ActivityCount>::default();
    let ask = move || {
        let query = filter.with_untracked(Filter::query);
        let again = query.clone();
        page.ask(async move { api.activity(&query, None).await });
        count.ask(async move { api.activity_count(&again).await });
    };
    effect(move || {
        filter.track();
        untrack(ask);
    });
    // Entries that came since the page was read; the list does not move by itself.
    let fresh = memo(move || {
        let known = page.read(|p| p.items.iter().map(|e| e.id.clone()).collect::<Vec<_>>())?;
        filter.with(|f| {
            let new = live.news(|all| all.iter().filter(|e| f.lets(e) && !known.contains(&e.id)).count());
            (new > 0).then_some(new)
        })
    });
    let show = move |_| {
        ask();
        focus_id("activity-list");
    };
    let older = Callback::new(move |cursor: String| {
        let query = filter.with_untracked(Filter::query);
        spawn_local(async move {
            if let Ok(next) = api.activity(&query, Some(&cursor)).await
                && query == filter.with_untracked(Filter::query)
            {
                let mut items = page.peek(|p| p.items.clone()).unwrap_or_default();
                items.extend(next.items);
                page.put(ActivityPage { items, next_cursor: next.next_cursor });
            }
        });
    });
    let export =
        move |format: &'static str| attr(move || filter.with(|f| activity_export(&f.query(), format)));
    let known = memo(move || count.read(|c| *c));
    view! {
        <div class="hd">
            <p class="num" role="status">
                {dynamic(move || known.get().map(|c| (w.count)(c.count, c.capped)))}
            </p>
            <span class="sp"></span>
            {dynamic(move || {
                known
                    .get()
                    .filter(|c| c.count > 0)
                    .map(|c| {
                        view! {
                            <a class="btn" rel="external" download="" href=export("csv")>
                                <Icon name="download" />
                                <span>{(w.export_csv)(c.count)}</span>
                            </a>
                            <a class="btn" rel="external" download="" href=export("ndjson")>
                                <Icon name="download" />
                                <span>{(w.export_ndjson)(c.count)}</span>
                            </a>
                        }
                    })
            })}
        </div>
        <div id="activity-list" tabindex="-1" class="stack">
            {dynamic(move || {
                fresh
                    .get()
                    .map(|n| {
                        view! {
                            <p class="more-rows">
                                <button type="button" class="btn" on:click=show>
                                    <Icon name="arrow-up" />
                                    <span>{(w.fresh)(n)}</span>
                                </button>
                            </p>
                        }
                    })
            })}
            {dynamic(move || {
                if let Some(error) = page.error() {
                    return failure(&error, Callback::new(move |()| ask()));
                }
                match page.read(Clone::clone) {
                    Some(p) if p.items.is_empty() => {
                        let any = filter.with(|f| !f.query().is_empty());
                        let title = if any { w.none_match } else { w.none };
                        view! { <Empty icon="activity" title=title text=w.none_text small=true /> }.into_any()
                    }
                    Some(p) => table(p, older, i18n),
                    None => view! { <Skeleton count=5 /> }.into_any(),
                }
            })}
        </div>
    }
}

/// The target as a link where it has a page.
pub fn target_view(e: &Activity) -> AnyView {
    let name = e.target_name.clone().unwrap_or_else(|| e.target_id.clone());
    let gone = e.action.ends_with(".delete") && e.outcome == Outcome::Allowed;
    let href = match e.target_kind.as_str() {
        _ if gone => None,
        "node" => e.target_id.parse().ok().map(routes::node),
        "region" | "storage" => e.region_id.as_ref().map(routes::region),
        "user" => e.target_id.parse().ok().map(routes::user),
        "token" => Some(routes::TOKENS.to_owned()),
        "webhook" => e.target_id.parse().ok().map(routes::webhook),
        "background" => Some(routes::BACKGROUND.to_owned()),
        _ => None,
    };
    match href {
        // Of what is not there yet, or is many.
        _ if name.is_empty() => view! { <TextOrNone text=Signal::stored(None::<String>) /> }.into_any(),
        Some(href) => view! { <a href=href><bdi class="id" translate="no">{name}</bdi></a> }.into_any(),
        None => view! { <bdi class="id" translate="no">{name}</bdi> }.into_any(),
    }
}

/// Who did something: the control plane, a script with its token, or a person.
pub fn actor_view(actor: &str) -> AnyView {
    let w = &words().activity;
    let (icon, kind, name) = match actor_kind(actor) {
        ("system", _) => ("settings", "", w.system),
        ("token", token) => ("key-round", w.token, token),
        (_, person) => ("user", w.person, person),
    };
    view! {
        <span class="cell">
            <Icon name=icon />
            {(!kind.is_empty()).then(|| view! { <span class="vh">{kind} " "</span> })}
            <bdi translate=(!kind.is_empty()).then_some("no")>{name.to_owned()}</bdi>
        </span>
    }
    .into_any()
}

fn row(e: &Activity, i18n: I18n) -> impl IntoView + use<> {
    let w = &words().activity;
    view! {
        <tr data-outcome=e.outcome.as_str()>
            <td>
                <a
                    class="num nowrap"
                    href=routes::activity_entry(&e.id)
                    aria-label=(w.open)(&i18n.fmt.date_time(e.at))
                    title=i18n.fmt.whole(e.at)
                >
                    {i18n.fmt.time(e.at)}
                </a>
            </td>
            <td>{actor_view(&e.actor)}</td>
            <td>{(w.said)(&e.action, e.outcome)}</td>
            <td>{target_view(e)}</td>
            <td>{outcome_badge(e.outcome)}</td>
            <td class="wrap">{e.reason.clone()}</td>
        </tr>
    }
}

/// Entries of one day under its heading.
fn days(items: &[Activity], i18n: I18n) -> Vec<AnyView> {
    let today = i18n.fmt.day(clock::wall());
    let same = |a: &Activity, b: &Activity| i18n.fmt.day(a.at) == i18n.fmt.day(b.at);
    let groups = items.chunk_by(same).filter_map(|day| {
        let date = i18n.fmt.day(day.first()?.at);
        let heading = if date == today { words().activity.today.to_owned() } else { date };
        let rows = day.iter().map(|e| row(e, i18n)).collect_view();
        Some(
            view! {
                <tbody>
                    <tr>
                        <th scope="rowgroup" colspan="6">
                            {heading}
                        </th>
                    </tr>
                    {rows}
                </tbody>
            }
            .into_any(),
        )
    });
    groups.collect()
}

fn table(page: ActivityPage, older: Callback<String>, i18n: I18n) -> AnyView {
    let w = &words().activity;
    let days = days(&page.items, i18n);
    view! {
        <TableBox label=w.title>
            <table class="activity">
                <thead>
                    <tr>
                        <th scope="col">{w.col_when}</th>
                        <th scope="col">{w.col_who}</th>
                        <th scope="col">{w.col_what}</th>
                        <th scope="col">{w.col_target}</th>
                        <th scope="col">{w.col_outcome}</th>
                        <th scope="col">{w.col_why}</th>
                    </tr>
                </thead>
                {days}
            </table>
        </TableBox>
        {page
            .next_cursor
            .map(|cursor| {
                view! {
                    <div class="toolbar">
                        <button type="button" class="btn" on:click=move |_| older.run(cursor.clone())>
                            {w.older}
                        </button>
                    </div>
                }
            })}
    }
    .into_any()
}
