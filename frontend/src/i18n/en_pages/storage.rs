//! English sentences about a region's storage.

use common::storage::{StorageState, StorageStepKind, StorageStepState};

/// A region's storage.
pub struct StorageWords {
    /// Above the explanation.
    pub why: &'static str,
    /// Why each region has its own.
    pub why_text: &'static str,
    /// What it is not.
    pub why_more: &'static str,
    /// Nothing is set.
    pub none_title: &'static str,
    /// What that means.
    pub none_text: &'static str,
    /// Button.
    pub configure: &'static str,
    /// Card.
    pub settings: &'static str,
    /// Who changed them, and when.
    pub changed: fn(&str, &str) -> String,
    /// Field.
    pub endpoint: &'static str,
    /// Its hint.
    pub endpoint_hint: &'static str,
    /// What the address comes to: host, port, URL of the bucket.
    pub endpoint_means: fn(&str, u16) -> String,
    /// Before the URL.
    pub requests_go_to: &'static str,
    /// Checkbox.
    pub ssl: &'static str,
    /// Its hint.
    pub ssl_hint: &'static str,
    /// Button beside a contradiction.
    pub turn_ssl_on: &'static str,
    /// Button beside a contradiction.
    pub turn_ssl_off: &'static str,
    /// Field.
    pub access_key: &'static str,
    /// Field.
    pub secret: &'static str,
    /// Where one is kept: when, and by whom if that is known.
    pub secret_set: fn(&str, Option<&str>) -> String,
    /// Its hint.
    pub secret_hint: &'static str,
    /// Button.
    pub replace: &'static str,
    /// Button.
    pub keep: &'static str,
    /// A part that opens.
    pub advanced: &'static str,
    /// Field.
    pub bucket: &'static str,
    /// Its hint.
    pub bucket_hint: &'static str,
    /// Field.
    pub signing_region: &'static str,
    /// Its hint.
    pub signing_region_hint: &'static str,
    /// Field.
    pub path_style: &'static str,
    /// Choice.
    pub path_auto: &'static str,
    /// Choice.
    pub path_on: &'static str,
    /// Choice.
    pub path_off: &'static str,
    /// Field.
    pub prefix: &'static str,
    /// Its hint.
    pub prefix_hint: &'static str,
    /// Part.
    pub test: &'static str,
    /// Below it.
    pub test_hint: &'static str,
    /// Button.
    pub test_button: &'static str,
    /// The button while it runs.
    pub testing: &'static str,
    /// Checkbox.
    pub create_bucket: &'static str,
    /// Outcome: steps, and how long it took.
    pub passed: fn(usize, &str) -> String,
    /// Outcome: number and name of the step.
    pub failed_at: fn(usize, &str) -> String,
    /// The values were changed since.
    pub outdated: &'static str,
    /// Names of the steps.
    pub step: fn(StorageStepKind) -> &'static str,
    /// The word for a step's state.
    pub step_state: fn(StorageStepState) -> &'static str,
    /// Before a test.
    pub not_run: &'static str,
    /// Button.
    pub copy_policy: &'static str,
    /// Button.
    pub discard: &'static str,
    /// Button.
    pub save: &'static str,
    /// Button.
    pub test_and_save: &'static str,
    /// The button while it runs.
    pub saving: &'static str,
    /// Spoken, and below the buttons.
    pub saved: &'static str,
    /// Why Save is off.
    pub nothing_changed: &'static str,
    /// Button.
    pub save_untested: &'static str,
    /// Title of its dialog.
    pub untested_title: &'static str,
    /// What it means.
    pub untested_text: &'static str,
    /// Which step failed.
    pub untested_failed: fn(&str) -> String,
    /// Button in it.
    pub untested_save: &'static str,
    /// Button.
    pub remove: &'static str,
    /// Title of its dialog.
    pub remove_title: fn(&str) -> String,
    /// What it means.
    pub remove_text: &'static str,
    /// Field.
    pub remove_type: fn(&str) -> String,
    /// Spoken.
    pub removed: &'static str,
    /// Button.
    pub cancel: &'static str,
    /// Part.
    pub from_server: &'static str,
    /// The word for its health.
    pub state: fn(StorageState) -> &'static str,
    /// Since when.
    pub since: fn(&str) -> String,
    /// When it was last looked at.
    pub checked: fn(&str) -> String,
    /// Never.
    pub never_checked: &'static str,
    /// Part.
    pub from_nodes: &'static str,
    /// Below it.
    pub from_nodes_hint: &'static str,
    /// None reported.
    pub no_nodes: &'static str,
    /// A node's word.
    pub node_ok: &'static str,
    /// A node's word: the step that failed.
    pub node_failed: fn(Option<&str>) -> String,
    /// Part.
    pub recent: &'static str,
    /// None.
    pub no_recent: &'static str,
    /// Column.
    pub when: &'static str,
    /// Column.
    pub outcome: &'static str,
    /// Column.
    pub took: &'static str,
    /// Column.
    pub put_took: &'static str,
    /// Column.
    pub detail: &'static str,
    /// For those who may not change it.
    pub viewer: &'static str,
    /// Could not be loaded.
    pub not_loaded: &'static str,
    /// Somebody else changed the settings while the form was being filled.
    pub changed_meanwhile: fn(&str) -> String,
}

