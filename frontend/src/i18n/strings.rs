//! The shape of the table of sentences. Names follow the part of the console they belong to.

use common::auth::Role;
use common::node::NodeKind;
use common::overview::CollectingReason;

use super::en_pages::PageStrings;
use crate::pages::dashboard::causes::Cause;
use crate::state::prefs::{Digits, Theme};

/// What stands behind figures.
pub struct Units {
    /// Whether the language has digits of its own beside the Latin ones.
    pub own_digits: bool,
    /// A second.
    pub second: &'static str,
    /// A minute.
    pub minute: &'static str,
    /// An hour.
    pub hour: &'static str,
    /// A day.
    pub day: &'static str,
    /// A million.
    pub million: &'static str,
    /// A thousand millions.
    pub billion: &'static str,
    /// After a percentage, with the space before it.
    pub percent: &'static str,
    /// More than nothing and less than this.
    pub below: fn(&str) -> String,
    /// A figure and a unit with one name everywhere (`MiB`), so written that they stay together.
    pub technical: fn(&str, &str) -> String,
    /// Before a sign, so that it stays before its figure.
    pub before_sign: &'static str,
}

/// Every sentence of the frame, sign-in, dashboard and help; components and other pages have [`PageStrings`].
pub struct Strings {
    /// BCP 47 tag for the browser's formats, with these digits.
    pub locale: fn(Digits) -> &'static str,
    /// Units of figures.
    pub units: Units,
    /// Of components and the pages of regions and nodes.
    pub pages: &'static PageStrings,

    // The frame.
    /// Document title of how many broken things, and the page.
    pub document_title: fn(usize, &str) -> String,
    /// The title while a form has something to correct.
    pub title_with_fault: fn(&str) -> String,
    /// The second half of the product's name.
    pub brand: &'static str,
    pub brand_label: &'static str,
    pub skip_to_content: &'static str,
    pub loading: &'static str,
    pub nav_label: &'static str,
    pub nav_title: &'static str,
    pub nav_open: &'static str,
    pub nav_group: &'static str,
    pub nav_dashboard: &'static str,
    pub nav_regions: &'static str,
    pub nav_nodes: &'static str,
    pub nav_help: &'static str,
    pub language: &'static str,
    pub theme: &'static str,
    pub theme_name: fn(Theme) -> &'static str,
    pub account: &'static str,
    pub account_role: fn(&str) -> String,
    pub role: fn(Role) -> &'static str,
    pub sign_out: &'static str,
    pub sign_out_failed: fn(&str) -> String,
    pub reload: &'static str,

    // Errors of calls.
    pub error_unreachable_title: &'static str,
    pub error_unreachable: &'static str,
    pub part_missing_title: &'static str,
    pub part_missing: &'static str,
    pub error_garbled_title: &'static str,
    /// Of the HTTP status.
    pub error_garbled: fn(u16) -> String,

    // How far the page can be believed.
    pub as_of: fn(&str) -> String,
    pub fresh_label: &'static str,
    pub fresh_hint: &'static str,
    pub fresh_connecting: &'static str,
    pub fresh_live: &'static str,
    /// Of the age in seconds.
    pub fresh_delayed: fn(u64) -> String,
    pub fresh_disconnected: &'static str,
    pub fresh_connecting_means: &'static str,
    pub fresh_live_means: &'static str,
    pub fresh_delayed_means: &'static str,
    pub fresh_disconnected_means: &'static str,
    pub fresh_figures_from: &'static str,
    pub fresh_failed_attempts: &'static str,
    pub fresh_reconnect: &'static str,
    pub retry_now: &'static str,
    pub banner_never_connected: &'static str,
    pub banner_disconnected_since: fn(&str) -> String,
    pub banner_disconnected: fn(&str) -> String,
    pub banner_delayed_age: fn(&str) -> String,
    /// Of failed attempts, and seconds until the next one.
    pub banner_delayed: fn(u32, Option<u64>) -> String,
    /// Of the reason and how long ago.
    pub collecting_reason: fn(CollectingReason, Option<&str>) -> String,
    /// Of confirmed and expected nodes.
    pub collecting: fn(u32, u32) -> String,
    pub banner_new_version: &'static str,
    pub say_live_again: &'static str,
    pub say_delayed: &'static str,
    pub say_disconnected: fn(Option<&str>) -> String,
    pub say_all_clear: &'static str,

    // Why a control is off.
    /// Of the time of the figures.
    pub gate_disconnected: fn(Option<&str>) -> String,
    pub gate_connecting: &'static str,
    /// Of the role that is needed.
    pub gate_role: fn(&str) -> String,

