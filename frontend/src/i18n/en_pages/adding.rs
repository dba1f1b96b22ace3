//! English sentences about adding a node: the form, the secret, the first heartbeat.

/// The form for a new node.
pub struct NodeNewWords {
    /// Heading.
    pub title_proxy: &'static str,
    /// Heading.
    pub title_backend: &'static str,
    /// Below it.
    pub step: &'static str,
    /// Field.
    pub kind: &'static str,
    /// What it does.
    pub backend_hint: &'static str,
    /// What it does.
    pub proxy_hint: &'static str,
    /// Field.
    pub endpoint: &'static str,
    /// Its hint.
    pub endpoint_hint: &'static str,
    /// Before the address in full.
    pub will_call: &'static str,
    /// Field.
    pub sip_port: &'static str,
    /// Its hint.
    pub sip_port_hint: &'static str,
    /// Field.
    pub sip_host: &'static str,
    /// Its hint.
    pub sip_host_hint: &'static str,
    /// Field.
    pub transport: &'static str,
    /// Field.
    pub display: &'static str,
    /// Its hint.
    pub display_hint: &'static str,
    /// Field.
    pub calls: &'static str,
    /// Its hint.
    pub calls_hint: &'static str,
    /// Checkbox.
    pub development: &'static str,
    /// What it does.
    pub development_hint: &'static str,
    /// Checkbox.
    pub maintenance: &'static str,
    /// What it does.
    pub maintenance_hint: &'static str,
    /// Not a port.
    pub port_error: &'static str,
    /// Not a number.
    pub calls_error: &'static str,
    /// Button.
    pub cancel: &'static str,
    /// Button.
    pub register: &'static str,
    /// The button while it runs.
    pub registering: &'static str,
    /// Spoken.
    pub added: fn(&str) -> String,
}

/// Secret and first heartbeat of a new node.
pub struct ConnectWords {
    /// Heading.
    pub title: &'static str,
    /// Breadcrumb.
    pub crumb: &'static str,
    /// Below it.
    pub step_2: &'static str,
    /// Below it, once it beats.
    pub step_3: &'static str,
    /// Between node and region.
    pub registered_in: &'static str,
    /// Card.
    pub secret: &'static str,
    /// Tag.
    pub shown_once: &'static str,
    /// What to do.
    pub copy_now: &'static str,
    /// After a reload.
    pub shown_before: &'static str,
    /// Before the fingerprint.
    pub fingerprint: &'static str,
    /// The address does not work from elsewhere.
    pub loopback: &'static str,
    /// Button.
    pub copy_file: &'static str,
    /// Button.
    pub download: &'static str,
    /// Heading.
    pub command: &'static str,
    /// About it.
    pub command_hint: &'static str,
    /// Button.
    pub copy_command: &'static str,
    /// Checkbox.
    pub stored: &'static str,
    /// Card.
    pub wait_title: &'static str,
    /// Card, where it beat before.
    pub wait_again: &'static str,
    /// Card, once it beats.
    pub online_title: &'static str,
    /// Spoken.
    pub online_said: &'static str,
    /// State of a step.
    pub done: &'static str,
    /// State of a step.
    pub failed: &'static str,
    /// State of a step.
    pub waiting: &'static str,
    /// State of a step.
    pub open: &'static str,
    /// Step.
    pub registered: &'static str,
    /// Step.
    pub waiting_for: &'static str,
    /// Its state.
    pub elapsed: fn(&str, &str) -> String,
    /// It beat before.
    pub silent: &'static str,
    /// Step.
    pub beating: &'static str,
    /// Step.
    pub refused: &'static str,
    /// Why.
    pub refusal: fn(Option<&str>, &str, &str, Option<&str>, &str) -> String,
    /// Step.
    pub match_title: &'static str,
    /// Its state.
    pub matches: fn(&str, &str) -> String,
    /// After a while.
    pub slow: &'static str,
    /// Link.
    pub slow_help: &'static str,
    /// Link.
    pub open_node: &'static str,
    /// Link.
    pub finish: &'static str,
    /// Link.
    pub add_another: &'static str,
    /// Why Finish is off.
    pub store_first: &'static str,
    /// Below.
    pub may_leave: &'static str,
    /// Question before leaving.
    pub leave: &'static str,
}

