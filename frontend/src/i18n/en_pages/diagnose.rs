//! English sentences of the diagnosis: why a node, or all nodes of a kind, do not report.

use common::node::NodeKind;
use common::status::InheritedFrom;

use crate::i18n::plural;
use crate::pages::diagnose::verdict::{Act, Verdict};

/// What a verdict is about, ready for a sentence.
pub struct Said {
    /// The region; empty where there is none.
    pub region: String,
    /// When it happened, as a time of day.
    pub at: String,
    /// Fingerprint of the secret that is registered.
    pub expected: String,
    /// A value the verdict brings: what was claimed or presented, who asked, a difference; empty without one.
    pub value: String,
}

/// Words of the diagnosis.
pub struct DiagnoseWords {
    /// Heading of a node that is silent.
    pub title_silent: fn(&str) -> String,
    /// Heading of a node that reports.
    pub title_live: fn(&str) -> String,
    /// Heading of a group: active, total, kind, region.
    pub title_group: fn(u32, u32, NodeKind, &str) -> String,
    pub crumb: &'static str,
    /// Button that leads to the page.
    pub open: &'static str,
    pub open_named: fn(&str) -> String,
    /// Link to the page that explains the figure.
    pub help: &'static str,
    pub run_at: fn(&str) -> String,
    pub again: &'static str,
    pub copy_report: &'static str,
    pub sentence: fn(&Verdict, &Said) -> String,
    pub remedy: fn(&Verdict) -> &'static str,
    /// A few words, for a cell.
    pub short: fn(&Verdict) -> &'static str,
    pub act: fn(Act) -> &'static str,
    pub evidence: &'static str,
    pub good: &'static str,
    pub bad: &'static str,
    pub note: &'static str,
    pub unknown: &'static str,
    // Lines of evidence.
    pub registered: fn(&str) -> String,
    pub disabled: fn(Option<InheritedFrom>) -> &'static str,
    pub maintenance: fn(Option<InheritedFrom>) -> &'static str,
    /// Of a time, how long ago, and how often.
    pub last: fn(&str, &str, &str) -> String,
    pub never: &'static str,
    /// How often, reason, source, first and last time.
    pub refused: fn(u64, &str, &str, &str, &str) -> String,
    /// Presented and expected.
    pub fingerprints: fn(&str, &str) -> String,
    pub not_refused: &'static str,
    pub none_arrive: &'static str,
    pub asked: fn(&str, &str) -> String,
    pub goodbye: fn(&str) -> String,
    pub boots: fn(u32) -> String,
    pub version: fn(&str) -> String,
    pub clock: fn(&str) -> String,
    pub duplicate: fn(&str) -> String,
    pub others: fn(u32, u32, &str) -> String,
    pub alone: &'static str,
    pub console_ok: &'static str,
    pub console_late: &'static str,
    /// Of the endpoint: what this page does not look at.
    pub not_checked: fn(&str) -> String,
    pub loopback: &'static str,
    // What to do last.
    pub server_title: &'static str,
    pub server_text: &'static str,
    pub copy_command: &'static str,
    pub usual: &'static str,
    // A group.
    pub group_lead: fn(u32, u32) -> String,
    /// Of a group of one: its name, and whether it reports.
    pub group_one: fn(&str, bool) -> String,
    pub group_one_fine: &'static str,
    pub group_one_most: fn(&str) -> String,
    pub group_most: fn(u32, u32, &str) -> String,
    pub shared_title: &'static str,
    pub shared_together: fn(&str) -> String,
    pub shared_never: &'static str,
    pub shared_network: fn(&str) -> String,
    pub shared_machine: fn(&str) -> String,
    pub shared_quiet: &'static str,
    pub shared_nothing: &'static str,
    pub matrix: &'static str,
    pub col_node: &'static str,
    pub col_status: &'static str,
    pub col_heard: &'static str,
    pub col_refused: &'static str,
    pub col_boots: &'static str,
    pub col_version: &'static str,
    pub col_clock: &'static str,
    pub col_verdict: &'static str,
    pub none_registered: &'static str,
    pub cut: &'static str,
    pub all_fine: &'static str,
    pub full: &'static str,
}

