//! Accounts: read and changed by administrators, with the rules that keep one administrator in place.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::activity::Outcome;
use common::auth::{Permission, User};
use common::ids::{RegionId, UserId};
use common::problem::FieldError;
use common::users::{Account, AccountChanges, AccountPage};
use serde_json::{Map, Value, json};

use super::nodes::{differing, stale};
use super::regions::Changed;
use super::sessions::IDLE_MS;
use super::{App, ServiceError, access, activity, finish, stepup};
use crate::auth::policy::{Actor, authorize};
use crate::db::{AccessNotice, AccountError, By, Versioned};
use crate::domain::accounts::{AccountRecord, Guard};
use crate::domain::activity::{Entry, Target};

/// An account, for the activity log.
pub(super) fn target(user: &User) -> Target {
    Target { name: Some(user.email.clone()), ..Target::named("user", &user.id.to_string()) }
}

fn none(id: UserId) -> ServiceError {
    ServiceError::NotFound { what: "account", id: id.to_string() }
}

/// An account as it is now.
pub(super) async fn account(app: &App, id: UserId) -> Result<Account, ServiceError> {
    let now = app.clock.wall();
    app.db.account_get(id, now, now.before(IDLE_MS)).await?.ok_or_else(|| none(id))
}

/// Regions that a scope names must exist, unless it named them before.
pub(super) fn known_regions(
    app: &App,
    scope: Option<&[RegionId]>,
    before: Option<&[RegionId]>,
) -> Result<(), ServiceError> {
    let new = |r: &&RegionId| !before.is_some_and(|b| b.contains(r));
    let unknown = scope.into_iter().flatten().filter(new).find(|r| app.fleet.region(r).is_none());
    let Some(region) = unknown else { return Ok(()) };
    let detail = format!("There is no region {region}.");
    Err(ServiceError::Invalid(vec![FieldError::new("regionScope", "region_unknown", detail)]))
}

/// A page of accounts by e-mail.
///
/// # Errors
/// A role too low, a cursor that is none.
pub async fn list(
    app: &App,
    actor: &Actor,
    cursor: Option<&str>,
    limit: usize,
) -> Result<AccountPage, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    let read = |c: &str| URL_SAFE_NO_PAD.decode(c).ok().and_then(|b| String::from_utf8(b).ok());
    let after = match cursor.map(read) {
        None => None,
        Some(Some(after)) if !after.contains('\0') => Some(after),
        Some(_) => {
            let error = FieldError::query("cursor", "cursor", "Not a cursor of this list.");
            return Err(ServiceError::Invalid(vec![error]));
        }
    };
    let asked = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let now = app.clock.wall();
    let mut items = app.db.account_page(after.as_deref(), asked, now, now.before(IDLE_MS)).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|a| URL_SAFE_NO_PAD.encode(&a.email));
    Ok(AccountPage { items, next_cursor })
}

/// One account.
///
/// # Errors
/// A role too low, or there is none.
pub async fn get(app: &App, actor: &Actor, id: UserId) -> Result<Account, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    account(app, id).await
}

/// Changes an account. Other rights count at once: its streams end, and its access tokens are worthless.
///
/// # Errors
/// Field errors, an older version, 409 `last_admin` and `own_account`, a role too low, [`stepup::require`].
pub async fn change(
    app: &Arc<App>,
    actor: &Actor,
    id: UserId,
    version: i64,
    request: AccountChanges,
) -> Result<Changed<Account>, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    stepup::require(app, actor)?;
    request.validate().map_err(ServiceError::Invalid)?;
    let known = account(app, id).await?;
    let scope = request.region_scope.as_ref().and_then(Option::as_deref);
    known_regions(app, scope, known.region_scope.as_deref())?;
    let now = app.clock.wall();
    let target = Target { name: Some(known.email), ..Target::named("user", &id.to_string()) };
    let tried =
        actor.act(now, "user.update", target.clone()).changed(None, serde_json::to_value(&request).ok());
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let outcome = app
            .db
            .account_change(id, version, by(&actor), |record| {
                let before = editable(record);
                record.change(request, actor.user.id)?;
                let Some((before, after)) = differing(before, editable(record)) else { return Ok(None) };
                let entry = actor.act(now, "user.update", target);
                Ok(Some(entry.changed(Some(before.into()), Some(after.into()))))
            })
            .await;
        finished(&app, id, outcome, tried).await
    })
    .await
}

/// Deletes an account, with its sessions and the automation tokens it made.
///
/// # Errors
/// An older version, 409 `last_admin` and `own_account`, a role too low, [`stepup::require`].
pub async fn delete(app: &Arc<App>, actor: &Actor, id: UserId, version: i64) -> Result<i64, ServiceError> {
    authorize(actor, Permission::Administer, None)?;
    stepup::require(app, actor)?;
    let known = account(app, id).await?;
    let target = Target { name: Some(known.email), ..Target::named("user", &id.to_string()) };
    let tried = actor.act(app.clock.wall(), "user.delete", target);
    let (app, actor) = (Arc::clone(app), actor.clone());
    finish(async move {
        let noted = tried.clone();
        let outcome = app
            .db
            .account_delete(id, version, by(&actor), |record| {
                if record.user.id == actor.user.id {
                    return Err(Guard::OwnAccount);
                }
                Ok(noted.changed(Some(editable(record).into()), None))
            })
            .await;
        match outcome {
            Ok(Versioned::Done { change, .. }) => {
                access::told(&app, AccessNotice::User(id)).await;
                app.fleet.note_change(change);
                Ok(change)
            }
            Ok(Versioned::Same(_) | Versioned::Missing) => Err(none(id)),
            Ok(Versioned::Stale(_)) => Err(stale(&account(&app, id).await?)),
            Err(e) => Err(refused(&app, tried, e).await),
        }
    })
    .await
}

fn by(actor: &Actor) -> By {
    By { user: actor.user.id, version: actor.version }
}

async fn finished(
    app: &Arc<App>,
    id: UserId,
    outcome: Result<Versioned<AccountRecord>, AccountError>,
    tried: Entry,
) -> Result<Changed<Account>, ServiceError> {
    let change = match outcome {
        Ok(Versioned::Done { change, .. }) => {
            access::told(app, AccessNotice::User(id)).await;
            app.fleet.note_change(change);
            change
        }
        Ok(Versioned::Same(_)) => app.fleet.change(),
        Ok(Versioned::Stale(_)) => return Err(stale(&account(app, id).await?)),
        Ok(Versioned::Missing) => return Err(none(id)),
        Err(e) => return Err(refused(app, tried, e).await),
    };
    Ok(Changed { object: account(app, id).await?, change })
}

/// What stood against it; a guard is noted, because somebody tried.
async fn refused(app: &App, tried: Entry, e: AccountError) -> ServiceError {
    match e {
        AccountError::Db(e) => e.into(),
        // Noted like every denial.
        AccountError::Outranked => ServiceError::NeedsRole(Permission::Administer.least_role()),
        AccountError::Guard(guard) => {
            let entry = tried.ended(Outcome::Refused).because(Some(guard.detail()));
            activity::note(app, &entry).await;
            ServiceError::Refused { code: guard.code(), detail: guard.detail().to_owned(), current: None }
        }
    }
}

/// The fields a change can be about, by their names on the wire.
fn editable(r: &AccountRecord) -> Map<String, Value> {
    let fields = json!({
        "displayName": r.user.display_name, "role": r.user.role, "regionScope": r.user.region_scope,
        "disabled": r.disabled,
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
