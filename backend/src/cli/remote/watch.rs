//! Following the live stream: one line per change that an operator would want to hear of.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use common::ids::NodeId;
use common::intent::DrainPhase;
use common::node::{Node, NodeLive};
use common::overview::OpenProblem;
use common::paths;
use common::status::StatusWord;
use common::stream::{ByeReason, Change, LiveEvent, SnapshotData};
use common::time::Timestamp;
use reqwest::Method;
use serde::Serialize;

use super::Failure;
use super::api::Api;
use super::events::Events;
use super::output::{Format, clean, line, progress};
use super::select::{self, Filter, with_query};
use super::show::word;

/// Without any message for this long the connection is dead: a `tick` comes every 2 s.
const SILENCE: Duration = Duration::from_secs(15);
/// Between attempts to connect again.
const PAUSE: Duration = Duration::from_secs(2);
/// Attempts in a row that fail before it gives up.
const ATTEMPTS: u32 = 30;

/// One line. The names are stable, for scripts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Line {
    /// A node's status word is another one.
    Status { at: Timestamp, node_id: NodeId, name: String, from: Option<StatusWord>, to: StatusWord },
    /// A drain came to another phase.
    Drain { at: Timestamp, node_id: NodeId, name: String, phase: Option<DrainPhase>, left: Option<u32> },
    /// A node is not there any more.
    Removed { at: Timestamp, node_id: NodeId, name: String },
    /// A problem is new.
    Problem { at: Timestamp, problem: Box<OpenProblem> },
    /// A problem is over.
    Cleared { at: Timestamp, problem_id: String },
}

impl Line {
    fn human(&self) -> String {
        match self {
            Self::Status { at, name, from: Some(from), to, .. } => {
                format!("{at}  {}  {} → {}", clean(name.clone()), word(*from), word(*to))
            }
            Self::Status { at, name, from: None, to, .. } => {
                format!("{at}  {}  {}", clean(name.clone()), word(*to))
            }
            Self::Drain { at, name, phase, left, .. } => {
                let phase = phase.and_then(|p| serde_json::to_value(p).ok());
                let phase = phase.as_ref().and_then(|v| v.as_str()).unwrap_or("over").replace('_', " ");
                let left = left.map_or_else(String::new, |n| format!(", {n} left"));
                format!("{at}  {}  drain: {phase}{left}", clean(name.clone()))
            }
            Self::Removed { at, name, .. } => format!("{at}  {}  deleted", clean(name.clone())),
            Self::Problem { at, problem } => format!("{at}  problem: {}", problem.id),
            Self::Cleared { at, problem_id } => format!("{at}  cleared: {problem_id}"),
        }
    }
}

/// What is known of one node.
struct Known {
    name: String,
    word: StatusWord,
    phase: Option<DrainPhase>,
}

/// What has been seen, and so what is new.
#[derive(Default)]
struct Seen {
    nodes: BTreeMap<NodeId, Known>,
    problems: Option<BTreeSet<String>>,
}

impl Seen {
    fn live(&mut self, at: Timestamp, live: &NodeLive, name: Option<String>, out: &mut Vec<Line>) {
        let (to, phase) = (live.status.word, live.drain.as_ref().map(|d| d.phase));
        let Some(known) = self.nodes.get_mut(&live.id) else {
            // Figures of a node that was never named: its `node` delta is on the way.
            if let Some(name) = name {
                out.push(Line::Status { at, node_id: live.id, name: name.clone(), from: None, to });
                self.nodes.insert(live.id, Known { name, word: to, phase });
            }
            return;
        };
        if let Some(name) = name {
            known.name = name;
        }
        let name = &known.name;
        if known.word != to {
            out.push(Line::Status { at, node_id: live.id, name: name.clone(), from: Some(known.word), to });
        }
        if known.phase != phase {
            let left = live.drain.as_ref().and_then(|d| d.left);
            out.push(Line::Drain { at, node_id: live.id, name: name.clone(), phase, left });
        }
        (known.word, known.phase) = (to, phase);
    }

    /// Every node there is.
    fn all(&mut self, at: Timestamp, nodes: &[Node], out: &mut Vec<Line>) {
        let here: BTreeSet<NodeId> = nodes.iter().map(Node::id).collect();
        let gone: Vec<NodeId> = self.nodes.keys().copied().filter(|id| !here.contains(id)).collect();
        for id in gone {
            self.removed(at, id, out);
        }
        for node in nodes {
            self.node(at, node, out);
        }
    }

    fn node(&mut self, at: Timestamp, node: &Node, out: &mut Vec<Line>) {
        self.live(at, &node.live, Some(node.name()), out);
    }

    fn removed(&mut self, at: Timestamp, id: NodeId, out: &mut Vec<Line>) {
        if let Some(known) = self.nodes.remove(&id) {
            out.push(Line::Removed { at, node_id: id, name: known.name });
        }
    }

