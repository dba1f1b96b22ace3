//! Is the background node there, and does it hold this key? In stages, on the values of the form, saved or not.

use std::sync::Arc;

use common::auth::Permission;
use common::endpoint::{Endpoint, Scheme};
use common::problem::FieldError;
use common::singleton::{
    BackgroundStep, BackgroundStepKind as Kind, BackgroundTestReply, BackgroundVerdict, CheckState,
    TestBackgroundNode,
};

use super::{App, ServiceError};
use crate::auth::policy::{Actor, authorize};
use crate::auth::secret;
use crate::clients::connector::{OutboundError, Route};
use crate::clients::node::{self, NodeReply};
use crate::clock::SharedClock;
use crate::config::Hidden;
use crate::live::fleet::NodeEntry;
use crate::live::singletons::EndpointAnswer;

/// The steps so far.
struct Steps {
    clock: SharedClock,
    list: Vec<BackgroundStep>,
    verdict: BackgroundVerdict,
}

impl Steps {
    fn add(&mut self, step: Kind, state: CheckState, duration_ms: Option<u64>, detail: impl Into<String>) {
        let detail = detail.into();
        self.list.push(BackgroundStep {
            step,
            state,
            duration_ms,
            detail,
            cause: None,
            cure: None,
            code: None,
        });
    }

    fn ok(&mut self, step: Kind, duration_ms: u64, detail: impl Into<String>) {
        self.add(step, CheckState::Ok, Some(duration_ms), detail);
    }

    fn failed(&mut self, step: Kind, duration_ms: Option<u64>, why: Failure) {
        self.verdict = why.verdict;
        self.list.push(BackgroundStep {
            step,
            state: CheckState::Failed,
            duration_ms,
            detail: why.detail,
            cause: Some(why.cause),
            cure: Some(why.cure),
            code: Some(why.code.to_owned()),
        });
    }

    /// Runs a stage; `None` where it failed and the test is over.
    async fn stage<T>(
        &mut self,
        step: Kind,
        work: impl Future<Output = Result<T, OutboundError>>,
    ) -> Option<(T, u64)> {
        let began = self.clock.mono();
        let outcome = work.await;
        let took = self.clock.mono().since(began);
        match outcome {
            Ok(found) => Some((found, took)),
            Err(e) => {
                self.failed(step, Some(took), Failure::outbound(&e));
                None
            }
        }
    }
}

/// Why a step failed.
struct Failure {
    verdict: BackgroundVerdict,
    code: &'static str,
    detail: String,
    cause: String,
    cure: String,
}

impl Failure {
    fn outbound(e: &OutboundError) -> Self {
        let cause = format!("{}.", capital(&e.to_string()));
        Self {
            verdict: BackgroundVerdict::Unreachable,
            code: e.code(),
            detail: cause.clone(),
            cause,
            cure: e.cure().to_owned(),
        }
    }

