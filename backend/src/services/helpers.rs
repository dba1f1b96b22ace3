//! Whom to ask: a few people who can do what somebody may not.

use common::auth::{Permission, Role};
use common::ids::RegionId;
use common::problem::FieldError;
use common::users::{HELPERS_MAX, Helpers};

use super::{App, ServiceError};
use crate::auth::policy::{Actor, authorize};

/// Longest Region ID that is looked for.
const REGION_MAX: usize = 40;

/// People who have a role, in a region or else in all of them. A higher role will do; those with just this one come
/// first.
///
/// # Errors
/// All parameters that are not right.
pub async fn list(
    app: &App,
    actor: &Actor,
    role: Option<&str>,
    region: Option<&str>,
) -> Result<Helpers, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let mut errors = Vec::new();
    let roles: &[Role] = match role.and_then(Role::parse) {
        Some(Role::Operator) => &[Role::Operator, Role::Admin],
        Some(Role::Admin) => &[Role::Admin],
        // Everybody who is signed in may do what a viewer may.
        Some(Role::Viewer) | None => {
            errors.push(FieldError::query("role", "unknown", "role is operator or admin."));
            &[]
        }
    };
    let region = region.map(str::trim).filter(|r| !r.is_empty());
    if region.is_some_and(|r| r.chars().count() > REGION_MAX || r.chars().any(char::is_control)) {
        let detail = format!("region is a Region ID of at most {REGION_MAX} characters.");
        errors.push(FieldError::query("region", "too_long", detail));
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    let limit = i64::try_from(HELPERS_MAX).unwrap_or(i64::MAX);
    let region = region.map(RegionId::from);
    Ok(Helpers { names: app.db.account_helpers(roles, region.as_ref(), limit).await? })
}
