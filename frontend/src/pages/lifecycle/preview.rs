//! What a change would do, asked again while the dialog is open, and the tick where a guard stands against it.

use std::time::Duration;

use common::command::{RowResult, ShutdownMode, ShutdownRequest};
use common::intent::{BulkRequest, EffectLevel, Preview, SetIntent};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::{RunningJobs, blockers, last_live};
use crate::api::{Api, ApiError, Object, use_api};
use crate::components::{Check, Icon, Note, format, words};
use crate::i18n::{isolated, use_i18n};
use crate::pages::node_table::kind_text;
use crate::reactive::{attr, dynamic, effect, memo};

/// So long after the last change of the form it is asked, in milliseconds.
const SETTLED_MS: u64 = 250;
/// So often it is asked again; a preview is good for a minute.
const AGAIN: Duration = Duration::from_secs(5);

/// What would be changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// An intent.
    Intent(Object, SetIntent),
    /// A shutdown.
    Shutdown(Object, ShutdownMode),
    /// Something with many nodes.
    Bulk(BulkRequest),
}

/// An answer, or why there is none.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    preview: Option<Preview>,
    rows: Vec<RowResult>,
}

async fn ask(api: Api, question: Question) -> Result<Answer, ApiError> {
    let alone = |preview| Answer { preview: Some(preview), rows: Vec::new() };
    match question {
        Question::Intent(object, wish) => api.preview_intent(&object, &wish).await.map(alone),
        Question::Shutdown(object, mode) => {
            let request = ShutdownRequest { mode, reason: String::new(), preview_token: None };
            api.preview_shutdown(&object, &request).await.map(alone)
        }
        Question::Bulk(request) => api
            .change_nodes(&BulkRequest { preview: true, preview_token: None, ..request })
            .await
            .map(|reply| Answer { preview: reply.preview, rows: reply.items }),
    }
}

/// The newest preview of a form; copy it freely.
#[derive(Clone, Copy)]
pub struct Look {
    /// The preview; `None` until it is here.
    pub preview: RwSignal<Option<Preview>>,
    /// Of many nodes: what each would answer.
    pub rows: RwSignal<Option<Vec<RowResult>>>,
    /// It could not be read.
    failed: RwSignal<bool>,
    /// The tick.
    pub understood: RwSignal<bool>,
}

impl Look {
    /// Looks at what the question of the form would do, now, whenever it changes, and every few seconds.
    pub fn follow(question: Memo<Question>) -> Self {
        let api = use_api();
        let look = Self {
            preview: RwSignal::new(None),
            rows: RwSignal::new(None),
            failed: RwSignal::new(false),
            understood: RwSignal::new(false),
        };
        // Only the answer to the newest question counts.
        let newest = StoredValue::new(0_u32);
        let send = move || {
            let Some(question) = question.try_get_untracked() else { return };
            let mine = newest.try_update_value(|n| {
                *n = n.wrapping_add(1);
                *n
            });
            spawn_local(async move {
                let answer = ask(api, question).await;
                if mine.is_some() && newest.try_get_value() == mine {
                    match answer {
                        Ok(answer) => {
                            look.failed.set(false);
                            look.rows.set(Some(answer.rows));
                            look.show(answer.preview);
                        }
                        Err(_) => look.failed.set(true),
                    }
                }
            });
        };
        send();
        let debounced = debounce(Duration::from_millis(SETTLED_MS), move |()| send());
        let (mut debounced, mut first) = (debounced, true);
        effect(move || {
            question.track();
            if !std::mem::take(&mut first) {
                debounced(());
            }
        });
        if let Ok(timer) = set_interval_with_handle(send, AGAIN) {
            on_cleanup(move || timer.clear());
        }
        look
    }

    /// Shows a preview; a tick holds for what was read and for nothing else.
    pub fn show(self, preview: Option<Preview>) {
        let old = self.preview.with_untracked(|p| p.as_ref().map(blockers).unwrap_or_default());
        let new = preview.as_ref().map(blockers).unwrap_or_default();
        if !new.iter().all(|b| old.contains(b)) {
            self.understood.set(false);
        }
        self.preview.set(preview);
    }

