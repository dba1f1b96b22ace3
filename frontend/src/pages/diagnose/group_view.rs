//! All nodes of a kind in a region on the screen: what they share, and each with its checks.

use common::ids::RegionId;
use common::node::NodeKind;
use common::status::Liveness;
use leptos::prelude::*;

use super::facts::Facts;
use super::group::{Shared, shared};
use super::survey::Look;
use super::verdict::{CLOCK_MS, CRASHES, Verdict, verdict};
use super::view::{told, tone};
use crate::components::{Icon, NoData, StatusBadge, TableBox, format, words};
use crate::i18n::problems::id;
use crate::i18n::{I18n, use_i18n};
use crate::pages::dashboard::problems::Sentence;
use crate::reactive::{attr, dynamic, memo};
use crate::routes;

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// How many are silent, what most of them have, and what to do about it.
#[component]
pub fn GroupVerdict(
    /// The look.
    look: Look,
) -> impl IntoView {
    let i18n = use_i18n();
    let w = &words().diagnose;
    let found = memo(move || look.survey.read(|s| shared(&s.facts)));
    let parts = move || {
        let s = found.get()?;
        // A group of one is called by its name.
        let lead = match &s.only {
            Some(name) => (w.group_one)(&id(name), s.silent == 0),
            None => (w.group_lead)(small(s.silent), small(s.nodes)),
        };
        let Some((v, n)) = &s.verdict else {
            if s.only.is_some() {
                return Some((("ok", "circle-check"), lead, w.group_one_fine.to_owned(), String::new()));
            }
            let text = if s.nodes == 0 { w.none_registered } else { w.all_fine };
            return Some((("ok", "circle-check"), lead, text.to_owned(), String::new()));
        };
        if s.only.is_some() {
            return Some((tone(v), lead, (w.group_one_most)((w.short)(v)), (w.remedy)(v).to_owned()));
        }
        let most = (w.group_most)(small(*n), small(s.silent), (w.short)(v));
        Some((tone(v), lead, most, (w.remedy)(v).to_owned()))
    };
    let parts = memo(parts);
    let lines = memo(move || found.with(|s| s.as_ref().map(|s| share(s, i18n)).unwrap_or_default()));
    let any = memo(move || found.with(|s| s.as_ref().is_some_and(|s| s.silent > 1)));
    view! {
        <section
            class=attr(move || format!("verdict {}", parts.with(|p| p.as_ref().map_or("plain", |p| p.0.0))))
            aria-labelledby="verdict"
        >
            {dynamic(move || {
                parts
                    .get()
                    .map(|((_, icon), lead, most, remedy)| {
                        view! {
                            <Icon name=icon />
                            <div class="gr">
                                <p class="verdict-line" id="verdict">
                                    <Sentence text=Signal::stored(lead) />
                                    " "
                                    {most}
                                </p>
                                <p>{remedy}</p>
                            </div>
                        }
                    })
            })}
        </section>
        {dynamic(move || {
            any.get()
                .then(|| {
                    view! {
                        <section class="stack tight">
                            <h3>{w.shared_title}</h3>
                            <ul class="bullets">
                                {dynamic(move || {
                                    lines
                                        .get()
                                        .into_iter()
                                        .map(|text| view! { <li><Sentence text=Signal::stored(text) /></li> })
                                        .collect_view()
                                })}
                            </ul>
                        </section>
                    }
                })
        })}
    }
}

/// What silent nodes share, in sentences.
fn share(s: &Shared, i18n: I18n) -> Vec<String> {
    let w = &words().diagnose;
    let all = [
        s.together.map(|at| (w.shared_together)(&i18n.fmt.time(at))),
        s.never.then(|| w.shared_never.to_owned()),
        s.network.as_ref().map(|n| (w.shared_network)(&id(n))),
        s.machine.as_ref().map(|m| (w.shared_machine)(&id(m))),
        s.no_refusals.then(|| w.shared_quiet.to_owned()),
    ];
    let found: Vec<String> = all.into_iter().flatten().collect();
    if found.is_empty() { vec![w.shared_nothing.to_owned()] } else { found }
}

