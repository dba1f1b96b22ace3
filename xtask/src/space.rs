//! Room on the disk: a build that runs out of it fails in places that do not say so.

use std::path::Path;

use crate::workspace::Workspace;

/// What a run of everything leaves behind from cold, in gigabytes: target folders, node modules, browser, database.
const COLD_GB: u64 = 10;
/// Below this nothing that builds or starts a database can be expected to end well.
const LEAST_GB: u64 = 1;
const GB: u64 = 1 << 30;

/// Free bytes where `path` is; none where the system does not say.
fn free(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// What to tell somebody who is about to run everything.
pub(crate) fn before(workspace: &Workspace) -> Option<String> {
    let free = free(&workspace.root)? / GB;
    // The folder of the browser's half: this very program is already in the other one.
    let cold = !workspace.target.join("wasm").is_dir();
    (cold && free < COLD_GB).then(|| {
        format!("{free} GB are free here; a run from cold takes about {COLD_GB} GB and may stop half-way.")
    })
}

/// What to tell somebody beside a failure: whether the disk is the likely cause.
pub(crate) fn after_failure(root: &Path) -> Option<String> {
    let free = free(root)?;
    (free < LEAST_GB * GB)
        .then(|| format!("The disk is full: {} MB are free. That alone can be the cause.", free >> 20))
}
