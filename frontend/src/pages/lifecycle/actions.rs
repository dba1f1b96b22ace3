//! The row of buttons of a node, a region and the platform, and the dialog behind them.

use common::auth::Permission;
use common::node::Node;
use common::region::Region;
use common::status::{Intent, IntentState};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialog::ActionDialog;
use super::model::{Action, Filled, Subject};
use super::notes::OwnNote;
use crate::api::{Object, use_api};
use crate::components::{ErrorPanel, GatedButton, Reason, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::state::announce::use_announcer;
use crate::state::clock::wall_ms;
use crate::state::gate::use_gate;

/// Id of the reason why nothing can be done here.
const REASON: &str = "act-gate";

/// Ends maintenance at once: it is undone as easily.
#[derive(Clone, Copy)]
pub struct Release {
    /// What came back instead.
    pub error: RwSignal<Option<(String, String)>>,
    /// Does it.
    pub run: Callback<()>,
}

/// Makes the subject active when it is run.
pub fn use_release(subject: Signal<Option<Subject>>) -> Release {
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let error = RwSignal::new(None);
    let busy = StoredValue::new(false);
    let run = Callback::new(move |()| {
        let Some(subject) = subject.get_untracked().filter(|_| !busy.get_value()) else { return };
        busy.set_value(true);
        error.set(None);
        let active = Filled {
            state: IntentState::Active,
            private: String::new(),
            public: String::new(),
            until: None,
            minutes: String::new(),
            force: false,
        };
        let wish = active.wish(common::time::Timestamp(i64::try_from(wall_ms()).unwrap_or_default()));
        spawn_local(async move {
            match api.set_intent(&subject.object, &wish, subject.version).await {
                Ok(_) => announcer.say((words().lifecycle.done_active)(&subject.name)),
                Err(e) => {
                    let _ = error.try_set(Some((e.title(i18n.t), e.detail(i18n.t))));
                }
            }
            busy.try_update_value(|busy| *busy = false);
        });
    });
    Release { error, run }
}

/// The error of a release.
#[component]
pub fn ReleaseError(
    /// Of which.
    release: Release,
) -> impl IntoView {
    dynamic(move || {
        release
            .error
            .get()
            .map(|(title, detail)| view! { <ErrorPanel title=title detail=detail small=true /> })
    })
}

/// The buttons.
#[component]
fn Bar(subject: Memo<Option<Subject>>) -> impl IntoView {
    let l = &words().lifecycle;
    let ask = RwSignal::new(None::<Action>);
    let gate = use_gate(Permission::Operate);
    let state = memo(move || subject.with(|s| s.as_ref().map_or(IntentState::Active, |s| s.intent.state)));
    let node = memo(move || subject.with(|s| s.as_ref().is_none_or(|s| matches!(s.object, Object::Node(_)))));
    let silent = memo(move || subject.with(|s| s.as_ref().is_some_and(|s| s.live == Some(false))));
    let release = use_release(subject.into());
    let press = move |action: Action| Callback::new(move |()| ask.set(Some(action)));
    // The buttons stay where they are while their words change: the focus is on one of them.
    let maintenance = Callback::new(move |()| {
        if state.get_untracked() == IntentState::Maintenance {
            release.run.run(());
        } else {
            ask.set(Some(Action::Maintenance));
        }
    });
    let disable = Callback::new(move |()| {
        let disabled = state.get_untracked() == IntentState::Disabled;
        ask.set(Some(if disabled { Action::Enable } else { Action::Disable }));
    });
    let shutdown_off = derived(move || gate.get().or_else(|| silent.get().then(|| l.not_live.to_owned())));
    view! {
        <div class="toolbar actions" role="group" aria-label=l.actions>
            <GatedButton
                label=derived(move || {
                    if state.get() == IntentState::Maintenance { l.end_maintenance } else { l.maintenance }
                })
                icon="wrench"
                off=gate
                reason=REASON
                on_press=maintenance
            />
            <GatedButton
                label=derived(move || if state.get() == IntentState::Disabled { l.enable } else { l.disable })
                icon="circle-slash"
                off=gate
                reason=REASON
                on_press=disable
            />
            <GatedButton
                label=derived(move || if node.get() { l.shut_down } else { l.shut_down_all })
                icon="power"
                off=shutdown_off
                reason=REASON
                on_press=press(Action::Shutdown)
            />
            <GatedButton
                label=l.delete
                icon="trash-2"
                class="btn dtx"
                off=gate
                reason=REASON
                on_press=press(Action::Delete)
            />
        </div>
        <Reason id=REASON off=shutdown_off />
        <ReleaseError release=release />
        <ActionDialog ask=ask subject=subject />
    }
}

/// The actions of a node, with what its intent is and where it comes from.
#[component]
pub fn NodeActions(
    /// As it is now.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let subject = memo(move || node.with(|n| n.as_ref().map(Subject::node)));
    let intent = memo(move || node.with(|n| n.as_ref().map(|n| n.intent.clone())));
    view! {
        <Bar subject=subject />
        <OwnNote intent=intent />
        <super::notes::InheritedNote node=node />
    }
}

/// The actions of a region, with what its intent is.
#[component]
pub fn RegionActions(
    /// As it is now.
    region: Memo<Option<Region>>,
) -> impl IntoView {
    let subject = memo(move || region.with(|r| r.as_ref().map(Subject::region)));
    let intent: Memo<Option<Intent>> = memo(move || region.with(|r| r.as_ref().map(|r| r.intent.clone())));
    view! {
        <Bar subject=subject />
        <OwnNote intent=intent />
    }
}
