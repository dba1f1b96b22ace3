//! What all tabs of the settings share, and the first of them: timers, retention, this server.

use common::meta::Meta;
use leptos::prelude::*;

use super::help_topics::duration;
use super::load::{Load, failure};
use super::settings_tabs::{SettingsTab, SettingsTabs};
use crate::api::use_api;
use crate::components::{Breadcrumb, Crumb, Skeleton, words};
use crate::i18n::use_i18n;
use crate::reactive::dynamic;
use crate::routes;
use crate::shell::title::use_title;

fn name(tab: SettingsTab) -> &'static str {
    let w = &words().settings;
    match tab {
        SettingsTab::General => w.general,
        SettingsTab::Maintenance => w.maintenance,
        SettingsTab::Appearance => w.appearance,
        SettingsTab::Security => words().access.security,
        SettingsTab::About => w.about,
    }
}

/// The way to a tab.
pub fn crumbs(tab: SettingsTab) -> Signal<Vec<Crumb>> {
    let top = Crumb::link(routes::SETTINGS_GENERAL, words().states.settings);
    Signal::stored(vec![top, Crumb::here(name(tab))])
}

/// The way there, heading, title and tabs around a page of the settings.
#[component]
pub fn SettingsFrame(
    /// Which.
    tab: SettingsTab,
    /// Beside the heading.
    #[prop(optional, into)]
    beside: Option<ViewFn>,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    use_title(move || name(tab).to_owned());
    view! {
        <Breadcrumb crumbs=crumbs(tab) />
        <div class="hd">
            <h1 tabindex="-1">{name(tab)}</h1>
            {beside.map(|view| view.run())}
        </div>
        <SettingsTabs tab=tab />
        {children()}
    }
}

/// `/settings/general`
#[component]
pub fn GeneralPage() -> impl IntoView {
    let (w, api) = (&words().states, use_api());
    let load: Load<Meta> = Load::default();
    let ask = move || load.ask(async move { api.meta().await });
    ask();
    view! {
        <SettingsFrame tab=SettingsTab::General>
            <p class="sub">{w.general_lead}</p>
            {dynamic(move || match (load.read(Clone::clone), load.error()) {
                (Some(meta), _) => view! { <Cards meta=meta /> }.into_any(),
                (None, Some(error)) => failure(&error, Callback::new(move |()| ask())),
                (None, None) => view! { <Skeleton shape="sk-card" count=3 /> }.into_any(),
            })}
        </SettingsFrame>
    }
}

/// A row: its name, its value, what it means.
fn row(name: &'static str, value: impl IntoView + 'static, text: &'static str) -> AnyView {
    view! {
        <dt>{name}</dt>
        <dd>
            {value}
            {(!text.is_empty()).then(|| view! { <span class="sub-line">{text}</span> })}
        </dd>
    }
    .into_any()
}

#[component]
fn Cards(meta: Meta) -> impl IntoView {
    let (w, i18n) = (&words().states, use_i18n());
    let timers = meta.timers;
    let address = match meta.public_url {
        Some(url) => view! { <bdi class="id" translate="no">{url}</bdi> }.into_any(),
        None => w.public_url_none.into_any(),
    };
    let version = view! { <bdi class="id" translate="no">{meta.version}</bdi> };
    let kept = [
        (w.kept_activity, meta.retention.activity_days),
        (w.kept_runs, meta.retention.runs_days),
        (w.kept_commands, meta.retention.commands_days),
        (w.kept_diary, meta.retention.rejections_days),
    ];
    view! {
        <section class="card" aria-labelledby="settings-timers">
            <h2 id="settings-timers">{w.timers}</h2>
            <dl class="kv">
                {row(w.interval, duration(timers.interval_ms), w.interval_text)}
                {row(w.stale_after, duration(timers.stale_after_ms), w.stale_text)}
                {row(w.offline_after, duration(timers.offline_after_ms), w.offline_text)}
            </dl>
        </section>
        <section class="card" aria-labelledby="settings-kept">
            <h2 id="settings-kept">{w.retention}</h2>
            <dl class="kv">{kept.map(|(name, days)| row(name, (w.days)(days), "")).collect_view()}</dl>
        </section>
        <section class="card" aria-labelledby="settings-server">
            <h2 id="settings-server">{w.server}</h2>
            <dl class="kv">
                {row(w.version, version, "")} {row(w.started, i18n.fmt.date_time(meta.started_at), "")}
                {row(w.public_url, address, "")}
                {row(w.reach, if meta.loopback_only { w.reach_loopback } else { w.reach_all }, "")}
            </dl>
        </section>
    }
}
