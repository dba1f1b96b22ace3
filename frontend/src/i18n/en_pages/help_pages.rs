//! English words of the pages of the help.

use crate::routes::HelpPlace;

/// The pages of the help.
pub struct HelpPageWords {
    /// Heading of a page.
    pub title: fn(HelpPlace) -> &'static str,
    /// What it is about, in one sentence.
    pub lead: fn(HelpPlace) -> &'static str,
    /// Heading above the pages.
    pub pages: &'static str,
    /// From the panel to the page.
    pub open_page: &'static str,
    /// To the index.
    pub all: &'static str,
    /// Beside the steps of 0/N: the nodes it is about.
    pub silent_nodes: &'static str,
    /// The dashboard's list.
    pub attention: &'static str,
    /// Order of the words.
    pub order_title: &'static str,
    /// What it means.
    pub order: &'static str,
    /// The thresholds are not known now.
    pub timers_unknown: &'static str,
    /// Caption of the file of a backend.
    pub file_backend: &'static str,
    /// Caption of the file of a proxy.
    pub file_proxy: &'static str,
    /// Where the values come from.
    pub file_note: &'static str,
    /// The API in paragraphs.
    pub api: &'static [&'static str],
    /// Link to the description.
    pub api_file: &'static str,
    /// Above the example.
    pub api_example: &'static str,
    /// Below it.
    pub api_token: &'static str,
}

/// English.
pub const HELP_PAGES: HelpPageWords = HelpPageWords {
    title: |place| match place {
        HelpPlace::Index => "Help",
        HelpPlace::WhyZero => "Why 0/N?",
        HelpPlace::Shortcuts => "Keyboard shortcuts",
        HelpPlace::Statuses => "Statuses and thresholds",
        HelpPlace::Lifecycle => "Maintenance, disable, shut down, delete",
        HelpPlace::RegionIds => "Region IDs and appsettings.json",
        HelpPlace::Roles => "Roles",
        HelpPlace::Api => "API",
    },
    lead: |place| match place {
        HelpPlace::Index => "What the words mean, and what to do when something does not report.",
        HelpPlace::WhyZero => {
            "Nodes are registered, but none sends heartbeats: what to look at, in this order."
        }
        HelpPlace::Shortcuts => "Everything can be done without a mouse.",
        HelpPlace::Statuses => "What each word says about a node, and after which time it appears.",
        HelpPlace::Lifecycle => "Four ways to take something out of service, and when to use which.",
        HelpPlace::RegionIds => "How a server knows where it belongs.",
        HelpPlace::Roles => "What a Viewer, an Operator and an Admin may do.",
        HelpPlace::Api => "Everything this console does, a script can do.",
    },
    pages: "Topics",
    open_page: "Open as a page",
    all: "All help",
    silent_nodes: "Show nodes that do not report",
    attention: "Show what needs attention",
    order_title: "One word at a time",
    order: "A node shows the word that matters most: Disabled before everything, then Never seen, Unconfirmed, Restarting, Offline, Stale, Starting, Draining, Maintenance, Online. A list sorted by status begins with what needs attention.",
    timers_unknown: "The thresholds could not be read from the server now.",
    file_backend: "A backend's appsettings.json",
    file_proxy: "A proxy's appsettings.json",
    file_note: "ID and secret are shown once, when the node is added; a lost secret is replaced on the node's settings. Restart the application after a change of this file.",
    api: &[
        "Every figure and every action of this console is a call of its API, with the same permissions.",
        "A page's menu (the three dots beside its path) shows the calls behind what is on the screen.",
    ],
    api_file: "Download openapi.json",
    api_example: "A first call",
    api_token: "The reply to the sign-in holds an accessToken too: send it as “Authorization: Bearer …” instead of the cookie. It is good for 15 minutes; the call refresh gives a new one. Keep it out of files that others read.",
};
