//! A control plane of the tests: it says what the test wants, and keeps what nodes say.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use common::command::{CommandArgs, CommandKind, CommandOffer};
use common::endpoint::Endpoint;
use common::heartbeat::{Bootstrap, Desired, DesiredState, Goodbye, Heartbeat, HeartbeatReply, SecretNotice};
use common::ids::{CommandId, NodeId, RegionId, RunId};
use common::job::{RunReport, RunReportReply};
use common::node::NodeKind;
use common::storage::NodeStorage;
use common::time::Timestamp;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::{Mutex, MutexGuard};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

/// What the plane says and has heard.
pub(crate) struct State {
    pub(crate) secret: String,
    pub(crate) kind: NodeKind,
    pub(crate) endpoint: Endpoint,
    pub(crate) interval_ms: u64,
    pub(crate) desired: Desired,
    pub(crate) offers: Vec<CommandOffer>,
    /// Offers go on after they were acknowledged.
    pub(crate) stubborn: bool,
    pub(crate) config_tag: String,
    pub(crate) storage: Vec<NodeStorage>,
    /// The reply to reports of runs.
    pub(crate) cancel: bool,
    pub(crate) beats: Vec<Heartbeat>,
    pub(crate) goodbyes: Vec<Goodbye>,
    pub(crate) reports: Vec<(RunId, RunReport)>,
    pub(crate) bootstraps: usize,
    pub(crate) refused: usize,
}

impl State {
    /// The boots that beat, in order.
    pub(crate) fn boots(&self) -> Vec<String> {
        let mut boots: Vec<String> = self.beats.iter().filter_map(|b| b.boot_id.clone()).collect();
        boots.dedup();
        boots
    }

    /// The last word about a command.
    pub(crate) fn ack(&self, id: CommandId) -> Option<&common::command::Ack> {
        self.beats.iter().rev().flat_map(|b| &b.acks).find(|a| a.command_id == id)
    }

    pub(crate) fn wish(&mut self, state: DesiredState) {
        self.desired.state = state;
        self.desired.generation += 1;
    }

    /// Offers a command; its id.
    pub(crate) fn order(&mut self, kind: CommandKind, args: CommandArgs) -> CommandId {
        let id = CommandId(Uuid::now_v7());
        self.offers.push(CommandOffer { id, kind, args, not_after: Timestamp(2_000) });
        id
    }
}

/// A control plane on a port of its own.
pub(crate) struct Plane {
    base: String,
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Plane {
    /// For one node of that kind.
    pub(crate) async fn start(kind: NodeKind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            secret: "iqn_test".to_owned(),
            kind,
            endpoint: Endpoint::parse(&format!("127.0.0.1:{}", free_port())).unwrap(),
            interval_ms: 100,
            desired: Desired { state: DesiredState::Run, reason: String::new(), generation: 1 },
            offers: Vec::new(),
            stubborn: false,
            config_tag: "tag-1".to_owned(),
            storage: Vec::new(),
            cancel: false,
            beats: Vec::new(),
            goodbyes: Vec::new(),
            reports: Vec::new(),
            bootstraps: 0,
            refused: 0,
        }));
        let task = tokio::spawn(serve(listener, Arc::clone(&state)));
        Self { base, state, task }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Waits for something to be found.
    pub(crate) async fn wait<T>(&self, what: &str, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        crate::support::wait_for(what, async || look(&mut self.state.lock())).await
    }

    /// Waits for a heartbeat that comes from now on.
    pub(crate) async fn beat(&self, what: &str, fits: impl Fn(&Heartbeat) -> bool) -> Heartbeat {
        let from = self.state().beats.len();
        self.wait(what, |s| s.beats.iter().skip(from).find(|b| fits(b)).cloned()).await
    }

    /// An `appsettings.json` for its node.
    pub(crate) fn settings(&self) -> String {
        let state = self.state();
        let section = match state.kind {
            NodeKind::Backend => "Server",
            NodeKind::Proxy => "Proxy",
            NodeKind::Background => "Security",
        };
        json!({section: {"ApiKey": state.secret}, "Infrastructure": {"Url": self.base}}).to_string()
    }
}

/// A port nobody listens on.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &state));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    state: &Mutex<State>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body =
        tokio::time::timeout(Duration::from_secs(5), body.collect()).await.unwrap().unwrap().to_bytes();
    let key = head.headers.get("X-API-Key").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (status, reply) = reply(&mut state.lock(), key, head.uri.path(), &body);
    let mut response = Response::new(Full::from(reply.to_string()));
    *response.status_mut() = status.try_into().unwrap();
    Ok(response)
}

fn reply(state: &mut State, key: &str, path: &str, body: &[u8]) -> (u16, Value) {
    if key != state.secret {
        state.refused += 1;
        return (401, json!({"code": "unknown_secret"}));
    }
    let node_id = NodeId(Uuid::from_u128(7));
    match path {
        "/api/v1/node/heartbeat" => {
            let beat: Heartbeat = serde_json::from_slice(body).unwrap();
            if !state.stubborn {
                state.offers.retain(|o| !beat.acks.iter().any(|a| a.command_id == o.id));
            }
            state.beats.push(beat);
            let reply = HeartbeatReply {
                node_id,
                server_time: Timestamp(1_000),
                next_in_ms: state.interval_ms,
                duplicate: false,
                desired: state.desired.clone(),
                commands: state.offers.clone(),
                config_tag: state.config_tag.clone(),
                secret: SecretNotice { rotation_due: false },
            };
            (200, json!(reply))
        }
        "/api/v1/node/goodbye" => {
            state.goodbyes.push(serde_json::from_slice(body).unwrap());
            (200, json!({"nodeId": node_id, "left": true}))
        }
        "/api/v1/node/bootstrap" => {
            state.bootstraps += 1;
            let region = RegionId::from("OM-MCT");
            let bootstrap = Bootstrap {
                node_id,
                region_id: (state.kind != NodeKind::Background).then_some(region),
                kind: state.kind,
                endpoint: state.endpoint.clone(),
                sip_port: None,
                max_concurrent_calls: Some(25),
                interval_ms: state.interval_ms,
                desired: state.desired.clone(),
                config_tag: state.config_tag.clone(),
                storage: state.storage.clone(),
            };
            (200, json!(bootstrap))
        }
        run => {
            let id: RunId = run.strip_prefix("/api/v1/node/runs/").unwrap().parse().unwrap();
            state.reports.push((id, serde_json::from_slice(body).unwrap()));
            (200, json!(RunReportReply { cancel: state.cancel }))
        }
    }
}
