//! English sentences for drains, shutdowns and their receipts, deletes, and changes of many nodes.

use common::command::{CommandKind, CommandState};
use common::intent::{BulkAction, PreconditionCode};

use super::lifecycle::Noun;

/// The card of a drain.
pub struct DrainWords {
    /// Heading, on the way to maintenance.
    pub title_maintenance: &'static str,
    /// Heading, on the way out.
    pub title_disable: &'static str,
    /// Button.
    pub cancel_maintenance: &'static str,
    /// Button.
    pub cancel_disable: &'static str,
    /// Step.
    pub requested: &'static str,
    /// Step.
    pub delivered: &'static str,
    /// Step, before.
    pub not_delivered: &'static str,
    /// Step.
    pub acknowledged: &'static str,
    /// Step, before.
    pub not_acknowledged: &'static str,
    /// Step, before zero.
    pub waiting: &'static str,
    /// Step, at zero.
    pub zero: &'static str,
    /// Work left of what it began with.
    pub left: fn(u32, Option<u32>) -> String,
    /// Nothing reported.
    pub left_unknown: &'static str,
    /// Estimate.
    pub eta: fn(&str) -> String,
    /// Estimate within bounds, in minutes.
    pub eta_minutes: fn(u64, u64) -> String,
    /// Estimate within bounds.
    pub eta_range: fn(&str, &str) -> String,
    /// Instead of an estimate, where nothing moves.
    pub stalled: fn(&str) -> String,
    /// What to do then, where the intent is the node's own.
    pub stalled_own: &'static str,
    /// What to do then, where it comes from above.
    pub stalled_inherited: &'static str,
    /// No estimate yet.
    pub no_eta: &'static str,
    /// Longest call.
    pub longest: fn(&str) -> String,
    /// Name of the bar.
    pub bar: &'static str,
    /// The line all wait for.
    pub safe: fn(&str) -> String,
    /// What follows of a maintenance.
    pub safe_maintenance: &'static str,
    /// What follows of a disable.
    pub safe_disable: &'static str,
    /// Deadline ahead.
    pub deadline_hold: fn(&str) -> String,
    /// Deadline ahead.
    pub deadline_force: fn(&str) -> String,
    /// Deadline passed.
    pub reached_hold: fn(&str) -> String,
    /// Deadline passed.
    pub reached_force: fn(&str) -> String,
    /// The node went silent.
    pub lost: fn(&str, Option<u32>) -> String,
    /// Heading.
    pub entrances: &'static str,
    /// Row.
    pub inbound: &'static str,
    /// Row.
    pub outbound: &'static str,
    /// Row.
    pub web: &'static str,
    /// Value.
    pub open: &'static str,
    /// Value.
    pub closed: &'static str,
}

/// The card of a drain.
pub(crate) const DRAIN: DrainWords = DrainWords {
    title_maintenance: "Drain for maintenance",
    title_disable: "Drain before it is out of service",
    cancel_maintenance: "Cancel maintenance",
    cancel_disable: "Cancel disable",
    requested: "Requested",
    delivered: "Delivered with a heartbeat",
    not_delivered: "Waits for the next heartbeat",
    acknowledged: "Acknowledged: no new calls",
    not_acknowledged: "Not acknowledged yet",
    waiting: "Waiting for zero",
    zero: "Reported zero twice",
    left: |n, of| match of {
        Some(of) if of >= n && of > 0 => format!("{n} of {of} left"),
        _ => format!("{n} left"),
    },
    left_unknown: "It has not said how much is left.",
    eta: |time| format!("about {time}"),
    eta_minutes: |low, high| format!("{low}–{high} min"),
    eta_range: |low, high| format!("{low} to {high}"),
    stalled: |time| format!("no call has ended for {time}"),
    stalled_own: "The drain is stalled. Look at the longest call on the server: it may hang. You can go on waiting, cancel, or shut the node down now, which ends the calls that are left.",
    stalled_inherited: "The drain is stalled. Look at the longest call on the server: it may hang. You can go on waiting, or shut the node down now, which ends the calls that are left.",
    no_eta: "Estimating…",
    longest: |time| format!("longest call {time}"),
    bar: "Calls that have ended",
    safe: |when| format!("Safe to stop. Nothing runs since {when}."),
    safe_maintenance: "It stays up in maintenance, also after a restart, until maintenance ends.",
    safe_disable: "Its process ends by itself and is not started again.",
    deadline_hold: |when| format!("Deadline {when}; calls that are left then go on."),
    deadline_force: |when| format!("Deadline {when}; calls that are left then are ended."),
    reached_hold: |when| format!("The deadline {when} has passed with calls left. They go on."),
    reached_force: |when| format!("The deadline {when} has passed. The node is told to end its calls."),
    lost: |ago, left| match left {
        Some(n) => format!("Unknown. The last report, {ago}, said {n} left."),
        None => format!("Unknown. The last report came {ago}."),
    },
    entrances: "Entrances",
    inbound: "Incoming calls",
    outbound: "Outgoing calls",
    web: "Web sessions",
    open: "open",
    closed: "closed",
};

