//! The chain of the activity log: a quiet line while it holds, a red one with what to do where it is broken, and a check
//! for those who may begin one.

use std::time::Duration;

use common::activity::{ActivityChain, ChainBreak, ChainVerified};
use common::auth::Permission;
use common::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::load::{Load, every};
use crate::api::use_api;
use crate::components::copy::copy_text;
use crate::components::{GatedButton, Icon, Note, Num, Reason, format, words};
use crate::i18n::{chain, isolated, use_i18n};
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::state::announce::use_announcer;
use crate::state::connection::use_connection;
use crate::state::gate::use_gate_everywhere;
use crate::state::toasts::use_toasts;

const REASON: &str = "chain-reason";
/// How often a check that runs is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// So many looks without a word of the check end the wait for it: another process runs it, or it has failed.
const PATIENCE: u32 = 10;

/// What the line says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Unverified,
    Running(u64),
    Verified(Timestamp),
    Broken(Timestamp, ChainBreak),
}

/// What the line says of a chain, while a check is waited for or not.
fn line(c: &ActivityChain, waiting: bool) -> Line {
    match (&c.verifying, &c.verified) {
        (Some(check), _) => Line::Running(check.entries),
        (None, _) if waiting => Line::Running(0),
        (None, None) => Line::Unverified,
        (None, Some(ChainVerified { at, broken: Some(broken), .. })) => Line::Broken(*at, broken.clone()),
        (None, Some(v)) => Line::Verified(v.at),
    }
}

/// The card on the page of activity.
#[component]
pub fn ChainCard() -> impl IntoView {
    let (w, api, t, toasts) = (chain(), use_api(), use_i18n().t, use_toasts());
    let (connection, announcer) = (use_connection(), use_announcer());
    let load = Load::<ActivityChain>::default();
    let ask = move || load.ask(async move { api.activity_chain().await });
    ask();
    // The check that was asked for here: since when, and how often it may go without a word.
    let begun = RwSignal::new(None::<(Timestamp, u32)>);
    every(LOOK, move || {
        if begun.with_untracked(Option::is_some) || load.peek(|c| c.verifying.is_some()) == Some(true) {
            ask();
        }
    });
    crate::reactive::effect(move || {
        let Some(seen) = load.read(|c| (c.verifying.is_some(), c.verified.clone())) else { return };
        let Some((since, left)) = begun.get_untracked() else { return };
        match seen {
            (true, _) => begun.set(Some((since, PATIENCE))),
            (false, Some(v)) if v.at >= since => {
                begun.set(None);
                announcer.say(match &v.broken {
                    None => (w.holds)(v.entries),
                    Some(b) => how(b),
                });
            }
            (false, _) => begun.set(left.checked_sub(1).map(|left| (since, left))),
        }
    });
    let waiting = memo(move || begun.with(Option::is_some));
    let state = memo(move || load.read(|c| line(c, waiting.get())));
    let gate = use_gate_everywhere(Permission::Administer);
    let running = memo(move || state.with(|s| matches!(s, Some(Line::Running(_)))));
    let verify = Callback::new(move |()| {
        if running.get_untracked() {
            return;
        }
        spawn_local(async move {
            match api.verify_activity_chain().await {
                Ok(now) => {
                    // Where it has ended already, that is as good as a check that began before.
                    let since = now.verifying.map(|v| v.since).or(now.verified.as_ref().map(|v| v.at));
                    begun.try_set(since.map(|since| (since, PATIENCE)));
                    load.put(now);
                }
                Err(e) => toasts.failed(e.detail(t)),
            }
        });
    });
    let minute = memo(move || connection.server_now().map(|now| now.millis() / 60_000));
    let ago = move |at: Timestamp| {
        minute.track();
        let now = untrack(|| connection.server_now()).unwrap_or(at);
        (words().common.ago)(&format::short_duration(now.since(at)))
    };
    let head = move || {
        state.get().map(|s| match s {
            Line::Broken(at, broken) => broken_view(&(w.broken)(&ago(at)), &broken),
            quiet => {
                let (icon, text) = match quiet {
                    Line::Verified(at) => ("shield-check", (w.verified)(&ago(at))),
                    Line::Running(n) => ("loader-circle", (w.running)(n)),
                    Line::Unverified | Line::Broken(..) => ("link", w.unverified.to_owned()),
                };
                view! {
                    <p class="row sm mut" role="status">
                        <Icon name=icon />
                        <span>{text}</span>
                    </p>
                }
                .into_any()
            }
        })
    };
    view! {
        <section class="stack" aria-label=w.title>
            {dynamic(head)} <details class="more">
                <summary>{w.title}</summary>
                <div class="stack">
                    <p>{w.about}</p>
                    <Facts load=load />
                    <div class="toolbar">
                        <GatedButton
                            label=Signal::stored(w.verify)
                            icon="shield-check"
                            off=gate
                            reason=REASON
                            on_press=verify
                        />
                    </div>
                    <Reason id=REASON off=gate />
                </div>
            </details>
        </section>
    }
}

