//! English words about webhooks. They are in the part of these pages and not in the first one: read them with
//! [`crate::i18n::webhooks`].

use common::webhooks::{DeliveryState, WebhookEvent, WebhookState};

use crate::i18n::plural::en;

/// Webhooks.
pub struct WebhookWords {
    /// Under the heading.
    pub sub: &'static str,
    /// Link, heading.
    pub new: &'static str,
    /// Nothing there.
    pub none: &'static str,
    /// What they are for.
    pub none_text: &'static str,
    /// Name of the table.
    pub table: &'static str,
    /// Column and field.
    pub name: &'static str,
    /// Column and field.
    pub url: &'static str,
    /// Column and field.
    pub events: &'static str,
    /// Column and field.
    pub regions: &'static str,
    /// Column.
    pub state: &'static str,
    /// Column.
    pub delivered: &'static str,
    /// Column.
    pub waiting: &'static str,
    /// Its words.
    pub state_of: fn(WebhookState) -> &'static str,
    /// All events there are.
    pub all_events: &'static str,
    /// Group of events.
    pub problems: &'static str,
    /// Group of events.
    pub lifecycle: &'static str,
    /// An event.
    pub opened: &'static str,
    /// An event.
    pub cleared: &'static str,
    /// An event.
    pub test_event: &'static str,
    /// Of events that are not named.
    pub more: fn(usize) -> String,

    /// Under the heading of the form.
    pub new_sub: &'static str,
    /// Hint.
    pub name_hint: &'static str,
    /// Hint.
    pub url_hint: &'static str,
    /// Of an address without TLS.
    pub plain_warning: &'static str,
    /// What an event tells.
    pub event_hint: fn(WebhookEvent) -> &'static str,
    /// All regions.
    pub all_regions_hint: &'static str,
    /// Some regions.
    pub some_regions_hint: &'static str,
    /// Missing.
    pub need_name: &'static str,
    /// Too long.
    pub name_long: &'static str,
    /// Missing.
    pub need_url: &'static str,
    /// Missing.
    pub need_event: &'static str,
    /// Button.
    pub make: &'static str,
    /// While it runs.
    pub making: &'static str,
    /// Heading, of the name.
    pub edit_title: fn(&str) -> String,

    /// Heading, of the name.
    pub made: fn(&str) -> String,
    /// Badge.
    pub shown_once: &'static str,
    /// What to do.
    pub copy_now: &'static str,
    /// A repeated reply without the secret.
    pub shown_before: &'static str,
    /// Name of the box.
    pub secret: &'static str,
    /// Button.
    pub copy_secret: &'static str,
    /// Heading.
    pub verify: &'static str,
    /// Under it.
    pub verify_text: &'static str,
    /// The rest.
    pub verify_more: &'static str,
    /// Tick.
    pub stored: &'static str,
    /// Why the page cannot be finished.
    pub stored_first: &'static str,
    /// Asked where the page is left before.
    pub leave: &'static str,
    /// Button.
    pub done: &'static str,

    /// Button.
    pub test: &'static str,
    /// While it runs.
    pub testing: &'static str,
    /// Of how long it took and the status.
    pub test_taken: fn(&str, u16) -> String,
    /// Heading of what went wrong.
    pub test_failed: &'static str,
    /// Link.
    pub see_delivery: &'static str,
    /// Link.
    pub edit: &'static str,
    /// Button.
    pub switch_off: &'static str,
    /// Button.
    pub switch_on: &'static str,
    /// Button, heading of a dialog.
    pub new_secret: &'static str,
    /// Button.
    pub delete: &'static str,
    /// Name of the card.
    pub facts: &'static str,
    /// Fact.
    pub fingerprint: &'static str,
    /// Of the point in time.
    pub former_until: fn(&str) -> String,
    /// Fact.
    pub made_by: &'static str,
    /// The other side answered 410.
    pub stopped_gone: &'static str,
    /// Nothing was taken for five days.
    pub stopped_failing: &'static str,
    /// Of since when.
    pub failing: fn(&str) -> String,
    /// What being off means.
    pub off_note: &'static str,
    /// There is none with this id.
    pub missing: &'static str,
    /// What that means.
    pub missing_text: &'static str,
    /// Link.
    pub to_list: &'static str,
    /// Said, of the name.
    pub switched_on: fn(&str) -> String,
    /// Said, of the name.
    pub switched_off: fn(&str) -> String,

