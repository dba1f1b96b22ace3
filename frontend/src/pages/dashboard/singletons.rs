//! What exists once: the control plane itself, and the background node.

use std::time::Duration;

use common::singleton::FrontendNodes;
use leptos::prelude::*;

use crate::api::use_api;
use crate::components::{Icon, NoData, StatusBadge, format, words};
use crate::pages::load::{Load, every};
use crate::reactive::{dynamic, memo};
use crate::routes;
use crate::state::live::use_live;

/// How often the process that answers is asked what it uses.
const AGAIN: Duration = Duration::from_secs(10);

/// `CPU 12 % · RAM 40 %` of the process that answers.
#[component]
fn Uses() -> impl IntoView {
    let (api, w) = (use_api(), &words().frontend);
    let load = Load::<FrontendNodes>::default();
    let ask = move || load.ask(async move { api.frontends().await });
    ask();
    every(AGAIN, ask);
    let uses = memo(move || {
        let own =
            load.read(|all| all.items.iter().find(|n| n.is_self).map(|n| (n.cpu_percent, n.memory_percent)));
        let (cpu, memory) = own.flatten()?;
        Some((cpu.map(format::percent), memory.map(format::percent)))
    });
    // What is not known is a dash; before the first answer nobody knows.
    let figure = |name: &'static str, value: Option<String>| {
        let value = match value {
            Some(text) => view! { <bdi>{text}</bdi> }.into_any(),
            None => view! { <NoData /> }.into_any(),
        };
        view! {
            <span>
                {name}
                " "
                {value}
            </span>
        }
    };
    view! {
        <p class="split xs num val">
            {dynamic(move || {
                let (cpu, memory) = uses.get().unwrap_or_default();
                view! {
                    {figure(w.cpu, cpu)}
                    {figure(w.memory, memory)}
                }
            })}
        </p>
    }
}

/// The card.
#[component]
pub fn SingletonsCard() -> impl IntoView {
    let w = &words().problems;
    let live = use_live();
    let both = memo(move || live.overview(|o| o.singletons.clone()));
    dynamic(move || {
        both.get().map(|both| {
            let (f, b) = (both.frontend, both.background);
            view! {
                <section class="card" aria-labelledby="singletons">
                    <header>
                        <h2 id="singletons">{w.singletons}</h2>
                    </header>
                    <ul class="list">
                        <li>
                            <Icon name="app-window" />
                            <div class="gr">
                                <a href=routes::FRONTEND>{w.frontend}</a>
                                <p class="sm mut num">{(w.frontends)(f.count, &f.version)}</p>
                                <Uses />
                            </div>
                            {f
                                .versions_differ
                                .then(|| {
                                    view! {
                                        <span class="st warn">
                                            <Icon name="triangle-alert" />
                                            {w.versions_differ}
                                        </span>
                                    }
                                })}
                        </li>
                        <li>
                            <Icon name="server-cog" />
                            <div class="gr">
                                <a href=routes::BACKGROUND>{w.background}</a>
                            </div>
                            {match b.word {
                                Some(word) => view! { <StatusBadge word=word /> }.into_any(),
                                None => {
                                    view! {
                                        <span class="st never">
                                            <Icon name="circle-dashed" />
                                            {w.not_registered}
                                        </span>
                                    }
                                        .into_any()
                                }
                            }}
                        </li>
                    </ul>
                </section>
            }
        })
    })
}
