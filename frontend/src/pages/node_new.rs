//! Step 1 of adding a node: describe the server.

use common::auth::Permission;
use common::edit::OwnSecret;
use common::endpoint::Endpoint;
use common::node::{CreateNode, NodeKind, SipTransport};
use common::problem::FieldError;
use common::stream::Topic;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::endpoint_free::EndpointFree;
use super::node_edit_model::number;
use super::own_secret::OwnSecretField;
use super::region_settings::IdHelp;
use super::region_tabs::{Missing, use_region_id};
use super::use_handover;
use crate::api::use_api;
use crate::components::form::{Fault, fault_of, place};
use crate::components::{
    Breadcrumb, Check, Crumb, ErrorSummary, Field, FormTail, Icon, Note, TailWords, TextField, words,
};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::announce::use_announcer;
use crate::state::connection::use_topic;
use crate::state::gate::use_gate_in;
use crate::state::live::{TopicState, use_live};

const KIND: &str = "node-kind-backend";
const ENDPOINT: &str = "node-endpoint";
const SIP_HOST: &str = "node-sip-host";
const SIP_PORT: &str = "node-sip-port";
const TRANSPORT: &str = "node-transport";
const DISPLAY: &str = "node-display-name";
const CALLS: &str = "node-max-calls";
const SECRET: &str = "node-secret";
const REASON: &str = "node-new-reason";
/// JSON pointers of the request and the controls they belong to.
const FIELDS: [(&str, &str); 8] = [
    ("/kind", KIND),
    ("/endpoint", ENDPOINT),
    ("/sipHost", SIP_HOST),
    ("/sipPort", SIP_PORT),
    ("/sipTransport", TRANSPORT),
    ("/displayName", DISPLAY),
    ("/maxConcurrentCalls", CALLS),
    ("/secret", SECRET),
];

/// Trimmed, and `None` for nothing.
fn text(typed: RwSignal<String>) -> Option<String> {
    typed.with_untracked(|t| Some(t.trim().to_owned()).filter(|t| !t.is_empty()))
}

/// The default SIP port of a kind, as typed text.
fn default_port(kind: NodeKind) -> String {
    kind.default_sip_port().map(|p| p.to_string()).unwrap_or_default()
}

