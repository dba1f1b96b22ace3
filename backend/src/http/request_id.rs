//! A number for each request, to be quoted when asking for help and found in the log.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::auth::{hex, random};

tokio::task_local! {
    static CURRENT: u64;
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Runs `work` as a request of its own.
pub async fn scope<T>(work: impl Future<Output = T>) -> T {
    CURRENT.scope(NEXT.fetch_add(1, Ordering::Relaxed), work).await
}

/// The same request, for work that goes on in a task of its own.
pub fn inherited<F: Future>(work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(CURRENT.try_with(|n| *n).unwrap_or(0), work)
}

/// The current request's id: eight digits of this process, then a count. Made only when somebody asks, so that
/// heartbeats do not pay for it.
pub fn current() -> String {
    static PROCESS: OnceLock<String> = OnceLock::new();
    // Without random bytes ids of two runs may coincide; nothing depends on them.
    let process = PROCESS.get_or_init(|| hex(&random::<4>().unwrap_or_default()));
    let n = CURRENT.try_with(|n| *n).unwrap_or(0);
    format!("{process}-{n:x}")
}
