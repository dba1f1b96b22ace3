//! A region's S3 storage: the settings with their test, and whether they work.

use std::time::Duration;

use common::auth::Permission;
use common::ids::RegionId;
use common::region::Region;
use leptos::prelude::*;

use super::conflict::guard_leaving;
use super::load::every;
use super::region_storage_fields::Settings;
use super::region_storage_form::Form;
use super::region_storage_health::{Health, HealthBadge};
use super::region_tabs::{RegionFrame, RegionTab};
use crate::components::{Empty, ErrorPanel, Note, Skeleton, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::state::session::use_session;

/// How often the server is asked while the page is open: what nodes find comes with their heartbeats.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// `/regions/:region/storage`
#[component]
pub fn RegionStoragePage() -> impl IntoView {
    view! {
        <RegionFrame
            tab=RegionTab::Storage
            content=|id, region| view! { <Storage id=id region=region /> }.into_any()
        />
    }
}

#[component]
fn Storage(id: RegionId, region: Memo<Option<Region>>) -> impl IntoView {
    let w = &words().storage;
    let (i18n, session) = (use_i18n(), use_session());
    let form = Form::new(id.clone());
    // A change that the stream tells of, somebody else's too, and every now and then what checks found.
    let told = memo(move || region.with(|r| r.as_ref().map(|r| r.storage.clone())));
    effect(move || {
        // Read and not only tracked: a memo that nobody has read follows nothing.
        told.with(|_| ());
        form.load();
    });
    every(LOOK_EVERY, move || form.load());
    let dirty = form.dirty();
    guard_leaving(derived(move || !dirty.get()), words().conflict.leave);

    let may = memo(move || session.user(|u| Permission::Operate.granted_to(u.role)).unwrap_or(false));
    let (configured, configuring) = (form.configured(), RwSignal::new(false));
    let known = memo(move || form.loaded.with(Option::is_some));
    let set = memo(move || configured.get());
    let failed = memo(move || form.failed.get().filter(|_| !known.get()));
    let changed = memo(move || {
        let settings = form.loaded.with(|l| l.as_ref().and_then(|l| l.settings.clone()));
        settings.map(|s| (w.changed)(&i18n.fmt.date_time(s.updated_at), &s.updated_by))
    });
    let health = derived(move || form.loaded.with(|l| l.as_ref().map(|l| l.health.clone())));
    view! {
        <details class="more">
            <summary>{w.why}</summary>
            <div class="prose">
                <p>{w.why_text}</p>
                <p>{w.why_more}</p>
            </div>
        </details>
        {dynamic(move || {
            let id = id.clone();
            if let Some(e) = failed.get() {
                return view! {
                    <ErrorPanel
                        title=w.not_loaded
                        detail=e.detail(i18n.t)
                        request_id=e.request_id()
                        on_retry=Callback::new(move |()| form.load())
                    />
                }
                    .into_any();
            }
            if !known.get() {
                return view! {
                    <div aria-busy="true">
                        <Skeleton shape="sk-card" count=2 />
                    </div>
                }
                    .into_any();
            }
            if !set.get() && !configuring.get() {
                return view! {
                    <Empty icon="database" title=w.none_title text=w.none_text>
                        {dynamic(move || {
                            may.get()
                                .then(|| {
                                    view! {
                                        <button type="button" class="btn pri" on:click=move |_| configuring.set(true)>
                                            {w.configure}
                                        </button>
                                    }
                                })
                        })}
                    </Empty>
                }
                    .into_any();
            }
            view! {
                <section class="card stack" aria-labelledby="storage-settings">
                    <header>
                        <h2 id="storage-settings">{w.settings}</h2>
                        <span class="sp"></span>
                        {dynamic(move || set.get().then(|| view! { <HealthBadge health=health /> }))}
                    </header>
                    {dynamic(move || changed.get().map(|text| view! { <p class="sm mut">{text}</p> }))}
                    {dynamic(move || {
                        if may.get() {
                            view! { <Settings form=form region=id.clone() configuring=configuring /> }.into_any()
                        } else {
                            view! { <EndpointOnly form=form /> }.into_any()
                        }
                    })}
                </section>
                {dynamic(move || set.get().then(|| view! { <Health storage=form.loaded /> }))}
            }
                .into_any()
        })}
    }
}

/// What those see who may not change it.
#[component]
fn EndpointOnly(form: Form) -> impl IntoView {
    let w = &words().storage;
    view! {
        <dl class="kv">
            <dt>{w.endpoint}</dt>
            <dd>
                <bdi class="id" translate="no">
                    {form.endpoint}
                </bdi>
            </dd>
        </dl>
        <Note icon="lock">{w.viewer}</Note>
    }
}
