//! A node's settings: what is registered of it, and its secret.

use common::auth::Permission;
use common::ids::NodeId;
use common::node::{Node, NodeKind, SipTransport};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::conflict::{Conflict, ConflictDialog, guard_leaving};
use super::node_edit_model::{Typed, transport_text};
use super::node_labels::{Labels, LabelsField};
use super::node_secret::SecretSection;
use super::node_tabs::{NodeFrame, NodeTab};
use crate::api::{Object, use_api};
use crate::components::form::{Fault, described_by, fault_of, place};
use crate::components::{Check, EditTail, ErrorSummary, Field, Note, TextField, words};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::state::announce::use_announcer;
use crate::state::gate::use_gate_in;

const ENDPOINT: &str = "edit-endpoint";
const SIP_HOST: &str = "edit-sip-host";
const SIP_PORT: &str = "edit-sip-port";
const TRANSPORT: &str = "edit-transport";
const DISPLAY: &str = "edit-display-name";
const CALLS: &str = "edit-max-calls";
const EXTERNAL: &str = "edit-external-id";
const NOTES: &str = "edit-notes";
const LABELS: &str = "edit-labels";
const REASON: &str = "edit-reason";
/// JSON pointers of the request and the controls they belong to.
const FIELDS: [(&str, &str); 9] = [
    ("/endpoint", ENDPOINT),
    ("/sipHost", SIP_HOST),
    ("/sipPort", SIP_PORT),
    ("/sipTransport", TRANSPORT),
    ("/displayName", DISPLAY),
    ("/maxConcurrentCalls", CALLS),
    ("/externalId", EXTERNAL),
    ("/notes", NOTES),
    ("/labels", LABELS),
];

/// `/nodes/:id/settings`
#[component]
pub fn NodeSettingsPage() -> impl IntoView {
    view! {
        <NodeFrame
            tab=NodeTab::Settings
            content=|id, node| {
                view! {
                    <Registration id=id node=node />
                    <SecretSection id=id node=node />
                }
                    .into_any()
            }
        />
    }
}

/// What is typed, as one signal per field; copy it freely.
#[derive(Clone, Copy)]
struct Fields {
    endpoint: RwSignal<String>,
    sip_host: RwSignal<String>,
    sip_port: RwSignal<String>,
    transport: RwSignal<SipTransport>,
    display: RwSignal<String>,
    notes: RwSignal<String>,
    labels: Labels,
    development: RwSignal<bool>,
    calls: RwSignal<String>,
    external: RwSignal<String>,
}

impl Fields {
    fn new() -> Self {
        let empty = || RwSignal::new(String::new());
        Self {
            endpoint: empty(),
            sip_host: empty(),
            sip_port: empty(),
            transport: RwSignal::new(SipTransport::default()),
            display: empty(),
            notes: empty(),
            labels: Labels::new(),
            development: RwSignal::new(false),
            calls: empty(),
            external: empty(),
        }
    }

    fn typed(self) -> Typed {
        Typed {
            endpoint: self.endpoint.get(),
            sip_host: self.sip_host.get(),
            sip_port: self.sip_port.get(),
            transport: self.transport.get(),
            display: self.display.get(),
            notes: self.notes.get(),
            labels: self.labels.get(),
            development: self.development.get(),
            calls: self.calls.get(),
            external: self.external.get(),
        }
    }

    fn fill(self, typed: &Typed) {
        self.endpoint.set(typed.endpoint.clone());
        self.sip_host.set(typed.sip_host.clone());
        self.sip_port.set(typed.sip_port.clone());
        self.transport.set(typed.transport);
        self.display.set(typed.display.clone());
        self.notes.set(typed.notes.clone());
        self.labels.set(&typed.labels);
        self.development.set(typed.development);
        self.calls.set(typed.calls.clone());
        self.external.set(typed.external.clone());
    }
}

