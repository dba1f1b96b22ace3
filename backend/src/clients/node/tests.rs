//! Calls to nodes, against small servers that answer one of them.

use std::sync::Arc;
use std::time::Duration;

use common::command::{CommandArgs, CommandKind, ShutdownMode};
use common::endpoint::Scheme;
use common::ids::CommandId;
use common::time::Timestamp;
use rustls::RootCertStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::*;
use crate::clients::connector::OutboundPolicy;
use crate::clock::SystemClock;

fn connector() -> Connector {
    let clock = Arc::new(SystemClock::new());
    let connector = Connector::with_roots(OutboundPolicy::with_loopback(), clock, RootCertStore::empty());
    connector.unwrap().with_deadline(Duration::from_secs(2))
}

/// A node that answers one call like this; what it was sent comes back.
async fn node(status: u16, body: &str) -> (Endpoint, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let reply = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 8192];
        let n = stream.read(&mut head).await.unwrap();
        stream.write_all(reply.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&head[..n]).into_owned()
    });
    (Endpoint { scheme: Scheme::Http, host: "127.0.0.1".into(), port, path: String::new() }, task)
}

#[tokio::test]
async fn replies_in_any_letter_case() {
    let secret = Hidden::new("canary-secret");
    for (status, body, reply) in [
        (200, r#"{"success":true,"message":null,"code":null}"#, NodeReply::Taken),
        (200, r#"{"Success":true}"#, NodeReply::Taken),
        (200, r#"{"SUCCESS":false,"CODE":"Shutdown:SHUTDOWN_REQUESTED"}"#, NodeReply::AlreadyAsked),
        (200, r#"{"success":false,"code":"Shutdown:INVALID_API_KEY"}"#, NodeReply::KeyDiffers),
        (401, r#"{"Success":false,"Code":"invalid_api_key"}"#, NodeReply::KeyDiffers),
        (403, "", NodeReply::KeyDiffers),
        (200, r#"{"success":false,"code":"Shutdown:EXCEPTION"}"#, NodeReply::Refused { status: 200 }),
        (500, "oops", NodeReply::Refused { status: 500 }),
        (500, r#"{"success":true}"#, NodeReply::Refused { status: 500 }),
        (404, "", NodeReply::Unknown),
        (404, r#"{"success":false,"code":"Jobs:UNKNOWN_JOB"}"#, NodeReply::Unknown),
        (200, "<html>Welcome</html>", NodeReply::NotANode { status: 200 }),
        (301, "", NodeReply::NotANode { status: 301 }),
        (200, r#"{"success":"yes"}"#, NodeReply::NotANode { status: 200 }),
    ] {
        let (endpoint, seen) = node(status, body).await;
        let got = ping(&connector(), &endpoint, &secret).await;
        assert_eq!(got, reply, "{status} {body}");
        let words = got.verdict(&endpoint);
        assert!(words.contains(&endpoint.authority()) && !words.contains("Welcome"), "{words}");
        assert!(seen.await.unwrap().contains("x-api-key: canary-secret"));
    }
}

#[tokio::test]
async fn the_calls_as_nodes_expect_them() {
    let secret = Hidden::new("canary-secret");
    let (mut endpoint, seen) = node(200, r#"{"success":true}"#).await;
    endpoint.path = "/iqra".into();
    let offer = CommandOffer {
        id: CommandId(Uuid::nil()),
        kind: CommandKind::Shutdown,
        args: CommandArgs { mode: Some(ShutdownMode::Immediate), ..CommandArgs::default() },
        not_after: Timestamp(0),
    };
    assert!(push_shutdown(&connector(), &endpoint, &secret, &offer).await.is_taken());
    let seen = seen.await.unwrap();
    assert!(seen.starts_with("POST /iqra/api/node/management/shutdown "), "{seen}");
    assert!(seen.contains(r#""mode":"immediate""#) && seen.contains(&Uuid::nil().to_string()), "{seen}");

    let (endpoint, seen) = node(200, r#"{"success":true}"#).await;
    let run = RunId(Uuid::nil());
    assert_eq!(push_job(&connector(), &endpoint, &secret, "cleanup", run).await.key_accepted(), Some(true));
    let seen = seen.await.unwrap();
    assert!(seen.starts_with("POST /api/node/management/jobs/cleanup "), "{seen}");
    assert!(seen.ends_with(r#"{"runId":"00000000-0000-0000-0000-000000000000"}"#), "{seen}");
    // A job that is no word is not put into a path.
    assert_eq!(push_job(&connector(), &endpoint, &secret, "../shutdown", run).await, NodeReply::Unknown);
}

#[tokio::test]
async fn a_node_that_is_not_there() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let endpoint =
        Endpoint { scheme: Scheme::Http, host: "127.0.0.1".into(), port: closed.port(), path: String::new() };
    let reply = ping(&connector(), &endpoint, &Hidden::new("canary-secret")).await;
    assert_eq!(
        (reply.code(), reply.is_reachable(), reply.key_accepted()),
        ("connection_refused", false, None)
    );
    assert!(!format!("{reply:?} {}", reply.verdict(&endpoint)).contains("canary"));
}
