//! The dialog of a shutdown, of a node or of all nodes of a region, and the results of the latter.

use common::command::{RowResult, ShutdownMode, ShutdownRequest};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::fields::{
    EitherOr, Foot, REASON, ReasonField, SendError, Sending, TICK, TypedName, reason_fault, tick_fault,
    typed_fault,
};
use super::intent::Help;
use super::model::{Action, Subject};
use super::preview::{Impact, JobsNote, Look, Question};
use crate::api::{Object, use_api};
use crate::components::{ErrorSummary, Icon, TableBox, words};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};
use crate::routes;
use crate::state::announce::use_announcer;

/// The form; of a region its results take its place.
#[component]
pub fn ShutdownForm(
    /// What it is about.
    subject: Subject,
    /// Closes the dialog.
    close: Callback<()>,
) -> impl IntoView {
    let (w, l) = (&words().shutdown, &words().lifecycle);
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let immediate = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let results = RwSignal::new(None::<Vec<RowResult>>);
    let sending = Sending::default();
    let object = StoredValue::new(subject.object.clone());
    let mode = move |now: bool| if now { ShutdownMode::Immediate } else { ShutdownMode::Graceful };
    let look = Look::follow(memo(move || Question::Shutdown(object.get_value(), mode(immediate.get()))));
    let noun = subject.noun();
    let title = (w.title)(noun, &subject.name);
    let subject = StoredValue::new(subject);
    let phrase = memo(move || {
        let last = look.last_live();
        subject.with_value(|s| s.phrase(Action::Shutdown, last))
    });
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let blocked = untrack(|| look.blocked());
        let faults = [
            reason_fault(&reason.get_untracked()),
            tick_fault(blocked, look.understood.get_untracked()),
            typed_fault(phrase.get_untracked().as_deref(), &typed.get_untracked()),
        ];
        if !sending.begin(faults.into_iter().flatten().collect()) {
            return;
        }
        let request = ShutdownRequest {
            mode: mode(immediate.get_untracked()),
            reason: reason.get_untracked().trim().to_owned(),
            preview_token: look.token(),
        };
        let (object, name) = (object.get_value(), subject.with_value(|s| s.name.clone()));
        spawn_local(async move {
            let reply = match &object {
                Object::Node(id) => api.shut_down_node(*id, &request).await.map(|_| None),
                Object::Region(id) => api.shut_down_region(id, &request).await.map(|r| Some(r.items)),
                Object::Platform => return,
            };
            match reply {
                Ok(None) => {
                    announcer.say((l.done_shutdown)(&name));
                    close.run(());
                }
                Ok(Some(items)) => {
                    announcer.say((w.results)(items.iter().filter(|r| r.ok).count(), items.len()));
                    sending.busy.try_set(false);
                    results.try_set(Some(items));
                }
                Err(e) if look.refused(&e) => sending.again(l.changed, e.detail(i18n.t)),
                Err(e) => sending.failed(&e, i18n.t, &[("/reason", REASON)]),
            }
        });
    };
    let done = memo(move || results.with(Option::is_some));
    dynamic(move || {
        if done.get() {
            let rows = results.get_untracked().unwrap_or_default();
            let (ok, all) = (rows.iter().filter(|r| r.ok).count(), rows.len());
            return view! {
                <div class="dlg-body">
                    <p>{(w.results)(ok, all)}</p>
                    <Results rows=rows done=w.queued />
                </div>
                <div class="dlg-foot">
                    <button type="button" class="btn pri" autofocus on:click=move |_| close.run(())>
                        {l.close}
                    </button>
                </div>
            }
            .into_any();
        }
        view! {
            <form on:submit=send novalidate>
                <div class="dlg-body">
                    <p>{(w.text)(noun)}</p>
                    <ErrorSummary faults=sending.faults attempt=sending.attempt />
                    <Modes immediate=immediate />
                    <JobsNote />
                    <Impact look=look tick=TICK />
                    <ReasonField value=reason sending=sending />
                    <TypedName phrase=phrase value=typed sending=sending />
                    <Help />
                    <SendError sending=sending />
                </div>
                <Foot
                    label=Signal::stored(title.clone())
                    running=words().states.shutting_down
                    class="btn dan"
                    off=Signal::stored(None::<String>)
                    sending=sending
                    close=close
                />
            </form>
        }
        .into_any()
    })
}

/// After running calls, or at once.
#[component]
pub fn Modes(
    /// At once.
    immediate: RwSignal<bool>,
) -> impl IntoView {
    let w = &words().shutdown;
    view! {
        <EitherOr
            legend=w.how
            name="act-mode"
            usual=("act-graceful", w.graceful, w.graceful_hint)
            other=("act-immediate", w.immediate, w.immediate_hint)
            chosen=immediate
        />
    }
}

/// A result per node.
#[component]
pub fn Results(
    /// The rows.
    rows: Vec<RowResult>,
    /// The word for what was done.
    done: &'static str,
) -> impl IntoView {
    let w = &words().shutdown;
    view! {
        <TableBox label=w.result>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.node}</th>
                        <th scope="col">{w.result}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows
                        .into_iter()
                        .map(|r| {
                            let why = (words().refusals.row)(&r);
                            let (family, icon, word) = if r.ok {
                                ("ok", "circle-check", done)
                            } else {
                                ("bad", "octagon-x", words().bulk.failed)
                            };
                            view! {
                                <tr>
                                    <th scope="row">
                                        <a href=routes::node(r.node_id)>
                                            <bdi class="id" translate="no">
                                                {r.name}
                                            </bdi>
                                        </a>
                                    </th>
                                    <td class="wrap">
                                        <span class=format!("st {family}")>
                                            <Icon name=icon />
                                            <span>{word}</span>
                                        </span>
                                        {why.map(|text| view! { <span class="sub-line">{text}</span> })}
                                    </td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </TableBox>
    }
}
