//! The vault: the master key changed while servers run, changed by a run that is cut short, missing, wrong.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use backend::auth::place;
use backend::auth::seal::{KeyId, MasterKeys, SealError, Sealer};
use backend::boot::{self, Running};
use backend::config::{Hidden, MasterKeySource, Settings};
use backend::db::{Db, SealedColumn, pool};
use backend::services::vault::rotate::{self, RotateError, Step};
use backend::services::vault::{self, Locked};
use common::node::NodeKind;
use common::time::Timestamp;
use reqwest::Method;
use serde_json::json;

use crate::intents::maintenance;
use crate::support::app::{ADMIN, PASSWORD, PATIENT, TestApp, TestNode};
use crate::support::client::{Auth, Client, Reply};
use crate::support::{logs, unique, wait_for};

const KEY: &str = "a-storage-key-that-stays-what-it-is";
const NOW: Timestamp = Timestamp(1_795_400_000_000);
const BOOTSTRAP: &str = "/api/v1/node/bootstrap";

pub(crate) fn hex_key(byte: u8) -> String {
    format!("{byte:02x}").repeat(32)
}

fn key_file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("master.key");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

async fn with_file(path: &Path) -> TestApp {
    let path = path.to_path_buf();
    TestApp::with(PATIENT, |s| s.master_key = MasterKeySource::File(path)).await
}

async fn put_storage(admin: &Client, region: &str, version: u32, key: Option<&str>) -> Reply {
    let mut body =
        json!({"endpoint": "http://127.0.0.1:9", "accessKey": "iqra", "ssl": false, "bucket": "audio"});
    if let Some(key) = key {
        body["secretKey"] = json!(key);
    }
    let request = admin.request(Method::PUT, &format!("/api/v1/regions/{region}/storage"));
    admin.send(request.header("if-match", format!("\"{version}\"")).json(&body)).await
}

async fn storage_key(app: &TestApp, node: &TestNode) -> Reply {
    let reply = app.anonymous().with(Auth::Secret(node.secret.clone())).get(BOOTSTRAP).await;
    app.anonymous().transcript().forget_last();
    reply
}

async fn has_storage_key(app: &TestApp, node: &TestNode) {
    assert_eq!(storage_key(app, node).await.expect(200).value()["storage"][0]["secretKey"], KEY);
}

/// A region with storage, and a node.
async fn furnished(app: &TestApp, admin: &Client) -> (String, TestNode) {
    let region = app.region(admin, "mct").await;
    put_storage(admin, &region, 0, Some(KEY)).await.expect(200);
    let node = app.node(admin, &region, NodeKind::Backend).await;
    (region, node)
}

async fn connection(app: &TestApp) -> Db {
    Db::new(pool::connect(app.db.url(), 2).await.unwrap())
}

