//! The server's own PostgreSQL, with the real one: set up, kept, adopted, recovered, refused, and in odd places.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use backend::db::embedded::{self, Embedded, EmbeddedError};
use tokio_postgres::NoTls;

/// Set for the process that plays a server which gets killed.
const HELPER: &str = "IQRA_TEST_HOLD_CLUSTER";

/// A folder whose parents the database's user may enter, also when the tests run as root. In memory where there is
/// room: setting up a database flushes a thousand small files, which takes seconds on a busy disk.
pub(crate) fn folder() -> tempfile::TempDir {
    let roomy = rustix::fs::statvfs("/dev/shm").is_ok_and(|s| s.f_bavail * s.f_frsize > 2 << 30);
    let base = if roomy { "/dev/shm" } else { "/tmp" };
    let dir = tempfile::Builder::new().prefix("iqra-pg-test").tempdir_in(base).unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn text(db: &Embedded, sql: &str) -> String {
    client(db.url()).await.query_one(sql, &[]).await.unwrap().get(0)
}

fn running(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|s| !s.rsplit_once(')').unwrap().1.trim_start().starts_with('Z'))
}

fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// A server process of its own that holds the cluster of `data_dir` until it is killed, with its database's process
/// and address.
fn server_to_kill(data_dir: &Path) -> (Child, u32, String) {
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["embedded::helper_holds_a_cluster", "--exact", "--ignored", "--nocapture"])
        .env(HELPER, data_dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = out.find_map(|l| Some(l.split_once("database=")?.1.to_owned()));
    let line = line.expect("the helper ended without a database");
    let (pid, url) = line.split_once(' ').unwrap();
    (server, pid.parse().unwrap(), url.to_owned())
}

