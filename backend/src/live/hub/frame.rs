//! Events as server-sent messages.

use bytes::Bytes;
use common::stream::{EventId, LiveEvent};

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
