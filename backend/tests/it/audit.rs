//! The activity log as a chain: linked by every commit of every server, checked, aged, and not to be changed by the
//! server's own role.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use backend::boot::Running;
use backend::config::{Hidden, MasterKeySource};
use backend::db::embedded;
use backend::db::{Db, migrations, pool};
use backend::domain::activity_chain::{Broken, Place};
use backend::services::activity::chain::{Verified, verify};
use common::activity::{ActivityChain, BreakKind};
use common::auth::Role;
use common::paths::ACTIVITY_VERIFY;
use common::time::Timestamp;
use serde_json::json;
use tokio_postgres::NoTls;

use crate::embedded::folder;
use crate::support::app::TestApp;
use crate::support::client::Client;

const CHAIN: &str = "/api/v1/activity/chain";

async fn connection(url: &str) -> Db {
    Db::new(pool::connect(url, 2).await.unwrap())
}

async fn verified(app: &TestApp, noted: Option<Place>) -> Verified {
    verify(&connection(app.db.url()).await, noted).await.unwrap()
}

/// Runs statements as somebody who owns the tables and means no good.
async fn tamper(app: &TestApp, sql: &str) {
    app.db.execute(&format!("SET session_replication_role = replica; {sql}")).await;
}

fn unhex(text: &str) -> [u8; 32] {
    let byte = |i: usize| u8::from_str_radix(&text[i * 2..i * 2 + 2], 16).unwrap();
    std::array::from_fn(byte)
}

