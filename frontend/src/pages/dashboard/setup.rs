//! The first steps, told by what is registered and not by what this browser remembers.

use common::node::NodeKind;
use leptos::prelude::*;

use super::regions::AddRegion;
use crate::components::Icon;
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};
use crate::routes;
use crate::state::live::use_live;

/// How far the platform is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Progress {
    region: Option<common::ids::RegionId>,
    backend: bool,
    proxy: bool,
}

/// The list, until a region with both kinds of nodes exists.
#[component]
pub fn Setup() -> impl IntoView {
    let (t, live) = (use_i18n().t, use_live());
    let progress = memo(move || {
        let region = live.region_ids()?.into_iter().next();
        let (backend, proxy) = live.cluster(|c| {
            let any = |k: &common::capacity::KindCounts| k.registered > 0 || k.disabled > 0;
            (any(&c.backend), any(&c.proxy))
        })?;
        Some(Progress { region, backend, proxy }).filter(|p| p.region.is_none() || !p.backend || !p.proxy)
    });
    dynamic(move || {
        progress.get().map(|Progress { region, backend, proxy }| {
            let node = |kind, done: bool| {
                let button = region.as_ref().filter(|_| !done).map(|region| {
                    let text = if kind == NodeKind::Proxy { t.add_proxy } else { t.add_backend };
                    view! { <a class="btn" href=routes::node_new(region, kind)>{text}</a> }
                });
                step(t, done, (t.setup_node)(kind), (t.setup_node_why)(kind), button.into_any())
            };
            view! {
                <section class="card" aria-labelledby="setup">
                    <header>
                        <h2 id="setup">{t.setup_title}</h2>
                    </header>
                    <p class="sm mut">{t.setup_intro}</p>
                    <ol class="steps push">
                        {step(
                            t,
                            region.is_some(),
                            t.setup_region,
                            t.setup_region_why,
                            region.is_none().then(|| view! { <AddRegion /> }).into_any(),
                        )}
                        {node(NodeKind::Backend, backend)}
                        {node(NodeKind::Proxy, proxy)}
                    </ol>
                </section>
            }
        })
    })
}

fn step(
    t: &'static crate::i18n::strings::Strings,
    done: bool,
    title: &'static str,
    why: &'static str,
    action: AnyView,
) -> impl IntoView {
    let (mark, icon, word) = if done {
        ("step-mark ok", "check", t.setup_done)
    } else {
        ("step-mark idle", "circle-dashed", t.setup_to_do)
    };
    view! {
        <li class="step">
            <span class=mark>
                <Icon name=icon />
                <span class="vh">{word}</span>
            </span>
            <div class="gr">
                <b>{title}</b>
                <p class="sm mut">{why}</p>
            </div>
            {action}
        </li>
    }
}
