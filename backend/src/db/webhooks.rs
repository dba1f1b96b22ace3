//! Webhooks: who is told of what. Their secrets are stored sealed.

mod deliveries;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common::ids::{RegionId, WebhookId};
use common::time::Timestamp;
use common::webhooks::{DeliveryState, StoppedBecause, WebhookEvent};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

pub use deliveries::{DeliveryFilter, NewTest, Replayed, TestAdded};

use super::activity::note;
use super::schema::{webhook_deliveries, webhooks};
use super::told::{Told, next_change};
use super::webhook_queue as queue;
use super::{Db, DbError, Versioned, from_db, to_db, unknown};
use crate::domain::activity::Entry;

/// Of webhooks made at once, each sees those made before it.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('iqra webhooks'))";

/// A secret as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// Its own id; part of what the ciphertext is bound to.
    pub id: Uuid,
    /// The ciphertext.
    pub sealed: Vec<u8>,
    /// Recognises it without telling it.
    pub fingerprint: String,
}

/// A secret that was replaced and signs beside the new one for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerSecret {
    /// Its own id.
    pub id: Uuid,
    /// The ciphertext.
    pub sealed: Vec<u8>,
    /// It signs until then.
    pub until: Timestamp,
}

/// A webhook as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRecord {
    /// Which.
    pub id: WebhookId,
    /// What it is called; no two are called the same, whatever the letter case.
    pub name: String,
    /// Where it calls, in its normal form.
    pub url: String,
    /// What it tells of.
    pub events: Vec<WebhookEvent>,
    /// Of which regions; `None` is of all, and of what belongs to none.
    pub region_scope: Option<Vec<RegionId>>,
    /// Whether it sends.
    pub enabled: bool,
    /// Why the control plane switched it off.
    pub stopped_because: Option<StoppedBecause>,
    /// What it signs with.
    pub secret: SealedSecret,
    /// What it signed with before; also one whose time is over and that was not cleared away yet.
    pub former: Option<FormerSecret>,
    /// When an attempt was taken last.
    pub delivered_at: Option<Timestamp>,
    /// Since when none was taken.
    pub failing_since: Option<Timestamp>,
    /// Who made it: e-mail.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Counts changes by people and stops, not attempts.
    pub version: i64,
}

/// What sending needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingRow {
    /// Which.
    pub id: WebhookId,
    /// What it is called.
    pub name: String,
    /// Where it calls, whole.
    pub url: String,
    /// Whether it sends.
    pub enabled: bool,
    /// Id of its secret.
    pub secret_id: Uuid,
    /// Its secret, sealed.
    pub secret_sealed: Vec<u8>,
    /// Id, ciphertext and end of its former secret.
    pub former: Option<(Uuid, Vec<u8>, Timestamp)>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    name: String,
    url: String,
    events: Vec<Option<String>>,
    region_scope: Option<Vec<Option<String>>>,
    enabled: bool,
    stopped_because: Option<String>,
    secret_id: Uuid,
    secret_sealed: Vec<u8>,
    secret_print: String,
    former_id: Option<Uuid>,
    former_sealed: Option<Vec<u8>>,
    former_until: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    failing_since: Option<DateTime<Utc>>,
    created_by: String,
    created_at: DateTime<Utc>,
    version: i64,
}

impl Row {
    fn former(&self) -> Option<FormerSecret> {
        let (id, sealed, until) = (self.former_id?, self.former_sealed.clone()?, from_db(self.former_until?));
        Some(FormerSecret { id, sealed, until })
    }
}

impl TryFrom<Row> for WebhookRecord {
    type Error = DbError;

    fn try_from(r: Row) -> Result<Self, DbError> {
        let stopped = |s: &str| StoppedBecause::parse(s).ok_or_else(|| unknown("reason", s));
        Ok(Self {
            former: r.former(),
            id: WebhookId(r.id),
            name: r.name,
            url: r.url,
            // An event that a newer version knows is left out rather than shown as something else.
            events: r.events.iter().flatten().filter_map(|e| WebhookEvent::parse(e)).collect(),
            region_scope: r.region_scope.map(|s| s.into_iter().flatten().map(RegionId).collect()),
            enabled: r.enabled,
            stopped_because: r.stopped_because.as_deref().map(stopped).transpose()?,
            secret: SealedSecret { id: r.secret_id, sealed: r.secret_sealed, fingerprint: r.secret_print },
            delivered_at: r.delivered_at.map(from_db),
            failing_since: r.failing_since.map(from_db),
            created_by: r.created_by,
            created_at: from_db(r.created_at),
            version: r.version,
        })
    }
}

