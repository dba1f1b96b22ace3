//! English sentences for taking nodes, regions and the platform out of service and back.

use common::intent::{EffectCode, PreconditionCode};

use crate::i18n::plural;

/// What is acted on, as sentences name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// A node.
    Node,
    /// A region.
    Region,
    /// All of it.
    Platform,
}

/// Conversations, outbound calls, age of the longest; nothing where nothing is known.
type WorkNow = fn(Option<u32>, Option<u32>, Option<&str>) -> Option<String>;

/// Maintenance, disable, activate.
pub struct LifecycleWords {
    /// Name of the row of buttons.
    pub actions: &'static str,
    /// Button.
    pub maintenance: &'static str,
    /// Button, while it is on.
    pub end_maintenance: &'static str,
    /// Button.
    pub disable: &'static str,
    /// Button, while it is disabled.
    pub enable: &'static str,
    /// Button; of a node.
    pub shut_down: &'static str,
    /// Button; of a region.
    pub shut_down_all: &'static str,
    /// Button.
    pub delete: &'static str,
    /// Button.
    pub cancel: &'static str,
    /// Button of a dialog that only shows what became of it.
    pub close: &'static str,
    /// Why a shutdown is off.
    pub not_live: &'static str,
    /// Heading and button of a dialog.
    pub maintenance_title: fn(Noun, &str) -> String,
    /// Heading and button of a dialog.
    pub disable_title: fn(Noun, &str) -> String,
    /// Heading and button of a dialog.
    pub enable_title: fn(Noun, &str) -> String,
    /// What follows.
    pub maintenance_text: fn(Noun) -> &'static str,
    /// What follows.
    pub disable_text: fn(Noun) -> &'static str,
    /// What follows.
    pub enable_text: fn(Noun) -> &'static str,
    /// Folded help.
    pub help_title: &'static str,
    /// Control, function and use case of maintenance.
    pub help_maintenance: &'static str,
    /// Control, function and use case of disable; what for good means.
    pub help_disable: &'static str,
    /// How that differs from Delete.
    pub help_delete: &'static str,
    /// Control, function and use case of a shutdown.
    pub help_shutdown: &'static str,
    /// Label.
    pub private_reason: &'static str,
    /// Hint.
    pub private_hint: &'static str,
    /// Label.
    pub public_reason: &'static str,
    /// Hint.
    pub public_hint: &'static str,
    /// What the message says at first.
    pub public_default: &'static str,
    /// Label.
    pub until: &'static str,
    /// Hint.
    pub until_hint: &'static str,
    /// Label.
    pub deadline: &'static str,
    /// Hint.
    pub deadline_hint: &'static str,
    /// Choices of the deadline, with their minutes.
    pub deadlines: [(&'static str, &'static str); 4],
    /// Legend.
    pub then: &'static str,
    /// Choice.
    pub hold: &'static str,
    /// What it means.
    pub hold_hint: &'static str,
    /// Choice.
    pub force: &'static str,
    /// What it means.
    pub force_hint: &'static str,
    /// Label of the typed confirmation.
    pub type_it: fn(&str) -> String,
    /// Its error.
    pub type_first: &'static str,
    /// Its error.
    pub need_reason: &'static str,
    /// Its error.
    pub bad_time: &'static str,
    /// Error.
    pub need_understood: &'static str,
    /// Tick where a guard stands against it.
    pub understood: &'static str,
    /// Heading of the preview.
    pub impact: &'static str,
    /// While it is on its way.
    pub impact_loading: &'static str,
    /// It did not come.
    pub impact_failed: &'static str,
    /// No effect to name.
    pub impact_none: &'static str,
    /// How many nodes it reaches, and how many of them are live.
    pub reaches: fn(u32, u32) -> String,
    /// Conversations, outbound calls, the longest: each where it is known.
    pub work_now: WorkNow,
    /// An effect as a sentence: region and kind, and its number.
    pub effect: fn(EffectCode, Option<&str>, Option<&str>, Option<u32>) -> String,
    /// For screen readers before an effect.
    pub level_info: &'static str,
    /// For screen readers before an effect.
    pub level_warn: &'static str,
    /// For screen readers before an effect.
    pub level_block: &'static str,
    /// A guard refused; the list is new.
    pub changed: &'static str,
    /// It did not work.
    pub failed: &'static str,
    /// Announced.
    pub done_maintenance: fn(&str) -> String,
    /// Announced.
    pub done_disable: fn(&str) -> String,
    /// Announced.
    pub done_active: fn(&str) -> String,
    /// Announced.
    pub done_shutdown: fn(&str) -> String,
    /// Announced.
    pub done_delete: fn(&str) -> String,
    /// Where a precondition of a delete that does not hold is put right.
    pub fix: fn(PreconditionCode) -> &'static str,
    /// What is typed to take the background node out of service.
    pub background_phrase: &'static str,
    /// What a change of the background node means for its schedule.
    pub schedule_stops: &'static str,
    /// Which of its jobs run, and what becomes of them: their names, and how many.
    pub jobs_running: fn(&str, usize) -> String,
    /// Why a region cannot be deleted from a list.
    pub region_delete_off: &'static str,
    /// In the conflict dialog.
    pub field_intent: &'static str,
    /// In the conflict dialog.
    pub field_reason: &'static str,
    /// An intent in words.
    pub active: &'static str,
    /// The state of an object, since when, by whom.
    pub own: fn(&str, &str, Option<&str>) -> String,
    /// The reason for operators.
    pub own_reason: fn(&str) -> String,
    /// The message to users.
    pub own_public: fn(&str) -> String,
    /// When it ends by itself.
    pub own_until: fn(&str) -> String,
    /// An intent that comes from above: its word.
    pub inherited_region: fn(&str, &str) -> String,
    /// An intent that comes from above.
    pub inherited_platform: &'static str,
    /// Link.
    pub open_region: &'static str,
    /// Link.
    pub open_platform: &'static str,
    /// Its own intent does not count while this one does.
    pub inherited_more: &'static str,
}

