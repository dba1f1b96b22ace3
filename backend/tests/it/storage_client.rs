//! The storage test against a real S3 server over HTTP: every way it can fail that an operator can cure.

use std::sync::Arc;
use std::time::Duration;

use backend::clients::connector::{Connector, OutboundPolicy};
use backend::clients::s3::{self, MissingBucket, S3Target};
use backend::clock::SystemClock;
use backend::config::Hidden;
use common::storage::{
    PathStyle, PutStorage, StorageStep, StorageStepKind, StorageStepState, StorageTestReply, StoredSecret,
};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::s3d::{BUCKET, FULL, READ_ONLY, S3d};

fn connector(roots: RootCertStore) -> Connector {
    let clock = Arc::new(SystemClock::new());
    Connector::with_roots(OutboundPolicy::with_loopback(), clock, roots).unwrap()
}

fn plain() -> Connector {
    connector(RootCertStore::empty())
}

fn target(url: &str, (access, secret): (&str, &str)) -> S3Target {
    let put = PutStorage {
        endpoint: url.to_owned(),
        access_key: access.to_owned(),
        secret_key: Some(secret.to_owned()),
        ssl: url.starts_with("https"),
        bucket: Some(BUCKET.to_owned()),
        signing_region: None,
        path_style: PathStyle::Auto,
        prefix: Some("calls".to_owned()),
    };
    S3Target { values: put.validate(StoredSecret::Missing).unwrap(), secret_key: Hidden::new(secret) }
}

async fn test(connector: &Connector, target: &S3Target) -> StorageTestReply {
    test_or_create(connector, target, MissingBucket::Fails).await
}

/// Runs the test and checks what holds for every one: all steps, in order, each seen once as it ended; after a failure
/// none was run; no secret anywhere.
async fn test_or_create(
    connector: &Connector,
    target: &S3Target,
    missing: MissingBucket,
) -> StorageTestReply {
    let mut seen: Vec<StorageStep> = Vec::new();
    let reply = s3::test(connector, target, missing, &mut |step| seen.push(step.clone())).await;
    let kinds: Vec<StorageStepKind> = reply.steps.iter().map(|s| s.step).collect();
    assert_eq!(kinds, StorageStepKind::ALL);
    assert_eq!(seen, reply.steps);
    let failed = reply.steps.iter().position(|s| s.state == StorageStepState::Failed);
    assert_eq!(reply.ok, failed.is_none());
    for step in reply.steps.iter().skip(failed.map_or(reply.steps.len(), |at| at + 1)) {
        assert_eq!(step.state, StorageStepState::Skipped, "{step:?}");
    }
    if let Some(step) = reply.failed() {
        assert!(step.cause.is_some() && step.cure.is_some() && step.code.is_some(), "{step:?}");
    }
    let text = format!("{} {:?}", serde_json::to_string(&reply).unwrap(), reply.check());
    assert!(!text.contains("canary"), "{text}");
    reply
}

#[track_caller]
fn fails_at(reply: &StorageTestReply, step: StorageStepKind, code: &str) {
    let failed = reply.failed().unwrap_or_else(|| panic!("it passed: {reply:?}"));
    assert_eq!((failed.step, failed.code.as_deref()), (step, Some(code)), "{failed:?}");
}

#[track_caller]
fn passes(reply: &StorageTestReply, but: &[StorageStepKind]) {
    for step in &reply.steps {
        let skipped = but.contains(&step.step);
        let state = if skipped { StorageStepState::Skipped } else { StorageStepState::Ok };
        assert_eq!(step.state, state, "{step:?}");
        assert_eq!(step.duration_ms.is_none(), skipped, "{step:?}");
    }
}

