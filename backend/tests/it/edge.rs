//! The edge: TLS of our own with certificates that change, and proxies in front of us.

use std::path::Path;
use std::time::Duration;

use backend::config::TlsFiles;
use reqwest::Certificate;
use serde_json::json;

use crate::support::app::{ADMIN, PASSWORD, PATIENT, TestApp, prepare};
use crate::support::wait_for;

/// A certificate for `localhost`; its PEM, for those who shall trust it.
fn certificate(files: &TlsFiles) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&files.cert, made.cert.pem()).unwrap();
    made.cert.pem()
}

fn files(dir: &Path) -> TlsFiles {
    TlsFiles { cert: dir.join("cert.pem"), key: dir.join("key.pem") }
}

/// A browser that trusts this certificate alone; each has connections of its own.
fn browser(trusted: &str) -> reqwest::Client {
    prepare();
    let root = Certificate::from_pem(trusted.as_bytes()).unwrap();
    let builder = reqwest::Client::builder().tls_built_in_root_certs(false).add_root_certificate(root);
    builder.no_proxy().timeout(Duration::from_secs(10)).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_binds_the_cookie_and_takes_up_new_certificates() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    let first = certificate(&files);
    let app = TestApp::with(PATIENT, |s| s.tls = Some(files.clone())).await;
    let base = app.base().replace("http://127.0.0.1", "https://localhost");
    let login = async |client: &reqwest::Client| {
        let body = json!({"email": ADMIN, "password": PASSWORD});
        client.post(format!("{base}/api/v1/auth/login")).json(&body).send().await
    };
    let reply = login(&browser(&first)).await.unwrap();
    assert_eq!(reply.status(), 200);
    let cookie = reply.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-iqra=") && cookie.contains("Secure"), "{cookie}");
    assert_eq!(reply.headers()["strict-transport-security"], "max-age=31536000");
    let session = cookie.split(';').next().unwrap().trim_start_matches("__Host-iqra=");
    let me = async |name: &str| {
        let request = browser(&first).get(format!("{base}/api/v1/auth/me"));
        let reply = request.header("cookie", format!("{name}={session}")).send().await.unwrap();
        reply.json::<serde_json::Value>().await.unwrap()["user"].clone()
    };
    assert_eq!(me("__Host-iqra").await["email"], ADMIN);
    assert!(me("iqra").await.is_null(), "a name that another host of the domain could have set");

    let second = certificate(&files);
    assert!(login(&browser(&second)).await.is_err(), "nobody has looked yet");
    wait_for("the new certificate", async || login(&browser(&second)).await.ok()).await;
    assert!(login(&browser(&first)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_a_named_proxy_counts_and_nobody_elses() {
    for (trusted, expected) in
        [(vec!["127.0.0.0/8".parse().unwrap()], "192.0.2.7"), (Vec::new(), "127.0.0.1")]
    {
        let app = TestApp::with(PATIENT, |s| s.trusted_proxies = trusted).await;
        let admin = app.admin().await;
        let request = app.anonymous().request(reqwest::Method::POST, "/api/v1/auth/login");
        let request =
            request.header("x-forwarded-for", "1.1.1.1, 192.0.2.7").header("x-forwarded-proto", "https");
        let body = json!({"email": ADMIN, "password": "not this one"});
        admin.send(request.json(&body)).await.problem(401, "wrong_password");
        let log = admin.get("/api/v1/activity?action=auth.login&outcome=denied").await.expect(200).value();
        assert_eq!(log["items"][0]["source"], expected);
    }
}
