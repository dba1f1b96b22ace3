//! Seals anew what is sealed under former keys: row by row, in batches, from wherever it was left.

use common::ids::RegionId;

use crate::auth::place;
use crate::auth::seal::{SealError, Sealer};
use crate::db::{Db, DbError, SealedColumn, SealedRow};
use crate::services::storage;

/// Rows read at once.
const BATCH: i64 = 200;
/// Rows that change while they are sealed anew are met again in the next pass.
const PASSES: usize = 5;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Rows that are under the current key now.
    pub rows: usize,
    /// Rows that no key opens: table, column and row.
    pub unreadable: Vec<String>,
}

/// Brings every row under the current key. A row is replaced only where it is still what was read; one that changed
/// meanwhile was either sealed under the current key or is met again.
///
/// # Errors
/// Where the database fails.
pub(super) async fn all(db: &Db, sealer: &Sealer) -> Result<Resealed, DbError> {
    let mut done = Resealed::default();
    for _ in 0..PASSES {
        let before = done.rows;
        let mut missed = false;
        done.unreadable.clear();
        for column in SealedColumn::ALL {
            missed |= one(db, sealer, column, &mut done).await?;
        }
        if done.rows == before && !missed {
            break;
        }
    }
    Ok(done)
}

/// One column; whether a row changed under our hands.
async fn one(db: &Db, sealer: &Sealer, column: SealedColumn, done: &mut Resealed) -> Result<bool, DbError> {
    let Some(current) = sealer.current() else { return Ok(false) };
    let (mut after, mut missed) = (String::new(), false);
    loop {
        let rows = db.sealed_under_others(column, current.0, &after, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(missed) };
        after.clone_from(&last.id);
        for row in &rows {
            match anew(sealer, column, row) {
                Ok(new) if db.sealed_replace(column, row, &new).await? => done.rows += 1,
                Ok(_) => missed = true,
                // Kept replies go within a day, and one that was made while the vault was locked opens nowhere.
                Err(_) if matches!(column, SealedColumn::Replies | SealedColumn::RepliesLater) => {}
                Err(e) => {
                    tracing::error!(column = column.name(), row = row.id, error = %e, "sealed data does not open");
                    done.unreadable.push(format!("{} of {}", column.name(), row.id));
                }
            }
        }
    }
}

fn anew(sealer: &Sealer, column: SealedColumn, row: &SealedRow) -> Result<Vec<u8>, SealError> {
    let uuid = |text: &str| text.parse::<uuid::Uuid>().map_err(|_| SealError::Damaged);
    if column == SealedColumn::StorageKeys {
        let (region, key_id) = (RegionId::from(row.id.as_str()), uuid(&row.more)?);
        let plain = storage::opened(sealer, &region, key_id, &row.sealed)?;
        return sealer.seal(&place::storage_key(&region, key_id), &plain);
    }
    let place = match column {
        SealedColumn::NodeSecrets => place::node_secret(uuid(&row.id)?),
        SealedColumn::SigningKeys => place::signing_key(&row.id),
        SealedColumn::WebhookSecrets | SealedColumn::FormerWebhookSecrets => {
            place::webhook_secret(uuid(&row.id)?, uuid(&row.more)?)
        }
        SealedColumn::Replies => place::reply(&row.id, row.more == "true"),
        SealedColumn::RepliesLater | SealedColumn::StorageKeys => place::reply(&row.id, true),
    };
    sealer.seal(&place, &sealer.open(&place, &row.sealed)?)
}