/// Shutdowns and their receipts.
pub struct ShutdownWords {
    /// Heading and button.
    pub title: fn(Noun, &str) -> String,
    /// What follows.
    pub text: fn(Noun) -> &'static str,
    /// Legend.
    pub how: &'static str,
    /// Choice.
    pub graceful: &'static str,
    /// What it means.
    pub graceful_hint: &'static str,
    /// Choice.
    pub immediate: &'static str,
    /// What it means.
    pub immediate_hint: &'static str,
    /// Above the results of a region.
    pub results: fn(usize, usize) -> String,
    /// Column.
    pub node: &'static str,
    /// Column.
    pub result: &'static str,
    /// Value.
    pub queued: &'static str,
    /// Value.
    pub done: &'static str,
    /// Card of the receipts.
    pub receipts: &'static str,
    /// It has none.
    pub no_receipts: &'static str,
    /// They could not be read.
    pub receipts_failed: &'static str,
    /// What was asked for.
    pub kind: fn(CommandKind, bool) -> &'static str,
    /// A state, for the badge.
    pub state: fn(CommandState) -> &'static str,
    /// Step.
    pub asked: fn(&str) -> String,
    /// Step.
    pub offered: fn(u32) -> String,
    /// Step, before.
    pub not_offered: &'static str,
    /// Step.
    pub accepted: &'static str,
    /// The push's result.
    pub push: fn(&str) -> String,
    /// Button.
    pub take_back: &'static str,
    /// Announced.
    pub taken_back: &'static str,
    /// Until when it may be obeyed.
    pub not_after: fn(&str) -> String,
    /// Gone and not back.
    pub waits_back: fn(&str) -> String,
    /// Gone and not back for long.
    pub did_not_return: fn(&str) -> String,
    /// It came back.
    pub back: fn(&str) -> String,
}

