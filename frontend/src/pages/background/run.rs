//! One run: where it stands, and what it prints while it runs.

use std::time::Duration;

use common::auth::Permission;
use common::ids::RunId;
use common::job::{JobRun, OUTPUT_KEPT, RunState};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Background;
use super::jobs::{short, state_badge, took};
use super::run_dialog::RunButton;
use crate::api::{ApiError, use_api};
use crate::components::{Check, Empty, GatedButton, Note, Reason, TextOrNone, words};
use crate::i18n::{isolated, use_i18n};
use crate::pages::load::{Load, every, failure};
use crate::reactive::{derived, dynamic, effect, memo};
use crate::state::gate::use_gate_everywhere;

/// How often a run that goes on is read again.
const AGAIN: Duration = Duration::from_secs(1);

/// `/background/jobs/:job/runs/:run`
#[component]
pub fn RunPage(background: Background, job: String, run: String) -> impl IntoView {
    let w = &words().background;
    match run.parse::<RunId>() {
        Ok(id) => view! { <Run background=background job=job id=id /> }.into_any(),
        Err(_) => view! { <Empty icon="history" title=w.no_runs text=w.no_runs_text /> }.into_any(),
    }
}

#[component]
fn Run(background: Background, job: String, id: RunId) -> impl IntoView {
    let w = &words().background;
    let (api, i18n, gate) = (use_api(), use_i18n(), use_gate_everywhere(Permission::Operate));
    let run = Load::<JobRun>::default();
    let ask = move || run.ask(async move { api.run(id).await });
    ask();
    let goes_on = move || run.peek(|r| r.state.is_active()).unwrap_or(true);
    every(AGAIN, move || {
        if goes_on() {
            ask();
        }
    });
    let state = memo(move || run.read(|r| r.state));
    let asked = memo(move || run.read(|r| r.cancel_requested).unwrap_or(false));
    let off = derived(move || gate.get().or_else(|| asked.get().then(|| w.cancel_asked.to_owned())));
    let refused = RwSignal::new(None::<ApiError>);
    let cancel = Callback::new(move |()| {
        spawn_local(async move {
            match api.cancel_run(id).await {
                Ok(now) => {
                    refused.try_set(None);
                    // The reply has no output; what is on the screen stays until it is read again.
                    let output = run.peek(|r| r.output.clone()).flatten();
                    run.put(JobRun { output, ..now });
                }
                Err(error) => {
                    refused.try_set(Some(error));
                }
            }
        });
    });
    let offer =
        memo(move || background.load.read(|b| b.jobs.iter().find(|j| j.key == job).cloned()).flatten());
    let time = move |read: fn(&JobRun) -> Option<common::time::Timestamp>| {
        derived(move || run.read(read).flatten().map(|at| i18n.fmt.time(at)))
    };
    let duration = derived(move || run.read(took).flatten().map(short));
    view! {
        {dynamic(move || {
            if state.get().is_some() {
                return ().into_any();
            }
            run.error().map_or_else(|| ().into_any(), |e| failure(&e, Callback::new(move |()| ask())))
        })}
        <section class="card stack" aria-labelledby="run-state">
            <header>
                <h2 id="run-state">{w.run_title}</h2>
                {dynamic(move || state.get().map(state_badge))}
                <span class="sp"></span>
                {dynamic(move || match state.get() {
                    Some(s) if s.is_active() => {
                        view! {
                            <GatedButton
                                label=Signal::stored(w.cancel_run)
                                icon="circle-slash"
                                off=off
                                reason="cancel-run-off"
                                on_press=cancel
                            />
                        }
                            .into_any()
                    }
                    Some(_) => {
                        offer.get().map(|job| view! { <RunButton background=background job=job /> }).into_any()
                    }
                    None => ().into_any(),
                })}
            </header>
            {dynamic(move || {
                state.get().filter(|s| s.is_active()).map(|_| view! { <Reason id="cancel-run-off" off=off /> })
            })}
            {dynamic(move || refused.get().map(|e| view! { <p class="bad-text" role="alert">{e.detail(i18n.t)}</p> }))}
            {dynamic(move || {
                run.read(|r| r.error.clone())
                    .flatten()
                    .map(|text| view! { <Note tone="bad" icon="octagon-x"><bdi translate="no">{text}</bdi></Note> })
            })}
            {dynamic(move || {
                (state.get() == Some(RunState::Lost))
                    .then(|| view! { <Note tone="warn" icon="circle-help">{w.lost_text}</Note> })
            })}
            <p>
                {dynamic(move || {
                    run.read(|r| (w.run_by)(&r.requested_by, &i18n.fmt.date_time(r.requested_at)))
                })}
            </p>
            <dl class="kv">
                <dt>{w.started}</dt>
                <dd class="num">
                    <TextOrNone text=derived(move || {
                        let unknown = |r: &JobRun| r.started_at.is_none() && !r.state.is_active();
                        if run.read(unknown).unwrap_or(false) {
                            return Some(w.started_unknown.to_owned());
                        }
                        run.read(|r| r.started_at).flatten().map(|at| i18n.fmt.time(at))
                    }) />
                </dd>
                <dt>{w.finished}</dt>
                <dd class="num">
                    <TextOrNone text=time(|r| r.finished_at) />
                </dd>
                <dt>{w.col_duration}</dt>
                <dd class="num">
                    <TextOrNone text=duration />
                </dd>
                <dt>{w.reported}</dt>
                <dd class="num">
                    <TextOrNone text=time(|r| r.reported_at) />
                </dd>
                <dt>{w.push}</dt>
                <dd>
                    <TextOrNone text=derived(move || run.read(|r| r.push.as_deref().map(isolated)).flatten()) />
                </dd>
                <dt>{w.run_id}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {id.to_string()}
                    </bdi>
                </dd>
            </dl>
        </section>
        <Output run=run />
    }
}

#[component]
fn Output(run: Load<JobRun>) -> impl IntoView {
    let w = &words().background;
    let follow = RwSignal::new(true);
    let place = NodeRef::<html::Pre>::new();
    let text = memo(move || run.read(|r| r.output.clone().unwrap_or_default()).unwrap_or_default());
    let printed = memo(move || run.read(|r| r.output_bytes).unwrap_or(0));
    let over = memo(move || run.read(|r| !r.state.is_active()).unwrap_or(false));
    let empty = memo(move || text.with(String::is_empty));
    let kept = u64::try_from(OUTPUT_KEPT).unwrap_or(u64::MAX);
    effect(move || {
        text.track();
        if follow.get()
            && let Some(place) = place.get()
        {
            request_animation_frame(move || place.set_scroll_top(place.scroll_height()));
        }
    });
    view! {
        <section class="card stack tight">
            <header>
                <h2 id="run-output">{w.output}</h2>
                <span class="sp"></span>
                <Check id="run-follow" label=w.follow value=follow />
            </header>
            {dynamic(move || {
                (printed.get() > kept).then(|| view! { <p class="sm mut num">{(w.cut)(printed.get())}</p> })
            })}
            {dynamic(move || {
                if empty.get() {
                    let words = if over.get() { w.no_output } else { w.waiting_output };
                    return view! { <p class="mut">{words}</p> }.into_any();
                }
                view! {
                    <pre
                        class="code wrap output"
                        tabindex="0"
                        role="region"
                        aria-labelledby="run-output"
                        translate="no"
                        dir="ltr"
                        node_ref=place
                    >
                        {dynamic(move || text.get())}
                    </pre>
                }
                    .into_any()
            })}
        </section>
    }
}
