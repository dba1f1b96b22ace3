//! Open problems as sentences. Ids in them stand between Unicode isolates, which keep them whole in right-to-left text
//! and mark them for [`crate::components`]-like views that set them in another face.

use common::node::NodeKind;
use common::overview::{OpenProblem, OpenProblemCode, Rejection};
use common::time::Timestamp;

use super::strings::Strings;
use crate::components::format;

/// Begins an id inside a sentence (U+2068, first strong isolate).
pub const ISOLATE: char = '\u{2068}';
/// Ends it (U+2069).
pub const POP: char = '\u{2069}';

/// An id inside a sentence.
pub fn id(text: &str) -> String {
    format!("{ISOLATE}{text}{POP}")
}

/// What is wrong.
pub fn headline(t: &Strings, p: &OpenProblem) -> String {
    let region = p.region_id.as_ref().map(|r| id(r.as_str()));
    let node = id(p.node_name.as_deref().unwrap_or_default());
    match p.code {
        OpenProblemCode::NoneOnline => {
            (t.problem_none_online)(p.kind.unwrap_or(NodeKind::Backend), region.as_deref())
        }
        OpenProblemCode::NodeOffline => (t.problem_node_offline)(&node, region.as_deref()),
        OpenProblemCode::NodeStale => (t.problem_node_stale)(&node, region.as_deref()),
        OpenProblemCode::NodeNeverSeen => (t.problem_never_seen)(&node),
        OpenProblemCode::HeartbeatsRefused => (t.problem_refused)(p.count.unwrap_or(1)),
        _ => p.code.as_str().to_owned(),
    }
}

/// What is known about it. `now` is the server's time.
pub fn detail(t: &Strings, p: &OpenProblem, now: Option<Timestamp>) -> String {
    let ago = |at: Option<Timestamp>| Some(format::duration(now?.since(at?)));
    let last = ago(p.last_heartbeat_at);
    match p.code {
        OpenProblemCode::NoneOnline => (t.problem_none_online_detail)(
            p.kind.unwrap_or(NodeKind::Backend),
            p.count.unwrap_or(0),
            last.as_deref(),
        ),
        OpenProblemCode::NodeOffline | OpenProblemCode::NodeStale => (t.last_heartbeat)(last.as_deref()),
        OpenProblemCode::NodeNeverSeen => {
            let region = p.region_id.as_ref().map(|r| id(r.as_str()));
            (t.problem_never_seen_detail)(ago(p.since).as_deref(), region.as_deref())
        }
        OpenProblemCode::HeartbeatsRefused => {
            p.rejections.first().map(|r| rejection(t, r, now)).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// One line of the rejection diary.
pub fn rejection(t: &Strings, r: &Rejection, now: Option<Timestamp>) -> String {
    let ago = now.map(|now| format::duration(now.since(r.last_at)));
    (t.rejection)(&(t.rejection_reason)(&r.reason), &id(&r.source), r.count, ago.as_deref())
}

/// A sentence cut at its ids: the text and whether it is an id.
pub fn pieces(sentence: &str) -> Vec<(String, bool)> {
    sentence
        .split(ISOLATE)
        .enumerate()
        .flat_map(|(i, part)| match part.split_once(POP) {
            Some((inside, after)) if i > 0 => vec![(inside.to_owned(), true), (after.to_owned(), false)],
            _ => vec![(part.to_owned(), false)],
        })
        .filter(|(text, _)| !text.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_at_their_ids() {
        let sentence = format!("No proxy is online in {}.", id("US-EAST-1"));
        let cut = pieces(&sentence);
        assert_eq!(
            cut,
            [("No proxy is online in ".into(), false), ("US-EAST-1".into(), true), (".".into(), false)]
        );
        assert_eq!(pieces("plain"), [("plain".into(), false)]);
        assert_eq!(pieces(&id("x")), [("x".into(), true)]);
    }
}
