//! What the words mean, and what to do about 0/N.

use common::meta::Meta;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::use_api;
use crate::components::form::focus_id;
use crate::components::{StatusBadge, TableBox, format, words};
use crate::i18n::use_i18n;
use crate::reactive::dynamic;
use crate::shell::title::use_title;

/// The page.
#[component]
pub fn HelpPage() -> impl IntoView {
    let (t, api, w) = (use_i18n().t, use_api(), &words().help);
    // The part with this page may come after the address: the place named in it is found then.
    request_animation_frame(|| {
        let place = window().location().hash().unwrap_or_default();
        if let Some(anchor) = place.strip_prefix('#').filter(|a| !a.is_empty()) {
            focus_id(anchor);
        }
    });
    use_title(move || t.help_title.to_owned());
    // Thresholds are the server's; without its answer the page leaves them out instead of guessing.
    let meta = RwSignal::new(None::<Meta>);
    spawn_local(async move {
        if let Ok(answer) = api.meta().await {
            let _ = meta.try_set(Some(answer));
        }
    });
    let timers = move || {
        meta.with(|m| {
            m.as_ref().map(|m| {
                let [stale, offline, interval] =
                    [m.timers.stale_after_ms, m.timers.offline_after_ms, m.timers.interval_ms].map(duration);
                (t.help_timers)(&stale, &offline, &interval)
            })
        })
    };
    let version = move || meta.with(|m| m.as_ref().map(|m| (t.help_version)(&m.version)));
    view! {
        <div class="hd">
            <h1 tabindex="-1">{t.help_title}</h1>
            <p class="sub">{t.help_sub}</p>
        </div>
        <nav class="card" aria-labelledby="help-topics">
            <h2 id="help-topics">{w.topics_title}</h2>
            <ul class="toc">
                <li>
                    <a rel="external" href=format!("#{}", w.controls_anchor)>
                        {w.controls_title}
                    </a>
                </li>
                <li>
                    <a rel="external" href="#help-zero">
                        {t.help_zero_title}
                    </a>
                </li>
                {w
                    .topics
                    .iter()
                    .map(|topic| {
                        view! {
                            <li>
                                <a rel="external" href=format!("#{}", topic.anchor)>
                                    {topic.title}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
        <section class="card stack tight">
            <header>
                <h2 id=w.controls_anchor tabindex="-1">
                    {w.controls_title}
                </h2>
            </header>
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
        </section>
        {w
            .topics
            .iter()
            .map(|topic| {
                view! {
                    <section class="card" aria-labelledby=topic.anchor>
                        <header>
                            <h2 id=topic.anchor tabindex="-1">
                                {topic.title}
                            </h2>
                        </header>
                        <div class="prose stack tight">
                            {topic.text.iter().map(|text| view! { <p>{*text}</p> }).collect_view()}
                        </div>
                    </section>
                }
            })
            .collect_view()}
        <section class="card" aria-labelledby="help-zero">
            <header>
                <h2 id="help-zero" tabindex="-1">{t.help_zero_title}</h2>
            </header>
            <div class="prose stack tight">{t.help_zero.iter().map(|text| view! { <p>{*text}</p> }).collect_view()}</div>
        </section>
        <section class="card" aria-labelledby="help-words">
            <header>
                <h2 id="help-words">{t.help_words_title}</h2>
            </header>
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
            <p class="sm mut num push">{dynamic(timers)}</p>
        </section>
        <section class="card" aria-labelledby="help-figures">
            <header>
                <h2 id="help-figures">{t.help_figures_title}</h2>
            </header>
            <dl class="kv">
                {t
                    .help_figures
                    .iter()
                    .map(|(name, text)| {
                        view! {
                            <dt>{*name}</dt>
                            <dd>{*text}</dd>
                        }
                    })
                    .collect_view()}
            </dl>
        </section>
        <section class="card" aria-labelledby="help-fresh">
            <header>
                <h2 id="help-fresh">{t.help_fresh_title}</h2>
            </header>
            <p class="prose">{t.help_fresh}</p>
        </section>
        <section class="card" aria-labelledby="help-more">
            <header>
                <h2 id="help-more">{t.help_more_title}</h2>
            </header>
            <p>
                <a href=common::paths::DOCS rel="external">
                    {t.help_api_docs}
                </a>
            </p>
            <p class="sm mut num">{dynamic(version)}</p>
        </section>
    }
}

/// Timers may be set below a second, which is no whole number of seconds.
fn duration(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format::duration(ms) }
}
