//! Open problems: a sentence for each code, what it rests on, and putting one aside.

use common::node::NodeKind;
use common::overview::{IncidentCause, OpenProblem, OpenProblemCode as Code};

use crate::i18n::isolated;

/// A problem and its values as sentences need them; ids are isolated already.
pub struct Said<'a> {
    /// The problem.
    pub p: &'a OpenProblem,
    /// Its region, empty for none.
    pub region: String,
    /// Its node, empty for none.
    pub node: String,
    /// For how long it has been there.
    pub since: Option<String>,
    /// How long ago the last heartbeat was.
    pub last: Option<String>,
    /// How far its end is, and whether it is over.
    pub until: Option<(String, bool)>,
    /// An age or a difference.
    pub span: String,
}

/// Words of problems.
pub struct ProblemWords {
    /// What is wrong; empty where another table has the sentence.
    pub headline: fn(&Said<'_>) -> String,
    /// What is known about it; empty for nothing.
    pub detail: fn(&Said<'_>) -> String,
    /// One word for the badge.
    pub badge: fn(Code) -> &'static str,
    /// The likely cause of an incident.
    pub cause: fn(IncidentCause, &str) -> String,
    /// Calls at stake.
    pub calls: fn(u64) -> String,
    pub nodes: fn(u32) -> String,
    pub more_nodes: fn(u32) -> String,
    pub action_storage: &'static str,
    pub action_background: &'static str,
    pub action_job: &'static str,
    pub action_webhook: &'static str,
    pub action_frontend: &'static str,
    pub action_region: &'static str,
    pub action_unregistered: &'static str,
    pub action_platform: &'static str,
    pub action_tokens: &'static str,
    pub action_silent: &'static str,
    pub snooze: &'static str,
    pub snooze_title: &'static str,
    pub snooze_text: &'static str,
    pub snooze_for: &'static str,
    pub snooze_reason: &'static str,
    pub snooze_need: &'static str,
    /// Minutes and their words; none for “until it changes”.
    pub snooze_times: &'static [(Option<u32>, &'static str)],
    pub snooze_failed: &'static str,
    pub snoozed: fn(u32) -> String,
    pub snoozed_line: fn(&str, &str, &str) -> String,
    pub unsnooze: &'static str,
    pub none_snoozed: &'static str,
    pub cleared: &'static str,
    pub cleared_ago: fn(&str) -> String,
    pub singletons: &'static str,
    pub frontend: &'static str,
    pub background: &'static str,
    pub frontends: fn(u32, &str) -> String,
    pub versions_differ: &'static str,
    pub not_registered: &'static str,
}

fn s(n: u32) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn kind(k: Option<NodeKind>) -> &'static str {
    match k {
        Some(NodeKind::Proxy) => "proxies",
        Some(NodeKind::Backend) => "backends",
        Some(NodeKind::Background) | None => "nodes",
    }
}

fn in_region(region: &str) -> String {
    if region.is_empty() { String::new() } else { format!(" in {region}") }
}

/// Calls that nobody took over.
fn under_way(calls: u64) -> String {
    crate::i18n::plural::en(calls, ["# call was under way.", "# calls were under way."])
}

