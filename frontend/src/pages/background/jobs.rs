//! What the background node can do, and what it did.

use common::job::{JobOffer, JobRun, JobRunPage, RunState};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::overview::NotReady;
use super::run_dialog::RunButton;
use super::{Background, missing};
use crate::api::use_api;
use crate::components::{Empty, Icon, TableBox, Tag, format, words};
use crate::i18n::{I18n, isolated, use_i18n};
use crate::pages::load::{Load, failure};
use crate::reactive::{dynamic, effect, memo};
use crate::routes;

/// A state with its icon.
pub fn state_badge(state: RunState) -> AnyView {
    let (family, icon) = match state {
        RunState::Queued | RunState::Accepted => ("move", "clock"),
        RunState::Running => ("move", "loader-circle"),
        RunState::Succeeded => ("ok", "circle-check"),
        RunState::Failed => ("bad", "octagon-x"),
        RunState::Cancelled => ("idle", "circle-slash"),
        RunState::Lost => ("warn", "circle-help"),
    };
    view! {
        <span class=format!("st {family}")>
            <Icon name=icon />
            <span>{(words().background.state)(state)}</span>
        </span>
    }
    .into_any()
}

/// How long a run took, where it began and ended.
pub fn took(run: &JobRun) -> Option<u64> {
    Some(run.finished_at?.since(run.started_at.unwrap_or(run.requested_at)))
}

/// A run in one line: when, how long, who.
pub fn run_line(run: &JobRun, i18n: I18n) -> String {
    let when = i18n.fmt.date_time(run.requested_at);
    let took = took(run).map(|ms| format!(" · {}", short(ms))).unwrap_or_default();
    let error = run.error.as_deref().map(|e| format!(" · {}", isolated(e))).unwrap_or_default();
    format!("{when}{took} · {}{error}", isolated(&run.requested_by))
}

/// A duration that may be below a second.
pub fn short(ms: u64) -> String {
    if ms < 1000 { format::millis(ms) } else { format::duration(ms) }
}

/// `/background/jobs`
#[component]
pub fn Jobs(background: Background) -> impl IntoView {
    let w = &words().background;
    let i18n = use_i18n();
    let known = memo(move || background.load.read(|b| b.node.is_some()).unwrap_or(false));
    let jobs = memo(move || background.load.read(|b| b.jobs.clone()).unwrap_or_default());
    let at = memo(move || background.load.read(|b| b.jobs_at).flatten());
    dynamic(move || {
        if !known.get() {
            return missing();
        }
        view! {
            <NotReady background=background />
            {dynamic(move || {
                let jobs = jobs.get();
                if jobs.is_empty() {
                    return view! { <Empty icon="server-cog" title=w.no_jobs text=w.no_jobs_text /> }.into_any();
                }
                view! {
                    <section class="card" aria-label=w.jobs>
                        <ul class="list">
                            {jobs.into_iter().map(|job| view! { <JobRow background=background job=job /> }).collect_view()}
                        </ul>
                    </section>
                }
                    .into_any()
            })}
            {dynamic(move || at.get().map(|at| view! { <p class="sm mut">{(w.jobs_at)(&i18n.fmt.date_time(at))}</p> }))}
        }
        .into_any()
    })
}

#[component]
fn JobRow(background: Background, job: JobOffer) -> impl IntoView {
    let i18n = use_i18n();
    let w = &words().background;
    let key = StoredValue::new(job.key.clone());
    // The one that goes on, else the last that ended.
    let last = memo(move || {
        background
            .load
            .read(|b| key.with_value(|k| b.runs.iter().chain(&b.last).find(|r| r.job == *k).cloned()))
            .flatten()
    });
    view! {
        <li>
            <div class="gr">
                <p>
                    <a href=routes::job(&job.key)>
                        <b>
                            <bdi translate="no">{job.title.clone()}</bdi>
                        </b>
                    </a>
                    " "
                    {job.dangerous.then(|| view! { <Tag text=w.dangerous /> })}
                </p>
                <p class="sm mut">
                    <bdi translate="no">{job.description.clone()}</bdi>
                    {job.schedule.clone().map(|s| format!(" · {s}"))}
                </p>
                {dynamic(move || {
                    last.get()
                        .map(|run| {
                            view! {
                                <p class="sm row">
                                    {state_badge(run.state)}
                                    <a class="num" href=routes::job_run(&run.job, run.id)>
                                        {run_line(&run, i18n)}
                                    </a>
                                </p>
                            }
                        })
                })}
            </div>
            <RunButton background=background job=job />
        </li>
    }
}

