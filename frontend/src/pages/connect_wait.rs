//! The card that waits for the first heartbeat of a node and says what it sees meanwhile.

use std::time::Duration;

use common::node::Node;
use common::overview::Rejection;
use common::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::node_table::NodeBadge;
use crate::api::use_api;
use crate::components::{Icon, Note, format, words};
use crate::i18n::strings::Strings;
use crate::i18n::use_i18n;
use crate::reactive::{derived, dynamic, memo};
use crate::routes;
use crate::state::connection::use_connection;

/// Without a heartbeat for so long, the usual reasons are named.
const HINT_AFTER_MS: u64 = 30_000;
/// How often the diary of refused heartbeats is read while nothing has come.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The refusals that concern a node: of its own secret, or of another one that claimed to be it. Since it was added,
/// newest first.
pub fn about(node: &Node, all: Vec<Rejection>) -> Vec<Rejection> {
    let id = node.id();
    let claimed = id.to_string();
    let mut mine: Vec<Rejection> = all
        .into_iter()
        .filter(|r| {
            (r.node_id == Some(id)
                || r.claimed_node.as_deref().is_some_and(|c| {
                    c.eq_ignore_ascii_case(&claimed) || Some(c) == node.external_id.as_deref()
                }))
                && r.last_at >= node.created_at
        })
        .collect();
    mine.sort_by_key(|r| std::cmp::Reverse(r.last_at));
    mine
}

/// The sentence for a refused heartbeat.
pub fn refusal_text(t: &Strings, refusal: &Rejection, expected: &str, now: Option<Timestamp>) -> String {
    let age = now.map(|now| format::duration(format::age_ms(refusal.last_at, now)));
    let reason = (t.rejection_reason)(&refusal.reason);
    // The right secret: its fingerprint would only confuse.
    let presented = refusal.fingerprint.as_deref().filter(|f| *f != expected);
    (words().connect.refusal)(age.as_deref(), &refusal.source, &reason, presented, expected)
}

/// Refused heartbeats of a node, read again every few seconds while `looking`.
pub fn use_refusals(node: Memo<Option<Node>>, looking: Signal<bool>) -> Signal<Vec<Rejection>> {
    let (api, connection) = (use_api(), use_connection());
    let found = RwSignal::new(Vec::new());
    let look = move || {
        spawn_local(async move {
            // An answer that failed says nothing about refusals; the next look may bring one.
            if let Ok(page) = api.rejections().await
                && let Some(mine) = node.try_get_untracked().flatten().map(|n| about(&n, page.items))
            {
                found.try_update(|old| {
                    if *old != mine {
                        *old = mine;
                    }
                });
            }
        });
    };
    Effect::new(move |timer: Option<Option<IntervalHandle>>| {
        if let Some(timer) = timer.flatten() {
            timer.clear();
        }
        if !looking.get() {
            return None;
        }
        look();
        let look_on = move || {
            if !connection.is_paused() {
                look();
            }
        };
        let handle = set_interval_with_handle(look_on, LOOK_EVERY).ok();
        if let Some(handle) = handle {
            on_cleanup(move || handle.clear());
        }
        handle
    });
    found.into()
}

/// One line of the list.
#[component]
fn Line(
    /// `ok`, `move`, `bad`, `idle`.
    family: &'static str,
    /// Its icon.
    icon: &'static str,
    /// The state for those who do not see the mark.
    state: &'static str,
    /// What it is.
    #[prop(into)]
    title: String,
    /// What is known.
    children: Children,
) -> impl IntoView {
    view! {
        <li class="step">
            <span class=format!("step-mark {family}")>
                <Icon name=icon />
            </span>
            <div>
                <span class="vh">{state} ": "</span>
                <b>{title}</b>
                <div class="sm mut">{children()}</div>
            </div>
        </li>
    }
}

