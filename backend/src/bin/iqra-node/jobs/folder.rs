//! The work folder of a background node. It holds a mark, so that nothing is ever deleted from a folder that is
//! somebody else's.

use std::path::Path;

use tokio::fs;

/// The mark.
pub(super) const MARK: &str = ".iqra-node";

/// Makes the folder where it is missing, and marks it where it is empty.
///
/// # Errors
/// In words; also where it holds files and no mark.
pub(super) async fn open(folder: &Path) -> Result<(), String> {
    let fail = |e: std::io::Error| format!("The work folder {} cannot be used: {e}.", folder.display());
    fs::create_dir_all(folder).await.map_err(fail)?;
    let mark = folder.join(MARK);
    if fs::try_exists(&mark).await.map_err(fail)? {
        return Ok(());
    }
    if fs::read_dir(folder).await.map_err(fail)?.next_entry().await.map_err(fail)?.is_some() {
        return Err(format!(
            "The folder {} holds files that are not the background node's. Give it a folder of its own.",
            folder.display()
        ));
    }
    fs::write(mark, "The work folder of an iqra-node. Old files here are deleted by its job cleanup.\n")
        .await
        .map_err(fail)
}
