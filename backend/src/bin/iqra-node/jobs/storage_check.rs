//! `storage-check`: the storage of every region, one after the other.

use super::output::Output;
use crate::storage::{Settings, Tester};

/// Tests and prints.
///
/// # Errors
/// Which regions failed.
pub(super) async fn run(tester: &Tester, settings: &Settings, out: &Output) -> Result<(), String> {
    let all: Vec<_> = settings.lock().values().cloned().collect();
    if all.is_empty() {
        out.line("No region has storage settings.");
    }
    let mut failed = Vec::new();
    for storage in &all {
        let region = &storage.region_id;
        match tester.test(storage).await {
            Ok(()) => out.line(&format!(
                "{region}: {}, bucket {}: put, get and delete work.",
                storage.endpoint, storage.bucket
            )),
            Err(fault) => {
                out.line(&format!(
                    "{region}: {}, bucket {}: {} failed. {}",
                    storage.endpoint, storage.bucket, fault.step, fault.detail
                ));
                failed.push(region.as_str());
            }
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("The storage of {} cannot be used.", failed.join(", ")))
    }
}
