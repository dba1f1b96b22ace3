//! Another system that webhooks call: a real socket that answers as it is told to and keeps what it was sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::wait_for;

/// One call as it came.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// As sent.
    pub(crate) body: String,
}

impl Call {
    /// `webhook-id`.
    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// `type` of the body.
    pub(crate) fn event(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// `data` of the body.
    pub(crate) fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    /// How many signatures it carries.
    pub(crate) fn signatures(&self) -> usize {
        self.headers["webhook-signature"].split(' ').count()
    }

    /// Whether it is signed with this secret, as the standard's own library sees it.
    pub(crate) fn verifies(&self, secret: &str) -> bool {
        let at = self.headers["webhook-timestamp"].parse().unwrap();
        let expected = Webhook::new(secret).unwrap().sign(self.id(), at, self.body.as_bytes()).unwrap();
        self.headers["webhook-signature"].split(' ').any(|s| s == expected)
    }

    /// The same with the library's look at the clock: not older than five minutes.
    pub(crate) fn verifies_now(&self, secret: &str) -> bool {
        let mut headers = HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, HeaderValue::from_str(&self.headers[name]).unwrap());
        }
        Webhook::new(secret).unwrap().verify(self.body.as_bytes(), &headers).is_ok()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// How it answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// With this status.
    Status(u16),
    /// With this one, a moment later.
    Slow(u16, Duration),
    /// With 302 and this address.
    Elsewhere(String),
    /// Never.
    Never,
}

struct State {
    calls: Mutex<Vec<Call>>,
    next: Mutex<VecDeque<Answer>>,
    usual: Mutex<Answer>,
    open: AtomicUsize,
    most: AtomicUsize,
}

/// The other system.
pub(crate) struct Receiver {
    /// Where it listens: `http://127.0.0.1:port`.
    pub(crate) url: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// One that answers every call like this.
    pub(crate) async fn new(usual: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            calls: Mutex::default(),
            next: Mutex::default(),
            usual: Mutex::new(usual),
            open: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url, state, task }
    }

    /// Answers the next calls so, one each, before its usual answer.
    pub(crate) fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.next.lock().unwrap().extend(answers);
    }

    /// Answers so from now on.
    pub(crate) fn always(&self, answer: Answer) {
        *self.state.usual.lock().unwrap() = answer;
    }

    /// All calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state.calls.lock().unwrap().clone()
    }

    /// Most calls that were open at a time.
    pub(crate) fn most(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }

    /// Waits until there are so many calls.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Call> {
        wait_for(&format!("call number {count}"), async || Some(self.calls()).filter(|c| c.len() >= count))
            .await
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let open = state.open.fetch_add(1, Ordering::SeqCst) + 1;
    state.most.fetch_max(open, Ordering::SeqCst);
    if let Some(call) = read(&mut stream).await {
        let answer = state.next.lock().unwrap().pop_front();
        let answer = answer.unwrap_or_else(|| state.usual.lock().unwrap().clone());
        state.calls.lock().unwrap().push(call);
        let (status, more) = match answer {
            Answer::Status(status) => (status, String::new()),
            Answer::Slow(status, rest) => {
                tokio::time::sleep(rest).await;
                (status, String::new())
            }
            Answer::Elsewhere(url) => (302, format!("Location: {url}\r\n")),
            Answer::Never => {
                // Until the other side gives up.
                let _ = stream.read(&mut [0; 1]).await;
                (0, String::new())
            }
        };
        // Before the other side can know of the end and call again.
        state.open.fetch_sub(1, Ordering::SeqCst);
        if status != 0 {
            let reply =
                format!("HTTP/1.1 {status} X\r\n{more}Content-Length: 2\r\nConnection: close\r\n\r\nok");
            let _ = stream.write_all(reply.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    } else {
        state.open.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn read(stream: &mut TcpStream) -> Option<Call> {
    let mut got = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let target = lines.next()?.split(' ').nth(1)?.to_owned();
            let headers: BTreeMap<String, String> = lines
                .filter_map(|l| l.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            if body.len() >= headers.get("content-length")?.parse::<usize>().ok()? {
                return Some(Call { target, headers, body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut got).await.ok()? == 0 {
            return None;
        }
    }
}
