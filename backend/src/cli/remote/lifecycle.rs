//! Drain, release and shutdown, with the waits that a deployment script needs.

use std::time::Duration;

use common::command::{Command, CommandPage, CommandState, RowResults, ShutdownMode, ShutdownRequest};
use common::ids::NodeId;
use common::intent::{DrainPhase, OnDeadline, Preview, SetIntent};
use common::node::Node;
use common::paths;
use common::problem::Problem;
use common::region::Region;
use common::status::{IntentState, Liveness, StatusWord};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::api::{Api, Refusal};
use super::output::{Format, NONE, clean, figure, print, progress, table};
use super::select::{self, part};
use super::show::{word, work};
use super::{Agreement, Failure, Waiting, Whom};
use crate::clock::{Clock as _, SystemClock};

/// Between looks while something is waited for.
const EVERY: Duration = Duration::from_secs(1);
/// How often a change is tried again because somebody else changed the object meanwhile.
const TRIES: u32 = 5;

/// What a drain asks for.
pub(super) struct DrainAsk {
    /// Why.
    pub(super) reason: String,
    /// Go ahead where the guard warns.
    pub(super) yes: bool,
    /// When it should be over, from now.
    pub(super) deadline: Option<Duration>,
    /// End what is left then.
    pub(super) force: bool,
}

/// Where an object's intent is set, and what it is called.
struct Object {
    path: String,
    node: Option<Node>,
}

impl Object {
    async fn find(api: &Api, whom: &Whom) -> Result<Self, Failure> {
        match (&whom.node, &whom.region) {
            (_, Some(region)) => {
                let path = format!("{}/{}", paths::REGIONS, part(region));
                let _: Region = api.get(&path).await?;
                Ok(Self { path, node: None })
            }
            (Some(node), None) => {
                let node = select::node(api, node).await?;
                Ok(Self { path: format!("{}/{}", paths::NODES, node.id()), node: Some(node) })
            }
            (None, None) => Err(Failure::Refused("Name a node or a region.".to_owned())),
        }
    }

    /// The nodes that are meant, as they are now.
    async fn nodes(&self, api: &Api, whom: &Whom) -> Result<Vec<Node>, Failure> {
        match (&self.node, &whom.region) {
            (Some(_), _) => Ok(vec![api.get(&self.path).await?]),
            (None, Some(region)) => select::nodes(api, &vec![("regionId", region.clone())]).await,
            (None, None) => Ok(Vec::new()),
        }
    }

