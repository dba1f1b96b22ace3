//! Signatures against another implementation of the standard, and calls to small servers.

use std::sync::Arc;
use std::time::Duration;

use common::webhooks::StoppedBecause;
use hyper::HeaderMap;
use hyper::header::HeaderValue;
use rustls::RootCertStore;
use standardwebhooks::Webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::clients::connector::OutboundPolicy;
use crate::clock::{Clock as _, SystemClock};
use crate::domain::webhook::plan::stops;

fn connector(policy: OutboundPolicy) -> Connector {
    let clock = Arc::new(SystemClock::new());
    Connector::with_roots(policy, clock, RootCertStore::empty())
        .unwrap()
        .with_deadline(Duration::from_secs(2))
}

fn to(port: u16) -> WebhookUrl {
    WebhookUrl::parse(&format!("http://127.0.0.1:{port}/in/s3cr3t?token=abc")).unwrap()
}

/// Answers one call with these bytes; what it was sent comes back.
async fn receiver(reply: String) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 8192];
        let n = stream.read(&mut head).await.unwrap();
        // The other side may stop reading.
        let _ = stream.write_all(reply.as_bytes()).await;
        if reply.is_empty() || reply.contains("chunked") {
            let _ = stream.read(&mut [0; 1]).await;
        }
        String::from_utf8_lossy(&head[..n]).into_owned()
    });
    (port, task)
}

fn headers(id: &str, at: i64, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in
        [("webhook-id", id), ("webhook-timestamp", &at.to_string()), ("webhook-signature", signature)]
    {
        headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn what_is_signed_verifies_with_the_standards_own_library() {
    let (new, former, other) = ([7; 32], [8; 32], [9; 32]);
    let text = |key: &[u8; 32]| format!("whsec_{}", STANDARD.encode(key));
    let id = Uuid::now_v7();
    let now = SystemClock::new().wall().millis() / 1_000;
    let body = r#"{"type":"test","data":{"name":"عُقدة"}}"#;
    let signature = sign(id, now, body, &[&new, &former]);
    assert_eq!(signature.split(' ').count(), 2);
    let headers = headers(&id.to_string(), now, &signature);
    for secret in [&new, &former] {
        Webhook::new(&text(secret)).unwrap().verify(body.as_bytes(), &headers).unwrap();
    }
    assert!(Webhook::new(&text(&other)).unwrap().verify(body.as_bytes(), &headers).is_err());
    let reader = Webhook::new(&text(&new)).unwrap();
    assert!(reader.verify(format!("{body} ").as_bytes(), &headers).is_err(), "every byte counts");
    assert_eq!(
        reader.sign(&id.to_string(), now, body.as_bytes()).unwrap(),
        signature.split(' ').next().unwrap()
    );
}

#[tokio::test]
async fn the_call_as_receivers_expect_it() {
    let (port, seen) = receiver("HTTP/1.1 204 X\r\n\r\n".into()).await;
    let (secret, id) = ([7; 32], Uuid::now_v7());
    let at = Timestamp(1_795_342_830_999);
    let open = connector(OutboundPolicy::with_loopback());
    let reply = send(&open, &to(port), id, "{\"a\": 1}", &[&secret], at).await;
    assert_eq!((reply.ending(), reply.status()), (Ending::Taken, Some(204)));
    let seen = seen.await.unwrap();
    assert!(seen.starts_with("POST /in/s3cr3t?token=abc HTTP/1.1\r\n"), "{seen}");
    let signature = sign(id, 1_795_342_830, "{\"a\": 1}", &[&secret]);
    for part in [
        format!("host: 127.0.0.1:{port}"),
        "content-type: application/json".into(),
        format!("user-agent: iqra-infra/{}", env!("CARGO_PKG_VERSION")),
        format!("webhook-id: {id}"),
        "webhook-timestamp: 1795342830".into(),
        format!("webhook-signature: {signature}"),
    ] {
        assert!(seen.contains(&format!("{part}\r\n")), "{part} in {seen}");
    }
    assert!(seen.ends_with("\r\n\r\n{\"a\": 1}"), "{seen}");
}

#[tokio::test]
async fn replies_and_what_follows() {
    let now = Timestamp(0);
    let open = connector(OutboundPolicy::with_loopback());
    let long = "x".repeat(40_000);
    let with = |status: u16, body: &str| {
        format!(
            "HTTP/1.1 {status} X\r\nLocation: http://169.254.169.254/\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    for (reply, code, ending) in [
        (with(200, "thanks"), "taken", Ending::Taken),
        (with(202, &long), "taken", Ending::Taken),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello".into(), "taken", Ending::Taken),
        ("HTTP/1.1 200 X\r\nContent-Length: 50\r\n\r\ncut".into(), "taken", Ending::Taken),
        (with(301, ""), "redirect", Ending::NotTaken),
        (with(302, ""), "redirect", Ending::NotTaken),
        (with(304, ""), "redirect", Ending::NotTaken),
        (with(400, "no"), "not_taken", Ending::NotTaken),
        (with(401, ""), "not_taken", Ending::NotTaken),
        (with(404, ""), "not_taken", Ending::NotTaken),
        (with(410, ""), "gone", Ending::Gone),
        (with(429, ""), "not_taken", Ending::NotTaken),
        (with(500, "oops"), "not_taken", Ending::NotTaken),
        (with(503, ""), "not_taken", Ending::NotTaken),
        ("SSH-2.0-x\r\n\r\n".into(), "no_reply", Ending::NotTaken),
        (String::new(), "reply_timeout", Ending::NotTaken),
    ] {
        let (port, _seen) = receiver(reply.clone()).await;
        let got = send(&open, &to(port), Uuid::nil(), "{}", &[], now).await;
        let head: String = reply.chars().take(60).collect();
        assert_eq!((got.code(), got.ending()), (code, ending), "{head}");
        let words = got.verdict(&to(port).endpoint.authority());
        assert!(words.contains(&format!("127.0.0.1:{port}")) && words.ends_with('.'), "{words}");
        assert!(
            !words.contains("s3cr3t") && !words.contains("oops") && !words.contains("169.254"),
            "{words}"
        );
        assert_eq!(
            stops(ending, now, true, now).is_some(),
            stops(ending, now, true, now) == Some(StoppedBecause::Gone)
        );
    }
}

#[tokio::test]
async fn a_forbidden_address_is_refused_before_anything_is_sent() {
    let (port, seen) = receiver("HTTP/1.1 200 X\r\n\r\n".into()).await;
    let closed = connector(OutboundPolicy::default());
    let got = send(&closed, &to(port), Uuid::nil(), "{}", &[], Timestamp(0)).await;
    assert_eq!((got.code(), got.status()), ("address_forbidden", None));
    assert!(!seen.is_finished(), "nobody called");
    seen.abort();
}

#[test]
fn what_was_never_sent_is_not_held_against_the_other_side() {
    for (reply, code) in [
        (WebhookReply::Locked, "vault_locked"),
        (WebhookReply::NoSecret, "secret_unreadable"),
        (WebhookReply::NoAddress, "host_invalid"),
    ] {
        assert_eq!((reply.code(), reply.ending(), reply.status()), (code, Ending::NotMade, None));
        assert!(reply.verdict("x").starts_with("It was not sent: "));
    }
}
