//! English words about automation tokens. They are in the part of these pages and not in the first one: read them with
//! [`crate::i18n::tokens`].

use common::tokens::{TokenScope, TokenState};

/// Tokens.
pub struct TokenWords {
    /// Under the heading.
    pub sub: &'static str,
    /// Link, heading.
    pub new: &'static str,
    /// Nothing there.
    pub none: &'static str,
    /// What they are for.
    pub none_text: &'static str,
    /// Name of the table.
    pub table: &'static str,
    /// Column and field.
    pub name: &'static str,
    /// Column and field.
    pub scope: &'static str,
    /// Its words.
    pub scope_of: fn(TokenScope) -> &'static str,
    /// What it allows.
    pub scope_hint: fn(TokenScope) -> &'static str,
    /// Why a scope is off, of the role.
    pub scope_off: fn(&str) -> String,
    /// Column and field.
    pub regions: &'static str,
    /// All of the creator's.
    pub all_regions: &'static str,
    /// Column.
    pub created_by: &'static str,
    /// Column and field.
    pub expires: &'static str,
    /// It has no end.
    pub never: &'static str,
    /// What to think of that.
    pub never_hint: &'static str,
    /// Of how long until then.
    pub in_time: fn(&str) -> String,
    /// Badge, of how long until then.
    pub ends_soon: fn(&str) -> String,
    /// Of how long ago.
    pub expired_ago: fn(&str) -> String,
    /// Column.
    pub last_used: &'static str,
    /// Never.
    pub unused: &'static str,
    /// Of how long ago, and the address.
    pub used_from: fn(&str, &str) -> String,
    /// Column.
    pub state: &'static str,
    /// Its words.
    pub state_of: fn(TokenState) -> &'static str,
    /// Of who revoked it.
    pub revoked_by: fn(&str) -> String,
    /// Column of buttons.
    pub action: &'static str,
    /// Of how many addresses it is bound to.
    pub networks_of: fn(&str) -> String,
    /// That what ended stays listed, of days.
    pub kept: fn(u64) -> String,

    /// Under the heading of the form.
    pub new_sub: &'static str,
    /// Hint.
    pub name_hint: &'static str,
    /// Missing.
    pub need_name: &'static str,
    /// Choice, of days.
    pub days: fn(u64) -> String,
    /// Choice.
    pub year: &'static str,
    /// Choice.
    pub no_end: &'static str,
    /// What that means.
    pub no_end_warning: &'static str,
    /// Field.
    pub networks: &'static str,
    /// Hint.
    pub networks_hint: &'static str,
    /// Button.
    pub make: &'static str,
    /// While it runs.
    pub making: &'static str,
    /// Link.
    pub cancel: &'static str,

    /// Heading, of the name.
    pub made: fn(&str) -> String,
    /// Badge.
    pub shown_once: &'static str,
    /// What to do.
    pub copy_now: &'static str,
    /// A repeated reply without the token.
    pub shown_before: &'static str,
    /// Name of the box.
    pub label: &'static str,
    /// Button.
    pub copy: &'static str,
    /// Heading.
    pub use_it: &'static str,
    /// Under it.
    pub use_text: &'static str,
    /// Button.
    pub copy_line: &'static str,
    /// Link.
    pub docs: &'static str,
    /// Tick.
    pub stored: &'static str,
    /// Why the page cannot be finished.
    pub stored_first: &'static str,
    /// Asked where the page is left before.
    pub leave: &'static str,
    /// Button.
    pub done: &'static str,

    /// Name of the menu of a row, of the name.
    pub actions_of: fn(&str) -> String,
    /// Menu, button.
    pub rename: &'static str,
    /// Heading, of the name.
    pub rename_of: fn(&str) -> String,
    /// What it changes.
    pub rename_text: &'static str,
    /// While it runs.
    pub renaming: &'static str,
    /// Said, of the new name.
    pub renamed: fn(&str) -> String,
    /// Somebody else did it at the same time, of their name for it.
    pub renamed_meanwhile: fn(&str) -> String,

    /// Menu.
    pub revoke: &'static str,
    /// Heading, of the name.
    pub revoke_title: fn(&str) -> String,
    /// It was used within a day: of the name, how long ago, and the address.
    pub revoke_used: fn(&str, &str, &str) -> String,
    /// It was not.
    pub revoke_text: &'static str,
    /// How to put another one in its place.
    pub revoke_softer: &'static str,
    /// While it runs.
    pub revoking: &'static str,
    /// Said.
    pub revoked: fn(&str) -> String,
}