    /// Heading, of the name.
    pub off_title: fn(&str) -> String,
    /// Of how many deliveries wait.
    pub off_text: fn(u32) -> String,
    /// Heading, of the name.
    pub secret_title: fn(&str) -> String,
    /// What follows.
    pub secret_text: &'static str,
    /// Field.
    pub overlap: &'static str,
    /// Choice, of hours.
    pub overlap_of: fn(u32) -> String,
    /// What none means.
    pub overlap_none: &'static str,
    /// Heading, of the name.
    pub delete_title: fn(&str) -> String,
    /// What follows.
    pub delete_text: &'static str,
    /// What else could be done.
    pub delete_softer: &'static str,
    /// Said, of the name.
    pub deleted: fn(&str) -> String,

    /// Heading.
    pub log: &'static str,
    /// How long it is kept, of days.
    pub kept: fn(u32) -> String,
    /// Filter.
    pub any_state: &'static str,
    /// Filter, column.
    pub event: &'static str,
    /// Filter.
    pub any_event: &'static str,
    /// How far a delivery is, and whether an attempt was made.
    pub delivery_state: fn(DeliveryState, bool) -> &'static str,
    /// Of how long until then.
    pub next_in: fn(&str) -> String,
    /// The next attempt is due.
    pub next_now: &'static str,
    /// Column.
    pub made_at: &'static str,
    /// Column and heading.
    pub attempts: &'static str,
    /// Column.
    pub last: &'static str,
    /// Column of buttons.
    pub action: &'static str,
    /// Button.
    pub replay: &'static str,
    /// For screen readers, of the event and when.
    pub replay_of: fn(&str, &str) -> String,
    /// Said.
    pub replayed: &'static str,
    /// Why it is off.
    pub replay_off: &'static str,
    /// Mark of a repetition.
    pub repeated: &'static str,
    /// Of the event and when, for screen readers.
    pub open: fn(&str, &str) -> String,
    /// Nothing there.
    pub no_deliveries: &'static str,
    /// What comes there.
    pub no_deliveries_text: &'static str,
    /// Nothing fits.
    pub none_match: &'static str,
    /// Button, of how many.
    pub fresh: fn(usize) -> String,

    /// Crumb, title.
    pub delivery: &'static str,
    /// Fact.
    pub message: &'static str,
    /// Fact.
    pub finished: &'static str,
    /// Fact.
    pub next: &'static str,
    /// Fact: which it repeats.
    pub repeats: &'static str,
    /// Link to that.
    pub repeats_link: &'static str,
    /// Column.
    pub took: &'static str,
    /// Column.
    pub status: &'static str,
    /// Column.
    pub outcome: &'static str,
    /// Nothing there.
    pub no_attempts: &'static str,
    /// Heading.
    pub payload: &'static str,
    /// Under it.
    pub payload_text: &'static str,
    /// Button.
    pub copy_payload: &'static str,
    /// There is none with this id.
    pub missing_delivery: &'static str,
    /// What that means, of days.
    pub missing_delivery_text: fn(u32) -> String,
    /// The other page.
    pub to_webhook: &'static str,
    /// What became of an attempt, in a word or two.
    pub code_of: fn(&str) -> &'static str,
    /// The same as a sentence, where the page has its own.
    pub said: fn(&str) -> Option<&'static str>,
}

