//! The test of address and key, step by step.

use common::singleton::{BackgroundStep, BackgroundTestReply, CheckState};
use leptos::prelude::*;

use crate::components::{Icon, ServerWords, format, said, words};

/// What a test found.
pub fn reply_view(reply: BackgroundTestReply) -> AnyView {
    let w = &words().background;
    let (family, icon) = if reply.ok { ("ok", "circle-check") } else { ("bad", "octagon-x") };
    let steps = reply.steps.into_iter().enumerate().map(|(index, s)| step(index, s)).collect_view();
    view! {
        <p role="status">
            <span class=format!("st {family}")>
                <Icon name=icon />
                <span>{(w.verdict)(reply.verdict)}</span>
            </span>
            <span class="sm mut num">" "{format::millis(reply.duration_ms)}</span>
        </p>
        <ol class="steps">{steps}</ol>
    }
    .into_any()
}

fn step(index: usize, step: BackgroundStep) -> AnyView {
    let w = &words().background;
    let seen = step.code.as_deref().and_then(words().refusals.seen);
    let (family, icon) = match step.state {
        CheckState::Ok => ("ok", "check"),
        CheckState::Failed => ("bad", "x"),
        CheckState::Skipped => ("idle", "minus"),
    };
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
            </div>
            <span class="sm mut num nowrap">{step.duration_ms.map(format::millis)}</span>
        </li>
    }
    .into_any()
}
