//! The parts of a diagnosis on the screen: the sentence, the evidence, what to run on the server.

use common::ids::NodeId;
use common::node::NodeKind;
use common::status::InheritedFrom;
use common::time::Timestamp;
use leptos::prelude::*;

use super::evidence::{Line, Tongue, commands, mark_look};
use super::facts::Facts;
use super::survey::{Look, Survey};
use super::verdict::{Act, Verdict, verdict};
use crate::components::{CopyButton, Icon, words};
use crate::i18n::{I18n, use_i18n};
use crate::pages::dashboard::problems::Sentence;
use crate::reactive::{attr, derived, dynamic, memo};
use crate::routes;

/// Older points in time are shown with their date, in milliseconds.
const TODAY_MS: u64 = 12 * 3_600_000;

/// Speaks the language of the page; times long before `now` with their date.
pub fn told<T>(i18n: I18n, now: Timestamp, say: impl FnOnce(Tongue<'_>) -> T) -> T {
    let time = |at: Timestamp| {
        if now.since(at) > TODAY_MS { i18n.fmt.date_time(at) } else { i18n.fmt.time(at) }
    };
    say(Tongue { t: i18n.t, time: &time })
}

/// The verdict in one sentence, what to do about it, and the way there.
#[component]
pub fn VerdictCard(
    /// What is known.
    facts: Memo<Option<Facts>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let found = memo(move || facts.with(|f| f.as_ref().map(verdict)));
    let text = derived(move || {
        facts
            .with(|f| {
                let f = f.as_ref()?;
                Some(told(i18n, f.now, |tongue| tongue.sentence(f, &verdict(f))))
            })
            .unwrap_or_default()
    });
    let remedy =
        derived(move || found.with(|v| v.as_ref().map(|v| (words().diagnose.remedy)(v)).unwrap_or_default()));
    let look = memo(move || found.with(|v| v.as_ref().map(tone)).unwrap_or(("plain", "info")));
    let ways = memo(move || facts.with(|f| f.as_ref().map(|f| ways(f, &verdict(f)))).unwrap_or_default());
    view! {
        <section class=attr(move || format!("verdict {}", look.get().0)) aria-labelledby="verdict">
            {dynamic(move || view! { <Icon name=look.get().1 /> })}
            <div class="gr">
                <p class="verdict-line" id="verdict">
                    <Sentence text=text />
                </p>
                <p>{dynamic(move || remedy.get())}</p>
            </div>
            <div class="verdict-ways">
                {dynamic(move || {
                    ways.get()
                        .into_iter()
                        .map(|(href, text)| view! { <a class="btn" href=href>{text}</a> })
                        .collect_view()
                })}
            </div>
        </section>
    }
}

/// How a verdict looks: its family, and its icon.
pub fn tone(v: &Verdict) -> (&'static str, &'static str) {
    match v {
        Verdict::Fine => ("ok", "circle-check"),
        v if v.expected() => ("plain", "info"),
        _ => ("bad", "octagon-x"),
    }
}

/// The ways from a verdict: to what has to be done first, and to the node.
fn ways(f: &Facts, v: &Verdict) -> Vec<(String, &'static str)> {
    let w = &words().diagnose;
    let act = v.act();
    let first = match (act, v) {
        (Act::Rotate | Act::Snippet, _) => routes::node_settings(f.id),
        (Act::Unregistered, _) => routes::UNREGISTERED.to_owned(),
        (Act::Enable, Verdict::Disabled(Some(InheritedFrom::Platform))) => routes::MAINTENANCE.to_owned(),
        (Act::Enable, Verdict::Disabled(Some(InheritedFrom::Region))) => {
            f.region.as_ref().map_or_else(|| routes::node(f.id), routes::region)
        }
        _ => routes::node(f.id),
    };
    vec![(first, (w.act)(act))]
}

/// What the verdict rests on.
#[component]
pub fn EvidenceCard(
    /// What is known.
    facts: Memo<Option<Facts>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let w = &words().diagnose;
    let lines = memo(move || {
        facts.with(|f| f.as_ref().map(|f| told(i18n, f.now, |tongue| tongue.lines(f)))).unwrap_or_default()
    });
    view! {
        <section class="card stack" aria-labelledby="evidence">
            <h2 id="evidence">{w.evidence}</h2>
            <ul class="steps evidence">{dynamic(move || lines.get().into_iter().map(line).collect_view())}</ul>
        </section>
    }
}

fn line((mark, text): Line) -> impl IntoView {
    let (class, icon, word) = mark_look(mark);
    view! {
        <li class="step">
            <span class=class>
                <Icon name=icon />
                <span class="vh">{word} ": "</span>
            </span>
            <p class="num">
                <Sentence text=Signal::stored(text) />
            </p>
        </li>
    }
}

/// What to run on the server itself.
#[component]
pub fn ServerCard(
    /// Of which kind the node is.
    kind: NodeKind,
    /// The look that knows the console's address.
    look: Look,
) -> impl IntoView {
    let w = &words().diagnose;
    let address = memo(move || {
        let public = look.survey.read(|s| s.meta.public_url.clone()).flatten();
        public.unwrap_or_else(|| window().location().origin().unwrap_or_default())
    });
    let loopback = memo(move || look.survey.read(|s| s.meta.loopback_only).unwrap_or(false));
    view! {
        <section class="card stack" aria-labelledby="on-server">
            <h2 id="on-server">{w.server_title}</h2>
            <p class="sm mut">{w.server_text}</p>
            {dynamic(move || {
                loopback
                    .get()
                    .then(|| {
                        view! {
                            <p class="row warn-text">
                                <Icon name="triangle-alert" />
                                <span>{w.loopback}</span>
                            </p>
                        }
                    })
            })}
            <ul class="commands">
                {dynamic(move || {
                    commands(kind, &address.get())
                        .into_iter()
                        .map(|command| {
                            let label = format!("{}: {}", w.copy_command, crate::i18n::isolated(&command));
                            view! {
                                <li>
                                    <code dir="ltr" translate="no">
                                        {command.clone()}
                                    </code>
                                    <CopyButton text=Signal::stored(command) label=label icon_only=true />
                                </li>
                            }
                        })
                        .collect_view()
                })}
            </ul>
        </section>
    }
}

/// When it was looked, the button for another look, and the report.
#[component]
pub fn Tools(
    /// The look.
    look: Look,
    /// Whose reports, in their order.
    #[prop(into)]
    head: Signal<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let w = &words().diagnose;
    let at = memo(move || look.survey.read(|s| s.at));
    let report = derived(move || look.survey.read(|s| report(i18n, &head.get(), s)).unwrap_or_default());
    view! {
        <div class="toolbar">
            <span class="sm mut num">{dynamic(move || at.get().map(|at| (w.run_at)(&i18n.fmt.time(at))))}</span>
            <span class="sp"></span>
            <button type="button" class="btn" on:click=move |_| look.again.run(())>
                <Icon name="refresh-cw" />
                {w.again}
            </button>
            <CopyButton text=report label=w.copy_report />
        </div>
    }
}

fn report(i18n: I18n, head: &str, survey: &Survey) -> String {
    let nodes = survey.facts.iter().map(|f| told(i18n, f.now, |tongue| tongue.report(f, &verdict(f))));
    format!("{}\n\n{}", super::evidence::plain(head), nodes.collect::<Vec<_>>().join("\n"))
}

/// The facts of one node out of a look.
pub fn facts_of(look: Look, id: NodeId) -> Memo<Option<Facts>> {
    memo(move || look.survey.read(|s| s.facts.iter().find(|f| f.id == id).cloned()).flatten())
}
