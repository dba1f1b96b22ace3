//! English sentences about regions.

/// What a node does.
pub struct KindWords {
    /// A proxy.
    pub proxy: &'static str,
    /// A backend.
    pub backend: &'static str,
    /// The background node.
    pub background: &'static str,
}

/// The card of a region.
pub struct RegionCardWords {
    /// Backends online of registered.
    pub backend: &'static str,
    /// Proxies online of registered.
    pub proxy: &'static str,
    /// Live conversations.
    pub conversations: &'static str,
    /// Calls that wait.
    pub pending: &'static str,
    /// Storage works.
    pub storage_ok: &'static str,
    /// The same, where nodes find something else.
    pub storage_ok_here: &'static str,
    /// What the server finds, and how many nodes of those that report find a failure.
    pub storage_nodes: fn(&str, u32, u32) -> String,
    /// Storage fails, since when.
    pub storage_failing: fn(&str) -> String,
    /// Storage is set and was not checked yet.
    pub storage_unknown: &'static str,
    /// Storage is not set.
    pub storage_none: &'static str,
}

/// The list of regions.
pub struct RegionsWords {
    /// Heading.
    pub title: &'static str,
    /// Button.
    pub add: &'static str,
    /// The filter.
    pub filter: &'static str,
    /// How many match.
    pub of: fn(usize, usize) -> String,
    /// Heading of the cards, for screen readers.
    pub list: &'static str,
    /// Nothing yet.
    pub empty_title: &'static str,
    /// What a region is.
    pub empty_text: &'static str,
    /// Nothing matches.
    pub none_title: &'static str,
}

/// The form for a new region.
pub struct RegionNewWords {
    /// Heading.
    pub title: &'static str,
    /// What it is for.
    pub intro: &'static str,
    /// Field.
    pub country: &'static str,
    /// Its hint.
    pub country_hint: &'static str,
    /// Nothing chosen.
    pub country_error: &'static str,
    /// Field.
    pub name: &'static str,
    /// Its hint.
    pub name_hint: &'static str,
    /// Field.
    pub display: &'static str,
    /// Its hint.
    pub display_hint: &'static str,
    /// Label of the id.
    pub preview: &'static str,
    /// While there is none.
    pub preview_empty: &'static str,
    /// Below it.
    pub preview_hint: &'static str,
    /// Button.
    pub copy_id: &'static str,
    /// Nobody has it.
    pub free: &'static str,
    /// Somebody has it.
    pub taken: fn(&str) -> String,
    /// Link to that region.
    pub open_it: &'static str,
    /// Checkbox.
    pub maintenance: &'static str,
    /// What it does.
    pub maintenance_hint: &'static str,
    /// Before creating.
    pub fixed: &'static str,
    /// Button.
    pub cancel: &'static str,
    /// Button.
    pub create: &'static str,
    /// The button while it runs.
    pub creating: &'static str,
    /// Spoken.
    pub added: fn(&str) -> String,
}

/// The page of a region.
pub struct RegionWords {
    /// Heading.
    pub missing_title: &'static str,
    /// Which.
    pub missing: fn(&str) -> String,
    /// Heading of the strip.
    pub day: &'static str,
    /// The strip for those who do not see it.
    pub day_said: fn(&str) -> String,
    pub was_whole: &'static str,
    pub was_partly: &'static str,
    pub was_none: &'static str,
    pub was_empty: &'static str,
    pub was_unknown: &'static str,
    /// Why perhaps.
    pub missing_text: &'static str,
    /// Link.
    pub to_list: &'static str,
    /// Card.
    pub conversations: &'static str,
    /// Part.
    pub phone: &'static str,
    /// Part.
    pub web: &'static str,
    /// Slots in use.
    pub slots: fn(&str, &str, Option<&str>) -> String,
    /// Card.
    pub outbound: &'static str,
    /// Part.
    pub processing: &'static str,
    /// Part.
    pub pending: &'static str,
    /// Card.
    pub backends: &'static str,
    /// Card.
    pub proxies: &'static str,
    /// After a number.
    pub accepting: &'static str,
    /// Link to help.
    pub fix: fn(u32) -> String,
    /// Heading.
    pub proxies_list: &'static str,
    /// Heading.
    pub backends_list: &'static str,
    /// Button.
    pub add_proxy: &'static str,
    /// Button.
    pub add_backend: &'static str,
    /// Empty group.
    pub no_proxy: &'static str,
    /// Empty group.
    pub no_backend: &'static str,
    /// Empty region.
    pub first_proxy: &'static str,
    /// What it does.
    pub first_proxy_text: &'static str,
    /// Empty region.
    pub first_backend: &'static str,
    /// What it does.
    pub first_backend_text: &'static str,
}