/// `/background/jobs/:job`
#[component]
pub fn JobPage(background: Background, job: String) -> impl IntoView {
    let w = &words().background;
    let api = use_api();
    let key = StoredValue::new(job);
    let offer = memo(move || {
        background.load.read(|b| key.with_value(|k| b.jobs.iter().find(|j| j.key == *k).cloned())).flatten()
    });
    let runs = Load::<JobRunPage>::default();
    let ask = move || {
        let key = key.get_value();
        runs.ask(async move { api.runs_of(&key, None).await });
    };
    // What ran, and how far it is, shows in the node's own reply; the list follows it.
    let moved = memo(move || {
        background.load.read(|b| {
            let all = b.runs.iter().chain(&b.last);
            all.filter(|r| key.with_value(|k| r.job == *k)).map(|r| (r.id, r.state)).collect::<Vec<_>>()
        })
    });
    effect(move || {
        moved.track();
        ask();
    });
    let older = move |cursor: String| {
        let key = key.get_value();
        spawn_local(async move {
            if let Ok(next) = api.runs_of(&key, Some(&cursor)).await {
                let mut items = runs.peek(|p| p.items.clone()).unwrap_or_default();
                items.extend(next.items);
                runs.put(JobRunPage { items, next_cursor: next.next_cursor });
            }
        });
    };
    view! {
        <NotReady background=background />
        {dynamic(move || match offer.get() {
            Some(job) => {
                view! {
                    <div class="hd">
                        <p class="gr">
                            <bdi translate="no">{job.description.clone()}</bdi>
                            {job.schedule.clone().map(|s| format!(" · {s}"))} " "
                            {job.dangerous.then(|| view! { <Tag text=w.dangerous /> })}
                        </p>
                        <RunButton background=background job=job />
                    </div>
                }
                    .into_any()
            }
            None => view! { <p class="mut">{w.unknown_job}</p> }.into_any(),
        })}
        <section class="card">
            <header>
                <h2>{w.history}</h2>
            </header>
            {dynamic(move || {
                if let Some(page) = runs.read(Clone::clone) {
                    return run_table(page, Callback::new(older));
                }
                runs.error().map_or_else(|| ().into_any(), |e| failure(&e, Callback::new(move |()| ask())))
            })}
        </section>
    }
}

fn run_table(page: JobRunPage, older: Callback<String>) -> AnyView {
    let w = &words().background;
    let i18n = use_i18n();
    if page.items.is_empty() {
        return view! { <Empty icon="history" title=w.no_runs text=w.no_runs_text small=true /> }.into_any();
    }
    let rows = page.items.into_iter().map(|run| {
        let at = i18n.fmt.date_time(run.requested_at);
        view! {
            <tr>
                <td>{state_badge(run.state)}</td>
                <td>
                    <a class="num" href=routes::job_run(&run.job, run.id) aria-label=(w.open_run)(&at)>
                        {at.clone()}
                    </a>
                </td>
                <td class="n">{took(&run).map_or_else(|| format::NONE.to_owned(), short)}</td>
                <td>
                    <bdi translate="no">{run.requested_by.clone()}</bdi>
                </td>
                <td class="wrap">{run.error.clone()}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <TableBox label=w.history>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.col_state}</th>
                        <th scope="col">{w.col_asked}</th>
                        <th scope="col" class="n">
                            {w.col_duration}
                        </th>
                        <th scope="col">{w.col_actor}</th>
                        <th scope="col">
                            <span class="vh">{w.details}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableBox>
        {page
            .next_cursor
            .map(|cursor| {
                view! {
                    <div class="toolbar">
                        <button type="button" class="btn" on:click=move |_| older.run(cursor.clone())>
                            {w.older}
                        </button>
                    </div>
                }
            })}
    }
    .into_any()
}
