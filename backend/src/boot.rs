//! Wiring: from settings to a running server, and back down in the right order.

use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use common::stream::ByeReason;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use crate::auth::seal::{SealError, Sealer};
use crate::auth::token::{self, Signer};
use crate::auth::{hex, random};
use crate::clients::connector::{Connector, OutboundPolicy};
use crate::clock::{SharedClock, SystemClock};
use crate::config::{Hidden, MasterKeySource, Settings};
use crate::db::embedded::{self, Embedded, EmbeddedError};
use crate::db::pool::ConnectError;
use crate::db::{Db, DbError, migrations, pool};
use crate::http::server::{self, ServerOptions};
use crate::http::spa;
use crate::live::fleet::Fleet;
use crate::live::hub::{Hub, Limits};
use crate::services::frontend_nodes::Process;
use crate::services::{App, Attempts, ServiceError, sessions};
use crate::tasks::Tasks;

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

/// A database, ours or somebody else's.
struct Database {
    url: Hidden,
    own: Option<Embedded>,
}

impl Database {
    async fn open(settings: &Settings) -> Result<Self, BootError> {
        match &settings.database_url {
            Some(url) => Ok(Self { url: url.clone(), own: None }),
            None => {
                let own = embedded::start(&settings.data_dir, settings.postgres_bin.as_deref()).await?;
                Ok(Self { url: Hidden::new(own.url()), own: Some(own) })
            }
        }
    }

    async fn close(self) {
        if let Some(own) = self.own
            && let Err(e) = own.stop().await
        {
            tracing::error!(error = %e, "the database did not stop cleanly");
        }
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
        let running = Running::start(settings, database.url.reveal(), listener, workers, say).await?;
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
        let sealer = sealer(&settings)?;
        let signer = signer(&db, &sealer).await?;
        let made =
            sessions::first_administrator(&db, &settings.admin_email, settings.admin_password.as_ref())
                .await?;
        let fleet = Fleet::load(&db, Arc::clone(&clock), settings.timers, settings.heartbeat_limit).await?;
        let connector = Connector::new(OutboundPolicy::from_settings(&settings), Arc::clone(&clock))
            .map_err(|e| BootError::Refused(format!("TLS for outbound calls: {e}")))?;
        let epoch = u64::from_be_bytes(random::<8>()?);
        let address = listener.local_addr()?;
        let app = Arc::new(App {
            started_at: clock.wall(),
            db,
            fleet: Arc::new(fleet),
            history: crate::live::history::History::new(),
            hub: Hub::new(epoch, Limits::default()),
            sealer,
            signer,
            attempts: Attempts::default(),
            denials: crate::services::activity::Denials::default(),
            storage_tests: Semaphore::new(4),
            storage_due: Notify::new(),
            connector,
            password_slots: Semaphore::new(2),
            beats_in_flight: AtomicUsize::new(0),
            strangers_in_flight: AtomicUsize::new(0),
            process: Process::new(sysinfo::System::host_name(), address.to_string(), spa::bundle()),
            stopping: AtomicBool::new(false),
            clock,
            settings,
        });
        let tasks = Tasks::start(&app);
        let server = server::start(&app, listener, ServerOptions { workers })?;
        let handle = server.handle();
        let server = tokio::spawn(server);
        if let Some(password) = made {
            let email = &app.settings.admin_email;
            say(&format!("First administrator: {email}\nPassword, shown once: {}\n", password.reveal()));
        }
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
        Ok(Self { app, handle, tasks, server })
    }

    /// Ends in the order that loses nothing: streams say goodbye, requests finish, what is in memory is written.
    pub async fn stop(self) {
        self.app.stopping.store(true, Ordering::Release);
        self.app.hub.close_all(ByeReason::Shutdown);
        self.handle.stop(true).await;
        if let Ok(Err(e)) = self.server.await {
            tracing::error!(error = %e, "the HTTP server ended with an error");
        }
        self.tasks.stop().await;
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

fn sealer(settings: &Settings) -> Result<Sealer, BootError> {
    let text = match &settings.master_key {
        MasterKeySource::Value(value) => value.clone(),
        MasterKeySource::File(path) => read_key(path)?,
        MasterKeySource::DataDir => {
            let path = settings.data_dir.join("master.key");
            if path.exists() { read_key(&path)? } else { make_key(&path)? }
        }
    };
    Sealer::from_text(text.reveal()).map_err(|e| BootError::MasterKey(e.to_string()))
}

fn read_key(path: &Path) -> Result<Hidden, BootError> {
    let fail = |e: std::io::Error| BootError::MasterKey(format!("{}: {e}", path.display()));
    let text = std::fs::read_to_string(path).map_err(fail)?;
    let mode = std::fs::metadata(path).map_err(fail)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others can read the master key: chmod 600");
    }
    Ok(Hidden::new(text))
}

fn make_key(path: &Path) -> Result<Hidden, BootError> {
    use std::io::Write as _;
    let fail = |e: std::io::Error| BootError::MasterKey(format!("{}: {e}", path.display()));
    let text = hex(&random::<32>()?);
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(fail)?;
    writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(fail)?;
    tracing::info!(path = %path.display(), "made a master key: keep a copy apart from the database's backups");
    Ok(Hidden::new(text))
}

/// The key that signs access tokens; made at the first start.
async fn signer(db: &Db, sealer: &Sealer) -> Result<Signer, BootError> {
    let place = |kid: &str| format!("jwt_keys.sealed:{kid}");
    if db.jwt_key().await?.is_none() {
        let (pkcs8, public) = token::new_key().map_err(|e| BootError::Refused(e.to_string()))?;
        let kid = Uuid::now_v7().to_string();
        let sealed = sealer.seal(&place(&kid), &pkcs8).map_err(|e| BootError::MasterKey(e.to_string()))?;
        db.jwt_key_insert(&kid, &sealed, &public).await?;
    }
    let Some((kid, sealed, public)) = db.jwt_key().await? else {
        return Err(BootError::Refused("the signing key was removed while starting".to_owned()));
    };
    let pkcs8 = sealer.open(&place(&kid), &sealed).map_err(|e| {
        BootError::MasterKey(match e {
            SealError::OtherKey => {
                "this database was encrypted under another one; give the server that one".to_owned()
            }
            other => other.to_string(),
        })
    })?;
    Ok(Signer::new(kid, &pkcs8, &public))
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
    let database = Database::open(settings).await?;
    let outcome = async {
        let db = Db::new(pool::connect(database.url.reveal(), 2).await?);
        sessions::reset_password(&db, email, given).await.map_err(BootError::from)
    }
    .await;
    database.close().await;
    outcome
}
