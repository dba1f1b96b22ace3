//! Regions: add, read.

use std::sync::Arc;

use common::auth::Permission;
use common::ids::RegionId;
use common::problem::FieldError;
use common::region::{CreateRegion, Region, RegionPage, normal_name};
use common::status::IntentState;

use super::{App, ServiceError, finish};
use crate::auth::policy::{Actor, authorize};
use crate::db::DbError;
use crate::domain::activity::Target;
use crate::domain::registry::{OwnIntent, RegionRecord};

/// A written object and the number of the change.
pub struct Changed<T> {
    /// As it is now.
    pub object: T,
    /// For `X-Change`.
    pub change: i64,
}

/// Adds a region.
///
/// # Errors
/// Field errors, a taken id, a role too low.
pub async fn create(
    app: &Arc<App>,
    actor: &Actor,
    request: CreateRegion,
) -> Result<Changed<Region>, ServiceError> {
    let id = request.validate();
    // The role first: what is wrong with a form is not told to those who may not send it.
    authorize(actor, Permission::Operate, id.as_ref().ok())?;
    let id = id.map_err(ServiceError::Invalid)?;
    let name = normal_name(&request.name).map_err(|e| ServiceError::Internal(e.to_string()))?;
    let now = app.clock.wall();
    let state = if request.start_in_maintenance { IntentState::Maintenance } else { IntentState::Active };
    let record = RegionRecord {
        id: id.clone(),
        country_code: request.country_code.trim().to_ascii_uppercase(),
        name,
        display_name: request.display_name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()),
        intent: OwnIntent::new(state, &actor.user.email, now),
        created_at: now,
        version: 1,
    };
    let entry = actor.act(now, "region.create", Target::region(&id)).changed(
        None,
        Some(serde_json::json!({ "countryCode": record.country_code, "name": record.name, "displayName": record.display_name, "state": state })),
    );
    let app = Arc::clone(app);
    finish(async move {
        let change = app.db.region_insert(&record, &entry).await.map_err(|e| taken(e, &record.id))?;
        app.fleet.region_add(record);
        app.fleet.note_change(change);
        Ok(Changed { object: read(&app, &id)?, change })
    })
    .await
}

fn taken(e: DbError, id: &RegionId) -> ServiceError {
    match e {
        DbError::Unique(_) => ServiceError::Conflict {
            code: "region_exists",
            detail: format!("The region {id} exists already."),
            errors: vec![FieldError::new("name", "region_exists", format!("{id} exists already."))],
        },
        other => other.into(),
    }
}

/// One region.
///
/// # Errors
/// Where there is none.
pub fn get(app: &App, actor: &Actor, id: &RegionId) -> Result<Region, ServiceError> {
    authorize(actor, Permission::Read, Some(id))?;
    read(app, id)
}

fn read(app: &App, id: &RegionId) -> Result<Region, ServiceError> {
    let region =
        app.fleet.region(id).ok_or_else(|| ServiceError::NotFound { what: "region", id: id.to_string() })?;
    Ok(app.fleet.region_detail(&region))
}

/// A page of regions by id.
///
/// # Errors
/// A role too low.
pub fn list(
    app: &App,
    actor: &Actor,
    after: Option<RegionId>,
    limit: usize,
) -> Result<RegionPage, ServiceError> {
    authorize(actor, Permission::Read, None)?;
    let (items, more) = app.fleet.region_page(after.as_ref(), limit);
    let next_cursor = items.last().filter(|_| more).map(|r| r.id.to_string());
    Ok(RegionPage { items, next_cursor })
}
