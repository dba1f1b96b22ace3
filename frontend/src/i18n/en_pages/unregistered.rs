//! English sentences about servers that are not registered.

/// The list of servers that are not registered.
pub struct UnregisteredWords {
    /// Heading.
    pub title: &'static str,
    /// What it is.
    pub intro: &'static str,
    /// None.
    pub empty_title: &'static str,
    /// What would be here.
    pub empty_text: &'static str,
    /// All are ignored.
    pub all_ignored: &'static str,
    /// Could not be loaded.
    pub not_loaded: &'static str,
    /// Switch: how many are ignored.
    pub show_ignored: fn(u32) -> String,
    /// More exist than are shown.
    pub truncated: &'static str,
    /// Before the address of a row.
    pub row: &'static str,
    /// Before what it says of itself.
    pub claims: &'static str,
    /// It says nothing of itself.
    pub claims_nothing: &'static str,
    /// Claim.
    pub claims_id: &'static str,
    /// Claim.
    pub claims_kind: &'static str,
    /// Claim.
    pub claims_region: &'static str,
    /// Value.
    pub fingerprint: &'static str,
    /// Instead of it.
    pub no_secret: &'static str,
    /// How often: count, first, last.
    pub tries: fn(u64, &str, &str) -> String,
    /// Why it is refused.
    pub unknown_secret: &'static str,
    /// Why it is refused: name, when, by whom.
    pub deleted: fn(&str, &str, &str) -> String,
    /// Why it is refused.
    pub was_deleted: &'static str,
    /// The claimed id is a registered node's.
    pub is_registered: &'static str,
    /// The fingerprint it should present.
    pub expected: fn(&str) -> String,
    /// Link to that node.
    pub open_node: &'static str,
    /// Button.
    pub register: &'static str,
    /// Where no region is known to add it to.
    pub choose_region: &'static str,
    /// Button.
    pub ignore: &'static str,
    /// In place of the button.
    pub ignored_by: fn(&str, &str) -> String,
    /// Button.
    pub undo: &'static str,
    /// Spoken.
    pub ignored_said: &'static str,
    /// Spoken.
    pub shown_said: &'static str,
    /// Link from the list of nodes.
    pub link: &'static str,
    /// Above Add node.
    pub prefilled: &'static str,
}

/// The list of servers that are not registered.
pub(crate) const UNREGISTERED: UnregisteredWords = UnregisteredWords {
    title: "Unregistered nodes",
    intro: "These servers send heartbeats that are refused, because the registry does not know them. What they say of themselves are claims; their figures are not counted anywhere.",
    empty_title: "No unregistered nodes",
    empty_text: "A server that sends heartbeats with a secret nobody gave it would be listed here for 24 hours.",
    all_ignored: "All of them are ignored.",
    not_loaded: "The list could not be loaded",
    show_ignored: |n| format!("Show ignored ({n})"),
    truncated: "Only the newest 500 are shown.",
    row: "From",
    claims: "It claims to be",
    claims_nothing: "It says nothing of itself.",
    claims_id: "node",
    claims_kind: "kind",
    claims_region: "region",
    fingerprint: "Fingerprint of its secret",
    no_secret: "It presents no secret.",
    tries: |n, first, last| match n {
        1 => format!("Once, {last}"),
        n => format!("{n} times, {first} to {last}"),
    },
    unknown_secret: "No node has this secret.",
    deleted: |name, when, who| format!("It was the node {name}, deleted {when} by {who}."),
    was_deleted: "The node was deleted.",
    is_registered: "A registered node has this ID, so the server is known and its secret is wrong. Put the right one into its appsettings.json, or rotate it.",
    expected: |fingerprint| format!("Expected fingerprint: {fingerprint}"),
    open_node: "Open that node's settings",
    register: "Register it",
    choose_region: "Choose a region",
    ignore: "Ignore",
    ignored_by: |who, when| format!("Ignored by {who}, {when}"),
    undo: "Undo",
    ignored_said: "It is ignored from now on",
    shown_said: "It is shown again",
    link: "Unregistered nodes",
    prefilled: "Filled in from what the server claims of itself. It gets a secret of its own: the one it presents now stays refused.",
};
