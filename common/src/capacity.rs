//! Figures of a region or of the whole cluster. No data is `null`, never 0; every sum says what it rests on.

use serde::{Deserialize, Serialize};

/// How many nodes of one kind are in which state. All but `disabled` and `accepting` sum to `registered`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct KindCounts {
    /// Registered and confirmed live.
    pub online: u32,
    /// Not deleted and not disabled.
    pub registered: u32,
    /// Online, wanted active, and running.
    pub accepting: u32,
    /// Silent for longer than `staleAfter`.
    pub stale: u32,
    /// Silent for longer than `offlineAfter`.
    pub offline: u32,
    /// Said goodbye.
    pub left: u32,
    /// No heartbeat yet.
    pub never_seen: u32,
    /// The control plane cannot judge.
    pub unconfirmed: u32,
    /// Beside the total, never inside.
    pub disabled: u32,
}

impl KindCounts {
    /// Adds the counts of another region.
    pub fn add(&mut self, o: &Self) {
        self.online += o.online;
        self.registered += o.registered;
        self.accepting += o.accepting;
        self.stale += o.stale;
        self.offline += o.offline;
        self.left += o.left;
        self.never_seen += o.never_seen;
        self.unconfirmed += o.unconfirmed;
        self.disabled += o.disabled;
    }
}

/// Live phone and web sessions, summed over confirmed backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Conversations {
    /// Phone calls.
    pub phone: Option<u64>,
    /// Web sessions.
    pub web: Option<u64>,
}

/// Outbound calls, summed over confirmed proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutboundTotals {
    /// Being dialled or handled by a proxy.
    pub processing: Option<u64>,
    /// Claimed and waiting for a slot.
    pub pending: Option<u64>,
    /// Age in seconds of the oldest pending call.
    pub oldest_pending_seconds: Option<u64>,
}

/// Conversation slots of confirmed backends that told their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Slots {
    /// In use.
    pub used: Option<u64>,
    /// In all.
    pub max: Option<u64>,
}

/// What nodes that are not confirmed live said last. Shown apart, never added to the live figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LastKnown {
    /// Phone calls.
    pub phone: Option<u64>,
    /// Web sessions.
    pub web: Option<u64>,
    /// Outbound calls being handled.
    pub processing: Option<u64>,
    /// Outbound calls waiting.
    pub pending: Option<u64>,
}

/// How many nodes the figures rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Confirmed live proxies and backends.
    pub reporting: u32,
    /// Registered ones.
    pub expected: u32,
}

/// The figures of a region or of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Capacity {
    /// Live conversations.
    pub conversations: Conversations,
    /// Outbound pipeline.
    pub outbound: OutboundTotals,
    /// Backend nodes.
    pub backend: KindCounts,
    /// Proxy nodes.
    pub proxy: KindCounts,
    /// Conversation slots.
    pub slots: Slots,
    /// Of nodes that are not confirmed live.
    pub last_known: LastKnown,
    /// What the live figures rest on.
    pub coverage: Coverage,
}

/// Adds two figures of which either may be missing: what is known is kept, nothing is invented.
pub fn add_known(total: &mut Option<u64>, figure: Option<u64>) {
    if let Some(n) = figure {
        *total = Some(total.unwrap_or(0).saturating_add(n));
    }
}

impl Capacity {
    /// Adds the figures of another region.
    pub fn add(&mut self, o: &Self) {
        add_known(&mut self.conversations.phone, o.conversations.phone);
        add_known(&mut self.conversations.web, o.conversations.web);
        add_known(&mut self.outbound.processing, o.outbound.processing);
        add_known(&mut self.outbound.pending, o.outbound.pending);
        // `Option` orders `None` first, so the larger of the two is the older call or the only one known.
        self.outbound.oldest_pending_seconds =
            self.outbound.oldest_pending_seconds.max(o.outbound.oldest_pending_seconds);
        self.backend.add(&o.backend);
        self.proxy.add(&o.proxy);
        add_known(&mut self.slots.used, o.slots.used);
        add_known(&mut self.slots.max, o.slots.max);
        add_known(&mut self.last_known.phone, o.last_known.phone);
        add_known(&mut self.last_known.web, o.last_known.web);
        add_known(&mut self.last_known.processing, o.last_known.processing);
        add_known(&mut self.last_known.pending, o.last_known.pending);
        self.coverage.reporting += o.coverage.reporting;
        self.coverage.expected += o.coverage.expected;
    }
}
