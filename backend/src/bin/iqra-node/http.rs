//! The agent's own small HTTP server: `GET /health`, so that an operator or the control plane can see whether the
//! node's port is reachable, and the control plane's push. One request per connection, bounded in size and time.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use common::endpoint::Endpoint;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::push::{self, Door};

/// A request must be there and the reply gone within this time.
const DEADLINE: Duration = Duration::from_secs(5);
/// The head of a request; longer ones are refused. No server of HTTP can do with less.
const HEAD_MAX: usize = 8 * 1024;
/// The body of a request; longer ones are refused.
const BODY_MAX: usize = 16 * 1024;
/// Connections at once; more wait to be accepted.
const CONNECTIONS: usize = 32;

/// A listener that ends when it is dropped.
pub(crate) struct Listener(JoinHandle<()>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    /// Binds the first of `wanted` that can be bound.
    ///
    /// # Errors
    /// In words, where none can.
    pub(crate) async fn start(
        wanted: Vec<SocketAddr>,
        node_id: String,
        door: Arc<Door>,
    ) -> Result<Self, String> {
        let mut why = String::new();
        for address in &wanted {
            match TcpListener::bind(address).await {
                Ok(listener) => {
                    tracing::info!("listening on {address}");
                    return Ok(Self(tokio::spawn(accept(listener, Arc::from(node_id), door))));
                }
                Err(e) => why = format!("cannot listen on {address}: {e}"),
            }
        }
        Err(why)
    }

    /// Ends when the port is free again.
    pub(crate) async fn stop(mut self) {
        self.0.abort();
        // It ended by being aborted.
        let _ = (&mut self.0).await;
    }
}

/// Where a node with that registered address listens: its port on every interface, or on this machine alone where
/// the address says so.
pub(crate) fn addresses(endpoint: &Endpoint) -> Vec<SocketAddr> {
    let loopback = [IpAddr::from(Ipv4Addr::LOCALHOST)];
    let every = [IpAddr::from(Ipv6Addr::UNSPECIFIED), IpAddr::from(Ipv4Addr::UNSPECIFIED)];
    let ips = match endpoint.host.parse::<IpAddr>() {
        Ok(ip) if ip.is_loopback() => vec![ip],
        Err(_) if endpoint.host == "localhost" => loopback.to_vec(),
        _ => every.to_vec(),
    };
    ips.into_iter().map(|ip| SocketAddr::new(ip, endpoint.port)).collect()
}

async fn accept(listener: TcpListener, node_id: Arc<str>, door: Arc<Door>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (node_id, door) = (Arc::clone(&node_id), Arc::clone(&door));
                tokio::spawn(async move {
                    // Whoever hangs up or is too slow has no further claim.
                    let _ = timeout(DEADLINE, serve(stream, &node_id, &door)).await;
                    drop(slot);
                });
            }
            Err(e) => {
                tracing::debug!("a connection could not be accepted: {e}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, node_id: &str, door: &Door) -> hyper::Result<()> {
    http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service_fn(|request| reply(request, node_id, door)))
        .await
}

async fn reply(
    request: Request<Incoming>,
    node_id: &str,
    door: &Door,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    // Read in full before the reply: a client that is still sending would not read it.
    let (status, body) = match Limited::new(body, BODY_MAX).collect().await {
        Err(_) => (
            StatusCode::PAYLOAD_TOO_LARGE,
            json!({ "success": false, "message": "The body is too long.", "code": "BODY_TOO_LARGE" }),
        ),
        Ok(_) => {
            let key = head.headers.get("X-API-Key").map(|v| v.as_bytes());
            push::answer(door, node_id, &head.method, head.uri.path(), key)
        }
    };
    let mut response = Response::new(Full::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::tests::door;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[test]
    fn listens_where_it_is_registered() {
        let at = |typed: &str| -> Vec<String> {
            addresses(&Endpoint::parse(typed).unwrap()).iter().map(ToString::to_string).collect()
        };
        assert_eq!(at("http://10.0.0.5:5002"), ["[::]:5002", "0.0.0.0:5002"]);
        assert_eq!(at("127.0.0.1:5003/x"), ["127.0.0.1:5003"]);
        assert_eq!(at("localhost:5004"), ["127.0.0.1:5004"]);
    }

    /// What comes back for these bytes, until the connection ends.
    async fn talk(at: SocketAddr, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(at).await.unwrap();
        // A server that refuses may close before everything is sent.
        let _ = stream.write_all(bytes).await;
        let mut text = Vec::new();
        let _ = timeout(Duration::from_secs(10), stream.read_to_end(&mut text)).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn answers_over_a_socket_until_dropped() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let wanted = vec![SocketAddr::from(([127, 0, 0, 1], port))];
        let door = door();
        let listener = Listener::start(wanted.clone(), "n1".to_owned(), Arc::clone(&door)).await.unwrap();
        let text = talk(wanted[0], b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        assert!(text.ends_with(r#"{"nodeId":"n1","status":"ok"}"#), "{text}");
        let push = b"POST /api/node/management/shutdown HTTP/1.1\r\nHost: x\r\nX-API-Key: iqn_s\r\nContent-Length: 2\r\n\r\n{}";
        assert!(talk(wanted[0], push).await.contains("SHUTDOWN_ACCEPTED"));
        timeout(Duration::from_secs(5), door.knock.notified()).await.unwrap();
        let mut long = b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n".to_vec();
        long.resize(long.len() + 99_999, b'a');
        assert!(!talk(wanted[0], &long).await.contains(" 200 "), "a long body is refused");
        let mut head = b"GET /health HTTP/1.1\r\nX: ".to_vec();
        head.resize(HEAD_MAX * 4, b'a');
        assert!(!talk(wanted[0], &head).await.contains(" 200 "), "a head without end is cut off");
        let other = Listener::start(wanted.clone(), "n2".to_owned(), Arc::clone(&door)).await;
        assert!(other.is_err(), "the port is taken");
        listener.stop().await;
        assert!(Listener::start(wanted, "n2".to_owned(), door).await.is_ok(), "it is free again");
    }
}
