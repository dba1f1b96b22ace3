//! A region's settings: what can be changed of its registration.

use common::auth::Permission;
use common::edit::EditRegion;
use common::ids::RegionId;
use common::region::Region;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::conflict::{Clash, Conflict, ConflictDialog, guard_leaving};
use super::region_tabs::{RegionFrame, RegionTab};
use crate::api::{Object, use_api};
use crate::components::form::{Fault, fault_of, place};
use crate::components::{CopyButton, EditTail, ErrorSummary, Note, TextField, country_name, words};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::gate::use_gate_in;

const DISPLAY: &str = "region-edit-display-name";
const REASON: &str = "region-edit-reason";
const FIELDS: [(&str, &str); 1] = [("/displayName", DISPLAY)];

/// `/regions/:region/settings`
#[component]
pub fn RegionSettingsPage() -> impl IntoView {
    view! {
        <RegionFrame
            tab=RegionTab::Settings
            content=|id, region| view! { <Registration id=id region=region /> }.into_any()
        />
    }
}

#[component]
fn Registration(id: RegionId, region: Memo<Option<Region>>) -> impl IntoView {
    let (w, n) = (&words().edit, &words().region_new);
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let gate = use_gate_in(Permission::Operate, Signal::stored(Some(id.clone())));
    let key = StoredValue::new(id.clone());
    let display = RwSignal::new(String::new());
    // What the form began with, and of which version.
    let base = RwSignal::new((String::new(), 0_i64));
    let theirs = RwSignal::new(None::<Region>);
    let (faults, attempt, busy) =
        (RwSignal::new(Vec::<Fault>::new()), RwSignal::new(0_u32), RwSignal::new(false));
    let conflict = RwSignal::new(None::<Conflict>);
    let dirty = memo(move || base.with(|(base, _)| display.with(|d| d.trim() != base)));
    let fill = move |region: &Region| {
        let name = region.display_name.clone().unwrap_or_default();
        display.set(name.clone());
        faults.set(Vec::new());
        base.set((name, region.version));
    };
    let version = memo(move || region.with(|r| r.as_ref().map_or(0, |r| r.version)));
    effect(move || {
        if version.get() != base.with_untracked(|(_, v)| *v) && !dirty.get_untracked() {
            region.with_untracked(|r| r.as_ref().map(fill));
        }
    });
    let overtaken = memo(move || dirty.get() && version.get() > base.with(|(_, v)| *v));
    guard_leaving(derived(move || !dirty.get()), words().conflict.leave);

    let fail = move |found: Vec<Fault>| {
        faults.set(found);
        attempt.update(|n| *n += 1);
    };
    let send = move |version: i64| {
        let name = display.with_untracked(|d| d.trim().to_owned());
        let edit = EditRegion {
            display_name: Some(Some(name.clone()).filter(|n| !n.is_empty())),
            ..EditRegion::default()
        };
        if let Err(errors) = edit.validate() {
            return fail(place(&errors, &FIELDS));
        }
        faults.set(Vec::new());
        busy.set(true);
        spawn_local(async move {
            let reply = api.edit_region(&key.get_value(), &edit, version).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(region) => {
                    fill(&region);
                    announcer.say(w.saved);
                }
                Err(e) => match e.current::<Region>() {
                    Some(now) => {
                        let other = now.display_name.clone().unwrap_or_default();
                        let clash = Clash { field: n.display, theirs: other.clone(), yours: name.clone() };
                        let clashes = if other == name { Vec::new() } else { vec![clash] };
                        conflict.set(Some(Conflict { clashes, by: None }));
                        theirs.set(Some(now));
                    }
                    None => {
                        let mut found = e.problem().map(|p| place(&p.errors, &FIELDS)).unwrap_or_default();
                        if found.is_empty() {
                            found.push((String::new(), format!("{}: {}", e.title(i18n.t), e.detail(i18n.t))));
                        }
                        fail(found);
                    }
                },
            }
        });
    };
    let off = memo(move || gate.get().or_else(|| (!dirty.get()).then(|| w.nothing_changed.to_owned())));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if off.with_untracked(Option::is_none) && !busy.get_untracked() {
            send(base.with_untracked(|(_, version)| *version));
        }
    };
    let take = Callback::new(move |()| {
        theirs.with_untracked(|r| r.as_ref().map(fill));
    });
    let overwrite = Callback::new(move |()| {
        if let Some(version) = theirs.with_untracked(|r| r.as_ref().map(|r| r.version)) {
            send(version);
        }
    });
    let all = Signal::from(faults);
    let country = memo(move || region.with(|r| r.as_ref().map(|r| country_name(&r.country_code))));
    view! {
        <section class="card stack narrow" aria-labelledby="region-edit-title">
            <header>
                <h2 id="region-edit-title">{w.identity}</h2>
            </header>
            <ErrorSummary faults=all attempt=attempt />
            {dynamic(move || {
                overtaken.get().then(|| view! { <Note tone="warn" icon="triangle-alert">{w.overtaken}</Note> })
            })}
            <dl class="kv">
                <dt>{words().node.region}</dt>
                <dd class="row">
                    <bdi class="id" translate="no">
                        {id.to_string()}
                    </bdi>
                    <span class="mut">{w.fixed}</span>
                    <CopyButton text=id.to_string() label=n.copy_id icon_only=true />
                </dd>
                <dt>{w.country}</dt>
                <dd>{country}</dd>
            </dl>
            <IdHelp />
            <form class="form" novalidate on:submit=submit>
                <TextField
                    id=DISPLAY
                    label=n.display
                    hint=n.display_hint
                    value=display
                    error=fault_of(all, DISPLAY)
                    optional=true
                />
                <EditTail
                    dirty=dirty
                    discard=Callback::new(move |()| {
                        region.with_untracked(|r| r.as_ref().map(fill));
                    })
                    off=off
                    reason=REASON
                    busy=busy
                />
            </form>
            <ConflictDialog conflict=conflict take=take overwrite=overwrite of=Some(Object::Region(id)) />
        </section>
    }
}

/// What the Region ID is for, and how appsettings.json names it.
#[component]
pub fn IdHelp() -> impl IntoView {
    let w = &words().edit;
    view! {
        <details class="more">
            <summary>{w.id_help}</summary>
            <div class="prose">
                <p>{w.id_help_text}</p>
                <p>{w.id_help_file}</p>
            </div>
        </details>
    }
}