/// Every sealed value is under one data key, which is under one master key: this one.
pub(crate) async fn only_under(app: &TestApp, master: KeyId) {
    let db = connection(app).await;
    let keys = db.data_keys().await.unwrap();
    assert!(keys.iter().all(|k| matches!(k.wraps.as_slice(), [(m, _)] if *m == master.0)), "{keys:?}");
    let current = app.db.text("SELECT encode(id, 'hex') FROM data_keys WHERE state = 'current'").await;
    let counts = db.sealed_counts().await.unwrap();
    assert_eq!(counts.keys().collect::<Vec<_>>(), [&current], "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_key_changes_while_everything_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = key_file(folder.path(), &hex_key(0x11));
    let mut app = with_file(&path).await;
    let admin = app.admin().await;
    let (region, node) = furnished(&app, &admin).await;
    // A second server of the same database.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let other =
        Running::start(app.settings().clone(), app.db.url(), listener, Some(1), |_| {}).await.unwrap();

    let (stop, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let work = tokio::spawn({
        let (stop, rounds) = (Arc::clone(&stop), Arc::clone(&rounds));
        let (admin, region, mut node) = (admin.clone(), region.clone(), node.clone());
        let quiet = app.anonymous();
        async move {
            while !stop.load(Ordering::Relaxed) {
                for client in [admin.clone(), admin.at(&base)] {
                    let port = 10_000 + rounds.fetch_add(1, Ordering::Relaxed);
                    let body =
                        json!({"regionId": region, "kind": "proxy", "endpoint": format!("10.0.0.2:{port}")});
                    client.post("/api/v1/nodes", &body).await.expect(201);
                    client.with(Auth::None).login(ADMIN, PASSWORD).await.expect(200);
                    let secret = client.with(Auth::Secret(node.secret.clone()));
                    let given = secret.get(BOOTSTRAP).await.expect(200).value();
                    assert_eq!(given["storage"][0]["secretKey"], KEY);
                    quiet.transcript().forget_last();
                    let beat = node.body(&json!({}));
                    secret.post(common::paths::HEARTBEAT, &beat).await.expect(200);
                }
            }
        }
    });
    let settings = app.settings().clone();
    boot::rotate_keys(&settings, |_| {}).await.unwrap();
    let (so_far, worked) = (rounds.load(Ordering::Relaxed), Arc::clone(&rounds));
    wait_for("work after the rotation", async || {
        (worked.load(Ordering::Relaxed) > so_far + 2 || work.is_finished()).then_some(())
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    work.await.unwrap();

    let text = std::fs::read_to_string(&path).unwrap();
    let keys: Vec<&str> = text.lines().collect();
    assert_eq!((keys.len(), keys[1]), (2, hex_key(0x11).as_str()), "the new one stands before the old one");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let (new, old) = (MasterKeys::from_text(keys[0]).unwrap(), MasterKeys::from_text(keys[1]).unwrap());
    only_under(&app, new.ids().next().unwrap()).await;
    for key in connection(&app).await.data_keys().await.unwrap() {
        for (_, sealed) in &key.wraps {
            assert_eq!(old.unwrap_key(KeyId(key.id), sealed).unwrap_err(), SealError::OtherKey);
            new.unwrap_key(KeyId(key.id), sealed).unwrap();
        }
    }
    let noted = "SELECT count(*) FROM activity WHERE action = 'keys.rotate'";
    assert_eq!(app.db.text(noted).await, "1");

    // What memory kept from before the rotation does not come back with the next change.
    put_storage(&admin, &region, 1, None).await.expect(200);
    only_under(&app, new.ids().next().unwrap()).await;
    other.stop().await;

    // The new key alone is enough from here on, and the old one alone is not.
    app.pause().await;
    key_file(folder.path(), keys[0]);
    app.resume().await;
    has_storage_key(&app, &node).await;
    app.pause().await;
    key_file(folder.path(), keys[1]);
    app.resume().await;
    storage_key(&app, &node).await.problem(503, "vault_locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_cut_short_anywhere_goes_on() {
    let mut app =
        TestApp::with(PATIENT, |s| s.master_key = MasterKeySource::Value(Hidden::new(hex_key(1)))).await;
    let admin = app.admin().await;
    let (_, node) = furnished(&app, &admin).await;
    app.pause().await;
    let cuts = [
        Step::Wrapped,
        Step::MasterKnown,
        Step::Prepared,
        Step::KeyKnown,
        Step::Activated,
        Step::InUse,
        Step::Resealed(0),
        Step::Done,
    ];
    for (n, cut) in (1_u8..).zip(cuts) {
        let both = format!("{},{}", hex_key(n + 1), hex_key(n));
        let masters = MasterKeys::from_text(&both).unwrap();
        let now = NOW;
        let mut until = |step: Step| std::mem::discriminant(&step) != std::mem::discriminant(&cut);
        let db = connection(&app).await;
        let cut_short = rotate::run(&db, &masters, now, Duration::ZERO, &mut until).await;
        assert!(matches!(cut_short, Err(RotateError::Stopped)), "{cut:?}: {cut_short:?}");
        drop(db);
        // Whoever starts now with both keys has everything; before the end also with the old one alone, as long as the
        // new data key is not in use.
        let db = connection(&app).await;
        let mut settings = app.settings().clone();
        let in_use = matches!(cut, Step::Activated | Step::InUse | Step::Resealed(_) | Step::Done);
        for (keys, opens) in [(both.clone(), true), (hex_key(n + 1), true), (hex_key(n), !in_use)] {
            settings.master_key = MasterKeySource::Value(Hidden::new(keys));
            let sealer = Sealer::locked().unwrap();
            let locked = vault::open(&db, &settings, &sealer).await.unwrap();
            assert_eq!(locked.is_none(), opens, "{cut:?}: {locked:?}");
        }
        // Another run goes on and ends; the lock of the one before goes with its connections.
        let done = wait_for("the end of the rotation", async || {
            match rotate::run(&db, &masters, now, Duration::ZERO, &mut |_| true).await {
                Ok(done) => Some(done),
                Err(RotateError::Busy) => None,
                Err(e) => panic!("{cut:?}: {e}"),
            }
        })
        .await;
        assert!(done.unreadable.is_empty(), "{done:?}");
        assert!(rotate::is_finished(&db, &masters).await.unwrap());
        only_under(&app, masters.ids().next().unwrap()).await;
    }
    app.settings().master_key = MasterKeySource::Value(Hidden::new(hex_key(9)));
    app.resume().await;
    has_storage_key(&app, &node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_waits_for_servers_that_do_not_know_the_new_key() {
    let app =
        TestApp::with(PATIENT, |s| s.master_key = MasterKeySource::Value(Hidden::new(hex_key(1)))).await;
    let admin = app.admin().await;
    let (_, node) = furnished(&app, &admin).await;
    wait_for("the server's word", async || {
        (app.db.text("SELECT count(*) FROM vault_servers").await == "1").then_some(())
    })
    .await;
    let masters = MasterKeys::from_text(&format!("{},{}", hex_key(2), hex_key(1))).unwrap();
    let db = connection(&app).await;
    let done = rotate::run(&db, &masters, NOW, Duration::ZERO, &mut |_| true).await;
    let Err(RotateError::Waiting { servers, .. }) = done else { panic!("{done:?}") };
    assert!(servers[0].contains("127.0.0.1"), "{servers:?}");
    has_storage_key(&app, &node).await;
    // Its connection has the right to rotate for as long as it lives.
    let second = rotate::run(&connection(&app).await, &masters, NOW, Duration::ZERO, &mut |_| true).await;
    assert!(matches!(second, Err(RotateError::Busy)), "{second:?}");
    drop(db);
    let (db, wrong) = (connection(&app).await, MasterKeys::from_text(&hex_key(3)).unwrap());
    let refused = wait_for("a free lock", async || {
        match rotate::run(&db, &wrong, NOW, Duration::ZERO, &mut |_| true).await {
            Err(RotateError::Busy) => None,
            other => Some(other),
        }
    })
    .await;
    assert!(matches!(refused, Err(RotateError::WrongKey { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_wrong_key_everything_but_secrets_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = key_file(folder.path(), &hex_key(0x11));
    let mut app = with_file(&path).await;
    let admin = app.admin().await;
    let (region, mut node) = furnished(&app, &admin).await;
    app.pause().await;
    key_file(folder.path(), &hex_key(0x22));
    app.resume().await;
    node.moved(&app);

    let ready = app.anonymous().get("/readyz").await.expect(200).value();
    assert_eq!(ready, json!({"status": "ok", "vaultLocked": "wrong"}));
    assert!(logs::text().contains("THE VAULT IS LOCKED"), "nobody is told");
    let admin = app.admin().await;
    assert_eq!(admin.get(common::paths::META).await.expect(200).value()["vaultLocked"], "wrong");
    wait_for("the problem", async || {
        let all = admin.get(common::paths::PROBLEMS).await.expect(200).value();
        all["items"].as_array().unwrap().iter().any(|p| p["code"] == "vault_locked").then_some(())
    })
    .await;
    admin.get(&format!("/api/v1/regions/{region}/storage")).await.expect(200);
    node.beat(&json!({"sessions": {"phone": 0, "web": 0, "max": 25}})).await;
    crate::intents::set(&admin, &node, &maintenance()).await;
    let again = admin
        .request(Method::POST, &format!("{}/intent/preview", node.path()))
        .header("idempotency-key", unique("k"))
        .json(&maintenance());
    admin.send(again).await.expect(200);

    let body = json!({"regionId": region, "kind": "proxy", "endpoint": "10.9.9.9:5060"});
    let problem = admin.post("/api/v1/nodes", &body).await.problem(503, "vault_locked");
    assert!(problem.detail.contains("master key") && !problem.detail.contains("master.key"), "{problem:?}");
    put_storage(&admin, &region, 1, Some("another-key-of-theirs")).await.problem(503, "vault_locked");
    storage_key(&app, &node).await.problem(503, "vault_locked");
    admin.post("/api/v1/auth/refresh", &json!({})).await.problem(503, "vault_locked");

    // The right key is there again: no restart is needed.
    key_file(folder.path(), &format!("# found in the safe\n{}\n", hex_key(0x11)));
    wait_for("an open vault", async || {
        let ready = app.anonymous().get("/readyz").await.expect(200).value();
        ready.get("vaultLocked").is_none().then_some(())
    })
    .await;
    has_storage_key(&app, &node).await;
    admin.post("/api/v1/nodes", &body).await.expect(201);
    wait_for("an access token", async || {
        (admin.post("/api/v1/auth/refresh", &json!({})).await.status == 200).then_some(())
    })
    .await;
}

async fn opened(app: &TestApp, settings: &Settings) -> Result<Option<Locked>, vault::VaultError> {
    vault::open(&connection(app).await, settings, &Sealer::locked().unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_needs_a_key_and_a_later_one_does_without() {
    let folder = tempfile::tempdir().unwrap();
    let path = key_file(folder.path(), &hex_key(0x11));
    let mut app = with_file(&path).await;
    app.pause().await;
    let mut settings = app.settings().clone();
    let none = MasterKeySource::File(folder.path().join("not.there"));
    let garbage = MasterKeySource::Value(Hidden::new("canary"));
    let folder_key = |s: &mut Settings| {
        s.data_dir = folder.path().join("data");
        s.master_key = MasterKeySource::DataDir;
    };
    std::fs::create_dir(folder.path().join("data")).unwrap();

    settings.master_key = none.clone();
    assert!(matches!(opened(&app, &settings).await, Ok(Some(Locked::Missing(_)))));
    settings.master_key = garbage.clone();
    assert!(matches!(opened(&app, &settings).await, Ok(Some(Locked::NotAKey(_)))));
    folder_key(&mut settings);
    assert!(matches!(opened(&app, &settings).await, Ok(Some(Locked::Missing(_)))));
    assert!(!folder.path().join("data/master.key").exists(), "another key would be of no use");

    app.db.execute("DELETE FROM jwt_keys; DELETE FROM data_keys").await;
    settings.master_key = none;
    let refused = opened(&app, &settings).await.unwrap_err().to_string();
    assert!(refused.contains("not.there"), "{refused}");
    settings.master_key = garbage;
    assert!(!opened(&app, &settings).await.unwrap_err().to_string().contains("canary"));
    folder_key(&mut settings);
    assert_eq!(opened(&app, &settings).await.unwrap(), None);
    let made = std::fs::metadata(folder.path().join("data/master.key")).unwrap();
    assert_eq!(made.permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_others_can_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = key_file(folder.path(), &hex_key(0x11));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let _app = with_file(&path).await;
    let told = format!("path={}", path.display());
    wait_for("a warning", async || {
        logs::text()
            .lines()
            .any(|l| l.contains("others can read the master key") && l.contains(&told))
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sealed_under_the_master_key_itself_still_opens() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    let (region, node) = furnished(&app, &admin).await;
    app.pause().await;
    // As a version without data keys left it.
    let (db, settings) = (connection(&app).await, app.settings().clone());
    let masters = vault::masters(&settings).unwrap();
    let (before, old) = (Sealer::locked().unwrap(), Sealer::locked().unwrap());
    vault::open(&db, &settings, &before).await.unwrap();
    old.learn(masters.keys(), masters.ids().next());
    for column in SealedColumn::ALL {
        for row in db.sealed_under_others(column, [0; 4], "", 500).await.unwrap() {
            let (was, is) = match column {
                SealedColumn::NodeSecrets => {
                    let place = place::node_secret(row.id.parse().unwrap());
                    (place.clone(), place)
                }
                SealedColumn::SigningKeys => (place::signing_key(&row.id), place::signing_key(&row.id)),
                SealedColumn::WebhookSecrets | SealedColumn::FormerWebhookSecrets => {
                    let place = place::webhook_secret(row.id.parse().unwrap(), row.more.parse().unwrap());
                    (place.clone(), place)
                }
                SealedColumn::StorageKeys => {
                    let id = row.more.parse().unwrap();
                    (place::storage_key(&region.as_str().into(), id), place::storage_key_before(id))
                }
                SealedColumn::Replies | SealedColumn::RepliesLater => continue,
            };
            let plain = before.open(&was, &row.sealed).unwrap();
            assert!(db.sealed_replace(column, &row, &old.seal(&is, &plain).unwrap()).await.unwrap());
        }
    }
    app.db.execute("DELETE FROM data_keys").await;

    app.resume().await;
    has_storage_key(&app, &node).await;
    app.admin().await.with_token().await.get(common::paths::META).await.expect(200);
    app.pause().await;
    let next = format!("{},{}", hex_key(0x77), "5a".repeat(32));
    app.settings().master_key = MasterKeySource::Value(Hidden::new(next.clone()));
    boot::rotate_keys(app.settings(), |_| {}).await.unwrap();
    only_under(&app, MasterKeys::from_text(&next).unwrap().ids().next().unwrap()).await;
    app.settings().master_key = MasterKeySource::Value(Hidden::new(hex_key(0x77)));
    app.resume().await;
    has_storage_key(&app, &node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_does_not_open_in_another_row() {
    let mut app = TestApp::start().await;
    let admin = app.admin().await;
    furnished(&app, &admin).await;
    let elsewhere = app.region(&admin, "slm").await;
    put_storage(&admin, &elsewhere, 0, Some("the-key-of-another-region")).await.expect(200);
    let node = app.node(&admin, &elsewhere, NodeKind::Backend).await;
    app.pause().await;
    let copy = "UPDATE region_storage t SET secret_sealed = s.secret_sealed, secret_id = s.secret_id \
        FROM region_storage s WHERE t.region_id = 'OM-SLM' AND s.region_id = 'OM-MCT'";
    app.db.execute(copy).await;
    app.resume().await;
    let reply = storage_key(&app, &node).await;
    reply.problem(500, "internal");
    assert!(!reply.text.contains(KEY));
}
