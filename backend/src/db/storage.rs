//! Storage settings of regions, and what the last check of each found.

use chrono::{DateTime, Utc};
use common::endpoint::{Endpoint, Scheme};
use common::ids::RegionId;
use common::storage::{
    StorageCheck, StorageFrom, StorageHealth, StorageState, StorageStepKind, StorageValues,
};
use common::time::Timestamp;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncConnection as _, RunQueryDsl};
use uuid::Uuid;

use super::activity::note;
use super::schema::{region_storage, storage_health};
use super::told::{Told, next_change, tell};
use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::Entry;
use crate::domain::storage::{SealedKey, StorageRecord, style_of, style_text};

#[derive(Queryable, Selectable)]
#[diesel(table_name = region_storage, check_for_backend(diesel::pg::Pg))]
struct StorageRow {
    region_id: String,
    endpoint_host: String,
    endpoint_port: i32,
    ssl: bool,
    access_key: String,
    secret_id: Uuid,
    secret_sealed: Vec<u8>,
    secret_fingerprint: String,
    secret_at: DateTime<Utc>,
    bucket: String,
    signing_region: String,
    path_style: String,
    prefix: String,
    version: i64,
    updated_at: DateTime<Utc>,
    updated_by: String,
}

impl StorageRow {
    fn record(self) -> Result<(RegionId, StorageRecord), DbError> {
        let port = u16::try_from(self.endpoint_port)
            .map_err(|_| unknown("port", &self.endpoint_port.to_string()))?;
        let record = StorageRecord {
            values: StorageValues {
                endpoint: Endpoint {
                    scheme: if self.ssl { Scheme::Https } else { Scheme::Http },
                    host: self.endpoint_host,
                    port,
                    path: String::new(),
                },
                access_key: self.access_key,
                bucket: self.bucket,
                signing_region: self.signing_region,
                path_style: style_of(&self.path_style)
                    .ok_or_else(|| unknown("path style", &self.path_style))?,
                prefix: self.prefix,
            },
            key: SealedKey {
                id: self.secret_id,
                sealed: self.secret_sealed,
                fingerprint: self.secret_fingerprint,
                at: from_db(self.secret_at),
            },
            version: self.version,
            updated_at: from_db(self.updated_at),
            updated_by: self.updated_by,
        };
        Ok((RegionId(self.region_id), record))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = storage_health, check_for_backend(diesel::pg::Pg))]
struct HealthRow {
    region_id: String,
    ok: bool,
    step: Option<String>,
    detail: Option<String>,
    checked_at: DateTime<Utc>,
    since: DateTime<Utc>,
}

/// Whether a write found the version it is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Done, with the number of the change.
    Done(i64),
    /// The row has another version by now.
    Stale,
}

