//! Help: what controls do and when to use them, and the words that need more than a word.

/// One topic: its anchor, its heading, and its paragraphs.
pub struct Topic {
    /// For links: `/help#anchor`.
    pub anchor: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Paragraphs.
    pub text: &'static [&'static str],
}

/// Topics and the table of controls.
pub struct HelpWords {
    /// Heading of the list of topics.
    pub topics_title: &'static str,
    /// The table's anchor.
    pub controls_anchor: &'static str,
    /// The table's heading.
    pub controls_title: &'static str,
    /// Its columns: control, function, use case.
    pub columns: [&'static str; 3],
    /// Its rows.
    pub controls: &'static [[&'static str; 3]],
    /// Below the table.
    pub controls_note: &'static str,
    /// The topics.
    pub topics: &'static [Topic],
}

/// English.
pub const HELP: HelpWords = HelpWords {
    topics_title: "On this page",
    controls_anchor: "controls",
    controls_title: "Maintenance, disable and shutdown",
    columns: ["Control", "Function", "Use case"],
    controls: &[
        [
            "Maintenance",
            "The node or region takes no new calls. Calls that are under way go on until they end. It keeps sending heartbeats.",
            "Before an update: wait until no call is left, then restart or update without cutting anybody off.",
        ],
        [
            "Disable",
            "Marked as out of service for good: no calls, not counted as available, even if its process keeps running. It stays registered, with its history.",
            "A server is retired or broken, and should stay away until somebody enables it again.",
        ],
        [
            "Shut down",
            "The application on that server ends: after its calls, or at once if asked for. It comes back only if the server restarts it (systemd, Docker, Windows service).",
            "A clean restart from here: to load a new version or new settings.",
        ],
        [
            "Delete",
            "Removes the registration, the secret and the history. A server that goes on sending heartbeats is then unregistered. It cannot be undone.",
            "The server will not come back: disable it first, and wait until it is silent.",
        ],
    ],
    controls_note: "The most restrictive wins: a region in maintenance puts all its nodes into maintenance, and a node can be disabled on top of it. “For good” means until a person enables it; no time and no restart ends it. Delete removes the registration itself, with the secret: a server that goes on sending heartbeats is then unregistered.",
    topics: &[
        Topic {
            anchor: "region-id",
            title: "Region ID and appsettings.json",
            text: &[
                "A Region ID is the country code and the name you give, in upper case: OM-MCT, US-EAST-1. It is made when the region is added and does not change.",
                "Each server names its region in its appsettings.json: Server:RegionId on a backend, Proxy:RegionId on a proxy, beside its secret. The ID there must be the one here; letter case does not matter.",
                "A heartbeat with another region than that of the registered node is refused, and the refusal is shown on the node and on the dashboard.",
            ],
        },
        Topic {
            anchor: "storage",
            title: "Why storage is regional",
            text: &[
                "Each region has its own S3 storage for recordings and audio. A call's files stay in the region in which the call is held: they have a short way, and the law of the place applies to them.",
                "Nodes fetch the address and the keys of their region's storage from here when they start, and get new keys within two heartbeats. No storage key has to be in a server's file.",
            ],
        },
        Topic {
            anchor: "background",
            title: "Background node",
            text: &[
                "The background node does what no call waits for: cleanup, timeouts, caches. There is one.",
                "The API and the frontend need to know where to send job triggers. Without this, jobs cannot be started by hand.",
                "“In sync” compares fingerprints of the key here and of the key the node presents, never the keys themselves.",
            ],
        },
        Topic {
            anchor: "incidents",
            title: "Problems and incidents",
            text: &[
                "Nodes of one region that fall silent within the time after which a node counts as offline are one incident, with the likely cause: a shared machine, a shared network, the region, or what lies in front of this control plane.",
                "A snoozed problem leaves the list and the counts until the time is over, until it clears, or until it becomes worse. What is over is shown for a minute.",
                "While the control plane has a difficulty of its own (a restart, a slow database, a late sweep) it does not call nodes offline: they are unconfirmed until it can judge again.",
            ],
        },
    ],
};
