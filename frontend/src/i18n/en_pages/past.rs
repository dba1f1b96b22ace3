//! English words of a moment that is over.

use crate::i18n::plural;

/// A moment that is over.
pub struct PastWords {
    /// What the word on the pill means.
    pub means: &'static str,
    /// Leads from there.
    pub back: &'static str,
    /// Above the page, and spoken: which moment.
    pub showing: fn(&str) -> String,
    /// After it.
    pub read_only: &'static str,
    /// Above a page that shows now alone.
    pub cannot: fn(&str) -> String,
    /// Above a page whose address names no moment.
    pub unreadable: &'static str,
    /// Above a page whose address names one that is to come.
    pub future: fn(&str) -> String,
    /// Why a control is off.
    pub gate: fn(&str) -> String,
    /// Spoken on the way back.
    pub say_now: &'static str,
    /// Heading of the form.
    pub form: &'static str,
    /// Its field.
    pub field: &'static str,
    /// Its button.
    pub show: &'static str,
    /// Nothing is filled in.
    pub no_time: &'static str,
    /// It is to come.
    pub not_yet: &'static str,
    /// It is longer ago than anything is kept: since when.
    pub kept_since: fn(&str) -> String,
    /// Link from an entry to its moment.
    pub show_moment: &'static str,
    /// The same for the ear: of which time.
    pub show_moment_of: fn(&str) -> String,
    /// Goes back by a duration.
    pub earlier: fn(&str) -> String,
    /// Goes on by a duration.
    pub later: fn(&str) -> String,
    /// Of which time, each the mean of how long.
    pub figures_of: fn(&str, &str) -> String,
    /// Least and most within the step.
    pub between: fn(&str, &str) -> String,
    /// Heading where there are no figures.
    pub nothing: &'static str,
    /// It is longer ago than so many days.
    pub too_old: fn(u64) -> String,
    /// Nobody looked.
    pub not_watched: &'static str,
    /// Heading of what happened.
    pub around: &'static str,
    /// Nothing did.
    pub around_none: &'static str,
    /// The rest of it.
    pub around_all: &'static str,
    /// Heading of what is not kept.
    pub unknown: &'static str,
    /// Of the dashboard.
    pub unknown_dashboard: &'static str,
    /// Of a region.
    pub unknown_region: &'static str,
    /// Of a node.
    pub unknown_node: &'static str,
    /// Heading of a node's status.
    pub status: &'static str,
    /// It is not known.
    pub status_unknown: &'static str,
    /// Since when it was so.
    pub since: fn(&str) -> String,
    /// Its strip.
    pub strip: &'static str,
    /// The object was registered later: when.
    pub not_registered: fn(&str) -> String,
    /// No region was there.
    pub no_regions: &'static str,
    /// What the list of regions lacks.
    pub regions_note: &'static str,
    /// Slots in use, of how many.
    pub slots: fn(&str, &str) -> String,
    /// Charts.
    pub charts: &'static str,
    /// Version of the process.
    pub version: &'static str,
    /// Heading of the nodes that are registered now.
    pub nodes: &'static str,
}

/// A moment that is over.
pub(crate) const PAST: PastWords = PastWords {
    means: "The page shows a moment that is over, as the server kept it. Nothing can be changed here.",
    back: "Back to now",
    showing: |at| format!("Showing {at}."),
    read_only: "These are the figures of that moment. Nothing can be changed here.",
    cannot: |at| format!("This page cannot show {at}. It shows now."),
    unreadable: "The address names a moment that cannot be read. This page shows now.",
    future: |at| format!("{at} has not come yet. This page shows now."),
    gate: |at| format!("You are looking at {at}. Go back to now to change something."),
    say_now: "Showing now.",
    form: "Show a moment",
    field: "Date and time",
    show: "Show",
    no_time: "Enter a date and a time.",
    not_yet: "This moment has not come yet. Enter one that is over.",
    kept_since: |at| format!("Figures are kept since {at}. Enter a later moment."),
    show_moment: "Show this moment",
    show_moment_of: |at| format!("Show the moment {at}"),
    earlier: |by| format!("{by} earlier"),
    later: |by| format!("{by} later"),
    figures_of: |at, step| format!("Figures of {at}, each the mean of {step}"),
    between: |least, most| format!("between {least} and {most}"),
    nothing: "No figures of this moment",
    too_old: |days| {
        plural::en(
            days,
            [
                "Figures are kept for # day, and this moment is longer ago.",
                "Figures are kept for # days, and this moment is longer ago.",
            ],
        )
    },
    not_watched: "The server was not running then, or had just started and could not judge yet.",
    around: "What happened around then",
    around_none: "Nothing was noted within half an hour of this moment.",
    around_all: "All activity around then",
    unknown: "Not known of then",
    unknown_dashboard: "Open problems, storage, and how the frontend and background nodes were are not kept by the moment. Regions that were deleted since are not listed.",
    unknown_region: "Open problems, storage and maintenance are not kept by the moment. Nodes that were deleted since are not listed.",
    unknown_node: "Name, type, region and settings are those of today. Drains and receipts of that moment are in the activity.",
    status: "Status then",
    status_unknown: "Not known",
    since: |at| format!("since {at}"),
    strip: "Half an hour before and after",
    not_registered: |at| format!("Registered {at}, after this moment."),
    no_regions: "No region of today was there then.",
    regions_note: "How each reported, not its status word: that is not kept.",
    slots: |used, max| format!("{used} of {max} slots"),
    charts: "Charts around then",
    version: "Version then",
    nodes: "Nodes, each at this moment",
};
