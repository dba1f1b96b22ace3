//! The server, in this process, on a port and a database of its own.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Once};

use backend::boot::Running;
use backend::config::{Hidden, MasterKeySource, Settings};
use backend::domain::liveness::Timers;
use backend::services::passwords::hash_password;
use common::auth::{Role, User};
use common::ids::{NodeId, RegionId, UserId};
use common::node::{CreatedNode, NodeKind};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::client::{Auth, Client, Transcript};
use super::clock::Shifted;
use super::db::TestDb;
use super::logs;

/// The first administrator.
pub(crate) const ADMIN: &str = "admin@localhost";
/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// Quick, so that a silent node is offline within a second.
pub(crate) const QUICK: Timers = Timers { interval_ms: 100, stale_after_ms: 300, offline_after_ms: 600 };
/// As in production, for tests in which no node may fall silent.
pub(crate) const PATIENT: Timers =
    Timers { interval_ms: 5_000, stale_after_ms: 15_000, offline_after_ms: 30_000 };

/// A running server.
pub(crate) struct TestApp {
    /// Its database; dropped after the server.
    pub(crate) db: TestDb,
    /// Every reply that its clients got.
    pub(crate) transcript: Transcript,
    settings: Settings,
    base: String,
    clock: Arc<Shifted>,
    running: Option<Running>,
}

impl TestApp {
    /// With timers as in production, and without a limit on heartbeats per node.
    pub(crate) async fn start() -> Self {
        Self::with(PATIENT, |_| {}).await
    }

    /// With these timers and settings.
    pub(crate) async fn with(timers: Timers, change: impl FnOnce(&mut Settings)) -> Self {
        prepare();
        let db = TestDb::migrated().await;
        let mut settings =
            Settings { database_url: Some(Hidden::new(db.url())), timers, ..Self::plain_settings() };
        change(&mut settings);
        let mut app = Self {
            db,
            transcript: Transcript::default(),
            settings,
            base: String::new(),
            clock: Arc::default(),
            running: None,
        };
        app.resume().await;
        app
    }

    /// Settings of a server without a database.
    pub(crate) fn plain_settings() -> Settings {
        Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            data_dir: "/nonexistent".into(),
            database_url: None,
            postgres_bin: None,
            public_url: None,
            admin_email: ADMIN.to_owned(),
            admin_password: Some(Hidden::new(PASSWORD)),
            master_key: MasterKeySource::Value(Hidden::new("5a".repeat(32))),
            timers: PATIENT,
            heartbeat_limit: false,
            outbound_allow: Vec::new(),
            tls: None,
            trusted_proxies: Vec::new(),
            storage_check_ms: 60_000,
            signing_key_ms: 90 * 86_400_000,
        }
    }

    /// Starts the server again, on another port.
    pub(crate) async fn resume(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        self.base = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::clone(&self.clock);
        let running =
            Running::start_at(self.settings.clone(), self.db.url(), listener, Some(1), |_| {}, clock).await;
        self.running = Some(running.unwrap());
    }

    /// A second server process on the same database, by the same clock.
    pub(crate) async fn twin(&self) -> Twin {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::clone(&self.clock);
        let running =
            Running::start_at(self.settings.clone(), self.db.url(), listener, Some(1), |_| {}, clock).await;
        Twin { base, running: running.unwrap() }
    }

    /// A server on the same database that can be killed: it has a runtime of its own, and everything it does besides
    /// answering requests ends with that, in the middle of whatever it does, with its connections.
    pub(crate) fn victim(&self) -> Victim {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (settings, url, clock) =
            (self.settings.clone(), self.db.url().to_owned(), Arc::clone(&self.clock));
        let started = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let running = runtime
                .block_on(Running::start_at(settings, &url, listener, Some(1), |_| {}, clock))
                .unwrap();
            (runtime, running)
        });
        let (runtime, running) = started.join().expect("a server that starts");
        Victim { base, runtime, running }
    }

    /// Stops the server in order; its database stays.
    pub(crate) async fn pause(&mut self) {
        self.running.take().expect("a server that runs").stop().await;
    }

    /// Moves the server's clocks on.
    pub(crate) fn advance(&self, ms: u64) {
        self.clock.advance(ms);
    }

    /// What it is started with; changes count from the next [`TestApp::resume`] on.
    pub(crate) fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// The server's state.
    pub(crate) fn state(&self) -> &backend::services::App {
        &self.running.as_ref().expect("a server that runs").app
    }

    /// The server's state, to be shared.
    pub(crate) fn shared(&self) -> &Arc<backend::services::App> {
        &self.running.as_ref().expect("a server that runs").app
    }

    /// `http://127.0.0.1:port`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// A client without any credential.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.base, Auth::None, self.transcript.clone())
    }

    /// A client with the session cookie of the first administrator.
    pub(crate) async fn admin(&self) -> Client {
        self.sign_in(ADMIN).await
    }

    /// A client with a new session cookie.
    pub(crate) async fn sign_in(&self, email: &str) -> Client {
        self.anonymous().signed_in(email, PASSWORD).await
    }

    /// Adds somebody; returns the e-mail.
    pub(crate) async fn user(&self, role: Role, scope: Option<&[&str]>) -> String {
        let email = format!("{}@example.org", super::unique(role.as_str()));
        let region_scope = scope.map(|s| s.iter().map(|r| RegionId::from(*r)).collect());
        let user =
            User { id: UserId(Uuid::now_v7()), email: email.clone(), display_name: None, role, region_scope };
        assert!(self.state().db.user_insert(&user, password_hash().await).await.unwrap());
        email
    }

    /// A client signed in as somebody new.
    pub(crate) async fn signed_in_as(&self, role: Role) -> Client {
        let email = self.user(role, None).await;
        self.sign_in(&email).await
    }

    /// Adds region `OM-<name>`; its id.
    pub(crate) async fn region(&self, admin: &Client, name: &str) -> String {
        let reply = admin.post("/api/v1/regions", &json!({"countryCode": "OM", "name": name})).await;
        reply.expect(201).value()["id"].as_str().unwrap().to_owned()
    }

    /// Adds a node at an address nobody else has.
    pub(crate) async fn node(&self, admin: &Client, region: &str, kind: NodeKind) -> TestNode {
        static PORT: AtomicU16 = AtomicU16::new(1_000);
        let port = PORT.fetch_add(1, Ordering::Relaxed);
        let body = json!({"regionId": region, "kind": kind, "endpoint": format!("10.0.0.1:{port}")});
        let created: CreatedNode = admin.post("/api/v1/nodes", &body).await.expect(201).json();
        TestNode {
            id: created.node.id(),
            boot: Uuid::new_v4().to_string(),
            client: Client::new(
                &self.base,
                Auth::Secret(created.plain_secret.clone()),
                self.transcript.clone(),
            ),
            secret: created.plain_secret,
            seq: 0,
        }
    }
}

