//! What needs a person, worst first, each with one thing to do.

use common::overview::{OpenProblem, OpenProblemCode};
use common::status::StatusWord;
use leptos::prelude::*;

use super::{Opener, Panel};
use crate::components::{Icon, StatusBadge, format};
use crate::i18n::problems::{detail, headline, pieces};
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
    let any = memo(move || count.get() > 0);
    dynamic(move || {
        any.get().then(|| {
            view! {
                <section class="card attention" aria-labelledby="attention">
                    <header>
                        <h2 id="attention">{t.attention}</h2>
                        <span class="st bad num">{dynamic(move || count.get())}</span>
                    </header>
                    <ul class="list">
                        <For each=move || ids.get() key=|id| id.clone() let:id>
                            <Row id=id panel=panel />
                        </For>
                    </ul>
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
        OpenProblemCode::RegionSilent | OpenProblemCode::ClusterSilent => Some(StatusWord::Offline),
        OpenProblemCode::UnregisteredNodes => Some(StatusWord::Unregistered),
        _ => None,
    }
}

#[component]
fn Row(id: String, panel: Opener) -> impl IntoView {
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
    let action = memo(move || problem.with(|p| p.as_ref().map(action_of)));
    view! {
        <li>
            {dynamic(move || match word.get() {
                Some(word) => view! { <StatusBadge word=word /> }.into_any(),
                None => {
                    view! {
                        <span class="st warn">
                            <Icon name="shield-alert" />
                            {t.refused_badge}
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
            </div>
            {dynamic(move || action.get().map(|action| view! { <Act action=action panel=panel /> }))}
        </li>
    }
}

/// The one thing to do about a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    Explain(Panel, u32),
    Node(String, String),
    Nothing,
}

fn action_of(p: &OpenProblem) -> Action {
    match (p.code, &p.region_id, p.kind, p.node_id) {
        (OpenProblemCode::NoneOnline, Some(region), Some(kind), _) => {
            Action::Explain(Panel::Zero(region.clone(), kind), p.count.unwrap_or(0))
        }
        (OpenProblemCode::HeartbeatsRefused | OpenProblemCode::UnregisteredNodes, ..) => {
            Action::Explain(Panel::Refusals, 0)
        }
        (_, _, _, Some(id)) => Action::Node(routes::node(id), p.node_name.clone().unwrap_or_default()),
        _ => Action::Nothing,
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
        Action::Nothing => ().into_any(),
    }
}

/// How long ago, for evidence in the panel.
pub fn ago(at: Option<common::time::Timestamp>, now: Option<common::time::Timestamp>) -> Option<String> {
    Some(format::duration(now?.since(at?)))
}
