//! Events of `GET /stream`. Each is one unnamed server-sent message whose JSON has a `type`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::activity::Activity;
use crate::capacity::Capacity;
use crate::ids::{NodeId, RegionId, StreamId};
use crate::intent::Platform;
use crate::job::JobRun;
use crate::meta::Timers;
use crate::node::{Node, NodeLive};
use crate::overview::{Attention, Collecting, OpenProblem, Overview, RegionSummary};
use crate::region::Region;
use crate::singleton::Singletons;
use crate::time::Timestamp;

/// What a client can follow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// The dashboard's figures.
    Summary,
    /// All nodes: figures too of a fleet of up to 400; beyond, changes of status and registration of all, and figures
    /// of those in the stream's window.
    Nodes,
    /// One region and its nodes.
    Region(RegionId),
    /// One node.
    Node(NodeId),
    /// New entries of the activity log.
    Activity,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Summary => f.write_str("summary"),
            Self::Nodes => f.write_str("nodes"),
            Self::Region(id) => write!(f, "region:{id}"),
            Self::Node(id) => write!(f, "node:{id}"),
            Self::Activity => f.write_str("activity"),
        }
    }
}

/// The text is no topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATopic;

impl FromStr for Topic {
    type Err = NotATopic;

    fn from_str(s: &str) -> Result<Self, NotATopic> {
        match s.split_once(':') {
            None if s == "summary" => Ok(Self::Summary),
            None if s == "nodes" => Ok(Self::Nodes),
            None if s == "activity" => Ok(Self::Activity),
            Some(("region", id)) if (1..=40).contains(&id.len()) => Ok(Self::Region(RegionId::from(id))),
            Some(("node", id)) => id.parse().map(Self::Node).map_err(|_| NotATopic),
            _ => Err(NotATopic),
        }
    }
}

impl Serialize for Topic {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(|NotATopic| serde::de::Error::custom("not a topic"))
    }
}

/// Most nodes in the window of a stream.
pub const WINDOW_MAX: usize = 400;

/// `PUT /stream/{streamId}/window`: the nodes whose figures topic `nodes` carries on this connection.
///
/// Each node that enters the window comes as a whole `node` at once (one that does not exist as `nodeRemoved`), and its
/// figures as `nodeLive` from then on, at most once a second, the newest alone. These deltas are for this connection
/// alone: they have no `id`, so the position to resume from stays where it was. The window replaces the one before and
/// ends with the connection; set it again after each `hello`. After a `reset` its nodes come whole again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StreamWindow {
    /// At most 400, each once.
    #[cfg_attr(feature = "openapi", schema(max_items = 400))]
    pub ids: Vec<NodeId>,
}

/// The id of an event: `<epoch>-<seq>`. The epoch is 16 hex digits per run of the server, the sequence counts over
/// the whole process, so a gap in it says nothing; only the server decides that something was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId {
    /// The run of the server.
    pub epoch: u64,
    /// Grows by one with every event of that run.
    pub seq: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.epoch, self.seq)
    }
}

/// The text is no event id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnEventId;

impl FromStr for EventId {
    type Err = NotAnEventId;

    fn from_str(s: &str) -> Result<Self, NotAnEventId> {
        let (epoch, seq) = s.split_once('-').ok_or(NotAnEventId)?;
        let hex = epoch.len() == 16 && epoch.bytes().all(|b| b.is_ascii_hexdigit());
        let decimal = (1..=20).contains(&seq.len()) && seq.bytes().all(|b| b.is_ascii_digit());
        if !(hex && decimal) {
            return Err(NotAnEventId);
        }
        let epoch = u64::from_str_radix(epoch, 16).map_err(|_| NotAnEventId)?;
        Ok(Self { epoch, seq: seq.parse().map_err(|_| NotAnEventId)? })
    }
}

