//! What happened to nodes and regions, in words: timelines, marks on charts, outages.

use common::node::NodeKind;

use crate::i18n::plural::en;

/// Words of events and of the liveness of a node.
pub struct TimelineWords {
    /// A word of the wire as it is shown; `None` for one that is not known.
    pub word: fn(&str) -> Option<&'static str>,
    /// A new process, and its version.
    pub boot: fn(&str) -> String,
    /// A new process of an unknown version.
    pub boot_plain: &'static str,
    /// What counts for a node or region changed: to what.
    pub intent: fn(&str) -> String,
    /// An order and how it ended.
    pub order: fn(&str, &str) -> String,
    /// An order.
    pub shutdown: &'static str,
    /// An order.
    pub end_sessions: &'static str,
    /// Of which node, and what.
    pub of_node: fn(&str, &str) -> String,
    /// Card of the last hour.
    pub hour: &'static str,
    /// The strip in a sentence: its parts.
    pub said: fn(&str) -> String,
    /// A part: the word, and for how long.
    pub part: fn(&str, &str) -> String,
    /// Between parts.
    pub comma: &'static str,
    /// Before the node was registered.
    pub nothing: &'static str,
    /// Button.
    pub table: &'static str,
    /// Column.
    pub status: &'static str,
    /// Column.
    pub from: &'static str,
    /// Column.
    pub until: &'static str,
    /// Column.
    pub length: &'static str,
    /// Card, while it is silent: since when.
    pub why_now: fn(&str) -> String,
    /// Card of an outage that is over: from when, until when.
    pub why_then: fn(&str, &str) -> String,
    /// Card without an outage.
    pub outages: &'static str,
    /// Nothing to explain.
    pub no_outage: &'static str,
    /// Link.
    pub diagnose: &'static str,
    /// Fact: when heartbeats stopped.
    pub stopped: fn(&str) -> String,
    /// Fact: when they stopped, and when they came back.
    pub stopped_resumed: fn(&str, &str) -> String,
    /// Fact: it said goodbye.
    pub goodbye: &'static str,
    /// What that means.
    pub goodbye_text: &'static str,
    /// Fact: the process did not say goodbye.
    pub silent: &'static str,
    /// What that means.
    pub silent_text: &'static str,
    /// Fact: another process came back.
    pub restarted: &'static str,
    /// What that means.
    pub restarted_text: &'static str,
    /// Fact: the same process came back.
    pub same_process: &'static str,
    /// What that means.
    pub same_process_text: &'static str,
    /// While a node drains, where new calls go: to how many others of its kind, in which region.
    pub others: fn(NodeKind, u32, &str) -> String,
    /// It took new work after it had been asked not to.
    pub rose: &'static str,
    /// Of a duration: how long the outage was.
    pub lasted: fn(&str) -> String,
}

/// English.
pub const TIMELINE: TimelineWords = TimelineWords {
    word: |word| {
        Some(match word {
            "live" => "live",
            "stale" => "stale",
            "offline" => "offline",
            "never_seen" => "never seen",
            "unconfirmed" => "unconfirmed",
            "left" => "stopped",
            "active" => "active",
            "maintenance" => "maintenance",
            "disabled" => "disabled",
            "starting" => "starting",
            "running" => "running",
            "degraded" => "degraded",
            "stopping" => "stopping",
            "requested" => "requested",
            "delivered" => "delivered",
            "draining" => "draining",
            "drained" => "drained",
            "deadline_reached" => "deadline passed",
            "node_lost" => "node silent",
            "cancelled" => "cancelled",
            "queued" => "queued",
            "offered" => "delivered",
            "accepted" => "accepted",
            "done" => "done",
            "failed" => "failed",
            "refused" => "refused",
            "expired" => "expired",
            "superseded" => "superseded",
            "added" => "added",
            "edited" => "edited",
            "deleted" => "deleted",
            "healthy" => "healthy",
            "failing" => "failing",
            "unknown" => "unknown",
            _ => return None,
        })
    },
    boot: |version| format!("New process, {version}"),
    boot_plain: "New process",
    intent: |word| format!("Set to {word}"),
    order: |order, state| format!("{order}: {state}"),
    shutdown: "Shutdown",
    end_sessions: "End of calls",
    of_node: |node, text| format!("{node}: {text}"),
    hour: "Liveness, last 60 min",
    said: |parts| format!("Last 60 minutes, oldest first: {parts}."),
    part: |word, time| format!("{word} {time}"),
    comma: ", ",
    nothing: "Not registered",
    table: "View as table",
    status: "Status",
    from: "From",
    until: "Until",
    length: "For",
    why_now: |since| format!("Why is it offline? Since {since}"),
    why_then: |from, to| format!("Why was it offline? {from} to {to}"),
    outages: "Outages",
    no_outage: "No outage in the last 24 hours.",
    diagnose: "Run diagnosis",
    stopped: |at| format!("Heartbeats stopped {at}"),
    stopped_resumed: |from, to| format!("Heartbeats stopped {from}, resumed {to}"),
    goodbye: "The node said goodbye",
    goodbye_text: "Its process ended in order: a shutdown, a restart or an update.",
    silent: "The node did not say goodbye",
    silent_text: "The process ended at once, or its heartbeats did not get through.",
    restarted: "Another process came back",
    restarted_text: "The node was started again.",
    same_process: "The same process came back",
    same_process_text: "It ran all the time: its heartbeats did not get through.",
    others: |kind, n, region| {
        let proxy = kind == NodeKind::Proxy;
        if n == 0 {
            return format!(
                "No other {} in {region} takes new calls.",
                if proxy { "proxy" } else { "backend" }
            );
        }
        let words = if proxy {
            ["# other proxy", "# other proxies"]
        } else {
            ["# other backend", "# other backends"]
        };
        format!("New calls go to {} in {region}.", en(n, words))
    },
    rose: "The node took a new call after the request.",
    lasted: |time| format!("For {time}"),
};
