//! What every request and task shares. Built once, by `boot`.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use common::time::Timestamp;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use super::ServiceError;
use crate::auth::seal::Sealer;
use crate::auth::token::Keyring;
use crate::clients::connector::Connector;
use crate::clock::{Mono, SharedClock};
use crate::config::Settings;
use crate::db::Db;
use crate::domain::throttle::{Limit, Throttle, network};
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
    /// Denied changes: which have an entry of their own, and how many more there were.
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

/// Failed sign-ins, as this process has seen them since it started.
pub struct Attempts {
    by_pair: Mutex<Throttle<(String, IpAddr)>>,
    by_email: Mutex<Throttle<String>>,
    by_source: Mutex<Throttle<IpAddr>>,
    by_session: Mutex<Throttle<Uuid>>,
}

/// Whether an account may be tried from an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MayTry {
    /// Yes.
    Yes,
    /// Only where the account was signed in from this address before: too many have failed elsewhere.
    WhereKnown {
        /// How long everybody else waits.
        retry_after_ms: u64,
    },
}

impl Default for Attempts {
    /// Within five minutes: five wrong passwords for one account from one address, twenty from one address, fifty for
    /// one account from anywhere, and five in one session. Fifty is generous on purpose: with few, anybody could lock an
    /// administrator out by typing nonsense. It still can be reached from ten addresses, so it does not hold for those
    /// from which the account has a session, nor within a session: these have limits of their own.
    fn default() -> Self {
        let limit = |failures| Limit { failures, window_ms: 5 * 60_000 };
        Self {
            by_pair: Mutex::new(Throttle::new(limit(5), 10_000)),
            by_email: Mutex::new(Throttle::new(limit(50), 10_000)),
            by_source: Mutex::new(Throttle::new(limit(20), 10_000)),
            by_session: Mutex::new(Throttle::new(limit(5), 10_000)),
        }
    }
}

/// What is over where a key has to wait.
fn free(wait: Option<u64>) -> Result<(), ServiceError> {
    wait.map_or(Ok(()), |retry_after_ms| Err(ServiceError::TooManyAttempts { retry_after_ms }))
}

impl Attempts {
    /// Whether this account may be tried from this address.
    ///
    /// # Errors
    /// [`ServiceError::TooManyAttempts`] with the time to wait.
    pub fn check(&self, email: &str, source: IpAddr, now: Mono) -> Result<MayTry, ServiceError> {
        let source = network(source);
        let by_pair = self.by_pair.lock().wait(&(email.to_owned(), source), now);
        let by_source = self.by_source.lock().wait(&source, now);
        free(by_pair.max(by_source))?;
        let by_email = self.by_email.lock().wait(&email.to_owned(), now);
        Ok(by_email.map_or(MayTry::Yes, |retry_after_ms| MayTry::WhereKnown { retry_after_ms }))
    }

    /// Whether anything may be tried from this address.
    ///
    /// # Errors
    /// [`ServiceError::TooManyAttempts`] with the time to wait.
    pub fn check_source(&self, source: IpAddr, now: Mono) -> Result<(), ServiceError> {
        free(self.by_source.lock().wait(&network(source), now))
    }

    /// Whether the password may be given again in this session. What others type at the door does not count here.
    ///
    /// # Errors
    /// [`ServiceError::TooManyAttempts`] with the time to wait.
    pub fn check_session(&self, session: Uuid, now: Mono) -> Result<(), ServiceError> {
        free(self.by_session.lock().wait(&session, now))
    }

    /// A wrong one-time link.
    pub fn failed_source(&self, source: IpAddr, now: Mono) {
        self.by_source.lock().failed(network(source), now);
    }

    /// A wrong password at the door.
    pub fn failed(&self, email: &str, source: IpAddr, now: Mono) {
        let source = network(source);
        self.by_pair.lock().failed((email.to_owned(), source), now);
        self.by_email.lock().failed(email.to_owned(), now);
        self.by_source.lock().failed(source, now);
    }

    /// A wrong password in a session. It counts at the door too, from this address: who has somebody's session gets no
    /// more guesses by going there.
    pub fn failed_in_session(&self, session: Uuid, email: &str, source: IpAddr, now: Mono) {
        self.by_session.lock().failed(session, now);
        self.by_pair.lock().failed((email.to_owned(), network(source)), now);
    }

    /// A right one: this account is free again from this address, and in this session. The address itself is not, or one
    /// account of the attacker's own would free it.
    pub fn succeeded(&self, email: &str, source: IpAddr, session: Option<Uuid>) {
        self.by_pair.lock().succeeded(&(email.to_owned(), network(source)));
        if let Some(session) = session {
            self.by_session.lock().succeeded(&session);
        }
    }
}
