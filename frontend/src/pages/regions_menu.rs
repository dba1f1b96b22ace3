//! What can be done with a region from a list: the menu of its row or card, and the dialog behind it.

use common::auth::Permission;
use common::ids::RegionId;
use common::node::NodeKind;
use common::region::Region;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lifecycle::dialog::ActionDialog;
use super::lifecycle::model::{Action, Subject, region_may_go};
use crate::api::use_api;
use crate::components::copy::copy_text;
use crate::components::menu::{Menu, MenuItem, MenuLink};
use crate::components::{Icon, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, effect, memo};
use crate::routes;
use crate::state::gate::use_gate_in;
use crate::state::live::use_live;
use crate::state::toasts::use_toasts;

/// What is asked of which region.
pub type Actions = RwSignal<Option<(RegionId, Action)>>;

/// The button and its menu.
#[component]
pub fn RegionMenu(
    /// The region.
    id: RegionId,
    /// Takes what is chosen.
    actions: Actions,
) -> impl IntoView {
    let (w, d, l) = (&words().region, &words().dashboard, &words().lifecycle);
    let gate = use_gate_in(Permission::Operate, Signal::stored(Some(id.clone())));
    let (live, toasts) = (use_live(), use_toasts());
    let menu = format!("region-menu-{id}");
    let label = (d.more)(id.as_str());
    let copied = id.to_string();
    let whose = StoredValue::new(id.clone());
    let may_go = memo(move || whose.with_value(|id| live.summary(id, region_may_go)).unwrap_or(false));
    let delete_off =
        derived(move || gate.get().or_else(|| (!may_go.get()).then(|| l.region_delete_off.to_owned())));
    let ask = move |action: Action| Callback::new(move |()| actions.set(Some((whose.get_value(), action))));
    view! {
        <button
            type="button"
            class="btn ghost ic above"
            aria-haspopup="menu"
            aria-label=label.clone()
            popovertarget=menu.clone()
        >
            <Icon name="ellipsis" />
        </button>
        <Menu id=menu label=label>
            <MenuLink href=routes::region(&id) label=d.menu_open icon="globe" />
            <MenuItem
                label=d.menu_copy
                icon="copy"
                on_press=Callback::new(move |()| copy_text(&copied, toasts))
            />
            <MenuLink href=routes::node_new(&id, NodeKind::Proxy) label=w.add_proxy icon="plus" off=gate />
            <MenuLink href=routes::node_new(&id, NodeKind::Backend) label=w.add_backend icon="plus" off=gate />
            <hr />
            <MenuItem label=l.maintenance icon="wrench" off=gate on_press=ask(Action::Maintenance) />
            <MenuItem label=l.disable icon="circle-slash" off=gate on_press=ask(Action::Disable) />
            <MenuItem label=l.shut_down_all icon="power" off=gate on_press=ask(Action::Shutdown) />
            <MenuItem label=l.delete icon="trash-2" danger=true off=delete_off on_press=ask(Action::Delete) />
        </Menu>
    }
}

/// The dialog of a list: what it is about is read when it is asked for, so that it is based on how the region is now.
#[component]
pub fn RegionDialogs(
    /// What is asked.
    actions: Actions,
) -> impl IntoView {
    let (api, i18n, toasts) = (use_api(), use_i18n(), use_toasts());
    let ask = RwSignal::new(None::<Action>);
    let region = RwSignal::new(None::<Region>);
    effect(move || {
        let Some((id, action)) = actions.get() else { return };
        spawn_local(async move {
            match api.region(&id).await {
                Ok(found) => {
                    region.try_set(Some(found));
                    ask.try_set(Some(action));
                }
                Err(e) => toasts.failed(e.detail(i18n.t)),
            }
            actions.try_set(None);
        });
    });
    let subject = memo(move || region.with(|r| r.as_ref().map(Subject::region)));
    view! { <ActionDialog ask=ask subject=derived(move || subject.get()) /> }
}
