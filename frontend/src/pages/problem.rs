//! One problem by its address: what is wrong, what it rests on, what to do; also after it is over, while that is known.

use common::overview::{OpenProblem, ProblemList};
use leptos::prelude::*;

use super::dashboard::problems::{
    Act, Action, ProblemBadge, ProblemDetail, Sentence, action_of, use_problem,
};
use super::dashboard::scope::Scope;
use super::dashboard::snooze::{Asking, SnoozeDialog};
use super::dashboard::zero::{HelpPanel, Opener, Panel};
use super::load::{Load, failure};
use super::use_id_in_path;
use crate::api::use_api;
use crate::components::{Breadcrumb, CopyButton, Crumb, Empty, Icon, Skeleton, words};
use crate::i18n::problems::{ISOLATE, POP, headline, rejection};
use crate::i18n::use_i18n;
use crate::reactive::{attr, derived, dynamic, effect, memo};
use crate::routes;
use crate::shell::title::use_title;
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_in;
use crate::state::live::use_live;

/// An id as it is meant, out of a path.
fn decoded(id: &str) -> String {
    js_sys::decode_uri_component(id).map_or_else(|_| id.to_owned(), String::from)
}

/// `/problems/:id`
#[component]
pub fn ProblemPage() -> impl IntoView {
    let path = use_id_in_path();
    provide_context(Scope::of_page());
    dynamic(move || {
        let id = decoded(&path.get());
        view! { <One id=id /> }
    })
}

#[component]
fn One(id: String) -> impl IntoView {
    let (i18n, api, live) = (use_i18n(), use_api(), use_live());
    let (t, w) = (i18n.t, &words().dashboard);
    let key = StoredValue::new(id.clone());
    let open = use_problem(id);
    // One that is snoozed or over stands in no list of the dashboard.
    let all = Load::<ProblemList>::default();
    let here = memo(move || live.overview(|_| ()).is_some());
    let listed = memo(move || {
        live.problems(|all| key.with_value(|id| all.iter().any(|p| p.id == *id))).unwrap_or(false)
    });
    let ask = move || all.ask(async move { api.problems().await });
    effect(move || {
        if here.get() && !listed.get() {
            ask();
        }
    });
    let problem = memo(move || {
        let mine = |p: &&OpenProblem| key.with_value(|id| p.id == *id);
        let now = live.problems(|all| all.iter().find(mine).cloned()).flatten();
        let over = || live.attention(|a| a.cleared.iter().find(mine).cloned()).flatten();
        let read = || all.read(|l| l.items.iter().chain(&l.attention.cleared).find(mine).cloned()).flatten();
        now.or_else(over).or_else(read).or_else(|| open.get())
    });
    let head = derived(move || problem.with(|p| p.as_ref().map(|p| headline(t, p)).unwrap_or_default()));
    let plain = derived(move || head.get().replace([ISOLATE, POP], ""));
    use_title(move || if plain.with(String::is_empty) { w.problem_crumb.to_owned() } else { plain.get() });
    let crumbs = vec![Crumb::link(routes::DASHBOARD, t.nav_dashboard), Crumb::here(w.problem_crumb)];
    let known = memo(move || problem.with(Option::is_some));
    let settled = memo(move || all.read(|_| ()).is_some());
    let panel: Opener = RwSignal::new(None);
    view! {
        <Breadcrumb crumbs=crumbs />
        {dynamic(move || {
            if known.get() {
                return view! { <Known problem=problem head=head panel=panel /> }.into_any();
            }
            match (settled.get(), all.error()) {
                (true, _) => view! {
                    <h1 tabindex="-1">{w.problem_gone}</h1>
                    <Empty icon="circle-check" title=w.problem_gone text=w.problem_gone_text>
                        <a class="btn" href=routes::DASHBOARD>{w.to_dashboard}</a>
                        <a class="btn" href=routes::ACTIVITY>{w.all_activity}</a>
                    </Empty>
                }
                .into_any(),
                (false, Some(error)) => view! {
                    <h1 class="vh" tabindex="-1">{w.problem_crumb}</h1>
                    {failure(&error, Callback::new(move |()| ask()))}
                }
                .into_any(),
                (false, None) => view! {
                    <h1 class="vh" tabindex="-1">{w.problem_crumb}</h1>
                    <Skeleton shape="sk-card" count=1 />
                }
                .into_any(),
            }
        })}
        <HelpPanel panel=panel />
    }
}

