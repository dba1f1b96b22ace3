//! The agent's own small HTTP server: `GET /health`, so that an operator or the control plane can see whether the
//! node's port is reachable. One request per connection, bounded in size and time; nothing else is served.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use common::endpoint::Endpoint;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A request must be there and the reply gone within this time.
const DEADLINE: Duration = Duration::from_secs(5);
/// The head of a request; longer ones are refused.
const HEAD_MAX: usize = 8 * 1024;
/// Connections at once; more wait to be accepted.
const CONNECTIONS: usize = 32;

/// A listener that ends when it is dropped.
pub(crate) struct Listener {
    wanted: Vec<SocketAddr>,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    /// Binds the first of `wanted` that can be bound.
    ///
    /// # Errors
    /// In words, where none can.
    pub(crate) async fn start(wanted: Vec<SocketAddr>, node_id: String) -> Result<Self, String> {
        let mut why = String::new();
        for address in &wanted {
            match TcpListener::bind(address).await {
                Ok(listener) => {
                    tracing::info!("listening on {address}");
                    let task = tokio::spawn(accept(listener, Arc::from(node_id)));
                    return Ok(Self { wanted, task });
                }
                Err(e) => why = format!("cannot listen on {address}: {e}"),
            }
        }
        Err(why)
    }

    /// Whether it was started for these addresses.
    pub(crate) fn is_for(&self, wanted: &[SocketAddr]) -> bool {
        self.wanted == wanted
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

async fn accept(listener: TcpListener, node_id: Arc<str>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let node_id = Arc::clone(&node_id);
                tokio::spawn(async move {
                    // Whoever hangs up or is too slow has no further claim.
                    let _ = timeout(DEADLINE, serve(stream, &node_id)).await;
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

async fn serve(mut stream: TcpStream, node_id: &str) -> std::io::Result<()> {
    let head = read_head(&mut stream).await?;
    let (status, body) = reply(head.as_deref(), node_id);
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(text.as_bytes()).await?;
    if !head.is_some_and(|h| h.starts_with(b"HEAD ")) {
        stream.write_all(body.as_bytes()).await?;
    }
    stream.shutdown().await
}

/// The request up to the empty line; `None` where it is too long or ends before.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        let mut part = [0; 1024];
        let n = stream.read(&mut part).await?;
        if n == 0 || head.len() + n > HEAD_MAX {
            return Ok(None);
        }
        head.extend(part.iter().take(n));
    }
    Ok(Some(head))
}

/// Status line and body for a request.
fn reply(head: Option<&[u8]>, node_id: &str) -> (&'static str, String) {
    let line = head.and_then(|h| h.split(|b| *b == b'\r').next()).and_then(|l| std::str::from_utf8(l).ok());
    let mut words = line.unwrap_or_default().split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    if !words.next().is_some_and(|v| v.starts_with("HTTP/1.")) {
        return ("400 Bad Request", json!({ "error": "not an HTTP request" }).to_string());
    }
    match (method, path) {
        ("GET" | "HEAD", "/health") => ("200 OK", json!({ "status": "ok", "nodeId": node_id }).to_string()),
        (_, "/health") => ("405 Method Not Allowed", json!({ "error": "use GET" }).to_string()),
        _ => ("404 Not Found", json!({ "error": "only /health is here" }).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_health_and_nothing_else() {
        let status = |head: &str| reply(Some(head.as_bytes()), "n1").0.split(' ').next().unwrap().to_owned();
        assert_eq!(status("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"), "200");
        assert_eq!(status("GET /health?x=1 HTTP/1.0\r\n\r\n"), "200");
        assert_eq!(status("POST /health HTTP/1.1\r\n\r\n"), "405");
        assert_eq!(status("GET / HTTP/1.1\r\n\r\n"), "404");
        assert_eq!(status("\u{16}\u{3}\r\n\r\n"), "400");
        assert_eq!(reply(None, "n1").0, "400 Bad Request");
        assert_eq!(reply(Some(b"GET /health HTTP/1.1\r\n\r\n"), "n1").1, r#"{"nodeId":"n1","status":"ok"}"#);
    }

    #[tokio::test]
    async fn a_head_without_end_is_cut_off() {
        let long = vec![b'a'; HEAD_MAX * 2];
        assert_eq!(read_head(&mut long.as_slice()).await.unwrap(), None);
        assert_eq!(read_head(&mut &b"GET / HT"[..]).await.unwrap(), None);
        assert!(read_head(&mut &b"GET / HTTP/1.1\r\n\r\n"[..]).await.unwrap().is_some());
    }

    #[test]
    fn listens_where_it_is_registered() {
        let at = |typed: &str| -> Vec<String> {
            addresses(&Endpoint::parse(typed).unwrap()).iter().map(ToString::to_string).collect()
        };
        assert_eq!(at("http://10.0.0.5:5002"), ["[::]:5002", "0.0.0.0:5002"]);
        assert_eq!(at("127.0.0.1:5003/x"), ["127.0.0.1:5003"]);
        assert_eq!(at("localhost:5004"), ["127.0.0.1:5004"]);
    }

    #[tokio::test]
    async fn answers_over_a_socket_until_dropped() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let wanted = vec![SocketAddr::from(([127, 0, 0, 1], port))];
        let listener = Listener::start(wanted.clone(), "n1".to_owned()).await.unwrap();
        assert!(listener.is_for(&wanted) && !listener.is_for(&[]));
        let mut stream = TcpStream::connect(wanted[0]).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\n\r\n").await.unwrap();
        let mut text = String::new();
        timeout(Duration::from_secs(5), stream.read_to_string(&mut text)).await.unwrap().unwrap();
        assert!(
            text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with(r#"{"nodeId":"n1","status":"ok"}"#)
        );
        assert!(Listener::start(wanted, "n2".to_owned()).await.is_err(), "the port is taken");
    }
}
