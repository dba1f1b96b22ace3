//! What small lines beside figures are made of: the last quarter of an hour, read once, and from then on what the stream
//! tells. They stand still while the page does.

use common::history::{History, Metric, Point};
use common::ids::RegionId;
use leptos::prelude::*;

use super::load::Load;
use crate::api::{Whose, use_api};
use crate::components::region_card::conversations;
use crate::components::sparkline::{STEP_MS, STEPS, Steps};
use crate::reactive::{derived, effect, memo};
use crate::state::connection::use_connection;
use crate::state::freshness::Freshness;
use crate::state::live::use_live;

/// So many regions have their past read, one request each; the lines of further ones begin when the page does.
const REGIONS_WITH_PAST: usize = 24;

/// The lines of one subject; copy it freely.
#[derive(Clone, Copy)]
pub struct Sparks {
    history: Load<History>,
    running: Memo<bool>,
}

/// The line of a region's card: its live conversations, where it is the `place`th card.
pub fn region_line(id: RegionId, place: usize) -> Signal<Option<Steps>> {
    let live = use_live();
    let metrics = &[Metric::Phone, Metric::Web];
    let sparks = if place < REGIONS_WITH_PAST {
        use_sparks(Whose::Region(id.clone()), metrics)
    } else {
        Sparks { history: Load::default(), running: running() }
    };
    let now = derived(move || {
        let sum = live.summary(&id, |r| conversations(&r.capacity)).flatten();
        // Exact: counts of calls are far below the precision of a float.
        sum.and_then(|n| u32::try_from(n).ok()).map(f64::from)
    });
    sparks.line(metrics, now)
}

/// Whether the page's figures move.
fn running() -> Memo<bool> {
    let connection = use_connection();
    memo(move || matches!(connection.freshness(), Freshness::Live))
}

/// The lines of one subject: reads their past now, and again after each time the page stood still.
pub fn use_sparks(whose: Whose, metrics: &[Metric]) -> Sparks {
    let (api, connection, running) = (use_api(), use_connection(), running());
    let history = Load::<History>::default();
    let metrics = metrics.iter().map(|m| m.as_str()).collect::<Vec<_>>().join(",");
    effect(move || {
        if !running.get() {
            return;
        }
        let Some(to) = untrack(|| connection.server_now()) else { return };
        let from = to.before(STEP_MS.saturating_mul(u64::try_from(STEPS).unwrap_or(0)));
        let (whose, metrics) = (whose.clone(), metrics.clone());
        // Both ends are rounded outwards, which makes one step more.
        let points = u32::try_from(STEPS).unwrap_or(0).saturating_add(1);
        history.ask(async move { api.history_in(&whose, &metrics, from, to, points).await });
    });
    Sparks { history, running }
}

impl Sparks {
    /// The line of a figure: the sum of some metrics. `now` is the figure on the screen, none where it is not known.
    pub fn line(self, metrics: &'static [Metric], now: Signal<Option<f64>>) -> Signal<Option<Steps>> {
        let connection = use_connection();
        let steps = RwSignal::new(None::<Steps>);
        let change = move |to: &dyn Fn(&mut Steps)| {
            let Some(at) = untrack(|| connection.server_now()) else { return };
            let mut next = steps.get_untracked().unwrap_or_else(|| Steps::empty(at));
            to(&mut next);
            if steps.with_untracked(|s| s.as_ref() != Some(&next)) {
                steps.set(Some(next));
            }
        };
        effect(move || {
            self.history.read(|history| {
                let of = |m: &Metric| history.series.iter().find(|s| s.metric == *m);
                let series: Vec<&[Point]> =
                    metrics.iter().filter_map(of).map(|s| s.points.as_slice()).collect();
                change(&|steps| steps.fill(&series));
            });
        });
        effect(move || {
            let (at, value) = (connection.server_now(), now.get());
            if let Some(at) = at.filter(|_| self.running.get()) {
                change(&|steps| steps.put(at, value));
            }
        });
        steps.into()
    }
}
