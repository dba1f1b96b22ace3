//! Events for tests of what is made of a timeline.

use common::activity::{EventKind, TimelineEvent};
use common::time::Timestamp;

/// Something that went from one word to another.
pub(super) fn event(at: i64, kind: EventKind, from: &str, to: &str) -> TimelineEvent {
    TimelineEvent {
        id: at.to_string(),
        at: Timestamp(at),
        node_id: None,
        region_id: None,
        kind,
        from: Some(from.into()),
        to: Some(to.into()),
        detail: None,
        actor: None,
    }
}