/// Where the diagnosis of a problem is, beside its one thing to do.
fn diagnosis(p: &OpenProblem) -> Option<String> {
    match action_of(p) {
        Action::Explain(Panel::Zero(region, kind), _) => Some(routes::region_diagnose(&region, kind)),
        _ => None,
    }
}

#[component]
fn Known(problem: Memo<Option<OpenProblem>>, head: Signal<String>, panel: Opener) -> impl IntoView {
    let (i18n, connection) = (use_i18n(), use_connection());
    let (t, w, p) = (i18n.t, &words().dashboard, &words().problems);
    let place = memo(move || problem.with(|p| p.as_ref().and_then(|p| p.region_id.clone())));
    let gate = use_gate_in(common::auth::Permission::Operate, place);
    let asking: Asking = RwSignal::new(None);
    let read = move |read: fn(&OpenProblem) -> Option<common::time::Timestamp>| {
        problem.with(|p| p.as_ref().and_then(read)).map(|at| i18n.fmt.date_time(at))
    };
    let snoozed = move || {
        problem.with(|p| {
            let s = p.as_ref()?.snoozed.as_ref()?;
            Some((w.problem_snoozed)(&s.by, &i18n.fmt.date_time(s.until), &s.reason))
        })
    };
    let action = memo(move || problem.with(|p| p.as_ref().map(action_of)));
    let way = memo(move || problem.with(|p| p.as_ref().and_then(diagnosis)));
    let over = memo(move || problem.with(|p| p.as_ref().is_some_and(|p| p.cleared_at.is_some())));
    let aside = memo(move || problem.with(|p| p.as_ref().is_some_and(|p| p.snoozed.is_some())));
    let rejections =
        memo(move || problem.with(|p| p.as_ref().map(|p| p.rejections.clone())).unwrap_or_default());
    let of = move || problem.with_untracked(|p| p.as_ref().map(|p| (p.id.clone(), headline(t, p))));
    let link = derived(|| window().location().href().unwrap_or_default());
    view! {
        <div class="hd">
            <h1 tabindex="-1">
                <Sentence text=head />
            </h1>
            <ProblemBadge problem=problem />
            {dynamic(move || {
                over.get()
                    .then(|| {
                        view! {
                            <span class="st ok">
                                <Icon name="circle-check" />
                                {p.cleared}
                            </span>
                        }
                    })
            })}
        </div>
        <section class="card stack" aria-labelledby="what">
            <h2 id="what">{w.problem_evidence}</h2>
            <ProblemDetail problem=problem />
            <p class="sm num">
                {dynamic(move || read(|p| p.since).map(|at| (w.problem_since)(&at)))} " "
                {dynamic(move || read(|p| p.cleared_at).map(|at| (w.problem_over)(&at)))}
            </p>
            {dynamic(move || snoozed().map(|text| view! { <p class="sm">{text}</p> }))}
            <ul class="list sm">
                {dynamic(move || {
                    rejections
                        .get()
                        .into_iter()
                        .map(|r| {
                            let text = derived(move || rejection(t, &r, connection.server_now()));
                            view! {
                                <li class="num">
                                    <span class="gr">
                                        <Sentence text=text />
                                    </span>
                                </li>
                            }
                        })
                        .collect_view()
                })}
            </ul>
            <div class="toolbar">
                {dynamic(move || action.get().map(|action| view! { <Act action=action panel=panel /> }))}
                {dynamic(move || way.get().map(|href| view! { <a class="btn" href=href>{words().diagnose.full}</a> }))}
                {dynamic(move || {
                    (!over.get() && !aside.get())
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="btn"
                                    aria-haspopup="dialog"
                                    title=attr(move || gate.get())
                                    aria-disabled=attr(move || gate.with(Option::is_some).then_some("true"))
                                    on:click=move |_| {
                                        if gate.with_untracked(Option::is_none) {
                                            asking.set(of());
                                        }
                                    }
                                >
                                    <Icon name="bell" />
                                    {p.snooze}
                                </button>
                            }
                        })
                })}
                <CopyButton text=link label=w.copy_link />
                <a class="btn ghost" href=routes::DASHBOARD>{w.to_dashboard}</a>
            </div>
        </section>
        <SnoozeDialog asking=asking />
    }
}
