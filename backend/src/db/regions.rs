//! Regions, and the platform above them.

use chrono::{DateTime, Utc};
use common::ids::RegionId;
use common::status::{Intent, IntentState};
use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl};

use super::activity::note;
use super::schema::{platform, regions};
use super::told::{Told, next_change};
use super::{Db, DbError, from_db, to_db, unknown};
use crate::domain::activity::Entry;
use crate::domain::registry::{OwnIntent, RegionRecord};

#[derive(Queryable, Selectable)]
#[diesel(table_name = regions, check_for_backend(diesel::pg::Pg))]
struct RegionRow {
    id: String,
    country_code: String,
    name: String,
    display_name: Option<String>,
    #[diesel(embed)]
    intent: RegionIntent,
    created_at: DateTime<Utc>,
    version: i64,
}

/// The columns every object with an intent has, per table.
macro_rules! intent_columns {
    ($name:ident, $table:ident) => {
        #[derive(diesel::Queryable, diesel::Selectable)]
        #[diesel(table_name = $table, check_for_backend(diesel::pg::Pg))]
        pub(in crate::db) struct $name {
            intent: String,
            intent_public_reason: Option<String>,
            intent_private_reason: Option<String>,
            intent_until: Option<chrono::DateTime<chrono::Utc>>,
            intent_by: Option<String>,
            intent_at: Option<chrono::DateTime<chrono::Utc>>,
            intent_deadline: Option<chrono::DateTime<chrono::Utc>>,
            intent_on_deadline: String,
            generation: i64,
        }

        impl TryFrom<$name> for $crate::domain::registry::OwnIntent {
            type Error = $crate::db::DbError;

            fn try_from(r: $name) -> Result<Self, Self::Error> {
                let state = $crate::db::regions::intent_state(&r.intent)?;
                let intent = common::status::Intent {
                    state,
                    public_reason: r.intent_public_reason,
                    private_reason: r.intent_private_reason,
                    until: r.intent_until.map($crate::db::from_db),
                    by: r.intent_by,
                    at: r.intent_at.map($crate::db::from_db),
                    deadline: r.intent_deadline.map($crate::db::from_db),
                    on_deadline: common::intent::OnDeadline::parse(&r.intent_on_deadline)
                        .ok_or_else(|| $crate::db::unknown("deadline rule", &r.intent_on_deadline))?,
                };
                Ok(Self { intent, generation: r.generation })
            }
        }
    };
}
pub(in crate::db) use intent_columns;

intent_columns!(RegionIntent, regions);
intent_columns!(PlatformIntent, platform);

pub(in crate::db) fn intent_state(s: &str) -> Result<IntentState, DbError> {
    match s {
        "active" => Ok(IntentState::Active),
        "maintenance" => Ok(IntentState::Maintenance),
        "disabled" => Ok(IntentState::Disabled),
        _ => Err(unknown("intent", s)),
    }
}

pub(in crate::db) fn intent_text(i: &Intent) -> &'static str {
    match i.state {
        IntentState::Active => "active",
        IntentState::Maintenance => "maintenance",
        IntentState::Disabled => "disabled",
    }
}

impl TryFrom<RegionRow> for RegionRecord {
    type Error = DbError;

    fn try_from(r: RegionRow) -> Result<Self, DbError> {
        Ok(Self {
            id: RegionId(r.id),
            country_code: r.country_code,
            name: r.name,
            display_name: r.display_name,
            intent: r.intent.try_into()?,
            created_at: from_db(r.created_at),
            version: r.version,
        })
    }
}

/// A region under the lock of its row until the transaction ends.
pub(in crate::db) async fn region_locked(
    c: &mut AsyncPgConnection,
    id: &RegionId,
) -> Result<Option<RegionRecord>, DbError> {
    let row: Option<RegionRow> = regions::table
        .find(id.as_str())
        .select(RegionRow::as_select())
        .for_update()
        .first(c)
        .await
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

impl Db {
    /// The platform's own intent.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn platform_intent(&self) -> Result<OwnIntent, DbError> {
        let mut c = self.conn().await?;
        let row: PlatformIntent = platform::table.select(PlatformIntent::as_select()).first(&mut c).await?;
        row.try_into()
    }

    /// All regions.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn region_list(&self) -> Result<Vec<RegionRecord>, DbError> {
        let mut c = self.conn().await?;
        let rows: Vec<RegionRow> =
            regions::table.order(regions::id).select(RegionRow::as_select()).load(&mut c).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Adds a region; the number of the change.
    ///
    /// # Errors
    /// [`DbError::Unique`] where the id is taken.
    pub async fn region_insert(&self, r: &RegionRecord, entry: &Entry) -> Result<i64, DbError> {
        let mut c = self.conn().await?;
        let i = &r.intent.intent;
        c.transaction(async |c| {
            diesel::insert_into(regions::table)
                .values((
                    regions::id.eq(r.id.as_str()),
                    regions::country_code.eq(&r.country_code),
                    regions::name.eq(&r.name),
                    regions::display_name.eq(&r.display_name),
                    regions::intent.eq(intent_text(i)),
                    regions::intent_public_reason.eq(&i.public_reason),
                    regions::intent_private_reason.eq(&i.private_reason),
                    regions::intent_by.eq(&i.by),
                    regions::intent_at.eq(i.at.map(to_db)),
                    regions::created_at.eq(to_db(r.created_at)),
                ))
                .execute(c)
                .await?;
            note(c, entry).await?;
            next_change(c, self.sender, &Told::Region(r.id.clone())).await
        })
        .await
        .map_err(DbError::from)
    }
}