/// The card.
#[component]
pub fn WaitCard(
    /// The node, as it is now.
    node: Memo<Option<Node>>,
    /// Whether it beats.
    online: Memo<bool>,
) -> impl IntoView {
    let w = &words().connect;
    let (connection, i18n) = (use_connection(), use_i18n());
    let get =
        move |read: fn(&Node) -> Option<Timestamp>| memo(move || node.with(|n| n.as_ref().and_then(read)));
    let created = get(|n| Some(n.created_at));
    let heard = get(|n| n.live.last_heartbeat_at);
    let since = get(|n| Some(n.live.status.since));
    let word = memo(move || node.with(|n| n.as_ref().map(|n| n.live.status.word)));
    let version = memo(move || node.with(|n| n.as_ref().and_then(|n| n.live.software_version.clone())));
    let interval = memo(move || node.with(|n| n.as_ref().map_or(0, |n| n.live.interval_ms)));
    let fingerprint =
        memo(move || node.with(|n| n.as_ref().map(|n| n.secret.fingerprint.clone())).unwrap_or_default());
    let region = memo(move || node.with(|n| n.as_ref().and_then(|n| n.region_id.clone())));
    let waited =
        move || created.get().zip(connection.server_now()).map_or(0, |(from, now)| format::age_ms(from, now));
    let refusals = use_refusals(node, derived(move || !online.get()));
    // One from before the last accepted heartbeat is history.
    let newest = memo(move || {
        let heard = heard.get();
        refusals.with(|r| r.first().filter(|r| heard.is_none_or(|at| r.last_at > at)).cloned())
    });
    // A node that was just added holds none.
    let no_work = Signal::stored(None::<u64>);
    let never = memo(move || heard.get().is_none());
    let slow = memo(move || !online.get() && newest.with(Option::is_none) && waited() >= HINT_AFTER_MS);

    let heartbeat = move || {
        if online.get() {
            let at = move || heard.get().map(|at| i18n.fmt.time(at));
            return view! {
                <Line family="ok" icon="check" state=w.done title=w.beating>
                    <span class="num">{dynamic(at)}</span>
                </Line>
            }
            .into_any();
        }
        if newest.with(Option::is_some) {
            let text = move || {
                newest.with(|n| {
                    n.as_ref().map(|n| refusal_text(i18n.t, n, &fingerprint.get(), connection.server_now()))
                })
            };
            return view! {
                <Line family="bad" icon="x" state=w.failed title=w.refused>
                    {dynamic(text)}
                </Line>
            }
            .into_any();
        }
        let text = move || (w.elapsed)(&format::elapsed(waited()), &format::interval(interval.get()));
        view! {
            <Line family="move" icon="loader-circle" state=w.waiting title=w.waiting_for>
                <span class="num">{dynamic(move || if never.get() { text() } else { w.silent.to_owned() })}</span>
            </Line>
        }
        .into_any()
    };
    let match_line = move || {
        if online.get() {
            let text = move || {
                let region = region.get().map(|r| r.to_string()).unwrap_or_default();
                (w.matches)(&version.get().unwrap_or_else(|| format::NONE.to_owned()), &region)
            };
            view! {
                <Line family="ok" icon="check" state=w.done title=w.match_title>
                    {dynamic(text)}
                </Line>
            }
            .into_any()
        } else {
            view! {
                <Line family="idle" icon="circle-dashed" state=w.open title=w.match_title>
                    {format::NONE}
                </Line>
            }
            .into_any()
        }
    };
    view! {
        <section class="card stack tight">
            <header>
                <h2>{dynamic(move || match (online.get(), never.get()) {
                    (true, _) => w.online_title,
                    (false, true) => w.wait_title,
                    (false, false) => w.wait_again,
                })}</h2>
                <span class="sp"></span>
                {dynamic(move || {
                    word.get()
                        .map(|now| {
                            view! {
                                <NodeBadge
                                    word=now
                                    since=derived(move || since.get().unwrap_or(Timestamp(0)))
                                    heard=heard
                                    work=no_work
                                />
                            }
                        })
                })}
            </header>
            <ol class="steps">
                <Line family="ok" icon="check" state=w.done title=w.registered>
                    <span class="num">{dynamic(move || created.get().map(|at| i18n.fmt.time(at)))}</span>
                </Line>
                {dynamic(heartbeat)}
                {dynamic(match_line)}
            </ol>
            {dynamic(move || {
                slow.get()
                    .then(|| {
                        view! {
                            <Note tone="warn" icon="triangle-alert">
                                {w.slow}
                                " "
                                <a href=routes::HELP>{w.slow_help}</a>
                            </Note>
                        }
                    })
            })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use common::status::StatusWord;

    use super::*;

    fn node() -> Node {
        serde_json::from_value(serde_json::json!({
            "id": "0198f6a2-0000-7000-8000-000000000001",
            "status": {"word": StatusWord::NeverSeen, "since": "2026-11-22T10:00:00Z", "inheritedFrom": null},
            "liveness": "never_seen", "runtime": null, "runtimeReason": null, "sessions": null, "outbound": null,
            "hardware": null, "lastHeartbeatAt": null, "intervalMs": 5000, "bootId": null, "startedAt": null,
            "softwareVersion": null, "hostname": null, "source": null, "clockOffsetMs": null, "conditions": [], "commands": [],
            "externalId": "own-7", "regionId": "OM-MCT", "kind": "backend",
            "endpoint": {"scheme": "http", "host": "10.0.0.5", "port": 5002, "path": ""},
            "sipHost": null, "sipPort": 5080, "sipTransport": "udp", "displayName": null, "notes": null,
            "labels": {}, "development": false, "maxConcurrentCalls": 25,
            "intent": {"state": "active", "publicReason": null, "privateReason": null, "until": null, "by": null, "at": null},
            "secret": {"fingerprint": "41aa0000", "createdAt": "2026-11-22T10:00:00Z", "previousUntil": null},
            "createdAt": "2026-11-22T10:00:00Z", "version": 1
        }))
        .unwrap()
    }

    fn refusal(node: Option<&str>, claimed: Option<&str>, at: &str) -> Rejection {
        Rejection {
            reason: "unknown_secret".into(),
            node_id: node.map(|n| n.parse().unwrap()),
            claimed_node: claimed.map(Into::into),
            claimed_region: None,
            claimed_kind: None,
            source: "10.0.0.21".into(),
            fingerprint: Some("9f2c0000".into()),
            first_at: at.parse().unwrap(),
            last_at: at.parse().unwrap(),
            count: 1,
        }
    }

    #[test]
    fn refusals_of_a_node_are_its_own_or_claim_to_be() {
        let id = "0198f6a2-0000-7000-8000-000000000001";
        let other = "0198f6a2-0000-7000-8000-000000000002";
        let all = vec![
            refusal(Some(id), None, "2026-11-22T10:00:05Z"),
            refusal(None, Some("0198F6A2-0000-7000-8000-000000000001"), "2026-11-22T10:00:09Z"),
            refusal(None, Some("own-7"), "2026-11-22T10:00:07Z"),
            refusal(Some(other), Some(other), "2026-11-22T10:00:08Z"),
            refusal(Some(id), None, "2026-11-22T09:59:00Z"),
        ];
        let mine: Vec<i64> = about(&node(), all).iter().map(|r| r.last_at.millis() % 60_000 / 1000).collect();
        assert_eq!(mine, [9, 7, 5]);
    }

    #[test]
    fn a_refusal_in_words() {
        let r = refusal(None, None, "2026-11-22T10:00:05Z");
        let now = "2026-11-22T10:00:07Z".parse().ok();
        let text = refusal_text(&crate::i18n::en::EN, &r, "41aa0000", now);
        assert!(text.contains("2 s ago") && text.contains("10.0.0.21"), "{text}");
        assert!(text.contains("9f2c0000") && text.contains("41aa0000"), "{text}");
        let text = refusal_text(&crate::i18n::en::EN, &r, "9f2c0000", now);
        assert!(!text.contains("9f2c0000"), "{text}");
    }
}