async fn ends(client: &Client) -> ActivityChain {
    client.get(CHAIN).await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_at_once_do_not_fork_the_chain() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let other =
        Running::start(app.settings().clone(), app.db.url(), listener, Some(1), |_| {}).await.unwrap();
    let writers = (0..8).map(|n| {
        let client = if n % 2 == 0 { admin.clone() } else { admin.at(&base) };
        tokio::spawn(async move {
            for i in 0..12 {
                let body = json!({"countryCode": "OM", "name": format!("r{n}x{i}")});
                client.post("/api/v1/regions", &body).await.expect(201);
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    other.stop().await;
    let found = verified(&app, None).await;
    assert_eq!(found.broken, None);
    let is = ends(&admin).await;
    assert!(found.entries >= 96 && is.entries >= 96, "{found:?}");
    assert_eq!((is.first_seq, is.last_seq), (Some(1), Some(found.at.seq)));
    assert_eq!(unhex(is.head.as_deref().unwrap()), found.at.hash);
    assert!(is.head_at.is_some() && is.checkpoint.is_none());
    assert_eq!(i64::try_from(is.entries).unwrap(), found.at.seq, "no number is left out");
    let viewer = app.signed_in_as(Role::Viewer).await;
    assert!(ends(&viewer).await.last_seq > Some(0));
    app.anonymous().get(CHAIN).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_does_not_happen_leaves_nothing_in_the_chain() {
    let app = TestApp::start().await;
    let before = app.db.text("SELECT count(*) FROM activity_chain").await;
    let row = "INSERT INTO activity (id, at, actor, action, outcome, target_kind, target_id) \
        VALUES (gen_random_uuid(), now(), 'a', 'b', 'allowed', 'c', 'd')";
    app.db.execute(&format!("BEGIN; {row}; ROLLBACK")).await;
    assert_eq!(app.db.text("SELECT count(*) FROM activity_chain").await, before);
    app.db.execute(&format!("BEGIN; {row}; {row}; COMMIT")).await;
    let found = verified(&app, None).await;
    assert_eq!((found.broken, found.entries), (None, before.parse::<u64>().unwrap() + 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_touched_is_found() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for name in ["a1", "b2", "c3", "d4"] {
        app.region(&admin, name).await;
    }
    for forbidden in ["UPDATE activity SET actor = 'x'", "DELETE FROM activity", "TRUNCATE activity_chain"] {
        let refused = app.db.client().await.batch_execute(forbidden).await.unwrap_err();
        let said = refused.as_db_error().unwrap().message().to_owned();
        assert_eq!(said, "the activity log is append-only", "{forbidden}");
    }
    let found = verified(&app, None).await;
    assert_eq!(found.broken, None);
    let noted = Place { seq: found.at.seq - 1, hash: unhex(&hash_of(&app, found.at.seq - 1).await) };
    assert_eq!(verified(&app, Some(noted)).await.broken, None);
    let other = Place { hash: [7; 32], ..noted };
    assert_eq!(verified(&app, Some(other)).await.broken, Some(Broken::NotNoted { seq: noted.seq }));

    let seq = found.at.seq - 1;
    let id = app.db.text(&format!("SELECT activity_id FROM activity_chain WHERE seq = {seq}")).await;
    let it = id.parse().unwrap();
    // Each is put right again afterwards, so that the next one is found for its own sake.
    app.db.execute("CREATE TABLE kept AS SELECT * FROM activity; CREATE TABLE kept_chain AS SELECT * FROM activity_chain").await;
    let whole = "TRUNCATE activity, activity_chain; INSERT INTO activity SELECT * FROM kept; \
        INSERT INTO activity_chain SELECT * FROM kept_chain";
    for (touch, is) in [
        (format!("UPDATE activity SET reason = 'x' WHERE id = '{id}'"), Broken::Changed { seq, id: it }),
        (
            format!("UPDATE activity SET at = at + interval '1 us' WHERE id = '{id}'"),
            Broken::Changed { seq, id: it },
        ),
        (
            format!("UPDATE activity SET after = '{{\"countryCode\": \"US\"}}' WHERE id = '{id}'"),
            Broken::Changed { seq, id: it },
        ),
        (
            format!("UPDATE activity_chain SET hash = sha256('x') WHERE seq = {seq}"),
            Broken::Changed { seq, id: it },
        ),
        (format!("DELETE FROM activity WHERE id = '{id}'"), Broken::Removed { seq, id: it }),
        (
            format!("DELETE FROM activity WHERE id = '{id}'; DELETE FROM activity_chain WHERE seq = {seq}"),
            Broken::Gap { expected: seq, found: seq + 1 },
        ),
        (format!("DELETE FROM activity_chain WHERE seq > {seq}"), Broken::Unlinked { id: last(&app).await }),
    ] {
        tamper(&app, &touch).await;
        assert_eq!(verified(&app, None).await.broken, Some(is), "{touch}");
        tamper(&app, whole).await;
        assert_eq!(verified(&app, None).await.broken, None, "put right after {touch}");
    }
    // The end taken off leaves a chain that holds; only who has noted the head sees it.
    let head = Place { seq: found.at.seq, hash: found.at.hash };
    let gone = format!(
        "DELETE FROM activity WHERE id = '{}'; DELETE FROM activity_chain WHERE seq = {}",
        last(&app).await,
        head.seq
    );
    tamper(&app, &gone).await;
    assert_eq!(verified(&app, None).await.broken, None);
    assert_eq!(verified(&app, Some(head)).await.broken, Some(Broken::NotNoted { seq: head.seq }));
}

async fn hash_of(app: &TestApp, seq: i64) -> String {
    app.db.text(&format!("SELECT encode(hash, 'hex') FROM activity_chain WHERE seq = {seq}")).await
}

async fn last(app: &TestApp) -> uuid::Uuid {
    let sql = "SELECT activity_id FROM activity_chain ORDER BY seq DESC LIMIT 1";
    app.db.text(sql).await.parse().unwrap()
}

/// Begins a check over the API and waits for what it finds.
async fn checked(admin: &Client) -> ActivityChain {
    // Before it begins: it may be over by the time of the reply.
    let before = ends(admin).await.verified.map(|v| v.at);
    admin.post(ACTIVITY_VERIFY, &json!({})).await.expect(202);
    crate::support::wait_for("a check", async || {
        let now = ends(admin).await;
        (now.verifying.is_none() && now.verified.as_ref().map(|v| v.at) != before).then_some(now)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_over_the_api_says_what_it_found_and_where() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let before = ends(&admin).await;
    assert_eq!((before.verified, before.verifying), (None, None));
    assert!(before.changeable, "the tables belong to the role of these tests");
    let viewer = app.signed_in_as(Role::Viewer).await;
    viewer.post(ACTIVITY_VERIFY, &json!({})).await.problem(403, "role_too_low");

    let good = checked(&admin).await;
    let found = good.verified.clone().unwrap();
    assert_eq!(found.broken, None);
    assert!(found.entries > before.entries, "{found:?}");
    assert_eq!(ends(&viewer).await.verified.as_ref(), Some(&found), "everybody sees it");

    let sql = "SELECT a.id || ' ' || c.seq FROM activity a JOIN activity_chain c ON c.activity_id = a.id \
        WHERE a.action = 'region.create'";
    let line = app.db.text(sql).await;
    let (id, seq) = line.split_once(' ').unwrap();
    tamper(&app, &format!("UPDATE activity SET actor = 'nobody' WHERE id = '{id}'")).await;
    app.advance(60_000);
    let bad = checked(&admin).await.verified.unwrap();
    let broken = bad.broken.unwrap();
    assert_eq!((broken.kind, broken.seq), (BreakKind::Changed, Some(seq.parse().unwrap())));
    assert_eq!(broken.entry.as_deref(), Some(id));
    assert!(bad.at > found.at);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ages_away_leaves_a_place_to_go_on_from() {
    let mut app = TestApp::start().await;
    app.pause().await;
    let old = "INSERT INTO activity (id, at, actor, action, outcome, target_kind, target_id) \
        SELECT ('0198f6a2-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now() - interval '2 years', 'a', 'b', \
        'allowed', 'c', n::text FROM generate_series(1, 1500) n";
    // In front of what there is, as if it had been noted first.
    tamper(&app, "TRUNCATE activity, activity_chain").await;
    app.db.execute(old).await;
    app.resume().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let db = connection(app.db.url()).await;
    let before = ends(&admin).await;
    let year_ago = Timestamp(app.state().clock.wall().millis() - 400 * 86_400_000);
    let mut removed = 0;
    for _ in 0..5 {
        removed += db.activity_delete_before(year_ago).await.unwrap();
    }
    // The server's own retention may have been quicker with some of them.
    assert!(removed <= 1500);
    let after = ends(&admin).await;
    let checkpoint = after.checkpoint.clone().expect("a place to go on from");
    assert_eq!((checkpoint.seq, after.first_seq), (1500, Some(1501)));
    assert_eq!(after.head, before.head);
    let found = verified(&app, None).await;
    assert_eq!((found.broken, found.entries), (None, after.entries));
    let kept = Place { seq: 1500, hash: unhex(&checkpoint.hash) };
    assert_eq!(verified(&app, Some(kept)).await.broken, None);
    // Whoever may age the log may not empty it.
    let tomorrow = Timestamp(app.state().clock.wall().millis() + 86_400_000);
    assert_eq!(db.activity_delete_before(tomorrow).await.unwrap(), 0);
    assert_eq!(ends(&admin).await.entries, after.entries);
    app.region(&admin, "slm").await;
    assert_eq!(verified(&app, None).await.broken, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_from_before_the_chain_are_linked_by_the_migration() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let down = include_str!("../../../migrations/2026-11-23-000015_audit_chain/down.sql");
    let up = include_str!("../../../migrations/2026-11-23-000015_audit_chain/up.sql");
    app.db.execute(down).await;
    app.db.execute(up).await;
    let entries: u64 = app.db.text("SELECT count(*) FROM activity").await.parse().unwrap();
    app.region(&admin, "slm").await;
    let found = verified(&app, None).await;
    assert_eq!(found.broken, None);
    assert!(found.entries > entries, "{found:?}");
}

fn audit(url: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iqra-infra"));
    command.args(["audit", "verify"]).args(more).env_clear().env("DATABASE_URL", url);
    command.env("IQRA_MASTER_KEY", "5a".repeat(32)).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_where_and_fails() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.region(&admin, "mct").await;
    let good = audit(app.db.url(), &[]);
    let said = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(good.status.success() && said.contains("entries hold"), "{good:?}");
    let newest = said.split("The newest: ").nth(1).unwrap().trim();
    assert!(audit(app.db.url(), &["--noted", newest]).status.success());
    assert_eq!(audit(app.db.url(), &["--noted", "1:00"]).status.code(), Some(2));
    tamper(&app, "UPDATE activity SET actor = 'nobody' WHERE action = 'region.create'").await;
    let bad = audit(app.db.url(), &[]);
    let said = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(bad.status.code() == Some(1) && said.contains("was changed"), "{bad:?}");
}

async fn refused(url: &str, sql: &str) -> bool {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let outcome = client.batch_execute(sql).await;
    outcome.is_err_and(|e| e.as_db_error().is_some_and(|d| d.message().starts_with("permission denied")))
}

async fn server(url: &str, folder: &Path) -> (Running, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let settings = backend::config::Settings {
        data_dir: folder.to_path_buf(),
        database_url: None,
        master_key: MasterKeySource::DataDir,
        admin_password: Some(Hidden::new(crate::support::app::PASSWORD)),
        ..TestApp::plain_settings()
    };
    let running = Running::start(settings, url, listener, Some(1), |_| {}).await.unwrap();
    (running, base)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_our_own_database_the_server_cannot_change_what_was_noted() {
    let folder = folder();
    let own = embedded::start(folder.path(), None).await.unwrap();
    // As a version that knew one role left it: everything belongs to the owner, pieces of tables too.
    let (running, base) = server(own.url(), folder.path()).await;
    let client = Client::new(&base, crate::support::client::Auth::None, Default::default());
    let admin = client.signed_in(crate::support::app::ADMIN, crate::support::app::PASSWORD).await;
    admin.post("/api/v1/regions", &json!({"countryCode": "OM", "name": "mct"})).await.expect(201);
    running.stop().await;

    migrations::run(own.url()).await.unwrap();
    let url = own.restricted().await.unwrap();
    for sql in [
        "UPDATE activity SET actor = 'x'",
        "DELETE FROM activity",
        "TRUNCATE activity",
        "DROP TABLE activity",
        "ALTER TABLE activity DISABLE TRIGGER ALL",
        "INSERT INTO activity_chain VALUES (99, gen_random_uuid(), sha256('x'))",
        "DELETE FROM activity_chain",
        "UPDATE activity_checkpoint SET seq = 9",
        "DELETE FROM __diesel_schema_migrations",
        "CREATE ROLE another",
        "SELECT pg_read_file('PG_VERSION')",
    ] {
        assert!(refused(&url, sql).await || owner_only(&url, sql).await, "{sql}");
    }
    // And everything it needs it may.
    let (running, base) = server(&url, folder.path()).await;
    let admin = admin.at(&base);
    admin.post("/api/v1/regions", &json!({"countryCode": "OM", "name": "slm"})).await.expect(201);
    let db = connection(&url).await;
    let later = Timestamp(running.app.clock.wall().millis() + 800 * 86_400_000);
    let done = db.partitions_maintain(later).await.unwrap();
    assert!(!done.made.is_empty() && !done.dropped.is_empty(), "{done:?}");
    assert_eq!(db.activity_delete_before(later).await.unwrap(), 0);
    // A command beside the running server finds its database.
    let beside = embedded::join(folder.path()).await.unwrap().expect("a running server");
    let found = verify(&connection(&beside).await, None).await.unwrap();
    assert_eq!(found.broken, None);
    assert!(found.entries >= 3, "{found:?}");
    assert!(!db.chain_changeable().await.unwrap(), "and says so");
    running.stop().await;
    own.stop().await.unwrap();
    assert!(embedded::join(folder.path()).await.unwrap().is_none());
}

/// Only the owner may do it, in PostgreSQL's other words for that.
async fn owner_only(url: &str, sql: &str) -> bool {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let outcome = client.batch_execute(sql).await;
    outcome.is_err_and(|e| e.as_db_error().is_some_and(|d| d.message().starts_with("must be owner")))
}