impl Db {
    /// All settings by region.
    ///
    /// # Errors
    /// Where the database fails, or holds what this version does not know.
    pub async fn storage_list(&self) -> Result<Vec<(RegionId, StorageRecord)>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<StorageRow> =
            region_storage::table.select(StorageRow::as_select()).load(&mut c).await?;
        rows.into_iter().map(StorageRow::record).collect()
    }

    /// What the last check of each region found.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn storage_health_list(&self) -> Result<Vec<(RegionId, StorageHealth)>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<HealthRow> = storage_health::table.select(HealthRow::as_select()).load(&mut c).await?;
        let health = |r: HealthRow| {
            let health = StorageHealth {
                state: if r.ok { StorageState::Healthy } else { StorageState::Failing },
                checked_at: Some(from_db(r.checked_at)),
                step: r.step.as_deref().and_then(StorageStepKind::parse),
                detail: r.detail,
                since: Some(from_db(r.since)),
                from: StorageFrom::Server,
            };
            (RegionId(r.region_id), health)
        };
        Ok(rows.into_iter().map(health).collect())
    }

    /// Writes settings based on version `base` (0: there were none).
    ///
    /// # Errors
    /// [`DbError::Missing`] where the region is gone.
    pub async fn storage_put(
        &self,
        region: &RegionId,
        r: &StorageRecord,
        base: i64,
        entry: &Entry,
    ) -> Result<Written, DbError> {
        let mut c = self.conn().await?;
        let values = (
            region_storage::endpoint_host.eq(&r.values.endpoint.host),
            region_storage::endpoint_port.eq(i32::from(r.values.endpoint.port)),
            region_storage::ssl.eq(r.values.ssl()),
            region_storage::access_key.eq(&r.values.access_key),
            region_storage::secret_id.eq(r.key.id),
            region_storage::secret_sealed.eq(&r.key.sealed),
            region_storage::secret_fingerprint.eq(&r.key.fingerprint),
            region_storage::secret_at.eq(to_db(r.key.at)),
            region_storage::bucket.eq(&r.values.bucket),
            region_storage::signing_region.eq(&r.values.signing_region),
            region_storage::path_style.eq(style_text(r.values.path_style)),
            region_storage::prefix.eq(&r.values.prefix),
            region_storage::version.eq(r.version),
            region_storage::updated_at.eq(to_db(r.updated_at)),
            region_storage::updated_by.eq(&r.updated_by),
        );
        c.transaction(async |c| {
            let rows = if base == 0 {
                diesel::insert_into(region_storage::table)
                    .values((region_storage::region_id.eq(region.as_str()), values))
                    .on_conflict_do_nothing()
                    .execute(c)
                    .await?
            } else {
                let row = region_storage::table
                    .filter(region_storage::region_id.eq(region.as_str()))
                    .filter(region_storage::version.eq(base));
                diesel::update(row).set(values).execute(c).await?
            };
            if rows == 0 {
                return Ok(Written::Stale);
            }
            note(c, entry).await?;
            next_change(c, self.sender, &Told::Storage(region.clone())).await.map(Written::Done)
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }

    /// Removes settings of version `base`, with what checks found.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn storage_delete(
        &self,
        region: &RegionId,
        base: i64,
        entry: &Entry,
    ) -> Result<Written, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let row = region_storage::table
                .filter(region_storage::region_id.eq(region.as_str()))
                .filter(region_storage::version.eq(base));
            if diesel::delete(row).execute(c).await? == 0 {
                return Ok(Written::Stale);
            }
            let health = storage_health::table.filter(storage_health::region_id.eq(region.as_str()));
            diesel::delete(health).execute(c).await?;
            note(c, entry).await?;
            next_change(c, self.sender, &Told::Storage(region.clone())).await.map(Written::Done)
        })
        .await
        .map_err(|e: diesel::result::Error| DbError::from(e))
    }

    /// Keeps what a check found, and tells the others where there are any.
    ///
    /// # Errors
    /// [`DbError::Missing`] where the region is gone.
    pub async fn storage_health_put(
        &self,
        region: &RegionId,
        check: &StorageCheck,
        since: Timestamp,
        others: bool,
    ) -> Result<(), DbError> {
        let mut c = self.conn().await?;
        let detail: Option<String> = check.detail.as_ref().map(|d| d.chars().take(500).collect());
        diesel::insert_into(storage_health::table)
            .values((
                storage_health::region_id.eq(region.as_str()),
                storage_health::ok.eq(check.ok),
                storage_health::step.eq(check.step.map(StorageStepKind::as_str)),
                storage_health::detail.eq(detail),
                storage_health::checked_at.eq(to_db(check.checked_at)),
                storage_health::since.eq(to_db(since)),
            ))
            .on_conflict(storage_health::region_id)
            .do_update()
            .set((
                storage_health::ok.eq(excluded(storage_health::ok)),
                storage_health::step.eq(excluded(storage_health::step)),
                storage_health::detail.eq(excluded(storage_health::detail)),
                storage_health::checked_at.eq(excluded(storage_health::checked_at)),
                storage_health::since.eq(excluded(storage_health::since)),
            ))
            .execute(&mut c)
            .await?;
        if others {
            tell(&mut c, self.sender, Told::StorageHealth).await?;
        }
        Ok(())
    }
}