    fn missing(code: &'static str, cause: &str, cure: &str) -> Self {
        Self {
            verdict: BackgroundVerdict::Missing,
            code,
            detail: cause.to_owned(),
            cause: cause.to_owned(),
            cure: cure.to_owned(),
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Tests the address and the key of the form; what it leaves out is taken from the registered node.
///
/// # Errors
/// Field errors, a role too low; where the database fails. What the test finds is no error.
pub async fn run(
    app: &Arc<App>,
    actor: &Actor,
    request: TestBackgroundNode,
) -> Result<BackgroundTestReply, ServiceError> {
    authorize(actor, Permission::Operate, None)?;
    let endpoint = request.validate().map_err(ServiceError::Invalid)?;
    let known = app.fleet.background();
    let endpoint = endpoint.or_else(|| known.as_ref().map(|n| n.record().endpoint));
    let key = match (request.secret, &known) {
        (Some(own), _) => Some(Hidden::new(own)),
        // The kept key only goes where it was meant to go: else a test could hand it to a server of the tester's choice.
        (None, Some(known)) if endpoint.as_ref() == Some(&known.record().endpoint) => {
            stored_key(app, known).await?.map(|(key, _)| key)
        }
        (None, Some(_)) => {
            let detail = "The address is another one: enter the key for it.";
            return Err(ServiceError::Invalid(vec![FieldError::new("secret", "required", detail)]));
        }
        (None, None) => None,
    };
    let (started_at, began) = (app.clock.wall(), app.clock.mono());
    let fingerprint = key.as_ref().map(|k| secret::hash(k.reveal()).fingerprint());
    let mut steps = Steps { clock: Arc::clone(&app.clock), list: Vec::new(), verdict: BackgroundVerdict::Ok };
    let reply = stages(app, &mut steps, endpoint.as_ref(), key.as_ref()).await;
    let registered = known.map(|n| n.record().endpoint).filter(|e| Some(e) == endpoint.as_ref());
    match (reply, registered) {
        (Some(reply), Some(_)) => {
            if let Some(fingerprint) = &fingerprint {
                note_answer(app, fingerprint, &reply);
            }
        }
        (None, Some(at)) if steps.verdict == BackgroundVerdict::Unreachable => {
            let why = steps.list.last().map(|s| s.detail.clone());
            app.fleet.problems.note_background(&at, why, app.clock.wall());
            app.fleet.problems_touched();
        }
        _ => {}
    }
    for kind in Kind::ALL {
        if !steps.list.iter().any(|s| s.step == kind) {
            steps.add(kind, CheckState::Skipped, None, "Not run.");
        }
    }
    Ok(BackgroundTestReply {
        ok: steps.verdict == BackgroundVerdict::Ok,
        verdict: steps.verdict,
        steps: steps.list,
        started_at,
        duration_ms: app.clock.mono().since(began),
        fingerprint,
    })
}

/// All stages up to the first that fails; what the node answered, where it came to that.
async fn stages(
    app: &App,
    steps: &mut Steps,
    endpoint: Option<&Endpoint>,
    key: Option<&Hidden>,
) -> Option<NodeReply> {
    let (Some(endpoint), Some(key)) = (endpoint, key) else {
        let cause = if endpoint.is_none() {
            "No background node is registered, and no address is given."
        } else {
            "There is no key to test."
        };
        let cure = "Enter the address of the background node and its key.";
        steps.failed(Kind::Address, None, Failure::missing("background_missing", cause, cure));
        return None;
    };
    steps.ok(Kind::Address, 0, endpoint.to_string());
    let connector = &app.connector;
    let (mut route, took) = steps.stage(Kind::Dns, connector.resolve(endpoint)).await?;
    steps.ok(Kind::Dns, took, addresses(endpoint, &route));
    let (opened, took) = steps.stage(Kind::Connect, connector.connect(&mut route)).await?;
    let (stream, address) = opened;
    steps.ok(Kind::Connect, took, format!("{address} answers."));
    let step = if endpoint.scheme == Scheme::Https { Kind::Tls } else { Kind::Answer };
    let (secured, took) = steps.stage(step, connector.secure(&route, stream)).await?;
    match secured.1 {
        Some(version) => steps.ok(Kind::Tls, took, format!("{version}, certificate valid.")),
        None => steps.add(Kind::Tls, CheckState::Skipped, None, "Not used: the address is plain HTTP."),
    }
    drop(secured);
    let began = app.clock.mono();
    let reply = node::ping(connector, endpoint, key).await;
    answered(steps, &reply, app.clock.mono().since(began), endpoint, key);
    Some(reply)
}

fn addresses(endpoint: &Endpoint, route: &Route) -> String {
    let all: Vec<String> = route.addresses().iter().map(ToString::to_string).collect();
    format!("{} → {}", endpoint.host, all.join(", "))
}

fn answered(steps: &mut Steps, reply: &NodeReply, took: u64, endpoint: &Endpoint, key: &Hidden) {
    let print = secret::hash(key.reveal()).fingerprint();
    let failure = |verdict, code, cause: &str, cure: &str| Failure {
        verdict,
        code,
        detail: reply.verdict(endpoint),
        cause: cause.to_owned(),
        cure: cure.to_owned(),
    };
    match reply {
        NodeReply::NoReply(e) => steps.failed(Kind::Answer, Some(took), Failure::outbound(e)),
        NodeReply::NotANode { status } => {
            let cause = format!("Something answers there ({status}) that is no background node.");
            let cure = "Check the port.";
            steps.failed(
                Kind::Answer,
                Some(took),
                failure(BackgroundVerdict::NotANode, "not_a_node", &cause, cure),
            );
        }
        NodeReply::KeyDiffers => {
            steps.ok(Kind::Answer, took, "A server answers.");
            let cause = format!("Keys differ: the node does not accept the key {print}….");
            let cure = "Put this key into the node's appsettings.json under Security.ApiKey and restart it, or paste \
                        the node's key here.";
            steps.failed(
                Kind::Key,
                None,
                failure(BackgroundVerdict::KeysDiffer, "keys_differ", &cause, cure),
            );
        }
        NodeReply::Unknown => {
            steps.ok(Kind::Answer, took, "A server answers.");
            // Older software has no such call; whether the key is right shows with the first job.
            steps.add(Kind::Key, CheckState::Skipped, None, reply.verdict(endpoint));
        }
        NodeReply::Taken | NodeReply::AlreadyAsked | NodeReply::Refused { .. } => {
            steps.ok(Kind::Answer, took, "A background node answers.");
            steps.add(Kind::Key, CheckState::Ok, None, format!("It accepts the key {print}…."));
        }
    }
}

/// Notes what the registered endpoint said to a key.
pub(super) fn note_answer(app: &App, fingerprint: &str, reply: &NodeReply) {
    if let Some(accepted) = reply.key_accepted() {
        let answer = EndpointAnswer { fingerprint: fingerprint.to_owned(), accepted, at: app.clock.wall() };
        app.fleet.board.note_answer(answer);
    }
    if let Some(node) = app.fleet.background() {
        let endpoint = node.record().endpoint;
        let failure = (!reply.is_reachable()).then(|| reply.verdict(&endpoint));
        app.fleet.problems.note_background(&endpoint, failure, app.clock.wall());
        app.fleet.problems_touched();
    }
}

/// The node's newest key and its fingerprint.
///
/// # Errors
/// Where the database fails, or the key does not open.
pub(super) async fn stored_key(
    app: &App,
    node: &NodeEntry,
) -> Result<Option<(Hidden, String)>, ServiceError> {
    let Some((hash, id, sealed)) = app.db.secrets_sealed(node.id).await?.into_iter().next() else {
        return Ok(None);
    };
    let plain = app.sealer.open(&super::nodes::place(id), &sealed)?;
    let text =
        String::from_utf8(plain).map_err(|_| ServiceError::Internal("a key is not text".to_owned()))?;
    Ok(Some((Hidden::new(text), hash.fingerprint())))
}
