//! What a page with a list of nodes is made of: what its address asks for, and what can be chosen.

use std::collections::BTreeMap;

use common::capacity::KindCounts;
use common::ids::NodeId;
use common::node::NodeKind;
use common::node_order::NodeSort;
use common::status::StatusWord;
use leptos::prelude::*;

use super::node_list_columns::{Columns, read_columns, remember, remembered};
use super::node_list_filters::{Choice, Filter};
use super::node_list_query::{Asked, NodeFilter, choices};
use super::node_list_remote::Remote;
use super::node_row::{ATTENTION, NodeRow};
use super::node_table::kind_text;
use super::query::{use_choice, use_setting, use_typed_filter};
use crate::components::status::{word_key, word_text};
use crate::components::words;
use crate::reactive::{derived, effect, memo};
use crate::state::connection::use_connection;
use crate::state::live::{LiveStore, use_live};

/// What the address asks for, and how it is changed; copy it freely.
#[derive(Clone, Copy)]
pub struct Address {
    /// What is typed.
    pub text: RwSignal<String>,
    rested: Signal<String>,
    /// Values and writers of the other keys.
    pub status: (Signal<String>, Callback<String>),
    /// See `status`.
    pub region: (Signal<String>, Callback<String>),
    /// See `status`.
    pub kind: (Signal<String>, Callback<String>),
    /// See `status`.
    pub version: (Signal<String>, Callback<String>),
    /// See `status`.
    pub label: (Signal<String>, Callback<String>),
    sort: (Signal<String>, Callback<String>),
    cols: (Signal<String>, Callback<String>),
}

/// The keys of a list in the address of the page.
pub fn use_address() -> Address {
    let (text, rested) = use_typed_filter("q");
    let cols = use_setting("cols");
    // A link says which columns it means; else it is those that this browser remembers.
    if cols.0.get_untracked().is_empty() {
        let last = read_columns(&remembered()).text();
        if !last.is_empty() {
            cols.1.run(last);
        }
    }
    Address {
        text,
        rested,
        status: use_choice("status"),
        region: use_choice("region"),
        kind: use_choice("kind"),
        version: use_choice("version"),
        label: use_choice("label"),
        sort: use_choice("sort"),
        cols,
    }
}

impl Address {
    /// Everything it says; the typed filter as it was when typing rested.
    pub fn asked(self) -> Asked {
        Asked {
            text: self.rested.get(),
            status: self.status.0.get(),
            region: self.region.0.get(),
            kind: self.kind.0.get(),
            version: self.version.0.get(),
            label: self.label.0.get(),
            sort: self.sort.0.get(),
            cols: self.cols.0.get(),
        }
    }

    /// The filter. What is typed counts at once where `far` does not hold, and when typing rests where it does.
    pub fn filter(self, far: Signal<bool>) -> Memo<NodeFilter> {
        memo(move || {
            let mut asked = self.asked();
            if !far.get() {
                asked.text = self.text.get();
            }
            NodeFilter::read(&asked)
        })
    }

    /// The order.
    pub fn sort(self) -> Memo<NodeSort> {
        memo(move || NodeSort::parse(&self.sort.0.get()).unwrap_or_default())
    }

    /// Writes another order.
    pub fn set_sort(self) -> Callback<NodeSort> {
        Callback::new(move |sort: NodeSort| {
            self.sort.1.run(if sort == NodeSort::default() { String::new() } else { sort.text() });
        })
    }

    /// The columns.
    pub fn columns(self) -> Memo<Columns> {
        memo(move || read_columns(&self.cols.0.get()))
    }

    /// Writes and remembers other columns.
    pub fn set_columns(self) -> Callback<Columns> {
        Callback::new(move |columns: Columns| {
            remember(&columns);
            self.cols.1.run(columns.text());
        })
    }

    /// Takes all filters away.
    pub fn clear(self) -> Callback<()> {
        Callback::new(move |()| {
            self.text.set(String::new());
            for (value, choose) in [self.status, self.region, self.kind, self.version, self.label] {
                if !value.get_untracked().is_empty() {
                    choose.run(String::new());
                }
            }
        })
    }
}

/// How many nodes have what; counted of all, whatever is filtered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    words: BTreeMap<&'static str, usize>,
    regions: BTreeMap<String, usize>,
    kinds: BTreeMap<&'static str, usize>,
    versions: BTreeMap<String, usize>,
    labels: BTreeMap<String, usize>,
}

impl Counts {
    fn add(&mut self, row: NodeRow) {
        *self.words.entry(word_key(row.word)).or_default() += 1;
        *self.kinds.entry(row.kind.as_str()).or_default() += 1;
        if let Some(region) = row.region {
            *self.regions.entry(region.to_string()).or_default() += 1;
        }
        if let Some(version) = row.version {
            *self.versions.entry(version).or_default() += 1;
        }
        for label in row.labels {
            *self.labels.entry(label).or_default() += 1;
        }
    }

