//! Charts of figures over time.

use common::history::Metric;

/// Words of charts.
pub struct ChartWords {
    pub title: &'static str,
    pub range: &'static str,
    /// The choices: key in the address, words, minutes.
    pub ranges: &'static [(&'static str, &'static str, u64)],
    pub cpu: &'static str,
    pub memory: &'static str,
    pub network: &'static str,
    pub sessions: &'static str,
    pub queue: &'static str,
    pub slots: &'static str,
    pub backends: &'static str,
    pub proxies: &'static str,
    pub database: &'static str,
    pub sweeper: &'static str,
    pub metric: fn(Metric) -> &'static str,
    pub no_data: &'static str,
    /// In a gap.
    pub gap: &'static str,
    /// In a gap that goes on.
    pub no_data_since: fn(&str) -> String,
    /// Above the charts: how to read them.
    pub hint: &'static str,
    pub table: &'static str,
    pub csv: &'static str,
    /// Of a chart: what it shows, for screen readers.
    pub plot: fn(&str) -> String,
    /// A reading: name, mean, smallest, largest.
    pub reading: fn(&str, &str, &str, &str) -> String,
    /// A series without data at the time that is read.
    pub reading_none: fn(&str) -> String,
    /// Between the parts of a reading.
    pub comma: &'static str,
    /// Of a chart in one sentence: what, from when, until when.
    pub span: fn(&str, &str, &str) -> String,
    /// A series in that sentence: name, smallest, mean, largest, last, and when that was.
    pub said: fn(&str, &str, &str, &str, &str, &str) -> String,
    /// A series without data in that sentence.
    pub said_none: fn(&str) -> String,
    /// A time that is marked with the keys.
    pub marked: fn(&str, &str) -> String,
    /// The time that is shown where it was chosen on a chart.
    pub zoomed: fn(&str, &str) -> String,
    /// Back to the range.
    pub reset: &'static str,
    /// What happened meanwhile.
    pub events: &'static str,
    /// Of the list of what happened.
    pub no_events: &'static str,
    pub col_time: &'static str,
    /// A column: series, and what of it.
    pub column: fn(&str, &str) -> String,
    pub last: &'static str,
    /// After a last value that is old.
    pub last_at: fn(&str) -> String,
    pub p95: &'static str,
    pub min: &'static str,
    pub avg: &'static str,
    pub max: &'static str,
    pub keys: &'static str,
    /// A small line: what it shows, its time, smallest, largest and last value.
    pub spark: fn(&str, &str, &str, &str, &str) -> String,
    /// After it, where data is missing: for how long.
    pub spark_gap: fn(&str) -> String,
    /// A small line without any data.
    pub spark_none: fn(&str, &str) -> String,
}

/// English.
pub const CHARTS: ChartWords = ChartWords {
    title: "Figures over time",
    range: "Time range",
    ranges: &[
        ("15m", "15 min", 15),
        ("1h", "1 h", 60),
        ("6h", "6 h", 360),
        ("24h", "24 h", 1_440),
        ("7d", "7 d", 10_080),
        ("14d", "14 d", 20_160),
        ("30d", "30 d", 43_200),
        ("90d", "90 d", 129_600),
        ("1y", "1 y", 525_600),
    ],
    cpu: "CPU",
    memory: "RAM",
    network: "Network",
    sessions: "Conversations",
    queue: "Outbound pipeline",
    slots: "Conversation slots",
    backends: "Backends",
    proxies: "Proxies",
    database: "Database answers in",
    sweeper: "Sweeper late by",
    metric: |metric| match metric {
        Metric::Cpu => "CPU",
        Metric::Memory => "RAM",
        Metric::NetworkDown => "Received",
        Metric::NetworkUp => "Sent",
        Metric::Phone => "Phone",
        Metric::Web => "Web",
        Metric::Processing => "Processing",
        Metric::Pending => "Pending",
        Metric::SlotsUsed => "In use",
        Metric::SlotsMax => "In all",
        Metric::BackendOnline | Metric::ProxyOnline => "Active",
        Metric::BackendRegistered | Metric::ProxyRegistered => "Total",
        Metric::BackendAccepting | Metric::ProxyAccepting => "Accepting",
        Metric::DatabaseMs => "Database",
        Metric::SweeperLateMs => "Sweeper",
    },
    no_data: "No figures in this time",
    gap: "no data",
    no_data_since: |time| format!("no data since {time}"),
    hint: "Line: mean. Area: smallest to largest. Hatched: no data. Drag across a chart to look closer.",
    table: "View as table",
    csv: "Download CSV",
    plot: |title| format!("{title} over time"),
    reading: |name, avg, min, max| {
        if min == max { format!("{name} {avg}") } else { format!("{name} {avg} ({min} to {max})") }
    },
    reading_none: |name| format!("{name} no data"),
    comma: ", ",
    span: |title, from, to| format!("{title} from {from} to {to}."),
    said: |name, min, avg, max, last, at| {
        format!("{name}: lowest {min}, mean {avg}, highest {max}, last {last} at {at}.")
    },
    said_none: |name| format!("{name}: no data."),
    marked: |from, to| format!("Marked: {from} to {to}. Enter shows this time."),
    zoomed: |from, to| format!("{from} to {to}"),
    reset: "Back to the range",
    events: "Events in this time",
    no_events: "Nothing happened in this time.",
    col_time: "From",
    column: |series, of| format!("{series} {of}"),
    last: "last",
    last_at: |at| format!("at {at}"),
    p95: "p95",
    min: "min",
    avg: "avg",
    max: "max",
    keys: "Arrow keys read the values, Home and End go to the ends. Shift with the arrow keys marks a time, Enter shows it.",
    spark: |what, time, low, high, last| {
        format!("{what}, last {time}: lowest {low}, highest {high}, now {last}.")
    },
    spark_gap: |time| format!("No data for {time} of it."),
    spark_none: |what, time| format!("{what}, last {time}: no data."),
};