    /// Whether a guard stands against it.
    pub fn blocked(self) -> bool {
        self.preview.with(|p| p.as_ref().is_some_and(|p| !blockers(p).is_empty()))
    }

    /// Whether a last live node of a kind would go.
    pub fn last_live(self) -> bool {
        self.preview.with(|p| p.as_ref().is_some_and(last_live))
    }

    /// The token to send: where a guard stands against it, and somebody has read that.
    pub fn token(self) -> Option<String> {
        let blocked = untrack(|| self.blocked());
        let read = blocked && self.understood.get_untracked();
        self.preview.with_untracked(|p| p.as_ref().filter(|_| read).map(|p| p.preview_token.clone()))
    }

    /// The fresh preview of a refusal by a guard; says whether the error was one.
    pub fn refused(self, error: &ApiError) -> bool {
        let fresh = error
            .problem()
            .filter(|p| p.status == 409 && p.code == "guard")
            .and_then(|p| p.current.clone())
            .and_then(|value| <Preview as crate::api::decode::FromJson>::from_json(value).ok());
        let is = fresh.is_some();
        if is {
            self.understood.set(false);
            self.show(fresh);
        }
        is
    }
}

/// The preview as a box.
#[component]
pub fn Impact(
    /// What it shows.
    look: Look,
    /// Id of its tick.
    tick: &'static str,
) -> impl IntoView {
    let w = &words().lifecycle;
    let i18n = use_i18n();
    let blocked = memo(move || look.blocked());
    let worst =
        memo(move || look.preview.with(|p| p.as_ref().and_then(|p| p.effects.iter().map(|e| e.level).max())));
    let class = move || match worst.get() {
        Some(EffectLevel::Block) => "dlg-impact bad",
        Some(EffectLevel::Warn) => "dlg-impact",
        _ => "dlg-impact calm",
    };
    let body = move || {
        let Some(preview) = look.preview.get() else {
            let text = if look.failed.get() { w.impact_failed } else { w.impact_loading };
            return view! { <p>{text}</p> }.into_any();
        };
        let longest = preview.longest_seconds.map(|s| format::duration(u64::from(s) * 1000));
        let work = (w.work_now)(preview.conversations, preview.processing, longest.as_deref());
        let none = preview.effects.is_empty();
        view! {
            <p>{(w.reaches)(preview.nodes, preview.live)}</p>
            {work.map(|text| view! { <p class="num">{text}</p> })}
            {none.then(|| view! { <p>{w.impact_none}</p> })}
            <ul class="effects">
                {preview
                    .effects
                    .into_iter()
                    .map(|e| {
                        let (icon, level) = match e.level {
                            EffectLevel::Info => ("info", w.level_info),
                            EffectLevel::Warn => ("triangle-alert", w.level_warn),
                            EffectLevel::Block => ("octagon-x", w.level_block),
                        };
                        let region = e.region_id.as_ref().map(ToString::to_string);
                        let text = (w.effect)(e.code, region.as_deref(), e.kind.map(kind_text), e.count);
                        view! {
                            <li>
                                <Icon name=icon />
                                <span>
                                    <b>{level} ": "</b>
                                    {text}
                                </span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <p class="xs">{i18n.fmt.time(preview.as_of)}</p>
        }
        .into_any()
    };
    view! {
        <section class=attr(class) aria-label=w.impact>
            <h3 class="sm">{w.impact}</h3>
            {dynamic(body)}
        </section>
        {dynamic(move || {
            blocked.get().then(|| view! { <Check id=tick label=w.understood value=look.understood /> })
        })}
    }
}

/// What a change of the background node means for its jobs, live while the dialog is open; nothing on other pages.
#[component]
pub fn JobsNote() -> impl IntoView {
    let running = use_context::<RunningJobs>()?.0;
    let w = &words().lifecycle;
    Some(view! {
        <Note tone="warn" icon="triangle-alert">
            <p>{w.schedule_stops}</p>
            {dynamic(move || {
                let names: Vec<String> = running.with(|all| all.iter().map(|name| isolated(name)).collect());
                let text = (w.jobs_running)(&names.join(words().access.comma), names.len());
                (!names.is_empty()).then(|| view! { <p data-jobs="">{text}</p> })
            })}
        </Note>
    })
}
