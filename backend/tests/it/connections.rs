//! Connections to the database: TLS with real certificates, limits of the pool, migrations of several servers at once.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::embedded::folder;
use backend::db::pool::{self, ConnectError, PoolConfig};
use backend::db::{embedded, migrations};
use diesel::sql_types::{Bool, Integer, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// A PostgreSQL on a TCP port of this machine, with or without TLS.
struct TcpServer {
    process: Child,
    port: u16,
    password: String,
}

impl TcpServer {
    /// Runs the cluster in `data_dir`, which [`embedded::start`] has made and left.
    async fn start(data_dir: &Path, certificate: Option<(&str, &str)>) -> Self {
        let cluster = data_dir.join("postgres");
        let owner = fs::metadata(&cluster).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // It keeps the command line of its last run, the program first.
        let opts = fs::read_to_string(cluster.join("postmaster.opts")).unwrap();
        let mut command = Command::new(opts.split_once(" \"").unwrap().0);
        command.arg("-D").arg(&cluster).args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
        ]);
        command.args(["-c", &format!("port={port}"), "-c", "fsync=off"]);
        if let Some((certificate, key)) = certificate {
            for (name, text) in [("test.crt", certificate), ("test.key", key)] {
                let path = cluster.join(name);
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
                std::os::unix::fs::chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
            }
            command.args(["-c", "ssl=on", "-c", "ssl_cert_file=test.crt", "-c", "ssl_key_file=test.key"]);
        }
        if owner.uid() != rustix::process::geteuid().as_raw() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let password = fs::read_to_string(data_dir.join("postgres.password")).unwrap().trim().to_owned();
        let server = Self { process, port, password };
        let up = async {
            while pool::dedicated(&server.url("127.0.0.1", "sslmode=disable")).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), up).await.expect("PostgreSQL does not answer");
        server
    }

    fn url(&self, host: &str, query: &str) -> String {
        format!("postgres://iqra:{}@{host}:{}/iqra?{query}", self.password, self.port)
    }

    /// Whether a connection made this way is encrypted.
    async fn encrypted(&self, host: &str, query: &str) -> Result<bool, ConnectError> {
        let mut connection = pool::dedicated(&self.url(host, query)).await?;
        let sql = diesel::dsl::sql::<Bool>("(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())");
        Ok(diesel::select(sql).get_result(&mut connection).await.unwrap())
    }

    /// Why no connection comes about.
    async fn refusal(&self, host: &str, query: &str) -> String {
        let error = self.encrypted(host, query).await.expect_err(query);
        assert!(matches!(error, ConnectError::Handshake { .. }), "{error}");
        let text = error.to_string();
        assert!(!text.contains(&self.password));
        text
    }
}

impl Drop for TcpServer {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        self.process.wait().unwrap();
    }
}

fn write(path: PathBuf, text: &str) -> String {
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().replace(' ', "%20")
}

