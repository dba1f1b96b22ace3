//! The connector: what it refuses, whom it connects to, what it makes of replies.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::clock::SystemClock;

fn connector(policy: OutboundPolicy) -> Connector {
    let clock = Arc::new(SystemClock::new());
    Connector::with_roots(policy, clock, RootCertStore::empty())
        .unwrap()
        .with_deadline(Duration::from_secs(2))
}

fn open() -> Connector {
    connector(OutboundPolicy::with_loopback())
}

fn resolving(connector: Connector, addresses: &'static [&'static str]) -> (Connector, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let resolver: Resolver = Arc::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { Ok(addresses.iter().map(|a| a.parse().unwrap()).collect()) })
    });
    (connector.with_resolver(resolver), asked)
}

fn to(host: &str, port: u16) -> Endpoint {
    Endpoint { scheme: Scheme::Http, host: host.into(), port, path: String::new() }
}

/// Answers the first connection with these bytes, once it has read something; returns what it read.
async fn server(reply: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 8192];
        let n = stream.read(&mut head).await.unwrap();
        stream.write_all(reply.as_bytes()).await.unwrap();
        if reply.is_empty() {
            // Never answers: holds the connection until the other side gives up.
            let _ = stream.read(&mut [0; 1]).await;
        }
        String::from_utf8_lossy(&head[..n]).into_owned()
    });
    (port, task)
}

#[tokio::test]
async fn spellings_only_some_programs_read_are_no_hosts() {
    for host in [
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x7f.1",
        "1.0x7f",
        "10.0.0.0x1.",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "10.0.0.256",
        "fe80::1%eth0",
        "[::1]",
        "node:80",
        "user@node",
        "no de",
        "",
    ] {
        let (open, asked) = resolving(open(), &["10.0.0.5"]);
        assert_eq!(open.resolve(&to(host, 80)).await, Err(OutboundError::Host), "{host}");
        assert_eq!(asked.load(Ordering::Relaxed), 0, "{host} was looked up");
    }
}

#[tokio::test]
async fn one_forbidden_address_spoils_the_name() {
    for (addresses, why) in [
        (&["10.0.0.5", "169.254.169.254"][..], Forbidden::Metadata),
        (&["127.0.0.1"], Forbidden::Loopback),
        (&["2a01:4f8::1", "::1"], Forbidden::Loopback),
        (&["10.0.0.5", "::ffff:127.0.0.1"], Forbidden::Loopback),
    ] {
        let (closed, _) = resolving(connector(OutboundPolicy::default()), addresses);
        let refused = closed.resolve(&to("rebinding.example", 80)).await.unwrap_err();
        assert!(matches!(refused, OutboundError::Forbidden { why: w, .. } if w == why), "{refused:?}");
    }
    // A trailing dot is the same name, and no way around the policy.
    let (closed, _) = resolving(connector(OutboundPolicy::default()), &["127.0.0.1"]);
    let refused = closed.resolve(&to("localhost.", 80)).await.unwrap_err();
    assert!(matches!(refused, OutboundError::Forbidden { .. }), "{refused:?}");
    let system = connector(OutboundPolicy::default());
    for host in ["127.0.0.1", "::1", "localhost", "LOCALHOST.", "169.254.169.254", "::ffff:a9fe:a9fe"] {
        let refused = system.resolve(&to(host, 80)).await.unwrap_err();
        assert!(matches!(refused, OutboundError::Forbidden { .. }), "{host}: {refused:?}");
    }
}

#[tokio::test]
async fn connects_to_what_was_looked_up_once() {
    let (port, seen) = server("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"Success\":true}").await;
    // The first of the addresses is nobody's; the second answers.
    let (open, asked) = resolving(open(), &["127.0.0.9", "127.0.0.1"]);
    let mut endpoint = to("node.example", port);
    endpoint.path = "/base".into();
    let key = HeaderName::from_static("x-api-key");
    let reply =
        open.post_json(&endpoint, "/call", &[(key, "canary-secret")], &json!({"a": 1})).await.unwrap();
    assert_eq!((reply.status, reply.flag("success"), reply.text("success")), (200, Some(true), None));
    assert!(!format!("{reply:?}").contains("uccess"), "a reply prints its status only");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let seen = seen.await.unwrap();
    assert!(seen.starts_with("POST /base/call HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("host: node.example:{port}\r\n")), "{seen}");
    assert!(seen.contains("x-api-key: canary-secret\r\n") && seen.ends_with("{\"a\":1}"), "{seen}");
}

#[tokio::test]
async fn a_redirect_is_a_reply_and_not_followed() {
    let (port, _) =
        server("HTTP/1.1 307 X\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n").await;
    let reply = open().post_json(&to("127.0.0.1", port), "/", &[], &json!({})).await.unwrap();
    assert_eq!(reply.status, 307);
}

#[tokio::test]
async fn a_long_reply_is_cut_off() {
    let long: &'static str = Box::leak(
        format!("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n{}", "x".repeat(20_000)).into_boxed_str(),
    );
    let (port, _) = server(long).await;
    let refused = open().post_json(&to("127.0.0.1", port), "/", &[], &json!({})).await.unwrap_err();
    assert_eq!(refused, OutboundError::TooLarge);
}

#[tokio::test]
async fn what_answers_is_told_from_what_does_not() {
    let hasty = open().with_deadline(Duration::from_millis(200));
    let (silent, _) = server("").await;
    let refused = hasty.post_json(&to("127.0.0.1", silent), "/", &[], &json!({})).await.unwrap_err();
    assert_eq!(refused, OutboundError::Timeout(Stage::Reply));

    let (silent, _) = server("").await;
    let https = Endpoint { scheme: Scheme::Https, ..to("127.0.0.1", silent) };
    let refused = hasty.post_json(&https, "/", &[], &json!({})).await.unwrap_err();
    assert_eq!(refused, OutboundError::Timeout(Stage::Tls));

    let (plain, _) = server("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
    let https = Endpoint { scheme: Scheme::Https, ..to("127.0.0.1", plain) };
    let refused = open().post_json(&https, "/", &[], &json!({})).await.unwrap_err();
    assert_eq!(refused, OutboundError::Tls(TlsFault::NotTls));

    let (odd, _) = server("SSH-2.0-OpenSSH_9.2\r\n").await;
    let refused = open().post_json(&to("127.0.0.1", odd), "/", &[], &json!({})).await.unwrap_err();
    assert_eq!(refused, OutboundError::NoReply);

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = open().post_json(&to("127.0.0.1", closed.port()), "/", &[], &json!({})).await.unwrap_err();
    assert_eq!(refused, OutboundError::Refused(closed));

    let nowhere: Resolver = Arc::new(|_| Box::pin(async { Err(io::ErrorKind::NotFound.into()) }));
    let refused = open().with_resolver(nowhere).resolve(&to("node.example", 80)).await.unwrap_err();
    assert_eq!(refused, OutboundError::UnknownName);

    let slow: Resolver = Arc::new(|_| Box::pin(std::future::pending()));
    let refused = hasty.with_resolver(slow).resolve(&to("node.example", 80)).await.unwrap_err();
    assert_eq!(refused, OutboundError::Timeout(Stage::Dns));

    let key = HeaderName::from_static("x-api-key");
    let refused = open().post_json(&to("127.0.0.1", 1), "/", &[(key, "a\nb")], &json!({})).await.unwrap_err();
    assert_eq!(refused, OutboundError::Unsendable);
}
