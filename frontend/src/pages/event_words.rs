//! Events of a timeline in words.

use common::activity::{EventKind, TimelineEvent};
use common::node::Node;
use leptos::prelude::untrack;

use crate::components::words;
use crate::state::live::LiveStore;

/// A word of the wire as it is shown; one that is not known without its underscores.
pub fn word(word: &str) -> String {
    (words().timeline.word)(word).map_or_else(|| word.replace('_', " "), str::to_owned)
}

/// The node of an event as it is called; `None` for one that is gone.
pub fn node_name(event: &TimelineEvent, live: LiveStore) -> Option<String> {
    untrack(|| live.node(event.node_id?, Node::name))
}

/// A mark across charts; `None` for what is none. Of the events of many nodes it says of which one.
pub fn mark_text(event: &TimelineEvent, nodes: Option<LiveStore>) -> Option<String> {
    let w = &words().timeline;
    let to = event.to.as_deref().unwrap_or_default();
    let text = match event.kind {
        EventKind::Boot => event.detail.as_deref().map_or_else(|| w.boot_plain.to_owned(), w.boot),
        EventKind::Intent => (w.intent)(&word(to)),
        // On its way there is nothing to be seen on a chart.
        EventKind::Command if !matches!(to, "queued" | "offered" | "accepted") => {
            let detail = event.detail.as_deref().unwrap_or_default();
            let order = if detail.starts_with("end sessions") { w.end_sessions } else { w.shutdown };
            (w.order)(order, &word(to))
        }
        _ => return None,
    };
    Some(match nodes.and_then(|live| node_name(event, live)) {
        Some(name) => (w.of_node)(&name, &text),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::test_events;

    #[test]
    fn marks_say_what_happened() {
        let event = |kind, to: &str, detail: Option<&str>| TimelineEvent {
            detail: detail.map(str::to_owned),
            ..test_events::event(0, kind, "", to)
        };
        let text = |e: TimelineEvent| mark_text(&e, None);
        assert_eq!(text(event(EventKind::Boot, "x", Some("0.3.2"))).as_deref(), Some("New process, 0.3.2"));
        assert_eq!(
            text(event(EventKind::Intent, "maintenance", None)).as_deref(),
            Some("Set to maintenance")
        );
        let done = event(EventKind::Command, "done", Some("shutdown, graceful"));
        assert_eq!(text(done).as_deref(), Some("Shutdown: done"));
        assert_eq!(text(event(EventKind::Command, "queued", Some("shutdown"))), None);
        assert_eq!(text(event(EventKind::Registry, "edited", None)), None);
        assert_eq!((word("node_lost"), word("some_thing")), ("node silent".into(), "some thing".into()));
    }
}
