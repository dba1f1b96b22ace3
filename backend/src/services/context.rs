//! What every request and task shares. Built once, by `boot`.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use common::time::Timestamp;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};

use super::ServiceError;
use crate::auth::seal::Sealer;
use crate::auth::token::Keyring;
use crate::clients::connector::Connector;
use crate::clock::{Mono, SharedClock};
use crate::config::Settings;
use crate::db::Db;
use crate::domain::throttle::{Limit, Throttle};
use crate::live::fleet::Fleet;
use crate::live::hub::Hub;

/// The program's state.
pub struct App {
    /// As read at the start.
    pub settings: Settings,
    /// Time.
    pub clock: SharedClock,
    /// The database.
    pub db: Db,
    /// Regions and nodes.
    pub fleet: Arc<Fleet>,
    /// Figures over time.
    pub history: crate::live::history::History,
    /// Open streams.
    pub hub: Arc<Hub>,
    /// Encryption at rest.
    pub sealer: Sealer,
    /// Whether it has its keys.
    pub vault: super::vault::Vault,
    /// Keys of access tokens and automation tokens.
    pub signer: Keyring,
    /// Looks into the database for keys that are not known here.
    pub looks: super::signing::Looks,
    /// Failed sign-ins.
    pub attempts: Attempts,
    /// Denied changes that were noted.
    pub denials: super::activity::Denials,
    /// The check of the activity log's chain that runs here.
    pub chain_check: super::activity::chain::Check,
    /// How many passwords are looked at at once: each takes 19 MiB.
    pub password_slots: Semaphore,
    /// Heartbeats being handled now.
    pub beats_in_flight: AtomicUsize,
    /// The same from senders whose secret nobody knows.
    pub strangers_in_flight: AtomicUsize,
    /// How many storage tests run at once: each holds sockets and takes seconds.
    pub storage_tests: Semaphore,
    /// Settings changed: check at once.
    pub storage_due: Notify,
    /// A delivery of a webhook was written: look for it at once.
    pub webhooks_due: Notify,
    /// Calls to nodes, storage and receivers of webhooks.
    pub connector: Connector,
    /// What this process is called.
    pub process: super::frontend_nodes::Process,
    /// The process is on its way out.
    pub stopping: AtomicBool,
    /// When it started.
    pub started_at: Timestamp,
}

/// Failed sign-ins.
pub struct Attempts {
    by_pair: Mutex<Throttle<(String, IpAddr)>>,
    by_email: Mutex<Throttle<String>>,
    by_source: Mutex<Throttle<IpAddr>>,
}

impl Default for Attempts {
    /// Within five minutes: five wrong passwords for one account from one address, twenty from one address, and fifty
    /// for one account from anywhere. The last is generous on purpose: with a low one, anybody could lock an
    /// administrator out by typing nonsense.
    fn default() -> Self {
        let limit = |failures| Limit { failures, window_ms: 5 * 60_000 };
        Self {
            by_pair: Mutex::new(Throttle::new(limit(5), 10_000)),
            by_email: Mutex::new(Throttle::new(limit(50), 10_000)),
            by_source: Mutex::new(Throttle::new(limit(20), 10_000)),
        }
    }
}

impl Attempts {
    /// Whether this account may be tried from this address.
    ///
    /// # Errors
    /// [`ServiceError::TooManyAttempts`] with the time to wait.
    pub fn check(&self, email: &str, source: IpAddr, now: Mono) -> Result<(), ServiceError> {
        let by_pair = self.by_pair.lock().wait(&(email.to_owned(), source), now);
        let by_email = self.by_email.lock().wait(&email.to_owned(), now);
        let by_source = self.by_source.lock().wait(&source, now);
        match by_pair.max(by_email).max(by_source) {
            None => Ok(()),
            Some(retry_after_ms) => Err(ServiceError::TooManyAttempts { retry_after_ms }),
        }
    }

    /// Whether anything may be tried from this address.
    ///
    /// # Errors
    /// [`ServiceError::TooManyAttempts`] with the time to wait.
    pub fn check_source(&self, source: IpAddr, now: Mono) -> Result<(), ServiceError> {
        match self.by_source.lock().wait(&source, now) {
            None => Ok(()),
            Some(retry_after_ms) => Err(ServiceError::TooManyAttempts { retry_after_ms }),
        }
    }

    /// A wrong one-time link.
    pub fn failed_source(&self, source: IpAddr, now: Mono) {
        self.by_source.lock().failed(source, now);
    }

    /// A wrong password.
    pub fn failed(&self, email: &str, source: IpAddr, now: Mono) {
        self.by_pair.lock().failed((email.to_owned(), source), now);
        self.by_email.lock().failed(email.to_owned(), now);
        self.by_source.lock().failed(source, now);
    }

    /// A right one: this account is free again from this address. The address itself is not, or one account of the
    /// attacker's own would free it.
    pub fn succeeded(&self, email: &str, source: IpAddr) {
        self.by_pair.lock().succeeded(&(email.to_owned(), source));
    }
}
