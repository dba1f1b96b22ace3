//! The dialog of maintenance, disable and enable: reasons, end, deadline, and what it would do now.

use std::time::Duration;

use common::intent::Platform;
use common::node::Node;
use common::region::Region;
use common::status::{Intent, IntentState};
use common::time::Timestamp;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::fields::{
    EitherOr, Foot, ReasonField, SendError, Sending, TICK, TypedName, reason_fault, tick_fault, typed_fault,
};
use super::model::{Action, Filled, Subject, state_text};
use super::preview::{Impact, JobsNote, Look, Question};
use crate::api::{ApiError, Object, use_api};
use crate::components::form::{Fault, fault_of};
use crate::components::{ErrorSummary, Field, TextField, words};
use crate::i18n::use_i18n;
use crate::pages::conflict::{Clash, Conflict, ConflictDialog};
use crate::reactive::{attr, dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::clock::wall_ms;
use crate::state::connection::use_connection;

/// Where the stream does not bring what was written, the dialog is closed after this time.
const LATE: Duration = Duration::from_secs(3);
const PUBLIC: &str = "act-public";
const UNTIL: &str = "act-until";
const DEADLINE: &str = "act-deadline";
const FIELDS: [(&str, &str); 4] = [
    ("/privateReason", super::fields::REASON),
    ("/publicReason", PUBLIC),
    ("/until", UNTIL),
    ("/deadline", DEADLINE),
];

/// The intent and version that somebody else has stored meanwhile.
pub fn theirs(error: &ApiError, object: &Object) -> Option<(Intent, i64)> {
    match object {
        Object::Node(_) => error.current::<Node>().map(|n| (n.intent, n.version)),
        Object::Region(_) => error.current::<Region>().map(|r| (r.intent, r.version)),
        Object::Platform => error.current::<Platform>().map(|p| (p.intent, p.version)),
    }
}

/// What differs between their intent and the one asked for here.
pub fn conflict(theirs: &Intent, state: IntentState, reason: &str) -> Conflict {
    let w = &words().lifecycle;
    let sides = [
        (w.field_intent, state_text(theirs.state).to_owned(), state_text(state).to_owned()),
        (w.field_reason, theirs.private_reason.clone().unwrap_or_default(), reason.trim().to_owned()),
    ];
    let clash = |(field, theirs, yours)| Clash { field, theirs, yours };
    Conflict {
        clashes: sides.into_iter().filter(|(_, a, b)| a != b).map(clash).collect(),
        by: theirs.by.clone(),
    }
}

/// The time typed into a field of date and time, by the browser's zone; `None` where there is none.
fn typed_time(text: &str) -> Option<Timestamp> {
    let ms = js_sys::Date::parse(text);
    // NaN where the text is no time.
    (ms.is_finite()).then(|| format!("{ms:.0}")).and_then(|t| t.parse().ok()).map(Timestamp)
}

/// The form.
#[component]
pub fn IntentForm(
    /// What it is about, as the page showed it when the dialog opened.
    subject: Subject,
    /// Maintenance, disable or enable.
    action: Action,
    /// Its version as the page shows it now.
    #[prop(into)]
    shown: Signal<i64>,
    /// Closes the dialog.
    close: Callback<()>,
) -> impl IntoView {
    let w = &words().lifecycle;
    let (api, i18n, connection, announcer) = (use_api(), use_i18n(), use_connection(), use_announcer());
    let state = action.state().unwrap_or_default();
    let quiet = state != IntentState::Active;
    let noun = subject.noun();
    let base = StoredValue::new(subject.version);
    let private = RwSignal::new(String::new());
    let first = if state == IntentState::Maintenance { w.public_default } else { "" };
    let public = RwSignal::new(first.to_owned());
    let until = RwSignal::new(String::new());
    let minutes = RwSignal::new(String::new());
    let force = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let sending = Sending::default();
    let clash = RwSignal::new(None::<Conflict>);
    let now = move || {
        let told = untrack(|| connection.server_now());
        told.unwrap_or_else(|| Timestamp(i64::try_from(wall_ms()).unwrap_or_default()))
    };
    let filled = move || Filled {
        state,
        private: private.get_untracked(),
        public: public.get_untracked(),
        until: typed_time(&until.get_untracked()),
        minutes: minutes.get_untracked(),
        force: force.get_untracked(),
    };
    let object = StoredValue::new(subject.object.clone());
    let question = memo(move || {
        // Reasons and ends change nothing of what it would do.
        let part = Filled {
            state,
            private: String::new(),
            public: String::new(),
            until: None,
            minutes: minutes.get(),
            force: force.get(),
        };
        Question::Intent(object.get_value(), part.wish(now()))
    });
    let look = Look::follow(question);
    let subject = StoredValue::new(subject);
    let phrase = memo(move || {
        let last = look.last_live();
        subject.with_value(|s| s.phrase(action, last))
    });
    // Closed when the page shows what was written: whatever is opened next is based on that.
    let written = RwSignal::new(None::<i64>);
    effect(move || {
        if written.get().is_some_and(|version| shown.get() >= version) {
            close.run(());
        }
    });
    let send = move || {
        let blocked = untrack(|| look.blocked());
        let reason = private.get_untracked();
        let time = until.get_untracked();
        let bad_time = !time.is_empty() && typed_time(&time).is_none_or(|t| t <= now());
        let mut faults: Vec<Fault> = Vec::new();
        faults.extend(reason_fault(&reason).filter(|_| quiet));
        faults.extend(bad_time.then(|| (UNTIL.to_owned(), w.bad_time.to_owned())));
        faults.extend(tick_fault(blocked, look.understood.get_untracked()));
        faults.extend(typed_fault(phrase.get_untracked().as_deref(), &typed.get_untracked()));
        if !sending.begin(faults) {
            return;
        }
        let mut wish = filled().wish(now());
        wish.preview_token = look.token();
        let (object, name) = (object.get_value(), subject.with_value(|s| s.name.clone()));
        let version = base.get_value();
        spawn_local(async move {
            match api.set_intent(&object, &wish, version).await {
                Ok(version) => {
                    announcer.say(match state {
                        IntentState::Active => (w.done_active)(&name),
                        IntentState::Maintenance => (w.done_maintenance)(&name),
                        IntentState::Disabled => (w.done_disable)(&name),
                    });
                    written.try_set(Some(version));
                    set_timeout(
                        move || {
                            // Gone with the dialog, where that was closed in time.
                            if written.try_get_untracked().is_some() {
                                close.run(());
                            }
                        },
                        LATE,
                    );
                }
                Err(e) => match theirs(&e, &object) {
                    Some((intent, version)) => {
                        sending.busy.try_set(false);
                        base.try_update_value(|base| *base = version);
                        clash.try_set(Some(conflict(&intent, state, &reason)));
                    }
                    None if look.refused(&e) => sending.again(w.changed, e.detail(i18n.t)),
                    None => sending.failed(&e, i18n.t, &FIELDS),
                },
            }
        });
    };
    let label = subject.with_value(|s| match action {
        Action::Disable => (w.disable_title)(noun, &s.name),
        Action::Enable => (w.enable_title)(noun, &s.name),
        _ => (w.maintenance_title)(noun, &s.name),
    });
    let running = match action {
        Action::Disable => words().states.disabling,
        Action::Enable => words().states.enabling,
        _ => words().states.turning_on,
    };
    let text = match action {
        Action::Disable => (w.disable_text)(noun),
        Action::Enable => (w.enable_text)(noun),
        _ => (w.maintenance_text)(noun),
    };
    let until_field = move || {
        let error = fault_of(sending.faults.into(), UNTIL);
        let described = crate::components::form::described_by(UNTIL, true, error);
        view! {
            <Field id=UNTIL label=w.until hint=w.until_hint error=error optional=true>
                <input
                    class="inp mid"
                    id=UNTIL
                    type="datetime-local"
                    aria-invalid=attr(move || error.with(Option::is_some).then_some("true"))
                    aria-describedby=described
                    prop:value=until
                    on:input=move |event| until.set(event_target_value(&event))
                />
            </Field>
        }
    };
    let deadline_field = move || {
        let error = fault_of(sending.faults.into(), DEADLINE);
        let described = crate::components::form::described_by(DEADLINE, true, error);
        view! {
            <Field id=DEADLINE label=w.deadline hint=w.deadline_hint error=error optional=true>
                <select
                    class="inp mid"
                    id=DEADLINE
                    aria-describedby=described
                    on:change=move |event| minutes.set(event_target_value(&event))
                >
                    {w.deadlines.map(|(key, text)| view! { <option value=key>{text}</option> }).collect_view()}
                </select>
            </Field>
            {dynamic(move || {
                minutes
                    .with(|m| !m.is_empty())
                    .then(|| {
                        view! {
                            <EitherOr
                                legend=w.then
                                name="act-then"
                                usual=("act-hold", w.hold, w.hold_hint)
                                other=("act-force", w.force, w.force_hint)
                                chosen=force
                            />
                        }
                    })
            })}
        }
    };
    let class = if action == Action::Disable { "btn dan" } else { "btn pri" };
    let resend = Callback::new(move |()| send());
    view! {
        <form
            on:submit=move |event: ev::SubmitEvent| {
                event.prevent_default();
                resend.run(());
            }
            novalidate
        >
            <div class="dlg-body">
                <p>{text}</p>
                <ErrorSummary faults=sending.faults attempt=sending.attempt />
                {quiet.then(|| view! { <JobsNote /> })}
                <Impact look=look tick=TICK />
                {quiet
                    .then(|| {
                        view! {
                            <ReasonField value=private sending=sending />
                            <TextField
                                id=PUBLIC
                                label=w.public_reason
                                hint=w.public_hint
                                value=public
                                error=fault_of(sending.faults.into(), PUBLIC)
                                optional=true
                            />
                        }
                    })}
                {(state == IntentState::Maintenance).then(until_field)} {quiet.then(deadline_field)}
                <TypedName phrase=phrase value=typed sending=sending />
                <Help />
                <SendError sending=sending />
            </div>
            <Foot
                label=label
                running=running
                class=class
                off=Signal::stored(None::<String>)
                sending=sending
                close=close
            />
        </form>
        {dynamic(move || {
            clash
                .with(Option::is_some)
                .then(|| view! { <ConflictDialog conflict=clash take=close overwrite=resend of=Some(object.get_value()) /> })
        })}
    }
}

/// Which of them is for what, folded.
#[component]
pub fn Help() -> impl IntoView {
    let w = &words().lifecycle;
    view! {
        <details class="more">
            <summary>{w.help_title}</summary>
            <ul class="sm">
                {[w.help_maintenance, w.help_disable, w.help_shutdown, w.help_delete]
                    .map(|text| view! { <li>{text}</li> })
                    .collect_view()}
            </ul>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_names_what_differs() {
        let theirs = Intent {
            state: IntentState::Disabled,
            private_reason: Some("retired".into()),
            by: Some("huda@example.com".into()),
            ..Intent::default()
        };
        let found = conflict(&theirs, IntentState::Maintenance, " update ");
        assert_eq!(found.by.as_deref(), Some("huda@example.com"));
        assert_eq!(found.clashes.len(), 2);
        assert_eq!(found.clashes[1].yours, "update");
        assert!(conflict(&theirs, IntentState::Disabled, "retired").clashes.is_empty());
    }
}
