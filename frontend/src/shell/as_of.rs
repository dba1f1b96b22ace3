//! “as of 14:02:11” beside live figures; the style sheet shows it only while the page is not current.

use leptos::prelude::*;

use crate::i18n::use_i18n;
use crate::reactive::dynamic;
use crate::state::connection::use_connection;

/// The time of the figures beside it.
#[component]
pub fn AsOf() -> impl IntoView {
    let (connection, i18n) = (use_connection(), use_i18n());
    let text = move || connection.as_of().map(|at| (i18n.t.as_of)(&i18n.fmt.time(at)));
    view! { <span class="asof num">{dynamic(text)}</span> }
}
