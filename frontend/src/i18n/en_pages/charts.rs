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
    pub metric: fn(Metric) -> &'static str,
    pub no_data: &'static str,
    pub no_data_text: &'static str,
    pub gap: &'static str,
    pub band: &'static str,
    pub table: &'static str,
    pub csv: &'static str,
    /// Of a chart: what it shows, for screen readers.
    pub plot: fn(&str) -> String,
    /// A reading: name, mean, smallest, largest.
    pub reading: fn(&str, &str, &str, &str) -> String,
    pub col_time: &'static str,
    pub min: &'static str,
    pub avg: &'static str,
    pub max: &'static str,
    pub keys: &'static str,
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
    },
    no_data: "No figures in this time",
    no_data_text: "Figures are kept from the first heartbeat on.",
    gap: "Shaded: no data.",
    band: "Area: smallest to largest.",
    table: "As a table",
    csv: "Download CSV",
    plot: |title| format!("{title} over time"),
    reading: |name, avg, min, max| {
        if min == max { format!("{name} {avg}") } else { format!("{name} {avg} ({min} to {max})") }
    },
    col_time: "From",
    min: "min",
    avg: "avg",
    max: "max",
    keys: "Arrow keys read the values; Home and End go to the ends.",
};