fn words(events: &[WebhookEvent]) -> Vec<Option<String>> {
    events.iter().map(|e| Some(e.as_str().to_owned())).collect()
}

fn regions(scope: Option<&[RegionId]>) -> Option<Vec<Option<String>>> {
    scope.map(|s| s.iter().map(|r| Some(r.0.clone())).collect())
}

/// The row of a webhook, held until the transaction ends.
async fn locked(c: &mut AsyncPgConnection, id: WebhookId) -> Result<Option<WebhookRecord>, DbError> {
    let row: Option<Row> =
        webhooks::table.find(id.0).for_update().select(Row::as_select()).first(c).await.optional()?;
    row.map(TryInto::try_into).transpose()
}

impl Db {
    /// Stores a webhook; the number of the change, or nothing where there are `most` already.
    ///
    /// # Errors
    /// [`DbError::Unique`] where one is called the same.
    pub async fn webhook_insert(
        &self,
        w: &WebhookRecord,
        most: i64,
        entry: &Entry,
    ) -> Result<Option<i64>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            diesel::sql_query(LOCK).execute(c).await?;
            if webhooks::table.select(count_star()).first::<i64>(c).await? >= most {
                return Ok(None);
            }
            diesel::insert_into(webhooks::table)
                .values((
                    webhooks::id.eq(w.id.0),
                    webhooks::name.eq(&w.name),
                    webhooks::url.eq(&w.url),
                    webhooks::events.eq(words(&w.events)),
                    webhooks::region_scope.eq(regions(w.region_scope.as_deref())),
                    webhooks::enabled.eq(w.enabled),
                    webhooks::secret_id.eq(w.secret.id),
                    webhooks::secret_sealed.eq(&w.secret.sealed),
                    webhooks::secret_print.eq(&w.secret.fingerprint),
                    webhooks::created_by.eq(&w.created_by),
                    webhooks::created_at.eq(to_db(w.created_at)),
                ))
                .execute(c)
                .await?;
            note(c, entry).await?;
            Ok(Some(next_change(c, self.sender, &Told::Nothing).await?))
        })
        .await
    }

    /// One webhook.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<WebhookRecord>, DbError> {
        let mut c = self.conn().await?;
        let row: Option<Row> =
            webhooks::table.find(id.0).select(Row::as_select()).first(&mut c).await.optional()?;
        row.map(TryInto::try_into).transpose()
    }

    /// All webhooks, by name.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_list(&self) -> Result<Vec<WebhookRecord>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<Row> = webhooks::table.select(Row::as_select()).load(&mut c).await?;
        let mut all = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<WebhookRecord>, _>>()?;
        all.sort_by_cached_key(|w| (w.name.to_lowercase(), w.id));
        Ok(all)
    }

    /// How many deliveries of each webhook wait; of one where it is named. Those without any are left out.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_waiting(&self, of: Option<WebhookId>) -> Result<BTreeMap<WebhookId, u32>, DbError> {
        let mut c = self.conn().await?;
        let mut query = webhook_deliveries::table
            .filter(webhook_deliveries::state.eq(DeliveryState::Waiting.as_str()))
            .group_by(webhook_deliveries::webhook_id)
            .select((webhook_deliveries::webhook_id, count_star()))
            .into_boxed();
        if let Some(id) = of {
            query = query.filter(webhook_deliveries::webhook_id.eq(id.0));
        }
        let rows: Vec<(Uuid, i64)> = query.load(&mut c).await?;
        Ok(rows.into_iter().map(|(id, n)| (WebhookId(id), u32::try_from(n).unwrap_or(u32::MAX))).collect())
    }

    /// Changes a webhook, at `version` where one is named. `change` says what is noted; nothing: it is so already. What
    /// waits for one that is switched off by it is [`Db::webhook_end_waiting`]'s.
    ///
    /// # Errors
    /// [`DbError::Unique`] where another one is called the same.
    pub async fn webhook_change(
        &self,
        id: WebhookId,
        version: Option<i64>,
        change: impl FnOnce(&mut WebhookRecord) -> Option<Entry> + Send,
    ) -> Result<Versioned<WebhookRecord>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(known) = locked(c, id).await? else { return Ok(Versioned::Missing) };
            if version.is_some_and(|v| v != known.version) {
                return Ok(Versioned::Stale(known));
            }
            let mut record = known.clone();
            let Some(entry) = change(&mut record) else { return Ok(Versioned::Same(known)) };
            record.version = known.version + 1;
            if !known.enabled && record.enabled {
                queue::end_rest(c, id, entry.at).await?;
            }
            diesel::update(webhooks::table.find(id.0))
                .set((
                    webhooks::name.eq(&record.name),
                    webhooks::url.eq(&record.url),
                    webhooks::events.eq(words(&record.events)),
                    webhooks::region_scope.eq(regions(record.region_scope.as_deref())),
                    webhooks::enabled.eq(record.enabled),
                    webhooks::stopped_because.eq(record.stopped_because.map(StoppedBecause::as_str)),
                    webhooks::secret_id.eq(record.secret.id),
                    webhooks::secret_sealed.eq(&record.secret.sealed),
                    webhooks::secret_print.eq(&record.secret.fingerprint),
                    webhooks::former_id.eq(record.former.as_ref().map(|f| f.id)),
                    webhooks::former_sealed.eq(record.former.as_ref().map(|f| &f.sealed)),
                    webhooks::former_until.eq(record.former.as_ref().map(|f| to_db(f.until))),
                    webhooks::failing_since.eq(record.failing_since.map(to_db)),
                    webhooks::version.eq(record.version),
                ))
                .execute(c)
                .await?;
            note(c, &entry).await?;
            let change = next_change(c, self.sender, &Told::Nothing).await?;
            Ok(Versioned::Done { record, change })
        })
        .await
    }

    /// Removes a webhook. What it sent is no longer found, and removed by [`Db::webhook_queues_clear`].
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_delete(
        &self,
        id: WebhookId,
        version: i64,
        entry: impl FnOnce(&WebhookRecord) -> Entry + Send,
    ) -> Result<Versioned<WebhookRecord>, DbError> {
        let mut c = self.conn().await?;
        c.transaction(async |c| {
            let Some(record) = locked(c, id).await? else { return Ok(Versioned::Missing) };
            if version != record.version {
                return Ok(Versioned::Stale(record));
            }
            diesel::delete(webhooks::table.find(id.0)).execute(c).await?;
            queue::leave_over(c, id).await?;
            note(c, &entry(&record)).await?;
            let change = next_change(c, self.sender, &Told::Nothing).await?;
            Ok(Versioned::Done { record, change })
        })
        .await
    }

    /// What sending to a webhook needs; also of one that is switched off.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_for_sending(&self, id: WebhookId) -> Result<Option<SendingRow>, DbError> {
        let found = self.webhook(id).await?;
        Ok(found.map(|w| SendingRow {
            id: w.id,
            name: w.name,
            url: w.url,
            enabled: w.enabled,
            secret_id: w.secret.id,
            secret_sealed: w.secret.sealed,
            former: w.former.map(|f| (f.id, f.sealed, f.until)),
        }))
    }

    /// Clears away former secrets whose time is over; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn webhook_former_purge(&self, now: Timestamp) -> Result<usize, DbError> {
        let mut c = self.conn().await?;
        let over = webhooks::table.filter(webhooks::former_until.le(to_db(now)));
        let none = (
            webhooks::former_id.eq(None::<Uuid>),
            webhooks::former_sealed.eq(None::<Vec<u8>>),
            webhooks::former_until.eq(None::<DateTime<Utc>>),
        );
        Ok(diesel::update(over).set(none).execute(&mut c).await?)
    }
}
