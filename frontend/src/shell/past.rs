//! A moment that is over: the line above the page, the way back, and the form that asks for one.

use common::meta::Meta;
use common::time::Timestamp;
use js_sys::Date;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};

use crate::api::use_api;
use crate::components::{Icon, format, words};
use crate::i18n::use_i18n;
use crate::ids;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::state::connection::use_connection;
use crate::state::past::{Asked, KEY, can_show, use_moment};
use crate::state::prefs::{self, Zone};

/// Steps from one moment to another, in milliseconds.
const STEPS: [u64; 2] = [15 * 60_000, 60_000];
/// A day, in milliseconds.
const DAY_MS: u64 = 24 * 3_600_000;
/// Ids of the form's parts.
const FIELD: &str = "past-at";
const ERROR: &str = "past-at-error";

/// The address of this page with another moment, or with none.
fn here_at() -> impl Fn(Option<Timestamp>) -> String + Copy + Send + Sync {
    let (query, path) = (use_query_map(), use_location().pathname);
    move |at| {
        let mut query = query.get();
        query.remove(KEY);
        if let Some(at) = at {
            query.insert(KEY, at.to_string());
        }
        format!("{}{}", path.get(), query.to_query_string())
    }
}

/// Says which moment the page shows, or that it shows none; nothing where now is asked for.
#[component]
pub fn PastBanner() -> impl IntoView {
    let (i18n, past) = (use_i18n(), use_moment());
    let here = here_at();
    let said = memo(move || {
        let w = &words().past;
        let at = |at: Timestamp| i18n.fmt.whole(at);
        match (past.asked.get(), past.shown.get()) {
            (Asked::Now, _) => None,
            (Asked::Moment(moment), Some(_)) => Some((w.showing)(&at(moment))),
            (Asked::Moment(moment), None) => Some((w.cannot)(&at(moment))),
            (Asked::Future(moment), _) => Some((w.future)(&at(moment))),
            (Asked::Unreadable, _) => Some(w.unreadable.to_owned()),
        }
    });
    dynamic(move || {
        let w = &words().past;
        let said = said.get()?;
        let shown = past.shown.get();
        let step = move |at: Timestamp, icon: &'static str, name: String| {
            let href = here(Some(at));
            view! {
                <a class="btn small ic" href=href aria-label=name.clone() title=name>
                    <Icon name=icon class="flip" />
                </a>
            }
        };
        let steps = shown.map(|at| {
            let by = |ms| format::duration(ms);
            let [far, near] = STEPS;
            view! {
                <span class="past-steps">
                    {step(at.before(far), "chevron-left", (w.earlier)(&by(far)))}
                    {step(at.before(near), "minus", (w.earlier)(&by(near)))}
                    {step(at.later(near), "plus", (w.later)(&by(near)))}
                    {step(at.later(far), "chevron-right", (w.later)(&by(far)))}
                </span>
            }
        });
        Some(view! {
            <div class=if shown.is_some() { "banner past" } else { "banner info" } data-past="">
                <Icon name="history" />
                <div class="gr">
                    <b>{said}</b>
                    " "
                    {shown.map(|_| w.read_only)}
                </div>
                {steps}
                <a class="btn small" href=attr(move || here(None))>
                    <Icon name="undo-2" />
                    {w.back}
                </a>
            </div>
        })
    })
}

/// A time as the browser's field writes it, in the zone of the page.
fn local(at: Timestamp) -> String {
    let shift = match prefs::zone() {
        Zone::Utc => 0.0,
        _ => Date::new(&at.to_string().into()).get_timezone_offset(),
    };
    let millis = Date::new(&at.to_string().into()).get_time() - shift * 60_000.0;
    let text = Date::new(&millis.into()).to_iso_string().as_string().unwrap_or_default();
    text.chars().take(16).collect()
}

/// The time that the browser's field says, in the zone of the page.
fn instant(local: &str) -> Option<Timestamp> {
    let text = if prefs::zone() == Zone::Utc { format!("{local}Z") } else { local.to_owned() };
    let date = Date::new(&text.into());
    // An empty field is no time.
    if date.get_time().is_nan() {
        return None;
    }
    date.to_iso_string().as_string()?.parse().ok()
}

/// Asks for a moment; a page that cannot show one leads to the dashboard.
#[component]
pub fn MomentForm() -> impl IntoView {
    let w = &words().past;
    let (api, i18n, connection, path) = (use_api(), use_i18n(), use_connection(), use_location().pathname);
    let navigate = use_navigate();
    let typed = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let meta = RwSignal::new(None::<Meta>);
    let oldest = derived(move || {
        let days = meta.with(|m| m.as_ref().map(|m| m.retention.figures_days))?;
        Some(connection.server_clock()?.before(days.saturating_mul(DAY_MS)))
    });
    let asked = StoredValue::new(false);
    // How far back there is something is asked for when somebody wants to know.
    let look = move |_: ev::FocusEvent| {
        if !asked.try_update_value(|asked| std::mem::replace(asked, true)).unwrap_or(true) {
            spawn_local(async move {
                // Without it the page itself says what it does not have.
                if let Ok(found) = api.meta().await {
                    meta.try_set(Some(found));
                }
            });
        }
    };
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (at, now, oldest) = untrack(|| (instant(&typed.get()), connection.server_clock(), oldest.get()));
        let wrong = match at {
            None => Some(w.no_time.to_owned()),
            Some(at) if now.is_some_and(|now| at > now) => Some(w.not_yet.to_owned()),
            Some(at) => {
                oldest.filter(|oldest| at < *oldest).map(|oldest| (w.kept_since)(&i18n.fmt.whole(oldest)))
            }
        };
        let fine = wrong.is_none();
        error.set(wrong);
        let Some(at) = at.filter(|_| fine) else {
            super::focus(&format!("#{FIELD}"));
            return;
        };
        let here = path.get_untracked();
        let target = if can_show(routes::find(&here).0) { here.as_str() } else { routes::DASHBOARD };
        super::close_popover(ids::FRESHNESS_MENU);
        navigate(&routes::at(target, at), NavigateOptions::default());
    };
    view! {
        <form class="past-form" on:submit=send novalidate>
            <span class="sm mut" id="past-form">{w.form}</span>
            <div class="toolbar" role="group" aria-labelledby="past-form">
                <label class="vh" for=FIELD>
                    {w.field}
                </label>
                <input
                    class="inp"
                    id=FIELD
                    type="datetime-local"
                    dir="ltr"
                    min=attr(move || oldest.get().map(local))
                    max=attr(move || {
                        meta.track();
                        connection.server_clock().map(local)
                    })
                    aria-invalid=attr(move || error.with(Option::is_some).then_some("true"))
                    aria-describedby=attr(move || error.with(Option::is_some).then_some(ERROR))
                    prop:value=typed
                    on:focusin=look
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        error.set(None);
                    }
                />
                <button type="submit" class="btn small">
                    <Icon name="history" />
                    {w.show}
                </button>
            </div>
            {dynamic(move || {
                error.get().map(|text| view! { <p class="sm bad-text" id=ERROR role="alert">{text}</p> })
            })}
        </form>
    }
}
