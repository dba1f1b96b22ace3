//! English words about people: accounts and one-time links. They are in the parts of these pages and not in the first
//! one: read them with [`crate::i18n::people`].

use common::auth::{Permission, Role};
use common::users::AccountState;

/// People.
pub struct PeopleWords {
    /// Under the heading of the list.
    pub sub: &'static str,
    /// Heading where the role does not allow the list.
    pub closed_title: &'static str,
    /// What that means.
    pub closed: &'static str,
    /// Link, heading, title.
    pub invite: &'static str,
    /// Name of the table.
    pub table: &'static str,
    /// Column and field.
    pub name: &'static str,
    /// Column and field.
    pub email: &'static str,
    /// Column and field.
    pub role: &'static str,
    /// Column and field.
    pub regions: &'static str,
    /// Column.
    pub last_active: &'static str,
    /// Column, card.
    pub sessions: &'static str,
    /// Column.
    pub tokens: &'static str,
    /// Column.
    pub state: &'static str,
    /// Its words.
    pub state_of: fn(AccountState) -> &'static str,
    /// Beside one's own account.
    pub you: &'static str,
    /// How many people there are.
    pub count: fn(u64) -> String,
    /// Of many regions: how many.
    pub some_regions: fn(u64) -> String,

    /// Heading of the matrix.
    pub matrix: &'static str,
    /// Under it.
    pub matrix_text: &'static str,
    /// Column.
    pub matrix_may: &'static str,
    /// Its lines, with the permission that each needs.
    pub matrix_lines: &'static [(Permission, &'static str)],
    /// A cell.
    pub yes: &'static str,
    /// A cell.
    pub no: &'static str,

    /// What a role is for.
    pub role_hint: fn(Role) -> &'static str,
    /// Choice.
    pub all_regions: &'static str,
    /// What it means.
    pub all_regions_hint: &'static str,
    /// Choice.
    pub only_regions: &'static str,
    /// What it means.
    pub only_regions_hint: &'static str,
    /// Name of the boxes.
    pub which_regions: &'static str,
    /// Where there are none.
    pub no_regions: &'static str,
    /// Of a region that was deleted.
    pub region_gone: &'static str,
    /// Nothing is ticked.
    pub need_region: &'static str,
    /// The address is none.
    pub need_email: &'static str,

    /// Under the heading of the form.
    pub invite_sub: &'static str,
    /// Hint of the address.
    pub email_hint: &'static str,
    /// Hint of the name.
    pub name_hint: &'static str,
    /// Button.
    pub invite_send: &'static str,
    /// Button while it runs.
    pub inviting: &'static str,
    /// Said.
    pub invited: fn(&str) -> String,
    /// Button.
    pub invite_more: &'static str,
    /// Button and link.
    pub cancel: &'static str,

    /// Heading of the link.
    pub link_invitation: fn(&str) -> String,
    /// Heading of the link.
    pub link_reset: fn(&str) -> String,
    /// Badge.
    pub shown_once: &'static str,
    /// What to do with it.
    pub link_text: &'static str,
    /// Until when, of the time.
    pub link_until: fn(&str) -> String,
    /// Name of the box.
    pub link_label: &'static str,
    /// Button.
    pub link_copy: &'static str,
    /// Tick.
    pub link_passed: &'static str,
    /// Why the page cannot be finished.
    pub link_first: &'static str,
    /// Asked where the page is left before.
    pub link_leave: &'static str,
    /// Button.
    pub done: &'static str,

    /// Title and heading of an account that is not there.
    pub missing: &'static str,
    /// What to do.
    pub missing_text: &'static str,
    /// Link.
    pub to_list: &'static str,
    /// Card.
    pub rights: &'static str,
    /// Button.
    pub save: &'static str,
    /// While it runs.
    pub saving: &'static str,
    /// Said.
    pub saved: &'static str,
    /// Why it cannot be sent.
    pub nothing_changed: &'static str,
    /// Somebody else was faster.
    pub changed: &'static str,
    /// Why the role and regions of one's own account are off.
    pub own_rights: &'static str,
    /// Why one's own account cannot be disabled or deleted.
    pub own_account: &'static str,
    /// Why the last administrator stays.
    pub last_admin: &'static str,
    /// Refused for that reason by the server.
    pub refused: &'static str,

    /// Card.
    pub actions: &'static str,
    /// Button and heading of the dialog.
    pub disable: &'static str,
    /// Heading, of the person.
    pub disable_title: fn(&str) -> String,
    /// What it does, of sessions and tokens.
    pub disable_text: fn(u64, u64) -> String,
    /// Said.
    pub disabled: fn(&str) -> String,
    /// Button.
    pub enable: &'static str,
    /// Heading, of the person.
    pub enable_title: fn(&str) -> String,
    /// What it does.
    pub enable_text: &'static str,
    /// Said.
    pub enabled: fn(&str) -> String,
    /// Button.
    pub new_invitation: &'static str,
    /// What it does.
    pub new_invitation_text: &'static str,
    /// Button.
    pub reset: &'static str,
    /// What it does.
    pub reset_text: &'static str,
    /// Button of both dialogs.
    pub make_link: &'static str,
    /// Why there is no link for them.
    pub link_off_disabled: &'static str,
    /// Why there is no link for oneself.
    pub link_off_own: &'static str,
    /// Button.
    pub sign_out_all: &'static str,
    /// Heading, of the person.
    pub sign_out_title: fn(&str) -> String,
    /// What it does, of sessions.
    pub sign_out_text: fn(u64) -> String,
    /// Said.
    pub signed_out: fn(&str) -> String,
    /// Why it is off.
    pub no_sessions_off: &'static str,
    /// Button.
    pub delete: &'static str,
    /// Heading, of the person.
    pub delete_title: fn(&str) -> String,
    /// What it does.
    pub delete_text: &'static str,
    /// Before the list of tokens.
    pub delete_tokens: fn(u64) -> String,
    /// Where there are none.
    pub delete_no_tokens: &'static str,
    /// Softer.
    pub delete_instead: &'static str,
    /// While it runs.
    pub deleting: &'static str,
    /// Said.
    pub deleted: fn(&str) -> String,
}

