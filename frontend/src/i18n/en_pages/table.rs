//! English sentences of long lists of nodes.

use crate::i18n::plural::{en, num};

/// A list of nodes: its columns, its order, its menus.
pub struct TableWords {
    /// Column.
    pub endpoint: &'static str,
    /// Column, in a file.
    pub name: &'static str,
    /// Column.
    pub network: &'static str,
    /// Column.
    pub sip: &'static str,
    /// Column.
    pub uptime: &'static str,
    /// Column.
    pub since: &'static str,
    /// Column.
    pub reason: &'static str,
    /// Column.
    pub id: &'static str,
    /// Column.
    pub labels: &'static str,
    /// Column, in a file.
    pub limit: &'static str,
    /// Column, in a file.
    pub received: &'static str,
    /// Column, in a file.
    pub sent: &'static str,
    /// Column, in a file.
    pub started: &'static str,
    /// Name of the column of menus.
    pub actions: &'static str,
    /// Name of a row's menu.
    pub actions_of: fn(&str) -> String,
    /// Filter.
    pub label: &'static str,
    /// Name of the chips.
    pub filters: &'static str,
    /// A chip.
    pub remove_filter: fn(&str) -> String,
    /// The chip of the typed filter.
    pub text_chip: fn(&str) -> String,
    /// Values of the address that mean nothing.
    pub ignored: fn(&str) -> String,
    /// The order stands still: how long, and how many rows would move.
    pub order_age: fn(&str, usize) -> String,
    /// Rows that would be there too.
    pub new_rows: fn(usize) -> String,
    /// Said after it.
    pub resorted: &'static str,
    /// Said after a heading was pressed; the second value is the direction.
    pub sorted: fn(&str, bool) -> String,
    /// In a row that would not be there any more.
    pub gone: &'static str,
    /// Menu.
    pub columns: &'static str,
    /// Its field.
    pub sort_by: &'static str,
    /// Switch of the density.
    pub compact: &'static str,
    /// Menu of the list.
    pub more: &'static str,
    /// Item.
    pub copy_view: &'static str,
    /// Item.
    pub export: &'static str,
    /// Why it is off.
    pub export_busy: &'static str,
    /// It takes a while.
    pub exporting: fn(usize) -> String,
    /// Result.
    pub exported: fn(usize) -> String,
    /// Result.
    pub not_exported: &'static str,
    /// Item.
    pub print: &'static str,
    /// Item.
    pub open: &'static str,
    /// Item.
    pub diagnose: &'static str,
    /// Item.
    pub copy_id: &'static str,
    /// Item.
    pub copy_endpoint: &'static str,
    /// Item.
    pub copy_link: &'static str,
    /// Result.
    pub not_copied: &'static str,
    /// Item.
    pub rotate: &'static str,
    /// Why it is off.
    pub delete_off: &'static str,
    /// Name of a menu of regions.
    pub region_for: fn(&str) -> String,
    /// In the bar of ticked rows.
    pub select_matching: fn(usize) -> String,
    /// Why nothing can be done with them.
    pub too_many: fn(usize) -> String,
}

/// A list of nodes.
pub(crate) const TABLE: TableWords = TableWords {
    endpoint: "Endpoint",
    name: "Name",
    network: "Network ↓ / ↑",
    sip: "SIP",
    uptime: "Uptime",
    since: "In this status for",
    reason: "Reason",
    id: "Node ID",
    labels: "Labels",
    limit: "Limit or waiting",
    received: "Received Mb/s",
    sent: "Sent Mb/s",
    started: "Started",
    actions: "Actions",
    actions_of: |name| format!("Actions of {name}"),
    label: "Label",
    filters: "Filters",
    remove_filter: |filter| format!("Remove filter {filter}"),
    text_chip: |text| format!("Text: {text}"),
    ignored: |values| format!("Not known in this address, and ignored: {values}"),
    order_age: |age, rows| format!("Order is {age} old · Re-sort ({})", num(rows)),
    new_rows: |n| en(n, ["# new node", "# new nodes"]),
    resorted: "Sorted again.",
    sorted: |column, descending| {
        if descending {
            format!("Sorted by {column}, descending.")
        } else {
            format!("Sorted by {column}, ascending.")
        }
    },
    gone: "no longer matches",
    columns: "Columns",
    sort_by: "Sort by",
    compact: "Compact rows",
    more: "More actions for this list",
    copy_view: "Copy link to this view",
    export: "Export CSV",
    export_busy: "The nodes are being fetched.",
    exporting: |n| en(n, ["Fetching # node for the file.", "Fetching # nodes for the file, page by page."]),
    exported: |n| en(n, ["Exported # node", "Exported # nodes"]),
    not_exported: "The browser did not take the file.",
    print: "Print",
    open: "Open",
    diagnose: "Diagnose",
    copy_id: "Copy ID",
    copy_endpoint: "Copy endpoint",
    copy_link: "Copy link",
    not_copied: "The browser does not let this page copy.",
    rotate: "Rotate secret…",
    delete_off: "A node can be deleted when it is disabled and silent.",
    region_for: |action| format!("{action}: choose a region"),
    select_matching: |n| en(n, ["Select the # matching", "Select all # matching"]),
    too_many: |n| {
        en(n, ["At most # node can be changed at once.", "At most # nodes can be changed at once."])
    },
};
