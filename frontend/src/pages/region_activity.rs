//! A region's activity: its totals over time, what happened to it and its nodes, and who changed what.

use leptos::prelude::*;

use super::activity_filter::Filter;
use super::activity_list::ActivityList;
use super::chart_range::{Range, RangePicker};
use super::charts::{ChartsOf, REGION};
use super::region_tabs::{RegionFrame, RegionTab};
use super::timeline::Timeline;
use crate::api::Whose;
use crate::components::words;
use crate::reactive::memo;

/// `/regions/:region/activity`
#[component]
pub fn RegionActivityPage() -> impl IntoView {
    view! {
        <RegionFrame
            tab=RegionTab::Activity
            content=|id, _| {
                let of = StoredValue::new(id.to_string());
                let filter = memo(move || Filter { region: of.get_value(), ..Filter::default() });
                // One time for all of the page.
                let range = Range::of_page();
                view! {
                    <div class="toolbar">
                        <RangePicker range=range />
                    </div>
                    <Timeline whose=Whose::Region(id.clone()) now=None range=range />
                    <section class="card stack" aria-labelledby="region-log">
                        <h2 id="region-log">{words().activity.log}</h2>
                        <ActivityList filter=filter />
                    </section>
                    <ChartsOf whose=Whose::Region(id) charts=REGION range=range />
                }
                    .into_any()
            }
        />
    }
}
