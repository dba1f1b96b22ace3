//! The last entries of the activity log. They stand still while somebody points at them or has the focus among them.

use common::activity::{Activity, Outcome};
use common::stream::Topic;
use leptos::prelude::*;

use super::scope::use_scope;
use crate::api::use_api;
use crate::components::{Icon, Skeleton, words};
use crate::i18n::use_i18n;
use crate::pages::load::{Load, failure};
use crate::reactive::{dynamic, effect, memo};
use crate::routes;
use crate::state::connection::{use_connection, use_topic};
use crate::state::live::use_live;

/// How many entries.
const SHOWN: usize = 5;

/// The card.
#[component]
pub fn Recent() -> impl IntoView {
    let w = &words().dashboard;
    let (api, live, scope, connection) = (use_api(), use_live(), use_scope(), use_connection());
    use_topic(|| Some(Topic::Activity));
    let past = Load::<Vec<Activity>>::default();
    let ask = move || {
        let region = scope.region.get_untracked();
        past.ask(
            async move { Ok(api.newest_activity(region.as_ref().map(|r| r.as_str()), SHOWN).await?.items) },
        );
    };
    effect(move || {
        let _ = scope.region.get();
        ask();
    });
    // What happened while nobody heard it is read again.
    let lost = memo(move || connection.disconnected());
    effect(move || {
        if !lost.get() && past.peek(|_| ()).is_some() {
            ask();
        }
    });
    let newest = memo(move || {
        let region = scope.region.get();
        let fits = |e: &&Activity| region.is_none() || e.region_id == region;
        let mut all: Vec<Activity> =
            live.news(|news| news.iter().filter(fits).take(SHOWN).cloned().collect());
        let old = past.read(Clone::clone)?;
        for entry in old {
            if !all.iter().any(|e| e.id == entry.id) {
                all.push(entry);
            }
        }
        all.truncate(SHOWN);
        Some(all)
    });
    let held = RwSignal::new(false);
    let shown = RwSignal::new(None::<Vec<Activity>>);
    effect(move || {
        let all = newest.get();
        // The first entries come whatever is pointed at.
        if (!held.get() || shown.with_untracked(Option::is_none)) && shown.with_untracked(|s| *s != all) {
            shown.set(all);
        }
    });
    view! {
        <section
            class="card recent"
            aria-labelledby="recent"
            on:mouseenter=move |_| held.set(true)
            on:mouseleave=move |_| held.set(false)
            on:focusin=move |_| held.set(true)
            on:focusout=move |_| held.set(false)
        >
            <header>
                <h2 id="recent">{w.activity}</h2>
            </header>
            {dynamic(move || match (shown.get(), past.error()) {
                (Some(all), _) if all.is_empty() => {
                    view! { <p class="sm mut">{w.activity_none}</p> }.into_any()
                }
                (Some(all), _) => {
                    view! { <ol class="list">{all.into_iter().map(|e| view! { <Entry entry=e /> }).collect_view()}</ol> }
                        .into_any()
                }
                (None, Some(error)) => failure(&error, Callback::new(move |()| ask())),
                (None, None) => view! { <Skeleton shape="sk-line" count=5 /> }.into_any(),
            })}
            <p class="sm">
                <a href=routes::ACTIVITY>{w.all_activity}</a>
            </p>
        </section>
    }
}

/// An icon for what was done.
fn icon(action: &str) -> &'static str {
    let (about, _) = action.split_once('.').unwrap_or((action, ""));
    match about {
        _ if action.ends_with(".delete") => "trash-2",
        _ if action.ends_with(".create") || action.ends_with(".register") => "plus",
        _ if action.contains("secret") => "key-round",
        _ if action.contains("intent") || action.contains("maintenance") => "wrench",
        "auth" => "log-in",
        "storage" => "database",
        "command" => "power",
        "problem" => "bell",
        _ => "pencil",
    }
}

/// An entry in two lines.
#[component]
pub fn Entry(
    /// The entry.
    entry: Activity,
) -> impl IntoView {
    let i18n = use_i18n();
    let a = &words().activity;
    let who = if entry.actor == "system" { a.system.to_owned() } else { entry.actor.clone() };
    let what = (words().dashboard.did)(&who, (a.said)(&entry.action, entry.outcome).as_str());
    let target = entry.target_name.clone().unwrap_or_else(|| entry.target_id.clone());
    let other = (entry.outcome != Outcome::Allowed).then(|| (a.outcome_of)(entry.outcome));
    view! {
        <li>
            <Icon name=icon(&entry.action) />
            <div class="gr">
                <p>
                    {what}
                    " "
                    <bdi class="id" translate="no">
                        {target}
                    </bdi>
                    {other.map(|text| view! { " " <span class="st plain">{text}</span> })}
                </p>
                <p class="xs mut num">
                    <a href=routes::activity_entry(&entry.id) title=i18n.fmt.whole(entry.at)>
                        {i18n.fmt.date_time(entry.at)}
                    </a>
                </p>
            </div>
        </li>
    }
}
