//! What an object's own intent is, since when and why; and an intent that comes from above, with the way there.

use common::ids::RegionId;
use common::node::Node;
use common::status::{InheritedFrom, Intent, IntentState};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::model::state_text;
use crate::api::use_api;
use crate::components::{Note, words};
use crate::i18n::{I18n, use_i18n};
use crate::reactive::{dynamic, effect, memo};
use crate::routes;
use crate::state::live::use_live;

/// The sentences of an intent that is not active.
fn lines(intent: &Intent, i18n: I18n) -> Vec<String> {
    let l = &words().lifecycle;
    let since =
        intent.at.map(|at| (l.own)(state_text(intent.state), &i18n.fmt.date_time(at), intent.by.as_deref()));
    [
        Some(since.unwrap_or_else(|| state_text(intent.state).to_owned())),
        intent.private_reason.as_deref().map(l.own_reason),
        intent.public_reason.as_deref().map(l.own_public),
        intent.until.map(|at| (l.own_until)(&i18n.fmt.date_time(at))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Its own intent, where that is not active.
#[component]
pub fn OwnNote(
    /// Its own intent.
    intent: Memo<Option<Intent>>,
) -> impl IntoView {
    let i18n = use_i18n();
    dynamic(move || {
        let intent = intent.get().filter(|i| i.state != IntentState::Active)?;
        let icon = if intent.state == IntentState::Disabled { "circle-slash" } else { "wrench" };
        let lines = lines(&intent, i18n);
        Some(view! {
            <Note tone="plain" icon=icon>
                <p class="intent-line">
                    {lines.into_iter().map(|text| view! { <span>{text}</span> }).collect_view()}
                </p>
            </Note>
        })
    })
}

/// What the heading of a node does not say of its own intent: the message to users, when it ends by itself, and all of it
/// where something stricter counts.
#[component]
pub fn ExtraNote(
    /// The node.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let intent = memo(move || {
        node.with(|n| n.as_ref().map(|n| (n.intent.clone(), n.live.status.inherited_from.is_some())))
    });
    dynamic(move || {
        let l = &words().lifecycle;
        let (intent, hidden) = intent.get().filter(|(i, _)| i.state != IntentState::Active)?;
        let lines = if hidden {
            lines(&intent, i18n)
        } else {
            let public = intent.public_reason.as_deref().map(l.own_public);
            let until = intent.until.map(|at| (l.own_until)(&i18n.fmt.date_time(at)));
            public.into_iter().chain(until).collect()
        };
        (!lines.is_empty()).then(|| {
            view! {
                <Note tone="plain" icon="info">
                    <p class="intent-line">
                        {lines.into_iter().map(|text| view! { <span>{text}</span> }).collect_view()}
                    </p>
                </Note>
            }
        })
    })
}

/// An intent of a node that comes from its region or from the platform.
#[component]
pub fn InheritedNote(
    /// The node.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let l = &words().lifecycle;
    let (api, live, i18n) = (use_api(), use_live(), use_i18n());
    let from = memo(move || {
        node.with(|n| {
            let n = n.as_ref()?;
            n.live.status.inherited_from.map(|from| (from, n.region_id.clone()))
        })
    });
    // A page of a node does not follow its region: its intent is read when it begins to matter.
    let region = RwSignal::new(None::<(RegionId, Intent)>);
    effect(move || {
        region.set(None);
        if let Some((InheritedFrom::Region, Some(id))) = from.get() {
            spawn_local(async move {
                if let Ok(found) = api.region(&id).await {
                    region.try_set(Some((id, found.intent)));
                }
            });
        }
    });
    let platform = memo(move || live.overview(|o| o.platform.intent.clone()));
    dynamic(move || {
        let (from, id) = from.get()?;
        let (head, intent, href, link) = match (from, id) {
            (InheritedFrom::Region, Some(id)) => {
                let intent = region.get().filter(|(known, _)| *known == id).map(|(_, intent)| intent);
                let state = intent.as_ref().map_or(IntentState::Maintenance, |i| i.state);
                let head = (l.inherited_region)(state_text(state), id.as_str());
                (head, intent, routes::region(&id), l.open_region)
            }
            (InheritedFrom::Platform, _) => {
                let (head, to) = (l.inherited_platform.to_owned(), routes::MAINTENANCE.to_owned());
                (head, platform.get(), to, l.open_platform)
            }
            (InheritedFrom::Region, None) => return None,
        };
        let lines =
            intent.filter(|i| i.state != IntentState::Active).map(|i| lines(&i, i18n)).unwrap_or_default();
        Some(view! {
            <Note tone="info" icon="arrow-down-to-line">
                <p>
                    <b>{head}</b>
                    " "
                    {l.inherited_more}
                    " "
                    <a href=href>{link}</a>
                </p>
                <p class="intent-line sm">
                    {lines.into_iter().map(|text| view! { <span>{text}</span> }).collect_view()}
                </p>
            </Note>
        })
    })
}
