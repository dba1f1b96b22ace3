//! A reader of the live stream.

use std::time::Duration;

use common::stream::{EventId, LiveEvent};
use reqwest::Method;

use super::BOUND;
use super::client::{Client, Transcript};

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) id: EventId,
    pub(crate) event: LiveEvent,
    /// The JSON as it came.
    pub(crate) data: String,
}

/// An open stream.
pub(crate) struct Stream {
    response: reqwest::Response,
    transcript: Transcript,
    rest: Vec<u8>,
    /// Everything received so far.
    pub(crate) seen: Vec<Message>,
}

impl Stream {
    /// Opens a stream of these topics, after `last` where that is given.
    pub(crate) async fn open(client: &Client, topics: &str, last: Option<&str>) -> Self {
        let mut request = client.request(Method::GET, &format!("{}?topics={topics}", common::paths::STREAM));
        // The client's own limit covers the whole reply, which here has no end.
        request = request.timeout(Duration::from_secs(600)).header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(header("x-accel-buffering"), "no");
        assert!(header("cache-control").contains("no-cache"));
        Self { response, transcript: client.transcript().clone(), rest: Vec::new(), seen: Vec::new() }
    }

    /// The next message; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        match tokio::time::timeout(BOUND, self.read()).await {
            Ok(message) => message,
            Err(_) => {
                panic!("nothing came for {} s, not even a tick; so far: {}", BOUND.as_secs(), self.kinds())
            }
        }
    }

    async fn read(&mut self) -> Option<Message> {
        loop {
            if let Some(end) = self.rest.windows(2).position(|w| w == b"\n\n") {
                let bytes: Vec<u8> = self.rest.drain(..end + 2).collect();
                let text = String::from_utf8(bytes).unwrap();
                self.transcript.note(text.clone());
                let message = parse(&text);
                self.seen.push(message.clone());
                return Some(message);
            }
            let chunk = self.response.chunk().await.expect("a stream that ends in order");
            match chunk {
                Some(chunk) => self.rest.extend_from_slice(&chunk),
                None => {
                    assert!(self.rest.is_empty(), "the stream broke off within a message");
                    return None;
                }
            }
        }
    }

    /// Reads on until `wanted` finds what it wants in a message; fails after [`BOUND`] or at the end of the stream.
    pub(crate) async fn wait<T>(&mut self, what: &str, mut wanted: impl FnMut(&Message) -> Option<T>) -> T {
        let found = tokio::time::timeout(BOUND, async {
            while let Some(message) = self.next().await {
                if let Some(found) = wanted(&message) {
                    return Some(found);
                }
            }
            None
        });
        let found = found.await.ok().flatten();
        found.unwrap_or_else(|| panic!("no {what} came; so far: {}", self.kinds()))
    }

    /// Reads to the end of the stream, which must come by itself.
    pub(crate) async fn end(&mut self) {
        let all = async { while self.next().await.is_some() {} };
        if tokio::time::timeout(BOUND, all).await.is_err() {
            panic!("the stream goes on: {}", self.kinds());
        }
    }

    /// The id of the last message that can be resumed from.
    pub(crate) fn last_id(&self) -> String {
        let last =
            self.seen.iter().rev().find(|m| m.id.seq != 0).expect("a message that can be resumed from");
        last.id.to_string()
    }

    fn kinds(&self) -> String {
        self.seen
            .iter()
            .map(|m| format!("{} {}\n", m.id, m.data.chars().take(300).collect::<String>()))
            .collect()
    }
}

fn parse(text: &str) -> Message {
    let (mut id, mut data) = (None, None);
    for line in text.lines().filter(|l| !l.is_empty()) {
        match line.split_once(": ").unwrap_or_else(|| panic!("not a field: {line}")) {
            ("id", value) => id = Some(value.parse().unwrap_or_else(|e| panic!("{e:?}: {value}"))),
            ("data", value) => {
                assert!(data.is_none(), "more than one line of data");
                data = Some(value.to_owned());
            }
            ("retry", value) => assert!(value.parse::<u32>().is_ok()),
            (other, _) => panic!("unexpected field {other}: events have no name"),
        }
    }
    let data = data.expect("data");
    let event = serde_json::from_str(&data).unwrap_or_else(|e| panic!("{e}: {data}"));
    // Without an id, the position stays where it was: nobody can resume from this message, as with number 0.
    Message { id: id.unwrap_or(EventId { epoch: 0, seq: 0 }), event, data }
}
