//! Whether the background node holds the key stored here: what speaks for and against it, weighed. Fingerprints only,
//! never a key.

use common::singleton::{ConfigSync, SyncEvidence, SyncSource, SyncVerdict};
use common::time::Timestamp;

/// What is known on both sides.
#[derive(Debug, Clone)]
pub struct SyncFacts {
    /// Fingerprint of the newest key here.
    pub ours: String,
    /// When it was set; what was seen before says nothing about it.
    pub set_at: Timestamp,
    /// Fingerprint of the key before, and until when it works too.
    pub previous: Option<(String, Timestamp)>,
    /// Fingerprint that the last accepted heartbeat presented, and when it came.
    pub heartbeat: Option<(String, Timestamp)>,
    /// The newest refused heartbeat of a sender that seems to be the node: what it presented, when, from where.
    pub refused: Option<(Option<String>, Timestamp, String)>,
    /// Silence that makes a node stale, in milliseconds. A node that presented the right key and has said nothing for so
    /// long, while heartbeats with another one come, holds that other one now: it was started with another file.
    pub quiet_ms: u64,
    /// The endpoint's last answer to a key of ours: its fingerprint, whether it was accepted, when.
    pub endpoint: Option<(String, bool, Timestamp)>,
}

/// Weighs them. A heartbeat under the newest key settles it, unless the endpoint refused that key, or the node fell quiet
/// and heartbeats with another key come instead; then whatever is newest counts.
pub fn verdict(facts: &SyncFacts) -> ConfigSync {
    let mut evidence = Vec::new();
    if let Some((presented, at)) = facts.heartbeat.clone().filter(|(_, at)| *at >= facts.set_at) {
        let agrees = presented == facts.ours;
        let detail = match &facts.previous {
            _ if agrees => "Its heartbeats present the key stored here.".to_owned(),
            Some((_, until)) => format!("Its heartbeats present the key before, which works until {until}."),
            None => "Its heartbeats present the key before.".to_owned(),
        };
        evidence.push(SyncEvidence {
            source: SyncSource::Heartbeat,
            agrees,
            at,
            fingerprint: Some(presented),
            detail,
        });
    }
    if let Some((presented, at, source)) = facts.refused.clone().filter(|(_, at, _)| *at >= facts.set_at) {
        let what = presented.as_deref().map_or("no key".to_owned(), |p| format!("the key {p}…"));
        evidence.push(SyncEvidence {
            source: SyncSource::RefusedHeartbeat,
            agrees: false,
            at,
            fingerprint: presented,
            detail: format!("A heartbeat from {source} presented {what} and was refused."),
        });
    }
    if let Some((_, accepted, at)) = facts.endpoint.clone().filter(|(key, _, _)| *key == facts.ours) {
        let detail = if accepted { "The endpoint accepts our key." } else { "The endpoint refuses our key." };
        evidence.push(SyncEvidence {
            source: SyncSource::Endpoint,
            agrees: accepted,
            at,
            fingerprint: None,
            detail: detail.to_owned(),
        });
    }
    evidence.sort_by_key(|e| std::cmp::Reverse(e.at));
    let found = |source, agrees| evidence.iter().find(|e| e.source == source && e.agrees == agrees);
    let replaced = found(SyncSource::RefusedHeartbeat, false)
        .filter(|r| evidence.iter().filter(|e| e.agrees).all(|e| r.at.since(e.at) >= facts.quiet_ms));
    let decided = found(SyncSource::Endpoint, false)
        .or(replaced)
        .or_else(|| found(SyncSource::Heartbeat, true))
        .or_else(|| found(SyncSource::Heartbeat, false))
        .or_else(|| evidence.first())
        .cloned();
    let order = match replaced {
        Some(_) => [SyncSource::RefusedHeartbeat, SyncSource::Heartbeat],
        None => [SyncSource::Heartbeat, SyncSource::RefusedHeartbeat],
    };
    let presented = order
        .into_iter()
        .find_map(|s| evidence.iter().find(|e| e.source == s))
        .and_then(|e| e.fingerprint.clone());
    let (verdict, detail) = words(facts, decided.as_ref(), &evidence);
    ConfigSync {
        verdict,
        fingerprint: facts.ours.clone(),
        presented,
        checked_at: decided.map(|d| d.at),
        detail,
        evidence,
    }
}

const CURE: &str = "Put the key stored here into the node's appsettings.json under Security.ApiKey, or paste the node's \
                    key here.";

