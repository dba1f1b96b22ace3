//! English words about sessions and passwords. They are in the parts that say them and not in the first one: read them
//! with [`crate::i18n::credentials`].

/// Sessions, passwords, the page behind a one-time link.
pub struct CredentialWords {
    /// Name of the table.
    pub sessions_table: &'static str,
    /// Nothing there.
    pub sessions_none: &'static str,
    /// Column.
    pub device: &'static str,
    /// Column.
    pub address: &'static str,
    /// Column.
    pub signed_in: &'static str,
    /// Column.
    pub last_used: &'static str,
    /// Column.
    pub ends: &'static str,
    /// Column of buttons.
    pub action: &'static str,
    /// Beside one's own.
    pub this_one: &'static str,
    /// A browser on a system.
    pub on: fn(&str, &str) -> String,
    /// Nothing is known of it.
    pub unknown_device: &'static str,
    /// A script.
    pub command_line: fn(&str) -> String,
    /// Button.
    pub end: &'static str,
    /// For screen readers, of the device.
    pub end_of: fn(&str) -> String,
    /// Said.
    pub ended: &'static str,
    /// Button.
    pub end_others: &'static str,
    /// Why it is off.
    pub no_others: &'static str,
    /// Said, of how many.
    pub others_ended: fn(u64) -> String,

    /// Under the heading.
    pub security_sub: &'static str,
    /// Card.
    pub password: &'static str,
    /// What happens to other sessions.
    pub password_text: &'static str,
    /// Field.
    pub current: &'static str,
    /// Field.
    pub new: &'static str,
    /// Rules, of the least number of characters.
    pub rules: fn(u64) -> String,
    /// Characters that are still missing.
    pub more: fn(u64) -> String,
    /// It is long enough.
    pub enough: &'static str,
    /// Shows it.
    pub show: &'static str,
    /// Nothing typed.
    pub need_password: &'static str,
    /// Too short, of the least.
    pub too_short: fn(u64) -> String,
    /// Too long.
    pub too_long: &'static str,
    /// On the list of known ones.
    pub known: &'static str,
    /// The password now is another one.
    pub wrong: &'static str,
    /// Too many attempts, of seconds.
    pub throttled: fn(u64) -> String,
    /// Button.
    pub change: &'static str,
    /// While it runs.
    pub changing: &'static str,
    /// Said.
    pub password_changed: &'static str,
    /// Card that leads to the tokens.
    pub tokens_text: &'static str,

    /// Title and heading.
    pub welcome: &'static str,
    /// Heading of a reset.
    pub welcome_reset: &'static str,
    /// While the link is looked up.
    pub looking: &'static str,
    /// Of the address.
    pub welcome_text: fn(&str) -> String,
    /// Of the address.
    pub reset_for: fn(&str) -> String,
    /// Of the time.
    pub link_ends: fn(&str) -> String,
    /// Button.
    pub welcome_send: &'static str,
    /// Button.
    pub reset_send: &'static str,
    /// While it runs.
    pub welcome_sending: &'static str,
    /// Heading where the link does not work.
    pub gone: &'static str,
    /// Why, and what to do.
    pub gone_text: &'static str,
    /// Heading where there is no link.
    pub no_link: &'static str,
    /// What to do.
    pub no_link_text: &'static str,
    /// Link.
    pub to_sign_in: &'static str,
    /// Button.
    pub again: &'static str,

    /// Heading of the question for the password.
    pub confirm: &'static str,
    /// Why it is asked.
    pub confirm_text: &'static str,
    /// Button.
    pub confirm_send: &'static str,
    /// While it runs.
    pub confirming: &'static str,
}

/// English.
pub static CREDENTIALS: CredentialWords = CredentialWords {
    sessions_table: "Sessions",
    sessions_none: "Signed in nowhere.",
    device: "Device",
    address: "Address",
    signed_in: "Signed in",
    last_used: "Last used",
    ends: "Ends at the latest",
    action: "Action",
    this_one: "this one",
    on: |browser, system| format!("{browser} on {system}"),
    unknown_device: "Unknown device",
    command_line: |program| format!("Command line: {program}"),
    end: "Sign out",
    end_of: |device| format!("Sign out: {device}"),
    ended: "The session has ended.",
    end_others: "Sign out all others",
    no_others: "There is no other session.",
    others_ended: |n| {
        if n == 1 { "1 session has ended.".to_owned() } else { format!("{n} sessions have ended.") }
    },

    security_sub: "Your password, and where you are signed in.",
    password: "Change password",
    password_text: "All your other sessions end when the password changes. Tokens go on working.",
    current: "Password now",
    new: "New password",
    rules: |least| {
        format!(
            "At least {least} characters, of any kind. A few words in a row are easy to remember. Passwords that everybody tries are not taken."
        )
    },
    more: |n| if n == 1 { "1 character more.".to_owned() } else { format!("{n} characters more.") },
    enough: "Long enough.",
    show: "Show password",
    need_password: "Enter the password.",
    too_short: |least| format!("At least {least} characters."),
    too_long: "At most 1024 bytes.",
    known: "This password is among the first that are tried, or has your address or this product in it. Choose another one.",
    wrong: "The password is not right.",
    throttled: |seconds| format!("Too many attempts. Try again in {seconds} s."),
    change: "Change password",
    changing: "Changing…",
    password_changed: "Your password is changed. All other sessions have ended.",
    tokens_text: "Scripts use tokens, not your password.",

    welcome: "Welcome",
    welcome_reset: "Choose another password",
    looking: "Looking at the link…",
    welcome_text: |email| format!("Choose a password for {email}. You are signed in with it right away."),
    reset_for: |email| format!("For {email}. All other sessions of this account end."),
    link_ends: |at| format!("The link works until {at}."),
    welcome_send: "Begin",
    reset_send: "Set the password",
    welcome_sending: "Signing in…",
    gone: "This link does not work any more",
    gone_text: "It was used, it is too old, or a newer one was made. Ask the administrator who sent it for another one.",
    no_link: "The link is not complete",
    no_link_text: "Open the whole link that you were given. After a reload of this page it has to be opened once more.",
    to_sign_in: "To sign-in",
    again: "Try again",

    confirm: "Confirm with your password",
    confirm_text: "This action wants your password when you have not given it within the last minutes. What you were about to do goes on by itself.",
    confirm_send: "Confirm",
    confirming: "Confirming…",
};
