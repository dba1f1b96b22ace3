//! A webhook: how it does, what it tells, what was sent.

use common::auth::Permission;
use common::ids::WebhookId;
use common::webhooks::{StoppedBecause, Webhook, WebhookMade, WebhookState};
use leptos::prelude::*;

use super::actions::Actions;
use super::log::DeliveryLog;
use super::made::MadeCard;
use super::model::all_events_text;
use super::state_badge;
use super::test::{TestOutcome, Testing};
use crate::api::use_api;
use crate::components::{Age, Breadcrumb, Crumb, Empty, Note, Num, Skeleton, words};
use crate::i18n::{isolated, use_i18n, webhooks};
use crate::pages::load::{Load, every, failure};
use crate::pages::people::{LOOK_EVERY, scope_text};
use crate::pages::use_id_in_path;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::commands::{Command, use_commands};
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_everywhere;

/// A webhook and what is done with it; copy it freely.
#[derive(Clone, Copy)]
pub struct Shown {
    /// Which one; none where the address holds no id.
    pub id: Memo<Option<WebhookId>>,
    /// It, where there is one.
    pub webhook: Memo<Option<Webhook>>,
    /// It, as it was asked for.
    pub load: Load<Webhook>,
    /// Reads it anew.
    pub reload: Callback<()>,
    /// Counts what the person had sent: the log shows it at once.
    pub sent: RwSignal<u32>,
}

impl Shown {
    /// The webhook of the address.
    pub fn of_path() -> Self {
        let (api, path) = (use_api(), use_id_in_path());
        let load = Load::<Webhook>::default();
        let id = memo(move || path.with(|id| id.parse::<WebhookId>().ok()));
        let ask = move || {
            if let Some(id) = id.get_untracked() {
                load.ask(async move { api.webhook(id).await });
            }
        };
        effect(move || {
            id.track();
            load.clear();
            ask();
        });
        every(LOOK_EVERY, ask);
        let webhook = memo(move || load.read(Clone::clone));
        Self { id, webhook, load, reload: Callback::new(move |()| ask()), sent: RwSignal::new(0) }
    }

    /// What is read of it.
    pub fn of<T: PartialEq + Send + Sync + 'static>(self, read: fn(&Webhook) -> T) -> Memo<Option<T>> {
        memo(move || self.webhook.with(|h| h.as_ref().map(read)))
    }

    /// What stands in its place while there is none to show.
    pub fn instead(self) -> Option<AnyView> {
        let w = webhooks();
        if self.webhook.with(Option::is_some) {
            return None;
        }
        let missing = || {
            view! {
                <Empty icon="webhook" title=w.missing text=w.missing_text>
                    <a class="btn" href=routes::WEBHOOKS>
                        {w.to_list}
                    </a>
                </Empty>
            }
            .into_any()
        };
        Some(match self.load.error() {
            _ if self.id.with(Option::is_none) => missing(),
            Some(error) if error.status() == Some(404) => missing(),
            Some(error) => failure(&error, self.reload),
            None => view! {
                <div aria-busy="true">
                    <Skeleton shape="sk-card" count=2 />
                </div>
            }
            .into_any(),
        })
    }
}

