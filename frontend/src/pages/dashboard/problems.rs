//! What needs a person, worst first, each with one thing to do.

use common::ids::NodeId;
use common::overview::{OpenProblem, OpenProblemCode, Severity};
use common::status::StatusWord;
use leptos::prelude::*;

use super::snooze::{Asking, Cleared, SnoozeButton, SnoozeDialog, Snoozed};
use super::{Opener, Panel};
use crate::components::{Icon, StatusBadge, format, words};
use crate::i18n::problems::{detail, headline, id, pieces};
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::state::connection::use_connection;
use crate::state::live::use_live;

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

/// The card of open problems; without any there is no card, the line below the heading says so.
#[component]
pub fn Attention(panel: Opener) -> impl IntoView {
    let (t, live) = (use_i18n().t, use_live());
    let ids = memo(move || {
        live.problems(|all| all.iter().map(|p| p.id.clone()).collect::<Vec<_>>()).unwrap_or_default()
    });
    let count = memo(move || ids.with(Vec::len));
    let beside =
        memo(move || live.attention(|a| a.counts.snoozed > 0 || !a.cleared.is_empty()).unwrap_or(false));
    let any = memo(move || count.get() > 0 || beside.get());
    let asking: Asking = RwSignal::new(None);
    dynamic(move || {
        any.get().then(|| {
            view! {
                <section class="card attention" aria-labelledby="attention">
                    <header>
                        <h2 id="attention">{t.attention}</h2>
                        {dynamic(move || {
                            let n = count.get();
                            (n > 0).then(|| view! { <span class="st bad num">{n}</span> })
                        })}
                    </header>
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
        })
    })
}

fn badge(code: OpenProblemCode) -> Option<StatusWord> {
    match code {
        OpenProblemCode::NoneOnline | OpenProblemCode::NodeOffline => Some(StatusWord::Offline),
        OpenProblemCode::NodeStale => Some(StatusWord::Stale),
        OpenProblemCode::NodeNeverSeen => Some(StatusWord::NeverSeen),
        OpenProblemCode::UnregisteredNodes => Some(StatusWord::Unregistered),
        _ => None,
    }
}

#[component]
fn Row(id: String, panel: Opener, asking: Asking) -> impl IntoView {
    let (t, live, connection) = (use_i18n().t, use_live(), use_connection());
    // Kept while the row leaves the list, so that nothing in it asks for a problem that is over.
    let problem = Memo::new(move |before: Option<&Option<OpenProblem>>| {
        live.problems(|all| all.iter().find(|p| p.id == id).cloned())
            .flatten()
            .or_else(|| before.cloned().flatten())
    });
    let with =
        move |read: fn(&OpenProblem) -> Option<StatusWord>| problem.with(|p| p.as_ref().and_then(read));
    let word = memo(move || with(|p| badge(p.code)));
    let head = derived(move || problem.with(|p| p.as_ref().map(|p| headline(t, p)).unwrap_or_default()));
    let more = derived(move || {
        let now = connection.server_now();
        problem.with(|p| p.as_ref().map(|p| detail(t, p, now)).unwrap_or_default())
    });
    let other = memo(move || {
        let of = |p: &OpenProblem| (p.severity == Severity::Bad, (t.pages.problems.badge)(p.code));
        problem.with(|p| p.as_ref().map(of).unwrap_or_default())
    });
    let nodes = memo(move || problem.with(|p| p.as_ref().and_then(incident)));
    let action = memo(move || problem.with(|p| p.as_ref().map(action_of)));
    view! {
        <li>
            {dynamic(move || match word.get() {
                Some(word) => view! { <StatusBadge word=word /> }.into_any(),
                None => {
                    let (bad, text) = other.get();
                    view! {
                        <span class=if bad { "st bad" } else { "st warn" }>
                            <Icon name="shield-alert" />
                            {text}
                        </span>
                    }
                        .into_any()
                }
            })}
            <div class="gr">
                <p>
                    <b>
                        <Sentence text=head />
                    </b>
                </p>
                <p class="sm mut num">
                    <Sentence text=more />
                </p>
                {dynamic(move || nodes.get().map(incident_view))}
            </div>
            {dynamic(move || action.get().map(|action| view! { <Act action=action panel=panel /> }))}
            <SnoozeButton problem=problem asking=asking />
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
enum Action {
    Explain(Panel, u32),
    Node(String, String),
    Go(String, &'static str),
    Nothing,
}

fn action_of(p: &OpenProblem) -> Action {
    match (p.code, &p.region_id, p.kind, p.node_id) {
        (OpenProblemCode::NoneOnline, Some(region), Some(kind), _) => {
            Action::Explain(Panel::Zero(region.clone(), kind), p.count.unwrap_or(0))
        }
        (OpenProblemCode::HeartbeatsRefused, ..) => Action::Explain(Panel::Refusals, 0),
        (code, ..) if let Some((href, text)) = elsewhere(code, p) => Action::Go(href, text),
        (_, _, _, Some(id)) => Action::Node(routes::node(id), p.node_name.clone().unwrap_or_default()),
        _ => Action::Nothing,
    }
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
        Code::JobFailed => Some((routes::job(p.id.split_once(':')?.1), w.action_job)),
        Code::FrontendVersionsDiffer | Code::Collecting => {
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

#[component]
fn Act(action: Action, panel: Opener) -> impl IntoView {
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
