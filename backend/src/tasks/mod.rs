//! What runs by itself. Each task takes no input, is bounded per run, ends when told to, and does what it can again
//! at its next run instead of retrying.

mod activity;
mod denials;
mod follow;
mod frontend_node;
mod heartbeat_writer;
mod history;
mod jobs;
mod lifecycle;
mod listen;
mod publisher;
mod replicate;
mod retention;
mod rollup;
mod signing;
mod storage_health;
mod sweeper;
mod sweeper_lock;
mod vault;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::Hidden;
use crate::db::Lock;
use crate::services::App;

/// How long tasks may take to end.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// The running tasks.
pub struct Tasks {
    stop: CancellationToken,
    /// Ends before the others: the sweep goes to another server while requests here still finish.
    lock: CancellationToken,
    set: JoinSet<()>,
}

impl Tasks {
    /// Starts all of them. `database` is its URL, for the connections that listen and that hold `lock`.
    pub fn start(app: &Arc<App>, database: &Hidden, lock: Option<Lock>) -> Self {
        let stop = CancellationToken::new();
        let lock_stop = stop.child_token();
        let mut set = JoinSet::new();
        set.spawn(sweeper_lock::run(Arc::clone(app), database.clone(), lock, lock_stop.clone()));
        set.spawn(sweeper::run(Arc::clone(app), stop.clone()));
        set.spawn(publisher::run(Arc::clone(app), stop.clone()));
        set.spawn(heartbeat_writer::run(Arc::clone(app), stop.clone()));
        set.spawn(follow::run(Arc::clone(app), stop.clone()));
        set.spawn(storage_health::run(Arc::clone(app), stop.clone()));
        set.spawn(lifecycle::run(Arc::clone(app), stop.clone()));
        let (changes, work) = tokio::sync::mpsc::channel(replicate::WAITING);
        set.spawn(listen::run(Arc::clone(app), database.clone(), changes, stop.clone()));
        set.spawn(replicate::run(Arc::clone(app), work, stop.clone()));
        set.spawn(frontend_node::run(Arc::clone(app), stop.clone()));
        set.spawn(jobs::run(Arc::clone(app), stop.clone()));
        set.spawn(history::sample(Arc::clone(app), stop.clone()));
        set.spawn(history::write(Arc::clone(app), stop.clone()));
        set.spawn(rollup::run(Arc::clone(app), stop.clone()));
        set.spawn(signing::run(Arc::clone(app), stop.clone()));
        set.spawn(activity::run(Arc::clone(app), stop.clone()));
        set.spawn(denials::run(Arc::clone(app), stop.clone()));
        set.spawn(retention::run(Arc::clone(app), stop.clone()));
        set.spawn(vault::run(Arc::clone(app), stop.clone()));
        set.spawn(webhooks::run(Arc::clone(app), stop.clone()));
        Self { stop, lock: lock_stop, set }
    }

    /// Gives the sweep up; everything else goes on.
    pub fn give_up_sweep(&self) {
        self.lock.cancel();
    }

    /// Ends all of them; the writer writes what is left first.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let all = async { while self.set.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_WITHIN, all).await.is_err() {
            tracing::error!("a task did not end in time");
        }
    }
}