fn words(facts: &SyncFacts, decided: Option<&SyncEvidence>, all: &[SyncEvidence]) -> (SyncVerdict, String) {
    let ours = &facts.ours;
    match decided {
        None => {
            let detail =
                "Nothing was heard of the node since the key was set. Start it, or test the endpoint.";
            (SyncVerdict::Unknown, detail.to_owned())
        }
        Some(d) if d.agrees => (SyncVerdict::InSync, format!("Both sides hold the key {ours}….")),
        Some(d) => {
            let heartbeat_agrees = all.iter().any(|e| e.source == SyncSource::Heartbeat && e.agrees);
            let detail = match &d.fingerprint {
                Some(theirs) => format!("Keys differ: here {ours}…, on the node {theirs}…. {CURE}"),
                None if d.source == SyncSource::Endpoint && heartbeat_agrees => format!(
                    "Heartbeats present the key {ours}…, but the endpoint refuses it. Does the endpoint lead to another \
                     server?"
                ),
                None if d.source == SyncSource::Endpoint => {
                    format!("Keys differ: the node does not accept {ours}…. {CURE}")
                }
                None => format!("The node presents no key; here {ours}…. {CURE}"),
            };
            (SyncVerdict::Differs, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> SyncFacts {
        SyncFacts {
            ours: "41aa0000".into(),
            set_at: Timestamp(100),
            previous: None,
            heartbeat: None,
            refused: None,
            quiet_ms: 10_000,
            endpoint: None,
        }
    }

    fn is(facts: &SyncFacts, verdict_: SyncVerdict, presented: Option<&str>, at: Option<i64>) -> String {
        let sync = verdict(facts);
        let found = (sync.verdict, sync.presented.as_deref(), sync.checked_at);
        assert_eq!(found, (verdict_, presented, at.map(Timestamp)), "{sync:?}");
        sync.detail
    }

    #[test]
    fn nothing_heard() {
        is(&facts(), SyncVerdict::Unknown, None, None);
        let old = SyncFacts {
            heartbeat: Some(("old00000".into(), Timestamp(99))),
            endpoint: Some(("old00000".into(), true, Timestamp(150))),
            ..facts()
        };
        is(&old, SyncVerdict::Unknown, None, None);
    }

    #[test]
    fn heartbeats() {
        let good = SyncFacts { heartbeat: Some(("41aa0000".into(), Timestamp(200))), ..facts() };
        is(&good, SyncVerdict::InSync, Some("41aa0000"), Some(200));
        let before = SyncFacts {
            heartbeat: Some(("9f2c0000".into(), Timestamp(200))),
            previous: Some(("9f2c0000".into(), Timestamp(900))),
            ..facts()
        };
        let detail = is(&before, SyncVerdict::Differs, Some("9f2c0000"), Some(200));
        assert!(detail.contains("here 41aa0000…, on the node 9f2c0000…"), "{detail}");
        // Somebody else with another key does not unsettle a node that presents the right one.
        let stranger = SyncFacts { refused: Some((None, Timestamp(300), "10.0.0.9".into())), ..good };
        is(&stranger, SyncVerdict::InSync, Some("41aa0000"), Some(200));
        // The node itself is quiet since, and another key comes from where it was: it has another file now.
        let key = Some("9f2c0000".to_owned());
        let moved = SyncFacts { refused: Some((key, Timestamp(10_200), "10.0.0.40".into())), ..stranger };
        is(&moved, SyncVerdict::Differs, Some("9f2c0000"), Some(10_200));
    }

    #[test]
    fn refused_heartbeats() {
        let other = SyncFacts {
            refused: Some((Some("9f2c0000".into()), Timestamp(300), "10.0.0.40".into())),
            ..facts()
        };
        is(&other, SyncVerdict::Differs, Some("9f2c0000"), Some(300));
        let none = SyncFacts { refused: Some((None, Timestamp(300), "10.0.0.40".into())), ..facts() };
        assert!(is(&none, SyncVerdict::Differs, None, Some(300)).contains("presents no key"));
    }

    #[test]
    fn the_endpoint() {
        let good = SyncFacts { endpoint: Some(("41aa0000".into(), true, Timestamp(300))), ..facts() };
        is(&good, SyncVerdict::InSync, None, Some(300));
        let bad = SyncFacts { endpoint: Some(("41aa0000".into(), false, Timestamp(300))), ..facts() };
        is(&bad, SyncVerdict::Differs, None, Some(300));
        let odd = SyncFacts { heartbeat: Some(("41aa0000".into(), Timestamp(400))), ..bad };
        let detail = is(&odd, SyncVerdict::Differs, Some("41aa0000"), Some(300));
        assert!(detail.contains("another server"), "{detail}");
    }
}