/// The form for a new node.
pub(crate) const NODE_NEW: NodeNewWords = NodeNewWords {
    title_proxy: "Add proxy",
    title_backend: "Add backend",
    step: "Step 1 of 3 · Describe the server",
    kind: "Type",
    backend_hint: "Processes audio",
    proxy_hint: "SIP gateway, talks to carriers",
    endpoint: "Endpoint",
    endpoint_hint: "Address of the server, for example http://10.0.0.5:5002. Without a scheme it is http.",
    will_call: "We will call",
    sip_port: "SIP port",
    sip_port_hint: "Proxy 5060, backend 5080",
    sip_host: "SIP host",
    sip_host_hint: "Host of the endpoint, unless set",
    transport: "SIP transport",
    display: "Display name",
    display_hint: "Shown instead of the endpoint.",
    calls: "Max concurrent calls",
    calls_hint: "What the server can hold at once, 1 to 100,000.",
    development: "Development server",
    development_hint: "Takes calls of administrators only.",
    maintenance: "Start in maintenance",
    maintenance_hint: "Takes no calls until an operator turns maintenance off.",
    port_error: "The SIP port is a number from 1 to 65535.",
    calls_error: "A number from 1 to 100,000.",
    cancel: "Cancel",
    register: "Register node",
    registering: "Registering…",
    added: |name| format!("{name} registered"),
};

/// Secret and first heartbeat of a new node.
pub(crate) const CONNECT: ConnectWords = ConnectWords {
    title: "Connect the server",
    crumb: "Connect",
    step_2: "Step 2 of 3",
    step_3: "Step 3 of 3",
    registered_in: "is registered in",
    secret: "API secret",
    shown_once: "Shown once",
    copy_now: "Copy it now. It is stored encrypted and is never shown again.",
    shown_before: "The secret was shown when the node was added. It is stored encrypted and cannot be shown again.",
    fingerprint: "Fingerprint of the secret:",
    loopback: "Servers on other machines cannot reach this console: the file names an address of this machine only. Set IQRA_PUBLIC_URL to an address they can reach.",
    copy_file: "Copy snippet",
    download: "Download appsettings.json",
    command: "Agent command",
    command_hint: "Run it on the server, beside the downloaded file.",
    copy_command: "Copy command",
    stored: "I have stored the secret",
    wait_title: "Waiting for the first heartbeat",
    wait_again: "Waiting for a heartbeat",
    online_title: "The server is online",
    online_said: "The node is online",
    done: "Done",
    failed: "Failed",
    waiting: "Waiting",
    open: "Not known yet",
    registered: "Registered",
    waiting_for: "Waiting for a heartbeat signed with this secret",
    elapsed: |elapsed, interval| format!("{elapsed} elapsed · expected every {interval}"),
    silent: "It has sent heartbeats before and is silent now.",
    beating: "Heartbeat accepted",
    refused: "A heartbeat was refused",
    refusal: |ago, source, reason, presented, expected| {
        let when = ago.map(|a| format!(" {a} ago")).unwrap_or_default();
        let which = presented.map(|p| format!(" (fingerprint {p}, expected {expected})")).unwrap_or_default();
        format!("A heartbeat from {source} was refused{when}. {reason}{which}.")
    },
    match_title: "Version and region match",
    matches: |version, region| format!("version {version}, region {region}"),
    slow: "Nothing yet. Most often a firewall between the server and this console, or the file was not saved where the server reads it.",
    slow_help: "What to check",
    open_node: "Open node",
    finish: "Finish",
    add_another: "Add another",
    store_first: "Store the secret first, then tick the box.",
    may_leave: "You can leave this page. The node stays in the list as “Never seen” until it reports.",
    leave: "You have not stored the secret, and it is never shown again. Leave this page?",
};
