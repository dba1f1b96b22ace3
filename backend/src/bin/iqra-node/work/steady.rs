//! The model that holds as many calls as asked for: one that ends is followed by another, so that what happens to
//! running calls, in a drain above all, can be foreseen.

use std::time::Duration;

use common::node::NodeKind;

use super::{CATCH_UP, Call, count};
use crate::pace::Rng;

/// A call is never shorter.
const SHORTEST: Duration = Duration::from_millis(100);

/// The calls.
#[derive(Debug)]
pub(crate) struct Steady {
    /// Backend or proxy.
    pub(super) kind: NodeKind,
    /// Never more at once, where that is registered.
    pub(super) max: Option<u32>,
    /// So many at once.
    pub(super) wanted: u32,
    /// Running now.
    pub(super) calls: Vec<Call>,
    span: (Duration, Duration),
    rng: Rng,
}

impl Steady {
    /// None yet.
    pub(super) fn new(
        kind: NodeKind,
        max: Option<u32>,
        wanted: u32,
        span: (Duration, Duration),
        seed: u64,
    ) -> Self {
        Self { kind, max, wanted, calls: Vec::new(), span, rng: Rng::new(seed) }
    }

    /// Ends what is over by `now`, and starts what is missing where the entrances are open.
    pub(super) fn advance(&mut self, now: Duration, open: bool) {
        if !open {
            self.calls.retain(|c| c.end > now);
            return;
        }
        let wanted = self.max.map_or(self.wanted, |max| max.min(self.wanted));
        let horizon = now.saturating_sub(CATCH_UP);
        loop {
            let over = self.calls.iter().enumerate().filter(|(_, c)| c.end <= now).min_by_key(|(_, c)| c.end);
            let Some((i, end)) = over.map(|(i, c)| (i, c.end)) else { break };
            self.calls.swap_remove(i);
            if count(self.calls.len()) < wanted {
                self.start(end.max(horizon));
            }
        }
        while count(self.calls.len()) < wanted {
            self.start(now);
        }
    }

    fn start(&mut self, since: Duration) {
        let takes = self.rng.between(self.span.0, self.span.1).max(SHORTEST);
        self.calls.push(Call { since, end: since + takes, web: self.rng.unit() < 0.3 });
    }
}
