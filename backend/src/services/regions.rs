//! Regions: add, change, read.

use std::sync::Arc;

use common::activity::EventKind;
use common::auth::Permission;
use common::edit::EditRegion;
use common::ids::RegionId;
use common::problem::FieldError;
use common::region::{CreateRegion, Region, RegionPage, normal_name};
use common::status::IntentState;

use super::nodes::stale;
use super::{App, ServiceError, finish};
use crate::auth::policy::{Actor, authorize};
use crate::db::{DbError, Versioned};
use crate::domain::activity::Target;
use crate::domain::registry::{OwnIntent, RegionRecord};
use crate::live::fleet::{RegionEntry, What};

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
        if let Some(region) = app.fleet.region(&id) {
            let what =
                What { to: Some("added".to_owned()), actor: Some(entry.actor.clone()), ..What::default() };
            app.fleet.record_region(&region, EventKind::Registry, what);
        }
        Ok(Changed { object: read(&app, &id)?, change })
    })
    .await
}

fn taken(e: DbError, id: &RegionId) -> ServiceError {
    match e {
        DbError::Unique(_) => ServiceError::Conflict {
            code: "region_exists",
            detail: format!("The region {id} already exists."),
            errors: vec![FieldError::new("name", "region_exists", format!("{id} already exists."))],
        },
        other => other.into(),
    }
}

/// A region that somebody wants to change. Who may is decided before what is there.
///
/// # Errors
/// A role too low, another region, or there is none.
pub(super) fn changeable(app: &App, actor: &Actor, id: &RegionId) -> Result<Arc<RegionEntry>, ServiceError> {
    authorize(actor, Permission::Operate, Some(id))?;
    app.fleet.region(id).ok_or_else(|| ServiceError::NotFound { what: "region", id: id.to_string() })
}

/// Changes a region's registration; what changes nothing is no change.
///
/// # Errors
/// Field errors, an older version, a role too low.
pub async fn edit(
    app: &Arc<App>,
    actor: &Actor,
    id: &RegionId,
    version: i64,
    request: EditRegion,
) -> Result<Changed<Region>, ServiceError> {
    changeable(app, actor, id)?;
    request.validate().map_err(ServiceError::Invalid)?;
    let now = app.clock.wall();
    let (app, actor, id) = (Arc::clone(app), actor.clone(), id.clone());
    finish(async move {
        let outcome = app
            .db
            .region_change(&id, version, |record| {
                let before = record.display_name.clone();
                if let Some(name) = request.display_name {
                    record.display_name = name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
                }
                let shown = |name: &Option<String>| Some(serde_json::json!({ "displayName": name }));
                (before != record.display_name).then(|| {
                    let entry = actor.act(now, "region.update", Target::region(&id));
                    entry.changed(shown(&before), shown(&record.display_name))
                })
            })
            .await?;
        let gone = || ServiceError::NotFound { what: "region", id: id.to_string() };
        let change = match outcome {
            Versioned::Done { record, change } => {
                let region = app.fleet.region_update(record).ok_or_else(gone)?;
                app.fleet.note_change(change);
                let what = What {
                    to: Some("edited".to_owned()),
                    detail: Some("displayName".to_owned()),
                    actor: Some(actor.user.email.clone()),
                    ..What::default()
                };
                app.fleet.record_region(&region, EventKind::Registry, what);
                change
            }
            Versioned::Same(_) => app.fleet.change(),
            Versioned::Stale(record) => {
                let region = app.fleet.region_update(record).ok_or_else(gone)?;
                return Err(stale(&app.fleet.region_detail(&region)));
            }
            Versioned::Missing => return Err(gone()),
        };
        Ok(Changed { object: read(&app, &id)?, change })
    })
    .await
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
