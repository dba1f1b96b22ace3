//! All regions as cards or as a table, with live figures; filters, order and view are in the address.

use common::auth::Permission;
use common::ids::RegionId;
use common::overview::RegionSummary;
use leptos::prelude::*;

use super::node_list_filters::{self, Filter, FilterChips};
use super::query::{use_choice, use_text_filter};
use super::regions_menu::{Actions, RegionDialogs, RegionMenu};
use super::regions_model::{Wanted, arrange, kept, statuses, unknown};
use super::regions_table::RegionTable;
use super::sparks::region_line;
use crate::components::country_names::names_of;
use crate::components::nav::{Breadcrumb, only};
use crate::components::status::{word_key, word_text};
use crate::components::{Empty, GatedLink, Note, Reason, RegionCard, Skeleton, country_name, words};
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::as_of::AsOf;
use crate::shell::title::use_title;
use crate::state::gate::use_gate_everywhere;
use crate::state::live::{LiveStore, use_live};

/// Id of the reason why nothing can be added.
const REASON: &str = "regions-reason";

fn all(live: LiveStore) -> Option<Vec<RegionSummary>> {
    let ids = live.region_ids()?;
    Some(ids.iter().filter_map(|id| live.summary(id, Clone::clone)).collect())
}

/// `/regions`
#[component]
pub fn RegionsPage() -> impl IntoView {
    let (w, d) = (&words().regions, &words().dashboard);
    use_title(move || w.title.to_owned());
    let live = use_live();
    let gate = use_gate_everywhere(Permission::Operate);
    let query = use_text_filter("q");
    let (status, set_status) = use_choice("status");
    let (country, set_country) = use_choice("country");
    let (sort, set_sort) = use_choice("sort");
    let (view, set_view) = use_choice("view");
    let wanted = memo(move || Wanted::read(query.get(), status.get(), country.get()));
    let ignored = memo(move || unknown(&status.get(), &country.get(), &sort.get(), &view.get()));
    let total = memo(move || live.region_ids().map(|ids| ids.len()));
    // Who passes follows the statuses; the order is worked out when somebody asks for another one.
    let fitting = memo(move || {
        let wanted = wanted.get();
        let ids = live.region_ids()?;
        let fits =
            |id: &RegionId| live.summary(id, |r| wanted.fits(r, &names_of(&r.country_code))).unwrap_or(true);
        Some(ids.into_iter().filter(fits).collect::<Vec<_>>())
    });
    let ids = RwSignal::new(None::<Vec<RegionId>>);
    let asked = StoredValue::new(None::<(Wanted, String)>);
    effect(move || {
        let now = (wanted.get(), sort.get());
        let Some(fit) = fitting.get() else { return };
        let anew = asked.try_update_value(|a| a.replace(now.clone()).as_ref() != Some(&now)).unwrap_or(true);
        let before = ids.get_untracked();
        let next = match before {
            Some(before) if !anew => kept(&before, &fit),
            _ => {
                let mut regions = untrack(|| all(live)).unwrap_or_default();
                arrange(&mut regions, &now.1);
                regions.into_iter().map(|r| r.id).filter(|id| fit.contains(id)).collect()
            }
        };
        if ids.with_untracked(|old| old.as_ref() != Some(&next)) {
            ids.set(Some(next));
        }
    });
    let countries = memo(move || {
        let mut codes: Vec<String> = live
            .region_ids()
            .unwrap_or_default()
            .iter()
            .filter_map(|id| untrack(|| live.summary(id, |r| r.country_code.clone())))
            .collect();
        codes.sort();
        codes.dedup();
        codes
    });
    let actions: Actions = RwSignal::new(None);
    let clear = Callback::new(move |()| {
        query.set(String::new());
        for set in [set_status, set_country] {
            set.run(String::new());
        }
    });
    let filters = StoredValue::new(vec![
        Filter {
            id: "regions-status-chip",
            label: d.status,
            value: derived(move || wanted.with(|w| w.status.clone())),
            choose: set_status,
            choices: derived(move || {
                choices(statuses().map(|w| (word_key(w).to_owned(), word_text(w).to_owned())))
            }),
        },
        Filter {
            id: "regions-country-chip",
            label: d.country,
            value: derived(move || wanted.with(|w| w.country.clone())),
            choose: set_country,
            choices: derived(move || choices(countries.get().into_iter().map(named))),
        },
    ]);
    let list = derived(move || ids.get().unwrap_or_default());
    let table = memo(move || view.with(|v| v == "table"));
    let grid = move || {
        match (ids.with(|i| i.as_ref().map(Vec::is_empty)), total.get()) {
        (None, _) | (_, None) => view! {
            <div class="grid k3" aria-busy="true">
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
        (Some(true), _) => view! {
            <Empty icon="filter" title=w.none_title small=true>
                <FilterChips filters=filters text=query clear=clear />
            </Empty>
        }
        .into_any(),
        _ if table.get_untracked() => view! { <RegionTable ids=list actions=actions /> }.into_any(),
        _ => view! {
            <div class="grid k3">
                <For each=move || list.get() key=|id| id.clone() let:id>
                    <RegionCard
                        id=id.clone()
                        line=region_line(id.clone(), list.with_untracked(|l| l.iter().position(|i| *i == id)).unwrap_or(0))
                        summary=summary_of(live, id.clone())
                    >
                        <RegionMenu id=id.clone() actions=actions />
                    </RegionCard>
                </For>
            </div>
        }
        .into_any(),
    }
    };
    // Which of them it is; cards and rows come and go inside their own list.
    let kind =
        memo(move || (ids.with(|i| i.as_ref().map(Vec::is_empty)), total.get() == Some(0), table.get()));
    view! {
        <Breadcrumb crumbs=only(w.title) />
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
            <Choice
                id="regions-status"
                label=d.status
                value=status
                on_choose=set_status
                options=derived(move || {
                    let any = (String::new(), d.any_status.to_owned());
                    std::iter::once(any)
                        .chain(statuses().map(|w| (word_key(w).to_owned(), word_text(w).to_owned())))
                        .collect()
                })
            />
            <Choice
                id="regions-country"
                label=d.country
                value=country
                on_choose=set_country
                options=derived(move || {
                    let any = (String::new(), d.any_country.to_owned());
                    std::iter::once(any).chain(countries.get().into_iter().map(named)).collect()
                })
            />
            <Choice
                id="regions-sort"
                label=d.sort
                value=sort
                on_choose=set_sort
                options=derived(move || {
                    d.sorts.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
                })
            />
            <span class="sm mut" role="status">
                {dynamic(move || {
                    let count = ids.with(|i| i.as_ref().map(Vec::len));
                    let any = wanted.with(|w| *w != Wanted::default());
                    count.zip(total.get()).filter(|_| any).map(|(n, all)| (w.of)(n, all))
                })}
            </span>
            <span class="sp"></span>
            <div class="seg-ctl" role="group" aria-label=d.view>
                {[("", d.view_cards, false), ("table", d.view_table, true)]
                    .map(|(key, text, is_table)| {
                        view! {
                            <button
                                type="button"
                                aria-pressed=attr(move || if table.get() == is_table { "true" } else { "false" })
                                on:click=move |_| set_view.run(key.to_owned())
                            >
                                {text}
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
        </div>
        {dynamic(move || {
            let ignored = ignored.get();
            let text = (words().table.ignored)(&ignored.join(", "));
            (!ignored.is_empty()).then(|| view! { <Note tone="warn">{text}</Note> })
        })}
        <h2 class="vh">{w.list}</h2>
        {dynamic(move || {
            // Read and not only tracked: a memo that nobody reads never learns what it depends on.
            let _ = kind.get();
            untrack(grid)
        })}
        <RegionDialogs actions=actions />
    }
}

/// A region's figures, followed on their own.
pub fn summary_of(live: LiveStore, id: RegionId) -> Signal<Option<RegionSummary>> {
    derived(move || live.summary(&id, Clone::clone))
}

/// A country with its name.
fn named(code: String) -> (String, String) {
    let name = country_name(&code);
    (code, name)
}

/// The values of a chip.
fn choices(all: impl Iterator<Item = (String, String)>) -> Vec<node_list_filters::Choice> {
    all.map(|(key, text)| node_list_filters::Choice { key, text, count: None, technical: false }).collect()
}

/// A choice among words.
#[component]
fn Choice(
    id: &'static str,
    label: &'static str,
    value: Signal<String>,
    on_choose: Callback<String>,
    options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    let options = memo(move || options.get());
    view! {
        <label class="vh" for=id>
            {label}
        </label>
        <select class="inp choice-filter" id=id on:change=move |event| on_choose.run(event_target_value(&event))>
            {dynamic(move || {
                options
                    .get()
                    .into_iter()
                    .map(|(key, text)| {
                        let own = key.clone();
                        view! {
                            <option value=key selected=attr(move || value.with(|v| *v == own))>
                                {text}
                            </option>
                        }
                    })
                    .collect_view()
            })}
        </select>
    }
}