    /// Sets the intent on the newest version, and agrees to what the guard warns of where that is wanted.
    async fn set<T: DeserializeOwned + Serialize>(
        &self,
        api: &Api,
        mut ask: SetIntent,
        yes: bool,
    ) -> Result<(), Failure> {
        let path = format!("{}/intent", self.path);
        for _ in 0..TRIES {
            let (_, tag): (T, String) = api.get_tagged(&self.path).await?;
            match api.put::<T>(&path, &tag, &ask).await {
                Ok(_) => return Ok(()),
                // Somebody else changed something about it in between; what is asked for stays the same.
                Err(Refusal::Problem(p)) if p.status == 412 => {}
                Err(Refusal::Problem(p)) if p.code == "guard" => {
                    ask.preview_token = Some(agreed(p, yes)?);
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(Failure::Refused("It is being changed by others all the time; nothing was done.".to_owned()))
    }
}

/// The token of a preview, where its warnings are agreed to; they are told either way.
fn agreed(problem: Box<Problem>, yes: bool) -> Result<String, Failure> {
    let preview: Option<Preview> = problem.current.clone().and_then(|v| serde_json::from_value(v).ok());
    let Some(preview) = preview else { return Err(Refusal::Problem(problem).into()) };
    let effects: Vec<String> = preview.effects.iter().map(|e| format!("  {}", e.detail)).collect();
    let effects = effects.join("\n");
    if yes {
        progress(&format!("Going ahead in spite of:\n{effects}"));
        return Ok(preview.preview_token);
    }
    let words = format!("nothing was done, because:\n{effects}\nGive --yes to do it nevertheless.");
    Err(Failure::Problem { problem, words })
}

/// Whether nothing of the node's work is left: it has said so twice, or it is not there to have any.
fn is_drained(n: &Node) -> bool {
    match n.live.liveness {
        Liveness::NeverSeen | Liveness::Left => true,
        _ => n.live.drain.as_ref().is_some_and(|d| d.phase == DrainPhase::Drained),
    }
}

/// How far it is, in a line that changes only where something does.
fn told(nodes: &[&Node]) -> String {
    let one =
        |n: &&Node| format!("{}: {}, {} left", clean(n.name()), word(n.live.status.word), figure(work(n)));
    nodes.iter().take(5).map(one).collect::<Vec<_>>().join("; ")
}

/// Looks once a second until every node is `there`; says what is new.
async fn until(
    api: &Api,
    object: &Object,
    whom: &Whom,
    waiting: &Waiting,
    what: &str,
    there: impl Fn(&Node) -> bool,
) -> Result<Vec<Node>, Failure> {
    let mut said = String::new();
    let look = async {
        loop {
            let nodes = object.nodes(api, whom).await?;
            let open: Vec<&Node> = nodes.iter().filter(|n| !there(n)).collect();
            if open.is_empty() {
                return Ok(nodes);
            }
            // It has come to an end that is not the one waited for.
            if let Some(lost) = open.iter().find(|n| stuck(n)) {
                return Err(Failure::Refused(format!(
                    "{} went silent with calls left; whether they have ended cannot be known.",
                    clean(lost.name())
                )));
            }
            let now = told(&open);
            if now != said {
                progress(&now);
                said = now;
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    match tokio::time::timeout(waiting.timeout, look).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::TooLong(format!(
            "Not {what} within {}. What was asked for goes on.",
            humantime::format_duration(waiting.timeout)
        ))),
    }
}

fn stuck(n: &Node) -> bool {
    n.live.drain.as_ref().is_some_and(|d| d.phase == DrainPhase::NodeLost)
}

fn report(format: Format, nodes: &Vec<Node>) -> Result<(), Failure> {
    print(format, nodes, |nodes| {
        let rows = nodes.iter().map(|n| {
            let phase = n.live.drain.as_ref().and_then(|d| serde_json::to_value(d.phase).ok());
            let phase = phase.as_ref().and_then(|v| v.as_str()).unwrap_or(NONE).replace('_', " ");
            [n.name(), word(n.live.status.word), figure(work(n)), phase]
        });
        table(["NODE", "STATUS", "CALLS", "DRAIN"], rows)
    })
}

/// Turns maintenance on; waits for zero where asked.
///
/// # Errors
/// [`Failure`].
pub(super) async fn drain(
    api: &Api,
    format: Format,
    whom: &Whom,
    ask: &DrainAsk,
    waiting: &Waiting,
) -> Result<(), Failure> {
    let object = Object::find(api, whom).await?;
    let now = SystemClock::new().wall();
    let within = |d: Duration| now.later(u64::try_from(d.as_millis()).unwrap_or(u64::MAX));
    let intent = SetIntent {
        state: IntentState::Maintenance,
        public_reason: None,
        private_reason: Some(ask.reason.clone()),
        until: None,
        deadline: ask.deadline.map(within),
        on_deadline: if ask.force { OnDeadline::Force } else { OnDeadline::Hold },
        preview_token: None,
    };
    set(api, &object, intent, ask.yes).await?;
    let nodes = if waiting.wait {
        until(api, &object, whom, waiting, "drained", is_drained).await?
    } else {
        object.nodes(api, whom).await?
    };
    report(format, &nodes)
}

async fn set(api: &Api, object: &Object, intent: SetIntent, yes: bool) -> Result<(), Failure> {
    if object.node.is_some() {
        object.set::<Node>(api, intent, yes).await
    } else {
        object.set::<Region>(api, intent, yes).await
    }
}

/// Sets active; waits until calls are taken again where asked.
///
/// # Errors
/// [`Failure`].
pub(super) async fn release(
    api: &Api,
    format: Format,
    whom: &Whom,
    waiting: &Waiting,
) -> Result<(), Failure> {
    let object = Object::find(api, whom).await?;
    let intent = SetIntent {
        state: IntentState::Active,
        public_reason: None,
        private_reason: None,
        until: None,
        deadline: None,
        on_deadline: OnDeadline::Hold,
        preview_token: None,
    };
    set(api, &object, intent, false).await?;
    // Of a region those count that run and that nothing of their own holds back.
    let apart = |n: &Node| n.intent.state != IntentState::Active || n.live.liveness != Liveness::Live;
    let online = |n: &Node| n.live.status.word == StatusWord::Online || (whom.region.is_some() && apart(n));
    let nodes = if waiting.wait {
        until(api, &object, whom, waiting, "online", online).await?
    } else {
        object.nodes(api, whom).await?
    };
    report(format, &nodes)
}

/// Signals the end of processes; waits until they have gone where asked.
///
/// # Errors
/// [`Failure`], also where a node refused, failed, or did not answer in time.
pub(super) async fn shutdown(
    api: &Api,
    format: Format,
    whom: &Whom,
    agreement: &Agreement,
    immediate: bool,
    waiting: &Waiting,
) -> Result<(), Failure> {
    let object = Object::find(api, whom).await?;
    let mode = if immediate { ShutdownMode::Immediate } else { ShutdownMode::Graceful };
    let mut ask = ShutdownRequest { mode, reason: agreement.reason.clone(), preview_token: None };
    let path = format!("{}/shutdown", object.path);
    let sent = loop {
        let outcome = if object.node.is_some() {
            api.post::<Command>(&path, &ask).await.map(|c| vec![(c.node_id, c.id)])
        } else {
            api.post::<RowResults>(&path, &ask)
                .await
                .map(|r| r.items.iter().filter_map(|row| Some((row.node_id, row.command_id?))).collect())
        };
        match outcome {
            Ok(sent) => break sent,
            Err(Refusal::Problem(p)) if p.code == "guard" && ask.preview_token.is_none() => {
                ask.preview_token = Some(agreed(p, agreement.yes)?);
            }
            Err(other) => return Err(other.into()),
        }
    };
    let receipts = async {
        loop {
            let receipts = receipts(api, &sent).await?;
            if !waiting.wait || receipts.iter().all(|c| !c.state.is_open()) {
                return Ok::<_, Failure>(receipts);
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    let receipts = tokio::time::timeout(waiting.timeout, receipts).await.map_err(|_| {
        let within = humantime::format_duration(waiting.timeout);
        Failure::TooLong(format!("Not gone within {within}. What was asked for goes on."))
    })??;
    print(format, &receipts, |receipts| {
        let row =
            |c: &Command| [c.node_id.to_string(), c.state.as_str().to_owned(), figure(c.detail.as_deref())];
        table(["NODE", "SHUTDOWN", "DETAIL"], receipts.iter().map(row))
    })?;
    let bad = receipts.iter().filter(|c| !c.state.is_open() && c.state != CommandState::Done).count();
    if bad == 0 {
        Ok(())
    } else {
        Err(Failure::Refused(format!("{bad} of {} did not shut down.", receipts.len())))
    }
}

/// The commands as they stand now.
async fn receipts(api: &Api, sent: &[(NodeId, common::ids::CommandId)]) -> Result<Vec<Command>, Failure> {
    let mut out = Vec::with_capacity(sent.len());
    for (node, id) in sent {
        let page: CommandPage = api.get(&format!("{}/{node}/commands", paths::NODES)).await?;
        out.extend(page.items.into_iter().find(|c| c.id == *id));
    }
    Ok(out)
}