/// The whole state of a topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum SnapshotData {
    /// Of `summary`.
    Summary {
        /// The figures.
        overview: Overview,
    },
    /// Of `nodes` and of `region:ID`, by id. `region` is set for `region:ID`.
    ///
    /// `region:ID` holds at most the first 1,000 nodes of the region. `nodes` holds all nodes of a fleet of up to 1,000
    /// and none of a larger one, where a part would be of no use to anybody: a script pages through `GET /nodes`, a list
    /// asks `GET /nodes/order` and sets the stream's window, and both learn of every change of status from here on.
    Nodes {
        /// The region.
        region: Option<Region>,
        /// Its nodes, or all.
        nodes: Vec<Node>,
        /// There are more nodes than were sent; page through `GET /nodes`.
        truncated: bool,
    },
    /// Of `node:ID`.
    Node {
        /// The node.
        node: Node,
    },
    /// Of `activity`: nothing. The log itself is `GET /activity`; what comes after this is told as it is written.
    Activity,
    /// The region or node of the topic does not exist (any more).
    Gone,
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Change {
    /// The cluster's figures.
    Cluster {
        /// All regions together.
        capacity: Capacity,
    },
    /// A region's figures or registration, in `summary`.
    Region {
        /// As it is now.
        region: RegionSummary,
    },
    /// The region of topic `region:ID` itself.
    RegionDetail {
        /// As it is now.
        region: Region,
    },
    /// A node was added, or its registration changed.
    Node {
        /// As it is now.
        node: Node,
    },
    /// A node's figures or liveness.
    NodeLive {
        /// As it is now.
        live: NodeLive,
    },
    /// A node is gone.
    NodeRemoved {
        /// Which.
        id: NodeId,
    },
    /// A region is gone.
    RegionRemoved {
        /// Which.
        id: RegionId,
    },
    /// The list of open problems.
    Problems {
        /// The worst 100, worst first.
        problems: Vec<OpenProblem>,
        /// What stands beside them.
        #[serde(default)]
        attention: Attention,
    },
    /// The control plane's processes or the background node, in `summary`.
    Singletons {
        /// As they are now.
        singletons: Singletons,
    },
    /// The platform's own intent, in `summary`.
    Platform {
        /// As it is now.
        platform: Platform,
    },
    /// A run of a job, in the topic of the background node; without its output.
    Job {
        /// As it is now.
        run: JobRun,
    },
    /// A new entry of the activity log. May come twice; its id says so.
    Activity {
        /// The entry.
        entry: Activity,
    },
}

/// Why the stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum ByeReason {
    /// The connection is old; connect again at once.
    Rotate,
    /// The server stops or restarts.
    Shutdown,
    /// The session ended.
    SignedOut,
    /// The session goes on with other rights: ask `GET /auth/me` again, then connect again.
    AccessChanged,
}

/// One message of the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum LiveEvent {
    /// First of every connection.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Hello {
        /// Names this connection.
        stream_id: StreamId,
        /// The server's clock.
        server_time: Timestamp,
        /// How often a `tick` comes.
        tick_ms: u64,
        /// Timers as told to nodes.
        timers: Timers,
        /// The server's version; where it differs from the page's, a newer console is there.
        version: String,
        /// Missed events follow instead of snapshots.
        resumed: bool,
    },
    /// The whole state of a topic; replaces what the client had.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Snapshot {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        topic: Topic,
        /// When it was made.
        as_of: Timestamp,
        /// The newest change it contains.
        change: i64,
        /// The state.
        data: SnapshotData,
    },
    /// What changed in a topic, at most four times a second, newest per node.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Delta {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        topic: Topic,
        /// When it was made.
        as_of: Timestamp,
        /// The newest change it contains.
        change: i64,
        /// Apply in order.
        changes: Vec<Change>,
    },
    /// Comes every 2 s even where nothing changes: without it the page knows that it is behind.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Tick {
        /// The server's clock.
        server_time: Timestamp,
        /// Present while the control plane cannot judge silence.
        collecting: Option<Collecting>,
    },
    /// Events were lost; snapshots of all topics follow.
    Reset {
        /// Why, for logs.
        reason: String,
    },
    /// The last message.
    Bye {
        /// Why.
        reason: ByeReason,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_ids() {
        let id = EventId { epoch: 0xab, seq: 7 };
        assert_eq!(id.to_string(), "00000000000000ab-7");
        assert_eq!("00000000000000ab-7".parse(), Ok(id));
        for bad in [
            "",
            "-",
            "ab-7",
            "00000000000000ab-",
            "00000000000000ab--7",
            "00000000000000ab-99999999999999999999999",
            "00000000000000aé-1",
        ] {
            assert_eq!(bad.parse::<EventId>(), Err(NotAnEventId), "{bad}");
        }
    }

    #[test]
    fn topics() {
        for text in
            ["summary", "nodes", "activity", "region:OM-MCT", "node:0198f6a2-0000-7000-8000-000000000001"]
        {
            assert_eq!(text.parse::<Topic>().map(|t| t.to_string()), Ok(text.to_owned()));
        }
        for bad in ["", "summary:x", "region:", "node:x", "everything"] {
            assert_eq!(bad.parse::<Topic>(), Err(NotATopic), "{bad}");
        }
    }

    #[test]
    fn events_on_the_wire() {
        let text = serde_json::to_string(&LiveEvent::Bye { reason: ByeReason::SignedOut }).unwrap();
        assert_eq!(text, r#"{"type":"bye","reason":"signedOut"}"#);
        let tick = LiveEvent::Tick { server_time: Timestamp(0), collecting: None };
        let text = serde_json::to_string(&tick).unwrap();
        assert_eq!(text, r#"{"type":"tick","serverTime":"1970-01-01T00:00:00.000Z","collecting":null}"#);
        assert_eq!(serde_json::from_str::<LiveEvent>(&text).unwrap(), tick);
    }
}
