//! What tabs of one browser tell each other, as text.
//!
//! One line per field and the longest field last, so that a frame of the stream is relayed without being read.

use std::fmt::Write as _;

use common::ids::NodeId;
use common::stream::Topic;

use super::election::{Claim, TabId};
use crate::state::freshness::Event;

/// What a tab wants of the stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Want {
    /// Its topics, each once and in order.
    pub topics: Vec<Topic>,
    /// Its window.
    pub window: Vec<NodeId>,
    /// Grows each time the tab needs fresh snapshots.
    pub nonce: u32,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Who leads?
    Ask,
    /// I lead. Also the answer to [`Word::Ask`].
    Beat,
    /// A message of the stream; `source` numbers the connections of this leader.
    Frame {
        /// Which connection it came by.
        source: u32,
        /// As the server sent it.
        text: String,
    },
    /// To one tab: what was asked for with this nonce comes with this connection.
    Fresh {
        /// The tab.
        to: TabId,
        /// Its nonce.
        nonce: u32,
        /// Frames of this connection and later ones are what it waits for.
        source: u32,
    },
    /// The stream ended, or an attempt to open it failed, and when the next one is made.
    Trouble {
        /// Whether an attempt failed, as opposed to a connection that ended.
        failed: bool,
        /// Milliseconds from now.
        wait_ms: u64,
    },
    /// What a tab wants.
    Want(Want),
    /// The tab closes, or is frozen.
    Leave,
}

/// A word and who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The person who is signed in; tabs of different people have nothing in common.
    pub person: String,
    /// The tab, and its leadership: term 0 for those who do not lead.
    pub from: Claim,
    /// The word.
    pub word: Word,
}

impl Word {
    /// What the page makes of [`Word::Trouble`].
    pub fn trouble(failed: bool) -> Event {
        if failed { Event::Failed } else { Event::Lost }
    }
}

impl Letter {
    /// As text.
    pub fn write(&self) -> String {
        let Claim { term, tab } = self.from;
        let mut text = format!("{}\n{term}\n{tab}\n", self.person);
        // Writing to a string does not fail.
        let _ = match &self.word {
            Word::Ask => text.write_str("ask"),
            Word::Beat => text.write_str("beat"),
            Word::Frame { source, text: frame } => write!(text, "frame\n{source}\n{frame}"),
            Word::Fresh { to, nonce, source } => write!(text, "fresh\n{to}\n{nonce}\n{source}"),
            Word::Trouble { failed, wait_ms } => write!(text, "trouble\n{}\n{wait_ms}", u8::from(*failed)),
            Word::Want(Want { topics, window, nonce }) => {
                write!(text, "want\n{nonce}\n{}\n{}", list(topics), list(window))
            }
            Word::Leave => text.write_str("leave"),
        };
        text
    }

    /// Out of a text; `None` for what another build may say.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '\n');
        let person = parts.next()?.to_owned();
        let term = parts.next()?.parse().ok()?;
        let tab = parts.next()?.parse().ok()?;
        let kind = parts.next()?;
        let rest = parts.next().unwrap_or_default();
        let word = match kind {
            "ask" => Word::Ask,
            "beat" => Word::Beat,
            "leave" => Word::Leave,
            "frame" => {
                let (source, frame) = rest.split_once('\n')?;
                Word::Frame { source: source.parse().ok()?, text: frame.to_owned() }
            }
            "trouble" => {
                let (failed, wait) = rest.split_once('\n')?;
                Word::Trouble { failed: failed == "1", wait_ms: wait.parse().ok()? }
            }
            "fresh" => {
                let mut fields = rest.split('\n');
                let to = fields.next()?.parse().ok()?;
                let nonce = fields.next()?.parse().ok()?;
                Word::Fresh { to, nonce, source: fields.next()?.parse().ok()? }
            }
            "want" => {
                let mut fields = rest.split('\n');
                let nonce = fields.next()?.parse().ok()?;
                let topics = items(fields.next()?)?;
                Word::Want(Want { topics, window: items(fields.next()?)?, nonce })
            }
            _ => return None,
        };
        Some(Self { person, from: Claim { term, tab }, word })
    }
}

/// Neither topics nor ids have spaces in them: region ids are letters, digits and dashes.
fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

fn items<T: std::str::FromStr>(text: &str) -> Option<Vec<T>> {
    text.split_whitespace().map(|item| item.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_as_they_were_sent() {
        let node: NodeId = "0198f6a2-0000-7000-8000-000000000001".parse().unwrap();
        let want = Want {
            topics: vec![Topic::Summary, Topic::Region("OM-MCT".into()), Topic::Node(node)],
            window: vec![node],
            nonce: 3,
        };
        for word in [
            Word::Ask,
            Word::Beat,
            Word::Leave,
            Word::Frame { source: 2, text: "{\"a\":\n\n1}".into() },
            Word::Fresh { to: 9, nonce: 4, source: 7 },
            Word::Trouble { failed: true, wait_ms: 500 },
            Word::Trouble { failed: false, wait_ms: 0 },
            Word::Want(want),
            Word::Want(Want::default()),
        ] {
            let letter = Letter { person: "huda".into(), from: Claim { term: 5, tab: u64::MAX }, word };
            assert_eq!(Letter::read(&letter.write()), Some(letter));
        }
    }

    #[test]
    fn what_is_no_letter_is_not_read() {
        for text in
            ["", "huda", "huda\n1\n2", "huda\nx\n2\nask", "huda\n1\n2\nsing", "huda\n1\n2\nwant\n1\nall\n"]
        {
            assert_eq!(Letter::read(text), None, "{text:?}");
        }
    }
}