/// English.
pub static WEBHOOKS: WebhookWords = WebhookWords {
    sub: "Webhooks tell other systems of problems and of what happens to nodes and regions.",
    new: "New webhook",
    none: "No webhooks yet",
    none_text: "A webhook calls an address of yours when a problem opens or is over, or when something happens to a node or region: for a chat, an on-call service or a script. Calls are signed, and repeated until they are taken.",
    table: "Webhooks",
    name: "Name",
    url: "Address",
    events: "Events",
    regions: "Regions",
    state: "State",
    delivered: "Last delivered",
    waiting: "Waiting",
    state_of: |state| match state {
        WebhookState::Idle => "Idle",
        WebhookState::Delivering => "Delivering",
        WebhookState::Failing => "Failing",
        WebhookState::Off => "Off",
        WebhookState::Stopped => "Stopped",
    },
    all_events: "All events",
    problems: "Problems",
    lifecycle: "Lifecycle",
    opened: "Problem opened",
    cleared: "Problem over",
    test_event: "Test",
    more: |n| en(n, ["# more", "# more"]),

    new_sub: "What is sent, how it is signed and when it is repeated follows Standard Webhooks.",
    name_hint: "Who or what is told, such as On call.",
    url_hint: "https:// or http://, without user and password. Administrators see it whole; others see its host alone.",
    plain_warning: "Without TLS everybody on the way can read what is sent. Use https:// where the receiver is not on this machine.",
    event_hint: |event| match event {
        WebhookEvent::ProblemOpened => "Something needs a person; an incident of many nodes is one message.",
        WebhookEvent::ProblemCleared => "What was told is over.",
        WebhookEvent::Liveness => "A node goes silent, or is heard again.",
        WebhookEvent::Intent => "Maintenance, disabling or activating takes effect on a node or region.",
        WebhookEvent::Runtime => "A node says that it does something else now, such as draining.",
        WebhookEvent::Boot => "The program of a node has started.",
        WebhookEvent::Goodbye => "A node stops and says so.",
        WebhookEvent::Command => "An order to a node is delivered, accepted, done or refused.",
        WebhookEvent::Drain => "A drain begins, ends or runs out of time.",
        WebhookEvent::Storage => "The storage of a region fails, or works again.",
        WebhookEvent::Registry => "A node or region is added, changed or deleted.",
        WebhookEvent::Test => "Sent by hand only.",
    },
    all_regions_hint: "Those to come, too, and what belongs to no region.",
    some_regions_hint: "What happens elsewhere is not sent.",
    need_name: "Enter a name.",
    name_long: "At most 80 characters.",
    need_url: "Enter an address, such as https://hooks.example.com/iqra.",
    need_event: "Choose at least one event.",
    make: "Make the webhook",
    making: "Making the webhook…",
    edit_title: |name| format!("Edit {name}"),

    made: |name| format!("Secret of {name}"),
    shown_once: "Shown once",
    copy_now: "Copy it now and give it to the receiver. It is stored encrypted and is never shown again.",
    shown_before: "This is the repeated answer to a request of a while ago, without the secret. If nobody has copied it, make a new secret on the page of this webhook.",
    secret: "Signing secret",
    copy_secret: "Copy secret",
    verify: "How the receiver checks a call",
    verify_text: "It makes the same signature from what arrives and refuses the call where none in the header is equal:",
    verify_more: "The key is what follows whsec_, decoded from Base64. Refuse timestamps that are more than five minutes off, and take a webhook-id only once. Libraries for Standard Webhooks do all of this.",
    stored: "I have stored it",
    stored_first: "Say that you have stored the secret first.",
    leave: "The secret is not shown again. Leave anyway?",
    done: "Done",

    test: "Send a test",
    testing: "Sending a test…",
    test_taken: |took, status| format!("The test was taken after {took} with status {status}."),
    test_failed: "The test was not taken",
    see_delivery: "See what was sent",
    edit: "Edit",
    switch_off: "Switch off",
    switch_on: "Switch on",
    new_secret: "New secret",
    delete: "Delete",
    facts: "About this webhook",
    fingerprint: "Secret",
    former_until: |at| format!("the former one signs too until {at}"),
    made_by: "Made by",
    stopped_gone: "The receiver answered 410: it wants no more. Nothing is sent until somebody switches this webhook on again.",
    stopped_failing: "No attempt was taken for five days, so this webhook was stopped. Repair the receiver, send a test, then switch it on again.",
    failing: |since| {
        format!(
            "No attempt was taken since {since}. What fails is repeated for about a day; the log says why."
        )
    },
    off_note: "This webhook is off. What happens meanwhile is not sent later. A test works all the same.",
    missing: "There is no such webhook",
    missing_text: "It was deleted, or its address was mistyped.",
    to_list: "All webhooks",
    switched_on: |name| format!("{name} is on."),
    switched_off: |name| format!("{name} is off."),

    off_title: |name| format!("Switch off {name}"),
    off_text: |waiting| match waiting {
        0 => "Nothing is sent until it is switched on again, and what happens meanwhile is not sent later."
            .to_owned(),
        n => format!(
            "Nothing is sent until it is switched on again, and what happens meanwhile is not sent later. {}",
            en(n, ["1 delivery waits and fails now.", "# deliveries wait and fail now."])
        ),
    },
    secret_title: |name| format!("New secret for {name}"),
    secret_text: "The new secret is shown once. While both sign, every call holds two signatures, and the receiver may check either of them.",
    overlap: "The former secret signs too",
    overlap_of: |hours| match hours {
        0 => "No, it ends now".to_owned(),
        24 => "For a day".to_owned(),
        168 => "For a week".to_owned(),
        n => en(n, ["For # hour", "For # hours"]),
    },
    overlap_none: "A receiver that has the former secret refuses every call from now on.",
    delete_title: |name| format!("Delete {name}"),
    delete_text: "Its log and its secret go with it, and what waits is not sent.",
    delete_softer: "Switch it off instead to keep both.",
    deleted: |name| format!("{name} is deleted."),

    log: "Deliveries",
    kept: |days| en(days, ["Kept for # day.", "Kept for # days."]),
    any_state: "Any state",
    event: "Event",
    any_event: "Any event",
    delivery_state: |state, tried| match (state, tried) {
        (DeliveryState::Waiting, false) => "Waiting",
        (DeliveryState::Waiting, true) => "Waiting for another attempt",
        (DeliveryState::Delivered, _) => "Delivered",
        (DeliveryState::Failed, _) => "Failed",
    },
    next_in: |time| format!("next in {time}"),
    next_now: "next is due",
    made_at: "When",
    attempts: "Attempts",
    last: "Last attempt",
    action: "Action",
    replay: "Replay",
    replay_of: |event, at| format!("Replay {event} of {at}"),
    replayed: "The same message is sent once more.",
    replay_off: "The webhook is off. Switch it on first.",
    repeated: "replay",
    open: |event, at| format!("{event} of {at}"),
    no_deliveries: "Nothing was sent yet",
    no_deliveries_text: "What this webhook tells is written here with the answer of the receiver. Send a test to see one.",
    none_match: "No delivery matches these filters",
    fresh: |n| en(n, ["# new delivery", "# new deliveries"]),

    delivery: "Delivery",
    message: "Message",
    finished: "Finished",
    next: "Next attempt",
    repeats: "Repeats",
    repeats_link: "an earlier delivery",
    took: "Took",
    status: "Status",
    outcome: "What became of it",
    no_attempts: "There was no attempt yet.",
    payload: "What is sent",
    payload_text: "Indented here; the copy is the body as it is signed, byte for byte.",
    copy_payload: "Copy body",
    missing_delivery: "There is no such delivery",
    missing_delivery_text: |days| {
        en(days, ["Deliveries are kept for # day.", "Deliveries are kept for # days."])
    },
    to_webhook: "All deliveries",
    code_of: |code| match code {
        "taken" => "Taken",
        "not_taken" => "Not taken",
        "redirect" => "Leads elsewhere",
        "gone" => "Wants no more",
        "vault_locked" | "secret_unreadable" => "Secret not readable",
        "address_forbidden" => "Address not allowed",
        "name_unknown" => "Name not known",
        "connection_refused" => "Connection refused",
        "unreachable" => "Out of reach",
        code if code.ends_with("_timeout") || code == "timeout" => "Out of time",
        code if code.starts_with("tls") => "TLS failed",
        _ => "No answer",
    },
    said: |_| None,
};