fn kinds(kind: NodeKind, n: u32) -> &'static str {
    match (kind, n) {
        (NodeKind::Proxy, 1) => "proxy",
        (NodeKind::Proxy, _) => "proxies",
        (NodeKind::Backend, 1) => "backend",
        (NodeKind::Backend, _) => "backends",
        (NodeKind::Background, _) => "background node",
    }
}

/// English.
pub const DIAGNOSE: DiagnoseWords = DiagnoseWords {
    title_silent: |name| format!("Why does {name} not report?"),
    title_live: |name| format!("Diagnosis of {name}"),
    title_group: |active, total, kind, region| {
        format!("Why {active}/{total} {} in {region}?", kinds(kind, total))
    },
    crumb: "Diagnosis",
    open: "Diagnose",
    open_named: |what| format!("Diagnose {what}"),
    help: "About 0/N",
    run_at: |time| format!("Looked at {time}"),
    again: "Run again",
    copy_report: "Copy report",
    sentence: |v, s| match v {
        Verdict::Fine => "It sends heartbeats, and they are accepted.".to_owned(),
        Verdict::ClockSkew(_) => format!("It sends heartbeats, but its clock is wrong by {}.", s.value),
        Verdict::Duplicate => "Two processes send heartbeats as this node.".to_owned(),
        Verdict::ConsoleLate(_) => {
            "The console cannot judge silence right now; this says nothing about the server yet.".to_owned()
        }
        Verdict::Disabled(Some(InheritedFrom::Region)) => {
            format!("Its region {} is disabled, so it is out of service.", s.region)
        }
        Verdict::Disabled(Some(InheritedFrom::Platform)) => {
            "The platform is disabled, so it is out of service.".to_owned()
        }
        Verdict::Disabled(None) => "It is disabled: somebody took it out of service.".to_owned(),
        Verdict::WrongSecret(_) => "The server sends heartbeats, but with the wrong secret.".to_owned(),
        Verdict::UnknownNode(_) if s.value.is_empty() => {
            "A server at its address sends heartbeats that belong to no registered node.".to_owned()
        }
        Verdict::UnknownNode(_) => {
            format!("A server at its address sends heartbeats as {}, which is not registered.", s.value)
        }
        Verdict::RegionMismatch(_) if !s.value.is_empty() => {
            format!("The server sends heartbeats for region {}; this node belongs to {}.", s.value, s.region)
        }
        Verdict::RegionMismatch(_) => {
            format!("The server sends heartbeats for another region than {}.", s.region)
        }
        Verdict::KindMismatch(_) => "The server sends heartbeats as another kind of node.".to_owned(),
        Verdict::NodeMismatch(_) => "The server sends heartbeats with the id of another node.".to_owned(),
        Verdict::Deleted => "The server still uses the secret of a node that was deleted.".to_owned(),
        Verdict::RateLimited => "The server sends heartbeats faster than they are accepted.".to_owned(),
        Verdict::BodyRejected => "The server sends heartbeats that cannot be read.".to_owned(),
        Verdict::Refused(_) => format!("The server sends heartbeats, and they are refused: {}.", s.value),
        Verdict::Restarting(_) => "It was shut down on request and is expected back.".to_owned(),
        Verdict::NotReturned(_) => format!("It was shut down on request at {} and has not come back.", s.at),
        Verdict::LeftInMaintenance => format!("It was stopped at {}, during maintenance.", s.at),
        Verdict::Left => format!("It said goodbye at {}: its process was stopped on the server.", s.at),
        Verdict::NeverContacted => "Nothing from this server has ever arrived here.".to_owned(),
        Verdict::Crashed(n) => {
            format!(
                "It fell silent at {} after {} within an hour: it seems to crash.",
                s.at,
                plural::en(*n, ["# start", "# starts"])
            )
        }
        Verdict::RegionSilent(n) => format!(
            "All {} of {} are silent, not this one alone.",
            plural::en(*n, ["# node", "# nodes"]),
            s.region
        ),
        Verdict::Late => "Its heartbeat is overdue; it may still come.".to_owned(),
        Verdict::Stopped => format!("Its heartbeats stopped at {}, without a goodbye.", s.at),
    },
    remedy: |v| match v {
        Verdict::Fine => "There is nothing to do.",
        Verdict::ClockSkew(_) => "Check the time service of the server: certificates and logs depend on it.",
        Verdict::Duplicate => {
            "One appsettings.json is on two machines, or an old process still runs. Stop one of them."
        }
        Verdict::ConsoleLate(_) => "Wait some seconds: it judges again as heartbeats arrive.",
        Verdict::Disabled(_) => {
            "Turn it on again, then start the process on the server: a disabled node ends by itself."
        }
        Verdict::WrongSecret(_) => {
            "Put the current secret into appsettings.json on the server, or rotate it and put the new one there."
        }
        Verdict::UnknownNode(_) => {
            "Put this node's id, region and secret into appsettings.json on the server, or register that server as a node of its own."
        }
        Verdict::RegionMismatch(_) => {
            "Correct the RegionId in appsettings.json on the server. A node does not move between regions."
        }
        Verdict::KindMismatch(_) => {
            "The file is for another kind of node. Put the right section into appsettings.json."
        }
        Verdict::NodeMismatch(_) => "Put this node's own id and secret into appsettings.json on the server.",
        Verdict::Deleted => "Put this node's id and secret into appsettings.json on the server.",
        Verdict::RateLimited => "Two processes may run, or its interval is set by hand. Look at its log.",
        Verdict::BodyRejected => {
            "Its program may be too old or too new for this console. Look at its log and update it."
        }
        Verdict::Refused(_) => "Look at the log of the server; it holds the whole answer.",
        Verdict::Restarting(_) => "Wait: a service manager starts it again.",
        Verdict::NotReturned(_) => {
            "It returns by itself only where a service manager restarts it. Start it on the server."
        }
        Verdict::LeftInMaintenance => {
            "This is expected. Start it on the server when the maintenance is over."
        }
        Verdict::Left => "Start the process on the server, or take the node out of service here.",
        Verdict::NeverContacted => {
            "Check that the process runs, that appsettings.json names this console and holds this node's secret, and that the firewall lets the server reach the console."
        }
        Verdict::Crashed(_) => "Look at the log of the server for what ends the process.",
        Verdict::RegionSilent(_) => {
            "Look for what they share: the network or the firewall between the region and this console, or the power of the place."
        }
        Verdict::Late => "Wait: this page looks again by itself.",
        Verdict::Stopped => {
            "Check that the process runs and that the firewall still lets the server reach this console. appsettings.json was right before: its heartbeats were accepted."
        }
    },
    short: |v| match v {
        Verdict::Fine => "Reports",
        Verdict::ClockSkew(_) => "Clock is wrong",
        Verdict::Duplicate => "Two processes",
        Verdict::ConsoleLate(_) => "Cannot be judged now",
        Verdict::Disabled(_) => "Disabled",
        Verdict::WrongSecret(_) => "Wrong secret",
        Verdict::UnknownNode(_) => "Unknown id",
        Verdict::RegionMismatch(_) => "Wrong region",
        Verdict::KindMismatch(_) => "Wrong kind",
        Verdict::NodeMismatch(_) => "Wrong id",
        Verdict::Deleted => "Deleted identity",
        Verdict::RateLimited => "Too fast",
        Verdict::BodyRejected => "Not readable",
        Verdict::Refused(_) => "Refused",
        Verdict::Restarting(_) => "Restarting",
        Verdict::NotReturned(_) => "Did not come back",
        Verdict::LeftInMaintenance => "Stopped in maintenance",
        Verdict::Left => "Stopped on the server",
        Verdict::NeverContacted => "Never contacted",
        Verdict::Crashed(_) => "Crashes",
        Verdict::RegionSilent(_) => "Whole region silent",
        Verdict::Late => "Late",
        Verdict::Stopped => "Heartbeats stopped",
    },
    act: |act| match act {
        Act::None | Act::Wait | Act::Server | Act::Network | Act::Clock => "Open node",
        Act::Rotate => "Rotate secret…",
        Act::Snippet => "Open settings",
        Act::Enable => "Enable…",
        Act::Unregistered => "Show unregistered servers",
    },
    evidence: "Evidence",
    good: "Fine",
    bad: "Not fine",
    note: "Note",
    unknown: "Not known",
    registered: |region| {
        if region.is_empty() {
            "Registered and enabled.".to_owned()
        } else {
            format!("Registered and enabled in {region}.")
        }
    },
    disabled: |from| match from {
        Some(InheritedFrom::Region) => "Registered; its region is disabled.",
        Some(InheritedFrom::Platform) => "Registered; the platform is disabled.",
        None => "Registered and disabled.",
    },
    maintenance: |from| match from {
        Some(InheritedFrom::Region) => "Maintenance of its region is on.",
        Some(InheritedFrom::Platform) => "Maintenance of the platform is on.",
        None => "Maintenance is on.",
    },
    last: |time, ago, every| {
        format!("Last heartbeat accepted at {time} ({ago} ago); one is expected every {every}.")
    },
    never: "No heartbeat was ever accepted.",
    refused: |n, reason, source, first, last| {
        format!(
            "Refused {} from {source}: {reason}. First {first}, last {last}.",
            plural::en(n, ["once", "# times"])
        )
    },
    fingerprints: |presented, expected| format!("Fingerprint {presented}, expected {expected}."),
    not_refused: "No heartbeat of it was refused in the last 15 minutes.",
    none_arrive: "No heartbeat of it was refused in the last 15 minutes: nothing it sends arrives here.",
    asked: |by, at| format!("{by} asked for a shutdown at {at}."),
    goodbye: |at| format!("It said goodbye at {at}."),
    boots: |n| {
        plural::en(
            n,
            [
                "Its process started once in the hour before.",
                "Its process started # times in the hour before.",
            ],
        )
    },
    version: |version| format!("Version {version}."),
    clock: |difference| format!("Clock {difference} against the console."),
    duplicate: |detail| format!("Two processes speak for it: {detail}"),
    others: |live, of, region| format!("Others in {region}: {live} of {of} report."),
    alone: "It is the only node of its region.",
    console_ok: "The console itself receives heartbeats and judges them.",
    console_late: "The console itself is late or has just started.",
    not_checked: |endpoint| {
        format!(
            "Not checked from here: whether {endpoint} can be reached. Only heartbeats from the server to this console count."
        )
    },
    loopback: "This console listens on loopback only: servers elsewhere cannot reach it. Set IQRA_LISTEN and IQRA_PUBLIC_URL.",
    server_title: "If that does not help, on the server",
    server_text: "The log says whether heartbeats are sent and how they are answered; curl says whether the way to this console is open. Names of services may differ.",
    copy_command: "Copy command",
    usual: "Usual causes",
    group_lead: |silent, of| {
        if silent == 0 {
            "All of them report.".to_owned()
        } else {
            format!("{silent} of {of} {} silent.", if of == 1 { "is" } else { "are" })
        }
    },
    group_one: |name, reports| format!("{name} {}.", if reports { "reports" } else { "is silent" }),
    group_one_fine: "There is nothing to fix.",
    group_one_most: |what| format!("{what}."),
    group_most: |n, of, what| {
        if n == of { format!("{what}, all of them.") } else { format!("Mostly: {what}, {n} of {of}.") }
    },
    shared_title: "What they share",
    shared_together: |at| format!("They fell silent together, at {at}."),
    shared_never: "None of them was ever heard.",
    shared_network: |net| format!("They are all in the network {net}."),
    shared_machine: |host| format!("They are all on one machine, {host}."),
    shared_quiet: "Nothing of theirs was refused: their messages do not arrive here at all.",
    shared_nothing: "Nothing that is known here.",
    matrix: "Nodes and checks",
    col_node: "Node",
    col_status: "Status",
    col_heard: "Last heartbeat",
    col_refused: "Refused",
    col_boots: "Starts",
    col_version: "Version",
    col_clock: "Clock",
    col_verdict: "Verdict",
    none_registered: "No such node is registered in this region.",
    cut: "Only the first 500 nodes of the region are looked at.",
    all_fine: "All of them report. There is nothing to fix.",
    full: "Full diagnosis",
};
