//! A database for each test, copied from a migrated template.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use backend::db::{embedded, migrations};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Names a superuser's database on a throw-away cluster.
const URL: &str = "IQRA_TEST_DATABASE_URL";

/// A cluster with a migrated template.
struct Cluster {
    url: String,
    template: String,
    /// Each server holds a pool of connections, of which a cluster has so many.
    servers: Arc<Semaphore>,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A database that is gone when this is dropped.
pub(crate) struct TestDb {
    name: String,
    url: String,
    admin: String,
    _server: OwnedSemaphorePermit,
}

impl TestDb {
    /// A copy of the migrated template.
    pub(crate) async fn migrated() -> Self {
        let cluster = cluster().await;
        Self::create(cluster, &format!("TEMPLATE {}", cluster.template)).await
    }

    /// One without tables.
    pub(crate) async fn empty() -> Self {
        Self::create(cluster().await, "").await
    }

    async fn create(cluster: &'static Cluster, how: &str) -> Self {
        let server = Arc::clone(&cluster.servers).acquire_owned().await.unwrap();
        let name = fresh_name("test");
        execute(&cluster.url, &format!("CREATE DATABASE {name} {how}")).await;
        Self { url: with_database(&cluster.url, &name), name, admin: cluster.url.clone(), _server: server }
    }

    /// As `DATABASE_URL`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A connection of the test's own.
    pub(crate) async fn client(&self) -> Client {
        connect(&self.url).await
    }

    /// Lets new connections in, or keeps them out; those that are open stay.
    pub(crate) async fn allow_connections(&self, allowed: bool) {
        execute(&self.admin, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}", self.name)).await;
    }

    /// Ends the connections whose newest statement is like this.
    pub(crate) async fn terminate(&self, statement: &str) {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND query LIKE '{statement}'",
            self.name
        );
        execute(&self.admin, &sql).await;
    }

    /// Runs statements.
    pub(crate) async fn execute(&self, sql: &str) {
        execute(&self.url, sql).await;
    }

    /// The first column of every row, as text; `NULL` is empty.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.client().await.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        let text = |row| match row {
            SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
            _ => None,
        };
        rows.into_iter().filter_map(text).collect()
    }

    /// The one value of a query, as text.
    pub(crate) async fn text(&self, sql: &str) -> String {
        let mut all = self.texts(sql).await;
        assert_eq!(all.len(), 1, "{sql}");
        all.remove(0)
    }

    /// Every row of every table, as text.
    pub(crate) async fn dump(&self) -> String {
        let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
        let mut out = String::new();
        for table in self.texts(tables).await {
            // `bytea` is shown in hexadecimal and once more as characters, so that plain text in it is found.
            let escape = format!("SET bytea_output = 'escape'; SELECT t::text FROM \"{table}\" t");
            for sql in [format!("SELECT t::text FROM \"{table}\" t"), escape] {
                for row in self.texts(&sql).await {
                    out.push_str(&format!("{table}: {row}\n"));
                }
            }
        }
        out
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let (url, sql) = (self.admin.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // A thread with a runtime of its own: this may run inside one, which must not be blocked on.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(&url, &sql));
        });
        assert!(
            thread.join().is_ok() || std::thread::panicking(),
            "the test's database could not be dropped"
        );
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.unwrap_or_else(|e| panic!("{URL}: {e:?}"));
    tokio::spawn(connection);
    client
}

async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (server, query) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = server.rsplit_once('/').expect("a URL that ends in a database");
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    format!("{server}/{name}{query}")
}

fn fresh_name(kind: &str) -> String {
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("iqra_{kind}_{}_{n}", std::process::id())
}

async fn cluster() -> &'static Cluster {
    CLUSTER
        .get_or_init(|| async {
            let (url, servers) = match std::env::var(URL) {
                Ok(url) => (url, 8),
                Err(_) => (own_cluster().await, 2),
            };
            let template = fresh_name("template");
            execute(&url, &format!("DROP DATABASE IF EXISTS {template}")).await;
            execute(&url, &format!("CREATE DATABASE {template}")).await;
            migrations::run(&with_database(&url, &template)).await.unwrap();
            Cluster { url, template, servers: Arc::new(Semaphore::new(servers)) }
        })
        .await
}

/// Starts a PostgreSQL for this run of the tests. `cargo xtask test unit` brings a quicker one.
async fn own_cluster() -> String {
    let dir = crate::embedded::folder().keep();
    let (data, bin) = (dir.join("data"), std::env::var_os("IQRA_POSTGRES_BIN").map(PathBuf::from));
    // What watches over the database lives on the runtime that started it, and that of a test ends with the test.
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let started = embedded::start(&data, bin.as_deref()).await;
            let known = started.as_ref().map(|c| (c.url().to_owned(), c.pid())).map_err(ToString::to_string);
            if tell.send(known).is_ok() {
                std::future::pending::<()>().await;
            }
        });
    });
    let (url, pid) = match told.await.expect("the thread of the database") {
        Ok(known) => known,
        Err(e) => {
            panic!("{URL} is not set and no PostgreSQL could be started ({e}): run `cargo xtask test unit`")
        }
    };
    // Statics are never dropped, so somebody else has to clear up: a shell that waits for the end of this process,
    // which closes the pipe it reads from.
    let script =
        r#"read -r _; kill -INT "$1"; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; rm -rf "$2""#;
    let keeper = Command::new("sh")
        .args(["-c", script, "sh", &pid.to_string()])
        .arg(&dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a shell");
    std::mem::forget(keeper);
    url
}