/// A server to be killed.
pub(crate) struct Victim {
    /// `http://127.0.0.1:port`.
    pub(crate) base: String,
    runtime: tokio::runtime::Runtime,
    running: Running,
}

impl Victim {
    /// Whether it sweeps.
    pub(crate) fn sweeps(&self) -> bool {
        self.running.app.fleet.sweeps()
    }

    /// Without goodbye.
    pub(crate) fn kill(self) {
        std::mem::forget(self.running);
        self.runtime.shutdown_background();
    }
}

/// Another server of the same database. Stop it before the test ends.
pub(crate) struct Twin {
    /// `http://127.0.0.1:port`.
    pub(crate) base: String,
    /// It, running.
    pub(crate) running: Running,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let Some(running) = self.running.take() else { return };
        let runtime = tokio::runtime::Handle::current();
        // A thread beside the runtime may wait for it; the test itself is waiting here and needs no thread of it.
        let thread = std::thread::spawn(move || runtime.block_on(running.stop()));
        assert!(thread.join().is_ok() || std::thread::panicking(), "the server did not stop in order");
    }
}

/// A registered node, as its process sees itself.
#[derive(Clone)]
pub(crate) struct TestNode {
    pub(crate) id: NodeId,
    pub(crate) boot: String,
    pub(crate) secret: String,
    pub(crate) client: Client,
    pub(crate) seq: u64,
}

impl TestNode {
    /// The next heartbeat's body with `more` members.
    pub(crate) fn body(&mut self, more: &Value) -> Value {
        self.seq += 1;
        let mut body = json!({"bootId": self.boot, "seq": self.seq});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    /// Sends a heartbeat that must be accepted; the reply.
    pub(crate) async fn beat(&mut self, more: &Value) -> Value {
        let body = self.body(more);
        self.client.post(common::paths::HEARTBEAT, &body).await.expect(200).value()
    }

    /// Says goodbye; whether this ended the run the server knows.
    pub(crate) async fn goodbye(&self) -> bool {
        let body = json!({"bootId": self.boot, "reason": "shutdown"});
        self.client.post(common::paths::GOODBYE, &body).await.expect(200).value()["left"] == true
    }

    /// Its path in the API.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", common::paths::NODES, self.id)
    }

    /// Follows the server to another port.
    pub(crate) fn moved(&mut self, app: &TestApp) {
        self.client = self.client.at(app.base());
    }
}

/// Once per process: logs are collected, TLS has its provider.
pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        logs::collect();
        // The client refuses to be built without one, also for plain HTTP.
        rustls::crypto::aws_lc_rs::default_provider().install_default().expect("the first to install one");
    });
}

/// The hash of [`PASSWORD`], made once: it costs what it should cost.
async fn password_hash() -> &'static str {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(|| async { hash_password(Hidden::new(PASSWORD)).await.unwrap() }).await
}