/// English.
pub static TOKENS: TokenWords = TokenWords {
    sub: "Tokens let scripts call the API. Nodes do not use them; nodes have their own secret.",
    new: "New token",
    none: "No tokens yet",
    none_text: "Tokens let scripts call the API. Nodes do not use them; nodes have their own secret.",
    table: "Tokens",
    name: "Name",
    scope: "Scope",
    scope_of: |scope| match scope {
        TokenScope::Read => "Read",
        TokenScope::Operate => "Operate",
        TokenScope::Admin => "Admin",
    },
    scope_hint: |scope| match scope {
        TokenScope::Read => "Reads everything, changes nothing.",
        TokenScope::Operate => "Changes regions and nodes, as an operator may.",
        TokenScope::Admin => "People and the platform, too, as an administrator may.",
    },
    scope_off: |role| format!("A token never may more than you. This one takes the {role} role."),
    regions: "Regions",
    all_regions: "All",
    created_by: "Made by",
    expires: "Ends",
    never: "never",
    never_hint: "A token without an end is a key that nobody changes.",
    in_time: |time| format!("in {time}"),
    ends_soon: |time| format!("Ends in {time}"),
    expired_ago: |time| format!("ended {time} ago"),
    last_used: "Last used",
    unused: "never",
    used_from: |ago, from| format!("{ago}, {from}"),
    state: "State",
    state_of: |state| match state {
        TokenState::Active => "Active",
        TokenState::Expired => "Ended",
        TokenState::Revoked => "Revoked",
    },
    revoked_by: |who| format!("by {who}"),
    action: "Action",
    networks_of: |networks| format!("from {networks} only"),
    kept: |days| format!("What has ended or was revoked stays in this list for {days} days."),

    new_sub: "A token may never do more than you may, and ends with your account.",
    name_hint: "What uses it, such as ci-deploy. The activity log shows this name.",
    need_name: "Name what uses it.",
    days: |n| if n == 1 { "1 day".to_owned() } else { format!("{n} days") },
    year: "1 year",
    no_end: "Never",
    no_end_warning: "Whoever finds this token can use it until somebody revokes it. Choose an end where you can: this page and the dashboard remind of it 14, 7 and 1 days before.",
    networks: "Allowed addresses",
    networks_hint: "One address or network per line, such as 10.2.0.0/16. Empty: from anywhere.",
    make: "Make the token",
    making: "Making the token…",
    cancel: "Cancel",

    made: |name| format!("Token {name}"),
    shown_once: "Shown once",
    copy_now: "Copy it now. It is stored nowhere and is never shown again.",
    shown_before: "This is the repeated answer to a request of a while ago, without the token's text. If nobody has copied it, revoke this token and make another one.",
    label: "API token",
    copy: "Copy token",
    use_it: "How a script uses it",
    use_text: "It goes into the header Authorization. Keep it where your script keeps its secrets, not in the script.",
    copy_line: "Copy line",
    docs: "API reference",
    stored: "I have stored it",
    stored_first: "Say that you have stored the token first.",
    leave: "The token is not shown again. Leave anyway?",
    done: "Done",

    actions_of: |name| format!("Actions of {name}"),
    rename: "Rename",
    rename_of: |name| format!("Rename {name}"),
    rename_text: "Its text and what it may do stay as they are. The activity log shows the new name from now on.",
    renaming: "Renaming…",
    renamed: |name| format!("The token is called {name} now."),
    renamed_meanwhile: |name| {
        format!("Somebody has renamed it to {name} meanwhile. Send yours again to put it in place of that.")
    },

    revoke: "Revoke",
    revoke_title: |name| format!("Revoke {name}"),
    revoke_used: |name, ago, from| {
        format!("{name} was used {ago} from {from}; scripts using it fail at once.")
    },
    revoke_text: "Scripts that use it fail at once. A revoked token never works again.",
    revoke_softer: "To change over without a gap, make a new token first, give it to the scripts, and then revoke this one.",
    revoking: "Revoking…",
    revoked: |name| format!("{name} is revoked."),
};