/// Each node with its checks.
#[component]
pub fn Matrix(
    /// The look.
    look: Look,
) -> impl IntoView {
    let i18n = use_i18n();
    let w = &words().diagnose;
    let ids = memo(move || look.survey.read(|s| s.facts.iter().map(|f| f.id).collect::<Vec<_>>()));
    let cut = memo(move || look.survey.read(|s| s.cut).unwrap_or(false));
    view! {
        <TableBox label=w.matrix>
            <table class="matrix">
                <caption class="vh">{w.matrix}</caption>
                <thead>
                    <tr>
                        <th scope="col">{w.col_node}</th>
                        <th scope="col">{w.col_status}</th>
                        <th scope="col">{w.col_verdict}</th>
                        <th scope="col">{w.col_heard}</th>
                        <th scope="col">{w.col_refused}</th>
                        <th scope="col">{w.col_boots}</th>
                        <th scope="col">{w.col_version}</th>
                        <th scope="col">{w.col_clock}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                        <tr>
                            {dynamic(move || {
                                look.survey
                                    .read(|s| s.facts.iter().find(|f| f.id == id).map(|f| cells(f, i18n)))
                                    .flatten()
                            })}
                        </tr>
                    </For>
                </tbody>
            </table>
        </TableBox>
        {dynamic(move || cut.get().then(|| view! { <p class="sm mut">{w.cut}</p> }))}
    }
}

fn cells(f: &Facts, i18n: I18n) -> AnyView {
    let w = &words().diagnose;
    let v = verdict(f);
    let (family, icon) = tone(&v);
    let verdict_class = if family == "bad" { "row bad-text" } else { "row" };
    let refused: u64 = f.refusals.iter().fold(0, |sum, r| sum.saturating_add(r.count));
    let heard = f.last.map(|at| (words().common.ago)(&format::duration(f.now.since(at))));
    let heard_at = f.last.map(|at| told(i18n, f.now, |tongue| (tongue.time)(at)));
    let mark = |bad: bool, text: String| {
        let (class, icon) = if bad { ("row bad-text", "x") } else { ("row", "check") };
        view! { <span class=class><Icon name=icon />{text}</span> }.into_any()
    };
    let clock =
        f.clock_offset_ms.map(|ms| (f.clock_wrong || ms.unsigned_abs() > CLOCK_MS, format::offset(ms)));
    view! {
        <th scope="row">
            <a href=routes::node_diagnose(f.id) aria-label=(w.open_named)(&f.name)>
                <bdi class="id" translate="no">{f.name.clone()}</bdi>
            </a>
        </th>
        <td><StatusBadge word=f.word /></td>
        <td>
            <span class=verdict_class>
                <Icon name=icon />
                {(w.short)(&v)}
            </span>
        </td>
        <td class="num" title=heard_at>
            {match heard {
                Some(text) => mark(f.liveness != Liveness::Live, text),
                None => mark(true, words().common.never.to_owned()),
            }}
        </td>
        <td class="num">{mark(refused > 0 && v != Verdict::Fine, format::count(refused))}</td>
        <td class="num">{mark(f.boots >= CRASHES, format::count(f.boots.into()))}</td>
        <td>
            {match f.version.clone() {
                Some(version) => view! { <bdi class="id" translate="no">{version}</bdi> }.into_any(),
                None => view! { <NoData /> }.into_any(),
            }}
        </td>
        <td class="num">
            {match clock {
                Some((bad, text)) => mark(bad, text),
                None => view! { <NoData /> }.into_any(),
            }}
        </td>
    }
    .into_any()
}

/// The heading of a group: `Why 0/6 proxies in US-EAST?`
pub fn title(active: u32, total: u32, kind: NodeKind, region: &RegionId) -> String {
    (words().diagnose.title_group)(active, total, kind, region.as_str())
}