/// English.
pub static PEOPLE: PeopleWords = PeopleWords {
    sub: "Who may sign in, what they may do, and where.",
    closed_title: "Only administrators see this page",
    closed: "Administrators of all regions invite people and change their roles. Ask one of them.",
    invite: "Invite",
    table: "People",
    name: "Name",
    email: "Email",
    role: "Role",
    regions: "Regions",
    last_active: "Last active",
    sessions: "Sessions",
    tokens: "Tokens",
    state: "State",
    state_of: |state| match state {
        AccountState::Active => "Active",
        AccountState::Invited => "Invited",
        AccountState::Disabled => "Disabled",
    },
    you: "you",
    count: |n| if n == 1 { "1 person".to_owned() } else { format!("{n} people") },
    some_regions: |n| if n == 1 { "1 region".to_owned() } else { format!("{n} regions") },

    matrix: "What the roles may do",
    matrix_text: "Everybody reads everything. A limit to some regions limits what may be changed, not what is seen; what concerns all regions needs an account without such a limit.",
    matrix_may: "May",
    matrix_lines: &[
        (Permission::Read, "See regions, nodes, figures, problems and activity"),
        (Permission::Read, "Change the own password, end own sessions, make own tokens"),
        (Permission::Operate, "Add, change and delete regions and nodes"),
        (Permission::Operate, "Maintenance, disable, drain, shut down"),
        (Permission::Operate, "Secrets of nodes, S3 storage, background jobs, snoozing problems"),
        (Permission::Administer, "Maintenance of the whole platform"),
        (Permission::Administer, "Invite people, change roles, end sessions and tokens of others"),
    ],
    yes: "Yes",
    no: "No",

    role_hint: |role| match role {
        Role::Viewer => "Sees everything, changes nothing.",
        Role::Operator => "Adds, changes and operates regions and nodes.",
        Role::Admin => "All of that, and people, tokens and the platform.",
    },
    all_regions: "All regions",
    all_regions_hint: "Those to come, too.",
    only_regions: "Only some regions",
    only_regions_hint: "Everything else can be seen and not changed.",
    which_regions: "Which regions",
    no_regions: "There are no regions yet.",
    region_gone: "deleted",
    need_region: "Choose at least one region.",
    need_email: "Enter an address, such as name@example.org.",

    invite_sub: "You get a link that works once. Pass it on to the person; they choose their own password with it.",
    email_hint: "They sign in with it. Nothing is sent there.",
    name_hint: "They can change it when they begin.",
    invite_send: "Make an invitation",
    inviting: "Making the invitation…",
    invited: |email| format!("{email} is invited."),
    invite_more: "Invite another person",
    cancel: "Cancel",

    link_invitation: |email| format!("Invitation for {email}"),
    link_reset: |email| format!("Link for another password of {email}"),
    shown_once: "Shown once",
    link_text: "Copy it now and pass it on to this person in a safe way. Whoever has it can choose the password; it is stored nowhere and never shown again.",
    link_until: |at| format!("It works once, until {at}."),
    link_label: "One-time link",
    link_copy: "Copy link",
    link_passed: "I have copied it",
    link_first: "Say that you have copied the link first.",
    link_leave: "The link is not shown again. Leave anyway?",
    done: "Done",

    missing: "There is no such account",
    missing_text: "It may have been deleted.",
    to_list: "All people",
    rights: "Name and rights",
    save: "Save",
    saving: "Saving…",
    saved: "Saved. What they may do is different from this moment on.",
    nothing_changed: "Nothing is different from what is stored.",
    changed: "Somebody changed this account meanwhile. What you typed is still here; saving again puts it in place of theirs.",
    own_rights: "This is your own account. Another administrator can change its role and regions.",
    own_account: "This is your own account. Another administrator can do this.",
    last_admin: "This is the last administrator of all regions. Make somebody else one first.",
    refused: "Not done",

    actions: "Access",
    disable: "Disable",
    disable_title: |who| format!("Disable {who}"),
    disable_text: |sessions, tokens| {
        let sessions = match sessions {
            0 => "They are signed in nowhere now".to_owned(),
            1 => "Their one session ends at once".to_owned(),
            n => format!("Their {n} sessions end at once"),
        };
        let tokens = match tokens {
            0 => "they have no tokens".to_owned(),
            1 => "their token does not work meanwhile".to_owned(),
            n => format!("their {n} tokens do not work meanwhile"),
        };
        format!("{sessions}, and {tokens}. Nothing is deleted.")
    },
    disabled: |who| format!("{who} cannot sign in any more."),
    enable: "Enable",
    enable_title: |who| format!("Enable {who}"),
    enable_text: "They can sign in again with the password they had, and their tokens work again.",
    enabled: |who| format!("{who} can sign in again."),
    new_invitation: "New invitation",
    new_invitation_text: "Makes another link for a first password. The one before does not work any more.",
    reset: "Reset password",
    reset_text: "Makes a link that sets another password. Nothing ends until it is used; then all their other sessions end.",
    make_link: "Make the link",
    link_off_disabled: "Enable the account first.",
    link_off_own: "Change your own password under Settings, Security.",
    sign_out_all: "Sign out everywhere",
    sign_out_title: |who| format!("Sign {who} out everywhere"),
    sign_out_text: |n| match n {
        1 => "Their one session ends at once, with what is open in it. They can sign in again.".to_owned(),
        n => format!("Their {n} sessions end at once, with what is open in them. They can sign in again."),
    },
    signed_out: |who| format!("{who} is signed out everywhere."),
    no_sessions_off: "They are signed in nowhere.",
    delete: "Delete",
    delete_title: |who| format!("Delete {who}"),
    delete_text: "The account is gone for good, with its sessions. What they did stays in the activity log.",
    delete_tokens: |n| {
        if n == 1 {
            "This token dies with the account; scripts using it fail at once:".to_owned()
        } else {
            format!("These {n} tokens die with the account; scripts using them fail at once:")
        }
    },
    delete_no_tokens: "They have no tokens that would die with the account.",
    delete_instead: "To keep them out for a while, disable the account instead.",
    deleting: "Deleting…",
    deleted: |who| format!("{who} is deleted."),
};