/// A region's storage.
pub(crate) const STORAGE: StorageWords = StorageWords {
    why: "Why each region has its own storage",
    why_text: "Audio of this region is written here, so nothing crosses an ocean during a call. A slow or distant store would be heard as gaps.",
    why_more: "Recordings stay where the calls were held, as rules about personal data often ask. The servers of a region get these keys with their configuration; nobody types them on a server.",
    none_title: "No storage yet",
    none_text: "Calls in this region cannot save audio.",
    configure: "Configure",
    settings: "Settings",
    changed: |when, who| format!("Last changed {when} by {who}"),
    endpoint: "Endpoint URL",
    endpoint_hint: "Address of an S3 server, for example http://rustfs:9000 or s3.eu-west-1.amazonaws.com.",
    endpoint_means: |host, port| format!("Host {host}, port {port}."),
    requests_go_to: "Requests go to",
    ssl: "Use SSL (HTTPS)",
    ssl_hint: "Must agree with the URL, where one begins with http:// or https://.",
    turn_ssl_on: "Turn SSL on",
    turn_ssl_off: "Turn SSL off",
    access_key: "Access key",
    secret: "Secret key",
    secret_set: |when, who| match who {
        Some(who) => format!("set {when} by {who}"),
        None => format!("set {when}"),
    },
    secret_hint: "It is stored encrypted and is never shown again.",
    replace: "Replace",
    keep: "Keep the old one",
    advanced: "Advanced",
    bucket: "Bucket",
    bucket_hint: "Where objects go; iqra unless set.",
    signing_region: "Signing region",
    signing_region_hint: "Told by an AWS address, else us-east-1.",
    path_style: "Path style",
    path_auto: "By itself: off for AWS, on for others",
    path_on: "On: http://host/bucket",
    path_off: "Off: http://bucket.host",
    prefix: "Prefix",
    prefix_hint: "What all object names begin with.",
    test: "Connection test",
    test_hint: "Uses the values above, saved or not.",
    test_button: "Test",
    testing: "Testing…",
    create_bucket: "Create the bucket if it does not exist",
    passed: |steps, took| format!("Passed: {steps} steps in {took}"),
    failed_at: |n, step| format!("Connection test failed at step {n}: {step}"),
    outdated: "The values were changed after this test.",
    step: |step| match step {
        StorageStepKind::Address => "Address is well formed",
        StorageStepKind::Dns => "Name resolves",
        StorageStepKind::Tcp => "Port opens",
        StorageStepKind::Tls => "TLS",
        StorageStepKind::Credentials => "Credentials accepted",
        StorageStepKind::Bucket => "Bucket exists",
        StorageStepKind::Put => "Write a test object",
        StorageStepKind::Get => "Read it back",
        StorageStepKind::Delete => "Delete it",
    },
    step_state: |state| match state {
        StorageStepState::Ok => "Passed",
        StorageStepState::Failed => "Failed",
        StorageStepState::Skipped => "Not run",
    },
    not_run: "Not run yet",
    copy_policy: "Copy policy",
    discard: "Discard",
    save: "Save",
    test_and_save: "Test and save",
    saving: "Saving…",
    saved: "Storage settings saved",
    nothing_changed: "Nothing has been changed.",
    save_untested: "Save without passing test…",
    untested_title: "Save without passing test",
    untested_text: "Calls in this region cannot save audio until these values work.",
    untested_failed: |step| format!("The test of these values failed at “{step}”."),
    untested_save: "Save untested",
    remove: "Remove…",
    remove_title: |region| format!("Remove storage of {region}"),
    remove_text: "The servers of this region forget the keys at their next heartbeat. Calls in this region cannot save audio afterwards. Recordings in the store are not touched.",
    remove_type: |region| format!("Type {region} to confirm"),
    removed: "Storage settings removed",
    cancel: "Cancel",
    from_server: "From this console",
    state: |state| match state {
        StorageState::Unknown => "Not checked yet",
        StorageState::Healthy => "Healthy",
        StorageState::Failing => "Failing",
    },
    since: |when| format!("since {when}"),
    checked: |when| format!("Last checked {when}"),
    never_checked: "It is checked once a minute.",
    from_nodes: "From the nodes",
    from_nodes_hint: "Each server of the region writes, reads and deletes a small object every 5 minutes.",
    no_nodes: "No server of this region has reported yet.",
    node_ok: "Reached",
    node_failed: |step| match step {
        Some(step) => format!("Fails at {step}"),
        None => "Fails".into(),
    },
    recent: "Last checks",
    no_recent: "No check since the console started.",
    when: "When",
    outcome: "Outcome",
    took: "Took",
    put_took: "Write",
    detail: "What was seen",
    viewer: "You see the endpoint only: keys and changes need the Operator role.",
    not_loaded: "The storage settings could not be loaded",
    changed_meanwhile: |who| {
        format!("{who} changed these settings meanwhile. Your values are kept; saving shows both.")
    },
};