/// The form.
#[component]
fn Registration(id: NodeId, node: Memo<Option<Node>>) -> impl IntoView {
    let (w, n) = (&words().edit, &words().node_new);
    let (api, i18n, announcer) = (use_api(), use_i18n(), use_announcer());
    let whose = memo(move || node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let gate = use_gate_in(Permission::Operate, whose);
    let fields = Fields::new();
    let kind = node.with_untracked(|n| n.as_ref().map_or(NodeKind::Backend, |n| n.kind));
    let region = node.with_untracked(|n| n.as_ref().and_then(|n| n.region_id.clone()));
    // What the form began with, and of which version.
    let base = RwSignal::new((Typed::default(), 0_i64));
    let theirs = RwSignal::new(None::<Node>);
    let (faults, attempt, busy) =
        (RwSignal::new(Vec::<Fault>::new()), RwSignal::new(0_u32), RwSignal::new(false));
    let conflict = RwSignal::new(None::<Conflict>);
    let dirty = memo(move || base.with(|(base, _)| !fields.typed().same(base)));
    let fill = move |node: &Node| {
        let typed = Typed::of(node);
        fields.fill(&typed);
        faults.set(Vec::new());
        base.set((typed, node.version));
    };
    // Heartbeats never touch the version; somebody else's change does, and an untouched form follows it.
    let version = memo(move || node.with(|n| n.as_ref().map_or(0, |n| n.version)));
    effect(move || {
        if version.get() != base.with_untracked(|(_, v)| *v) && !dirty.get_untracked() {
            node.with_untracked(|n| n.as_ref().map(fill));
        }
    });
    let overtaken = memo(move || dirty.get() && version.get() > base.with(|(_, v)| *v));
    guard_leaving(derived(move || !dirty.get()), words().conflict.leave);

    let fail = move |found: Vec<Fault>| {
        faults.set(found);
        attempt.update(|n| *n += 1);
    };
    // Everything that differs from `from`, based on `version`.
    let send = move |from: Typed, version: i64| {
        let typed = untrack(|| fields.typed());
        let edit = match typed.edit(&from, kind) {
            Ok(edit) => edit,
            Err(errors) => return fail(place(&errors, &FIELDS)),
        };
        faults.set(Vec::new());
        busy.set(true);
        spawn_local(async move {
            let reply = api.edit_node(id, &edit, version).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(node) => {
                    fill(&node);
                    announcer.say(w.saved);
                }
                Err(e) => match e.current::<Node>() {
                    Some(now) => {
                        conflict.set(Some(Conflict { clashes: typed.clashes(&Typed::of(&now)), by: None }));
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
            let (from, version) = base.get_untracked();
            send(from, version);
        }
    };
    let take = Callback::new(move |()| {
        theirs.with_untracked(|n| n.as_ref().map(fill));
    });
    let overwrite = Callback::new(move |()| {
        if let Some((from, version)) =
            theirs.with_untracked(|n| n.as_ref().map(|n| (Typed::of(n), n.version)))
        {
            send(from, version);
        }
    });
    let all = Signal::from(faults);
    let error = |id: &'static str| fault_of(all, id);
    let notes_error = error(NOTES);
    view! {
        <section class="card stack narrow" aria-labelledby="edit-title">
            <header>
                <h2 id="edit-title">{w.identity}</h2>
            </header>
            <ErrorSummary faults=all attempt=attempt />
            {dynamic(move || {
                overtaken.get().then(|| view! { <Note tone="warn" icon="triangle-alert">{w.overtaken}</Note> })
            })}
            {region
                .map(|r| {
                    view! {
                        <p class="sm mut">
                            {words().node.region} ": " <bdi class="id" translate="no">
                                {r.to_string()}
                            </bdi> " · " {w.fixed}
                        </p>
                    }
                })}
            <form class="form" novalidate on:submit=submit>
                <TextField
                    id=ENDPOINT
                    label=n.endpoint
                    hint=n.endpoint_hint
                    value=fields.endpoint
                    error=error(ENDPOINT)
                    required=true
                    technical=true
                    class="mono"
                    inputmode="url"
                />
                {(kind != NodeKind::Background)
                    .then(|| {
                        view! {
                            <div class="field-row">
                                <TextField
                                    id=SIP_PORT
                                    label=n.sip_port
                                    hint=n.sip_port_hint
                                    value=fields.sip_port
                                    error=error(SIP_PORT)
                                    technical=true
                                    class="mono short"
                                    inputmode="numeric"
                                />
                                <TextField
                                    id=SIP_HOST
                                    label=n.sip_host
                                    hint=n.sip_host_hint
                                    value=fields.sip_host
                                    error=error(SIP_HOST)
                                    optional=true
                                    technical=true
                                    class="mono"
                                />
                                <TransportField value=fields.transport error=error(TRANSPORT) />
                            </div>
                        }
                    })}
                <TextField
                    id=DISPLAY
                    label=n.display
                    hint=n.display_hint
                    value=fields.display
                    error=error(DISPLAY)
                    optional=true
                />
                {(kind == NodeKind::Backend)
                    .then(|| {
                        view! {
                            <TextField
                                id=CALLS
                                label=n.calls
                                hint=n.calls_hint
                                value=fields.calls
                                error=error(CALLS)
                                optional=true
                                technical=true
                                class="short"
                                inputmode="numeric"
                            />
                        }
                    })}
                <TextField
                    id=EXTERNAL
                    label=w.external
                    hint=w.external_hint
                    value=fields.external
                    error=error(EXTERNAL)
                    optional=true
                    technical=true
                    class="mono"
                />
                <LabelsField id=LABELS labels=fields.labels error=error(LABELS) />
                <Field id=NOTES label=w.notes hint=w.notes_hint error=notes_error optional=true>
                    <textarea
                        class="inp"
                        id=NOTES
                        rows="3"
                        aria-describedby=described_by(NOTES, true, notes_error)
                        aria-invalid=attr(move || notes_error.with(Option::is_some).then_some("true"))
                        prop:value=fields.notes
                        on:input=move |event| fields.notes.set(event_target_value(&event))
                    ></textarea>
                </Field>
                <Check id="edit-development" label=n.development hint=n.development_hint value=fields.development />
                <EditTail
                    dirty=dirty
                    discard=Callback::new(move |()| {
                        node.with_untracked(|n| n.as_ref().map(fill));
                    })
                    off=off
                    reason=REASON
                    busy=busy
                />
            </form>
            <ConflictDialog conflict=conflict take=take overwrite=overwrite of=Some(Object::Node(id)) />
        </section>
    }
}

#[component]
fn TransportField(value: RwSignal<SipTransport>, error: Signal<Option<String>>) -> impl IntoView {
    view! {
        <Field id=TRANSPORT label=words().node_new.transport error=error>
            <select
                class="inp"
                id=TRANSPORT
                on:change=move |event| value.set(SipTransport::parse(&event_target_value(&event)).unwrap_or_default())
            >
                {[SipTransport::Udp, SipTransport::Tcp, SipTransport::Tls]
                    .map(|t| {
                        view! {
                            <option value=t.as_str() prop:selected=attr(move || value.get() == t)>
                                {transport_text(t)}
                            </option>
                        }
                    })}
            </select>
        </Field>
    }
}
