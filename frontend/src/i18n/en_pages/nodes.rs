//! English sentences about nodes.

use common::status::ConditionKind;

use crate::i18n::plural::num;

/// Tables of nodes.
pub struct NodesWords {
    /// Filter.
    pub label: &'static str,
    /// Heading.
    pub title: &'static str,
    /// The filter.
    pub filter: &'static str,
    /// Chip.
    pub attention: &'static str,
    /// The choice that filters nothing.
    pub any: &'static str,
    /// How many match.
    pub of: fn(usize, usize) -> String,
    /// Chip.
    pub resort: &'static str,
    /// Tooltip of a dimmed row.
    pub no_match: &'static str,
    /// More than the stream holds.
    pub truncated: &'static str,
    /// Nothing yet.
    pub empty_title: &'static str,
    /// Where to add one.
    pub empty_text: &'static str,
    /// Link.
    pub to_regions: &'static str,
    /// Nothing matches.
    pub no_match_title: &'static str,
    /// Takes the filters away.
    pub clear: &'static str,
    /// Column.
    pub status: &'static str,
    /// Column.
    pub name: &'static str,
    /// Column.
    pub region: &'static str,
    /// Column.
    pub kind: &'static str,
    /// Column.
    pub cpu: &'static str,
    /// Column.
    pub ram: &'static str,
    /// Column for both kinds.
    pub work: &'static str,
    /// Column of backends.
    pub sessions: &'static str,
    /// Column of proxies.
    pub queue_head: &'static str,
    /// Column.
    pub heard: &'static str,
    /// Column.
    pub version: &'static str,
    /// Tag.
    pub dev: &'static str,
    /// Badge of a node that runs an older version than others.
    pub version_tag: fn(&str) -> String,
    /// What that means.
    pub version_newer: fn(&str) -> String,
    /// Work left in a badge.
    pub left: fn(u64) -> String,
    /// A proxy's calls.
    pub queue: fn(&str, &str) -> String,
}

/// The page of a node.
pub struct NodeWords {
    /// While the name is not known.
    pub title: &'static str,
    /// Heading.
    pub missing_title: &'static str,
    /// Which.
    pub missing: &'static str,
    /// Why perhaps.
    pub missing_text: &'static str,
    /// Link.
    pub to_list: &'static str,
    /// Tag.
    pub from_region: &'static str,
    /// Tag.
    pub from_platform: &'static str,
    /// How long the word holds.
    pub since: fn(&str, &str) -> String,
    /// The same, with who asked for it and why.
    pub since_by: fn(&str, &str, &str, Option<&str>) -> String,
    /// Badge: disabled, and its process goes on.
    pub still: &'static str,
    /// What that means.
    pub still_text: &'static str,
    /// Button of a menu.
    pub more: &'static str,
    /// Link.
    pub to_secret: &'static str,
    /// Nodes that the mistyped id may mean.
    pub did_you_mean: &'static str,
    /// Never seen.
    pub never_title: &'static str,
    /// What that means.
    pub never_text: &'static str,
    /// Link.
    pub never_connect: &'static str,
    /// Link.
    pub never_help: &'static str,
    /// Label of old figures.
    pub last_known: fn(&str) -> String,
    /// Card.
    pub cpu: &'static str,
    /// Card.
    pub ram: &'static str,
    /// Card.
    pub sessions: &'static str,
    /// Card.
    pub queue: &'static str,
    /// Card.
    pub network: &'static str,
    /// Both directions.
    pub down_up: fn(&str, &str) -> String,
    /// Parts of the sessions.
    pub phone_web: fn(&str, &str) -> String,
    /// Card.
    pub identity: &'static str,
    /// Name of a value.
    pub id: &'static str,
    /// Button.
    pub copy_id: &'static str,
    /// Name of a value.
    pub region: &'static str,
    /// Name of a value.
    pub endpoint: &'static str,
    /// Button.
    pub copy_endpoint: &'static str,
    /// Name of a value.
    pub sip: &'static str,
    /// Name of a value.
    pub version: &'static str,
    /// Name of a value.
    pub hostname: &'static str,
    /// Name of a value.
    pub heard: &'static str,
    /// After it.
    pub every: fn(&str) -> String,
    /// Name of a value.
    pub boot: &'static str,
    /// Name of a value.
    pub started: &'static str,
    /// Name of a value.
    pub clock: &'static str,
    /// Name of a value.
    pub source: &'static str,
    /// Name of a value.
    pub secret: &'static str,
    /// After its fingerprint.
    pub made: fn(&str) -> String,
    /// Name of a value.
    pub registered: &'static str,
    /// Name of a value.
    pub notes: &'static str,
    /// Name of a value.
    pub labels: &'static str,
    /// Card.
    pub conditions: &'static str,
    /// Nothing found.
    pub no_conditions: &'static str,
    /// What was checked.
    pub condition: fn(ConditionKind) -> String,
    /// Card.
    pub refused: &'static str,
    /// None.
    pub no_refused: &'static str,
    /// How often.
    pub times: fn(u64, &str, &str) -> String,
}

