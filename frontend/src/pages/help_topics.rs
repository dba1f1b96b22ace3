//! The topics of the help, each for its page and for the panel beside a page.

use common::meta::Meta;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::people::matrix::RoleTable;
use crate::api::use_api;
use crate::components::status::word_key;
use crate::components::{StatusBadge, TableBox, format, words};
use crate::i18n::en_pages::help::Topic;
use crate::i18n::use_i18n;
use crate::reactive::dynamic;
use crate::routes::{self, HelpPlace};
use crate::shell::api_call::{Line, origin, sign_in_line};
use crate::shell::shortcut_sheet::ShortcutList;

const OPENAPI: &str = "/api/openapi.json";

/// What a topic says.
pub fn topic(place: HelpPlace) -> AnyView {
    match place {
        HelpPlace::Index => ().into_any(),
        HelpPlace::WhyZero => view! { <WhyZero /> }.into_any(),
        HelpPlace::Shortcuts => view! { <ShortcutList /> }.into_any(),
        HelpPlace::Statuses => view! { <Statuses /> }.into_any(),
        HelpPlace::Lifecycle => view! { <Lifecycle /> }.into_any(),
        HelpPlace::RegionIds => view! { <RegionIds /> }.into_any(),
        HelpPlace::Roles => view! { <RoleTable /> }.into_any(),
        HelpPlace::Api => view! { <ApiHelp /> }.into_any(),
    }
}

/// The paragraphs of a topic.
pub fn paragraphs(topic: &'static Topic) -> AnyView {
    view! { <div class="prose stack tight">{topic.text.iter().map(|text| view! { <p>{*text}</p> }).collect_view()}</div> }
        .into_any()
}

/// What the server says of itself; without its answer pages leave things out instead of guessing.
pub fn use_meta() -> (RwSignal<Option<Meta>>, RwSignal<bool>) {
    let api = use_api();
    let (meta, failed) = (RwSignal::new(None::<Meta>), RwSignal::new(false));
    spawn_local(async move {
        match api.meta().await {
            Ok(answer) => {
                meta.try_set(Some(answer));
            }
            Err(_) => {
                failed.try_set(true);
            }
        }
    });
    (meta, failed)
}

/// Timers may be set below a second, which is no whole number of seconds.
pub fn duration(ms: u64) -> String {
    if ms < 1000 { format::millis(ms) } else { format::duration(ms) }
}

#[component]
fn WhyZero() -> impl IntoView {
    let (t, w) = (use_i18n().t, &words().help_pages);
    let (first, steps) = t.help_zero.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
    let silent =
        [common::status::StatusWord::NeverSeen, common::status::StatusWord::Offline].map(word_key).join(",");
    view! {
        <p class="prose">{first}</p>
        <ol class="prose steps-plain">{steps.iter().map(|text| view! { <li>{*text}</li> }).collect_view()}</ol>
        <p class="row">
            <a class="btn" href=routes::nodes_filtered(None, Some(&silent))>
                {w.silent_nodes}
            </a>
            <a href=routes::DASHBOARD>{w.attention}</a>
        </p>
    }
}

#[component]
fn Statuses() -> impl IntoView {
    let (t, w) = (use_i18n().t, &words().help_pages);
    let (meta, failed) = use_meta();
    let timers = move || {
        let known = meta.with(|m| {
            m.as_ref().map(|m| {
                let [stale, offline, interval] =
                    [m.timers.stale_after_ms, m.timers.offline_after_ms, m.timers.interval_ms].map(duration);
                (t.help_timers)(&stale, &offline, &interval)
            })
        });
        known.or_else(|| failed.get().then(|| w.timers_unknown.to_owned()))
    };
    view! {
        <p class="prose" id="help-timers">
            {dynamic(timers)}
        </p>
        <ul class="list">
            {t
                .help_words
                .iter()
                .map(|(word, text)| {
                    let word = *word;
                    view! {
                        <li>
                            <StatusBadge word=Signal::stored(word) />
                            <span class="gr">{*text}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        <h2>{w.order_title}</h2>
        <p class="prose">{w.order}</p>
    }
}

#[component]
fn Lifecycle() -> impl IntoView {
    let w = &words().help;
    view! {
        <TableBox label=w.controls_title>
            <table>
                <thead>
                    <tr>{w.columns.map(|name| view! { <th scope="col">{name}</th> }).collect_view()}</tr>
                </thead>
                <tbody>
                    {w
                        .controls
                        .iter()
                        .map(|[name, function, case]| {
                            view! {
                                <tr>
                                    <th scope="row">{*name}</th>
                                    <td class="wrap">{*function}</td>
                                    <td class="wrap">{*case}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </TableBox>
        <p class="prose">{w.controls_note}</p>
    }
}

/// The part of a server's file that names it.
fn file(section: &str, more: &str) -> String {
    format!(
        "{{\n  \"{section}\": {{\n    \"Id\": \"0198f6a2-…\",\n    \"RegionId\": \"OM-MCT\",\n    \"ApiKey\": \"iqn_…\"{more}\n  }}\n}}"
    )
}

#[component]
fn RegionIds() -> impl IntoView {
    let (w, help) = (&words().help_pages, &words().help);
    let known = help.topics.iter().find(|topic| topic.anchor == "region-id");
    let files = [
        (w.file_backend, file("Server", ",\n    \"ExpectedMaxConcurrentCalls\": 25")),
        (w.file_proxy, file("Proxy", "")),
    ];
    view! {
        {known.map(paragraphs)}
        {files
            .map(|(caption, text)| {
                view! {
                    <figure class="stack tight">
                        <figcaption>
                            <b>{caption}</b>
                        </figcaption>
                        <pre class="code" dir="ltr" translate="no" tabindex="0">
                            <code>{text}</code>
                        </pre>
                    </figure>
                }
            })
            .collect_view()}
        <p class="prose">{w.file_note}</p>
    }
}

#[component]
fn ApiHelp() -> impl IntoView {
    let (w, palette) = (&words().help_pages, &words().palette);
    let origin = origin();
    let call = format!("curl -s -b cookies '{origin}/api/v1/overview'");
    view! {
        <div class="prose stack tight">{w.api.iter().map(|text| view! { <p>{*text}</p> }).collect_view()}</div>
        <p class="row">
            <a class="btn" href=common::paths::DOCS rel="external">
                {palette.api_docs}
            </a>
            <a href=OPENAPI rel="external" download="openapi.json">
                {w.api_file}
            </a>
        </p>
        <h2>{w.api_example}</h2>
        <Line text=sign_in_line(&origin) />
        <p class="sm mut">{palette.api_sign_in_hint}</p>
        <Line text=call />
        <p class="prose">{w.api_token}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_file() {
        for (section, more) in [("Server", ",\n    \"ExpectedMaxConcurrentCalls\": 25"), ("Proxy", "")] {
            let read: serde_json::Value = serde_json::from_str(&file(section, more)).unwrap();
            assert_eq!(read[section]["RegionId"], "OM-MCT");
        }
    }
}
