//! English.

use common::auth::Role;
use common::node::NodeKind;
use common::overview::CollectingReason;
use common::status::StatusWord;

use super::en_pages::EN_PAGES;
use super::strings::{Strings, Units};
use crate::pages::dashboard::causes::Cause;
use crate::state::prefs::Theme;

fn kind_one(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Proxy => "proxy",
        NodeKind::Backend => "backend",
        NodeKind::Background => "background node",
    }
}

fn kind_word(kind: NodeKind, n: u32) -> &'static str {
    match (kind, n) {
        (kind, 1) => kind_one(kind),
        (NodeKind::Proxy, _) => "proxies",
        (NodeKind::Backend, _) => "backends",
        (NodeKind::Background, _) => "background nodes",
    }
}

fn kind_count(kind: NodeKind, n: u32) -> String {
    format!("{n} {}", kind_word(kind, n))
}

fn in_region(region: Option<&str>) -> String {
    region.map(|r| format!(" in {r}")).unwrap_or_default()
}

fn are(n: u32) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// `4:32`, `48 s`.
fn wait(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { format!("{}:{:02}", seconds / 60, seconds % 60) }
}

/// Units of figures.
pub const UNITS: Units = Units {
    own_digits: false,
    second: "s",
    minute: "min",
    hour: "h",
    day: "d",
    million: "M",
    billion: "G",
    percent: " %",
    below: |figure| format!("< {figure}"),
    technical: |figure, unit| format!("{figure} {unit}"),
    before_sign: "",
};

