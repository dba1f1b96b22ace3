//! How the background node is: whether jobs can be started, whether both sides hold the same key, what runs.

use common::job::JobRun;
use common::node::Node;
use common::singleton::BackgroundNode;
use leptos::prelude::*;

use super::jobs::{run_line, state_badge};
use super::sync::SyncCard;
use super::{Background, missing, title_of};
use crate::components::{Note, TextOrNone, words};
use crate::i18n::use_i18n;
use crate::pages::lifecycle::actions::NodeActions;
use crate::pages::lifecycle::drain::DrainCard;
use crate::pages::lifecycle::model::RunningJobs;
use crate::pages::node_figures::Figures;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::state::live::use_live;

/// `/background/overview`
#[component]
pub fn Overview(background: Background) -> impl IntoView {
    let known = memo(move || background.load.read(|b| b.node.as_ref().map(Node::id)).flatten());
    dynamic(move || match known.get() {
        Some(id) => view! { <Known background=background id=id /> }.into_any(),
        None => missing(),
    })
}

#[component]
fn Known(background: Background, id: common::ids::NodeId) -> impl IntoView {
    let w = &words().background;
    let live = use_live();
    let node = memo(move || {
        live.node(id, Clone::clone).or_else(|| background.load.read(|b| b.node.clone()).flatten())
    });
    // Two runs of one job are two jobs that are cut off.
    let running = memo(move || {
        let keys = background.load.read(|b| b.runs.iter().map(|r| r.job.clone()).collect::<Vec<_>>());
        let plain = |key: &String| {
            let title = |b: &BackgroundNode| b.jobs.iter().find(|j| j.key == *key).map(|j| j.title.clone());
            background.load.read(title).flatten().unwrap_or_else(|| key.clone())
        };
        keys.unwrap_or_default().iter().map(plain).collect()
    });
    provide_context(RunningJobs(running));
    view! {
        <NotReady background=background />
        <NodeActions id=id node=node />
        <DrainCard node=node />
        <Figures id=id node=node />
        <div class="grid k2">
            <SyncCard background=background />
            <Process node=node />
        </div>
        <section class="card" aria-labelledby="bg-running">
            <header>
                <h2 id="bg-running">{w.running}</h2>
            </header>
            <Runs background=background which=|b| b.runs.clone() none=w.nothing_runs />
        </section>
        <section class="card" aria-labelledby="bg-last">
            <header>
                <h2 id="bg-last">{w.last_runs}</h2>
            </header>
            <Runs background=background which=|b| b.last.clone() none=w.never_ran />
        </section>
        <p class="sm mut">
            {w.delete} " " <a href=routes::node(id)>{w.to_settings}</a>
        </p>
    }
}

/// Why jobs cannot be started, where they cannot.
#[component]
pub fn NotReady(background: Background) -> impl IntoView {
    let w = &words().background;
    let i18n = use_i18n();
    let trigger = memo(move || background.load.read(|b| b.trigger.clone()).filter(|t| !t.ok));
    dynamic(move || {
        trigger.get().map(|t| {
            let text = t.code.map(|code| (w.cannot_start)(code).to_owned()).or(t.detail).unwrap_or_default();
            view! {
                <Note tone="warn" icon="triangle-alert">
                    <p>
                        <b>{w.not_ready}</b>
                    </p>
                    <p>
                        {text} " " {t.since.map(|at| (i18n.t.as_of)(&i18n.fmt.date_time(at)))} " "
                        <a href=routes::BACKGROUND_CONFIG>{w.to_config}</a>
                    </p>
                </Note>
            }
        })
    })
}

#[component]
fn Process(node: Memo<Option<Node>>) -> impl IntoView {
    let w = &words().background;
    let i18n = use_i18n();
    let of =
        move |read: fn(&Node) -> Option<String>| derived(move || node.with(|n| n.as_ref().and_then(read)));
    let started = derived(move || {
        node.with(|n| n.as_ref().and_then(|n| n.live.started_at)).map(|at| i18n.fmt.date_time(at))
    });
    let heard = derived(move || {
        node.with(|n| n.as_ref().and_then(|n| n.live.last_heartbeat_at)).map(|at| i18n.fmt.date_time(at))
    });
    view! {
        <section class="card" aria-labelledby="bg-process">
            <header>
                <h2 id="bg-process">{w.details}</h2>
            </header>
            <dl class="kv">
                <dt>{w.endpoint}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        <TextOrNone text=of(|n| Some(n.endpoint.to_string())) />
                    </bdi>
                </dd>
                <dt>{w.version}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        <TextOrNone text=of(|n| n.live.software_version.clone()) />
                    </bdi>
                </dd>
                <dt>{w.host}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        <TextOrNone text=of(|n| n.live.hostname.clone()) />
                    </bdi>
                </dd>
                <dt>{w.uptime}</dt>
                <dd>
                    <TextOrNone text=started />
                </dd>
                <dt>{w.heartbeat}</dt>
                <dd>
                    <TextOrNone text=heard />
                </dd>
            </dl>
        </section>
    }
}

#[component]
fn Runs(
    background: Background,
    which: fn(&common::singleton::BackgroundNode) -> Vec<JobRun>,
    none: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let runs = memo(move || background.load.read(which).unwrap_or_default());
    dynamic(move || {
        let runs = runs.get();
        if runs.is_empty() {
            return view! { <p class="mut">{none}</p> }.into_any();
        }
        let rows = runs.into_iter().map(|run| {
            let title = title_of(background, &run.job);
            view! {
                <li>
                    {state_badge(run.state)}
                    <div class="gr">
                        <a href=routes::job_run(&run.job, run.id)>{title}</a>
                        <p class="sm mut num">{run_line(&run, i18n)}</p>
                    </div>
                </li>
            }
        });
        view! { <ul class="list">{rows.collect_view()}</ul> }.into_any()
    })
}
