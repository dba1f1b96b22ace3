//! English words of the tabs of regions and nodes.

/// Tabs of a region and of a node.
pub struct TabWords {
    /// Name of the row.
    pub region: &'static str,
    /// Name of the row.
    pub node: &'static str,
    /// Tab.
    pub overview: &'static str,
    /// Tab.
    pub storage: &'static str,
    /// Tab.
    pub metrics: &'static str,
    /// Tab.
    pub activity: &'static str,
    /// Tab.
    pub settings: &'static str,
    /// Title of a tab's page: the tab, and what it is of.
    pub title: fn(&str, &str) -> String,
    /// In a region's heading: its storage fails since then.
    pub storage_failing: fn(&str) -> String,
    /// In a region's heading.
    pub storage_missing: &'static str,
}

/// Tabs of a region and of a node.
pub(crate) const TABS: TabWords = TabWords {
    region: "Parts of the region",
    node: "Parts of the node",
    overview: "Overview",
    storage: "S3 storage",
    metrics: "Metrics",
    activity: "Activity",
    settings: "Settings",
    title: |tab, of| format!("{tab} of {of}"),
    storage_failing: |since| format!("Storage failing since {since}"),
    storage_missing: "No storage yet",
};
