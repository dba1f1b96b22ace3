//! The connection test, step by step: what passed, what failed, why, and what to do.

use common::storage::{StorageStep, StorageStepKind, StorageStepState, StorageTestReply, access_policy};
use leptos::prelude::*;

use super::region_storage_form::{Form, Tested, outcome};
use crate::components::{Check, CopyButton, Icon, ServerWords, format, said, words};
use crate::reactive::{attr, dynamic, memo};

/// The part of the form.
#[component]
pub fn TestSteps(
    /// The form.
    form: Form,
) -> impl IntoView {
    let w = &words().storage;
    let running = memo(move || form.tested.with(|t| *t == Tested::Running));
    let reply = memo(move || {
        form.tested.with(|t| match t {
            Tested::Done(of) => Some(of.1.clone()),
            Tested::Never | Tested::Running => None,
        })
    });
    // Offered where the test says so, and as long as it is chosen.
    let missing = memo(move || {
        let said = reply.with(|r| {
            r.as_ref()
                .and_then(StorageTestReply::failed)
                .is_some_and(|s| s.code.as_deref() == Some("bucket_missing"))
        });
        said || form.create_bucket.get()
    });
    let outdated = memo(move || {
        let typed = form.typed();
        form.tested.with(|t| matches!(t, Tested::Done(of) if of.0 != typed))
    });
    view! {
        <section class="stack tight" aria-labelledby="storage-test" aria-busy=attr(move || running.get().then_some("true"))>
            <div class="hd">
                <h3 id="storage-test">{w.test}</h3>
                {dynamic(move || {
                    reply
                        .get()
                        .map(|r| {
                            let (family, icon) = if r.ok { ("ok", "circle-check") } else { ("bad", "octagon-x") };
                            view! {
                                <span class=format!("st {family}")>
                                    <Icon name=icon />
                                    <span>{outcome(&r)}</span>
                                </span>
                            }
                        })
                })}
                {dynamic(move || {
                    running
                        .get()
                        .then(|| {
                            view! {
                                <span class="st move">
                                    <Icon name="loader-circle" class="spin" />
                                    <span>{w.testing}</span>
                                </span>
                            }
                        })
                })}
            </div>
            <p class="sm mut">{dynamic(move || if outdated.get() { w.outdated } else { w.test_hint })}</p>
            {dynamic(move || {
                let steps = reply.get().map(|r| r.steps);
                if steps.is_none() && !running.get() {
                    return ().into_any();
                }
                let all = match steps {
                    Some(steps) => steps.into_iter().enumerate().map(|(i, s)| step(form, i, s)).collect_view().into_any(),
                    None => {
                        StorageStepKind::ALL
                            .into_iter()
                            .enumerate()
                            .map(|(i, kind)| open_step(i, kind))
                            .collect_view()
                            .into_any()
                    }
                };
                view! { <ol class="steps">{all}</ol> }.into_any()
            })}
            {dynamic(move || {
                missing
                    .get()
                    .then(|| {
                        view! { <Check id="storage-create-bucket" label=w.create_bucket value=form.create_bucket /> }
                    })
            })}
        </section>
    }
}

/// A step that has not been run.
fn open_step(index: usize, kind: StorageStepKind) -> AnyView {
    let w = &words().storage;
    view! {
        <li class="step">
            <span class="step-mark idle">
                <Icon name="circle-dashed" />
            </span>
            <div class="mut">
                <span class="num">{index + 1}</span>
                " "
                {(w.step)(kind)}
                <span class="vh">": "{w.not_run}</span>
            </div>
        </li>
    }
    .into_any()
}

/// A step of a test that is over.
fn step(form: Form, index: usize, step: StorageStep) -> AnyView {
    let w = &words().storage;
    let (family, icon) = match step.state {
        StorageStepState::Ok => ("ok", "check"),
        StorageStepState::Failed => ("bad", "x"),
        StorageStepState::Skipped => ("idle", "minus"),
    };
    let seen = step.code.as_deref().and_then(words().refusals.seen);
    let denied = step.code.as_deref() == Some("access_denied");
    let policy = denied.then(|| untrack(|| form.typed()).put()).map(|put| {
        let bucket = put.bucket.unwrap_or_else(|| common::storage::DEFAULT_BUCKET.to_owned());
        access_policy(&bucket, &put.prefix.unwrap_or_default())
    });
    view! {
        <li class="step">
            <span class=format!("step-mark {family}")>
                <Icon name=icon />
            </span>
            <div>
                <b>
                    <span class="num">{index + 1}</span>
                    " "
                    {(w.step)(step.step)}
                </b>
                <span class="sm mut">" · "{(w.step_state)(step.state)}</span>
                // “not run” says nothing that the state does not.
                {(!step.detail.is_empty() && step.detail != "not run")
                    .then(|| {
                        view! {
                            <div class="sm mut wrap-any">
                                <ServerWords text=step.detail />
                            </div>
                        }
                    })}
                {step.cause.map(|text| view! { <p class="bad-text">{said(seen.map(|(cause, _)| cause), text)}</p> })}
                {step
                    .cure
                    .map(|text| {
                        let cure = seen.and_then(|(_, cure)| cure);
                        view! { <p>{said(cure, text)}</p> }
                    })}
                {policy.map(|text| view! { <p><CopyButton text=text label=w.copy_policy /></p> })}
            </div>
            <span class="sm mut num nowrap">{step.duration_ms.map(format::millis)}</span>
        </li>
    }
    .into_any()
}
