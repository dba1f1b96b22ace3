//! English sentences for changing what is registered, and for secrets.

use crate::i18n::plural;

/// Settings of a node and of a region.
pub struct EditWords {
    /// Card.
    pub identity: &'static str,
    /// Cannot be changed.
    pub fixed: &'static str,
    /// Field.
    pub notes: &'static str,
    /// Its hint.
    pub notes_hint: &'static str,
    /// Field.
    pub external: &'static str,
    /// Its hint.
    pub external_hint: &'static str,
    /// Group.
    pub labels: &'static str,
    /// Its hint.
    pub labels_hint: &'static str,
    /// Name of an input.
    pub label_key: fn(usize) -> String,
    /// Name of an input.
    pub label_value: fn(usize) -> String,
    /// Placeholder.
    pub key: &'static str,
    /// Placeholder.
    pub value: &'static str,
    /// Button.
    pub add_label: &'static str,
    /// Button.
    pub remove_label: fn(&str) -> String,
    /// Two labels have one key.
    pub label_twice: fn(&str) -> String,
    /// A value without a key.
    pub label_no_key: &'static str,
    /// Button.
    pub save: &'static str,
    /// The button while it runs.
    pub saving: &'static str,
    /// Button.
    pub discard: &'static str,
    /// Spoken.
    pub saved: &'static str,
    /// Why Save is off.
    pub nothing_changed: &'static str,
    /// Somebody else saved meanwhile.
    pub overtaken: &'static str,
    /// Word for a choice in a conflict.
    pub yes: &'static str,
    /// Word for a choice in a conflict.
    pub no: &'static str,
    /// Above the explanation.
    pub id_help: &'static str,
    /// What the Region ID is for.
    pub id_help_text: &'static str,
    /// What else the file holds.
    pub id_help_file: &'static str,
    /// Country of a region.
    pub country: &'static str,
}

/// A node's secret.
pub struct RotateWords {
    /// Card.
    pub title: &'static str,
    /// Row.
    pub now: &'static str,
    /// Row.
    pub before: &'static str,
    /// Until when the one before works.
    pub works_until: fn(&str) -> String,
    /// Row.
    pub in_use: &'static str,
    /// The node presents the newest.
    pub uses_new: &'static str,
    /// The node presents the one before.
    pub uses_old: &'static str,
    /// It has not been heard since.
    pub uses_none: &'static str,
    /// What to do now.
    pub safe_to_revoke: &'static str,
    /// What to do now.
    pub not_used_yet: &'static str,
    /// Button.
    pub rotate: &'static str,
    /// Button.
    pub revoke: &'static str,
    /// Why it is off.
    pub nothing_to_revoke: &'static str,
    /// Title.
    pub rotate_title: fn(&str) -> String,
    /// Consequence.
    pub rotate_text: &'static str,
    /// Field.
    pub overlap: &'static str,
    /// Choices: ends now.
    pub overlap_none: &'static str,
    /// Choice.
    pub overlap_hour: &'static str,
    /// Choice.
    pub overlap_day: &'static str,
    /// Choice.
    pub overlap_week: &'static str,
    /// What “now” does.
    pub ends_now: &'static str,
    /// Checkbox.
    pub own: &'static str,
    /// Field.
    pub own_secret: &'static str,
    /// Its hint.
    pub own_hint: &'static str,
    /// What hangs on the node now: its status, and the calls it has, where it told.
    pub impact: fn(&str, Option<u64>) -> String,
    /// The button while it runs.
    pub rotating: &'static str,
    /// The button while it runs.
    pub revoking: &'static str,
    /// Spoken.
    pub rotated: &'static str,
    /// Title.
    pub revoke_title: fn(&str) -> String,
    /// Consequence where the node has the new one.
    pub revoke_text: &'static str,
    /// Consequence where it has not.
    pub revoke_danger: &'static str,
    /// Spoken.
    pub revoked: &'static str,
    /// Button below the secret that is shown once.
    pub done: &'static str,
    /// Why it is off.
    pub done_off: &'static str,
    /// The node changed meanwhile.
    pub changed: &'static str,
}

