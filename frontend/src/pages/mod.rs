//! One module per page: it follows its topics, puts components together and turns what people do into calls.

pub mod activity;
pub mod activity_chain;
pub mod activity_entry;
pub mod activity_filter;
pub mod activity_list;
pub mod background;
pub mod chart_range;
pub mod charts;
pub mod conflict;
pub mod connect_check;
pub mod connect_secret;
pub mod connect_wait;
pub mod coverage;
pub mod dashboard;
pub mod diagnose;
pub mod endpoint_free;
pub mod event_words;
pub mod forbidden;
pub mod frontend_node;
pub mod help;
pub mod help_topics;
pub mod lifecycle;
pub mod liveness;
pub mod liveness_model;
pub mod load;
pub mod login;
pub mod node;
pub mod node_activity;
pub mod node_connect;
pub mod node_edit_model;
pub mod node_figures;
pub mod node_header;
pub mod node_identity;
pub mod node_labels;
pub mod node_list_bar;
pub mod node_list_cells;
pub mod node_list_columns;
pub mod node_list_export;
pub mod node_list_filters;
pub mod node_list_keys;
pub mod node_list_menu;
pub mod node_list_model;
pub mod node_list_query;
pub mod node_list_remote;
pub mod node_list_rows;
pub mod node_list_toolbar;
pub mod node_list_window;
pub mod node_metrics;
pub mod node_missing;
pub mod node_new;
pub mod node_order;
pub mod node_rotate;
pub mod node_row;
pub mod node_secret;
pub mod node_settings;
pub mod node_table;
pub mod node_tabs;
pub mod nodes;
pub mod not_found;
pub mod own_secret;
pub mod past;
pub mod people;
pub mod problem;
pub mod query;
pub mod region;
pub mod region_activity;
pub mod region_new;
pub mod region_next;
pub mod region_nodes;
pub mod region_settings;
pub mod region_storage;
pub mod region_storage_ask;
pub mod region_storage_fields;
pub mod region_storage_form;
pub mod region_storage_health;
pub mod region_storage_model;
pub mod region_storage_test;
pub mod region_strip;
pub mod region_tabs;
pub mod regions;
pub mod regions_menu;
pub mod regions_model;
pub mod regions_table;
pub mod settings;
pub mod settings_about;
pub mod settings_appearance;
pub mod settings_tabs;
pub mod sparks;
#[cfg(test)]
mod test_events;
pub mod timeline;
pub mod tokens;
pub mod unregistered;
pub mod version_skew;
pub mod webhooks;

use common::ids::NodeId;
use common::node::CreatedNode;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::reactive::memo;
use crate::routes;

/// Follows the id in the page's address, as it stands there; empty on a page without one.
pub fn use_id_in_path() -> Memo<String> {
    let path = use_location().pathname;
    memo(move || path.with(|path| routes::find(path).1.to_owned()))
}

/// A new node's secret on its way from the form to the page that shows it once. Memory only, never in an address.
#[derive(Clone, Copy)]
pub struct Handover(StoredValue<Option<CreatedNode>>);

/// The secret under way.
pub fn use_handover() -> Handover {
    expect_context()
}

impl Default for Handover {
    fn default() -> Self {
        Self(StoredValue::new(None))
    }
}

impl Handover {
    /// Keeps a reply until the next page takes it.
    pub fn put(self, created: CreatedNode) {
        self.0.set_value(Some(created));
    }

    /// Hands the reply over if it is about this node, and keeps nothing.
    pub fn take(self, id: NodeId) -> Option<CreatedNode> {
        self.0.try_update_value(Option::take).flatten().filter(|created| created.node.id() == id)
    }
}
