//! The form for a new region. Its id grows while country and name are typed, by the server's own function.

use common::auth::Permission;
use common::ids::RegionId;
use common::problem::FieldError;
use common::region::{CreateRegion, RegionIdError, normal_name, region_id};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::region_settings::IdHelp;
use crate::api::use_api;
use crate::components::form::{Fault, described_by, fault_of, field_text, place};
use crate::components::{
    Breadcrumb, CopyButton, CountryCombobox, Crumb, ErrorSummary, Field, FormTail, Icon, TailWords,
    TextField, words,
};
use crate::i18n::use_i18n;
use crate::near::nearest;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::announce::use_announcer;
use crate::state::gate::use_gate_everywhere;
use crate::state::live::use_live;

const COUNTRY: &str = "region-country";
const NAME: &str = "region-name";
const DISPLAY: &str = "region-display-name";
const REASON: &str = "region-new-reason";
/// JSON pointers of the request and the controls they belong to.
const FIELDS: [(&str, &str); 3] = [("/countryCode", COUNTRY), ("/name", NAME), ("/displayName", DISPLAY)];

/// The errors with their controls. What the API says about the code, the page says about the list.
fn placed(errors: &[FieldError]) -> Vec<Fault> {
    let mut errors = errors.to_vec();
    for e in errors.iter_mut().filter(|e| e.code == RegionIdError::Country.code()) {
        words().region_new.country_error.clone_into(&mut e.detail);
    }
    place(&errors, &FIELDS)
}