    // Problems.
    pub problem_none_online: fn(NodeKind, Option<&str>) -> String,
    /// Of the kind, how many are registered, and how long ago the last one beat.
    pub problem_none_online_detail: fn(NodeKind, u32, Option<&str>) -> String,
    pub problem_node_offline: fn(&str, Option<&str>) -> String,
    pub problem_node_stale: fn(&str, Option<&str>) -> String,
    pub problem_never_seen: fn(&str) -> String,
    /// Of how long ago it was added, and the region.
    pub problem_never_seen_detail: fn(Option<&str>, Option<&str>) -> String,
    pub problem_refused: fn(u32) -> String,
    pub refused_badge: &'static str,
    pub last_heartbeat: fn(Option<&str>) -> String,
    /// Of the reason, the source, how often, and how long ago.
    pub rejection: fn(&str, &str, u64, Option<&str>) -> String,
    /// The code of a refusal in words.
    pub rejection_reason: fn(&str) -> String,

    // Sign-in.
    pub login_title: &'static str,
    pub login_email: &'static str,
    pub login_password: &'static str,
    pub login_show: &'static str,
    pub login_submit: &'static str,
    pub login_busy: &'static str,
    pub login_help: &'static str,
    pub login_api: &'static str,
    pub login_expired: &'static str,
    /// The same, where the time is known.
    pub login_expired_at: fn(&str) -> String,
    pub login_signed_out: &'static str,
    pub login_plain_http: &'static str,
    pub login_caps_lock: &'static str,
    pub login_need_email: &'static str,
    pub login_need_password: &'static str,
    pub login_wrong: &'static str,
    /// Of seconds to wait.
    pub login_locked: fn(u64) -> String,
    pub login_unreachable: &'static str,

    // Dashboard.
    pub dash_data_from: fn(&str) -> String,
    pub dash_problems: fn(usize) -> String,
    /// Of the number of nodes.
    pub dash_all_clear: fn(u64) -> String,
    pub dash_no_nodes: &'static str,
    /// Of reporting and expected nodes.
    pub dash_partial: fn(u32, u32) -> String,
    pub key_figures: &'static str,
    pub kpi_conversations: &'static str,
    pub kpi_phone: &'static str,
    pub kpi_web: &'static str,
    pub kpi_outbound: &'static str,
    pub kpi_processing: &'static str,
    pub kpi_pending: &'static str,
    pub kpi_oldest: fn(&str) -> String,
    pub kpi_backend: &'static str,
    pub kpi_proxy: &'static str,
    pub kpi_accepting: &'static str,
    /// What a bar of statuses is about.
    pub kpi_bar: fn(NodeKind) -> &'static str,
    /// Of slots used and in all, and the share.
    pub kpi_slots: fn(&str, &str, Option<&str>) -> String,
    pub kpi_disabled: fn(u32) -> String,
    pub kpi_none_registered: fn(NodeKind) -> &'static str,
    pub kpi_coverage: fn(NodeKind, u32, u32) -> String,
    /// Of last known figures.
    pub kpi_last_known_conversations: fn(&str, &str) -> String,
    pub kpi_last_known_outbound: fn(&str, &str) -> String,
    /// Of how many registered.
    pub how_to_fix: fn(u32) -> String,
    pub how_to_fix_in: fn(u32, &str) -> String,
    pub attention: &'static str,
    pub open: &'static str,
    pub show_refusals: &'static str,
    pub regions: &'static str,
    pub add_region: &'static str,
    pub add_backend: &'static str,
    pub add_proxy: &'static str,
    pub setup_title: &'static str,
    pub setup_intro: &'static str,
    pub setup_region: &'static str,
    pub setup_region_why: &'static str,
    pub setup_node: fn(NodeKind) -> &'static str,
    pub setup_node_why: fn(NodeKind) -> &'static str,
    pub setup_done: &'static str,
    pub setup_to_do: &'static str,

    // Why 0/N.
    pub zero_title: fn(u32) -> String,
    /// Of the kind and how many.
    pub zero_lead: fn(NodeKind, u32) -> String,
    pub zero_loopback: &'static str,
    pub zero_causes: &'static str,
    pub zero_likely: &'static str,
    pub cause_title: fn(Cause) -> &'static str,
    pub cause_text: fn(Cause) -> &'static str,
    pub zero_nodes: fn(NodeKind) -> &'static str,
    pub refusals_title: &'static str,
    pub refusals_lead: &'static str,
    pub refusals_none: &'static str,

    // Help.
    pub help_title: &'static str,
    pub help_sub: &'static str,
    pub help_zero_title: &'static str,
    pub help_zero: &'static [&'static str],
    pub help_words_title: &'static str,
    pub help_words: &'static [(common::status::StatusWord, &'static str)],
    /// Of seconds until stale, until offline, and between heartbeats.
    pub help_timers: fn(&str, &str, &str) -> String,
    pub help_fresh_title: &'static str,
    pub help_fresh: &'static str,
    pub help_figures_title: &'static str,
    pub help_figures: &'static [(&'static str, &'static str)],
    pub help_more_title: &'static str,
    pub help_api_docs: &'static str,
    pub help_version: fn(&str) -> String,

    // Not found.
    pub not_found_title: &'static str,
    pub not_found: &'static str,
    pub not_found_home: &'static str,
}
