//! The demo's storage: a small S3 server of its own, which the region OM-MCT uses.

use crate::api::Api;
use crate::daemon::Daemon;
use crate::failure::{Context, Done};
use crate::process;
use crate::sign_in::{random_word, write_private};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The region whose storage it is.
const REGION: &str = "OM-MCT";
/// Where it listens, if nobody else does.
const PORT: u16 = 19900;
const ACCESS_KEY: &str = "demo-mct";
const BUCKET: &str = "iqra";
/// How long it may take to listen.
const LISTENING: Duration = Duration::from_secs(20);

/// A running S3 server, and how to reach it.
pub(crate) struct Storage {
    pub(crate) daemon: Daemon,
    url: String,
    key: String,
}

/// Starts it. Its objects and its key are kept in `folder` for the next start.
pub(crate) fn start(bin_dir: &Path, folder: &Path, logs: &Path) -> Done<Storage> {
    let objects = folder.join("objects");
    fs::create_dir_all(&objects).doing(format_args!("making {}", objects.display()))?;
    let key_file = folder.join("secret-key");
    if !key_file.is_file() {
        write_private(&key_file, random_word()?.as_bytes())?;
    }
    let key = fs::read_to_string(&key_file).doing(format_args!("reading {}", key_file.display()))?;
    let port = if TcpListener::bind(("127.0.0.1", PORT)).is_ok() { PORT } else { 0 };
    let log = logs.join("s3.log");
    let mut command = Command::new(bin_dir.join("iqra-s3d"));
    command
        .args(["--listen", &format!("127.0.0.1:{port}"), "--bucket", BUCKET, "--root"])
        .arg(&objects)
        .args(["--full-key", &format!("{ACCESS_KEY}:{key}")]);
    let mut daemon = Daemon::start("The S3 server", &mut command, &log)?;
    let address = process::wait_for(LISTENING, || {
        daemon.check()?;
        let text = fs::read_to_string(&log).unwrap_or_default();
        Ok(text.lines().find_map(|line| line.strip_prefix("listening on ")).map(str::to_owned))
    })?;
    let address = address.ok_or("The S3 server does not listen.")?;
    Ok(Storage { daemon, url: format!("http://{address}"), key })
}

/// Makes it the storage of its region, where that has none yet or one of an earlier start at another port.
pub(crate) fn configure(api: &Api, storage: &Storage) -> Done {
    let path = format!("/api/v1/regions/{REGION}/storage");
    let known = api.get(&path)?;
    let set = known.pointer("/settings/endpoint").and_then(Value::as_str);
    if set == Some(storage.url.as_str()) {
        return Ok(());
    }
    let version = known.get("version").and_then(Value::as_i64).unwrap_or(0);
    let body = json!({
        "endpoint": storage.url, "ssl": false, "bucket": BUCKET,
        "accessKey": ACCESS_KEY, "secretKey": storage.key,
    });
    api.put(&path, Some(version), &body).map(drop)
}
