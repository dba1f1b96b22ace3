//! The line above every page while the whole platform is in maintenance.

use common::status::{Intent, IntentState};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::{Icon, words};
use crate::i18n::use_i18n;
use crate::reactive::{dynamic, memo};
use crate::routes;
use crate::state::live::use_live;

/// What the platform is meant to do, where that is not its work.
pub fn use_platform() -> Memo<Option<Intent>> {
    let live = use_live();
    memo(move || {
        live.overview(|o| Some(o.platform.intent.clone()).filter(|i| i.state != IntentState::Active))
            .flatten()
    })
}

/// The banner, or nothing.
#[component]
pub fn Platform() -> impl IntoView {
    let w = &words().platform;
    let (i18n, path, intent) = (use_i18n(), use_location().pathname, use_platform());
    let here = memo(move || path.with(|p| p == routes::MAINTENANCE));
    dynamic(move || {
        let intent = intent.get()?;
        let since = intent.at.map(|at| (w.banner_since)(&i18n.fmt.date_time(at), intent.by.as_deref()));
        Some(view! {
            <div class="banner maint">
                <Icon name="wrench" />
                <div class="gr">
                    <b>{w.banner}</b>
                    " "
                    {since}
                </div>
                {(!here.get()).then(|| view! { <a href=routes::MAINTENANCE>{w.banner_link}</a> })}
            </div>
        })
    })
}