    fn problems(&mut self, at: Timestamp, open: &[OpenProblem], out: &mut Vec<Line>) {
        let open = || open.iter().filter(|p| p.cleared_at.is_none() && p.snoozed.is_none());
        let now: BTreeSet<String> = open().map(|p| p.id.clone()).collect();
        let before = self.problems.replace(now.clone()).unwrap_or_default();
        let new = open().filter(|p| !before.contains(&p.id));
        out.extend(new.map(|p| Line::Problem { at, problem: Box::new(p.clone()) }));
        out.extend(before.difference(&now).map(|id| Line::Cleared { at, problem_id: id.clone() }));
    }

    /// The lines that an event is worth.
    fn event(&mut self, event: &LiveEvent) -> Vec<Line> {
        let mut out = Vec::new();
        match event {
            // A part of a large fleet says nothing about who is gone; the list is asked for.
            LiveEvent::Snapshot {
                as_of, data: SnapshotData::Nodes { nodes, truncated: false, .. }, ..
            } => {
                self.all(*as_of, nodes, &mut out);
            }
            LiveEvent::Snapshot { as_of, data: SnapshotData::Summary { overview }, .. } => {
                self.problems(*as_of, &overview.problems, &mut out);
            }
            LiveEvent::Delta { as_of, changes, .. } => {
                for change in changes {
                    match change {
                        Change::Node { node } => self.node(*as_of, node, &mut out),
                        Change::NodeLive { live } => self.live(*as_of, live, None, &mut out),
                        Change::NodeRemoved { id } => self.removed(*as_of, *id, &mut out),
                        Change::Problems { problems, .. } => self.problems(*as_of, problems, &mut out),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        out
    }
}

/// A snapshot of a fleet too large to be sent as a whole: which nodes there are has to be asked for.
fn asks_for_a_list(event: &LiveEvent) -> Option<Timestamp> {
    match event {
        LiveEvent::Snapshot { as_of, data: SnapshotData::Nodes { truncated: true, .. }, .. } => Some(*as_of),
        _ => None,
    }
}

/// Why a connection ended.
enum End {
    /// Connect again at once.
    Again,
    /// Connect again after a pause.
    Lost,
}

/// What is followed.
struct Watched {
    /// Of the stream.
    path: String,
    /// Of the list of the same nodes.
    filter: Filter,
}

/// The filter of a region's nodes, or of all.
fn of(region: Option<&str>) -> Filter {
    region.map(|region| ("regionId", region.to_owned())).into_iter().collect()
}

/// Prints until interrupted, or for as long as asked.
///
/// # Errors
/// [`Failure`] where the server cannot be reached for a minute, or whoever asks was signed out.
pub(super) async fn follow(
    api: &Api,
    format: Format,
    region: Option<&str>,
    during: Option<Duration>,
) -> Result<(), Failure> {
    let topics = match region {
        Some(region) => format!("summary,region:{region}"),
        None => "summary,nodes".to_owned(),
    };
    let watched = Watched { path: with_query(paths::STREAM, &[("topics", topics)]), filter: of(region) };
    match during {
        Some(during) => {
            tokio::time::timeout(during, reconnecting(api, format, &watched)).await.unwrap_or(Ok(()))
        }
        None => reconnecting(api, format, &watched).await,
    }
}

async fn reconnecting(api: &Api, format: Format, watched: &Watched) -> Result<(), Failure> {
    let mut seen = Seen::default();
    let mut failed = 0;
    loop {
        match once(api, format, watched, &mut seen).await {
            Ok(End::Again) => failed = 0,
            Ok(End::Lost) => {
                failed = 0;
                progress("The connection was lost; connecting again.");
                tokio::time::sleep(PAUSE).await;
            }
            Err(why) if why.exit() == 1 && failed < ATTEMPTS => {
                if failed == 0 {
                    progress(&format!("{why} Trying again."));
                }
                failed += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(other) => return Err(other),
        }
    }
}

async fn once(api: &Api, format: Format, watched: &Watched, seen: &mut Seen) -> Result<End, Failure> {
    // No deadline of the whole: it has no end.
    let request = api.request(Method::GET, &watched.path).await?;
    let reply = request.send().await.map_err(|e| api.unreachable(&e))?;
    let mut reply = api.check(reply).await?;
    let mut events = Events::default();
    loop {
        let piece = match tokio::time::timeout(SILENCE, reply.chunk()).await {
            Ok(Ok(Some(piece))) => piece,
            Ok(Ok(None) | Err(_)) | Err(_) => return Ok(End::Lost),
        };
        let Ok(arrived) = events.take(&piece) else { return Ok(End::Lost) };
        for event in arrived {
            let mut entries = seen.event(&event);
            if let Some(at) = asks_for_a_list(&event) {
                // What changes meanwhile waits in the stream.
                seen.all(at, &select::nodes(api, &watched.filter).await?, &mut entries);
            }
            for entry in entries {
                match format {
                    Format::Human => line(&entry.human())?,
                    Format::Json => {
                        line(&serde_json::to_string(&entry).map_err(|e| Failure::Refused(e.to_string()))?)?;
                    }
                }
            }
            match event {
                LiveEvent::Bye { reason: ByeReason::Shutdown } => return Ok(End::Lost),
                // After a sign-out the next attempt says what is wrong.
                LiveEvent::Bye { .. } => return Ok(End::Again),
                _ => {}
            }
        }
    }
}
