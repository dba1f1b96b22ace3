//! The region's storage as this machine sees it: one small object written, read and deleted, now and then and whenever
//! the settings change.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backend::clients::connector::{Connector, OutboundPolicy};
use backend::clients::s3::{self, S3Target};
use backend::clock::SystemClock;
use backend::config::Hidden;
use common::heartbeat::StorageReport;
use common::ids::RegionId;
use common::storage::NodeStorage;
use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::pace::{self, Rng};
use crate::wire::fingerprint;

/// A test that failed is repeated sooner, so that a cure is seen.
const AGAIN: Duration = Duration::from_secs(60);

/// Settings by region, shared with the jobs: always the newest.
pub(crate) type Settings = Arc<Mutex<BTreeMap<RegionId, NodeStorage>>>;

/// Makes the tests.
#[derive(Clone)]
pub(crate) struct Tester {
    connector: Connector,
    clock: Clock,
}

/// Why a test failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The step.
    pub(crate) step: String,
    /// In words, without any key.
    pub(crate) detail: String,
}

impl Tester {
    /// A node's own machine is as good a place for storage as any other.
    ///
    /// # Errors
    /// In words, where TLS cannot be set up.
    pub(crate) fn new(clock: Clock) -> Result<Self, String> {
        let connector = Connector::new(OutboundPolicy::with_loopback(), Arc::new(SystemClock::new()))
            .map_err(|e| format!("cannot set up TLS: {e}"))?;
        Ok(Self { connector, clock })
    }

    /// Puts, gets and deletes one small object.
    ///
    /// # Errors
    /// [`Fault`].
    pub(crate) async fn test(&self, storage: &NodeStorage) -> Result<(), Fault> {
        let values = storage.values().map_err(|errors| Fault {
            step: "address".to_owned(),
            detail: errors.into_iter().map(|e| e.detail).collect::<Vec<_>>().join(" "),
        })?;
        let target = S3Target { values, secret_key: Hidden::new(storage.secret_key.clone()) };
        let check = Box::pin(s3::check(&self.connector, &target)).await;
        if check.ok {
            return Ok(());
        }
        Err(Fault {
            step: check.step.map_or("address", |step| step.as_str()).to_owned(),
            detail: check.detail.unwrap_or_default(),
        })
    }

    async fn report(self, storage: NodeStorage) -> StorageReport {
        let result = self.test(&storage).await;
        let checked_at = Some(self.clock.wall());
        match result {
            Ok(()) => StorageReport { ok: true, checked_at, step: None },
            Err(fault) => {
                tracing::warn!(
                    "the storage of region {} failed at {}: {}",
                    storage.region_id,
                    fault.step,
                    fault.detail
                );
                StorageReport { ok: false, checked_at, step: Some(fault.step) }
            }
        }
    }
}

/// Tests the storage of the node's own region when that is due.
pub(crate) struct Watch {
    tester: Tester,
    settings: Settings,
    /// A test comes this often.
    every: Duration,
    own: Option<NodeStorage>,
    due: Option<Instant>,
    running: Option<JoinHandle<StorageReport>>,
    /// The last result; none where the region has no storage.
    last: Option<StorageReport>,
}

impl Watch {
    /// Without settings yet; once it has some, they are tested `every` so often.
    pub(crate) fn new(tester: Tester, every: Duration) -> Self {
        Self { tester, settings: Settings::default(), every, own: None, due: None, running: None, last: None }
    }

    /// What the jobs use.
    pub(crate) fn shared(&self) -> (Tester, Settings) {
        (self.tester.clone(), Arc::clone(&self.settings))
    }

    /// Takes over the settings of the bootstrap; those of `region`, where they changed, are tested at once.
    pub(crate) fn set(&mut self, all: Vec<NodeStorage>, region: Option<&RegionId>, now: Instant) {
        let new: BTreeMap<_, _> = all.into_iter().map(|s| (s.region_id.clone(), s)).collect();
        let mut settings = self.settings.lock();
        for storage in new.values().filter(|s| settings.get(&s.region_id) != Some(s)) {
            tracing::info!(
                "new storage settings of region {} are in use: {}, bucket {}, access key with the fingerprint {}",
                storage.region_id,
                storage.endpoint,
                storage.bucket,
                fingerprint(&storage.access_key)
            );
        }
        for gone in settings.keys().filter(|r| !new.contains_key(r)) {
            tracing::info!("region {gone} has no storage settings any more");
        }
        let own = region.and_then(|r| new.get(r)).cloned();
        *settings = new;
        if own != self.own {
            // What a test of the old settings says is of no interest.
            if let Some(running) = self.running.take() {
                running.abort();
            }
            self.due = own.is_some().then_some(now);
            self.last = None;
            self.own = own;
        }
    }

    /// When the next test is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Starts the test where it is due.
    pub(crate) fn start_if_due(&mut self, now: Instant) {
        if let Some(own) = self.own.clone().filter(|_| self.due.is_some_and(|due| due <= now)) {
            self.due = Some(now + self.every);
            self.running = Some(tokio::spawn(self.tester.clone().report(own)));
        }
    }

    /// Ends when the running test has ended, never where none runs. Nothing is lost where it is dropped.
    pub(crate) async fn tested(&mut self) -> StorageReport {
        let report = loop {
            match &mut self.running {
                Some(running) => match running.await {
                    Ok(report) => break report,
                    Err(e) => tracing::error!("a test of the storage broke off: {e}"),
                },
                None => std::future::pending().await,
            }
            self.running = None;
        };
        self.running = None;
        report
    }

    /// Keeps a result until the next one at `now` and later; whether it says something new.
    pub(crate) fn keep(&mut self, report: StorageReport, now: Instant, rng: &mut Rng) -> bool {
        let every = if report.ok { self.every } else { AGAIN.min(self.every) };
        self.due = Some(now + pace::jittered(every, rng));
        let before = self.last.as_ref().map(|r| (r.ok, r.step.clone()));
        let new = before != Some((report.ok, report.step.clone()));
        if new && report.ok {
            tracing::info!("the region's storage can be used");
        }
        self.last = Some(report);
        new
    }

    /// What heartbeats carry.
    pub(crate) fn last(&self) -> Option<StorageReport> {
        self.last.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}
