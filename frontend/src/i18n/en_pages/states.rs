//! English words of what every page shares: the frame, states of pages, messages, settings.

use crate::i18n::plural::en;

/// What every page shares.
pub struct StateWords {
    /// First step of every breadcrumb, and the product's part.
    pub home: &'static str,
    /// Group of the navigation.
    pub nav_admin: &'static str,
    /// Beside a count of problems in the navigation.
    pub problems: fn(u64) -> String,
    /// Help beside a breadcrumb.
    pub help_here: &'static str,
    /// Nothing came for eight seconds.
    pub slow: &'static str,
    /// The messages at the edge.
    pub toasts: &'static str,
    /// Takes back what was done.
    pub undo: &'static str,
    /// It was taken back.
    pub undone: &'static str,
    /// It could not be taken back.
    pub undo_failed: fn(&str) -> String,
    /// Over a dialog that stays because of what is typed.
    pub typed_stays: &'static str,
    /// Under a name that is not the one.
    pub typed_differs: fn(&str) -> String,
    /// A button while its request is under way.
    pub turning_on: &'static str,
    /// The same.
    pub disabling: &'static str,
    /// The same.
    pub enabling: &'static str,
    /// The same.
    pub shutting_down: &'static str,
    /// The same.
    pub deleting: &'static str,
    /// At the top of a printed page.
    pub printed: fn(&str) -> String,
    /// Before a suggestion.
    pub did_you_mean: &'static str,
    /// Under a page that is not there.
    pub search_instead: &'static str,
    /// Heading of the settings.
    pub settings: &'static str,
    /// What General says of itself.
    pub general_lead: &'static str,
    /// Card: heartbeats.
    pub timers: &'static str,
    /// Row.
    pub interval: &'static str,
    /// Its meaning.
    pub interval_text: &'static str,
    /// Row.
    pub stale_after: &'static str,
    /// Its meaning.
    pub stale_text: &'static str,
    /// Row.
    pub offline_after: &'static str,
    /// Its meaning.
    pub offline_text: &'static str,
    /// Card: what is kept how long.
    pub retention: &'static str,
    /// Heading of a page that the role does not allow.
    pub forbidden_title: &'static str,
    /// Which role it takes.
    pub forbidden: fn(&str) -> String,
    /// One's own role, and who has the other.
    pub forbidden_who: fn(&str, &str) -> String,
    /// Who has it.
    pub operators_have_it: &'static str,
    /// Who has it.
    pub admins_have_it: &'static str,
    /// Row.
    pub kept_activity: &'static str,
    /// Row.
    pub kept_runs: &'static str,
    /// Row.
    pub kept_commands: &'static str,
    /// Row.
    pub kept_diary: &'static str,
    /// Days.
    pub days: fn(u64) -> String,
    /// Card: this server.
    pub server: &'static str,
    /// Row.
    pub version: &'static str,
    /// Row.
    pub started: &'static str,
    /// Row.
    pub public_url: &'static str,
    /// There is none.
    pub public_url_none: &'static str,
    /// Row.
    pub reach: &'static str,
    /// Loopback only.
    pub reach_loopback: &'static str,
    /// All.
    pub reach_all: &'static str,
}

/// English.
pub const STATES: StateWords = StateWords {
    home: "Infrastructure",
    nav_admin: "Administration",
    problems: |n| en(n, ["# open problem", "# open problems"]),
    help_here: "Help for this page",
    slow: "Still loading. The server has not answered for 8 seconds.",
    toasts: "Messages",
    undo: "Undo",
    undone: "Taken back",
    undo_failed: |why| format!("Could not be taken back. {why}"),
    typed_stays: "What you typed would be lost. Cancel closes this dialog.",
    typed_differs: |phrase| format!("This is not the name. Type {phrase} exactly."),
    turning_on: "Turning on maintenance…",
    disabling: "Disabling…",
    enabling: "Enabling…",
    shutting_down: "Shutting down…",
    deleting: "Deleting…",
    printed: |time| format!("Figures as of {time}"),
    did_you_mean: "Did you mean",
    search_instead: "Search the console",
    settings: "Settings",
    general_lead: "How this installation judges its nodes, and what it keeps. These are set where the server is started.",
    timers: "Heartbeats",
    interval: "Interval",
    interval_text: "So often every node is asked to report.",
    stale_after: "Stale after",
    stale_text: "A node that is silent for so long is late. It may still be working.",
    offline_after: "Offline after",
    offline_text: "A node that is silent for so long counts as gone, and opens a problem.",
    retention: "Kept for",
    forbidden_title: "Not for your role",
    forbidden: |role| format!("This page takes the role {role}"),
    forbidden_who: |own, who| format!("You are signed in as {own}. {who}"),
    operators_have_it: "Operators and administrators have it. Ask one of them to do it, or an administrator for the role.",
    admins_have_it: "Administrators have it. Ask one of them.",
    kept_activity: "Activity",
    kept_runs: "Runs of jobs",
    kept_commands: "Receipts of commands",
    kept_diary: "Refused heartbeats",
    days: |n| en(n, ["# day", "# days"]),
    server: "This server",
    version: "Version",
    started: "Started",
    public_url: "Address for nodes",
    public_url_none: "Not set. Nodes are told the address of this page.",
    reach: "Reached from",
    reach_loopback: "This machine only: servers elsewhere cannot send heartbeats.",
    reach_all: "Other machines too.",
};