#[tokio::test]
#[ignore = "not a test: the process that others kill"]
async fn helper_holds_a_cluster() {
    let Some(dir) = std::env::var_os(HELPER) else { return };
    let db = embedded::start(Path::new(&dir), None).await.unwrap();
    client(db.url())
        .await
        .batch_execute("CREATE TABLE kept AS SELECT 'before the kill'::text AS v")
        .await
        .unwrap();
    println!("database={} {}", db.pid(), db.url());
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn data_outlives_a_stop_and_nothing_is_open_to_others() {
    let dir = folder();
    let data = dir.path().join("data");
    let db = embedded::start(&data, None).await.unwrap();
    assert_eq!(text(&db, "SELECT current_database()::text").await, "iqra");
    for (setting, value) in [
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("data_checksums", "on"),
        ("synchronous_commit", "on"),
        ("fsync", "on"),
        ("max_connections", "60"),
        ("password_encryption", "scram-sha-256"),
        ("lc_collate", "C"),
    ] {
        let sql = format!("SELECT setting FROM pg_settings WHERE name = '{setting}'");
        if setting == "lc_collate" {
            assert_eq!(
                text(&db, "SELECT datcollate::text FROM pg_database WHERE datname = 'iqra'").await,
                value
            );
        } else {
            assert_eq!(text(&db, &sql).await, value, "{setting}");
        }
    }
    client(db.url())
        .await
        .batch_execute("CREATE TABLE kept AS SELECT 'still here'::text AS v")
        .await
        .unwrap();

    let password = fs::read_to_string(data.join("postgres.password")).unwrap();
    assert_eq!(fs::metadata(data.join("postgres.password")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(data.join("postgres.run")).unwrap().mode() & 0o777, 0o700);
    assert!(!format!("{db:?}").contains(password.trim()), "Debug shows the password");
    let wrong = db.url().replace(password.trim(), "wrong");
    assert!(tokio_postgres::connect(&wrong, NoTls).await.is_err(), "any password opens the database");
    assert_ne!(fs::metadata(data.join("postgres")).unwrap().uid(), 0, "the database runs as root");
    let group =
        rustix::process::getpgid(rustix::process::Pid::from_raw(db.pid().try_into().unwrap())).unwrap();
    assert_eq!(group.as_raw_nonzero().get().unsigned_abs(), db.pid(), "Ctrl-C would reach the database");

    let pid = db.pid();
    db.stop().await.unwrap();
    assert!(!running(pid));
    assert!(!data.join("postgres/postmaster.pid").exists(), "it was not stopped in order");

    let db = embedded::start(&data, None).await.unwrap();
    assert_eq!(text(&db, "SELECT v FROM kept").await, "still here");
    assert_eq!(fs::read_to_string(data.join("postgres.password")).unwrap(), password);
    db.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_server_is_refused_while_the_first_lives() {
    let dir = folder();
    let first = embedded::start(dir.path(), None).await.unwrap();
    let error = embedded::start(dir.path(), None).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::Locked { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(&format!("another server (process {}) already uses", std::process::id())),
        "{text}"
    );
    assert!(running(first.pid()), "the refused start took the database of the first down");
    first.stop().await.unwrap();
}

#[tokio::test]
async fn a_lock_that_outlives_its_process_is_waited_for() {
    let dir = folder();
    // A shell that is gone when its child, which has inherited the lock, is not.
    let left_behind = r#"exec 9<>"$0"; flock 9; echo $$ >&9; sleep 1 & exit 0"#;
    let shell = Command::new("sh").arg("-c").arg(left_behind).arg(dir.path().join("postgres.lock")).status();
    assert!(shell.unwrap().success());
    let holder = fs::read_to_string(dir.path().join("postgres.lock")).unwrap();
    assert!(!Path::new("/proc").join(holder.trim()).exists(), "the shell is still there");

    let db = embedded::start(dir.path(), None).await.unwrap();
    db.stop().await.unwrap();
}

#[tokio::test]
async fn a_killed_server_leaves_its_database_to_the_next() {
    let dir = folder();
    let (mut server, pid, _) = server_to_kill(dir.path());
    kill(server.id());
    server.wait().unwrap();
    assert!(running(pid), "the database died with the server");

    let db = embedded::start(dir.path(), None).await.unwrap();
    assert_eq!(db.pid(), pid, "a second database was started");
    assert_eq!(text(&db, "SELECT v FROM kept").await, "before the kill");
    db.stop().await.unwrap();
    assert!(!running(pid));
    let again = embedded::start(dir.path(), None).await.unwrap();
    assert_ne!(again.pid(), pid);
    again.stop().await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_on_its_way_down_is_waited_for() {
    let dir = folder();
    let first = embedded::start(dir.path(), None).await.unwrap();
    let pid = first.pid();
    // Dropped, not stopped: the database was asked to end and nobody waited.
    drop(first);
    let second = embedded::start(dir.path(), None).await.unwrap();
    assert_ne!(second.pid(), pid);
    assert!(!running(pid));
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_killed_database_recovers_even_if_its_number_was_given_away() {
    let dir = folder();
    let (mut server, pid, _) = server_to_kill(dir.path());
    kill(server.id());
    server.wait().unwrap();
    kill(pid);

    // As after a power cut: the pid file stays, and its number belongs to another process of the same user.
    let cluster = dir.path().join("postgres");
    let owner = fs::metadata(&cluster).unwrap();
    let mut sleeper = Command::new("sleep");
    sleeper.arg("120");
    if owner.uid() != rustix::process::geteuid().as_raw() {
        sleeper.uid(owner.uid()).gid(owner.gid());
    }
    let mut sleeper = sleeper.spawn().unwrap();
    let pid_file = cluster.join("postmaster.pid");
    let old = fs::read_to_string(&pid_file).unwrap();
    let (_, rest) = old.split_once('\n').unwrap();
    fs::write(&pid_file, format!("{}\n{rest}", sleeper.id())).unwrap();

    let db = embedded::start(dir.path(), None).await.unwrap();
    assert_ne!(db.pid(), pid);
    assert_eq!(text(&db, "SELECT v FROM kept").await, "before the kill");
    assert!(running(sleeper.id()), "a stranger was killed");
    db.stop().await.unwrap();
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
}

#[tokio::test]
async fn a_killed_database_recovers_while_its_workers_still_run() {
    let dir = folder();
    let (mut server, pid, url) = server_to_kill(dir.path());
    // A worker that computes does not notice that its postmaster is gone, and keeps the memory of the cluster.
    let busy = client(&url).await;
    let computing = tokio::spawn(async move {
        let loops = "DO $$ DECLARE t timestamptz := clock_timestamp(); BEGIN
            WHILE clock_timestamp() < t + interval '15 s' LOOP END LOOP; END $$";
        busy.batch_execute(loops).await
    });
    let watch = client(&url).await;
    let active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'";
    let computes = async { while watch.query_one(active, &[]).await.unwrap().get::<_, i64>(0) == 0 {} };
    tokio::time::timeout(Duration::from_secs(30), computes).await.unwrap();
    kill(pid);
    kill(server.id());
    server.wait().unwrap();

    let db = embedded::start(dir.path(), None).await.unwrap();
    assert_ne!(db.pid(), pid);
    assert_eq!(text(&db, "SELECT v FROM kept").await, "before the kill");
    let log = fs::read_to_string(dir.path().join("postgres.log")).unwrap();
    assert!(
        log.contains("shared memory block"),
        "the worker had ended too early for this test to mean anything"
    );
    db.stop().await.unwrap();
    computing.abort();
}

#[tokio::test]
async fn a_database_that_ends_by_itself_comes_back_while_the_server_lives() {
    let dir = folder();
    let data = dir.path().join("data");
    let db = embedded::start(&data, None).await.unwrap();
    client(db.url())
        .await
        .batch_execute("CREATE TABLE kept AS SELECT 'before the end'::text AS v")
        .await
        .unwrap();
    let back = async |before: u32| {
        for _ in 0..600 {
            if db.pid() != before && running(db.pid()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no database after 30 s");
    };
    let killed = db.pid();
    kill(killed);
    back(killed).await;
    assert_eq!(text(&db, "SELECT v FROM kept").await, "before the end", "the address is the same");
    // The second time by somebody who stops it in order.
    let stopped = db.pid();
    let pid = rustix::process::Pid::from_raw(stopped.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    back(stopped).await;
    assert_eq!(text(&db, "SELECT v FROM kept").await, "before the end");
    let last = db.pid();
    db.stop().await.unwrap();
    assert!(!running(last), "it goes when it is asked to");
}

#[tokio::test]
async fn a_running_database_that_cannot_be_reached_is_restarted() {
    let dir = folder();
    let (mut server, pid, _) = server_to_kill(dir.path());
    kill(server.id());
    server.wait().unwrap();
    fs::remove_file(dir.path().join("postgres.run/.s.PGSQL.5432")).unwrap();
    let db = embedded::start(dir.path(), None).await.unwrap();
    assert_ne!(db.pid(), pid);
    assert!(!running(pid));
    assert_eq!(text(&db, "SELECT v FROM kept").await, "before the kill");
    db.stop().await.unwrap();
}

#[tokio::test]
async fn spaces_and_very_long_paths_work() {
    let dir = folder();
    let spaced = dir.path().join("my data, \"quoted\" é");
    let long = dir.path().join("a".repeat(100)).join("b".repeat(100));
    for data in [spaced, long] {
        let db = embedded::start(&data, None).await.unwrap();
        assert_eq!(text(&db, "SELECT 'ok'::text").await, "ok");
        let socket = text(&db, "SELECT current_setting('unix_socket_directories')").await;
        db.stop().await.unwrap();
        let socket = PathBuf::from(socket.trim_matches('"').replace("\"\"", "\""));
        assert_eq!(socket.starts_with(&data), socket.exists(), "only a folder inside the data folder stays");
    }
}

#[tokio::test]
async fn a_set_up_that_was_cut_short_is_begun_again() {
    let dir = folder();
    let half = dir.path().join("postgres.new/cluster");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    let db = embedded::start(dir.path(), None).await.unwrap();
    assert_eq!(text(&db, "SELECT 'ok'::text").await, "ok");
    assert!(!dir.path().join("postgres.new").exists());
    db.stop().await.unwrap();
}

#[tokio::test]
async fn each_obstacle_has_its_own_sentence() {
    let dir = folder();
    let empty = dir.path().join("no binaries");
    fs::create_dir(&empty).unwrap();
    let error = embedded::start(&dir.path().join("a"), Some(&empty)).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NotInstalled { .. }), "{error}");
    assert!(error.to_string().contains("apt-get install postgresql"), "{error}");

    if rustix::process::geteuid().is_root() {
        let closed = dir.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        let error = embedded::start(&closed.join("data"), None).await.unwrap_err();
        assert!(
            matches!(&error, EmbeddedError::NotReachable { blocked, .. } if *blocked == closed),
            "{error}"
        );
    }

    let data = dir.path().join("b");
    embedded::start(&data, None).await.unwrap().stop().await.unwrap();
    let version = data.join("postgres/PG_VERSION");
    let real = fs::read_to_string(&version).unwrap();
    fs::write(&version, "12\n").unwrap();
    let error = embedded::start(&data, None).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::OtherVersion { cluster: 12, .. }), "{error}");
    fs::write(&version, &real).unwrap();

    // What PostgreSQL itself says reaches the operator.
    let config = data.join("postgres/postgresql.conf");
    let good = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{good}\nno_such_setting = 1\n")).unwrap();
    let error = embedded::start(&data, None).await.unwrap_err();
    assert!(
        error.to_string().contains("unrecognized configuration parameter \"no_such_setting\""),
        "{error}"
    );
    fs::write(&config, good).unwrap();

    let secret = fs::read_to_string(data.join("postgres.password")).unwrap();
    fs::write(data.join("postgres.password"), "another\n").unwrap();
    let error = embedded::start(&data, None).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::PasswordRefused), "{error}");
    fs::remove_file(data.join("postgres.password")).unwrap();
    let error = embedded::start(&data, None).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::PasswordMissing { .. }), "{error}");
    fs::write(data.join("postgres.password"), secret).unwrap();
    let db =
        tokio::time::timeout(Duration::from_secs(60), embedded::start(&data, None)).await.unwrap().unwrap();
    db.stop().await.unwrap();
}