#[tokio::test]
async fn right_keys_pass_every_step_and_leave_nothing_behind() {
    let s3d = S3d::start().await;
    let reply = test(&plain(), &target(&s3d.url(), FULL)).await;
    passes(&reply, &[StorageStepKind::Tls]);
    assert!(reply.path_style);
    assert_eq!(reply.url, format!("{}/{BUCKET}/calls/", s3d.url()));
    assert_eq!(s3d.objects(BUCKET), Vec::<std::path::PathBuf>::new());

    let check = s3::check(&plain(), &target(&s3d.url(), FULL)).await;
    assert!(check.ok && check.step.is_none() && check.put_ms.is_some(), "{check:?}");
    assert_eq!(s3d.objects(BUCKET), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn keys_that_are_wrong() {
    let s3d = S3d::start().await;
    let wrong = test(&plain(), &target(&s3d.url(), (FULL.0, "canary-another-secret"))).await;
    fails_at(&wrong, StorageStepKind::Credentials, "secret_key_wrong");
    let detail = &wrong.failed().unwrap().detail;
    assert_eq!(detail, "403 SignatureDoesNotMatch on ListObjectsV2");

    let unknown = test(&plain(), &target(&s3d.url(), ("nobody", FULL.1))).await;
    fails_at(&unknown, StorageStepKind::Credentials, "access_key_unknown");

    let check = s3::check(&plain(), &target(&s3d.url(), (FULL.0, "canary-another-secret"))).await;
    assert!(!check.ok);
    assert_eq!((check.step, check.code.as_deref()), (Some(StorageStepKind::Put), Some("secret_key_wrong")));
}

#[tokio::test]
async fn keys_that_may_only_read() {
    let s3d = S3d::start().await;
    let reply = test(&plain(), &target(&s3d.url(), READ_ONLY)).await;
    fails_at(&reply, StorageStepKind::Put, "access_denied");
    let step = reply.failed().unwrap();
    assert_eq!(step.detail, "403 AccessDenied on PutObject");
    assert_eq!(step.cure.as_deref(), Some("Allow s3:PutObject on iqra/calls/*."));
    let check = s3::check(&plain(), &target(&s3d.url(), READ_ONLY)).await;
    assert_eq!((check.step, check.code.as_deref()), (Some(StorageStepKind::Put), Some("access_denied")));
}

#[tokio::test]
async fn a_bucket_that_does_not_exist() {
    let s3d = S3d::start().await;
    let mut full = target(&s3d.url(), FULL);
    full.values.bucket = "recordings".to_owned();
    let reply = test(&plain(), &full).await;
    fails_at(&reply, StorageStepKind::Bucket, "bucket_missing");
    assert!(!s3::check(&plain(), &full).await.ok, "a check finds it too");

    let mut read_only = target(&s3d.url(), READ_ONLY);
    read_only.values.bucket = "recordings".to_owned();
    let refused = test_or_create(&plain(), &read_only, MissingBucket::IsCreated).await;
    fails_at(&refused, StorageStepKind::Bucket, "access_denied");
    assert_eq!(refused.failed().unwrap().detail, "403 AccessDenied on CreateBucket");

    let created = test_or_create(&plain(), &full, MissingBucket::IsCreated).await;
    passes(&created, &[StorageStepKind::Tls]);
    assert_eq!(created.steps[5].detail, "recordings created");
    let again = test_or_create(&plain(), &full, MissingBucket::IsCreated).await;
    assert_eq!(again.steps[5].detail, "recordings exists");
}

#[tokio::test]
async fn a_port_that_is_closed() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let reply = test(&plain(), &target(&format!("http://127.0.0.1:{port}"), FULL)).await;
    fails_at(&reply, StorageStepKind::Tcp, "connection_refused");
}

#[tokio::test]
async fn a_server_that_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Accepts, reads nothing, never answers.
    let hang = tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            held.push(listener.accept().await.unwrap());
        }
    });
    let hasty = plain().with_deadline(Duration::from_millis(300));
    let reply = test(&hasty, &target(&format!("http://{address}"), FULL)).await;
    fails_at(&reply, StorageStepKind::Credentials, "reply_timeout");
    let waited = reply.failed().unwrap().duration_ms.unwrap();
    assert!((290..5_000).contains(&waited), "{waited} ms");
    let reply = test(&hasty, &target(&format!("https://{address}"), FULL)).await;
    fails_at(&reply, StorageStepKind::Tls, "tls_timeout");
    hang.abort();
}

#[tokio::test]
async fn something_that_is_no_storage() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let page = "<html>canary welcome</html>";
    let page = format!("HTTP/1.1 403 No\r\nContent-Length: {}\r\n\r\n{page}", page.len());
    let console = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            stream.write_all(page.as_bytes()).await.unwrap();
        }
    });
    fails_at(&test(&plain(), &target(&url, FULL)).await, StorageStepKind::Credentials, "not_s3");
    console.abort();
}

#[tokio::test]
async fn tls_by_the_name_and_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let own = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, own.cert.pem()).unwrap();
    std::fs::write(&key, own.signing_key.serialize_pem()).unwrap();
    let arguments = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let s3d = S3d::with(&arguments).await;
    let https = target(&format!("https://{}", s3d.address), FULL);

    let unknown = test(&plain(), &https).await;
    fails_at(&unknown, StorageStepKind::Tls, "tls_unknown_authority");

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&cert).unwrap()).unwrap();
    passes(&test(&connector(roots.clone()), &https).await, &[]);

    // The same server by another name than its certificate has.
    let mut other = https.clone();
    other.values.endpoint.host = "localhost".to_owned();
    fails_at(&test(&connector(roots), &other).await, StorageStepKind::Tls, "tls_other_name");

    let plain_text = S3d::start().await;
    let reply = test(&plain(), &target(&format!("https://{}", plain_text.address), FULL)).await;
    fails_at(&reply, StorageStepKind::Tls, "tls_not_spoken");
    // And the other way round.
    let reply = test(&plain(), &target(&s3d.url(), FULL)).await;
    assert_eq!(reply.failed().unwrap().step, StorageStepKind::Credentials);
}

#[tokio::test]
async fn an_address_that_is_never_called() {
    let clock = Arc::new(SystemClock::new());
    let closed = Connector::with_roots(OutboundPolicy::default(), clock, RootCertStore::empty()).unwrap();
    let s3d = S3d::start().await;
    let reply = test(&closed, &target(&s3d.url(), FULL)).await;
    fails_at(&reply, StorageStepKind::Dns, "address_forbidden");
    for never in ["http://169.254.169.254", "http://[::ffff:169.254.169.254]", "http://0.0.0.0:9000"] {
        let reply = test(&plain(), &target(never, FULL)).await;
        fails_at(&reply, StorageStepKind::Dns, "address_forbidden");
    }
    let mut hidden = target("http://rustfs", FULL);
    hidden.values.endpoint.host = "0x7f000001".to_owned();
    fails_at(&test(&plain(), &hidden).await, StorageStepKind::Address, "host_invalid");
}
