//! The row of buttons of a node, a region and the platform, and the dialog behind them.

use common::auth::Permission;
use common::ids::NodeId;
use common::node::Node;
use common::region::Region;
use common::status::{Intent, IntentState};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialog::ActionDialog;
use super::model::{Action, Filled, Subject};
use super::notes::OwnNote;
use crate::api::{Api, Object, use_api};
use crate::components::copy::copy_text;
use crate::components::menu::{Menu, MenuItem, MenuLink};
use crate::components::{ErrorPanel, GatedButton, Icon, Reason, words};
use crate::i18n::strings::Strings;
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::shortcuts::Shortcut;
use crate::state::clock::wall_ms;
use crate::state::commands::{Command, use_commands};
use crate::state::connection::use_connection;
use crate::state::gate::{use_gate_in, writes_off};
use crate::state::toasts::{Toasts, use_toasts};

/// Id of the reason why nothing can be done here.
const REASON: &str = "act-gate";
/// Id of a node's menu.
const MORE: &str = "act-more";

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
    let (api, i18n, toasts, connection) = (use_api(), use_i18n(), use_toasts(), use_connection());
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
                Ok(version) => {
                    let off = move || untrack(|| writes_off(connection, i18n));
                    offer_undo(api, toasts, i18n.t, off, subject, version);
                }
                Err(e) => {
                    let _ = error.try_set(Some((e.title(i18n.t), e.detail(i18n.t))));
                }
            }
            busy.try_update_value(|busy| *busy = false);
        });
    });
    Release { error, run }
}

/// Says that the subject takes calls again, and offers to put it back into maintenance with the reasons it had. The
/// offer may outlive the connection: `off` says why nothing may be changed by then.
fn offer_undo(
    api: Api,
    toasts: Toasts,
    t: &'static Strings,
    off: impl Fn() -> Option<String> + Send + Sync + 'static,
    subject: Subject,
    version: i64,
) {
    let before = subject.intent.clone();
    let text = (words().lifecycle.done_active)(&subject.name);
    if before.state != IntentState::Maintenance {
        return toasts.done(text);
    }
    let back = move || {
        if let Some(why) = off() {
            return toasts.failed((words().states.undo_failed)(&why));
        }
        let again = Filled {
            state: IntentState::Maintenance,
            private: before.private_reason.clone().unwrap_or_default(),
            public: before.public_reason.clone().unwrap_or_default(),
            until: before.until,
            minutes: String::new(),
            force: false,
        };
        let wish = again.wish(common::time::Timestamp(i64::try_from(wall_ms()).unwrap_or_default()));
        let object = subject.object.clone();
        spawn_local(async move {
            match api.set_intent(&object, &wish, version).await {
                Ok(_) => toasts.done(words().states.undone),
                Err(e) => toasts.failed((words().states.undo_failed)(&e.detail(t))),
            }
        });
    };
    toasts.done_with(text, words().states.undo, back);
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

/// The buttons. What a node has beside them is in a menu at their end.
#[component]
fn Bar(
    subject: Memo<Option<Subject>>,
    /// The node, where it is one.
    #[prop(optional)]
    menu_of: Option<NodeId>,
) -> impl IntoView {
    let l = &words().lifecycle;
    let ask = RwSignal::new(None::<Action>);
    let place = memo(move || subject.with(|s| s.as_ref().and_then(Subject::place)));
    let gate = use_gate_in(Permission::Operate, place);
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
    // A region's button stands beside its pages: there the dialog lists what is missing, with where it is put right.
    let may_go = memo(move || subject.with(|s| s.as_ref().and_then(|s| s.may_go)));
    let delete_off = derived(move || {
        gate.get().or_else(|| (may_go.get() == Some(false)).then(|| words().table.delete_off.to_owned()))
    });
    let maintenance_label =
        derived(
            move || {
                if state.get() == IntentState::Maintenance { l.end_maintenance } else { l.maintenance }
            },
        );
    let disable_label =
        derived(move || if state.get() == IntentState::Disabled { l.enable } else { l.disable });
    let shutdown_label = derived(move || if node.get() { l.shut_down } else { l.shut_down_all });
    use_commands().register(move || {
        let command = |id, label: &str, icon, off: Signal<Option<String>>, run: Callback<()>| {
            Command::new(id, label, icon, move || run.run(())).off(off.get())
        };
        vec![
            command("maintenance", maintenance_label.get(), "wrench", gate, maintenance)
                .key(Shortcut::Maintenance),
            command("disable", disable_label.get(), "circle-slash", gate, disable),
            command("shutdown", shutdown_label.get(), "power", shutdown_off, press(Action::Shutdown)),
            command("delete", l.delete, "trash-2", delete_off, press(Action::Delete)),
        ]
    });
    let delete = press(Action::Delete);
    view! {
        <div class="bar-of-actions">
            <div class="toolbar actions" role="group" aria-label=l.actions>
                <GatedButton label=maintenance_label icon="wrench" off=gate reason=REASON on_press=maintenance />
                <GatedButton
                    label=disable_label
                    icon="circle-slash"
                    class="btn dtx"
                    off=gate
                    reason=REASON
                    on_press=disable
                />
                <GatedButton
                    label=shutdown_label
                    icon="power"
                    class="btn dtx"
                    off=shutdown_off
                    reason=REASON
                    on_press=press(Action::Shutdown)
                />
                {match menu_of {
                    Some(id) => view! { <More id=id off=delete_off delete=delete /> }.into_any(),
                    None => {
                        view! {
                            <GatedButton
                                label=l.delete
                                icon="trash-2"
                                class="btn dtx"
                                off=gate
                                reason=REASON
                                on_press=delete
                            />
                        }
                            .into_any()
                    }
                }}
            </div>
            <Reason id=REASON off=shutdown_off />
            <ReleaseError release=release />
        </div>
        <ActionDialog ask=ask subject=subject />
    }
}

/// The menu at the end of a node's buttons.
#[component]
fn More(id: NodeId, off: Signal<Option<String>>, delete: Callback<()>) -> impl IntoView {
    let (l, w) = (&words().lifecycle, &words().node);
    let toasts = use_toasts();
    let copy = Callback::new(move |()| copy_text(&id.to_string(), toasts));
    view! {
        <button
            type="button"
            class="btn ic"
            aria-label=w.more
            aria-haspopup="menu"
            popovertarget=MORE
            title=w.more
        >
            <Icon name="ellipsis" />
        </button>
        <Menu id=MORE label=Signal::stored(w.more.to_owned())>
            <MenuLink
                href=Signal::stored(routes::node_diagnose(id))
                label=Signal::stored(words().timeline.diagnose.to_owned())
                icon="activity"
            />
            <MenuLink
                href=Signal::stored(routes::node_settings(id))
                label=Signal::stored(w.to_secret.to_owned())
                icon="key-round"
            />
            <MenuItem label=Signal::stored(w.copy_id.to_owned()) icon="copy" on_press=copy />
            <MenuItem
                label=Signal::stored(l.delete.to_owned())
                icon="trash-2"
                danger=true
                off=off
                on_press=delete
            />
        </Menu>
    }
}

/// The actions of a node.
#[component]
pub fn NodeActions(
    /// Which.
    id: NodeId,
    /// As it is now.
    node: Memo<Option<Node>>,
) -> impl IntoView {
    let subject = memo(move || node.with(|n| n.as_ref().map(Subject::node)));
    view! { <Bar subject=subject menu_of=id /> }
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
