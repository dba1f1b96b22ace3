//! What exists once: the control plane itself, and the background node.

use leptos::prelude::*;

use crate::components::{Icon, StatusBadge, words};
use crate::reactive::{dynamic, memo};
use crate::routes;
use crate::state::live::use_live;

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
