//! English words about the chain of the activity log. They are in the part of that page and not in the first one: read
//! them with [`crate::i18n::chain`].

use common::activity::BreakKind;

use crate::i18n::plural::en;

/// The chain.
pub struct ChainWords {
    /// Name of the card.
    pub title: &'static str,
    /// The quiet line, of how long ago it was checked.
    pub verified: fn(&str) -> String,
    /// The same before the first check.
    pub unverified: &'static str,
    /// The same while a check runs, of the entries so far.
    pub running: fn(u64) -> String,
    /// The same where it is broken, of how long ago that was found.
    pub broken: fn(&str) -> String,
    /// What it is.
    pub about: &'static str,
    /// Row.
    pub entries: &'static str,
    /// Row: number and hash of the newest entry.
    pub head: &'static str,
    /// What to do with it.
    pub head_hint: &'static str,
    /// Button.
    pub copy_head: &'static str,
    /// Row: the last entry that was removed by age.
    pub checkpoint: &'static str,
    /// Of its number, and when.
    pub checkpoint_of: fn(&str, &str) -> String,
    /// Nothing was removed.
    pub no_checkpoint: &'static str,
    /// Row.
    pub last_check: &'static str,
    /// Of when, and how many entries were right.
    pub last_check_of: fn(&str, u64) -> String,
    /// Row: what the server's database role may do.
    pub role: &'static str,
    /// It may add and read.
    pub role_bound: &'static str,
    /// It may do more.
    pub role_free: &'static str,
    /// What to do about that.
    pub role_hint: &'static str,
    /// Button.
    pub verify: &'static str,
    /// Said when a check ends well, of the entries.
    pub holds: fn(u64) -> String,
    /// What is wrong: how, and the number of the entry.
    pub broken_how: fn(BreakKind, Option<&str>) -> String,
    /// What to do.
    pub broken_do: &'static str,
    /// Link to the entry.
    pub open_entry: &'static str,
}

fn entry(seq: Option<&str>) -> String {
    seq.map_or_else(|| "An entry".to_owned(), |seq| format!("Entry {seq}"))
}

/// English.
pub static CHAIN: ChainWords = ChainWords {
    title: "Chain of the log",
    verified: |ago| format!("Chained, verified {ago}"),
    unverified: "Chained, not verified from here yet",
    running: |n| en(n, ["Verifying: # entry so far", "Verifying: # entries so far"]),
    broken: |ago| format!("The chain of this log is broken, found {ago}"),
    about: "Each entry has a hash that covers the one before, so the newest covers all. A check makes every hash again.",
    entries: "Entries",
    head: "Newest entry",
    head_hint: "Keep this outside of the server now and then: with it, anybody can show later that nothing before was changed or taken away.",
    copy_head: "Copy",
    checkpoint: "Begins after",
    checkpoint_of: |seq, at| format!("entry {seq}, removed by age on {at}"),
    no_checkpoint: "nothing was removed yet",
    last_check: "Last check",
    last_check_of: |at, n| format!("{at}: {}", en(n, ["# entry right", "# entries right"])),
    role: "The server's database role",
    role_bound: "can add entries and cannot change or remove them",
    role_free: "could change or remove entries",
    role_hint: "Give the server a role of its own that may add to the log and not change it; SECURITY.md has the statements.",
    verify: "Verify now",
    holds: |n| en(n, ["The chain holds: # entry.", "The chain holds: # entries."]),
    broken_how: |kind, seq| match kind {
        BreakKind::Missing => match seq {
            Some(seq) => format!("Entry {seq} is missing; it was taken out with its hash."),
            None => "An entry is missing; it was taken out with its hash.".to_owned(),
        },
        BreakKind::Removed => format!("{} was removed from the log.", entry(seq)),
        BreakKind::Changed => format!("{} was changed after it was written.", entry(seq)),
        BreakKind::Unlinked => format!("{} is in the log and not in the chain.", entry(seq)),
        BreakKind::NotNoted => format!("{} is not the one that was noted.", entry(seq)),
    },
    broken_do: "Somebody changed the database beside this server. Keep a copy of the database as it is now, find out who can write to it, and compare with a backup and with a newest entry noted before (iqra-infra audit verify --noted). What stands here may no longer be true from that entry on.",
    open_entry: "Open the entry",
};