/// Settings of a node and of a region.
pub(crate) const EDIT: EditWords = EditWords {
    identity: "Registration",
    fixed: "cannot be changed",
    notes: "Notes",
    notes_hint: "For operators, at most 2,000 characters.",
    external: "External ID",
    external_hint: "An ID of your own for this server, without spaces.",
    labels: "Labels",
    labels_hint: "Key and value, such as rack and 7. The list of nodes can be filtered by them.",
    label_key: |n| format!("Key of label {n}"),
    label_value: |n| format!("Value of label {n}"),
    key: "key",
    value: "value",
    add_label: "Add label",
    remove_label: |key| match key {
        "" => "Remove label".into(),
        key => format!("Remove label {key}"),
    },
    label_twice: |key| format!("The label “{key}” is there twice."),
    label_no_key: "A label needs a key.",
    save: "Save changes",
    saving: "Saving…",
    discard: "Discard",
    saved: "Changes saved",
    nothing_changed: "Nothing has been changed.",
    overtaken: "Somebody changed this meanwhile. What you typed is kept; saving shows both sides.",
    yes: "yes",
    no: "no",
    id_help: "Region ID and appsettings.json",
    id_help_text: "The Region ID is how servers, numbers and agents name this region. It never changes, so nothing that names it has to be changed later.",
    id_help_file: "A server says in its appsettings.json which region it belongs to (RegionId), which node it is (Id) and proves it with its secret (ApiKey). All three have to belong together: a server with the Region ID of another region is refused. Adding a node shows the whole file, ready to be copied.",
    country: "Country",
};

/// A node's secret.
pub(crate) const ROTATE: RotateWords = RotateWords {
    title: "API secret",
    now: "Newest secret",
    before: "Secret before it",
    works_until: |until| format!("works until {until}"),
    in_use: "The node uses",
    uses_new: "the newest secret",
    uses_old: "the secret before it",
    uses_none: "No heartbeat since the secret was made.",
    safe_to_revoke: "The node uses the newest secret. The one before it can be revoked.",
    not_used_yet: "The newest secret is not used yet. Put it into the server's appsettings.json and restart the server.",
    rotate: "Rotate secret…",
    revoke: "Revoke the previous one…",
    nothing_to_revoke: "Only the newest secret works.",
    rotate_title: |name| format!("Rotate the secret of {name}"),
    rotate_text: "The node gets a new secret, shown once. Until the overlap is over both work; then heartbeats with the old one are refused.",
    overlap: "The old one works for",
    overlap_none: "No longer: it ends now",
    overlap_hour: "1 hour more",
    overlap_day: "24 hours more",
    overlap_week: "7 days more",
    ends_now: "Heartbeats are refused until the new secret is on the server: the node will be shown as Offline.",
    own: "Use a secret of my own",
    own_secret: "Secret of your own",
    own_hint: "32 to 256 printable characters without spaces.",
    impact: |status, calls| match calls {
        Some(n) => format!("{status} now, {}.", plural::en(n, ["# call runs on it", "# calls run on it"])),
        None => format!("{status} now."),
    },
    rotating: "Rotating…",
    revoking: "Revoking…",
    rotated: "The secret was rotated",
    revoke_title: |name| format!("Revoke the previous secret of {name}"),
    revoke_text: "The node uses the newest secret already. Nothing changes for it.",
    revoke_danger: "The node still uses the previous secret, or has not been heard since. Its heartbeats will be refused and it will be shown as Offline.",
    revoked: "The previous secret was revoked",
    done: "Done",
    done_off: "Store the secret first, then tick the box.",
    changed: "The node was changed meanwhile. Look at it and try again.",
};