fn whole(noun: Noun, name: &str) -> String {
    match noun {
        Noun::Node => format!("node {name}"),
        Noun::Region => format!("region {name}"),
        Noun::Platform => "the platform".to_owned(),
    }
}

fn at(region: Option<&str>, kind: Option<&str>) -> (String, String) {
    let kind = kind.map_or_else(|| "node".to_owned(), str::to_lowercase);
    (region.map_or_else(|| "its region".to_owned(), str::to_owned), kind)
}

fn effect(code: EffectCode, region: Option<&str>, kind: Option<&str>, count: Option<u32>) -> String {
    let (region, kind) = at(region, kind);
    let n = count.map_or_else(|| "an unknown number of".to_owned(), |n| n.to_string());
    match code {
        EffectCode::LastLive => {
            format!("It takes the last live {kind} in {region}. New calls there are refused.")
        }
        EffectCode::HeadroomShort => {
            format!("{region} would have {n} slots left, fewer than it has conversations now.")
        }
        EffectCode::HeadroomTight => {
            format!("{region} would have {n} slots left, hardly more than it has conversations now.")
        }
        EffectCode::AnotherDrain => format!("Another node of {region} is draining already."),
        EffectCode::NotLive => match count {
            Some(1) | None => "One node is not live: it obeys when it comes back.".to_owned(),
            Some(n) => format!("{n} nodes are not live: they obey when they come back."),
        },
        EffectCode::Unjudgeable => {
            "The control plane cannot judge silence now, so it does not know which nodes are live.".to_owned()
        }
        EffectCode::NoRestartSeen => match count {
            Some(1) | None => {
                "It has not been seen to come back by itself. Without a service manager it stays down."
                    .to_owned()
            }
            Some(n) => format!(
                "{n} nodes have not been seen to come back by themselves. Without a service manager they stay down."
            ),
        },
        EffectCode::EndsSessions => match count {
            Some(1) => "One conversation ends at once.".to_owned(),
            _ => format!("It ends {n} conversations at once."),
        },
    }
}