/// Shutdowns and their receipts.
pub(crate) const SHUTDOWN: ShutdownWords = ShutdownWords {
    title: |noun, name| match noun {
        Noun::Node => format!("Shut down node {name}"),
        _ => format!("Shut down all nodes of {name}"),
    },
    text: |noun| match noun {
        Noun::Node => {
            "Its process ends. It returns by itself only if its server restarts it (systemd, Docker, Windows service)."
        }
        _ => {
            "Every live node gets the signal. Servers without a service manager stay down until somebody starts them."
        }
    },
    how: "Running calls",
    graceful: "Finish running calls first",
    graceful_hint: "Takes no new calls and ends after the last one.",
    immediate: "Stop now",
    immediate_hint: "Running calls are cut off.",
    results: |ok, all| format!("The signal went to {ok} of {all} nodes."),
    node: "Node",
    result: "Result",
    queued: "Waits for the next heartbeat",
    done: "Done",
    receipts: "Signals",
    no_receipts: "No signal has been sent to this node.",
    receipts_failed: "The signals could not be read.",
    kind: |kind, immediate| match (kind, immediate) {
        (CommandKind::Shutdown, false) => "Shut down after running calls",
        (CommandKind::Shutdown, true) => "Shut down at once",
        (CommandKind::EndSessions, _) => "End all calls",
        (CommandKind::RunJob, _) => "Run a job",
    },
    state: |state| match state {
        CommandState::Queued => "Queued",
        CommandState::Offered => "Delivered",
        CommandState::Accepted => "Accepted",
        CommandState::Done => "Done",
        CommandState::Failed => "Failed",
        CommandState::Refused => "Refused",
        CommandState::Expired => "Expired",
        CommandState::Superseded => "Superseded",
        CommandState::Cancelled => "Cancelled",
    },
    asked: |who| format!("Asked for by {who}"),
    offered: |n| match n {
        0 | 1 => "Delivered with a heartbeat".to_owned(),
        n => format!("Delivered with a heartbeat, {n} times"),
    },
    not_offered: "Waits for the next heartbeat",
    accepted: "The node accepted it",
    push: |result| format!("Push to its endpoint: {result}"),
    take_back: "Take back",
    taken_back: "The signal was taken back.",
    not_after: |when| format!("Not obeyed after {when}"),
    waits_back: |ago| format!("The process has ended. Waiting for it to come back, {ago}."),
    did_not_return: |when| {
        format!("It has not come back since {when}. Its server must run it as a service that is restarted.")
    },
    back: |when| format!("It came back at {when}"),
};

/// Deletes.
pub struct DeleteWords {
    /// Heading and button.
    pub title: fn(Noun, &str) -> String,
    /// What follows.
    pub text: fn(Noun) -> &'static str,
    /// Above the list.
    pub needs: &'static str,
    /// While it is read.
    pub loading: &'static str,
    /// For screen readers.
    pub met: &'static str,
    /// For screen readers.
    pub unmet: &'static str,
    /// A condition.
    pub precondition: fn(PreconditionCode) -> &'static str,
    /// Tick.
    pub lost: &'static str,
    /// What it means.
    pub lost_hint: &'static str,
    /// Why the button is off.
    pub off: &'static str,
    /// A refusal.
    pub refused: &'static str,
}

/// Deletes.
pub(crate) const DELETE: DeleteWords = DeleteWords {
    title: |noun, name| match noun {
        Noun::Node => format!("Delete node {name}"),
        _ => format!("Delete region {name}"),
    },
    text: |noun| match noun {
        Noun::Node => {
            "Its registration, its secret and its figures are removed. A server that goes on sending heartbeats is refused. This cannot be undone."
        }
        _ => {
            "Its registration, its storage settings and its figures are removed. Recordings in the storage are not touched. This cannot be undone."
        }
    },
    needs: "What must hold",
    loading: "Looking at what must hold…",
    met: "Holds",
    unmet: "Does not hold",
    precondition: |code| match code {
        PreconditionCode::Disabled => "Disabled",
        PreconditionCode::Silent => "Silent",
        PreconditionCode::Judgeable => "Silence can be judged",
        PreconditionCode::NoSessions => "No work left",
        PreconditionCode::NoOpenCommand => "No open signal",
        PreconditionCode::NoNodes => "No nodes",
    },
    lost: "The calls it last reported are lost",
    lost_hint: "Tick this where the server is gone for ever and cannot report zero any more.",
    off: "Not everything on the list holds yet.",
    refused: "The delete was refused. This is how it stands now.",
};

