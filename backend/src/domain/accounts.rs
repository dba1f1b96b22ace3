//! Accounts: what a change must not do, and what of it concerns a person's rights.

use common::auth::{Role, User};
use common::ids::UserId;
use common::users::AccountChanges;

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Who, and what they may do.
    pub user: User,
    /// They have chosen a password.
    pub has_password: bool,
    /// They cannot sign in.
    pub disabled: bool,
    /// Counts every change.
    pub revision: i64,
}

/// A rule that stands against a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nobody would be left who can do everything.
    LastAdmin,
    /// Nobody changes their own rights, disables or deletes themselves.
    OwnAccount,
}

impl Guard {
    /// Stable.
    pub fn code(self) -> &'static str {
        match self {
            Self::LastAdmin => "last_admin",
            Self::OwnAccount => "own_account",
        }
    }

    /// In words.
    pub fn detail(self) -> &'static str {
        match self {
            Self::LastAdmin => {
                "This is the last account that may do everything. Make somebody else an admin of all regions first."
            }
            Self::OwnAccount => {
                "This is your own account. Another admin can change its role and regions, disable it or delete it."
            }
        }
    }
}

impl AccountRecord {
    /// Whether they can do everything: an admin of all regions who can sign in.
    pub fn administers(&self) -> bool {
        self.user.role == Role::Admin
            && self.user.region_scope.is_none()
            && self.has_password
            && !self.disabled
    }

    /// Whether they may do other things than before.
    pub fn access_differs(&self, other: &Self) -> bool {
        self.user.role != other.user.role
            || self.user.region_scope != other.user.region_scope
            || self.disabled != other.disabled
    }

    /// The record with these changes, wanted by `by`.
    ///
    /// # Errors
    /// [`Guard::OwnAccount`].
    pub fn change(&mut self, changes: AccountChanges, by: UserId) -> Result<(), Guard> {
        let before = self.clone();
        if let Some(name) = changes.display_name {
            self.user.display_name = name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
        }
        if let Some(role) = changes.role {
            self.user.role = role;
        }
        if let Some(scope) = changes.region_scope {
            self.user.region_scope = scope.map(|mut regions| {
                regions.sort();
                regions.dedup();
                regions
            });
        }
        if let Some(disabled) = changes.disabled {
            self.disabled = disabled;
        }
        if self.user.id == by && before.access_differs(self) { Err(Guard::OwnAccount) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::ids::RegionId;
    use uuid::Uuid;

    fn record() -> AccountRecord {
        let user = User {
            id: UserId(Uuid::from_u128(1)),
            email: "a@b".into(),
            display_name: None,
            role: Role::Admin,
            region_scope: None,
        };
        AccountRecord { user, has_password: true, disabled: false, revision: 1 }
    }

    #[test]
    fn only_an_admin_of_all_regions_who_can_sign_in_administers() {
        assert!(record().administers());
        let with = |f: fn(&mut AccountRecord)| {
            let mut r = record();
            f(&mut r);
            r
        };
        for less in [
            with(|r| r.user.role = Role::Operator),
            with(|r| r.user.region_scope = Some(vec![RegionId::from("OM-MCT")])),
            with(|r| r.has_password = false),
            with(|r| r.disabled = true),
        ] {
            assert!(!less.administers(), "{less:?}");
        }
    }

    #[test]
    fn nobody_changes_their_own_rights_but_their_name() {
        let (me, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let named =
            AccountChanges { display_name: Some(Some("  Salim ".into())), ..AccountChanges::default() };
        let mut r = record();
        r.change(named, me).unwrap();
        assert_eq!(r.user.display_name.as_deref(), Some("Salim"));
        for changes in [
            AccountChanges { role: Some(Role::Viewer), ..AccountChanges::default() },
            AccountChanges { region_scope: Some(Some(Vec::new())), ..AccountChanges::default() },
            AccountChanges { disabled: Some(true), ..AccountChanges::default() },
        ] {
            assert_eq!(record().change(changes.clone(), me), Err(Guard::OwnAccount));
            assert_eq!(record().change(changes, other), Ok(()));
        }
        let same =
            AccountChanges { role: Some(Role::Admin), disabled: Some(false), ..AccountChanges::default() };
        assert_eq!(record().change(same, me), Ok(()), "what changes nothing is no change");
    }
}
