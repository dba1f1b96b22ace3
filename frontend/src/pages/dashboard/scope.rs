//! What the dashboard looks at, out of its address: all regions or one, and how far back the small lines go.

use common::capacity::{Capacity, KindCounts};
use common::ids::RegionId;
use common::node::NodeKind;
use leptos::prelude::*;

use crate::api::Whose;
use crate::pages::query::use_choice;
use crate::reactive::{derived, memo};
use crate::routes;
use crate::state::live::{LiveStore, use_live};

/// A range of the small lines: its key, its steps and their length in milliseconds.
pub type Range = (&'static str, usize, u64);

/// The ranges; the first one is the default. Steps are those the server keeps.
pub const RANGES: [Range; 3] = [("15m", 90, 10_000), ("1h", 60, 60_000), ("24h", 96, 900_000)];

/// What the dashboard looks at; copy it freely.
#[derive(Clone, Copy)]
pub struct Scope {
    live: LiveStore,
    /// The one region, none for all.
    pub region: Memo<Option<RegionId>>,
    /// Chooses a region by its id; empty for all.
    pub choose: Callback<String>,
    /// The range of the small lines.
    pub range: Signal<Range>,
    /// Chooses a range by its key.
    pub choose_range: Callback<String>,
    /// What the address says and nobody understands.
    pub unknown: Memo<Vec<String>>,
}

/// The scope, provided by the page.
pub fn use_scope() -> Scope {
    expect_context()
}

impl Scope {
    /// Of the page's address. A region that does not exist counts as none, an unknown range as the default.
    pub fn of_page() -> Self {
        let live = use_live();
        let (typed, choose) = use_choice("region");
        let region = memo(move || {
            let id = RegionId::from(typed.get().as_str());
            live.region_ids()?.into_iter().find(|known| *known == id)
        });
        let (key, write) = use_choice("range");
        let [default, ..] = RANGES;
        let range =
            derived(move || key.with(|key| RANGES.into_iter().find(|r| r.0 == key)).unwrap_or(default));
        let choose_range = Callback::new(move |key: String| {
            write.run(if key == default.0 { String::new() } else { key });
        });
        let unknown = memo(move || {
            let odd_region = typed.get();
            let ids = live.region_ids();
            let gone = ids.is_some() && region.with(Option::is_none) && !odd_region.is_empty();
            let odd_range = key.get();
            let other = !odd_range.is_empty() && RANGES.iter().all(|r| r.0 != odd_range);
            let pairs = [(gone, "region", odd_region), (other, "range", odd_range)];
            pairs.into_iter().filter(|p| p.0).map(|(_, key, value)| format!("{key}={value}")).collect()
        });
        Self { live, region, choose, range, choose_range, unknown }
    }

    /// Reads the figures of what is looked at; `None` before they are known.
    pub fn read<T>(self, read: impl FnOnce(&Capacity) -> T) -> Option<T> {
        match self.region.get() {
            Some(id) => self.live.summary(&id, |r| read(&r.capacity)),
            None => self.live.cluster(read),
        }
    }

    /// A figure, followed on its own.
    pub fn figure(self, read: fn(&Capacity) -> Option<u64>) -> Signal<Option<u64>> {
        memo(move || self.read(read).flatten()).into()
    }

    /// The counts of a kind, followed on their own.
    pub fn counts(self, kind: NodeKind) -> Signal<Option<KindCounts>> {
        memo(move || self.read(|c| counts(c, kind))).into()
    }

    /// Whether a region is looked at.
    pub fn has(self, id: Option<&RegionId>) -> bool {
        self.region.with(|region| region.is_none() || region.as_ref() == id)
    }

    /// Whose figures over time.
    pub fn whose(self) -> Whose {
        self.region.get().map_or(Whose::Cluster, Whose::Region)
    }

    /// The list behind a figure.
    pub fn nodes(self, kind: NodeKind, status: Option<&str>) -> String {
        let all = routes::nodes_filtered(Some(kind), status);
        match self.region.get() {
            Some(id) => format!("{all}&region={id}"),
            None => all,
        }
    }
}

/// The counts of a kind.
pub fn counts(c: &Capacity, kind: NodeKind) -> KindCounts {
    if kind == NodeKind::Proxy { c.proxy } else { c.backend }
}