/// How it is broken, in a sentence.
fn how(broken: &ChainBreak) -> String {
    (chain().broken_how)(broken.kind, broken.seq.map(|n| n.to_string()).as_deref())
}

fn broken_view(title: &str, broken: &ChainBreak) -> AnyView {
    let w = chain();
    let (title, text) = (title.to_owned(), how(broken));
    let entry = broken.entry.as_deref().map(routes::activity_entry);
    view! {
        <div role="alert">
            <Note tone="bad" icon="octagon-x">
                <p>
                    <b>{title}</b>
                </p>
                <p>{text}</p>
                <p>{w.broken_do}</p>
                {entry.map(|href| view! { <p><a href=href>{w.open_entry}</a></p> })}
            </Note>
        </div>
    }
    .into_any()
}

/// What is known of it, row by row.
#[component]
fn Facts(load: Load<ActivityChain>) -> impl IntoView {
    let (w, fmt, toasts) = (chain(), use_i18n().fmt, use_toasts());
    let head = memo(move || {
        load.read(|c| c.last_seq.zip(c.head.as_ref()).map(|(seq, hash)| format!("{seq}:{hash}"))).flatten()
    });
    let copy = move |_| {
        if let Some(head) = head.get_untracked() {
            copy_text(&head, toasts);
        }
    };
    let checkpoint = move || {
        load.read(|c| match &c.checkpoint {
            Some(p) => (w.checkpoint_of)(&p.seq.to_string(), &fmt.date_time(p.at)),
            None => w.no_checkpoint.to_owned(),
        })
    };
    let last = move || {
        load.read(|c| match &c.verified {
            Some(v) => (w.last_check_of)(&fmt.date_time(v.at), v.entries),
            None => words().common.never.to_owned(),
        })
    };
    let free = memo(move || load.read(|c| c.changeable));
    view! {
        <dl class="kv">
            <dt>{w.entries}</dt>
            <dd>
                <Num value=derived(move || load.read(|c| c.entries)) />
            </dd>
            <dt>{w.head}</dt>
            <dd>
                {dynamic(move || {
                    head.get()
                        .map(|text| {
                            view! {
                                <bdi class="id wrap" translate="no">
                                    {isolated(&text)}
                                </bdi>
                                " "
                                <button type="button" class="btn small" on:click=copy>
                                    {w.copy_head}
                                </button>
                                <span class="sub-line">{w.head_hint}</span>
                            }
                        })
                })}
            </dd>
            <dt>{w.checkpoint}</dt>
            <dd>{dynamic(checkpoint)}</dd>
            <dt>{w.last_check}</dt>
            <dd>{dynamic(last)}</dd>
            <dt>{w.role}</dt>
            <dd>
                {dynamic(move || {
                    free.get()
                        .map(|free| {
                            let text = if free { w.role_free } else { w.role_bound };
                            view! {
                                {text}
                                {free.then(|| view! { <span class="sub-line">{w.role_hint}</span> })}
                            }
                        })
                })}
            </dd>
        </dl>
    }
}

#[cfg(test)]
mod tests {
    use common::activity::{BreakKind, ChainVerifying};

    use super::*;

    fn of(verified: Option<ChainVerified>) -> ActivityChain {
        ActivityChain {
            entries: 7,
            first_seq: Some(1),
            last_seq: Some(7),
            head: Some("ab".into()),
            head_at: None,
            checkpoint: None,
            verified,
            verifying: None,
            changeable: false,
        }
    }

    #[test]
    fn the_line_says_what_is_known() {
        assert_eq!(line(&of(None), false), Line::Unverified);
        assert_eq!(line(&of(None), true), Line::Running(0));
        let good = ChainVerified { at: Timestamp(5), entries: 7, broken: None };
        assert_eq!(line(&of(Some(good.clone())), false), Line::Verified(Timestamp(5)));
        let broken = ChainBreak { kind: BreakKind::Changed, seq: Some(3), entry: None };
        let bad = ChainVerified { broken: Some(broken.clone()), ..good };
        assert_eq!(line(&of(Some(bad.clone())), false), Line::Broken(Timestamp(5), broken.clone()));
        let again = ActivityChain {
            verifying: Some(ChainVerifying { since: Timestamp(6), entries: 2 }),
            ..of(Some(bad))
        };
        assert_eq!(line(&again, false), Line::Running(2));
        assert_eq!(how(&broken), "Entry 3 was changed after it was written.");
    }
}