#[tokio::test]
async fn tls_is_as_strict_as_the_url_says() {
    let dir = folder();
    let data = dir.path().join("data");
    embedded::start(&data, None).await.unwrap().stop().await.unwrap();

    // Without TLS on the server: `prefer` goes without, `require` does not.
    let plain = TcpServer::start(&data, None).await;
    assert!(!plain.encrypted("localhost", "").await.unwrap());
    assert!(!plain.encrypted("localhost", "sslmode=prefer").await.unwrap());
    for mode in ["require", "verify-ca", "verify-full"] {
        let refusal = plain.refusal("localhost", &format!("sslmode={mode}")).await;
        assert!(refusal.contains("server does not support TLS"), "{refusal}");
    }
    let wrong = plain.url("localhost", "").replace(&plain.password, "wr0ng");
    let error = pool::connect(&wrong, 2).await.err().unwrap();
    assert!(matches!(error, ConnectError::SignIn { .. }), "{error}");
    assert!(!error.to_string().contains("wr0ng"), "{error}");
    drop(plain);

    // A certificate for `localhost` from an authority of ours.
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let root = write(dir.path().join("the authority.pem"), &authority.pem());
    let other = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let other = other.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let other = write(dir.path().join("other.pem"), &other.pem());
    let server = TcpServer::start(&data, Some((&leaf.pem(), &key.serialize_pem()))).await;
    assert!(!server.encrypted("localhost", "sslmode=disable").await.unwrap());
    for query in ["", "sslmode=prefer", "sslmode=require"] {
        assert!(server.encrypted("127.0.0.1", query).await.unwrap(), "{query}");
    }
    assert!(server.encrypted("localhost", &format!("sslmode=verify-full&sslrootcert={root}")).await.unwrap());
    assert!(server.encrypted("127.0.0.1", &format!("sslmode=verify-ca&sslrootcert={root}")).await.unwrap());
    let refusal = server.refusal("127.0.0.1", &format!("sslmode=verify-full&sslrootcert={root}")).await;
    assert!(refusal.contains("for another host name"), "{refusal}");
    for query in [
        "sslmode=verify-full".to_owned(),
        "sslmode=verify-ca".to_owned(),
        format!("sslmode=verify-full&sslrootcert={other}"),
        format!("sslmode=require&sslrootcert={other}"),
    ] {
        let refusal = server.refusal("localhost", &query).await;
        assert!(refusal.contains("unknown authority"), "{query}: {refusal}");
    }
    // The pool goes the same way as single connections.
    let pool =
        pool::connect(&server.url("localhost", &format!("sslmode=verify-full&sslrootcert={root}")), 2).await;
    let mut connection = pool.unwrap().get().await.unwrap();
    let sql = diesel::dsl::sql::<Bool>("(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())");
    assert!(diesel::select(sql).get_result::<bool>(&mut connection).await.unwrap());
    drop(connection);
    drop(server);

    // Self-signed and marked as an authority, which is what `openssl req -x509` makes.
    let mut own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let own = own.self_signed(&key).unwrap();
    let pinned = write(dir.path().join("own.pem"), &own.pem());
    let server = TcpServer::start(&data, Some((&own.pem(), &key.serialize_pem()))).await;
    assert!(server.encrypted("localhost", "sslmode=require").await.unwrap());
    assert!(
        server.encrypted("localhost", &format!("sslmode=verify-full&sslrootcert={pinned}")).await.unwrap()
    );
    let refusal = server.refusal("127.0.0.1", &format!("sslmode=verify-full&sslrootcert={pinned}")).await;
    assert!(refusal.contains("for another host name"), "{refusal}");
    let refusal = server.refusal("localhost", &format!("sslmode=verify-full&sslrootcert={root}")).await;
    assert!(refusal.contains("self-signed"), "{refusal}");
}

#[tokio::test]
async fn every_wait_of_the_pool_ends_and_dead_connections_are_replaced() {
    let dir = folder();
    let db = embedded::start(dir.path(), None).await.unwrap();
    let config = PoolConfig {
        max_size: 1,
        wait: Duration::from_millis(200),
        statement: Duration::from_millis(300),
        ..PoolConfig::default()
    };
    let pool = pool::connect_with(db.url(), &config).await.unwrap();
    let mut only = pool.get().await.unwrap();
    assert!(matches!(pool.get().await, Err(deadpool::managed::PoolError::Timeout(_))), "a second of one");
    let slow = only.batch_execute("SELECT pg_sleep(60)").await.unwrap_err();
    assert!(slow.to_string().contains("statement timeout"), "{slow}");

    let pid = diesel::select(diesel::dsl::sql::<Integer>("pg_backend_pid()"));
    let pid: i32 = pid.get_result(&mut only).await.unwrap();
    drop(only);
    let mut other = pool::dedicated(db.url()).await.unwrap();
    // The second argument waits until the session is really gone.
    let end = diesel::dsl::sql::<Bool>(&format!("pg_terminate_backend({pid}, 10000)"));
    assert!(diesel::select(end).get_result::<bool>(&mut other).await.unwrap());
    let mut fresh = pool.get().await.unwrap();
    let name = diesel::dsl::sql::<Text>("current_setting('application_name')");
    assert_eq!(diesel::select(name).get_result::<String>(&mut fresh).await.unwrap(), "iqra-infra");
    drop((fresh, pool, other));
    let url = db.url().to_owned();
    db.stop().await.unwrap();
    let error = pool::connect(&url, 1).await.err().unwrap();
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn servers_that_start_at_once_migrate_once() {
    let dir = folder();
    let db = embedded::start(dir.path(), None).await.unwrap();
    let (a, b, c) =
        tokio::join!(migrations::run(db.url()), migrations::run(db.url()), migrations::run(db.url()));
    let mut runs = [a.unwrap(), b.unwrap(), c.unwrap()];
    runs.sort_by_key(Vec::len);
    let [none, none_either, all] = runs;
    assert!(none.is_empty() && none_either.is_empty(), "{none:?} {none_either:?}");
    assert!(!all.is_empty());
    let mut reverted = migrations::revert_all(db.url()).await.unwrap();
    reverted.reverse();
    assert_eq!(reverted, all);
    assert_eq!(migrations::run(db.url()).await.unwrap(), all);
    db.stop().await.unwrap();
}
