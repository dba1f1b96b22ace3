//! The menu of a row, and the dialogs behind it. One menu serves all rows of a table.

use common::auth::Permission;
use common::ids::NodeId;
use common::node::Node;
use common::status::IntentState;
use leptos::prelude::*;

use super::lifecycle::actions::{ReleaseError, use_release};
use super::lifecycle::dialog::ActionDialog;
use super::lifecycle::model::{Action, Subject};
use super::node_order::Order;
use crate::components::copy::copy_text;
use crate::components::menu::{Menu, MenuItem, MenuLink};
use crate::components::words;
use crate::reactive::{derived, effect, memo};
use crate::routes;
use crate::state::gate::use_gate_in;
use crate::state::live::use_live;
use crate::state::toasts::use_toasts;

/// What can be asked of a row; copy it freely.
#[derive(Clone, Copy)]
pub struct RowActions {
    /// The row whose menu was opened last.
    pub target: RwSignal<Option<NodeId>>,
    /// The dialog that is open.
    pub ask: RwSignal<Option<Action>>,
}

impl Default for RowActions {
    fn default() -> Self {
        Self { target: RwSignal::new(None), ask: RwSignal::new(None) }
    }
}

impl RowActions {
    /// Opens a dialog about a node.
    pub fn ask(self, id: NodeId, action: Action) {
        self.target.set(Some(id));
        self.ask.set(Some(action));
    }
}

/// The menu and its dialogs.
#[component]
pub fn RowMenu(
    /// Its id, which the buttons of the rows name.
    #[prop(into)]
    id: String,
    /// The list.
    order: Order,
    /// What is asked.
    actions: RowActions,
) -> impl IntoView {
    let (w, l) = (&words().table, &words().lifecycle);
    let (live, toasts) = (use_live(), use_toasts());
    let target = actions.target;
    let subject = memo(move || target.get().and_then(|id| live.node(id, Subject::node)));
    let place = memo(move || subject.with(|s| s.as_ref().and_then(Subject::place)));
    let gate = use_gate_in(Permission::Operate, place);
    let state = memo(move || subject.with(|s| s.as_ref().map_or(IntentState::Active, |s| s.intent.state)));
    let silent = memo(move || subject.with(|s| s.as_ref().is_some_and(|s| s.live == Some(false))));
    let deletable = memo(move || subject.with(|s| s.as_ref().is_some_and(|s| s.may_go == Some(true))));
    let name =
        derived(move || subject.with(|s| s.as_ref().map(|s| (w.actions_of)(&s.name)).unwrap_or_default()));
    let release = use_release(subject.into());
    let to = move |path: fn(NodeId) -> String| derived(move || target.get().map(path).unwrap_or_default());
    let copy = move |text: fn(&Node) -> String| {
        Callback::new(move |()| {
            let node = target.get_untracked();
            if let Some(text) = untrack(|| node.and_then(|id| live.node(id, text))) {
                copy_text(&text, toasts);
            }
        })
    };
    let press = move |action: Action| Callback::new(move |()| actions.ask.set(Some(action)));
    let maintenance = Callback::new(move |()| {
        if state.get_untracked() == IntentState::Maintenance {
            release.run.run(());
        } else {
            actions.ask.set(Some(Action::Maintenance));
        }
    });
    let disable = Callback::new(move |()| {
        let disabled = state.get_untracked() == IntentState::Disabled;
        actions.ask.set(Some(if disabled { Action::Enable } else { Action::Disable }));
    });
    let word = move |when: IntentState, then: &'static str, other: &'static str| {
        derived(move || if state.get() == when { then } else { other }.to_owned())
    };
    let shutdown_off = derived(move || gate.get().or_else(|| silent.get().then(|| l.not_live.to_owned())));
    let delete_off =
        derived(move || gate.get().or_else(|| (!deletable.get()).then(|| w.delete_off.to_owned())));
    let holds = order.holds.menu;
    effect(move || {
        // The row of an open dialog stays in the page too: the focus goes back to it.
        if actions.ask.with(Option::is_some) {
            holds.set(target.get_untracked());
        } else if holds.with_untracked(Option::is_some) {
            holds.set(None);
        }
    });
    let toggled = Callback::new(move |open: bool| {
        // It is told late: by then a dialog may be open, which holds the row itself.
        let held = open || actions.ask.try_with_untracked(Option::is_some) == Some(true);
        holds.try_set(target.try_get_untracked().flatten().filter(|_| held));
    });
    let own = |text: &'static str| Signal::stored(text.to_owned());
    view! {
        <Menu id=id label=name on_toggle=toggled>
            <MenuLink href=to(routes::node) label=own(w.open) icon="arrow-right" />
            <MenuLink href=to(routes::node_diagnose) label=own(w.diagnose) icon="activity" />
            <hr />
            <MenuItem label=own(w.copy_id) icon="copy" on_press=copy(|n| n.id().to_string()) />
            <MenuItem label=own(w.copy_endpoint) icon="copy" on_press=copy(|n| n.endpoint.authority()) />
            <MenuItem label=own(w.copy_link) icon="link" on_press=copy(|n| link(&routes::node(n.id()))) />
            <hr />
            <MenuItem
                label=word(IntentState::Maintenance, l.end_maintenance, l.maintenance)
                icon="wrench"
                off=gate
                on_press=maintenance
            />
            <MenuItem
                label=word(IntentState::Disabled, l.enable, l.disable)
                icon="circle-slash"
                off=gate
                on_press=disable
            />
            <MenuItem label=own(l.shut_down) icon="power" off=shutdown_off on_press=press(Action::Shutdown) />
            <hr />
            <MenuLink href=to(routes::node_settings) label=own(w.rotate) icon="key-round" off=gate />
            <MenuItem
                label=own(l.delete)
                icon="trash-2"
                danger=true
                off=delete_off
                on_press=press(Action::Delete)
            />
        </Menu>
        <ReleaseError release=release />
        <ActionDialog ask=actions.ask subject=subject />
    }
}

/// The whole address of a path.
pub fn link(path: &str) -> String {
    format!("{}{path}", window().location().origin().unwrap_or_default())
}