/// Tables of nodes.
pub(crate) const NODES: NodesWords = NodesWords {
    label: "Label",
    title: "Nodes",
    filter: "Filter by name, endpoint, ID or version",
    attention: "Needs attention",
    any: "any",
    of: |n, all| format!("{} of {} nodes", num(n), num(all)),
    resort: "Re-sort",
    no_match: "No longer matches the filter",
    truncated: "The first 1,000 nodes are shown. Open a region to see all of its nodes.",
    empty_title: "No nodes yet",
    empty_text: "A node is a server that sends heartbeats. Nodes are added on the page of their region.",
    to_regions: "Open regions",
    no_match_title: "No nodes match these filters",
    clear: "Clear filters",
    status: "Status",
    name: "Name / Endpoint",
    region: "Region",
    kind: "Type",
    cpu: "CPU",
    ram: "RAM",
    work: "Sessions / Queue",
    sessions: "Sessions",
    queue_head: "Queue",
    heard: "Last heartbeat",
    version: "Version",
    dev: "Dev",
    version_tag: |version| format!("Version {version}"),
    version_newer: |newest| format!("Others of its kind in this region run {newest}."),
    left: |n| format!("{n} left"),
    queue: |processing, pending| format!("{processing} + {pending} waiting"),
};

/// The page of a node.
pub(crate) const NODE: NodeWords = NodeWords {
    title: "Node",
    missing_title: "Node not found",
    missing: "There is no node with this ID",
    missing_text: "It was deleted, or the address is mistyped.",
    to_list: "All nodes",
    from_region: "Set by the region",
    from_platform: "Set by the platform",
    since: |word, at| format!("{word} since {at}"),
    since_by: |word, at, by, why| match why {
        Some(why) => format!("{word} since {at} · {by} · “{why}”"),
        None => format!("{word} since {at} · {by}"),
    },
    still: "Still reporting",
    still_text: "The node is disabled, and its process goes on sending heartbeats.",
    more: "More actions",
    to_secret: "Registration and secret",
    did_you_mean: "Did you mean",
    never_title: "No heartbeat has arrived yet",
    never_text: "The node is registered. Its server has not sent a heartbeat that was accepted.",
    never_connect: "Connect the server",
    never_help: "What to check",
    last_known: |at| format!("Last known, at {at}"),
    cpu: "CPU",
    ram: "RAM",
    sessions: "Sessions",
    queue: "Queue",
    network: "Network ↓ / ↑",
    down_up: |down, up| format!("{down} / {up} Mb/s"),
    phone_web: |phone, web| format!("{phone} phone, {web} web"),
    identity: "Identity",
    id: "Node ID",
    copy_id: "Copy node ID",
    region: "Region",
    endpoint: "Endpoint",
    copy_endpoint: "Copy endpoint",
    sip: "SIP",
    version: "Version",
    hostname: "Host name",
    heard: "Last heartbeat",
    every: |interval| format!("(every {interval})"),
    boot: "Boot ID",
    started: "Started",
    clock: "Clock offset",
    source: "Sends from",
    secret: "Secret",
    made: |at| format!("made {at}"),
    registered: "Registered",
    notes: "Notes",
    labels: "Labels",
    conditions: "Conditions",
    no_conditions: "Nothing found.",
    condition: |kind| match kind {
        ConditionKind::ClockInSync => "Clock agrees with the server".into(),
        ConditionKind::IdentityUnique => "ID is its own".into(),
        ConditionKind::FiguresReadable => "Figures can be read".into(),
        ConditionKind::HeartbeatAccepted => "Heartbeat accepted".into(),
        ConditionKind::StorageReachable => "Storage of the region reached".into(),
    },
    refused: "Refused heartbeats",
    no_refused: "None since the node was added.",
    times: |n, first, last| match n {
        1 => format!("once, {last}"),
        n => format!("{n} times, {first} to {last}"),
    },
};
