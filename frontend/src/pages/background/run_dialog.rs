//! Starting a job: a button that says why it is off, and a question before it.

use common::auth::Permission;
use common::job::JobOffer;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::Background;
use crate::api::{ApiError, use_api};
use crate::components::{ErrorPanel, Modal, Note, words};
use crate::i18n::use_i18n;
use crate::pages::lifecycle::fields::{Foot, Sending};
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::routes;
use crate::state::gate::use_gate_everywhere;

/// “Run now” of one job.
#[component]
pub fn RunButton(background: Background, job: JobOffer) -> impl IntoView {
    let w = &words().background;
    let i18n = use_i18n();
    let gate = use_gate_everywhere(Permission::Operate);
    let key = StoredValue::new(job.key.clone());
    let running = memo(move || {
        background
            .load
            .read(|b| key.with_value(|k| b.runs.iter().find(|r| r.job == *k).map(|r| r.requested_at)))
            .flatten()
    });
    let not_ready =
        memo(move || {
            background.load.read(|b| b.trigger.clone()).filter(|t| !t.ok).map(|t| {
                t.code.map(|code| (w.cannot_start)(code).to_owned()).or(t.detail).unwrap_or_default()
            })
        });
    let off = memo(move || {
        let busy = || running.get().map(|at| (w.runs_already)(&i18n.fmt.time(at)));
        gate.get().or_else(|| not_ready.get()).or_else(busy)
    });
    let reason = format!("run-{}-off", job.key);
    let label = (w.run_now_job)(&job.title);
    let described = reason.clone();
    let job = StoredValue::new(job);
    view! {
        <div class="stack tight">
            <button
                type="button"
                class="btn"
                aria-haspopup="dialog"
                aria-label=label
                title=attr(move || off.get())
                aria-disabled=attr(move || off.with(Option::is_some).then_some("true"))
                aria-describedby=attr(move || off.with(Option::is_some).then(|| described.clone()))
                on:click=move |_| {
                    if off.with_untracked(Option::is_none) {
                        background.asking.set(Some(job.get_value()));
                    }
                }
            >
                {w.run_now}
            </button>
            {dynamic(move || off.get().map(|text| view! { <p class="reason" id=reason.clone()>{text}</p> }))}
        </div>
    }
}

/// The question, once for all jobs of a page.
#[component]
pub fn RunDialog(background: Background) -> impl IntoView {
    let (asking, open) = (background.asking, RwSignal::new(false));
    effect(move || {
        if asking.with(Option::is_some) {
            open.set(true);
        }
    });
    // Asked again, even about the same job.
    effect(move || {
        if !open.get() && asking.with_untracked(Option::is_some) {
            asking.set(None);
        }
    });
    let job = Memo::new(move |before: Option<&Option<JobOffer>>| {
        asking.get().or_else(|| before.cloned().flatten())
    });
    let w = &words().background;
    let (t, api, navigate) = (use_i18n().t, use_api(), use_navigate());
    let (sending, failed) = (Sending::default(), RwSignal::new(None::<ApiError>));
    let navigate = StoredValue::new(navigate);
    effect(move || {
        asking.track();
        failed.set(None);
    });
    let start = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(key) = job.with_untracked(|j| j.as_ref().map(|j| j.key.clone())) else { return };
        if !sending.begin(Vec::new()) {
            return;
        }
        failed.set(None);
        spawn_local(async move {
            let reply = api.start_job(&key).await;
            sending.busy.try_set(false);
            match reply {
                Ok(run) => {
                    open.try_set(false);
                    background.reload();
                    let to = routes::job_run(&key, run.id);
                    navigate.try_with_value(|go| go(&to, NavigateOptions::default()));
                }
                Err(error) => {
                    failed.try_set(Some(error));
                }
            }
        });
    };
    let title =
        derived(move || job.with(|j| j.as_ref().map(|j| (w.confirm_title)(&j.title)).unwrap_or_default()));
    let dangerous = memo(move || job.with(|j| j.as_ref().is_some_and(|j| j.dangerous)));
    view! {
        <Modal heading_id="run-job" title=title open=open>
            <form on:submit=start novalidate>
                <div class="dlg-body">
                    <p>
                        <bdi translate="no">{dynamic(move || job.with(|j| j.as_ref().map(|j| j.description.clone())))}</bdi>
                    </p>
                    {dynamic(move || {
                        dangerous
                            .get()
                            .then(|| view! { <Note tone="warn" icon="triangle-alert">{w.confirm_dangerous}</Note> })
                    })}
                    <p class="mut">{w.confirm_text}</p>
                    {dynamic(move || {
                        failed
                            .get()
                            .map(|e| {
                                view! {
                                    <ErrorPanel
                                        title=w.not_started
                                        detail=e.detail(t)
                                        request_id=e.request_id()
                                        small=true
                                    />
                                }
                            })
                    })}
                </div>
                {dynamic(move || {
                    let class = if dangerous.get() { "btn dan" } else { "btn pri" };
                    view! {
                        <Foot
                            label=w.run_now.to_owned()
                            running=w.starting
                            class=class
                            off=Signal::stored(None::<String>)
                            sending=sending
                            close=Callback::new(move |()| open.set(false))
                        />
                    }
                })}
            </form>
        </Modal>
    }
}
