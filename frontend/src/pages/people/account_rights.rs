//! The form of an account: name, role, regions. What somebody else changes never overwrites what is typed.

use common::auth::{Permission, Role};
use common::users::{Account, AccountChanges};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::account::Shown;
use super::fields::{RegionsField, RoleField, Scope};
use crate::api::use_api;
use crate::components::form::{Fault, fault_of};
use crate::components::{ErrorSummary, Note, Reason, SubmitButton, TextField};
use crate::i18n::{people, use_i18n};
use crate::pages::lifecycle::fields::{SendError, Sending};
use crate::reactive::{derived, dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::gate::use_gate_everywhere;

const REASON: &str = "rights-reason";
const NAME: &str = "rights-name";
const REGIONS: &str = "rights-regions";
const FIELDS: [(&str, &str); 3] =
    [("/displayName", NAME), ("/role", "role-viewer"), ("/regionScope", REGIONS)];

/// What differs from what is stored.
fn changes(
    account: &Account,
    name: &str,
    role: Role,
    scope: Option<Vec<common::ids::RegionId>>,
) -> AccountChanges {
    let name = Some(name.trim().to_owned()).filter(|n| !n.is_empty());
    AccountChanges {
        display_name: (name != account.display_name).then_some(name),
        role: (role != account.role).then_some(role),
        region_scope: (scope != account.region_scope).then_some(scope),
        disabled: None,
    }
}

/// The card.
#[component]
pub fn Rights(
    /// The account.
    shown: Shown,
) -> impl IntoView {
    let (w, t, api, announcer) = (people(), use_i18n().t, use_api(), use_announcer());
    let gate = use_gate_everywhere(Permission::Administer);
    // What the form is based on: as it was when nothing had been typed.
    let base = RwSignal::new(shown.account.get_untracked());
    let (name, role, scope) = (RwSignal::new(String::new()), RwSignal::new(Role::Viewer), Scope::of(None));
    let (saved, sending) = (RwSignal::new(false), Sending::default());
    let take = move |account: &Account| {
        name.set(account.display_name.clone().unwrap_or_default());
        role.set(account.role);
        scope.take(account.region_scope.as_deref());
    };
    if let Some(account) = shown.account.get_untracked() {
        take(&account);
    }
    let wanted = memo(move || {
        base.with(|b| b.as_ref().map(|b| name.with(|name| changes(b, name, role.get(), scope.value()))))
    });
    let clean = memo(move || wanted.with(|c| c.as_ref().is_none_or(|c| *c == AccountChanges::default())));
    effect(move || {
        let Some(now) = shown.account.get() else { return };
        let other = base.with_untracked(|b| b.as_ref().is_none_or(|b| b.id != now.id));
        if other || clean.get_untracked() {
            take(&now);
            base.set(Some(now));
        }
    });
    effect(move || {
        if !clean.get() {
            saved.set(false);
        }
    });
    let rights_off = derived(move || {
        let guard = match (shown.own.get(), shown.last_admin.get()) {
            (true, _) => Some(w.own_rights),
            (false, true) => Some(w.last_admin),
            (false, false) => None,
        };
        guard.map(str::to_owned).or_else(|| gate.get())
    });
    let off = memo(move || gate.get().or_else(|| clean.get().then(|| w.nothing_changed.to_owned())));
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (Some(changes), Some(account)) = (wanted.get_untracked(), base.get_untracked()) else { return };
        if off.with_untracked(Option::is_some) {
            return;
        }
        let missing = scope.is_missing().then(|| (REGIONS.to_owned(), w.need_region.to_owned()));
        if !sending.begin(missing.into_iter().collect::<Vec<Fault>>()) {
            return;
        }
        spawn_local(async move {
            match api.edit_account(account.id, &changes, account.version).await {
                Ok(now) => {
                    sending.busy.try_set(false);
                    take(&now);
                    base.try_set(Some(now));
                    saved.try_set(true);
                    announcer.say(w.saved);
                    shown.reload.run(());
                }
                // Another click is based on what is stored now.
                Err(e) if e.status() == Some(412) => {
                    if let Some(now) = e.current::<Account>() {
                        base.try_set(Some(now));
                    }
                    sending.again(w.refused, w.changed.to_owned());
                }
                Err(e) => sending.failed(&e, t, &FIELDS),
            }
        });
    };
    view! {
        <form class="form card narrow" novalidate aria-labelledby="account-rights" on:submit=send>
            <h2 id="account-rights">{w.rights}</h2>
            <ErrorSummary faults=sending.faults attempt=sending.attempt />
            <TextField
                id=NAME
                label=w.name
                value=name
                error=fault_of(sending.faults.into(), NAME)
                optional=true
            />
            {dynamic(move || {
                let guard = match (shown.own.get(), shown.last_admin.get()) {
                    (true, _) => Some(w.own_rights),
                    (false, true) => Some(w.last_admin),
                    (false, false) => None,
                };
                guard.map(|text| view! { <Note tone="info" icon="lock">{text}</Note> })
            })}
            <RoleField role=role off=rights_off />
            <RegionsField
                id=REGIONS
                scope=scope
                off=rights_off
                error=fault_of(sending.faults.into(), REGIONS)
            />
            <SendError sending=sending />
            {dynamic(move || saved.get().then(|| view! { <Note icon="circle-check">{w.saved}</Note> }))}
            <Reason id=REASON off=off />
            <div class="toolbar end">
                <SubmitButton
                    label=derived(move || if sending.busy.get() { w.saving } else { w.save }.to_owned())
                    off=off
                    reason=REASON
                    busy=sending.busy
                />
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use common::ids::RegionId;
    use common::time::Timestamp;
    use common::users::AccountState;

    use super::*;

    #[test]
    fn only_what_differs_is_sent() {
        let account = Account {
            id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
            email: "a@b".into(),
            display_name: Some("Huda".into()),
            role: Role::Operator,
            region_scope: None,
            state: AccountState::Active,
            created_at: Timestamp(0),
            last_active_at: None,
            sessions: 0,
            tokens: 0,
            version: 3,
        };
        assert_eq!(changes(&account, " Huda ", Role::Operator, None), AccountChanges::default());
        let some = Some(vec![RegionId::from("OM-MCT")]);
        let all = changes(&account, "", Role::Viewer, some.clone());
        assert_eq!(
            (all.display_name, all.role, all.region_scope),
            (Some(None), Some(Role::Viewer), Some(some))
        );
        assert_eq!(all.disabled, None);
    }
}
