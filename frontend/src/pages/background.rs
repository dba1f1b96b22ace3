//! The background node: how it is, what it can do, what it did, and where it is called.

pub mod config;
pub mod config_model;
pub mod jobs;
pub mod overview;
pub mod run;
pub mod run_dialog;
pub mod secret;
pub mod steps;
pub mod sync;

use std::time::Duration;

use common::job::JobOffer;
use common::node::Node;
use common::singleton::BackgroundNode;
use common::stream::Topic;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::charts::{ChartsOf, MACHINE};
use super::load::{Load, every, failure};
use crate::api::{Api, Whose, use_api};
use crate::components::chart::Mark;
use crate::components::{Breadcrumb, Crumb, Empty, Skeleton, StatusBadge, Tab, Tabs, words};
use crate::i18n::isolated;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes::{self, BackgroundPlace};
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::connection::use_topic;
use crate::state::live::use_live;

/// How often the page asks again by itself; the stream wakes it sooner.
const AGAIN: Duration = Duration::from_secs(10);

/// What the pages of the background node share; copy it freely.
#[derive(Clone, Copy)]
pub struct Background {
    /// As last read.
    pub load: Load<BackgroundNode>,
    /// The job that somebody is about to start.
    pub asking: RwSignal<Option<JobOffer>>,
    api: Api,
}

impl Background {
    /// Reads it again.
    pub fn reload(self) {
        let api = self.api;
        self.load.ask(async move { api.background().await });
    }
}

/// `/background/…`
#[component]
pub fn BackgroundPage() -> impl IntoView {
    let w = &words().background;
    let background = Background { load: Load::default(), asking: RwSignal::new(None), api: use_api() };
    background.reload();
    every(AGAIN, move || background.reload());
    let path = use_location().pathname;
    let place =
        memo(move || path.with(|path| routes::background_place(path)).unwrap_or(BackgroundPlace::Overview));
    use_title(move || match place.get() {
        BackgroundPlace::Overview => w.title.to_owned(),
        BackgroundPlace::Jobs => (words().tabs.title)(w.jobs, w.title),
        BackgroundPlace::Job(key) => (words().tabs.title)(&title_of(background, &key), w.title),
        BackgroundPlace::Run(key, _) => (words().tabs.title)(w.run_title, &title_of(background, &key)),
        BackgroundPlace::Config => (words().tabs.title)(w.config, w.title),
        BackgroundPlace::Metrics => (words().tabs.title)(words().tabs.metrics, w.title),
    });
    let node = memo(move || background.load.read(|b| b.node.as_ref().map(Node::id)).flatten());
    use_topic(move || node.get().map(Topic::Node));
    let live = use_live();
    // A run that changes, and each heartbeat of the node.
    effect(move || {
        if let Some(id) = node.get() {
            live.node(id, |_| ());
            untrack(|| background.reload());
        }
    });
    let crumbs = derived(move || crumbs(background, place.get()));
    let word = memo(move || {
        let id = node.get()?;
        live.node(id, |n| n.live.status.word)
            .or_else(|| background.load.read(|b| b.node.as_ref().map(|n| n.live.status.word)).flatten())
    });
    let here = memo(move || background.load.read(|_| ()).is_some());
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            let place = place.get();
            view! {
                <div class="hd">
                    <h1 tabindex="-1">{heading(background, &place)}</h1>
                    {dynamic(move || word.get().map(|word| view! { <StatusBadge word=word /> }))}
                    <AsOf />
                </div>
                <Tabs label=w.tabs tabs=tabs(&place) />
                {dynamic(move || {
                    if here.get() {
                        return match place.clone() {
                            BackgroundPlace::Overview => view! { <overview::Overview background=background /> }.into_any(),
                            BackgroundPlace::Jobs => view! { <jobs::Jobs background=background /> }.into_any(),
                            BackgroundPlace::Job(key) => {
                                view! { <jobs::JobPage background=background job=key /> }.into_any()
                            }
                            BackgroundPlace::Run(key, run) => {
                                view! { <run::RunPage background=background job=key run=run /> }.into_any()
                            }
                            BackgroundPlace::Config => view! { <config::Config background=background /> }.into_any(),
                            BackgroundPlace::Metrics => metrics(background, node),
                        };
                    }
                    match background.load.error() {
                        Some(error) => failure(&error, Callback::new(move |()| background.reload())),
                        None => {
                            view! {
                                <div aria-busy="true">
                                    <Skeleton shape="sk-card" count=2 />
                                </div>
                            }
                                .into_any()
                        }
                    }
                })}
            }
                .into_any()
        })}
        <run_dialog::RunDialog background=background />
    }
}

