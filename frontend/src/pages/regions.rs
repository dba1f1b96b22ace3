//! All regions as cards, with live figures.

use common::auth::Permission;
use common::ids::RegionId;
use leptos::prelude::*;

use super::query::use_text_filter;
use crate::components::country_names::names_of;
use crate::components::{Empty, GatedLink, Reason, RegionCard, Skeleton, words};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::gate::use_gate;
use crate::state::live::{LiveStore, use_live};
use crate::text::lower;

/// Id of the reason why nothing can be added.
const REASON: &str = "regions-reason";

/// Whether a region answers a filter: by a part of its id or name, or by the beginning of a word of its country.
fn answers(query: &str, id: &str, name: Option<&str>, countries: &[String]) -> bool {
    let query = lower(query.trim());
    let word_begins = |text: &String| {
        let text = lower(text);
        text.starts_with(&query) || text.split([' ', '-', '(']).any(|word| word.starts_with(&query))
    };
    query.is_empty()
        || lower(id).contains(&query)
        || name.is_some_and(|n| lower(n).contains(&query))
        || countries.iter().any(word_begins)
}

fn shown(live: LiveStore, query: &str) -> Option<Vec<RegionId>> {
    let ids = live.region_ids()?;
    let fits = |id: &RegionId| {
        // The country and the name of a region change rarely; its figures must not filter anew.
        untrack(|| {
            live.summary(id, |r| {
                answers(query, id.as_str(), r.display_name.as_deref(), &names_of(&r.country_code))
            })
        })
        .unwrap_or(true)
    };
    Some(ids.into_iter().filter(fits).collect())
}

/// `/regions`
#[component]
pub fn RegionsPage() -> impl IntoView {
    let w = &words().regions;
    use_title(move || w.title.to_owned());
    let live = use_live();
    let gate = use_gate(Permission::Operate);
    let query = use_text_filter("q");
    let total = memo(move || live.region_ids().map(|ids| ids.len()));
    let ids = memo(move || shown(live, &query.get()));

    let grid = move || match (ids.get(), total.get()) {
        (None, _) | (_, None) => view! {
            <div class="grid k4" aria-busy="true">
                <Skeleton shape="sk-card" count=4 />
            </div>
        }
        .into_any(),
        (_, Some(0)) => view! {
            <Empty icon="globe" title=w.empty_title text=w.empty_text>
                <GatedLink href=routes::REGION_NEW off=gate reason=REASON primary=true label=w.add />
            </Empty>
        }
        .into_any(),
        (Some(ids), _) if ids.is_empty() => view! {
            <Empty icon="filter" title=w.none_title small=true>
                <button type="button" class="btn" on:click=move |_| query.set(String::new())>
                    {w.clear}
                </button>
            </Empty>
        }
        .into_any(),
        _ => view! {
            <div class="grid k4">
                <For each=move || ids.get().unwrap_or_default() key=|id| id.clone() let:id>
                    <RegionCard id=id.clone() summary=derived(move || live.summary(&id, Clone::clone)) />
                </For>
            </div>
        }
        .into_any(),
    };
    // Which of the four it is; the cards themselves come and go inside their own list.
    let kind = memo(move || (ids.with(|i| i.as_ref().map(Vec::is_empty)), total.get() == Some(0)));
    view! {
        <div class="hd">
            <h1 tabindex="-1">{w.title}</h1>
            {dynamic(move || total.get().map(|n| view! { <span class="st plain">{n}</span> }))}
            <AsOf />
            <span class="sp"></span>
            <GatedLink href=routes::REGION_NEW off=gate reason=REASON primary=true label=w.add />
        </div>
        <Reason id=REASON off=gate />
        <div class="toolbar">
            <label class="vh" for="regions-q">
                {w.filter}
            </label>
            <input
                class="inp text-filter"
                id="regions-q"
                type="search"
                autocomplete="off"
                placeholder=w.filter
                prop:value=query
                on:input=move |event| query.set(event_target_value(&event))
            />
            <span class="sm mut" role="status">
                {dynamic(move || {
                    let count = ids.with(|i| i.as_ref().map(Vec::len));
                    count.zip(total.get()).filter(|_| !query.with(String::is_empty)).map(|(n, all)| (w.of)(n, all))
                })}
            </span>
        </div>
        <h2 class="vh">{w.list}</h2>
        {dynamic(move || {
            // Read and not only tracked: a memo that nobody reads never learns what it depends on.
            let _ = kind.get();
            untrack(grid)
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::answers;

    #[test]
    fn a_region_is_found_by_id_name_and_country() {
        let countries = ["Oman".to_owned(), "عُمان".to_owned()];
        let found = |q: &str| answers(q, "OM-MCT", Some("Muscat"), &countries);
        for q in ["", " om-m", "mct", "usc", "oma", "عُم"] {
            assert!(found(q), "{q}");
        }
        for q in ["man", "de", "zz"] {
            assert!(!found(q), "{q}");
        }
    }
}
