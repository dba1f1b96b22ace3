//! The fields of a webhook, for a new one and for one that is changed.

use common::webhooks::{NAME_MAX, PutWebhook, WebhookEvent};
use leptos::prelude::*;

use super::model::{PROBLEMS, Typed, event_text, is_plain, lifecycle};
use crate::components::form::{Fault, fault_of};
use crate::components::{Note, TextField};
use crate::i18n::{people, webhooks};
use crate::pages::people::fields::{RegionsField, Scope};
use crate::reactive::{attr, dynamic, memo};

const NAME: &str = "webhook-name";
const URL: &str = "webhook-url";
const EVENTS: &str = "webhook-events";
const REGIONS: &str = "webhook-regions";
/// JSON pointers of the request and the controls they belong to.
pub const FIELDS: [(&str, &str); 4] =
    [("/name", NAME), ("/url", URL), ("/events", EVENTS), ("/regionIds", REGIONS)];

/// What is typed; copy it freely.
#[derive(Clone, Copy)]
pub struct Fields {
    name: RwSignal<String>,
    url: RwSignal<String>,
    events: RwSignal<Vec<WebhookEvent>>,
    scope: Scope,
}

impl Fields {
    /// What a new webhook begins with: it tells of problems, of all regions.
    pub fn fresh() -> Self {
        let fields = Self {
            name: RwSignal::new(String::new()),
            url: RwSignal::new(String::new()),
            events: RwSignal::new(Vec::new()),
            scope: Scope::of(None),
        };
        fields.fill(&Typed { events: PROBLEMS.to_vec(), ..Typed::default() });
        fields
    }

    /// Follows what is typed.
    pub fn typed(self) -> Typed {
        Typed {
            name: self.name.get(),
            url: self.url.get(),
            events: self.events.get(),
            regions: self.scope.value(),
        }
    }

    /// Shows this.
    pub fn fill(self, typed: &Typed) {
        self.name.set(typed.name.clone());
        self.url.set(typed.url.clone());
        self.events.set(typed.events.clone());
        self.scope.take(typed.regions.as_deref());
    }

    /// What can be told to be wrong before it is sent.
    pub fn faults(self, put: &PutWebhook) -> Vec<Fault> {
        let w = webhooks();
        [
            (put.name.is_empty(), NAME, w.need_name),
            (put.name.chars().count() > NAME_MAX, NAME, w.name_long),
            (put.url.is_empty(), URL, w.need_url),
            (put.events.is_empty(), EVENTS, w.need_event),
            (self.scope.is_missing(), REGIONS, people().need_region),
        ]
        .into_iter()
        .filter(|(wrong, ..)| *wrong)
        .map(|(_, id, text)| (id.to_owned(), text.to_owned()))
        .collect()
    }
}

/// Name, address, events, regions.
#[component]
pub fn WebhookFields(
    /// What is typed.
    fields: Fields,
    /// What is wrong.
    #[prop(into)]
    faults: Signal<Vec<Fault>>,
) -> impl IntoView {
    let w = webhooks();
    let plain = memo(move || fields.url.with(|url| is_plain(url)));
    view! {
        <TextField
            id=NAME
            label=w.name
            hint=w.name_hint
            value=fields.name
            error=fault_of(faults, NAME)
            required=true
        />
        <TextField
            id=URL
            label=w.url
            hint=w.url_hint
            value=fields.url
            error=fault_of(faults, URL)
            required=true
            technical=true
            class="mono"
            inputmode="url"
            placeholder="https://hooks.example.com/iqra"
        />
        {dynamic(move || {
            plain.get().then(|| view! { <Note tone="warn" icon="triangle-alert">{w.plain_warning}</Note> })
        })}
        <EventsField events=fields.events error=fault_of(faults, EVENTS) />
        <RegionsField
            id=REGIONS
            scope=fields.scope
            off=Signal::stored(None::<String>)
            error=fault_of(faults, REGIONS)
            all_hint=w.all_regions_hint
            some_hint=w.some_regions_hint
        />
    }
}

/// What it tells of, in two groups.
#[component]
fn EventsField(events: RwSignal<Vec<WebhookEvent>>, error: Signal<Option<String>>) -> impl IntoView {
    let w = webhooks();
    let error_id = format!("{EVENTS}-err");
    let group = |legend: &'static str, of: Vec<WebhookEvent>| {
        view! {
            <fieldset class="form-group">
                <legend class="sub-legend">{legend}</legend>
                <div class="choices">{of.into_iter().map(|event| tick(event, events)).collect_view()}</div>
            </fieldset>
        }
    };
    view! {
        <fieldset class="form-group" id=EVENTS tabindex="-1">
            <legend>{w.events}</legend>
            {group(w.problems, PROBLEMS.to_vec())}
            {group(w.lifecycle, lifecycle())}
            {dynamic(move || {
                error.get().map(|text| view! { <p class="err" id=error_id.clone()>{text}</p> })
            })}
        </fieldset>
    }
}

fn tick(event: WebhookEvent, events: RwSignal<Vec<WebhookEvent>>) -> AnyView {
    let id = format!("{EVENTS}-{}", event.as_str().replace('.', "-"));
    let hint_id = format!("{id}-hint");
    let set = move |on: bool| {
        events.update(|all| {
            all.retain(|e| *e != event);
            if on {
                all.push(event);
            }
        });
    };
    view! {
        <label class="choice">
            <input
                type="checkbox"
                id=id
                aria-describedby=hint_id.clone()
                prop:checked=attr(move || events.with(|all| all.contains(&event)))
                on:change=move |change| set(event_target_checked(&change))
            />
            <b>{event_text(event)}</b>
            <span class="hint" id=hint_id>
                {(webhooks().event_hint)(event)}
            </span>
        </label>
    }
    .into_any()
}