/// How a job is called, in the node's own words; its key where the node does not offer it now.
pub fn title_of(background: Background, key: &str) -> String {
    let title = |b: &BackgroundNode| b.jobs.iter().find(|j| j.key == key).map(|j| j.title.clone());
    isolated(&background.load.read(title).flatten().unwrap_or_else(|| key.to_owned()))
}

fn heading(background: Background, place: &BackgroundPlace) -> AnyView {
    match place {
        BackgroundPlace::Job(key) | BackgroundPlace::Run(key, _) => {
            let key = key.clone();
            dynamic(move || title_of(background, &key)).into_any()
        }
        _ => words().background.title.into_any(),
    }
}

fn tabs(place: &BackgroundPlace) -> Vec<Tab> {
    let w = &words().background;
    let jobs = matches!(place, BackgroundPlace::Jobs | BackgroundPlace::Job(_) | BackgroundPlace::Run(..));
    [
        (routes::BACKGROUND, w.overview, *place == BackgroundPlace::Overview),
        (routes::BACKGROUND_JOBS, w.jobs, jobs),
        (routes::BACKGROUND_CONFIG, w.config, *place == BackgroundPlace::Config),
        (routes::BACKGROUND_METRICS, words().tabs.metrics, *place == BackgroundPlace::Metrics),
    ]
    .map(|(href, text, here)| Tab { href: href.to_owned(), text, here })
    .to_vec()
}

fn crumbs(background: Background, place: BackgroundPlace) -> Vec<Crumb> {
    let w = &words().background;
    let top = || Crumb::link(routes::BACKGROUND, w.title);
    let jobs = || Crumb::link(routes::BACKGROUND_JOBS, w.jobs);
    match place {
        BackgroundPlace::Overview => vec![Crumb::here(w.title)],
        BackgroundPlace::Jobs => vec![top(), Crumb::here(w.jobs)],
        BackgroundPlace::Config => vec![top(), Crumb::here(w.config)],
        BackgroundPlace::Metrics => vec![top(), Crumb::here(words().tabs.metrics)],
        BackgroundPlace::Job(key) => vec![top(), jobs(), Crumb::here(title_of(background, &key))],
        BackgroundPlace::Run(key, _) => {
            let title = title_of(background, &key);
            vec![top(), jobs(), Crumb::link(routes::job(&key), title), Crumb::here(w.run_title)]
        }
    }
}

/// Its machine over time, with the runs of its jobs.
fn metrics(background: Background, node: Memo<Option<common::ids::NodeId>>) -> AnyView {
    let runs = derived(move || {
        let all = |b: &BackgroundNode| {
            let runs = b.runs.iter().chain(&b.last);
            let mut marks: Vec<Mark> = Vec::new();
            for (at, job) in runs.filter_map(|r| r.started_at.map(|at| (at, &r.job))) {
                let mark = Mark { at, text: title_of(background, job) };
                if !marks.contains(&mark) {
                    marks.push(mark);
                }
            }
            marks
        };
        background.load.read(all).unwrap_or_default()
    });
    dynamic(move || match node.get() {
        Some(id) => view! { <ChartsOf whose=Whose::Node(id) charts=MACHINE more=runs /> }.into_any(),
        None => missing(),
    })
    .into_any()
}

/// What stands where there is no background node.
pub fn missing() -> AnyView {
    let w = &words().background;
    view! {
        <Empty icon="server-cog" title=w.missing_title text=w.why>
            <a class="btn pri" href=routes::BACKGROUND_CONFIG>
                {w.register}
            </a>
        </Empty>
    }
    .into_any()
}