/// What a node does.
pub(crate) const KIND: KindWords = KindWords { proxy: "Proxy", backend: "Backend", background: "Background" };

/// The card of a region.
pub(crate) const REGION_CARD: RegionCardWords = RegionCardWords {
    backend: "Backend",
    proxy: "Proxy",
    conversations: "Conversations",
    pending: "Pending",
    storage_ok: "Storage healthy",
    storage_ok_here: "Storage healthy from the server",
    storage_nodes: |text, failing, of| {
        if of == 1 {
            format!("{text}; the only node that tests it reports a failure")
        } else {
            format!("{text}; {failing} of {of} nodes report a failure")
        }
    },
    storage_failing: |since| format!("Storage failing since {since}"),
    storage_unknown: "Storage not checked yet",
    storage_none: "No storage yet",
};

/// The list of regions.
pub(crate) const REGIONS: RegionsWords = RegionsWords {
    title: "Regions",
    add: "Add region",
    filter: "Filter by name, ID or country",
    of: |n, all| format!("{n} of {all} regions"),
    list: "All regions",
    empty_title: "No regions yet",
    empty_text: "A region groups servers and storage in one place, for example OM-MCT.",
    none_title: "No regions match this filter",
};

/// The form for a new region.
pub(crate) const REGION_NEW: RegionNewWords = RegionNewWords {
    title: "Add region",
    intro: "A region groups proxies, backends and storage in one place.",
    country: "Country",
    country_error: "Choose a country from the list.",
    country_hint: "Where the servers stand. Search by name or code.",
    name: "Region name",
    name_hint: "Letters, digits and hyphens, for example us-east-1.",
    display: "Display name",
    display_hint: "Shown beside the Region ID, for example Muscat.",
    preview: "Region ID, what you put in appsettings.json",
    preview_empty: "COUNTRY-NAME",
    preview_hint: "Made of country and name. A country at the start of the name is not doubled.",
    copy_id: "Copy Region ID",
    free: "This Region ID is free.",
    taken: |id| format!("{id} already exists."),
    open_it: "Open it",
    maintenance: "Start in maintenance",
    maintenance_hint: "New calls are not sent here until an operator turns maintenance off.",
    fixed: "The Region ID cannot be changed later.",
    cancel: "Cancel",
    create: "Create region",
    creating: "Creating…",
    added: |id| format!("Region {id} added"),
};

/// The page of a region.
pub(crate) const REGION: RegionWords = RegionWords {
    missing_title: "Region not found",
    missing: |id| format!("There is no region {id}"),
    day: "The last 24 hours",
    day_said: |parts| format!("The last 24 hours, oldest first: {parts}"),
    was_whole: "All nodes reported",
    was_partly: "Some nodes silent",
    was_none: "No node of a kind reported",
    was_empty: "No nodes registered",
    was_unknown: "No data",
    missing_text: "It was deleted, or the address is mistyped.",
    to_list: "All regions",
    conversations: "Live conversations",
    phone: "Phone",
    web: "Web",
    slots: |used, max, percent| match percent {
        Some(p) => format!("{used} of {max} slots in use ({p})"),
        None => format!("{used} of {max} slots in use"),
    },
    outbound: "Outbound pipeline",
    processing: "Processing",
    pending: "Pending",
    backends: "Backend nodes · active / total",
    proxies: "Proxy nodes · active / total",
    accepting: "accepting new work",
    fix: |n| format!("How to fix 0/{n}"),
    proxies_list: "Proxies",
    backends_list: "Backends",
    add_proxy: "Add proxy",
    add_backend: "Add backend",
    no_proxy: "No proxy in this region",
    no_backend: "No backend in this region",
    first_proxy: "Add a proxy",
    first_proxy_text: "Signalling gateway on SIP port 5060: talks to carriers and dials outbound calls.",
    first_backend: "Add a backend",
    first_backend_text: "Audio processor on SIP port 5080: holds the conversations.",
};
