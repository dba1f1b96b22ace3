//! Takes over what other server processes told, in the order in which it was told, many notices at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use crate::db::ChangeNotice;
use crate::services::App;
use crate::services::replicas::{self, Pending};

/// Notices that may wait. What comes while the database is too slow for more is not kept: everything is compared instead.
pub(super) const WAITING: usize = 10_000;
/// Notices taken at once.
const AT_ONCE: usize = 1_000;
/// How long to wait after a failure.
const AGAIN: Duration = Duration::from_millis(500);

/// What there is to do.
#[derive(Debug)]
pub(super) enum Work {
    /// Somebody told something.
    Heard(ChangeNotice),
    /// Compare everything; `missed` where notices are known to be lost.
    Review {
        /// They are.
        missed: bool,
    },
}

/// Works until told to stop.
pub(super) async fn run(app: Arc<App>, mut work: Receiver<Work>, stop: CancellationToken) {
    let mut batch = Vec::new();
    let mut missed = false;
    loop {
        batch.clear();
        tokio::select! {
            () = stop.cancelled() => return,
            n = work.recv_many(&mut batch, AT_ONCE) => if n == 0 { return },
            () = tokio::time::sleep(AGAIN), if missed => {}
        }
        let mut told = Pending::default();
        let (mut heard, mut review) = (false, missed);
        for one in batch.drain(..) {
            match one {
                Work::Heard(notice) => {
                    heard = true;
                    told.add(notice);
                }
                Work::Review { missed: lost } => {
                    review = true;
                    missed |= lost;
                }
            }
        }
        let mut outcome = Ok(());
        if heard {
            outcome = replicas::take_over(&app, told).await;
        }
        if review && outcome.is_ok() {
            outcome = replicas::review(&app, missed).await;
        }
        match outcome {
            Ok(()) if review => missed = false,
            Ok(()) => {}
            Err(e) => {
                tracing::warn!(error = %e, "what other servers changed could not be read");
                missed = true;
            }
        }
    }
}
