//! What the tests share: a database of their own, the server, a client, a reader of the stream, and waiting.

pub(crate) mod app;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod db;
pub(crate) mod logs;
pub(crate) mod receiver;
pub(crate) mod s3d;
pub(crate) mod sse;

use std::path::PathBuf;
use std::time::Duration;

/// How long anything may take that should take a moment. Long, because machines that build are busy.
pub(crate) const BOUND: Duration = Duration::from_secs(20);
/// Between two looks at a level.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `look` finds something; fails after [`BOUND`] with what was waited for.
pub(crate) async fn wait_for<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    wait_at_most(BOUND, what, look).await
}

/// The same with a bound of its own.
pub(crate) async fn wait_at_most<T>(
    bound: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let found = tokio::time::timeout(bound, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("within {} s there was no {what}", bound.as_secs()))
}

/// Several measurements of what the contract wants within a second, in milliseconds: most of them are, and none took a
/// way that is slower by nature. One may fall together with something else that the machine has to do.
pub(crate) fn within_a_second(mut took: Vec<u64>) {
    took.sort_unstable();
    assert!(took.get(took.len() / 2).is_some_and(|ms| *ms < 1_000), "milliseconds: {took:?}");
    assert!(took.last().is_some_and(|ms| *ms < 10_000), "milliseconds: {took:?}");
}

/// The folder of the `backend` package.
pub(crate) fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A word that occurs nowhere else.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::new_v4().simple())
}
