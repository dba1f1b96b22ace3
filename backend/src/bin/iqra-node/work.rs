//! What a node is busy with: nothing, what nobody knows, or a model of calls. Pure: time is passed in, the same seed
//! gives the same calls however often one looks.

use std::time::Duration;

use common::heartbeat::{Outbound, Sessions};
use common::node::NodeKind;

use demo::{Conversations, Dialler};
use steady::Steady;

mod demo;
mod steady;

/// What a backend holds at once where nothing is registered.
const BACKEND_DEFAULT: u32 = 25;
/// How many calls a proxy of the model dials at once where nothing is registered.
const PROXY_DEFAULT: u32 = 20;
/// A heartbeat carries so many ages.
const AGES_MAX: usize = 256;
/// After a machine's sleep the model makes up for no more than this.
const CATCH_UP: Duration = Duration::from_secs(600);

/// The work of one node.
#[derive(Debug)]
pub(crate) enum Work {
    /// An agent that holds no calls: a backend and a proxy report a measured zero, a background node has none to count.
    None {
        /// Of which kind.
        kind: NodeKind,
        /// What it could hold, if that is known.
        max: Option<u32>,
    },
    /// The calls of a command that the agent supervises and cannot count: no figures, rather than wrong ones.
    Unknown {
        /// Of which kind.
        kind: NodeKind,
        /// What it could hold, if that is known.
        max: Option<u32>,
    },
    /// Conversations of a backend that come and go.
    Backend(Conversations),
    /// Outbound calls of a proxy that come and go.
    Proxy(Dialler),
    /// As many calls as asked for, all the time.
    Steady(Steady),
}

impl Work {
    /// No calls at all.
    pub(crate) fn none(kind: NodeKind, max: Option<u32>) -> Self {
        Self::None { kind, max }
    }

    /// Calls that nobody counts.
    pub(crate) fn unknown(kind: NodeKind, max: Option<u32>) -> Self {
        Self::Unknown { kind, max }
    }

    /// Calls that come and go, as the kind has them.
    pub(crate) fn demo(kind: NodeKind, max: Option<u32>, seed: u64) -> Self {
        match kind {
            NodeKind::Backend => Self::Backend(Conversations::new(max.unwrap_or(BACKEND_DEFAULT), seed)),
            NodeKind::Proxy => Self::Proxy(Dialler::new(max.unwrap_or(PROXY_DEFAULT), seed)),
            NodeKind::Background => Self::None { kind, max },
        }
    }

    /// `calls` at once, each as long as something between `from` and `to`.
    pub(crate) fn steady(
        kind: NodeKind,
        max: Option<u32>,
        calls: u32,
        (from, to): (Duration, Duration),
        seed: u64,
    ) -> Self {
        match kind {
            NodeKind::Background => Self::None { kind, max },
            _ => Self::Steady(Steady::new(kind, max, calls, (from, to), seed)),
        }
    }

    /// Another maximum, as registered meanwhile; calls beyond it are not cut off.
    pub(crate) fn set_max(&mut self, registered: Option<u32>) {
        match self {
            Self::None { max, .. } | Self::Unknown { max, .. } => *max = registered,
            Self::Backend(c) => c.max = registered.unwrap_or(BACKEND_DEFAULT),
            Self::Proxy(d) => d.lines = registered.unwrap_or(PROXY_DEFAULT),
            Self::Steady(s) => s.max = registered,
        }
    }

    /// Lets calls come (where the entrances are open) and go until `now`, a time since the start.
    pub(crate) fn advance(&mut self, now: Duration, open: bool) {
        match self {
            Self::None { .. } | Self::Unknown { .. } => {}
            Self::Backend(c) => c.advance(now, open),
            Self::Proxy(d) => d.advance(now, open),
            Self::Steady(s) => s.advance(now, open),
        }
    }

    /// Ends every call now; how many that were.
    pub(crate) fn end_all(&mut self) -> u32 {
        let ended = self.calls();
        match self {
            Self::None { .. } | Self::Unknown { .. } => {}
            Self::Backend(c) => c.calls.clear(),
            Self::Proxy(d) => {
                d.ends.clear();
                d.pending.clear();
            }
            Self::Steady(s) => s.calls.clear(),
        }
        ended
    }

    /// How many calls are left to work off, as far as anybody knows.
    pub(crate) fn calls(&self) -> u32 {
        count(match self {
            Self::None { .. } | Self::Unknown { .. } => 0,
            Self::Backend(c) => c.calls.len(),
            Self::Proxy(d) => d.ends.len() + d.pending.len(),
            Self::Steady(s) => s.calls.len(),
        })
    }

    /// Whether nothing is left to work off.
    pub(crate) fn is_idle(&self) -> bool {
        self.calls() == 0
    }

    /// How busy it is, 0 to 1.
    pub(crate) fn load(&self) -> f64 {
        let (busy, of) = match self {
            Self::None { .. } | Self::Unknown { .. } => (0, 1),
            Self::Backend(c) => (c.calls.len(), c.max),
            Self::Proxy(d) => (d.ends.len(), d.lines),
            Self::Steady(s) => (s.calls.len(), s.max.unwrap_or(s.wanted)),
        };
        (f64::from(count(busy)) / f64::from(of.max(1))).min(1.0)
    }

    /// The figures of a backend at `now`; `None` for other kinds.
    pub(crate) fn sessions(&self, now: Duration) -> Option<Sessions> {
        match self {
            Self::None { kind: NodeKind::Backend, max } => {
                Some(Sessions { phone: Some(0), web: Some(0), max: *max, age_seconds: Vec::new() })
            }
            Self::Unknown { kind: NodeKind::Backend, max } => {
                Some(Sessions { phone: None, web: None, max: *max, age_seconds: Vec::new() })
            }
            Self::Backend(c) => Some(sessions(&c.calls, Some(c.max), now)),
            Self::Steady(s) if s.kind == NodeKind::Backend => Some(sessions(&s.calls, s.max, now)),
            _ => None,
        }
    }

    /// The figures of a proxy at `now`; `None` for other kinds.
    pub(crate) fn outbound(&self, now: Duration) -> Option<Outbound> {
        let none_pending =
            |n| Outbound { processing: Some(n), pending: Some(0), oldest_pending_seconds: None };
        match self {
            Self::None { kind: NodeKind::Proxy, .. } => Some(none_pending(0)),
            Self::Proxy(d) => Some(Outbound {
                processing: Some(count(d.ends.len())),
                pending: Some(count(d.pending.len())),
                oldest_pending_seconds: d.pending.front().map(|p| seconds(now.saturating_sub(p.since))),
            }),
            Self::Steady(s) if s.kind == NodeKind::Proxy => Some(none_pending(count(s.calls.len()))),
            _ => None,
        }
    }
}

/// One conversation of a model.
#[derive(Debug)]
struct Call {
    since: Duration,
    end: Duration,
    web: bool,
}

fn sessions(calls: &[Call], max: Option<u32>, now: Duration) -> Sessions {
    let web = calls.iter().filter(|call| call.web).count();
    let mut age_seconds: Vec<u32> =
        calls.iter().map(|call| seconds(now.saturating_sub(call.since))).collect();
    age_seconds.sort_unstable_by(|a, b| b.cmp(a));
    age_seconds.truncate(AGES_MAX);
    Sessions { phone: Some(count(calls.len() - web)), web: Some(count(web)), max, age_seconds }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn seconds(d: Duration) -> u32 {
    u32::try_from(d.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
