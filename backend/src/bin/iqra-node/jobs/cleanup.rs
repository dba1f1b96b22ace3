//! `cleanup`: deletes the old files of the work folder.

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use tokio::fs;

use super::folder;
use super::output::Output;
use crate::clock::Clock;

const DAY: Duration = Duration::from_secs(86_400);

/// Deletes files that were last written more than `keep_days` days ago, in folders below too; links are not followed.
///
/// # Errors
/// In words, where the folder is not the node's own or something could not be deleted.
pub(super) async fn run(root: &Path, keep_days: u32, clock: Clock, out: &Output) -> Result<(), String> {
    folder::open(root).await?;
    out.line(&format!("Looking in {} for files older than {keep_days} days.", root.display()));
    let now = Duration::from_millis(u64::try_from(clock.wall().millis()).unwrap_or(0));
    let (mut deleted, mut bytes, mut kept, mut failed) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(at) = folders.pop() {
        let mut entries =
            fs::read_dir(&at).await.map_err(|e| format!("{} cannot be read: {e}.", at.display()))?;
        loop {
            let entry = match entries.next_entry().await {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                Err(e) => return Err(format!("{} cannot be read: {e}.", at.display())),
            };
            let path = entry.path();
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            let Ok(meta) = fs::symlink_metadata(&path).await else { continue };
            if meta.is_dir() {
                folders.push(path);
                continue;
            }
            let written = meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).unwrap_or(now);
            let age = now.saturating_sub(written);
            if name == folder::MARK {
                continue;
            }
            if age < DAY * keep_days {
                kept += 1;
                continue;
            }
            match fs::remove_file(&path).await {
                Ok(()) => {
                    (deleted, bytes) = (deleted + 1, bytes + meta.len());
                    out.line(&format!(
                        "Deleted {name}, {} bytes, {} days old.",
                        meta.len(),
                        age.as_secs() / 86_400
                    ));
                }
                Err(e) => {
                    failed += 1;
                    out.line(&format!("{name} cannot be deleted: {e}."));
                }
            }
        }
    }
    out.line(&format!("Deleted {deleted} files, {bytes} bytes. Kept {kept}."));
    if failed > 0 { Err(format!("{failed} files could not be deleted.")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::time::SystemTime;

    #[tokio::test]
    async fn deletes_what_is_old_and_nothing_of_others() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("work");
        let clock = Clock::default();
        let out = Output::default();
        run(&root, 7, clock, &out).await.unwrap();
        fs::create_dir(root.join("sub")).unwrap();
        let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(clock.wall().millis()).unwrap());
        let file = |name: &str, age: Duration| {
            let file = File::create(root.join(name)).unwrap();
            file.set_modified(now - age).unwrap();
        };
        file("old.csv", DAY * 8);
        file("sub/old.csv", DAY * 30);
        file("new.csv", DAY);
        let foreign = dir.path().join("foreign");
        File::create(&foreign).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        std::os::unix::fs::symlink(dir.path(), root.join("link")).unwrap();
        run(&root, 7, clock, &out).await.unwrap();
        assert!(!root.join("old.csv").exists() && !root.join("sub/old.csv").exists());
        assert!(root.join("new.csv").exists() && foreign.exists());
        let said = out.take().unwrap();
        assert!(said.contains("Deleted sub/old.csv, 0 bytes, 30 days old."), "{said}");
        assert!(said.contains("Deleted 2 files"), "{said}");
        run(&root, 0, clock, &out).await.unwrap();
        assert!(root.join(folder::MARK).exists() && foreign.exists());
        assert!(run(dir.path(), 7, clock, &out).await.unwrap_err().contains("not the background node's"));
        assert!(foreign.exists());
    }
}
