//! What the control plane may ask of a node directly: to hear its orders now instead of with the next heartbeat. The
//! orders themselves come with the reply to that heartbeat. Pure.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::wire::Secret;

/// Where the orders are.
const MANAGEMENT: &str = "/api/node/management/";

/// What the listener and the agent share.
pub(crate) struct Door {
    /// The secret as it is now: the same for both directions.
    pub(crate) secret: Arc<ArcSwap<Secret>>,
    /// Keys of the jobs this node can run.
    pub(crate) jobs: Vec<String>,
    /// Somebody with the secret wants the next heartbeat now.
    pub(crate) knock: Notify,
    /// A shutdown was asked for before.
    pub(crate) shutting_down: AtomicBool,
}

/// Status and body for a request, whose body has been read and does not matter.
pub(crate) fn answer(
    door: &Door,
    node_id: &str,
    method: &Method,
    path: &str,
    key: Option<&[u8]>,
) -> (StatusCode, Value) {
    if path == "/health" {
        return match *method {
            Method::GET | Method::HEAD => (StatusCode::OK, json!({ "status": "ok", "nodeId": node_id })),
            _ => (StatusCode::METHOD_NOT_ALLOWED, json!({ "error": "use GET" })),
        };
    }
    let Some(order) = path.strip_prefix(MANAGEMENT) else {
        return (StatusCode::NOT_FOUND, json!({ "error": "nothing is here" }));
    };
    if *method != Method::POST {
        return reply(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Use POST.");
    }
    if !key.is_some_and(|key| door.secret.load().is(key)) {
        let text = "X-API-Key is not the secret of this node.";
        return reply(StatusCode::UNAUTHORIZED, "INVALID_API_KEY", text);
    }
    match order.split_once('/') {
        None if order == "ping" => reply(StatusCode::OK, "PONG", "The secret is the one of this node."),
        None if order == "shutdown" => {
            door.knock.notify_one();
            if door.shutting_down.load(Ordering::Relaxed) {
                reply(StatusCode::CONFLICT, "SHUTDOWN_REQUESTED", "A shutdown was asked for before.")
            } else {
                reply(StatusCode::OK, "SHUTDOWN_ACCEPTED", "The node asks for its orders now.")
            }
        }
        Some(("jobs", job)) if door.jobs.iter().any(|known| known == job) => {
            door.knock.notify_one();
            reply(StatusCode::OK, "JOB_ACCEPTED", "The node asks for its orders now.")
        }
        Some(("jobs", _)) => reply(StatusCode::NOT_FOUND, "UNKNOWN_JOB", "This node has no such job."),
        _ => reply(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such order."),
    }
}

fn reply(status: StatusCode, code: &str, message: &str) -> (StatusCode, Value) {
    (status, json!({ "success": status.is_success(), "message": message, "code": code }))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn door() -> Arc<Door> {
        Arc::new(Door {
            secret: Arc::new(ArcSwap::from_pointee(Secret::new("iqn_s").unwrap())),
            jobs: vec!["cleanup".to_owned()],
            knock: Notify::new(),
            shutting_down: AtomicBool::new(false),
        })
    }

    #[tokio::test]
    async fn only_the_secret_opens_and_every_order_knocks() {
        let door = door();
        let ask = |method: &str, path: &str, key: Option<&str>| {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let (status, body) = answer(&door, "n1", &method, path, key.map(str::as_bytes));
            (status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
        };
        let knocked = || {
            let waiting = door.knock.notified();
            tokio::pin!(waiting);
            is_ready(&mut waiting)
        };
        let key = Some("iqn_s");
        let at = |order: &str| format!("{MANAGEMENT}{order}");
        for order in ["shutdown", "jobs/cleanup", "ping", "other"] {
            for wrong in [None, Some("iqn_S"), Some("")] {
                assert_eq!(ask("POST", &at(order), wrong), (401, "INVALID_API_KEY".to_owned()));
            }
        }
        assert_eq!(ask("POST", &at("ping"), key), (200, "PONG".to_owned()));
        assert_eq!(ask("GET", &at("shutdown"), key).0, 405);
        assert_eq!(ask("POST", &at("jobs/none"), key), (404, "UNKNOWN_JOB".to_owned()));
        assert_eq!(ask("POST", &at("other"), key).0, 404);
        assert_eq!(ask("POST", "/", key).0, 404);
        assert!(!knocked(), "nothing of this is an order");
        assert_eq!(ask("POST", &at("jobs/cleanup"), key), (200, "JOB_ACCEPTED".to_owned()));
        assert!(knocked() && !knocked());
        assert_eq!(ask("POST", &at("shutdown"), key), (200, "SHUTDOWN_ACCEPTED".to_owned()));
        assert!(knocked());
        door.shutting_down.store(true, Ordering::Relaxed);
        assert_eq!(ask("POST", &at("shutdown"), key), (409, "SHUTDOWN_REQUESTED".to_owned()));
        assert_eq!(ask("GET", "/health", None).0, 200);
        assert_eq!(ask("POST", "/health", None).0, 405);
    }

    /// Whether it is ready at once.
    fn is_ready(waiting: &mut std::pin::Pin<&mut tokio::sync::futures::Notified<'_>>) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        waiting.as_mut().poll(&mut context).is_ready()
    }
}
