//! Wiring: from settings to a running server, and back down in the right order.

mod commands;
mod database;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use common::stream::ByeReason;
use common::time::Timestamp;
use common::users::OneTimeLink;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, Semaphore};

use self::database::Database;
use crate::auth::random;
use crate::auth::seal::Sealer;
use crate::auth::token::{Keyring, Ring};
use crate::clients::connector::{Connector, OutboundPolicy};
use crate::clock::{Clock as _, SharedClock, SystemClock};
use crate::config::{Hidden, MasterKeySource, Settings};
use crate::db::embedded::EmbeddedError;
use crate::db::pool::ConnectError;
use crate::db::{Db, DbError, Lock, LockName, migrations, pool};
use crate::http::server::{self, ServerOptions};
use crate::http::spa;
use crate::http::tls::{self, Certificate};
use crate::live::fleet::Fleet;
use crate::live::hub::{Hub, Limits};
use crate::services::frontend_nodes::Process;
use crate::services::vault::{self, Vault};
use crate::services::{App, Attempts, ServiceError, setup, signing};
use crate::tasks::Tasks;

pub use self::commands::{create_token, rotate_keys, verify_audit};

/// Connections to the database.
const POOL: usize = 16;

/// Why the server did not start, in words for the one who starts it.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The data folder cannot be used.
    #[error("the data folder {0}: {1}")]
    DataDir(String, std::io::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(String, std::io::Error),
    /// The master key cannot be used.
    #[error("the master key: {0}")]
    MasterKey(String),
    /// Our own PostgreSQL did not start.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The database cannot be brought up to date.
    #[error(transparent)]
    Migrate(#[from] migrations::MigrationError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Something of the start was refused.
    #[error("{0}")]
    Refused(String),
    /// The server or a signal handler failed.
    #[error("the server: {0}")]
    Io(#[from] std::io::Error),
}

impl From<ServiceError> for BootError {
    fn from(e: ServiceError) -> Self {
        match e {
            ServiceError::Invalid(errors) => {
                Self::Refused(errors.iter().map(|e| e.detail.as_str()).collect::<Vec<_>>().join(" "))
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<crate::auth::NoRandom> for BootError {
    fn from(e: crate::auth::NoRandom) -> Self {
        Self::Refused(e.to_string())
    }
}

/// Serves until SIGTERM or Ctrl-C. `say` prints what the operator must read.
///
/// # Errors
/// [`BootError`], everything that had been started is stopped by then.
pub async fn serve(settings: Settings, workers: Option<usize>, say: fn(&str)) -> Result<(), BootError> {
    // Heard from here on: a signal that comes while the database starts must not leave it behind.
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    prepare_data_dir(&settings)?;
    // Before the database: a taken port is the commonest mistake and should cost a moment, not a start.
    let listener = listen(&settings)?;
    let database = Database::open(&settings).await?;
    let outcome = async {
        let url = database.for_server().await?;
        let running = Running::start(settings, url.reveal(), listener, workers, say).await?;
        tokio::select! {
            _ = term.recv() => tracing::info!("SIGTERM: stopping"),
            _ = int.recv() => tracing::info!("Ctrl-C: stopping"),
        }
        running.stop().await;
        Ok(())
    }
    .await;
    database.close().await;
    outcome
}

/// Everything between the database and the signal.
pub struct Running {
    /// The program's state; tests look at it.
    pub app: Arc<App>,
    handle: actix_web::dev::ServerHandle,
    tasks: Tasks,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    renewal: Option<tokio::task::JoinHandle<()>>,
}

impl Running {
    /// Starts on a migrated or empty database.
    ///
    /// # Errors
    /// [`BootError`].
    pub async fn start(
        settings: Settings,
        url: &str,
        listener: TcpListener,
        workers: Option<usize>,
        say: fn(&str),
    ) -> Result<Self, BootError> {
        Self::start_at(settings, url, listener, workers, say, Arc::new(SystemClock::new())).await
    }

    /// The same by another clock.
    ///
    /// # Errors
    /// [`BootError`].
    pub async fn start_at(
        settings: Settings,
        url: &str,
        listener: TcpListener,
        workers: Option<usize>,
        say: fn(&str),
        clock: SharedClock,
    ) -> Result<Self, BootError> {
        let applied = migrations::run(url).await?;
        if !applied.is_empty() {
            tracing::info!(migrations = applied.len(), "database brought up to date");
        }
        let db = Db::new(pool::connect(url, POOL).await?);
        let sealer = Sealer::locked()?;
        let locked = vault::open(&db, &settings, &sealer).await?;
        if locked.is_some() {
            vault::said_aloud(locked.as_ref());
        }
        let signer = signer(&db, &sealer, clock.wall()).await?;
        let made = setup::first_administrator(
            &db,
            &settings.admin_email,
            settings.admin_password.as_ref(),
            clock.wall(),
        )
        .await?;
        let lock = sweeper_lock(url).await;
        let fleet = Fleet::load(&db, Arc::clone(&clock), settings.timers, settings.heartbeat_limit).await?;
        if !lock.as_ref().is_some_and(|(_, held)| *held) {
            fleet.begin_following();
        }
        let connector = Connector::new(OutboundPolicy::from_settings(&settings), Arc::clone(&clock))
            .map_err(|e| BootError::Refused(format!("TLS for outbound calls: {e}")))?;
        let certificate = own_certificate(&settings)?;
        let epoch = u64::from_be_bytes(random::<8>()?);
        let address = listener.local_addr()?;
        let app = Arc::new(App {
            started_at: clock.wall(),
            db,
            fleet: Arc::new(fleet),
            history: crate::live::history::History::new(),
            hub: Hub::new(epoch, Limits::default()),
            sealer,
            vault: Vault::new(locked, clock.wall()),
            signer,
            looks: crate::services::signing::Looks::default(),
            attempts: Attempts::default(),
            denials: crate::services::activity::Denials::default(),
            chain_check: crate::services::activity::chain::Check::default(),
            storage_tests: Semaphore::new(4),
            storage_due: Notify::new(),
            webhooks_due: Notify::new(),
            connector,
            password_slots: Semaphore::new(2),
            beats_in_flight: AtomicUsize::new(0),
            strangers_in_flight: AtomicUsize::new(0),
            process: Process::new(sysinfo::System::host_name(), address.to_string(), spa::bundle()),
            stopping: AtomicBool::new(false),
            clock,
            settings,
        });
        let tasks = Tasks::start(&app, &Hidden::new(url), lock.map(|(lock, _)| lock));
        let renewal = certificate.clone().map(|certificate| tokio::spawn(renew(certificate)));
        let server = server::start(&app, listener, ServerOptions { workers, certificate })?;
        let handle = server.handle();
        let server = tokio::spawn(server);
        if let Some(password) = made {
            let email = &app.settings.admin_email;
            say(&format!("First administrator: {email}\nPassword, shown once: {}\n", password.reveal()));
        }
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
        if app.settings.in_clear() {
            tracing::warn!(
                "other machines reach this server by plain HTTP: passwords and secrets cross the network in clear. \
                 Set IQRA_TLS_CERT and IQRA_TLS_KEY, or put a proxy with TLS in front and name it in \
                 IQRA_TRUSTED_PROXIES"
            );
        }
        Ok(Self { app, handle, tasks, server, renewal })
    }

    /// Ends in the order that loses nothing: streams say goodbye, requests finish, what is in memory is written.
    pub async fn stop(self) {
        self.app.stopping.store(true, Ordering::Release);
        self.tasks.give_up_sweep();
        self.app.hub.close_all(ByeReason::Shutdown);
        self.handle.stop(true).await;
        if let Ok(Err(e)) = self.server.await {
            tracing::error!(error = %e, "the HTTP server ended with an error");
        }
        self.tasks.stop().await;
        if let Some(renewal) = self.renewal {
            renewal.abort();
        }
    }
}

/// The connection that holds the right to sweep, or waits for it, and whether it holds it. Whatever fails here is tried
/// again while the server runs.
async fn sweeper_lock(url: &str) -> Option<(Lock, bool)> {
    let mut lock = Lock::open(url, LockName::Sweeper).await.ok()?;
    let held = lock.try_take().await.ok()?;
    Some((lock, held))
}

/// The certificate to serve with, where one is set.
fn own_certificate(settings: &Settings) -> Result<Option<Arc<Certificate>>, BootError> {
    let load = |files| Certificate::load(files).map_err(|e| BootError::Refused(e.to_string()));
    settings.tls.as_ref().map(load).transpose()
}

/// Looks for a new certificate until it is aborted.
async fn renew(certificate: Arc<Certificate>) {
    loop {
        tokio::time::sleep(tls::LOOK_EVERY).await;
        match certificate.refresh() {
            Ok(false) => {}
            Ok(true) => tracing::info!("another certificate is in use"),
            Err(e) => tracing::error!(error = %e, "the new certificate cannot be used; the old one goes on"),
        }
    }
}

fn listen(settings: &Settings) -> Result<TcpListener, BootError> {
    let fail = |e| BootError::Listen(settings.listen.to_string(), e);
    let listener = TcpListener::bind(settings.listen).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    Ok(listener)
}

fn prepare_data_dir(settings: &Settings) -> Result<(), BootError> {
    let needed = settings.database_url.is_none() || matches!(settings.master_key, MasterKeySource::DataDir);
    if !needed {
        return Ok(());
    }
    let dir = &settings.data_dir;
    std::fs::create_dir_all(dir).map_err(|e| BootError::DataDir(dir.display().to_string(), e))
}

/// The keys that sign tokens; the first is made at the first start.
async fn signer(db: &Db, sealer: &Sealer, now: Timestamp) -> Result<Keyring, BootError> {
    match signing::load(db, sealer, now).await {
        Ok(ring) => Ok(Keyring::new(ring)),
        // Learned when the vault opens.
        Err(ServiceError::VaultLocked(_)) => Ok(Keyring::new(Ring::new([]))),
        Err(e) => Err(e.into()),
    }
}

/// Changes the key that signs tokens; a running server learns of it by itself.
///
/// # Errors
/// [`BootError`].
pub async fn rotate_signing(settings: &Settings) -> Result<bool, BootError> {
    let database = Database::beside(settings).await?;
    let outcome = async {
        let db = database.connect().await?;
        let sealer = Sealer::locked()?;
        if let Some(why) = vault::open(&db, settings, &sealer).await? {
            return Err(BootError::Refused(why.to_string()));
        }
        signing::rotate(&db, &sealer, SystemClock::new().wall(), 0).await.map_err(BootError::from)
    }
    .await;
    database.close().await;
    outcome
}

/// Brings the database up to date; the names of what was applied.
///
/// # Errors
/// [`BootError`].
pub async fn migrate(settings: &Settings) -> Result<Vec<String>, BootError> {
    prepare_data_dir(settings)?;
    let database = Database::open(settings).await?;
    let applied = migrations::run(database.url.reveal()).await;
    database.close().await;
    Ok(applied?)
}

/// Sets a password; returns it where it was made up here.
///
/// # Errors
/// [`BootError`], also where there is no such user.
pub async fn reset_password(
    settings: &Settings,
    email: &str,
    given: Option<Hidden>,
) -> Result<Option<Hidden>, BootError> {
    let database = Database::beside(settings).await?;
    let outcome = async {
        let db = database.connect().await?;
        setup::reset_password(&db, email, given, SystemClock::new().wall()).await.map_err(BootError::from)
    }
    .await;
    database.close().await;
    outcome
}

/// Adds an account; a link to choose a password by where none was given.
///
/// # Errors
/// [`BootError`], also where the e-mail is taken.
pub async fn create_account(
    settings: &Settings,
    new: setup::NewAccount,
) -> Result<Option<OneTimeLink>, BootError> {
    let database = Database::beside(settings).await?;
    let outcome = async {
        let db = database.connect().await?;
        let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
        setup::create_account(&db, new, &url, SystemClock::new().wall()).await.map_err(BootError::from)
    }
    .await;
    database.close().await;
    outcome
}
