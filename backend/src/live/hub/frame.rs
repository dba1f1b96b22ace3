//! Events as server-sent messages.

use bytes::Bytes;
use common::stream::{Change, EventId, LiveEvent};

/// The `data` field of an event and the blank line that ends it; what follows an id line.
pub(super) fn data(event: &LiveEvent) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"data: ");
    if let Err(error) = serde_json::to_writer(&mut out, event) {
        // Wire types have string keys and no failing members. Were it otherwise, an empty message is dropped by
        // every client, where half a message would be an error in all of them.
        tracing::error!(%error, "an event of the stream could not be rendered");
        out.clear();
    }
    out.extend_from_slice(b"\n\n");
    out
}

/// The id field.
pub(super) fn id_line(epoch: u64, seq: u64) -> String {
    format!("id: {}\n", EventId { epoch, seq })
}

/// A whole message.
pub(super) fn with_id(epoch: u64, seq: u64, data: &[u8]) -> Bytes {
    let id = id_line(epoch, seq);
    let mut out = Vec::with_capacity(id.len() + data.len());
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(data);
    Bytes::from(out)
}

/// One change as it stands in a delta.
pub(super) fn change(change: &Change) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_024);
    if let Err(error) = serde_json::to_writer(&mut out, change) {
        tracing::error!(%error, "a change could not be rendered");
        out.clear();
    }
    out
}

/// What an event without changes ends with.
const NO_CHANGES: &[u8] = b"[]}\n\n";

/// A whole message without an id: `delta`, which has no changes, with these ones.
pub(super) fn delta_of<'a>(delta: &LiveEvent, changes: impl Iterator<Item = &'a Bytes> + Clone) -> Bytes {
    let mut out = data(delta);
    if !out.ends_with(NO_CHANGES) {
        return Bytes::from(out);
    }
    out.reserve(changes.clone().map(|c| c.len() + 1).sum());
    out.truncate(out.len() - NO_CHANGES.len());
    out.push(b'[');
    for (n, change) in changes.filter(|c| !c.is_empty()).enumerate() {
        if n > 0 {
            out.push(b',');
        }
        out.extend_from_slice(change);
    }
    out.extend_from_slice(b"]}\n\n");
    Bytes::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::stream::Topic;
    use common::time::Timestamp;

    #[test]
    fn a_delta_put_together_is_the_delta_rendered_at_once() {
        let whole = |changes: Vec<Change>| LiveEvent::Delta {
            topic: Topic::Nodes,
            as_of: Timestamp(5),
            change: 7,
            changes,
        };
        let removed = |n| Change::NodeRemoved { id: common::ids::NodeId(uuid::Uuid::from_u128(n)) };
        for count in 0..3 {
            let changes: Vec<Change> = (0..count).map(removed).collect();
            let parts: Vec<Bytes> = changes.iter().map(|c| Bytes::from(change(c))).collect();
            assert_eq!(delta_of(&whole(Vec::new()), parts.iter()), data(&whole(changes)));
        }
    }
}