/// `/regions/:region/nodes/new?kind=`
#[component]
pub fn NodeNewPage() -> impl IntoView {
    let w = &words().node_new;
    let region = use_region_id();
    use_topic(move || Some(Topic::Region(region.get())));
    let (api, live, i18n, announcer) = (use_api(), use_live(), use_i18n(), use_announcer());
    let (navigate, handover) = (use_navigate(), use_handover());
    let gate = use_gate_in(Permission::Operate, derived(move || Some(region.get())));
    let (asked, claimed) = use_query_map().with_untracked(|q| (q.get("kind"), q.get("endpoint")));
    let asked = asked.as_deref().and_then(NodeKind::parse).filter(|k| *k == NodeKind::Proxy);

    let kind = RwSignal::new(asked.unwrap_or(NodeKind::Backend));
    let empty = || RwSignal::new(String::new());
    let (sip_host, display, calls, secret) = (empty(), empty(), empty(), empty());
    // A server that is not registered says where it is; the operator decides whether to believe it.
    let prefilled = claimed.is_some();
    let endpoint = RwSignal::new(claimed.unwrap_or_default());
    let own = RwSignal::new(false);
    let sip_port = RwSignal::new(default_port(kind.get_untracked()));
    let port_touched = RwSignal::new(false);
    let transport = RwSignal::new(SipTransport::default());
    let (development, maintenance) = (RwSignal::new(false), RwSignal::new(false));
    let faults = RwSignal::new(Vec::<Fault>::new());
    let (attempt, busy) = (RwSignal::new(0_u32), RwSignal::new(false));

    let title = move || if kind.get() == NodeKind::Proxy { w.title_proxy } else { w.title_backend };
    use_title(move || title().to_owned());
    let choose_kind = move |chosen: NodeKind| {
        kind.set(chosen);
        if !port_touched.get_untracked() {
            sip_port.set(default_port(chosen));
        }
    };
    let parsed = memo(move || Endpoint::parse(&endpoint.get()));

    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if gate.with_untracked(Option::is_some) || busy.get_untracked() {
            return;
        }
        let fail = move |found: Vec<Fault>| {
            faults.set(found);
            attempt.update(|n| *n += 1);
        };
        let (port, max) =
            (sip_port.with_untracked(|p| number::<u16>(p)), calls.with_untracked(|c| number::<u32>(c)));
        let backend = kind.get_untracked() == NodeKind::Backend;
        let request = CreateNode {
            region_id: region.get_untracked(),
            kind: kind.get_untracked(),
            endpoint: endpoint.get_untracked().trim().to_owned(),
            sip_host: text(sip_host),
            sip_port: port.unwrap_or(None),
            sip_transport: transport.get_untracked(),
            display_name: text(display),
            notes: None,
            labels: Default::default(),
            development: development.get_untracked(),
            max_concurrent_calls: max.unwrap_or(None).filter(|_| backend),
            external_id: None,
            start_in_maintenance: maintenance.get_untracked(),
            secret: own.get_untracked().then(|| OwnSecret(secret.get_untracked())),
        };
        let mut errors = request.validate().err().unwrap_or_default();
        if port.is_err() {
            errors.push(FieldError::new("sipPort", "out_of_range", w.port_error));
        }
        if backend && max.is_err() {
            errors.push(FieldError::new("maxConcurrentCalls", "out_of_range", w.calls_error));
        }
        if !errors.is_empty() {
            return fail(place(&errors, &FIELDS));
        }
        faults.set(Vec::new());
        busy.set(true);
        let navigate = navigate.clone();
        spawn_local(async move {
            let reply = api.create_node(&request).await;
            busy.try_set(false);
            match reply {
                Ok(created) => {
                    let id = created.node.id();
                    announcer.say((w.added)(&created.node.name()));
                    handover.put(created);
                    navigate(&routes::node_connect(id), Default::default());
                }
                Err(e) => {
                    let mut found = e.problem().map(|p| place(&p.errors, &FIELDS)).unwrap_or_default();
                    if found.is_empty() {
                        found.push((String::new(), format!("{}: {}", e.title(i18n.t), e.detail(i18n.t))));
                    }
                    fail(found);
                }
            }
        });
    };

    let all: Signal<Vec<Fault>> = faults.into();
    let crumbs = derived(move || {
        vec![
            Crumb::link(routes::REGIONS, words().regions.title),
            Crumb::link(routes::region(&region.get()), region.get().to_string()).technical(),
            Crumb::here(title()),
        ]
    });
    let choice = move |value: NodeKind, id: &'static str, name: &'static str, hint: &'static str| {
        view! {
            <label class="choice" for=id>
                <input
                    type="radio"
                    name="kind"
                    id=id
                    value=value.as_str()
                    prop:checked=attr(move || kind.get() == value)
                    on:change=move |_| choose_kind(value)
                />
                <b>{name}</b>
                <span class="hint">{hint}</span>
            </label>
        }
    };
    let preview = move || match parsed.get() {
        Ok(endpoint) => view! {
            <p class="good">
                <Icon name="check" />
                <span>
                    {w.will_call} " " <bdi class="id" translate="no">{endpoint.to_string()}</bdi>
                </span>
            </p>
        }
        .into_any(),
        Err(_) => ().into_any(),
    };
    let gone = memo(move || live.topic(&Topic::Region(region.get())) == TopicState::Gone);
    let form = StoredValue::new(send);
    let page = move || {
        view! {
            <ErrorSummary faults=all attempt=attempt />
            <h1 tabindex="-1">{dynamic(title)}</h1>
            <p class="mut">{w.step}</p>
            {prefilled.then(|| view! { <Note tone="info">{words().unregistered.prefilled}</Note> })}
            <form class="form card narrow" novalidate on:submit=move |event| form.with_value(|send| send(event))>
                <fieldset class="form-group">
                    <legend>{w.kind}</legend>
                    <div class="choices">
                        {choice(NodeKind::Backend, KIND, words().kind.backend, w.backend_hint)}
                        {choice(NodeKind::Proxy, "node-kind-proxy", words().kind.proxy, w.proxy_hint)}
                    </div>
                </fieldset>
                <TextField
                    id=ENDPOINT
                    label=w.endpoint
                    hint=w.endpoint_hint
                    value=endpoint
                    error=fault_of(all, ENDPOINT)
                    required=true
                    technical=true
                    class="mono"
                    inputmode="url"
                >
                    {dynamic(preview)}
                    <EndpointFree parsed=parsed />
                </TextField>
                <div class="field-row">
                    <TextField
                        id=SIP_PORT
                        label=w.sip_port
                        hint=w.sip_port_hint
                        value=sip_port
                        error=fault_of(all, SIP_PORT)
                        technical=true
                        class="mono short"
                        inputmode="numeric"
                        on_edit=Callback::new(move |()| port_touched.set(true))
                    />
                    <TextField
                        id=SIP_HOST
                        label=w.sip_host
                        hint=w.sip_host_hint
                        value=sip_host
                        error=fault_of(all, SIP_HOST)
                        optional=true
                        technical=true
                        class="mono"
                        placeholder=derived(move || parsed.get().map(|e| e.host).unwrap_or_default())
                    />
                    <Field id=TRANSPORT label=w.transport error=fault_of(all, TRANSPORT)>
                        <select
                            class="inp"
                            id=TRANSPORT
                            on:change=move |event| {
                                transport.set(SipTransport::parse(&event_target_value(&event)).unwrap_or_default());
                            }
                        >
                            {[SipTransport::Udp, SipTransport::Tcp, SipTransport::Tls]
                                .map(|t| {
                                    view! {
                                        <option value=t.as_str() selected=attr(move || transport.get() == t)>
                                            {t.as_str().to_ascii_uppercase()}
                                        </option>
                                    }
                                })}
                        </select>
                    </Field>
                </div>
                <TextField
                    id=DISPLAY
                    label=w.display
                    hint=w.display_hint
                    value=display
                    error=fault_of(all, DISPLAY)
                    optional=true
                />
                {dynamic(move || {
                    (kind.get() == NodeKind::Backend)
                        .then(|| {
                            view! {
                                <TextField
                                    id=CALLS
                                    label=w.calls
                                    hint=w.calls_hint
                                    value=calls
                                    error=fault_of(all, CALLS)
                                    optional=true
                                    technical=true
                                    class="short"
                                    inputmode="numeric"
                                />
                            }
                        })
                })}
                <Check id="node-development" label=w.development hint=w.development_hint value=development />
                <OwnSecretField id=SECRET own=own secret=secret error=fault_of(all, SECRET) />
                <FormTail
                    words=TailWords {
                        maintenance: w.maintenance,
                        maintenance_hint: w.maintenance_hint,
                        cancel: w.cancel,
                        send: w.register,
                        sending: w.registering,
                    }
                    id="node-maintenance"
                    maintenance=maintenance
                    back=derived(move || routes::region(&region.get()))
                    off=gate
                    reason=REASON
                    busy=busy
                >
                    <IdHelp />
                </FormTail>
            </form>
        }
    };
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if gone.get() { view! { <Missing id=region.get() /> }.into_any() } else { page().into_any() }
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_ports() {
        assert_eq!(
            (default_port(NodeKind::Proxy), default_port(NodeKind::Backend)),
            ("5060".into(), "5080".into())
        );
    }
}
