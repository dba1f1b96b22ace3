//! People: who may sign in, how they are invited, what they may do, where they are signed in.

pub mod account;
pub mod account_actions;
pub mod account_rights;
pub mod device;
pub mod fields;
pub mod invite;
pub mod link;
pub mod list;
pub mod matrix;
pub mod new_password;
pub mod security;
pub mod sessions;
pub mod welcome;

use std::time::Duration;

use common::auth::Role;
use common::ids::RegionId;
use common::users::{Account, AccountState};
use leptos::prelude::*;

use crate::components::{Icon, words};
use crate::i18n::people;

/// How often lists are read while they are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How somebody is called.
pub fn called(account: &Account) -> String {
    account.display_name.clone().unwrap_or_else(|| account.email.clone())
}

/// Whether an account can do everything: an administrator of all regions who can sign in.
pub fn administers(account: &Account) -> bool {
    account.role == Role::Admin && account.region_scope.is_none() && account.state == AccountState::Active
}

/// Whether nobody else can do everything.
pub fn is_last_admin(account: &Account, all: &[Account]) -> bool {
    administers(account) && !all.iter().any(|other| other.id != account.id && administers(other))
}

/// Where changes are allowed: up to two regions by name, more of them as a number.
pub fn scope_text(scope: Option<&[RegionId]>) -> String {
    let w = people();
    match scope {
        None => w.all_regions.to_owned(),
        Some([]) => words().access.nowhere.to_owned(),
        Some(few) if few.len() <= 2 => crate::state::gate::names(few),
        Some(many) => (w.some_regions)(u64::try_from(many.len()).unwrap_or_default()),
    }
}

/// Whether an account can be used, as a badge.
pub fn state_badge(state: AccountState) -> AnyView {
    let (family, icon) = match state {
        AccountState::Active => ("ok", "circle-check"),
        AccountState::Invited => ("never", "mail"),
        AccountState::Disabled => ("idle", "circle-slash"),
    };
    view! {
        <span class=format!("st {family}")>
            <Icon name=icon />
            <span>{(people().state_of)(state)}</span>
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use common::time::Timestamp;

    use super::*;

    fn account(n: u128, role: Role, state: AccountState) -> Account {
        Account {
            id: format!("00000000-0000-0000-0000-{n:012x}").parse().unwrap(),
            email: format!("{n}@example.org"),
            display_name: None,
            role,
            region_scope: None,
            state,
            created_at: Timestamp(0),
            last_active_at: None,
            sessions: 0,
            tokens: 0,
            version: 1,
        }
    }

    #[test]
    fn the_last_admin_is_found() {
        let one = account(1, Role::Admin, AccountState::Active);
        let all = |other: Account| vec![one.clone(), other];
        assert!(is_last_admin(&one, &all(account(2, Role::Operator, AccountState::Active))));
        assert!(is_last_admin(&one, &all(account(2, Role::Admin, AccountState::Invited))));
        assert!(is_last_admin(&one, &all(account(2, Role::Admin, AccountState::Disabled))));
        assert!(!is_last_admin(&one, &all(account(2, Role::Admin, AccountState::Active))));
        let limited = Account { region_scope: Some(vec![]), ..account(2, Role::Admin, AccountState::Active) };
        assert!(is_last_admin(&one, &all(limited.clone())));
        assert!(!is_last_admin(&limited, &all(limited.clone())));
    }

    #[test]
    fn regions_in_short() {
        let ids =
            |n: usize| ["A-B", "C-D", "E-F"].iter().take(n).map(|r| RegionId::from(*r)).collect::<Vec<_>>();
        assert_eq!(scope_text(None), "All regions");
        assert_eq!(scope_text(Some(&ids(0))), "No region");
        assert_eq!(scope_text(Some(&ids(2))), "A-B, C-D");
        assert_eq!(scope_text(Some(&ids(3))), "3 regions");
    }
}