/// Maintenance, disable, activate.
pub(crate) const LIFECYCLE: LifecycleWords = LifecycleWords {
    actions: "Actions",
    maintenance: "Maintenance…",
    end_maintenance: "End maintenance",
    disable: "Disable…",
    enable: "Enable…",
    shut_down: "Shut down…",
    shut_down_all: "Shut down all nodes…",
    delete: "Delete…",
    cancel: "Cancel",
    close: "Close",
    not_live: "Only a live node can be shut down: nobody else would hear the signal.",
    maintenance_title: |noun, name| format!("Turn on maintenance for {}", whole(noun, name)),
    disable_title: |noun, name| format!("Disable {}", whole(noun, name)),
    enable_title: |noun, name| format!("Enable {}", whole(noun, name)),
    maintenance_text: |noun| match noun {
        Noun::Node => {
            "It takes no new calls; running calls continue. The process stays up. Use this before an update."
        }
        Noun::Region => {
            "New calls stop going to its nodes now; running calls continue. Other regions do not take over by themselves."
        }
        Noun::Platform => {
            "No region takes new calls; running calls continue. Every node shows it as inherited."
        }
    },
    disable_text: |noun| match noun {
        Noun::Node => {
            "It is taken out of service for good: running calls finish, then its process ends and stays down. It no longer counts as available."
        }
        _ => {
            "Its nodes drain and their processes end and stay down. Use maintenance if the servers are to stay."
        }
    },
    enable_text: |noun| match noun {
        Noun::Node => {
            "It takes calls as soon as it is online. A process that has ended must be started on its server."
        }
        _ => "Its nodes take calls as soon as they are online. Processes that have ended must be started.",
    },
    help_title: "Maintenance, disable, shut down or delete?",
    help_maintenance: "Maintenance: new calls are refused, running calls continue, the process stays. For an update or a look at a server; a restart does not end it, only you do, or the end you set.",
    help_disable: "Disable is for good: running calls finish, the process ends with success, so that no service manager starts it again, and the node counts no more. It stays registered, with its history, until somebody enables or deletes it. For a server that is to be retired.",
    help_delete: "Delete removes the registration and its figures. Only what is disabled and silent can be deleted. A server that goes on sending heartbeats afterwards is refused.",
    help_shutdown: "Shut down ends the process once; the server's service manager starts it again. What it is meant to do (active, maintenance) stays as it is. For a restart after an update.",
    private_reason: "Reason",
    private_hint: "For operators; stands in the activity log.",
    public_reason: "Message to users",
    public_hint: "Told to the nodes, which may show it to users.",
    public_default: "Scheduled maintenance",
    until: "Turn off automatically at",
    until_hint: "In the time of your browser. Empty: until somebody ends it.",
    deadline: "Calls should be over within",
    deadline_hint: "Counts from now.",
    deadlines: [("", "No deadline"), ("15", "15 minutes"), ("60", "1 hour"), ("240", "4 hours")],
    then: "When calls are left then",
    hold: "Let them go on",
    hold_hint: "A problem is raised; nobody is cut off.",
    force: "End them",
    force_hint: "The node is told to end its calls.",
    type_it: |name| format!("Type {name} to confirm"),
    type_first: "Type the name first, exactly as shown.",
    need_reason: "Say why, in 1 to 500 characters.",
    bad_time: "Enter a time that lies ahead.",
    need_understood: "Read what stands against it and tick the box.",
    understood: "I understand, and want it anyway",
    impact: "What it would do now",
    impact_loading: "Working out what it would do…",
    impact_failed: "What it would do could not be worked out.",
    impact_none: "Nothing stands against it.",
    reaches: |nodes, live| match nodes {
        0 => "It reaches no node.".to_owned(),
        1 if live == 1 => "It reaches 1 node, which is live.".to_owned(),
        1 => "It reaches 1 node, which is not live.".to_owned(),
        n => format!("It reaches {n} nodes, {live} of them live."),
    },
    work_now: |conversations, processing, longest| {
        let calls = match conversations {
            Some(1) => Some("1 conversation now".to_owned()),
            Some(n) => Some(format!("{n} conversations now")),
            None => None,
        };
        let out = processing.map(|n| format!("{n} outbound calls being handled"));
        let longest = longest.filter(|_| conversations != Some(0)).map(|l| format!("the longest {l}"));
        let parts: Vec<String> = [calls, longest, out].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    },
    effect,
    level_info: "Note",
    level_warn: "Warning",
    level_block: "Blocked",
    changed: "The situation changed. Read again.",
    failed: "It was not done",
    done_maintenance: |name| format!("{name}: maintenance is on."),
    done_disable: |name| format!("{name} is disabled."),
    done_active: |name| format!("{name} takes calls again."),
    done_shutdown: |name| format!("{name}: the signal to shut down waits for its next heartbeat."),
    done_delete: |name| format!("{name} is deleted."),
    fix: |code| match code {
        PreconditionCode::Disabled => "Disable it…",
        PreconditionCode::Silent => "See its heartbeats",
        PreconditionCode::Judgeable => "See how the control plane is",
        PreconditionCode::NoSessions => "See what it still does",
        PreconditionCode::NoOpenCommand => "See its open signals",
        PreconditionCode::NoNodes => "Open its nodes",
    },
    background_phrase: "background",
    schedule_stops: "Scheduled jobs stop until it runs again.",
    jobs_running: |names, n| {
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        let text = plural::en(n, ["# job is running: ", "# jobs are running: "]);
        format!("{text}{names}. Finishing running work first lets them end; stopping at once ends them.")
    },
    region_delete_off: "A region can be deleted when it is disabled and has no nodes.",
    field_intent: "Intent",
    field_reason: "Reason",
    active: "Active",
    own: |state, when, by| match by {
        Some(by) => format!("{state} since {when}, by {by}"),
        None => format!("{state} since {when}"),
    },
    own_reason: |reason| format!("Reason: {reason}"),
    own_public: |text| format!("Message to users: {text}"),
    own_until: |when| format!("Ends by itself at {when}"),
    inherited_region: |state, region| format!("{state} comes from region {region}."),
    inherited_platform: "The whole platform is in maintenance.",
    open_region: "Open the region",
    open_platform: "Open platform maintenance",
    inherited_more: "It ends where it was turned on.",
};