/// Changes of many nodes.
pub struct BulkWords {
    /// Name of the column of ticks.
    pub select: &'static str,
    /// Tick of a row.
    pub select_one: fn(&str) -> String,
    /// Tick of all rows.
    pub select_all: &'static str,
    /// Name of the bar.
    pub bar: &'static str,
    /// How many.
    pub selected: fn(usize) -> String,
    /// Button.
    pub clear: &'static str,
    /// Button.
    pub activate: &'static str,
    /// Heading and button.
    pub title: fn(BulkAction, usize) -> String,
    /// What is typed to confirm it.
    pub phrase: fn(BulkAction, usize) -> String,
    /// Row in the preview.
    pub would: &'static str,
    /// Row in the preview: it would be left out.
    pub would_not: &'static str,
    /// Above the results.
    pub results: fn(usize, usize) -> String,
    /// Button.
    pub again: fn(usize) -> String,
    /// Result.
    pub failed: &'static str,
    /// Nothing is left to do.
    pub none: &'static str,
}

fn verb(action: BulkAction) -> &'static str {
    match action {
        BulkAction::Maintenance => "maintenance for",
        BulkAction::Disable => "disable",
        BulkAction::Activate => "make active",
        BulkAction::Shutdown => "shut down",
        BulkAction::Delete => "delete",
    }
}

/// Changes of many nodes.
pub(crate) const BULK: BulkWords = BulkWords {
    select: "Select",
    select_one: |name| format!("Select {name}"),
    select_all: "Select all rows shown",
    bar: "Selected nodes",
    selected: |n| format!("{n} selected"),
    clear: "Clear",
    activate: "Make active…",
    title: |action, n| {
        let nodes = if n == 1 { "1 node".to_owned() } else { format!("{n} nodes") };
        match action {
            BulkAction::Maintenance => format!("Turn on maintenance for {nodes}"),
            BulkAction::Disable => format!("Disable {nodes}"),
            BulkAction::Activate => format!("Make {nodes} active"),
            BulkAction::Shutdown => format!("Shut down {nodes}"),
            BulkAction::Delete => format!("Delete {nodes}"),
        }
    },
    phrase: |action, n| format!("{} {n} {}", verb(action), if n == 1 { "node" } else { "nodes" }),
    would: "Included",
    would_not: "Left out",
    results: |ok, all| format!("Done for {ok} of {all} nodes."),
    again: |n| {
        if n == 1 { "Try the failed one again".to_owned() } else { format!("Try the {n} failed again") }
    },
    failed: "Not done",
    none: "Nothing of what is selected can be done.",
};

/// Maintenance of the whole platform.
pub struct PlatformWords {
    /// Heading.
    pub title: &'static str,
    /// In the navigation.
    pub nav: &'static str,
    /// Below the heading.
    pub lead: &'static str,
    /// State.
    pub on: &'static str,
    /// State.
    pub off: &'static str,
    /// Below it.
    pub off_text: &'static str,
    /// Button.
    pub turn_on: &'static str,
    /// Button.
    pub turn_off: &'static str,
    /// What is typed.
    pub phrase: &'static str,
    /// In sentences.
    pub name: &'static str,
    /// Heading.
    pub regions: &'static str,
    /// On the banner of every page.
    pub banner: &'static str,
    /// Its rest: since when, by whom.
    pub banner_since: fn(&str, Option<&str>) -> String,
    /// Its link.
    pub banner_link: &'static str,
    /// Region in its own maintenance besides.
    pub own: &'static str,
    /// Column.
    pub region: &'static str,
    /// Column.
    pub state: &'static str,
    /// Column.
    pub conversations: &'static str,
}

/// Maintenance of the whole platform.
pub(crate) const PLATFORM: PlatformWords = PlatformWords {
    title: "Platform maintenance",
    nav: "Settings",
    lead: "Closes every region for new calls, whatever the regions and nodes themselves are set to.",
    on: "Maintenance is on",
    off: "Maintenance is off",
    off_text: "Regions and nodes follow their own settings.",
    turn_on: "Turn on…",
    turn_off: "Turn off",
    phrase: "platform",
    name: "The platform",
    regions: "Regions now",
    banner: "The whole platform is in maintenance: no region takes new calls.",
    banner_since: |when, by| match by {
        Some(by) => format!("Since {when}, by {by}."),
        None => format!("Since {when}."),
    },
    banner_link: "Open",
    own: "also by itself",
    region: "Region",
    state: "Status",
    conversations: "Conversations",
};