/// `/webhooks/:id`
#[component]
pub fn WebhookPage() -> impl IntoView {
    let (w, title) = (webhooks(), words().access.webhooks);
    let shown = Shown::of_path();
    let name = shown.of(|h| h.name.clone());
    let heading = move || name.get().unwrap_or_else(|| title.to_owned());
    use_title(move || isolated(&heading()));
    let crumbs =
        derived(move || vec![Crumb::link(routes::WEBHOOKS, title), Crumb::here(isolated(&heading()))]);
    let state = shown.of(|h| h.state);
    let there = memo(move || name.with(Option::is_some));
    let made = RwSignal::new(None::<WebhookMade>);
    let testing = Testing::start();
    let sends = use_gate_everywhere(Permission::Operate);
    let sent = Callback::new(move |()| {
        shown.sent.update(|n| *n = n.wrapping_add(1));
        shown.reload.run(());
    });
    use_commands().register(move || {
        let Some(id) = shown.id.get_untracked().filter(|_| there.get_untracked()) else { return Vec::new() };
        let send = move || testing.send(id, sent);
        vec![Command::new("test-webhook", w.test, "zap", send).off(sends.get_untracked())]
    });
    view! {
        <Breadcrumb crumbs=crumbs />
        <div class="hd">
            <h1 tabindex="-1">
                <bdi translate="no">{dynamic(heading)}</bdi>
            </h1>
            {dynamic(move || state.get().map(state_badge))}
        </div>
        {dynamic(move || {
            if !there.get() {
                return shown.instead().unwrap_or_else(|| ().into_any());
            }
            view! {
                <Actions shown=shown testing=testing sent=sent made=made />
                <TestOutcome testing=testing />
                {dynamic(move || {
                    made.get()
                        .map(|reply| {
                            let done = Callback::new(move |()| made.set(None));
                            view! { <MadeCard made=reply after="" done=done sent=sent /> }
                        })
                })}
                <Notes shown=shown />
                <Facts shown=shown />
                <DeliveryLog shown=shown />
            }
                .into_any()
        })}
    }
}

/// Why nothing arrives.
#[component]
fn Notes(shown: Shown) -> impl IntoView {
    let (w, i18n) = (webhooks(), use_i18n());
    let look = shown.of(|h| (h.state, h.stopped_because, h.failing_since));
    dynamic(move || {
        let (state, because, since) = look.get()?;
        let (tone, icon, text) = match state {
            WebhookState::Stopped => {
                let text = match because {
                    Some(StoppedBecause::Gone) => w.stopped_gone,
                    Some(StoppedBecause::Failing) | None => w.stopped_failing,
                };
                ("bad", "octagon-x", text.to_owned())
            }
            WebhookState::Failing => ("warn", "triangle-alert", (w.failing)(&i18n.fmt.date_time(since?))),
            WebhookState::Off => ("plain", "circle-slash", w.off_note.to_owned()),
            WebhookState::Idle | WebhookState::Delivering => return None,
        };
        Some(view! { <Note tone=tone icon=icon>{text}</Note> })
    })
}

/// What is known of it.
#[component]
fn Facts(shown: Shown) -> impl IntoView {
    let (w, i18n, connection) = (webhooks(), use_i18n(), use_connection());
    let text = move |read: fn(&Webhook) -> String| {
        let read = shown.of(read);
        dynamic(move || read.get())
    };
    let delivered = shown.of(|h| h.delivered_at);
    let waiting = shown.of(|h| u64::from(h.waiting));
    let former = shown.of(|h| h.former_secret_until);
    let made = shown.of(|h| h.created_at);
    view! {
        <section class="card" aria-label=w.facts>
            <dl class="kv">
                <dt>{w.url}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {text(|h| h.url.clone())}
                    </bdi>
                </dd>
                <dt>{w.events}</dt>
                <dd>{text(|h| all_events_text(&h.events))}</dd>
                <dt>{w.regions}</dt>
                <dd>{text(|h| scope_text(h.region_ids.as_deref()))}</dd>
                <dt>{w.delivered}</dt>
                <dd class="num">
                    <Age at=derived(move || delivered.get().flatten()) now=derived(move || connection.server_now()) />
                </dd>
                <dt>{w.waiting}</dt>
                <dd>
                    <Num value=waiting />
                </dd>
                <dt>{w.fingerprint}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {text(|h| h.secret_fingerprint.clone())}
                    </bdi>
                    {dynamic(move || {
                        former
                            .get()
                            .flatten()
                            .map(|at| view! { <span class="sub-line">{(w.former_until)(&i18n.fmt.date_time(at))}</span> })
                    })}
                </dd>
                <dt>{w.made_by}</dt>
                <dd>
                    <bdi class="id" translate="no">
                        {text(|h| h.created_by.clone())}
                    </bdi>
                    <span class="sub-line">
                        {dynamic(move || made.get().map(|at| i18n.fmt.date_time(at)))}
                    </span>
                </dd>
            </dl>
        </section>
    }
}
