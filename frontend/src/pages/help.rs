//! `/help/…`: what the words mean, what to do about 0/N, the keys, the API.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::help_topics::{paragraphs, topic, use_meta};
use crate::components::form::focus_id;
use crate::components::{Breadcrumb, Crumb, Icon, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes::{self, HelpPlace};
use crate::shell::title::use_title;

/// The page of the address.
#[component]
pub fn HelpPage() -> impl IntoView {
    let w = &words().help_pages;
    let path = use_location().pathname;
    let place = memo(move || path.with(|path| HelpPlace::of(path)).unwrap_or(HelpPlace::Index));
    use_title(move || (w.title)(place.get()).to_owned());
    // The part with this page may come after the address: the place named in it is found then.
    request_animation_frame(|| {
        let place = window().location().hash().unwrap_or_default();
        if let Some(anchor) = place.strip_prefix('#').filter(|a| !a.is_empty()) {
            focus_id(anchor);
        }
    });
    let crumbs = derived(move || match place.get() {
        HelpPlace::Index => vec![Crumb::here((w.title)(HelpPlace::Index))],
        place => {
            vec![Crumb::link(routes::HELP, (w.title)(HelpPlace::Index)), Crumb::here((w.title)(place))]
        }
    });
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            let place = place.get();
            view! {
                <div class="hd">
                    <h1 tabindex="-1">{(w.title)(place)}</h1>
                    <p class="sub">{(w.lead)(place)}</p>
                </div>
                {match place {
                    HelpPlace::Index => view! { <Index /> }.into_any(),
                    place => view! { <section class="card stack">{topic(place)}</section> }.into_any(),
                }}
            }
                .into_any()
        })}
    }
}

#[component]
fn Index() -> impl IntoView {
    let (t, w, help) = (use_i18n().t, &words().help_pages, &words().help);
    let (meta, _) = use_meta();
    let version = move || meta.with(|m| m.as_ref().map(|m| (t.help_version)(&m.version)));
    let pages = HelpPlace::ALL.into_iter().filter(|place| *place != HelpPlace::Index).map(|place| {
        view! {
            <li>
                <a href=place.path()>{(w.title)(place)}</a>
                <span class="sub-line">{(w.lead)(place)}</span>
            </li>
        }
    });
    view! {
        <section class="card" aria-labelledby="help-pages">
            <h2 id="help-pages">{w.pages}</h2>
            <ul class="toc">{pages.collect_view()}</ul>
        </section>
        {help
            .topics
            .iter()
            .filter(|topic| topic.anchor != "region-id")
            .map(|topic| {
                view! {
                    <section class="card" aria-labelledby=topic.anchor>
                        <header>
                            <h2 id=topic.anchor tabindex="-1">
                                {topic.title}
                            </h2>
                        </header>
                        {paragraphs(topic)}
                    </section>
                }
            })
            .collect_view()}
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
                    <Icon name="external-link" />
                    {t.help_api_docs}
                </a>
            </p>
            <p class="sm mut num">{dynamic(version)}</p>
        </section>
    }
}
