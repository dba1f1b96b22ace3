//! What needs a person, worst first, each with one thing to do.

use common::ids::NodeId;
use common::overview::{OpenProblem, OpenProblemCode, Severity};
use common::status::StatusWord;
use leptos::prelude::*;

use super::scope::use_scope;
use super::snooze::{Asking, Cleared, SnoozeDialog, SnoozeItem, Snoozed};
use super::zero::{Opener, Panel};
use crate::components::copy::copy_text;
use crate::components::menu::{Menu, MenuItem, MenuLink};
use crate::components::{Icon, StatusBadge, format, words};
use crate::i18n::problems::{ISOLATE, POP, detail, headline, id, pieces};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;
use crate::state::connection::use_connection;
use crate::state::live::use_live;
use crate::state::toasts::use_toasts;

/// A sentence with its ids set apart.
#[component]
pub fn Sentence(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let text = memo(move || text.get());
    dynamic(move || {
        pieces(&text.get())
            .into_iter()
            .map(|(piece, id)| {
                if id {
                    view! { <bdi class="id" translate="no">{piece}</bdi> }.into_any()
                } else {
                    piece.into_any()
                }
            })
            .collect_view()
    })
}

/// The card of open problems; where nothing is open it says so, without colour.
#[component]
pub fn Attention(panel: Opener) -> impl IntoView {
    let (t, live, scope) = (use_i18n().t, use_live(), use_scope());
    let ids = memo(move || {
        let fits = |p: &&OpenProblem| scope.has(p.region_id.as_ref());
        live.problems(|all| all.iter().filter(fits).map(|p| p.id.clone()).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let count = memo(move || ids.with(Vec::len));
    let asking: Asking = RwSignal::new(None);
    view! {
        <section class="card attention" aria-labelledby="attention">
            <header>
                <h2 id="attention">{t.attention}</h2>
                {dynamic(move || {
                    let n = count.get();
                    (n > 0).then(|| view! { <span class="st bad num">{format::count(small(n))}</span> })
                })}
            </header>
            {dynamic(move || (count.get() == 0).then(|| view! { <Calm /> }))}
            <ul class="list">
                <For each=move || ids.get() key=|id| id.clone() let:id>
                    <Row id=id panel=panel asking=asking />
                </For>
            </ul>
            <Cleared />
            <Snoozed />
            <SnoozeDialog asking=asking />
        </section>
    }
}

fn small(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// Nothing is open: a grey check, and when the last problem was over.
#[component]
fn Calm() -> impl IntoView {
    let w = &words().dashboard;
    let (live, connection) = (use_live(), use_connection());
    let last = memo(move || live.attention(|a| a.last_cleared_at).flatten());
    let text = move || match ago(last.get(), connection.server_now()) {
        Some(ago) => (w.last_cleared)(&ago),
        None => w.none_cleared.to_owned(),
    };
    let text = memo(text);
    view! {
        <p class="row mut num">
            <Icon name="circle-check" />
            <span>{w.calm} " " {dynamic(move || text.get())}</span>
        </p>
    }
}

/// The status word that says what a problem is, where one does.
pub fn badge(code: OpenProblemCode) -> Option<StatusWord> {
    match code {
        OpenProblemCode::NoneOnline | OpenProblemCode::NodeOffline => Some(StatusWord::Offline),
        OpenProblemCode::NodeStale => Some(StatusWord::Stale),
        OpenProblemCode::NodeNeverSeen => Some(StatusWord::NeverSeen),
        OpenProblemCode::UnregisteredNodes => Some(StatusWord::Unregistered),
        _ => None,
    }
}

/// A problem as the list and its own page follow it. Kept while it leaves the list, so that nothing asks for what is over.
pub fn use_problem(id: String) -> Memo<Option<OpenProblem>> {
    let live = use_live();
    Memo::new(move |before: Option<&Option<OpenProblem>>| {
        live.problems(|all| all.iter().find(|p| p.id == id).cloned())
            .flatten()
            .or_else(|| before.cloned().flatten())
    })
}

/// The badge of a problem: the word of a status, or its own.
#[component]
pub fn ProblemBadge(problem: Memo<Option<OpenProblem>>) -> impl IntoView {
    let t = use_i18n().t;
    let look = memo(move || {
        problem.with(|p| {
            let p = p.as_ref()?;
            Some((badge(p.code), p.severity == Severity::Bad, (t.pages.problems.badge)(p.code)))
        })
    });
    dynamic(move || match look.get() {
        Some((Some(word), ..)) => view! { <StatusBadge word=word /> }.into_any(),
        Some((None, bad, text)) => view! {
            <span class=if bad { "st bad" } else { "st warn" }>
                <Icon name=if bad { "octagon-x" } else { "triangle-alert" } />
                {text}
            </span>
        }
        .into_any(),
        None => ().into_any(),
    })
}

/// What is known about a problem, and the nodes it stands for.
#[component]
pub fn ProblemDetail(problem: Memo<Option<OpenProblem>>) -> impl IntoView {
    let (t, connection) = (use_i18n().t, use_connection());
    let more = derived(move || {
        let now = connection.server_now();
        problem.with(|p| p.as_ref().map(|p| detail(t, p, now)).unwrap_or_default())
    });
    let nodes = memo(move || problem.with(|p| p.as_ref().and_then(incident)));
    view! {
        <p class="sm mut num">
            <Sentence text=more />
        </p>
        {dynamic(move || nodes.get().map(incident_view))}
    }
}

#[component]
fn Row(id: String, panel: Opener, asking: Asking) -> impl IntoView {
    let t = use_i18n().t;
    let w = &words().dashboard;
    let toasts = use_toasts();
    let menu = format!("more-{id}");
    let link = routes::problem(&routes::encode(&id));
    let problem = use_problem(id);
    let head = derived(move || problem.with(|p| p.as_ref().map(|p| headline(t, p)).unwrap_or_default()));
    // Not for the ear: a name has no marks in it.
    let name = derived(move || (w.more)(&head.get().replace([ISOLATE, POP], "")));
    let action = memo(move || problem.with(|p| p.as_ref().map(action_of)));
    let address = link.clone();
    let copy = Callback::new(move |()| {
        let origin = window().location().origin().unwrap_or_default();
        copy_text(&format!("{origin}{address}"), toasts);
    });
    view! {
        <li>
            <ProblemBadge problem=problem />
            <div class="gr">
                <p>
                    <b>
                        <Sentence text=head />
                    </b>
                </p>
                <ProblemDetail problem=problem />
            </div>
            {dynamic(move || action.get().map(|action| view! { <Act action=action panel=panel /> }))}
            <button
                type="button"
                class="btn ghost ic"
                aria-haspopup="menu"
                aria-label=attr(move || name.get())
                popovertarget=menu.clone()
            >
                <Icon name="ellipsis" />
            </button>
            <Menu id=menu label=name>
                <MenuLink href=link label=w.details icon="info" />
                <SnoozeItem problem=problem asking=asking />
                <MenuItem label=w.copy_link icon="link" on_press=copy />
            </Menu>
        </li>
    }
}

/// What an incident stands for: its likely cause, its nodes, and how many there are in all.
type Incident = (Option<String>, Vec<(NodeId, String, Option<String>)>, u32);

fn incident(p: &OpenProblem) -> Option<Incident> {
    let e = &p.evidence;
    if e.nodes.is_empty() {
        return None;
    }
    let w = &words().problems;
    let cause = e.cause.map(|c| (w.cause)(c, &id(e.detail.as_deref().unwrap_or_default())));
    let nodes = e.nodes.iter().map(|n| (n.id, n.name.clone(), n.region_id.as_ref().map(ToString::to_string)));
    Some((cause, nodes.collect(), p.count.unwrap_or(0)))
}

fn incident_view((cause, nodes, count): Incident) -> AnyView {
    let w = &words().problems;
    let shown = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    let more = count.checked_sub(shown).filter(|n| *n > 0);
    let rows = nodes.into_iter().map(|(id, name, region)| {
        view! {
            <li>
                <a href=routes::node(id)>
                    <bdi class="id" translate="no">{name}</bdi>
                </a>
                {region.map(|r| view! { <span class="mut">" · "<bdi class="id" translate="no">{r}</bdi></span> })}
            </li>
        }
    });
    let rows = rows.collect_view();
    view! {
        {cause.map(|text| view! { <p class="sm"><Sentence text=Signal::stored(text) /></p> })}
        <details class="more">
            <summary>{(w.nodes)(count.max(shown))}</summary>
            <ul class="sm">
                {rows} {more.map(|n| view! { <li class="mut">{(w.more_nodes)(n)}</li> })}
            </ul>
        </details>
    }
    .into_any()
}

/// The one thing to do about a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens the panel: what it explains, of how many.
    Explain(Panel, u32),
    /// Why a node does not report: its address, its name.
    Diagnose(String, String),
    /// A node: its address, its name.
    Node(String, String),
    /// Another page, and the words on the way there.
    Go(String, &'static str),
    /// Nothing is to be done.
    Nothing,
}

/// The one thing to do about a problem.
pub fn action_of(p: &OpenProblem) -> Action {
    match (p.code, &p.region_id, p.kind, p.node_id) {
        (OpenProblemCode::NoneOnline, Some(region), Some(kind), _) => {
            Action::Explain(Panel::Zero(region.clone(), kind), p.count.unwrap_or(0))
        }
        (OpenProblemCode::HeartbeatsRefused, ..) => Action::Explain(Panel::Refusals, 0),
        (code, ..) if let Some((href, text)) = elsewhere(code, p) => Action::Go(href, text),
        (code, _, _, Some(id)) if silent(code) => {
            Action::Diagnose(routes::node_diagnose(id), p.node_name.clone().unwrap_or_default())
        }
        (_, _, _, Some(id)) => Action::Node(routes::node(id), p.node_name.clone().unwrap_or_default()),
        _ => Action::Nothing,
    }
}

/// Problems about a node that does not get through: the diagnosis has their evidence.
fn silent(code: OpenProblemCode) -> bool {
    use OpenProblemCode as Code;
    matches!(
        code,
        Code::NodeOffline
            | Code::NodeStale
            | Code::NodeNeverSeen
            | Code::NodeRefused
            | Code::IdentityConflict
            | Code::ClockSkew
            | Code::DidNotReturn
    )
}

/// Problems that are looked into on a page of their own.
fn elsewhere(code: OpenProblemCode, p: &OpenProblem) -> Option<(String, &'static str)> {
    use OpenProblemCode as Code;
    let w = &words().problems;
    let region = p.region_id.as_ref();
    match code {
        Code::UnregisteredNodes => Some((routes::UNREGISTERED.to_owned(), w.action_unregistered)),
        Code::StorageFailing | Code::StorageFailingOnNodes | Code::StorageNotConfigured => {
            Some((routes::region_storage(region?), w.action_storage))
        }
        Code::BackgroundMissing | Code::BackgroundUnreachable | Code::BackgroundKeysDiffer => {
            Some((routes::BACKGROUND_CONFIG.to_owned(), w.action_background))
        }
        Code::ClusterSilent => Some((routes::HELP_ZERO.to_owned(), w.action_silent)),
        Code::TokenExpiring => Some((routes::TOKENS.to_owned(), w.action_tokens)),
        Code::JobFailed => Some((routes::job(p.id.split_once(':')?.1), w.action_job)),
        Code::WebhookFailing => {
            Some((routes::webhook(p.id.split_once(':')?.1.parse().ok()?), w.action_webhook))
        }
        Code::FrontendVersionsDiffer | Code::Collecting | Code::VaultLocked => {
            Some((routes::FRONTEND.to_owned(), w.action_frontend))
        }
        Code::RegionSilent | Code::CapacityShort | Code::PendingOld | Code::NodeVersionsDiffer => {
            Some((routes::region(region?), w.action_region))
        }
        Code::MaintenanceLong | Code::MaintenanceOverdue if p.node_id.is_none() => Some(match region {
            Some(region) => (routes::region(region), w.action_region),
            None => (routes::MAINTENANCE.to_owned(), w.action_platform),
        }),
        _ => None,
    }
}

/// The button of that one thing.
#[component]
pub fn Act(action: Action, panel: Opener) -> impl IntoView {
    let t = use_i18n().t;
    match action {
        Action::Explain(what, n) => {
            let (text, label) = match &what {
                Panel::Zero(region, _) => ((t.how_to_fix)(n), (t.how_to_fix_in)(n, region.as_str())),
                Panel::Refusals => (t.show_refusals.to_owned(), t.show_refusals.to_owned()),
            };
            let open = move |_| panel.set(Some(what.clone()));
            view! {
                <button type="button" class="btn" aria-haspopup="dialog" aria-label=label on:click=open>
                    {text}
                </button>
            }
            .into_any()
        }
        Action::Diagnose(href, name) => {
            let w = &words().diagnose;
            view! { <a class="btn" href=href aria-label=(w.open_named)(&name)>{w.open}</a> }.into_any()
        }
        Action::Node(href, name) => {
            view! { <a class="btn" href=href aria-label=format!("{} {name}", t.open)>{t.open}</a> }.into_any()
        }
        Action::Go(href, text) => view! { <a class="btn" href=href>{text}</a> }.into_any(),
        Action::Nothing => ().into_any(),
    }
}

/// How long ago, for evidence in the panel.
pub fn ago(at: Option<common::time::Timestamp>, now: Option<common::time::Timestamp>) -> Option<String> {
    Some(format::duration(now?.since(at?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: &str, calls: u64) -> OpenProblem {
        serde_json::from_value(serde_json::json!({
            "id": code, "code": code, "severity": "bad", "regionId": null, "nodeId": null, "nodeName": null,
            "kind": null, "count": 2, "since": null, "lastHeartbeatAt": null, "rejections": [],
            "evidence": {"total": null, "calls": calls, "seconds": null, "offsetMs": null, "percent": null,
                "values": [], "reason": null, "by": null, "detail": null, "until": null, "cause": null,
                "kindsDown": [], "nodes": []}
        }))
        .unwrap()
    }

    #[test]
    fn what_is_about_the_whole_leads_somewhere() {
        let go = |code| action_of(&problem(code, 0));
        let w = &words().problems;
        assert_eq!(go("cluster_silent"), Action::Go(routes::HELP_ZERO.to_owned(), w.action_silent));
        assert_eq!(go("token_expiring"), Action::Go(routes::TOKENS.to_owned(), w.action_tokens));
    }

    #[test]
    fn calls_are_counted_in_the_form_of_their_number() {
        let t = &crate::i18n::en::EN;
        for (calls, said) in [(1, "1 call was under way."), (2, "2 calls were under way.")] {
            let text = detail(t, &problem("cluster_silent", calls), None);
            assert!(text.contains(said), "{text}");
        }
        let t = &crate::i18n::ar::AR;
        for (calls, said) in
            [(1, "كانت مكالمة واحدة جارية."), (2, "كانت مكالمتان جاريتين."), (3, "كانت 3 مكالمات")]
        {
            let text = detail(t, &problem("node_offline", calls), None);
            assert!(text.contains(said), "{text}");
        }
    }
}
