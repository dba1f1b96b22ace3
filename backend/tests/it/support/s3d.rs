//! A real S3 server, `iqra-s3d` of `e2e/s3d`, as a process of its own.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::BOUND;

/// Keys that may do everything.
pub(crate) const FULL: (&str, &str) = ("iqra-full", "canary-s3-full-secret");
/// Keys that may look and read.
pub(crate) const READ_ONLY: (&str, &str) = ("iqra-read", "canary-s3-read-secret");
/// The bucket that is there from the beginning.
pub(crate) const BUCKET: &str = "iqra";

/// The server, ended when dropped, and its folder.
pub(crate) struct S3d {
    /// Address and port.
    pub(crate) address: String,
    /// Where its buckets are.
    pub(crate) root: tempfile::TempDir,
    _process: Child,
}

/// Beside the test's own program, where `cargo build -p s3d` puts it.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let program = own.parent().and_then(|deps| deps.parent()).unwrap().join("iqra-s3d");
    assert!(
        program.is_file(),
        "{} is missing: run `cargo build -p s3d`, or the tests by `cargo xtask test unit`",
        program.display()
    );
    program
}

impl S3d {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same with more arguments.
    pub(crate) async fn with(arguments: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let pair = |(access, secret): (&str, &str)| format!("{access}:{secret}");
        let mut process = Command::new(program())
            .args(["--listen", "127.0.0.1:0", "--bucket", BUCKET, "--root"])
            .arg(root.path())
            .args(["--full-key", &pair(FULL), "--read-only-key", &pair(READ_ONLY)])
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(BOUND, lines.next_line()).await.expect("it says where it listens");
        let first = first.unwrap().expect("it stays up");
        let address = first.strip_prefix("listening on ").expect("its first line").to_owned();
        Self { address, root, _process: process }
    }

    /// The address as an operator types it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The files in a bucket, those of the server's own left out.
    pub(crate) fn objects(&self, bucket: &str) -> Vec<PathBuf> {
        fn walk(dir: &std::path::Path, out: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, out) } else { out.push(path) }
            }
        }
        let mut out = Vec::new();
        walk(&self.root.path().join(bucket), &mut out);
        out
    }
}