/// The English table.
pub static EN: Strings = Strings {
    // Times of day in 24 hours and dates with the day first, for readers in many countries.
    locale: |_| "en-GB",
    units: UNITS,
    pages: &EN_PAGES,

    title_with_fault: |title| format!("Error: {title}"),
    document_title: |broken, page| {
        let prefix = if broken == 0 { String::new() } else { format!("({broken}) ") };
        let page = if page.is_empty() { String::new() } else { format!("{page} · ") };
        format!("{prefix}{page}Infrastructure")
    },
    brand: "Infrastructure",
    brand_label: "Iqra Infrastructure",
    skip_to_content: "Skip to content",
    loading: "Loading",
    nav_label: "Infrastructure",
    nav_title: "Menu",
    nav_open: "Menu",
    nav_group: "Infrastructure",
    nav_dashboard: "Dashboard",
    nav_regions: "Regions",
    nav_nodes: "Nodes",
    nav_help: "Help",
    language: "Language",
    theme: "Theme",
    theme_name: |theme| match theme {
        Theme::System => "As the system",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    },
    account: "Account",
    account_role: |role| format!("Role: {role}"),
    role: |role| match role {
        Role::Viewer => "Viewer",
        Role::Operator => "Operator",
        Role::Admin => "Administrator",
    },
    sign_out: "Sign out",
    sign_out_failed: |why| format!("You are still signed in. {why}"),
    reload: "Reload",

    error_unreachable_title: "The server did not answer",
    error_unreachable: "Check your network and that the server runs, then try again.",
    part_missing_title: "This page could not be fetched",
    part_missing: "The server did not send this part of the console. Try again; if the server has been updated meanwhile, reload the page.",
    error_garbled_title: "The answer could not be read",
    error_garbled: |status| {
        format!(
            "Something between this page and the server answered with status {status}, or this page is from another version. Reload the page."
        )
    },

    as_of: |time| format!("· as of {time}"),
    fresh_label: "Connection",
    fresh_hint: "State of the live data. Opens details.",
    fresh_connecting: "Connecting…",
    fresh_live: "Live",
    fresh_delayed: |seconds| format!("Delayed {seconds} s"),
    fresh_disconnected: "Disconnected",
    fresh_connecting_means: "Waiting for the first figures from the server.",
    fresh_live_means: "Figures arrive as they change.",
    fresh_delayed_means: "Figures are late. Actions still work; the server checks each one.",
    fresh_disconnected_means: "Figures are old. Actions are off until the console reconnects.",
    fresh_figures_from: "Figures from",
    fresh_failed_attempts: "Failed attempts",
    fresh_reconnect: "Reconnect now",
    retry_now: "Retry now",
    banner_never_connected: "The live connection could not be opened.",
    banner_disconnected_since: |time| format!("Disconnected since {time}."),
    banner_disconnected: |age| {
        format!(
            "Figures below are from {age} ago and may be wrong. Actions are off until the console reconnects."
        )
    },
    banner_delayed_age: |age| format!("Data is {age} old."),
    banner_delayed: |failed, next| {
        let attempt = failed + 1;
        match next {
            Some(seconds) => format!(
                "No updates from the server; reconnecting (attempt {attempt}, next try in {seconds} s). Actions still work."
            ),
            None => {
                format!("No updates from the server; reconnecting (attempt {attempt}). Actions still work.")
            }
        }
    },
    collecting_reason: |reason, ago| {
        let ago = ago.map(|a| format!(" {a} ago")).unwrap_or_default();
        match reason {
            CollectingReason::Restart => format!("The server restarted{ago}."),
            CollectingReason::NewSweeper => format!("Another server process took over{ago}."),
            CollectingReason::SweeperLate => format!("The server fell behind{ago}."),
            CollectingReason::Suspended => format!("The server was suspended{ago}."),
            CollectingReason::DatabaseErrors => format!("The database failed{ago}."),
            CollectingReason::IngestErrors => format!("The server could not take heartbeats{ago}."),
        }
    },
    collecting: |confirmed, expected| {
        format!("Statuses are confirmed as heartbeats arrive: {confirmed} of {expected}.")
    },
    banner_new_version: "A newer console is available.",
    say_live_again: "Live again. Data is current.",
    say_delayed: "Data is delayed.",
    say_disconnected: |time| match time {
        Some(time) => format!("Disconnected. Figures are from {time}."),
        None => "Disconnected.".into(),
    },
    say_all_clear: "Nothing is offline any more.",

    gate_disconnected: |time| match time {
        Some(time) => format!("The console is disconnected; you would act on data from {time}."),
        None => "The console is disconnected.".into(),
    },
    gate_connecting: "The console is still connecting.",
    gate_role: |role| format!("You need the {role} role for this."),

    problem_none_online: |kind, region| format!("No {} is online{}", kind_one(kind), in_region(region)),
    problem_none_online_detail: |kind, n, last| {
        let last = last
            .map_or_else(|| "No heartbeat was ever accepted.".into(), |a| format!("Last heartbeat {a} ago."));
        format!("0 of {n} registered {} {} sending heartbeats. {last}", kind_word(kind, n), are(n))
    },
    problem_node_offline: |node, region| format!("{node} is offline{}", in_region(region)),
    problem_node_stale: |node, region| format!("{node} is late{}", in_region(region)),
    problem_never_seen: |node| format!("{node} has never sent a heartbeat"),
    problem_never_seen_detail: |ago, region| {
        let added = ago.map(|a| format!("Added {a} ago{}. ", in_region(region))).unwrap_or_default();
        format!("{added}Put its secret into appsettings.json and start it.")
    },
    problem_refused: |n| {
        if n == 1 { "1 heartbeat was refused".into() } else { format!("{n} heartbeats were refused") }
    },
    refused_badge: "Refused",
    last_heartbeat: |ago| match ago {
        Some(ago) => format!("Last heartbeat {ago} ago."),
        None => "No heartbeat was ever accepted.".into(),
    },
    rejection: |reason, source, count, ago| {
        let times = if count == 1 { "once".into() } else { format!("{count} times") };
        let ago = ago.map(|a| format!(", last {a} ago")).unwrap_or_default();
        format!("{reason}: {times} from {source}{ago}.")
    },
    rejection_reason: |code| match code {
        "unknown_secret" => "The secret is not known".into(),
        "region_mismatch" => "The file names another region".into(),
        "kind_mismatch" => "The file is for another kind of node".into(),
        "node_mismatch" => "The file names another node".into(),
        "node_deleted" => "The node was deleted".into(),
        "body_too_large" => "The message was too large".into(),
        "invalid_heartbeat" => "The message was not a heartbeat".into(),
        "too_fast" => "Heartbeats came too fast".into(),
        other => format!("Refused ({other})"),
    },

    login_title: "Sign in",
    login_email: "Email",
    login_password: "Password",
    login_show: "Show password",
    login_submit: "Sign in",
    login_busy: "Signing in…",
    login_help: "Cannot sign in? Ask an administrator.",
    login_api: "API reference",
    login_expired_at: |time| format!("Your session ended at {time}. Sign in to continue."),
    login_expired: "Your session ended. Sign in to continue.",
    login_signed_out: "You are signed out.",
    login_plain_http: "This page is not encrypted. Passwords can be read on the network.",
    login_caps_lock: "Caps Lock is on.",
    login_need_email: "Enter your email.",
    login_need_password: "Enter your password.",
    login_wrong: "Email or password is not right.",
    login_locked: |seconds| format!("Too many attempts. Try again in {}.", wait(seconds)),
    login_unreachable: "The server did not answer. What you typed is kept; try again.",

    dash_data_from: |time| format!("Data from {time}"),
    dash_problems: |n| {
        if n == 1 { "1 problem needs attention".into() } else { format!("{n} problems need attention") }
    },
    dash_all_clear: |n| match n {
        1 => "The node is reporting.".into(),
        n => format!("All {n} nodes are reporting."),
    },
    dash_no_nodes: "No node is registered yet.",
    dash_partial: |reporting, expected| format!("{reporting} of {expected} nodes are reporting."),
    key_figures: "Key figures",
    kpi_conversations: "Live conversations",
    kpi_phone: "Phone",
    kpi_web: "Web",
    kpi_outbound: "Outbound pipeline",
    kpi_processing: "Processing",
    kpi_pending: "Pending",
    kpi_oldest: |age| format!("oldest {age}"),
    kpi_backend: "Backend nodes · active / total",
    kpi_proxy: "Proxy nodes · active / total",
    kpi_accepting: "accepting new work",
    kpi_bar: |kind| match kind {
        NodeKind::Proxy => "Proxies by status",
        NodeKind::Backend => "Backends by status",
        NodeKind::Background => "Background nodes by status",
    },
    kpi_slots: |used, max, share| match share {
        Some(share) => format!("{used} of {max} slots in use ({share})"),
        None => format!("{used} of {max} slots in use"),
    },
    kpi_disabled: |n| format!("{n} disabled, not in the total"),
    kpi_none_registered: |kind| match kind {
        NodeKind::Proxy => "No proxy is registered yet. Add one in a region.",
        NodeKind::Backend => "No backend is registered yet. Add one in a region.",
        NodeKind::Background => "No background node is registered yet.",
    },
    kpi_coverage: |kind, reporting, expected| format!("from {reporting} of {}", kind_count(kind, expected)),
    kpi_last_known_conversations: |phone, web| {
        format!("Last known of silent nodes: phone {phone}, web {web}")
    },
    kpi_last_known_outbound: |processing, pending| {
        format!("Last known of silent nodes: processing {processing}, pending {pending}")
    },
    how_to_fix: |n| format!("How to fix 0/{n}"),
    how_to_fix_in: |n, region| format!("How to fix 0/{n} in {region}"),
    attention: "Needs attention",
    open: "Open",
    show_refusals: "Show refusals",
    regions: "Regions",
    add_region: "Add region",
    add_backend: "Add backend",
    add_proxy: "Add proxy",
    setup_title: "Set up the platform",
    setup_intro: "Five steps lead to a platform that works. The list goes by what is registered and what reports.",
    setup_region: "Create a region",
    setup_region_why: "A region groups servers and storage in one place, for example OM-MCT.",
    setup_node: |kind| match kind {
        NodeKind::Proxy => "Add a proxy and see its heartbeat",
        NodeKind::Backend => "Add a backend and see its heartbeat",
        NodeKind::Background => "Add the background node",
    },
    setup_node_why: |kind| match kind {
        NodeKind::Proxy => "Proxies talk to carriers, SIP port 5060.",
        NodeKind::Backend => "Backends process audio, SIP port 5080.",
        NodeKind::Background => "It runs jobs for the whole platform.",
    },
    setup_done: "Done",
    setup_to_do: "To do",

    zero_title: |n| format!("Why 0/{n}?"),
    zero_lead: |kind, n| {
        let (none, those) = if n == 1 { ("it is not", "that server") } else { ("none is", "those servers") };
        format!(
            "{} {} registered in the database but {none} sending heartbeats. Check the firewall and appsettings.json on {those}.",
            kind_count(kind, n),
            are(n)
        )
    },
    zero_loopback: "This server listens on loopback only: nodes on other machines cannot reach it. Set IQRA_LISTEN and IQRA_PUBLIC_URL.",
    zero_causes: "Usual causes",
    zero_likely: "Most likely",
    cause_title: |cause| match cause {
        Cause::Settings => "appsettings.json does not match",
        Cause::Firewall => "A firewall or proxy is in between",
        Cause::NotRunning => "The process does not run",
    },
    cause_text: |cause| match cause {
        Cause::Settings => {
            "Id, RegionId and ApiKey in appsettings.json must be those of this node. A wrong secret, region or kind is refused and shows up above."
        }
        Cause::Firewall => {
            "Each server sends its heartbeats to this console over HTTP. On the server, open the address of this console, for example with curl; no answer means that a firewall, a route or a name is wrong."
        }
        Cause::NotRunning => {
            "Look at the service on the server: is it started, does it exit at once, does it restart? Its log names the first heartbeat."
        }
    },
    zero_nodes: |kind| match kind {
        NodeKind::Proxy => "Show these proxies",
        NodeKind::Backend => "Show these backends",
        NodeKind::Background => "Show the background node",
    },
    refusals_title: "Refused heartbeats",
    refusals_lead: "These servers reach the console, and what they send is refused. What a message says about itself is a claim.",
    refusals_none: "No heartbeat was refused lately.",

    help_title: "Help",
    help_sub: "What the words mean, and what to do when something does not report.",
    help_zero_title: "0/N: registered, but not sending heartbeats",
    help_zero: &[
        "0/4 means that four nodes are registered in the database and none of them is sending heartbeats.",
        "Check the firewall between those servers and this console: each server sends its heartbeats to it over HTTP.",
        "Check appsettings.json on those servers: the node's ID, its Region ID and its secret must be the ones shown when it was added. A lost secret is replaced, not looked up.",
        "Check that the process runs and is started again after a restart of the machine.",
        "A heartbeat that arrives and is refused is on the dashboard under “Needs attention” with the reason.",
    ],
    help_words_title: "Status words",
    help_words: &[
        (StatusWord::Online, "Sends heartbeats and takes work."),
        (StatusWord::Starting, "Sends heartbeats; its checks at start are running, it takes no work yet."),
        (StatusWord::Maintenance, "Takes no new work and has none left."),
        (StatusWord::Draining, "Takes no new work; what runs is finished first."),
        (StatusWord::Restarting, "Was shut down on request and is expected back."),
        (StatusWord::Stale, "Late: its heartbeat is overdue."),
        (StatusWord::Offline, "Silent for so long that it is taken for gone, or it said goodbye."),
        (
            StatusWord::Unconfirmed,
            "The server has just started or had trouble of its own and does not judge silence yet.",
        ),
        (StatusWord::NeverSeen, "Registered; no heartbeat was ever accepted."),
        (StatusWord::Disabled, "Taken out of service by an operator; not in the total."),
        (StatusWord::Unregistered, "Sends heartbeats with an identity the database does not know."),
    ],
    help_timers: |stale, offline, interval| {
        format!(
            "A node sends a heartbeat every {interval}. Stale: nothing for {stale}. Offline: nothing for {offline}."
        )
    },
    help_fresh_title: "How current this page is",
    help_fresh: "Live: figures arrive as they change. Delayed: nothing came for 5 seconds, or the console is reconnecting. Disconnected: nothing came for 30 seconds, or the server cannot be reached; figures stay with their time, and actions are off. This says nothing about nodes: a node that is late is Stale or Offline.",
    help_figures_title: "Figures",
    help_figures: &[
        (
            "Active / total",
            "Active nodes send heartbeats now. The total is every registered node that is not disabled.",
        ),
        ("Accepting", "Active nodes that take new work."),
        ("Live conversations", "Phone and web sessions that backends hold now."),
        (
            "Processing, pending",
            "Outbound calls that proxies dial or handle, and calls that wait for a slot.",
        ),
        ("—", "No data. It is never shown as 0."),
        ("Last known", "What silent nodes said last; not part of the live figures."),
    ],
    help_more_title: "More",
    help_api_docs: "API reference",
    help_version: |version| format!("Version {version}"),

    not_found_title: "Page not found",
    not_found: "There is nothing at this address. It may have been typed or copied wrongly.",
    not_found_home: "Go to the dashboard",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_with_their_words() {
        assert_eq!(kind_count(NodeKind::Proxy, 1), "1 proxy");
        assert_eq!(
            (EN.zero_lead)(NodeKind::Proxy, 6),
            "6 proxies are registered in the database but none is sending heartbeats. Check the firewall and appsettings.json on those servers."
        );
        assert_eq!(
            (EN.problem_none_online)(NodeKind::Proxy, Some("US-EAST-1")),
            "No proxy is online in US-EAST-1"
        );
        assert_eq!((EN.login_locked)(272), "Too many attempts. Try again in 4:32.");
        assert_eq!((EN.document_title)(2, "Nodes"), "(2) Nodes · Infrastructure");
        assert_eq!((EN.document_title)(0, ""), "Infrastructure");
        assert_eq!((EN.title_with_fault)("Nodes"), "Error: Nodes");
    }
}