/// English.
pub const PROBLEMS: ProblemWords = ProblemWords {
    headline: |x| {
        let (r, n, count) = (x.region.as_str(), x.node.as_str(), x.p.count.unwrap_or(0));
        match x.p.code {
            Code::ClusterSilent => format!("All regions fell silent: {count} node{} at once.", s(count)),
            Code::RegionSilent => format!("{count} node{} fell silent together in {r}.", s(count)),
            Code::NodeRefused => format!("Heartbeats of {n} are refused."),
            Code::UnregisteredNodes => {
                format!(
                    "{count} unregistered server{} send{} heartbeats.",
                    s(count),
                    if count == 1 { "s" } else { "" }
                )
            }
            Code::ClockSkew => format!("The clock of {n} is wrong by {}.", x.span),
            Code::IdentityConflict => format!("Two processes speak for {n}."),
            Code::SecretExpiring => format!("{n} still uses its former secret."),
            Code::FiguresUnreadable => format!("Parts of the heartbeats of {n} cannot be read."),
            Code::StillReporting => format!("{n} is disabled and keeps running."),
            Code::StorageFailing => format!("Storage of {r} fails."),
            Code::StorageFailingOnNodes => format!("Nodes of {r} cannot use its storage."),
            Code::StorageNotConfigured => format!("{r} has no storage."),
            Code::DrainNotObeyed => format!("{n} was asked to stop taking calls and does not."),
            Code::DrainTookNew => format!("{n} accepted new calls after it was asked to take none."),
            Code::DrainStalled => format!("The drain of {n} does not move."),
            Code::DrainDeadline => format!("{n} was not drained in time."),
            Code::DrainNodeLost => format!("{n} went silent while it drained."),
            Code::DidNotReturn => format!("{n} did not come back after its shutdown."),
            Code::MaintenanceLong | Code::MaintenanceOverdue => {
                let what = match (n.is_empty(), r.is_empty()) {
                    (false, _) => n,
                    (true, false) => r,
                    (true, true) => "the platform",
                };
                if x.p.code == Code::MaintenanceLong {
                    format!("Maintenance of {what} has no end and goes on.")
                } else {
                    format!("Maintenance of {what} should be over.")
                }
            }
            Code::BackgroundMissing => "No background node is registered.".to_owned(),
            Code::BackgroundUnreachable => "The background node cannot be reached.".to_owned(),
            Code::BackgroundKeysDiffer => "The background node has another key than this console.".to_owned(),
            Code::JobFailed => {
                let job = x.p.evidence.values.first().map_or("A job", String::as_str);
                let how = if x.p.evidence.reason.as_deref() == Some("lost") { "was lost" } else { "failed" };
                format!("{job}: the last run {how}.")
            }
            Code::FrontendVersionsDiffer => "Frontend nodes run different versions.".to_owned(),
            Code::VaultLocked => "The master key is missing or not the right one.".to_owned(),
            Code::NodeVersionsDiffer => {
                format!("{count} versions of {} run{}.", kind(x.p.kind), in_region(r))
            }
            Code::CapacityShort => format!("Conversation slots of {r} are nearly used up."),
            Code::PendingOld => format!("Outbound calls wait too long in {r}."),
            Code::TokenExpiring => {
                let token = x.p.evidence.values.first().map_or("", String::as_str);
                format!("Token {} ends soon.", isolated(token))
            }
            Code::WebhookFailing => {
                let webhook = isolated(x.p.evidence.values.first().map_or("", String::as_str));
                match x.p.evidence.reason.as_deref() {
                    Some("full") => format!("Webhook {webhook} does not keep up."),
                    Some(_) => format!("Webhook {webhook} was switched off."),
                    None => format!("Webhook {webhook} does not get through."),
                }
            }
            Code::Collecting => "Silence cannot be judged now.".to_owned(),
            Code::NoneOnline
            | Code::NodeOffline
            | Code::NodeStale
            | Code::NodeNeverSeen
            | Code::HeartbeatsRefused => String::new(),
        }
    },
    detail: |x| {
        let e = &x.p.evidence;
        let since = || x.since.as_deref().map(|t| format!("For {t}.")).unwrap_or_default();
        let until = |words: &str| -> Option<String> {
            let (time, over) = x.until.as_ref()?;
            Some(if *over { format!("{words} {time} ago.") } else { format!("{words} in {time}.") })
        };
        let detail = e.detail.as_deref().unwrap_or_default();
        let left = x.p.count.map(|n| format!("{n} call{} left. ", s(n))).unwrap_or_default();
        match x.p.code {
            Code::ClusterSilent | Code::RegionSilent => {
                let of = e.total.map(|total| format!("{} of {total} nodes. ", x.p.count.unwrap_or(0)));
                let calls = e.calls.filter(|n| *n > 0).map(|n| format!("{} ", under_way(n)));
                format!("{}{}{}", of.unwrap_or_default(), calls.unwrap_or_default(), since())
            }
            Code::NodeRefused => {
                let last = x.last.as_deref().map(|t| format!(" The last one accepted was {t} ago."));
                format!("{} times.{}", x.p.count.unwrap_or(0), last.unwrap_or_default())
            }
            Code::UnregisteredNodes => "A new server, or one with a wrong Region ID or secret.".to_owned(),
            Code::ClockSkew => {
                let ahead = e.offset_ms.unwrap_or(0) > 0;
                format!("It is {}. Its certificates and logs will be wrong; check its time service.",
                    if ahead { "ahead" } else { "behind" })
            }
            Code::IdentityConflict => {
                format!("{detail} One settings file is on two machines, or an old process still runs.")
            }
            Code::SecretExpiring => {
                format!("{} Put the new secret into its appsettings.json.", until("The former secret ends").unwrap_or_default())
            }
            Code::FiguresUnreadable => format!("Not read: {}. Update the node.", e.values.join(", ")),
            Code::StillReporting => "Its process may be stopped, or the node deleted.".to_owned(),
            Code::StorageFailing => {
                let step = e.reason.as_deref().map(|r| format!("Step ‘{r}’ fails. ")).unwrap_or_default();
                format!("{step}Recordings and audio of this region cannot be stored. {}", since())
            }
            Code::StorageFailingOnNodes => format!(
                "{} of {} nodes that report. {}",
                x.p.count.unwrap_or(0),
                e.total.unwrap_or(0),
                e.reason.as_deref().map(|r| format!("Step ‘{r}’ fails there.")).unwrap_or_default()
            ),
            Code::StorageNotConfigured => "Its backends have nowhere to store recordings and audio.".to_owned(),
            Code::DrainNotObeyed => format!("{} Its program may be too old for it.", since()),
            Code::DrainTookNew => {
                format!("{left}It says that it takes none, so the drain may never end. Look at its program.")
            }
            Code::DrainStalled => format!("{left}Nothing ended for 10 minutes."),
            Code::DrainDeadline => format!("{left}{}", until("The deadline was").unwrap_or_default()),
            Code::DrainNodeLost => format!("{left}They are lost, or go on unseen."),
            Code::DidNotReturn => {
                "It returns by itself only if a service manager restarts it (systemd, Docker, Windows service)."
                    .to_owned()
            }
            Code::MaintenanceLong => since(),
            Code::MaintenanceOverdue => until("It was to end").unwrap_or_default(),
            Code::BackgroundMissing => "Jobs cannot be started by hand.".to_owned(),
            Code::BackgroundUnreachable => format!("{detail} {}", since()),
            Code::BackgroundKeysDiffer => {
                "Put the key into its appsettings.json under Security.ApiKey, or paste its key here.".to_owned()
            }
            Code::JobFailed => {
                let ago = x.since.as_deref().map(|t| format!("{t} ago. ")).unwrap_or_default();
                format!("{ago}{detail}")
            }
            Code::FrontendVersionsDiffer => "Bring all to one version.".to_owned(),
            Code::VaultLocked => "Secrets can be neither read nor made. Give the server its master key.".to_owned(),
            Code::NodeVersionsDiffer => e.values.join(", "),
            Code::CapacityShort => format!(
                "{} of {} in use ({} %).",
                x.p.count.unwrap_or(0),
                e.total.unwrap_or(0),
                e.percent.unwrap_or(0)
            ),
            Code::PendingOld => {
                let many = x.p.count.map(|n| format!("{n} wait. ")).unwrap_or_default();
                format!("{many}The oldest has waited for {}.", x.span)
            }
            Code::TokenExpiring => format!(
                "{} Scripts that use it fail then; give them a new one. {} made it.",
                until("It ends").unwrap_or_default(),
                isolated(detail)
            ),
            Code::WebhookFailing => match e.reason.as_deref() {
                Some("gone") => "The other side answered that it wants no more (410).".to_owned(),
                Some("full") => {
                    let many = x.p.count.unwrap_or(0);
                    format!("So many messages wait for it that {many} were left out. Its deliveries say why; choose fewer events where the other side is well.")
                }
                Some(_) => "Nothing it sent was taken for five days. Switch it on when the other side is right again.".to_owned(),
                None => format!("Nothing it sends is taken. Its deliveries say why. {}", since()),
            },
            Code::Collecting => {
                "The control plane has a difficulty of its own; statuses are marked as unconfirmed.".to_owned()
            }
            Code::NodeOffline | Code::NodeStale => {
                e.calls.filter(|n| *n > 0).map(under_way).unwrap_or_default()
            }
            Code::NoneOnline | Code::NodeNeverSeen | Code::HeartbeatsRefused => String::new(),
        }
    },
    badge: |code| match code {
        Code::ClusterSilent | Code::RegionSilent => "Incident",
        Code::NodeRefused | Code::HeartbeatsRefused => "Refused",
        Code::UnregisteredNodes => "Unregistered",
        Code::ClockSkew => "Clock",
        Code::IdentityConflict => "Identity",
        Code::SecretExpiring => "Secret",
        Code::FiguresUnreadable => "Unreadable",
        Code::StillReporting => "Disabled",
        Code::StorageFailing | Code::StorageFailingOnNodes | Code::StorageNotConfigured => "Storage",
        Code::DrainNotObeyed
        | Code::DrainTookNew
        | Code::DrainStalled
        | Code::DrainDeadline
        | Code::DrainNodeLost => "Drain",
        Code::DidNotReturn => "Not back",
        Code::MaintenanceLong | Code::MaintenanceOverdue => "Maintenance",
        Code::BackgroundMissing | Code::BackgroundUnreachable | Code::BackgroundKeysDiffer => "Background",
        Code::JobFailed => "Job",
        Code::FrontendVersionsDiffer | Code::NodeVersionsDiffer => "Versions",
        Code::VaultLocked => "Master key",
        Code::CapacityShort => "Capacity",
        Code::PendingOld => "Waiting",
        Code::TokenExpiring => "Token",
        Code::WebhookFailing => "Webhook",
        Code::Collecting => "Unconfirmed",
        Code::NoneOnline | Code::NodeOffline => "Offline",
        Code::NodeStale => "Stale",
        Code::NodeNeverSeen => "Never seen",
    },
    cause: |cause, what| {
        match cause {
        IncidentCause::Refused => "Likely cause: they still send heartbeats, which are refused. Check secrets and Region IDs.".to_owned(),
        IncidentCause::Stopped => "Likely cause: they were stopped; each said goodbye.".to_owned(),
        IncidentCause::Ingress => {
            "Likely cause: what lies in front of this control plane (load balancer, firewall, TLS), or its network."
                .to_owned()
        }
        IncidentCause::Site => "Likely cause: power or network of that place; its storage fails as well.".to_owned(),
        IncidentCause::Machine => format!("Likely cause: the one machine they share, {what}."),
        IncidentCause::Subnet => format!("Likely cause: the network they share, {what}."),
        IncidentCause::Region => {
            "Likely cause: the region, or the path from there to here; other regions are fine.".to_owned()
        }
        IncidentCause::Unknown => "The cause is not known: nothing that only these nodes share.".to_owned(),
    }
    },
    calls: |n| if n == 1 { "1 call".to_owned() } else { format!("{n} calls") },
    nodes: |n| if n == 1 { "1 node".to_owned() } else { format!("{n} nodes") },
    more_nodes: |n| format!("and {n} more"),
    action_storage: "Open storage",
    action_background: "Open background node",
    action_job: "Open job",
    action_webhook: "Open webhook",
    action_frontend: "Open frontend node",
    action_region: "Open region",
    action_unregistered: "Show them",
    action_platform: "Open platform maintenance",
    action_tokens: "Open API tokens",
    action_silent: "What to check",
    snooze: "Snooze",
    snooze_title: "Snooze this problem",
    snooze_text: "It leaves the list and the counts. It comes back at the end of the time, or sooner if it becomes worse.",
    snooze_for: "For how long",
    snooze_reason: "Reason",
    snooze_need: "Say why.",
    snooze_times: &[
        (Some(60), "1 hour"),
        (Some(240), "4 hours"),
        (Some(1_440), "1 day"),
        (Some(10_080), "7 days"),
        (None, "Until it changes, 30 days at most"),
    ],
    snooze_failed: "It was not snoozed",
    snoozed: |n| format!("{n} snoozed"),
    snoozed_line: |who, until, why| format!("{who}, until {until}: {why}"),
    unsnooze: "End the snooze",
    none_snoozed: "Nothing is snoozed.",
    cleared: "Over",
    cleared_ago: |ago| format!("Over for {ago}"),
    singletons: "Singletons",
    frontend: "Frontend node",
    background: "Background node",
    frontends: |n, version| {
        if n == 1 { format!("1 process, {version}") } else { format!("{n} processes, {version}") }
    },
    versions_differ: "Versions differ",
    not_registered: "Not registered",
};