/// `/regions/new`
#[component]
pub fn RegionNewPage() -> impl IntoView {
    let w = &words().region_new;
    use_title(move || w.title.to_owned());
    let (api, live, i18n, announcer) = (use_api(), use_live(), use_i18n(), use_announcer());
    let navigate = use_navigate();
    let gate = use_gate_everywhere(Permission::Operate);
    let start = use_query_map().get_untracked();
    let prefilled = |key: &str| RwSignal::new(start.get(key).unwrap_or_default());

    let country = RwSignal::new(
        start
            .get("country")
            .and_then(|code| common::country::find(&code))
            .map(|c| c.code.to_owned())
            .unwrap_or_default(),
    );
    let (name, display) = (prefilled("name"), RwSignal::new(String::new()));
    let maintenance = RwSignal::new(false);
    let faults = RwSignal::new(Vec::<Fault>::new());
    let attempt = RwSignal::new(0_u32);
    let busy = RwSignal::new(false);
    let exists = RwSignal::new(None::<RegionId>);

    let id = memo(move || region_id(&country.get(), &name.get()));
    let taken = memo(move || {
        let id = id.get().ok()?;
        let known = exists.with(|e| e.as_ref() == Some(&id)) || live.region_ids()?.contains(&id);
        known.then_some(id)
    });

    let request = move || CreateRegion {
        country_code: country.get_untracked(),
        name: name.get_untracked(),
        display_name: Some(display.get_untracked().trim().to_owned()).filter(|d| !d.is_empty()),
        start_in_maintenance: maintenance.get_untracked(),
    };
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if gate.with_untracked(Option::is_some) || busy.get_untracked() {
            return;
        }
        let request = request();
        exists.set(None);
        let fail = move |found: Vec<Fault>| {
            faults.set(found);
            attempt.update(|n| *n += 1);
        };
        if let Err(errors) = request.validate() {
            return fail(placed(&errors));
        }
        if let Some(id) = taken.get_untracked() {
            return fail(vec![(NAME.to_owned(), (w.taken)(id.as_str()))]);
        }
        faults.set(Vec::new());
        busy.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let reply = api.create_region(&request).await;
            busy.try_set(false);
            match reply {
                Ok(region) => {
                    announcer.say((w.added)(region.id.as_str()));
                    navigate(&routes::region(&region.id), Default::default());
                }
                Err(e) => {
                    let mut found = e.problem().map(|p| placed(&p.errors)).unwrap_or_default();
                    if e.status() == Some(409) {
                        exists.set(request.validate().ok());
                    }
                    if found.is_empty() {
                        found.push((String::new(), format!("{}: {}", e.title(i18n.t), e.detail(i18n.t))));
                    }
                    fail(found);
                }
            }
        });
    };

    let all: Signal<Vec<Fault>> = faults.into();
    let country_error = fault_of(all, COUNTRY);
    let preview_note = move || match (id.get(), taken.get()) {
        (_, Some(id)) => view! {
            <p class="err">
                <Icon name="circle-alert" />
                <span>
                    {(w.taken)(id.as_str())} " " <a href=routes::region(&id)>{w.open_it}</a>
                </span>
            </p>
        }
        .into_any(),
        (Ok(_), None) if live.region_ids().is_some() => view! {
            <p class="good">
                <Icon name="check" />
                {w.free}
            </p>
        }
        .into_any(),
        // While somebody types, only what cannot become right by typing on is worth a word.
        (Err(e @ (RegionIdError::NameCharacters | RegionIdError::NameTooLong)), None) => view! {
            <p class="err">
                <Icon name="circle-alert" />
                {field_text(&FieldError::new(e.field(), e.code(), e.to_string()))}
            </p>
        }
        .into_any(),
        _ => view! { <p class="hint">{w.preview_hint}</p> }.into_any(),
    };
    let d = &words().dashboard;
    // Compared with the id as if the name stood for itself.
    let doubled = memo(move || {
        let (code, id) = (country.get(), id.get().ok()?);
        let own = normal_name(&name.get()).ok()?;
        own.strip_prefix(&code)?.starts_with('-').then(|| id.to_string())
    });
    let close = memo(move || {
        let id = id.get().ok()?;
        let known = live.region_ids()?;
        nearest(id.as_str(), known.iter().map(|id| id.as_str()).filter(|known| *known != id.as_str()))
            .first()
            .map(|id| RegionId::from(*id))
    });
    let close = memo(move || close.get().filter(|_| taken.with(Option::is_none)));
    view! {
        <Breadcrumb crumbs=vec![Crumb::link(routes::REGIONS, words().regions.title), Crumb::here(w.title)] />
        <ErrorSummary faults=all attempt=attempt />
        <h1 tabindex="-1">{w.title}</h1>
        <p class="mut prose">{w.intro}</p>
        <form class="form card narrow" novalidate on:submit=send>
            <Field id=COUNTRY label=w.country hint=w.country_hint error=country_error required=true>
                <CountryCombobox
                    id=COUNTRY
                    value=country
                    invalid=derived(move || country_error.with(Option::is_some))
                    described_by=described_by(COUNTRY, true, country_error)
                />
            </Field>
            <TextField
                id=NAME
                label=w.name
                hint=w.name_hint
                value=name
                error=fault_of(all, NAME)
                required=true
                technical=true
            />
            <TextField
                id=DISPLAY
                label=w.display
                hint=w.display_hint
                value=display
                error=fault_of(all, DISPLAY)
                optional=true
            />
            <div class="preview">
                <span class="preview-label" id="region-id-label">
                    {w.preview}
                </span>
                <output
                    class="preview-id"
                    id="region-id"
                    for=format!("{COUNTRY} {NAME}")
                    // Not spoken at every key; it is there to be read.
                    aria-live="off"
                    aria-labelledby="region-id-label"
                    translate="no"
                    dir="ltr"
                    data-empty=attr(move || id.with(Result::is_err).then_some(""))
                >
                    {dynamic(move || id.get().map_or_else(|_| w.preview_empty.to_owned(), |id| id.to_string()))}
                </output>
                {dynamic(move || {
                    id.with(Result::is_ok)
                        .then(|| {
                            let text = move || id.get().map(|id| id.to_string()).unwrap_or_default();
                            view! { <CopyButton text=derived(text) label=w.copy_id icon_only=true /> }
                        })
                })}
                {dynamic(preview_note)}
                {dynamic(move || {
                    doubled
                        .get()
                        .map(|id| {
                            view! {
                                <p class="hint row">
                                    <Icon name="info" />
                                    <span>
                                        {d.doubled} " " <bdi class="id" translate="no">{id}</bdi>
                                    </span>
                                </p>
                            }
                        })
                })}
                {dynamic(move || {
                    close
                        .get()
                        .map(|id| {
                            view! {
                                <p class="hint row">
                                    <Icon name="info" />
                                    <span>
                                        {d.close_to} " " <a href=routes::region(&id)><bdi class="id" translate="no">{id.to_string()}</bdi></a>
                                    </span>
                                </p>
                            }
                        })
                })}
            </div>
            <FormTail
                words=TailWords {
                    maintenance: w.maintenance,
                    maintenance_hint: w.maintenance_hint,
                    cancel: w.cancel,
                    send: w.create,
                    sending: w.creating,
                }
                id="region-maintenance"
                maintenance=maintenance
                back=routes::REGIONS
                off=gate
                reason=REASON
                busy=busy
            >
                <p class="hint">{w.fixed}</p>
                <IdHelp />
            </FormTail>
        </form>
    }
}
