//! English words of the settings: what this browser remembers, and what the console is made of.

use crate::state::prefs::{Contrast, Density, Digits, Frequency, Motion, Zone};

/// Settings.
pub struct SettingsWords {
    /// Name of the row of tabs.
    pub tabs: &'static str,
    /// Tab.
    pub general: &'static str,
    /// Tab and heading.
    pub appearance: &'static str,
    /// Tab.
    pub maintenance: &'static str,
    /// Tab and heading.
    pub about: &'static str,
    /// In the menu of the account.
    pub menu: &'static str,

    /// Under the heading.
    pub appearance_lead: &'static str,
    /// Card.
    pub look: &'static str,
    /// Card.
    pub reading: &'static str,
    /// Card.
    pub behaviour: &'static str,
    /// Choice.
    pub contrast: &'static str,
    /// Its ways.
    pub contrast_name: fn(Contrast) -> &'static str,
    /// Choice.
    pub density: &'static str,
    /// Its ways.
    pub density_name: fn(Density) -> &'static str,
    /// What they do.
    pub density_hint: &'static str,
    /// What choosing a language does.
    pub language_hint: &'static str,
    /// Choice.
    pub digits: &'static str,
    /// Its ways.
    pub digits_name: fn(Digits) -> &'static str,
    /// Where they are used.
    pub digits_hint: &'static str,
    /// Choice.
    pub zone: &'static str,
    /// Its ways; of the browser's zone by name.
    pub zone_name: fn(Zone, &str) -> String,
    /// Of the time now.
    pub zone_hint: fn(&str) -> String,
    /// Choice.
    pub motion: &'static str,
    /// Its ways.
    pub motion_name: fn(Motion) -> &'static str,
    /// Choice.
    pub frequency: &'static str,
    /// Its ways.
    pub frequency_name: fn(Frequency) -> &'static str,
    /// What it does.
    pub frequency_hint: &'static str,
    /// Switch.
    pub single_keys: &'static str,
    /// What it does.
    pub single_keys_hint: &'static str,

    /// Under the heading.
    pub about_lead: &'static str,
    /// Figure.
    pub console_version: &'static str,
    /// Figure.
    pub server_version: &'static str,
    /// Figure.
    pub bundle: &'static str,
    /// Figure.
    pub started: &'static str,
    /// Figure.
    pub licence: &'static str,
    /// Card.
    pub parts: &'static str,
    /// What the card is about.
    pub parts_lead: &'static str,
    /// Column.
    pub part: &'static str,
    /// Column.
    pub part_licence: &'static str,
}

/// Settings.
pub(crate) const SETTINGS: SettingsWords = SettingsWords {
    tabs: "Settings",
    general: "General",
    appearance: "Appearance",
    maintenance: "Platform maintenance",
    about: "About",
    menu: "Appearance and language",

    appearance_lead: "Remembered in this browser, for you alone.",
    look: "Look",
    reading: "Language and figures",
    behaviour: "Behaviour",
    contrast: "Contrast",
    contrast_name: |contrast| match contrast {
        Contrast::System => "As the system",
        Contrast::More => "More",
    },
    density: "Density",
    density_name: |density| match density {
        Density::Comfortable => "Comfortable",
        Density::Compact => "Compact",
    },
    density_hint: "How high rows of tables, buttons and fields are.",
    language_hint: "Another language loads the page anew. What is typed and not saved is lost.",
    digits: "Digits",
    digits_name: |digits| match digits {
        Digits::Latin => "123",
        Digits::Arabic => "١٢٣",
    },
    digits_hint: "For figures and times, where the language has digits of its own. Addresses, IDs and versions keep theirs.",
    zone: "Time zone",
    zone_name: |zone, browser| match zone {
        Zone::Browser => format!("This browser's ({browser})"),
        Zone::Utc => "UTC".into(),
    },
    zone_hint: |now| format!("Times are written in 24 hours. Now: {now}"),
    motion: "Motion",
    motion_name: |motion| match motion {
        Motion::System => "As the system",
        Motion::Reduced => "None",
    },
    frequency: "Update of figures",
    frequency_name: |frequency| match frequency {
        Frequency::EverySecond => "Every second",
        Frequency::EveryFive => "Every 5 seconds",
        Frequency::EveryThirty => "Every 30 seconds",
    },
    frequency_hint: "How often figures may change on the screen. Problems are announced at once either way.",
    single_keys: "Shortcuts of one key",
    single_keys_hint: "Off: letters only type. Ctrl K and Escape stay.",

    about_lead: "Which console this is, and whose work is in it.",
    console_version: "Console",
    server_version: "Server",
    bundle: "Build",
    started: "Server started",
    licence: "Licence",
    parts: "Work of others in this page",
    parts_lead: "Served with the console under their own licences.",
    part: "What",
    part_licence: "Licence",
};
