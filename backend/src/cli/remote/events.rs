//! Server-sent events out of pieces of a reply (HTML Living Standard §9.2.6), as far as this server writes them:
//! unnamed messages with one line of data.

use common::stream::LiveEvent;

/// Longest message; a snapshot of a thousand nodes has some 2 MB.
const MESSAGE_MAX: usize = 32 * 1024 * 1024;

/// What has come so far.
#[derive(Default)]
pub(super) struct Events {
    rest: Vec<u8>,
}

/// A message is longer than any of ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Events {
    /// Takes a piece; the events it completes. What is not an event of ours is left out: a newer server may have more
    /// kinds than this program knows.
    ///
    /// # Errors
    /// [`TooLong`].
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<Vec<LiveEvent>, TooLong> {
        self.rest.extend_from_slice(piece);
        let mut events = Vec::new();
        while let Some(end) = self.rest.windows(2).position(|w| w == b"\n\n") {
            let message: Vec<u8> = self.rest.drain(..end + 2).collect();
            let data = message.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"data:"));
            events.extend(data.and_then(|json| serde_json::from_slice(json).ok()));
        }
        if self.rest.len() > MESSAGE_MAX { Err(TooLong) } else { Ok(events) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_messages_however_they_are_cut() {
        let text = b"retry: 1000\n\nid: 0-1\ndata: {\"type\":\"reset\",\"reason\":\"x\"}\n\ndata: {\"type\":\"new kind\"}\n\n:\n\ndata: {\"type\":\"bye\",\"reason\":\"rotate\"}\n\n";
        for size in 1..text.len() {
            let mut events = Events::default();
            let got: Vec<LiveEvent> = text.chunks(size).flat_map(|c| events.take(c).unwrap()).collect();
            assert!(
                matches!(got.as_slice(), [LiveEvent::Reset { .. }, LiveEvent::Bye { .. }]),
                "{size}: {got:?}"
            );
        }
        assert_eq!(Events::default().take(&vec![b'x'; MESSAGE_MAX + 1]), Err(TooLong));
    }
}