    /// How many nodes the server counts in each region and of each kind, where the page does not have them all.
    fn take_totals(&mut self, live: LiveStore) {
        let of =
            |k: KindCounts| usize::try_from(k.registered.saturating_add(k.disabled)).unwrap_or(usize::MAX);
        for id in live.region_ids().unwrap_or_default() {
            let Some((proxy, backend)) =
                live.summary(&id, |r| (of(r.capacity.proxy), of(r.capacity.backend)))
            else {
                continue;
            };
            self.regions.insert(id.to_string(), proxy.saturating_add(backend));
            for (kind, n) in [(NodeKind::Proxy, proxy), (NodeKind::Backend, backend)] {
                let sum = self.kinds.entry(kind.as_str()).or_default();
                *sum = sum.saturating_add(n);
            }
        }
    }

    /// How many need a person.
    pub fn attention(&self) -> usize {
        ATTENTION.iter().filter_map(|w| self.words.get(word_key(*w))).sum()
    }
}

/// Counts the nodes that are here, or takes the server's counts where it has too many.
pub fn use_counts(all: Memo<Vec<NodeId>>, far: Signal<bool>, remote: Option<Remote>) -> Memo<Counts> {
    let (live, connection) = (use_live(), use_connection());
    // Counted anew now and then: following every node would count a thousand of them with each heartbeat.
    let beat = memo(move || connection.server_now().map(|now| now.millis().div_euclid(3_000)));
    memo(move || {
        beat.get();
        let mut counts = Counts::default();
        match remote.filter(|_| far.get()) {
            Some(remote) => {
                remote.last(|order| {
                    let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
                    counts.words = order.counts.iter().map(|c| (word_key(c.word), size(c.count))).collect();
                    counts.versions =
                        order.versions.iter().map(|v| (v.version.clone(), size(v.count))).collect();
                });
                counts.take_totals(live);
            }
            None => {
                for id in all.get() {
                    if let Some(row) = untrack(|| live.node(id, NodeRow::of)) {
                        counts.add(row);
                    }
                }
            }
        }
        counts
    })
}

/// The filters of a list, in their order. `of_region` leaves the one by region out.
pub fn filters(address: Address, counts: Memo<Counts>, of_region: bool) -> Vec<Filter> {
    let live = use_live();
    let (w, t) = (&words().nodes, &words().table);
    let plain = |key: &str, text: &str, count: Option<usize>| Choice {
        key: key.to_owned(),
        text: text.to_owned(),
        count,
        technical: false,
    };
    let technical =
        |key: String, count: Option<usize>| Choice { text: key.clone(), key, count, technical: true };
    let statuses = memo(move || {
        let of = |word: StatusWord| {
            let key = word_key(word);
            plain(key, word_text(word), counts.with(|c| c.words.get(key).copied()))
        };
        choices().map(of).collect::<Vec<_>>()
    });
    let regions = memo(move || {
        let ids = live.region_ids().unwrap_or_default();
        let count = |id: &str| counts.with(|c| c.regions.get(id).copied());
        ids.into_iter().map(|id| technical(id.to_string(), count(id.as_str()))).collect::<Vec<_>>()
    });
    let kinds = memo(move || {
        let of = |kind: NodeKind| {
            plain(kind.as_str(), kind_text(kind), counts.with(|c| c.kinds.get(kind.as_str()).copied()))
        };
        [NodeKind::Proxy, NodeKind::Backend].map(of).to_vec()
    });
    // What is chosen is offered too, or it could not be taken back.
    let with_chosen = move |value: Signal<String>, known: fn(&Counts) -> &BTreeMap<String, usize>| {
        memo(move || {
            let mut all: BTreeMap<String, Option<usize>> =
                counts.with(|c| known(c).iter().map(|(k, n)| (k.clone(), Some(*n))).collect());
            for key in super::node_list_query::split(&value.get()) {
                all.entry(key).or_insert(None);
            }
            all.into_iter().map(|(key, count)| technical(key, count)).collect::<Vec<_>>()
        })
    };
    let versions = with_chosen(address.version.0, |c| &c.versions);
    let labels = with_chosen(address.label.0, |c| &c.labels);
    let filter =
        |id, label, (value, choose): (Signal<String>, Callback<String>), choices: Memo<Vec<Choice>>| Filter {
            id,
            label,
            value,
            choose,
            choices: choices.into(),
        };
    let mut all = vec![filter("nodes-status", w.status, address.status, statuses)];
    if !of_region {
        all.push(filter("nodes-region", w.region, address.region, regions));
    }
    all.push(filter("nodes-kind", w.kind, address.kind, kinds));
    all.push(filter("nodes-version", w.version, address.version, versions));
    all.push(filter("nodes-label", t.label, address.label, labels));
    all
}

/// Whether the filter of status is the one for nodes that need a person, and the values that make it so.
pub fn attention(address: Address) -> (Memo<bool>, String) {
    let on = memo(move || {
        let chosen = super::node_list_query::split(&address.status.0.get());
        chosen.len() == ATTENTION.len() && ATTENTION.iter().all(|w| chosen.iter().any(|c| c == word_key(*w)))
    });
    (on, super::node_list_query::join(ATTENTION.map(word_key)))
}

/// Unticks nodes that are gone, where the page has all of them.
pub fn forget_gone(selection: super::lifecycle::bulk::Selection, all: Memo<Vec<NodeId>>, far: Signal<bool>) {
    effect(move || {
        if !far.get() {
            all.with(|known| selection.keep(known));
        }
    });
}

/// A signal that is always false: all rows are here.
pub fn here() -> Signal<bool> {
    derived(|| false)
}
