//! Who may do what: one function, asked by every service before it acts. Default is no.

use common::auth::{Permission, Role, User};
use common::ids::RegionId;
use common::time::Timestamp;
use uuid::Uuid;

use crate::domain::activity::{Entry, SCRIPT, Target};

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub user: User,
    /// Counts changes of what they may do; streams opened with an older one end.
    pub version: i64,
    /// What was presented.
    pub credential: Bearer,
    /// When this session's password was given last, where it is a session.
    pub confirmed_at: Option<Timestamp>,
    /// When the credential presented ends by itself.
    pub expires_at: Timestamp,
    /// Where the request came from.
    pub origin: Origin,
}

/// What kind of credential somebody acts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// A person's session, by cookie or access token: its `sid`.
    Session(Uuid),
    /// An automation token.
    Token {
        /// Its `jti`.
        id: Uuid,
        /// What it is called; named in the activity log.
        name: String,
    },
}

/// Where a request came from; for the activity log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request's number, as in every reply and log line.
    pub request_id: String,
    /// Address of the other end.
    pub source: String,
}

impl Actor {
    /// The session acted in; none where a token acts.
    pub fn session_id(&self) -> Option<Uuid> {
        match self.credential {
            Bearer::Session(sid) => Some(sid),
            Bearer::Token { .. } => None,
        }
    }

    /// Whose streams end with this credential: the session or the token.
    pub fn owner(&self) -> Uuid {
        match self.credential {
            Bearer::Session(id) | Bearer::Token { id, .. } => id,
        }
    }

    /// As named in the activity log.
    pub fn name(&self) -> String {
        match &self.credential {
            Bearer::Session(_) => self.user.email.clone(),
            Bearer::Token { name, .. } => format!("{name}{SCRIPT}"),
        }
    }

    /// A row for the activity log about something done with this credential.
    pub fn act(&self, at: Timestamp, action: &'static str, target: Target) -> Entry {
        Entry {
            actor: self.name(),
            request_id: Some(self.origin.request_id.clone()),
            source: Some(self.origin.source.clone()),
            ..Entry::system(at, action, target)
        }
    }
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// The role is too low.
    Role {
        /// The least that would do.
        needs: Role,
    },
    /// The role would do, but not in this region.
    Scope {
        /// Which.
        region: RegionId,
    },
}

/// Whether `actor` has `permission`, in `region` where one is concerned. Reading is not limited by scope.
///
/// # Errors
/// [`Denied`].
pub fn authorize(actor: &Actor, permission: Permission, region: Option<&RegionId>) -> Result<(), Denied> {
    if !permission.granted_to(actor.user.role) {
        return Err(Denied::Role { needs: permission.least_role() });
    }
    match (permission, &actor.user.region_scope, region) {
        (Permission::Read, _, _) | (_, None, _) => Ok(()),
        (_, Some(scope), Some(region)) if scope.contains(region) => Ok(()),
        (_, Some(_), Some(region)) => Err(Denied::Scope { region: region.clone() }),
        // Something that concerns the whole cluster, asked by somebody who has a part of it.
        (_, Some(_), None) => Err(Denied::Role { needs: Role::Admin }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::ids::UserId;

    fn actor(role: Role, scope: Option<&[&str]>) -> Actor {
        let region_scope = scope.map(|s| s.iter().map(|r| RegionId::from(*r)).collect());
        let user =
            User { id: UserId(Uuid::nil()), email: "a@b".into(), display_name: None, role, region_scope };
        Actor {
            user,
            version: 1,
            credential: Bearer::Session(Uuid::nil()),
            confirmed_at: None,
            expires_at: Timestamp(0),
            origin: Origin::default(),
        }
    }

    #[test]
    fn every_role_against_every_permission() {
        let om = RegionId::from("OM-MCT");
        for (role, permission, granted) in [
            (Role::Viewer, Permission::Read, true),
            (Role::Viewer, Permission::Operate, false),
            (Role::Viewer, Permission::Administer, false),
            (Role::Operator, Permission::Read, true),
            (Role::Operator, Permission::Operate, true),
            (Role::Operator, Permission::Administer, false),
            (Role::Admin, Permission::Read, true),
            (Role::Admin, Permission::Operate, true),
            (Role::Admin, Permission::Administer, true),
        ] {
            assert_eq!(
                authorize(&actor(role, None), permission, Some(&om)).is_ok(),
                granted,
                "{role:?} {permission:?}"
            );
        }
    }

    #[test]
    fn scope_limits_changes_not_reading() {
        let (om, us) = (RegionId::from("OM-MCT"), RegionId::from("US-EAST-1"));
        let a = actor(Role::Operator, Some(&["OM-MCT"]));
        assert!(authorize(&a, Permission::Operate, Some(&om)).is_ok());
        assert_eq!(authorize(&a, Permission::Operate, Some(&us)), Err(Denied::Scope { region: us.clone() }));
        assert!(authorize(&a, Permission::Operate, None).is_err());
        assert!(authorize(&a, Permission::Read, Some(&us)).is_ok());
        assert!(authorize(&actor(Role::Operator, Some(&[])), Permission::Operate, Some(&om)).is_err());
    }
}
